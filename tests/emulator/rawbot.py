"""A bot without a library: calls methods by name and reads updates, so that tests see Telegram's answers raw."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp

TOKEN = "1234567:" + "A" * 35
OTHER_TOKEN = "7654321:" + "B" * 35


@dataclass(slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    body: dict[str, Any]

    @property
    def raw(self) -> bytes:
        """The answer as it came, for whoever reads it with a library."""
        return json.dumps(self.body).encode()

    @property
    def result(self) -> Any:
        assert self.body["ok"], self.body
        return self.body["result"]

    @property
    def error(self) -> str:
        """The refusal, once its code was seen to equal the HTTP status."""
        assert not self.body["ok"], self.body
        assert self.body["error_code"] == self.status
        return str(self.body["description"])


class RawBot:
    """One token at one emulator."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str, token: str = TOKEN) -> None:
        self.session = session
        self.base_url = base_url
        self.token = token
        self.offset = 0

    def url(self, method: str) -> str:
        return f"{self.base_url}/bot{self.token}/{method}"

    async def call(self, method: str, **params: Any) -> Answer:
        """Call a method with a JSON body."""
        async with self.session.post(self.url(method), json=params) as response:
            return Answer(response.status, await response.json())

    async def form(self, method: str, files: dict[str, tuple[str, bytes]], **params: str) -> Answer:
        """Call a method with a multipart body."""
        form = aiohttp.FormData()
        for name, value in params.items():
            form.add_field(name, value)
        for name, (filename, data) in files.items():
            form.add_field(name, io.BytesIO(data), filename=filename)
        async with self.session.post(self.url(method), data=form) as response:
            return Answer(response.status, await response.json())

    async def updates(self, *, timeout: int = 0) -> list[dict[str, Any]]:
        """Take the updates that wait and confirm them with the next call."""
        updates: list[dict[str, Any]] = (await self.call("getUpdates", offset=self.offset, timeout=timeout)).result
        if updates:
            self.offset = updates[-1]["update_id"] + 1
        return updates

    async def update(self, kind: str) -> Any:
        """Wait for the next update and answer its content, which must be of this kind."""
        updates = await self.updates(timeout=10)
        assert [kind in update for update in updates] == [True], updates
        return updates[0][kind]


@contextlib.asynccontextmanager
async def raw_bot(base_url: str, token: str = TOKEN) -> AsyncIterator[RawBot]:
    """Give a bot that has introduced itself."""
    async with aiohttp.ClientSession() as session:
        bot = RawBot(session, base_url, token)
        assert (await bot.call("getMe")).result["is_bot"]
        yield bot
