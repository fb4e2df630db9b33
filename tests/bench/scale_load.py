"""The marketplace of `scale_rows` brought into a database of either engine, and what it weighs there.

Rows are copied with the triggers and foreign keys off: millions of rows through them would take hours. Every other rule
of the tables stays on, the counters that triggers keep are counted afresh, and afterwards the bot's own `verify` adds
the ledger up, follows every reference and compares the schema.
"""

import io
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import asyncpg

from bot.verify import verify
from storage.database import Database
from storage.migrate import migrate
from tests.bench.scale_rows import COLUMNS, rows

Say = Callable[[str], None]
_COUNTERS = """
DELETE FROM open_jobs;
INSERT INTO open_jobs (category_id, jobs)
SELECT id, (SELECT count(*) FROM jobs WHERE category_id = c.id AND status = 'open' AND free_slots > 0)
FROM categories c;
DELETE FROM employer_figures;
INSERT INTO employer_figures (employer_id, approved, rejected, waiting)
SELECT j.employer_id, sum(CASE WHEN s.status = 'approved' THEN 1 ELSE 0 END),
       sum(CASE WHEN s.status = 'rejected' THEN 1 ELSE 0 END), sum(CASE WHEN s.status = 'pending' THEN 1 ELSE 0 END)
FROM submissions s JOIN jobs j ON j.id = s.job_id GROUP BY j.employer_id;
"""


class NotSound(Exception):
    """`verify` found differences in what was made: figures from it would mean nothing."""


async def fill_postgres(url: str, *, members: int, now: datetime) -> None:
    """Migrate an empty database and fill it; the address is a superuser's, who alone may switch the guards off."""
    await _migrate(url)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        for table, batch in rows(members, now):
            await connection.copy_records_to_table(table, records=batch, columns=COLUMNS[table].split())
        await connection.execute(_COUNTERS)
        sequences = await connection.fetch(
            "SELECT table_name AS name, pg_get_serial_sequence(table_name, column_name) AS sequence"
            " FROM information_schema.columns WHERE table_schema = 'public' AND is_identity = 'YES'"
        )
        for row in sequences:
            await connection.execute(
                f"SELECT setval('{row['sequence']}', coalesce(max(id), 0) + 1, false) FROM {row['name']}"  # noqa: S608 - ours
            )
        await connection.execute("RESET session_replication_role")
        await connection.execute("VACUUM (ANALYZE)", timeout=None)
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def fill_sqlite(path: Path, *, members: int, now: datetime) -> None:
    """Make a file and fill it."""
    await _migrate(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -1000000"):
            connection.execute(f"PRAGMA {pragma}")
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid")
        kept = triggers.fetchall()
        for name, _ in kept:
            connection.execute(f"DROP TRIGGER {name}")
        for table, batch in rows(members, now):
            columns = COLUMNS[table].split()
            places = ", ".join("?" * len(columns))
            insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - our own names
            connection.executemany(insert, batch)
        connection.executescript(_COUNTERS)
        for _, sql in kept:
            connection.execute(sql)
    connection.close()


async def _migrate(url: str) -> None:
    database = await Database.open(url)
    try:
        await migrate(database)
    finally:
        await database.close()


async def expect_sound(database: Database) -> None:
    """Let the bot's own verify look at everything.

    Raises:
        NotSound: it found something.
    """
    out = io.StringIO()
    if await verify(database, out) != 0:
        raise NotSound(out.getvalue())
