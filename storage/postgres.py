"""How aiosql talks to asyncpg here: named parameters by place, one round trip a query, and errors that are ours.

The queries are those of `storage/queries`; `storage/queries/postgres` holds the few that must be said differently. One
rule of translation is enough for the rest: `json_each(:name)` is the function of another name here.
"""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from storage.errors import BrokenRule, DatabaseBusy, DatabaseError, NotAlone
from storage.rows import Row
from storage.unit import current_unit

#: What a unit that is not alone may write: rows that belong to one member, one update or one message only.
OPEN_TABLES = frozenset({"inbox", "dialogs", "events", "deliveries", "members", "replicas", "send_slots"})

#: Everything asyncpg and the network below it raise.
ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)

#: SQLSTATEs of what happens to us rather than what a statement does: connection (08), serialisation and deadlock (40),
#: resources (53), lock not to be had (55), shutdown and cancellation (57), the disk (58), and a server that has become
#: a standby since we connected (25006) or that ended an idle transaction (25P03).
_BUSY_CLASSES = ("08", "40", "53", "55", "57", "58")
_BUSY_STATES = frozenset({"25006", "25P03"})

_WORDS = re.compile(
    r"""(?P<skip>'(?:[^']|'')*'|--[^\n]*|::\w+)|(?P<each>\bjson_each\(\s*:(?P<list>\w+)\s*\))|:(?P<name>[A-Za-z_]\w*)""",
    re.VERBOSE,
)
#: Words after UPDATE that are no table: DO UPDATE SET, FOR UPDATE SKIP LOCKED, FOR UPDATE OF.
_NO_TABLES = frozenset({"set", "skip", "of", "nowait"})
_WRITES = re.compile(r"\b(?:INSERT\s+INTO|DELETE\s+FROM|UPDATE)\s+(?P<table>[a-z_]+)", re.IGNORECASE)


def told(error: BaseException) -> DatabaseError:
    """Give our error for one of the driver's or the network's, in its words."""
    state = getattr(error, "sqlstate", None) or ""
    text = str(error) or type(error).__name__
    if state.startswith("23"):
        return BrokenRule(text)
    if state[:2] in _BUSY_CLASSES or state in _BUSY_STATES:
        return DatabaseBusy(text)
    if isinstance(error, (OSError, TimeoutError, asyncpg.InternalClientError)):
        return DatabaseBusy(text)
    if isinstance(error, asyncpg.InterfaceError) and not isinstance(error, asyncpg.DataError):
        return DatabaseBusy(text)  # the connection was closed under our hands
    if isinstance(error, asyncpg.InvalidCachedStatementError):
        return DatabaseBusy(text)  # the schema changed since: prepared anew next time
    return DatabaseError(text)


@dataclass(slots=True)
class Session:
    """A connection as one unit has it; `alone` says whether it may write to every table.

    `seconds` is how long a question may take, when that is not the connection's usual time.
    """

    raw: Any
    alone: bool
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class _Statement:
    """SQL as the server reads it, the names of its parameters by place, and whether it needs a unit that is alone."""

    sql: str
    names: tuple[str, ...]
    needs_alone: bool


def translate(sql: str) -> _Statement:
    """Read a query of ours: parameters by place, lists as the server unpacks them."""
    names: list[str] = []

    def place(match: re.Match[str]) -> str:
        if match["skip"]:
            return match["skip"]
        name = match["list"] or match["name"]
        if name not in names:
            names.append(name)
        number = f"${names.index(name) + 1}"
        return f"json_array_elements_text(CAST({number} AS json)) AS each(value)" if match["each"] else number

    text = _WORDS.sub(place, sql)
    tables = {match["table"].lower() for match in _WRITES.finditer(text)}
    return _Statement(text, tuple(names), bool(tables - OPEN_TABLES - _NO_TABLES))


