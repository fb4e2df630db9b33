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
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

import aiohttp

from tests.screen import Message, Toast

__all__ = ["DoorRefusedError", "Message", "Phone", "Telegram", "Toast"]

Json = dict[str, Any]

PATIENCE_SECONDS = 10.0
_SHOWN_MESSAGES = 8


class DoorRefusedError(Exception):
    """The door answered with an error."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(f"{status}: {sentence}")
        self.status = status
        self.sentence = sentence


class Telegram:
    """The door of one emulator."""

    def __init__(self, base_url: str, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.base_url = base_url.rstrip("/")
        self.patience_seconds = patience_seconds
        self.phones: dict[int, Phone] = {}
        self.known_bot = False
        self.pressed: list[str] = []
        self._news = asyncio.Event()
        self._session: aiohttp.ClientSession | None = None
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=None)
        self._session = aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0))
        opened = asyncio.get_running_loop().create_future()
        self._listening = asyncio.create_task(self._listen(opened))
        await opened
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._session is not None
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError, aiohttp.ClientError):
                await self._listening
        await self._session.close()

    async def call(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Call the door and answer its JSON.

        Raises: DoorRefusedError.
        """
        assert self._session is not None, "use `async with Telegram(...)`"
        if isinstance(body, aiohttp.FormData):
            more["data"] = body
        elif body is not None:
            more["json"] = body
        async with self._session.request(method, f"{self.base_url}/door/{path}", **more) as response:
            answer = await response.json()
        if response.status >= 400:
            raise DoorRefusedError(response.status, answer["error"])
        return answer

    # -- people and bots ----------------------------------------------------------------------------------------

    async def person(
        self, first_name: str, *, bot: int | None = None, patience_seconds: float | None = None, **fields: Any
    ) -> Phone:
        """Bring a person to life; `bot` says whom they write to when there are several."""
        body = await self.call("POST", "people", {"first_name": first_name, **fields})
        phone = Phone(self, body, bot=bot, patience_seconds=patience_seconds or self.patience_seconds)
        self.phones[phone.id] = phone
        return phone

    async def bots(self) -> list[Json]:
        """Answer the bots that have called."""
        bots: list[Json] = await self.call("GET", "bots")
        return bots

    async def bot(self) -> Json:
        """Wait until a bot has called, and answer the first."""
        async with asyncio.timeout(self.patience_seconds):
            while True:
                self._news.clear()
                if bots := await self.bots():
                    return bots[0]
                await self._news.wait()

    async def polling_bot(self) -> Json:
        """Wait until a bot waits in a long poll, and answer it."""
        async with asyncio.timeout(self.patience_seconds):
            while True:
                for bot in await self.bots():
                    if bot["polling"]:
                        return bot

    # -- what a test wants to know or to break -------------------------------------------------------------------

    async def problems(self) -> list[str]:
        """Answer what the bot asked for that Telegram does not have; tests end with this being empty."""
        problems = await self.call("GET", "problems")
        fields = [f"unknown field {row['field']} of {row['method']}" for row in problems["unknown_fields"]]
        return [f"unknown method {name}" for name in problems["unknown_methods"]] + fields

    async def forget_problems(self) -> None:
        """Begin a new list of problems."""
        await self.call("DELETE", "problems")

    async def fault(self, kind: str, **fields: Any) -> None:
        """Order a fault for the next calls that fit."""
        await self.call("POST", "faults", {"kind": kind, **fields})

    async def clear_faults(self) -> None:
        """Take all orders back."""
        await self.call("DELETE", "faults")

    async def traffic(self, *, after: int = 0, method: str | None = None) -> list[Json]:
        """Answer the bot's last calls, the oldest first."""
        calls: list[Json] = (await self.call("GET", f"traffic?after={after}"))["calls"]
        return [call for call in calls if method is None or call["method"] == method]

    async def update(self, update: Json, *, bot: int | None = None) -> int:
        """Put a raw update into the bot's queue."""
        answer = await self.call("POST", "updates", {"update": update, **({"bot": bot} if bot else {})})
        return int(answer["update_id"])

    async def limits(self, *, enabled: bool) -> None:
        """Switch the sending limits on or off."""
        await self.call("POST", "limits", {"enabled": enabled})

    async def move_clock(self, *, days: int = 0, hours: int = 0, minutes: int = 0, seconds: int = 0) -> None:
        """Move Telegram's clock on, and with it all that hangs on it."""
        step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        await self.call("POST", "clock", {"advance_seconds": int(step.total_seconds())})

    async def reset(self) -> None:
        """Forget all messages, people and queues."""
        await self.call("POST", "reset", {})

    async def events(self) -> AsyncIterator[Json]:
        """Follow what happens."""
        assert self._session is not None
        async with self._session.get(f"{self.base_url}/door/events", read_bufsize=1 << 22) as response:
            async for line in response.content:
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])

    async def _listen(self, opened: asyncio.Future[None]) -> None:
        assert self._session is not None
        async with self._session.get(f"{self.base_url}/door/events", read_bufsize=1 << 22) as response:
            opened.set_result(None)
            async for line in response.content:
                if not line.startswith(b"data: "):
                    continue
                event = json.loads(line[6:])
                if event["type"] == "people":
                    self._news.set()
                phone = self.phones.get(event.get("person", 0))
                if phone is not None:
                    phone.changed.set()


class Phone:
    """One person and their chat with the bot."""

    def __init__(self, telegram: Telegram, body: Json, *, bot: int | None, patience_seconds: float) -> None:
        self.telegram = telegram
        self.body = body
        self.bot = bot
        self.patience_seconds = patience_seconds
        self.changed = asyncio.Event()
        self._seen: dict[int, int] = {}

    @property
    def id(self) -> int:
        """The person's number, which is also the chat's."""
        return int(self.body["id"])

    @property
    def name(self) -> str:
        return str(self.body["first_name"])

    def __repr__(self) -> str:
        return f"<Phone of {self.name} ({self.id})>"

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

    async def press(self, words: str, *, message_id: int | None = None) -> Toast:
        """Press the button with these words on the newest message that has it, and wait for the answer."""
        callback = await self.tap(words, message_id=message_id)
        return await self.toast(callback)

    async def tap(self, words: str, *, message_id: int | None = None) -> str:
        """Press as `press` does, but do not wait; answer the callback's number."""
        messages = [message for message in await self.chat() if message_id in (None, message.message_id)]
        for message in reversed(messages):
            if not message.mine and (button := message.button(words)) is not None:
                if "callback_data" not in button:
                    raise AssertionError(f"the button {button['text']!r} opens something: {button}")
                return await self.tap_data(message.message_id, button["callback_data"])
        raise AssertionError(f"{self.name} sees no button {words!r}.\n{await self.dump()}")

    async def press_data(self, message_id: int, data: str) -> Toast:
        """Press a button by its data, also one that is no longer shown, and wait for the answer."""
        return await self.toast(await self.tap_data(message_id, data))

    async def tap_data(self, message_id: int, data: str) -> str:
        """Press a button by its data without waiting; answer the callback's number."""
        await self.mark()
        answer = await self._post("press", {"message_id": message_id, "data": data})
        callback = str(answer["callback_query_id"])
        self.telegram.pressed.append(callback)
        return callback

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
        return bool((await self.telegram.call("GET", f"callbacks/{callback_query_id}"))["answered"])

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
