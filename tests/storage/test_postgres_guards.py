"""PostgreSQL's own guards of the ledger, met by the statements that SQLite's refuse, word for word.

The statements are those of tests/storage/test_ledger_guards.py; here they go to a server, through the driver itself.
"""

# ruff: noqa: S608 - the statements are these files' own

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import asyncpg
import pytest

from tests.ledger_world import populate_at
from tests.postgres_server import Server, blocking
from tests.storage import test_ledger_guards as on_sqlite
from tests.storage.test_ledger_guards import CORRECTION, HASH, HEAD, OURS, REFUSED, SEAL, transfer

#: The key of each table.
KEYS = dict.fromkeys(OURS, "id") | {"accounts": "name", "seals": "entry_id", "maturing": "entry_id"}


def cases(test: Callable[..., None]) -> list[Any]:
    """Give the cases that a test of the other file is run for."""
    mark = next(mark for mark in test.pytestmark if mark.name == "parametrize")  # type: ignore[attr-defined]  # pytest's
    found: list[Any] = mark.args[1]
    assert found
    return found


@pytest.fixture(scope="module")
def url(postgres: Server) -> Iterator[str]:
    """Give the address of a ledger that is right, made once."""
    url = postgres.make_database()
    blocking(populate_at(url))
    yield url
    postgres.drop_database(url)


@pytest.fixture
async def books(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Give a raw connection to it, as the owner that the bot is too."""
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def whole(books: asyncpg.Connection) -> list[object]:
    """Give everything in the tables of money."""
    return [await books.fetch(f"SELECT * FROM {table} ORDER BY {key}") for table, key in KEYS.items()]


async def attempt(books: asyncpg.Connection, *statements: str) -> None:
    """Run statements in one transaction and commit."""
    async with books.transaction():
        for statement in statements:
            await books.execute(statement)


async def refusal(books: asyncpg.Connection, *statements: str, damage: str) -> asyncpg.PostgresError | None:
    """Give what the server says against statements after some damage; nothing when it takes them. All is undone."""
    change = books.transaction()
    await change.start()
    try:
        await books.execute(damage)
        for statement in statements:
            await books.execute(statement)
        await books.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as the commit would
    except asyncpg.PostgresError as error:
        return error
    finally:
        await change.rollback()
    return None


def without_triggers() -> str:
    """Give what an owner can do to be rid of all guards but the constraints."""
    return "; ".join(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in OURS)


async def words_of(books: asyncpg.Connection, name: str) -> str:
    """Give what a guard says."""
    body = await books.fetchval("SELECT prosrc FROM pg_proc WHERE proname = $1", name)
    return str(body.partition("RAISE EXCEPTION '")[2].partition("'")[0])


async def test_every_refusing_trigger_has_a_case(books: asyncpg.Connection) -> None:
    """Proves that no guard of the ledger on PostgreSQL is without a statement that tries it."""
    rows = await books.fetch(
        "SELECT t.tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND p.prosrc LIKE '%RAISE EXCEPTION%' AND c.relname = ANY ($1)",
        OURS,
    )
    truncations = {f"{table}_truncate" for table in OURS}
    assert {row[0] for row in rows} == {*REFUSED, *truncations}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_guard_refuses_its_case_and_only_it_does(books: asyncpg.Connection, name: str) -> None:
    """Proves that the guard refuses with its own words and nothing changes; without it the words are gone."""
    words, before = await words_of(books, name), await whole(books)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refused:
        await attempt(books, *REFUSED[name])
    assert (refused.value.sqlstate, refused.value.args[0]) == ("23000", words)
    assert await whole(books) == before
    table = await books.fetchval("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = $1", name)
    error = await refusal(books, *REFUSED[name], damage=f"DROP TRIGGER {name} ON {table}")
    assert error is None or words not in str(error), "two guards share their words"


@pytest.mark.parametrize(("index", "statement"), cases(on_sqlite.test_a_unique_index_holds_without_the_triggers))
async def test_a_unique_index_holds_without_the_triggers(books: asyncpg.Connection, index: str, statement: str) -> None:
    """Proves that each unique index refuses its double by itself, and that dropping it lets the double in."""
    error = await refusal(books, statement, damage=without_triggers())
    assert isinstance(error, asyncpg.UniqueViolationError)
    assert error.as_dict()["constraint_name"] == index
    unsealed = "ALTER TABLE entries DROP CONSTRAINT entries_id_fkey"
    damage = f"{without_triggers()}; {unsealed}; DROP INDEX {index}"
    assert await refusal(books, statement, damage=damage) is None


@pytest.mark.parametrize("statement", cases(on_sqlite.test_a_check_holds_without_the_triggers))
async def test_a_check_holds_without_the_triggers(books: asyncpg.Connection, statement: str) -> None:
    """Proves that each row rule refuses by itself what no row may say."""
    error = await refusal(books, statement, damage=without_triggers())
    assert isinstance(error, asyncpg.CheckViolationError)


@pytest.mark.parametrize("table", OURS)
async def test_a_row_is_never_replaced(books: asyncpg.Connection, table: str) -> None:
    """Proves that no row of the books is written over by an upsert, PostgreSQL's way to replace one."""
    before = await whole(books)
    columns = await books.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = CAST($1 AS regclass) AND attnum > 0 AND NOT attisdropped",
        table,
    )
    every = ", ".join(f"{row[0]} = excluded.{row[0]}" for row in columns)
    rows = await books.fetchval(f"SELECT count(*) FROM {table}")
    assert rows
    for row in range(rows):
        one = f"INSERT INTO {table} SELECT * FROM {table} ORDER BY {KEYS[table]} LIMIT 1 OFFSET {row}"
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await attempt(books, f"{one} ON CONFLICT ({KEYS[table]}) DO UPDATE SET {every}")
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await attempt(books, one)
    assert await whole(books) == before


