"""What happens by the clock: approvals nobody made, reminders, Approve-all orders; and the queue's order."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from bot.domain.errors import NotAllowed, Stale
from bot.domain.house import House
from bot.domain.review import AlreadyApprovingAll, NothingToUndo, NothingWaits, Reason, UndoIsOver, Verdict
from bot.domain.review_queue import ApproveOrder, OrderStatus
from bot.services import review, review_queue
from storage.database import Database
from storage.unit import UnitOfWork
from tests.review_notices import told
from tests.review_world import FEE, HOUSE, REVIEW_TIME, REWARD, ReviewWorld

Tick = Callable[..., Awaitable[int]]


@pytest.fixture
async def world(database: Database, now: datetime) -> ReviewWorld:
    """Give a job with fifty funded places."""
    return await ReviewWorld.make(database, now, slots=50)


async def run(world: ReviewWorld, tick: Tick, limit: int = 20) -> int:
    async with world.unit() as uow:
        return await tick(uow, limit=limit, house=HOUSE)


# -- the clock -------------------------------------------------------------------------------------------------


async def test_what_nobody_reviews_is_approved_and_paid_by_the_clock(world: ReviewWorld) -> None:
    """Proves that the clock decides at the end of the review time, not before, and that both sides are told."""
    submission_id = await world.submit()
    world.now += REVIEW_TIME - timedelta(milliseconds=1)
    assert await run(world, review.auto_approve) == 0
    world.now += timedelta(milliseconds=1)
    assert await run(world, review.auto_approve) == 1
    assert await run(world, review.auto_approve) == 0
    assert await world.value("SELECT decided_by FROM submissions WHERE id = ?", submission_id) == "clock"
    assert await world.pay_due() == 1
    (receipt,) = await told(world, "reward_paid")
    assert "Nobody reviewed it in time" in receipt
    (message,) = await told(world, "auto_approved")
    assert "<b>1 proof was approved by itself</b> on Jan 18" in message
    assert "$0.50" in message
    await world.check_ledger()


async def test_the_clock_works_in_slices_and_tells_an_employer_in_one_message(world: ReviewWorld) -> None:
    """Proves that many overdue proofs are worked off slice by slice, all counted in one message's topic."""
    for _ in range(5):
        await world.submit()
    world.now += REVIEW_TIME
    assert [await run(world, review.auto_approve, 2) for _ in range(3)] == [2, 2, 1]
    topics = {topic for _, _, _, topic in await world.deliveries("auto_approved")}
    assert topics == {f"clock:{world.employer.id}:2030-01-18"}
    assert "<b>5 proofs were approved" in (await told(world, "auto_approved"))[-1]
    assert [await world.pay_due(2) for _ in range(4)] == [2, 2, 1, 0]
    await world.check_ledger()


async def test_a_decision_before_the_end_keeps_the_clock_away(world: ReviewWorld) -> None:
    """Proves that the clock leaves alone what was decided, also when it was sent back to fix."""
    rejected, fixed = await world.submit(), await world.submit()
    async with world.unit() as uow:
        verdict = Verdict(Reason.STEPS_MISSING)
        await review.reject(uow, submission_id=rejected, version=1, verdict=verdict, by=world.employer, house=HOUSE)
        await review.ask_to_fix(uow, submission_id=fixed, version=1, verdict=verdict, by=world.employer, house=HOUSE)
    world.now += REVIEW_TIME
    assert await run(world, review.auto_approve) == 0


# -- reminders -------------------------------------------------------------------------------------------------


async def test_an_employer_is_reminded_twice_in_one_counting_message_each(world: ReviewWorld) -> None:
    """Proves that three proofs bring one message at half and one at four fifths of the time, each only once."""
    for _ in range(3):
        await world.submit()
    world.now += REVIEW_TIME / 2 - timedelta(milliseconds=1)
    assert await run(world, review.remind_reviews) == 0
    world.now += timedelta(milliseconds=1)
    assert await run(world, review.remind_reviews) == 1
    assert await run(world, review.remind_reviews) == 0
    assert [row[0] for row in await world.deliveries("review_reminder")] == [world.employer.id]
    (message,) = await told(world, "review_reminder")
    assert "<b>3 proofs still wait for your review.</b>" in message
    assert "1 d 12 h" in message
    world.now += REVIEW_TIME * 3 / 10
    assert await run(world, review.remind_reviews) == 1
    assert await run(world, review.remind_reviews) == 0
    assert "Hurry" in (await told(world, "review_reminder"))[-1]
    assert len(await world.deliveries("review_reminder")) == 2


async def test_proofs_that_come_one_after_another_share_a_reminder(world: ReviewWorld) -> None:
    """Proves that a stream of proofs does not become a stream of reminders."""
    for _ in range(10):
        await world.submit()
        world.now += timedelta(minutes=20)
    world.now += REVIEW_TIME / 2 - timedelta(minutes=200)
    for _ in range(10):
        await run(world, review.remind_reviews)
        world.now += timedelta(minutes=20)
    assert len(await world.deliveries("review_reminder")) == 1
    assert await world.value("SELECT count(*) FROM submissions WHERE reminded = 1") == 10


