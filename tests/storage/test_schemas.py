"""The schemas of both engines, compared from their own catalogues: PostgreSQL behaves as SQLite does.

What triggers do beyond refusing is compared by what they leave behind: tests/storage/test_same_answers.py.
"""

import re
import sqlite3
from collections.abc import Iterator

import asyncpg
import pytest

from storage.migrate import list_migrations
from tests.postgres_server import Server, blocking
from tests.storage.catalogues import SAID_OTHERWISE, Facts, plain, postgres_facts, sqlite_facts

#: Tables from which nothing is taken away: only PostgreSQL has TRUNCATE, so only there is something to refuse.
KEPT = ("accounts", "deposits", "entries", "maturing", "seals", "transfers", "withdrawals")
STATEMENT = re.compile(r"(?:\$\$.*?\$\$|[^;])+;", re.DOTALL)

#: What is done to the schema on PostgreSQL, and the fact that has to be named then.
PLANTED = [
    ("ALTER TABLE lots ADD COLUMN extra bigint", "table lots"),
    ("ALTER TABLE flags DROP COLUMN at", "column flags.at"),
    ("ALTER TABLE dialogs RENAME TO monologues", "table dialogs"),
    ("ALTER TABLE lots ALTER fee DROP NOT NULL", "column lots.fee"),
    ("ALTER TABLE members ALTER seen_at SET DEFAULT 0", "column members.seen_at"),
    ("ALTER TABLE members ALTER language SET DEFAULT 'de'", "column members.language"),
    ("ALTER TABLE inbox ALTER attempts TYPE integer", "column inbox.attempts"),
    ('ALTER TABLE events ALTER kind TYPE text COLLATE "default"', "column events.kind"),
    ("ALTER TABLE audit_log ALTER id DROP IDENTITY", "column audit_log.id"),
    ("ALTER TABLE tick_slots DROP CONSTRAINT tick_slots_pkey, ADD PRIMARY KEY (slot, tick)", "primary key tick_slots"),
    ("ALTER TABLE submissions DROP CONSTRAINT submissions_assignment_id_round_key", "rule of submissions: UNIQUE"),
    ("ALTER TABLE lots DROP CONSTRAINT lots_check", "rule of lots: CHECK"),
    ("ALTER TABLE lots ADD CHECK (fee < 9)", "rule of lots: CHECK (fee < 9)"),
    ("ALTER TABLE lots ADD CONSTRAINT late CHECK (fee < 9) NOT VALID", "rule of lots: CHECK (fee < 9) NOT VALID"),
    ("ALTER TABLE transfers DROP CONSTRAINT transfers_debit_fkey", "foreign key transfers (debit)"),
    ("ALTER TABLE entries ALTER CONSTRAINT entries_id_fkey NOT DEFERRABLE", "foreign key entries (id)"),
    ("ALTER TABLE seals ALTER CONSTRAINT seals_entry_id_fkey DEFERRABLE INITIALLY DEFERRED", "foreign key seals"),
    (
        "ALTER TABLE lots DROP CONSTRAINT lots_job_id_fkey,"
        " ADD FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE CASCADE",
        "foreign key lots (job_id)",
    ),
    ("DROP INDEX jobs_reward", "index jobs_reward"),
    ("CREATE INDEX another ON members (country)", "index another"),
    (
        "DROP INDEX assignments_recent; CREATE INDEX assignments_recent ON assignments (worker_id, id)",
        "index assignments_recent",
    ),
    (
        "DROP INDEX dialogs_one_open; CREATE INDEX dialogs_one_open ON dialogs (member_id) WHERE open = 1",
        "index dialogs_one_open",
    ),
    (
        "DROP INDEX inbox_old; CREATE INDEX inbox_old ON inbox (received_at) WHERE status = 'answered'",
        "index inbox_old",
    ),
    (
        "DROP INDEX submissions_half; CREATE INDEX submissions_half ON submissions"
        " ((submitted_at + review_by_at / 2)) WHERE status = 'pending' AND reminded = 0",
        "index submissions_half",
    ),
    (
        "CREATE OR REPLACE VIEW takeable_jobs AS SELECT m.id AS member_id, j.id, j.category_id, j.title, j.reward,"
        " j.minutes, j.free_slots, j.published_at, j.listed FROM members m CROSS JOIN jobs j",
        "view takeable_jobs",
    ),
    ("DROP TRIGGER seals_chain ON seals", "trigger seals_chain"),
    ("DROP TRIGGER entries_truncate ON entries", "trigger entries_truncate"),
    ("ALTER TABLE seals DISABLE TRIGGER seals_chain", "trigger seals_chain calls"),
    (
        "DROP TRIGGER seals_stay ON seals; CREATE TRIGGER seals_stay AFTER DELETE ON seals"
        " FOR EACH ROW EXECUTE FUNCTION seals_stay()",
        "trigger seals_stay",
    ),
    (
        "DROP TRIGGER accounts_fixed ON accounts; CREATE TRIGGER accounts_fixed"
        " BEFORE UPDATE OF name, kind, member_id, job_id, currency ON accounts"
        " FOR EACH ROW EXECUTE FUNCTION accounts_fixed()",
        "trigger accounts_fixed",
    ),
    (
        "DROP TRIGGER maturing_once ON maturing; CREATE TRIGGER maturing_once BEFORE UPDATE ON maturing"
        " FOR EACH ROW WHEN (OLD.matured_entry_id IS NOT NULL) EXECUTE FUNCTION maturing_once()",
        "trigger maturing_once goes off",
    ),
    (
        "DROP TRIGGER seals_count ON seals; CREATE TRIGGER seals_count BEFORE INSERT ON seals"
        " FOR EACH ROW EXECUTE FUNCTION seals_fixed()",
        "trigger seals_count calls",
    ),
    (
        "CREATE OR REPLACE FUNCTION entries_stay() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        "trigger entries_stay says",
    ),
    ("UPDATE categories SET minimum_reward = 201 WHERE id = 'votes'", "row of categories: ('votes'"),
    ("INSERT INTO entry_moves VALUES ('deposit', 'external', 'fees')", "row of entry_moves: ('deposit'"),
    ("UPDATE flags SET value = 'EUR' WHERE name = 'currency'", "row of flags: ('currency', 'EUR'"),
]
#: The same for the schema on SQLite.
PLANTED_ON_SQLITE = [
    ("ALTER TABLE lots ADD COLUMN extra TEXT", "column lots.extra"),
    ("CREATE INDEX another ON members (country)", "index another"),
    ("DROP INDEX jobs_reward", "index jobs_reward"),
    ("DROP TRIGGER seals_chain", "trigger seals_chain"),
    (
        "CREATE TRIGGER another BEFORE DELETE ON jobs WHEN OLD.version > 1 BEGIN SELECT RAISE(ABORT, 'no'); END",
        "trigger another says: no on SQLite",
    ),
    ("DELETE FROM categories WHERE id = 'votes'", "row of categories: ('votes'"),
    ("CREATE TABLE another (id INTEGER PRIMARY KEY REFERENCES lots (id)) STRICT", "foreign key another (id)"),
]


