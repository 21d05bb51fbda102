"""What the pages about samples call things, in the reader's language."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from backend.models import ChangeKind, Split, State

SPLITS = {
    Split.TEACH.value: lazy_gettext("teach"),
    Split.TEST.value: lazy_gettext("test"),
    Split.VALIDATE.value: lazy_gettext("validate"),
}
STATES = {
    State.NEW.value: lazy_gettext("new"),
    State.PROPOSED.value: lazy_gettext("proposed"),
    State.LABELLED.value: lazy_gettext("labelled"),
    State.UNREADABLE.value: lazy_gettext("unreadable"),
    State.TRASH.value: lazy_gettext("trash"),
}
KINDS = {
    ChangeKind.ACCEPT.value: lazy_gettext("accepted"),
    ChangeKind.CORRECT.value: lazy_gettext("corrected"),
    ChangeKind.UNREADABLE.value: lazy_gettext("called unreadable"),
    ChangeKind.SKIP.value: lazy_gettext("skipped"),
    ChangeKind.EDIT.value: lazy_gettext("edited"),
    ChangeKind.BULK.value: lazy_gettext("changed with others"),
}
FIELDS = {
    "correct_value": lazy_gettext("value"),
    "state": lazy_gettext("state"),
    "type": lazy_gettext("type"),
    "meter_type_id": lazy_gettext("meter type"),
    "group": lazy_gettext("meter"),
    "source": lazy_gettext("source"),
    "also_accepted": lazy_gettext("also accepted"),
    "box_x": lazy_gettext("box"),
}


def sentence(error: Exception) -> str:
    """What was refused and why, in the reader's language where there is a text for it."""
    code, facts = getattr(error, "code", ""), getattr(error, "facts", {})
    texts = {
        "split": lambda: _(
            "All samples of a meter must have the same type, or it would be tested on what it was taught. "
            "Change whole meters, or choose another type: %(groups)s.",
            **facts,
        ),
        "no_value": lambda: _("Only samples with a value can be labelled; without one: %(count)s.", **facts),
        "nothing": lambda: _("Choose what is to change: a type, a meter type or a state."),
        "undone": lambda: _("This change was taken back already."),
        "taken": lambda: _("Somebody else has this picture by now; here is another one."),
        "answered": lambda: _("Somebody answered this picture meanwhile; here is another one."),
        "changed": lambda: _("Somebody changed this sample since; it stays as it is."),
        "too_large": lambda: _("The picture is too large."),
        "too_small": lambda: _("The picture is too small."),
        "not_image": lambda: _("This is no JPEG, PNG or WebP picture."),
        "damaged": lambda: _("The file is damaged."),
        "bad_box": lambda: _("The box of the display must lie inside the picture."),
    }
    return texts[code]() if code in texts else str(error)
