"""Taking, keeping, extending and losing a place, on a real database."""

import asyncio
import os
import random
from collections import Counter
from datetime import datetime, timedelta

import pytest

from bot.domain.eligibility import (
    DoneBefore,
    HasPlaceHere,
    JobOver,
    JobPaused,
    MayNotWork,
    NoPlaceFree,
    OwnJob,
    TooManyReserved,
)
from bot.domain.errors import NotAllowed, Refused, Stale
from bot.domain.member import Member
from bot.domain.work import (
    SIGN_UP_HOLD,
    AlreadyExtended,
    NoExtension,
    PlaceExpired,
    PlaceReturned,
    ProofSent,
    SignUpFirst,
)
from bot.services import work
from storage import audit, members
from storage.database import Database
from tests.work_world import HOUSE, WorkWorld

RACES = int(os.environ.get("RACES", "200"))
CONTENDERS = 8


@pytest.fixture
def world(database: Database, now: datetime) -> WorkWorld:
    """Give an empty marketplace."""
    return WorkWorld(database, now)


async def _extend(world: WorkWorld, member: Member, assignment_id: int, version: int) -> datetime:
    async with world.unit() as uow:
        after = await work.extend(uow, member=member, assignment_id=assignment_id, version=version, house=HOUSE)
        return after.deadline_at


async def test_a_place_is_held_for_the_jobs_time(world: WorkWorld) -> None:
    """Proves that taking a place counts it once and gives it the job's time limit."""
    job_id = await world.open_job(slots=2)
    taken = await world.apply(await world.person(), job_id)
    assert taken.deadline_at == world.now + timedelta(minutes=15)
    row = await world.job_row(job_id)
    assert (row["free_slots"], row["status"]) == (1, "open")


async def test_the_last_place_goes_to_exactly_one(world: WorkWorld) -> None:
    """Proves that of eight who tap at once exactly one gets the last place, race after race."""
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    people = [await world.person() for _ in range(CONTENDERS)]
    job_id = await world.open_job(slots=1)
    winners: Counter[int] = Counter()
    for _ in range(RACES):
        chance.shuffle(people)
        taken = await asyncio.gather(*(world.apply(person, job_id) for person in people), return_exceptions=True)
        won = [result for result in taken if not isinstance(result, BaseException)]
        lost = [result for result in taken if isinstance(result, BaseException)]
        assert len(won) == 1
        assert {type(refusal) for refusal in lost} == {NoPlaceFree}
        row = await world.job_row(job_id)
        assert (row["free_slots"], row["status"]) == (0, "filled")
        winners[won[0].worker_id] += 1
        (winner,) = [person for person in people if person.id == won[0].worker_id]
        await world.give_back(winner, won[0])
    assert sum(winners.values()) == RACES
    assert len(await world.events("job_filled")) == len(await world.events("job_reopened")) == RACES


async def test_two_taps_take_one_place(world: WorkWorld) -> None:
    """Proves that the second of two taps at once changes nothing and says what is already so."""
    person, job_id = await world.person(), await world.open_job()
    taps = await asyncio.gather(*(world.apply(person, job_id) for _ in range(2)), return_exceptions=True)
    assert [type(tap) for tap in taps if isinstance(tap, BaseException)] == [HasPlaceHere]
    assert await world.statuses(job_id) == ["reserved"]


async def test_each_refusal_has_its_reason(world: WorkWorld) -> None:
    """Proves that whoever may not take a place is told the first reason why, and nothing is taken."""
    person, job_id = await world.person(), await world.open_job()
    (employer,) = await world.look("SELECT employer_id FROM jobs WHERE id = ?", job_id)
    async with world.database.read() as tx:
        owner = await members.get_member(tx, employer[0])
    cases: list[tuple[Member, type[Refused], str]] = [
        (owner, OwnJob, "UPDATE jobs SET status = 'open' WHERE id = ?"),
        (await world.person(status="paused"), MayNotWork, "UPDATE jobs SET status = 'open' WHERE id = ?"),
        (await world.person(status="banned"), MayNotWork, "UPDATE jobs SET status = 'open' WHERE id = ?"),
        (person, JobPaused, "UPDATE jobs SET status = 'paused' WHERE id = ?"),
        (person, NoPlaceFree, "UPDATE jobs SET status = 'filled' WHERE id = ?"),
        (person, JobOver, "UPDATE jobs SET status = 'closed' WHERE id = ?"),
    ]
    for member, refusal, change in cases:
        await world.execute(change, job_id)
        with pytest.raises(refusal):
            await world.apply(member, job_id)
    with pytest.raises(JobOver):
        await world.apply(person, 999_999)
    assert await world.statuses(job_id) == []


