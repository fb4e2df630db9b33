"""Decisions on a real database: what is written, who is paid, who is told, and that the ledger holds after each."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from bot.domain.errors import DomainError, NotAllowed, Stale
from bot.domain.house import House
from bot.domain.review import (
    AlreadyApproved,
    AlreadyPaid,
    AlreadyRejected,
    FixRoundUsed,
    PlaceGivenBack,
    Reason,
    UndoIsOver,
    Verdict,
    WorkerMovedOn,
)
from bot.services import review, review_queue
from storage.database import Database
from tests.review_notices import told
from tests.review_world import FEE, HOUSE, REWARD, ReviewWorld

VERDICT = Verdict(Reason.WRONG_PAGE, "Please show the page with the number.")


@pytest.fixture
async def world(database: Database, now: datetime) -> ReviewWorld:
    """Give a job with three funded places."""
    return await ReviewWorld.make(database, now)


async def reject(world: ReviewWorld, submission_id: int, version: int = 1) -> None:
    async with world.unit() as uow:
        await review.reject(
            uow, submission_id=submission_id, version=version, verdict=VERDICT, by=world.employer, house=HOUSE
        )


async def ask_to_fix(world: ReviewWorld, submission_id: int, version: int = 1) -> None:
    async with world.unit() as uow:
        await review.ask_to_fix(
            uow, submission_id=submission_id, version=version, verdict=VERDICT, by=world.employer, house=HOUSE
        )


async def undo(world: ReviewWorld, submission_id: int, version: int = 2) -> None:
    async with world.unit() as uow:
        await review.undo(uow, submission_id=submission_id, version=version, by=world.employer, house=HOUSE)


async def change(world: ReviewWorld, submission_id: int, version: int = 2) -> None:
    async with world.unit() as uow:
        await review.change_to_approved(
            uow, submission_id=submission_id, version=version, by=world.employer, house=HOUSE
        )


async def reopen(world: ReviewWorld) -> int:
    async with world.unit() as uow:
        return await review.reopen_rejected(uow, limit=20, house=HOUSE)


async def test_an_approval_is_paid_once_after_the_undo_time(world: ReviewWorld) -> None:
    """Proves that the place, the reward and the fee move once, when the undo time is over, with one receipt."""
    submission_id = await world.submit()
    worker_id = await world.worker_of(submission_id)
    await world.approve(submission_id)
    assert await world.status(submission_id) == ("approved", "approved")
    assert await world.lot() == (1, 0, 0)
    world.now += HOUSE.undo - timedelta(milliseconds=1)
    assert await world.pay_due() == 0
    world.now += timedelta(milliseconds=1)
    assert await world.pay_due() == 1
    assert await world.pay_due() == 0
    assert await world.balance(f"member:{worker_id}:available") == REWARD
    assert await world.balance("platform:fees") == FEE
    assert await world.lot() == (0, 1, 0)
    assert await world.deliveries("reward_paid") == [(worker_id, 0, "receipt", None)]
    (receipt,) = await told(world, "reward_paid")
    assert "+$0.50" in receipt
    assert "Available now: <b>$0.50</b>" in receipt
    await world.check_ledger()


@pytest.mark.parametrize("hold", [timedelta(0), timedelta(hours=24)])
async def test_a_held_reward_says_when_it_is_available(world: ReviewWorld, hold: timedelta) -> None:
    """Proves that a house with a hold pays into it, and that the receipt says so."""
    submission_id = await world.submit()
    await world.approve(submission_id)
    world.now += HOUSE.undo
    async with world.unit() as uow:
        await review.pay_approved(uow, limit=20, house=House(reward_hold=hold))
    (receipt,) = await told(world, "reward_paid")
    assert ("You can withdraw it from" in receipt) is bool(hold)
    await world.check_ledger()


async def _both(first: Awaitable[None], second: Awaitable[None]) -> list[type[BaseException] | None]:
    results = await asyncio.gather(first, second, return_exceptions=True)
    return [None if result is None else type(result) for result in results]


async def test_two_approvals_at_once_pay_once(world: ReviewWorld) -> None:
    """Proves that of two Approve taps at the same moment the second is told that it is approved, and one is paid."""
    submission_id = await world.submit()
    assert await _both(world.approve(submission_id), world.approve(submission_id)) == [None, AlreadyApproved]
    world.now += HOUSE.undo
    assert await world.pay_due() == 1
    assert await world.balance(f"member:{await world.worker_of(submission_id)}:available") == REWARD
    assert len(await world.look("SELECT 1 FROM events WHERE kind = 'submission_approved'")) == 1
    await world.check_ledger()


async def test_approve_and_reject_at_once_leave_one_decision(world: ReviewWorld) -> None:
    """Proves that the decision that comes second changes nothing, whichever it is."""
    one, two = await world.submit(), await world.submit()
    assert await _both(world.approve(one), reject(world, one)) == [None, AlreadyApproved]
    assert await _both(reject(world, two), world.approve(two)) == [None, AlreadyRejected]
    assert await world.status(one) == ("approved", "approved")
    assert await world.status(two) == ("rejected", "rejected")
    world.now += HOUSE.undo
    assert await world.pay_due() == 1
    await world.check_ledger()


async def test_paying_at_once_from_two_ticks_pays_once(world: ReviewWorld) -> None:
    """Proves that two runs of the paying tick at the same moment share the work."""
    submission_id = await world.submit()
    await world.approve(submission_id)
    world.now += HOUSE.undo
    assert sorted(await asyncio.gather(world.pay_due(), world.pay_due())) == [0, 1]
    await world.check_ledger()


async def test_undo_inside_the_time_and_not_after_it(world: ReviewWorld) -> None:
    """Proves that an approval is taken back up to the last moment, is never paid then, and not a moment later."""
    one, two = await world.submit(), await world.submit()
    await world.approve(one)
    await world.approve(two)
    world.now += HOUSE.undo - timedelta(milliseconds=1)
    await undo(world, one)
    assert await world.status(one) == ("pending", "submitted")
    world.now += timedelta(milliseconds=1)
    with pytest.raises(AlreadyPaid):
        await undo(world, two)
    assert await world.pay_due() == 1
    with pytest.raises(AlreadyPaid):
        await undo(world, two)
    with pytest.raises(Stale):
        await world.approve(one, version=1)
    await world.approve(one, version=3)
    await world.check_ledger()


async def test_a_rejection_is_told_only_when_it_stands(world: ReviewWorld) -> None:
    """Proves that the worker's message waits for the undo time, and says nothing when the rejection was undone."""
    kept, undone, again = [await world.submit() for _ in range(3)]
    for submission_id in (kept, undone, again):
        await reject(world, submission_id)
    delay = HOUSE.undo // timedelta(milliseconds=1)
    assert [due for _, due, _, _ in await world.deliveries("submission_rejected")] == [delay] * 3
    await undo(world, undone)
    await undo(world, again)
    await reject(world, again, version=3)
    world.now += HOUSE.undo
    messages = await told(world, "submission_rejected")
    assert len(messages) == 2  # one each for what stands, though one was rejected twice
    assert "Wrong page shown" in messages[0]
    assert "Please show the page with the number." in messages[0]
    assert "not paid" in messages[0]
    with pytest.raises(UndoIsOver):
        await undo(world, kept)


