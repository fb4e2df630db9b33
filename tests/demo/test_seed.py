"""The demo's data: believable, all right by the ledger, nothing owed to anybody, the same every time."""

import asyncio
import io
import random
import re
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from bot.demo.cast import ALI, OLGA, OMAR, PEOPLE, SARA
from bot.demo.catalogue import CENT, FILE, read_ideas
from bot.demo.folder import DATABASE, KEY_FILE, PROOFS
from bot.demo.seed import Place, seed
from bot.domain.house import House
from bot.domain.money import UNIT
from bot.services.admin import get_desk
from bot.services.balance import get_balance
from bot.services.browse import count_shelves
from bot.services.review_queue import find_waiting
from bot.verify import verify
from storage import alerts, jobs, members
from storage.database import Database
from storage.migrate import migrate
from storage.rows import to_ms
from storage.unit import UnitOfWork
from storage.vault import Vault
from tests.conftest import NOW

HOUSE = House(operator_ids=frozenset({OLGA.id}))


def write_past(folder: Path) -> None:
    """Write the demo's past at a fixed time into a folder."""

    async def write() -> None:
        database = await Database.open(f"sqlite:///{folder / DATABASE}")
        try:
            await migrate(database)
            vault = Vault.open(folder / KEY_FILE)
            await seed(Place(database=database, house=HOUSE, vault=vault, proofs=folder / PROOFS), now=NOW)
        finally:
            await database.close()

    asyncio.run(write())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the past once for all tests of this file."""
    folder = tmp_path_factory.mktemp("past")
    write_past(folder)
    return folder


@pytest.fixture
async def past(written: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """Give a copy of the past."""
    shutil.copy(written / DATABASE, tmp_path / DATABASE)
    database = await Database.open(f"sqlite:///{tmp_path / DATABASE}")
    try:
        yield database
    finally:
        await database.close()


async def count(uow: UnitOfWork, sql: str) -> int:
    """Count with a statement of the test's own."""
    rows = await uow.tx.connection.execute_fetchall(sql)
    return int(rows[0][0])


async def test_the_ledger_is_right(past: Database) -> None:
    """Proves that the demo's money keeps every rule that a real installation is audited by."""
    said = io.StringIO()
    assert await verify(past, said) == 0, said.getvalue()


async def test_each_of_the_four_has_something_to_do(past: Database, written: Path) -> None:
    """Proves that Ali is near the withdrawal, Sara has money and two proofs, Omar alerts, Olga a desk."""
    async with past.unit("look", now=NOW) as uow:
        people = {p.role: await members.find_member_by_telegram(uow.tx, p.id) for p in PEOPLE}
        ali, sara, omar, olga = (people[p.role] for p in (ALI, SARA, OMAR, OLGA))
        assert ali is not None
        assert sara is not None
        assert omar is not None
        assert olga is not None
        assert all(member.reachable and member.signed_up for member in (ali, sara, omar, olga))
        alis = await get_balance(uow, member_id=ali.id, house=HOUSE)
        assert alis.available == 920 * CENT
        assert (await get_balance(uow, member_id=sara.id, house=HOUSE)).funds == 150 * UNIT
        first = await find_waiting(uow, by=sara)
        assert first is not None
        assert first.total == 2
        assert first.pictures[0].path is not None
        with Image.open(written / PROOFS / first.pictures[0].path) as picture:
            assert picture.format == "JPEG"
        second = await find_waiting(uow, by=sara, after_id=first.case.submission.id)
        assert second is not None
        assert second.worker_number == ali.id
        wish = await alerts.find_subscription(uow.tx, omar.id)
        assert wish is not None
        assert wish.enabled
        assert wish.minimum_reward == UNIT
        assert olga.is_operator
        desk = await get_desk(uow, by=olga.id)
        assert (desk.withdrawals, desk.deposits) == (1, 1)


async def test_nobody_is_owed_a_message(past: Database) -> None:
    """Proves that the bot's start sends nothing about the past: no delivery, no alert to come, no chat to write to."""
    async with past.unit("look", now=NOW) as uow:
        assert await count(uow, "SELECT count(*) FROM deliveries") == 0
        assert await alerts.find_round(uow.tx) is None
        assert await count(uow, "SELECT count(*) FROM members WHERE reachable = 1") == len(PEOPLE)
        assert await count(uow, "SELECT max(at) FROM events") <= to_ms(NOW)


async def test_every_kind_of_work_has_jobs(past: Database) -> None:
    """Proves that about 200 jobs can be taken, in every category that is on, some of them high-paying."""
    async with past.unit("look", now=NOW) as uow:
        ali = await members.find_member_by_telegram(uow.tx, ALI.id)
        assert ali is not None
        shelves = await count_shelves(uow, member=ali, house=HOUSE)
        enabled = {category.id for category in await jobs.list_categories(uow.tx)}
        assert 175 <= shelves.total <= 220
        assert 20 <= shelves.high <= 60
        assert {category for category, number in shelves.categories if number >= 5} == enabled
        assert await count(uow, "SELECT count(*) FROM jobs WHERE language = 'es'") == 10
        assert await count(uow, "SELECT min(reward) FROM jobs") == 2 * CENT
        assert await count(uow, "SELECT max(reward) FROM jobs") <= 6 * UNIT
        assert await count(uow, "SELECT count(*) FROM assignments WHERE paid_at IS NOT NULL") > 300
        assert await count(uow, "SELECT count(*) FROM assignments WHERE status = 'rejected'") > 10
        employers = "SELECT count(*) FROM employer_figures WHERE approved > 5 * rejected AND approved > 5"
        assert await count(uow, employers) >= 8


def test_the_texts_name_no_real_site_and_no_forbidden_work() -> None:
    """Proves that every address is one of the reserved example domains, and that nobody is asked to like or follow."""
    text = FILE.read_text(encoding="utf-8")
    sites = re.findall(r"[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|app|de|pk)\b", text)
    assert len(sites) > 150
    assert [site for site in sites if not site.endswith(("example.com", "example.org"))] == []
    asked = " ".join(step for idea in read_ideas(random.Random(1)) for step in (idea.spec.title, *idea.spec.steps))
    assert re.findall(r"\b(?:lorem|upvote|subscribe|5 stars|five stars|followers|retweet)\b", asked, re.I) == []
    titles = [idea.spec.title for idea in read_ideas(random.Random(1))]
    assert len(set(titles)) == len(titles)


def test_the_same_past_every_time(written: Path, tmp_path: Path) -> None:
    """Proves that the data is decided by its seed and the time alone: both ledgers end in the same hash."""
    write_past(tmp_path)

    async def head(folder: Path) -> str:
        database = await Database.open(f"sqlite:///{folder / DATABASE}")
        try:
            said = io.StringIO()
            assert await verify(database, said) == 0
            return next(line for line in said.getvalue().splitlines() if line.startswith("chain head"))
        finally:
            await database.close()

    assert asyncio.run(head(tmp_path)) == asyncio.run(head(written))


async def test_it_stays_right_when_nobody_looks_for_weeks(past: Database) -> None:
    """Proves that a demo found again after a month goes on: the clock decides, and the ledger stays right."""
    from bot.scheduler import TICKS

    for tick in TICKS:
        async with past.unit(tick.name, now=NOW + timedelta(days=30), seconds=30) as uow:
            await tick.slice(uow, limit=200, house=HOUSE)
    said = io.StringIO()
    assert await verify(past, said) == 0, said.getvalue()
