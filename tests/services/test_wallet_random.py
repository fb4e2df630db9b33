"""Random sequences of what members and operators do with money, audited after every step; and races.

`MONEY_SEQUENCES` asks for more of them than an ordinary run has time for.
"""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain import entry
from bot.domain.errors import DomainError
from bot.domain.house import House
from bot.domain.wallet import Way, Withdrawal
from bot.services import deposit, wallet
from storage import ledger
from storage.audit import examine
from storage.database import Database
from storage.errors import BrokenRule
from storage.unit import UnitOfWork
from tests.ledger_world import VAULT, World

SEQUENCES = int(os.environ.get("MONEY_SEQUENCES", "4"))
STEPS = 40
RACES = 25
HOUSE = House(withdrawal_minimum=10_000, withdrawal_fee_bp={"paypal": 250})

Act = Callable[[UnitOfWork], Awaitable[Any]]


@dataclass(slots=True)
class Market:
    """A few people, and everything that could be acted on so far, stale things included."""

    world: World
    chance: random.Random
    people: list[int] = field(default_factory=list)
    operators: list[int] = field(default_factory=list)
    lots: list[tuple[int, int, int]] = field(default_factory=list)  # job, lot, employer
    taken: list[int] = field(default_factory=list)

    def anyone(self) -> int:
        """Choose somebody, now and then an operator or nobody at all."""
        return self.chance.choice([*self.people * 3, *self.operators, 999_999])

    def operator(self) -> int:
        """Choose who decides: mostly an operator."""
        return self.chance.choice([*self.operators * 5, self.people[0]])

    async def pick(self, table: str) -> tuple[int, int]:
        """Choose a row of a table and a version that is mostly its own."""
        rows = await self.world.look(f"SELECT id, version FROM {table}")  # noqa: S608
        if not rows:
            return 1, 1
        row = self.chance.choice(rows)
        return row["id"], row["version"] - (self.chance.random() < 0.15)


async def deposit_claimed(m: Market) -> Act:
    """Somebody says they paid, sometimes under a reference that was used."""
    who, amount, reference = m.anyone(), m.chance.randint(1, 900_000), f"ref-{m.chance.randint(1, 30)}"
    return lambda uow: deposit.claim_deposit(uow, member_id=who, amount=amount, reference=reference)


async def deposit_decided(m: Market) -> Act:
    """An operator confirms or refuses one."""
    (number, version), by = await m.pick("deposits"), m.operator()
    decide = deposit.refuse_deposit if m.chance.random() < 0.2 else deposit.confirm_deposit
    return lambda uow: decide(uow, deposit_id=number, version=version, by=by)


