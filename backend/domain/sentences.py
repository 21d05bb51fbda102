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
