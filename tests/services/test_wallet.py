"""Deposits, withdrawals and holds through the services, on a real file."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.errors import DomainError, NotAllowed, Stale
from bot.domain.house import House
from bot.domain.wallet import (
    BelowMinimum,
    Deposit,
    DepositStatus,
    DestinationWaits,
    NotEnough,
    PayoutsFrozen,
    ReferenceUsed,
    TooLateToCancel,
    TooManyClaims,
    Way,
    Withdrawal,
    WithdrawalStatus,
    WithdrawalUnderWay,
)
from bot.services import deposit, wallet
from storage import withdrawals
from storage.database import Database
from storage.sqlite_database import SqliteDatabase
from tests.ledger_world import HOUSE, VAULT, World


@pytest.fixture
def world(database: Database, now: datetime) -> World:
    """Give a world on this test's database."""
    return World(database, now)


async def claim(world: World, member_id: int, amount: int = 500_000, reference: str = "bank 1") -> Deposit:
    """Claim a deposit in a unit of its own."""
    async with world.unit() as uow:
        return await deposit.claim_deposit(uow, member_id=member_id, amount=amount, reference=reference)


async def ask(
    world: World, member_id: int, amount: int = 100_000, to: str = "ann@example.com", house: House = HOUSE
) -> Withdrawal:
    """Request a PayPal withdrawal in a unit of its own."""
    async with world.unit() as uow:
        return await wallet.request_withdrawal(
            uow, member_id=member_id, way=Way.PAYPAL, destination=to, amount=amount, house=house, vault=VAULT
        )


async def paid_out(world: World, member_id: int, by: int, to: str = "ann@example.com") -> Withdrawal:
    """Take a withdrawal all the way to paid."""
    asked = await ask(world, member_id, to=to)
    async with world.unit() as uow:
        approved = await wallet.approve_withdrawal(uow, withdrawal_id=asked.id, version=asked.version, by=by)
    async with world.unit() as uow:
        return await wallet.mark_sent(
            uow, withdrawal_id=asked.id, version=approved.version, reference=f"PP-{asked.id}", by=by
        )


async def events(world: World) -> list[str]:
    """List the kinds of events left so far."""
    return [row["kind"] for row in await world.look("SELECT kind FROM events ORDER BY id")]


async def whole(world: World) -> list[tuple[Any, ...]]:
    """Give everything about money that is committed, to compare before and after."""
    found: list[tuple[Any, ...]] = []
    for table in ("accounts", "entries", "transfers", "deposits", "withdrawals", "events", "audit_log", "flags"):
        found += [(table, *row) for row in await world.look(f"SELECT * FROM {table} ORDER BY 1")]  # noqa: S608
    return found


async def test_a_confirmed_deposit_is_in_the_funds_and_told(world: World) -> None:
    """Proves that a claim moves nothing, its confirmation credits it once, and both sides are told."""
    member, operator = await world.member(), await world.member(role="operator")
    claimed = await claim(world, member)
    assert (claimed.status, claimed.reference) == (DepositStatus.CLAIMED, "BANK1")
    assert await world.balance(f"member:{member}:funds") == 0
    async with world.unit() as uow:
        done = await deposit.confirm_deposit(uow, deposit_id=claimed.id, version=claimed.version, by=operator)
    assert (done.status, done.version) == (DepositStatus.CONFIRMED, 2)
    assert await world.balance(f"member:{member}:funds") == 500_000
    assert await events(world) == ["deposit_claimed", "deposit_confirmed", "deposit_decided"]
    rows = await world.look(
        "SELECT d.member_id, d.lane, d.topic, e.kind FROM deliveries d JOIN events e ON e.id = d.event_id"
    )
    assert [tuple(row) for row in rows] == [
        (operator, "receipt", f"deposit:{claimed.id}", "deposit_claimed"),
        (member, "receipt", None, "deposit_confirmed"),
        (operator, "screen", f"deposit:{claimed.id}", "deposit_decided"),
    ]
    assert await world.value("SELECT action FROM audit_log") == "deposit_confirmed"


async def test_a_deposit_is_decided_once(world: World) -> None:
    """Proves that a second decision on a deposit is stale and changes nothing."""
    member, operator = await world.member(), await world.member(role="operator")
    claimed = await claim(world, member)
    async with world.unit() as uow:
        await deposit.refuse_deposit(uow, deposit_id=claimed.id, version=1, by=operator, note="not found")
    before = await whole(world)
    for version in (1, 2):
        with pytest.raises(Stale):
            async with world.unit() as uow:
                await deposit.confirm_deposit(uow, deposit_id=claimed.id, version=version, by=operator)
    assert await whole(world) == before
    assert await world.balance(f"member:{member}:funds") == 0


