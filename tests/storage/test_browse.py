"""Lists of jobs on a real file: every page by an index, every counter as if counted afresh."""

import random
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.domain import eligibility
from bot.domain.browse import ALL, Sort
from bot.domain.house import House
from storage import browse
from storage.database import Database
from tests.browse_world import BrowseWorld

QUERIES = Path(__file__).parents[2] / "storage" / "queries" / "browse.sql"
LISTS = dict(
    re.findall(r"-- name: (list_(?:category|all|best)_\w+|find_best_job)\^?\n(.*?);", QUERIES.read_text(), re.S)
)
STATUSES = ("reserved", "submitted", "approved", "rejected", "returned", "expired")
HOUSE = House()


@pytest.mark.sqlite("the words of SQLite's plans")
@pytest.mark.parametrize("name", sorted(LISTS))
async def test_every_list_walks_along_an_index(database: Database, name: str) -> None:
    """Proves that a page is found by key in an index that also has its order: a million jobs cost like a thousand."""
    params = {"member_id": 1, "category_id": "surveys", "key": 5, "id": 5, "minimum": 1, "limit": 9, "best": 500}
    async with database.read() as tx:
        rows = await tx.connection.execute_fetchall(f"EXPLAIN QUERY PLAN {LISTS[name]}", params)
        plan = [row["detail"] for row in rows]
    walk = next(step for step in plan if re.search(r"\bj\b.*jobs_(newest|reward)", step))
    if name.startswith(("list_category", "list_all")):
        assert ",listed)" in walk, walk
        assert not any("TEMP B-TREE" in step for step in plan), plan
    else:
        assert "jobs_reward_all" in walk, walk  # the few best, sorted afterwards


async def _recounted(world: BrowseWorld) -> tuple[dict[str, int], list[tuple[int, ...]]]:
    open_jobs = await world.look(
        "SELECT category_id, count(*) FROM jobs WHERE status = 'open' AND free_slots > 0 GROUP BY category_id"
    )
    figures = await world.look(
        "SELECT j.employer_id, count(*) FILTER (WHERE s.status = 'approved'),"
        " count(*) FILTER (WHERE s.status = 'rejected'), count(*) FILTER (WHERE s.status = 'pending')"
        " FROM submissions s JOIN jobs j ON j.id = s.job_id GROUP BY j.employer_id ORDER BY j.employer_id"
    )
    return {row[0]: row[1] for row in open_jobs}, [tuple(row) for row in figures]


