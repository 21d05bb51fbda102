"""Fragments: what was cut out of samples, and the cutter, where lines are dragged over a sample."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import lazy_gettext, ngettext
from sqlalchemy import Select, exists, select
from sqlalchemy.orm import joinedload

from backend.accounts import may, person
from backend.admin.base import SecureView, checked_ids, is_id, requires
from backend.database import db
from backend.i18n import explanation
from backend.models import MeterType, Part, Role, State, Training, TrainingElement
from backend.services import fragments
from backend.services.cutting import FragmentError, display, proposed_lines
from backend.services.gallery import page_number, page_of

SIZE = 60  # fragments on a page
SAMPLES = 40  # samples to choose from on a page
MOST_DIGITS = 10
PARTS = {
    Part.START.value: lazy_gettext("start"),
    Part.MIDDLE.value: lazy_gettext("middle"),
    Part.END.value: lazy_gettext("end"),
}


def views() -> list[SecureView]:
    """The page of this module."""
    return [FragmentsView(name=lazy_gettext("Fragments"), endpoint="fragments", url="fragments")]


class FragmentsView(SecureView):
    """The gallery, the choice of a sample, the cutter."""

    edits = Role.ANNOTATOR
    extra_css = ("/panel-static/css/fragments.css", "/panel-static/css/cutter.css")
    extra_js = ("/panel-static/js/fragments.js",)

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Show fragments, newest first, filtered by part, meter type and value."""
        found = page_of(chosen(request.args), page_number(request.args.get("page", "1")), SIZE)
        return self.render(
            "admin/fragments/index.html",
            found=found,
            filters=filters(),
            parts=PARTS,
            meter_types=meter_types(),
            anything=db.session.scalar(select(TrainingElement.id).limit(1)) is not None,
            labelled=db.session.scalar(select(Training.id).where(can_be_cut()).limit(1)) is not None,
            may_delete=may(Role.TRAINER),
            may_cut=may(self.edits),
        )

    @expose("/cut")
    def cutter(self) -> ResponseReturnValue:
        """Show one sample to cut, or the samples to choose from."""
        asked = request.args.get("sample")
        if asked is None:
            return self.choose()
        sample = find_sample(asked)
        return self.render(
            "admin/fragments/cut.html",
            sample=sample,
            area=display(sample),
            lines=proposed_lines(sample),
            before=fragments.fragments_of(sample.id),
            following=following(sample),
            saved=saved_sample(),
            parts=PARTS,
            may_cut=may(self.edits),
        )

    def choose(self) -> ResponseReturnValue:
        """Show labelled samples, those without fragments first."""
        query = select(Training).where(can_be_cut()).options(joinedload(Training.meter_type))
        kind = request.args.get("meter_type", "")
        if is_id(kind):
            query = query.where(Training.meter_type_id == int(kind))
        query = query.order_by(was_cut(), Training.id)
        found = page_of(query, page_number(request.args.get("page", "1")), SAMPLES)
        done = select(TrainingElement.training_id).where(
            TrainingElement.training_id.in_([row.id for row in found.rows])
        )
        return self.render(
            "admin/fragments/choose.html",
            found=found,
            done=set(db.session.scalars(done)),
            meter_types=meter_types(),
            filters=filters(),
            saved=saved_sample(),
        )

    @expose("/cut", methods=("POST",))
    def cut(self) -> ResponseReturnValue:
        """Keep what lies between the lines, and go on to the next sample."""
        sample = find_sample(request.form.get("sample", ""))
        following_id = following(sample)
        try:
            made = fragments.cut(
                sample.id, whole_numbers("lines"), person(), whole_numbers("digits"), whole_numbers("take")
            )
        except FragmentError as error:
            flash(explanation(error), "error")
            return redirect(url_for(".cutter", sample=request.form["sample"]))
        values = ", ".join(row.correct_value for row in made)
        kept = ngettext(
            "%(num)d fragment kept: %(values)s", "%(num)d fragments kept: %(values)s", len(made), values=values
        )
        flash(kept, "success")
        return redirect(url_for(".cutter", sample=following_id, saved=request.form["sample"]))

    @expose("/undo", methods=("POST",))
    def undo(self) -> ResponseReturnValue:
        """Remove what this person's last cut of a sample gave."""
        sample = find_sample(request.form.get("sample", ""))
        try:
            removed = fragments.undo(sample.id, person())
            flash(ngettext("%(num)d fragment removed again", "%(num)d fragments removed again", removed), "success")
        except FragmentError as error:
            flash(explanation(error), "error")
        return redirect(url_for(".cutter", sample=request.form["sample"]))

    @expose("/delete", methods=("POST",))
    @requires(Role.TRAINER)
    def delete(self) -> ResponseReturnValue:
        """Remove chosen fragments, and when asked for the pictures generated from them."""
        chosen_ids = checked_ids(request.form.getlist("id"))
        try:
            removed = fragments.delete(chosen_ids, with_augmentations="with_augmentations" in request.form)
            flash(ngettext("%(num)d fragment deleted", "%(num)d fragments deleted", removed), "success")
        except FragmentError as error:
            flash(explanation(error), "error")
        return redirect(url_for(".index", **filters()))


