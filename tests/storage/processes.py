"""Processes on one PostgreSQL, each with a database object of its own, and what is seen of their units."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import asyncpg
import pytest

from storage.postgres_database import UNITS_AT_ONCE, PostgresDatabase
from storage.unit import UnitOfWork, current_unit
from tests.engines import rows as rows_of
from tests.postgres_server import ADMIN, Server

SIDE_BY_SIDE = pytest.mark.parametrize("alone", [True, False], ids=["alone", "side by side"])


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[PostgresDatabase]:
    """Give one process's database."""
    db = await PostgresDatabase.connect(postgres_url)
    yield db
    await db.close()


@pytest.fixture
async def other(postgres_url: str) -> AsyncIterator[PostgresDatabase]:
    """Give another process's connections to the same data."""
    db = await PostgresDatabase.connect(postgres_url)
    yield db
    await db.close()


@pytest.fixture
async def admin(postgres: Server, postgres_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Give a connection that may look at the others and end them."""
    connection = await asyncpg.connect(postgres.url(postgres_url.rpartition("/")[2], user=ADMIN))
    yield connection
    await connection.close()


async def kinds(database: PostgresDatabase) -> list[str]:
    """Give the kinds of the events that were committed."""
    async with database.read() as tx:
        return [row[0] for row in await rows_of(tx, "SELECT kind FROM events ORDER BY id")]


async def write(uow: UnitOfWork, kind: str) -> None:
    """Write an event at once."""
    await uow.tx.insert("insert_event", kind=kind, payload="{}", at=1)


async def goes_on(database: PostgresDatabase, now: datetime) -> None:
    """See that as many units as there may be can be open at once: no connection is lost, no lock is held."""
    async with asyncio.timeout(10), database.unit("next", now=now):
        assert current_unit.get() is not None
    inside = asyncio.Barrier(UNITS_AT_ONCE)

    async def one(number: int) -> None:
        async with database.unit(f"next:{number}", now=now, seconds=20, alone=False):
            await inside.wait()

    async with asyncio.timeout(20):
        await asyncio.gather(*map(one, range(UNITS_AT_ONCE)))
    assert current_unit.get() is None
