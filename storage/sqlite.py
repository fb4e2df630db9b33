"""How aiosql talks to aiosqlite here: every query is one hop into the connection's thread.

The stock adapter hops once a row when it iterates and twice more to close each cursor; a hop costs 60-100 us. So a
unit's SAVEPOINT and RELEASE have no hop of their own either: see `Writer`.
"""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosqlite

from storage.errors import BrokenRule, DatabaseBusy, DatabaseError, ForeignDatabase
from storage.rows import Row

#: What the disk does to us, not what a statement does: wait and try again.
_DISK_CODES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
}

#: The settings every connection of ours has; checked again at start. FULL: an acknowledged commit survives a power cut.
PRAGMAS = (
    ("journal_mode", "wal"),
    ("synchronous", "FULL"),
    ("foreign_keys", "ON"),
    ("recursive_triggers", "ON"),
    ("busy_timeout", "5000"),
    ("cache_size", "-16000"),
    ("temp_store", "MEMORY"),
)


#: The table that every database of ours has, from its first step on.
OUR_TABLE = "schema_migrations"


#: Rows a cursor fetches at a time when it is iterated (aiosqlite's own figure).
CHUNK = 64


class OneHopAdapter:
    """aiosql's driver protocol over aiosqlite, fetching all rows in the hop that runs the statement."""

    is_aio_driver = True
    shared = False

    def process_sql(self, query_name: str, op_type: Any, sql: str) -> str:
        """Pass the SQL on: sqlite3 reads `:name` parameters itself."""
        return sql

    async def select(
        self, conn: aiosqlite.Connection, query_name: str, sql: str, parameters: Any, record_class: Any = None
    ) -> AsyncIterator[Row]:
        """Yield the rows of a query."""
        for row in await conn.execute_fetchall(sql, parameters):
            yield row

    async def select_all(self, conn: aiosqlite.Connection, sql: str, parameters: Any) -> list[Row]:
        """Give the rows of a query as they come out of the hop: no generator in between."""
        return list(await conn.execute_fetchall(sql, parameters))

    async def select_one(
        self, conn: aiosqlite.Connection, query_name: str, sql: str, parameters: Any, record_class: Any = None
    ) -> Row | None:
        """Give the first row, or None."""
        for row in await conn.execute_fetchall(sql, parameters):
            return row
        return None

    async def select_value(self, conn: aiosqlite.Connection, query_name: str, sql: str, parameters: Any) -> Any:
        """Give the first column of the first row, or None."""
        for row in await conn.execute_fetchall(sql, parameters):
            return row[0]
        return None

    def select_cursor(self, conn: aiosqlite.Connection, query_name: str, sql: str, parameters: Any) -> Any:
        """Give aiosqlite's own cursor context, for exports that must not hold all rows."""
        return conn.execute(sql, parameters)

    async def insert_returning(
        self, conn: aiosqlite.Connection, query_name: str, sql: str, parameters: Any
    ) -> Row | None:
        """Run an INSERT ... RETURNING and give its row; None when ON CONFLICT DO NOTHING did nothing."""
        return await self.select_one(conn, query_name, sql, parameters)

    async def insert_update_delete(self, conn: aiosqlite.Connection, query_name: str, sql: str, parameters: Any) -> int:
        """Run a statement and give the count of rows it changed."""
        return (await conn.execute(sql, parameters)).rowcount

    async def insert_update_delete_many(
        self, conn: aiosqlite.Connection, query_name: str, sql: str, parameters: Any
    ) -> None:
        """Run a statement once for each set of parameters."""
        await conn.executemany(sql, parameters)

    @asynccontextmanager
    async def attempt(self, conn: aiosqlite.Connection) -> AsyncIterator[None]:
        """Do nothing: a statement that fails leaves the transaction as it was."""
        yield

    async def execute_script(self, conn: aiosqlite.Connection, sql: str) -> str:
        """Run several statements; commits first, so only migrations may."""
        await conn.executescript(sql)
        return "DONE"


def told(error: sqlite3.Error) -> DatabaseError:
    """Give our error for one of the driver's, in its words."""
    if isinstance(error, sqlite3.IntegrityError):
        return BrokenRule(str(error))
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and (code & 0xFF) in _DISK_CODES:
        return DatabaseBusy(str(error))
    return DatabaseError(str(error))