async def test_one_payment_is_credited_to_one_member(world: World) -> None:
    """Proves that a reference counts once: claimed again by its owner, or confirmed for a second member."""
    ann, bob, operator = await world.member(), await world.member(), await world.member(role="operator")
    first = await claim(world, ann, reference="tx-77")
    with pytest.raises(ReferenceUsed):
        await claim(world, ann, reference="TX-77")
    second = await claim(world, bob, reference="TX -77")
    async with world.unit() as uow:
        await deposit.confirm_deposit(uow, deposit_id=first.id, version=1, by=operator)
    with pytest.raises(ReferenceUsed):
        async with world.unit() as uow:
            await deposit.confirm_deposit(uow, deposit_id=second.id, version=1, by=operator)
    assert await world.balance(f"member:{bob}:funds") == 0


async def test_a_member_has_few_open_claims(world: World) -> None:
    """Proves that the fourth open claim is refused, and a banned member makes none."""
    member, banned = await world.member(), await world.member(status="banned")
    for number in range(3):
        await claim(world, member, reference=f"ref-{number}")
    with pytest.raises(TooManyClaims):
        await claim(world, member, reference="ref-9")
    with pytest.raises(NotAllowed):
        await claim(world, banned)


async def test_a_withdrawal_goes_from_request_to_paid(world: World) -> None:
    """Proves that money is held at the request, leaves when sent, and the fee goes to the platform."""
    house = House(withdrawal_minimum=100_000, withdrawal_fee_bp={"paypal": 125})
    worker, operator = await world.member(), await world.member(role="operator")
    await world.earn(worker, 150_015)
    asked = await ask(world, worker, amount=120_100, house=house)
    assert (asked.fee, asked.net, asked.masked, asked.first) == (1_600, 118_500, "a•••@example.com", True)
    assert await world.balance(f"member:{worker}:held") == 120_100
    assert await world.balance(f"member:{worker}:available") == 29_915
    async with world.unit() as uow:
        approved = await wallet.approve_withdrawal(uow, withdrawal_id=asked.id, version=1, by=operator)
    async with world.unit() as uow:
        assert (
            await wallet.reveal_destination(uow, withdrawal_id=asked.id, by=operator, vault=VAULT) == "ann@example.com"
        )
    async with world.unit() as uow:
        done = await wallet.mark_sent(
            uow, withdrawal_id=asked.id, version=approved.version, reference="pp 1", by=operator
        )
    assert (done.status, done.reference, done.version) == (WithdrawalStatus.PAID, "PP1", 3)
    for account, expected in {
        f"member:{worker}:held": 0,
        f"member:{worker}:available": 29_915,
        "clearing:manual": 0,
        "platform:fees": 1_600,
        "external:payouts": 118_500,
    }.items():
        assert await world.balance(account) == expected, account
    assert [k for k in await events(world) if k.startswith("withdrawal")] == [
        "withdrawal_requested",
        "withdrawal_queued",
        "withdrawal_approved",
        "withdrawal_moved",
        "withdrawal_paid",
        "withdrawal_moved",
    ]
    assert [row[0] for row in await world.look("SELECT action FROM audit_log ORDER BY id")] == [
        "withdrawal_approved",
        "destination_revealed",
        "withdrawal_paid",
    ]


async def test_a_destination_is_not_readable_in_the_database(world: World) -> None:
    """Proves that the file, or no row of any table, holds the destination but encrypted, and events never."""
    worker = await world.member()
    await world.earn(worker, 100_000)
    await ask(world, worker, to="very.private@example.com")
    await world.execute("SELECT 1")
    if isinstance(world.database, SqliteDatabase):
        for file in world.database.path.parent.glob("bot.db*"):
            assert b"very.private" not in file.read_bytes()
    tables = await world.database.list_tables()
    assert "withdrawals" in tables
    for table in tables:
        for row in await world.look(f"SELECT * FROM {table}"):  # noqa: S608
            assert "very.private" not in str(tuple(row))


async def test_a_requested_withdrawal_can_be_cancelled_by_its_member_only(world: World) -> None:
    """Proves that cancelling gives the money back once, to its owner, and not once it is being paid."""
    worker, other, operator = await world.member(), await world.member(), await world.member(role="operator")
    await world.earn(worker, 100_000)
    asked = await ask(world, worker)
    for by in (other, operator):
        with pytest.raises(NotAllowed):
            async with world.unit() as uow:
                await wallet.cancel_withdrawal(uow, withdrawal_id=asked.id, version=1, by=by)
    async with world.unit() as uow:
        await wallet.cancel_withdrawal(uow, withdrawal_id=asked.id, version=1, by=worker)
    assert await world.balance(f"member:{worker}:available") == 100_000
    with pytest.raises(Stale):
        async with world.unit() as uow:
            await wallet.cancel_withdrawal(uow, withdrawal_id=asked.id, version=2, by=worker)
    again = await ask(world, worker)
    async with world.unit() as uow:
        await wallet.approve_withdrawal(uow, withdrawal_id=again.id, version=1, by=operator)
    with pytest.raises(TooLateToCancel):
        async with world.unit() as uow:
            await wallet.cancel_withdrawal(uow, withdrawal_id=again.id, version=1, by=worker)


