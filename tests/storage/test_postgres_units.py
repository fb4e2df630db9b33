"""Units on a PostgreSQL that others use too: alone or side by side, lost connections, locks, what a commit refuses.

What holds on either engine is in tests/storage/test_database.py. A process is a database object of its own here.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Generator
from datetime import datetime
from typing import Any

import pytest

from storage import members, outbox
from storage.database import UNIT_SECONDS
from storage.errors import BrokenRule, CommitFailed, DatabaseError, NotAlone, UnitTooLong, is_broken_rule
from storage.postgres_database import PostgresDatabase
from storage.unit import To, UnitOfWork, current_unit
from tests.engines import rows as rows_of
from tests.storage.processes import SIDE_BY_SIDE, database, goes_on, kinds, other, write
from tests.storage.test_database import UNSEALED
from tests.waiting import eventually

__all__ = ["database", "other"]

Change = Callable[[UnitOfWork], Coroutine[Any, Any, None]]


# -- all or nothing ----------------------------------------------------------------------------------------------------


@SIDE_BY_SIDE
async def test_a_unit_is_all_or_nothing(database: PostgresDatabase, now: datetime, alone: bool) -> None:
    """Proves that of forty units at once each keeps everything it wrote, or nothing, by how it ended."""

    async def one(number: int) -> None:
        async with database.unit(f"t:{number}", now=now, alone=alone) as uow:
            await write(uow, f"at once {number}")
            uow.emit(f"at the end {number}", {})
            if number % 4 == 0:
                raise RuntimeError(str(number))
            if number % 4 == 1:
                uow.failure = RuntimeError(str(number))

    results = await asyncio.gather(*map(one, range(40)), return_exceptions=True)
    assert [n for n, result in enumerate(results) if result is not None] == [n for n in range(40) if n % 4 < 2]
    kept = [n for n in range(40) if n % 4 >= 2]
    assert sorted(await kinds(database)) == sorted(f"at {when} {n}" for n in kept for when in ("once", "the end"))
    await goes_on(database, now)


@SIDE_BY_SIDE
async def test_a_unit_that_takes_too_long_is_undone(database: PostgresDatabase, now: datetime, alone: bool) -> None:
    """Proves that a unit ends when its time is over, in its own code or in a statement, and that the others go on."""
    with pytest.raises(UnitTooLong):
        async with database.unit("slow", now=now, seconds=0.2, alone=alone) as uow:
            await write(uow, "slow")
            await asyncio.Event().wait()
    with pytest.raises(UnitTooLong):
        async with database.unit("slow", now=now, seconds=0.2, alone=alone) as uow:
            await write(uow, "slow")
            await rows_of(uow.tx, "SELECT pg_sleep(30)")
    assert await kinds(database) == []
    await goes_on(database, now)


class CancelledAt:
    """Runs a coroutine and cancels its task at the n-th moment at which it waits."""

    def __init__(self, work: Coroutine[Any, Any, None], moment: int) -> None:
        self.work = work
        self.moment = moment
        self.waited = 0

    def __await__(self) -> Generator[Any, Any, None]:
        task = asyncio.current_task()
        assert task is not None
        steps = self.work.__await__()
        failure: BaseException | None = None
        while True:
            try:
                waiting = next(steps) if failure is None else steps.throw(failure)
            except StopIteration:
                return
            failure = None
            self.waited += 1
            if self.waited == self.moment:
                asyncio.get_running_loop().call_soon(task.cancel)
            try:
                yield waiting
            except BaseException as error:
                failure = error

    async def run(self) -> bool:
        """Run it; whether it came to its end without being cancelled."""
        await self
        return self.waited < self.moment


async def _parts(database: PostgresDatabase, now: datetime, *, alone: bool, mark: int) -> None:
    """Be a unit of three parts."""
    async with database.unit("parts", now=now, alone=alone) as uow:
        await write(uow, f"first {mark}")
        async with uow.tx.attempt():
            await write(uow, f"second {mark}")
        uow.emit(f"third {mark}", {})


async def _cancelled(work: Coroutine[Any, Any, None], moment: int) -> bool:
    """Cancel at a moment; whether the work came to its end before."""
    try:
        return await asyncio.create_task(CancelledAt(work, moment).run())
    except asyncio.CancelledError:
        return False


@SIDE_BY_SIDE
async def test_a_unit_cancelled_at_any_moment_is_whole_or_not_there(
    database: PostgresDatabase, now: datetime, alone: bool
) -> None:
    """Proves for each moment at which a unit waits that, cancelled then, it leaves no half, no lock, no connection."""
    moment, done = 0, False
    while not done:
        moment += 1
        done = await _cancelled(_parts(database, now, alone=alone, mark=moment), moment)
        async with asyncio.timeout(10), database.unit("next", now=now) as uow:
            await write(uow, "next")
    assert moment > 7, "its begin, every statement and its commit are moments"
    found = await kinds(database)
    assert found.count("next") == moment
    assert found[-4:-1] == [f"{part} {moment}" for part in ("first", "second", "third")], "the last one was let go on"
    for cancelled in range(1, moment):
        assert sum(kind.endswith(f" {cancelled}") for kind in found) in (0, 3), cancelled
    assert "first 2" not in found, "before its commit it is undone"
    await goes_on(database, now)


async def _hold(database: PostgresDatabase, now: datetime, entered: asyncio.Event, leave: asyncio.Event) -> None:
    """Keep the only connection that there is."""
    async with database.unit("holds", now=now, alone=False):
        entered.set()
        await leave.wait()


async def test_a_unit_cancelled_while_it_connects_leaves_nothing(postgres_url: str, now: datetime) -> None:
    """Proves the same for each moment at which a unit waits for a connection that has to be made first."""
    moment, done = 0, False
    while not done:
        moment += 1
        database = await PostgresDatabase.connect(postgres_url)
        try:
            async with contextlib.AsyncExitStack() as held:
                entered, leave = asyncio.Event(), asyncio.Event()

                async def hold(
                    database: PostgresDatabase = database,
                    entered: asyncio.Event = entered,
                    leave: asyncio.Event = leave,
                ) -> None:
                    async with database.unit("holds the only connection", now=now, alone=False):
                        entered.set()
                        await leave.wait()

                holder = asyncio.create_task(hold())
                held.push_async_callback(asyncio.wait, {holder})
                held.callback(leave.set)
                await entered.wait()
                done = await _cancelled(_parts(database, now, alone=False, mark=moment), moment)
            await goes_on(database, now)
        finally:
            await database.close()
    assert moment > 8, "connecting has moments of its own"


async def test_who_waits_for_the_turn_may_give_up(
    database: PostgresDatabase, other: PostgresDatabase, now: datetime
) -> None:
    """Proves that a unit that is cancelled before its turn, in this process or for another one, holds up nobody."""
    inside, go = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with database.unit("first", now=now) as uow:
            uow.emit("first", {})
            inside.set()
            await go.wait()

    async def waiter(of: PostgresDatabase) -> None:
        async with of.unit("second", now=now) as uow:
            uow.emit("second", {})

    one = asyncio.create_task(first())
    await inside.wait()
    waiters = [asyncio.create_task(waiter(of)) for of in (database, other, other)]

    async def waits() -> bool:
        async with database.read() as tx:
            (row,) = await rows_of(tx, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            return int(row[0]) == 1

    await eventually(waits, "the other process waits for the lock")
    for task in waiters:
        task.cancel()
    assert [type(r) for r in await asyncio.gather(*waiters, return_exceptions=True)] == [asyncio.CancelledError] * 3
    go.set()
    await one
    assert await kinds(database) == ["first"]
    await goes_on(database, now)
    await goes_on(other, now)


# -- alone, or side by side --------------------------------------------------------------------------------------------


async def test_units_of_two_processes_that_are_alone_never_overlap(
    database: PostgresDatabase, other: PostgresDatabase, now: datetime
) -> None:
    """Proves that no two units that are alone are ever open at once, and that each sees what the one before wrote."""
    inside: set[int] = set()

    async def one(number: int) -> None:
        async with (database, other)[number % 2].unit(f"t:{number}", now=now, seconds=60) as uow:
            inside.add(number)
            assert inside == {number}
            seen = int(await outbox.get_flag(uow.tx, "count") or 0)
            await asyncio.sleep(0)
            await outbox.set_flag(uow.tx, "count", str(seen + 1), at=now)
            assert inside == {number}
            inside.discard(number)

    await asyncio.gather(*map(one, range(60)))
    async with database.read() as tx:
        assert await outbox.get_flag(tx, "count") == "60"


async def test_units_that_only_look_run_side_by_side(
    database: PostgresDatabase, other: PostgresDatabase, now: datetime
) -> None:
    """Proves that units that are not alone wait neither for each other nor for one that is."""
    inside = asyncio.Barrier(5)

    async def one(of: PostgresDatabase, alone: bool) -> None:
        async with of.unit("t", now=now, alone=alone) as uow:
            await write(uow, "t")
            await inside.wait()

    async with asyncio.timeout(UNIT_SECONDS):
        await asyncio.gather(*(one(of, alone=False) for of in (database, database, other, other)), one(other, True))
    assert len(await kinds(database)) == 5


async def _changes_money(uow: UnitOfWork) -> None:
    await outbox.set_flag(uow.tx, "payouts_frozen", "no", at=uow.now)


async def _changes_a_place(uow: UnitOfWork) -> None:
    await rows_of(uow.tx, "UPDATE lots SET taken = taken + 1")


async def _removes(uow: UnitOfWork) -> None:
    await rows_of(uow.tx, "WITH gone AS (DELETE FROM proofs RETURNING id) SELECT count(*) FROM gone")


@pytest.mark.parametrize("swallowed", [False, True], ids=["told", "swallowed"])
@pytest.mark.parametrize("change", [_changes_money, _changes_a_place, _removes])
async def test_a_unit_that_is_not_alone_changes_nothing_that_is_protected(
    database: PostgresDatabase,
    now: datetime,
    change: Callable[[UnitOfWork], Coroutine[Any, Any, None]],
    swallowed: bool,
) -> None:
    """Proves that it is stopped before the statement runs, and that nothing it wrote stays, whoever hides the error."""
    with pytest.raises(NotAlone):
        async with database.unit("looks", now=now, alone=False) as uow:
            await write(uow, "before")
            with contextlib.suppress(*([NotAlone] if swallowed else [])):
                await change(uow)
    assert await kinds(database) == []
    async with database.unit("alone", now=now) as uow:
        await change(uow)
        await write(uow, "changed")
    assert await kinds(database) == ["changed"]


# -- statements that fail ----------------------------------------------------------------------------------------------


async def _twice(uow: UnitOfWork) -> None:
    for _ in range(2):
        await rows_of(uow.tx, "INSERT INTO members (id, telegram_user_id, created_at, seen_at) VALUES (1, 10, 0, 0)")


@SIDE_BY_SIDE
async def test_a_swallowed_error_makes_the_unit_fail(database: PostgresDatabase, now: datetime, alone: bool) -> None:
    """Proves that a unit one of whose statements failed is never committed, not even by half, nor said to be."""
    with pytest.raises(CommitFailed):
        async with database.unit("swallows", now=now, alone=alone) as uow:
            await write(uow, "before")
            with contextlib.suppress(BrokenRule):
                await _twice(uow)
    with pytest.raises(DatabaseError):
        async with database.unit("goes on", now=now, alone=alone) as uow:
            with contextlib.suppress(BrokenRule):
                await _twice(uow)
            await write(uow, "after")
    assert await kinds(database) == []
    await goes_on(database, now)


async def test_an_attempt_keeps_the_transaction_alive(database: PostgresDatabase, now: datetime) -> None:
    """Proves that what fails in an attempt is undone alone, also one in another, and that the unit is committed."""
    async with database.unit("attempts", now=now) as uow:
        await write(uow, "before")
        async with uow.tx.attempt():
            await write(uow, "kept")
            with pytest.raises(BrokenRule):
                async with uow.tx.attempt():
                    await write(uow, "undone")
                    await _twice(uow)
        with pytest.raises(RuntimeError):
            async with uow.tx.attempt():
                await write(uow, "undone")
                raise RuntimeError
        await write(uow, "after")
    assert await kinds(database) == ["before", "kept", "after"]
    async with database.read() as tx:
        assert await rows_of(tx, "SELECT 1 FROM members") == []


async def test_what_only_the_commit_refuses_is_told_as_a_broken_rule(database: PostgresDatabase, now: datetime) -> None:
    """Proves that an entry without its seal fails at the commit, with the rule as the cause, and nothing stays."""
    with pytest.raises(CommitFailed) as failed:
        async with database.unit("unsealed", now=now) as uow:
            await write(uow, "before")
            await rows_of(uow.tx, *UNSEALED)
    assert isinstance(failed.value.__cause__, BrokenRule)
    assert is_broken_rule(failed.value), "so nobody runs it again and again"
    assert await kinds(database) == []
    await goes_on(database, now)


async def test_no_word_is_refused_for_a_nul(database: PostgresDatabase, now: datetime) -> None:
    """Proves that a text with a NUL, which the server cannot keep, is kept with a sign in its place."""
    async with database.unit("t", now=now, alone=False) as uow:
        member = await members.insert_member(
            uow.tx, telegram_user_id=7, first_name="A\0nn", language="en", role="member", at=now
        )
    async with database.read() as tx:
        assert (await members.get_member(tx, member.id)).first_name == "A\N{REPLACEMENT CHARACTER}nn"


# -- the rest of a database --------------------------------------------------------------------------------------------


async def test_a_reader_sees_one_moment_and_changes_nothing(database: PostgresDatabase, now: datetime) -> None:
    """Proves that what is committed meanwhile is not seen by a reader, and that it can't write."""
    async with database.read() as tx:
        assert await rows_of(tx, "SELECT kind FROM events") == []
        async with database.unit("t", now=now) as uow:
            uow.emit("meanwhile", {})
        assert await rows_of(tx, "SELECT kind FROM events") == []
        with pytest.raises(DatabaseError):
            await tx.insert("insert_event", kind="read", payload="{}", at=1)
    assert await kinds(database) == ["meanwhile"]


