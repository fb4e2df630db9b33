"""Which engine a test's databases are on: `--engine sqlite` (files) or `--engine postgres` (the run's own server).

Worlds and stages name a database by the file it would be; on PostgreSQL each such name is a database of its own.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storage.database import Database, Engine
from storage.rows import Row
from storage.unit import Tx

if TYPE_CHECKING:  # pytest loads it as a plugin first
    from tests.postgres_server import Server

_chosen: Engine = "sqlite"
_server: "Server | None" = None
_urls: dict[Path, str] = {}


def choose(engine: Engine) -> None:
    """Choose the engine of this run."""
    global _chosen
    _chosen = engine


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
