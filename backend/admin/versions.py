"""Models and versions: how good each is, what it reads wrongly, which is published, two of them side by side."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from backend.accounts import may, person
from backend.admin import version_figures, version_gates
from backend.admin.base import SecureView, requires
from backend.admin.version_requests import (
    SPLITS,
    all_readers,
    all_versions,
    chosen_split,
    find,
    find_named,
    find_reader,
    page_of,
    reading_run,
)
from backend.admin.version_sheets import cells, pairs
from backend.database import db
from backend.errors import wants_json
from backend.i18n import explanation
from backend.models import READER, NeuralVersion, Publication, Role, RunKind
from backend.services import runs, version_files, version_judging, version_readings, versions

HISTORY = 50  # publications that are shown
SHOWN = ("fixed", "broken", "both_wrong")


def views() -> list[SecureView]:
    """The page of this module."""
    return [VersionsView(name=lazy_gettext("Models and versions"), endpoint="versions", url="versions")]


class VersionsView(SecureView):
    """All versions, one of them, its errors, two of them compared; publishing and rolling back."""

    extra_css = ("/panel-static/css/charts.css", "/panel-static/css/versions.css")
    extra_js = ("/panel-static/js/charts.js",)

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Show every version below the one that it came from, and what was published when and why."""
        found = list(db.session.scalars(all_versions()))
        readers = [version for version in found if version.slot == READER]
        published = next((version for version in readers if version.published), None)
        history = select(Publication).options(joinedload(Publication.version), joinedload(Publication.previous))
        return self.render(
            "admin/versions/index.html",
            trees=version_figures.trees(readers),
            versions=readers,
            beside=version_figures.slots(found),
            published=published,
            last=version_figures.last_publication(published),
            may_roll_back=may(self.edits) and versions.before(db.session(), published) is not None,
            history=list(db.session.scalars(history.order_by(Publication.id.desc()).limit(HISTORY))),
            unregistered=version_files.unregistered(db.session()),
            not_passed=version_gates.names,
            may_register=may(Role.TRAINER),
        )

    @expose("/<int:number>/")
    def show(self, number: int) -> ResponseReturnValue:
        """Show one version: its figures as charts, its structure, its files."""
        version = find(number)
        if version.slot != READER:
            return self.show_beside(version)
        sets = version_figures.sets(version)
        chosen = request.args.get("set") or next(iter(sets), "")
        if chosen and chosen not in sets:
            abort(400, f"Expected figures of {', '.join(sets) or 'nothing'}, got {chosen[:40]!r}.")
        published = versions.published(db.session())
        return self.render(
            "admin/versions/version.html",
            version=version,
            card=version_files.card_of(version),
            layers=version_files.layers_of(version),
            accuracy=version_figures.accuracy(version),
            sets=sets,
            chosen=chosen,
            figures=sets[chosen]() if chosen else {},
            missing=version_readings.missing(db.session(), version.id),
            reading=reading_run(version.id),
            children=list(db.session.scalars(all_readers().where(NeuralVersion.parent_id == version.id))),
            others=list(db.session.scalars(all_readers().where(NeuralVersion.id != version.id))),
            published=published,
            gates=version_gates.shown(version),
            override=version_gates.last_override(version),
            not_passed=version_gates.names,
            missing_published=version_readings.missing(db.session(), published.id) if published else 0,
            may_publish=may(self.edits),
            may_read=may(Role.TRAINER),
        )

    def show_beside(self, version: NeuralVersion) -> ResponseReturnValue:
        """Show a finder or a classifier, whose figures were all measured when it was made."""
        return self.render(
            "admin/versions/beside.html",
            version=version,
            card=version_files.card_of(version),
            layers=version_files.layers_of(version),
            shares=version_figures.shares(version),
            gates=version_gates.shown(version),
            override=version_gates.last_override(version),
            not_passed=version_gates.names,
            published=versions.published(db.session(), version.slot),
            may_roll_back=may(self.edits) and version.published and versions.before(db.session(), version) is not None,
            may_publish=may(self.edits),
        )

    @expose("/<int:number>/errors")
    def errors(self, number: int) -> ResponseReturnValue:
        """Show the samples that a version reads wrongly, those first of which it was surest."""
        version, split = find_reader(number), chosen_split()
        judged = version_judging.judged(db.session(), version.id, SPLITS[split])
        wrong = version_judging.errors(judged)
        found = page_of(len(wrong))
        part = wrong.only(version_figures.places(found))
        return self.render(
            "admin/versions/errors.html",
            version=version,
            judged=judged,
            found=found,
            cells=cells(part),
            split=split,
            missing=version_readings.missing(db.session(), version.id),
            may_read=may(Role.TRAINER),
        )

    @expose("/compare")
    def compare(self) -> ResponseReturnValue:
        """Show two versions side by side: what the new one fixes and what it breaks, picture by picture."""
        old, new, split = find_named("old"), find_named("new"), chosen_split()
        show = request.args.get("show", SHOWN[0])
        if show not in SHOWN:
            abort(400, f"Expected one of {', '.join(SHOWN)}, got {show[:40]!r}.")
        compared = version_judging.compare(db.session(), old.id, new.id, SPLITS[split])
        chosen = getattr(compared, show)
        found = page_of(len(chosen))
        return self.render(
            "admin/versions/compare.html",
            old=old,
            new=new,
            split=split,
            show=show,
            counts={name: len(getattr(compared, name)) for name in SHOWN},
            compared=compared,
            found=found,
            cells=pairs(compared, chosen[version_figures.places(found)]),
            versions=list(db.session.scalars(all_readers())),
            missing={each.id: version_readings.missing(db.session(), each.id) for each in (old, new)},
            may_read=may(Role.TRAINER),
        )

    @expose("/<int:number>/publish", methods=("POST",))
    def publish(self, number: int) -> ResponseReturnValue:
        """Make a version the one that browsers get."""
        path = find(number).path
        try:
            told(
                lambda: renew(versions.publish(path, person(), reason(), version_gates.override())),
                _("%(version)s is published.", version=path),
            )
        except versions.GateError as error:
            if wants_json():
                abort(409, str(error))
            names = ", ".join(version_gates.in_words(gate).name for gate in error.gates)
            flash(_("Not done: %(version)s has not passed its gates (%(names)s).", version=path, names=names), "error")
            return redirect(url_for(".show", number=number, _anchor="gates"))
        return redirect(url_for(".index"))

    @expose("/rollback", methods=("POST",))
    def rollback(self) -> ResponseReturnValue:
        """Publish again what was published before, as the reader or as what the form says."""
        slot = request.form.get("slot", READER)
        told(lambda: renew(versions.rollback(person(), reason(), slot)), _("The version before is published again."))
        return redirect(url_for(".index"))

    @expose("/register", methods=("POST",))
    @requires(Role.TRAINER)
    def register(self) -> ResponseReturnValue:
        """Add a version whose folder is there."""
        path = request.form.get("path", "")

        def do() -> None:
            versions.register(db.session(), path, person())
            db.session.commit()

        told(do, _("%(version)s is in the list now.", version=path))
        return redirect(url_for(".index"))

    @expose("/<int:number>/read", methods=("POST",))
    @requires(Role.TRAINER)
    def read(self, number: int) -> ResponseReturnValue:
        """Start a run that lets a version read the labelled samples that it has not read."""
        version = find_reader(number)
        run = reading_run(version.id) or runs.start(RunKind.READING, {"version": version.path}, person())
        return redirect(url_for("runs.show", number=run.id))


def told(do: Callable[[], object], success: str) -> None:
    """Do something, and say how it went."""
    try:
        do()
    except versions.GateError:
        db.session.rollback()
        raise  # whoever publishes says more
    except ValueError as error:
        db.session.rollback()
        flash(explanation(error), "error")
    else:
        flash(success, "success")


def renew(version: NeuralVersion) -> None:
    """Start a run in which the reader published now reads the samples: what another one proposed is out of date."""
    if version.slot == READER:
        runs.start(RunKind.READING, {"version": version.path}, person())


def reason() -> str:
    """Why somebody publishes; it is kept with the publication."""
    text = " ".join(request.form.get("reason", "").split())
    if not text or len(text) > 500:
        raise ValueError(_("Not done: say in a few words why; it is kept with the publication."))
    return text
