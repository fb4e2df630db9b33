"""A small marketplace for tests of money: members, a funded job, places taken and paid, by the real writers.

Everything is read back through a connection of its own, so only what was committed counts.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from bot.domain import entry
from bot.domain.house import House
from bot.domain.wallet import Way
from bot.services import deposit, wallet
from storage import ledger
from storage.database import Database
from storage.migrate import migrate
from storage.rows import Row, to_ms
from storage.unit import UnitOfWork
from storage.vault import Vault
from tests.engines import rows as rows_of
from tests.engines import url_of

HOUSE = House(withdrawal_minimum=100_000)
VAULT = Vault.of(b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")


@dataclass(slots=True)
class World:
    """A database with a clock that the test turns."""

    database: Database
    now: datetime
    numbers: "count[int]" = field(default_factory=count)

    def unit(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open the next unit at the world's time."""
        return self.database.unit(f"test:{next(self.numbers)}", now=self.now)

    async def execute(self, sql: str, *values: Any) -> list[Row]:
        """Run a statement in a unit of its own."""
        async with self.unit() as uow:
            return list(await rows_of(uow.tx, sql, values))

    async def look(self, sql: str, *values: Any) -> list[Row]:
        """Read what is committed."""
        async with self.database.read() as tx:
            return list(await rows_of(tx, sql, values))

    async def value(self, sql: str, *values: Any) -> Any:
        """Read one committed value."""
        rows = await self.look(sql, *values)
        return rows[0][0] if rows else None

    async def balance(self, account: str) -> int:
        """Read one account's committed balance."""
        async with self.database.read() as tx:
            return await ledger.balance(tx, account)

    async def member(self, *, role: str = "member", status: str = "active") -> int:
        """Add a member and give their id."""
        number = next(self.numbers) + 1_000_000
        rows = await self.execute(
            "INSERT INTO members (telegram_user_id, role, status, created_at, seen_at) VALUES (?, ?, ?, 1, 1)"
            " RETURNING id",
            number,
            role,
            status,
        )
        return int(rows[0][0])

    async def fund(self, member_id: int, amount: int) -> int:
        """Credit a confirmed deposit and give its id."""
        async with self.unit() as uow:
            return await self.fund_in(uow, member_id, amount)

    async def fund_in(self, uow: UnitOfWork, member_id: int, amount: int) -> int:
        """Credit a confirmed deposit in this unit and give its id."""
        row = await uow.tx.insert(
            "wallet_insert_deposit",
            member_id=member_id,
            amount=amount,
            reference=f"REF{next(self.numbers)}",
            at=to_ms(self.now),
        )
        paid_in = entry.deposit(deposit_id=row["id"], member_id=member_id, amount=amount, at=self.now)
        entry_id = await ledger.post(uow.tx, paid_in)
        await uow.tx.run(
            "wallet_update_deposit",
            id=row["id"],
            version=1,
            status="confirmed",
            by=member_id,
            entry_id=entry_id,
            at=to_ms(self.now),
        )
        uow.emit("deposit_confirmed", {"deposit_id": row["id"], "entry_id": entry_id})
        return int(row["id"])

    async def job(self, employer_id: int, *, reward: int = 200, fee: int = 15, slots: int = 3) -> tuple[int, int]:
        """Publish a job whose money is set aside; give the ids of job and lot."""
        async with self.unit() as uow:
            job = await rows_of(
                uow.tx,
                "INSERT INTO jobs (token, employer_id, category_id, title, steps, requirements, reward, fee, minutes,"
                " time_limit_minutes, review_days, status, created_at)"
                " VALUES (?, ?, 'surveys', 'A survey', '[]', '[]', ?, ?, 5, 15, 3, 'open', 1) RETURNING id",
                (f"t{next(self.numbers)}", employer_id, reward, fee),
            )
            job_id = next(iter(job))[0]
            lot = await rows_of(
                uow.tx,
                "INSERT INTO lots (job_id, reward, fee, slots) VALUES (?, ?, ?, ?) RETURNING id",
                (job_id, reward, fee, slots),
            )
            lot_id = next(iter(lot))[0]
            cost = slots * (reward + fee)
            await ledger.post(
                uow.tx,
                entry.job_funded(job_id=job_id, lot_id=lot_id, member_id=employer_id, from_funds=cost, at=self.now),
            )
            return job_id, lot_id

    async def take(self, job_id: int, lot_id: int, worker_id: int) -> int:
        """Take a place and give the assignment's id."""
        async with self.unit() as uow:
            await rows_of(uow.tx, "UPDATE lots SET taken = taken + 1 WHERE id = ?", (lot_id,))
            rows = await rows_of(
                uow.tx,
                "INSERT INTO assignments (job_id, lot_id, worker_id, status, reserved_at, deadline_at)"
                " VALUES (?, ?, ?, 'submitted', 1, 2) RETURNING id",
                (job_id, lot_id, worker_id),
            )
            return int(next(iter(rows))[0])

    async def pay(self, assignment_id: int, *, hold: timedelta = timedelta(0)) -> int:
        """Approve and pay a taken place; give the entry's id."""
        async with self.unit() as uow:
            return await self.pay_in(uow, assignment_id, hold=hold)

    async def pay_in(self, uow: UnitOfWork, assignment_id: int, *, hold: timedelta = timedelta(0)) -> int:
        """Approve and pay a taken place in this unit; give the entry's id."""
        rows = await rows_of(
            uow.tx,
            "SELECT a.worker_id, a.job_id, a.lot_id, l.reward, l.fee FROM assignments a JOIN lots l ON l.id = a.lot_id"
            " WHERE a.id = ?",
            (assignment_id,),
        )
        place = next(iter(rows))
        await rows_of(uow.tx, "UPDATE lots SET taken = taken - 1, paid = paid + 1 WHERE id = ?", (place["lot_id"],))
        await uow.tx.run(
            "update_decided_assignment",
            id=assignment_id,
            version_before=1,
            version=2,
            status="approved",
            deadline_at=to_ms(self.now),
            warned_at=None,
            decided_at=to_ms(self.now),
            pay_at=to_ms(self.now),
            reopen_at=None,
        )
        await uow.tx.run("mark_place_paid", id=assignment_id, now=to_ms(self.now))
        entry_id = await ledger.post(
            uow.tx,
            entry.reward_paid(
                assignment_id=assignment_id,
                job_id=place["job_id"],
                worker_id=place["worker_id"],
                reward=place["reward"],
                fee=place["fee"],
                hold=hold,
                at=self.now,
            ),
        )
        uow.emit("reward_paid", {"assignment_id": assignment_id, "entry_id": entry_id})
        return entry_id

    async def earn(self, worker_id: int, amount: int, *, hold: timedelta = timedelta(0)) -> int:
        """Let a worker earn an amount from a job of its own; give the entry's id."""
        employer_id = await self.member()
        await self.fund(employer_id, amount)
        job_id, lot_id = await self.job(employer_id, reward=amount, fee=0, slots=1)
        return await self.pay(await self.take(job_id, lot_id, worker_id), hold=hold)


