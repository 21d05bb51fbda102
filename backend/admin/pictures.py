"""Stored pictures for people who are logged in: as they are, and small for lists."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from io import BytesIO

from flask import Blueprint, Response, abort, request
from PIL import Image

from backend.accounts import require
from backend.models import Role
from backend.storage import Storage, get_storage

TYPES = {"png": "image/png", "jpg": "image/jpeg"}
THUMB = (320, 96)  # width and height that a small picture has at most
QUALITY = 82
KEPT = 2_000  # small pictures of about 4 kB in the memory of each process
YEAR = 31_536_000
HASH = re.compile(r"[0-9a-f]{64}")
blueprint = Blueprint("pictures", __name__, url_prefix="/admin/pictures")


@blueprint.get("/<sha256>")
def show(sha256: str) -> Response:
    """Send a picture; with ?thumb a small JPEG. What a hash names never changes, so browsers keep it."""
    require(Role.VIEWER)
    if not HASH.fullmatch(sha256):
        abort(404)
    storage = get_storage()
    key = next((key for suffix in TYPES if storage.exists(key := f"{sha256[:2]}/{sha256}.{suffix}")), None)
    if key is None:
        abort(404)
    if "thumb" in request.args:
        response = Response(thumbnail(storage, key), mimetype="image/jpeg")
    else:
        response = Response(storage.get(key), mimetype=TYPES[key.rpartition(".")[2]])
    response.cache_control.private = True
    response.cache_control.immutable = True
    response.cache_control.max_age = YEAR
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    response.set_etag(hashlib.sha256(request.full_path.encode()).hexdigest()[:32])
    response.make_conditional(request)
    return response


@lru_cache(maxsize=KEPT)
def thumbnail(storage: Storage, key: str) -> bytes:
    """Make a small JPEG of a stored picture."""
    with Image.open(BytesIO(storage.get(key)), formats=("PNG", "JPEG")) as picture:
        picture.draft("RGB", (THUMB[0] * 2, THUMB[1] * 2))
        small = picture.convert("RGB")
    small.thumbnail(THUMB, Image.Resampling.LANCZOS)
    target = BytesIO()
    small.save(target, "JPEG", quality=QUALITY)
    return target.getvalue()
