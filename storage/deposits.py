"""Deposits that members say they made: written, read, decided once."""

from datetime import datetime

from bot.domain.wallet import Deposit, DepositStatus
from storage.ledger import LAST
from storage.rows import Row, from_ms, from_ms_or_none, to_ms
from storage.unit import Tx


async def insert_deposit(tx: Tx, *, member_id: int, amount: int, reference: str, at: datetime) -> Deposit:
    """Write down that a member says they paid."""
    row = await tx.insert(
        "wallet_insert_deposit", member_id=member_id, amount=amount, reference=reference, at=to_ms(at)
    )
    return _deposit_of(row)


async def find_deposit(tx: Tx, deposit_id: int) -> Deposit | None:
    """Give a deposit, or None."""
    row = await tx.one("wallet_get_deposit", id=deposit_id)
    return None if row is None else _deposit_of(row)


async def save_decision(tx: Tx, decided: Deposit, *, by: int, entry_id: int | None = None, at: datetime) -> bool:
    """Store what was decided; False when somebody decided first."""
    changed = await tx.run(
        "wallet_update_deposit",
        id=decided.id,
        version=decided.version - 1,
        status=decided.status.value,
        by=by,
        entry_id=entry_id,
        at=to_ms(at),
    )
    return changed == 1


async def count_claims(tx: Tx, member_id: int) -> int:
    """Count a member's deposits that wait for an operator."""
    return int(await tx.value("wallet_count_claims", member_id=member_id))


async def is_reference_claimed(tx: Tx, *, member_id: int, reference: str) -> bool:
    """Say whether this member claimed the payment already, or anybody was credited for it."""
    return int(await tx.value("wallet_count_reference", member_id=member_id, reference=reference)) > 0


async def is_reference_confirmed(tx: Tx, reference: str) -> bool:
    """Say whether anybody was credited for this payment."""
    return int(await tx.value("wallet_count_confirmed_reference", reference=reference)) > 0


async def list_claims(tx: Tx, *, after: int = 0, limit: int = 10) -> list[Deposit]:
    """List deposits that wait for an operator, the oldest first; the next page begins `after` the last id."""
    return [_deposit_of(row) for row in await tx.all("wallet_list_claims", after=after, limit=limit)]


async def list_deposits(tx: Tx, member_id: int, *, before: int | None = None, limit: int = 10) -> list[Deposit]:
    """List a member's deposits, newest first; the next page begins `before` the last id."""
    rows = await tx.all(
        "wallet_list_deposits", member_id=member_id, before=LAST if before is None else before, limit=limit
    )
    return [_deposit_of(row) for row in rows]


def _deposit_of(row: Row) -> Deposit:
    return Deposit(
        id=row["id"],
        member_id=row["member_id"],
        amount=row["amount"],
        reference=row["reference"],
        status=DepositStatus(row["status"]),
        version=row["version"],
        claimed_at=from_ms(row["claimed_at"]),
        decided_at=from_ms_or_none(row["decided_at"]),
        entry_id=row["entry_id"],
    )
