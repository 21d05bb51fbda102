"""Half-turned drums: a reading is the lower digit until the next has come, but not all people read so.

Photographs are labelled by the lower or by the nearer digit, not always alike. A drum that is more than half turned
therefore has the next reading as a second one where its picture is made, as such a photograph may have
(`also_accepted`): how surely a kind of meter is read by the lower digit is left for its photographs to say.
"""

HALF = 0.5  # of a step; from here on the nearer digit is the next one
COME = 0.85  # from here on hardly anyone reads the lower one


def next_reading(text: str) -> str | None:
    """The reading one unit of the last digit on: "129.9" → "130.0"; None where all drums would roll over."""
    digits = text.replace(".", "")
    if set(digits) == {"9"}:
        return None
    after = str(int(digits) + 1).zfill(len(digits))
    point = text.find(".")
    return after if point < 0 else f"{after[:point]}.{after[point:]}"
