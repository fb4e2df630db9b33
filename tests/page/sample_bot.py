"""A small bot over plain HTTP: enough to show every kind of message and to note what the phones sent."""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

Json = dict[str, Any]
HOME: Json = {
    "inline_keyboard": [
        [{"text": "Toast", "callback_data": "toast"}, {"text": "Alert", "callback_data": "alert"}],
        [{"text": "Edit", "callback_data": "edit"}, {"text": "Wait", "callback_data": "wait"}],
        [{"text": "Deep link", "url": "https://t.me/{username}?start=job_a1"}],
    ]
}
KEYBOARD: Json = {
    "keyboard": [[{"text": "Yes"}, {"text": "No"}], [{"text": "Share my number", "request_contact": True}]],
    "resize_keyboard": True,
    "one_time_keyboard": True,
    "input_field_placeholder": "Yes or no?",
}


class SampleBot:
    """Polls the emulator, answers a few words and buttons, and keeps every update it got."""

    def __init__(self, base_url: str, token: str) -> None:
        self.updates: list[Json] = []
        self.release = asyncio.Event()
        self._working = asyncio.Event()
        self._working.set()
        self.username = ""
        self._url = f"{base_url}/bot{token}"
        self._news = asyncio.Condition()
        self._session: aiohttp.ClientSession | None = None
        self._poller: asyncio.Task[None] | None = None

    async def __aenter__(self) -> SampleBot:
        self._session = aiohttp.ClientSession()
        self.username = (await self.call("getMe"))["username"]
        await self.call("setMyDescription", description="A bot that shows <everything>.")
        commands = [
            {"command": "start", "description": "Begin"},
            {"command": "keyboard", "description": "Show keys"},
        ]
        await self.call("setMyCommands", commands=commands)
        self._poller = asyncio.create_task(self._poll())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._poller is not None:
            self._poller.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._poller
        if self._session is not None:
            await self._session.close()

    def pause(self) -> None:
        """Answer nothing for a while."""
        self._working.clear()

    def go_on(self) -> None:
        """Work again."""
        self._working.set()

    async def ask(self, method: str, **params: object) -> Json:
        """Call a method and give the whole answer, also a refusal."""
        assert self._session is not None
        async with self._session.post(f"{self._url}/{method}", json=params) as response:
            answer: Json = await response.json()
            return answer

    async def call(self, method: str, **params: object) -> Any:
        """Call a method that has to work and give its result."""
        answer = await self.ask(method, **params)
        assert answer["ok"], (method, answer)
        return answer["result"]

    async def say(self, chat_id: int, text: str, **params: object) -> Json:
        """Send a message."""
        sent: Json = await self.call("sendMessage", chat_id=chat_id, text=text, **params)
        return sent

    async def heard(self, wanted: Callable[[Json], bool], count: int = 1) -> list[Json]:
        """Wait until as many matching updates came, and give them."""
        found: list[Json] = []

        def enough() -> bool:
            found[:] = [update for update in self.updates if wanted(update)]
            return len(found) >= count

        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(enough)
        return found

    async def heard_text(self, text: str) -> Json:
        """Wait for a message with these words."""
        updates = await self.heard(lambda update: update.get("message", {}).get("text") == text)
        message: Json = updates[0]["message"]
        return message

    async def _poll(self) -> None:
        offset = 0
        while True:
            try:
                answer = await self.ask("getUpdates", offset=offset, timeout=20)
            except (aiohttp.ClientError, json.JSONDecodeError):
                await asyncio.sleep(0.05)
                continue
            for update in answer.get("result", []):
                offset = update["update_id"] + 1
                await self._working.wait()
                await self._answer(update)
                async with self._news:
                    self.updates.append(update)
                    self._news.notify_all()

    async def _answer(self, update: Json) -> None:
        if "callback_query" in update:
            await self._pressed(update["callback_query"])
            return
        message = update.get("message", {})
        chat_id = message.get("chat", {}).get("id", 0)
        text = str(message.get("text", ""))
        replies: dict[str, Callable[[], Awaitable[object]]] = {
            "/start": lambda: self.home(chat_id),
            "/keyboard": lambda: self.say(chat_id, "Your turn", reply_markup=KEYBOARD),
            "No": lambda: self.say(chat_id, "Keys gone", reply_markup={"remove_keyboard": True}),
        }
        if text in replies:
            await replies[text]()
        elif text.startswith("echo "):
            await self.say(chat_id, f"<b>You said</b> {html.escape(text[5:])}", parse_mode="HTML")

    async def home(self, chat_id: int) -> Json:
        """Send the message with all the buttons."""
        markup = json.loads(json.dumps(HOME).replace("{username}", self.username))
        return await self.say(chat_id, "<b>Hello</b> there", parse_mode="HTML", reply_markup=markup)

    async def _pressed(self, query: Json) -> None:
        data, message = query["data"], query["message"]
        if data == "wait":
            await self.release.wait()
        answers: dict[str, Json] = {
            "toast": {"text": "A toast"},
            "alert": {"text": "Mind this", "show_alert": True},
        }
        await self.call("answerCallbackQuery", callback_query_id=query["id"], **answers.get(data, {}))
        if data == "edit":
            await self.call(
                "editMessageText",
                chat_id=message["chat"]["id"],
                message_id=message["message_id"],
                text="Changed in place",
                reply_markup={"inline_keyboard": [[{"text": "Edit", "callback_data": "again"}]]},
            )
