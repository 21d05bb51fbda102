"""Duplicates and doubtful labels: pairs that look alike, labels that the network contradicts; a person decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from backend.accounts import may, person
from backend.admin.base import SecureView, is_id, requires
from backend.admin.training_texts import SPLITS, STATES
from backend.database import db
from backend.i18n import explanation
from backend.models import Kept, LabelConfirmation, Role, State, Training
from backend.services import decisions, duplicates
from backend.services.changes import ChangeError
from backend.services.decisions import Answer, DecisionError
from backend.services.doubtful import doubtful_labels, read_some, unread_count
from backend.services.duplicates import Pair
from backend.services.gallery import page_number
from backend.services.reading import ReaderError

SIZE = 20  # cases on a page
READ_AT_ONCE = 64  # samples that one request reads: a second or two
KEPT = {
    Kept.FIRST.value: lazy_gettext("The left one stays, the right one is in the trash."),
    Kept.SECOND.value: lazy_gettext("The right one stays, the left one is in the trash."),
    Kept.BOTH.value: lazy_gettext("Both stay: they are no duplicates."),
}


def views() -> list[SecureView]:
    """The page of this module."""
    return [DuplicatesView(name=lazy_gettext("Duplicates and doubts"), endpoint="duplicates", url="duplicates")]


class DuplicatesView(SecureView):
    """Pairs that look alike, and contradicted labels."""

    edits = Role.ANNOTATOR
    extra_css = ("/panel-static/css/fragments.css", "/panel-static/css/duplicates.css")
    extra_js = ("/panel-static/js/duplicates.js",)

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Show pairs that look alike: first those across teach and test or validate, which are errors."""
        found, leaking = duplicates.pairs(), duplicates.leaks()
        errors = decisions.undecided(leaking.pairs)
        ordered = list(dict.fromkeys(errors + decisions.undecided(found.pairs)))
        pages = max(1, -(-len(ordered) // SIZE))
        number = min(max(1, page_number(request.args.get("page", "1"))), pages)
        shown = ordered[(number - 1) * SIZE : number * SIZE]
        return self.render(
            "admin/duplicates/index.html",
            pairs=with_samples(shown),
            leaks=len(errors),
            total=len(ordered),
            complete=found.complete and leaking.complete,
            number=number,
            pages=pages,
            decided=decisions.pair_decisions(),
            anything=db.session.scalar(select(Training.id).limit(1)) is not None,
            **self.words(),
        )

    @expose("/labels")
    def labels(self) -> ResponseReturnValue:
        """Show labels that the network contradicts, the most surprising first."""
        found = doubtful_labels(page_number(request.args.get("page", "1")), SIZE)
        confirmed = select(LabelConfirmation).options(joinedload(LabelConfirmation.training))
        return self.render(
            "admin/duplicates/labels.html",
            found=found,
            confirmed=list(db.session.scalars(confirmed.order_by(LabelConfirmation.created_at.desc()).limit(10))),
            labelled=db.session.scalar(select(Training.id).where(Training.state == State.LABELLED.value).limit(1)),
            unread=unread(),
            may_read=may(Role.TRAINER),
            **self.words(),
        )

    @expose("/decide", methods=("POST",))
    def decide(self) -> ResponseReturnValue:
        """Take a decision about a pair."""
        kept = request.form.get("answer", "")
        if kept not in KEPT:
            abort(400, f"Expected an answer of first, second or both, got {kept[:20]!r}.")
        left, right = number_in("left"), number_in("right")

        def act() -> dict[str, Any]:
            decision = decisions.decide_pair(left, right, Kept(kept), person())
            return {"text": str(KEPT[kept]), "undo": {"decision": decision.id}}

        return done(act, ".index")

    @expose("/undo", methods=("POST",))
    def undo(self) -> ResponseReturnValue:
        """Take a decision about a pair back."""
        number = number_in("decision")

        def act() -> dict[str, Any]:
            decisions.undo_pair(number, person())
            return {"text": _("Undone.")}

        return done(act, ".index")

    @expose("/answer", methods=("POST",))
    def answer(self) -> ResponseReturnValue:
        """Take an answer about a label, as it was shown."""
        sample, value, proposed = number_in("sample"), request.form.get("value", ""), request.form.get("proposed", "")
        who = person()
        answers: dict[str, tuple[str, Callable[[], Answer]]] = {
            "label": (
                _("The label %(value)s is right.", value=value),
                lambda: decisions.confirm_label(sample, value, who),
            ),
            "proposal": (
                _("The label is now %(value)s.", value=proposed),
                lambda: decisions.take_proposal(sample, value, proposed, who),
            ),
            "unreadable": (_("Marked as unreadable."), lambda: decisions.mark_unreadable(sample, value, who)),
        }
        chosen = request.form.get("answer", "")
        if chosen not in answers:
            abort(400, f"Expected an answer of label, proposal or unreadable, got {chosen[:20]!r}.")
        text, take = answers[chosen]

        def act() -> dict[str, Any]:
            given = take()
            undo = {"confirmed": given.confirmed_id} if given.confirmed_id else {"change": given.change_id}
            return {"text": text, "undo": undo}

        return done(act, ".labels")

    @expose("/read", methods=("POST",))
    @requires(Role.TRAINER)
    def read(self) -> ResponseReturnValue:
        """Let the published version read some labelled samples; the page's script asks until none is left."""
        try:
            done = read_some(READ_AT_ONCE)
        except ReaderError as error:
            abort(409, explanation(error))
        return jsonify(read=done.read, left=done.left)

    @expose("/undo-answer", methods=("POST",))
    def undo_answer(self) -> ResponseReturnValue:
        """Take an answer about a label back."""
        name = "confirmed" if "confirmed" in request.form else "change"
        number = number_in(name)
        undone = Answer(confirmed_id=number) if name == "confirmed" else Answer(change_id=number)

        def act() -> dict[str, Any]:
            decisions.undo_answer(undone, person())
            return {"text": _("Undone.")}

        return done(act, ".labels")

    def words(self) -> dict[str, Any]:
        """What both pages name things by."""
        return {"splits": SPLITS, "states": STATES, "kept": KEPT, "may_decide": may(self.edits)}


def unread() -> int | None:
    """How many labelled samples the published version has not read; None without a published version."""
    try:
        return unread_count()
    except ReaderError:
        return None


def with_samples(pairs: list[Pair]) -> list[tuple[Pair, Training, Training]]:
    """Pairs with their samples; those with one that went meanwhile are left out."""
    ids = {number for pair in pairs for number in (pair.first_id, pair.second_id)}
    query = select(Training).options(joinedload(Training.meter_type)).where(Training.id.in_(ids))
    rows: Mapping[int, Training] = {row.id: row for row in db.session.scalars(query)}
    there = [pair for pair in pairs if pair.first_id in rows and pair.second_id in rows]
    return [(pair, rows[pair.first_id], rows[pair.second_id]) for pair in there]


def number_in(name: str) -> int:
    """The number of a row out of the form. 400 for anything else."""
    text = request.form.get(name, "")
    if not is_id(text):
        abort(400, f"Expected {name} to be the number of a row, got {text[:20]!r}.")
    return int(text)


def done(act: Callable[[], dict[str, Any]], page: str) -> ResponseReturnValue:
    """Do it and answer: JSON for the page's script, which stays where it is; else back to the page with a message."""
    scripted = request.accept_mimetypes.best_match(["application/json", "text/html"]) == "application/json"
    try:
        result = act()
    except (DecisionError, ChangeError) as error:
        if scripted:
            return jsonify(error={"code": "conflict", "message": explanation(error)}), 409
        flash(explanation(error), "error")
        return redirect(url_for(page))
    if scripted:
        return jsonify(result)
    flash(result["text"], "success")
    return redirect(url_for(page))
