"""Every named query as both engines understand it: compiled by SQLite, prepared by a real PostgreSQL."""

import asyncio
import re
import sqlite3

import asyncpg
import pytest

from storage.migrate import list_migrations, list_schema_differences
from storage.postgres import translate
from storage.postgres_database import PostgresDatabase
from tests.postgres_server import Server
from tests.storage.named import OWN, SHARED, queries_of_postgres, read_queries

#: Queries of PostgreSQL that take other parameters than their twin, and why.
OTHER_PARAMETERS = {
    "insert_arrivals": "three arrays instead of JSON: the server's JSON refuses texts that Telegram's may hold",
}
#: Files that only PostgreSQL has, and why.
ONLY_ON_POSTGRES = {
    "replicas.sql": "the embedded engine serves one process",
    "rules.sql": "the embedded engine's foreign keys are switched off, and its numbers need no setting",
}
#: What asyncpg is given: whole numbers, texts, JSON as text, and lists of them. No int4: an id would not fit for ever.
PARAMETER_TYPES = {"int8", "text", "json", "int8[]", "text[]"}
#: What comes back: also sums (numeric, read as int), literals (int4) and answers (bool, which equals 0 or 1).
RESULT_TYPES = {"int8", "text", "numeric", "int4", "bool"}


def test_every_name_is_given_once() -> None:
    """Proves that no query of an engine is hidden by another one of the same name."""
    for folder in (SHARED, OWN):
        names = [query.name for query in read_queries(folder)]
        assert sorted(set(names)) == sorted(names), folder


def test_sqlite_compiles_every_shared_query() -> None:
    """Proves that each shared query fits the embedded engine's schema."""
    connection = sqlite3.connect(":memory:")
    for step in list_migrations("sqlite"):
        connection.executescript(step.sql)
    failures = {}
    for query in read_queries(SHARED):
        try:
            connection.execute(f"EXPLAIN {query.sql}", dict.fromkeys(query.parameters))
        except sqlite3.Error as error:
            failures[query.name] = str(error)
    connection.close()
    assert failures == {}


async def test_postgres_prepares_every_query(postgres_url: str) -> None:
    """Proves that the server knows what each query means, and that no number in or out of it is a short one."""
    connection = await asyncpg.connect(postgres_url)
    failures = {}
    try:
        for query in queries_of_postgres():
            statement = translate(query.sql)
            try:
                prepared = await connection.prepare(statement.sql)
            except asyncpg.PostgresError as error:
                failures[query.name] = str(error)
                continue
            types = zip(statement.names, (one.name for one in prepared.get_parameters()), strict=True)
            columns = [(column.name, column.type.name) for column in prepared.get_attributes()]
            names = [name for name, _ in columns]
            odd = [f":{name} is {kind}" for name, kind in types if kind not in PARAMETER_TYPES]
            odd += [f"{name} is {kind}" for name, kind in columns if kind not in RESULT_TYPES]
            odd += [f"{name} comes twice" for name in names if names.count(name) > 1]
            if odd:
                failures[query.name] = "; ".join(odd)
    finally:
        await connection.close()
    assert failures == {}


def test_own_words_of_postgres_stand_for_a_shared_query() -> None:
    """Proves that a query of PostgreSQL's own is called as the shared one it stands for, file for file."""
    shared = {query.name: query for query in read_queries(SHARED)}
    differing = {}
    for query in read_queries(OWN):
        twin = shared.get(query.name)
        if query.file in ONLY_ON_POSTGRES:
            if twin is not None:
                differing[query.name] = f"is also in {twin.file}"
        elif twin is None or twin.file != query.file:
            differing[query.name] = "stands for nothing in the file of its name"
        elif twin.call != query.call:
            differing[query.name] = f"is a {query.call}, not a {twin.call}"
        elif set(twin.parameters) != set(query.parameters) and query.name not in OTHER_PARAMETERS:
            differing[query.name] = f"takes {query.parameters}, not {twin.parameters}"
    assert differing == {}


