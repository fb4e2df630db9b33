"""Publishing on a real ledger: funded once, refused whole, and what an employer does with the job afterwards."""

import asyncio
import random
from dataclasses import replace
from datetime import datetime

import pytest

from bot.domain import entry
from bot.domain import publish as rules
from bot.domain.errors import DomainError, NotAllowed, Stale
from bot.domain.house import House
from bot.domain.job import Job, JobStatus, ProofKind, Requirement
from bot.domain.job_answers import RewardTooLow
from bot.domain.myjobs import AlreadyClosed, AlreadyOpen, AlreadyPaused, JobTally, PlacesChanged
from bot.domain.publish import FundsMissing, JobSpec, NoSuchCategory
from bot.services import myjobs, places, publish
from storage import audit, jobs, ledger, members, reviews
from storage.database import Database
from tests.engines import rows as rows_of
from tests.ledger_world import World

HOUSE = House(employer_fee_bp=750)
SPEC = JobSpec(
    category_id="surveys",
    title="A <b>short</b> survey",
    steps=("Open the page", "Answer"),
    requirements=(Requirement(ProofKind.PHOTO, "The last page", 2), Requirement(ProofKind.TEXT, "The code")),
    reward=1001,
    places=3,
    minutes=5,
    time_limit_minutes=15,
    review_days=3,
)
COST = 1001 + 76


@pytest.fixture
async def world(database: Database, now: datetime) -> World:
    """Give a marketplace with nobody in it."""
    return World(database, now)


async def _publish(
    world: World, employer: int, *, key: str = "key", spec: JobSpec = SPEC, use_earnings: bool = False
) -> Job:
    async with world.unit() as uow:
        member = await members.get_member(uow.tx, employer)
        return await publish.publish(uow, member=member, draft=spec, house=HOUSE, key=key, use_earnings=use_earnings)


async def _funded(world: World, amount: int = 100_000) -> int:
    employer = await world.member()
    await world.fund(employer, amount)
    return employer


async def _take(world: World, job: Job) -> tuple[int, int]:
    """Take a place by the service; give the ids of lot and assignment."""
    worker = await world.member()
    async with world.unit() as uow:
        lot = await places.take_place(uow, job_id=job.id)
        assert lot is not None
        rows = await rows_of(
            uow.tx,
            "INSERT INTO assignments (job_id, lot_id, worker_id, status, reserved_at, deadline_at, pay_at)"
            " VALUES (?, ?, ?, 'reserved', 1, 2, 3) RETURNING id",
            (job.id, lot.id, worker),
        )
        return lot.id, next(iter(rows))[0]


async def _give_back(world: World, job: Job, lot_id: int, assignment: int) -> None:
    async with world.unit() as uow:
        await rows_of(uow.tx, "UPDATE assignments SET status = 'expired' WHERE id = ?", (assignment,))
        await places.give_back_place(uow, lot_id=lot_id, job_id=job.id)


async def _pay(world: World, job: Job, lot_id: int, assignment: int) -> None:
    worker = await world.value("SELECT worker_id FROM assignments WHERE id = ?", assignment)
    async with world.unit() as uow:
        await rows_of(uow.tx, "UPDATE assignments SET status = 'approved' WHERE id = ?", (assignment,))
        assert await reviews.mark_paid(uow.tx, assignment, now=uow.now)
        lot = await places.pay_place(uow, lot_id=lot_id, job_id=job.id)
        paid = entry.reward_paid(
            assignment_id=assignment,
            job_id=job.id,
            worker_id=worker,
            reward=lot.reward,
            fee=lot.fee,
            hold=HOUSE.reward_hold,
            at=uow.now,
        )
        uow.emit("reward_paid", {"entry_id": await ledger.post(uow.tx, paid)})


async def _tally(world: World, employer: int, job: Job) -> JobTally:
    async with world.unit() as uow:
        member = await members.get_member(uow.tx, employer)
        return await myjobs.get_own(uow, member=member, job_id=job.id)


async def _close(world: World, employer: int, job: Job) -> int:
    tally = await _tally(world, employer, job)
    async with world.unit() as uow:
        member = await members.get_member(uow.tx, employer)
        return await myjobs.close(uow, member=member, job_id=job.id, version=tally.job.version, free=tally.free)


async def _all_is_right(world: World) -> None:
    async with world.database.read() as tx:
        report = await audit.examine(tx)
    assert report.findings == ()


async def _kinds(world: World) -> list[str]:
    return [row["kind"] for row in await world.look("SELECT kind FROM events ORDER BY id")]


