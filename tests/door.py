"""The emulator's door as tests open it: its calls by name, its events; people with phones are in `phone`."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

import aiohttp

Json = dict[str, Any]

PATIENCE_SECONDS = 10.0


class DoorRefusedError(Exception):
    """The door answered with an error."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(f"{status}: {sentence}")
        self.status = status
        self.sentence = sentence


class Door:
    """The door of one emulator."""

    def __init__(self, base_url: str, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.base_url = base_url.rstrip("/")
        self.patience_seconds = patience_seconds
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

    # -- who is there -------------------------------------------------------------------------------------------

    async def people(self) -> list[Json]:
        """Answer everybody with a phone."""
        people: list[Json] = await self.call("GET", "people")
        return people

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

    async def answered(self, callback_query_id: str) -> bool:
        """Say whether a press has been answered."""
        return bool((await self.call("GET", f"callbacks/{callback_query_id}"))["answered"])

    async def ahead(self) -> timedelta:
        """Answer how far Telegram's clock is ahead of the machine's."""
        return timedelta(seconds=(await self.call("GET", "clock"))["offset_seconds"])

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

    def heard(self, event: Json) -> None:
        """Take notice of an event."""
        if event["type"] == "people":
            self._news.set()

    async def _listen(self, opened: asyncio.Future[None]) -> None:
        assert self._session is not None
        async with self._session.get(f"{self.base_url}/door/events", read_bufsize=1 << 22) as response:
            opened.set_result(None)
            async for line in response.content:
                if not line.startswith(b"data: "):
                    continue
                self.heard(json.loads(line[6:]))
