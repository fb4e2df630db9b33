"""The database's own guards, each met by a statement that only it refuses.

Raw connections, as a shell or a defect of ours would have them: with recursive_triggers on and off.
"""

# ruff: noqa: S608 - the statements are this file's own

import asyncio
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledger_world import populate_at

HASH = "'" + "f" * 64 + "'"
HEAD = "(SELECT hash FROM seals ORDER BY entry_id DESC LIMIT 1)"
NEW = "(SELECT max(id) FROM entries)"
CORRECTION = (
    "INSERT INTO entries (kind, key, content_hash, previous_hash, reason, at)"
    f" VALUES ('correction', 'new', {HASH}, {HEAD}, 'goodwill', 1)"
)
SEAL = f"INSERT INTO seals (entry_id, hash, transfers) VALUES ({NEW}, {HASH}, 1)"


def transfer(debit: str, credit: str, amount: int = 1) -> str:
    """Give the statement of one transfer of the newest entry, with right running balances."""
    return (
        "INSERT INTO transfers (entry_id, debit, credit, amount, debit_balance, credit_balance)"
        f" SELECT {NEW}, '{debit}', '{credit}', {amount},"
        f" (SELECT credits - debits FROM accounts WHERE name = '{debit}') - {amount},"
        f" (SELECT credits - debits FROM accounts WHERE name = '{credit}') + {amount}"
    )


