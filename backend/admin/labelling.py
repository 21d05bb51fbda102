"""The labelling queue: one large picture after the other, and the answers of the page's script.

An answer is one request and one transaction; the page shows the next picture when it has been acknowledged. Pictures
ahead come in requests of their own, so that nobody waits for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import lazy_gettext
from sqlalchemy import select

from backend.accounts import may, person
from backend.admin.base import LARGEST_ID, SecureView
from backend.database import db
from backend.i18n import explanation
from backend.models import ChangeKind, Role, Training
from backend.services import labelling
from backend.services.changes import ChangeError
from backend.services.labelling_proposal import proposal

KEY = re.compile(r"[0-9a-f-]{16,40}")
KINDS = {kind.value: kind for kind in (ChangeKind.ACCEPT, ChangeKind.UNREADABLE, ChangeKind.SKIP)}
Result = TypeVar("Result")


def views() -> list[SecureView]:
    """The page of this module."""
    return [LabellingView(name=lazy_gettext("Labelling"), endpoint="labelling", url="labelling")]


class LabellingView(SecureView):
    """The queue of one person."""

    needs = edits = Role.ANNOTATOR
    extra_css = ("/panel-static/css/labelling.css",)
    extra_js = ("/panel-static/js/labelling.js",)

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Show the page; its script asks for pictures."""
        anything = db.session.scalar(select(Training.id).limit(1)) is not None
        return self.render("admin/labelling/index.html", anything=anything, may_upload=may(Role.ANNOTATOR))

    @expose("/next", methods=("POST",))
    def more(self) -> ResponseReturnValue:
        """Give this person pictures, those they have first; asking again keeps them."""
        samples = labelling.take(person())
        waiting = labelling.waiting(person())
        counts = {"all": waiting.all, "others": waiting.others, "skipped": waiting.skipped}
        return jsonify(cards=[card(sample) for sample in samples], waiting=counts, counted=labelling.COUNTED)

    @expose("/answer", methods=("POST",))
    def answer(self) -> ResponseReturnValue:
        """Take an answer: {"id", "kind": accept, unreadable or skip, "value", "key"}."""
        given = body()
        number, kind, value, key = (given.get(name) for name in ("id", "kind", "value", "key"))
        if kind not in KINDS or not isinstance(key, str) or not KEY.fullmatch(key):
            abort(400, "Expected an answer: accept, unreadable or skip, with its key.")
        if value is not None and not isinstance(value, str):
            abort(400, "Expected the value as a text.")
        sample = checked_number(number)
        change = explained(lambda: labelling.answer(person(), sample, value, KINDS[kind], key))
        return jsonify(change=change.id, kind=change.kind)

    @expose("/undo", methods=("POST",))
    def undo(self) -> ResponseReturnValue:
        """Take the last answer back; with its picture, or null when there is none."""
        sample = explained(lambda: labelling.undo(person()))
        return jsonify(card=card(sample) if sample else None)

    @expose("/back", methods=("POST",))
    def back(self) -> ResponseReturnValue:
        """Give the picture answered before {"before": change}, or the last one; null when there is none."""
        before = body().get("before")
        place = None if before is None else checked_number(before)
        found = explained(lambda: labelling.back(person(), place))
        return jsonify(card=card(found[1]) if found else None, change=found and found[0])

    @expose("/skipped", methods=("POST",))
    def skipped(self) -> ResponseReturnValue:
        """Let what this person skipped come again."""
        return jsonify(shown=labelling.show_skipped(person()))


def card(sample: Training) -> dict[str, Any]:
    """What the page shows of a sample."""
    proposed = proposal(sample)
    answered = sample.correct_value is not None
    return {
        "id": sample.id,
        "image": url_for("pictures.show", sha256=sample.sha256),
        "width": sample.width,
        "height": sample.height,
        "box": None if sample.box_x is None else [sample.box_x, sample.box_y, sample.box_width, sample.box_height],
        "value": sample.correct_value if answered else proposed.value,
        "doubtful": [] if answered else proposed.doubtful,
        "confidences": [] if answered else proposed.confidences,
        "confidence": sample.proposed_confidence,
        "version": str(sample.proposed_version) if sample.proposed_version else None,
        "state": sample.state,
        "meter": sample.meter_type.name,
        "digits": sample.meter_type.digits,
        "unit": sample.meter_type.unit,
        "group": sample.group,
        "source": sample.source,
    }


def body() -> dict[str, Any]:
    """The request's JSON object; 400 for anything else."""
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        abort(400, "Expected a JSON object.")
    return given


def checked_number(number: object) -> int:
    """The number of a row; 400 for anything else."""
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number <= LARGEST_ID:
        abort(400, "Expected the number of a row.")
    return number


def explained(act: Callable[[], Result]) -> Result:
    """Do something; what is refused becomes an answer with its sentence: 409 for a conflict, 400 for a bad value."""
    try:
        return act()
    except ChangeError as error:
        abort(409, explanation(error))
    except ValueError as error:
        abort(400, explanation(error))