@pytest.fixture(scope="module")
def url(postgres: Server) -> Iterator[str]:
    """Give a migrated database that no test changes for good."""
    url = postgres.make_database()
    yield url
    postgres.drop_database(url)


def read_sqlite(url: str, damage: str = "") -> Facts:
    """Give what PostgreSQL should be like, after some damage to SQLite's schema."""

    async def read() -> Facts:
        file = sqlite3.connect(":memory:")
        reader = await asyncpg.connect(url)
        try:
            for step in list_migrations("sqlite"):
                file.executescript(step.sql)
            file.executescript(damage)
            return await sqlite_facts(file, reader)
        finally:
            file.close()
            await reader.close()

    facts = blocking(read())
    for table in KEPT:
        facts[f"trigger {table}_truncate"] = f"BEFORE TRUNCATE ON {table} once a statement"
        facts[f"trigger {table}_truncate goes off"] = "always"
        facts[f"trigger {table}_truncate says"] = facts[f"trigger {table}_stay says"]
        facts[f"trigger {table}_truncate calls"] = f"{table}_stay"
    return facts


def read_postgres(url: str, damage: str = "") -> Facts:
    """Give what PostgreSQL is like, after some damage that is undone again."""

    async def read() -> Facts:
        connection = await asyncpg.connect(url)
        try:
            change = connection.transaction()
            await change.start()
            if damage:
                await connection.execute(damage)
            facts = await postgres_facts(connection)
            await change.rollback()
            return facts
        finally:
            await connection.close()

    return blocking(read())