class Connection(aiosqlite.Connection):
    """A connection whose errors are ours."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        execute: Callable[..., Awaitable[Any]] = super()._execute
        try:
            return await execute(fn, *args, **kwargs)
        except sqlite3.Error as error:
            raise told(error) from error


class Writer(Connection):
    """The writing connection. What opens a unit rides along with the unit's first statement.

    first statement of a unit   [RELEASE of the unit before] SAVEPOINT, statement
    unit kept                   nothing: the next unit or the COMMIT releases it
    unit undone                 ROLLBACK TO, RELEASE
    """

    _wanted: bool = False  # a unit began, and no statement of it has run
    _unreleased: bool = False  # the savepoint of a kept unit is still there
    _saved: bool = False  # the savepoint of the running unit is there (written in the connection's thread)

    def begin_unit(self) -> None:
        """Let the next statement open a savepoint first."""
        self._wanted, self._saved = True, False

    def keep_unit(self) -> None:
        """Keep what the unit did; it is durable with the next COMMIT."""
        self._unreleased = self._unreleased or not self._wanted
        self._wanted = False

    async def undo_unit(self) -> None:
        """Undo what the unit did.

        Raises:
            DatabaseError: its savepoint is not there (any more): the whole transaction has to go.
        """
        if self._wanted:
            self._wanted = False
        else:
            await self._execute(self._undo)

    def forget_units(self) -> None:
        """Say that the transaction ends and all savepoints with it."""
        self._wanted = self._unreleased = False

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._wanted:
            release, self._wanted, self._unreleased = self._unreleased, False, False
            fn, args = self._save_and, (release, fn, *args)
        return await super()._execute(fn, *args, **kwargs)

    def _save_and(self, release: bool, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if release:
            self._conn.execute("RELEASE unit")
        self._conn.execute("SAVEPOINT unit")
        self._saved = True
        return fn(*args, **kwargs)

    def _undo(self) -> None:
        if not self._saved:
            raise sqlite3.OperationalError("the unit has no savepoint to go back to")
        self._conn.execute("ROLLBACK TO unit")
        self._conn.execute("RELEASE unit")


def path_of(url: str) -> Path:
    """Give the file that a `sqlite:///path` address names (three slashes relative, four absolute).

    Raises:
        ValueError: another scheme, a host, or no path.
    """
    parts = urlsplit(url)
    if parts.scheme != "sqlite" or parts.netloc or len(parts.path) < 2:
        raise ValueError("expected sqlite:///path/to/file.db")
    return Path(unquote(parts.path[1:]))


async def connect(path: Path, *, read_only: bool = False) -> aiosqlite.Connection:
    """Open a connection in autocommit mode with our pragmas; a read-only one may only look."""
    return await _open(Connection(_opener(path), CHUNK), read_only=read_only)


async def connect_writer(path: Path) -> Writer:
    """Open the connection that units write on, in autocommit mode with our pragmas."""
    writer = Writer(_opener(path), CHUNK)
    await _open(writer, read_only=False)
    return writer


def _opener(path: Path) -> Callable[[], sqlite3.Connection]:
    try:
        probe = sqlite3.connect(path)  # raises here: a connection's thread that fails to begin outlives the event loop
        try:
            # Before the first pragma: WAL would be written into the file's header and stay.
            names = {row[0] for row in probe.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        finally:
            probe.close()
    except sqlite3.Error as error:
        raise told(error) from error
    if names and OUR_TABLE not in names:
        raise ForeignDatabase("this is the database of another program")
    return partial(sqlite3.connect, path, isolation_level=None, cached_statements=512)


async def _open(connection: aiosqlite.Connection, *, read_only: bool) -> aiosqlite.Connection:
    await connection
    try:
        connection.row_factory = sqlite3.Row
        for name, value in PRAGMAS:
            await connection.execute_fetchall(f"PRAGMA {name}={value}")
        if read_only:
            await connection.execute_fetchall("PRAGMA query_only=ON")
    except BaseException:
        await connection.close()
        raise
    return connection
