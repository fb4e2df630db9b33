"""A person with a phone, for tests that read like a story; it speaks to the emulator's door, never to the bot.

async with Telegram(base_url) as tg:
    ali = await tg.person("Ali", role="worker")
    await ali.send("/start")
    card = await ali.wait_for("Browse jobs")
    toast = await ali.press("Browse jobs")
"""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import Callable
from typing import Any

import aiohttp

from tests.door import Door, DoorRefusedError
from tests.screen import Message, Payment, Toast, looked_at

__all__ = ["DoorRefusedError", "Message", "Payment", "Phone", "Telegram", "Toast"]

Json = dict[str, Any]

_SHOWN_MESSAGES = 8


class Telegram(Door):
    """The door of one emulator, and the phones of the people behind it."""

    def __init__(self, base_url: str, **patience: float) -> None:
        super().__init__(base_url, **patience)
        self.phones: dict[int, Phone] = {}
        self.second_chats: list[Phone] = []

    async def person(
        self, first_name: str, *, bot: int | None = None, patience_seconds: float | None = None, **fields: Any
    ) -> Phone:
        """Bring a person to life; `bot` says whom they write to when there are several."""
        body = await self.call("POST", "people", {"first_name": first_name, **fields})
        phone = Phone(self, body, bot=bot, patience_seconds=patience_seconds or self.patience_seconds)
        self.phones[phone.id] = phone
        return phone

    async def phone(self, person_id: int, *, patience_seconds: float | None = None) -> Phone:
        """Pick up the phone of somebody who is there already."""
        body = next(body for body in await self.people() if body["id"] == person_id)
        phone = Phone(self, body, bot=None, patience_seconds=patience_seconds or self.patience_seconds)
        self.phones[phone.id] = phone
        return phone

    def heard(self, event: Json) -> None:
        """Let the person's phone know that something changed, or was deleted."""
        super().heard(event)
        person = event.get("person", 0)
        for phone in (self.phones.get(person), *self.second_chats):
            if phone is not None and phone.id == person:
                phone.heard(event)


