"""PostgreSQL: any number of processes, each unit a transaction on a connection of its own.

    a unit that is alone   turn in this process ─► BEGIN, the lock of all processes ─► … ─► COMMIT (lets the lock go)
    any other unit         BEGIN ─► … ─► COMMIT

Units that decide about money, jobs or places are alone, as all are on the embedded engine; so a service may read,
decide and write without a thought for others (docs/decisions/0013-one-decision-at-a-time.md). Units that only look or
write what is one member's own run side by side.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import aiosql
import asyncpg

from storage.database import UNIT_SECONDS, Engine, SharedDatabase
from storage.errors import CommitFailed, DatabaseBusy, UnitTooLong
from storage.fingerprint import read_schema
from storage.postgres import ERRORS, PostgresAdapter, Session, told
from storage.unit import Tx, UnitOfWork, current_unit

UNITS_AT_ONCE = 12
READERS_AT_ONCE = 4
ACQUIRE_SECONDS = 10.0
CONNECT_SECONDS = 5.0
COMMAND_SECONDS = 60.0
STATEMENTS_KEPT = 600

#: The advisory locks of this program: of all units that are alone, of whoever changes the schema, and the
#: class of those that pieces of background work hold.
HOUSE_LOCK, SCHEMA_LOCK = 0x626F7401, 0x626F7402
BACKGROUND_LOCKS = 0x626F7403

#: An acknowledged commit is on the disk (and on the synchronous standby, where there is one). A process that hangs
#: inside a transaction must not keep the others waiting for ever, and a lock that can't be had is no reason to wait for
#: ever either: the unit is tried again.
_SETTINGS = {
    "application_name": "microtask-bot",
    "synchronous_commit": "on",
    "idle_in_transaction_session_timeout": "20000",
    "lock_timeout": "10000",
    "timezone": "UTC",
    "jit": "off",  # compiling a question that a wrong guess calls dear takes longer than all of ours do
}


@cache
def load_queries() -> Any:
    """Load every named query, with this engine's own words where it has them, once a process."""
    adapter = PostgresAdapter()
    one: Any = lambda: adapter  # noqa: E731 - both sets of queries go through one adapter
    folder = Path(__file__).parent / "queries"
    queries = aiosql.from_path(folder, one, mandatory_parameters=False)
    own = aiosql.from_path(folder / "postgres", one, mandatory_parameters=False)
    for name in own.available_queries:
        setattr(queries, name, getattr(own, name))
    return queries


@dataclass(slots=True)
class PostgresDatabase(SharedDatabase):
    """A database on a server, or on a primary and its standbys."""

    engine: ClassVar[Engine] = "postgres"
    shared: ClassVar[bool] = True

    queries: Any
    _units: Any
    _readers: Any
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    async def connect(cls, url: str) -> "PostgresDatabase":
        """Connect to the server that takes writes.

        Raises:
            DatabaseBusy: it can't be reached, or refuses us.
        """
        units = await _pool(url, UNITS_AT_ONCE)
        try:
            readers = await _pool(url, READERS_AT_ONCE)
        except BaseException:
            await units.close()
            raise
        return cls(queries=load_queries(), _units=units, _readers=readers)

    async def close(self) -> None:
        """Wait for the units that run, then let the connections go."""
        for pool in (self._units, self._readers):
            try:
                async with asyncio.timeout(ACQUIRE_SECONDS):
                    await pool.close()
            except (TimeoutError, *ERRORS):
                pool.terminate()

    @asynccontextmanager
    async def unit(
        self, key: str, *, now: datetime, seconds: float = UNIT_SECONDS, alone: bool = True
    ) -> AsyncIterator[UnitOfWork]:
        """Run the body as one transaction."""
        assert current_unit.get() is None, "units don't nest"
        if not alone:
            async with self._one_unit(key, now=now, seconds=seconds, begin="BEGIN", alone=False) as uow:
                yield uow
            return
        async with self._turn:  # one waiting connection a process is enough
            begin = f"BEGIN; SELECT pg_advisory_xact_lock({HOUSE_LOCK})"
            async with self._one_unit(key, now=now, seconds=seconds, begin=begin, alone=True) as uow:
                yield uow

    @asynccontextmanager
    async def _one_unit(
        self, key: str, *, now: datetime, seconds: float, begin: str, alone: bool
    ) -> AsyncIterator[UnitOfWork]:
        raw = await _begun(self._units, begin)
        uow = UnitOfWork(key=key, now=now, tx=self.tx(Session(raw, alone)))
        token = current_unit.set(uow)
        kept = False
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
            kept = True
        finally:
            current_unit.reset(token)
            if not kept:
                # The clean-up must run to its end even if this task is being cancelled.
                await asyncio.shield(asyncio.ensure_future(_undo(self._units, raw)))
        await asyncio.shield(asyncio.ensure_future(_commit(self._units, raw, key)))

    @asynccontextmanager
    async def read(self, *, seconds: float | None = None) -> AsyncIterator[Tx]:
        """Borrow a connection that sees one moment and may not write."""
        raw = await _begun(self._readers, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield self.tx(Session(raw, alone=True, seconds=seconds))
        finally:
            await asyncio.shield(asyncio.ensure_future(_undo(self._readers, raw)))

    @asynccontextmanager
    async def one_shot(self) -> AsyncIterator[Tx]:
        """Run statements of which each is committed by itself."""
        raw = await _acquired(self._units)
        try:
            yield self.tx(Session(raw, alone=False))
        finally:
            await asyncio.shield(asyncio.ensure_future(_release(self._units, raw)))

    @asynccontextmanager
    async def exclusive(self, name: str) -> AsyncIterator[bool]:
        """Hold a lock of this name that ends with the connection, or see that another process holds it."""
        raw = await _acquired(self._readers)
        mine = False
        try:
            try:
                mine = await raw.fetchval("SELECT pg_try_advisory_lock($1, hashtext($2))", BACKGROUND_LOCKS, name)
            except ERRORS as error:
                raise told(error) from error
            yield mine
        finally:
            await asyncio.shield(asyncio.ensure_future(_unlocked(self._readers, raw, name if mine else None)))

    async def script(self, sql: str) -> None:
        """Run a step of the schema's history in one transaction, one process at a time."""
        raw = await _begun(self._units, f"BEGIN; SELECT pg_advisory_xact_lock({SCHEMA_LOCK})")
        try:
            await raw.execute(sql, timeout=None)
        except ERRORS as error:
            raise told(error) from error
        else:
            sql = ""
        finally:
            if sql:
                await asyncio.shield(asyncio.ensure_future(_undo(self._units, raw)))
        await asyncio.shield(asyncio.ensure_future(_commit(self._units, raw, "schema")))

    async def list_tables(self) -> set[str]:
        """List the tables of the schema we work in."""
        async with self.read() as tx:
            rows = await tx.fetch("SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()")
            return {row["name"] for row in rows}

    async def scratch_schema(self, steps: list[str]) -> dict[tuple[str, str], str]:
        """Give the schema that these steps make, in a transaction that is never kept."""
        name = f"scratch_{secrets.token_hex(6)}"
        raw = await _begun(self._units, "BEGIN")
        try:
            await raw.execute(f"CREATE SCHEMA {name}; SET LOCAL search_path = {name}")
            for step in steps:
                await raw.execute(step)
            return await read_schema(self.tx(Session(raw, alone=True)))
        except ERRORS as error:
            raise told(error) from error
        finally:
            await asyncio.shield(asyncio.ensure_future(_undo(self._units, raw)))

    async def durability_problem(self) -> str | None:
        """Say whether the server writes before it acknowledges."""
        async with self.read() as tx:
            for name in ("fsync", "full_page_writes"):
                rows = await tx.fetch("SELECT current_setting(:name) AS value", name=name)
                if rows[0]["value"] != "on":
                    return f"the database does not write durably ({name} is {rows[0]['value']})"
        return None


async def _pool(url: str, size: int) -> Any:
    if "," in url.partition("@")[2].partition("/")[0] and "target_session_attrs" not in url:
        url += f"{'&' if '?' in url else '?'}target_session_attrs=read-write"  # of several, the one that takes writes
    try:
        return await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            timeout=CONNECT_SECONDS,
            command_timeout=COMMAND_SECONDS,
            statement_cache_size=STATEMENTS_KEPT,
            max_cached_statement_lifetime=0,
            server_settings=_SETTINGS,
            init=_prepare,
            reset=_leave_as_it_is,
        )
    except (ValueError, TypeError, *ERRORS) as error:
        raise told(error) from error


