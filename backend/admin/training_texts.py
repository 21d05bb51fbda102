"""What the pages about samples call things, in the reader's language."""

from __future__ import annotations

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
