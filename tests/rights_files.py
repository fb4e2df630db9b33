"""The rows of a marketplace beside the bot that serves it: looked at, planted, and put back as they were at first.

`Files.snapshot` gives every row that business is about, so that "no effect" means "the same rows".
"""

import asyncio
import json
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import asyncpg

from storage.rows import to_ms
from tests import engines

#: Everything business is about. Not here: where people stand in a conversation, messages owed, the inbox.
TABLES = (
    "members",
    "categories",
    "jobs",
    "lots",
    "assignments",
    "submissions",
    "proofs",
    "approve_orders",
    "subscriptions",
    "deposits",
    "withdrawals",
    "accounts",
    "entries",
    "transfers",
    "seals",
    "maturing",
    "flags",
    "audit_log",
    "events",
)

Rows = dict[tuple[str, Any], tuple[Any, ...]]


class Files(ABC):
    """A connection of the test's own that looks at the rows, sets dialogs, and puts the first state back."""

    def __init__(self, *, operator: int) -> None:
        self._operator = operator

    @staticmethod
    async def open(path: Path, *, operator: int) -> "Files":
        """Connect to the database called by this file; as it is now is its first state."""
        if engines.is_postgres():
            return await PostgresFiles.connect(engines.admin_url_of(path), operator=operator)
        return SqliteFiles(path, operator=operator)

    @abstractmethod
    async def close(self) -> None:
        """Let the database go."""

    @abstractmethod
    async def restore(self) -> None:
        """Put the first state back, whatever was done since."""

    @abstractmethod
    async def execute(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement, with a value for each question mark."""

    @abstractmethod
    async def snapshot(self) -> Rows:
        """Give every row that business is about."""

    async def stand(
        self, member_id: int, conversation: str, state: str, draft: Mapping[str, Any], at: datetime
    ) -> None:
        """Let a member stand in a conversation and in no other."""
        kept, until = json.dumps({"draft": draft, "answered": {}}), to_ms(at + timedelta(hours=1))
        standing = "DELETE FROM dialogs WHERE member_id = ? AND (open = 1 OR conversation = ?)"
        await self.execute(standing, member_id, conversation)
        row = (member_id, conversation, state, kept, until)
        await self.execute("INSERT INTO dialogs VALUES (?, ?, ?, ?, 1, ?)", *row)

    def _business(self, table: str, rows: Iterable[tuple[Any, ...]]) -> Rows:
        found: Rows = {}
        for row in rows:
            if table == "audit_log" and row[1:3] == (self._operator, "destination_revealed"):
                continue  # an operator looked, which is noted and changes nothing; anybody else's look is an effect
            # Of a member not their name as Telegram gives it, whether they can be reached, and when they were seen.
            found[table, row[0]] = (row[:2], row[3:8], row[9:12]) if table == "members" else row
        return found


class SqliteFiles(Files):
    """Works in a thread: the bot may be writing, and its next step needs the loop."""

    def __init__(self, path: Path, *, operator: int) -> None:
        super().__init__(operator=operator)
        self._at = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._at.execute("PRAGMA synchronous=OFF")
        self._first = sqlite3.connect(":memory:", check_same_thread=False)
        self._at.backup(self._first)

    async def close(self) -> None:
        """Close both connections."""
        self._at.close()
        self._first.close()

    async def restore(self) -> None:
        """Copy the first state over the file."""
        await asyncio.to_thread(self._first.backup, self._at)

    async def execute(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement."""
        return await asyncio.to_thread(lambda: self._at.execute(sql, values).fetchall())

    async def snapshot(self) -> Rows:
        """Read all tables."""
        return await asyncio.to_thread(self._read)

    def _read(self) -> Rows:
        found: Rows = {}
        for table in TABLES:
            found |= self._business(table, self._at.execute(f"SELECT * FROM {table}"))  # noqa: S608
        return found


#: The first state is kept in a schema of its own. What was written since has a newer transaction than all that was
#: there: so a table that is as it was is known without reading it through, and of the others only those rows are
#: written. Signs of life are left alone: the processes that give them live on.
_KEEP = """
CREATE SCHEMA saved;
CREATE TABLE saved.tables AS
SELECT c.relname AS name, CAST(0 AS bigint) AS kept, CAST(0 AS bigint) AS newest,
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
       (SELECT string_agg(format('p.%1$I = s.%1$I', a.attname), ' AND ') FROM pg_index i
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
        WHERE i.indrelid = c.oid AND i.indisprimary) AS same
FROM pg_class c
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname NOT IN ('replicas', 'send_slots');

CREATE FUNCTION saved.mark(name text, OUT kept bigint, OUT newest bigint) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT count(*), coalesce(max(xmin::text::bigint), 0) FROM public.%I', name) INTO kept, newest;
END $$;

CREATE FUNCTION saved.restore() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$
DECLARE
    t saved.tables;
    now_kept bigint;
    now_newest bigint;
BEGIN
    FOR t IN SELECT * FROM saved.tables LOOP
        SELECT m.kept, m.newest INTO now_kept, now_newest FROM saved.mark(t.name) m;
        CONTINUE WHEN now_kept = t.kept AND now_newest = t.newest;
        EXECUTE format('DELETE FROM public.%I WHERE xmin::text::bigint > %s', t.name, t.newest);
        EXECUTE format('INSERT INTO public.%1$I (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM saved.%1$I s'
                       ' WHERE NOT EXISTS (SELECT 1 FROM public.%1$I p WHERE %3$s)', t.name, t.columns, t.same);
        UPDATE saved.tables k SET (kept, newest) = (SELECT m.kept, m.newest FROM saved.mark(t.name) m)
        WHERE k.name = t.name;
    END LOOP;
    PERFORM setval(s.name, s.last_value, s.is_called) FROM saved.sequences s;
END $$;

CREATE TABLE saved.sequences (name regclass, last_value bigint, is_called boolean);
DO $$
DECLARE
    t saved.tables;
    s regclass;
BEGIN
    FOR t IN SELECT * FROM saved.tables LOOP
        EXECUTE format('CREATE TABLE saved.%1$I AS SELECT %2$s FROM public.%1$I', t.name, t.columns);
        UPDATE saved.tables k SET (kept, newest) = (SELECT m.kept, m.newest FROM saved.mark(t.name) m)
        WHERE k.name = t.name;
    END LOOP;
    FOR s IN SELECT c.oid FROM pg_class c
             JOIN pg_depend d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'i'
             WHERE c.relkind = 'S' AND d.refobjid IN (SELECT format('public.%I', k.name)::regclass FROM saved.tables k)
    LOOP
        EXECUTE format('INSERT INTO saved.sequences SELECT %L, last_value, is_called FROM %s', s, s);
    END LOOP;
END $$;
"""


class PostgresFiles(Files):
    """Works as the server's superuser, with the triggers off where it puts rows back."""

    def __init__(self, at: asyncpg.Connection, *, operator: int) -> None:
        super().__init__(operator=operator)
        self._at = at
        self._read: dict[str, tuple[tuple[int, int], Rows]] = {}  # by table, with the mark it had
        self._marks = "SELECT " + ", ".join(f"saved.mark('{table}')" for table in TABLES)

    @classmethod
    async def connect(cls, url: str, *, operator: int) -> "PostgresFiles":
        """Connect, and keep the first state."""
        at = await asyncpg.connect(url)
        await at.execute(_KEEP)
        return cls(at, operator=operator)

    async def close(self) -> None:
        """Close the connection, and forget the first state."""
        await self._at.execute("DROP SCHEMA saved CASCADE")
        await self._at.close()

    async def restore(self) -> None:
        """Put back what changed, in one round trip."""
        await self._at.execute("SELECT saved.restore()")

    async def execute(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement."""
        sayable = [value.replace("\x00", "\ufffd") if isinstance(value, str) else value for value in values]
        return [tuple(row) for row in await self._at.fetch(engines.placed(sql), *sayable)]

    async def snapshot(self) -> Rows:
        """Read the tables that changed since they were read last."""
        marks = await self._at.fetchrow(self._marks)
        assert marks is not None
        found: Rows = {}
        for table, row in zip(TABLES, marks, strict=True):
            mark = cast(tuple[int, int], tuple(row))
            if table not in self._read or self._read[table][0] != mark:
                rows = await self._at.fetch(f"SELECT * FROM {table}")  # noqa: S608
                self._read[table] = mark, self._business(table, map(tuple, rows))
            found |= self._read[table][1]
        return found


def changes(before: Rows, after: Rows) -> set[tuple[str, Any]]:
    """Give the keys of the rows that are not the same."""
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