async def test_a_rejection_freezes_the_place_then_gives_it_back(world: ReviewWorld) -> None:
    """Proves that the place stays taken and funded for 48 hours, and is free in an open job after that, once."""
    submission_id = await world.submit()
    await reject(world, submission_id)
    world.now += HOUSE.reopen_after - timedelta(milliseconds=1)
    assert await reopen(world) == 0
    assert await world.lot() == (1, 0, 0)
    await world.check_ledger()
    world.now += timedelta(milliseconds=1)
    assert await reopen(world) == 1
    assert await reopen(world) == 0
    assert await world.lot() == (0, 0, 0)
    assert await world.balance(f"job:{world.job_id}:escrow") == 3 * (REWARD + FEE)
    with pytest.raises(PlaceGivenBack):
        await change(world, submission_id)
    await world.check_ledger()


async def test_a_rejected_place_of_a_closed_job_is_refunded(world: ReviewWorld) -> None:
    """Proves that when the job is closed meanwhile the frozen place's money goes back to the employer at the end."""
    submission_id = await world.submit()
    await reject(world, submission_id)
    await world.execute("UPDATE jobs SET status = 'closed' WHERE id = ?", world.job_id)
    before = await world.balance(f"member:{world.employer.id}:funds")
    world.now += HOUSE.reopen_after
    assert await reopen(world) == 1
    assert await world.lot() == (0, 0, 1)
    assert await world.balance(f"member:{world.employer.id}:funds") == before + REWARD + FEE
    await world.check_ledger()


