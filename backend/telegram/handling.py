"""What is answered to whom: one function for each command, button and kind of message."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import force_locale, gettext

from backend.database import db
from backend.telegram import chats, corrections, history, photos, rates, sentences
from backend.telegram.chats import Chat
from backend.telegram.inbox import Answer
from backend.telegram.incoming import PICTURE, TEXT, Incoming
from backend.telegram.photos import Fetch

Command = Callable[[Chat], Answer]


def respond(incoming: Incoming, fetch: Fetch) -> Answer | None:
    """The answer to a message, with what goes with it in the session; None when it gets none.

    `fetch` gives the bytes of a picture; the session holds no transaction while it does.
    """
    chat = chats.of(incoming.chat_id, incoming.language)
    with force_locale(chat.language):
        if not rates.allow(chat.id):
            return Answer(sentences.too_often()) if rates.allow_telling(chat.id) else None
        if incoming.pressed is not None:
            return press(incoming.pressed, chat, fetch)
        if incoming.kind == PICTURE:
            return photos.answer(incoming, chat, fetch)
        return said(incoming, chat, fetch) if incoming.kind == TEXT else Answer(sentences.no_picture(incoming.kind))


def said(incoming: Incoming, chat: Chat, fetch: Fetch) -> Answer:
    """The answer to a text: a command, a correction, or anything else."""
    if command := incoming.command:
        return COMMANDS.get(command, unknown)(chat)
    if incoming.reply_to is not None:
        return corrections.correct(incoming, chat, fetch)
    if corrections.NUMBER.fullmatch(incoming.text.strip()):
        return Answer(gettext("To correct a reading, reply to the message in which I told it, with the right value."))
    return Answer(sentences.no_picture(TEXT))


def unknown(chat: Chat) -> Answer:
    """For what is no command."""
    return Answer(gettext("I do not know that command.") + "\n\n" + sentences.commands())


def language(chat: Chat) -> Answer:
    """Ask for the language."""
    return Answer(gettext("Choose the language:"), buttons=sentences.language_buttons())


def models(chat: Chat) -> Answer:
    """Tell what reads, how well, and ask what photos show."""
    return Answer(sentences.models(chat), buttons=sentences.model_buttons(chat))


def privacy(chat: Chat) -> Answer:
    """Tell what is kept, and offer to change it."""
    return Answer(sentences.privacy(chat), buttons=sentences.privacy_buttons())


COMMANDS: dict[str, Command] = {
    "/start": lambda chat: Answer(sentences.start()),
    "/help": lambda chat: Answer(sentences.start()),
    "/models": models,
    "/history": lambda chat: Answer(history.text(chat.id)),
    "/language": language,
    "/privacy": privacy,
}


def press(data: str, chat: Chat, fetch: Fetch) -> Answer:
    """The answer to a button, by the data that it was given."""
    what, _, choice = data.partition(":")
    if data in (corrections.YES, corrections.NO):
        return corrections.consent(chat, data == corrections.YES, fetch)
    if what == "language" and choice in sentences.LANGUAGES:
        chats.choose(chat.id, language=choice)
        with force_locale(choice):
            return Answer(gettext("I speak English now."))
    if what == "purpose" and (chosen := sentences.choices().get(choice)):
        purpose, network = chosen
        chats.choose(chat.id, purpose=purpose.value, network=network)
        return Answer(sentences.next_photo(purpose, network))
    if data == sentences.FORGET:
        chats.forget(chat.id)
        db.session.flush()
        return Answer(
            gettext("Your history and your choices are deleted. Corrections that you gave stay, without you.")
        )
    return Answer(gettext("That button is of no use any more."))