@pytest.fixture(scope="module")
def expected(url: str) -> Facts:
    """Give what PostgreSQL should be like."""
    return read_sqlite(url)


def differences(expected: Facts, found: Facts) -> list[str]:
    """Name each fact that is another one on PostgreSQL."""
    return [
        f"{name}: {expected.get(name, '(nothing)')} on SQLite, {found.get(name, '(nothing)')} on PostgreSQL"
        for name in sorted(expected.keys() | found.keys())
        if expected.get(name) != found.get(name)
    ]


def test_both_engines_have_one_schema(url: str, expected: Facts) -> None:
    """Proves that tables, columns, keys, rules, indexes, views, triggers and first rows are the same on both."""
    assert differences(expected, read_postgres(url)) == []


def test_the_catalogues_are_read(expected: Facts) -> None:
    """Proves that the comparison is about all there is: as many facts as the migrations have statements."""
    history = "".join(step.sql for step in list_migrations("sqlite"))
    for statement, kind in (("TABLE", "table "), ("INDEX", "index "), ("VIEW", "view ")):
        written = history.count(f"CREATE {statement} ") + history.count(f"CREATE UNIQUE {statement} ")
        written -= history.count(f"DROP {statement} ")
        assert sum(fact.startswith(kind) for fact in expected) == written > 0, kind
    said = sum(fact.startswith("trigger ") and fact.endswith(" says") for fact in expected)
    assert said == history.count("CREATE TRIGGER ") + len(KEPT)
    assert sum(fact.startswith("rule of ") and "CHECK" in fact for fact in expected) == history.count("CHECK (") > 0
    assert sum(fact.startswith("foreign key ") for fact in expected) == history.count("REFERENCES ") > 0


@pytest.mark.parametrize("way", ["one script", "statement by statement", "in a schema of its own"])
def test_an_owner_of_an_empty_database_can_make_it(postgres: Server, expected: Facts, way: str) -> None:
    """Proves that the steps need no other rights, no extension and no certain schema, taken whole or in parts."""
    url = postgres.make_database(template="template0")

    async def make() -> None:
        connection = await asyncpg.connect(url)
        try:
            assert not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            if way == "in a schema of its own":
                await connection.execute("CREATE SCHEMA own; SET search_path = own, public")
            if way == "statement by statement":
                for step in list_migrations("postgres"):
                    for statement in STATEMENT.findall(plain(step.sql)):
                        await connection.execute(statement)
            else:
                async with connection.transaction():
                    await connection.execute("\n".join(step.sql for step in list_migrations("postgres")))
            assert differences(expected, await postgres_facts(connection)) == []
        finally:
            await connection.close()

    try:
        blocking(make())
    finally:
        postgres.drop_database(url)


def test_nothing_is_said_otherwise_without_need() -> None:
    """Proves that every exception of the comparison still stands in a migration."""
    history = "".join(step.sql for step in list_migrations("sqlite"))
    assert [words for words in SAID_OTHERWISE if words not in history] == []


@pytest.mark.parametrize(("damage", "named"), PLANTED, ids=[named for _, named in PLANTED])
def test_a_difference_names_itself(url: str, expected: Facts, damage: str, named: str) -> None:
    """Proves that the comparison is not blind: each planted difference is found, and said by name."""
    found = differences(expected, read_postgres(url, damage))
    assert any(difference.startswith(named) for difference in found), found


@pytest.mark.parametrize(("damage", "named"), PLANTED_ON_SQLITE, ids=[named for _, named in PLANTED_ON_SQLITE])
def test_a_difference_of_sqlite_names_itself(url: str, damage: str, named: str) -> None:
    """Proves that what only SQLite has, or lacks, is found as well."""
    found = differences(read_sqlite(url, damage), read_postgres(url))
    assert any(difference.startswith(named) for difference in found), found
