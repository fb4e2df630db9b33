"""The outbox: messages owed to members, each sent at most once a key; and the flags that outlive the process."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from storage.rows import Row, from_ms_or_none, to_ms, to_ms_or_none
from storage.unit import Tx

#: When what waits for an unreachable member is due: never, until they write.
_PARKED_MS = to_ms(datetime(9999, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message that is due: the event's kind and facts, and whom it is for."""

    id: int
    member_id: int
    telegram_user_id: int
    lane: str
    topic: str | None
    expires_at: datetime | None
    attempts: int
    kind: str
    payload: dict[str, Any]
    interrupted: bool = False  # the process ended while it was being sent: it may have arrived


def _delivery_of(row: Row) -> Delivery:
    return Delivery(
        id=row["id"],
        member_id=row["member_id"],
        telegram_user_id=row["telegram_user_id"] or 0,
        lane=row["lane"],
        topic=row["topic"],
        expires_at=from_ms_or_none(row["expires_at"]),
        attempts=row["attempts"],
        kind=row["kind"],
        payload=json.loads(row["payload"]),
        interrupted=row["error"] == "interrupted",
    )


async def list_due(tx: Tx, *, lane: str, now: datetime, limit: int) -> list[Delivery]:
    """List what is due in a lane, oldest first."""
    rows = await tx.all("list_due_deliveries", lane=lane, now=to_ms(now), limit=limit)
    return [_delivery_of(row) for row in rows]


async def claim(tx: Tx, delivery_id: int, *, replica_id: int = 0) -> bool:
    """Take a delivery for sending by this process; False when it is not due any more, or somebody else is at it."""
    return await tx.run("claim_delivery", id=delivery_id, replica_id=replica_id) == 1


async def finish(
    tx: Tx,
    delivery_id: int,
    *,
    status: str,
    message_id: int | None,
    at: datetime,
    error: str | None = None,
    due_at: datetime | None = None,
) -> None:
    """Note what became of a delivery: sent, skipped, failed, or due again (at `due_at`, else at once)."""
    await tx.run(
        "finish_delivery",
        id=delivery_id,
        status=status,
        message_id=message_id,
        at=to_ms(at),
        error=error,
        due_at=to_ms_or_none(due_at),
    )


async def park(tx: Tx, delivery: Delivery) -> None:
    """Keep a receipt until its member can be reached again; anything else has lost its point by then."""
    if delivery.lane == "receipt":
        await tx.run("park_delivery", id=delivery.id, parked_at=_PARKED_MS)
    else:
        await tx.run("skip_delivery", id=delivery.id, error="unreachable")


async def release_parked(tx: Tx, member_id: int, *, at: datetime) -> None:
    """Let the receipts that waited for a member be due: they can be reached again."""
    await tx.run("release_parked_deliveries", member_id=member_id, at=to_ms(at), parked_at=_PARKED_MS)


async def skip_overtaken(tx: Tx, delivery: Delivery, *, now: datetime) -> None:
    """Skip the older due deliveries of a topic: the newest says it all."""
    await tx.run(
        "skip_overtaken_deliveries",
        member_id=delivery.member_id,
        topic=delivery.topic,
        id=delivery.id,
        now=to_ms(now),
    )


async def find_topic_message(tx: Tx, member_id: int, topic: str) -> int | None:
    """Give the Telegram message that a topic's next delivery edits, or None."""
    message_id: int | None = await tx.value("find_topic_message", member_id=member_id, topic=topic)
    return message_id


async def close_topic(tx: Tx, member_id: int, topic: str) -> None:
    """Let the next delivery of a topic be a new message: the member has seen this one."""
    await tx.run("close_topic", member_id=member_id, topic=topic)


async def release_interrupted(tx: Tx) -> int:
    """After a crash: receipts and screens being sent are due again, alerts are let go (never twice). How many."""
    alerts = await tx.run("skip_interrupted_alerts")
    return alerts + await tx.run("release_interrupted")


async def find_newest(tx: Tx) -> datetime | None:
    """Find when the newest fact became one, or the newest update came; None in an empty database."""
    newest = await tx.value("find_newest_moment")
    return from_ms_or_none(newest)


async def get_flag(tx: Tx, name: str) -> str | None:
    """Give a flag's value, or None when it is not set."""
    value: str | None = await tx.value("get_flag", name=name)
    return value


async def set_flag(tx: Tx, name: str, value: str, *, at: datetime) -> None:
    """Set a flag."""
    await tx.run("set_flag", name=name, value=value, at=to_ms(at))


async def delete_flag(tx: Tx, name: str) -> bool:
    """Take a flag away; False when it was not set."""
    return await tx.run("delete_flag", name=name) == 1


async def take_slot(tx: Tx, tick: str, slot: int, *, at: datetime) -> bool:
    """Claim a slot of a tick; False when it has taken effect already."""
    return await tx.run("take_slot", tick=tick, slot=slot, at=to_ms(at)) == 1
