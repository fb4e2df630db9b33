"""The marketplace the bench works in, made by the services themselves: members, funded jobs, proofs that wait.

Browsers own nothing and work on nothing, so that all of them see the same list; workers have one proof sent each and
take further places during the bench; employers have proofs to approve.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from bot.domain.house import House
from bot.domain.job import ProofKind, Requirement
from bot.domain.member import Member
from bot.domain.publish import JobSpec
from bot.services import profile, proof, publish, work
from handlers.views.jobs import OpenList
from handlers.views.nav import Categories
from handlers.views.review_buttons import Approve
from handlers.views.work import ApplyPress
from storage import members, sqlite
from storage.database import Database
from storage.migrate import migrate
from storage.unit import UnitOfWork
from tests.ledger_world import World

Tap = tuple[int, str]
ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

BROWSERS = 300
EMPLOYERS = 50
JOBS_EACH = 20
PLACES = 40
REWARD = 5_000
SHELF = "surveys"
#: The employer's first job is where the proofs are; the others' places are taken during the bench.
CATEGORIES = ("data_entry", SHELF, "app_testing", "sign_ups", "research")
FIRST_TELEGRAM_ID = 10_000_001
UNIT_OF = 40  # things made in one unit
HOUSE = House()


@dataclass(frozen=True, slots=True)
class Taps:
    """What is tapped in each part of the bench. `home` opens the shelves, whose message the list's button is under."""

    browsers: tuple[int, ...]
    home: str
    browse: str
    apply: tuple[Tap, ...]
    approve: tuple[Tap, ...]

    def browsing(self, count: int) -> list[Tap]:
        """Give this many taps on the list, spread over the browsers."""
        return [(self.browsers[i % len(self.browsers)], self.browse) for i in range(count)]


async def make(path: Path, *, proofs_each: int) -> Taps:
    """Make the marketplace in a new file and say what can be tapped in it."""
    database = await Database.open(f"sqlite:///{path}")
    try:
        await migrate(database)
        return await _Maker(World(database, datetime.now(UTC) - timedelta(minutes=2))).make(proofs_each)
    finally:
        await database.close()


@dataclass(slots=True)
class _Maker:
    world: World
    people: int = 0

    async def make(self, proofs_each: int) -> Taps:
        browsers = await self._members(BROWSERS)
        employers = await self._members(EMPLOYERS)
        workers = await self._members(EMPLOYERS * proofs_each)
        await self._each(employers, self._deposit)
        slots = [(employer, number) for number in range(JOBS_EACH) for employer in employers]
        jobs = await self._each(slots, self._publish)
        to_review, free = jobs[:EMPLOYERS], jobs[EMPLOYERS:]
        shares = [(worker, to_review[i % EMPLOYERS]) for i, worker in enumerate(workers)]
        submitted = await self._each(shares, self._submit)
        approve = [
            (employers[i % EMPLOYERS].telegram_user_id, Approve(submission_id, 1).pack())
            for i, submission_id in enumerate(submitted)
        ]
        apply = [(worker.telegram_user_id, ApplyPress(free[i % len(free)]).pack()) for i, worker in enumerate(workers)]
        return Taps(
            browsers=tuple(member.telegram_user_id for member in browsers),
            home=Categories().pack(),
            browse=OpenList(SHELF).pack(),
            apply=tuple(apply),
            approve=tuple(approve),
        )

    async def _each(
        self, items: Sequence[ItemT], do: Callable[[UnitOfWork, ItemT], Awaitable[ResultT]]
    ) -> list[ResultT]:
        """Do something for each item, some to a unit."""
        results: list[ResultT] = []
        for start in range(0, len(items), UNIT_OF):
            self.world.now += timedelta(milliseconds=100)
            async with self.world.unit() as uow:
                for item in items[start : start + UNIT_OF]:
                    results.append(await do(uow, item))
        return results

    async def _members(self, count: int) -> list[Member]:
        first = FIRST_TELEGRAM_ID + self.people
        self.people += count
        return await self._each(range(first, first + count), self._member)

    async def _member(self, uow: UnitOfWork, telegram_user_id: int) -> Member:
        member = await members.insert_member(
            uow.tx, telegram_user_id=telegram_user_id, first_name="Ana", language="en", role="member", at=uow.now
        )
        return await profile.sign_up(uow, member=member, country="PK")

    async def _deposit(self, uow: UnitOfWork, member: Member) -> None:
        await self.world.fund_in(uow, member.id, JOBS_EACH * PLACES * REWARD * 10)

    async def _publish(self, uow: UnitOfWork, of: tuple[Member, int]) -> int:
        employer, number = of
        spec = JobSpec(
            category_id=CATEGORIES[number % len(CATEGORIES)],
            title=f"Answer ten questions about shopping, part {number + 1}",
            steps=("Open the page", "Answer all ten questions", "Copy the code at the end"),
            requirements=(Requirement(ProofKind.TEXT, "The code at the end"),),
            reward=REWARD + 100 * (employer.id % 17) + number * 100,
            places=PLACES,
            minutes=5 + number % 4,
            time_limit_minutes=60,
            review_days=3,
        )
        job = await publish.publish(uow, member=employer, draft=spec, house=HOUSE, key=publish.new_token())
        return job.id

    async def _submit(self, uow: UnitOfWork, of: tuple[Member, int]) -> int:
        worker, job_id = of
        place = await work.apply(uow, member=worker, job_id=job_id, house=HOUSE)
        sent = await proof.submit(uow, member=worker, assignment_id=place.id, answers={0: "CODE-4711"})
        return sent.id


async def synchronous_of(path: Path) -> int:
    """Read back how our connections write: 2 is FULL, the commit is on the disk before anybody hears of it."""
    connection = await sqlite.connect(path)
    try:
        return int(next(iter(await connection.execute_fetchall("PRAGMA synchronous")))[0])
    finally:
        await connection.close()