async def test_publishing_sets_the_whole_cost_aside_and_opens_the_job(world: World) -> None:
    """Proves that job, places and escrow are written together, to the unit, and that the alert tick will find it."""
    employer = await _funded(world)
    job = await _publish(world, employer)
    assert (job.status, job.free_slots, job.fee, job.title) == (JobStatus.OPEN, 3, 76, "A <b>short</b> survey")
    assert job.requirements == SPEC.requirements
    assert await world.balance(f"job:{job.id}:escrow") == 3 * COST
    assert await world.balance(f"member:{employer}:funds") == 100_000 - 3 * COST
    assert await world.value("SELECT alerted_at FROM jobs WHERE id = ?", job.id) is None
    assert (await _kinds(world))[-1] == "job_published"
    await _all_is_right(world)


async def test_publishing_twice_with_one_key_is_publishing_once(world: World) -> None:
    """Proves that the second tap gives the same job and moves no money, also when it says other things."""
    employer = await _funded(world)
    first = await _publish(world, employer)
    again = await _publish(world, employer, spec=replace(SPEC, places=5))
    assert again == first
    assert await world.value("SELECT count(*) FROM jobs") == 1
    assert await world.value("SELECT count(*) FROM entries WHERE kind = 'job_funded'") == 1
    stranger = await _funded(world)
    with pytest.raises(NotAllowed):
        await _publish(world, stranger)
    await _all_is_right(world)


@pytest.mark.parametrize("lacking", [1, 3231])
async def test_without_enough_money_nothing_happens_and_the_sum_is_named(world: World, lacking: int) -> None:
    """Proves that one unit too little refuses the whole job, naming what lacks."""
    employer = await world.member()
    if lacking < 3 * COST:
        await world.fund(employer, 3 * COST - lacking)
    with pytest.raises(FundsMissing) as caught:
        await _publish(world, employer)
    assert caught.value.params == {"amount": lacking}
    assert await world.value("SELECT count(*) FROM jobs") == 0
    assert await world.value("SELECT count(*) FROM lots") == 0
    await _all_is_right(world)


async def test_earnings_pay_what_funds_lack_only_when_asked(world: World) -> None:
    """Proves that earnings are touched by choice only, and by no more than what is missing."""
    employer = await _funded(world, 1000)
    await world.earn(employer, 5000)
    with pytest.raises(FundsMissing):
        await _publish(world, employer)
    await _publish(world, employer, use_earnings=True)
    assert await world.balance(f"member:{employer}:funds") == 0
    assert await world.balance(f"member:{employer}:available") == 5000 - (3 * COST - 1000)
    await _all_is_right(world)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"reward": 999}, RewardTooLow),
        ({"category_id": "likes"}, NoSuchCategory),
        ({"category_id": "nothing"}, NoSuchCategory),
        ({"steps": ()}, rules.Incomplete),
        ({"requirements": ()}, rules.Incomplete),
        ({"places": 10_001}, DomainError),
    ],
)
async def test_publishing_checks_again(world: World, changes: dict[str, object], refusal: type[DomainError]) -> None:
    """Proves that the service trusts nobody: a job that breaks a rule is refused whatever came before."""
    employer = await _funded(world)
    with pytest.raises(refusal):
        await _publish(world, employer, spec=replace(SPEC, **changes))  # type: ignore[arg-type]  # fields by name
    assert await world.value("SELECT count(*) FROM jobs") == 0


async def test_a_paused_member_publishes_nothing(world: World) -> None:
    """Proves that a member who is not active can't publish."""
    employer = await world.member(status="paused")
    await world.fund(employer, 100_000)
    with pytest.raises(NotAllowed):
        await _publish(world, employer)


async def test_pause_and_resume_once_each_and_only_by_the_owner(world: World) -> None:
    """Proves the two moves, that a second tap changes nothing, and that nobody else may."""
    employer, stranger = await _funded(world), await world.member()
    job = await _publish(world, employer)

    async def press(action: str, by: int, version: int) -> None:
        async with world.unit() as uow:
            member = await members.get_member(uow.tx, by)
            await getattr(myjobs, action)(uow, member=member, job_id=job.id, version=version)

    with pytest.raises(NotAllowed):
        await press("pause", stranger, job.version)
    with pytest.raises(Stale):
        await press("pause", employer, job.version + 1)
    await press("pause", employer, job.version)
    with pytest.raises(AlreadyPaused):
        await press("pause", employer, job.version)
    async with world.unit() as uow:
        assert await places.take_place(uow, job_id=job.id) is None
    await press("resume", employer, job.version + 1)
    with pytest.raises(AlreadyOpen):
        await press("resume", employer, job.version + 1)
    assert (await _tally(world, employer, job)).job.status is JobStatus.OPEN
    with pytest.raises(NotAllowed):
        await _tally(world, stranger, job)


