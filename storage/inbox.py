"""The inbox: every update exactly as it came, what became of it, and the reply that is still owed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.dialog import Dialog
from bot.domain.member import Member
from storage.dialogs import dialog_of
from storage.members import member_of
from storage.rows import Row, to_ms
from storage.unit import Tx


@dataclass(frozen=True, slots=True)
class Arrival:
    """One update to be handled; `reply` is set instead of `raw` when only its answer is still owed.

    `raw` is the text from the inbox, or the update itself when it has just come.
    """

    id: int
    sender_id: int
    raw: str | dict[str, Any] | None
    reply: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """What a unit knows as it opens: the arrival's status, who it is from, the conversation that is open."""

    status: str
    member: Member | None
    seen_at_ms: int
    dialog: Dialog | None
    topic: str | None


async def insert_arrivals(
    tx: Tx, *, bot_id: int, batch: Sequence[dict[str, Any]], received_at: datetime, replica_id: int = 0
) -> dict[int, int]:
    """Store a batch of {update_id, sender_id, raw: the update}; gives the row id of each update id that was new.

    Where processes share the database, also those that this process stored before and has not applied yet: the answer
    to the commit that stored them may have been lost.
    """
    if tx.shared:
        rows = await tx.all(
            "insert_arrivals",
            bot_id=bot_id,
            update_ids=[one["update_id"] for one in batch],
            sender_ids=[one["sender_id"] for one in batch],
            raws=[json.dumps(one["raw"], separators=(",", ":")) for one in batch],
            received_at=to_ms(received_at),
            replica_id=replica_id,
        )
        return {row["update_id"]: row["id"] for row in rows}
    # One strange update must not keep the whole batch out of the database: half a surrogate pair (so: plain ASCII), or
    # a number beyond all numbers, which is no JSON for SQLite and therefore wrapped in a text.
    try:
        stored = json.dumps(batch, separators=(",", ":"), allow_nan=False)
    except ValueError:
        stored = json.dumps([{**one, "raw": json.dumps(one["raw"], separators=(",", ":"))} for one in batch])
    rows = await tx.all("insert_arrivals", bot_id=bot_id, batch=stored, received_at=to_ms(received_at))
    return {row["update_id"]: row["id"] for row in rows}


async def list_unfinished(tx: Tx, *, after: int, limit: int) -> list[Row]:
    """List arrivals not applied, or not answered, in order of arrival after a row id."""
    return await tx.all("list_unfinished", after=after, limit=limit)


async def list_left(tx: Tx, sender_id: int, *, replica_id: int = 0, after: int, limit: int) -> list[Arrival]:
    """List a sender's arrivals that a process has not applied, or not answered, in order of arrival after a row id."""
    rows = await tx.all(
        "list_unfinished_of_sender", sender_id=sender_id, replica_id=replica_id, after=after, limit=limit
    )
    return [arrival_of(row) for row in rows]


def arrival_of(row: Row) -> Arrival:
    """Map an unfinished row: what is to be handled, or only the answer that is owed."""
    if row["status"] == "applied":
        return Arrival(row["id"], row["sender_id"], None, row["reply"])
    return Arrival(row["id"], row["sender_id"], row["raw"])


async def open_arrival(tx: Tx, *, inbox_id: int, telegram_user_id: int, message_id: int | None = None) -> Opened | None:
    """Read in one go what a unit needs to begin; None when there is no such arrival.

    `message_id` is the message whose button was tapped: `topic` says what later deliveries would edit in it.
    """
    rows = await tx.all("open_update", inbox_id=inbox_id, telegram_user_id=telegram_user_id, message_id=message_id or 0)
    if not rows:
        return None
    row = rows[0]
    known = row["id"] is not None
    return Opened(
        status=row["inbox_status"],
        member=member_of(row) if known else None,
        seen_at_ms=row["seen_at"] if known else 0,
        dialog=dialog_of(row, state="dialog_state", open_="dialog_open") if row["conversation"] is not None else None,
        topic=row["topic"],
    )


async def mark_applied(
    tx: Tx, inbox_id: int, *, reply: str | None, at: datetime, put_off: str | None = None, replica_id: int = 0
) -> bool:
    """Mark an arrival done and keep its reply until this process has sent it; False when somebody was faster.

    `put_off` is the key under which the reply waits a moment for a later one that says more.
    """
    status = "answered" if reply is None else "applied"
    changed = await tx.run(
        "mark_applied",
        id=inbox_id,
        status=status,
        reply=reply,
        put_off=put_off,
        replica_id=replica_id,
        at=to_ms(at),
    )
    return changed == 1


async def find_own_reply(tx: Tx, inbox_id: int, *, replica_id: int) -> str | None:
    """Give the reply that this process owes, or None: when a commit's answer was lost, this says that it happened."""
    reply: str | None = await tx.value("find_own_reply", id=inbox_id, replica_id=replica_id)
    return reply


async def find_arrival(tx: Tx, inbox_id: int) -> Arrival | None:
    """Give an arrival that is still to be applied, or None."""
    row = await tx.one("find_arrival", id=inbox_id)
    return None if row is None else arrival_of(row)


async def mark_answered(tx: Tx, inbox_ids: Sequence[int]) -> None:
    """Note that these replies have left."""
    await tx.run("mark_answered", ids=json.dumps(list(inbox_ids)))


async def add_attempt(tx: Tx, inbox_id: int, *, error: str) -> int:
    """Count a failed run; gives how many there were."""
    return int((await tx.insert("add_attempt", id=inbox_id, error=error))["attempts"])


async def quarantine(tx: Tx, inbox_id: int, *, error: str, at: datetime) -> None:
    """Set an arrival aside with its traceback; its raw text stays for whoever looks into it."""
    await tx.run("quarantine", id=inbox_id, error=error, at=to_ms(at))


async def add_send(tx: Tx, inbox_id: int) -> int:
    """Count that a stored reply is about to be sent again; gives how many times."""
    return int((await tx.insert("add_send", id=inbox_id))["sends"])


async def sweep_inbox(tx: Tx, *, before: datetime, limit: int) -> int:
    """Delete finished arrivals received before a time; how many."""
    return await tx.run("delete_old_arrivals", before=to_ms(before), limit=limit)
