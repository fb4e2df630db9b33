"""One bot's queue of updates: numbers only grow, an update stays until a later offset confirms it."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from bot.emulator.errors import conflict

Json = dict[str, Any]

_KIND_NAMES = (
    "message edited_message channel_post edited_channel_post business_connection business_message"
    " edited_business_message deleted_business_messages guest_message message_reaction"
    " message_reaction_count inline_query chosen_inline_result callback_query shipping_query"
    " pre_checkout_query purchased_paid_media poll poll_answer my_chat_member chat_member"
    " chat_join_request chat_boost removed_chat_boost managed_bot"
)
ALL_KINDS = frozenset(_KIND_NAMES.split())
DEFAULT_KINDS = ALL_KINDS - {"chat_member", "message_reaction", "message_reaction_count"}
MAX_LIMIT = 100
MAX_TIMEOUT_SECONDS = 50
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
FIRST_UPDATE_ID = 100_000_001


@dataclass(slots=True, eq=False)
class Waiting:
    """An update in the queue; `forced` ones came through the door with a number of their own."""

    serial: int
    update: Json
    forced: bool = False
    delivered: bool = False


def _is_confirmed(entry: Waiting, offset: int) -> bool:
    number = entry.update.get("update_id")
    before = not isinstance(number, int) or number < offset
    # One that was given a number already passed is delivered once all the same: that is its purpose.
    return before and (not entry.forced or entry.delivered)


@dataclass(slots=True)
class UpdateQueue:
    """What a bot has not confirmed yet, and who is waiting for more."""

    next_id: int = FIRST_UPDATE_ID
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
        if kind in allowed:
            self._append({"update_id": self.next_id, kind: content}, forced=False)
            self.next_id += 1

    def put_raw(self, update: Json) -> int:
        """Queue an update as it is, with its own number when it has one; answer the number."""
        update = dict(update)
        given = update.get("update_id")
        if isinstance(given, int) and not isinstance(given, bool):
            self.next_id = max(self.next_id, given + 1)
        elif given is None:
            update = {"update_id": self.next_id, **update}
            self.next_id += 1
        self._append(update, forced=True)
        number = update["update_id"]
        return number if isinstance(number, int) else 0

    def _append(self, update: Json, *, forced: bool) -> None:
        self.serial += 1
        entry = Waiting(self.serial, update, forced)
        self.waiting.append(entry)
        self.forced += forced
        if self.added is not None:
            self.added.append(entry)
        self.wake()

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

    def forget_first(self, entry: Waiting) -> None:
        """Forget one that a webhook has taken."""
        if self.waiting and self.waiting[0] is entry:
            self._forget(self.waiting.popleft())

    def clear(self) -> None:
        """Forget everything that waits."""
        while self.waiting:
            self._forget(self.waiting.popleft())

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
