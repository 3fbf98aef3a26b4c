"""Writes the tables of inputs and outputs in the READMEs of modules and workspaces, from their .tf files.

python documentation.py          writes them
python documentation.py --check  only says which READMEs do not match their files, and fails if any does not
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import hcl2

ROOT: Final = Path(__file__).parent
BEGIN: Final = "<!-- inputs and outputs: written by `make docs` -->"
END: Final = "<!-- end of inputs and outputs -->"
_OPTIONS: Final = hcl2.SerializationOptions(strip_string_quotes=True, with_comments=False, explicit_blocks=False)


class MissingMarkersError(ValueError):
    """A README has no place for the tables."""


@dataclass(frozen=True, slots=True)
class Input:
    """A variable of a module or workspace."""

    name: str
    type: str
    default: str | None
    """As in Terraform's language; None if a value must be given."""
    description: str


@dataclass(frozen=True, slots=True)
class Output:
    """An output of a module or workspace."""

    name: str
    description: str


def inputs(folder: Path) -> list[Input]:
    """Return the folder's variables, those that must be given first, otherwise in the order of the file."""
    found = [
        Input(
            name=name,
            type=_expression(variable["type"]),
            default=_literal(variable["default"]) if "default" in variable else None,
            description=variable["description"],
        )
        for name, variable in _blocks(folder / "variables.tf", "variable")
    ]
    return sorted(found, key=lambda variable: variable.default is not None)


def outputs(folder: Path) -> list[Output]:
    """Return the folder's outputs in the order of the file."""
    return [
        Output(name=name, description=output["description"])
        for name, output in _blocks(folder / "outputs.tf", "output")
    ]


def tables(folder: Path) -> str:
    """Return the Markdown that stands between the markers of the folder's README."""
    lines = [BEGIN, "", "| input | type | default | meaning |", "| --- | --- | --- | --- |"]
    for variable in inputs(folder):
        default = "must be given" if variable.default is None else f"`{variable.default}`"
        lines.append(f"| `{variable.name}` | `{variable.type}` | {default} | {_cell(variable.description)} |")
    found = outputs(folder)
    if found:
        lines += ["", "| output | meaning |", "| --- | --- |"]
        lines += [f"| `{output.name}` | {_cell(output.description)} |" for output in found]
    return "\n".join([*lines, "", END])


def with_tables(readme: str, new: str) -> str:
    """Return the README with the tables between its markers replaced.

    Raises:
        MissingMarkersError: the README does not have both markers, once each and in their order.

    """
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in after or END in after:
        raise MissingMarkersError(f"needs one line `{BEGIN}` and after it one line `{END}`")
    return before + new + after


def main() -> int:
    """Write or check the tables of every module and workspace."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--check", action="store_true", help="change nothing, fail if something would change")
    check = arguments.parse_args().check
    stale = []
    for variables in sorted(ROOT.glob("*/*/variables.tf")):
        path = variables.parent / "README.md"
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        try:
            new = with_tables(old, tables(variables.parent))
        except MissingMarkersError as error:
            print(f"{path.relative_to(ROOT)} {error}", file=sys.stderr)
            return 1
        if new != old:
            stale.append(path)
            if not check:
                path.write_text(new, encoding="utf-8")
    outcome = "does not match its Terraform files: make docs" if check else "written"
    for path in stale:
        print(f"{path.relative_to(ROOT)} {outcome}")
    return 1 if check and stale else 0


def _blocks(path: Path, kind: str) -> list[tuple[str, dict[str, Any]]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as file:
        document = hcl2.load(file, serialization_options=_OPTIONS)
    return [(name, body) for block in document.get(kind, []) for name, body in block.items()]


def _expression(value: str) -> str:
    """Return an expression as it is written, without the `${}` that the parser puts around it."""
    return value.removeprefix("${").removesuffix("}") if value.startswith("${") else value


def _literal(value: object) -> str:
    """Return a default value as it is written in Terraform."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case list():
            return f"[{', '.join(map(_literal, value))}]"
        case dict():
            return f"{{{', '.join(f'{name} = {_literal(item)}' for name, item in value.items())}}}"
        case None:
            return "null"
        case _:
            return str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main())
