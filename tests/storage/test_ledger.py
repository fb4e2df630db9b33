"""The ledger on a real file: written whole, once, in a chain; statements and balances read back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain import entry
from bot.domain.entry import GENESIS, Reason, hash_link
from storage import ledger
from storage.database import Database
from storage.errors import BrokenRule, CommitFailed
from storage.fingerprint import fingerprint
from storage.rows import to_ms
from storage.vault import Vault, WrongKey
from tests.engines import is_postgres
from tests.engines import rows as rows_of
from tests.ledger_world import VAULT, World


@pytest.fixture
def world(database: Database, now: datetime) -> World:
    """Give a world on this test's database."""
    return World(database, now)


async def test_an_entry_is_posted_with_its_transfers_and_seal(world: World) -> None:
    """Proves what one entry leaves: rows, balances, running balances, and a link of the chain."""
    member = await world.member()
    await world.fund(member, 500)
    rows = await world.look("SELECT * FROM entries")
    assert [(r["kind"], r["previous_hash"], r["at"]) for r in rows] == [("deposit", GENESIS, to_ms(world.now))]
    moved = await world.look("SELECT * FROM transfers")
    assert [(r["debit"], r["credit"], r["amount"], r["debit_balance"], r["credit_balance"]) for r in moved] == [
        ("external:deposits", f"member:{member}:funds", 500, -500, 500)
    ]
    link = hash_link(GENESIS, 1, rows[0]["content_hash"], rows[0]["at"], None)
    assert await world.value("SELECT hash FROM seals") == link
    assert await world.balance("external:deposits") == -500
    assert await world.balance("member:999:funds") == 0


async def test_entries_form_one_chain(world: World) -> None:
    """Proves that each entry names the seal before it."""
    member = await world.member()
    for amount in (1, 2, 3):
        await world.fund(member, amount)
    rows = await world.look(
        "SELECT e.previous_hash, s.hash FROM entries e JOIN seals s ON s.entry_id = e.id ORDER BY e.id"
    )
    assert [r["previous_hash"] for r in rows] == [GENESIS, rows[0]["hash"], rows[1]["hash"]]


async def test_the_same_entry_again_has_no_effect(world: World) -> None:
    """Proves that a repeat, even later, gives the first id and moves nothing; another content is an error."""
    member = await world.member()
    deposit_id = await world.fund(member, 500)
    async with world.unit() as uow:
        later = world.now + timedelta(hours=1)
        again = entry.deposit(deposit_id=deposit_id, member_id=member, amount=500, at=later)
        assert await ledger.post(uow.tx, again) == 1
    with pytest.raises(ledger.KeyReused):
        async with world.unit() as uow:
            await ledger.post(uow.tx, entry.deposit(deposit_id=deposit_id, member_id=member, amount=501, at=world.now))
    assert await world.balance(f"member:{member}:funds") == 500
    assert await world.value("SELECT count(*) FROM entries") == 1


async def test_nobody_spends_more_than_they_have(world: World) -> None:
    """Proves that an overdraft is refused by the database and leaves nothing of its entry."""
    member, other = await world.member(), await world.member()
    await world.fund(member, 500)
    with pytest.raises(BrokenRule, match=r"(?i)check constraint"):
        async with world.unit() as uow:
            await ledger.post(
                uow.tx,
                entry.correction(
                    cause="1",
                    debit=f"member:{member}:funds",
                    credit=f"member:{other}:funds",
                    amount=501,
                    reason=Reason.GOODWILL,
                    at=world.now,
                ),
            )
    assert await world.balance(f"member:{member}:funds") == 500
    assert await world.value("SELECT count(*) FROM entries") == 1


async def test_a_place_is_paid_once_and_at_its_price(world: World) -> None:
    """Proves that escrow, worker and fees move by the lot's price and that a second payment is refused."""
    employer, worker = await world.member(), await world.member()
    await world.fund(employer, 1_000)
    job_id, lot_id = await world.job(employer, reward=200, fee=15, slots=3)
    assert await world.balance(f"job:{job_id}:escrow") == 645
    assignment_id = await world.take(job_id, lot_id, worker)
    await world.pay(assignment_id)
    assert await world.balance(f"job:{job_id}:escrow") == 430
    assert await world.balance(f"member:{worker}:available") == 200
    assert await world.balance("platform:fees") == 15
    again = entry.reward_paid(
        assignment_id=assignment_id,
        job_id=job_id,
        worker_id=worker,
        reward=200,
        fee=15,
        hold=timedelta(0),
        at=world.now,
    )
    with pytest.raises(BrokenRule, match="an entry is never replaced"):
        async with world.unit() as uow:
            await rows_of(uow.tx, "UPDATE lots SET paid = paid + 1 WHERE id = ?", (lot_id,))
            await ledger.post(uow.tx, replace(again, key="another"))
    assert await world.balance(f"member:{worker}:available") == 200


async def test_the_escrow_is_what_the_places_cost(world: World) -> None:
    """Proves that funding too much, too little, or paying without counting the place is refused at the seal."""
    employer, worker = await world.member(), await world.member()
    await world.fund(employer, 10_000)
    job_id, lot_id = await world.job(employer, reward=200, fee=15, slots=3)
    assignment_id = await world.take(job_id, lot_id, worker)
    refused = [
        entry.job_funded(job_id=job_id, lot_id=99, member_id=employer, from_funds=1, at=world.now),
        entry.job_refunded(job_id=job_id, member_id=employer, amount=1, cause="x", at=world.now),
        entry.reward_paid(
            assignment_id=assignment_id,
            job_id=job_id,
            worker_id=worker,
            reward=200,
            fee=15,
            hold=timedelta(0),
            at=world.now,
        ),
    ]
    for one in refused:
        with pytest.raises(BrokenRule, match="the escrow is what the places still cost"):
            async with world.unit() as uow:
                await ledger.post(uow.tx, one)
    assert await world.balance(f"job:{job_id}:escrow") == 645


