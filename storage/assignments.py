"""Assignments: the places members hold in jobs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.assignment import Assignment, AssignmentStatus
from bot.domain.eligibility import Standing
from bot.domain.job import Job
from bot.domain.work import Place, WorkLine
from storage import jobs, submissions
from storage.rows import Row, from_ms, from_ms_or_none, to_ms, to_ms_or_none
from storage.unit import Tx

#: How many decided places a member's list goes back.
DECIDED_LISTED = 200
RESERVED_LISTED = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """A job, whether its kind of work is switched on, and what a member already has to do with it."""

    job: Job
    category_on: bool
    standing: Standing


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


def work_line_of(row: Row) -> WorkLine:
    """Map a row of a member's list of work."""
    status = AssignmentStatus(row["status"])
    return WorkLine(
        assignment_id=row["id"],
        job_id=row["job_id"],
        title=row["title"],
        reward=row["reward"],
        status=status,
        fixing=status is AssignmentStatus.RESERVED and row["submission_id"] is not None,
        deadline_at=from_ms(row["deadline_at"]),
        review_by_at=from_ms_or_none(row["review_by_at"]),
        decided_at=from_ms_or_none(row["decided_at"]),
        paid_at=from_ms_or_none(row["paid_at"]),
        reason=row["reason"],
    )


async def find_assignment(tx: Tx, assignment_id: int) -> Assignment | None:
    """Give an assignment, or None."""
    row = await tx.one("find_assignment", id=assignment_id)
    return None if row is None else assignment_of(row)


async def find_place(tx: Tx, assignment_id: int) -> Place | None:
    """Give an assignment with its job, its reward and the last proof sent for it, or None."""
    row = await tx.one("find_place", id=assignment_id)
    if row is None:
        return None
    return Place(
        assignment=assignment_of(row),
        job=await jobs.get_job(tx, row["job_id"]),
        reward=row["place_reward"],
        submission=await submissions.find_last_submission(tx, assignment_id),
    )


async def find_candidate(tx: Tx, *, job_id: int, worker_id: int) -> Candidate | None:
    """Give a job with what this member already has to do with it, or None when there is no such job."""
    row = await tx.one("find_work_standing", job_id=job_id, worker_id=worker_id)
    if row is None:
        return None
    standing = Standing(used=row["used"], holds=row["holding"] > 0, reserved=row["reserved"])
    return Candidate(job=jobs.job_of(row), category_on=bool(row["category_on"]), standing=standing)


async def insert_assignment(
    tx: Tx, *, job_id: int, lot_id: int, worker_id: int, reserved_at: datetime, deadline_at: datetime
) -> Assignment:
    """Add a reservation."""
    row = await tx.insert(
        "insert_assignment",
        job_id=job_id,
        lot_id=lot_id,
        worker_id=worker_id,
        reserved_at=to_ms(reserved_at),
        deadline_at=to_ms(deadline_at),
    )
    return assignment_of(row)


async def save_work(tx: Tx, after: Assignment) -> bool:
    """Store one step of the worker's side (status, times, extension); False when the row moved on before."""
    changed = await tx.run(
        "update_assignment_work",
        id=after.id,
        status=after.status,
        deadline_at=to_ms(after.deadline_at),
        extended=int(after.extended),
        submitted_at=to_ms_or_none(after.submitted_at),
        version=after.version,
    )
    return changed == 1


async def mark_warned(tx: Tx, assignment_id: int, *, at: datetime) -> bool:
    """Note that the member was told their time is ending; False when that was done or is pointless."""
    return await tx.run("update_assignment_warned", id=assignment_id, at=to_ms(at)) == 1


async def find_live_assignment(tx: Tx, *, job_id: int, worker_id: int) -> Assignment | None:
    """Give the place a member has in a job right now, or None."""
    row = await tx.one("find_live_assignment", job_id=job_id, worker_id=worker_id)
    return None if row is None else assignment_of(row)


async def find_held_for_sign_up(tx: Tx, *, worker_id: int, hold: timedelta) -> Assignment | None:
    """Give the place that is held while a member signs up, or None."""
    hold_ms = hold // timedelta(milliseconds=1)
    row = await tx.one("find_held_for_sign_up", worker_id=worker_id, hold_ms=hold_ms)
    return None if row is None else assignment_of(row)


async def list_ending(
    tx: Tx, *, now: datetime, part: int, shortest: timedelta, longest: timedelta, limit: int
) -> list[Assignment]:
    """List reservations whose last `part` (but at most `longest`) has begun and whose members were not told."""
    millisecond = timedelta(milliseconds=1)
    rows = await tx.all(
        "list_ending_reservations",
        now=to_ms(now),
        part=part,
        shortest_ms=shortest // millisecond,
        longest_ms=longest // millisecond,
        limit=limit,
    )
    return [assignment_of(row) for row in rows]


async def list_ended(tx: Tx, *, now: datetime, limit: int) -> list[Assignment]:
    """List reservations whose time is over."""
    return [assignment_of(row) for row in await tx.all("list_ended_reservations", now=to_ms(now), limit=limit)]


async def list_work(tx: Tx, worker_id: int, *, limit: int, offset: int) -> list[WorkLine]:
    """List a member's work: in progress, waiting for review, then the latest decisions."""
    rows = await tx.all("list_work", worker_id=worker_id, limit=limit, offset=offset, decided=DECIDED_LISTED)
    return [work_line_of(row) for row in rows]


async def list_reserved(tx: Tx, worker_id: int) -> list[WorkLine]:
    """List the places a member is working on, the next deadline first."""
    lines = await list_work(tx, worker_id, limit=RESERVED_LISTED, offset=0)
    return [line for line in lines if line.status is AssignmentStatus.RESERVED]