async def test_a_job_is_done_as_often_as_it_may_be(world: WorkWorld) -> None:
    """Proves that decided places count against the limit for each member, given back and expired ones do not."""
    person, job_id = await world.person(), await world.open_job(slots=9, per_member=2)
    await world.give_back(person, await world.apply(person, job_id))
    await world.apply(person, job_id)
    world.later(minutes=16)
    assert await world.expire() == 1
    for status in ("approved", "rejected"):
        taken = await world.apply(person, job_id)
        await world.execute("UPDATE assignments SET status = ? WHERE id = ?", status, taken.id)
    with pytest.raises(DoneBefore):
        await world.apply(person, job_id)


async def test_a_member_holds_three_places(world: WorkWorld) -> None:
    """Proves that the fourth live reservation is refused, and that sent proof and a fix round do not count."""
    person = await world.person()
    taken = [await world.apply(person, await world.open_job()) for _ in range(3)]
    fourth = await world.open_job()
    with pytest.raises(TooManyReserved):
        await world.apply(person, fourth)
    await world.send_proof(person, taken[0].id, "a")
    await world.apply(person, fourth)
    await world.execute("UPDATE assignments SET status = 'reserved' WHERE id = ?", taken[0].id)
    await world.give_back(person, taken[1])
    await world.apply(person, await world.open_job())


async def test_somebody_new_holds_one_place_for_three_minutes(world: WorkWorld) -> None:
    """Proves that before sign-up one place is held shortly, and that signing up gives it the job's time."""
    person, job_id = await world.person(signed_up=False), await world.open_job()
    held = await world.apply(person, job_id)
    assert held.deadline_at == world.now + SIGN_UP_HOLD
    with pytest.raises(SignUpFirst):
        await world.apply(person, await world.open_job())
    world.later(minutes=2)
    async with world.unit() as uow:
        confirmed = await work.confirm_sign_up(uow, member=person, house=HOUSE)
    assert confirmed is not None
    assert confirmed.deadline_at == world.now + timedelta(minutes=15)
    async with world.unit() as uow:
        assert await work.confirm_sign_up(uow, member=person, house=HOUSE) is None


async def test_a_sign_up_that_takes_too_long_loses_the_place(world: WorkWorld) -> None:
    """Proves that a place held for somebody new goes back after three minutes, and that confirming it is too late."""
    person, job_id = await world.person(signed_up=False), await world.open_job(slots=1)
    await world.apply(person, job_id)
    world.later(minutes=3)
    assert await world.warn() == 0
    assert await world.expire() == 1
    async with world.unit() as uow:
        assert await work.confirm_sign_up(uow, member=person, house=HOUSE) is None
    assert (await world.job_row(job_id))["status"] == "open"


async def test_the_extra_minutes_come_once(world: WorkWorld) -> None:
    """Proves that +5 minutes adds to the deadline once, whoever taps how often, and never on somebody else's place."""
    person, job_id = await world.person(), await world.open_job()
    taken = await world.apply(person, job_id)
    with pytest.raises(NotAllowed):
        await _extend(world, await world.person(), taken.id, taken.version)
    with pytest.raises(Stale):
        await _extend(world, person, taken.id, taken.version + 7)
    taps = await asyncio.gather(
        *(_extend(world, person, taken.id, taken.version) for _ in range(3)), return_exceptions=True
    )
    assert [tap for tap in taps if not isinstance(tap, BaseException)] == [taken.deadline_at + timedelta(minutes=5)]
    assert {type(tap) for tap in taps if isinstance(tap, BaseException)} == {AlreadyExtended}


async def test_extra_minutes_count_from_now_when_the_time_is_over(world: WorkWorld) -> None:
    """Proves that a place that is still held at its end gets five whole minutes."""
    person, job_id = await world.person(), await world.open_job()
    taken = await world.apply(person, job_id)
    world.later(minutes=15, seconds=4)
    assert await _extend(world, person, taken.id, taken.version) == world.now + timedelta(minutes=5)
    assert await world.expire() == 0