async def populate(path: Path) -> None:
    """Make a file whose ledger has every kind of row in every status that exists today."""
    await populate_at(url_of(path))


async def populate_at(url: str) -> None:
    """Fill an empty database, on either engine, like that."""
    database = await Database.open(url)
    try:
        await migrate(database)
        await _live(World(database, datetime(2030, 1, 15, 12, 0, tzinfo=UTC)))
    finally:
        await database.close()


async def _live(world: World) -> None:
    operator = await world.member(role="operator")
    ann, bob, cat, employer = [await world.member() for _ in range(4)]
    await world.fund(employer, 2_000_000)
    job_id, lot_id = await world.job(employer, reward=200_000, fee=15_000, slots=5)
    for worker in (ann, bob, cat):
        hold = timedelta(hours=24) if worker == cat else timedelta(0)
        await world.pay(await world.take(job_id, lot_id, worker), hold=hold)
    await world.take(job_id, lot_id, operator)
    await world.earn(cat, 30_000, hold=timedelta(hours=1))
    world.now += timedelta(hours=2)
    async with world.unit() as uow:
        assert await wallet.mature_rewards(uow) == 1
    for worker, end in ((ann, "sent"), (bob, "approved"), (ann, "refused")):
        async with world.unit() as uow:
            asked = await wallet.request_withdrawal(
                uow,
                member_id=worker,
                way=Way.PAYPAL,
                destination=f"w{worker}@example.com",
                amount=100_000,
                house=HOUSE,
                vault=VAULT,
            )
            if end == "refused":
                await wallet.refuse_withdrawal(uow, withdrawal_id=asked.id, version=1, by=operator)
                continue
            await wallet.approve_withdrawal(uow, withdrawal_id=asked.id, version=1, by=operator)
            if end == "sent":
                await wallet.mark_sent(uow, withdrawal_id=asked.id, version=2, reference=f"PP-{asked.id}", by=operator)
    async with world.unit() as uow:
        await deposit.claim_deposit(uow, member_id=ann, amount=50_000, reference="waiting")
