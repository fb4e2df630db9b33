"""A marketplace with open jobs and people who take places, for tests of working and sending proof."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.domain.assignment import Assignment, Submission
from bot.domain.house import House
from bot.domain.member import Member
from bot.domain.proof import SentPicture, Trouble
from bot.domain.review import Reason, Verdict
from bot.services import proof, review, work
from storage import members
from storage.rows import Row
from tests.ledger_world import World

HOUSE = House()
PHOTO = {"kind": "photo", "text": "The last page", "count": 1}
TWO_PHOTOS = {"kind": "photo", "text": "Start and end", "count": 2}
TEXT = {"kind": "text", "text": "The code you see"}


@dataclass(slots=True)
class WorkWorld(World):
    """A world in which members work; every action is a unit of its own at the world's time."""

    async def person(self, *, signed_up: bool = True, status: str = "active") -> Member:
        """Add a member."""
        member_id = await self.member(status=status)
        if signed_up:
            async with self.unit() as uow:
                await members.sign_up(uow.tx, member_id, country="PK", at=self.now)
        async with self.database.read() as tx:
            return await members.get_member(tx, member_id)

    async def open_job(
        self,
        *,
        slots: int = 3,
        reward: int = 5000,
        requirements: Sequence[Mapping[str, Any]] = (PHOTO,),
        steps: Sequence[str] = ("Open the page", "Read it to its end"),
        per_member: int = 1,
    ) -> int:
        """Fund and publish a job by an employer of its own and give its id."""
        employer_id = await self.member()
        await self.fund(employer_id, slots * (reward + 500))
        job_id, _ = await self.job(employer_id, reward=reward, fee=500, slots=slots)
        await self.execute(
            "UPDATE jobs SET requirements = ?, steps = ?, per_member = ? WHERE id = ?",
            json.dumps(requirements),
            json.dumps(steps),
            per_member,
            job_id,
        )
        return job_id

    async def apply(self, member: Member, job_id: int) -> Assignment:
        """Take a place."""
        async with self.unit() as uow:
            return await work.apply(uow, member=member, job_id=job_id, house=HOUSE)

    async def expire(self) -> int:
        """Run the tick that ends reservations."""
        async with self.unit() as uow:
            return await work.expire_reservations(uow, limit=20, house=HOUSE)

    async def warn(self) -> int:
        """Run the tick that warns."""
        async with self.unit() as uow:
            return await work.warn_reservations(uow, limit=20, house=HOUSE)

    async def give_back(self, member: Member, taken: Assignment) -> Assignment:
        """Give a place back."""
        async with self.unit() as uow:
            return await work.give_back(uow, member=member, assignment_id=taken.id, version=taken.version)

    async def add_picture(
        self, member: Member, assignment_id: int, unique: str, *, requirement: int = 0, **fields: Any
    ) -> Trouble | None:
        """Send a photo for one requirement."""
        mime_type = fields.pop("mime_type", None)
        picture = SentPicture(
            **{
                "kind": "photo",
                "file_id": f"file-{unique}",
                "file_unique_id": unique,
                "size": 1000,
                "width": 800,
                "height": 1200,
                **fields,
            }
        )
        async with self.unit() as uow:
            place = await work.get_place(uow, member=member, assignment_id=assignment_id)
            return await proof.add_picture(
                uow, place=place, requirement=requirement, picture=picture, mime_type=mime_type
            )

    async def submit(self, member: Member, assignment_id: int, answers: Mapping[int, str] | None = None) -> Submission:
        """Request for complete."""
        async with self.unit() as uow:
            return await proof.submit(uow, member=member, assignment_id=assignment_id, answers=answers or {})

    async def send_proof(self, member: Member, assignment_id: int, unique: str) -> Submission:
        """Send one photo and request for complete."""
        assert await self.add_picture(member, assignment_id, unique) is None
        return await self.submit(member, assignment_id)

    async def ask_to_fix(self, submission: Submission) -> None:
        """Send a submission back, as its employer."""
        employer_id = await self.value("SELECT employer_id FROM jobs WHERE id = ?", submission.job_id)
        async with self.unit() as uow:
            await review.ask_to_fix(
                uow,
                submission_id=submission.id,
                version=submission.version,
                verdict=Verdict(Reason.UNREADABLE, "Please show the whole page"),
                by=await members.get_member(uow.tx, employer_id),
                house=HOUSE,
            )

    async def approve(self, submission: Submission) -> None:
        """Approve a submission, as its employer."""
        employer_id = await self.value("SELECT employer_id FROM jobs WHERE id = ?", submission.job_id)
        async with self.unit() as uow:
            await review.approve(
                uow,
                submission_id=submission.id,
                version=submission.version,
                by=await members.get_member(uow.tx, employer_id),
                house=HOUSE,
            )

    async def job_row(self, job_id: int) -> Row:
        """Read a job's row."""
        (row,) = await self.look("SELECT * FROM jobs WHERE id = ?", job_id)
        return row

    async def statuses(self, job_id: int) -> list[str]:
        """Read the statuses of a job's assignments in the order they were taken."""
        rows = await self.look("SELECT status FROM assignments WHERE job_id = ? ORDER BY id", job_id)
        return [row["status"] for row in rows]

    async def events(self, kind: str) -> list[dict[str, Any]]:
        """Read the payloads of a kind of event."""
        return [
            json.loads(row["payload"])
            for row in await self.look("SELECT payload FROM events WHERE kind = ? ORDER BY id", kind)
        ]

    async def owed(self, kind: str) -> list[Row]:
        """Read the deliveries of a kind of event."""
        return await self.look(
            "SELECT d.* FROM deliveries d JOIN events e ON e.id = d.event_id WHERE e.kind = ? ORDER BY d.id", kind
        )

    def later(self, **length: float) -> None:
        """Let time pass."""
        self.now += timedelta(**length)
