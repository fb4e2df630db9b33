"""Work that is done and not paid yet."""

from bot.domain.balance import PendingWork
from storage.rows import from_ms_or_none
from storage.unit import Tx


async def get_pending(tx: Tx, member_id: int) -> PendingWork:
    """Give what a member's finished work will bring, and whether they published jobs themselves."""
    row = await tx.one("earnings_get_pending", member_id=member_id)
    assert row is not None
    return PendingWork(
        waiting=row["waiting"],
        next_pay_at=from_ms_or_none(row["next_pay_at"]),
        coming=row["coming"],
        employs=bool(row["employs"]),
    )
