"""The rules of keeping a place and of a complete proof, from values alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.assignment import Assignment, AssignmentStatus, Proof, Submission, SubmissionStatus
from bot.domain.errors import NotAllowed, Refused, Stale
from bot.domain.job import Job, JobStatus, ProofKind, Requirement
from bot.domain.proof import (
    ANSWER_LIMIT,
    AnswerEmpty,
    AnswerTooLong,
    first_missing,
    gather,
    is_small,
    read_answer,
)
from bot.domain.work import (
    AlreadyDecided,
    AlreadyExtended,
    NoExtension,
    Place,
    PlaceExpired,
    PlaceReturned,
    ProofSent,
    expect_live,
    expire,
    extend,
    give_back,
)
from bot.i18n import Translator
from handlers.views.card import CAPTION_LIMIT, TEXT_LIMIT
from handlers.views.place import place_card
from handlers.views.proof import check_card
from handlers.views.review_words import visible_length

NOW = datetime(2030, 1, 15, 12, 0, tzinfo=UTC)
WORKER = 7
EXTRA = timedelta(minutes=5)


def assignment(status: AssignmentStatus = AssignmentStatus.RESERVED, **fields: object) -> Assignment:
    """Make a place of WORKER that ends in ten minutes."""
    made = Assignment(
        id=1,
        job_id=2,
        lot_id=3,
        worker_id=WORKER,
        status=status,
        reserved_at=NOW,
        deadline_at=NOW + timedelta(minutes=10),
        extended=False,
        warned_at=None,
        submitted_at=None,
        decided_at=None,
        pay_at=None,
        paid_at=None,
        reopen_at=None,
        reopened_at=None,
        version=4,
    )
    return replace(made, **fields)  # type: ignore[arg-type]  # the fields of an Assignment


def job(*requirements: Requirement, title: str = "A survey", steps: tuple[str, ...] = ("Open it",)) -> Job:
    """Make an open job."""
    return Job(
        id=2,
        token="t",
        employer_id=9,
        category_id="surveys",
        title=title,
        steps=steps,
        requirements=requirements,
        language="en",
        reward=5000,
        fee=500,
        minutes=5,
        time_limit_minutes=15,
        review_days=3,
        per_member=1,
        status=JobStatus.OPEN,
        free_slots=1,
        version=1,
        created_at=NOW,
        published_at=NOW,
        closed_at=None,
    )


def submission(status: SubmissionStatus = SubmissionStatus.PENDING, **fields: object) -> Submission:
    """Make proof that was sent."""
    made = Submission(
        id=5,
        assignment_id=1,
        job_id=2,
        round=1,
        status=status,
        answers=(),
        reason=None,
        note=None,
        decided_by=None,
        submitted_at=NOW,
        review_by_at=NOW,
        reminded=0,
        decided_at=None,
        version=1,
    )
    return replace(made, **fields)  # type: ignore[arg-type]  # the fields of a Submission


def picture(number: int, *, requirement: int = 0, sent: bool = False, status: str = "stored", side: int = 800) -> Proof:
    """Make a picture of a draft, or of what was sent."""
    return Proof(
        id=number,
        assignment_id=1,
        submission_id=5 if sent else None,
        requirement=requirement,
        kind="photo",
        file_id=f"f{number}",
        file_unique_id=f"u{number}",
        size=1,
        media_group_id=None,
        status=status,
        refusal=None,
        path=None,
        sha256=None,
        width=side,
        height=side,
        shown_file_id=f"f{number}",
    )


def place(held: Assignment, sent: Submission | None = None, made: Job | None = None) -> Place:
    """Make a place."""
    return Place(assignment=held, job=made or job(), reward=5000, submission=sent)


REFUSED: list[tuple[AssignmentStatus, type[Refused]]] = [
    (AssignmentStatus.SUBMITTED, ProofSent),
    (AssignmentStatus.APPROVED, AlreadyDecided),
    (AssignmentStatus.REJECTED, AlreadyDecided),
    (AssignmentStatus.RETURNED, PlaceReturned),
    (AssignmentStatus.EXPIRED, PlaceExpired),
]


@pytest.mark.parametrize(("status", "refusal"), REFUSED)
def test_only_a_reserved_place_is_extended_or_given_back(status: AssignmentStatus, refusal: type[Refused]) -> None:
    """Proves that every other status refuses both with its own reason."""
    held = assignment(status)
    with pytest.raises(refusal):
        extend(place(held), by=WORKER, version=4, now=NOW, extra=EXTRA)
    with pytest.raises(refusal):
        give_back(held, by=WORKER, version=4)
    if status is AssignmentStatus.SUBMITTED:
        assert expect_live(held, by=WORKER) is held
    else:
        with pytest.raises(refusal):
            expect_live(held, by=WORKER)


def test_somebody_elses_place_is_nobodys_business() -> None:
    """Proves that a stranger gets the same answer whatever the status."""
    for status in AssignmentStatus:
        with pytest.raises(NotAllowed):
            extend(place(assignment(status)), by=8, version=4, now=NOW, extra=EXTRA)
        with pytest.raises(NotAllowed):
            give_back(assignment(status), by=8, version=4)


def test_the_extra_minutes() -> None:
    """Proves that they add to the deadline once, count from now when it has passed, and not in a fix round."""
    held = assignment()
    after = extend(place(held), by=WORKER, version=4, now=NOW, extra=EXTRA)
    assert (after.deadline_at, after.extended, after.version) == (NOW + timedelta(minutes=15), True, 5)
    late = extend(place(held), by=WORKER, version=4, now=NOW + timedelta(minutes=11), extra=EXTRA)
    assert late.deadline_at == NOW + timedelta(minutes=16)
    with pytest.raises(AlreadyExtended):
        extend(place(after), by=WORKER, version=4, now=NOW, extra=EXTRA)
    with pytest.raises(Stale):
        extend(place(held), by=WORKER, version=3, now=NOW, extra=EXTRA)
    with pytest.raises(NoExtension):
        extend(place(held, submission()), by=WORKER, version=4, now=NOW, extra=EXTRA)


def test_a_place_ends_when_its_time_is_over() -> None:
    """Proves that giving back and expiring move the version on, so that buttons from before are old."""
    assert give_back(assignment(), by=WORKER, version=4).version == 5
    with pytest.raises(Stale):
        give_back(assignment(), by=WORKER, version=3)
    ended = expire(assignment(), now=NOW + timedelta(minutes=10))
    assert (ended.status, ended.version) == (AssignmentStatus.EXPIRED, 5)
    with pytest.raises(AssertionError):
        expire(assignment(), now=NOW)


def test_new_pictures_replace_those_of_their_requirement() -> None:
    """Proves that a draft stands in for what was sent for the same requirement, and an unreadable one for nothing."""
    found = gather(
        [
            picture(1, sent=True),
            picture(2, requirement=1, sent=True),
            picture(3, requirement=1, status="new"),
            picture(4, status="refused"),
        ]
    )
    assert [p.id for p in found.all] == [1, 3]
    assert (found.drafts, found.unreadable[0]) == (1, 1)


def test_what_is_missing() -> None:
    """Proves that photos are counted and words must be there, requirement by requirement."""
    asked = (Requirement(ProofKind.PHOTO, "a", 2), Requirement(ProofKind.TEXT, "b"))
    assert first_missing(asked, gather([picture(1)]), {1: "x"}) == 0
    both = gather([picture(1), picture(2)])
    assert first_missing(asked, both, {}) == 1
    assert first_missing(asked, both, {1: "x"}) is None


def test_answers_are_read_strictly() -> None:
    """Proves that invisible and too long answers are refused, and lines are kept."""
    assert read_answer(" one \n\n\u202etwo ") == "one\ntwo"
    assert read_answer("x" * ANSWER_LIMIT)
    for blank in ("", " \n ", "\u200b\u3164"):
        with pytest.raises(AnswerEmpty):
            read_answer(blank)
    with pytest.raises(AnswerTooLong):
        read_answer("🙂" * (ANSWER_LIMIT // 2 + 1))
    assert is_small(picture(1, side=299))
    assert not is_small(picture(1, side=300))


def test_the_longest_cards_fit_into_a_message() -> None:
    """Proves that the check fits a caption with room for a line above it, and the fullest place fits a text."""
    words = "W🙂" * 50
    asked = tuple(Requirement(ProofKind.TEXT if n % 2 else ProofKind.PHOTO, words, 1) for n in range(6))
    made = job(*asked, title="T" * 80, steps=("<&" * 56,) * 15)
    answers = dict.fromkeys(range(6), "🙂" * 500)
    pictures = gather([picture(n, requirement=n, side=100) for n in (0, 2, 4)] + [picture(9, status="refused")])
    sent = submission(SubmissionStatus.CHANGES_REQUESTED, reason="unreadable", note="🙂" * 150)
    for held, earlier in ((assignment(), None), (assignment(AssignmentStatus.SUBMITTED), submission())):
        card = check_card(Translator(), place(held, earlier, made), pictures, answers, page=0)
        assert card.picture is not None
        assert visible_length(card.text) <= CAPTION_LIMIT - 150
    card = place_card(Translator(), place(assignment(), sent, made), drafts=10, extra=EXTRA, now=NOW)
    assert visible_length(card.text) <= TEXT_LIMIT
