"""The table of periodic ticks. APScheduler only says "now"; what is due stands in the database, in UTC.

A tick works in slices of SLICE rows, each its own unit, and passes the turn between them. However often it fires, and
in how many processes, a row that is done is not done again. A row whose work fails is set aside for a while, so that
it never holds up the others. This is the only file that names APScheduler.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.domain.house import House
from bot.services import alerts, review, wallet, work
from storage import dialogs, inbox
from storage.database import Database
from storage.errors import CommitFailed, DatabaseBusy, UnitTooLong, is_trouble
from storage.unit import UnitOfWork

log = structlog.get_logger()

SLICE = 20
SLICES_A_RUN = 500
INBOX_KEPT = timedelta(days=3)
#: How long a row whose work fails is left alone: doubled each time, up to the longest.
ASIDE_FIRST = timedelta(minutes=1)
ASIDE_LONGEST = timedelta(hours=6)


class Slice(Protocol):
    """One slice of a tick's work inside a unit; returns how many rows it did."""

    def __call__(self, uow: UnitOfWork, *, limit: int, house: House) -> Awaitable[int]: ...


@dataclass(frozen=True, slots=True)
class _Aside:
    """A row whose work failed: how often, and until when it is left alone."""

    times: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Tick:
    """A periodic piece of work: repeated while a slice is full."""

    name: str
    seconds: float
    slice: Slice


async def _sweep_dialogs(uow: UnitOfWork, *, limit: int, house: House) -> int:
    return await dialogs.sweep_dialogs(uow.tx, now=uow.now, limit=limit)


async def _mature_rewards(uow: UnitOfWork, *, limit: int, house: House) -> int:
    return await wallet.mature_rewards(uow, limit)


async def _sweep_inbox(uow: UnitOfWork, *, limit: int, house: House) -> int:
    return await inbox.sweep_inbox(uow.tx, before=uow.now - INBOX_KEPT, limit=limit)


TICKS: tuple[Tick, ...] = (
    Tick("pay_approved", 1, review.pay_approved),
    Tick("work_off_approve_orders", 1, review.work_off_approve_orders),
    Tick("match_alerts", 1, alerts.match_alerts),
    Tick("mark_alerts_filled", 2, alerts.mark_alerts_filled),
    Tick("warn_reservations", 5, work.warn_reservations),
    Tick("expire_reservations", 5, work.expire_reservations),
    Tick("mature_rewards", 10, _mature_rewards),
    Tick("auto_approve", 15, review.auto_approve),
    Tick("reopen_rejected", 30, review.reopen_rejected),
    Tick("remind_reviews", 60, review.remind_reviews),
    Tick("sweep_dialogs", 60, _sweep_dialogs),
    Tick("sweep_inbox", 600, _sweep_inbox),
)


class Scheduler:
    """Fires the ticks while it runs."""

    def __init__(
        self,
        *,
        database: Database,
        house: House,
        clock: Callable[[], datetime],
        after_commit: Callable[[], None],
        background: dict[str, tuple[float, Callable[[], Awaitable[Any]]]],
    ) -> None:
        """Make the scheduler; `background` are ticks that work outside units: name -> (seconds, coroutine)."""
        self._database = database
        self._house = house
        self._clock = clock
        self._after_commit = after_commit
        self._stopping = False
        self._running: set[asyncio.Task[Any]] = set()
        self._aside: dict[str, dict[int, _Aside]] = {}
        self._background = frozenset(background)
        self._leapt: set[str] = set()  # background work that the leap of the clock found still at its round before
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        for tick in TICKS:
            self._add(tick.name, tick.seconds, partial(self.run_tick, tick))
        for name, (seconds, run) in background.items():
            self._add(name, seconds, partial(self._guarded, name, partial(self._by_one_process, name, run)))

    def start(self) -> None:
        """Begin to fire."""
        self._scheduler.start()

    async def catch_up(self) -> None:
        """Do at once all that has become due, whatever the intervals say: the clock has leapt."""
        self._leapt.update(self._background)
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))
        for tick in TICKS:
            if not self._stopping:
                await self.run_tick(tick)

    def stop(self) -> None:
        """Fire no more; what runs goes on to the end of its slice."""
        self._stopping = True
        self._scheduler.pause()

    async def ended(self) -> None:
        """Wait until nothing runs any more."""
        while self._running:
            await asyncio.wait(self._running)

    def abandon(self) -> None:
        """Cancel what still runs; what is due stands in the database."""
        self._scheduler.shutdown(wait=False)

    async def run_tick(self, tick: Tick) -> int:
        """Do all that is due for a tick, slice by slice; how many rows."""
        count = 0

        async def work_through() -> None:
            nonlocal count
            limit = SLICE
            for _ in range(SLICES_A_RUN):
                try:
                    done = await self._slice(tick, limit=limit)
                except UnitTooLong:
                    if limit == 1:
                        raise
                    limit = max(1, limit // 4)
                    continue
                if done is None:
                    continue
                count += done
                if done:
                    self._after_commit()
                if done < limit or self._stopping:
                    return

        await self._guarded(tick.name, work_through)
        return count

    async def _slice(self, tick: Tick, *, limit: int) -> int | None:
        """Do one slice; None when a row that can't be done was set aside, so that the others are not held up."""
        now = self._clock()
        aside = self._aside.setdefault(tick.name, {})
        work: UnitOfWork | None = None
        try:
            async with self._database.unit(f"tick:{tick.name}", now=now) as uow:
                work = uow
                uow.aside = frozenset(row for row, kept in aside.items() if now < kept.until)
                return await tick.slice(uow, limit=limit, house=self._house)
        except (CommitFailed, asyncio.CancelledError):
            raise
        except Exception as error:
            if work is None or work.row is None or is_trouble(error):
                raise
            if isinstance(error, UnitTooLong) and limit > 1:
                raise
            times = aside[work.row].times + 1 if work.row in aside else 1
            aside[work.row] = _Aside(times, now + min(ASIDE_FIRST * 2 ** min(times - 1, 20), ASIDE_LONGEST))
            log.exception("row_set_aside", tick=tick.name, row=work.row, times=times)
            return None

    async def _by_one_process(self, name: str, run: Callable[[], Awaitable[Any]]) -> None:
        """Do background work unless another process is at it; once more when the clock has leapt meanwhile."""
        again = True
        while again and not self._stopping:
            self._leapt.discard(name)
            async with self._database.exclusive(name) as mine:
                if mine:
                    await run()
            again = name in self._leapt

    async def _guarded(self, name: str, run: Callable[[], Awaitable[Any]]) -> None:
        """Log what goes wrong in a tick: the next one tries again."""
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            await run()
        except asyncio.CancelledError:
            raise
        except (CommitFailed, UnitTooLong, DatabaseBusy) as error:
            log.warning("tick_waits", tick=name, error=str(error))
        except Exception as error:
            log.exception("tick_failed", tick=name, error=str(error))
        finally:
            self._running.discard(task)

    def _add(self, name: str, seconds: float, run: Callable[[], Awaitable[Any]]) -> None:
        self._scheduler.add_job(
            run,
            IntervalTrigger(seconds=seconds),
            id=name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            next_run_time=datetime.now(UTC),
        )
