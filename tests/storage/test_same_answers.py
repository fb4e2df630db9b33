"""The same story and the same questions on both engines: the same rows, value by value."""

import asyncio
import os
import random
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from storage.database import Database
from storage.migrate import migrate
from storage.postgres_database import PostgresDatabase
from storage.rows import to_ms
from storage.sqlite_database import SqliteDatabase
from storage.unit import Tx
from tests.conftest import NOW
from tests.postgres_server import Server
from tests.storage.answers import plain, read_pools
from tests.storage.named import SHARED, Named, read_queries
from tests.storage.story import Story

Record = Callable[[str, object], None]
WRITES = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM)\b")
#: Asked of each engine's own catalogue.
ABOUT_THE_ENGINE = {"audit_list_schema", "bulk_list_columns"}
#: Which row they give does not matter and is not said: only whether there is one.
ANY_ROW = {"find_own_use", "find_own_use_by_hash"}

#: What somebody could do who has the database, so that every question of the auditor has an answer.
DAMAGE = (
    "UPDATE accounts SET credits = credits + 5 WHERE name = 'platform:fees'",
    "UPDATE accounts SET debits = credits + 1 WHERE name = (SELECT min(name) FROM accounts WHERE kind = 'available')",
    "UPDATE accounts SET member_id = 7 WHERE name = (SELECT max(name) FROM accounts WHERE kind = 'funds')",
    "UPDATE accounts SET credits = credits + 1 WHERE name = (SELECT min(name) FROM accounts WHERE kind = 'held')",
    "INSERT INTO accounts (name, kind, currency, credits) VALUES ('job:12abc:escrow', 'escrow', 'EUR', 5),"
    " ('job::escrow', 'escrow', 'EUR', 6), ('JOB:1:escrow', 'escrow', 'EUR', 7), ('job:3:Escrow', 'escrow', 'EUR', 8),"
    " ('job:99999999999999999999:escrow', 'escrow', 'EUR', 9),"
    " ('a', 'fees', 'X', 0)",
    "INSERT INTO accounts (name, kind, currency, debits) VALUES ('External:x', 'external', 'EUR', 5)",
    "UPDATE entries SET assignment_id = (SELECT min(assignment_id) FROM entries) WHERE id IN"
    " (SELECT max(id) FROM entries WHERE kind = 'reward_paid')",
    "UPDATE entries SET matures_entry_id = (SELECT min(matures_entry_id) FROM entries) WHERE kind = 'reward_matured'",
    "UPDATE entries SET kind = 'deposit' WHERE id = (SELECT max(id) FROM entries WHERE kind = 'withdrawal_held')",
    "DELETE FROM entries WHERE id = 6",
    "UPDATE lots SET slots = slots + 1 WHERE id IN (1, 40)",
    "UPDATE lots SET taken = taken + 1 WHERE id IN (2, 41)",
    "UPDATE jobs SET free_slots = free_slots + 1 WHERE id = 3",
    "UPDATE jobs SET employer_id = (SELECT min(worker_id) FROM assignments WHERE job_id = jobs.id) WHERE id = 30",
    "UPDATE assignments SET worker_id = 5, status = 'submitted' WHERE job_id = 38",
    "UPDATE deposits SET reference = 'same' WHERE status = 'confirmed'",
    "UPDATE deposits SET amount = amount * 2 WHERE id = 1",
    "UPDATE deposits SET member_id = 777 WHERE id = 2",
    "UPDATE withdrawals SET amount = amount + 1 WHERE id = 1",
    "UPDATE withdrawals SET status = 'requested' WHERE id = 3",
    "UPDATE withdrawals SET member_id = 777 WHERE id = 4",
    "UPDATE withdrawals SET reference = 'Same', way = 'paypal'",
    "UPDATE transfers SET credit_balance = credit_balance + 1 WHERE id IN (3, 60)",
    "UPDATE transfers SET amount = 0 WHERE id = 9",
    "UPDATE transfers SET credit = 'nobody' WHERE id = 62",
    "UPDATE transfers SET debit = 'Clearing:paypal' WHERE debit = 'clearing:paypal'",
    "UPDATE maturing SET amount = amount + 1 WHERE matured_entry_id IS NULL",
    "DELETE FROM events WHERE kind = 'withdrawal_requested'",
    "DELETE FROM seals WHERE entry_id = 7",
)


@dataclass(frozen=True, slots=True)
class Told:
    """Where the story was told twice, until when, and what names the queries had that were run for it."""

    file: Path
    url: str
    now_ms: int
    used: frozenset[str]


class Noting:
    """The named queries, noting which are used."""

    def __init__(self, queries: Any) -> None:
        self._queries = queries
        self.used: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.used.add(name)
        return getattr(self._queries, name)


async def _tell(database: Database) -> tuple[int, frozenset[str]]:
    noting = Noting(database.queries)
    database.queries = noting
    try:
        await migrate(database)
        story = Story(database, NOW)
        await story.tell()
        return to_ms(story.now), frozenset(noting.used)
    finally:
        await database.close()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, postgres: Server) -> Iterator[Told]:
    """Tell the story on both engines, once for all tests of this file."""
    file, url = tmp_path_factory.mktemp("story") / "bot.db", postgres.make_database()

    async def tell() -> tuple[int, frozenset[str]]:
        await _tell(await PostgresDatabase.connect(url))
        return await _tell(await SqliteDatabase.connect(file))

    with asyncio.Runner() as runner:
        now_ms, used = runner.run(tell())
    yield Told(file, url, now_ms, used)
    postgres.drop_database(url)