class PostgresAdapter:
    """aiosql's driver protocol over asyncpg."""

    is_aio_driver = True
    #: Whether other processes may be at work on the same data.
    shared = True

    def __init__(self) -> None:
        self._statements: dict[str, _Statement] = {}

    def process_sql(self, query_name: str, op_type: Any, sql: str) -> str:
        """Translate the SQL once; the text it had stays its name."""
        if sql not in self._statements:
            self._statements[sql] = translate(sql)
        return sql

    async def select(
        self, conn: Session, query_name: str, sql: str, parameters: Any, record_class: Any = None
    ) -> AsyncIterator[Row]:
        """Yield the rows of a query."""
        for row in await self.select_all(conn, sql, parameters):
            yield row

    async def select_all(self, conn: Session, sql: str, parameters: Any) -> list[Row]:
        """Give the rows of a query."""
        statement = self._allowed(conn, sql)
        try:
            values = self._places(statement, parameters)
            rows: list[Row] = await conn.raw.fetch(statement.sql, *values, timeout=conn.seconds)
        except ERRORS as error:
            raise told(error) from error
        return rows

    async def select_one(
        self, conn: Session, query_name: str, sql: str, parameters: Any, record_class: Any = None
    ) -> Row | None:
        """Give the first row, or None."""
        statement = self._allowed(conn, sql)
        try:
            values = self._places(statement, parameters)
            row: Row | None = await conn.raw.fetchrow(statement.sql, *values, timeout=conn.seconds)
        except ERRORS as error:
            raise told(error) from error
        return row

    async def select_value(self, conn: Session, query_name: str, sql: str, parameters: Any) -> Any:
        """Give the first column of the first row, or None."""
        row = await self.select_one(conn, query_name, sql, parameters)
        return None if row is None else row[0]

    def select_cursor(self, conn: Session, query_name: str, sql: str, parameters: Any) -> Any:
        """Give asyncpg's cursor, for exports that must not hold all rows."""
        statement = self._allowed(conn, sql)
        return conn.raw.cursor(statement.sql, *self._places(statement, parameters))

    async def insert_returning(self, conn: Session, query_name: str, sql: str, parameters: Any) -> Row | None:
        """Run an INSERT ... RETURNING and give its row; None when ON CONFLICT DO NOTHING did nothing."""
        return await self.select_one(conn, query_name, sql, parameters)

    async def insert_update_delete(self, conn: Session, query_name: str, sql: str, parameters: Any) -> int:
        """Run a statement and give the count of rows it changed."""
        statement = self._allowed(conn, sql)
        try:
            tag: str = await conn.raw.execute(statement.sql, *self._places(statement, parameters))
        except ERRORS as error:
            raise told(error) from error
        return int(tag.rpartition(" ")[2])

    async def insert_update_delete_many(
        self, conn: Session, query_name: str, sql: str, parameters: Sequence[Any]
    ) -> None:
        """Run a statement once for each set of parameters."""
        statement = self._allowed(conn, sql)
        try:
            await conn.raw.executemany(statement.sql, [self._places(statement, one) for one in parameters])
        except ERRORS as error:
            raise told(error) from error

    @asynccontextmanager
    async def attempt(self, conn: Session) -> AsyncIterator[None]:
        """Go back to a savepoint when a statement of the body fails, so that the transaction lives on."""
        await self._plainly(conn, "SAVEPOINT attempt")
        try:
            yield
        except Exception:
            await self._plainly(conn, "ROLLBACK TO attempt; RELEASE attempt")
            raise
        await self._plainly(conn, "RELEASE attempt")

    @staticmethod
    async def _plainly(conn: Session, sql: str) -> None:
        try:
            await conn.raw.execute(sql)
        except ERRORS as error:
            raise told(error) from error

    def _allowed(self, conn: Session, sql: str) -> _Statement:
        statement = self._statements[sql]
        if statement.needs_alone and not conn.alone:
            refusal = NotAlone(statement.sql.partition("\n")[0])
            unit = current_unit.get()
            if unit is not None:
                unit.failure = refusal  # whoever swallows the error, the unit is run again
            raise refusal
        return statement

    @staticmethod
    def _places(statement: _Statement, parameters: Any) -> tuple[Any, ...]:
        return tuple(_sayable(parameters[name]) for name in statement.names)


def _sayable(value: Any) -> Any:
    """Give a parameter as the server can take it: it keeps no NUL, and no text of anybody's is refused for one."""
    return value.replace("\x00", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) and "\x00" in value else value
