"""Who may decide what, when: the table of reviewing, written by hand, and the edges of its times."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain import review
from bot.domain.assignment import Assignment, AssignmentStatus, Submission, SubmissionStatus
from bot.domain.errors import DomainError, NotAllowed, Stale
from bot.domain.review import (
    FAULTS,
    FIXABLE,
    AlreadyApproved,
    AlreadyPaid,
    AlreadyRejected,
    AlreadySentBack,
    Case,
    FixRoundUsed,
    NotFixable,
    NothingToUndo,
    PlaceGivenBack,
    Reason,
    UndoIsOver,
    Verdict,
    WorkerMovedOn,
)
from handlers.views.review_words import MEANINGS, REASONS

NOW = datetime(2030, 1, 15, 12, 0, tzinfo=UTC)
UNDO = timedelta(seconds=10)
FREEZE = timedelta(hours=48)
FIX = timedelta(hours=24)
VERDICT = Verdict(Reason.WRONG_PAGE, "the other page")
EMPLOYER, WORKER, STRANGER, OPERATOR = 1, 2, 3, 4


def case(round_number: int = 1) -> Case:
    """Give a submission that waits since an hour, in version 5 of submission and place."""
    submission = Submission(
        id=7,
        assignment_id=8,
        job_id=9,
        round=round_number,
        status=SubmissionStatus.PENDING,
        answers=(),
        reason=None,
        note=None,
        decided_by=None,
        submitted_at=NOW - timedelta(hours=1),
        review_by_at=NOW + timedelta(days=3),
        reminded=0,
        decided_at=None,
        version=5,
    )
    assignment = Assignment(
        id=8,
        job_id=9,
        lot_id=10,
        worker_id=WORKER,
        status=AssignmentStatus.SUBMITTED,
        reserved_at=NOW - timedelta(hours=1, minutes=6),
        deadline_at=NOW,
        extended=False,
        warned_at=NOW,
        submitted_at=NOW - timedelta(hours=1),
        decided_at=None,
        pay_at=None,
        paid_at=None,
        reopen_at=None,
        reopened_at=None,
        version=5,
    )
    return Case(submission, assignment, EMPLOYER, 5000, 500)


def approve(at: Case, by: int = EMPLOYER, now: datetime = NOW, version: int | None = None) -> Case:
    return review.approve(at, by=by, version=_shown(at, version), now=now, undo=UNDO)


def reject(at: Case, by: int = EMPLOYER, now: datetime = NOW, version: int | None = None) -> Case:
    return review.reject(at, VERDICT, by=by, version=_shown(at, version), now=now, reopen_after=FREEZE)


def fix(at: Case, by: int = EMPLOYER, now: datetime = NOW, version: int | None = None) -> Case:
    return review.ask_to_fix(at, VERDICT, by=by, version=_shown(at, version), now=now, fix_round=FIX)


def undo(at: Case, by: int = EMPLOYER, now: datetime = NOW, version: int | None = None) -> Case:
    return review.undo(at, by=by, version=_shown(at, version), now=now, undo=UNDO, reopen_after=FREEZE)


def change(at: Case, by: int = EMPLOYER, now: datetime = NOW, version: int | None = None) -> Case:
    return review.change_to_approved(at, by=by, version=_shown(at, version), now=now, undo=UNDO)


def _shown(at: Case, version: int | None) -> int:
    return at.submission.version if version is None else version


ACTIONS = {"approve": approve, "reject": reject, "fix": fix, "undo": undo, "change": change}


def _paid(at: Case) -> Case:
    return replace(at, assignment=replace(at.assignment, paid_at=NOW))


def _reopened(at: Case) -> Case:
    return replace(at, assignment=replace(at.assignment, reopened_at=NOW))


def _sent_again(at: Case) -> Case:
    return replace(at, assignment=replace(at.assignment, status=AssignmentStatus.SUBMITTED))


STATES = {
    "waiting, first round": case(),
    "waiting, second round": case(2),
    "approved a second ago": approve(case(), now=NOW - timedelta(seconds=1)),
    "approved, due": approve(case(), now=NOW - UNDO),
    "approved and paid": _paid(approve(case(), now=NOW - UNDO)),
    "approved by the clock": review.approve_by_clock(case(), now=NOW + timedelta(days=3)),
    "rejected a second ago": reject(case(), now=NOW - timedelta(seconds=1)),
    "rejected an hour ago": reject(case(), now=NOW - timedelta(hours=1)),
    "rejected, freeze over": reject(case(), now=NOW - FREEZE),
    "rejected, given back": _reopened(reject(case(), now=NOW - FREEZE)),
    "sent back a second ago": fix(case(), now=NOW - timedelta(seconds=1)),
    "sent back an hour ago": fix(case(), now=NOW - timedelta(hours=1)),
    "sent again a second later": _sent_again(fix(case(), now=NOW - timedelta(seconds=1))),
    "rejection changed a second ago": change(
        reject(case(), now=NOW - timedelta(hours=1)), now=NOW - timedelta(seconds=1)
    ),
}

A, R, C, P = (
    SubmissionStatus.APPROVED,
    SubmissionStatus.REJECTED,
    SubmissionStatus.CHANGES_REQUESTED,
    SubmissionStatus.PENDING,
)
Outcome = SubmissionStatus | type[DomainError]

#: What the employer gets: state -> approve, reject, ask to fix, undo, change to approved.
TABLE: dict[str, tuple[Outcome, Outcome, Outcome, Outcome, Outcome]] = {
    "waiting, first round": (A, R, C, NothingToUndo, Stale),
    "waiting, second round": (A, R, FixRoundUsed, NothingToUndo, Stale),
    "approved a second ago": (AlreadyApproved, AlreadyApproved, AlreadyApproved, P, AlreadyApproved),
    "approved, due": (AlreadyApproved, AlreadyApproved, AlreadyApproved, AlreadyPaid, AlreadyApproved),
    "approved and paid": (AlreadyApproved, AlreadyApproved, AlreadyApproved, AlreadyPaid, AlreadyApproved),
    "approved by the clock": (AlreadyApproved, AlreadyApproved, AlreadyApproved, AlreadyPaid, AlreadyApproved),
    "rejected a second ago": (AlreadyRejected, AlreadyRejected, AlreadyRejected, P, A),
    "rejected an hour ago": (AlreadyRejected, AlreadyRejected, AlreadyRejected, UndoIsOver, A),
    "rejected, freeze over": (AlreadyRejected, AlreadyRejected, AlreadyRejected, UndoIsOver, PlaceGivenBack),
    "rejected, given back": (AlreadyRejected, AlreadyRejected, AlreadyRejected, UndoIsOver, PlaceGivenBack),
    "sent back a second ago": (AlreadySentBack, AlreadySentBack, AlreadySentBack, P, Stale),
    "sent back an hour ago": (AlreadySentBack, AlreadySentBack, AlreadySentBack, UndoIsOver, Stale),
    "sent again a second later": (AlreadySentBack, AlreadySentBack, AlreadySentBack, WorkerMovedOn, Stale),
    "rejection changed a second ago": (AlreadyApproved, AlreadyApproved, AlreadyApproved, R, AlreadyApproved),
}


@pytest.mark.parametrize("state", TABLE)
@pytest.mark.parametrize("action", ACTIONS)
def test_what_the_employer_may_do_when(state: str, action: str) -> None:
    """Proves each cell of the table: the new status and one version more, or the refusal by name."""
    expected = TABLE[state][list(ACTIONS).index(action)]
    before = STATES[state]
    if isinstance(expected, SubmissionStatus):
        after = ACTIONS[action](before)
        assert after.submission.status is expected
        assert after.submission.version == before.submission.version + 1
        assert after.assignment.version == before.assignment.version + 1
    else:
        with pytest.raises(expected) as refusal:
            ACTIONS[action](before)
        assert refusal.type is expected


@pytest.mark.parametrize("actor", [WORKER, STRANGER, OPERATOR])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_but_the_employer_may_do_anything(actor: int, state: str, action: str) -> None:
    """Proves that worker, strangers and operators are refused alike, whatever the state."""
    with pytest.raises(NotAllowed):
        ACTIONS[action](STATES[state], by=actor)


@pytest.mark.parametrize(
    ("action", "state"),
    [
        ("approve", "waiting, first round"),
        ("reject", "waiting, first round"),
        ("fix", "waiting, first round"),
        ("undo", "approved a second ago"),
        ("change", "rejected an hour ago"),
    ],
)
def test_another_version_than_shown_is_stale(action: str, state: str) -> None:
    """Proves that no decision is taken on something that changed since its button was drawn."""
    with pytest.raises(Stale):
        ACTIONS[action](STATES[state], version=STATES[state].submission.version - 1)


def test_undo_gives_back_what_was() -> None:
    """Proves that approve, reject and ask to fix followed by undo leave the case as it was, but for the versions."""
    for decide in (approve, reject, fix):
        before = case()
        after = undo(decide(before))
        assert replace(after.submission, version=5) == before.submission
        kept = replace(after.assignment, version=5, deadline_at=NOW, warned_at=NOW)
        assert kept == before.assignment


def test_undoing_a_change_restores_the_rejection_with_its_freeze() -> None:
    """Proves that a rejection changed to approved and undone keeps reason, note, date and the end of its freeze."""
    rejected = reject(case(), now=NOW - timedelta(hours=1))
    after = undo(change(rejected))
    assert replace(after.submission, version=rejected.submission.version) == rejected.submission
    assert replace(after.assignment, version=rejected.assignment.version) == rejected.assignment


def test_changing_at_once_is_a_plain_approval() -> None:
    """Proves that a rejection nobody was told of leaves no trace when it is changed, so its undo waits again."""
    changed = change(reject(case(), now=NOW - timedelta(seconds=1)))
    assert changed.submission.reason is None
    assert changed.assignment.reopen_at is None
    assert undo(changed).submission.status is SubmissionStatus.PENDING


def test_times_of_decisions() -> None:
    """Proves when an approval pays, when the clock pays, and how long freeze and fix round last."""
    assert approve(case()).assignment.pay_at == NOW + UNDO
    late = NOW + timedelta(days=3)
    by_clock = review.approve_by_clock(case(), now=late)
    assert by_clock.assignment.pay_at == late
    assert by_clock.submission.decided_by == "clock"
    assert reject(case()).assignment.reopen_at == NOW + FREEZE
    sent_back = fix(case()).assignment
    assert (sent_back.status, sent_back.deadline_at, sent_back.warned_at) == (
        AssignmentStatus.RESERVED,
        NOW + FIX,
        None,
    )


def test_every_reason_has_a_fault_and_words_and_only_mistakes_can_be_fixed() -> None:
    """Proves that the closed list is complete wherever it is used, and that spam and duplicates can't be sent back."""
    assert set(FAULTS) == set(REASONS) == set(MEANINGS) == set(Reason)
    assert {FAULTS[reason] for reason in FIXABLE} == {review.Fault.INCORRECT}
    assert set(FAULTS.values()) == set(review.Fault)
    for reason in set(Reason) - set(FIXABLE):
        with pytest.raises(NotFixable):
            review.ask_to_fix(case(), Verdict(reason), by=EMPLOYER, version=5, now=NOW, fix_round=FIX)


def test_notes_are_read_strictly() -> None:
    """Proves that blanks are no note and that 300 characters are the most."""
    assert review.read_note("  the other page \n") == "the other page"
    assert len(review.read_note("x" * 300)) == 300
    with pytest.raises(review.NoteTooLong):
        review.read_note("x" * 301)
    with pytest.raises(review.NoteIsEmpty):
        review.read_note(" \n ")