pytestmark = pytest.mark.sqlite("its own triggers and checks; PostgreSQL's meet the same in test_postgres_guards.py")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of a ledger that is right, made once."""
    path = tmp_path_factory.mktemp("ledger") / "bot.db"
    with asyncio.Runner() as runner:
        runner.run(populate_at(f"sqlite:///{path}"))
    return path


@pytest.fixture
def books(original: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Give a raw connection to a copy, with the settings that ours have."""
    connection = sqlite3.connect(shutil.copy(original, tmp_path / "bot.db"), isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA recursive_triggers=ON")
    yield connection
    connection.close()


def whole(connection: sqlite3.Connection) -> list[object]:
    """Give everything in the tables of money."""
    tables = ("accounts", "entries", "transfers", "seals", "maturing", "deposits", "withdrawals")
    return [connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables]


def attempt(connection: sqlite3.Connection, *statements: str) -> None:
    """Run statements in one transaction and commit."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements:
            connection.execute(statement)
        connection.execute("COMMIT")
    except sqlite3.Error:
        connection.execute("ROLLBACK")
        raise


def refusal(connection: sqlite3.Connection, *statements: str) -> str:
    """Give what the database says against statements; nothing when it takes them."""
    try:
        attempt(connection, *statements)
    except sqlite3.IntegrityError as error:
        return str(error)
    return ""


#: For each trigger that refuses, a statement that it refuses.
REFUSED: dict[str, tuple[str, ...]] = {
    "deposits_begin": (
        "INSERT INTO deposits (member_id, amount, reference, version, claimed_at) VALUES (2, 1, 'r', 2, 1)",
    ),
    "deposits_forward": ("UPDATE deposits SET status = 'refused', decided_at = 1 WHERE status = 'claimed'",),
    "deposits_facts": ("UPDATE deposits SET amount = amount + 1 WHERE status = 'claimed'",),
    "deposits_stay": ("DELETE FROM deposits WHERE status = 'claimed'",),
    "withdrawals_begin": (
        "INSERT INTO withdrawals (member_id, way, masked, fingerprint, amount, fee, net, requested_at, payable_at)"
        " VALUES (4, 'paypal', 'm', 'f', 1, 0, 1, 1, 1)",
    ),
    "withdrawals_replace": (
        "INSERT INTO withdrawals (member_id, way, destination, masked, fingerprint, amount, fee, net, requested_at,"
        " payable_at) VALUES (3, 'paypal', 'd', 'm', 'f', 1, 0, 1, 1, 1)",
    ),
    "withdrawals_forward": (
        "UPDATE withdrawals SET status = 'requested', closed_at = NULL, version = version + 1 WHERE status = 'refused'",
    ),
    "withdrawals_facts": ("UPDATE withdrawals SET amount = amount + 1, net = net + 1 WHERE id = 2",),
    "withdrawals_stay": ("DELETE FROM withdrawals WHERE id = 3",),
    "entries_fixed": ("UPDATE entries SET at = at + 1 WHERE id = 3",),
    "entries_stay": ("DELETE FROM entries WHERE id = 15",),
    "entries_replace": (CORRECTION.replace("'new'", "'deposit:1'"),),
    "transfers_fixed": ("UPDATE transfers SET amount = amount + 1 WHERE id = 1",),
    "transfers_stay": ("DELETE FROM transfers WHERE id = 1",),
    "transfers_replace": (
        CORRECTION,
        transfer("platform:fees", "member:2:funds")
        .replace("(entry_id", "(id, entry_id")
        .replace(f"SELECT {NEW}", f"SELECT 1, {NEW}"),
    ),
    "transfers_sealed": (transfer("platform:fees", "member:2:available"),),
    "transfers_currency": (
        "INSERT INTO accounts (name, kind, member_id, currency) VALUES ('member:3:funds', 'funds', 3, 'EUR')",
        CORRECTION,
        transfer("platform:fees", "member:3:funds"),
    ),
    "seals_fixed": (f"UPDATE seals SET hash = {HASH} WHERE entry_id = 3",),
    "seals_stay": ("DELETE FROM seals WHERE entry_id = 3",),
    "seals_replace": (CORRECTION, transfer("platform:fees", "member:2:available"), SEAL.replace(HASH, HEAD)),
    "seals_count": (CORRECTION, transfer("platform:fees", "member:2:available"), SEAL.replace(", 1)", ", 2)")),
    "seals_chain": (
        CORRECTION.replace(HEAD, "'" + "e" * 64 + "'"),
        transfer("platform:fees", "member:2:available"),
        SEAL,
    ),
    "seals_moves": (
        "INSERT INTO entries (kind, key, content_hash, previous_hash, deposit_id, at)"
        f" VALUES ('deposit', 'new', {HASH}, {HEAD}, 3, 1)",
        transfer("external:deposits", "member:2:available"),
        SEAL,
    ),
    "seals_escrow": (CORRECTION, transfer("external:deposits", "job:1:escrow"), SEAL),
    "seals_maturing": (CORRECTION, transfer("member:4:maturing", "platform:fees"), SEAL),
    "seals_held": (CORRECTION, transfer("platform:fees", "member:3:held"), SEAL),
    "seals_reward": (
        "UPDATE lots SET taken = taken - 1, paid = paid + 1 WHERE id = 1",
        "INSERT INTO entries (kind, key, content_hash, previous_hash, job_id, assignment_id, at)"
        f" VALUES ('reward_paid', 'new', {HASH}, {HEAD}, 1, 4, 1)",
        transfer("job:1:escrow", "member:2:available", 200_000),
        transfer("job:1:escrow", "platform:fees", 15_000),
        SEAL.replace(", 1)", ", 2)"),
    ),
    "accounts_begin": (
        "INSERT INTO accounts (name, kind, member_id, currency, credits)"
        " VALUES ('member:3:funds', 'funds', 3, 'USD', 9)",
    ),
    "accounts_stay": ("DELETE FROM accounts WHERE name = 'member:5:funds'",),
    "accounts_fixed": ("UPDATE accounts SET member_id = 3, name = 'member:3:funds' WHERE name = 'member:5:funds'",),
    "accounts_moved": ("UPDATE accounts SET credits = credits + 1 WHERE name = 'platform:fees'",),
    "maturing_begin": (
        "INSERT INTO maturing (entry_id, member_id, amount, due_at, matured_entry_id) VALUES (1, 2, 1, 1, 2)",
    ),
    "maturing_once": ("UPDATE maturing SET amount = amount + 1 WHERE matured_entry_id IS NULL",),
    "maturing_stay": ("DELETE FROM maturing WHERE matured_entry_id IS NULL",),
}
OURS = ("accounts", "entries", "transfers", "seals", "maturing", "deposits", "withdrawals")


def refusing_triggers(connection: sqlite3.Connection) -> dict[str, str]:
    """Give each refusing trigger of the ledger's tables with its message."""
    marks = ", ".join(f"'{table}'" for table in OURS)
    rows = connection.execute(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({marks}) AND sql LIKE '%RAISE%'"
    )
    return {name: re.findall(r"RAISE\(ABORT, '([^']+)'\)", sql)[0] for name, sql in rows}


def test_every_refusing_trigger_has_a_case(books: sqlite3.Connection) -> None:
    """Proves that no guard of the ledger is without a statement that tries it."""
    assert set(refusing_triggers(books)) == set(REFUSED)


@pytest.mark.parametrize("name", REFUSED)
def test_a_guard_refuses_its_case_and_only_it_does(books: sqlite3.Connection, name: str) -> None:
    """Proves that the guard refuses with its own message and nothing changes; without it the message is gone."""
    message = re.escape(refusing_triggers(books)[name])
    before = whole(books)
    with pytest.raises(sqlite3.IntegrityError, match=message):
        attempt(books, *REFUSED[name])
    assert whole(books) == before
    books.execute(f"DROP TRIGGER {name}")
    assert not re.search(message, refusal(books, *REFUSED[name])), "two guards share a message"


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize("table", OURS)
def test_a_row_is_never_replaced(books: sqlite3.Connection, table: str, recursive: str) -> None:
    """Proves that INSERT OR REPLACE over any row of the books is refused, also where delete triggers don't fire."""
    books.execute(f"PRAGMA recursive_triggers={recursive}")
    before = whole(books)
    for row in range(len(books.execute(f"SELECT 1 FROM {table}").fetchall())):
        with pytest.raises(sqlite3.IntegrityError):
            attempt(books, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1 OFFSET {row}")
    assert whole(books) == before


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_an_entry_is_not_replaced_through_any_of_its_unique_keys(books: sqlite3.Connection, recursive: str) -> None:
    """Proves that a new entry can't push out one with the same assignment, hold, deposit, withdrawal or link."""
    books.execute(f"PRAGMA recursive_triggers={recursive}")
    before = whole(books)
    columns = "kind, job_id, assignment_id, deposit_id, withdrawal_id, matures_at, matures_entry_id, reason, at"
    for (entry_id,) in books.execute(
        "SELECT id FROM entries WHERE coalesce(assignment_id, matures_entry_id, deposit_id, withdrawal_id) IS NOT NULL"
    ).fetchall():
        with pytest.raises(sqlite3.IntegrityError, match="an entry is never replaced"):
            attempt(
                books,
                f"INSERT OR REPLACE INTO entries (key, content_hash, previous_hash, {columns})"
                f" SELECT 'new', {HASH}, {HASH}, {columns} FROM entries WHERE id = {entry_id}",
            )
    with pytest.raises(sqlite3.IntegrityError, match="an entry is never replaced"):
        attempt(books, CORRECTION.replace(HEAD, "(SELECT previous_hash FROM entries WHERE id = 3)"))
    assert whole(books) == before


@pytest.mark.parametrize(
    ("index", "statement"),
    [
        ("deposits_reference_once", "UPDATE deposits SET reference = 'same'"),
        (
            "withdrawals_one_live",
            "INSERT INTO withdrawals (member_id, way, destination, masked, fingerprint, amount, fee, net, requested_at,"
            " payable_at) VALUES (3, 'paypal', 'd', 'm', 'f', 1, 0, 1, 1, 1)",
        ),
        ("withdrawals_reference_once", "UPDATE withdrawals SET reference = 'PP-1' WHERE reference IS NULL"),
        (
            "entries_paid_once",
            "INSERT INTO entries (kind, key, content_hash, previous_hash, job_id, assignment_id, at)"
            f" VALUES ('reward_paid', 'new', {HASH}, {HASH}, 1, 1, 1)",
        ),
        (
            "entries_matured_once",
            "INSERT INTO entries (kind, key, content_hash, previous_hash, matures_entry_id, at)"
            f" SELECT kind, 'new', {HASH}, {HASH}, matures_entry_id, at FROM entries WHERE kind = 'reward_matured'",
        ),
        (
            "entries_deposit_once",
            "INSERT INTO entries (kind, key, content_hash, previous_hash, deposit_id, at)"
            f" VALUES ('deposit', 'new', {HASH}, {HASH}, 1, 1)",
        ),
        (
            "entries_withdrawal_once",
            "INSERT INTO entries (kind, key, content_hash, previous_hash, withdrawal_id, at)"
            f" VALUES ('payout_settled', 'new', {HASH}, {HASH}, 1, 1)",
        ),
        (
            "entries_hold_resolved_once",
            "INSERT INTO entries (kind, key, content_hash, previous_hash, withdrawal_id, at)"
            f" VALUES ('withdrawal_released', 'new', {HASH}, {HASH}, 1, 1)",
        ),
    ],
)
def test_a_unique_index_holds_without_the_triggers(books: sqlite3.Connection, index: str, statement: str) -> None:
    """Proves that each unique index refuses its double by itself, and that dropping it lets the double in."""
    for (name,) in books.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        books.execute(f"DROP TRIGGER {name}")
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        attempt(books, statement)
    books.execute(f"DROP INDEX {index}")
    books.execute("PRAGMA foreign_keys=OFF")
    attempt(books, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts SET debits = credits + 1 WHERE name = 'platform:fees'",
        "UPDATE accounts SET overdraft_ok = 1 WHERE name = 'platform:fees'",
        "UPDATE accounts SET debits = -1, credits = 0 WHERE name = 'platform:fees'",
        "UPDATE accounts SET credits = -1 WHERE name = 'external:deposits'",
        "UPDATE accounts SET member_id = 1 WHERE name = 'platform:fees'",
        "UPDATE accounts SET job_id = 1 WHERE name = 'member:2:available'",
        "UPDATE accounts SET name = 'member:3:available2' WHERE name = 'member:2:available'",
        "UPDATE accounts SET currency = 'DOLLAR'",
        "UPDATE accounts SET kind = 'savings' WHERE name = 'platform:fees'",
        "UPDATE transfers SET amount = 0 WHERE id = 1",
        "UPDATE transfers SET amount = 10000000000001 WHERE id = 1",
        "UPDATE transfers SET credit = debit WHERE id = 1",
        "UPDATE seals SET transfers = 0",
        "UPDATE seals SET hash = 'short' WHERE entry_id = 1",
        "UPDATE entries SET content_hash = 'short' WHERE id = 1",
        "UPDATE entries SET previous_hash = 'short' WHERE id = 1",
        "UPDATE entries SET key = '' WHERE id = 1",
        "UPDATE entries SET assignment_id = NULL WHERE kind = 'reward_paid'",
        "UPDATE entries SET deposit_id = NULL WHERE kind = 'deposit'",
        "UPDATE entries SET withdrawal_id = NULL WHERE kind = 'payout_sent'",
        "UPDATE entries SET matures_entry_id = NULL WHERE kind = 'reward_matured'",
        "UPDATE entries SET reason = 'goodwill' WHERE id = 1",
        "UPDATE entries SET matures_at = at + 1 WHERE id = 1",
        "UPDATE entries SET matures_at = at WHERE matures_at IS NOT NULL",
        "UPDATE entries SET reason = 'because' WHERE id = 1",
        "UPDATE maturing SET amount = 0",
        "UPDATE deposits SET amount = 0",
        "UPDATE deposits SET reference = ''",
        "UPDATE deposits SET status = 'lost' WHERE id = 1",
        "UPDATE deposits SET entry_id = NULL WHERE id = 1",
        "UPDATE deposits SET decided_at = 1 WHERE status = 'claimed'",
        "UPDATE withdrawals SET way = 'cash' WHERE id = 1",
        "UPDATE withdrawals SET amount = 0, net = 0 WHERE id = 1",
        "UPDATE withdrawals SET fee = -1, net = net + 1 WHERE id = 1",
        "UPDATE withdrawals SET net = net - 1 WHERE id = 1",
        "UPDATE withdrawals SET status = 'lost' WHERE id = 1",
        "UPDATE withdrawals SET reference = NULL WHERE status = 'paid'",
        "UPDATE withdrawals SET closed_at = NULL WHERE id = 1",
        "UPDATE withdrawals SET closed_at = 1 WHERE status = 'approved'",
    ],
)
def test_a_check_holds_without_the_triggers(books: sqlite3.Connection, statement: str) -> None:
    """Proves that each row rule refuses by itself what no row may say."""
    for (name,) in books.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        books.execute(f"DROP TRIGGER {name}")
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        attempt(books, statement)


def test_a_destination_is_erased_only_when_the_withdrawal_is_over(books: sqlite3.Connection) -> None:
    """Proves that a person can be forgotten later, but nobody redirects or loses a payout under way."""
    for change in ("'elsewhere'", "NULL"):
        with pytest.raises(sqlite3.IntegrityError, match="the facts of a withdrawal are fixed"):
            attempt(books, f"UPDATE withdrawals SET destination = {change} WHERE id = 2")
    with pytest.raises(sqlite3.IntegrityError, match="the facts of a withdrawal are fixed"):
        attempt(books, "UPDATE withdrawals SET destination = 'elsewhere' WHERE id = 1")
    attempt(books, "UPDATE withdrawals SET destination = NULL WHERE id = 1")


def test_all_rows_are_strictly_typed(books: sqlite3.Connection) -> None:
    """Proves that no fraction gets into an amount: the tables are STRICT."""
    with pytest.raises(sqlite3.IntegrityError, match="cannot store REAL"):
        attempt(books, "INSERT INTO deposits (member_id, amount, reference, claimed_at) VALUES (2, 1.5, 'r', 1)")
    for table in OURS:
        (sql,) = books.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        assert "STRICT" in sql.rpartition(")")[2], table