async def _prepare(connection: Any) -> None:
    """Sums of bigint are numeric on this server: read them as the whole numbers they are."""
    await connection.set_type_codec("numeric", schema="pg_catalog", encoder=str, decoder=int, format="text")


async def _leave_as_it_is(connection: Any) -> None:
    """Reset nothing between units: they leave no cursor, no setting and no lock behind, and each reset is a trip."""


async def _unlocked(pool: Any, raw: Any, name: str | None) -> None:
    try:
        if name is not None:
            await raw.execute("SELECT pg_advisory_unlock($1, hashtext($2))", BACKGROUND_LOCKS, name)
    except ERRORS:
        _close(raw)  # the lock ends with the connection
    await _release(pool, raw)


async def _acquired(pool: Any) -> Any:
    try:
        return await pool.acquire(timeout=ACQUIRE_SECONDS)
    except ERRORS as error:
        raise DatabaseBusy(f"no connection: {str(error) or type(error).__name__}") from error


async def _begun(pool: Any, begin: str) -> Any:
    raw = await _acquired(pool)
    try:
        await raw.execute(begin)
    except BaseException as error:
        await asyncio.shield(asyncio.ensure_future(_undo(pool, raw)))
        if isinstance(error, ERRORS):
            raise told(error) from error
        raise
    return raw


async def _undo(pool: Any, raw: Any) -> None:
    """Take everything back and give the connection away; one that can't do that is closed."""
    try:
        await raw.execute("ROLLBACK", timeout=CONNECT_SECONDS)
    except ERRORS:
        _close(raw)
    await _release(pool, raw)


async def _release(pool: Any, raw: Any) -> None:
    """Give a connection away; that it breaks as it goes is nobody's trouble: the pool makes another one."""
    with suppress(*ERRORS):
        await pool.release(raw)


def _close(raw: Any) -> None:
    """Close a connection that is of no use any more; one that was lost is closed, and the pool's no more, already."""
    with suppress(asyncpg.InterfaceError):
        raw.terminate()


async def _commit(pool: Any, raw: Any, key: str) -> None:
    try:
        tag = await raw.execute("COMMIT")
    except ERRORS as error:
        cause = told(error)
        if isinstance(cause, DatabaseBusy):
            _close(raw)
        await _release(pool, raw)
        raise CommitFailed(f"{key}: {str(error) or type(error).__name__}") from cause
    await _release(pool, raw)
    if tag != "COMMIT":  # a statement had failed and somebody swallowed it
        raise CommitFailed(f"{key}: the transaction had been given up before")
