"""Assignments: the places members hold in jobs."""

from bot.domain.assignment import Assignment, AssignmentStatus
from storage.rows import from_ms, from_ms_or_none
from storage.sqlite import Row
from storage.unit import Tx


def assignment_of(row: Row) -> Assignment:
    """Map a row of the assignments table."""
    return Assignment(
        id=row["id"],
        job_id=row["job_id"],
        lot_id=row["lot_id"],
        worker_id=row["worker_id"],
        status=AssignmentStatus(row["status"]),
        reserved_at=from_ms(row["reserved_at"]),
        deadline_at=from_ms(row["deadline_at"]),
        extended=bool(row["extended"]),
        warned_at=from_ms_or_none(row["warned_at"]),
        submitted_at=from_ms_or_none(row["submitted_at"]),
        decided_at=from_ms_or_none(row["decided_at"]),
        pay_at=from_ms_or_none(row["pay_at"]),
        paid_at=from_ms_or_none(row["paid_at"]),
        reopen_at=from_ms_or_none(row["reopen_at"]),
        reopened_at=from_ms_or_none(row["reopened_at"]),
        version=row["version"],
    )


async def find_assignment(tx: Tx, assignment_id: int) -> Assignment | None:
    """Give an assignment, or None."""
    row = await tx.one("find_assignment", id=assignment_id)
    return None if row is None else assignment_of(row)
