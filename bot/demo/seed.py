"""The past that is there when the demo begins, written through the services before the bot starts.

    people, deposits ──► jobs published ──► places taken, proof sent, decided, paid ──► what waits now

The same `chance` and `now` give the same data. At the end the worker Ali has nearly enough to withdraw, the employer
Sara two proofs to look at and a job to publish, the subscriber Omar alerts from $1.00, and the operator Olga a deposit
and a withdrawal.
"""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from bot.demo.cast import ALI, EMPLOYERS, FIRST_ID_WITHOUT_PHONE, OLGA, OMAR, SARA, WORKERS, Person
from bot.demo.catalogue import CENT, Idea, read_draft, read_ideas, read_own
from bot.demo.draft import put_away
from bot.demo.past import APPROVED, REJECTED, PlannedJob, Shift, draw_shift
from bot.demo.picture import screenshot_of_recipe
from bot.demo.timeline import Timeline
from bot.domain.house import House
from bot.domain.member import Member
from bot.domain.money import UNIT, fee_of
from bot.domain.proof import SentPicture
from bot.domain.wallet import Way
from bot.imaging import Imaging
from bot.proofs import ProofIntake
from bot.services import alerts, deposit, profile, proof, publish, wallet, work
from storage import members
from storage.alerts import finish_round
from storage.database import Database
from storage.unit import UnitOfWork
from storage.vault import Vault

SEED = 20_250_704
PAST = timedelta(days=40)
OLD_JOBS = 15  # small ones of weeks ago that are (nearly) done; the others take workers now
SARAS_FUNDS = 150 * UNIT
ALIS_BALANCE = 920 * CENT
ALIS_BEST_REWARD = 130 * CENT
BILALS_BALANCE = 1_240 * CENT
BILALS_WITHDRAWAL = 12 * UNIT
ROUND_DEPOSIT = 50 * UNIT
PICTURE_ID = "the-recipe-for-two"


@dataclass(frozen=True, slots=True)
class Cast:
    """The members of the demo."""

    olga: Member
    sara: Member
    ali: Member
    omar: Member
    employers: tuple[Member, ...]
    workers: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the data goes, by which rules, and which clock the people with phones live by: the page's."""

    database: Database
    house: House
    vault: Vault
    proofs: Path
    zone: str = "UTC"


async def seed(place: Place, *, now: datetime) -> None:
    """Write the whole past into an empty database."""
    chance = random.Random(SEED)  # noqa: S311 - it draws a story, no secret
    begin = now - PAST
    async with place.database.unit("demo:people", now=begin) as uow:
        cast = await _bring_in_people(uow, zone=place.zone)
    timeline = Timeline(until=now - timedelta(minutes=5))
    planned = _plan_jobs(cast, chance, now=now)
    own = [
        PlannedJob(idea, cast.sara, now - timedelta(hours=hours), workers=workers)
        for idea, hours, workers in zip(read_own(chance), (30, 54), (0, 9), strict=True)
    ]
    jobs = sorted([*planned, *own], key=lambda job: job.published_at)
    _plan_money(timeline, cast, jobs, begin=begin, now=now, house=place.house)
    for number, one in enumerate(jobs):
        _plan_publishing(timeline, one, token=f"demo-{number:04}-{chance.randrange(16**6):06x}", house=place.house)
    for shift in _draw_work(cast, jobs, chance, until=timeline.until):
        shift.put_on(timeline, house=place.house)
    _plan_what_waits(timeline, cast, own, chance, now=now, place=place)
    await timeline.play(place.database)
    await _take_in_picture(place, chance, at=now - timedelta(hours=2))


# -- people and money ----------------------------------------------------------------------------------------------


