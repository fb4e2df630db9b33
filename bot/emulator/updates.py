"""One bot's queue of updates: numbers only grow, an update stays until a later offset confirms it, or for a day.

Each update belongs to a lane: updates of one lane reach a webhook one after the other, lanes are independent of each
other, and a chat's messages and a person's presses are in different lanes.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from bot.emulator.clock import Clock
from bot.emulator.errors import conflict
from bot.emulator.mischief import Mischief

Json = dict[str, Any]

_KIND_NAMES = (
    "message edited_message channel_post edited_channel_post business_connection business_message"
    " edited_business_message deleted_business_messages guest_message message_reaction"
    " message_reaction_count inline_query chosen_inline_result callback_query shipping_query"
    " pre_checkout_query purchased_paid_media poll poll_answer my_chat_member chat_member"
    " chat_join_request chat_boost removed_chat_boost managed_bot subscription stopped_message_generation"
)
ALL_KINDS = frozenset(_KIND_NAMES.split())
DEFAULT_KINDS = ALL_KINDS - {"chat_member", "message_reaction", "message_reaction_count"}
MAX_LIMIT = 100
MAX_TIMEOUT_SECONDS = 50
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
FIRST_UPDATE_ID = 100_000_001
DAY_SECONDS = 86_400.0
WEEK_SECONDS = 7 * DAY_SECONDS
MAX_JUMP = 1_000_000
# Whoever pressed or pays is gone after that; everything else waits a day.
LIFE_SECONDS = {"callback_query": 150.0, "pre_checkout_query": 150.0, "shipping_query": 150.0, "inline_query": 30.0}
_LANES = {"callback_query": 3, "shipping_query": 4, "pre_checkout_query": 4, "my_chat_member": 5, "chat_member": 6}


@dataclass(slots=True, eq=False)
class Waiting:
    """An update in the queue; `forced` ones came through the door, or out of order, with a number of their own."""

    serial: int
    update: Json
    forced: bool = False
    delivered: bool = False
    expires_at: float = float("inf")
    lane: int = 0


def lane_of(update: Json, serial: int) -> int:
    """Answer in which lane an update goes: its chat's, its person's presses, or one of its own when it has neither."""
    for kind, content in update.items():
        if isinstance(content, dict):
            base = _LANES.get(kind, 0)
            owner = content.get("from" if base in (3, 4) else "chat")
            number = owner.get("id") if isinstance(owner, dict) else None
            if isinstance(number, int):
                return number + (base << 33)
    return -(serial << 70)


def _is_confirmed(entry: Waiting, offset: int) -> bool:
    number = entry.update.get("update_id")
    before = not isinstance(number, int) or number < offset
    # One that was given a number already passed is delivered once all the same: that is its purpose.
    return before and (not entry.forced or entry.delivered)


@dataclass(slots=True)
class UpdateQueue:
    """What a bot has not confirmed yet, and who is waiting for more."""

    clock: Clock = field(default_factory=Clock)
    mischief: Mischief = field(default_factory=Mischief)
    next_id: int = FIRST_UPDATE_ID
    last_at: float = 0.0
    first_expiry: float = float("inf")
    serial: int = 0
    waiting: deque[Waiting] = field(default_factory=deque)
    allowed: list[str] | None = None
    forced: int = 0
    poller: asyncio.Future[bool] | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    added: list[Waiting] | None = None
    removed: list[Waiting] | None = None

    @property
    def is_polled(self) -> bool:
        """Say whether somebody waits in a long poll at this moment."""
        return self.poller is not None and not self.poller.done()

    def put(self, kind: str, content: Json) -> None:
        """Queue an update of a kind the bot wants."""
        allowed = DEFAULT_KINDS if self.allowed is None else self.allowed
        if kind not in allowed:
            return
        now = self.clock.seconds()
        if now - self.last_at >= WEEK_SECONDS and self.last_at:
            self.jump(1 + random.Random(self.next_id).randrange(MAX_JUMP))  # noqa: S311 - no secret
        self.last_at = now
        update = {"update_id": self.next_id, kind: content}
        self.next_id += 1
        if (self.mischief.orders or self.mischief.plan or self.mischief.batches) and self.mischief.befall(
            self, kind, update
        ):
            return
        self._append(update, now + LIFE_SECONDS.get(kind, DAY_SECONDS))

    def deliver(self, kind: str, update: Json, *, forced: bool = False) -> None:
        """Queue an update that has its number already."""
        self._append(update, self.clock.seconds() + LIFE_SECONDS.get(kind, DAY_SECONDS), forced=forced)

    def jump(self, numbers: int) -> None:
        """Leave out so many numbers, as Telegram does after a week without updates."""
        self.next_id += numbers

    def put_raw(self, update: Json) -> int:
        """Queue an update as it is, with its own number when it has one; answer the number."""
        update = dict(update)
        given = update.get("update_id")
        if isinstance(given, int) and not isinstance(given, bool):
            self.next_id = max(self.next_id, given + 1)
        elif given is None:
            update = {"update_id": self.next_id, **update}
            self.next_id += 1
        self._append(update, self.clock.seconds() + DAY_SECONDS, forced=True)
        number = update["update_id"]
        return number if isinstance(number, int) else 0

    def _append(self, update: Json, expires_at: float, *, forced: bool = False) -> None:
        self.serial += 1
        entry = Waiting(self.serial, update, forced, expires_at=expires_at, lane=lane_of(update, self.serial))
        self.waiting.append(entry)
        self.first_expiry = min(self.first_expiry, expires_at)
        self.forced += forced
        if self.added is not None:
            self.added.append(entry)
        self.wake()

    def restore(self, serial: int, update: Json, *, forced: bool, expires_at: float | None) -> None:
        """Put back what was saved."""
        until = expires_at if expires_at is not None else self.clock.seconds() + DAY_SECONDS
        self.waiting.append(Waiting(serial, update, forced, expires_at=until, lane=lane_of(update, serial)))
        self.first_expiry = min(self.first_expiry, until)
        self.forced += forced
        self.serial = max(self.serial, serial)

    def wake(self) -> None:
        """Let whoever waits look again."""
        self.arrived.set()
        if self.poller is not None and not self.poller.done():
            self.poller.set_result(True)

    def confirm(self, offset: int) -> None:
        """Forget what lies before the offset; a negative one keeps only so many from the end."""
        if offset < 0:
            while len(self.waiting) > -offset:
                self._forget(self.waiting.popleft())
        elif offset > 0 and self.forced:
            kept: deque[Waiting] = deque()
            for entry in self.waiting:
                if _is_confirmed(entry, offset):
                    self._forget(entry)
                else:
                    kept.append(entry)
            self.waiting = kept
        elif offset > 0:
            while self.waiting and _is_confirmed(self.waiting[0], offset):
                self._forget(self.waiting.popleft())

    def _forget(self, entry: Waiting) -> None:
        self.forced -= entry.forced
        if self.removed is not None:
            self.removed.append(entry)

    def take(self, entry: Waiting) -> None:
        """Forget one that a webhook has taken, or nobody wants any more."""
        if entry in self.waiting:
            self.waiting.remove(entry)
            self._forget(entry)

    def expire(self) -> None:
        """Forget what has waited too long."""
        now = self.clock.seconds()
        if now < self.first_expiry:
            return
        kept = deque(entry for entry in self.waiting if entry.expires_at > now)
        for entry in self.waiting:
            if entry.expires_at <= now:
                self._forget(entry)
        self.waiting = kept
        self.first_expiry = min((entry.expires_at for entry in kept), default=float("inf"))

    def clear(self) -> None:
        """Forget everything that waits."""
        while self.waiting:
            self._forget(self.waiting.popleft())

    def take_back(self, batch: list[Json]) -> None:
        """Note that an answer with these was never read: they are to be delivered yet."""
        numbers = {id(update) for update in batch}
        for entry in self.waiting:
            if id(entry.update) in numbers:
                entry.delivered = False

    def _batch(self, limit: int) -> list[Json]:
        batch: list[Json] = []
        for entry in self.waiting:
            if len(batch) == limit:
                break
            entry.delivered = True
            batch.append(entry.update)
        return batch

    async def get(self, *, offset: int, limit: int, timeout_seconds: float) -> list[Json]:
        """Answer what waits, or wait for it.

        Raises: ApiError 409 in the older of two pollers.
        """
        self.confirm(offset)
        self.expire()
        self.stop_polling(OTHER_POLLER)
        if self.waiting or timeout_seconds <= 0:
            return self._batch(limit)
        poller: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.poller = poller
        try:
            async with asyncio.timeout(timeout_seconds):
                await poller
        except TimeoutError:
            return []
        finally:
            if self.poller is poller:
                self.poller = None
        return self._batch(limit)

    def stop_polling(self, sentence: str | None = None) -> None:
        """End the long poll: with a 409 when a sentence is given, with an empty answer otherwise."""
        if self.poller is not None and not self.poller.done():
            if sentence is None:
                self.poller.set_result(False)
            else:
                self.poller.set_exception(conflict(sentence))
