"""What an employer's queue is made of: a submission as its employer sees it, what surrounds it, an Approve all.

Records and what follows from them alone; the rules of deciding are in bot/domain/review.py. A worker is a number
here: no name, no face, no account.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.assignment import Proof, SubmissionStatus
from bot.domain.errors import NotAllowed
from bot.domain.job import Requirement
from bot.domain.proof import Unreadable
from bot.domain.review import Case, NothingToUndo, UndoIsOver, Verdict


@dataclass(frozen=True, slots=True)
class SeenBefore:
    """A picture that was sent before. The earlier submission is named only when it is of the same employer."""

    proof_id: int
    worker_number: int
    sent_at: datetime
    submission_id: int | None


#: Proof sent before this part (one in ...) of the job's minutes is pointed out.
HASTY_SHARE = 5


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One submission as its employer sees it. `position` is its place among the `total` that wait.

    `minutes` is how long its job takes by the employer's own estimate.
    """

    case: Case
    title: str
    requirements: tuple[Requirement, ...]
    proofs: tuple[Proof, ...]
    seen: tuple[SeenBefore, ...]
    worker_approved: int
    worker_rejected: int
    position: int
    total: int
    job_waiting: int
    approving_all: bool
    asked: Verdict | None
    first_sent_at: datetime
    minutes: int = 0

    @property
    def worker_number(self) -> int:
        """What the employer knows the worker by."""
        return self.case.assignment.worker_id

    @property
    def time_taken(self) -> timedelta:
        """From taking the place to sending the proof for the first time."""
        return self.first_sent_at - self.case.assignment.reserved_at

    @property
    def is_hasty(self) -> bool:
        """Whether it came so soon that the steps can hardly have been done; the employer decides."""
        return self.time_taken * HASTY_SHARE < timedelta(minutes=self.minutes)

    @property
    def success_bp(self) -> int | None:
        """The worker's approved share of what was decided, in basis points; None for a newcomer."""
        decided = self.worker_approved + self.worker_rejected
        return self.worker_approved * 10_000 // decided if decided else None

    @property
    def pictures(self) -> tuple[Proof, ...]:
        """The proofs that can be shown now."""
        return tuple(p for p in self.proofs if _can_show(p))

    @property
    def in_preparation(self) -> int:
        """How many pictures are still being prepared."""
        return sum(p.status == "new" and not _can_show(p) for p in self.proofs)

    @property
    def not_shown(self) -> int:
        """How many pictures can't be shown and never will, for another reason than that they were used before."""
        return len(self.proofs) - len(self.pictures) - self.in_preparation - self.reused

    @property
    def reused(self) -> int:
        """How many pictures were left out because their worker had sent them for another place."""
        return sum(p.status == "refused" and p.refusal == Unreadable.USED_BEFORE for p in self.proofs)

    @property
    def texts(self) -> tuple[tuple[int, str, str], ...]:
        """The text answers: number of the requirement from 1, what was asked, what was answered."""
        pairs = zip(self.requirements, self.case.submission.answers, strict=False)
        return tuple((n, asked.text, answer) for n, (asked, answer) in enumerate(pairs, 1) if answer)


def _can_show(proof: Proof) -> bool:
    if proof.status in ("refused", "expired"):
        return False
    return proof.kind == "photo" or proof.shown_file_id is not None or proof.path is not None


class OrderStatus(StrEnum):
    """Where an Approve all stands."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ApproveOrder:
    """One Approve all: every proof of a job up to the newest one shown; worked off from `start_at` on."""

    id: int
    job_id: int
    employer_id: int
    up_to_submission_id: int
    status: OrderStatus
    total: int
    approved: int
    amount: int
    start_at: datetime
    version: int

    def cancel(self, *, by: int, now: datetime) -> "ApproveOrder":
        """Give the order taken back before it started.

        Raises:
            NotAllowed, NothingToUndo, UndoIsOver: it can't be, and why.
        """
        if by != self.employer_id:
            raise NotAllowed
        if self.status is OrderStatus.CANCELLED:
            raise NothingToUndo
        if self.status is OrderStatus.DONE or now >= self.start_at:
            raise UndoIsOver
        return replace(self, status=OrderStatus.CANCELLED, version=self.version + 1)

    def advanced(self, approved: int, amount: int, status: OrderStatus) -> "ApproveOrder":
        """Give the order with another slice approved."""
        assert self.status is OrderStatus.OPEN, "only an open order is worked off"
        return replace(
            self,
            status=status,
            approved=self.approved + approved,
            amount=self.amount + amount,
            version=self.version + 1,
        )


@dataclass(frozen=True, slots=True)
class WaitingSum:
    """What an Approve all would approve: how many proofs, up to which, and what the workers get."""

    job_id: int
    title: str
    count: int
    reward: int
    up_to_submission_id: int


@dataclass(frozen=True, slots=True)
class QueueState:
    """What surrounds the queue's card: how much waits, what was rejected lately, what can be undone."""

    waiting: int
    frozen: int
    undo: "UndoOffer | None"
    order: ApproveOrder | None


@dataclass(frozen=True, slots=True)
class UndoOffer:
    """The employer's last decision, which can still be taken back."""

    submission_id: int
    version: int
    status: SubmissionStatus
    worker_number: int