async def test_the_counters_are_what_counting_gives(database: Database, now: datetime) -> None:
    """Proves that whatever happens to jobs, places and submissions, the kept figures equal a fresh count."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    world = BrowseWorld(database, now)
    people = [await world.someone() for _ in range(3)]
    jobs = [
        await world.offer(chance.choice(people), category=chance.choice(("surveys", "other")), slots=2)
        for _ in range(6)
    ]
    for _ in range(120):
        job_id = chance.choice(jobs)
        match chance.randrange(5):
            case 0:
                status = chance.choice(("open", "paused", "filled", "closed"))
                await world.execute("UPDATE jobs SET status = ? WHERE id = ?", status, job_id)
            case 1:
                await world.execute("UPDATE lots SET taken = ? WHERE job_id = ?", chance.randrange(3), job_id)
            case 2:
                category = chance.choice(("surveys", "other"))
                await world.execute("UPDATE jobs SET category_id = ? WHERE id = ?", category, job_id)
            case 3:
                rows = await world.execute(
                    "INSERT INTO assignments (job_id, lot_id, worker_id, status, reserved_at, deadline_at)"
                    " SELECT ?, id, ?, 'approved', 0, 0 FROM lots WHERE job_id = ? RETURNING id",
                    job_id,
                    chance.choice(people).id,
                    job_id,
                )
                await world.execute(
                    "INSERT INTO submissions (assignment_id, job_id, status, submitted_at, review_by_at)"
                    " VALUES (?, ?, ?, 0, 0)",
                    rows[0][0],
                    job_id,
                    chance.choice(("pending", "approved")),
                )
            case 4:
                await world.execute(
                    "UPDATE submissions SET status = ? WHERE id % 3 = ?",
                    chance.choice(("pending", "approved", "rejected", "changes_requested")),
                    chance.randrange(3),
                )
    open_jobs, figures = await _recounted(world)
    kept = await world.look("SELECT category_id, jobs FROM open_jobs WHERE jobs > 0")
    assert {row[0]: row[1] for row in kept} == open_jobs
    kept = await world.look(
        "SELECT employer_id, approved, rejected, waiting FROM employer_figures ORDER BY employer_id"
    )
    assert [tuple(row) for row in kept] == figures


async def test_a_list_has_exactly_the_jobs_the_rules_allow(database: Database, now: datetime) -> None:
    """Proves that the list's view, the counts by category and bot/domain/eligibility.py agree on random histories."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    world = BrowseWorld(database, now)
    me, other = await world.someone(), await world.someone()
    jobs = [
        await world.offer(
            chance.choice((me, other, other)),
            category=chance.choice(("surveys", "other", "likes")),
            per_member=chance.choice((1, 1, 2, 3)),
            slots=4,
            reward=chance.choice((500, 1000)),
        )
        for _ in range(40)
    ]
    for job_id in jobs:
        lives = 0
        for _ in range(chance.randrange(4)):
            status = chance.choice(STATUSES)
            lives += status in ("reserved", "submitted")
            if lives <= 1 or status not in ("reserved", "submitted"):
                await world.place(job_id, me, status)
        status = chance.choice(("open", "open", "open", "paused", "filled", "closed"))
        await world.execute("UPDATE jobs SET status = ? WHERE id = ?", status, job_id)
    async with database.read() as tx:
        lines = await browse.list_takeable(
            tx, me.id, shelf=ALL, sort=Sort.NEWEST, place=None, minimum=0, limit=len(jobs) + 1
        )
        counted = dict(await browse.list_open_by_category(tx, me.id))
        allowed = set()
        for job_id in jobs:
            found = await browse.find_figures(tx, job_id, me.id)
            assert found is not None
            refusal = eligibility.refusal(
                found.job, member=me, standing=found.standing, house=HOUSE, category_on=found.category_on
            )
            if refusal is None or isinstance(refusal, eligibility.TooManyReserved):
                allowed.add((job_id, found.job.category_id))
    assert {line.id for line in lines} == {job_id for job_id, _ in allowed}
    assert {c: n for c, n in counted.items() if n} == {
        c: sum(category == c for _, category in allowed) for c in {category for _, category in allowed}
    }


async def test_the_best_job_is_the_best_by_the_hour_among_the_best_paid(database: Database, now: datetime) -> None:
    """Proves that a slow well-paid job loses to a quick one, and that own jobs are never recommended."""
    world = BrowseWorld(database, now)
    me, other = await world.someone(), await world.someone()
    await world.offer(other, reward=5000, minutes=60)
    quick = await world.offer(other, reward=2000, minutes=2)
    await world.offer(me, reward=9000, minutes=1)
    async with database.read() as tx:
        best = await browse.find_best(tx, me.id)
        assert best is not None
        assert best.id == quick
        assert best.reward_per_hour == 60_000
    await world.execute("UPDATE jobs SET status = 'closed' WHERE employer_id = ?", other.id)
    async with database.read() as tx:
        assert await browse.find_best(tx, me.id) is None


async def test_high_paying_jobs_are_counted_up_to_a_cap(database: Database, now: datetime) -> None:
    """Proves that the High-paying shelf counts jobs at or above the minimum and stops at the cap."""
    world = BrowseWorld(database, now)
    me, other = await world.someone(), await world.someone()
    for n in range(5):
        await world.offer(other, reward=9_998 + n, published_at=now - timedelta(hours=n))
    async with database.read() as tx:
        assert await browse.count_high_paying(tx, me.id, minimum=10_000, cap=500) == 3
        assert await browse.count_high_paying(tx, me.id, minimum=10_000, cap=2) == 2
