"""Order a member, parallel across members: each sender's arrivals run one after another, in order of arrival.

The member's own queue comes first, then one of PLACES: the other way round one flooding member delays all others.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

from storage.inbox import Arrival

log = structlog.get_logger()

PLACES = 64
#: Arrivals kept in memory at once; the rest waits at Telegram or in the inbox.
ROOM = 1_000


class Turnstile:
    """Runs `handle` for each arrival."""

    def __init__(self, handle: Callable[[Arrival], Awaitable[None]], *, places: int = PLACES, room: int = ROOM) -> None:
        self._handle = handle
        self._places = asyncio.Semaphore(places)
        self._queues: dict[int, deque[Arrival]] = {}
        self._runners: set[asyncio.Task[None]] = set()
        self._inside = 0
        self._room = room
        self._left = asyncio.Event()

    @property
    def inside(self) -> int:
        """How many arrivals wait or run."""
        return self._inside

    async def push(self, arrival: Arrival) -> None:
        """Queue an arrival, waiting while there is no room."""
        while self._inside >= self._room:
            self._left.clear()
            await self._left.wait()
        self._inside += 1
        queue = self._queues.get(arrival.sender_id)
        if queue is not None:
            queue.append(arrival)
            return
        self._queues[arrival.sender_id] = deque([arrival])
        runner = asyncio.create_task(self._run(arrival.sender_id))
        self._runners.add(runner)
        runner.add_done_callback(self._runners.discard)

    async def drained(self) -> None:
        """Wait until nothing waits or runs."""
        while self._inside:
            self._left.clear()
            await self._left.wait()

    def abandon(self) -> None:
        """Cancel what still runs; it stays in the inbox and runs again at the next start."""
        for runner in self._runners:
            runner.cancel()

    async def _run(self, sender_id: int) -> None:
        queue = self._queues[sender_id]
        while queue:
            arrival = queue.popleft()
            try:
                async with self._places:
                    await self._handle(arrival)
            except Exception:
                # It stays in the inbox for the next start; this member's next arrivals must not wait behind it.
                log.exception("arrival_left", inbox_id=arrival.id)
            finally:
                self._inside -= 1
                self._left.set()
        del self._queues[sender_id]
