"""Lots: the places of a job, counted by price. Every count moves in one guarded statement."""

from datetime import datetime

from bot.domain.job import Lot
from storage.rows import Row, to_ms
from storage.unit import Tx


def lot_of(row: Row) -> Lot:
    """Map a row of the lots table."""
    return Lot(**{name: row[name] for name in Lot.__dataclass_fields__})


async def insert_lot(tx: Tx, *, job_id: int, reward: int, fee: int, slots: int) -> Lot:
    """Add places of one price to a job."""
    return lot_of(await tx.insert("insert_lot", job_id=job_id, reward=reward, fee=fee, slots=slots))


async def list_lots(tx: Tx, job_id: int) -> list[Lot]:
    """List the lots of a job, the best paid first."""
    return [lot_of(row) for row in await tx.all("list_lots", job_id=job_id)]


async def take_slot(tx: Tx, job_id: int) -> Lot | None:
    """Count one more place of an open job as taken and give its lot as it is then, or None when none is free."""
    row = await tx.one("take_free_slot", job_id=job_id)
    return None if row is None else lot_of(row)


async def return_slot(tx: Tx, *, lot_id: int, job_id: int) -> Lot | None:
    """Count one place less as taken (released when the job is closed), or None when none was taken."""
    row = await tx.one("return_taken_slot", lot_id=lot_id, job_id=job_id)
    return None if row is None else lot_of(row)


async def pay_slot(tx: Tx, *, lot_id: int, job_id: int) -> Lot | None:
    """Count one taken place as paid, or None when none was taken."""
    row = await tx.one("pay_taken_slot", lot_id=lot_id, job_id=job_id)
    return None if row is None else lot_of(row)


async def release_free(tx: Tx, job_id: int) -> None:
    """Count every free place of a job as released."""
    await tx.run("release_free_slots", job_id=job_id)


async def mark_filled(tx: Tx, job_id: int) -> bool:
    """Make an open job without a free place filled; whether it was so."""
    return await tx.run("fill_job_without_free_slots", job_id=job_id) == 1


async def mark_reopened(tx: Tx, job_id: int) -> bool:
    """Make a filled job with a free place open; whether it was so."""
    return await tx.run("reopen_job_with_free_slots", job_id=job_id) == 1


async def mark_finished(tx: Tx, job_id: int, *, at: datetime) -> bool:
    """Close a job whose every place is paid or released; whether it was so."""
    return await tx.run("close_job_without_open_slots", job_id=job_id, at=to_ms(at)) == 1
