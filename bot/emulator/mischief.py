"""What can befall an update on its way to the bot: it comes twice, late, out of order, never, or it is poison.

Ordered one by one, or drawn by a seeded plan; during an outage (`outage_until`) no webhook is called at all. Numbers of
updates stay as they were given: one that comes out of order has a number below what the bot has confirmed, and is
delivered once all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from bot.emulator.chance import Plan, Struck
from bot.emulator.clock import Clock
from bot.emulator.errors import DoorError

if TYPE_CHECKING:
    from bot.emulator.updates import UpdateQueue

Json = dict[str, Any]

KINDS = ("duplicate", "reorder", "jump", "poison", "lose", "hold")
JUMP = 1_000
LONGEST_HOLD_SECONDS = 366 * 86_400.0
MAX_COUNT = 1_000_000
_DEEP: Any = "x"
for _ in range(100):
    _DEEP = [_DEEP]
_SOMEBODY: Json = {"id": 700_009_999, "is_bot": False, "first_name": "Poison"}
_CHAT: Json = {"id": 700_009_999, "type": "private", "first_name": "Poison"}
_MESSAGE: Json = {"message_id": 1, "date": 1_700_000_000, "chat": _CHAT, "from": _SOMEBODY, "text": "x"}
POISONS: tuple[Json, ...] = (
    {},
    {"something_new": {"id": 1}},
    {"message": None},
    {"message": "poison"},
    {"message": []},
    {"message": {}},
    {"message": {**_MESSAGE, "text": None}},
    {"message": {**_MESSAGE, "text": 5}},
    {"message": {**_MESSAGE, "text": {"a": 1}}},
    {"message": {**_MESSAGE, "from": None}},
    {"message": {**_MESSAGE, "chat": 5}},
    {"message": {**_MESSAGE, "date": -1}},
    {"message": {**_MESSAGE, "date": 2**63}},
    {"message": {**_MESSAGE, "message_id": "1"}},
    {"message": {**_MESSAGE, "entities": [{"type": "bot_command", "offset": -5, "length": 10**9}]}},
    {"message": {**_MESSAGE, "entities": "bold"}},
    {"message": {**_MESSAGE, "photo": [{"file_id": None}]}},
    {"message": {**_MESSAGE, "text": "\u202e\u0000\ufffe"}},
    {"message": {**_MESSAGE, "reply_to_message": {"reply_to_message": {"message_id": None}}}},
    {"callback_query": {"id": 5, "from": _SOMEBODY, "data": None, "chat_instance": "1"}},
    {"callback_query": {"id": "5", "data": "x", "chat_instance": "1"}},
    {"callback_query": {"id": "5", "from": _SOMEBODY, "chat_instance": 1, "data": "x" * 10_000}},
    {"my_chat_member": {"chat": _CHAT, "from": _SOMEBODY, "date": 1_700_000_000}},
    {"pre_checkout_query": {"id": "5", "from": _SOMEBODY, "currency": "XTR", "total_amount": "1"}},
    {"message": _MESSAGE, "callback_query": {"id": "5"}},
    {"message": {**_MESSAGE, "deep": _DEEP}},
)


@dataclass(slots=True)
class Order:
    """One order: what befalls the next `count` updates that carry `of` (a kind of update, or a part of a message)."""

    kind: str
    of: str = ""
    count: int = 1
    seconds: float = 1.0

    def fits(self, kind: str, update: Json) -> bool:
        """Say whether the order means this update."""
        return self.of in ("", kind) or self.of in (update.get(kind) or ())


def order_from(kind: str, body: Json) -> Order:
    """Read an order of the door.

    Raises: DoorError when a field is of the wrong kind.
    """
    try:
        order = Order(kind, str(body.get("of") or ""), int(body.get("count", 1)), float(body.get("seconds", 1.0)))
    except (TypeError, ValueError, OverflowError) as error:
        raise DoorError(400, f"a field is of the wrong kind: {error}") from None
    if not 1 <= order.count <= MAX_COUNT or not 0 <= order.seconds <= LONGEST_HOLD_SECONDS:
        raise DoorError(400, f"count must be between 1 and {MAX_COUNT}, seconds between 0 and a year")
    return order


@dataclass(slots=True, eq=False)
class Batch:
    """Updates held back until there are enough of them, to be let go the last one first."""

    order: Order
    wanted: int
    held: list[tuple[UpdateQueue, str, Json]] = field(default_factory=list)

    def release(self) -> None:
        """Let them all go."""
        held, self.held = self.held, []
        for queue, kind, update in reversed(held):
            queue.deliver(kind, update, forced=True)


@dataclass(slots=True)
class Mischief:
    """The orders for updates not yet used up, and the plan."""

    clock: Clock = field(default_factory=Clock)
    orders: list[Order] = field(default_factory=list)
    plan: Plan | None = None
    struck: Struck = field(default_factory=Struck)
    batches: list[Batch] = field(default_factory=list)
    sleeping: set[asyncio.Task[None]] = field(default_factory=set)
    poisoned: int = 0
    outage_until: float = 0.0

    def befall(self, queue: UpdateQueue, kind: str, update: Json) -> bool:
        """Do to an update what is ordered; answer whether that took it out of the ordinary way."""
        for batch in self.batches:
            if batch.order.fits(kind, update):
                self._hold_back(batch, queue, kind, update)
                return True
        for order in self.orders:
            if order.fits(kind, update):
                return self._obey(order, queue, kind, update)
        if self.plan is None:
            return False
        sender = (update[kind].get("from") or {}).get("id") if isinstance(update[kind], dict) else None
        drawn = self.plan.draw(KINDS, "update", kind, sender)
        if drawn is None:
            return False
        self.struck.note(drawn, "plan", update_id=update["update_id"], of=kind)
        order = Order(drawn, kind, 2, self.plan.seconds)
        return self._do(order, queue, kind, update)

    def _obey(self, order: Order, queue: UpdateQueue, kind: str, update: Json) -> bool:
        if order.kind == "reorder":
            self.orders.remove(order)
        else:
            order.count -= 1
            if order.count <= 0:
                self.orders.remove(order)
        self.struck.note(order.kind, "order", update_id=update["update_id"], of=kind)
        return self._do(order, queue, kind, update)

    def _do(self, order: Order, queue: UpdateQueue, kind: str, update: Json) -> bool:
        if order.kind == "lose":
            return True
        if order.kind == "hold":
            self._later(order.seconds, queue, kind, update)
            return True
        if order.kind == "reorder":
            batch = Batch(Order("reorder", order.of), max(2, order.count))
            self.batches.append(batch)
            self._hold_back(batch, queue, kind, update)
            self._spawn(self._give_up(batch, order.seconds))
            return True
        if order.kind == "duplicate":
            queue.deliver(kind, update)
            queue.deliver(kind, update, forced=True)
            return True
        if order.kind == "jump":
            queue.jump(JUMP)
        elif order.kind == "poison":
            queue.put_raw(self.next_poison())
        return False

    def next_poison(self) -> Json:
        """Answer one poison after the other."""
        self.poisoned += 1
        return dict(POISONS[(self.poisoned - 1) % len(POISONS)])

    def _hold_back(self, batch: Batch, queue: UpdateQueue, kind: str, update: Json) -> None:
        batch.held.append((queue, kind, update))
        if len(batch.held) >= batch.wanted:
            self.batches.remove(batch)
            batch.release()

    async def _give_up(self, batch: Batch, seconds: float) -> None:
        await self.clock.sleep(seconds)
        if batch in self.batches:
            self.batches.remove(batch)
            batch.release()

    def _later(self, seconds: float, queue: UpdateQueue, kind: str, update: Json) -> None:
        async def deliver() -> None:
            await self.clock.sleep(seconds)
            queue.deliver(kind, update, forced=True)

        self._spawn(deliver())

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self.sleeping.add(task)
        task.add_done_callback(self.sleeping.discard)

    def clear(self) -> None:
        """Take the orders back; what is held back is let go."""
        self.orders.clear()
        self.plan = None
        batches, self.batches = self.batches, []
        for batch in batches:
            batch.release()

    def close(self) -> None:
        """Wait for nothing any longer."""
        for task in list(self.sleeping):
            task.cancel()

    def view(self) -> Iterator[Json]:
        """Show the orders as the door does."""
        for order in self.orders:
            yield asdict(order)
