"""The embedded engine: one writing connection whose units share commits, and reading connections.

    unit  ──turn──► SAVEPOINT … RELEASE ──┐
    unit  ──turn──► SAVEPOINT … RELEASE ──┼─► one COMMIT (one fsync) ──► every unit of the batch goes on
    unit  ──turn──► SAVEPOINT … ROLLBACK ─┘            (the SAVEPOINT and the RELEASE ride along: storage/sqlite.py)

Units run one after another. The batch is closed when nobody waits for the turn, at the latest after
BATCH_UNITS units or BATCH_SECONDS. If the COMMIT fails none of them happened and each is told so.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import aiosql
import aiosqlite

from storage import sqlite
from storage.database import BATCH_UNITS, UNIT_SECONDS, Database, Engine
from storage.errors import CommitFailed, DatabaseError, UnitTooLong
from storage.fingerprint import read_schema
from storage.unit import Tx, UnitOfWork, current_unit

BATCH_SECONDS = 0.020
READERS_KEPT = 3


@dataclass(slots=True)
class _Batch:
    """Units that one COMMIT will close."""

    started: float
    done: "asyncio.Future[None]"
    units: int = 0
    broken: BaseException | None = None


@cache
def load_queries() -> Any:
    """Load every named query of `storage/queries`, once a process."""
    adapter: Any = sqlite.OneHopAdapter  # aiosql's protocol is looser than its own type for it
    return aiosql.from_path(Path(__file__).parent / "queries", adapter, mandatory_parameters=False)


@dataclass(slots=True)
class SqliteDatabase(Database):
    """A database file, for one process."""

    engine: ClassVar[Engine] = "sqlite"
    shared: ClassVar[bool] = False

    path: Path
    queries: Any
    _writer: sqlite.Writer
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _waiting: int = 0
    _batch: _Batch | None = None
    _solo: int = 0
    _idle: list[aiosqlite.Connection] = field(default_factory=list)
    _cleaning: "set[asyncio.Task[None]]" = field(default_factory=set)

    @classmethod
    async def connect(cls, path: Path) -> "SqliteDatabase":
        """Open a file, making it and its folder."""
        path.parent.mkdir(parents=True, exist_ok=True)
        return cls(path=path, queries=load_queries(), _writer=await sqlite.connect_writer(path))

    async def close(self) -> None:
        """Wait for the unit that runs, then close the writing connection."""
        async with self._turn:
            if self._batch is not None:
                await self._commit()
            await self._writer.close()
            while self._idle:
                await self._idle.pop().close()

    @asynccontextmanager
    async def unit(
        self, key: str, *, now: datetime, seconds: float = UNIT_SECONDS, alone: bool = True
    ) -> AsyncIterator[UnitOfWork]:
        """Run the body as one unit of the batch; here all units are alone."""
        assert current_unit.get() is None, "units don't nest"
        batch = await self._take_turn()
        uow = UnitOfWork(key=key, now=now, tx=Tx(self._writer, self.queries))
        token = current_unit.set(uow)
        kept = False
        self._writer.begin_unit()
        try:
            try:
                async with asyncio.timeout(seconds):
                    yield uow
                    if uow.failure is not None:
                        raise uow.failure
                    if uow.events:
                        await uow.write_events()
            except TimeoutError as late:
                raise UnitTooLong(key) from late
            self._writer.keep_unit()
            kept = True
        finally:
            current_unit.reset(token)
            if kept and not self._closes(batch, units=batch.units + 1):
                batch.units += 1
                self._turn.release()
            else:
                # The clean-up must run to its end even if this task is being cancelled.
                await asyncio.shield(asyncio.ensure_future(self._leave(batch, kept=kept)))
        try:
            await asyncio.shield(batch.done)
        except CommitFailed as failed:
            raise CommitFailed(f"{key}: {failed}") from failed

    @asynccontextmanager
    async def read(self, *, seconds: float | None = None) -> AsyncIterator[Tx]:
        """Borrow a connection that may only look."""
        connection = self._idle.pop() if self._idle else await sqlite.connect(self.path, read_only=True)
        clean = False
        try:
            await connection.execute_fetchall("BEGIN")
            yield Tx(connection, self.queries)
            await connection.execute_fetchall("COMMIT")
            clean = True
        finally:
            if clean and len(self._idle) < READERS_KEPT:
                self._idle.append(connection)
            else:
                await connection.interrupt()  # whoever gives up does not wait for the rows
                await asyncio.shield(connection.close())

    @asynccontextmanager
    async def exclusive(self, name: str) -> AsyncIterator[bool]:
        """Give true: there is no other process."""
        yield True

    async def script(self, sql: str) -> None:
        """Run a step of the schema's history in one transaction."""
        async with self._turn:
            assert self._batch is None
            await self._writer.executescript(f"BEGIN IMMEDIATE;\n{sql}\nCOMMIT;")

    async def list_tables(self) -> set[str]:
        """List the tables there are."""
        async with self.read() as tx:
            rows = await tx.connection.execute_fetchall("SELECT name FROM sqlite_master WHERE type = 'table'")
            return {row["name"] for row in rows}

    async def scratch_schema(self, steps: list[str]) -> dict[tuple[str, str], str]:
        """Give the schema that these steps make in a database of nothing."""
        scratch = await sqlite.connect(Path(":memory:"))
        try:
            for step in steps:
                await scratch.executescript(step)
            return await read_schema(self.tx(scratch))
        finally:
            await scratch.close()

    async def durability_problem(self) -> str | None:
        """Say whether synchronous is not FULL."""
        async with self.read() as tx:
            rows = list(await tx.connection.execute_fetchall("PRAGMA synchronous"))
        return None if rows[0][0] == 2 else "the database does not write durably (synchronous is not FULL)"

    async def backup(self, target: Path) -> None:
        """Copy the database as it is now into a new file while work goes on."""
        async with self.read() as tx:
            copy = await aiosqlite.connect(target)
            try:
                await tx.connection.backup(copy, pages=1024, sleep=0.005)
            finally:
                await copy.close()

    async def _take_turn(self) -> _Batch:
        self._waiting += 1
        try:
            await self._turn.acquire()
        except BaseException:
            # The one who was to close the batch gives up: somebody must, or its units wait for ever.
            self._clean(self._flush())
            raise
        finally:
            self._waiting -= 1
        try:
            if self._batch is None:
                await self._writer.execute_fetchall("BEGIN IMMEDIATE")
                self._batch = _Batch(time.monotonic(), asyncio.get_running_loop().create_future())
        except asyncio.CancelledError:
            self._clean(self._take_back_begin())  # the turn is not free before that
            raise
        except BaseException:
            self._turn.release()
            raise
        return self._batch

    def _clean(self, work: Coroutine[Any, Any, None]) -> None:
        """Run what has to be put right after somebody was cancelled."""
        task = asyncio.create_task(work)
        self._cleaning.add(task)
        task.add_done_callback(self._cleaning.discard)

    async def _take_back_begin(self) -> None:
        """End the transaction that a BEGIN opened, or is about to, whose caller waits no more."""
        try:
            await self._writer.execute_fetchall("SELECT 1")  # runs after the BEGIN
            if self._writer.in_transaction:
                await self._writer.execute_fetchall("ROLLBACK")
        finally:
            self._turn.release()

    async def _flush(self) -> None:
        async with self._turn:
            if self._batch is not None and self._waiting == 0:
                await self._commit()

    def _closes(self, batch: _Batch, *, units: int) -> bool:
        """Whether a batch is closed after this many units."""
        full = units >= BATCH_UNITS or time.monotonic() - batch.started >= BATCH_SECONDS
        return full or self._waiting == 0 or self._solo > 0 or batch.broken is not None

    async def _leave(self, batch: _Batch, *, kept: bool) -> None:
        try:
            if not kept:
                try:
                    await self._writer.undo_unit()
                except DatabaseError as error:  # a full disk may have ended the whole transaction
                    batch.broken = error
            batch.units += 1
            if self._closes(batch, units=batch.units):
                await self._commit()
        finally:
            self._turn.release()

    async def _commit(self) -> None:
        """Close the batch. After a failure the next units commit one by one, so that a bad one stands alone."""
        batch, self._batch = self._batch, None
        assert batch is not None
        self._solo = max(0, self._solo - 1)
        self._writer.forget_units()
        try:
            if batch.broken is not None:
                raise batch.broken
            await self._writer.execute_fetchall("COMMIT")
        except Exception as error:
            self._solo = BATCH_UNITS
            failed = CommitFailed(str(error))
            failed.__cause__ = error
            try:
                if self._writer.in_transaction:
                    await self._writer.execute_fetchall("ROLLBACK")
            finally:
                batch.done.set_exception(failed)
                batch.done.exception()  # a batch of failed units may have nobody left who looks
        else:
            batch.done.set_result(None)
