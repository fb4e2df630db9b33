"""The schema's history on both engines: up from every step, and cut off at every statement."""

import asyncio
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from storage.database import Database
from storage.migrate import _TABLES, Migration, list_migrations, list_schema_differences, migrate, pending
from tests.engines import rows as rows_of
from tests.postgres_server import Server

SQLITE, POSTGRES = list_migrations("sqlite"), list_migrations("postgres")
SOMEBODY = "INSERT INTO members (telegram_user_id, created_at, seen_at) VALUES (77, 1, 1)"


#: What may hold a semicolon that ends nothing: bodies of functions, texts, comments.
_WHOLE = re.compile(r"\$\$.*?\$\$|'[^']*'|--[^\n]*|;", re.DOTALL)


def statements_of(step: Migration) -> list[str]:
    """Give a step's statements one by one, as its engine tells where one ends."""
    found, begun = [], 0
    for mark in _WHOLE.finditer(step.sql):
        text = step.sql[begun : mark.end()]
        if mark.group() == ";" and (step in POSTGRES or sqlite3.complete_statement(text)):
            found.append(text)
            begun = mark.end()
    assert step.sql[begun:].strip() == "", step.sql[begun:]
    return found


@pytest.fixture
def empty_url(postgres: Server) -> Iterator[str]:
    """Give the address of a database with nothing in it."""
    url = postgres.make_database(template="template0")
    yield url
    postgres.drop_database(url)


def test_both_histories_have_the_same_steps() -> None:
    """Proves that every step has its twin, under the same number and name."""
    assert [(m.version, m.name) for m in SQLITE] == [(m.version, m.name) for m in POSTGRES]


async def _goes_up(url: str, steps: list[Migration], begun: int) -> None:
    """Migrate a database at a step's schema, with somebody in it, and see what it became."""
    database = await Database.open(url)
    try:
        assert [m.version for m in await pending(database)] == [m.version for m in steps[begun:]]
        await migrate(database)
        assert await list_schema_differences(database) == []
        assert await migrate(database) == []
        async with database.read() as tx:
            found = await rows_of(tx, "SELECT count(*) FROM members WHERE telegram_user_id = 77")
        assert found[0][0] == (1 if begun else 0)
    finally:
        await database.close()


def _as_of(steps: list[Migration], begun: int) -> str:
    """Give the SQL of a database as it was when it had so many steps."""
    table = _TABLES["sqlite" if steps is SQLITE else "postgres"]
    notes = [f"INSERT INTO schema_migrations VALUES ({m.version}, '{m.name}', '{m.checksum}');" for m in steps[:begun]]  # noqa: S608
    somebody = [f"{SOMEBODY};"] if begun else []
    return "\n".join([table, *(m.sql for m in steps[:begun]), *notes, *somebody]) if begun else ""


@pytest.mark.parametrize("begun", range(len(SQLITE)))
async def test_up_from_every_step_on_sqlite(tmp_path: Path, begun: int) -> None:
    """Proves that a file of any earlier schema comes to this release's, and keeps its rows."""
    connection = sqlite3.connect(tmp_path / "bot.db")
    connection.executescript(_as_of(SQLITE, begun))
    connection.close()
    await _goes_up(f"sqlite:///{tmp_path / 'bot.db'}", SQLITE, begun)


@pytest.mark.parametrize("begun", range(len(POSTGRES)))
async def test_up_from_every_step_on_postgres(empty_url: str, begun: int) -> None:
    """Proves that a database of any earlier schema comes to this release's, and keeps its rows."""
    connection = await asyncpg.connect(empty_url)
    if begun:
        await connection.execute(_as_of(POSTGRES, begun))
    await connection.close()
    await _goes_up(empty_url, POSTGRES, begun)


async def test_cut_off_at_every_statement_on_sqlite(tmp_path: Path) -> None:
    """Proves that a file left by a kill at any statement of any step is at the step before, and goes up from there."""
    cuts = 0
    for begun, step in enumerate(SQLITE):
        whole = tmp_path / f"whole{begun}.db"
        connection = sqlite3.connect(whole, isolation_level=None)
        connection.executescript(f"PRAGMA journal_mode=wal; {_as_of(SQLITE, begun)}")
        connection.execute("BEGIN IMMEDIATE")
        for number, statement in enumerate(statements_of(step)):
            connection.execute(statement)
            if number % 20 and statement is not statements_of(step)[-1]:
                continue  # copying a file for each of a few hundred would take a minute
            left = tmp_path / "left.db"
            for tail in ("", "-wal", "-shm"):
                source = whole.with_name(whole.name + tail)
                target = left.with_name(left.name + tail)
                target.unlink(missing_ok=True)
                if source.exists():
                    shutil.copyfile(source, target)
            await _goes_up(f"sqlite:///{left}", SQLITE, begun)
            cuts += 1
        connection.execute("ROLLBACK")
        connection.close()
    assert cuts > len(SQLITE)


async def test_cut_off_at_every_statement_on_postgres(postgres: Server) -> None:
    """Proves that a connection lost at any statement of any step leaves the step before, and that it goes up then."""
    for begun, step in enumerate(POSTGRES):
        url = await asyncio.to_thread(postgres.make_database, template="template0")
        connection = await asyncpg.connect(url)
        if begun:
            await connection.execute(_as_of(POSTGRES, begun))
        tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        await connection.close()
        statements = statements_of(step)
        for cut in range(1, len(statements) + 1, max(1, len(statements) // 6)):
            connection = await asyncpg.connect(url)
            await connection.execute("BEGIN")
            await connection.execute("\n".join(statements[:cut]))
            connection.terminate()
            connection = await asyncpg.connect(url)
            left = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            assert left == tables, "the step before, whole"
            await connection.close()
        await _goes_up(url, POSTGRES, begun)
        await asyncio.to_thread(postgres.drop_database, url)


async def test_two_processes_that_migrate_at_once_leave_one_schema(empty_url: str) -> None:
    """Proves that processes which start on an empty database together all find it ready."""
    databases = [await Database.open(empty_url) for _ in range(3)]
    try:
        await asyncio.gather(*(migrate(database) for database in databases))
        assert await list_schema_differences(databases[0]) == []
    finally:
        for database in databases:
            await database.close()
