"""The employer's queue: what to show next, and approving all that waits of one job. Never sends, never pays."""

from datetime import datetime

from bot.domain.errors import NotAllowed, Stale
from bot.domain.house import House
from bot.domain.member import Member
from bot.domain.review import AlreadyApprovingAll, NothingWaits
from bot.domain.review_queue import ApproveOrder, QueueState, ReviewItem, WaitingSum
from bot.services.review import clock_topic, waiting_topic
from storage import outbox, reviews
from storage.unit import UnitOfWork


async def open_queue(uow: UnitOfWork, *, by: Member) -> None:
    """Note that an employer looks at the queue: what is told later is told anew, not into a message they have left."""
    await outbox.close_topic(uow.tx, by.id, waiting_topic(by.id))
    await outbox.close_topic(uow.tx, by.id, clock_topic(by.id, uow.now))


async def get_state(uow: UnitOfWork, *, by: Member, house: House) -> QueueState:
    """Give what surrounds the queue's card."""
    return await reviews.get_queue_state(uow.tx, employer_id=by.id, now=uow.now, since=uow.now - house.undo)


async def find_waiting(uow: UnitOfWork, *, by: Member, after_id: int = 0) -> ReviewItem | None:
    """Give the submission that comes after one in the queue (from the start again at its end), or None."""
    found = await reviews.find_next_waiting(uow.tx, employer_id=by.id, after_id=after_id)
    return None if found is None else await get_item(uow, submission_id=found, by=by)


async def find_frozen(uow: UnitOfWork, *, by: Member, before_id: int) -> ReviewItem | None:
    """Give the employer's next older rejection whose place is still kept, or None."""
    found = await reviews.find_next_frozen(uow.tx, employer_id=by.id, now=uow.now, before_id=before_id)
    return None if found is None else await get_item(uow, submission_id=found, by=by)


async def get_item(uow: UnitOfWork, *, submission_id: int, by: Member) -> ReviewItem:
    """Give a submission of one's own job with all its employer may see.

    Raises:
        NotAllowed: somebody else's, or there is none.
    """
    case = await reviews.find_case(uow.tx, submission_id)
    if case is None or case.employer_id != by.id:
        raise NotAllowed
    return await reviews.get_item(uow.tx, case)


async def get_waiting_sum(uow: UnitOfWork, *, job_id: int, by: Member) -> WaitingSum:
    """Give what an Approve all of a job would approve now, and what its workers get.

    Raises:
        NotAllowed: somebody else's job, or there is none.
        AlreadyApprovingAll, NothingWaits: there is nothing to confirm.
    """
    waiting = await reviews.find_waiting_sum(uow.tx, job_id=job_id, employer_id=by.id)
    if waiting is None:
        raise NotAllowed
    await _expect_orderable(uow, waiting)
    return waiting


async def order_approve_all(
    uow: UnitOfWork, *, job_id: int, up_to_submission_id: int, count: int, by: Member, house: House
) -> ApproveOrder:
    """Order that all proofs of a job up to the newest one shown are approved; ticks do it after the undo time.

    Raises:
        NotAllowed: somebody else's job, or there is none.
        AlreadyApprovingAll, NothingWaits: it was ordered before, or there is nothing left.
        Stale: not the proofs that the confirmation counted.
    """
    waiting = await reviews.find_waiting_sum(
        uow.tx, job_id=job_id, employer_id=by.id, up_to_submission_id=up_to_submission_id
    )
    if waiting is None:
        raise NotAllowed
    await _expect_orderable(uow, waiting)
    if (waiting.count, waiting.up_to_submission_id) != (count, up_to_submission_id):
        raise Stale
    start_at: datetime = uow.now + house.undo
    order_id = await reviews.insert_order(uow.tx, waiting, employer_id=by.id, start_at=start_at, at=uow.now)
    uow.emit("approve_all_ordered", {"order_id": order_id})
    order = await reviews.find_order(uow.tx, order_id)
    assert order is not None
    return order


async def cancel_approve_all(uow: UnitOfWork, *, order_id: int, by: Member) -> ApproveOrder:
    """Take an Approve all back before it starts.

    Raises:
        NotAllowed, NothingToUndo, UndoIsOver: it can't be, and why.
    """
    order = await reviews.find_order(uow.tx, order_id)
    if order is None:
        raise NotAllowed
    cancelled = order.cancel(by=by.id, now=uow.now)
    if not await reviews.save_order(uow.tx, order, cancelled, done_at=uow.now):
        raise Stale
    uow.emit("approve_all_cancelled", {"order_id": order_id})
    return cancelled


async def _expect_orderable(uow: UnitOfWork, waiting: WaitingSum) -> None:
    if await reviews.find_open_order(uow.tx, waiting.job_id) is not None:
        raise AlreadyApprovingAll
    if waiting.count == 0:
        raise NothingWaits
