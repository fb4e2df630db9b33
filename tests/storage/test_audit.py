"""The auditor against a ledger that is right, and against one corruption after another."""

import asyncio
import io
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.services import audit as auditing
from bot.verify import verify
from storage import audit, withdrawals
from storage.audit import CHAIN, INVARIANTS, Report
from storage.database import Database
from tests import engines, forgery
from tests.conftest import NOW
from tests.engines import copy as copied
from tests.engines import rows as rows_of
from tests.engines import url_of
from tests.forgery import corrupt
from tests.ledger_world import World, populate

CLAIMED = 2  # the position of the deposit that only was claimed
SAMPLE = 25 if engines.is_postgres() else 60  # changed cells tried on every run; `COLUMNS` offers several hundred


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of a ledger that is right, made once."""
    path = tmp_path_factory.mktemp("ledger") / "bot.db"
    with asyncio.Runner() as runner:
        runner.run(populate(path))
    return path


@pytest.fixture
def copy(original: Path, tmp_path: Path) -> Path:
    """Give this test's own copy of the ledger."""
    return copied(original, tmp_path / "bot.db")


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Database]:
    """Open a file for the time of a block."""
    database = await Database.open(url_of(path))
    try:
        yield database
    finally:
        await database.close()


async def look(path: Path, *, whole: bool = True) -> Report:
    """Audit a file."""
    async with opened(path) as database, database.read() as tx:
        return await auditing.run_audit(tx, whole=whole)


async def test_a_ledger_that_is_right_has_no_findings(copy: Path) -> None:
    """Proves that the real services leave nothing to find, and that something was looked at."""
    report = await look(copy)
    assert report.findings == ()
    assert [name for name, _ in report.checked] == [CHAIN, *(i.name for i in INVARIANTS)]
    assert all(count > 0 for _, count in report.checked)
    assert report.head.entry_id == 15


