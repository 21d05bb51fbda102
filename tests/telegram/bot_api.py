"""A server on this machine that speaks the Bot API's documented methods (https://core.telegram.org/bots/api).

It keeps updates until they are confirmed by a higher offset, takes messages with the documented limits, and fails when
told to: `fail("sendMessage", 500)`; "cut" does what was asked and cuts its answer, "drop" hangs up before doing it,
"hang" does not answer at all; "drip" and "pour" answer without an end, a byte or a megabyte at a time.
"""

import json
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any

from .connections import Handler, Refused

PATIENCE = 180.0  # seconds until a test that waits gives up


@dataclass(frozen=True)
class Sent:
    """A message that the bot has sent."""

    chat_id: int
    message_id: int
    text: str
    picture: bytes | None
    reply_to: int | None
    buttons: dict[str, str] = field(default_factory=dict)


class BotApi:
    """The server, and what it knows."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.updates: dict[int, dict[str, Any]] = {}
        self.sent: list[Sent] = []
        self.calls: Counter[str] = Counter()
        self.faults: dict[str, deque[str | int]] = {}
        self.files: dict[str, bytes] = {}
        self.menus: dict[str, list[dict[str, str]]] = {}
        self.webhook: dict[str, Any] | None = None
        self.failure: BaseException | None = None  # of the bot: no test waits for a dead one
        self.hanging = 0  # calls that get no answer
        self.hung_up = 0  # answers without an end that the bot did not wait for
        self.forgetful = False  # sends everything again, whatever the offset
        self.next_update, self.next_message = 1000, 1
        self.port = 0
        self.start()

    def start(self) -> None:
        """Listen, at the same port as before."""
        handler = type("Handler", (Handler,), {"api": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.closing = False
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        """Refuse connections from now on."""
        with self.changed:
            self.closing = True
            self.changed.notify_all()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fail(self, method: str, *faults: str | int) -> None:
        """Let the next calls of a method fail: by a status, "cut" or "drop"; "ok" lets one through."""
        self.faults.setdefault(method, deque()).extend(faults)

    # What people do.

    def say(self, text: str, chat: int = 7, **message: Any) -> int:
        """Somebody writes a text; returns the message's number."""
        return self.message(chat, text=text, **message)

    def show(self, picture: bytes, chat: int = 7, as_file: str | None = None, **message: Any) -> int:
        """Somebody sends a picture, as a photo or as a file of a type."""
        file_id = f"file{len(self.files)}"
        self.files[file_id] = picture
        about = {"file_id": file_id, "file_unique_id": file_id, "file_size": len(picture)}
        if as_file:
            return self.message(chat, document={**about, "mime_type": as_file, "file_name": "it"}, **message)
        small = {**about, "file_id": "small", "width": 9, "height": 9}
        return self.message(chat, photo=[small, {**about, "width": 1280, "height": 960}], **message)

    def message(self, chat: int, language: str = "en", reply_to: int | None = None, **content: Any) -> int:
        """Somebody sends anything."""
        number = self.new_message()
        about = {"date": int(time.time()), "chat": {"id": chat, "type": "private"}}
        sender = {"id": chat, "is_bot": False, "first_name": "A", "language_code": language}
        message = {"message_id": number, **about, "from": sender, **content}
        if reply_to is not None:
            answer = next((each for each in self.sent if each.message_id == reply_to), None)
            words = {"caption" if answer.picture else "text": answer.text} if answer else {}
            message["reply_to_message"] = {"message_id": reply_to, **about, **words}
        self.update(message=message)
        return number

    def press(self, label: str, chat: int = 7, language: str = "en") -> None:
        """Somebody presses a button of the latest message that has it."""
        sent = next(each for each in reversed(self.sent) if each.chat_id == chat and label in each.buttons)
        sender = {"id": chat, "is_bot": False, "first_name": "A", "language_code": language}
        message = {"message_id": sent.message_id, "date": 1, "chat": {"id": chat, "type": "private"}, "text": "x"}
        query = {"id": "q", "from": sender, "message": message, "chat_instance": "c", "data": sent.buttons[label]}
        self.update(callback_query=query)

    def update(self, **content: Any) -> int:
        """Something happens."""
        with self.changed:
            self.next_update += 1
            self.updates[self.next_update] = {"update_id": self.next_update, **content}
            self.changed.notify_all()
            return self.next_update

    def new_message(self) -> int:
        with self.changed:
            self.next_message += 1
            return self.next_message

    def wait(self, count: int) -> list[Sent]:
        """What the bot has sent, once it is so many messages."""
        self.until(lambda: len(self.sent) >= count)
        return self.sent

    def until(self, holds: Any) -> None:
        """Wait until something holds."""
        with self.changed:
            in_time = self.changed.wait_for(lambda: self.failure or holds(), PATIENCE)
        if self.failure:
            raise self.failure
        assert in_time, f"sent: {self.sent}, called: {self.calls}"

    # The methods.

    def call(self, method: str, given: dict[str, str], files: dict[str, bytes]) -> Any:
        """One call by its documented name."""
        found = getattr(self, f"on_{method}", None)
        if found is None:
            raise Refused(404, "Not Found")
        return found(given, files)

    def on_getMe(self, given: dict[str, str], files: dict[str, bytes]) -> Any:
        return {"id": 4242, "is_bot": True, "first_name": "Meter", "username": "meter_bot"}

    def on_getUpdates(self, given: dict[str, str], files: dict[str, bytes]) -> Any:
        if self.webhook:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        with self.changed:
            offset = int(given.get("offset", 0))
            if not self.forgetful:
                self.updates = {number: each for number, each in self.updates.items() if number >= offset}
            self.changed.wait_for(lambda: self.updates or self.closing, min(2.0, float(given.get("timeout", 0))))
            return list(self.updates.values())[: int(given.get("limit", 100))]

    def on_sendMessage(self, given: dict[str, str], files: dict[str, bytes]) -> Any:
        if not 1 <= len(given["text"]) <= 4096:
            raise Refused(400, "Bad Request: message text is empty or too long")
        return self.take(given, given["text"], None)

    def on_sendPhoto(self, given: dict[str, str], files: dict[str, bytes]) -> Any:
        (picture,) = files.values()
        if len(given["caption"]) > 1024:
            raise Refused(400, "Bad Request: message caption is too long")
        return self.take(given, given["caption"], picture)

    def take(self, given: dict[str, str], text: str, picture: bytes | None) -> Any:
        """Keep a message that the bot sends."""
        reply = json.loads(given.get("reply_parameters", "{}"))
        rows = json.loads(given.get("reply_markup", "{}")).get("inline_keyboard", [])
        buttons = {each["text"]: each["callback_data"] for row in rows for each in row}
        if any(len(data.encode()) > 64 for data in buttons.values()):
            raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
        number, chat = self.new_message(), int(given["chat_id"])
        with self.changed:
            self.sent.append(Sent(chat, number, text, picture, reply.get("message_id"), buttons))
            self.changed.notify_all()
        return {"message_id": number, "date": int(time.time()), "chat": {"id": chat, "type": "private"}, "text": text}

    def on_getFile(self, given: dict[str, str], files: dict[str, bytes]) -> Any:
        file_id = given["file_id"]
        if file_id not in self.files:
            raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        size = len(self.files[file_id])
        return {"file_id": file_id, "file_unique_id": file_id, "file_size": size, "file_path": f"photos/{file_id}"}

    def on_setWebhook(self, given: dict[str, str], files: dict[str, bytes]) -> Any:
        self.webhook = {**given, "allowed_updates": json.loads(given["allowed_updates"])}
        return True

    def on_deleteWebhook(self, given: dict[str, str], files: dict[str, bytes]) -> Any:
        self.webhook = None
        return True

    def on_setMyCommands(self, given: dict[str, str], files: dict[str, bytes]) -> Any:
        self.menus[given.get("language_code", "")] = json.loads(given["commands"])
        return True

    def on_sendChatAction(self, given: dict[str, str], files: dict[str, bytes]) -> Any:
        return True

    def on_answerCallbackQuery(self, given: dict[str, str], files: dict[str, bytes]) -> Any:
        return True
