"""The shapes of the answers and forms in JSON Schema, with examples, as OpenAPI 3.1 takes them."""

from __future__ import annotations

from typing import Any

from backend.domain.reading import CLASSES, ROWS, encode, probabilities

Schema = dict[str, Any]

SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
MILLISECONDS: Schema = {"type": "number", "minimum": 0}
SHA256: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
TEXT: Schema = {"type": "string", "pattern": "^[0-9]{1,10}(\\.[0-9]{1,9})?$"}


def described(schema: Schema, description: str) -> Schema:
    """A schema with a sentence."""
    return {**schema, "description": description}


def closed(properties: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    """An object of exactly these properties."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def or_null(schema: Schema) -> Schema:
    """A schema that allows null too."""
    return {**schema, "type": [schema["type"], "null"]}


READING = closed(
    {
        "text": described(TEXT, "The best guess, even when it is not accepted."),
        "value": described(TEXT, "The same number as an exact decimal; a text, because a float would round it."),
        "decimals": {"type": "integer", "minimum": 0, "maximum": 9},
        "digits": {
            "type": "array",
            "description": "One for each digit of the text, left to right.",
            "items": closed({"digit": {"type": "integer", "minimum": 0, "maximum": 9}, "confidence": SHARE}),
        },
        "pointConfidence": described(SHARE, "How sure the decimal point's place is."),
        "confidence": described(SHARE, "How sure the whole reading is, calibrated."),
        "accepted": described({"type": "boolean"}, "Whether it is sure enough to be used without a look."),
        "reason": described(
            {"type": ["string", "null"], "enum": ["doubtful", "no_display", None]}, "Why it is not accepted."
        ),
        "rows": {
            "type": "array",
            "description": "The calibrated probabilities: of the decimal point's place, then of each of 10 digits.",
            "minItems": ROWS,
            "maxItems": ROWS,
            "items": {"type": "array", "items": SHARE, "minItems": CLASSES, "maxItems": CLASSES},
        },
        "milliseconds": described(MILLISECONDS, "Time on the server."),
        "stages": closed({"decode": MILLISECONDS, "preprocess": MILLISECONDS, "network": MILLISECONDS}),
        "backend": {"type": "string", "const": "server"},
        "model": {"type": "string"},
        "version": {"type": "string", "pattern": "^[1-9][0-9]*$"},
    }
)
READING_EXAMPLE: Schema = {
    "text": "2.29",
    "value": "2.29",
    "decimals": 2,
    "digits": [{"digit": digit, "confidence": 0.998} for digit in (2, 2, 9)],
    "pointConfidence": 0.999,
    "confidence": 0.987,
    "accepted": True,
    "reason": None,
    "rows": probabilities(encode("2.29")).tolist(),
    "milliseconds": 6.2,
    "stages": {"decode": 2.9, "preprocess": 1.1, "network": 2.2},
    "backend": "server",
    "model": "compact",
    "version": "2",
}

MODEL = closed(
    {
        "model": {"type": "string"},
        "version": {"type": "string", "pattern": "^[1-9][0-9]*$"},
        "path": described({"type": "string"}, "Where its files are; they never change."),
        "card_sha256": SHA256,
        "created": {"type": "string", "format": "date-time"},
        "architecture": {"type": "string"},
        "parameters": {"type": "integer", "minimum": 0},
        "input": closed(
            {
                "width": {"type": "integer", "minimum": 1},
                "height": {"type": "integer", "minimum": 1},
                "margin": described({"type": "number", "minimum": 0}, "Around a box, as a part of its height."),
                "channels": {"type": "integer", "const": 3},
                "side_margin": described({"type": "number", "minimum": 0}, "Left and right, where it is another one."),
            },
            optional=("side_margin",),
        ),
        "temperature": described({"type": "number", "exclusiveMinimum": 0}, "Calibrates the row probabilities."),
        "threshold": described(SHARE, "Readings of at least this confidence are accepted."),
        "unreadable": described(SHARE, "Below this mean of the row confidences there is no display."),
        "unreadable_temperature": described(
            {"type": "number", "exclusiveMinimum": 0}, "Calibrates the row probabilities for that mean."
        ),
        "accuracy": described(
            closed(
                {
                    "pictures": or_null({"type": "integer", "minimum": 0}),
                    "exact": or_null(described(SHARE, "Readings that are right in every digit.")),
                    "coverage": or_null(described(SHARE, "Readings that are accepted.")),
                    "error": or_null(described(SHARE, "Accepted readings that are wrong.")),
                }
            ),
            "On validation pictures; null where the version says nothing about it.",
        ),
    }
)
MODEL_EXAMPLE: Schema = {
    "model": "compact",
    "version": "2",
    "path": "/static/model/compact/2/",
    "card_sha256": "0" * 64,
    "created": "2026-01-31T12:00:00+00:00",
    "architecture": "compact",
    "parameters": 210117,
    "input": {"width": 192, "height": 48, "margin": 0.1, "channels": 3},
    "temperature": 0.84,
    "threshold": 0.945,
    "unreadable": 0.358,
    "unreadable_temperature": 4.0,
    "accuracy": {"pictures": 437, "exact": 0.842, "coverage": 0.508, "error": 0.0135},
}

KEPT = closed({"id": {"type": "integer", "minimum": 1}, "state": {"type": "string", "const": "proposed"}})
KEPT_EXAMPLE: Schema = {"id": 12, "state": "proposed"}

ERROR = closed(
    {
        "error": closed(
            {
                "code": described({"type": "string", "pattern": "^[a-z_]+$"}, "A word for a program."),
                "message": described({"type": "string", "minLength": 1}, "A sentence for a person."),
            }
        )
    }
)

PICTURE: Schema = {
    "type": "string",
    "contentMediaType": "image/*",
    "description": "A JPEG, PNG or WebP file of at most 40 MB and 50 megapixels, at least 8 × 8 pixels.",
}
PIXELS = described({"type": "number"}, "In pixels of the upright picture; all four, or none for the whole picture.")
BOX = dict.fromkeys(("x", "y", "width", "height"), PIXELS)

READ_FORM = closed({"picture": PICTURE, **BOX}, optional=tuple(BOX))
FEEDBACK_FORM = closed(
    {
        "picture": PICTURE,
        "value": described(TEXT, "What the display shows, with its leading zeros. A comma counts as a point."),
        "version": described({"type": "string"}, "The version that has read it, as model/version."),
        "consent": described(
            {"type": "string", "enum": ["yes", "true"]}, "The person agrees that the picture is kept and learnt from."
        ),
        "reading": described(TEXT, "The reading's text that is corrected."),
        "confidence": described(SHARE, "How sure it was."),
        **BOX,
    },
    optional=("reading", "confidence", *BOX),
)
FEEDBACK_EXAMPLE: Schema = {
    "picture": "(the file)",
    "value": "00002.29",
    "version": "compact/2",
    "consent": "yes",
    "reading": "2.28",
    "confidence": 0.61,
}
