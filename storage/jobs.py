"""Jobs, their categories and their lots."""

import json

from bot.domain.job import Category, Job, JobStatus, ProofKind, Requirement
from storage.rows import from_ms, from_ms_or_none
from storage.sqlite import Row
from storage.unit import Tx


def category_of(row: Row) -> Category:
    """Map a row of the categories table."""
    return Category(
        id=row["id"],
        position=row["position"],
        enabled=bool(row["enabled"]),
        forbidden=bool(row["forbidden"]),
        minimum_reward=row["minimum_reward"],
    )


def job_of(row: Row) -> Job:
    """Map a row of the jobs table."""
    return Job(
        id=row["id"],
        token=row["token"],
        employer_id=row["employer_id"],
        category_id=row["category_id"],
        title=row["title"],
        steps=tuple(json.loads(row["steps"])),
        requirements=tuple(
            Requirement(ProofKind(r["kind"]), r["text"], r.get("count", 1)) for r in json.loads(row["requirements"])
        ),
        language=row["language"],
        reward=row["reward"],
        fee=row["fee"],
        minutes=row["minutes"],
        time_limit_minutes=row["time_limit_minutes"],
        review_days=row["review_days"],
        per_member=row["per_member"],
        status=JobStatus(row["status"]),
        free_slots=row["free_slots"],
        version=row["version"],
        created_at=from_ms(row["created_at"]),
        published_at=from_ms_or_none(row["published_at"]),
        closed_at=from_ms_or_none(row["closed_at"]),
    )


async def get_job(tx: Tx, job_id: int) -> Job:
    """Give a job.

    Raises:
        LookupError: there is none with this id.
    """
    row = await tx.one("get_job", id=job_id)
    if row is None:
        raise LookupError(f"job {job_id}")
    return job_of(row)


async def find_job(tx: Tx, job_id: int) -> Job | None:
    """Give a job, or None."""
    row = await tx.one("get_job", id=job_id)
    return None if row is None else job_of(row)


async def find_job_by_token(tx: Tx, token: str) -> Job | None:
    """Give the job of a deep link's token, or None."""
    row = await tx.one("find_job_by_token", token=token)
    return None if row is None else job_of(row)


async def list_categories(tx: Tx, *, enabled_only: bool = True) -> list[Category]:
    """List the categories in their order."""
    rows = await tx.all("list_categories", enabled_only=int(enabled_only))
    return [category_of(row) for row in rows]
