"""Order a member, parallel across members: each sender's arrivals run one after another, in order of arrival.

The member's own queue comes first, then one of PLACES: the other way round one flooding member delays all others.
Nor may they fill the ROOM: what is above A_MEMBER stays in the inbox and is fetched when their queue is empty.
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
#: Arrivals of one member kept in memory at once.
A_MEMBER = 30

Fetch = Callable[[int, int, int], Awaitable[list[Arrival]]]


async def nothing_more(sender_id: int, after_id: int, limit: int) -> list[Arrival]:
    """Give what waits in no inbox."""
    return []


class Turnstile:
    """Runs `handle` for each arrival."""

    def __init__(
        self,
        handle: Callable[[Arrival], Awaitable[None]],
        *,
        fetch: Fetch = nothing_more,
        places: int = PLACES,
        room: int = ROOM,
    ) -> None:
        """Make a turnstile; `fetch(sender_id, after_id, limit)` gives a sender's arrivals left in the inbox."""
        self._handle = handle
        self._fetch = fetch
        self._left_there: dict[int, int] = {}  # sender -> how many were left in the inbox since it was last read
        self._closing = False
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
        """Queue an arrival, waiting while there is no room; it stays in the inbox when its member has many waiting."""
        while not self._is_left_there(arrival) and not self.has_room:
            await self._next_left()
        self.add(arrival)

    def add(self, arrival: Arrival) -> None:
        """Queue an arrival, room or not; it stays in the inbox when its member has many waiting."""
        if self._is_left_there(arrival):
            self._left_there[arrival.sender_id] = self._left_there.get(arrival.sender_id, 0) + 1
            return
        self._inside += 1
        queue = self._queues.get(arrival.sender_id)
        if queue is not None:
            queue.append(arrival)
            return
        self._queues[arrival.sender_id] = deque([arrival])
        runner = asyncio.create_task(self._run(arrival.sender_id))
        self._runners.add(runner)
        runner.add_done_callback(self._runners.discard)

    @property
    def has_room(self) -> bool:
        """Whether another arrival has room."""
        return self._inside < self._room

    async def room(self) -> None:
        """Wait until there is room."""
        while not self.has_room:
            await self._next_left()

    def close(self) -> None:
        """Fetch nothing more from the inbox: it is for the next start."""
        self._closing = True

    async def drained(self) -> None:
        """Wait until nothing waits or runs."""
        while self._inside or (self._left_there and not self._closing):
            await self._next_left()

    def abandon(self) -> None:
        """Cancel what still runs; it stays in the inbox and runs again at the next start."""
        for runner in self._runners:
            runner.cancel()

    async def _next_left(self) -> None:
        self._left.clear()
        await self._left.wait()

    def _is_left_there(self, arrival: Arrival) -> bool:
        waiting = self._queues.get(arrival.sender_id, ())
        return arrival.sender_id in self._left_there or len(waiting) >= A_MEMBER

    async def _refill(self, sender_id: int, queue: deque[Arrival], *, after_id: int) -> bool:
        """Fetch what was left in the inbox; whether there is anything."""
        pause = 0.1
        while sender_id in self._left_there and not self._closing:
            self._left_there[sender_id] = 0
            try:
                found = await self._fetch(sender_id, after_id, A_MEMBER)
            except Exception as error:
                log.error("inbox_not_read", sender_id=sender_id, error=str(error), pause=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10.0)
                continue
            if found:
                queue.extend(found)
                self._inside += len(found)
                return True
            if not self._left_there[sender_id]:  # nor did anything come while the inbox was read
                del self._left_there[sender_id]
                self._left.set()
        return False

    async def _run(self, sender_id: int) -> None:
        queue, last_id = self._queues[sender_id], 0
        while queue or await self._refill(sender_id, queue, after_id=last_id):
            arrival = queue.popleft()
            last_id = arrival.id
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