CORRUPTIONS: list[tuple[str, str, str]] = [
    ("conservation", "money from nowhere", "UPDATE accounts SET credits = credits + 5 WHERE name = 'platform:fees'"),
    ("no overdraft", "below zero", "UPDATE accounts SET debits = credits + 1 WHERE name = 'platform:fees'"),
    ("no overdraft", "another owner", "UPDATE accounts SET member_id = 1 WHERE name = 'member:2:available'"),
    (
        "paid once",
        "one assignment, two entries",
        "UPDATE entries SET assignment_id = (SELECT min(assignment_id) FROM entries) WHERE kind = 'reward_paid'",
    ),
    ("escrow", "a place more", "UPDATE lots SET slots = slots + 1 WHERE id = 1"),
    ("escrow", "a place released unpaid", "UPDATE lots SET released = released + 1 WHERE id = 1"),
    ("escrow", "a cheaper place", "UPDATE lots SET reward = reward - 1 WHERE id = 1"),
    ("places", "a taken place nobody has", "UPDATE lots SET taken = taken + 1 WHERE id = 1"),
    ("places", "more than there are", "UPDATE lots SET taken = 99 WHERE id = 1"),
    ("places", "paid without a reward", "UPDATE lots SET paid = paid + 1, slots = slots + 1 WHERE id = 1"),
    ("places", "free places by hand", "UPDATE jobs SET free_slots = free_slots + 1 WHERE id = 1"),
    ("places", "over the member's cap", "UPDATE assignments SET worker_id = 2 WHERE job_id = 1"),
    ("deposits", "another amount", "UPDATE deposits SET amount = amount * 2 WHERE id = 1"),
    ("deposits", "another member", "UPDATE deposits SET member_id = 2 WHERE id = 1"),
    ("deposits", "confirmed without a credit", "UPDATE deposits SET status = 'confirmed' WHERE status = 'claimed'"),
    ("deposits", "unconfirmed again", "UPDATE deposits SET status = 'claimed', entry_id = NULL WHERE id = 1"),
    ("deposits", "credited twice", "UPDATE deposits SET reference = 'same'"),
    ("withdrawals", "paid again later", "UPDATE withdrawals SET status = 'requested', closed_at = NULL WHERE id = 1"),
    ("withdrawals", "paid without sending", "UPDATE withdrawals SET status = 'paid', closed_at = 1 WHERE id = 2"),
    ("withdrawals", "released and paid", "UPDATE withdrawals SET status = 'paid' WHERE status = 'refused'"),
    ("withdrawals", "another net amount", "UPDATE withdrawals SET net = net - 1, fee = fee + 1 WHERE id = 1"),
    ("withdrawals", "another member's", "UPDATE withdrawals SET member_id = 4 WHERE id = 3"),
    ("withdrawals", "one reference twice", "UPDATE withdrawals SET reference = 'X'"),
    ("no self-dealing", "working for oneself", "UPDATE jobs SET employer_id = 2 WHERE id = 1"),
    ("price", "another worker", "UPDATE assignments SET worker_id = 1 WHERE id = 1"),
    ("price", "another price", "UPDATE lots SET fee = fee + 1, reward = reward - 1 WHERE id = 1"),
    (
        "balances",
        "a balance moved to a friend",
        "UPDATE accounts SET credits = credits + CASE name WHEN 'member:2:available' THEN 7 ELSE -7 END"
        " WHERE name IN ('member:2:available', 'member:3:available')",
    ),
    ("balances", "a running balance", "UPDATE transfers SET credit_balance = credit_balance + 1 WHERE id = 3"),
    ("balances", "an account without transfers", "DELETE FROM transfers WHERE entry_id = 5"),
    ("balances", "totals that cancel out", "UPDATE accounts SET debits = debits + 3, credits = credits + 3"),
    ("moves", "earnings from a deposit", "UPDATE entries SET kind = 'deposit' WHERE kind = 'payout_settled'"),
    ("moves", "nothing moved", "UPDATE transfers SET amount = 0 WHERE id = 2"),
    ("holds", "a shorter hold", "UPDATE maturing SET due_at = due_at - 1000 WHERE matured_entry_id IS NULL"),
    ("holds", "a smaller hold", "UPDATE maturing SET amount = amount - 1 WHERE matured_entry_id IS NULL"),
    ("holds", "a hold ended by nobody", "UPDATE maturing SET matured_entry_id = 1 WHERE matured_entry_id IS NULL"),
    ("messages", "a receipt nobody is owed", "DELETE FROM events WHERE kind = 'withdrawal_paid'"),
    ("references", "a member who is not there", "UPDATE deposits SET member_id = 777 WHERE status = 'claimed'"),
    (CHAIN, "an amount", "UPDATE transfers SET amount = amount + 1 WHERE id = 1"),
    (CHAIN, "a time", "UPDATE entries SET at = at + 1 WHERE id = 4"),
    (CHAIN, "the last entry", "DELETE FROM entries WHERE id = (SELECT max(id) FROM entries)"),
    (CHAIN, "an entry in the middle", "DELETE FROM entries WHERE id = 6"),
    (CHAIN, "a seal", "DELETE FROM seals WHERE entry_id = 7"),
    (CHAIN, "a seal's count", "UPDATE seals SET transfers = 9 WHERE entry_id = 7"),
]


@pytest.mark.parametrize(("invariant", "what", "statement"), CORRUPTIONS, ids=[c[1] for c in CORRUPTIONS])
async def test_a_planted_corruption_is_found_by_its_invariant(
    copy: Path, invariant: str, what: str, statement: str
) -> None:
    """Proves that the invariant made for this corruption is the one that finds it."""
    corrupt(copy, statement)
    report = await look(copy)
    assert invariant in {f.invariant for f in report.findings}, what


TWICE = (
    "SELECT id + 1000, kind, key || 'x', content_hash, previous_hash, job_id, assignment_id, deposit_id,"
    " withdrawal_id, matures_at, matures_entry_id, reason, at FROM {table} WHERE kind = 'reward_matured'"
)
#: The key of an entry is unique by the table itself: it is made anew without, or has that taken away.
LOOSENED = {
    "sqlite": (
        "CREATE TABLE loose AS SELECT * FROM entries",
        "UPDATE loose SET key = 'same' WHERE id IN (2, 3)",
        f"INSERT INTO loose {TWICE.format(table='loose')}",
        "DROP TABLE entries",
        "ALTER TABLE loose RENAME TO entries",
    ),
    "postgres": (
        "ALTER TABLE entries DROP CONSTRAINT entries_key_key",
        "ALTER TABLE entries DROP CONSTRAINT entries_previous_hash_key",
        "UPDATE entries SET key = 'same' WHERE id IN (2, 3)",
        f"INSERT INTO entries {TWICE.format(table='entries')}",
    ),
}


