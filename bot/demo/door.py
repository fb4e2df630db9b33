"""The emulator's door (docs/EMULATOR.md): bringing the four people to life and letting them say hello."""

import asyncio
import math
from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import aiohttp

from bot.demo.cast import Person

ANSWER_SECONDS = 10.0
LOOK_EVERY_SECONDS = 0.05
LONGEST_STEP_SECONDS = 366 * 86_400


class Door:
    """The door of the emulator at one address."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS), raise_for_status=True
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def catch_up_with(self, moment: datetime | None) -> None:
        """Move the clock on to a moment when it is not that far: nobody lives before their own past."""
        behind = 0.0 if moment is None else moment.timestamp() - (await self._call("GET", "clock"))["now_ms"] / 1000
        while behind > 0:
            step = min(math.ceil(behind), LONGEST_STEP_SECONDS)
            await self._call("POST", "clock", {"advance_seconds": step})
            behind -= step

    async def bring_in(self, people: Sequence[Person]) -> None:
        """Give everybody who is not there yet a phone."""
        there = {person["id"] for person in await self._call("GET", "people")}
        for person in people:
            if person.id not in there:
                fields = {
                    "id": person.id,
                    "first_name": person.first_name,
                    "language_code": "en",
                    "phone": person.phone,
                    "role": person.role,
                }
                await self._call("POST", "people", fields)

    async def make_known(self, token: str) -> None:
        """Let the emulator know the bot of a token, so that people can write to it before it runs."""
        async with self._session.get(f"{self._address}/bot{token}/getMe") as response:
            await response.read()

    async def give_tour(self, tour: dict[str, Any]) -> None:
        """Give the page the tour that it offers."""
        await self._call("POST", "tour", tour)

    async def say_hello(self, people: Sequence[Person]) -> list[Person]:
        """Let everybody whose chat is empty press Start, and give them: the bot owes them an answer."""
        new = [person for person in people if not await self._messages(person)]
        for person in new:
            await self._call("POST", f"people/{person.id}/text", {"text": "/start"})
        return new

    async def wait_for_answers(self, people: Sequence[Person]) -> None:
        """Wait until the bot has written to each of them."""
        for person in people:
            await self._answered(person)

    async def _answered(self, person: Person) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            while all(message["out"] for message in await self._messages(person)):  # noqa: ASYNC110 - in another process
                await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _messages(self, person: Person) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = (await self._call("GET", f"people/{person.id}/chat"))["messages"]
        return messages

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        async with self._session.request(method, f"{self._address}/door/{path}", json=body) as response:
            return await response.json()
