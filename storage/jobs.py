"""Jobs, their categories and their lots."""

import json
from datetime import datetime

from bot.domain.job import Category, Job, JobStatus, ProofKind, Requirement
from bot.domain.myjobs import JobTally
from bot.domain.publish import JobSpec
from storage.rows import Row, from_ms, from_ms_or_none, to_ms
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


async def find_category(tx: Tx, category_id: str) -> Category | None:
    """Give a category, on or off, or None."""
    row = await tx.one("find_category", id=category_id)
    return None if row is None else category_of(row)


async def insert_job(
    tx: Tx, *, token: str, employer_id: int, spec: JobSpec, fee: int, language: str, at: datetime
) -> Job:
    """Add an open job; its places come as a lot of their own."""
    requirements = [{"kind": r.kind.value, "text": r.text, "count": r.count} for r in spec.requirements]
    row = await tx.insert(
        "insert_job",
        token=token,
        employer_id=employer_id,
        category_id=spec.category_id,
        title=spec.title,
        steps=json.dumps(spec.steps, ensure_ascii=False),
        requirements=json.dumps(requirements, ensure_ascii=False),
        language=language,
        reward=spec.reward,
        fee=fee,
        minutes=spec.minutes,
        time_limit_minutes=spec.time_limit_minutes,
        review_days=spec.review_days,
        at=to_ms(at),
    )
    return job_of(row)


async def set_status(tx: Tx, job: Job, status: JobStatus) -> bool:
    """Move a job as it was read to another status that is not the end; False when it moved on meanwhile."""
    return await tx.run("update_job_status", id=job.id, version=job.version, status=status.value) == 1


async def close_job(tx: Tx, job: Job, *, at: datetime) -> bool:
    """Close a job as it was read; False when it moved on meanwhile."""
    return await tx.run("close_job", id=job.id, version=job.version, at=to_ms(at)) == 1


async def list_tallies(tx: Tx, employer_id: int, *, before: int | None = None, limit: int = 8) -> list[JobTally]:
    """List an employer's jobs with their counts, newest first; the next page begins `before` the last one's id."""
    before = 2**63 - 1 if before is None else before
    rows = await tx.all("list_job_tallies", employer_id=employer_id, before=before, job_id=0, limit=limit)
    return [_tally_of(row) for row in rows]


async def find_tally(tx: Tx, employer_id: int, job_id: int) -> JobTally | None:
    """Give one of an employer's jobs with its counts, also of its work by status; None when it is not theirs."""
    rows = await tx.all("list_job_tallies", employer_id=employer_id, before=2**63 - 1, job_id=job_id, limit=1)
    if not rows:
        return None
    work = {row["status"]: row["n"] for row in await tx.all("count_work_by_status", job_id=job_id)}
    return _tally_of(rows[0], work)


def _tally_of(row: Row, work: dict[str, int] | None = None) -> JobTally:
    counts = ("slots", "taken", "paid", "released", "waiting", "refund", "spent", "refunded", "escrow")
    return JobTally(job=job_of(row), work=work or {}, **{name: row[name] for name in counts})
