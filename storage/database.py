"""The database as everybody else sees it; which engine is behind it is decided by its address, once.

sqlite:///path            storage/sqlite_database.py     one process, units share commits
postgresql://host/name    storage/postgres_database.py   any number of processes
"""

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from storage.sqlite import path_of
from storage.unit import Tx, UnitOfWork

UNIT_SECONDS = 5.0
BATCH_UNITS = 64

Engine = Literal["sqlite", "postgres"]


def engine_of(url: str) -> Engine:
    """Say which engine an address names.

    Raises:
        ValueError: the address is neither engine's.
    """
    scheme = urlsplit(url).scheme
    if scheme in ("postgresql", "postgres"):
        if not urlsplit(url).path.strip("/"):
            raise ValueError("expected postgresql://user@host/name: the name of the database is missing")
        return "postgres"
    if scheme == "sqlite":
        path_of(url)
        return "sqlite"
    raise ValueError("expected sqlite:///path/to/file.db or postgresql://user@host/name")


class Database(ABC):
    """The open database of this process. Make it with `Database.open`; close it when done."""

    engine: ClassVar[Engine]
    #: Whether other processes may work on the same data at the same time.
    shared: ClassVar[bool]

    @staticmethod
    async def open(url: str) -> "Database":
        """Open the database that an address names; a file's folder is made.

        Raises:
            ValueError: the address is not one of ours.
            DatabaseError: it can't be opened.
        """
        if engine_of(url) == "postgres":
            from storage.postgres_database import PostgresDatabase  # its driver is loaded by those who need it

            return await PostgresDatabase.connect(url)
        from storage.sqlite_database import SqliteDatabase

        return await SqliteDatabase.connect(path_of(url))

    @abstractmethod
    async def close(self) -> None:
        """Wait for the units that run, then let the database go."""

    @abstractmethod
    def unit(
        self, key: str, *, now: datetime, seconds: float = UNIT_SECONDS, alone: bool = True
    ) -> AbstractAsyncContextManager[UnitOfWork]:
        """Run the body as one unit; it is committed (durably) when this returns, or nothing of it happened.

        Units that are `alone` run one after another, in all processes together; the others side by side. The embedded
        engine runs all of them one after another.

        Raises:
            CommitFailed: the commit failed.
            UnitTooLong: the body took longer than `seconds`.
            NotAlone: it was not opened `alone` and wanted to change what needs it (never on the embedded engine).
            Whatever the body raises, and `uow.failure` when it was set.
        """

    @abstractmethod
    def read(self, *, seconds: float | None = None) -> AbstractAsyncContextManager[Tx]:
        """Borrow a connection that may only look at one moment's data: for queues, exports and audits.

        `seconds` is how long one question to a server may take before it is taken for lost (default: a minute).
        """

    @abstractmethod
    def exclusive(self, name: str) -> AbstractAsyncContextManager[bool]:
        """Give whether this process has a piece of background work to itself while the block lasts."""

    @abstractmethod
    async def script(self, sql: str) -> None:
        """Run a step of the schema's history, and nothing else, in one transaction."""

    @abstractmethod
    async def list_tables(self) -> set[str]:
        """List the tables there are, ours or not."""

    @abstractmethod
    async def scratch_schema(self, steps: list[str]) -> dict[tuple[str, str], str]:
        """Give the schema that these steps make, without leaving anything behind."""

    @abstractmethod
    async def durability_problem(self) -> str | None:
        """Say what keeps an acknowledged commit from surviving a power cut; None when nothing does."""

    def tx(self, connection: Any) -> Tx:
        """Give the door to named queries over a connection of this engine."""
        return Tx(connection, self.queries)

    queries: Any


class SharedDatabase(Database):
    """A database that several processes work on at the same time."""

    @abstractmethod
    def one_shot(self) -> AbstractAsyncContextManager[Tx]:
        """Run statements of which each is committed by itself: signs of life, turns to send.

        Raises:
            DatabaseBusy: no connection can be had.
        """