async def test_the_last_place_fills_the_job_and_a_returned_one_opens_it(world: World) -> None:
    """Proves that places go once each, and that the job follows their count."""
    employer = await _funded(world)
    job = await _publish(world, employer)
    taken = [await _take(world, job) for _ in range(3)]
    async with world.unit() as uow:
        assert await places.take_place(uow, job_id=job.id) is None
    assert (await _tally(world, employer, job)).job.status is JobStatus.FILLED
    await _give_back(world, job, *taken[0])
    tally = await _tally(world, employer, job)
    assert (tally.job.status, tally.free, tally.taken) == (JobStatus.OPEN, 1, 2)
    assert [kind for kind in await _kinds(world) if kind.startswith("job_")][-2:] == ["job_filled", "job_reopened"]
    await _all_is_right(world)


async def test_the_last_places_go_to_exactly_as_many_as_there_are(world: World) -> None:
    """Proves that of twenty who want three places at once three get one."""
    employer = await _funded(world)
    job = await _publish(world, employer)

    async def want() -> bool:
        async with world.unit() as uow:
            return await places.take_place(uow, job_id=job.id) is not None

    assert sum(await asyncio.gather(*(want() for _ in range(20)))) == 3
    tally = await _tally(world, employer, job)
    assert (tally.job.status, tally.taken, tally.free) == (JobStatus.FILLED, 3, 0)
    assert (await _kinds(world)).count("job_filled") == 1


async def test_any_life_of_a_job_keeps_the_books(world: World) -> None:
    """Proves on random lives that what is spent, held and given back adds up, and that the audit agrees."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    pick = random.Random(seed)
    employer = await _funded(world, 1_000_000)
    for life in range(4):
        spec = replace(SPEC, places=pick.randrange(1, 6), reward=pick.randrange(1000, 3000))
        job = await _publish(world, employer, key=f"life{life}", spec=spec)
        taken: list[tuple[int, int]] = []
        for _ in range(15):
            tally = await _tally(world, employer, job)
            move = pick.choice(["take", "take", "pay", "back", "close"])
            if move == "take" and tally.free and tally.job.status is JobStatus.OPEN:
                taken.append(await _take(world, job))
            elif move == "pay" and taken:
                await _pay(world, job, *taken.pop())
            elif move == "back" and taken:
                await _give_back(world, job, *taken.pop(0))
            elif move == "close" and tally.job.status is not JobStatus.CLOSED and pick.random() < 0.3:
                assert await _close(world, employer, job) == tally.refund
        tally = await _tally(world, employer, job)
        assert tally.spent + tally.escrow + tally.refunded == spec.places * (job.reward + job.fee)
        assert await world.balance(f"job:{job.id}:escrow") == tally.escrow
    await _all_is_right(world)


async def test_the_best_paid_place_goes_first(world: World) -> None:
    """Proves that of two lots the higher reward is taken until it has no free place."""
    employer = await _funded(world)
    job = await _publish(world, employer, spec=replace(SPEC, places=1))
    async with world.unit() as uow:
        row = await uow.tx.insert("insert_lot", job_id=job.id, reward=2000, fee=0, slots=1)
        funded = entry.job_funded(job_id=job.id, lot_id=row["id"], member_id=employer, from_funds=2000, at=uow.now)
        await ledger.post(uow.tx, funded)
    (best, _), (other, _) = [await _take(world, job) for _ in range(2)]
    assert best == row["id"]
    assert other != best


async def test_a_job_whose_every_place_is_paid_is_closed_and_its_employer_told(world: World) -> None:
    """Proves the natural end: escrow empty, job closed, one receipt owed."""
    employer = await _funded(world)
    job = await _publish(world, employer, spec=replace(SPEC, places=2))
    for _ in range(2):
        await _pay(world, job, *await _take(world, job))
    tally = await _tally(world, employer, job)
    assert (tally.job.status, tally.paid, tally.spent, tally.escrow) == (JobStatus.CLOSED, 2, 2 * COST, 0)
    owed = await world.look(
        "SELECT d.member_id FROM deliveries d JOIN events e ON e.id = d.event_id WHERE e.kind = 'job_finished'"
    )
    assert [row["member_id"] for row in owed] == [employer]
    await _all_is_right(world)


async def test_closing_refunds_free_places_now_and_others_as_they_come_back(world: World) -> None:
    """Proves the refund rule: free at once, reserved when it expires, paid never; the ledger's identities hold."""
    employer = await _funded(world)
    job = await _publish(world, employer, spec=replace(SPEC, places=5))
    paid, expired, waiting = [await _take(world, job) for _ in range(3)]
    await _pay(world, job, *paid)
    before = await world.balance(f"member:{employer}:funds")
    assert await _close(world, employer, job) == 2 * COST
    assert await world.balance(f"member:{employer}:funds") == before + 2 * COST
    assert await world.balance(f"job:{job.id}:escrow") == 2 * COST
    await _all_is_right(world)
    await _give_back(world, job, *expired)
    assert await world.balance(f"member:{employer}:funds") == before + 3 * COST
    await _pay(world, job, *waiting)
    assert await world.balance(f"job:{job.id}:escrow") == 0
    tally = await _tally(world, employer, job)
    assert (tally.paid, tally.released, tally.taken, tally.refunded) == (2, 3, 0, 3 * COST)
    assert tally.job.status is JobStatus.CLOSED
    assert (await _kinds(world)).count("job_finished") == 0
    topics = await world.look(
        "SELECT DISTINCT topic FROM deliveries WHERE member_id = ? AND topic IS NOT NULL", employer
    )
    assert [row["topic"] for row in topics] == [places.closed_topic(job.id)]
    await _all_is_right(world)


