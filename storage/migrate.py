"""Bring a database to this release's schema: numbered steps, each applied once, each in one transaction.

0003_ledger.sql             the step on SQLite
0003_ledger.postgres.sql    the same step on PostgreSQL; tests/storage/test_schemas.py compares what they make
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from storage import sqlite
from storage.database import Database, Engine
from storage.errors import CommitFailed, DatabaseError
from storage.fingerprint import read_schema

NAMED = 5  # differences of a schema told in one line
FOLDER = Path(__file__).parent / "migrations"

_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version  INTEGER PRIMARY KEY,
    name     TEXT NOT NULL,
    checksum TEXT NOT NULL
)%s;
"""
_TABLES: dict[Engine, str] = {"sqlite": _TABLE % " STRICT", "postgres": _TABLE % ""}
_SUFFIXES: dict[Engine, str] = {"sqlite": ".sql", "postgres": ".postgres.sql"}


class SchemaMismatch(Exception):
    """The database was made by another release or program, or a migration was edited after it ran."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step of the schema's history."""

    version: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """Give the SHA-256 of the step's text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def list_migrations(engine: Engine = "sqlite", folder: Path = FOLDER) -> list[Migration]:
    """List the steps this release knows for an engine, in order."""
    found = []
    for file in sorted(folder.glob("[0-9]*.sql")):
        stem, _, rest = file.name.partition(".")
        if f".{rest}" != _SUFFIXES[engine]:
            continue
        number, _, name = stem.partition("_")
        found.append(Migration(int(number), name, file.read_text(encoding="utf-8")))
    assert [m.version for m in found] == list(range(1, len(found) + 1)), "migrations are numbered without a gap"
    return found


async def applied_versions(database: Database) -> dict[int, str]:
    """Give the versions already applied with their checksums; empty for a new file.

    Raises:
        SchemaMismatch: the file holds tables that no step of ours made.
    """
    names = await database.list_tables()
    if not names:
        return {}
    if sqlite.OUR_TABLE not in names:
        raise SchemaMismatch("this is the database of another program")
    async with database.read() as tx:
        rows = await tx.fetch("SELECT version, checksum FROM schema_migrations")
        return {row["version"]: row["checksum"] for row in rows}


async def pending(database: Database) -> list[Migration]:
    """List the steps still to be applied.

    Raises:
        SchemaMismatch: it is another program's, knows a step this release doesn't, or a step's text changed.
    """
    applied = await applied_versions(database)
    known = {m.version: m for m in list_migrations(database.engine)}
    for version, checksum in sorted(applied.items()):
        if version not in known:
            raise SchemaMismatch(f"the database has schema step {version}, which this release does not know")
        if known[version].checksum != checksum:
            raise SchemaMismatch(f"schema step {version} differs from the one this database was made with")
    return [m for m in known.values() if m.version not in applied]


async def migrate(database: Database) -> list[Migration]:
    """Apply what is pending, each step with its record in one transaction, and say what was applied."""
    steps = await pending(database)
    for step in steps:
        record = f"INSERT INTO schema_migrations VALUES ({step.version}, '{step.name}', '{step.checksum}');"  # noqa: S608 - our own file names
        try:
            await database.script(f"{_TABLES[database.engine]}\n{step.sql}\n{record}")
        except (DatabaseError, CommitFailed):
            if step.version not in await applied_versions(database):
                raise  # else another process was faster: it had the lock of the schema before us
    return steps


async def list_schema_differences(database: Database) -> list[str]:
    """Name what differs from the schema that the steps applied to this database make; empty when nothing does."""
    applied = await applied_versions(database)
    steps = [step.sql for step in list_migrations(database.engine) if step.version in applied]
    expected = await database.scratch_schema([_TABLES[database.engine], *steps])
    async with database.read() as tx:
        found = await read_schema(tx)
    return [
        f"{kind} {name} is {'missing' if found.get((kind, name)) is None else 'not ours' if sql is None else 'changed'}"
        for (kind, name), sql in sorted({**dict.fromkeys(found), **expected}.items())
        if found.get((kind, name)) != sql
    ]


async def check_schema(database: Database) -> None:
    """Compare the schema with the one this release's steps make: constraints and triggers hold the money rules.

    Raises:
        SchemaMismatch: a table, index or trigger was changed, or a connection's settings did not take.
    """
    differences = await list_schema_differences(database)
    if differences:
        named = ", ".join(differences[:NAMED]) + (", …" if len(differences) > NAMED else "")
        raise SchemaMismatch(f"the schema is not the one this release made ({named})")
    problem = await database.durability_problem()
    if problem is not None:
        raise SchemaMismatch(problem)
