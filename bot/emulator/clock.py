"""Telegram's time here: the machine's, and however far somebody moved it on. Nothing else here asks for the time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field

MAX_ADVANCE_SECONDS = 366 * 86_400
MAX_OFFSET_SECONDS = 50 * MAX_ADVANCE_SECONDS


@dataclass(slots=True)
class Clock:
    """The time, which goes on by itself and can be moved on, never back."""

    offset_seconds: int = 0
    _asleep: set[asyncio.Future[None]] = field(default_factory=set)

    def seconds(self) -> float:
        """Answer the Unix time."""
        return time.time() + self.offset_seconds

    def now(self) -> int:
        """Answer the Unix time in whole seconds, as the Bot API gives dates."""
        return int(self.seconds())

    def advance(self, seconds: int) -> None:
        """Move the time on; whoever sleeps on this clock wakes when their time has come.

        Raises: ValueError for a step that is not forward, or too far.
        """
        if not 0 < seconds <= MAX_ADVANCE_SECONDS or self.offset_seconds + seconds > MAX_OFFSET_SECONDS:
            raise ValueError(f"the clock moves on by 1 to {MAX_ADVANCE_SECONDS} seconds")
        self.offset_seconds += seconds
        self.wake()

    def wake(self) -> None:
        """Let whoever waits look again."""
        for sleeper in self._asleep:
            if not sleeper.done():
                sleeper.set_result(None)

    async def sleep(self, seconds: float) -> None:
        """Sleep by this clock: moving it on shortens the sleep."""
        until = self.seconds() + seconds
        while (left := until - self.seconds()) > 0:
            await self.moved(left)

    async def moved(self, seconds: float) -> None:
        """Wait until somebody moves the clock on, or for so many seconds of real time."""
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asleep.add(sleeper)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await sleeper
        finally:
            self._asleep.discard(sleeper)
