"""A marketplace with proof waiting for review, for tests: an employer, a funded job, workers who sent proof."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.house import House
from bot.domain.member import Member
from bot.services import review
from bot.services.places import take_place
from storage import audit, members
from storage.database import Database
from storage.rows import to_ms
from tests.engines import rows as rows_of
from tests.ledger_world import World

HOUSE = House()
REWARD, FEE = 5000, 500
REVIEW_TIME = timedelta(days=3)


@dataclass(slots=True, kw_only=True)
class ReviewWorld(World):
    """A world with one employer and one job; `submit` sends proof for a place in it."""

    employer: Member
    job_id: int
    lot_id: int

    @classmethod
    async def make(
        cls, database: Database, now: datetime, *, slots: int = 3, requirements: Any = None
    ) -> "ReviewWorld":
        """Fund and publish a job whose employer is `world.employer`."""
        base = World(database, now)
        employer_id = await base.member()
        await base.fund(employer_id, slots * (REWARD + FEE))
        job_id, lot_id = await base.job(employer_id, reward=REWARD, fee=FEE, slots=slots)
        if requirements is not None:
            await base.execute("UPDATE jobs SET requirements = ? WHERE id = ?", json.dumps(requirements), job_id)
        employer = await _member(database, employer_id)
        return cls(database=database, now=now, numbers=base.numbers, employer=employer, job_id=job_id, lot_id=lot_id)

    async def someone(self) -> Member:
        """Add a member."""
        return await _member(self.database, await self.member())

    async def submit(
        self,
        worker_id: int | None = None,
        *,
        job: tuple[int, int] | None = None,
        answers: tuple[str, ...] = (),
        review_time: timedelta = REVIEW_TIME,
    ) -> int:
        """Let a (new) worker take a place and send proof six minutes later; give the submission's id."""
        job_id, lot_id = job or (self.job_id, self.lot_id)
        who = worker_id or await self.member()
        async with self.unit() as uow:
            lot = await take_place(uow, job_id=job_id)
            assert lot is not None
            assert lot.id == lot_id
            rows = await rows_of(
                uow.tx,
                "INSERT INTO assignments (job_id, lot_id, worker_id, status, reserved_at, deadline_at, submitted_at)"
                " VALUES (?, ?, ?, 'submitted', ?, ?, ?) RETURNING id",
                (job_id, lot_id, who, to_ms(self.now - timedelta(minutes=6)), to_ms(self.now), to_ms(self.now)),
            )
            assignment_id = int(next(iter(rows))[0])
        return await self.submit_round(assignment_id, job_id, 1, answers=answers, review_time=review_time)

    async def submit_round(
        self,
        assignment_id: int,
        job_id: int,
        round_number: int,
        *,
        answers: tuple[str, ...] = (),
        review_time: timedelta = REVIEW_TIME,
    ) -> int:
        """Add the submission of a round and give its id."""
        await self.execute(
            "UPDATE assignments SET status = 'submitted', version = version + 1 WHERE id = ?", assignment_id
        )
        rows = await self.execute(
            "INSERT INTO submissions (assignment_id, job_id, round, status, answers, submitted_at, review_by_at)"
            " VALUES (?, ?, ?, 'pending', ?, ?, ?) RETURNING id",
            assignment_id,
            job_id,
            round_number,
            json.dumps(answers),
            to_ms(self.now),
            to_ms(self.now + review_time),
        )
        return int(rows[0][0])

    async def picture(self, submission_id: int, unique: str, **columns: Any) -> int:
        """Add a stored picture to a submission and give its id."""
        assignment_id = await self.value("SELECT assignment_id FROM submissions WHERE id = ?", submission_id)
        row = {
            "assignment_id": assignment_id,
            "submission_id": submission_id,
            "requirement": 0,
            "kind": "photo",
            "file_id": f"file-{unique}",
            "file_unique_id": unique,
            "status": "stored",
            "created_at": to_ms(self.now),
            **columns,
        }
        rows = await self.execute(
            f"INSERT INTO proofs ({', '.join(row)}) VALUES ({', '.join('?' * len(row))}) RETURNING id",  # noqa: S608
            *row.values(),
        )
        return int(rows[0][0])

    async def version(self, submission_id: int) -> int:
        """Read a submission's version."""
        return int(await self.value("SELECT version FROM submissions WHERE id = ?", submission_id))

    async def status(self, submission_id: int) -> tuple[str, str]:
        """Read the status of a submission and of its place."""
        rows = await self.look(
            "SELECT s.status, a.status FROM submissions s JOIN assignments a ON a.id = s.assignment_id WHERE s.id = ?",
            submission_id,
        )
        return rows[0][0], rows[0][1]

    async def assignment_of(self, submission_id: int) -> int:
        """Read the place a submission was sent for."""
        return int(await self.value("SELECT assignment_id FROM submissions WHERE id = ?", submission_id))

    async def worker_of(self, submission_id: int) -> int:
        """Read who sent a submission."""
        return int(
            await self.value(
                "SELECT a.worker_id FROM submissions s JOIN assignments a ON a.id = s.assignment_id WHERE s.id = ?",
                submission_id,
            )
        )

    async def lot(self, lot_id: int | None = None) -> tuple[int, int, int]:
        """Read how many places are taken, paid and released."""
        rows = await self.look("SELECT taken, paid, released FROM lots WHERE id = ?", lot_id or self.lot_id)
        return tuple(rows[0])

    async def approve(self, submission_id: int, version: int = 1) -> None:
        """Approve as the employer."""
        async with self.unit() as uow:
            await review.approve(uow, submission_id=submission_id, version=version, by=self.employer, house=HOUSE)

    async def pay_due(self, limit: int = 20) -> int:
        """Run the tick that pays."""
        async with self.unit() as uow:
            return await review.pay_approved(uow, limit=limit, house=HOUSE)

    async def deliveries(self, kind: str) -> list[tuple[int, int, str, str | None]]:
        """Read who is owed messages of a kind: member, milliseconds from now, lane, topic."""
        rows = await self.look(
            "SELECT d.member_id, d.due_at, d.lane, d.topic FROM deliveries d JOIN events e ON e.id = d.event_id"
            " WHERE e.kind = ? ORDER BY d.id",
            kind,
        )
        return [(row[0], row[1] - to_ms(self.now), row[2], row[3]) for row in rows]

    async def check_ledger(self) -> None:
        """See that every identity of the ledger holds."""
        async with self.database.read() as tx:
            report = await audit.examine(tx)
        assert report.ok, report.findings


async def _member(database: Database, member_id: int) -> Member:
    async with database.read() as tx:
        return await members.get_member(tx, member_id)
