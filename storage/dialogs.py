"""Dialogs: the conversation each member is in, and those parked with their draft."""

import json
from datetime import datetime, timedelta

from bot.domain.dialog import PARKED_DAYS, Dialog
from storage.rows import Row, from_ms, to_ms
from storage.unit import Tx


def dialog_of(row: Row, *, state: str = "state", open_: str = "open") -> Dialog:
    """Map a row of the dialogs table; the column names can be those of a join."""
    stored = json.loads(row["draft"])
    return Dialog(
        conversation=row["conversation"],
        state=row[state],
        expires_at=from_ms(row["expires_at"]),
        draft=stored.get("draft", {}),
        answered=stored.get("answered", {}),
        open=bool(row[open_]),
    )


async def find_dialog(tx: Tx, member_id: int, conversation: str) -> Dialog | None:
    """Give a member's dialog of this conversation, open or parked, or None."""
    row = await tx.one("find_dialog", member_id=member_id, conversation=conversation)
    return None if row is None else dialog_of(row)


async def find_left_dialog(tx: Tx, member_id: int, *, since: datetime) -> Dialog | None:
    """Give the dialog a member left last, if that was after `since`, or None."""
    after = to_ms(since + timedelta(days=PARKED_DAYS))
    row = await tx.one("find_left_dialog", member_id=member_id, after=after)
    return None if row is None else dialog_of(row)


async def save_dialog(tx: Tx, member_id: int, dialog: Dialog) -> None:
    """Store a dialog as it stands now."""
    await tx.run(
        "upsert_dialog",
        member_id=member_id,
        conversation=dialog.conversation,
        state=dialog.state,
        draft=json.dumps({"draft": dialog.draft, "answered": dialog.answered}, separators=(",", ":")),
        open=int(dialog.open),
        expires_at=to_ms(dialog.expires_at),
    )


async def delete_dialog(tx: Tx, member_id: int, conversation: str) -> None:
    """Forget a dialog that ended."""
    await tx.run("delete_dialog", member_id=member_id, conversation=conversation)


async def sweep_dialogs(tx: Tx, *, now: datetime, limit: int) -> int:
    """Park the open dialogs whose time ran out and forget the parked ones whose week is over; how many."""
    parked_ms = timedelta(days=PARKED_DAYS) // timedelta(milliseconds=1)
    parked = await tx.run("park_expired_dialogs", now=to_ms(now), parked_ms=parked_ms, limit=limit)
    return parked + await tx.run("delete_expired_dialogs", now=to_ms(now), limit=limit)
