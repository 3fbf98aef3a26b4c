"""Two environments in one account: production's traffic, and a second one beside it that only stands there."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cost.calls import Measurement
from cost.deployed import Deployed, Mode
from cost.design import Assumptions, Design, Usage, pipeline
from cost.price_book import PriceBook, PriceBookError
from cost.resources import Resource
from stack.paths import INFRASTRUCTURE

_PROCESSOR = INFRASTRUCTURE / "workspaces" / "processor" / "main.tf"
_SHARED_UNITS = re.compile(r"shared_units\s*=\s*\{\s*dev\s*=\s*(\d+)\s*,\s*prod\s*=\s*(\d+)\s*\}")
_MODES: tuple[tuple[Mode, Mode], ...] = (("stream", "stream"), ("drain", "stream"), ("drain", "drain"))


@dataclass(frozen=True)
class Pair:
    """Two environments, and what both use together as a function of production's traffic."""

    dev: Mode
    prod: Mode
    design: Design


def shared_units(source: Path = _PROCESSOR) -> Mapping[str, int]:
    """Return the table's capacity units in each environment where `shares_account = true`.

    Raises:
        PriceBookError: Terraform no longer says it in this form.
    """
    found = _SHARED_UNITS.search(source.read_text(encoding="utf-8"))
    if found is None:
        raise PriceBookError(f"{source} does not say how two environments share the table's capacity")
    return {"dev": int(found[1]), "prod": int(found[2])}


def pairs(
    deployed: Mapping[tuple[str, Mode], Deployed], counted: Measurement, book: PriceBook, assumptions: Assumptions
) -> Iterator[Pair]:
    """Yield the ways to run two environments.

    Args:
        deployed: what is deployed, by environment and mode, each as if it were alone.
        counted: what exchanges call for.
        book: prices and free tiers.
        assumptions: about traffic.
    """
    units = shared_units()
    for modes in _MODES:
        dev, prod = (
            pipeline(with_units(deployed[name, mode], units[name]), counted, book, assumptions)
            for name, mode in zip(units, modes, strict=True)
        )
        yield Pair(*modes, beside(prod, dev))


def with_units(deployed: Deployed, units: int) -> Deployed:
    """Return a pipeline whose table has so many units of each kind."""

    def changed(resource: Resource) -> Resource:
        if resource.type != "aws_dynamodb_table":
            return resource
        return replace(resource, properties={**resource.properties, "write_capacity": units, "read_capacity": units})

    resources = tuple(changed(resource) for resource in deployed.resources)
    return replace(deployed, resources=resources, write_units=units, read_units=units)


def beside(busy: Design, idle: Design) -> Design:
    """Return a design that has another one's standing charges beside its own."""
    standing: Usage = dict(busy.per_month)
    for meter, amount in idle.usage(0).items():
        standing[meter] = standing.get(meter, 0) + amount
    return replace(busy, name=f"{idle.name}+{busy.name}", per_month=standing)
