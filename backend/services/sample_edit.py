"""What a form says about a sample, checked: the columns to change, and nothing half right."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from backend.domain.imaging import ImageError, widen
from backend.models import Change, ChangeKind, MeterType, State, Training, checked_value
from backend.models.base import now
from backend.services import changes, tables
from backend.services.changes import ChangeError, Values
from backend.services.sample_filter import Filter

BOX = ("box_x", "box_y", "box_width", "box_height")


def bulk_values(session: Session, given: Mapping[str, str]) -> Values:
    """The columns that a bulk change sets: type, meter type, state; empty ones stay. Raises ValueError."""
    chosen = Filter.parse({name: given.get(f"set_{name}", "") for name in ("type", "meter_type", "state")})
    if chosen.meter_type is not None and session.get(MeterType, chosen.meter_type) is None:
        raise ChangeError("expected a meter type that there is, got another number")
    values = {"type": chosen.type, "meter_type_id": chosen.meter_type, "state": chosen.state}
    said = {name: value for name, value in values.items() if value is not None}
    if not said:
        raise ChangeError("choose what is to change: a type, a meter type or a state")
    return said


def edit(session: Session, sample: Training, given: Mapping[str, str], person: str) -> Change | None:
    """Change one sample as its form says; None when nothing is different. Raises ValueError."""
    values = form_values(session, sample, given)
    relabelled = any(getattr(sample, name) != values[name] for name in ("correct_value", "state"))
    if relabelled and values["state"] in (State.LABELLED.value, State.UNREADABLE.value):
        values |= {"labelled_at": now(), "labelled_by": person}
    return changes.change_samples([sample.id], values, person, ChangeKind.EDIT)


def form_values(session: Session, sample: Training, given: Mapping[str, str]) -> Values:
    """All columns of the form. Raises ValueError with one sentence."""
    basic = bulk_values(session, {f"set_{name}": given.get(name, "") for name in ("type", "meter_type", "state")})
    if len(basic) < 3:
        raise ChangeError("expected a type, a meter type and a state, got less")
    text = given.get("correct_value", "").strip()
    value = checked_value(text) if text else None
    if value is None and basic["state"] == State.LABELLED.value:
        raise ChangeError("expected a value for a labelled sample, got none")
    also = [checked_value(one) or "" for one in given.get("also_accepted", "").split()]
    return {
        **basic,
        "correct_value": value,
        "also_accepted": tables.text({"also_accepted": " ".join(also)}, "also_accepted", 120),
        "group": tables.text({"group": given.get("group", "").strip()}, "group", 120),
        "source": tables.text({"source": given.get("source", "").strip()}, "source", 80),
        **box_values(sample, given),
    }


def box_values(sample: Training, given: Mapping[str, str]) -> Values:
    """The display's box: four numbers inside the picture, or none of them. Raises ValueError."""
    cells = {short: given.get(name, "").strip().replace(",", ".") for short, name in zip("xywh", BOX, strict=True)}
    box = tables.box(cells)
    if box is None:
        return dict.fromkeys(BOX)
    try:
        widen(box, 0.0, (sample.width, sample.height))
    except ImageError as error:
        raise ChangeError(error.sentence, **error.values) from error
    return dict(zip(BOX, (box.x, box.y, box.width, box.height), strict=True))