async def test_an_entry_is_not_doubled_through_any_of_its_unique_keys(books: asyncpg.Connection) -> None:
    """Proves that no second entry has the assignment, hold, deposit, withdrawal or link of another one."""
    columns = "kind, job_id, assignment_id, deposit_id, withdrawal_id, matures_at, matures_entry_id, reason, at"
    known = "coalesce(assignment_id, matures_entry_id, deposit_id, withdrawal_id) IS NOT NULL"
    entries = await books.fetch(f"SELECT id FROM entries WHERE {known}")
    assert len(entries) > 8
    for (entry_id,) in entries:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="an entry is never replaced"):
            await attempt(
                books,
                f"INSERT INTO entries (key, content_hash, previous_hash, {columns})"
                f" SELECT 'new', {HASH}, {HASH}, {columns} FROM entries WHERE id = {entry_id}",
            )
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="an entry is never replaced"):
        await attempt(books, CORRECTION.replace(HEAD, "(SELECT previous_hash FROM entries WHERE id = 3)"))


@pytest.mark.parametrize("table", [*OURS, "members", "jobs", "events, deliveries, inbox, assignments, lots, jobs"])
async def test_a_table_of_the_books_is_never_emptied(books: asyncpg.Connection, table: str) -> None:
    """Proves that TRUNCATE is refused, also where it would reach the books through tables they point to."""
    before = await whole(books)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="stay"):
        await attempt(books, f"TRUNCATE {table} CASCADE")
    assert await whole(books) == before


async def test_an_entry_without_its_seal_is_not_committed(books: asyncpg.Connection) -> None:
    """Proves that the missing seal is noticed by the commit, and that a whole entry passes all guards."""
    moved = transfer("platform:fees", "member:2:available")
    with pytest.raises(asyncpg.ForeignKeyViolationError, match="entries_id_fkey"):
        await attempt(books, CORRECTION, moved)
    assert await refusal(books, CORRECTION, moved, SEAL, damage="SELECT 1") is None


async def test_the_price_of_a_lot_is_fixed(books: asyncpg.Connection) -> None:
    """Proves that nobody changes what a place costs."""
    for change in ("reward = reward + 1", "fee = fee + 1", "job_id = job_id"):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="the price of a lot is fixed"):
            await attempt(books, f"UPDATE lots SET {change} WHERE id = 1")


async def test_a_destination_is_erased_only_when_the_withdrawal_is_over(books: asyncpg.Connection) -> None:
    """Proves that a person can be forgotten later, but nobody redirects or loses a payout under way."""
    for change in ("'elsewhere' WHERE id = 2", "NULL WHERE id = 2", "'elsewhere' WHERE id = 1"):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="the facts of a withdrawal are fixed"):
            await attempt(books, f"UPDATE withdrawals SET destination = {change}")
    erased = "UPDATE withdrawals SET destination = NULL WHERE id = 1"
    assert await refusal(books, erased, damage="SELECT 1") is None