@pytest.fixture
def damaged(told: Told, postgres: Server, tmp_path: Path) -> Iterator[Told]:
    """Give copies of both databases after the same damage: no rule was asked."""
    file = Path(shutil.copy(told.file, tmp_path / "bot.db"))
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA ignore_check_constraints=ON")
    rules = "SELECT type, name FROM sqlite_master WHERE type = 'trigger' OR sql LIKE 'CREATE UNIQUE INDEX%'"
    for kind, name in connection.execute(rules).fetchall():
        connection.execute(f"DROP {kind} {name}")
    for statement in DAMAGE:
        connection.execute(statement)
    connection.close()

    url = postgres.make_database(template=told.url.rpartition("/")[2])
    name = url.rpartition("/")[2]
    postgres.execute(f"ALTER DATABASE {name} SET session_replication_role = replica")
    for rule in postgres.execute(
        "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS sql FROM pg_constraint"
        " WHERE contype = 'c' AND conrelid <> 0 AND connamespace = current_schema()::regnamespace UNION ALL"
        " SELECT format('DROP INDEX %s', indexrelid::regclass) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indisunique AND c.relnamespace = current_schema()::regnamespace"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid)",
        database=name,
    ):
        postgres.execute(rule["sql"], database=name)
    for statement in DAMAGE:
        postgres.execute(statement, database=name)
    yield Told(file, url, told.now_ms, told.used)
    postgres.drop_database(url)


@asynccontextmanager
async def both(told: Told) -> AsyncIterator[tuple[Tx, Tx]]:
    """Look at both engines' data."""
    sqlite, postgres = await SqliteDatabase.connect(told.file), await PostgresDatabase.connect(told.url)
    try:
        async with sqlite.read() as one, postgres.read() as other:
            yield one, other
    finally:
        await sqlite.close()
        await postgres.close()


def reads() -> list[Named]:
    """Give the queries that both engines answer and that change nothing."""
    return [q for q in read_queries(SHARED) if not WRITES.search(q.sql) and q.name not in ABOUT_THE_ENGINE]


@dataclass(slots=True)
class Comparison:
    """What came of asking both engines the same."""

    chance: random.Random
    asked: int = 0
    differing: dict[str, Any] = field(default_factory=dict)
    spoke: set[str] = field(default_factory=set)

    async def ask(self, told: Told, queries: list[Named]) -> None:
        """Ask both engines each query with every set of parameters drawn for it."""
        async with both(told) as (sqlite, postgres):
            pools = await read_pools(sqlite, now_ms=told.now_ms)
            for query in queries:
                for params in pools.draw(query, self.chance):
                    self.asked += 1
                    one = plain(query, await sqlite.all(query.name, **params))
                    other = plain(query, await postgres.all(query.name, **params))
                    if any(value not in (None, 0) for row in one for _, value in row):
                        self.spoke.add(query.name)
                    if len(one) != len(other) if query.name in ANY_ROW else repr(one) != repr(other):
                        self.differing[query.name] = params, one[:3], other[:3]
                        break


@pytest.fixture
def comparison(record_property: Record) -> Iterator[Comparison]:
    """Give a comparison whose seed is told."""
    seed = int(os.environ.get("SEED", random.randrange(2**32)))
    made = Comparison(random.Random(seed))
    yield made
    record_property("figure", f"{made.asked} questions asked twice, seed {seed}")


async def test_the_story_leaves_the_same_rows(told: Told) -> None:
    """Proves that every table has the same rows whichever engine the services and its triggers worked on."""
    differing = {}
    async with both(told) as (sqlite, postgres):
        tables = await sqlite.fetch("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        for name in (row["name"] for row in tables if row["name"] != "schema_migrations"):
            whole = Named(name, "SELECT", f"SELECT * FROM {name}", "")  # noqa: S608
            one, other = plain(whole, await sqlite.fetch(whole.sql)), plain(whole, await postgres.fetch(whole.sql))
            if repr(one) != repr(other):
                differing[name] = [r for r in one if r not in other][:3], [r for r in other if r not in one][:3]
    assert differing == {}


def test_the_story_runs_every_write(told: Told) -> None:
    """Proves that no query that writes is left out of the story that is told on both engines."""
    writes = {query.name for query in read_queries(SHARED) if WRITES.search(query.sql)}
    assert writes - told.used == set()


async def test_every_read_gives_the_same_rows(told: Told, comparison: Comparison) -> None:
    """Proves that each query that reads answers alike on both engines, and that each had something to answer."""
    queries = reads()
    await comparison.ask(told, queries)
    assert comparison.differing == {}
    assert {query.name for query in queries if not query.name.startswith("audit_")} - comparison.spoke == set()


async def test_every_audit_finds_the_same_damage(damaged: Told, comparison: Comparison) -> None:
    """Proves that the auditor's questions find the same on both engines, and that each of them found something."""
    queries = [query for query in reads() if query.name.startswith("audit_")]
    await comparison.ask(damaged, queries)
    assert comparison.differing == {}
    assert {query.name for query in queries} - comparison.spoke == set()
