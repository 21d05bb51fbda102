"""Why a run has not been done, in the reader's language."""

from __future__ import annotations

from flask_babel import gettext as _

from backend.domain.sentences import kept
from backend.i18n import explanation
from backend.models import Run
from backend.services.runs import LOST, REASON, STOPPED_BY


def why(run: Run) -> str:
    """Why a run failed or was stopped; as it was written down where no template was kept."""
    reason, error = (run.result or {}).get(REASON), run.error or ""
    if isinstance(reason, dict):
        return explanation(kept(reason))
    if error == LOST:
        return str(_("its worker has ended without a word: killed, out of memory, or the machine went down"))
    if error.startswith(STOPPED_BY):
        return str(_("stopped by %(person)s", person=error.removeprefix(STOPPED_BY)))
    return error
