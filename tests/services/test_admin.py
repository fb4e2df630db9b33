"""The operator's desk on a real file: who gets in, what is shown, and what each action may do in which status."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest

from bot.auditor import Auditor
from bot.domain.errors import DomainError, NotAllowed, Stale
from bot.domain.wallet import TooLateToCancel, Way
from bot.services import admin, deposit, wallet
from storage.database import Database
from storage.unit import UnitOfWork
from tests.ledger_world import HOUSE, VAULT, World

Action = Callable[[UnitOfWork, int, int, int], Awaitable[Any]]


@pytest.fixture
def world(database: Database, now: datetime) -> World:
    """Give a world on this test's database."""
    return World(database, now)


async def whole(world: World) -> list[tuple[Any, ...]]:
    """Give everything an action could change, to compare before and after."""
    found: list[tuple[Any, ...]] = []
    for table in ("accounts", "entries", "deposits", "withdrawals", "events", "deliveries", "audit_log", "flags"):
        found += [(table, *row) for row in await world.look(f"SELECT * FROM {table} ORDER BY 1")]  # noqa: S608
    return found


async def _approve(uow: UnitOfWork, by: int, number: int, version: int) -> None:
    await wallet.approve_withdrawal(uow, withdrawal_id=number, version=version, by=by)


async def _send(uow: UnitOfWork, by: int, number: int, version: int) -> None:
    await wallet.mark_sent(uow, withdrawal_id=number, version=version, reference="PP-77", by=by)


async def _refuse(uow: UnitOfWork, by: int, number: int, version: int) -> None:
    await wallet.refuse_withdrawal(uow, withdrawal_id=number, version=version, by=by, note="wrong_destination")


async def _cancel(uow: UnitOfWork, by: int, number: int, version: int) -> None:
    await wallet.cancel_withdrawal(uow, withdrawal_id=number, version=version, by=by)


async def _reveal(uow: UnitOfWork, by: int, number: int, version: int) -> None:
    await wallet.reveal_destination(uow, withdrawal_id=number, by=by, vault=VAULT)


async def _confirm_deposit(uow: UnitOfWork, by: int, number: int, version: int) -> None:
    await deposit.confirm_deposit(uow, deposit_id=number, version=version, by=by)


async def _refuse_deposit(uow: UnitOfWork, by: int, number: int, version: int) -> None:
    await deposit.refuse_deposit(uow, deposit_id=number, version=version, by=by, note="not_arrived")


ACTIONS: dict[str, Action] = {
    "approve": _approve,
    "send": _send,
    "refuse": _refuse,
    "cancel": _cancel,
    "reveal": _reveal,
    "confirm deposit": _confirm_deposit,
    "refuse deposit": _refuse_deposit,
}
YES = None

