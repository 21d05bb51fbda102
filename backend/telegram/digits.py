"""A digit on paper: what the network for digits sees in a photo, and how that is told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from flask_babel import gettext
from numpy.typing import NDArray
from PIL import Image

from backend.domain.classifier_card import ClassifierCard
from backend.domain.drawn import NoInkError, centred
from backend.domain.imaging import load
from backend.domain.paper import PaperError, ink_of
from backend.models import Purpose
from backend.services.classifying import classify
from backend.services.pictures import check_cost
from backend.services.reading import ReaderError, get_readers
from backend.telegram import kept, networks
from backend.telegram.chats import Chat
from backend.telegram.inbox import Answer
from backend.telegram.incoming import Incoming
from backend.telegram.kept import percent
from backend.telegram.shown import as_jpeg

Ink = NDArray[np.float32]

SURE = 0.95  # that something is a digit which nobody asked for
ENLARGED = 8  # times is a digit's picture shown


@dataclass(frozen=True)
class Seen:
    """The likeliest digit and the next one, each with its probability; the network; what that saw."""

    digit: str
    sure: float
    second: str
    chance: float
    version: str
    picture: Image.Image


def read(data: bytes, network: str | None) -> Seen:
    """The digit in a photo. Raises ImageError, PaperError, NoInkError or ReaderError."""
    there = networks.published()
    recipe = networks.chosen(network, there)
    return told_by(recipe, there[recipe], written(data))


def written(data: bytes) -> Ink:
    """The ink of a digit, as networks for digits take it. Raises ImageError, PaperError or NoInkError."""
    with get_readers().slot():
        check_cost(data)
        return centred(ink_of(load(data)))


def told_by(recipe: str, card: ClassifierCard, ink: Ink) -> Seen:
    """What one network tells, published with this card. Raises ReaderError."""
    (best, sure), (second, chance), *_ = classify(recipe, ink)
    side = ENLARGED * ink.shape[0]
    picture = Image.fromarray((255 * (1 - ink[..., 0])).round().astype("uint8"))
    shown = picture.resize((side, side), Image.Resampling.NEAREST)
    return Seen(best, min(1.0, sure), second, chance, f"{card.name}/{card.version}", shown)


def surely(data: bytes) -> Seen | None:
    """The digit that all published networks are sure of: each alone is sure of many things that are none.

    Of 90 pictures of other things one network was surer than 0.95 of 20, all four together of 3; of 90 digits, of 87
    and 81.
    """
    try:
        ink = written(data)
        seen = [told_by(recipe, card, ink) for recipe, card in networks.published().items()]
    except (PaperError, NoInkError, ReaderError):
        return None
    alike = len({each.digit for each in seen}) == 1 and min(each.sure for each in seen) >= SURE
    return seen[0] if alike else None


def answer(seen: Seen, incoming: Incoming, chat: Chat, before: str = "") -> Answer:
    """Tell a digit, and keep it for a correction."""
    row = kept.keep(incoming, chat, Purpose.DIGIT, seen.digit, seen.sure, seen.sure >= SURE, seen.version)
    values = {"digit": seen.digit, "sure": percent(seen.sure), "second": seen.second, "chance": percent(seen.chance)}
    text = gettext("%(digit)s (%(sure)s%% sure; next %(second)s, %(chance)s%%)", **values)
    told = [before, text, gettext("If that is not right, reply to this message with the right digit.")]
    return Answer("\n".join(filter(None, told)), as_jpeg(seen.picture), reading_id=row.id)


def instead(data: bytes, told: str, incoming: Incoming, chat: Chat) -> Answer:
    """The answer where no display is: a digit, if it surely is one; else how to have it told as one, if that can be."""
    if not networks.published():
        return Answer(told)
    seen = surely(data)
    if seen is None:
        return Answer(f"{told}\n" + gettext("If it is a digit on paper, choose that with /models and send it again."))
    before = gettext(
        "I see no display of a meter here, but perhaps a digit on paper (/models chooses what I look for):"
    )
    return answer(seen, incoming, chat, before)
