"""Reviewing: cases, the employer's queue, Approve-all orders, and what the clock has to look at."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from bot.domain.assignment import Assignment, SubmissionStatus
from bot.domain.review import Case, Reason, Verdict
from bot.domain.review_queue import (
    ApproveOrder,
    OrderStatus,
    QueueState,
    ReviewItem,
    SeenBefore,
    UndoOffer,
    WaitingSum,
)
from storage.assignments import assignment_of
from storage.jobs import get_job
from storage.rows import Row, from_ms, from_ms_or_none, to_ms, to_ms_or_none
from storage.submissions import find_submission, list_proofs
from storage.unit import Tx

NEWEST = 2**63 - 1  # above every id: where a list of the newest begins


# -- one case --------------------------------------------------------------------------------------------------


async def find_case(tx: Tx, submission_id: int) -> Case | None:
    """Give a submission with its place and its employer, or None."""
    submission = await find_submission(tx, submission_id)
    if submission is None:
        return None
    row = await tx.one("find_case_assignment", assignment_id=submission.assignment_id)
    assert row is not None, "a submission has its place"
    return Case(submission, assignment_of(row), row["employer_id"], row["reward"], row["fee"])


async def save_case(tx: Tx, before: Case, after: Case) -> bool:
    """Write a decision; False when the submission or its place moved on in the meantime."""
    submission, assignment = after.submission, after.assignment
    written = await tx.run(
        "update_decided_submission",
        id=submission.id,
        status=submission.status.value,
        reason=submission.reason,
        note=submission.note,
        decided_by=submission.decided_by,
        decided_at=to_ms_or_none(submission.decided_at),
        version=submission.version,
        version_before=before.submission.version,
    )
    written += await tx.run(
        "update_decided_assignment",
        id=assignment.id,
        status=assignment.status.value,
        deadline_at=to_ms(assignment.deadline_at),
        warned_at=to_ms_or_none(assignment.warned_at),
        decided_at=to_ms_or_none(assignment.decided_at),
        pay_at=to_ms_or_none(assignment.pay_at),
        reopen_at=to_ms_or_none(assignment.reopen_at),
        version=assignment.version,
        version_before=before.assignment.version,
    )
    return written == 2


async def count_other_live_places(tx: Tx, assignment: Assignment) -> int:
    """Count the worker's other live places in the same job."""
    return int(
        await tx.value(
            "count_other_live_places", job_id=assignment.job_id, worker_id=assignment.worker_id, id=assignment.id
        )
    )


# -- the queue -------------------------------------------------------------------------------------------------


async def find_next_waiting(tx: Tx, *, employer_id: int, after_id: int = 0) -> int | None:
    """Give the id of the submission that comes after one in the employer's queue, from the start again at its end."""
    found: int | None = await tx.value("find_next_waiting", employer_id=employer_id, after_id=after_id)
    return found


async def find_next_frozen(tx: Tx, *, employer_id: int, now: datetime, before_id: int = NEWEST) -> int | None:
    """Give the id of the employer's newest rejection below `before_id` whose place is still kept, or None."""
    found: int | None = await tx.value("find_next_frozen", employer_id=employer_id, now=to_ms(now), before_id=before_id)
    return found