#: (action, status of the object) -> what each role is told. Written by hand from docs and MONEY.md, not from the code.
WITHDRAWAL_TABLE: dict[tuple[str, str], dict[str, type[DomainError] | None]] = {
    ("approve", "requested"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": YES},
    ("approve", "approved"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": Stale},
    ("approve", "paid"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": Stale},
    ("approve", "refused"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": Stale},
    ("approve", "cancelled"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": Stale},
    ("send", "requested"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": Stale},
    ("send", "approved"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": YES},
    ("send", "paid"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": Stale},
    ("send", "refused"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": Stale},
    ("send", "cancelled"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": Stale},
    ("refuse", "requested"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": YES},
    ("refuse", "approved"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": YES},
    ("refuse", "paid"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": Stale},
    ("refuse", "refused"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": Stale},
    ("refuse", "cancelled"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": Stale},
    ("cancel", "requested"): {"owner": YES, "stranger": NotAllowed, "operator": NotAllowed},
    ("cancel", "approved"): {"owner": TooLateToCancel, "stranger": NotAllowed, "operator": NotAllowed},
    ("cancel", "paid"): {"owner": Stale, "stranger": NotAllowed, "operator": NotAllowed},
    ("cancel", "refused"): {"owner": Stale, "stranger": NotAllowed, "operator": NotAllowed},
    ("cancel", "cancelled"): {"owner": Stale, "stranger": NotAllowed, "operator": NotAllowed},
    ("reveal", "requested"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": YES},
    ("reveal", "approved"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": YES},
    ("reveal", "paid"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": NotAllowed},
    ("reveal", "refused"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": NotAllowed},
    ("reveal", "cancelled"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": NotAllowed},
}
DEPOSIT_TABLE: dict[tuple[str, str], dict[str, type[DomainError] | None]] = {
    ("confirm deposit", "claimed"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": YES},
    ("confirm deposit", "confirmed"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": Stale},
    ("confirm deposit", "refused"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": Stale},
    ("refuse deposit", "claimed"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": YES},
    ("refuse deposit", "confirmed"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": Stale},
    ("refuse deposit", "refused"): {"owner": NotAllowed, "stranger": NotAllowed, "operator": Stale},
}


async def withdrawal_in(world: World, status: str, *, owner: int, operator: int) -> tuple[int, int]:
    """Bring a withdrawal to a status by the real services; give its id and version."""
    await world.earn(owner, 100_000)
    steps = {
        "requested": (),
        "approved": (_approve,),
        "paid": (_approve, _send),
        "refused": (_refuse,),
        "cancelled": (_cancel,),
    }[status]
    async with world.unit() as uow:
        asked = await wallet.request_withdrawal(
            uow,
            member_id=owner,
            way=Way.PAYPAL,
            destination="ann@example.com",
            amount=100_000,
            house=HOUSE,
            vault=VAULT,
        )
    for version, step in enumerate(steps, 1):
        async with world.unit() as uow:
            await step(uow, owner if step is _cancel else operator, asked.id, version)
    return asked.id, 1 + len(steps)


async def deposit_in(world: World, status: str, *, owner: int, operator: int) -> tuple[int, int]:
    """Bring a deposit to a status by the real services; give its id and version."""
    async with world.unit() as uow:
        claimed = await deposit.claim_deposit(uow, member_id=owner, amount=50_000, reference="TX-1")
    step = {"claimed": None, "confirmed": _confirm_deposit, "refused": _refuse_deposit}[status]
    if step is None:
        return claimed.id, 1
    async with world.unit() as uow:
        await step(uow, operator, claimed.id, 1)
    return claimed.id, 2


async def check_row(
    world: World, action: str, number: int, version: int, actors: dict[str, int], told: dict[str, Any]
) -> None:
    """Let everybody who may not try first: nothing may change; then who may, once, and once more."""
    do = ACTIONS[action]
    refused = {role: refusal for role, refusal in told.items() if refusal is not YES}
    before = await whole(world)
    for role, refusal in refused.items():
        with pytest.raises(refusal):
            async with world.unit() as uow:
                await do(uow, actors[role], number, version)
    for role in ("paused operator", "banned operator", "nobody"):
        with pytest.raises(NotAllowed):
            async with world.unit() as uow:
                await do(uow, actors[role], number, version)
    assert await whole(world) == before
    for role in told.keys() - refused.keys():
        with pytest.raises((Stale, NotAllowed)):
            async with world.unit() as uow:
                await do(uow, actors[role], number + 1000, version)
        if action != "reveal":
            with pytest.raises(Stale):
                async with world.unit() as uow:
                    await do(uow, actors[role], number, version - 1)
        assert await whole(world) == before
        async with world.unit() as uow:
            await do(uow, actors[role], number, version)
        changed = await whole(world)
        assert changed != before
        if action != "reveal":
            with pytest.raises(Stale):
                async with world.unit() as uow:
                    await do(uow, actors[role], number, version)
            assert await whole(world) == changed


async def cast(world: World) -> dict[str, int]:
    """Give one member of each role."""
    return {
        "owner": await world.member(),
        "stranger": await world.member(),
        "operator": await world.member(role="operator"),
        "paused operator": await world.member(role="operator", status="paused"),
        "banned operator": await world.member(role="operator", status="banned"),
        "nobody": 10**9,
    }


@pytest.mark.parametrize(("action", "status"), WITHDRAWAL_TABLE, ids="-".join)
async def test_who_may_do_what_with_a_withdrawal(world: World, action: str, status: str) -> None:
    """Proves each cell of the table: who may not changes nothing, who may does it once, an old version never."""
    actors = await cast(world)
    number, version = await withdrawal_in(world, status, owner=actors["owner"], operator=actors["operator"])
    await check_row(world, action, number, version, actors, WITHDRAWAL_TABLE[action, status])


@pytest.mark.parametrize(("action", "status"), DEPOSIT_TABLE, ids="-".join)
async def test_who_may_do_what_with_a_deposit(world: World, action: str, status: str) -> None:
    """Proves each cell of the table for deposits."""
    actors = await cast(world)
    number, version = await deposit_in(world, status, owner=actors["owner"], operator=actors["operator"])
    await check_row(world, action, number, version, actors, DEPOSIT_TABLE[action, status])


async def test_the_desk_lets_operators_in_and_nobody_else(world: World) -> None:
    """Proves that every look at the desk is refused to everybody but an active operator, whatever the id."""
    actors = await cast(world)
    number, _ = await withdrawal_in(world, "requested", owner=actors["owner"], operator=actors["operator"])
    looks: list[Callable[[UnitOfWork, int], Awaitable[Any]]] = [
        lambda uow, by: admin.get_desk(uow, by=by),
        lambda uow, by: admin.list_withdrawals(uow, by=by, after=0),
        lambda uow, by: admin.list_deposits(uow, by=by, after=0),
        lambda uow, by: admin.get_withdrawal(uow, by=by, withdrawal_id=number, vault=VAULT),
        lambda uow, by: admin.want_audit(uow, by=by),
        lambda uow, by: wallet.freeze_payouts(uow, by=by, reason="x"),
        lambda uow, by: wallet.thaw_payouts(uow, by=by),
    ]
    before = await whole(world)
    for look in looks:
        for role in ("owner", "stranger", "paused operator", "banned operator", "nobody"):
            with pytest.raises(NotAllowed):
                async with world.unit() as uow:
                    await look(uow, actors[role])
    assert await whole(world) == before
    for look in looks:
        async with world.unit() as uow:
            await look(uow, actors["operator"])


async def test_the_whole_destination_is_shown_once_taken_on(world: World) -> None:
    """Proves that an operator sees the masked destination, then all of it, then the masked one; each look is noted."""
    owner, operator = await world.member(), await world.member(role="operator")
    number, _ = await withdrawal_in(world, "requested", owner=owner, operator=operator)
    shown = []
    for step in (None, _approve, _send):
        async with world.unit() as uow:
            if step is not None:
                await step(uow, operator, number, 1 if step is _approve else 2)
            shown.append((await admin.get_withdrawal(uow, by=operator, withdrawal_id=number, vault=VAULT))[1])
    assert shown == ["a•••@example.com", "ann@example.com", "a•••@example.com"]
    looks = await world.value("SELECT count(*) FROM audit_log WHERE action = 'destination_revealed'")
    assert looks == 1


async def test_the_desk_counts_what_waits(world: World) -> None:
    """Proves the counts and sums of the queues, the pages, the freeze and an audit that was asked for once."""
    operator = await world.member(role="operator")
    for _ in range(9):
        await withdrawal_in(world, "requested", owner=await world.member(), operator=operator)
    await deposit_in(world, "claimed", owner=await world.member(), operator=operator)
    async with world.unit() as uow:
        desk = await admin.get_desk(uow, by=operator)
        page, more = await admin.list_withdrawals(uow, by=operator, after=0)
        rest, no_more = await admin.list_withdrawals(uow, by=operator, after=page[-1].id)
    assert (desk.withdrawals, desk.withdrawals_net, desk.deposits, desk.deposits_amount) == (9, 900_000, 1, 50_000)
    assert (desk.frozen, desk.check.differences, desk.check.wanted) == (None, None, False)
    assert (len(page), more, len(rest), no_more) == (8, True, 1, False)
    async with world.unit() as uow:
        await wallet.freeze_payouts(uow, by=operator, reason="a look at the bank")
        assert await admin.want_audit(uow, by=operator)
        assert not await admin.want_audit(uow, by=operator)
        desk = await admin.get_desk(uow, by=operator)
    assert (desk.frozen, desk.check.wanted) == ("a look at the bank", True)


async def test_a_check_that_was_asked_for_runs_beside_the_work(world: World) -> None:
    """Proves that the audit takes the wish up, and the desk then shows its result and its counts."""
    operator, worker = await world.member(role="operator"), await world.member()
    await world.earn(worker, 5_000)
    async with world.unit() as uow:
        await admin.want_audit(uow, by=operator)
    auditor = Auditor(database=world.database, clock=lambda: world.now, after_commit=lambda: None)
    await auditor.run_due()
    async with world.unit() as uow:
        check = (await admin.get_desk(uow, by=operator)).check
    assert (check.differences, check.at, check.wanted) == (0, world.now, False)
    assert dict(check.counts)["chain"] == await world.value("SELECT count(*) FROM entries")
