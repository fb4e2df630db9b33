"""The unit of work: one update, one slice of a tick or one command, all or nothing.

Only an edge opens a unit (the frame, the scheduler, the command line); handlers, services and storage receive it
and never begin, commit or roll back. Code after the `async with` runs only once the commit is on the disk.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar

from storage.rows import Row, to_ms, to_ms_or_none

Lane = Literal["receipt", "screen", "alert"]
RowT = TypeVar("RowT")


class Tx:
    """The one door to the database inside a unit: named queries from `storage/queries/*.sql`."""

    __slots__ = ("_queries", "connection")

    def __init__(self, connection: Any, queries: Any) -> None:
        self.connection = connection
        self._queries = queries

    async def one(self, name: str, /, **params: Any) -> Row | None:
        """Run a `^` query: its row or None."""
        row: Row | None = await getattr(self._queries, name)(self.connection, **params)
        return row

    async def all(self, name: str, /, **params: Any) -> list[Row]:
        """Run a query without a suffix: all its rows."""
        queries = self._queries
        rows: list[Row] = await queries.driver_adapter.select_all(self.connection, getattr(queries, name).sql, params)
        return rows

    async def value(self, name: str, /, **params: Any) -> Any:
        """Run a `$` query: the first column of its first row, or None."""
        return await getattr(self._queries, name)(self.connection, **params)

    async def run(self, name: str, /, **params: Any) -> int:
        """Run a `!` query: the count of rows it changed."""
        count: int = await getattr(self._queries, name)(self.connection, **params)
        return count

    async def insert(self, name: str, /, **params: Any) -> Row:
        """Run a `<!` query (INSERT ... RETURNING): its row.

        Raises:
            LookupError: nothing was inserted.
        """
        row: Row | None = await getattr(self._queries, name)(self.connection, **params)
        if row is None:
            raise LookupError(f"{name} inserted nothing")
        return row

    @property
    def shared(self) -> bool:
        """Whether other processes may be at work on the same data."""
        shared: bool = self._queries.driver_adapter.shared
        return shared

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """Let the transaction survive a statement of the body that fails."""
        async with self._queries.driver_adapter.attempt(self.connection):
            yield

    async def fetch(self, sql: str, /, **params: Any) -> list[Row]:
        """Run SQL that has no name: for the schema's own look-ups, and for tests that look at rows."""
        adapter = self._queries.driver_adapter
        rows: list[Row] = await adapter.select_all(self.connection, adapter.process_sql("", None, sql), params)
        return rows

    async def many(self, name: str, rows: Sequence[Mapping[str, Any]], /) -> None:
        """Run a `*!` query once for each mapping of parameters."""
        await getattr(self._queries, name)(self.connection, rows)


@dataclass(frozen=True, slots=True)
class To:
    """Who is owed a message about an event.

    `key` makes it once only (default: event id and member); deliveries of one `topic` edit the same message.
    """

    member_id: int
    lane: Lane = "receipt"
    key: str | None = None
    topic: str | None = None
    due_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A fact to be written with the unit, and the messages it owes."""

    kind: str
    payload: Mapping[str, Any]
    to: tuple[To, ...]


@dataclass(slots=True)
class UnitOfWork:
    """What one unit may use: its database door, its time and the facts it leaves.

    `failure` is set by those who must not raise through a framework (the error handler, the transport):
    a unit with a failure is rolled back. A tick leaves the rows of `aside` alone; `row` is the one it is working on.
    """

    key: str
    now: datetime
    tx: Tx
    events: list[Event] = field(default_factory=list)
    failure: BaseException | None = None
    aside: frozenset[int] = frozenset()
    row: int | None = None

    def each(self, rows: Iterable[RowT], key: Callable[[RowT], int]) -> Iterator[RowT]:
        """Go through the rows of a tick's slice but for those set aside, noting which one is being worked on."""
        for one in rows:
            number = key(one)
            if number not in self.aside:
                self.row = number
                yield one
        self.row = None

    def emit(self, kind: str, payload: Mapping[str, Any], *, to: Sequence[To] = ()) -> None:
        """Leave an event; it and its deliveries are written with this unit or not at all."""
        self.events.append(Event(kind, dict(payload), tuple(to)))

    async def write_events(self) -> None:
        """Write the events left so far; called by the database as it closes the unit."""
        for event in self.events:
            row = await self.tx.insert(
                "insert_event",
                kind=event.kind,
                payload=json.dumps(event.payload, separators=(",", ":"), sort_keys=True),
                at=to_ms(self.now),
            )
            if event.to:
                await self.tx.many(
                    "insert_delivery",
                    [
                        {
                            "event_id": row["id"],
                            "member_id": to.member_id,
                            "lane": to.lane,
                            "topic": to.topic,
                            "due_at": to_ms(to.due_at or self.now),
                            "expires_at": to_ms_or_none(to.expires_at),
                            "key": to.key or f"event:{row['id']}:{to.member_id}",
                        }
                        for to in event.to
                    ],
                )
        self.events.clear()


#: The unit that is open in this asyncio task, if any; the transport refuses to send while it is set.
current_unit: ContextVar[UnitOfWork | None] = ContextVar("current_unit", default=None)
