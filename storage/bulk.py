"""Whole tables into an empty database, in one transaction with its rules out of the way and back before it ends.

    rules go        triggers and foreign keys: they would move money again, or ask for rows that come later
    rows come       batches of a table, as they stand in another database
    rules return    every foreign key is checked against every row; numbers go on after the highest one

What ends it early leaves the database as empty as it was, with every rule in its place.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from storage.database import Database
from storage.errors import BrokenRule
from storage.postgres import ERRORS, Session, told
from storage.postgres_database import PostgresDatabase
from storage.sqlite_database import SqliteDatabase
from storage.unit import Tx

BATCH = 2_000
#: What belongs to running processes and to the schema's history, and is never copied.
LEFT_OUT = frozenset({"replicas", "send_slots", "schema_migrations"})
#: Columns that name a running process.
_NOBODYS = {("inbox", "replica_id"), ("deliveries", "replica_id")}
_LONG_SECONDS = 86_400.0


@dataclass(slots=True)
class Bulk:
    """The open transaction of whole tables."""

    tx: Tx
    columns: dict[str, tuple[str, ...]]  # by table, those that can be written

    async def put(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows, with the values of `columns[table]` in their order."""
        columns = self.columns[table]
        if isinstance(self.tx.connection, Session):
            try:
                await self.tx.connection.raw.copy_records_to_table(
                    table, records=rows, columns=columns, timeout=_LONG_SECONDS
                )
            except ERRORS as error:
                raise told(error) from error
            return
        names, places = ", ".join(columns), ", ".join("?" * len(columns))
        await self.tx.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608 - names of the schema

    async def clear(self) -> None:
        """Take away what the schema's own steps have put in: all of it comes from the other database."""
        for table in self.columns:
            if isinstance(self.tx.connection, Session):
                await self.tx.connection.raw.execute(f"DELETE FROM {table}")  # noqa: S608 - names of the schema
            else:
                await self.tx.connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names of the schema


def bulk(database: Database) -> AbstractAsyncContextManager[Bulk]:
    """Open the transaction; it is committed when the block ends well.

    Raises:
        BrokenRule: a row points to one that is not there.
    """
    if isinstance(database, PostgresDatabase):
        return _into_postgres(database)
    assert isinstance(database, SqliteDatabase)
    return _into_sqlite(database)


async def list_columns(tx: Tx) -> dict[str, tuple[str, ...]]:
    """Give the tables that are copied, each with the columns that hold something of their own, in their order."""
    found: dict[str, list[str]] = {}
    for row in await tx.all("bulk_list_columns"):
        if row["name"] not in LEFT_OUT:
            found.setdefault(row["name"], []).append(row["column_name"])
    return {table: tuple(columns) for table, columns in found.items()}


async def read_table(tx: Tx, table: str, columns: Sequence[str]) -> AsyncIterator[list[tuple[Any, ...]]]:
    """Give a table's rows in batches, never all of them at once."""
    names = ", ".join(f"0 AS {name}" if (table, name) in _NOBODYS else name for name in columns)
    sql = f"SELECT {names} FROM {table}"  # noqa: S608 - names of the schema
    batch: list[tuple[Any, ...]] = []
    if isinstance(tx.connection, Session):
        async for row in tx.connection.raw.cursor(sql, prefetch=BATCH):
            batch.append(tuple(row))
            if len(batch) == BATCH:
                yield batch
                batch = []
    else:
        async with tx.connection.execute(sql) as cursor:
            while rows := await cursor.fetchmany(BATCH):
                yield [tuple(row) for row in rows]
    if batch:
        yield batch


@asynccontextmanager
async def _into_postgres(database: PostgresDatabase) -> AsyncIterator[Bulk]:
    async with database.unit_of_tables() as raw:
        tx = database.tx(Session(raw, alone=True))
        columns = await list_columns(tx)
        keys = await tx.all("bulk_list_foreign_keys")
        for key in keys:
            await raw.execute(f"ALTER TABLE {key['name']} DROP CONSTRAINT {key['constraint_name']}")
        for table in columns:
            await raw.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield Bulk(tx, columns)
        try:
            for table in columns:
                await raw.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            for key in keys:
                added = f"ALTER TABLE {key['name']} ADD CONSTRAINT {key['constraint_name']} {key['definition']}"
                await raw.execute(added, timeout=_LONG_SECONDS)
            for one in await tx.all("bulk_list_numbered"):
                highest = await raw.fetchval(f"SELECT max(id) FROM {one['name']}")  # noqa: S608 - names of the schema
                await raw.execute(
                    "SELECT setval($1::text::regclass, $2, $3)", one["sequence"], highest or 1, bool(highest)
                )
            await raw.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except ERRORS as error:
            raise told(error) from error


@asynccontextmanager
async def _into_sqlite(database: SqliteDatabase) -> AsyncIterator[Bulk]:
    async with database.unit_of_tables() as writer:
        tx = database.tx(writer)
        columns = await list_columns(tx)
        triggers = [(row["name"], row["sql"]) for row in await tx.all("audit_list_schema") if row["type"] == "trigger"]
        for name, _ in triggers:
            await writer.execute(f"DROP TRIGGER {name}")
        yield Bulk(tx, columns)
        for _, sql in triggers:
            await writer.execute(sql)
        lost = list(await writer.execute_fetchall("PRAGMA foreign_key_check"))
        if lost:
            raise BrokenRule(f"a row of {lost[0][0]} points to a row of {lost[0][2]} that is not there")