async def test_both_reminders_late_are_one(world: ReviewWorld) -> None:
    """Proves that after a long stop only the more urgent reminder is sent, and none for what was decided."""
    one = await world.submit()
    await world.submit()
    await world.approve(one)
    world.now += REVIEW_TIME * 9 / 10
    assert await run(world, review.remind_reviews) == 1
    assert await run(world, review.remind_reviews) == 0
    (message,) = await told(world, "review_reminder")
    assert "Hurry" in message
    assert "<b>1 proof still waits" in message


# -- approve all -----------------------------------------------------------------------------------------------


async def order_all(world: ReviewWorld) -> ApproveOrder:
    async with world.unit() as uow:
        waiting = await review_queue.get_waiting_sum(uow, job_id=world.job_id, by=world.employer)
        assert waiting.reward == waiting.count * REWARD
        return await review_queue.order_approve_all(
            uow,
            job_id=world.job_id,
            up_to_submission_id=waiting.up_to_submission_id,
            count=waiting.count,
            by=world.employer,
            house=HOUSE,
        )


async def order_status(world: ReviewWorld, order_id: int) -> tuple[str, int, int]:
    (row,) = await world.look("SELECT status, approved, amount FROM approve_orders WHERE id = ?", order_id)
    return row[0], row[1], row[2]


async def test_approve_all_is_worked_off_in_slices_after_the_undo_time(world: ReviewWorld) -> None:
    """Proves that an order approves what waited when it was given, slice by slice, and nothing that came later."""
    for _ in range(45):
        await world.submit()
    order = await order_all(world)
    late = await world.submit()
    assert await run(world, review.work_off_approve_orders) == 0
    world.now += HOUSE.undo
    assert [await run(world, review.work_off_approve_orders) for _ in range(4)] == [20, 20, 5, 0]
    assert await order_status(world, order.id) == ("done", 45, 45 * REWARD)
    assert await world.status(late) == ("pending", "submitted")
    messages = await told(world, "approve_order")
    assert "45 proofs of “A survey” approved" in messages[-1]
    assert "$22.50" in messages[-1]
    deliveries = await world.deliveries("approve_order")
    assert {topic for _, _, _, topic in deliveries} == {f"approve_order:{order.id}"}
    assert [lane for _, _, lane, _ in deliveries] == ["screen", "screen", "receipt"]
    assert [await world.pay_due() for _ in range(3)] == [20, 20, 5]
    assert await world.lot() == (1, 45, 0)
    assert await world.balance("platform:fees") == 45 * FEE
    await world.check_ledger()


async def test_progress_of_an_order_is_told_as_it_is_now(world: ReviewWorld) -> None:
    """Proves that the progress message counts what is approved so far."""
    for _ in range(5):
        await world.submit()
    await order_all(world)
    world.now += HOUSE.undo
    assert await run(world, review.work_off_approve_orders, 2) == 2
    assert await told(world, "approve_order") == ["⏳ Approving the proofs of “A survey”: 2 of 5."]


async def test_an_order_leaves_alone_what_was_decided_meanwhile(world: ReviewWorld) -> None:
    """Proves that a proof rejected before the order starts stays rejected, and counts of two orders go on together."""
    one, two, other = await world.submit(), await world.submit(), await world.submit()
    order = await order_all(world)
    async with world.unit() as uow:
        await review.reject(
            uow,
            submission_id=one,
            version=1,
            verdict=Verdict(Reason.REUSED),
            by=world.employer,
            house=HOUSE,
        )
    world.now += HOUSE.undo
    assert await run(world, review.work_off_approve_orders) == 2
    assert await order_status(world, order.id) == ("done", 2, 2 * REWARD)
    assert [await world.status(s) for s in (one, two, other)] == [
        ("rejected", "rejected"),
        ("approved", "approved"),
        ("approved", "approved"),
    ]


async def test_a_second_order_is_refused_and_an_order_can_be_undone_until_it_starts(world: ReviewWorld) -> None:
    """Proves that a second tap orders nothing, and that Undo works before the start only."""
    submission_id = await world.submit()
    order = await order_all(world)
    with pytest.raises(AlreadyApprovingAll):
        await order_all(world)
    async with world.unit() as uow:
        await review_queue.cancel_approve_all(uow, order_id=order.id, by=world.employer)
    with pytest.raises(NothingToUndo):
        async with world.unit() as uow:
            await review_queue.cancel_approve_all(uow, order_id=order.id, by=world.employer)
    world.now += HOUSE.undo
    assert await run(world, review.work_off_approve_orders) == 0
    assert await world.status(submission_id) == ("pending", "submitted")
    again = await order_all(world)
    world.now += HOUSE.undo
    with pytest.raises(UndoIsOver):
        async with world.unit() as uow:
            await review_queue.cancel_approve_all(uow, order_id=again.id, by=world.employer)
    assert await run(world, review.work_off_approve_orders) == 1
    with pytest.raises(NothingWaits):
        await order_all(world)


