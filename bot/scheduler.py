"""The table of periodic ticks. APScheduler only says "now"; what is due stands in the database, in UTC.

A tick works in slices of SLICE rows, each its own unit, and passes the turn between them. However often it fires, and
in how many processes, a row that is done is not done again. This is the only file that names APScheduler.
"""

import asyncio
import sqlite3
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
from storage.database import CommitFailed, Database, UnitTooLong
from storage.unit import UnitOfWork

log = structlog.get_logger()

SLICE = 20
SLICES_A_RUN = 500
INBOX_KEPT = timedelta(days=3)


class Slice(Protocol):
    """One slice of a tick's work inside a unit; returns how many rows it did."""

    def __call__(self, uow: UnitOfWork, *, limit: int, house: House) -> Awaitable[int]: ...


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
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        for tick in TICKS:
            self._add(tick.name, tick.seconds, partial(self.run_tick, tick))
        for name, (seconds, run) in background.items():
            self._add(name, seconds, partial(self._guarded, name, run))

    def start(self) -> None:
        """Begin to fire."""
        self._scheduler.start()

    def stop(self) -> None:
        """Fire no more; what runs goes on to its end."""
        self._scheduler.shutdown(wait=False)

    async def run_tick(self, tick: Tick) -> int:
        """Do all that is due for a tick, slice by slice; how many rows."""
        count = 0

        async def work_through() -> None:
            nonlocal count
            for _ in range(SLICES_A_RUN):
                async with self._database.unit(f"tick:{tick.name}", now=self._clock()) as uow:
                    done = await tick.slice(uow, limit=SLICE, house=self._house)
                count += done
                if done:
                    self._after_commit()
                if done < SLICE:
                    return

        await self._guarded(tick.name, work_through)
        return count

    async def _guarded(self, name: str, run: Callable[[], Awaitable[Any]]) -> None:
        """Log what goes wrong in a tick: the next one tries again."""
        try:
            await run()
        except asyncio.CancelledError:
            raise
        except (CommitFailed, UnitTooLong, sqlite3.OperationalError) as error:
            log.warning("tick_waits", tick=name, error=str(error))
        except Exception as error:
            log.exception("tick_failed", tick=name, error=str(error))

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
