"""The gates of a version as they stand now: passed, failed, unknown, or open, when something has yet to be read.

What its card says was found when it was made. Two things may be known better by now: which version is published, so
that is the one it has to be compared with, and which meter a sample shows, so leaks are looked for once more. What
failed or is open stands in the way of publishing, and so a version that nobody has compared with the published one is
open; what else nobody can know here is said to be unknown.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.domain.gates import AGREEMENT, FAILED, PASSED, UNKNOWN, statistic
from backend.models import READER, NeuralVersion
from backend.services import gates_beside
from backend.services.gate import Gate, Sentence, recorded
from backend.services.gates_leaks import inheriting, leaking
from backend.services.gates_reading import comparison, keeping, validation_samples


def of(session: Session, version: NeuralVersion, published: NeuralVersion | None) -> list[Gate]:
    """All gates of a version as they stand now, with the version that is published in its slot."""
    if version.slot != READER:
        return gates_beside.of(version, published)
    wanted = validation_samples(session, version)
    leaks = [leaking(session, version), inheriting(session, version)]
    read = comparison(session, version, published, wanted), keeping(session, version, wanted)
    return [gate for gate in (read[0], agreement(version), *leaks, read[1]) if gate]


def agreement(version: NeuralVersion) -> Gate:
    """Whether Keras, TFLite and TensorFlow.js read alike, as its card says; older exports refused what did not."""
    made, numbers = recorded(version, AGREEMENT), statistic(statistic(version.statistics, "export"), "numbers")
    if made.get("outcome") == FAILED:
        reasons = made["reasons"] if isinstance(made.get("reasons"), list) else []
        values = {"reason": "; ".join(map(str, reasons)) or "?"}
        why = Sentence("Keras, TFLite and TensorFlow.js do not read alike: %(reason)s.", **values)
        return Gate(AGREEMENT, FAILED, why)
    right = [statistic(numbers, name).get("same_reading") for name in ("tflite", "tfjs_wasm")]
    pictures = numbers.get("pictures")
    if not isinstance(pictures, int) or right != [pictures, pictures]:
        why = Sentence("Its card does not say whether Keras, TFLite and TensorFlow.js read alike.")
        return Gate(AGREEMENT, UNKNOWN, why)
    why = Sentence("Keras, TFLite and TensorFlow.js read %(pictures)s pictures alike.", pictures=pictures)
    return Gate(AGREEMENT, PASSED, why)
