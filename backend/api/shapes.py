"""The answers: a reading in the shape of the browser's reader (`frontend/js/reader.js`), a version by its card."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from backend.domain.card import Card
from backend.domain.reading import probabilities
from backend.services.reading import ServerReading

BACKEND = "server"  # where the browser's reader says "wasm" or "webgl"


def reading(found: ServerReading) -> dict[str, Any]:
    """A reading, key by key as the browser's reader gives it."""
    result = found.reading
    return {
        "text": result.text,
        "value": str(result.value),
        "decimals": result.decimals,
        "digits": [asdict(digit) for digit in result.digits],
        "pointConfidence": result.point_confidence,
        "confidence": result.confidence,
        "accepted": result.accepted,
        "reason": result.reason,
        "rows": probabilities(found.output, found.card.temperature).tolist(),
        "milliseconds": sum(found.stages.values()),
        "stages": found.stages,
        "backend": BACKEND,
        "model": found.card.name,
        "version": found.card.version,
    }


def version(card: Card, card_sha256: str) -> dict[str, Any]:
    """The published version; `accuracy` is that on validation pictures, null where the card says nothing about it."""
    return {
        "model": card.name,
        "version": card.version,
        "path": f"/static/model/{card.name}/{card.version}/",
        "card_sha256": card_sha256,
        "created": card.created,
        "architecture": card.architecture,
        "parameters": card.parameters,
        "input": {key: value for key, value in asdict(card.input).items() if value is not None},
        "temperature": card.temperature,
        "threshold": card.threshold,
        "unreadable": card.unreadable,
        "unreadable_temperature": card.unreadable_temperature or card.temperature,
        "accuracy": accuracy(card.metrics),
    }


def accuracy(metrics: dict[str, Any]) -> dict[str, Any]:
    """How many readings are right, how many are accepted, and how many of those are wrong, each 0 to 1."""
    validate = part(metrics, "validate")
    accepted = part(validate, "accepted")
    shares = {
        "exact": part(validate, "exact"),
        "coverage": part(accepted, "coverage"),
        "error": part(accepted, "error"),
    }
    pictures = shares["exact"].get("n")
    return {"pictures": pictures} | {name: share.get("value") for name, share in shares.items()}


def part(content: dict[str, Any], key: str) -> dict[str, Any]:
    """An object inside of another; cards may leave out what is for people."""
    value = content.get(key)
    return value if isinstance(value, dict) else {}