async def test_each_statement_of_a_one_shot_is_committed_by_itself(
    database: PostgresDatabase, other: PostgresDatabase
) -> None:
    """Proves that others see a statement at once, that one that fails takes none back, that money is out of reach."""
    async with database.one_shot() as tx:
        assert current_unit.get() is None
        await tx.insert("insert_event", kind="one", payload="{}", at=1)
        assert await kinds(other) == ["one"]
        with pytest.raises(DatabaseError):
            await rows_of(tx, "INSERT INTO events (kind, payload, at) VALUES (NULL, '{}', 1)")
        await tx.insert("insert_event", kind="two", payload="{}", at=1)
        with pytest.raises(NotAlone):
            await rows_of(tx, "UPDATE accounts SET credits = credits + 1")
    assert await kinds(other) == ["one", "two"]


async def test_background_work_is_one_process_s(database: PostgresDatabase, other: PostgresDatabase) -> None:
    """Proves that a name is held by one of two processes until it is done, and that names don't touch each other."""
    async with database.exclusive("audit") as mine:
        assert mine
        async with other.exclusive("audit") as theirs, other.exclusive("proofs") as another:
            assert (theirs, another) == (False, True)
    async with other.exclusive("audit") as theirs:
        assert theirs


async def test_a_delivery_key_is_written_once(
    database: PostgresDatabase, other: PostgresDatabase, now: datetime
) -> None:
    """Proves that of many units of two processes that owe the same message one delivery is left, and none fails."""
    async with database.unit("m", now=now) as uow:
        await rows_of(uow.tx, "INSERT INTO members (id, telegram_user_id, created_at, seen_at) VALUES (1, 10, 0, 0)")

    async def one(number: int) -> None:
        async with (database, other)[number % 2].unit(f"t:{number}", now=now, alone=False) as uow:
            uow.emit("hello", {}, to=[To(1, key="hello:1")])

    await asyncio.gather(*map(one, range(20)))
    async with database.read() as tx:
        assert len(await rows_of(tx, "SELECT 1 FROM deliveries")) == 1
    assert await kinds(database) == ["hello"] * 20