class Phone:
    """One person and their chat with the bot."""

    def __init__(self, telegram: Telegram, body: Json, *, bot: int | None, patience_seconds: float) -> None:
        self.telegram = telegram
        self.body = body
        self.bot = bot
        self.patience_seconds = patience_seconds
        self.changed = asyncio.Event()
        self.deleted: list[int] = []
        self._seen: dict[int, int] = {}

    @property
    def id(self) -> int:
        """The person's number, which is also the chat's."""
        return int(self.body["id"])

    @property
    def name(self) -> str:
        return str(self.body["first_name"])

    @property
    def phone(self) -> str:
        """The person's telephone number."""
        return str(self.body["phone"])

    def __repr__(self) -> str:
        return f"<Phone of {self.name} ({self.id})>"

    def with_bot(self, bot: int) -> Phone:
        """Give the same person's chat with another bot."""
        phone = Phone(self.telegram, self.body, bot=bot, patience_seconds=self.patience_seconds)
        self.telegram.second_chats.append(phone)
        return phone

    def heard(self, event: Json) -> None:
        """Take notice of an event in this person's chats."""
        if event["type"] == "deleted" and self.bot in (None, event["bot"]):
            self.deleted.append(event["message_id"])
        self.changed.set()

    # -- doing ----------------------------------------------------------------------------------------------------

    async def send(self, text: str, *, reply_to: int | None = None) -> int:
        """Write a text and answer the number of the message."""
        body: Json = {"text": text, **({"reply_to": reply_to} if reply_to else {})}
        return (await self._act("text", body))[0]

    async def edit(self, message_id: int, text: str) -> None:
        """Edit an own message."""
        await self.mark()
        await self._post("edit", {"message_id": message_id, "text": text})

    async def send_photos(self, pictures: list[bytes], *, caption: str | None = None) -> list[int]:
        """Send pictures; several go out as an album."""
        form = aiohttp.FormData()
        for number, picture in enumerate(pictures):
            form.add_field("file", io.BytesIO(picture), filename=f"photo{number}.jpg", content_type="image/jpeg")
        if caption is not None:
            form.add_field("caption", caption)
        return await self._act("photos", form)

    async def send_photo(self, picture: bytes, *, caption: str | None = None) -> int:
        """Send one picture."""
        return (await self.send_photos([picture], caption=caption))[0]

    async def send_document(
        self, data: bytes, filename: str, mime: str = "application/octet-stream", *, caption: str | None = None
    ) -> int:
        """Send a file as it is."""
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(data), filename=filename, content_type=mime)
        if caption is not None:
            form.add_field("caption", caption)
        return (await self._act("documents", form))[0]

    async def send_sticker(self) -> int:
        """Send a sticker."""
        return (await self._act("sticker", {}))[0]

    async def send_voice(self, duration: int = 3) -> int:
        """Send a voice message."""
        return (await self._act("voice", {"duration": duration}))[0]

    async def send_video(self) -> int:
        """Send a video."""
        return (await self._act("video", {}))[0]

    async def send_location(self, latitude: float, longitude: float) -> int:
        """Send a place."""
        return (await self._act("location", {"latitude": latitude, "longitude": longitude}))[0]

    async def send_contact(
        self, phone_number: str = "", first_name: str | None = None, *, user_id: int | None = None
    ) -> int:
        """Send a contact: the person's own unless `user_id` is another's."""
        body: Json = {"phone_number": phone_number, "first_name": first_name or self.name}
        return (await self._act("contact", {**body, **({"user_id": user_id} if user_id else {})}))[0]

    async def press(self, words: str, *, message_id: int | None = None, nth: int = 1) -> Toast:
        """Press the button with these words on the newest message that has it, and wait for the answer.

        Raises: AssertionError, which shows the screen, when there is no such button on it.
        """
        callback = await self.tap(words, message_id=message_id, nth=nth)
        return await self.toast(callback)

    async def tap(self, words: str, *, message_id: int | None = None, nth: int = 1) -> str:
        """Press as `press` does, but do not wait; answer the callback's number."""
        messages = [message for message in await self.chat() if message_id in (None, message.message_id)]
        for message in reversed(messages):
            if not message.mine and (button := message.button(words, nth=nth)) is not None:
                if "callback_data" not in button:
                    raise AssertionError(f"the button {button['text']!r} opens something: {button}")
                return await self.tap_data(message.message_id, button["callback_data"])
        raise AssertionError(f"{self.name} sees no button {words!r}.\n{await self.dump()}")

    async def press_old(self, seen: Message, words: str, *, nth: int = 1) -> Toast:
        """Press a button as it was when the message was `seen`, whether it is still shown or not.

        Raises: AssertionError when it was not there even then.
        """
        button = seen.button(words, nth=nth)
        assert button is not None, f"{self.name} never saw a button {words!r} on {seen}"
        return await self.press_data(seen.message_id, button["callback_data"])

    async def press_data(self, message_id: int, data: str) -> Toast:
        """Press a button by its data, also one that is no longer shown, and wait for the answer."""
        return await self.toast(await self.tap_data(message_id, data))

    async def tap_data(self, message_id: int, data: str, *, hasty: bool = False) -> str:
        """Press a button by its data without waiting; answer the callback's number.

        People look before they tap: the moment at the end of the data, by which the bot knows that somebody did not,
        is pressed only when `hasty`.
        """
        await self.mark()
        answer = await self._post("press", {"message_id": message_id, "data": data if hasty else looked_at(data)})
        callback = str(answer["callback_query_id"])
        self.telegram.pressed.append(callback)
        return callback

    async def pay(self, message: Message, *, tip: int = 0) -> Payment:
        """Pay an invoice, wait, and say what became of it."""
        asked = await self._post("pay", {"message_id": message.message_id, "tip_amount": tip})
        found: Json = {}

        async def look() -> bool:
            found.update(await self.telegram.call("GET", f"payments/{asked['pre_checkout_query_id']}"))
            return bool(found["state"] != "waiting")

        await self.wait_while_not(look, "an answer to the payment")
        return Payment(found["state"], found["error_message"] or None)

    async def block(self) -> None:
        """Block the bot."""
        await self._post("block", {})

    async def unblock(self) -> None:
        """Let the bot write again."""
        await self._post("unblock", {})

    async def read(self) -> None:
        """Read what is unread."""
        await self._post("read", {})

    async def group_text(self, text: str, *, chat_id: int | None = None, title: str = "A group") -> Json:
        """Write in a group with the bot in it."""
        where: Json = {"chat_id": chat_id} if chat_id is not None else {"title": title}
        answer: Json = await self._post("group_text", {"text": text, **where})
        return answer

    # -- seeing ---------------------------------------------------------------------------------------------------

    async def view(self) -> Json:
        """Answer the whole chat as the door shows it: messages, commands, keyboard, typing, unread."""
        view: Json = await self._call("GET", "chat")
        return view

    async def chat(self) -> list[Message]:
        """Answer all messages."""
        return [Message(raw) for raw in (await self.view())["messages"]]

    async def screen(self) -> Message:
        """Answer the newest message of the bot."""
        for message in reversed(await self.chat()):
            if not message.mine:
                return message
        raise AssertionError(f"the bot has written nothing to {self.name} yet")

    async def message(self, message_id: int) -> Message:
        """Answer a message as it looks now.

        Raises: AssertionError when it is not there (any more).
        """
        for message in await self.chat():
            if message.message_id == message_id:
                return message
        raise AssertionError(f"{self.name} sees no message {message_id}.\n{await self.dump()}")

    async def buttons(self) -> list[str]:
        """Answer the words on the newest message that has buttons."""
        for message in reversed(await self.chat()):
            if message.buttons:
                return message.buttons
        return []

    async def reply_keyboard(self) -> list[str]:
        """Answer the words on the keyboard under the text field."""
        keyboard = (await self.view())["reply_keyboard"] or {"keyboard": []}
        return [button["text"] for row in keyboard["keyboard"] for button in row]

    async def commands(self) -> list[str]:
        """Answer the names in the command menu."""
        return [row["command"] for row in (await self.view())["commands"]]

    async def pinned(self) -> list[int]:
        """Answer the numbers of the messages pinned at the top, the newest pin last."""
        pinned: list[int] = (await self.view())["pinned"]
        return pinned

    async def wait_for_pin(self, message: Message | None) -> None:
        """Wait until this message is the one at the top and no line tells of it, or (None) nothing is pinned."""

        async def look() -> bool:
            view = await self.view()
            told = any("pinned_message" in raw for raw in view["messages"])
            return bool(view["pinned"][-1:] == ([] if message is None else [message.message_id]) and not told)

        await self.wait_while_not(look, f"{message or 'nothing'} to be pinned")

    async def mark(self) -> None:
        """Call everything on the screen old: `wait_for` looks only at what is new or edited after this."""
        with contextlib.suppress(DoorRefusedError):
            self._seen = {message.message_id: message.revision for message in await self.chat()}

    async def wait_for(self, text: str, *, timeout_seconds: float | None = None) -> Message:
        """Wait for a message of the bot, new or edited since the last action, that contains the text."""

        def fits(message: Message) -> bool:
            return text in message.text

        return await self.wait_until(fits, f"a message with {text!r}", timeout_seconds=timeout_seconds)

    async def wait_for_button(self, words: str, *, timeout_seconds: float | None = None) -> Message:
        """Wait for a message of the bot, new or edited since the last action, that has the button."""

        def fits(message: Message) -> bool:
            return message.button(words) is not None

        return await self.wait_until(fits, f"a button {words!r}", timeout_seconds=timeout_seconds)

    async def wait_for_deletion(self, message_id: int) -> None:
        """Wait until a message is gone."""

        async def look() -> bool:
            return all(message.message_id != message_id for message in await self.chat())

        await self.wait_while_not(look, f"message {message_id} to be deleted")

    async def wait_until(
        self, fits: Callable[[Message], bool], what: str, *, timeout_seconds: float | None = None
    ) -> Message:
        """Wait for a message of the bot, new or edited since the last action, that fits."""
        found: list[Message] = []

        async def look() -> bool:
            found[:] = [message for message in await self._news() if fits(message)]
            return bool(found)

        await self.wait_while_not(look, what, timeout_seconds=timeout_seconds)
        return found[-1]

    async def wait_while_not(self, look: Callable[[], Any], what: str, *, timeout_seconds: float | None = None) -> None:
        """Wait until a coroutine function answers true, looking again whenever this person's chat changes."""
        try:
            async with asyncio.timeout(timeout_seconds or self.patience_seconds):
                while True:
                    self.changed.clear()
                    if await look():
                        return
                    await self.changed.wait()
        except TimeoutError:
            raise AssertionError(f"{self.name} waited in vain for {what}.\n{await self.dump()}") from None

    async def toast(self, callback_query_id: str) -> Toast:
        """Wait for the answer to a press."""

        async def look() -> bool:
            return await self.answered(callback_query_id)

        await self.wait_while_not(look, "an answer to the pressed button")
        row = await self.telegram.call("GET", f"callbacks/{callback_query_id}")
        return Toast(row["text"] or None, row["show_alert"], row["url"] or None)

    async def answered(self, callback_query_id: str) -> bool:
        """Say whether a press has been answered."""
        return await self.telegram.answered(callback_query_id)

    async def dump(self) -> str:
        """Write down the end of the chat for a person to read."""
        try:
            messages = await self.chat()
        except DoorRefusedError as error:
            return f"(no chat: {error})"
        lines = [f"The chat of {self.name} ({self.id}), {len(messages)} messages:"]
        lines += [("* " if self._is_news(m) else "  ") + str(m) for m in messages[-_SHOWN_MESSAGES:]]
        return "\n".join([*lines, "(* new or edited since the last action)"])

    # -- inside ---------------------------------------------------------------------------------------------------

    def _is_news(self, message: Message) -> bool:
        return not message.mine and message.revision > self._seen.get(message.message_id, -1)

    async def _news(self) -> list[Message]:
        return [message for message in await self.chat() if self._is_news(message)]

    async def _act(self, path: str, body: Any) -> list[int]:
        await self.mark()
        answer = await self._post(path, body)
        numbers: list[int] = answer["message_ids"]
        return numbers

    async def _post(self, path: str, body: Any) -> Any:
        if self.bot is None and not self.telegram.known_bot:
            await self.telegram.bot()
            self.telegram.known_bot = True
        if self.bot is not None and isinstance(body, aiohttp.FormData):
            body.add_field("bot", str(self.bot))
        elif self.bot is not None:
            body = {**body, "bot": self.bot}
        return await self._call("POST", path, body)

    async def _call(self, method: str, path: str, body: Any = None) -> Any:
        query = f"?bot={self.bot}" if self.bot is not None and method == "GET" else ""
        return await self.telegram.call(method, f"people/{self.id}/{path}{query}", body)
