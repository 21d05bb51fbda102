"""The addresses below `/api/`: each is one call of a service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Blueprint, Response, jsonify, request

from backend.api import forms, shapes
from backend.api.openapi import document
from backend.api.origins import require_known_origin
from backend.api.refusals import Refusal, explained
from backend.limits import limiter
from backend.metrics import FEEDBACK, READINGS
from backend.services import feedback, reading
from backend.settings import get_settings

TOO_OFTEN = "Expected fewer requests; try again later."

blueprint = Blueprint("api", __name__, url_prefix="/api")
View = TypeVar("View", bound=Callable[[], Any])


def limited(name: str, **options: Any) -> Callable[[View], View]:
    """A limit by its setting; an empty one does not limit."""
    limit = limiter.limit(
        lambda: getattr(get_settings(), name),
        exempt_when=lambda: request.method == "OPTIONS" or not getattr(get_settings(), name),
        error_message=TOO_OFTEN,
        **options,
    )
    return cast("Callable[[View], View]", limit)


@blueprint.post("/read")
@limited("read_limit")
def read() -> Response:
    """Read a picture as a browser would."""
    require_known_origin()
    try:
        with explained():
            forms.limit_size()
            data, box = forms.picture(), forms.box()
            forms.expect_fields()
            found = reading.read(data, box)
    except Refusal:
        READINGS.labels("refused").inc()
        raise
    READINGS.labels(found.reading.reason or "accepted").inc()
    return unkept(jsonify(shapes.reading(found)))


@blueprint.get("/model")
def model() -> Response:
    """Tell which version reads, how, and how well."""
    with explained():
        version = reading.get_readers().version()
    response = jsonify(shapes.version(version.card, version.card_sha256))
    response.cache_control.no_cache = True
    response.set_etag(version.card_sha256)
    response.make_conditional(request)
    return response


@blueprint.post("/feedback")
@limited("feedback_limit")
@limited("feedback_total", key_func=lambda: "everybody", deduct_when=lambda response: response.status_code == 201)
def give_feedback() -> tuple[Response, int]:
    """Keep a correction until somebody labels it."""
    require_known_origin()
    try:
        with explained():
            forms.limit_size()
            key, data = forms.idempotency_key(), forms.picture()
            forms.expect_fields("value", "reading", "confidence", "version", "consent")
            number, new = feedback.give(data, forms.correction(), key)
    except Refusal:
        FEEDBACK.labels("refused").inc()
        raise
    FEEDBACK.labels("new" if new else "known").inc()
    return unkept(jsonify({"id": number, "state": "proposed"})), 201 if new else 200


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Describe these addresses."""
    response = jsonify(document())
    response.cache_control.no_cache = True
    return response


def unkept(response: Response) -> Response:
    """An answer that nobody keeps."""
    response.cache_control.no_store = True
    return response