async def test_two_places_coming_back_to_a_closed_job_are_two_refunds(world: World) -> None:
    """Proves that each returned place of one lot has a refund of its own."""
    employer = await _funded(world)
    job = await _publish(world, employer)
    taken = [await _take(world, job) for _ in range(3)]
    assert await _close(world, employer, job) == 0
    for place in taken:
        await _give_back(world, job, *place)
    assert await world.balance(f"member:{employer}:funds") == 100_000
    assert await world.balance(f"job:{job.id}:escrow") == 0
    await _all_is_right(world)


async def test_closing_is_done_once_and_for_the_sum_that_was_shown(world: World) -> None:
    """Proves that a changed number of free places asks again, and that the second tap refunds nothing."""
    employer, stranger = await _funded(world), await world.member()
    job = await _publish(world, employer)

    async def press(by: int, free: int) -> int:
        async with world.unit() as uow:
            member = await members.get_member(uow.tx, by)
            return await myjobs.close(uow, member=member, job_id=job.id, version=job.version, free=free)

    with pytest.raises(NotAllowed):
        await press(stranger, 3)
    await _take(world, job)
    with pytest.raises(PlacesChanged):
        await press(employer, 3)
    assert await press(employer, 2) == 2 * COST
    with pytest.raises(AlreadyClosed):
        await press(employer, 2)
    await _all_is_right(world)


async def test_the_list_of_own_jobs_pages_backwards(world: World) -> None:
    """Proves that pages follow each other without a gap and hold nobody else's jobs."""
    employer, other = await _funded(world, 1_000_000), await _funded(world)
    mine = [(await _publish(world, employer, key=f"k{n}")).id for n in range(10)]
    await _publish(world, other, key="other")
    async with world.unit() as uow:
        member = await members.get_member(uow.tx, employer)
        page, more = await myjobs.list_own(uow, member=member)
        assert more
        rest, none = await myjobs.list_own(uow, member=member, before=page[-1].job.id)
    assert not none
    assert [tally.job.id for tally in (*page, *rest)] == mine[::-1]


async def test_repeating_a_job_gives_its_values_and_a_new_token(world: World) -> None:
    """Proves that a repeated job is a whole draft which publishes as another job, and only its owner's."""
    employer, stranger = await _funded(world), await world.member()
    job = await _publish(world, employer)
    async with world.unit() as uow:
        with pytest.raises(NotAllowed):
            await publish.repeat_draft(uow, member=await members.get_member(uow.tx, stranger), job_id=job.id)
        member = await members.get_member(uow.tx, employer)
        draft = await publish.repeat_draft(uow, member=member, job_id=job.id)
        assert rules.complete(draft) == SPEC
        again = await publish.publish(uow, member=member, draft=draft, house=HOUSE, key=draft.token)
    assert again.id != job.id
    async with world.unit() as uow:
        assert await jobs.find_job_by_token(uow.tx, draft.token) == again
