"""Which engine a test's databases are on: `--engine sqlite` (files) or `--engine postgres` (the run's own server).

Worlds and stages name a database by the file it would be; on PostgreSQL each such name is a database of its own.
"""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg

from storage.database import Database, Engine
from storage.rows import Row
from storage.unit import Tx

if TYPE_CHECKING:  # pytest loads it as a plugin first
    from tests.postgres_server import Server

#: Gives the rows of a statement with a value for each question mark.
Look = Callable[..., Awaitable[list[tuple[Any, ...]]]]

_chosen: Engine = "sqlite"
_server: "Server | None" = None
_urls: dict[Path, str] = {}


def choose(engine: Engine) -> None:
    """Choose the engine of this run."""
    global _chosen
    _chosen = engine


def chosen() -> Engine:
    """Give the engine of this run."""
    return _chosen


def is_postgres() -> bool:
    """Whether this run's databases are on PostgreSQL."""
    return _chosen == "postgres"


def use(server: "Server | None") -> None:
    """Make databases on this server from now on."""
    global _server
    _server = server


def url_of(file: Path) -> str:
    """Give the address of the database called by this file; on PostgreSQL it is made, migrated, when it is new."""
    if not is_postgres():
        return f"sqlite:///{file}"
    if file not in _urls:
        assert _server is not None, "the server of this run is started by tests/conftest.py"
        _urls[file] = _server.make_database()
    return _urls[file]


def admin_url_of(file: Path) -> str:
    """Give the superuser's address of the database called by this file, on PostgreSQL."""
    from tests.postgres_server import ADMIN

    url = url_of(file)
    assert _server is not None
    return _server.url(url.rpartition("/")[2], user=ADMIN)


def make_empty(file: Path) -> str:
    """Give the address of a database called by this file in which there is nothing, nor any schema of ours."""
    if is_postgres():
        assert _server is not None
        _urls[file] = _server.make_database(template="template0")
    return url_of(file)


def url_of_nothing(file: Path) -> str:
    """Give the address of a database that is not there."""
    if not is_postgres():
        return url_of(file)
    assert _server is not None
    return _server.url("nothing")


def copy(source: Path, target: Path) -> Path:
    """Copy the database called by one file to another one, whoever is connected to neither."""
    if is_postgres():
        assert _server is not None
        _urls[target] = _server.make_database(template=url_of(source).rpartition("/")[2])
    else:
        shutil.copyfile(source, target)
    return target


def made() -> set[Path]:
    """Give what the databases are called that there are on the server of this run."""
    return set(_urls)


def drop(file: Path) -> None:
    """Drop the database called by this file, whoever is still connected to it; a file stays where it is."""
    if is_postgres():
        assert _server is not None
        _server.drop_database(_urls.pop(file))


@asynccontextmanager
async def looking(file: Path) -> AsyncIterator[Look]:
    """Give what reads the database called by this file from outside, while its bot lives and dies."""
    if is_postgres():
        async with asyncpg.create_pool(url_of(file), min_size=1, max_size=2) as pool:
            yield lambda sql, *values: _fetch(pool, sql, values)
        return

    async def look(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as connection:
            return [tuple(row) for row in connection.execute(sql, values)]

    yield look


async def _fetch(pool: Any, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await pool.fetch(placed(sql), *values)]


def placed(sql: str) -> str:
    """Give a statement whose values stand where they do for PostgreSQL: $1 for the first question mark."""
    first, *rest = sql.split("?")
    return first + "".join(f"${n}{part}" for n, part in enumerate(rest, 1))


async def open_beside(database: Database) -> Database:
    """Open what another process on the same server would: connections of its own to the same data."""
    assert _server is not None
    async with database.read() as tx:
        (row,) = await tx.fetch("SELECT current_database() AS name")
    return await Database.open(_server.url(row["name"]))


async def rows(tx: Tx, sql: str, values: Sequence[Any] = ()) -> list[Row]:
    """Run one statement of a test's own, with a value for each question mark, on either engine."""
    parts = sql.split("?")
    assert len(parts) == len(values) + 1, sql
    named = "".join(f"{part}:v{n}" for n, part in enumerate(parts[:-1])) + parts[-1]
    return await tx.fetch(named, **{f"v{n}": value for n, value in enumerate(values)})
