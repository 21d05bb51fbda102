"""Samples: the list with its filters, bulk changes with undo, one sample's form, uploads, exports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, flash, jsonify, redirect, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from backend.accounts import may, person
from backend.admin.base import SecureView, checked_ids, is_id, requires
from backend.admin.training_texts import FIELDS, KINDS, SPLITS, STATES
from backend.database import db
from backend.domain.imaging import ImageError
from backend.i18n import explanation
from backend.models import Role, Training
from backend.services import changes, sample_edit, sample_export, samples, uploads
from backend.services.pictures import MAX_BYTES
from backend.services.reading import BusyError
from backend.services.sample_filter import Filter, FilterError
from backend.services.uploads import About, UploadError

MOST_CHANGED = 20_000  # samples that "all of them" may mean
EXPORTS = {"csv": (sample_export.as_csv, "text/csv"), "json": (sample_export.as_json, "application/json")}


def views() -> list[SecureView]:
    """The page of this module."""
    return [TrainingView(name=lazy_gettext("Samples"), endpoint="training", url="training")]


class TrainingView(SecureView):
    """The samples."""

    edits = Role.TRAINER
    extra_css = ("/panel-static/css/training.css", "/panel-static/css/upload.css")
    extra_js = ("/panel-static/js/training.js",)

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Show the samples that fit the filters, the newest first, the most doubtful first among doubtful ones."""
        wanted = chosen_filter(request.args)
        try:
            found = samples.page(wanted, request.args.get("after"), request.args.get("before"))
        except FilterError as error:
            abort(400, explanation(error))
        return self.render(
            "admin/training/index.html",
            found=found,
            count=samples.count(wanted),
            counted=samples.COUNTED,
            wanted=wanted,
            filters=wanted.arguments(),
            says_otherwise=samples.says_otherwise,
            doubt_limit=samples.doubt_limit(),
            sources=samples.sources(),
            recent=changes.recent() if may(self.edits) else [],
            **self.choices(),
        )

    @expose("/change", methods=("POST",))
    def change(self) -> ResponseReturnValue:
        """Change the type, meter type or state of the chosen samples, or of all that fit the filters."""
        try:
            values = sample_edit.bulk_values(db.session(), request.form)
            ids = self.chosen()
            whole = "whole_meters" in request.form
            done = changes.change_samples(ids, values, person(), whole_groups=whole)
        except ValueError as error:
            db.session.rollback()
            flash(explanation(error), "error")
        else:
            number = done.samples if done else 0
            flash(ngettext("%(num)d sample changed.", "%(num)d samples changed.", number), "success")
        return back_to_list()

    @expose("/undo", methods=("POST",))
    def undo(self) -> ResponseReturnValue:
        """Take a bulk change or an edit back."""
        try:
            done = changes.undo(number_in(request.form, "change"), person(), anyones=True)
        except ValueError as error:
            flash(explanation(error), "error")
        else:
            flash(ngettext("%(num)d sample is as before.", "%(num)d samples are as before.", done.restored), "success")
            if done.kept:
                text = ngettext(
                    "%(num)d was changed since and stays.", "%(num)d were changed since and stay.", done.kept
                )
                flash(text, "warning")
        return back_to_list()

    @expose("/delete", methods=("POST",))
    @requires(Role.ADMIN)
    def delete(self) -> ResponseReturnValue:
        """Delete the chosen samples for ever."""
        number = changes.delete_samples(checked_ids(request.form.getlist("id")))
        flash(ngettext("%(num)d sample deleted.", "%(num)d samples deleted.", number), "success")
        return back_to_list()

    @expose("/<number>", methods=("GET", "POST"))
    def edit(self, number: str) -> ResponseReturnValue:
        """Show one sample, and change it."""
        sample = db.session.get(Training, int(number)) if is_id(number) else None
        if sample is None:
            abort(404)
        if request.method == "POST":
            try:
                done = sample_edit.edit(db.session(), sample, request.form, person())
            except ValueError as error:
                db.session.rollback()
                flash(explanation(error), "error")
            else:
                flash(_("Saved.") if done else _("Nothing was different."), "success" if done else "info")
                return redirect(url_for(".edit", number=number))
        given: Mapping[str, Any] = request.form if request.method == "POST" else form_of(sample)
        shown = {"sample": sample, "given": given, "history": changes.history(sample.id)}
        return self.render("admin/training/edit.html", **shown, kinds=KINDS, fields=FIELDS, **self.choices())

    @expose("/upload", methods=("GET",))
    @requires(Role.ANNOTATOR)
    def upload(self) -> ResponseReturnValue:
        """Show the form for many files; its script sends them one by one."""
        return self.render("admin/training/upload.html", sources=samples.sources(), largest=MAX_BYTES, **self.choices())

    @expose("/upload", methods=("POST",))
    @requires(Role.ANNOTATOR)
    def take(self) -> ResponseReturnValue:
        """Take one file."""
        file = request.files.get("file")
        if file is None:
            abort(400, _("Expected a file."))
        try:
            about = About(
                type=number_in(request.form, "type", zero=True),
                meter_type_id=number_in(request.form, "meter_type"),
                group=request.form.get("group", "").strip(),
                source=request.form.get("source", "").strip(),
            )
            added = uploads.add(file.read(MAX_BYTES + 1), about, person())
        except BusyError as error:
            abort(503, explanation(error))
        except (ImageError, UploadError, ValueError) as error:
            abort(422, explanation(error))
        return jsonify(id=added.id, known=added.known, address=url_for(".edit", number=added.id))

    @expose("/export.<form>")
    @requires(Role.TRAINER)
    def export(self, form: str) -> ResponseReturnValue:
        """Send all samples that fit the filters, as CSV or JSON."""
        if form not in EXPORTS:
            abort(404)
        make, kind = EXPORTS[form]
        wanted = chosen_filter(request.args)
        answer = Response(stream_with_context(make(wanted)), mimetype=kind)
        answer.headers["Content-Disposition"] = f"attachment; filename=samples.{form}"
        return answer

    def chosen(self) -> list[int]:
        """The ids that a bulk change is for. Raises ValueError."""
        if "all" in request.form:
            return samples.ids_of(Filter.parse(filters_in_form()), MOST_CHANGED)
        return checked_ids(request.form.getlist("id"))

    def choices(self) -> dict[str, Any]:
        """What the forms offer, and to whom."""
        roles = {"may_change": Role.TRAINER, "may_upload": Role.ANNOTATOR, "may_delete": Role.ADMIN}
        return {
            "splits": SPLITS,
            "states": STATES,
            "meter_types": samples.meter_types(),
            **{name: may(role) for name, role in roles.items()},
        }


