"""What a balance and a statement show, on a real file: money that waits, that is on its way, and every line."""

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from bot.domain.entry import EntryKind
from bot.domain.errors import DomainError
from bot.domain.wallet import NotEnough, NotPayable, Way, WithdrawalUnderWay
from bot.services import balance, deposit, wallet
from storage import audit
from storage.database import Database
from storage.rows import to_ms
from tests.ledger_world import HOUSE, VAULT, World


@pytest.fixture
def world(database: Database, now: datetime) -> World:
    """Give a world on this test's database."""
    return World(database, now)


async def submitted(world: World, worker: int, *, reward: int, review_by: datetime) -> None:
    """Let a worker wait for the review of a place."""
    employer = await world.member()
    await world.fund(employer, reward)
    job_id, lot_id = await world.job(employer, reward=reward, fee=0, slots=1)
    assignment = await world.take(job_id, lot_id, worker)
    await world.execute(
        "INSERT INTO submissions (assignment_id, job_id, status, submitted_at, review_by_at)"
        " VALUES (?, ?, 'pending', ?, ?)",
        assignment,
        job_id,
        to_ms(world.now),
        to_ms(review_by),
    )


async def test_money_that_waits_is_a_line_of_its_own(world: World) -> None:
    """Proves that work sent and work approved are told apart from what is available, with the next date it pays."""
    worker = await world.member()
    soon, later = world.now + timedelta(days=1), world.now + timedelta(days=3)
    await submitted(world, worker, reward=700, review_by=later)
    await submitted(world, worker, reward=300, review_by=soon)
    await world.earn(worker, 150_000)
    employer = await world.member()
    await world.fund(employer, 500)
    job_id, lot_id = await world.job(employer, reward=500, fee=0, slots=1)
    await world.take(job_id, lot_id, worker)
    await world.execute(
        "INSERT INTO assignments (job_id, lot_id, worker_id, status, reserved_at, deadline_at, pay_at)"
        " VALUES (?, ?, ?, 'approved', 1, 2, ?)",
        job_id,
        lot_id,
        worker,
        to_ms(world.now),
    )
    async with world.unit() as uow:
        sheet = await balance.get_balance(uow, member_id=worker, house=HOUSE)
    assert (sheet.available, sheet.earned, sheet.held) == (150_000, 150_000, 0)
    assert (sheet.work.waiting, sheet.work.next_pay_at, sheet.work.coming) == (1_500, soon, 500)
    assert not sheet.pays_for_jobs


async def test_only_who_pays_for_jobs_is_offered_to(world: World) -> None:
    """Proves that publishing a job, or money for jobs, makes a member somebody who may be asked to add some."""
    worker, employer, funded = await world.member(), await world.member(), await world.member()
    await world.fund(employer, 645)
    await world.job(employer)
    await world.fund(funded, 1)
    async with world.unit() as uow:
        sheets = [await balance.get_balance(uow, member_id=m, house=HOUSE) for m in (worker, employer, funded)]
    assert [sheet.pays_for_jobs for sheet in sheets] == [False, True, True]


async def test_a_statement_pages_and_its_balances_add_up(world: World) -> None:
    """Proves that the pages hold every movement once, newest first, each with the balance it left."""
    worker = await world.member()
    for _ in range(11):
        await world.earn(worker, 20_000)
    async with world.unit() as uow:
        asked = await wallet.request_withdrawal(
            uow,
            member_id=worker,
            way=Way.PAYPAL,
            destination="ann@example.com",
            amount=120_000,
            house=HOUSE,
            vault=VAULT,
        )
    async with world.unit() as uow:
        first = await balance.get_statement(uow, member_id=worker, purse="available", before=0)
        assert first.older is not None
        second = await balance.get_statement(uow, member_id=worker, purse="available", before=first.older)
    rows = [*first.rows, *second.rows]
    assert (first.is_first, second.is_first, second.older) == (True, False, None)
    assert (len(first.rows), len(rows)) == (8, 12)
    assert (rows[0].kind, rows[0].amount, rows[0].withdrawal_id) == (EntryKind.WITHDRAWAL_HELD, -120_000, asked.id)
    assert all(newer.balance == older.balance + newer.amount for newer, older in pairwise(rows))
    assert rows[0].balance == await world.balance(f"member:{worker}:available")
    assert rows[-1].job_title == "A survey"


async def test_a_new_destination_is_known_before_it_is_asked_for(world: World) -> None:
    """Proves that only who was paid elsewhere before hears of the waiting day."""
    worker, operator = await world.member(), await world.member(role="operator")
    await world.earn(worker, 200_000)

    async def is_new(to: str) -> bool:
        async with world.unit() as uow:
            return await balance.is_new_destination(uow, member_id=worker, way=Way.PAYPAL, canonical=to, vault=VAULT)

    assert not await is_new("ann@example.com")
    async with world.unit() as uow:
        asked = await wallet.request_withdrawal(
            uow,
            member_id=worker,
            way=Way.PAYPAL,
            destination="ann@example.com",
            amount=100_000,
            house=HOUSE,
            vault=VAULT,
        )
        await wallet.approve_withdrawal(uow, withdrawal_id=asked.id, version=1, by=operator)
        await wallet.mark_sent(uow, withdrawal_id=asked.id, version=2, reference="PP-1", by=operator)
    assert not await is_new("ann@example.com")
    assert await is_new("bob@example.com")


async def test_claims_that_wait_are_listed(world: World) -> None:
    """Proves that a decided deposit is no longer waiting."""
    member, operator = await world.member(), await world.member(role="operator")
    async with world.unit() as uow:
        one = await deposit.claim_deposit(uow, member_id=member, amount=10_000, reference="one")
        two = await deposit.claim_deposit(uow, member_id=member, amount=20_000, reference="two")
    async with world.unit() as uow:
        await deposit.refuse_deposit(uow, deposit_id=one.id, version=1, by=operator, note="not_arrived")
    async with world.unit() as uow:
        assert [d.id for d in await balance.list_claims(uow, member_id=member)] == [two.id]


async def request(world: World, worker: int, amount: int) -> DomainError | None:
    """Ask for a withdrawal in a unit of its own; give the refusal, or None."""
    try:
        async with world.unit() as uow:
            await wallet.request_withdrawal(
                uow,
                member_id=worker,
                way=Way.JAZZCASH,
                destination="0300 1234567",
                amount=amount,
                house=HOUSE,
                vault=VAULT,
            )
    except DomainError as refusal:
        return refusal
    return None


async def test_everything_and_one_coin_more_is_refused(world: World) -> None:
    """Proves that no more than everything can be taken out, and that everything can."""
    worker = await world.member()
    await world.earn(worker, 123_456)
    assert isinstance(await request(world, worker, 123_500), NotEnough)
    assert isinstance(await request(world, worker, 123_401), NotPayable)
    assert await world.balance(f"member:{worker}:held") == 0
    assert await request(world, worker, 123_400) is None
    assert await world.balance(f"member:{worker}:available") == 56


async def test_of_many_requests_at_once_one_is_made(world: World) -> None:
    """Proves that requests racing each other hold the money once, and leave the ledger right."""
    worker = await world.member()
    await world.earn(worker, 300_000)
    answers = await asyncio.gather(*(request(world, worker, 100_000) for _ in range(8)))
    assert [type(answer) for answer in answers if answer is not None] == [WithdrawalUnderWay] * 7
    assert await world.value("SELECT count(*) FROM withdrawals") == 1
    assert await world.balance(f"member:{worker}:held") == 100_000
    async with world.database.read() as tx:
        assert (await audit.examine(tx)).ok
