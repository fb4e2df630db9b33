"""Withdrawals: written, read, moved one step at a time. Destinations are handed in and out encrypted."""

from datetime import datetime

from bot.domain.wallet import LIVE, Quote, Way, Withdrawal, WithdrawalStatus
from storage import outbox
from storage.ledger import LAST
from storage.rows import Row, from_ms, from_ms_or_none, to_ms, to_ms_or_none
from storage.unit import Tx

_FROZEN = "payouts_frozen"


async def insert_withdrawal(
    tx: Tx,
    *,
    member_id: int,
    quote: Quote,
    destination: str,
    masked: str,
    fingerprint: str,
    payable_at: datetime,
    at: datetime,
) -> Withdrawal:
    """Write a request down."""
    row = await tx.insert(
        "wallet_insert_withdrawal",
        member_id=member_id,
        way=quote.way.value,
        destination=destination,
        masked=masked,
        fingerprint=fingerprint,
        amount=quote.amount,
        fee=quote.fee,
        net=quote.net,
        at=to_ms(at),
        payable_at=to_ms(payable_at),
    )
    written = await find_withdrawal(tx, row["id"])
    assert written is not None
    return written


async def find_withdrawal(tx: Tx, withdrawal_id: int) -> Withdrawal | None:
    """Give a withdrawal with what an operator has to know about its destination, or None."""
    row = await tx.one("wallet_get_withdrawal", id=withdrawal_id)
    return None if row is None else _withdrawal_of(row)


async def find_live_withdrawal(tx: Tx, member_id: int) -> Withdrawal | None:
    """Give the member's one withdrawal that is not over yet, or None."""
    row = await tx.one("wallet_find_live_withdrawal", member_id=member_id)
    return None if row is None else _withdrawal_of(row)


async def list_withdrawals(tx: Tx, member_id: int, *, before: int | None = None, limit: int = 10) -> list[Withdrawal]:
    """List a member's withdrawals, newest first; the next page begins `before` the last id."""
    rows = await tx.all(
        "wallet_list_withdrawals", member_id=member_id, before=LAST if before is None else before, limit=limit
    )
    return [_withdrawal_of(row) for row in rows]


async def list_queue(tx: Tx, *, after: int = 0, limit: int = 10) -> list[Withdrawal]:
    """List withdrawals that wait for an operator, the oldest first; the next page begins `after` the last id."""
    return [_withdrawal_of(row) for row in await tx.all("wallet_list_withdrawal_queue", after=after, limit=limit)]


async def save_step(tx: Tx, was: Withdrawal, moved: Withdrawal, *, by: int | None, at: datetime) -> bool:
    """Store one step; False when somebody took another first."""
    over = moved.status not in LIVE
    changed = await tx.run(
        "wallet_update_withdrawal",
        id=was.id,
        version=was.version,
        from_status=was.status.value,
        status=moved.status.value,
        reference=moved.reference,
        by=by,
        approved_at=to_ms_or_none(at if moved.status is WithdrawalStatus.APPROVED else None),
        closed_at=to_ms_or_none(at if over else None),
    )
    return changed == 1


async def get_destination(tx: Tx, withdrawal_id: int) -> str | None:
    """Give the encrypted destination; None once erased."""
    found: str | None = await tx.value("wallet_get_destination", id=withdrawal_id)
    return found


async def is_destination_new(tx: Tx, *, member_id: int, fingerprint: str) -> bool:
    """Say whether this member was paid before, but never to this destination."""
    row = await tx.one("wallet_find_paid_destinations", member_id=member_id, fingerprint=fingerprint)
    assert row is not None
    return bool(row["paid"] > 0 and row["same"] == 0)


async def is_reference_used(tx: Tx, *, way: Way, reference: str) -> bool:
    """Say whether this way's payment reference stands on a withdrawal already."""
    return int(await tx.value("wallet_count_withdrawal_reference", way=way.value, reference=reference)) > 0


async def find_freeze(tx: Tx) -> str | None:
    """Give why payouts are stopped, or None when they are not."""
    return await outbox.get_flag(tx, _FROZEN)


async def freeze(tx: Tx, reason: str, *, at: datetime) -> None:
    """Stop payouts, saying why."""
    await outbox.set_flag(tx, _FROZEN, reason, at=at)


async def thaw(tx: Tx) -> bool:
    """Let payouts go on; False when they were not stopped."""
    return await outbox.delete_flag(tx, _FROZEN)


def _withdrawal_of(row: Row) -> Withdrawal:
    return Withdrawal(
        id=row["id"],
        member_id=row["member_id"],
        way=Way(row["way"]),
        masked=row["masked"],
        amount=row["amount"],
        fee=row["fee"],
        net=row["net"],
        status=WithdrawalStatus(row["status"]),
        version=row["version"],
        requested_at=from_ms(row["requested_at"]),
        payable_at=from_ms(row["payable_at"]),
        reference=row["reference"],
        closed_at=from_ms_or_none(row["closed_at"]),
        first=bool(row["first"]),
        shared=bool(row["shared"]),
    )
