"""A member's own corner: what their home screen says, and the small choices kept in their settings."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.browse import JobLine
from bot.domain.member import Member

#: Keys of `members.settings` that belong to this feature.
GREETED = "greeted"
QUIET_RECEIPTS = "quiet_receipts"


@dataclass(frozen=True, slots=True)
class WorkInProgress:
    """A place the member holds, and until when."""

    assignment_id: int
    title: str
    deadline_at: datetime


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What the home screen says. Amounts in units; `reviews` are proofs that wait for this member's decision.

    `funds` is money for own jobs, `waiting` the sum of rewards whose proof waits for review, `next_review_by_at` when
    the first pays itself; `on_hold` is paid but not yet available; `in_progress` counts all places held, `work` lists
    the most urgent.
    """

    available: int
    on_hold: int
    waiting: int
    next_review_by_at: datetime | None
    reviews: int
    in_progress: int
    work: tuple[WorkInProgress, ...]
    best_job: JobLine | None
    funds: int = 0

    @property
    def earns(self) -> bool:
        """Whether there is anything to say about earnings."""
        return bool(self.available or self.on_hold or self.waiting or self.in_progress)


def was_greeted(member: Member) -> bool:
    """Whether this member has seen the welcome."""
    return bool(member.settings.get(GREETED))


def receipts_are_quiet(member: Member) -> bool:
    """Whether receipts come to this member without a sound."""
    return bool(member.settings.get(QUIET_RECEIPTS))
