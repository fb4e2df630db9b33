"""Who may send next: one budget for all messages, answers to people first, alerts with what is left.

    total     at most `rate` new messages and edits in any second (Telegram documents about 30)
    a chat    a bucket of 3 new messages refilled 1 a second, less some slack for the way there; edits don't count
    flood     after a 429 nothing leaves until its time is over
Answers to callback queries are not counted anywhere.
"""

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Callable
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


class SendBudget:
    """Hands out turns to send. All times are the loop's clock in seconds."""

    def __init__(self, rate: int, *, clock: Callable[[], float] | None = None) -> None:
        self._clock = clock or asyncio.get_running_loop().time
        self._sent: deque[float] = deque(maxlen=rate)
        self._rate = rate
        self._chats: dict[int, tuple[float, float]] = {}
        self._waiting: list[tuple[Priority, int, int, bool, asyncio.Future[None]]] = []
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
        kept: list[tuple[Priority, int, int, bool, asyncio.Future[None]]] = []
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
