"""Errors that explain themselves in one sentence, which a page can say in the reader's language.

Who refuses something knows neither pages nor languages. It gives the English sentence as a template and, apart, what
stands in it, as GNU gettext asks for: then the template can be looked up among the translations as it is. Commands and
programs get the English sentence, `str(error)`; the panel says `backend.i18n.explanation(error)`.
"""

from __future__ import annotations


class Translatable(Exception):
    """An error whose `sentence` is a template in English and whose `values` belong into it, for one by its name.

    A value may be such an error itself: its sentence is then translated too. Without values a per cent sign in the
    sentence is itself.
    """

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence, self.values = sentence, values

    def plain(self) -> dict[str, object]:
        """The error as JSON keeps it, for a page to come; `kept` makes one of it again."""
        return {"sentence": self.sentence, "values": {name: plain(value) for name, value in self.values.items()}}


def plain(value: object) -> object:
    """A value of a sentence as JSON keeps it."""
    if isinstance(value, Translatable):
        return value.plain()
    return value if isinstance(value, int | float) else str(value)


def kept(content: dict[str, object]) -> Translatable:
    """The error that `plain` was given."""
    values = content["values"]
    assert isinstance(values, dict)
    inner = {name: kept(value) if isinstance(value, dict) else value for name, value in values.items()}
    return Translatable(str(content["sentence"]), **inner)