def chosen_filter(given: Mapping[str, str]) -> Filter:
    """The filter of an address; 400 for what is none."""
    try:
        return Filter.parse(given)
    except FilterError as error:
        abort(400, explanation(error))


def filters_in_form() -> dict[str, str]:
    """The filter that a form carries along."""
    return {name.removeprefix("filter_"): value for name, value in request.form.items() if name.startswith("filter_")}


def back_to_list() -> ResponseReturnValue:
    """Go back to the list as it was filtered."""
    try:
        filters: dict[str, Any] = dict(Filter.parse(filters_in_form()).arguments())
    except FilterError:
        filters = {}
    return redirect(url_for(".index", **filters))


def number_in(given: Mapping[str, str], name: str, zero: bool = False) -> int:
    """The number that a form must have; 400 without one."""
    word = given.get(name, "")
    if not (is_id(word) or (zero and word == "0")):
        abort(400, f"Expected {name} to be the number of a row, got {word[:40]!r}.")
    return int(word)


def form_of(sample: Training) -> dict[str, Any]:
    """The form's fields as the sample is."""
    names = ("type", "state", "correct_value", "also_accepted", "group", "source", *sample_edit.BOX)
    values = {name: getattr(sample, name) for name in names}
    plain = {name: "" if value is None else str(value).removesuffix(".0") if name in sample_edit.BOX else str(value)
             for name, value in values.items()}  # fmt: skip
    return {**plain, "meter_type": str(sample.meter_type_id)}
