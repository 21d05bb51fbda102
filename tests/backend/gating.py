"""Versions whose gates are asked, and what they answer."""

from typing import Any

from sqlalchemy import select, update

from backend.database import db
from backend.models import NeuralVersion, Split, Training, VersionReading
from backend.services import gates, versions
from backend.settings import Settings

from .test_version_readings import add_version


def outcomes(version_id: int) -> dict[str, str]:
    """The outcomes of a version's gates as they stand now."""
    session = db.session()
    found = gates.of(session, session.get_one(NeuralVersion, version_id), versions.published(session))
    assert all("%(" not in str(gate.why) for gate in found)
    return {gate.name: gate.outcome for gate in found}


def spoil(version_id: int, count: int) -> None:
    """Let a version have read so many validation samples wrongly."""
    of_side = select(Training.id).where(Training.type == Split.VALIDATE.value).order_by(Training.id).limit(count)
    mine = (VersionReading.version_id == version_id) & VersionReading.training_id.in_(of_side)
    db.session.execute(update(VersionReading).where(mine).values(text="77777"))
    db.session.commit()


def digest_of(version_id: int) -> str:
    return db.session.get_one(NeuralVersion, version_id).card_sha256


def with_gates(settings: Settings, number: int, **found: Any) -> int:
    """A version whose card says this about gates."""
    return add_version(settings, number, metrics={"gates": found})
