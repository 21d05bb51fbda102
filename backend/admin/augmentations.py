"""Augmentations: what was generated, the map of digits with its holes, and generating more."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from backend.accounts import may, person
from backend.admin.base import SecureView, checked_ids, is_id, requires
from backend.admin.fragments import meter_types
from backend.database import db
from backend.i18n import explanation
from backend.models import MeterType, Role, Run, RunKind, TrainingAugmentation, TrainingElement
from backend.services import augmentations, generation, runs
from backend.services.gallery import page_number, page_of

SIZE = 40  # pictures on a page
STATES = {
    "waiting": lazy_gettext("waiting"),
    "running": lazy_gettext("running"),
    "done": lazy_gettext("done"),
    "failed": lazy_gettext("failed"),
    "stopped": lazy_gettext("stopped"),
}


def views() -> list[SecureView]:
    """The page of this module."""
    return [AugmentationsView(name=lazy_gettext("Augmentations"), endpoint="augmentations", url="augmentations")]


class AugmentationsView(SecureView):
    """The map, the generations, the gallery."""

    edits = Role.TRAINER
    extra_css = ("/panel-static/css/fragments.css", "/panel-static/css/augmentations.css")
    extra_js = ("/panel-static/js/augmentations.js",)

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Show the map of one meter type, the last generations, and what was generated."""
        kinds = meter_types()
        shown = shown_type(kinds)
        last = augmentations.generations()
        return self.render(
            "admin/augmentations/index.html",
            meter_types=kinds,
            shown=shown,
            map=augmentations.digit_map(shown) if shown else None,
            found=page_of(chosen(), page_number(request.args.get("page", "1")), SIZE),
            filters=filters(),
            generations=[(run, augmentations.made_by(run)) for run in last],
            states=STATES,
            fragments=db.session.scalar(select(TrainingElement.id).limit(1)) is not None,
            may_change=may(self.edits),
        )

    @expose("/possible")
    def possible(self) -> ResponseReturnValue:
        """Say how many different pictures the fragments of a meter type can still give."""
        meter_type = find_type(request.args.get("meter_type", ""))
        return jsonify(possible=generation.possible(meter_type.name))

    @expose("/generate", methods=("POST",))
    def generate(self) -> ResponseReturnValue:
        """Start a generation."""
        meter_type = find_type(request.form.get("meter_type", ""))
        try:
            count = whole(request.form.get("count", ""))
            left = generation.possible(meter_type.name)
            if count > left:
                raise ValueError(
                    _("The fragments can give %(left)s more pictures, not %(count)s.", left=left, count=count)
                )
            seed = request.form.get("seed", "")
            parameters = {"meter_type": meter_type.name, "count": count, "seed": whole(seed) if seed else ""}
            run = runs.start(RunKind.GENERATION, parameters, person())
            flash(_("Generation %(number)s has begun.", number=run.id), "success")
        except ValueError as error:
            flash(explanation(error), "error")
        return redirect(url_for(".index", meter_type=request.form["meter_type"]))

    @expose("/runs")
    def progress(self) -> ResponseReturnValue:
        """How the last generations go, for the page that waits for them."""
        runs.reap()
        return jsonify(runs=[described(run) for run in augmentations.generations()])

    @expose("/stop", methods=("POST",))
    def stop(self) -> ResponseReturnValue:
        """Stop a generation."""
        try:
            run = runs.stop(find_run(request.form.get("run", "")), person())
            flash(_("Generation %(number)s stops.", number=run.id), "success")
        except runs.RunError as error:
            flash(explanation(error), "error")
        return redirect(url_for(".index", **filters()))

    @expose("/delete-run", methods=("POST",))
    def delete_run(self) -> ResponseReturnValue:
        """Remove the pictures of one generation."""
        try:
            tell(augmentations.delete_of_run(find_run(request.form.get("run", ""))))
        except ValueError as error:
            flash(explanation(error), "error")
        return redirect(url_for(".index", **filters()))

    @expose("/delete", methods=("POST",))
    @requires(Role.TRAINER)
    def delete(self) -> ResponseReturnValue:
        """Remove chosen pictures."""
        tell(augmentations.delete_chosen(checked_ids(request.form.getlist("id"))))
        return redirect(url_for(".index", **filters()))


def tell(removed: int) -> None:
    """Say how many pictures were removed."""
    flash(ngettext("%(num)d generated picture deleted", "%(num)d generated pictures deleted", removed), "success")


def chosen() -> Select[tuple[TrainingAugmentation]]:
    """The generated pictures that the address asks for."""
    query = select(TrainingAugmentation).options(joinedload(TrainingAugmentation.meter_type))
    given = filters()
    if "meter_type" in given:
        query = query.where(TrainingAugmentation.meter_type_id == find_type(given["meter_type"]).id)
    if "run" in given:
        query = query.where(augmentations.of_run(runs.find(find_run(given["run"]))))
    if "value" in given:
        query = query.where(TrainingAugmentation.correct_value.contains(given["value"][:20], autoescape=True))
    return query.order_by(TrainingAugmentation.id.desc())


def filters() -> dict[str, Any]:
    """What the page is filtered by, to keep it from page to page."""
    return {name: value for name in ("meter_type", "run", "value") if (value := request.args.get(name, ""))}


def shown_type(kinds: list[MeterType]) -> MeterType | None:
    """The meter type whose map is shown: the chosen one, else the one with most fragments, else any."""
    if kind := request.args.get("meter_type", ""):
        return find_type(kind)
    most = augmentations.fullest_type()
    return next((kind for kind in kinds if kind.id == most), kinds[0] if kinds else None)


def find_type(text: str) -> MeterType:
    """A meter type by its number; 404 when there is none."""
    found = db.session.get(MeterType, int(text)) if is_id(text) else None
    if found is None:
        abort(404, "There is no meter type with this number.")
    return found


def find_run(text: str) -> int:
    """The number of a generation; 404 when there is none."""
    kind = db.session.scalar(select(Run.kind).where(Run.id == int(text))) if is_id(text) else None
    if kind != RunKind.GENERATION.value:
        abort(404, "There is no generation with this number.")
    return int(text)


def whole(text: str) -> int:
    """A whole number from 0. Raises ValueError."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise ValueError(_("Expected a whole number, got “%(text)s”.", text=text[:20]))
    return int(text)


def described(run: Run) -> dict[str, Any]:
    """A run for the page that waits for it."""
    return {"id": run.id, "state": run.state, "name": str(STATES[run.state]), "progress": run.progress}
