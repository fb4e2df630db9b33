"""The unit of work on either engine: all or nothing, shared commits, honest failures."""

import asyncio
import contextlib
from datetime import datetime

import pytest

from storage import outbox
from storage.database import Database
from storage.errors import CommitFailed, UnitTooLong
from storage.unit import To, current_unit
from tests.engines import rows as rows_of

#: An entry of the ledger without its seal: only the commit refuses it.
UNSEALED = (
    "INSERT INTO entries (kind, key, content_hash, previous_hash, reason, at)"
    " VALUES ('correction', 'k', ?, ?, 'goodwill', 1)",
    ("a" * 64, "b" * 64),
)


async def _count(database: Database, table: str) -> int:
    async with database.read() as tx:
        rows = list(await rows_of(tx, f"SELECT count(*) FROM {table}"))  # noqa: S608
        return int(rows[0][0])


async def test_a_unit_that_raises_leaves_nothing(database: Database, now: datetime) -> None:
    """Proves that an exception inside a unit undoes its writes and its events."""
    with pytest.raises(RuntimeError, match="boom"):
        async with database.unit("t:1", now=now) as uow:
            await uow.tx.insert("insert_event", kind="x", payload="{}", at=1)
            uow.emit("y", {})
            raise RuntimeError("boom")
    assert await _count(database, "events") == 0


async def test_forty_units_at_once_share_commits_and_keep_their_fate(database: Database, now: datetime) -> None:
    """Proves that units run at once are each all or nothing though one commit closes many."""

    async def one(n: int) -> None:
        async with database.unit(f"t:{n}", now=now) as uow:
            await uow.tx.insert("insert_event", kind=f"n{n}", payload="{}", at=n)
            if n % 3 == 0:
                raise RuntimeError(str(n))

    results = await asyncio.gather(*(one(n) for n in range(40)), return_exceptions=True)
    failed = [r for r in results if r is not None]
    assert len(failed) == 14
    assert await _count(database, "events") == 26


async def test_a_failed_commit_fails_every_unit_of_its_batch_and_no_other(database: Database, now: datetime) -> None:
    """Proves that a unit breaking a deferred constraint fails its whole batch, and that work goes on after it."""

    async def one(n: int, bad: bool) -> None:
        async with database.unit(f"t:{n}", now=now) as uow:
            await uow.tx.insert("insert_event", kind=f"n{n}", payload="{}", at=n)
            if bad:
                await rows_of(uow.tx, *UNSEALED)

    results = await asyncio.gather(*(one(n, n == 3) for n in range(8)), return_exceptions=True)
    assert isinstance(results[3], CommitFailed)
    again = [n for n, r in enumerate(results) if r is not None and n != 3]
    await asyncio.gather(*(one(n, False) for n in again))
    assert await _count(database, "events") == 7
    assert await _count(database, "entries") == 0


async def test_a_unit_that_takes_too_long_is_rolled_back(database: Database, now: datetime) -> None:
    """Proves that a unit can't hold the turn: it is cancelled, undone, and the next one runs."""
    with pytest.raises(UnitTooLong):
        async with database.unit("t:slow", now=now, seconds=0.05) as uow:
            await uow.tx.insert("insert_event", kind="slow", payload="{}", at=1)
            await asyncio.Event().wait()
    async with database.unit("t:next", now=now) as uow:
        uow.emit("next", {})
    assert await _count(database, "events") == 1


async def test_cancelling_a_unit_from_outside_frees_the_turn(database: Database, now: datetime) -> None:
    """Proves that a cancelled task neither keeps its writes nor blocks the others."""
    entered = asyncio.Event()

    async def hang() -> None:
        async with database.unit("t:hang", now=now) as uow:
            await uow.tx.insert("insert_event", kind="hang", payload="{}", at=1)
            entered.set()
            await asyncio.Event().wait()

    job = asyncio.create_task(hang())
    await entered.wait()
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    async with database.unit("t:next", now=now) as uow:
        uow.emit("next", {})
    assert await _count(database, "events") == 1
    assert current_unit.get() is None


async def test_a_delivery_key_is_written_once(database: Database, now: datetime) -> None:
    """Proves that two units owing the same keyed message leave one delivery."""
    async with database.unit("m", now=now) as uow:
        await rows_of(uow.tx, "INSERT INTO members (id, telegram_user_id, created_at, seen_at) VALUES (1, 10, 0, 0)")
    for n in range(2):
        async with database.unit(f"t:{n}", now=now) as uow:
            uow.emit("hello", {}, to=[To(1, key="hello:1")])
    assert await _count(database, "deliveries") == 1
    assert await _count(database, "events") == 2


async def test_a_waiter_that_gives_up_does_not_strand_the_batch(database: Database, now: datetime) -> None:
    """Proves that a unit left for the next one to commit is committed though that next one was cancelled."""
    inside, go = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with database.unit("t:first", now=now) as uow:
            uow.emit("first", {})
            inside.set()
            await go.wait()

    async def second() -> None:
        async with database.unit("t:second", now=now) as uow:
            uow.emit("second", {})

    one, two = asyncio.create_task(first()), asyncio.create_task(second())
    await inside.wait()
    go.set()
    two.cancel()
    await asyncio.wait_for(one, 5)
    assert await _count(database, "events") == 1


async def test_a_unit_that_fails_before_its_first_statement_undoes_nobody_else(
    database: Database, now: datetime
) -> None:
    """Proves that units of one batch keep their own fate when one of them fails, or ends, without a statement."""

    async def one(n: int) -> None:
        async with database.unit(f"t:{n}", now=now) as uow:
            if n % 3 == 0:
                await uow.tx.insert("insert_event", kind=f"n{n}", payload="{}", at=n)
            elif n % 3 == 1:
                raise RuntimeError(str(n))

    results = await asyncio.gather(*(one(n) for n in range(30)), return_exceptions=True)
    assert [n for n, r in enumerate(results) if r is not None] == list(range(1, 30, 3))
    assert await _count(database, "events") == 10


async def test_a_unit_cancelled_in_its_first_statement_undoes_only_itself(database: Database, now: datetime) -> None:
    """Proves that a task cancelled while its first statement is on the way leaves nothing, and its batch stays."""

    async def one(n: int) -> None:
        async with database.unit(f"t:{n}", now=now) as uow:
            if n == 5:
                asyncio.get_running_loop().call_soon(tasks[n].cancel)
            await uow.tx.insert("insert_event", kind=f"n{n}", payload="{}", at=n)

    tasks = [asyncio.create_task(one(n)) for n in range(10)]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(r) for r in results if r is not None] == [asyncio.CancelledError]
    assert await _count(database, "events") == 9


async def test_a_unit_cancelled_while_it_begins_leaves_no_transaction_open(database: Database, now: datetime) -> None:
    """Proves that units go on after one was cancelled at each of its first steps, before and after its BEGIN."""
    for steps in range(12):

        async def give_up() -> None:
            async with database.unit("given up", now=now) as uow:
                await outbox.set_flag(uow.tx, "given up", "yes", at=now)
                await asyncio.Event().wait()

        task = asyncio.create_task(give_up())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        async with asyncio.timeout(5), database.unit("next", now=now) as uow:
            await outbox.set_flag(uow.tx, f"kept:{steps}", "yes", at=now)
    async with database.read() as tx:
        assert await outbox.get_flag(tx, "given up") is None
        assert [await outbox.get_flag(tx, f"kept:{n}") for n in range(12)] == ["yes"] * 12