def chosen(arguments: Any) -> Select[tuple[TrainingElement]]:
    """The fragments that the address asks for. 400 for filters that are none."""
    query = select(TrainingElement).options(joinedload(TrainingElement.meter_type))
    if part := arguments.get("part", ""):
        if part not in map(str, PARTS):
            abort(400, f"Expected a part of 0, 1 or 2, got {part[:20]!r}.")
        query = query.where(TrainingElement.part == int(part))
    if kind := arguments.get("meter_type", ""):
        if not is_id(kind):
            abort(400, f"Expected the number of a meter type, got {kind[:20]!r}.")
        query = query.where(TrainingElement.meter_type_id == int(kind))
    if value := arguments.get("value", ""):
        query = query.where(TrainingElement.correct_value.contains(value[:20], autoescape=True))
    return query.order_by(TrainingElement.id.desc())


def filters() -> dict[str, Any]:
    """What the gallery is filtered by, to keep it from page to page."""
    return {name: value for name in ("part", "meter_type", "value") if (value := request.args.get(name, ""))}


def meter_types() -> list[MeterType]:
    """All meter types, by name."""
    return list(db.session.scalars(select(MeterType).order_by(MeterType.name)))


def can_be_cut() -> Any:
    """The condition for samples that can be cut: labelled, with more than one digit."""
    return (Training.state == State.LABELLED.value) & Training.correct_value.like("__%")


def was_cut() -> Any:
    """The condition for samples that have fragments."""
    return exists().where(TrainingElement.training_id == Training.id)


def find_sample(text: str) -> Training:
    """The labelled sample with a number; 404 when there is none."""
    query = select(Training).where(can_be_cut())
    sample = db.session.scalar(query.where(Training.id == int(text))) if is_id(text) else None
    if sample is None:
        abort(404, "There is no labelled sample with this number.")
    return sample


def following(sample: Training) -> int | None:
    """The next sample of the same meter type that has no fragments, after this one, else from the beginning."""
    query = select(Training.id).where(can_be_cut(), ~was_cut(), Training.id != sample.id)
    query = query.where(Training.meter_type_id == sample.meter_type_id).order_by(Training.id).limit(1)
    return db.session.scalar(query.where(Training.id > sample.id)) or db.session.scalar(query)


def saved_sample() -> int | None:
    """The sample cut just before, whose cut can be undone, as the address carries it."""
    text = request.args.get("saved", "")
    if not is_id(text) or not may(Role.ANNOTATOR):
        return None
    cuts = select(TrainingElement.id).where(
        TrainingElement.training_id == int(text), TrainingElement.created_by == person()
    )
    return int(text) if db.session.scalar(cuts.limit(1)) else None


def whole_numbers(name: str) -> list[int]:
    """A list such as "12,30" out of the form. 400 for anything else."""
    parts = request.form.get(name, "").split(",")
    if len(parts) > MOST_DIGITS or not all(part.isascii() and part.isdecimal() and len(part) < 7 for part in parts):
        abort(400, f"Expected {name} as at most {MOST_DIGITS} whole numbers such as 12,30.")
    return [int(part) for part in parts]
