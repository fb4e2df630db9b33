"""What the home screen reads about one member."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.profile import WorkInProgress
from storage.rows import from_ms, from_ms_or_none
from storage.unit import Tx


@dataclass(frozen=True, slots=True)
class DashboardFigures:
    """Sums and counts of one member; `waiting` is an amount in units."""

    waiting: int
    next_review_by_at: datetime | None
    reviews: int
    in_progress: int


async def get_dashboard_figures(tx: Tx, member_id: int) -> DashboardFigures:
    """Give what waits for and on a member."""
    row = await tx.one("get_dashboard_figures", member_id=member_id)
    assert row is not None, "a query without FROM has a row"
    return DashboardFigures(
        waiting=row["waiting"],
        next_review_by_at=from_ms_or_none(row["next_review_by_at"]),
        reviews=row["reviews"],
        in_progress=row["in_progress"],
    )


async def list_work_in_progress(tx: Tx, member_id: int, *, limit: int) -> list[WorkInProgress]:
    """List the places a member holds, the one that ends first on top."""
    rows = await tx.all("list_work_in_progress", member_id=member_id, limit=limit)
    return [WorkInProgress(row["assignment_id"], row["title"], from_ms(row["deadline_at"])) for row in rows]
