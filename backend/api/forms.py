"""What comes in a form: a picture, where the display is in it, texts. Everything is checked before it is used."""

from __future__ import annotations

import re

from flask import request

from backend.api.refusals import Refusal
from backend.domain.imaging import Box
from backend.domain.reading import ReadingError
from backend.models import checked_value
from backend.models.feedback import VERSION_LENGTH
from backend.services.feedback import Correction
from backend.services.pictures import MAX_BYTES
from backend.services.versions import PATH

FIELDS_BYTES = 100_000  # of all that is not the picture
PARTS = 20
BOX = ("x", "y", "width", "height")
NUMBER = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,20})?")  # float() takes "nan", "1_000" and digits of other scripts too
KEY = re.compile(r"[\x21-\x7e]{1,200}")
YES = ("yes", "true")


def limit_size() -> None:
    """Read no more than a picture and a few fields, whatever is sent."""
    request.max_content_length = MAX_BYTES + FIELDS_BYTES
    request.max_form_memory_size = FIELDS_BYTES
    request.max_form_parts = PARTS


def expect_fields(*allowed: str) -> None:
    """Refuse fields that nobody would look at: a misspelt one would be lost in silence."""
    unknown = [name for name in (*request.form, *request.files) if name not in ("picture", *BOX, *allowed)]
    if unknown:
        raise Refusal(400, "bad_request", f"expected no other fields than described, got {unknown[0][:40]!r}")
    doubled = [name for name in request.form if len(request.form.getlist(name)) > 1]
    if doubled:
        raise Refusal(400, "bad_request", f"expected one {doubled[0]}, got several")


def picture() -> bytes:
    """The bytes of the picture's file."""
    if request.mimetype != "multipart/form-data":
        raise Refusal(415, "not_form", "expected a form (multipart/form-data) with a picture, got another type")
    files = request.files.getlist("picture")
    if len(files) != 1:
        raise Refusal(400, "no_picture", f"expected one file in the field picture, got {len(files)}")
    return bytes(files[0].read())


def box() -> Box | None:
    """Where the display is, in pixels of the upright picture; None for all of it."""
    given = {name: request.form[name] for name in BOX if request.form.get(name)}
    if not given:
        return None
    if len(given) < len(BOX) or not all(NUMBER.fullmatch(value) for value in given.values()):
        shown = ", ".join(f"{name}={value[:20]!r}" for name, value in given.items())
        raise Refusal(422, "bad_box", f"expected x, y, width and height as plain numbers, or none of them, got {shown}")
    return Box(**{name: float(value) for name, value in given.items()})


def correction() -> Correction:
    """What somebody corrects."""
    if request.form.get("consent") not in YES:
        raise Refusal(
            422, "no_consent", "expected consent=yes, that the picture may be kept and learnt from; nothing was kept"
        )
    version = request.form.get("version", "")
    if not PATH.fullmatch(version) or len(version) > VERSION_LENGTH:
        raise Refusal(
            422, "bad_version", f"expected the version that has read, such as compact/2, got {version[:40]!r}"
        )
    value, read = reading("value"), reading("reading") if request.form.get("reading") else None
    return Correction(value or "", version, read, confidence(), box())


def reading(field: str) -> str | None:
    """A field that holds a reading."""
    try:
        return checked_value(request.form.get(field, ""))
    except ReadingError as error:
        raise Refusal(422, f"bad_{field}", f"{field}: {error}") from error


def confidence() -> float | None:
    """How sure the reading was."""
    given = request.form.get("confidence", "")
    if not given:
        return None
    number = float(given) if NUMBER.fullmatch(given) else -1.0
    if not 0 <= number <= 1:
        raise Refusal(422, "bad_confidence", f"expected a confidence from 0 to 1, got {given[:40]!r}")
    return number


def idempotency_key() -> str | None:
    """The key under which this may be sent again."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not KEY.fullmatch(key):
        raise Refusal(400, "bad_key", "expected an Idempotency-Key of 1 to 200 visible ASCII characters, got another")
    return key
