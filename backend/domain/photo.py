"""A whole photo: which of the readings of a display in it counts.

A display that is read with much doubt may have been found badly: the finder then looks closer, all of the picture is
read, too, and the surest reading counts. A picture that is a display cut out already is read as it is.
`frontend/js/photo.js` is the same in JavaScript; `tests/browser/test_photo_policy.py` holds both together.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from backend.domain.imaging import ImageError
from backend.domain.outline import Corners, Outline
from backend.domain.reading import Reading

CLOSER = 0.6
"""A reading less sure than this is worth a closer look: surer ones, accepted or not, are hardly ever changed by it."""

STRIP = 2.4
"""So many times as wide as high is a display cut out already: phones take photos of up to 20 : 9, and the displays of
meters are from 3 : 1 on, with the margin that people leave."""


@dataclass(frozen=True)
class Display:
    """What is read of a photo and where: in the corners, float64 (4, 2), or in the whole picture."""

    reading: Reading
    corners: Corners | None


def is_strip(width: int, height: int) -> bool:
    """Whether a picture is a display cut out already, by its shape."""
    return width >= STRIP * height


def read_display(
    outline: Outline | None,
    closer: Callable[[Outline], Outline],
    in_outline: Callable[[Corners], Reading],
    whole: Callable[[], Reading] | None,
) -> Display | None:
    """The reading that counts of what was found in a photo (`outline`, None: nothing); None when nothing was read.

    `closer` looks closer for an outline, `in_outline` reads one, `whole` reads all of the picture, if that may be done.
    An outline that `in_outline` refuses with ImageError, as it cannot be straightened, counts as none.
    """
    found = _tried(in_outline, outline)
    if found and outline and found.reading.confidence < CLOSER:
        nearer = _tried(in_outline, closer(outline))
        if nearer:
            found = _surer(found, replace(nearer, reading=confirmed(nearer.reading, found.reading)))
    if whole is None or (found and found.reading.confidence >= CLOSER):
        return found
    return _surer(found, Display(whole(), None))


def confirmed(nearer: Reading, found: Reading) -> Reading:
    """What is read after a closer look for the display, accepted only where it says the same as what was read before.

    An outline that cuts digits off is read surely, too.
    """
    if nearer.accepted and nearer.text != found.text:
        return replace(nearer, accepted=False, reason="doubtful")
    return nearer


def _tried(in_outline: Callable[[Corners], Reading], outline: Outline | None) -> Display | None:
    """What is read in an outline, if there is one that can be read."""
    if outline is None:
        return None
    try:
        return Display(in_outline(outline.corners), outline.corners)
    except ImageError:
        return None


def _surer(found: Display | None, other: Display) -> Display:
    """The surer of both; the first wins a tie."""
    return found if found and found.reading.confidence >= other.reading.confidence else other