async def test_a_rejection_becomes_an_approval_while_the_place_is_kept(world: ReviewWorld) -> None:
    """Proves that changing one's mind pays from the frozen place, and that the place is not given back as well."""
    submission_id = await world.submit()
    await reject(world, submission_id)
    world.now += HOUSE.reopen_after - timedelta(seconds=1)
    await change(world, submission_id)
    with pytest.raises(AlreadyApproved):
        await change(world, submission_id, version=3)
    world.now += HOUSE.undo
    assert await reopen(world) == 0
    assert await world.pay_due() == 1
    assert await world.lot() == (0, 1, 0)
    assert await told(world, "submission_rejected") == []
    await world.check_ledger()


async def test_undoing_such_a_change_gives_the_place_back_in_its_time(world: ReviewWorld) -> None:
    """Proves that an undone change is the old rejection, whose place is given back when its freeze is over."""
    submission_id = await world.submit()
    await reject(world, submission_id)
    world.now += HOUSE.reopen_after - timedelta(seconds=1)
    await change(world, submission_id)
    world.now += timedelta(seconds=2)
    await undo(world, submission_id, version=3)
    assert await world.status(submission_id) == ("rejected", "rejected")
    assert await reopen(world) == 1
    assert await world.pay_due() == 0
    await world.check_ledger()


async def test_one_fix_round(world: ReviewWorld) -> None:
    """Proves that a worker keeps the place for a day to send again, once, and is told what to fix."""
    submission_id = await world.submit()
    assignment_id = await world.assignment_of(submission_id)
    await ask_to_fix(world, submission_id)
    assert await world.status(submission_id) == ("changes_requested", "reserved")
    assert await world.lot() == (1, 0, 0)
    world.now += HOUSE.undo
    (message,) = await told(world, "changes_requested")
    assert "Wrong page shown" in message
    assert "Jan 16, 12:00" in message
    second = await world.submit_round(assignment_id, world.job_id, 2)
    async with world.unit() as uow:
        item = await review_queue.get_item(uow, submission_id=second, by=world.employer)
    assert item.asked == VERDICT
    assert item.time_taken == timedelta(minutes=6)  # the work, not the wait for the employer
    assert await told(world, "changes_requested") == []
    with pytest.raises(FixRoundUsed):
        await ask_to_fix(world, second)
    await world.approve(second)
    world.now += HOUSE.undo
    assert await world.pay_due() == 1
    await world.check_ledger()


async def test_undoing_a_fix_request_until_the_worker_goes_on(world: ReviewWorld) -> None:
    """Proves that a request to fix is taken back within the undo time, but not once the worker sent again."""
    one, two = await world.submit(), await world.submit()
    await ask_to_fix(world, one)
    await ask_to_fix(world, two)
    await undo(world, one)
    assert await world.status(one) == ("pending", "submitted")
    await world.submit_round(await world.assignment_of(two), world.job_id, 2)
    with pytest.raises(WorkerMovedOn):
        await undo(world, two)
    world.now += HOUSE.undo
    assert await told(world, "changes_requested") == []


async def test_a_decision_can_not_be_undone_once_the_worker_took_the_next_place(world: ReviewWorld) -> None:
    """Proves that undoing never gives a worker two live places in one job."""
    worker_id = await world.member()
    submission_id = await world.submit(worker_id)
    await world.approve(submission_id)
    await world.take(world.job_id, world.lot_id, worker_id)
    with pytest.raises(WorkerMovedOn):
        await undo(world, submission_id)
    assert await world.status(submission_id) == ("approved", "approved")


Decide = Callable[[ReviewWorld, int], Awaitable[None]]


@pytest.mark.parametrize("decide", [reject, ask_to_fix, undo, change])
async def test_absent_and_not_yours_answer_alike(world: ReviewWorld, decide: Decide) -> None:
    """Proves that a submission of somebody else and one that does not exist are refused with the same words."""
    submission_id = await world.submit()
    employer, world.employer = world.employer, await world.someone()
    refusals: list[DomainError] = []
    for asked in (submission_id, 999):
        with pytest.raises(NotAllowed) as refusal:
            await decide(world, asked)
        refusals.append(refusal.value)
    assert str(refusals[0]) == str(refusals[1])
    world.employer = employer
    assert await world.status(submission_id) == ("pending", "submitted")
