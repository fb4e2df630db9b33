"""Reviewing one submission: who may decide what, when, and what it does to the submission and its place.

    pending ──approve──► approved ──(undo time)──► paid
       ▲  │ ▲               │ ▲
       │  │ └─────undo──────┘ └── change to approved, while the place is frozen
       │  ├──reject──► rejected ──(frozen)──► the place is given back
       │  └──ask to fix (round 1 only)──► changes requested; the worker sends again
       └────undo, while its time lasts

Values in, new values out; nothing is read or written here. `Case` is what every decision looks at.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.assignment import Assignment, AssignmentStatus, Submission, SubmissionStatus
from bot.domain.errors import N_, AlreadySo, InvalidInput, NotAllowed, Refused, Stale
from bot.domain.text import clean_lines

NOTE_LIMIT = 300  # characters of an employer's note to a worker
CLOCK = "clock"
EMPLOYER = "employer"


class Fault(StrEnum):
    """What kind of fault a reason stands for."""

    INCORRECT = "incorrect"
    SPAM = "spam"
    DUPLICATE = "duplicate"


class Reason(StrEnum):
    """Why proof was rejected or sent back. A closed list, so that it can be counted and translated."""

    WRONG_PAGE = "wrong_page"
    STEPS_MISSING = "steps_missing"
    PROOF_MISSING = "proof_missing"
    UNREADABLE = "unreadable"
    WRONG_ANSWER = "wrong_answer"
    NOT_ASKED = "not_asked"
    REUSED = "reused"
    MADE_UP = "made_up"
    NONSENSE = "nonsense"


FAULTS: dict[Reason, Fault] = {
    Reason.WRONG_PAGE: Fault.INCORRECT,
    Reason.STEPS_MISSING: Fault.INCORRECT,
    Reason.PROOF_MISSING: Fault.INCORRECT,
    Reason.UNREADABLE: Fault.INCORRECT,
    Reason.WRONG_ANSWER: Fault.INCORRECT,
    Reason.NOT_ASKED: Fault.INCORRECT,
    Reason.REUSED: Fault.DUPLICATE,
    Reason.MADE_UP: Fault.SPAM,
    Reason.NONSENSE: Fault.SPAM,
}

#: What can be put right by sending again; spam and duplicates can't.
FIXABLE: tuple[Reason, ...] = tuple(reason for reason, fault in FAULTS.items() if fault is Fault.INCORRECT)


class AlreadyApproved(AlreadySo):
    """A second Approve."""

    text = N_("Already approved.")


class AlreadyRejected(AlreadySo):
    """A second Reject, or another decision after it."""

    text = N_("This proof is already rejected.")


class AlreadySentBack(AlreadySo):
    """It waits for the worker to send again."""

    text = N_("You already asked the worker to fix this.")


class AlreadyPaid(Refused):
    """The money has moved, or is about to: it can't be undone."""

    text = N_("This is paid already, so it can't be undone any more.")


class UndoIsOver(Refused):
    """The seconds in which a decision can be taken back are over."""

    text = N_("It is too late to undo this.")


class NothingToUndo(AlreadySo):
    """It waits for a decision."""

    text = N_("This is already undone.")


class WorkerMovedOn(Refused):
    """The worker went on with the job in the meantime."""

    text = N_("The worker has already gone on with this job, so it can't be undone any more.")


class FixRoundUsed(Refused):
    """One fix round only."""

    text = N_("The worker has fixed this once. Now you can only approve or reject it.")


class NotFixable(Refused):
    """A reason of this kind ends in a rejection."""

    text = N_("For this reason you can only reject the proof.")


class PlaceGivenBack(Refused):
    """The frozen place of a rejection has been given back."""

    text = N_("The place of this rejected proof is open again, so it can't be approved any more.")


class NothingWaits(Refused):
    """Approve all without anything to approve."""

    text = N_("No proof of this job waits for your review.")


class AlreadyApprovingAll(AlreadySo):
    """A second Approve all of the same job."""

    text = N_("These proofs are already being approved.")


class NoteTooLong(InvalidInput):
    """A note above NOTE_LIMIT."""

    text = N_("Please keep it under {limit} characters. Yours has {length}.")


