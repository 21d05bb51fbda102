"""The part of JSON Schema that the API's document uses, checked. What it does not know is an error, not a pass."""

import re
from typing import Any

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "integer": int,
    "number": (int, float),
}
ANNOTATIONS = {"description", "contentMediaType", "format", "example"}


def problems(value: Any, schema: dict[str, Any], place: str = "$") -> list[str]:
    """What in `value` is not as `schema` says."""
    found: list[str] = []
    for keyword, wanted in schema.items():
        if keyword in ANNOTATIONS:
            continue
        check = CHECKS.get(keyword)
        assert check, f"the schema at {place} uses {keyword}, which is not checked here"
        found += check(value, wanted, schema, place)
    return found


def _type(value: Any, wanted: Any, _: Any, place: str) -> list[str]:
    names = wanted if isinstance(wanted, list) else [wanted]
    fits = any(isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool)) for name in names)
    return [] if fits else [f"{place} is no {names}: {value!r}"]


def _properties(value: Any, wanted: Any, _: Any, place: str) -> list[str]:
    inside = value if isinstance(value, dict) else {}
    return [
        line
        for name in inside.keys() & wanted.keys()
        for line in problems(inside[name], wanted[name], f"{place}.{name}")
    ]


def _required(value: Any, wanted: Any, _: Any, place: str) -> list[str]:
    return [f"{place}.{name} is missing" for name in wanted if not isinstance(value, dict) or name not in value]


def _additional(value: Any, wanted: Any, schema: Any, place: str) -> list[str]:
    assert wanted is False
    return [f"{place}.{name} is not described" for name in value.keys() - schema["properties"].keys()]


def _items(value: Any, wanted: Any, _: Any, place: str) -> list[str]:
    return [line for at, each in enumerate(value) for line in problems(each, wanted, f"{place}[{at}]")]


def _rule(fits: Any, text: str) -> Any:
    return lambda value, wanted, schema, place: (
        [] if fits(value, wanted) else [f"{place}: {value!r} is not {text} {wanted!r}"]
    )


CHECKS: dict[str, Any] = {
    "type": _type,
    "properties": _properties,
    "required": _required,
    "additionalProperties": _additional,
    "items": _items,
    "enum": _rule(lambda value, wanted: value in wanted, "one of"),
    "const": _rule(lambda value, wanted: value == wanted, "exactly"),
    "pattern": _rule(lambda value, wanted: not isinstance(value, str) or re.search(wanted, value), "like"),
    "minLength": _rule(lambda value, wanted: len(value) >= wanted, "of at least the length"),
    "minItems": _rule(lambda value, wanted: len(value) >= wanted, "of at least the length"),
    "maxItems": _rule(lambda value, wanted: len(value) <= wanted, "of at most the length"),
    "minimum": _rule(lambda value, wanted: value is None or value >= wanted, "at least"),
    "maximum": _rule(lambda value, wanted: value is None or value <= wanted, "at most"),
    "exclusiveMinimum": _rule(lambda value, wanted: value > wanted, "above"),
}
