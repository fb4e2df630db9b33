"""An assignment: one member's place in a job, and the proof sent for it.

assignment  reserved ──► submitted ──► approved ──(undo time)──► paid
               │  │          │ ▲  └──► rejected ──(frozen 48 h)──► place reopened
               │  └ returned │ └ sent again
               └─── expired  └──► reserved again (one fix round)

submission  pending ──► approved | rejected | changes_requested
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AssignmentStatus(StrEnum):
    """Where a place taken by a member is in its life."""

    RESERVED = "reserved"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    RETURNED = "returned"
    EXPIRED = "expired"


class SubmissionStatus(StrEnum):
    """What became of one sending of proof."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    CHANGES_REQUESTED = "changes_requested"


@dataclass(frozen=True, slots=True)
class Assignment:
    """One member's place in a job. `deadline_at` ends the reservation, or the fix round."""

    id: int
    job_id: int
    lot_id: int
    worker_id: int
    status: AssignmentStatus
    reserved_at: datetime
    deadline_at: datetime
    extended: bool
    warned_at: datetime | None
    submitted_at: datetime | None
    decided_at: datetime | None
    pay_at: datetime | None
    paid_at: datetime | None
    reopen_at: datetime | None
    reopened_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Submission:
    """One sending of proof. `answers` holds a text for each requirement ("" for photo requirements)."""

    id: int
    assignment_id: int
    job_id: int
    round: int
    status: SubmissionStatus
    answers: tuple[str, ...]
    reason: str | None
    note: str | None
    decided_by: str | None
    submitted_at: datetime
    review_by_at: datetime
    reminded: int
    decided_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Proof:
    """One picture of a proof. `path` is below the proofs folder once stored; `shown_file_id` what employers see."""

    id: int
    assignment_id: int
    submission_id: int | None
    requirement: int
    kind: str
    file_id: str
    file_unique_id: str
    size: int
    media_group_id: str | None
    status: str
    refusal: str | None
    path: str | None
    sha256: str | None
    width: int | None
    height: int | None
    shown_file_id: str | None