async def test_a_refused_withdrawal_comes_back_and_says_why(world: World) -> None:
    """Proves that refusing, also after approving, gives the whole amount back and keeps the note."""
    worker, operator = await world.member(), await world.member(role="operator")
    await world.earn(worker, 100_000)
    asked = await ask(world, worker)
    async with world.unit() as uow:
        await wallet.approve_withdrawal(uow, withdrawal_id=asked.id, version=1, by=operator)
    async with world.unit() as uow:
        await wallet.refuse_withdrawal(uow, withdrawal_id=asked.id, version=2, by=operator, note="wrong number")
    assert await world.balance(f"member:{worker}:available") == 100_000
    payload = await world.value("SELECT payload FROM events WHERE kind = 'withdrawal_refused'")
    assert '"note":"wrong number"' in payload


async def test_a_member_has_one_live_withdrawal_within_what_is_available(world: World) -> None:
    """Proves that a second, a too small and a too large withdrawal are refused and change nothing."""
    worker = await world.member()
    await world.earn(worker, 300_015)
    before = await whole(world)
    with pytest.raises(NotEnough):
        await ask(world, worker, amount=300_100)
    with pytest.raises(BelowMinimum):
        await ask(world, worker, amount=99_900)
    assert await whole(world) == before
    await ask(world, worker, amount=300_000)
    before = await whole(world)
    with pytest.raises(WithdrawalUnderWay):
        await ask(world, worker)
    assert await whole(world) == before


async def test_a_changed_destination_waits_a_day(world: World) -> None:
    """Proves that after a payout a new destination can be approved only 24 hours later, a known one at once."""
    worker, operator = await world.member(), await world.member(role="operator")
    await world.earn(worker, 500_000)
    await paid_out(world, worker, operator)
    known = await ask(world, worker)
    assert known.payable_at == world.now
    async with world.unit() as uow:
        await wallet.cancel_withdrawal(uow, withdrawal_id=known.id, version=1, by=worker)
    changed = await ask(world, worker, to="eve@example.com")
    with pytest.raises(DestinationWaits):
        async with world.unit() as uow:
            await wallet.approve_withdrawal(uow, withdrawal_id=changed.id, version=1, by=operator)
    world.now += timedelta(hours=24)
    async with world.unit() as uow:
        await wallet.approve_withdrawal(uow, withdrawal_id=changed.id, version=1, by=operator)


async def test_a_destination_of_two_members_is_marked(world: World) -> None:
    """Proves that the operator's card says when other members are paid to the same destination."""
    ann, bob = await world.member(), await world.member()
    await world.earn(ann, 100_000)
    await world.earn(bob, 100_000)
    first = await ask(world, ann)
    second = await ask(world, bob, to="ANN@example.com")
    assert (first.shared, second.shared) == (False, True)


async def test_a_payment_reference_is_used_once(world: World) -> None:
    """Proves that two withdrawals can't be marked sent with the same reference."""
    ann, bob, operator = await world.member(), await world.member(), await world.member(role="operator")
    await world.earn(ann, 100_000)
    await world.earn(bob, 100_000)
    paid = await paid_out(world, ann, operator)
    other = await ask(world, bob, to="bob@example.com")
    async with world.unit() as uow:
        await wallet.approve_withdrawal(uow, withdrawal_id=other.id, version=1, by=operator)
    assert paid.reference is not None
    with pytest.raises(ReferenceUsed):
        async with world.unit() as uow:
            await wallet.mark_sent(
                uow, withdrawal_id=other.id, version=2, reference=paid.reference.lower(), by=operator
            )


