"""Who may send next: one budget for all messages, answers to people first, alerts with what is left.

    total     at most `rate` new messages and edits in any second (Telegram documents about 30)
    a chat    a bucket of 3 new messages refilled 1 a second, less some slack for the way there; edits don't count
    flood     after a 429 nothing leaves until its time is over
Answers to callback queries are not counted anywhere.

Where several processes send for one bot, the total and the flood wait are the database's: `SharedBudget`.
"""

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Awaitable, Callable
from enum import IntEnum

CHAT_BURST = 3
CHAT_REFILL_SECONDS = 1.1
CHATS_REMEMBERED = 10_000


class Priority(IntEnum):
    """Smaller goes first."""

    ANSWER = 0
    RECEIPT = 1
    SCREEN = 2
    ALERT = 3


#: Priority, order of arrival, chat, whether it is a new message, and what is told when its turn has come.
_Waiting = tuple[Priority, int, int, bool, "asyncio.Future[None]"]


class SendBudget:
    """Hands out turns to send. All times are the loop's clock in seconds."""

    def __init__(self, rate: int, *, clock: Callable[[], float] | None = None) -> None:
        self._clock = clock or asyncio.get_running_loop().time
        self._sent: deque[float] = deque(maxlen=rate)
        self._rate = rate
        self._chats: dict[int, tuple[float, float]] = {}
        self._waiting: list[_Waiting] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._held_until = 0.0

    @property
    def queued(self) -> int:
        """How many wait for a turn."""
        return len(self._waiting)

    def hold(self, seconds: float) -> None:
        """Let nothing leave for so long (a flood wait)."""
        self._held_until = max(self._held_until, self._clock() + seconds)

    async def turn(self, chat_id: int, priority: Priority, *, new: bool) -> None:
        """Wait until one message (or, when not `new`, one edit) may leave to this chat."""
        now = self._clock()
        if not self._waiting and self._open_at(now) <= now and (not new or self._chat_open_at(chat_id, now) <= now):
            self._take(chat_id, now, new=new)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, next(self._order), chat_id, new, future))
        self._wake()
        await future

    def _wake(self) -> None:
        """Grant every turn that is due, then set a timer for the next."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = self._clock()
        kept: list[_Waiting] = []
        next_at = float("inf")
        while self._waiting:
            opens = self._open_at(now)
            if opens > now:
                next_at = min(next_at, opens)
                break
            entry = heapq.heappop(self._waiting)
            _, _, chat_id, new, future = entry
            if future.done():
                continue
            ready = self._chat_open_at(chat_id, now) if new else now
            if ready > now:
                kept.append(entry)
                next_at = min(next_at, ready)
                continue
            self._take(chat_id, now, new=new)
            future.set_result(None)
        for entry in kept:
            heapq.heappush(self._waiting, entry)
        if self._waiting:
            delay = max(0.001, min(next_at - now, 1.0))
            self._timer = asyncio.get_running_loop().call_later(delay, self._wake)

    def _open_at(self, now: float) -> float:
        """When the total allows the next send: the one `rate` sends ago must be a second old."""
        window = self._sent[0] + 1.0 if len(self._sent) == self._rate else now
        return max(window, self._held_until)

    def _chat_open_at(self, chat_id: int, now: float) -> float:
        level, at = self._chats.get(chat_id, (float(CHAT_BURST), now))
        level = min(CHAT_BURST, level + (now - at) / CHAT_REFILL_SECONDS)
        return now if level >= 1 else now + (1 - level) * CHAT_REFILL_SECONDS

    def _take(self, chat_id: int, now: float, *, new: bool) -> None:
        self._sent.append(now)
        if not new:
            return
        level, at = self._chats.pop(chat_id, (float(CHAT_BURST), now))
        level = min(CHAT_BURST, level + (now - at) / CHAT_REFILL_SECONDS)
        self._chats[chat_id] = (level - 1, now)
        if len(self._chats) > CHATS_REMEMBERED:
            del self._chats[next(iter(self._chats))]


class SharedBudget(SendBudget):
    """Hands out turns that all processes take from one budget; each process orders its own people and messages."""

    def __init__(self, rate: int, take_slot: Callable[[], Awaitable[float]]) -> None:
        """Make it; `take_slot` takes a place of all (0), or says in how many seconds there may be one."""
        super().__init__(rate)
        self._take_slot = take_slot
        self._asking: asyncio.Task[None] | None = None

    async def turn(self, chat_id: int, priority: Priority, *, new: bool) -> None:
        """Wait until one message (or, when not `new`, one edit) may leave to this chat."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, next(self._order), chat_id, new, future))
        self._wake()
        await future

    def _wake(self) -> None:
        """Have somebody take places as long as anybody waits."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())

    async def _ask(self) -> None:
        """Take places one by one; who gets each is decided when it is there, so that people always go first."""
        while self._waiting:
            now = self._clock()
            opens = max(self._held_until, min((self._ready_at(entry, now) for entry in self._waiting), default=now))
            if opens > now:
                await asyncio.sleep(min(opens - now, 0.25))  # somebody readier may come meanwhile
                continue
            wait = await self._take_slot()
            if wait > 0:
                await asyncio.sleep(min(wait, 0.25))
                continue
            self._grant_one()

    def _grant_one(self) -> None:
        now = self._clock()
        passed = []
        while self._waiting:
            entry = heapq.heappop(self._waiting)
            _, _, chat_id, new, future = entry
            if future.done():
                continue
            if self._ready_at(entry, now) > now:
                passed.append(entry)
                continue
            self._take(chat_id, now, new=new)
            future.set_result(None)
            break
        for entry in passed:
            heapq.heappush(self._waiting, entry)

    def _ready_at(self, entry: _Waiting, now: float) -> float:
        """When an entry's own chat allows the next send; one nobody waits for any more is ready to be dropped."""
        _, _, chat_id, new, future = entry
        return now if not new or future.done() else self._chat_open_at(chat_id, now)
