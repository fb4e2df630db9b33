"""Several processes on one database: who is alive, whose work a row is, who may send when. PostgreSQL only.

A process that is alive beats; one that has been silent for a lease has its work taken over. Times are the database's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from storage.inbox import Arrival, arrival_of
from storage.rows import Row
from storage.unit import Tx

#: Lines of the table kept for whoever looks into it.
KEPT_MS = 86_400_000
#: How far apart two messages in one slot leave: a second, and what a busy process may need to send what it may send.
APART_MS = 1_050


@dataclass(frozen=True, slots=True)
class Turn:
    """What stands before an update in its sender's queue, whoever has it."""

    earlier_id: int | None  # still to be applied
    unanswered_id: int | None  # applied by another process, still to be answered


@dataclass(frozen=True, slots=True)
class Seen:
    """A process that has not left, and for how long it has been silent."""

    id: int
    name: str
    silent_ms: int


async def join(tx: Tx, name: str) -> int:
    """Enter the list and give the process's id."""
    return int((await tx.insert("replica_join", name=name))["id"])


async def beat(tx: Tx, replica_id: int) -> bool:
    """Say that the process is alive; False when it is not in the list any more."""
    return await tx.run("replica_beat", id=replica_id) == 1


async def leave(tx: Tx, replica_id: int) -> None:
    """Leave: what is left of the process's work can be taken over at once."""
    await tx.run("replica_leave", id=replica_id)


async def list_seen(tx: Tx) -> list[Seen]:
    """List the processes that have not left."""
    return [Seen(row["id"], row["name"], row["silent_ms"]) for row in await tx.all("replica_list")]


async def take_over_arrivals(tx: Tx, replica_id: int, *, lease_ms: int, limit: int) -> list[tuple[Arrival, str | None]]:
    """Take updates that nobody alive will finish, in their order, each with the key its reply was put off under."""
    rows: Sequence[Row] = await tx.all("replica_take_arrivals", id=replica_id, lease_ms=lease_ms, limit=limit)
    return [(arrival_of(row), row["put_off"]) for row in rows]


async def release_messages(tx: Tx, *, lease_ms: int) -> int:
    """Let messages that nobody alive is sending be due again, alerts be let go; how many."""
    alerts = await tx.run("replica_skip_alerts", lease_ms=lease_ms)
    return alerts + await tx.run("replica_release_messages", lease_ms=lease_ms)


async def forget(tx: Tx) -> None:
    """Forget processes that were last seen a day ago."""
    await tx.run("replica_forget", kept_ms=KEPT_MS)


async def take_turn(tx: Tx, inbox_id: int, *, replica_id: int) -> Turn:
    """Take the turn of an update's sender until the unit ends, and say what stands before it."""
    row = await tx.one("replica_take_turn", inbox_id=inbox_id, id=replica_id)
    assert row is not None
    return Turn(row["earlier_id"], row["unanswered_id"])


async def owns(tx: Tx, inbox_id: int, *, replica_id: int) -> bool:
    """Whether a reply is still this process's to send."""
    return bool(await tx.value("replica_owns", inbox_id=inbox_id, id=replica_id))


async def is_overtaken(tx: Tx, inbox_id: int) -> bool:
    """Whether a later reply was put off under the same key."""
    return bool(await tx.value("replica_is_overtaken", inbox_id=inbox_id))


async def set_send_rate(tx: Tx, rate: int) -> None:
    """Have one slot for each message that may leave in a second."""
    if await tx.value("send_slot_count") != rate:
        await tx.run("send_slots_add", rate=rate)
        await tx.run("send_slots_cut", rate=rate)


async def take_send_slot(tx: Tx) -> float:
    """Take a slot that is free; gives 0, or in how many seconds it is worth while to try again."""
    if await tx.value("send_slot_take", apart_ms=APART_MS) is not None:
        return 0.0
    wait: int = await tx.value("send_slot_wait", apart_ms=APART_MS)
    return max(0.002, wait / 1000)
