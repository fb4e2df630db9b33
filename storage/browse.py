"""Jobs as somebody looking for work reads them: counts, pages of a list, one job with its figures."""

from dataclasses import dataclass

from bot.domain.browse import ALL, HIGH, NEWEST_OF_BEST, JobLine, Place, Sort
from bot.domain.eligibility import Standing
from bot.domain.job import Job
from storage.jobs import job_of
from storage.rows import Row, from_ms, to_ms
from storage.unit import Tx

_FIRST = Place(2**63 - 1, 2**63 - 1)
_LAST = Place(-1, -1)


@dataclass(frozen=True, slots=True)
class JobFigures:
    """A job with what its card tells, and how the member stands to it."""

    job: Job
    category_on: bool
    finished: int
    approved: int
    rejected: int
    standing: Standing


def line_of(row: Row) -> JobLine:
    """Map a row of the takeable_jobs view."""
    return JobLine(
        id=row["id"],
        title=row["title"],
        reward=row["reward"],
        minutes=row["minutes"],
        free_slots=row["free_slots"],
        published_at=from_ms(row["published_at"]),
    )


async def list_open_by_category(tx: Tx, member_id: int) -> list[tuple[str, int]]:
    """List the categories in their order, each with how many jobs the member may take now."""
    rows = await tx.all("list_open_jobs_by_category", member_id=member_id)
    return [(row["id"], max(0, row["jobs"])) for row in rows]


async def count_high_paying(tx: Tx, member_id: int, *, minimum: int, cap: int) -> int:
    """Count the jobs with at least this reward that the member may take now, at most `cap`."""
    return int(await tx.value("count_high_paying_jobs", member_id=member_id, minimum=minimum, cap=cap))


async def list_takeable(
    tx: Tx, member_id: int, *, shelf: str, sort: Sort, place: Place | None, minimum: int, limit: int
) -> list[JobLine]:
    """List jobs the member may take from a place on, in the shelf's order (also when the place looks back).

    `minimum` is the least reward of the High-paying shelf.
    """
    back = place is not None and place.back
    name, ascending = _order(sort, back=back)
    scope = {ALL: "all", HIGH: "all" if name in ("highest", "lowest") else "best"}.get(shelf, "category")
    floor = minimum if shelf == HIGH else 0
    edge = place or (_LAST if ascending else _FIRST)
    if name == "lowest" and edge.key < floor:
        edge = Place(floor, -1)
    rows = await tx.all(
        f"list_{scope}_{name}",
        member_id=member_id,
        category_id=shelf,
        minimum=floor,
        best=NEWEST_OF_BEST,
        key=edge.key,
        id=edge.id,
        limit=limit,
    )
    lines = [line_of(row) for row in rows]
    return lines[::-1] if back else lines


def key_of(line: JobLine, sort: Sort) -> int:
    """Give what the order sorts this job by."""
    return to_ms(line.published_at) if sort is Sort.NEWEST else line.reward


async def find_best(tx: Tx, member_id: int) -> JobLine | None:
    """Give the best job for this member right now, or None when there is none to take."""
    row = await tx.one("find_best_job", member_id=member_id)
    return None if row is None else line_of(row)


async def find_figures(tx: Tx, job_id: int, member_id: int) -> JobFigures | None:
    """Give a job with its figures as this member sees it, or None."""
    row = await tx.one("get_job_view", job_id=job_id, member_id=member_id)
    if row is None:
        return None
    return JobFigures(
        job=job_of(row),
        category_on=bool(row["category_enabled"]),
        finished=row["finished"],
        approved=row["approved"],
        rejected=row["rejected"],
        standing=Standing(used=row["used"], holds=row["live"] > 0, reserved=row["reserved"]),
    )


def _order(sort: Sort, *, back: bool) -> tuple[str, bool]:
    """Give the query that walks this way, and whether it walks upwards."""
    if sort is Sort.NEWEST:
        return ("oldest", True) if back else ("newest", False)
    upwards = (sort is Sort.LOWEST) != back
    return ("lowest", True) if upwards else ("highest", False)