async def test_a_statement_pages_with_its_running_balance(world: World) -> None:
    """Proves newest first, signed amounts, the balance after each line, and pages that join."""
    employer, worker = await world.member(), await world.member()
    await world.fund(employer, 10_000)
    job_id, lot_id = await world.job(employer, reward=100, fee=10, slots=5)
    for index in range(3):
        other = worker if index == 1 else await world.member()
        await world.pay(await world.take(job_id, lot_id, other))
    await world.earn(worker, 40)
    await world.earn(worker, 60)
    async with world.database.read() as tx:
        first = await ledger.list_statement(tx, worker, limit=2)
        rest = await ledger.list_statement(tx, worker, first[-1].id, 2)
        spent = await ledger.list_statement(tx, employer, purse="funds")
        assert [(line.amount, line.balance) for line in first + rest] == [(60, 200), (40, 140), (100, 100)]
        assert [(line.kind, line.amount, line.balance) for line in spent] == [
            ("job_funded", -550, 9_450),
            ("deposit", 10_000, 10_000),
        ]
        assert spent[0].job_title == "A survey"
        assert await ledger.earned_total(tx, worker) == 200
        assert await ledger.balances(tx, employer) == ledger.Balances(funds=9_450)


async def test_earnings_are_added_up_by_day(world: World) -> None:
    """Proves that rewards count on the UTC day they were paid, held ones too."""
    worker = await world.member()
    world.now = datetime(2030, 1, 1, 23, 59, 59, tzinfo=UTC)
    await world.earn(worker, 10, hold=timedelta(days=3))
    world.now += timedelta(seconds=1)
    await world.earn(worker, 20)
    await world.earn(worker, 30)
    async with world.database.read() as tx:
        days = await ledger.earned_by_day(tx, worker, since=datetime(2030, 1, 1, tzinfo=UTC))
        assert [(d.day.isoformat(), d.amount, d.rewards) for d in days] == [
            ("2030-01-01", 10, 1),
            ("2030-01-02", 50, 2),
        ]
        amount, next_at = await ledger.get_maturing(tx, worker)
        assert (amount, next_at) == (10, datetime(2030, 1, 4, 23, 59, 59, tzinfo=UTC))


async def test_the_currency_is_set_before_the_first_account(world: World) -> None:
    """Proves that an empty ledger takes another currency and one with money keeps its own."""
    async with world.unit() as uow:
        await ledger.set_currency(uow.tx, "EUR", at=world.now)
    await world.fund(await world.member(), 1)
    assert await world.value("SELECT DISTINCT currency FROM accounts") == "EUR"
    async with world.unit() as uow:
        await ledger.set_currency(uow.tx, "EUR", at=world.now)
    with pytest.raises(ledger.CurrencyFixed):
        async with world.unit() as uow:
            await ledger.set_currency(uow.tx, "USD", at=world.now)


async def test_an_unsealed_entry_is_not_committed(world: World) -> None:
    """Proves that a unit which leaves an entry without its seal fails at the commit, and nothing stays."""
    member = await world.member()
    with pytest.raises(CommitFailed):
        async with world.unit() as uow:
            await rows_of(
                uow.tx,
                "INSERT INTO entries (kind, key, content_hash, previous_hash, reason, at)"
                " VALUES ('correction', 'k', ?, ?, 'goodwill', 1)",
                ("a" * 64, GENESIS),
            )
    assert await world.value("SELECT count(*) FROM entries") == 0
    await world.fund(member, 5)
    assert await world.balance(f"member:{member}:funds") == 5


async def test_the_fingerprint_knows_a_changed_schema(world: World) -> None:
    """Proves that the fingerprint is stable, and that one dropped trigger changes it."""
    async with world.database.read() as tx:
        before = await fingerprint(tx)
        assert await fingerprint(tx) == before
    await world.execute("ANALYZE")
    async with world.database.read() as tx:
        assert await fingerprint(tx) == before
    await world.execute("DROP TRIGGER entries_fixed" + (" ON entries" if is_postgres() else ""))
    async with world.database.read() as tx:
        assert await fingerprint(tx) != before


def test_the_vault_opens_with_its_own_key_only(tmp_path: Path) -> None:
    """Proves that the key is made once and private, opens what it closed, and no other key does."""
    path = tmp_path / "data" / "secret.key"
    first = Vault.open(path)
    assert path.stat().st_mode & 0o777 == 0o600
    closed = first.encrypt("ann@example.com")
    assert "ann" not in closed
    again = Vault.open(path)
    assert again.decrypt(closed) == "ann@example.com"
    assert again.fingerprint("x") == first.fingerprint("x") != first.fingerprint("y")
    assert VAULT.fingerprint("x") != first.fingerprint("x")
    with pytest.raises(WrongKey):
        VAULT.decrypt(closed)
    path.write_text("no key")
    with pytest.raises(WrongKey):
        Vault.open(path)
