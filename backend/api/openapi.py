"""The document that describes `/api/` in OpenAPI 3.1."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from backend.api import schemas
from backend.api.schemas import Schema

JSON = "application/json"
FORM = "multipart/form-data"


def answer(description: str, schema: str, example: Any, headers: tuple[str, ...] = ()) -> Schema:
    """One documented answer."""
    content = {JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}, "example": example}}
    shown = {"headers": {name: {"schema": {"type": "string"}} for name in headers}} if headers else {}
    return {"description": description, **shown, "content": content}


def refused(description: str, code: str, message: str, headers: tuple[str, ...] = ()) -> Schema:
    """One documented refusal; all of them have one shape."""
    return answer(description, "Error", {"error": {"code": code, "message": message}}, headers)


REFUSALS: dict[str, Schema] = {
    "400": refused("The form is not as described.", "no_picture", "expected one file in the field picture, got 0"),
    "403": refused(
        "A browser asks for the page of another site.",
        "foreign_origin",
        "expected a page of this site, or of one that METER_API_ORIGINS names",
    ),
    "413": refused("Too large.", "too_large", "expected at most 50 megapixels, got 64 (8000 × 8000 pixels)"),
    "415": refused(
        "No form, or no picture.", "not_image", "expected a JPEG, PNG or WebP picture, got another kind of file"
    ),
    "422": refused(
        "A picture or a field that cannot be used.",
        "damaged",
        "expected a whole picture, got one that is damaged or cut short",
    ),
    "429": refused(
        "Too many requests.", "too_many_requests", "Expected fewer requests; try again later.", ("Retry-After",)
    ),
    "503": refused("Nothing can be read now.", "unavailable", "no version is published", ("Retry-After",)),
}
KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "description": "Made anew for each correction, such as a UUID; the same one when it is sent again.",
    "example": "0b9f0f0e-6a42-4f0d-9d4e-3f1a6f2f5b11",
}


def form(schema: str, example: Schema) -> Schema:
    """The body of a request."""
    encoding = {"picture": {"contentType": "image/jpeg, image/png, image/webp"}}
    shape = {"schema": {"$ref": f"#/components/schemas/{schema}"}, "encoding": encoding, "example": example}
    return {"required": True, "content": {FORM: shape}}


def read() -> Schema:
    """`POST /api/read`."""
    return {
        "operationId": "read",
        "summary": "Read a picture",
        "description": "Reads as the browser's reader does, with the published version. Nothing is kept.",
        "requestBody": form("ReadForm", {"picture": "(the file)", "x": 40, "y": 120, "width": 300, "height": 70}),
        "responses": {"200": answer("The reading.", "Reading", schemas.READING_EXAMPLE), **REFUSALS},
    }


def model() -> Schema:
    """`GET /api/model`."""
    responses = {
        "200": answer("The version.", "Model", schemas.MODEL_EXAMPLE, ("ETag",)),
        "304": {"description": "It is still the one that `If-None-Match` names."},
        "503": REFUSALS["503"],
    }
    return {"operationId": "model", "summary": "The published version", "responses": responses}


def feedback() -> Schema:
    """`POST /api/feedback`."""
    return {
        "operationId": "feedback",
        "summary": "Correct a reading",
        "description": (
            "Keeps the picture, without its metadata, and the corrected value, until somebody labels it; nothing says "
            "who sent it. The same correction (the same pixels, box and value) is kept once, however often it is sent."
        ),
        "parameters": [KEY],
        "requestBody": form("FeedbackForm", schemas.FEEDBACK_EXAMPLE),
        "responses": {
            "200": answer("It was there already.", "Kept", schemas.KEPT_EXAMPLE),
            "201": answer("It is kept.", "Kept", schemas.KEPT_EXAMPLE),
            **REFUSALS,
        },
    }


@lru_cache(maxsize=1)
def document() -> Schema:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Meter reader",
            "version": "1",
            "description": "Reads the number on a meter from a picture. No cookie and no key is needed.",
        },
        "servers": [{"url": "/"}],
        "paths": {
            "/api/read": {"post": read()},
            "/api/model": {"get": model()},
            "/api/feedback": {"post": feedback()},
        },
        "components": {
            "schemas": {
                "Reading": schemas.READING,
                "Model": schemas.MODEL,
                "Kept": schemas.KEPT,
                "Error": schemas.ERROR,
                "ReadForm": schemas.READ_FORM,
                "FeedbackForm": schemas.FEEDBACK_FORM,
            }
        },
    }
