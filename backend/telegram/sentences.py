"""What the bot says besides readings, in the language that is in force."""

from __future__ import annotations

from flask_babel import format_percent, gettext

from backend.i18n import LANGUAGES as LANGUAGES
from backend.models import Purpose
from backend.settings import get_settings
from backend.telegram import networks
from backend.telegram.chats import Chat
from backend.telegram.incoming import FILE, TEXT

FORGET = "forget"
METER = Purpose.METER.value

Buttons = tuple[tuple[tuple[str, str], ...], ...]
Choice = tuple[Purpose, str | None]


def start() -> str:
    """What the bot is for."""
    told = gettext(
        "Send me a photo of an electricity, water or gas meter, and I tell what it shows and how sure I am. With "
        "several meters, write the meter's name below the photo. If I am wrong, reply to my message with the right "
        "value."
    )
    return f"{told}\n\n{commands()}"


def commands() -> str:
    """The commands, a line each."""
    return "\n".join(f"/{name} — {what}" for name, what in menu())


def menu() -> list[tuple[str, str]]:
    """The commands with what they do."""
    return [
        ("help", gettext("what I can do")),
        ("history", gettext("your readings, and the use between them")),
        ("models", gettext("what your photos show, and which network reads them")),
        ("language", gettext("English or Russian")),
        ("privacy", gettext("what is kept, and how to delete it")),
    ]


def too_often() -> str:
    """Said once a minute."""
    limit = get_settings().telegram_limit
    return gettext("You send more than I may answer (%(limit)s). Please send the rest again in a minute.", limit=limit)


def no_picture(kind: str) -> str:
    """For everything that is not a photo: what it was, and what is wanted."""
    known = {
        TEXT: gettext("That was a text."),
        FILE: gettext("That was a file which is no picture."),
        "sticker": gettext("That was a sticker."),
        "voice": gettext("That was a voice message."),
        "audio": gettext("That was a sound file."),
        "animation": gettext("That was an animation."),
        "video": gettext("That was a video."),
        "video_note": gettext("That was a video."),
        "location": gettext("That was a place."),
        "contact": gettext("That was a contact."),
        "poll": gettext("That was a poll."),
        "story": gettext("That was a story."),
        "game": gettext("That was a game."),
        "checklist": gettext("That was a checklist."),
    }
    was = known.get(kind) or gettext("That was something else.")
    return f"{was} " + gettext("Please send a photo of the meter, or its picture as a file (JPEG, PNG or WebP).")


def language_buttons() -> Buttons:
    """The languages by their own names."""
    return (tuple((name, f"language:{code}") for code, name in LANGUAGES.items()),)


def choices() -> dict[str, Choice]:
    """What photos may show, and by which network it is read, as buttons name it."""
    return {METER: (Purpose.METER, None)} | {name: (Purpose.DIGIT, name) for name in networks.published()}


def labels() -> dict[str, str]:
    """Each network for digits, in a few words."""
    return {
        "lenet": gettext("Digit, LeNet (1998)"),
        "lenet_better": gettext("Digit, a newer network"),
        "drawn_convolutional": gettext("Digit, a convolutional network"),
        "drawn_dense": gettext("Digit, a dense network"),
    }


def models(chat: Chat) -> str:
    """What reads, and how well, by its own card."""
    lines = [gettext("What do your photos show?"), ""]
    found = networks.reader()
    title = gettext("Meter")
    lines.append(f"{title} — {found[0]}: {right(found[1])}" if found else f"{title} — {gettext('none is published')}")
    named = labels()
    there = networks.published()
    for name, card in there.items():
        lines.append(f"{named[name]} — {card.name}/{card.version}: {right(networks.share(card))}")
    network = networks.chosen(chat.network, there) if chat.purpose is Purpose.DIGIT and there else None
    now = named[network] if network else title
    return "\n".join([*lines, "", gettext("Chosen now: %(choice)s.", choice=now)])


def right(share: float | None) -> str:
    """How much is read right."""
    if share is None:
        return gettext("not measured")
    return gettext("%(share)s of pictures it was not taught read right", share=format_percent(share, "#,##0.##%"))


def model_buttons(chat: Chat) -> Buttons:
    """One for each choice."""
    named = {METER: gettext("Meter")} | labels()
    return tuple(((named[name], f"purpose:{name}"),) for name in choices())


def next_photo(purpose: Purpose, network: str | None) -> str:
    """What is expected from now on."""
    if purpose is Purpose.METER:
        return gettext("From now on I look for a meter in your photos.")
    told = gettext("From now on I look for one digit in your photos: dark ink on light paper, the whole digit in view.")
    return f"{told} ({labels()[network or '']})"


def privacy(chat: Chat) -> str:
    """What is kept of a chat."""
    told = gettext(
        "Kept here: the number of this chat, your choices, and your readings with their time. No names, and no "
        "pictures: these stay with Telegram. Only with your consent the display of a corrected reading is kept, to "
        "learn from it, without anything that says who you are."
    )
    states = {
        True: gettext("You agreed that corrections are kept."),
        False: gettext("You did not agree that corrections are kept."),
        None: gettext("You were not asked yet whether corrections may be kept."),
    }
    return f"{told}\n\n{states[chat.consent]}"


def privacy_buttons() -> Buttons:
    """Agree, disagree, delete."""
    return (
        ((gettext("Keep corrections"), "consent:yes"), (gettext("Keep none"), "consent:no")),
        ((gettext("Delete all of mine"), FORGET),),
    )