async def test_only_the_employer_orders_and_only_what_was_counted(world: ReviewWorld) -> None:
    """Proves that a stranger's order, and one for other proofs than the confirmation showed, change nothing."""
    one, two = await world.submit(), await world.submit()
    stranger = await world.someone()

    async def order(uow: UnitOfWork, up_to: int, count: int, **who: object) -> None:
        by = stranger if who else world.employer
        await review_queue.order_approve_all(
            uow, job_id=world.job_id, up_to_submission_id=up_to, count=count, by=by, house=House()
        )

    with pytest.raises(NotAllowed):
        async with world.unit() as uow:
            await order(uow, two, 2, stranger=True)
    await world.approve(one)
    with pytest.raises(Stale):
        async with world.unit() as uow:
            await order(uow, two, 2)
    assert await world.value("SELECT count(*) FROM approve_orders") == 0
    kept = await order_all(world)
    assert kept.status is OrderStatus.OPEN
    with pytest.raises(NotAllowed):
        async with world.unit() as uow:
            await review_queue.cancel_approve_all(uow, order_id=kept.id, by=stranger)


# -- the queue -------------------------------------------------------------------------------------------------


async def test_the_queue_goes_oldest_first_over_all_jobs_and_round_again(world: ReviewWorld) -> None:
    """Proves that the next is the oldest after the one shown, and that after the last comes the first."""
    await world.fund(world.employer.id, 2 * (REWARD + FEE))
    other_job = await world.job(world.employer.id, reward=REWARD, fee=FEE, slots=2)
    one = await world.submit()
    two = await world.submit(job=other_job)
    three = await world.submit()
    async with world.unit() as uow:
        seen = [0]
        for _ in range(4):
            item = await review_queue.find_waiting(uow, by=world.employer, after_id=seen[-1])
            assert item is not None
            seen.append(item.case.submission.id)
            assert item.total == 3
        assert seen[1:] == [one, two, three, one]
        assert item is not None
        assert item.position == 1
        assert item.job_waiting == 2
    await world.approve(two)
    async with world.unit() as uow:
        item = await review_queue.find_waiting(uow, by=world.employer, after_id=two)
        assert item is not None
        assert (item.case.submission.id, item.position, item.total) == (three, 2, 2)
    stranger = await world.someone()
    async with world.unit() as uow:
        assert await review_queue.find_waiting(uow, by=stranger) is None


async def test_a_picture_sent_before_is_found_by_file_bytes_or_pixels(world: ReviewWorld) -> None:
    """Proves that the earliest submission with the same picture is named, for one's own jobs only, never a round."""
    stranger = await world.someone()
    await world.fund(stranger.id, REWARD + FEE)
    foreign = await world.submit(job=await world.job(stranger.id, reward=REWARD, fee=FEE, slots=1))
    await world.picture(foreign, "foreign", sha256="a" * 64)
    first, second, third = [await world.submit() for _ in range(3)]
    await world.picture(first, "twice")
    await world.picture(second, "twice", pixels_sha256="c" * 64)
    same_file = await world.picture(third, "twice")
    same_bytes = await world.picture(third, "x", sha256="a" * 64)
    same_pixels = await world.picture(third, "y", pixels_sha256="c" * 64)
    new = await world.picture(third, "new", sha256="d" * 64)
    again = await world.submit_round(await world.assignment_of(third), world.job_id, 2)
    carried = await world.picture(again, "new", sha256="d" * 64)
    async with world.unit() as uow:
        item = await review_queue.get_item(uow, submission_id=third, by=world.employer)
        found = {seen.proof_id: seen.submission_id for seen in item.seen}
        assert found == {same_file: first, same_bytes: None, same_pixels: second}
        assert new not in found
        later = await review_queue.get_item(uow, submission_id=again, by=world.employer)
        assert carried not in {seen.proof_id for seen in later.seen}


async def test_what_can_be_undone_and_changed_is_found(world: ReviewWorld) -> None:
    """Proves that the queue offers the last decision to undo for its seconds, and counts frozen rejections."""
    one, two = await world.submit(), await world.submit()
    await world.approve(one)
    async with world.unit() as uow:
        await review.reject(
            uow, submission_id=two, version=1, verdict=Verdict(Reason.REUSED), by=world.employer, house=HOUSE
        )
    world.now += timedelta(seconds=1)
    async with world.unit() as uow:
        state = await review_queue.get_state(uow, by=world.employer, house=HOUSE)
        assert state.undo is not None
        assert (state.undo.submission_id, state.waiting, state.frozen) == (two, 0, 1)
        frozen = await review_queue.find_frozen(uow, by=world.employer, before_id=10**9)
        assert frozen is not None
        assert frozen.case.submission.id == two
        assert await review_queue.find_frozen(uow, by=world.employer, before_id=two) is None
    world.now += HOUSE.undo
    async with world.unit() as uow:
        assert (await review_queue.get_state(uow, by=world.employer, house=HOUSE)).undo is None
