"""How the engines find what screens, ticks and the auditor ask for, in a marketplace of 20,000 jobs.

What is counted is rows that a plan touches, never time: a list that walks through all open jobs touches 15,000.
"""

import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from storage.audit import INVARIANTS
from storage.migrate import list_migrations
from storage.postgres import translate
from storage.postgres_database import load_queries
from storage.rows import to_ms
from tests.bench.scale_load import fill_postgres
from tests.bench.scale_measure import PLANS, literal
from tests.bench.scale_questions import World, questions
from tests.postgres_server import ADMIN, Server, blocking
from tests.storage.named import SHARED, read_queries

pytestmark = pytest.mark.slow

JOBS = 20_000
NOW = datetime(2030, 1, 15, 12, 0, tzinfo=UTC)
#: Rows that may be touched for somebody usual, and for one of the two who have thousands of places or jobs.
USUAL, BUSY = 2_200, 9_000
#: The desk adds up every employer's kept figure, for operators alone (docs/SCALING.md). The two busy ones own one in
#: twenty of everything at this size: the planner walks along the primary key until it has met a page of theirs.
ALLOWED = {"admin_get_desk", "list_job_tallies (big employer)", "list_work (busy worker)"}
#: How often the auditor, who looks at everything, may touch a row on average: each check is a few look-ups a row.
AUDIT_TOUCHES = 150


@pytest.fixture(scope="module")
def marketplace(postgres: Server) -> Iterator[str]:
    """Give the superuser's address of a database with 20,000 members and jobs."""
    own = postgres.make_database(template="template0")
    url = postgres.url(own.rpartition("/")[2], user=ADMIN)
    blocking(fill_postgres(url, members=JOBS, now=NOW))
    yield url
    postgres.drop_database(own)


@pytest.fixture
async def connection(marketplace: str) -> AsyncIterator[Any]:
    """Give a connection to it whose changes are taken back."""
    raw = await asyncpg.connect(marketplace, server_settings={"jit": "off"})
    try:
        await raw.execute("BEGIN")
        yield raw
    finally:
        await raw.close()


def _touched(plan: dict[str, Any]) -> int:
    """Count the rows that the scans of a plan looked at, those it threw away too."""
    here = 0
    if "Relation Name" in plan:
        seen = (
            plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
        )
        here = int(seen * plan["Actual Loops"])
    return here + sum(_touched(part) for part in plan.get("Plans", ()))


async def _touches(raw: Any, sql: str, params: dict[str, Any]) -> int:
    """Give the rows touched by the worse of the two plans that the server may choose."""
    statement = translate(sql)
    values = ", ".join(literal(params[name]) for name in statement.names)
    worst = 0
    for plan in PLANS:
        await raw.execute(f"SET plan_cache_mode = {plan}")
        await raw.execute(f"PREPARE asked AS {statement.sql}")
        call = f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE asked{f'({values})' if values else ''}"
        worst = max(worst, _touched(json.loads(await raw.fetchval(call))[0]["Plan"]))
        await raw.execute("DEALLOCATE asked")
    return worst


async def _walks(raw: Any, name: str | None = None) -> dict[str, int]:
    """Give the questions that touch too many rows."""
    queries, found = load_queries(), {}
    for question in questions(World(JOBS, to_ms(NOW))):
        if name in (None, question.query) and question.key not in ALLOWED:
            touched = await _touches(raw, getattr(queries, question.query).sql, question.params)
            if touched > (BUSY if question.whose.startswith(("busy", "big")) else USUAL):
                found[question.key] = touched
    return found


async def test_no_question_walks_through_the_marketplace(connection: Any) -> None:
    """Proves that on PostgreSQL whatever a screen, a tick or the outbox asks is found by an index, by either plan."""
    assert await _walks(connection) == {}


async def test_a_walk_is_noticed(connection: Any) -> None:
    """Proves that the lists' first view, which its planner misread, would have been noticed."""
    (browse,) = (step.sql for step in list_migrations("postgres") if step.name == "browse")
    view = browse[browse.index("CREATE VIEW takeable_jobs") :].partition(";")[0]
    await connection.execute(f"DROP VIEW takeable_jobs; {view}")
    assert await _walks(connection, "find_best_job")
    assert await _walks(connection, "list_category_newest")


async def test_the_audit_of_everything_grows_with_it_and_not_with_its_square(connection: Any) -> None:
    """Proves that each check of the nightly audit touches a row a few times, not once for every other row."""
    queries, found = load_queries(), {}
    for query in (query for one in INVARIANTS for query in one.queries + one.whole_queries):
        touched = await _touches(connection, getattr(queries, query).sql, {"since": 0})
        if touched > AUDIT_TOUCHES * JOBS:
            found[query] = touched
    assert found == {}


#: Questions of the embedded engine, and the index that has their answer.
FOUND_BY = {
    "audit_messages": "events_entry (<expr>=?)",
    "audit_places": "assignments_lot (lot_id=?)",
    "list_ending_reservations": "assignments_warn (<expr><?)",
    "list_operators": "members_operators",
    "list_outlived_files": "proofs_kept_since (created_at<?)",
}


@pytest.mark.parametrize("name", FOUND_BY)
def test_sqlite_finds_it_by_its_index(name: str) -> None:
    """Proves that what once walked through a whole table has an index on the embedded engine, and that it is taken."""
    (query,) = (one for one in read_queries(SHARED) if one.name == name)
    connection = sqlite3.connect(":memory:")
    try:
        for step in list_migrations("sqlite"):
            connection.executescript(step.sql)
        params = dict.fromkeys(query.parameters, 1)
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query.sql}", params)]
    finally:
        connection.close()
    assert any(f"USING INDEX {FOUND_BY[name]}" in step for step in plan), plan
