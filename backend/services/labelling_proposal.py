"""What the queue shows of a sample: the proposed value as its meter would show it, and how sure each digit is."""

from __future__ import annotations

from dataclasses import dataclass

from backend.models import Training
from backend.services import surprise

DOUBTFUL_DIGIT = 0.9  # below it a digit is marked


@dataclass(frozen=True)
class Proposal:
    """A proposed value, with zeros in front as the meter type has drums, and the confidence of each of its characters.

    `doubtful` are the positions to look at; a character that nothing is known of has no confidence.
    """

    value: str
    confidences: tuple[float | None, ...]
    doubtful: tuple[int, ...]


def proposal(sample: Training) -> Proposal:
    """What is proposed for a sample: by the version that read it, else nothing."""
    if not sample.proposed_value:
        return Proposal("", (), ())
    value = padded(sample.proposed_value, sample.meter_type.digits)
    confidences = character_confidences(sample, value)
    doubtful = [at for at, sure in enumerate(confidences) if sure is not None and sure < DOUBTFUL_DIGIT]
    return Proposal(value, tuple(confidences), tuple(doubtful))


def padded(value: str, digits: int | None) -> str:
    """A value with as many digits as the meter shows; the network cannot tell a drum at zero from none."""
    missing = (digits or 0) - sum(character.isdigit() for character in value)
    return "0" * max(missing, 0) + value


def character_confidences(sample: Training, value: str) -> list[float | None]:
    """How sure each character of a value is; the point has the confidence of its place."""
    if sample.proposed_probabilities is None:
        return [None] * len(value)
    try:
        point, *digits = surprise.chances(surprise.unpack([sample.proposed_probabilities]), [value])[0].tolist()
    except ValueError:  # bytes that are no probabilities say nothing
        return [None] * len(value)
    shown = iter(digits[-sum(character.isdigit() for character in value) :])
    return [round(point if character == "." else next(shown), 4) for character in value]
