"""Jobs to look through, for tests of browsing: published as the list sees them, without the money behind them."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.member import Member
from storage import members
from storage.rows import to_ms
from tests.engines import rows as rows_of
from tests.ledger_world import World


@dataclass(slots=True)
class BrowseWorld(World):
    """A world whose jobs are made in one line."""

    async def someone(self, **kwargs: Any) -> Member:
        """Add a member."""
        return await self.reload(await self.member(**kwargs))

    async def reload(self, member_id: int) -> Member:
        """Read a member as committed."""
        async with self.database.read() as tx:
            return await members.get_member(tx, member_id)

    async def offer(
        self,
        employer: Member,
        *,
        category: str = "surveys",
        title: str = "A survey",
        reward: int = 1000,
        minutes: int = 5,
        slots: int = 3,
        per_member: int = 1,
        status: str = "open",
        published_at: datetime | None = None,
        steps: tuple[str, ...] = ("Open the page", "Answer"),
    ) -> int:
        """Publish a job and give its id."""
        at = to_ms(published_at or self.now)
        number = next(self.numbers)
        async with self.unit() as uow:
            rows = await rows_of(
                uow.tx,
                "INSERT INTO jobs (token, employer_id, category_id, title, steps, requirements, reward, fee, minutes,"
                " time_limit_minutes, review_days, per_member, status, created_at, published_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, 15, 3, ?, ?, ?, ?) RETURNING id",
                (
                    f"tok{number}",
                    employer.id,
                    category,
                    title,
                    json.dumps(steps),
                    json.dumps([{"kind": "photo", "text": "The last page", "count": 1}]),
                    reward,
                    minutes,
                    per_member,
                    status,
                    at,
                    at,
                ),
            )
            job_id = int(next(iter(rows))[0])
            await rows_of(
                uow.tx, "INSERT INTO lots (job_id, reward, fee, slots) VALUES (?, ?, 1, ?)", (job_id, reward, slots)
            )
        return job_id

    async def place(self, job_id: int, worker: Member, status: str) -> int:
        """Give a member a place of a job in some status; only `taken` of the lot follows."""
        taken = int(status in ("reserved", "submitted", "rejected"))
        await self.execute("UPDATE lots SET taken = taken + ? WHERE job_id = ?", taken, job_id)
        at = to_ms(self.now)
        rows = await self.execute(
            "INSERT INTO assignments (job_id, lot_id, worker_id, status, reserved_at, deadline_at)"
            " SELECT ?, id, ?, ?, ?, ? FROM lots WHERE job_id = ? RETURNING id",
            job_id,
            worker.id,
            status,
            at,
            to_ms(self.now + timedelta(minutes=15)),
            job_id,
        )
        return int(rows[0][0])