async def _bring_in_people(uow: UnitOfWork, *, zone: str) -> Cast:
    ids = count(FIRST_ID_WITHOUT_PHONE)

    async def with_phone(person: Person, *, role: str = "member") -> Member:
        added = await members.insert_member(
            uow.tx, telegram_user_id=person.id, first_name=person.first_name, language="en", role=role, at=uow.now
        )
        member = await profile.sign_up(uow, member=added, country=person.country)
        return await profile.set_time_zone(uow, member=member, zone=zone)

    async def without_phone(first_name: str, country: str, language: str = "en") -> Member:
        added = await members.insert_member(
            uow.tx, telegram_user_id=next(ids), first_name=first_name, language=language, role="member", at=uow.now
        )
        await profile.set_reachable(uow, member=added, reachable=False)
        return await profile.sign_up(uow, member=added, country=country)

    olga = await with_phone(OLGA, role="operator")
    employers = [await without_phone(*row) for row in EMPLOYERS]
    workers = [await without_phone(*row) for row in WORKERS[: len(WORKERS) // 2]]
    ali, sara, omar = await with_phone(ALI), await with_phone(SARA), await with_phone(OMAR)
    workers += [await without_phone(*row) for row in WORKERS[len(WORKERS) // 2 :]]
    return Cast(olga, sara, ali, omar, tuple(employers), tuple(workers))


def _plan_money(
    timeline: Timeline, cast: Cast, jobs: list[PlannedJob], *, begin: datetime, now: datetime, house: House
) -> None:
    """Let every employer pay in what their jobs cost and a bit more; Sara has exactly SARAS_FUNDS left."""
    references = count(20_481)

    def pay_in(employer: Member, amount: int, at: datetime, *, confirmed: bool = True) -> None:
        reference = f"WIRE-{next(references)}"

        async def claim(uow: UnitOfWork) -> None:
            claimed = await deposit.claim_deposit(uow, member_id=employer.id, amount=amount, reference=reference)

            async def confirm(later: UnitOfWork) -> None:
                await deposit.confirm_deposit(later, deposit_id=claimed.id, version=claimed.version, by=cast.olga.id)

            if confirmed:
                timeline.plan(uow.now + timedelta(hours=3), confirm)

        timeline.plan(at, claim)

    for number, employer in enumerate(cast.employers):
        cost = sum(_cost(job.idea, house) for job in jobs if job.employer is employer)
        rounded = -(-cost // ROUND_DEPOSIT) * ROUND_DEPOSIT + ROUND_DEPOSIT
        pay_in(employer, rounded, begin + timedelta(hours=5 + number))
    saras = sum(_cost(job.idea, house) for job in jobs if job.employer is cast.sara)
    pay_in(cast.sara, 100 * UNIT, now - timedelta(days=9))
    pay_in(cast.sara, SARAS_FUNDS + saras - 100 * UNIT, now - timedelta(days=4))
    pay_in(cast.employers[2], 4 * ROUND_DEPOSIT, now - timedelta(minutes=47), confirmed=False)


def _cost(idea: Idea, house: House) -> int:
    return (idea.spec.reward + fee_of(idea.spec.reward, house.employer_fee_bp)) * idea.spec.places


# -- jobs and work -------------------------------------------------------------------------------------------------


def _plan_jobs(cast: Cast, chance: random.Random, *, now: datetime) -> list[PlannedJob]:
    """Give every idea an employer, a day and a number of workers: some weeks ago, the newest a quarter of an hour."""
    ideas = read_ideas(chance)
    old = [idea.spec.title for idea in ideas if idea.has_past and idea.language == "en"][:OLD_JOBS]
    planned = []
    for idea in ideas:
        employer = cast.employers[-1] if idea.language == "es" else chance.choice(cast.employers[:-1])
        if idea.spec.title in old:
            places = chance.randrange(7, 15)
            small = replace(idea, spec=replace(idea.spec, places=places))
            planned.append(PlannedJob(small, employer, now - timedelta(days=chance.uniform(17, 33)), workers=places))
        else:
            age = timedelta(minutes=15) + timedelta(days=13) * chance.random() ** 2
            workers = chance.randrange(2 + 2 * min(age.days, 4)) if idea.has_past else 0
            planned.append(PlannedJob(idea, employer, now - age, workers=min(workers, idea.spec.places // 2)))
    return planned


def _plan_publishing(timeline: Timeline, planned: PlannedJob, *, token: str, house: House) -> None:
    async def open_it(uow: UnitOfWork) -> None:
        planned.job = await publish.publish(
            uow, member=planned.employer, draft=planned.idea.spec, house=house, key=token
        )
        await finish_round(uow.tx, planned.id, at=uow.now)  # nobody is alerted to what is old

    timeline.plan(planned.published_at, open_it)


def _draw_work(cast: Cast, jobs: list[PlannedJob], chance: random.Random, *, until: datetime) -> list[Shift]:
    """Draw who did what: Ali and Bilal as much as they have earned, the others at random."""
    yesterday = until - timedelta(days=1)  # so all of Sara's are reviewed but those that wait for a purpose
    shifts = [
        draw_shift(planned, worker, chance, until=yesterday if planned.employer is cast.sara else until)
        for planned in jobs
        for worker in chance.sample(cast.workers[1:], k=planned.workers)
    ]
    others = [job for job in jobs if job.employer is not cast.sara]
    shifts += _draw_earnings(cast.ali, ALIS_BALANCE, ALIS_BEST_REWARD, others, chance, until=until)
    return shifts + _draw_earnings(cast.workers[0], BILALS_BALANCE, BILALS_BALANCE, others, chance, until=until)


def _draw_earnings(
    worker: Member, amount: int, best: int, jobs: list[PlannedJob], chance: random.Random, *, until: datetime
) -> list[Shift]:
    """Let a worker earn an amount, to the cent if the prices allow it, and have one proof rejected."""
    candidates = [
        job
        for job in jobs
        if job.idea.has_past
        and job.idea.language == "en"
        and job.idea.spec.category_id != "translation"
        and timedelta(days=3) < until - job.published_at < timedelta(days=14)
        and job.idea.spec.reward <= best
    ]
    candidates.sort(key=lambda job: -job.idea.spec.reward)
    paid = _sum_up(candidates, amount)
    rejected = next(job for job in candidates if job not in paid)
    yesterday = until - timedelta(days=1)  # so all of it is reviewed
    return [
        draw_shift(job, worker, chance, until=yesterday, luck=REJECTED if job is rejected else APPROVED)
        for job in (*paid, rejected)
    ]


def _sum_up(jobs: list[PlannedJob], amount: int) -> tuple[PlannedJob, ...]:
    """Choose the jobs whose rewards come closest to an amount, never above; the first ones rather than the last."""
    ways: dict[int, tuple[PlannedJob, ...]] = {0: ()}
    for job in jobs:
        for total, chosen in list(ways.items()):
            if total + job.idea.spec.reward <= amount:
                ways.setdefault(total + job.idea.spec.reward, (*chosen, job))
    return ways[max(ways)]


# -- what waits now ------------------------------------------------------------------------------------------------


def _plan_what_waits(
    timeline: Timeline, cast: Cast, own: list[PlannedJob], chance: random.Random, *, now: datetime, place: Place
) -> None:
    """Leave something to do for each of the four people."""
    with_picture, with_words = own
    recipe_cook = cast.workers[3]

    async def send_picture(uow: UnitOfWork) -> None:
        taken = await work.apply(uow, member=recipe_cook, job_id=with_picture.id, house=place.house)
        uow.now += timedelta(minutes=6)
        found = await work.get_place(uow, member=recipe_cook, assignment_id=taken.id)
        picture = SentPicture("document", file_id=PICTURE_ID, file_unique_id=PICTURE_ID, size=0)
        refused = await proof.add_picture(uow, place=found, requirement=0, picture=picture, mime_type="image/png")
        assert refused is None
        answers = with_picture.idea.answer(chance)
        await proof.submit(uow, member=recipe_cook, assignment_id=taken.id, answers=answers)

    async def subscribe(uow: UnitOfWork) -> None:
        await alerts.choose_minimum(uow, member_id=cast.omar.id, amount=UNIT, house=place.house)

    async def ask_for_money(uow: UnitOfWork) -> None:
        await wallet.request_withdrawal(
            uow,
            member_id=cast.workers[0].id,
            way=Way.JAZZCASH,
            destination="03017654321",
            amount=BILALS_WITHDRAWAL,
            house=place.house,
            vault=place.vault,
        )

    async def write_half_a_job(uow: UnitOfWork) -> None:
        await put_away(uow, member=cast.sara, idea=draft, token=f"demo-draft-{chance.randrange(16**6):06x}")

    draft = read_draft(chance)
    timeline.plan(now - timedelta(days=5), subscribe)
    timeline.plan(now - timedelta(minutes=20), write_half_a_job)
    timeline.plan(now - timedelta(hours=2), send_picture)
    timeline.plan(now - timedelta(minutes=95), ask_for_money)
    last = Shift(
        planned=with_words,
        worker=cast.ali,
        begins_at=now - timedelta(minutes=58),
        length=timedelta(minutes=6),
        answers={number: options[0] for number, options in enumerate(with_words.idea.answers)},
        luck=APPROVED,
        reviewed_after=None,
    )
    last.put_on(timeline, house=place.house)


async def _take_in_picture(place: Place, chance: random.Random, *, at: datetime) -> None:
    """Store the picture that waits as the bot's own intake does."""
    drawn = screenshot_of_recipe(chance)

    async def download(file_id: str) -> bytes:
        assert file_id == PICTURE_ID
        return drawn

    imaging = Imaging()
    try:
        intake = ProofIntake(
            database=place.database, download=download, imaging=imaging, folder=place.proofs, clock=lambda: at
        )
        stored = await intake.run_once()
    finally:
        await imaging.close()
    assert stored == 1, "there is one picture in the past"
