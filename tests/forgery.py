"""Copies of a ledger, changed as somebody could who has the file, or the server."""

# ruff: noqa: S608 - the tables and columns are the tests' own

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg

from storage.postgres import translate
from storage.rows import Row
from tests import engines
from tests.postgres_server import blocking

#: What refuses a value, on either engine.
REFUSALS = (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError, asyncpg.DataError)

_NO_GUARDS = """
DO $$
DECLARE
    one text;
BEGIN
    FOR one IN
        SELECT format('DROP TRIGGER %I ON %s', t.tgname, CAST(t.tgrelid AS regclass))
        FROM pg_trigger t WHERE NOT t.tgisinternal
        UNION ALL
        SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', CAST(k.conrelid AS regclass), k.conname)
        FROM pg_constraint k WHERE k.contype = 'c' AND k.connamespace = CAST('public' AS regnamespace)
        UNION ALL
        SELECT format('DROP INDEX %s', CAST(i.indexrelid AS regclass))
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indisunique AND c.relnamespace = CAST('public' AS regnamespace)
          AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)
    LOOP
        EXECUTE one;
    END LOOP;
END $$
"""


def corrupt(path: Path, *statements: str, values: Mapping[str, Any] | None = None) -> None:
    """Change the rows: no triggers, no checks, no foreign keys, no unique indexes, now and from now on."""
    if engines.is_postgres():
        _run(path, ["SET session_replication_role = replica", _NO_GUARDS], statements, values)
        return
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        guards = "type = 'trigger' OR (type = 'index' AND sql LIKE 'CREATE UNIQUE%')"
        for name, kind in connection.execute(f"SELECT name, type FROM sqlite_master WHERE {guards}").fetchall():
            connection.execute(f"DROP {kind} {name}")
        for statement in statements:
            connection.execute(statement, values or {})


def forge(path: Path, *statements: str) -> None:
    """Change the rows behind the back of the triggers; afterwards all guards stand as before."""
    if engines.is_postgres():
        _run(path, ["SET session_replication_role = replica"], statements, None)
        return
    with closing(sqlite3.connect(path)) as connection, connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in triggers:
            connection.execute(sql)


def execute(path: Path, *statements: str) -> None:
    """Run statements as they are."""
    if engines.is_postgres():
        _run(path, [], statements, None)
        return
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def read(path: Path, sql: str) -> list[Row]:
    """Read rows, whose columns have names."""
    if engines.is_postgres():
        rows: list[Row] = _connected(path, lambda connection: connection.fetch(sql))
        return rows
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(sql).fetchall()


def key_of(path: Path, table: str) -> str:
    """Give the column that is a table's key."""
    if engines.is_postgres():
        sql = (
            "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
            f" WHERE i.indisprimary AND i.indrelid = CAST('{table}' AS regclass)"
        )
    else:
        sql = f"SELECT name FROM pragma_table_info('{table}') WHERE pk"
    return str(read(path, sql)[0][0])


def _run(path: Path, first: list[str], statements: tuple[str, ...], values: Mapping[str, Any] | None) -> None:
    async def run(connection: asyncpg.Connection) -> None:
        for statement in first:
            await connection.execute(statement)
        for statement in statements:
            read = translate(statement)
            await connection.execute(read.sql, *((values or {})[name] for name in read.names))

    _connected(path, run)


def _connected(path: Path, work: Callable[[asyncpg.Connection], Any]) -> Any:
    """Work on a connection of the superuser's."""

    async def connected() -> Any:
        connection = await asyncpg.connect(engines.admin_url_of(path))
        try:
            return await work(connection)
        finally:
            await connection.close()

    return blocking(connected())