async def test_a_key_or_a_hold_used_twice_is_found(copy: Path) -> None:
    """Proves that a second effect of one key is found even where the table no longer forbids it."""
    corrupt(copy, *LOOSENED[engines.chosen()])
    found = [f.subject for f in (await look(copy)).findings if f.invariant == "one effect a key"]
    assert {"entry:2", "entry:3"} < set(found)
    assert any(subject.startswith("hold:") for subject in found)


async def test_the_end_of_the_chain_cannot_be_cut_off_unseen(copy: Path) -> None:
    """Proves that removing the newest entries whole is found, because the last head that was right is known."""
    async with opened(copy) as database:
        async with database.read() as tx:
            report = await auditing.run_audit(tx)
        async with database.unit("t", now=NOW) as uow:
            await auditing.record_audit(uow, report)
    last = report.head.entry_id
    corrupt(
        copy,
        "DELETE FROM transfers WHERE entry_id = :last",
        "DELETE FROM seals WHERE entry_id = :last",
        "DELETE FROM entries WHERE id = :last",
        values={"last": last},
    )
    for whole in (False, True):
        found = (await look(copy, whole=whole)).findings
        assert f"entry:{last}" in {f.subject for f in found if f.invariant == CHAIN}


#: Every column in which a ledger keeps a fact; paging ids, times of display and texts are not among them, nor are
#: deposits that were only claimed: no money has moved for them.
COLUMNS = {
    "accounts": ("name", "kind", "member_id", "job_id", "currency", "debits", "credits", "overdraft_ok"),
    "entries": (
        "id", "kind", "key", "content_hash", "previous_hash", "job_id", "assignment_id", "deposit_id",
        "withdrawal_id", "matures_at", "matures_entry_id", "reason", "at",
    ),
    "transfers": ("entry_id", "debit", "credit", "amount", "debit_balance", "credit_balance"),
    "seals": ("entry_id", "hash", "transfers"),
    "maturing": ("entry_id", "member_id", "amount", "due_at", "matured_entry_id"),
    "lots": ("job_id", "reward", "fee", "slots", "taken", "paid", "released"),
    "deposits": ("member_id", "amount", "status", "entry_id"),
    "withdrawals": ("member_id", "amount", "fee", "net", "status"),
}  # fmt: skip