async def test_frozen_payouts_send_nothing_and_say_why(world: World) -> None:
    """Proves that a freeze refuses approving and sending, lets requests through, and ends by an operator."""
    worker, operator = await world.member(), await world.member(role="operator")
    await world.earn(worker, 100_000)
    asked = await ask(world, worker)
    async with world.unit() as uow:
        await wallet.approve_withdrawal(uow, withdrawal_id=asked.id, version=1, by=operator)
        await wallet.freeze_payouts(uow, by=operator, reason="counting")
    before = await whole(world)
    with pytest.raises(PayoutsFrozen, match="counting"):
        async with world.unit() as uow:
            await wallet.mark_sent(uow, withdrawal_id=asked.id, version=2, reference="abc", by=operator)
    with pytest.raises(PayoutsFrozen):
        async with world.unit() as uow:
            await wallet.approve_withdrawal(uow, withdrawal_id=asked.id, version=2, by=operator)
    assert await whole(world) == before
    async with world.unit() as uow:
        assert await wallet.thaw_payouts(uow, by=operator)
        assert not await wallet.thaw_payouts(uow, by=operator)
    async with world.unit() as uow:
        await wallet.mark_sent(uow, withdrawal_id=asked.id, version=2, reference="abc", by=operator)


async def test_only_an_active_operator_decides_about_money(world: World) -> None:
    """Proves that every operator's action refuses members, paused operators and unknown ids, with no effect."""
    worker, former = await world.member(), await world.member(role="operator", status="paused")
    await world.earn(worker, 100_000)
    claimed, asked = await claim(world, worker), await ask(world, worker)
    before = await whole(world)
    for by in (worker, former, 999_999):
        actions: list[tuple[Any, dict[str, Any]]] = [
            (deposit.confirm_deposit, {"deposit_id": claimed.id, "version": 1}),
            (deposit.refuse_deposit, {"deposit_id": claimed.id, "version": 1}),
            (wallet.approve_withdrawal, {"withdrawal_id": asked.id, "version": 1}),
            (wallet.mark_sent, {"withdrawal_id": asked.id, "version": 1, "reference": "abc"}),
            (wallet.refuse_withdrawal, {"withdrawal_id": asked.id, "version": 1}),
            (wallet.reveal_destination, {"withdrawal_id": asked.id, "vault": VAULT}),
            (wallet.freeze_payouts, {"reason": "x"}),
            (wallet.thaw_payouts, {}),
        ]
        for action, given in actions:
            with pytest.raises(NotAllowed):
                async with world.unit() as uow:
                    await action(uow, by=by, **given)
    assert await whole(world) == before


@pytest.mark.parametrize("action", ["approve", "send", "refuse", "cancel"])
async def test_a_stale_button_does_nothing(world: World, action: str) -> None:
    """Proves that each step on a withdrawal with an old version is refused and changes nothing."""
    worker, operator = await world.member(), await world.member(role="operator")
    await world.earn(worker, 100_000)
    asked = await ask(world, worker)
    before = await whole(world)
    with pytest.raises(DomainError):
        async with world.unit() as uow:
            if action == "approve":
                await wallet.approve_withdrawal(uow, withdrawal_id=asked.id, version=7, by=operator)
            elif action == "send":
                await wallet.mark_sent(uow, withdrawal_id=asked.id, version=1, reference="abc", by=operator)
            elif action == "refuse":
                await wallet.refuse_withdrawal(uow, withdrawal_id=asked.id, version=0, by=operator)
            else:
                await wallet.cancel_withdrawal(uow, withdrawal_id=asked.id, version=2, by=worker)
    assert await whole(world) == before


async def test_rewards_leave_their_hold_when_it_is_over(world: World) -> None:
    """Proves that a held reward is not available before its time, becomes so once, slice by slice."""
    worker = await world.member()
    for hours in (1, 2, 30):
        await world.earn(worker, 10_000, hold=timedelta(hours=hours))
    async with world.unit() as uow:
        assert await wallet.mature_rewards(uow) == 0
    world.now += timedelta(hours=3)
    async with world.unit() as uow:
        assert await wallet.mature_rewards(uow, limit=1) == 1
    async with world.unit() as uow:
        assert await wallet.mature_rewards(uow, limit=20) == 1
        assert await wallet.mature_rewards(uow, limit=20) == 0
        shown = await wallet.get_wallet(uow, member_id=worker, house=HOUSE)
    assert (shown.balances.available, shown.balances.maturing, shown.earned) == (20_000, 10_000, 30_000)
    assert shown.next_matures_at == world.now + timedelta(hours=27)


async def test_the_queue_and_the_lists_page(world: World) -> None:
    """Proves that operators see waiting withdrawals oldest first and members their own newest first."""
    operator = await world.member(role="operator")
    workers = [await world.member() for _ in range(3)]
    for number, worker in enumerate(workers):
        await world.earn(worker, 200_000)
        await ask(world, worker, to=f"w{number}@example.com")
    async with world.database.read() as tx:
        first = await withdrawals.list_queue(tx, limit=2)
        rest = await withdrawals.list_queue(tx, after=first[-1].id, limit=2)
        assert [w.member_id for w in first + rest] == workers
        assert [w.member_id for w in await withdrawals.list_withdrawals(tx, workers[0])] == workers[:1]
    assert operator not in workers
