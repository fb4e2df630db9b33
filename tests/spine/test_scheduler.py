"""The scheduler: a row whose work fails is set aside, a stop lets slices end."""

import asyncio
from datetime import datetime, timedelta

from bot.domain.house import House
from bot.scheduler import ASIDE_FIRST, Scheduler, Tick
from storage import outbox
from storage.database import Database
from storage.unit import UnitOfWork
from tests.engines import rows as rows_of

ROWS = range(1, 31)
HOUSE = House()


class _Work:
    """A tick over thirty rows, of which some fail; a done row is a flag in the database."""

    def __init__(self, *bad: int) -> None:
        self.bad = set(bad)

    async def slice(self, uow: UnitOfWork, *, limit: int, house: House) -> int:
        due = [n for n in ROWS if await outbox.get_flag(uow.tx, f"row:{n}") is None][: limit + len(uow.aside)]
        count = 0
        for n in uow.each(due, key=int):
            count += 1
            await outbox.set_flag(uow.tx, f"row:{n}", "done", at=uow.now)
            if n in self.bad:
                raise ValueError(n)
        return count


async def _done(database: Database) -> set[int]:
    async with database.read() as tx:
        rows = await rows_of(tx, "SELECT name FROM flags WHERE name LIKE 'row:%'")
        return {int(row["name"].removeprefix("row:")) for row in rows}


async def test_a_row_that_always_fails_holds_up_no_other(database: Database, now: datetime) -> None:
    """Proves that a tick does every row but the failing ones, leaves those alone for a while, then tries them again."""
    clock = [now]
    scheduler = Scheduler(
        database=database, house=HOUSE, clock=lambda: clock[0], after_commit=lambda: None, background={}
    )
    work = _Work(1, 25)
    tick = Tick("sample", 1, work.slice)
    assert await scheduler.run_tick(tick) == 28
    assert await _done(database) == set(ROWS) - {1, 25}
    work.bad.clear()
    assert await scheduler.run_tick(tick) == 0
    clock[0] = now + ASIDE_FIRST + timedelta(seconds=1)
    assert await scheduler.run_tick(tick) == 2
    assert await _done(database) == set(ROWS)


async def test_a_stop_waits_for_the_slice_that_runs(database: Database, now: datetime) -> None:
    """Proves that stopping cancels no slice: what runs is committed, then nothing runs any more."""
    began, go_on = asyncio.Event(), asyncio.Event()

    async def background() -> None:
        began.set()
        await go_on.wait()
        async with database.unit("test", now=now) as uow:
            await outbox.set_flag(uow.tx, "row:1", "done", at=now)

    scheduler = Scheduler(
        database=database,
        house=HOUSE,
        clock=lambda: now,
        after_commit=lambda: None,
        background={"slow": (3600, background)},
    )
    scheduler.start()
    await asyncio.wait_for(began.wait(), 5)
    scheduler.stop()
    go_on.set()
    await asyncio.wait_for(scheduler.ended(), 5)
    scheduler.abandon()
    assert await _done(database) == {1}


async def test_a_leap_of_the_clock_is_worked_off_at_once(database: Database, now: datetime) -> None:
    """Proves that what an interval of an hour would look at much later is looked at when the clock has leapt."""
    rounds = asyncio.Semaphore(0)

    async def background() -> None:
        rounds.release()

    scheduler = Scheduler(
        database=database,
        house=HOUSE,
        clock=lambda: now,
        after_commit=lambda: None,
        background={"seldom": (3600, background)},
    )
    scheduler.start()
    await asyncio.wait_for(rounds.acquire(), 5)
    await scheduler.catch_up()
    await asyncio.wait_for(rounds.acquire(), 5)
    scheduler.stop()
    await asyncio.wait_for(scheduler.ended(), 5)
    scheduler.abandon()