class NoteIsEmpty(InvalidInput):
    """Only blanks."""

    text = N_("Please type a few words, or tap the button to go on without a note.")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A reason of the closed list with the employer's own words, which may be none."""

    reason: Reason
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A submission, the place it was sent for, and whose job it is. `reward` and `fee` are those of its lot."""

    submission: Submission
    assignment: Assignment
    employer_id: int
    reward: int
    fee: int

    def undoable(self, *, now: datetime, undo: timedelta) -> bool:
        """Whether the employer's last decision can still be taken back."""
        status, decided_at = self.submission.status, self.submission.decided_at
        if decided_at is None or self.submission.decided_by != EMPLOYER:
            return False
        if status is SubmissionStatus.APPROVED:
            pay_at = self.assignment.pay_at
            return self.assignment.paid_at is None and pay_at is not None and now < pay_at
        if status is SubmissionStatus.CHANGES_REQUESTED and not self.awaits_fix:
            return False
        return status is not SubmissionStatus.PENDING and now < decided_at + undo

    @property
    def awaits_fix(self) -> bool:
        """Whether the worker still has to send again."""
        sent_back = self.submission.status is SubmissionStatus.CHANGES_REQUESTED
        return sent_back and self.assignment.status is AssignmentStatus.RESERVED

    @property
    def verdict(self) -> Verdict | None:
        """What the employer said about it, if anything."""
        reason = self.submission.reason
        return Verdict(Reason(reason), self.submission.note) if reason else None

    @property
    def frozen(self) -> bool:
        """Whether this is a rejection whose place is still kept."""
        return self.submission.status is SubmissionStatus.REJECTED and self.assignment.reopened_at is None


def read_note(text: str) -> str:
    """Read a typed note: its lines stay, invisible marks and empty lines go.

    Raises:
        NoteIsEmpty, NoteTooLong: it can't be used.
    """
    note = "\n".join(clean_lines(text))
    if not note:
        raise NoteIsEmpty
    if len(note) > NOTE_LIMIT:
        raise NoteTooLong(limit=NOTE_LIMIT, length=len(note))
    return note


def approve(case: Case, *, by: int, version: int, now: datetime, undo: timedelta) -> Case:
    """Give the case approved by its employer; it is paid when the undo time is over.

    Raises:
        NotAllowed, AlreadyApproved, AlreadyRejected, AlreadySentBack, Stale: it can't be, and why.
    """
    expect_waiting(case, by=by, version=version)
    return _approved(case, decided_by=EMPLOYER, now=now, pay_at=now + undo)


def approve_by_clock(case: Case, *, now: datetime) -> Case:
    """Give the case approved because its review time is over; it is paid at once."""
    assert case.submission.status is SubmissionStatus.PENDING, "the clock decides what is undecided"
    assert now >= case.submission.review_by_at, "the clock decides when the time is over"
    return _approved(case, decided_by=CLOCK, now=now, pay_at=now)


def reject(case: Case, verdict: Verdict, *, by: int, version: int, now: datetime, reopen_after: timedelta) -> Case:
    """Give the case rejected: its place stays funded and closed until `reopen_after` is over.

    Raises:
        NotAllowed, AlreadyApproved, AlreadyRejected, AlreadySentBack, Stale: it can't be, and why.
    """
    expect_waiting(case, by=by, version=version)
    assignment = replace(
        _touched(case), status=AssignmentStatus.REJECTED, decided_at=now, pay_at=None, reopen_at=now + reopen_after
    )
    return _decided(case, assignment, SubmissionStatus.REJECTED, now=now, verdict=verdict)


def ask_to_fix(case: Case, verdict: Verdict, *, by: int, version: int, now: datetime, fix_round: timedelta) -> Case:
    """Give the case sent back to its worker, who keeps the place and has `fix_round` to send again.

    Raises:
        NotAllowed, AlreadyApproved, AlreadyRejected, AlreadySentBack, Stale: it can't be, and why.
        FixRoundUsed: this is the second round.
        NotFixable: the reason is no mistake that can be put right.
    """
    expect_waiting(case, by=by, version=version)
    if case.submission.round > 1:
        raise FixRoundUsed
    if verdict.reason not in FIXABLE:
        raise NotFixable
    assignment = replace(
        _touched(case), status=AssignmentStatus.RESERVED, deadline_at=now + fix_round, warned_at=None, decided_at=None
    )
    return _decided(case, assignment, SubmissionStatus.CHANGES_REQUESTED, now=now, verdict=verdict)


