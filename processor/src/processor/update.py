"""Builds the expressions of one UpdateItem request."""

from collections.abc import Callable
from typing import Any

from processor.item import Part


class Update:
    """The clauses of one UpdateItem request. Every name is a placeholder, since many are reserved words."""

    def __init__(self, serialize: Callable[[Any], Any]) -> None:
        self._serialize = serialize
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}
        self._clauses: dict[str, list[str]] = {"SET": [], "ADD": [], "DELETE": [], "REMOVE": []}
        self._conditions: list[str] = []

    def assign(self, name: str, value: object) -> None:
        """Set an attribute."""
        self._clauses["SET"].append(f"{self._name(name)} = {self._value(name, value)}")

    def add(self, name: str, value: object) -> None:
        """Add elements to a set, or to a number."""
        self._clauses["ADD"].append(f"{self._name(name)} {self._value(name, value)}")

    def delete(self, name: str, value: frozenset[str]) -> None:
        """Delete elements from a set; the attribute goes with the last."""
        self._clauses["DELETE"].append(f"{self._name(name)} {self._value(name, value)}")

    def require_size_at_most(self, name: str, size: int) -> None:
        """Let the update fail, and return the stored item, where the set has more elements."""
        self._values[f":{name}_size"] = self._serialize(size)
        self._conditions.append(
            f"(attribute_not_exists({self._name(name)}) OR size({self._name(name)}) <= :{name}_size)"
        )

    def replace(self, order_name: str, part: Part | None, names: tuple[str, ...]) -> None:
        """Replace a stored part that is not greater, removing the attributes that this one lacks."""
        if part is None:
            return
        self.assign(order_name, part.order)
        self._conditions.append(
            f"(attribute_not_exists({self._name(order_name)}) OR {self._name(order_name)} <= :{order_name})"
        )
        for name in names:
            if name in part.attributes:
                self.assign(name, part.attributes[name])
            else:
                self._clauses["REMOVE"].append(self._name(name))

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of `update_item`, but for table and key."""
        expression = " ".join(f"{verb} {', '.join(parts)}" for verb, parts in self._clauses.items() if parts)
        condition = (
            {
                "ConditionExpression": " AND ".join(self._conditions),
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
            if self._conditions
            else {}
        )
        return {
            "UpdateExpression": expression,
            "ExpressionAttributeNames": self._names,
            "ExpressionAttributeValues": self._values,
            **condition,
        }

    def _name(self, name: str) -> str:
        self._names[f"#{name}"] = name
        return f"#{name}"

    def _value(self, name: str, value: object) -> str:
        self._values[f":{name}"] = self._serialize(value)
        return f":{name}"