async def withdrawal_requested(m: Market) -> Act:
    """Somebody asks for money out, mostly of a size they have."""
    who, way = m.anyone(), m.chance.choice(list(Way))
    have = await m.world.balance(f"member:{who}:available")
    amount = max(1, m.chance.choice([have // 100 * 100, have // 200 * 100, have + 100, 9_900]))
    destination = {Way.PAYPAL: f"w{m.chance.randint(1, 4)}@example.com", Way.JAZZCASH: "0300 1234567"}[way]
    return lambda uow: wallet.request_withdrawal(
        uow, member_id=who, way=way, destination=destination, amount=amount, house=HOUSE, vault=VAULT
    )


async def withdrawal_moved(m: Market) -> Act:
    """A withdrawal is cancelled, approved, refused or marked sent, by anybody, in any status."""
    (number, version), by = await m.pick("withdrawals"), m.operator()
    step = m.chance.choice(["cancel", "approve", "approve", "send", "send", "refuse"])
    if step == "cancel":
        who = m.chance.choice(m.people)
        return lambda uow: wallet.cancel_withdrawal(uow, withdrawal_id=number, version=version, by=who)
    if step == "approve":
        return lambda uow: wallet.approve_withdrawal(uow, withdrawal_id=number, version=version, by=by)
    if step == "refuse":
        return lambda uow: wallet.refuse_withdrawal(uow, withdrawal_id=number, version=version, by=by)
    reference = f"pp-{m.chance.randint(1, 40)}"
    return lambda uow: wallet.mark_sent(uow, withdrawal_id=number, version=version, reference=reference, by=by)


async def job_published(m: Market) -> Act:
    """Somebody funds a job out of what they have."""
    who = m.chance.choice(m.people)
    reward, slots = m.chance.randint(1, 60_000), m.chance.randint(1, 3)
    fee = m.chance.choice([0, reward // 10 + 1])
    if await m.world.balance(f"member:{who}:funds") >= slots * (reward + fee):
        m.lots.append((*await m.world.job(who, reward=reward, fee=fee, slots=slots), who))
    return _nothing


async def place_taken(m: Market) -> Act:
    """Somebody else takes a place, if one is left."""
    if m.lots:
        job_id, lot_id, employer = m.chance.choice(m.lots)
        row = (await m.world.look("SELECT * FROM lots WHERE id = ?", lot_id))[0]
        worked = {r[0] for r in await m.world.look("SELECT worker_id FROM assignments WHERE job_id = ?", job_id)}
        workers = [p for p in m.people if p != employer and p not in worked]
        if workers and row["taken"] + row["paid"] + row["released"] < row["slots"]:
            m.taken.append(await m.world.take(job_id, lot_id, m.chance.choice(workers)))
    return _nothing


async def place_paid(m: Market) -> Act:
    """A place is paid, at once or into a hold."""
    if m.taken:
        number = m.taken.pop(m.chance.randrange(len(m.taken)))
        await m.world.pay(number, hold=timedelta(hours=m.chance.choice([0, 0, 12, 24])))
    return _nothing


async def place_paid_twice(m: Market) -> Act:
    """A defect of ours pays a place again: under the same key (no effect) or another (refused)."""
    rows = await m.world.look(
        "SELECT a.*, l.reward, l.fee FROM assignments a JOIN lots l ON l.id = a.lot_id WHERE a.status = 'approved'"
    )
    if not rows:
        return _nothing
    place = m.chance.choice(rows)
    again = entry.reward_paid(
        assignment_id=place["id"],
        job_id=place["job_id"],
        worker_id=place["worker_id"],
        reward=place["reward"],
        fee=place["fee"],
        hold=timedelta(0),
        at=m.world.now,
    )
    key = m.chance.choice([again.key, "another"])
    return lambda uow: ledger.post(uow.tx, replace(again, key=key))


async def money_overdrawn(m: Market) -> Act:
    """A defect of ours moves more than an account has."""
    who = m.chance.choice(m.people)
    have = await m.world.balance(f"member:{who}:funds")
    too_much = entry.deposit_refunded(deposit_id=1, member_id=who, amount=have + 1, at=m.world.now)
    return lambda uow: ledger.post(uow.tx, too_much)


async def time_passed(m: Market) -> Act:
    """Hours pass and holds end."""
    m.world.now += timedelta(hours=m.chance.randint(1, 30))
    return lambda uow: wallet.mature_rewards(uow, limit=3)


async def payouts_switched(m: Market) -> Act:
    """An operator stops payouts or lets them go on."""
    by = m.operator()
    if m.chance.random() < 0.3:
        return lambda uow: wallet.freeze_payouts(uow, by=by, reason="a drill")
    return lambda uow: wallet.thaw_payouts(uow, by=by)


async def _nothing(uow: UnitOfWork) -> None:
    """Do nothing: the preparing was the action, or there was nothing to act on."""


ACTIONS = [
    deposit_claimed,
    deposit_decided,
    deposit_decided,
    withdrawal_requested,
    withdrawal_moved,
    withdrawal_moved,
    job_published,
    place_taken,
    place_taken,
    place_paid,
    place_paid,
    place_paid_twice,
    money_overdrawn,
    time_passed,
    payouts_switched,
]


async def everything(world: World) -> list[Any]:
    """Give every row that an action could have changed."""
    tables = ("accounts", "entries", "transfers", "deposits", "withdrawals", "maturing", "lots", "events", "deliveries")
    return [[tuple(r) for r in await world.look(f"SELECT * FROM {t} ORDER BY 1")] for t in tables]  # noqa: S608


async def test_random_sequences_keep_every_invariant(database: Database, now: datetime) -> None:
    """Proves that after every action, allowed, refused or mistaken, all holds and a refusal changed nothing."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    world, done, refused = World(database, now), 0, 0
    for number in range(SEQUENCES):
        m = Market(world, random.Random(seed + number))
        m.people = [await world.member() for _ in range(4)]
        m.operators = [await world.member(role="operator")]
        for person in m.people[:2]:
            await world.fund(person, 500_000)
        for step in range(STEPS):
            action = m.chance.choice(ACTIONS)
            act = await action(m)
            before = await everything(world)
            try:
                async with world.unit() as uow:
                    await act(uow)
                done += 1
            except (DomainError, BrokenRule, ledger.KeyReused):
                refused += 1
                assert await everything(world) == before, f"seed {seed}, {number}.{step} {action.__name__}"
            async with database.read() as tx:
                report = await examine(tx)
            assert report.ok, f"seed {seed}, {number}.{step} {action.__name__}: {report.findings}"
    print(f"{done} actions done, {refused} refused")
    assert done > 0
    assert refused > 0


async def ask(world: World, worker: int) -> int:
    """Request a withdrawal and give its id."""
    async with world.unit() as uow:
        return (await _ask(uow, worker)).id


def _ask(uow: UnitOfWork, worker: int) -> Awaitable[Withdrawal]:
    return wallet.request_withdrawal(
        uow,
        member_id=worker,
        way=Way.PAYPAL,
        destination=f"w{worker}@example.com",
        amount=50_000,
        house=HOUSE,
        vault=VAULT,
    )


def racer(name: str, subject: int, worker: int, operator: int) -> Act:
    """Give one side of a race over a deposit or withdrawal."""
    acts: dict[str, Act] = {
        "withdraw": lambda uow: _ask(uow, worker),
        "cancel": lambda uow: wallet.cancel_withdrawal(uow, withdrawal_id=subject, version=1, by=worker),
        "approve": lambda uow: wallet.approve_withdrawal(uow, withdrawal_id=subject, version=1, by=operator),
        "send": lambda uow: wallet.mark_sent(
            uow, withdrawal_id=subject, version=2, reference=f"race-{subject}", by=operator
        ),
        "confirm": lambda uow: deposit.confirm_deposit(uow, deposit_id=subject, version=1, by=operator),
        "refuse": lambda uow: deposit.refuse_deposit(uow, deposit_id=subject, version=1, by=operator),
    }
    return acts[name]


async def run(world: World, act: Act) -> bool:
    """Act in a unit of its own; False when it was refused."""
    try:
        async with world.unit() as uow:
            await act(uow)
    except DomainError:
        return False
    return True


@pytest.mark.parametrize(
    "pair", ["withdraw/withdraw", "cancel/approve", "approve/approve", "send/send", "confirm/refuse"]
)
async def test_of_two_at_once_one_wins(database: Database, now: datetime, pair: str) -> None:
    """Proves that of two contrary decisions made at the same time exactly one has an effect."""
    world = World(database, now)
    operator = await world.member(role="operator")
    for number in range(RACES):
        worker, subject = await world.member(), 0
        await world.earn(worker, 50_000)
        if pair == "confirm/refuse":
            async with world.unit() as uow:
                claimed = await deposit.claim_deposit(uow, member_id=worker, amount=5, reference=f"race-{number}")
            subject = claimed.id
        elif pair != "withdraw/withdraw":
            subject = await ask(world, worker)
        if pair == "send/send":
            assert await run(world, racer("approve", subject, worker, operator))
        sides = [racer(name, subject, worker, operator) for name in pair.split("/")]
        won = await asyncio.gather(*(run(world, side) for side in sides))
        assert sorted(won) == [False, True], f"race {number}"
    async with database.read() as tx:
        assert (await examine(tx)).ok