async def test_giving_back_reopens_a_filled_job(world: WorkWorld) -> None:
    """Proves that a place given back is free again once, and that a second tap says so."""
    person, job_id = await world.person(), await world.open_job(slots=1)
    taken = await world.apply(person, job_id)
    with pytest.raises(NotAllowed):
        await world.give_back(await world.person(), taken)
    await world.give_back(person, taken)
    with pytest.raises(PlaceReturned):
        await world.give_back(person, taken)
    row = await world.job_row(job_id)
    assert (row["status"], row["free_slots"]) == ("open", 1)
    assert await world.statuses(job_id) == ["returned"]


async def test_an_ended_reservation_goes_back_with_a_kind_word(world: WorkWorld) -> None:
    """Proves that the tick ends what is over, once, reopens the filled job and owes one notice."""
    person, job_id = await world.person(), await world.open_job(slots=1)
    taken = await world.apply(person, job_id)
    world.later(minutes=14, seconds=59)
    assert await world.expire() == 0
    world.later(seconds=1)
    assert await world.expire() == 1
    assert await world.expire() == 0
    assert [row["member_id"] for row in await world.owed("reservation_expired")] == [person.id]
    assert (await world.job_row(job_id))["status"] == "open"
    with pytest.raises(PlaceExpired):
        await world.give_back(person, taken)


async def test_a_place_of_a_closed_job_is_refunded_when_it_ends(world: WorkWorld) -> None:
    """Proves that a place that returns to a closed job is released and paid back, and the books are right."""
    person, job_id = await world.person(), await world.open_job(slots=1)
    await world.apply(person, job_id)
    await world.execute("UPDATE jobs SET status = 'closed' WHERE id = ?", job_id)
    world.later(minutes=15)
    assert await world.expire() == 1
    assert await world.balance(f"job:{job_id}:escrow") == 0
    async with world.database.read() as tx:
        assert (await audit.examine(tx)).findings == ()


async def test_the_warning_comes_once_in_the_last_fifth(world: WorkWorld) -> None:
    """Proves that at 80 % of the time one warning is owed, that it dies with the deadline, and never comes twice."""
    person, job_id = await world.person(), await world.open_job()
    taken = await world.apply(person, job_id)
    world.later(minutes=11, seconds=59)
    assert await world.warn() == 0
    world.later(seconds=1)
    assert await world.warn() == 1
    assert await world.warn() == 0
    (owed,) = await world.owed("reservation_ending")
    assert owed["member_id"] == person.id
    assert owed["expires_at"] == int(taken.deadline_at.timestamp() * 1000)


async def test_a_fix_round_has_its_own_clock(world: WorkWorld) -> None:
    """Proves that a fix round warns near its own end, has no extra minutes, and leaves the verdict as it is."""
    person, job_id = await world.person(), await world.open_job(slots=1)
    taken = await world.apply(person, job_id)
    submission = await world.send_proof(person, taken.id, "a")
    with pytest.raises(ProofSent):
        await world.give_back(person, taken)
    world.later(days=2)
    await world.ask_to_fix(submission)
    with pytest.raises(NoExtension):
        await _extend(world, person, taken.id, taken.version + 2)
    world.later(hours=19)
    assert await world.warn() == 0
    world.later(hours=1)
    assert await world.warn() == 1
    world.later(hours=4)
    assert await world.expire() == 1
    assert await world.statuses(job_id) == ["expired"]
    assert await world.value("SELECT status FROM submissions WHERE id = ?", submission.id) == "changes_requested"
    assert (await world.job_row(job_id))["free_slots"] == 1


async def test_the_list_of_work_is_in_the_order_people_need(world: WorkWorld) -> None:
    """Proves that work in progress comes first, then what waits, then decisions, page by page, and nobody else's."""
    person = await world.person()
    jobs = [await world.open_job() for _ in range(9)]
    taken = []
    for number, job_id in enumerate(jobs):
        taken.append(await world.apply(person, job_id))
        world.later(minutes=1)
        if number >= 1:
            await world.send_proof(person, taken[-1].id, f"p{number}")
    for one, status in ((taken[7], "approved"), (taken[8], "rejected")):
        await world.execute("UPDATE assignments SET status = ? WHERE id = ?", status, one.id)
    await world.apply(await world.person(), jobs[0])
    async with world.unit() as uow:
        first, more = await work.list_work(uow, member=person, page=0)
        second, no_more = await work.list_work(uow, member=person, page=1)
    assert (more, no_more) == (True, False)
    assert [line.assignment_id for line in first + second] == [
        taken[0].id,
        *(one.id for one in taken[1:7]),
        taken[8].id,
        taken[7].id,
    ]