def undo(case: Case, *, by: int, version: int, now: datetime, undo: timedelta, reopen_after: timedelta) -> Case:
    """Give the case as it was before its employer's last decision.

    An approval that had been a rejection is that rejection again; everything else waits for a decision again.

    Raises:
        NotAllowed, NothingToUndo, AlreadyPaid, UndoIsOver, WorkerMovedOn, Stale: it can't be, and why.
    """
    _expect_employer(case, by)
    submission, assignment = case.submission, case.assignment
    if submission.status is SubmissionStatus.PENDING:
        raise NothingToUndo
    if submission.status is SubmissionStatus.CHANGES_REQUESTED and not case.awaits_fix:
        raise WorkerMovedOn
    if not case.undoable(now=now, undo=undo):
        raise AlreadyPaid if submission.status is SubmissionStatus.APPROVED else UndoIsOver
    if submission.version != version:
        raise Stale
    if submission.status is SubmissionStatus.APPROVED and submission.reason is not None:
        assert assignment.reopen_at is not None, "an approval that keeps a reason was a rejection"
        rejected_at = assignment.reopen_at - reopen_after
        return replace(
            case,
            submission=replace(
                submission, status=SubmissionStatus.REJECTED, decided_at=rejected_at, version=version + 1
            ),
            assignment=replace(_touched(case), status=AssignmentStatus.REJECTED, decided_at=rejected_at, pay_at=None),
        )
    return replace(
        case,
        submission=replace(
            submission,
            status=SubmissionStatus.PENDING,
            reason=None,
            note=None,
            decided_by=None,
            decided_at=None,
            version=version + 1,
        ),
        assignment=replace(
            _touched(case), status=AssignmentStatus.SUBMITTED, decided_at=None, pay_at=None, reopen_at=None
        ),
    )


def change_to_approved(case: Case, *, by: int, version: int, now: datetime, undo: timedelta) -> Case:
    """Give an own rejection approved after all, while its place is still kept.

    A rejection the worker has been told keeps its reason and its date, so that undoing this restores it.

    Raises:
        NotAllowed, AlreadyApproved, PlaceGivenBack, Stale: it can't be, and why.
    """
    _expect_employer(case, by)
    submission = case.submission
    if submission.status is SubmissionStatus.APPROVED:
        raise AlreadyApproved
    if submission.status is not SubmissionStatus.REJECTED:
        raise Stale
    if not case.frozen or case.assignment.reopen_at is None or now >= case.assignment.reopen_at:
        raise PlaceGivenBack
    if submission.version != version:
        raise Stale
    if case.undoable(now=now, undo=undo):
        return _approved(case, decided_by=EMPLOYER, now=now, pay_at=now + undo)
    return replace(
        case,
        submission=replace(
            submission,
            status=SubmissionStatus.APPROVED,
            decided_by=EMPLOYER,
            decided_at=now,
            version=version + 1,
        ),
        assignment=replace(_touched(case), status=AssignmentStatus.APPROVED, decided_at=now, pay_at=now + undo),
    )


def _expect_employer(case: Case, by: int) -> None:
    if by != case.employer_id:
        raise NotAllowed


def expect_waiting(case: Case, *, by: int, version: int) -> None:
    """Refuse, with what is already so, unless the employer decides what is still undecided and as it was shown.

    Raises:
        NotAllowed, AlreadyApproved, AlreadyRejected, AlreadySentBack, Stale: it can't be decided, and why.
    """
    _expect_employer(case, by)
    match case.submission.status:
        case SubmissionStatus.APPROVED:
            raise AlreadyApproved
        case SubmissionStatus.REJECTED:
            raise AlreadyRejected
        case SubmissionStatus.CHANGES_REQUESTED:
            raise AlreadySentBack
        case SubmissionStatus.PENDING:
            pass
    if case.submission.version != version:
        raise Stale
    assert case.assignment.status is AssignmentStatus.SUBMITTED, "what waits for a decision was submitted"


def _approved(case: Case, *, decided_by: str, now: datetime, pay_at: datetime) -> Case:
    assignment = replace(
        _touched(case), status=AssignmentStatus.APPROVED, decided_at=now, pay_at=pay_at, reopen_at=None
    )
    return _decided(case, assignment, SubmissionStatus.APPROVED, now=now, decided_by=decided_by)


def _decided(
    case: Case,
    assignment: Assignment,
    status: SubmissionStatus,
    *,
    now: datetime,
    verdict: Verdict | None = None,
    decided_by: str = EMPLOYER,
) -> Case:
    submission = replace(
        case.submission,
        status=status,
        reason=verdict.reason.value if verdict else None,
        note=verdict.note if verdict else None,
        decided_by=decided_by,
        decided_at=now,
        version=case.submission.version + 1,
    )
    return replace(case, submission=submission, assignment=assignment)


def _touched(case: Case) -> Assignment:
    return replace(case.assignment, version=case.assignment.version + 1)