def cells(path: Path) -> list[tuple[str, int, str]]:
    """List every cell that holds a fact of money, by table, position and column."""
    return [
        (table, row, column)
        for table, columns in COLUMNS.items()
        for row in range(forgery.read(path, f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608
        for column in columns
        if (table, row) != ("deposits", CLAIMED)
    ]


def change(path: Path, table: str, row: int, column: str, chance: random.Random) -> bool:
    """Change one cell to another plausible value; False when it could not be changed."""
    key = forgery.key_of(path, table)
    rows = forgery.read(path, f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608
    old, others = rows[row][column], {r[column] for r in rows} - {rows[row][column]}
    candidates: list[Any] = sorted((o for o in others if o is not None), key=str)
    if isinstance(old, int) or old is None:
        candidates += [(old or 0) + 1, (old or 0) + 1_000_000]
    if isinstance(old, str) and not candidates:
        candidates = [old + "x"]
    chance.shuffle(candidates)
    for new in candidates:
        try:
            corrupt(
                path,
                f"UPDATE {table} SET {column} = :new WHERE {key} = :key",  # noqa: S608
                values={"new": new, "key": rows[row][key]},
            )
            return True
        except forgery.REFUSALS:  # a primary key or UNIQUE inside the table refuses this value, or it is no such type
            continue
    return False


async def test_any_changed_cell_of_the_books_is_found(original: Path, tmp_path: Path) -> None:
    """Proves that a change of any one fact, drawn at random, is found by the auditor."""
    seed = random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)
    print(f"seed {seed}")
    missed, tried = [], 0
    everywhere = cells(original)
    assert len(everywhere) > 400
    for table, row, column in chance.sample(everywhere, SAMPLE):
        path = copied(original, tmp_path / "bot.db")
        if change(path, table, row, column, chance):
            tried += 1
            if (await look(path)).ok:
                missed.append((table, row, column))
        engines.drop(path)
    print(f"{tried} corruptions planted")
    assert tried > SAMPLE * 3 // 4
    assert missed == [], f"seed {seed}"


async def test_a_finding_freezes_payouts_and_is_told_once(copy: Path) -> None:
    """Proves that a violation stops payouts and is told once; after all was right the same one is news again."""
    corrupt(copy, "UPDATE accounts SET credits = credits + 5 WHERE name = 'platform:fees'")
    async with opened(copy) as database:
        for _ in range(3):
            async with database.read() as tx:
                report = await auditing.run_audit(tx)
            async with database.unit("t", now=NOW) as uow:
                await auditing.record_audit(uow, report)
        async with database.read() as tx:
            assert "differences" in (await withdrawals.find_freeze(tx) or "")
            assert await audit.get_checkpoint(tx) == audit.START
            told = await rows_of(
                tx,
                "SELECT d.member_id, d.lane FROM deliveries d JOIN events e ON e.id = d.event_id"
                " WHERE e.kind = 'audit_failed'",
            )
            assert [tuple(row) for row in told] == [(1, "receipt")]
        async with database.unit("t", now=NOW) as uow:
            await auditing.record_audit(uow, replace(report, findings=()))
            await auditing.record_audit(uow, report)
        async with database.read() as tx:
            told = await rows_of(tx, "SELECT count(*) FROM events WHERE kind = 'audit_failed'")
            assert [tuple(row) for row in told] == [(2,)]


async def test_the_minutes_audit_looks_at_what_changed(copy: Path) -> None:
    """Proves that after a good audit the next one starts at its head and still sees a new fault."""
    async with opened(copy) as database:
        world = World(database, NOW + timedelta(days=1))
        async with database.read() as tx:
            first = await auditing.run_audit(tx)
        async with world.unit() as uow:
            await auditing.record_audit(uow, first)
        await world.earn(await world.member(), 70_000)
        async with database.read() as tx:
            second = await auditing.run_audit(tx)
    assert second.ok
    assert second.since == first.head
    assert dict(second.checked)[CHAIN] == second.head.entry_id - first.head.entry_id == 3
    last = {"last": second.head.entry_id}
    corrupt(copy, "UPDATE transfers SET amount = amount + 1 WHERE entry_id = :last", values=last)
    assert not (await look(copy, whole=False)).ok


async def test_verify_prints_counts_head_and_offending_rows(copy: Path) -> None:
    """Proves that the command says what it counted and ends with 0 only when all is right."""
    out = io.StringIO()
    async with opened(copy) as database:
        assert await verify(database, out) == 0
    assert "chain head: entry 15, " in out.getvalue()
    assert "the ledger is right" in out.getvalue()
    corrupt(copy, "UPDATE lots SET slots = slots + 1 WHERE id = 1")
    out = io.StringIO()
    async with opened(copy) as database:
        assert await verify(database, out) == 1
    assert "escrow: job:1:escrow holds" in out.getvalue()


async def test_verify_names_the_guards_that_are_gone_and_counts_all_the_same(copy: Path) -> None:
    """Proves that books without their triggers are looked at as any others, and that what is missing is a violation."""
    on, does = "", "BEGIN SELECT 1; END"
    if engines.is_postgres():
        on, does = " ON lots", "FOR EACH ROW EXECUTE FUNCTION lots_price_is_fixed()"
    forgery.execute(
        copy,
        f"DROP TRIGGER lots_price_is_fixed{on}",
        "DROP INDEX jobs_employer",
        "CREATE INDEX jobs_employer ON jobs (employer_id)",
        f"CREATE TRIGGER helpful AFTER INSERT ON lots {does}",
    )
    out = io.StringIO()
    async with opened(copy) as database:
        assert await verify(database, out) == 1
    lines = out.getvalue().splitlines()
    assert not [line for line in lines if line.startswith("FAIL")]
    assert [line for line in lines if line.startswith("  schema: ")] == [
        "  schema: index jobs_employer is changed",
        "  schema: trigger helpful is not ours",
        "  schema: trigger lots_price_is_fixed is missing",
    ]
    assert lines[-1] == "3 differences"