def test_no_shared_query_leans_on_what_engines_do_differently() -> None:
    """Proves that no shared query uses LIKE, which is blind to capitals on one engine only."""
    assert [query.name for query in read_queries(SHARED) if re.search(r"\b(LIKE|GLOB)\b", query.sql)] == [
        "audit_list_schema",  # SQLite's own catalogue; PostgreSQL has own words for it
        "bulk_list_columns",  # the same
    ]


async def test_the_auditor_asks_for_every_foreign_key(postgres_url: str) -> None:
    """Proves that on PostgreSQL the look for dangling references leaves no foreign key out."""
    (query,) = (query for query in read_queries(OWN) if query.name == "audit_references")
    asked = {
        (child, column, parent)
        for child, parent, column in re.findall(
            r"FROM (\w+) c\s+LEFT JOIN (\w+) p ON p\.\w+ = c\.(\w+) WHERE p\.\w+ IS NULL", query.sql
        )
    }
    connection = await asyncpg.connect(postgres_url)
    try:
        there = await connection.fetch(
            "SELECT k.conrelid::regclass::text AS child, a.attname::text AS name, k.confrelid::regclass::text AS parent"
            " FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)"
            " WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace"
        )
    finally:
        await connection.close()
    assert asked == {(row["child"], row["name"], row["parent"]) for row in there}


async def test_the_auditor_finds_an_entrys_event_by_its_index(postgres_url: str) -> None:
    """Proves that PostgreSQL has an index for the very expression that the auditor asks events by."""
    (query,) = (query for query in read_queries(OWN) if query.name == "audit_messages")
    connection = await asyncpg.connect(postgres_url)
    try:
        await connection.execute("SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off")
        prepared = await connection.prepare(translate(query.sql).sql)
        assert "events_entry" in str(await prepared.explain(0))
    finally:
        await connection.close()


#: Ways to lift a rule that leave every table, trigger and index where it was, and what is named then.
LIFTED = {
    "ALTER TABLE seals DISABLE TRIGGER seals_escrow": ["trigger seals_escrow is changed"],
    "ALTER TABLE seals ENABLE REPLICA TRIGGER seals_escrow": ["trigger seals_escrow is changed"],
    "CREATE OR REPLACE FUNCTION seals_escrow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'": [
        "function seals_escrow is changed"
    ],
    "ALTER TABLE lots DROP CONSTRAINT lots_check": ["table lots is changed"],
    "ALTER TABLE lots ALTER COLUMN fee DROP NOT NULL": ["table lots is changed"],
    "ALTER TABLE lots ALTER COLUMN taken SET DEFAULT 1": ["table lots is changed"],
    "ALTER TABLE replicas SET UNLOGGED": ["table replicas is changed"],
    "ALTER TABLE flags ENABLE ROW LEVEL SECURITY": ["table flags is changed"],
    "CREATE RULE silent AS ON UPDATE TO flags DO INSTEAD NOTHING": ["rule silent is not ours"],
    "DROP INDEX deposits_reference_once": ["index deposits_reference_once is missing"],
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'deposits_reference_once'::regclass": [
        "index deposits_reference_once is changed"
    ],
    "ALTER TABLE proofs DISABLE TRIGGER ALL": ["trigger proofs's foreign keys is not ours"],
    "CREATE TABLE extra (id bigint)": ["table extra is not ours"],
    "DROP VIEW takeable_jobs": ["view takeable_jobs is missing"],
}


@pytest.mark.parametrize("statement", LIFTED)
async def test_a_lifted_rule_is_seen(postgres: Server, postgres_url: str, statement: str) -> None:
    """Proves that what the server's catalogue is asked for shows every way in which a rule can be taken away."""
    database = await PostgresDatabase.connect(postgres_url)
    try:
        assert await list_schema_differences(database) == []
        await asyncio.to_thread(postgres.execute, statement, database=postgres_url.rpartition("/")[2])
        assert await list_schema_differences(database) == LIFTED[statement]
    finally:
        await database.close()