async def get_item(tx: Tx, case: Case) -> ReviewItem:
    """Give all that the employer sees of a submission."""
    submission, assignment = case.submission, case.assignment
    job = await get_job(tx, submission.job_id)
    proofs = await list_proofs(tx, submission.id)
    seen = (
        await tx.all("list_pictures_seen_before", submission_id=submission.id, employer_id=case.employer_id)
        if proofs
        else []
    )
    around = await tx.one(
        "get_review_surroundings",
        worker_id=assignment.worker_id,
        employer_id=case.employer_id,
        job_id=submission.job_id,
        id=submission.id,
        submitted_at=to_ms(submission.submitted_at),
        assignment_id=assignment.id,
        round=submission.round,
    )
    assert around is not None
    return ReviewItem(
        case=case,
        title=job.title,
        requirements=job.requirements,
        proofs=tuple(proofs),
        seen=tuple(
            SeenBefore(row["proof_id"], row["worker_id"], from_ms(row["submitted_at"]), row["submission_id"])
            for row in seen
        ),
        worker_approved=around["worker_approved"],
        worker_rejected=around["worker_rejected"],
        position=around["position"],
        total=around["total"],
        job_waiting=around["job_waiting"],
        approving_all=bool(around["approving_all"]),
        asked=None if around["asked_reason"] is None else Verdict(Reason(around["asked_reason"]), around["asked_note"]),
        first_sent_at=from_ms(around["first_sent_at"]),
        minutes=job.minutes,
    )


async def get_queue_state(tx: Tx, *, employer_id: int, now: datetime, since: datetime) -> QueueState:
    """Give what surrounds the queue's card; decisions made after `since` may be offered to undo."""
    counts = await tx.one("count_queue", employer_id=employer_id, now=to_ms(now))
    assert counts is not None
    last = await tx.one("find_last_undoable", employer_id=employer_id, since=to_ms(since), now=to_ms(now))
    order = await tx.one("find_undoable_approve_order", employer_id=employer_id, now=to_ms(now))
    return QueueState(
        waiting=counts["waiting"],
        frozen=counts["frozen"],
        undo=None
        if last is None
        else UndoOffer(last["id"], last["version"], SubmissionStatus(last["status"]), last["worker_id"]),
        order=None if order is None else order_of(order),
    )


async def get_waiting_summary(tx: Tx, employer_id: int) -> tuple[int, datetime | None]:
    """Give how many proofs wait for an employer, and when the first of them pays itself."""
    row = await tx.one("get_waiting_summary", employer_id=employer_id)
    assert row is not None
    return row["waiting"], from_ms_or_none(row["first_at"])


async def get_clock_approvals(tx: Tx, *, employer_id: int, since: datetime, until: datetime) -> tuple[int, int]:
    """Give how many of an employer's proofs the clock approved in a time, and their rewards together."""
    row = await tx.one("get_clock_approvals", employer_id=employer_id, since=to_ms(since), until=to_ms(until))
    assert row is not None
    return row["approved"], row["reward"]


# -- Approve all -----------------------------------------------------------------------------------------------


def order_of(row: Row) -> ApproveOrder:
    """Map a row of the approve_orders table."""
    return ApproveOrder(
        id=row["id"],
        job_id=row["job_id"],
        employer_id=row["employer_id"],
        up_to_submission_id=row["up_to_submission_id"],
        status=OrderStatus(row["status"]),
        total=row["total"],
        approved=row["approved"],
        amount=row["amount"],
        start_at=from_ms(row["start_at"]),
        version=row["version"],
    )


async def find_waiting_sum(
    tx: Tx, *, job_id: int, employer_id: int, up_to_submission_id: int = NEWEST
) -> WaitingSum | None:
    """Give what an Approve all of a job would approve, or None when the job is not this employer's."""
    row = await tx.one("get_waiting_sum", job_id=job_id, up_to_submission_id=up_to_submission_id)
    if row is None or row["employer_id"] != employer_id:
        return None
    return WaitingSum(row["job_id"], row["title"], row["waiting"], row["reward"], row["up_to_submission_id"])


async def insert_order(tx: Tx, waiting: WaitingSum, *, employer_id: int, start_at: datetime, at: datetime) -> int:
    """Write an order to approve all that waits and give its id."""
    row = await tx.insert(
        "insert_approve_order",
        job_id=waiting.job_id,
        employer_id=employer_id,
        up_to_submission_id=waiting.up_to_submission_id,
        total=waiting.count,
        start_at=to_ms(start_at),
        created_at=to_ms(at),
    )
    return int(row["id"])


