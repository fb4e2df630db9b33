"""How long a question may take on PostgreSQL, and what it means when it could not be asked."""

import asyncio

import asyncpg
import pytest

from storage import audit
from storage.errors import DatabaseBusy
from storage.postgres_database import PostgresDatabase
from tests.postgres_server import Server
from tests.waiting import eventually

WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = '{}'"


async def test_a_reader_says_how_long_it_waits(postgres_url: str) -> None:
    """Proves that a reader's own time counts for its questions, whether they give a row or many."""
    database = await PostgresDatabase.connect(postgres_url)
    try:
        async with database.read(seconds=0.2) as tx:
            with pytest.raises(DatabaseBusy):
                await tx.fetch("SELECT pg_sleep(5)")
        async with database.read(seconds=0.2) as tx:
            queries = tx._queries.driver_adapter
            with pytest.raises(DatabaseBusy):
                await queries.select_one(tx.connection, "", queries.process_sql("", None, "SELECT pg_sleep(5)"), {})
    finally:
        await database.close()


async def test_an_audit_that_loses_its_server_finds_nothing(postgres: Server, postgres_url: str) -> None:
    """Proves that a connection lost in the middle of an audit is trouble to be told, not a difference in the ledger."""
    name = postgres_url.rpartition("/")[2]
    database = await PostgresDatabase.connect(postgres_url)
    other = await asyncpg.connect(postgres_url)

    async def waiting() -> list[asyncpg.Record]:
        return await asyncio.to_thread(postgres.execute, WAITING.format(name))

    async def is_waiting() -> bool:
        return bool(await waiting())

    async def look() -> audit.Report:
        async with database.read() as tx:
            return await audit.examine(tx)

    try:
        await other.execute("BEGIN; LOCK TABLE entry_moves IN ACCESS EXCLUSIVE MODE")
        auditing = asyncio.create_task(look())
        await eventually(is_waiting, "the audit waits for a table")
        (row,) = await waiting()
        await asyncio.to_thread(postgres.execute, f"SELECT pg_terminate_backend({row['pid']})")
        with pytest.raises(DatabaseBusy):
            await auditing
    finally:
        await other.close()
        await database.close()
