"""Paging through jobs while others appear and go: nothing twice, nothing missed."""

import random
from datetime import datetime, timedelta

import pytest

from bot.domain.browse import ALL, HIGH, PAGE_SIZE, JobPage, Sort
from bot.domain.errors import NotAllowed
from bot.domain.house import House
from bot.domain.member import Member
from bot.services import browse
from storage.database import Database
from tests.browse_world import BrowseWorld

HOUSE = House(high_pay_minimum=1500)


async def _page(world: BrowseWorld, me: Member, place: str, *, shelf: str = ALL, sort: Sort = Sort.NEWEST) -> JobPage:
    async with world.unit() as uow:
        return await browse.list_jobs(uow, member=me, house=HOUSE, shelf=shelf, sort=sort, place=place)


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("shelf", [ALL, HIGH, "surveys"])
async def test_going_on_and_back_meets_every_job_once(
    database: Database, now: datetime, shelf: str, sort: Sort
) -> None:
    """Proves that pages have neither gap nor repeat, in order, also among equal keys and while jobs appear and go."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    world = BrowseWorld(database, now)
    me, other = await world.someone(), await world.someone()

    async def offer() -> int:
        at = now - timedelta(minutes=chance.randrange(5))
        return await world.offer(other, reward=chance.choice((1000, 1500, 2000)), published_at=at)

    first = {await offer() for _ in range(45)}
    gone: set[int] = set()
    seen: list[int] = []
    keys: list[tuple[int, int]] = []
    pages = []
    place: str | None = ""
    while place is not None:
        page = await _page(world, me, place, shelf=shelf, sort=sort)
        if place and not page.place:
            break  # what was behind this place is gone: the list begins again
        pages.append(page)
        seen += [line.id for line in page.jobs]
        keys += [
            (int(line.published_at.timestamp()) if sort is Sort.NEWEST else line.reward, line.id) for line in page.jobs
        ]
        place = page.next
        await offer()
        away = chance.choice(sorted(first - gone - set(seen)) or [0])
        gone.add(away)
        await world.execute("UPDATE jobs SET status = 'paused' WHERE id = ?", away)
    assert len(seen) == len(set(seen)), "no job twice"
    assert keys == sorted(keys, reverse=sort is not Sort.LOWEST)
    wanted = {row[0] for row in await world.look("SELECT id FROM jobs WHERE reward >= ?", 1500 if shelf == HIGH else 0)}
    assert first & wanted - gone <= set(seen), "no job missed"
    assert seen[:PAGE_SIZE] == [line.id for line in pages[0].jobs]
    back = pages[-1]
    backwards = [line.id for line in reversed(back.jobs)]
    while back.previous is not None:
        back = await _page(world, me, back.previous, shelf=shelf, sort=sort)
        backwards += [line.id for line in reversed(back.jobs)] if back.place else []
    assert len(backwards) == len(set(backwards)), "no job twice on the way back"
    assert back.place == ""
    assert len(back.jobs) == PAGE_SIZE


async def test_a_place_behind_the_end_is_the_first_page(database: Database, now: datetime) -> None:
    """Proves that Next on a list whose rest is gone meanwhile shows the list from its start, not nothing."""
    world = BrowseWorld(database, now)
    me, other = await world.someone(), await world.someone()
    for n in range(PAGE_SIZE + 1):
        await world.offer(other, published_at=now - timedelta(minutes=n))
    page = await _page(world, me, "")
    assert page.next is not None
    await world.execute("UPDATE jobs SET status = 'paused' WHERE published_at = (SELECT min(published_at) FROM jobs)")
    again = await _page(world, me, page.next)
    assert again == await _page(world, me, "")
    assert again.next is None
    assert again.previous is None


async def test_an_empty_or_unknown_shelf_is_empty(database: Database, now: datetime) -> None:
    """Proves that a shelf without jobs, and one that does not exist, give a page without neighbours."""
    world = BrowseWorld(database, now)
    me = await world.someone()
    for shelf in (ALL, HIGH, "surveys", "<b>"):
        page = await _page(world, me, "", shelf=shelf)
        assert (page.jobs, page.next, page.previous) == ((), None, None)


async def test_a_draft_and_a_missing_job_answer_alike(database: Database, now: datetime) -> None:
    """Proves that a job that was never published can't be told from one that never was."""
    world = BrowseWorld(database, now)
    me, other = await world.someone(), await world.someone()
    draft = await world.offer(other, status="draft")
    for job_id in (draft, 999, -1):
        async with world.unit() as uow:
            with pytest.raises(NotAllowed):
                await browse.get_job_view(uow, member=me, house=HOUSE, job_id=job_id)
    async with world.unit() as uow:
        assert await browse.find_job_id(uow, token="nothing") is None


async def test_the_card_knows_its_employer_and_its_freshness(database: Database, now: datetime) -> None:
    """Proves that finished places and the employer's decisions reach the card."""
    world = BrowseWorld(database, now)
    me, other, third = await world.someone(), await world.someone(), await world.someone()
    job_id = await world.offer(other, slots=3)
    assignment_id = await world.place(job_id, third, "approved")
    await world.execute("UPDATE lots SET paid = 1 WHERE job_id = ?", job_id)
    await world.execute(
        "INSERT INTO submissions (assignment_id, job_id, status, submitted_at, review_by_at)"
        " VALUES (?, ?, 'approved', 0, 0)",
        assignment_id,
        job_id,
    )
    async with world.unit() as uow:
        view = await browse.get_job_view(uow, member=me, house=HOUSE, job_id=job_id)
        assert (view.finished, view.approved, view.rejected, view.refusal) == (1, 1, 0, None)
        assert view.job.free_slots == 2
        assert not await browse.holds_place(uow, member=me, job_id=job_id)
    await world.place(job_id, me, "reserved")
    async with world.unit() as uow:
        assert await browse.holds_place(uow, member=me, job_id=job_id)


async def test_the_chosen_order_is_remembered(database: Database, now: datetime) -> None:
    """Proves that an order is kept beside other settings, and written only when it changes."""
    world = BrowseWorld(database, now)
    me = await world.someone()
    await world.execute("UPDATE members SET settings = '{\"greeted\":true}' WHERE id = ?", me.id)
    me = await world.reload(me.id)
    async with world.unit() as uow:
        chosen = await browse.remember_sort(uow, member=me, sort=Sort.LOWEST)
        assert await browse.remember_sort(uow, member=chosen, sort=Sort.LOWEST) is chosen
    assert (await world.reload(me.id)).settings == {"greeted": True, "sort": "l"}