async def find_order(tx: Tx, order_id: int) -> ApproveOrder | None:
    """Give an order, or None."""
    row = await tx.one("find_approve_order", id=order_id)
    return None if row is None else order_of(row)


async def find_open_order(tx: Tx, job_id: int) -> ApproveOrder | None:
    """Give the order that a job's proofs are being approved by, or None."""
    row = await tx.one("find_open_approve_order", job_id=job_id)
    return None if row is None else order_of(row)


async def find_started_order(tx: Tx, *, now: datetime, aside: Collection[int] = ()) -> ApproveOrder | None:
    """Give the order that is to be worked off next, or None; those of `aside` are left alone."""
    row = await tx.one("find_started_approve_order", now=to_ms(now), aside=json.dumps(sorted(aside)))
    return None if row is None else order_of(row)


async def save_order(tx: Tx, before: ApproveOrder, after: ApproveOrder, *, done_at: datetime | None) -> bool:
    """Write how far an order is; False when it moved on in the meantime."""
    written = await tx.run(
        "update_approve_order",
        id=after.id,
        status=after.status.value,
        approved=after.approved,
        amount=after.amount,
        version=after.version,
        version_before=before.version,
        done_at=to_ms_or_none(done_at),
    )
    return written == 1


async def list_waiting_of_order(tx: Tx, order: ApproveOrder, *, limit: int) -> list[int]:
    """List the submissions an order still has to approve, oldest first."""
    rows = await tx.all(
        "list_waiting_of_order",
        job_id=order.job_id,
        up_to_submission_id=order.up_to_submission_id,
        limit=limit,
    )
    return [row["id"] for row in rows]


# -- what is due -----------------------------------------------------------------------------------------------


async def list_overdue(tx: Tx, *, now: datetime, limit: int) -> list[int]:
    """List the submissions whose review time is over, the longest due first."""
    return [row["id"] for row in await tx.all("list_overdue_reviews", now=to_ms(now), limit=limit)]


async def list_due_pay(tx: Tx, *, now: datetime, limit: int) -> list[tuple[Assignment, int]]:
    """List the approved places whose undo time is over, each with its submission's id."""
    rows = await tx.all("list_due_pay", now=to_ms(now), limit=limit)
    return [(assignment_of(row), row["submission_id"]) for row in rows]


async def mark_paid(tx: Tx, assignment_id: int, *, now: datetime) -> bool:
    """Note that a place is paid now; False when it isn't due."""
    return await tx.run("mark_place_paid", id=assignment_id, now=to_ms(now)) == 1


async def find_maturing(tx: Tx, entry_id: int) -> datetime | None:
    """Give when the reward of an entry becomes available, or None when it is already."""
    return from_ms_or_none(await tx.value("find_maturing_of_entry", entry_id=entry_id))


async def list_due_reopen(tx: Tx, *, now: datetime, limit: int) -> list[Assignment]:
    """List the rejected places that are to be given back."""
    return [assignment_of(row) for row in await tx.all("list_due_reopen", now=to_ms(now), limit=limit)]


async def mark_reopened(tx: Tx, assignment_id: int, *, now: datetime) -> bool:
    """Note that a rejected place is given back now; False when it isn't due."""
    return await tx.run("mark_place_reopened", id=assignment_id, now=to_ms(now)) == 1


async def list_reminders_due(tx: Tx, *, now: datetime, limit: int) -> Sequence[tuple[int, int]]:
    """List the employers to be reminded: of half of the review time (1), or of four fifths (2)."""
    rows = await tx.all("list_reminders_due", now=to_ms(now), limit=limit)
    return [(row["employer_id"], row["level"]) for row in rows]


async def mark_reminded(tx: Tx, employer_id: int, *, now: datetime) -> None:
    """Note that an employer was reminded of all that was due."""
    await tx.run("mark_reminded", employer_id=employer_id, now=to_ms(now))
