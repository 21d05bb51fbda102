"""Meter types: what there is to read, and how many digits it shows."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import SelectField
from wtforms.validators import NumberRange, ValidationError

from backend.admin.base import SecureModelView
from backend.database import db
from backend.models import Display, MeterType, Role

MOST_DIGITS = 10
DISPLAYS = (
    (Display.DRUMS.value, lazy_gettext("drums")),
    (Display.LCD.value, lazy_gettext("LCD")),
    (Display.LED.value, lazy_gettext("LED")),
)


class MeterTypesView(SecureModelView):
    """The list of meter types and its forms."""

    edits = Role.TRAINER
    column_list = ("name", "unit", "digits", "decimals", "display")
    form_columns = column_list
    column_searchable_list = ("name",)
    can_set_page_size = False
    action_disallowed_list = ("delete",)
    column_default_sort = "name"
    column_labels = {  # noqa: RUF012 (Flask-Admin's own way)
        "name": lazy_gettext("Meter type"),
        "unit": lazy_gettext("Unit"),
        "digits": lazy_gettext("Digits"),
        "decimals": lazy_gettext("Decimals"),
        "display": lazy_gettext("Kind of display"),
    }
    column_choices = {"display": DISPLAYS}  # noqa: RUF012
    form_overrides = {"display": SelectField}  # noqa: RUF012
    form_args = {  # noqa: RUF012
        "digits": {
            "validators": [NumberRange(1, MOST_DIGITS)],
            "description": lazy_gettext(
                "How many digits the display has, decimals included; empty when it is not known."
            ),
        },
        "decimals": {
            "validators": [NumberRange(0, MOST_DIGITS - 1)],
            "description": lazy_gettext("How many of them are behind the point."),
        },
        "display": {
            "choices": [("", "–"), *DISPLAYS],
            "filters": [lambda value: value or None],
        },
    }

    def on_model_change(self, form: Any, model: Any, is_created: bool) -> None:
        """Refuse more decimals than digits."""
        if model.decimals is not None and model.decimals >= (model.digits or MOST_DIGITS):
            raise ValidationError(_("Expected fewer decimals than digits."))
        model.name, model.unit = model.name.strip(), model.unit.strip()
        super().on_model_change(form, model, is_created)


def views() -> list[SecureModelView]:
    """The page of this module."""
    return [MeterTypesView(MeterType, db, lazy_gettext("Meter types"), endpoint="meter_types", url="meter-types")]
