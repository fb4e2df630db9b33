"""Deciding on proof: approve, reject, ask to fix, undo; and what the clock does when nobody decides.

    approve ──► pay_at = now + undo ──pay_approved──► place paid, entry posted, receipt owed
    reject  ──► reopen_at = now + freeze ──reopen_rejected──► place given back (or refunded)
    nobody  ──► review_by_at ──auto_approve──► approved by the clock, paid at the next tick

Each works inside the caller's unit and never sends. A worker hears of a decision when it can't be undone any more:
their notice is due then, and names the version it was written for, so that after an undo it says nothing.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta

from bot.domain import entry, review
from bot.domain.assignment import AssignmentStatus
from bot.domain.errors import NotAllowed, Stale
from bot.domain.house import House
from bot.domain.member import Member
from bot.domain.review import Case, Verdict
from bot.domain.review_queue import OrderStatus
from bot.services.places import give_back_place, pay_place
from storage import ledger, reviews
from storage.rows import to_ms
from storage.unit import To, UnitOfWork

REMINDER_SPACING = timedelta(hours=6)  # at most one reminder of each kind in this time, however many proofs wait


async def approve(uow: UnitOfWork, *, submission_id: int, version: int, by: Member, house: House) -> Case:
    """Approve a submission; its worker is paid when the undo time is over.

    Raises:
        NotAllowed, AlreadyApproved, AlreadyRejected, AlreadySentBack, Stale: it can't be, and why.
    """
    before = await _get_case(uow, submission_id)
    after = review.approve(before, by=by.id, version=version, now=uow.now, undo=house.undo)
    await _save(uow, before, after)
    uow.emit("submission_approved", _facts(after))
    return after


async def reject(
    uow: UnitOfWork, *, submission_id: int, version: int, verdict: Verdict, by: Member, house: House
) -> Case:
    """Reject a submission; its place stays funded and closed for a while, and the worker is told after the undo time.

    Raises:
        NotAllowed, AlreadyApproved, AlreadyRejected, AlreadySentBack, Stale: it can't be, and why.
    """
    before = await _get_case(uow, submission_id)
    after = review.reject(before, verdict, by=by.id, version=version, now=uow.now, reopen_after=house.reopen_after)
    await _save(uow, before, after)
    uow.emit("submission_rejected", _facts(after), to=[_after_undo(uow, after, house)])
    return after


async def ask_to_fix(
    uow: UnitOfWork, *, submission_id: int, version: int, verdict: Verdict, by: Member, house: House
) -> Case:
    """Send a submission back to its worker, who may send once more; they are told after the undo time.

    Raises:
        NotAllowed, AlreadyApproved, AlreadyRejected, AlreadySentBack, FixRoundUsed, NotFixable, Stale.
    """
    before = await _get_case(uow, submission_id)
    after = review.ask_to_fix(before, verdict, by=by.id, version=version, now=uow.now, fix_round=house.fix_round)
    await _save(uow, before, after)
    uow.emit("changes_requested", _facts(after), to=[_after_undo(uow, after, house)])
    return after


async def undo(uow: UnitOfWork, *, submission_id: int, version: int, by: Member, house: House) -> Case:
    """Take back the employer's last decision on a submission while its undo time lasts.

    Raises:
        NotAllowed, NothingToUndo, AlreadyPaid, UndoIsOver, WorkerMovedOn, Stale: it can't be, and why.
    """
    before = await _get_case(uow, submission_id)
    after = review.undo(
        before, by=by.id, version=version, now=uow.now, undo=house.undo, reopen_after=house.reopen_after
    )
    waits_again = after.assignment.status is AssignmentStatus.SUBMITTED
    if waits_again and await reviews.count_other_live_places(uow.tx, after.assignment):
        raise review.WorkerMovedOn  # a member has one live place of a job at a time
    await _save(uow, before, after)
    uow.emit("decision_undone", _facts(after))
    return after


async def change_to_approved(uow: UnitOfWork, *, submission_id: int, version: int, by: Member, house: House) -> Case:
    """Approve an own rejection after all, while its place is still kept for it.

    Raises:
        NotAllowed, AlreadyApproved, PlaceGivenBack, Stale: it can't be, and why.
    """
    before = await _get_case(uow, submission_id)
    after = review.change_to_approved(before, by=by.id, version=version, now=uow.now, undo=house.undo)
    await _save(uow, before, after)
    uow.emit("submission_approved", _facts(after))
    return after


# -- ticks -----------------------------------------------------------------------------------------------------


async def pay_approved(uow: UnitOfWork, *, limit: int = 20, house: House) -> int:
    """Pay approved places whose undo time is over, a slice of them, and say how many."""
    due = await reviews.list_due_pay(uow.tx, now=uow.now, limit=limit + len(uow.aside))
    count = 0
    for assignment, submission_id in uow.each(due, key=lambda one: one[0].id):
        count += 1
        marked = await reviews.mark_paid(uow.tx, assignment.id, now=uow.now)
        assert marked, "what was just listed as due is due"
        lot = await pay_place(uow, lot_id=assignment.lot_id, job_id=assignment.job_id)
        paid = entry.reward_paid(
            assignment_id=assignment.id,
            job_id=assignment.job_id,
            worker_id=assignment.worker_id,
            reward=lot.reward,
            fee=lot.fee,
            hold=house.reward_hold,
            at=uow.now,
        )
        entry_id = await ledger.post(uow.tx, paid)
        uow.emit(
            "reward_paid",
            {"assignment_id": assignment.id, "submission_id": submission_id, "entry_id": entry_id},
            to=[To(assignment.worker_id, key=f"reward_paid:{assignment.id}")],
        )
    return count


async def reopen_rejected(uow: UnitOfWork, *, limit: int = 20, house: House) -> int:
    """Give back rejected places whose freeze is over, a slice of them, and say how many."""
    due = await reviews.list_due_reopen(uow.tx, now=uow.now, limit=limit + len(uow.aside))
    count = 0
    for assignment in uow.each(due, key=lambda one: one.id):
        count += 1
        marked = await reviews.mark_reopened(uow.tx, assignment.id, now=uow.now)
        assert marked, "what was just listed as due is due"
        await give_back_place(uow, lot_id=assignment.lot_id, job_id=assignment.job_id)
    return count


async def auto_approve(uow: UnitOfWork, *, limit: int = 20, house: House) -> int:
    """Approve by the clock what nobody reviewed in time, a slice of it, and say how many.

    The worker's receipt says so when it is paid; the employer gets one message a day that counts up.
    """
    due = await reviews.list_overdue(uow.tx, now=uow.now, limit=limit + len(uow.aside))
    decided: Counter[int] = Counter()
    for submission_id in uow.each(due, key=int):
        before = await _get_case(uow, submission_id)
        after = review.approve_by_clock(before, now=uow.now)
        await _save(uow, before, after)
        uow.emit("submission_approved", _facts(after))
        decided[after.employer_id] += 1
    day = uow.now.astimezone(UTC).date().isoformat()
    for employer_id, count in decided.items():
        uow.emit(
            "auto_approved",
            {"employer_id": employer_id, "day": day, "count": count},
            to=[To(employer_id, topic=clock_topic(employer_id, uow.now))],
        )
    return decided.total()


async def remind_reviews(uow: UnitOfWork, *, limit: int = 20, house: House) -> int:
    """Remind employers whose proofs have waited half, or four fifths, of their review time; say how many employers."""
    due = await reviews.list_reminders_due(uow.tx, now=uow.now, limit=limit + len(uow.aside))
    slot = to_ms(uow.now) // (REMINDER_SPACING // timedelta(milliseconds=1))
    count = 0
    for employer_id, level in uow.each(due, key=lambda one: one[0]):
        count += 1
        await reviews.mark_reminded(uow.tx, employer_id, now=uow.now)
        key = f"review_reminder:{employer_id}:{level}:{slot}"
        uow.emit("review_reminder", {"employer_id": employer_id, "level": level}, to=[To(employer_id, key=key)])
    return count


async def work_off_approve_orders(uow: UnitOfWork, *, limit: int = 20, house: House) -> int:
    """Approve a slice of what Approve-all orders name, the oldest order first, and say how many.

    An order starts when it can't be undone any more, so what it approves is paid at the next tick.
    """
    done = 0
    while done < limit:
        order = await reviews.find_started_order(uow.tx, now=uow.now, aside=uow.aside)
        if order is None:
            break
        uow.row = order.id
        waiting = await reviews.list_waiting_of_order(uow.tx, order, limit=limit - done)
        amount = 0
        for submission_id in waiting:
            before = await _get_case(uow, submission_id)
            after = review.approve(
                before, by=order.employer_id, version=before.submission.version, now=uow.now, undo=timedelta(0)
            )
            await _save(uow, before, after)
            uow.emit("submission_approved", _facts(after))
            amount += after.reward
        finished = len(waiting) < limit - done
        after_slice = order.advanced(len(waiting), amount, OrderStatus.DONE if finished else OrderStatus.OPEN)
        if not await reviews.save_order(uow.tx, order, after_slice, done_at=uow.now if finished else None):
            raise Stale
        to = To(order.employer_id, lane="receipt" if finished else "screen", topic=f"approve_order:{order.id}")
        uow.emit("approve_order", {"order_id": order.id}, to=[to])
        done += len(waiting)
    return done


def waiting_topic(employer_id: int) -> str:
    """Name the message that counts an employer's waiting proofs."""
    return f"proofs:{employer_id}"


def clock_topic(employer_id: int, moment: datetime) -> str:
    """Name the message that counts what the clock approved for an employer on a (UTC) day."""
    return f"clock:{employer_id}:{moment.astimezone(UTC).date().isoformat()}"


async def _get_case(uow: UnitOfWork, submission_id: int) -> Case:
    case = await reviews.find_case(uow.tx, submission_id)
    if case is None:
        raise NotAllowed
    return case


async def _save(uow: UnitOfWork, before: Case, after: Case) -> None:
    if not await reviews.save_case(uow.tx, before, after):
        raise Stale


def _facts(case: Case) -> dict[str, int]:
    return {"submission_id": case.submission.id, "version": case.submission.version}


def _after_undo(uow: UnitOfWork, case: Case, house: House) -> To:
    """Owe the worker a message that leaves when the decision can't be undone any more."""
    key = f"decided:{case.submission.id}:{case.submission.version}"
    return To(case.assignment.worker_id, key=key, due_at=uow.now + house.undo)
