"""The cards of reviewing: what they say, which buttons they have, and that the longest still fit Telegram's limits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest
from markupsafe import Markup

from bot.domain.assignment import Proof, SubmissionStatus
from bot.domain.job import ProofKind, Requirement
from bot.domain.review import NOTE_LIMIT, Case, Reason, Verdict
from bot.domain.review_queue import (
    ApproveOrder,
    OrderStatus,
    QueueState,
    ReviewItem,
    SeenBefore,
    UndoOffer,
    WaitingSum,
)
from bot.i18n import Translator, languages
from handlers.callbacks import LIMIT_NUMBER, Callback
from handlers.conversation import Cancel
from handlers.views import review as views
from handlers.views import review_buttons as buttons
from handlers.views import review_notices as notices
from handlers.views.card import CAPTION_LIMIT, TEXT_LIMIT, Button, Card, Picture
from handlers.views.review_words import answer_pages, clip, visible_length
from tests.domain.test_review import FIX, FREEZE, NOW, STATES, UNDO, approve, case, reject

T = Translator()
QUIET = QueueState(waiting=1, frozen=0, undo=None, order=None)
HUGE = LIMIT_NUMBER  # no id, count or amount is larger


def proof(number: int = 1, **columns: object) -> Proof:
    """Give a stored photo."""
    values: dict[str, object] = dict.fromkeys(Proof.__dataclass_fields__) | {
        "id": number,
        "assignment_id": 8,
        "submission_id": 7,
        "requirement": 0,
        "kind": "photo",
        "file_id": f"file-{number}",
        "file_unique_id": f"unique-{number}",
        "size": 1,
        "status": "stored",
    }
    return Proof(**(values | columns))  # type: ignore[arg-type]  # names and values of a row


def item(at: Case | None = None, **columns: object) -> ReviewItem:
    """Give a submission with one photo, the second of three that wait."""
    plain = ReviewItem(
        case=at or case(),
        title="A survey",
        requirements=(Requirement(ProofKind.PHOTO, "The last page"), Requirement(ProofKind.TEXT, "Your answer")),
        proofs=(proof(),),
        seen=(),
        worker_approved=24,
        worker_rejected=1,
        position=2,
        total=3,
        job_waiting=2,
        approving_all=False,
        asked=None,
        first_sent_at=case().submission.submitted_at,
    )
    return replace(plain, **columns)  # type: ignore[arg-type]


def draw(shown: ReviewItem, state: QueueState = QUIET, page: int = 0, t: Translator = T) -> Card:
    return views.review_card(t, shown, state, page=page, now=NOW, undo=UNDO)


def presses(card: Card) -> list[Callback | None]:
    return [button.press for row in card.buttons for button in row]


def kinds(card: Card) -> set[str]:
    return {type(press).__name__ for press in presses(card)}


def fits(card: Card) -> None:
    card.params()
    limit = TEXT_LIMIT if card.picture is None else CAPTION_LIMIT
    assert visible_length(card.text) <= limit, visible_length(card.text)


def test_the_card_says_what_an_employer_needs_and_no_name() -> None:
    """Proves the lines of an ordinary card: place in the queue, price, number, success rate, time, what is asked."""
    card = draw(item(replace(case(), submission=replace(case().submission, answers=("", "It was <b>blue</b>")))))
    text = str(card.text)
    assert "<b>Proof 2 of 3</b> · pays itself in 3 d" in text
    assert "“A survey” · $0.50" in text
    assert "Worker #2 · 96% of 25 approved · took 6 min" in text
    assert "📷 1. The last page" in text
    assert "<b>2. Your answer</b>\nIt was &lt;b&gt;blue&lt;/b&gt;" in text
    assert card.picture == Picture(file_id="file-1", proof_id=1)
    assert kinds(card) == {"Approve", "Reject", "AskToFix", "Skip", "ApproveAll", "Home"}


def test_buttons_follow_the_state_of_the_case() -> None:
    """Proves that fix, skip, approve all, undo and change are offered exactly when they are possible."""
    assert "AskToFix" not in kinds(draw(item(case(2))))
    assert "Skip" not in kinds(draw(item(total=1)))
    assert "ApproveAll" not in kinds(draw(item(job_waiting=1)))
    assert "ApproveAll" not in kinds(draw(item(approving_all=True)))
    offered = {state: kinds(draw(item(at))) & {"Approve", "Undo", "ChangeToApproved"} for state, at in STATES.items()}
    assert offered == {
        "waiting, first round": {"Approve"},
        "waiting, second round": {"Approve"},
        "approved a second ago": {"Undo"},
        "approved, due": set(),
        "approved and paid": set(),
        "approved by the clock": set(),
        "rejected a second ago": {"Undo"},
        "rejected an hour ago": {"ChangeToApproved"},
        "rejected, freeze over": set(),
        "rejected, given back": set(),
        "sent back a second ago": {"Undo"},
        "sent back an hour ago": set(),
        "sent again a second later": set(),
        "rejection changed a second ago": {"Undo"},
    }


def test_what_was_just_done_can_be_undone_from_the_next_card() -> None:
    """Proves that the next card, and the empty queue, carry the Undo of the last decision and of Approve all."""
    order = ApproveOrder(5, 9, 1, 99, OrderStatus.OPEN, 12, 0, 0, NOW + UNDO, 1)
    state = QueueState(0, 2, UndoOffer(6, 3, SubmissionStatus.REJECTED, 1042), order)
    for card in (draw(item(), state), views.empty_card(T, state)):
        assert "Worker #1042: rejected. You can undo this" in card.text
        assert "12 proofs will be approved" in card.text
        assert buttons.Undo(6, 3) in presses(card)
        assert buttons.UndoApproveAll(5) in presses(card)
        assert buttons.Rejections(0) in presses(card)


def test_pictures_are_paged_inside_the_card() -> None:
    """Proves the ‹ 2/3 › of pictures, that a page out of range is the last one, and which file each kind shows."""
    pictures = (
        proof(1),
        proof(2, kind="document", path="7/2.jpg"),
        proof(3, kind="document", path="7/3.jpg", shown_file_id="shown"),
    )
    cards = [draw(item(proofs=pictures), page=page) for page in range(4)]
    shown = [
        Picture(file_id="file-1", proof_id=1),
        Picture(path="7/2.jpg", proof_id=2),
        Picture(file_id="shown", path="7/3.jpg", proof_id=3),
    ]
    assert [card.picture for card in cards] == [*shown, shown[2]]
    assert [button.text for button in cards[1].buttons[0]] == ["‹", "2/3", "›"]
    assert presses(cards[0])[:3] == [buttons.Look(7, 2), buttons.Look(7, 0), buttons.Look(7, 1)]


def test_pictures_that_can_not_be_shown_are_counted() -> None:
    """Proves that the card says how many pictures are prepared, gone, or left out as used before."""
    pictures = (
        proof(1, status="expired"),
        proof(2, kind="document", status="new"),
        proof(3, status="refused", refusal="broken"),
        proof(4, status="refused", refusal="used_before"),
    )
    card = draw(item(proofs=pictures))
    assert card.picture is None
    assert "1 picture is being prepared" in card.text
    assert "2 pictures can't be shown" in card.text
    assert "1 picture was left out: this worker used it for another job" in card.text
    assert "Look" in kinds(card)


@pytest.mark.parametrize(
    ("seen", "words", "linked"),
    [
        (SeenBefore(1, 9, NOW, 3), "sent to you before, by worker #9 on Jan 15, 12:00", True),
        (SeenBefore(1, 2, NOW, 3), "This worker sent the same picture to you before", True),
        (SeenBefore(1, 9, NOW, None), "sent before, for another job, by worker #9", False),
    ],
)
def test_a_picture_seen_before_is_named(seen: SeenBefore, words: str, linked: bool) -> None:
    """Proves that the warning names the earlier proof and leads to it when it is the employer's own."""
    card = draw(item(seen=(seen,)))
    assert words in card.text
    assert (buttons.LookEarlier(3) in presses(card)) is linked


def _long_items(size: str) -> Iterator[tuple[str, ReviewItem]]:
    """Give every state with everything at its longest, in letters that are one, two or five (&amp;) long."""
    requirements = tuple(Requirement(ProofKind.TEXT, size * 300) for _ in range(6))
    states = ("waiting, second round", "rejected an hour ago", "sent back a second ago", "approved and paid")
    for name, with_pictures in product(states, (True, False)):
        at = STATES[name]
        submission = replace(at.submission, answers=tuple(size * 4000 for _ in range(6)), version=HUGE, id=HUGE)
        if submission.reason is not None:
            submission = replace(submission, note=size * NOTE_LIMIT)
        assignment = replace(at.assignment, worker_id=HUGE, reserved_at=NOW - timedelta(days=400))
        pictures = tuple(proof(n, requirement=n % 6) for n in range(60)) if with_pictures else ()
        left_out = tuple(
            proof(n, kind="document", status=status, refusal=refusal)
            for n, status, refusal in ((61, "new", None), (62, "refused", "broken"), (63, "refused", "used_before"))
        )
        yield (
            name,
            item(
                replace(at, submission=submission, assignment=assignment, reward=HUGE // 1000),
                title=size * 80,
                requirements=requirements,
                proofs=pictures + left_out,
                seen=tuple(SeenBefore(n, HUGE - n, NOW, HUGE) for n in range(60)),
                minutes=10**7,  # very fast after 400 days
                position=HUGE,
                total=HUGE,
                job_waiting=HUGE,
                worker_approved=HUGE,
                asked=Verdict(Reason.PROOF_MISSING, size * NOTE_LIMIT),
            ),
        )


@pytest.mark.parametrize("size", ["x", "&", "😀"])
@pytest.mark.parametrize("language", languages())
def test_the_longest_cards_fit(size: str, language: str) -> None:
    """Proves that with every field at its limit each card, each page and each question fits, in every language."""
    t = Translator(language)
    order = ApproveOrder(HUGE, 9, 1, 99, OrderStatus.OPEN, HUGE, 0, 0, NOW, 1)
    state = QueueState(HUGE, HUGE, UndoOffer(HUGE, HUGE, SubmissionStatus.CHANGES_REQUESTED, HUGE), order)
    foot = (Button("x", Cancel()),)
    for _, long in _long_items(size):
        fits(draw(long, state, t=t))
        fits(draw(long, state, page=59, t=t))
        for page in (0, 3, 99):
            texts = views.text_card(t, long, state, page=page, now=NOW, undo=UNDO)
            fits(replace(texts, text=Markup("{}\n\n").format("x" * 200) + texts.text))
        for fix in (False, True):
            fits(views.reason_card(t, long, fix=fix, page=0, foot=foot))
            fits(views.note_card(t, long, reason=Reason.PROOF_MISSING, fix=fix, page=0, foot=foot))
    fits(views.empty_card(t, state))
    fits(views.confirm_all_card(t, WaitingSum(HUGE, size * 80, 10_000, HUGE // 1000, HUGE)))


@pytest.mark.parametrize("size", ["x", "&", "😀"])
@pytest.mark.parametrize("language", languages())
def test_the_longest_notices_fit(size: str, language: str) -> None:
    """Proves that every notice fits with the longest title, note and amount."""
    t = Translator(language)
    title, verdict = size * 80, Verdict(Reason.REUSED, size * NOTE_LIMIT)
    order = ApproveOrder(HUGE, 9, 1, 99, OrderStatus.DONE, HUGE, HUGE, HUGE, NOW, 1)
    fits(notices.waiting_card(t, HUGE))
    fits(notices.reminder_card(t, HUGE, first_at=NOW + FREEZE, now=NOW, level=2))
    fits(notices.clock_card(t, HUGE, amount=HUGE, day=NOW))
    fits(notices.order_card(t, order, title=title))
    fits(notices.order_card(t, replace(order, status=OrderStatus.OPEN), title=title))
    fits(notices.paid_card(t, amount=HUGE, title=title, available=HUGE, by_clock=True, matures_at=NOW))
    fits(notices.rejected_card(t, title=title, verdict=verdict))
    fits(notices.fix_card(t, title=title, verdict=verdict, deadline_at=NOW + FIX, assignment_id=HUGE))


@pytest.mark.parametrize("size", ["x", "&", "😀"])
def test_no_word_of_a_long_answer_is_lost(size: str) -> None:
    """Proves that all pages of the answers together hold every character, whatever its width."""
    texts = tuple((n, "asked", f"{n}" + size * 3999) for n in range(1, 7))
    pages = answer_pages(T, texts, 3000)
    assert all(visible_length(page) <= 3000 for page in pages)
    joined = Markup("").join(pages).unescape()
    assert joined.count(size) == 6 * 3999


def test_long_answers_move_to_pages_of_their_own() -> None:
    """Proves that answers that do not fit the caption get a button, and that their pages lead back to the pictures."""
    long = item(replace(case(), submission=replace(case().submission, answers=("", "word " * 1000))))
    card = draw(long)
    assert buttons.ShowTexts(7, 0) in presses(card)
    assert "word" not in card.text
    texts = views.text_card(T, long, QUIET, page=1, now=NOW, undo=UNDO)
    assert texts.picture is None
    assert "word" in texts.text
    assert buttons.Look(7, 0) in presses(texts)
    assert buttons.Reject(7, 5, views.NO_PICTURE) in presses(texts)


def test_clip_counts_as_telegram_does() -> None:
    """Proves that a clipped text is never longer than asked, and that an emoji is not cut in half."""
    assert clip("abc", 3) == "abc"
    assert clip("abcd", 3) == "ab…"
    assert clip("😀😀😀", 5) == "😀😀…"
    assert clip("😀😀😀", 4) == "😀…"


def test_a_decided_card_says_how(now: datetime) -> None:
    """Proves that an earlier decision is shown with its reason, note and the time left to change it."""
    card = draw(item(reject(case(), now=NOW - timedelta(hours=1))))
    assert "❌ <b>Rejected</b> · Wrong page shown" in card.text
    assert "<i>the other page</i>" in card.text
    assert "You can change this until Jan 17, 11:00." in card.text
    paid = approve(case(), now=NOW - UNDO)
    paid = replace(paid, assignment=replace(paid.assignment, paid_at=NOW))
    assert "✅ <b>Approved</b> · paid on Jan 15, 12:00" in draw(item(paid)).text
    again = draw(item(case(2), asked=Verdict(Reason.UNREADABLE, "bigger, please")))
    assert "Sent again. You asked: Picture not clear" in again.text
    assert "<i>bigger, please</i>" in again.text


def test_proof_that_came_very_soon_is_pointed_out_and_can_be_decided_as_any_other() -> None:
    """Proves that under a fifth of the job's minutes the card says so, from there on not; the buttons stay."""
    hasty, calm = (draw(item(minutes=minutes)) for minutes in (31, 30))  # it took 6 minutes
    assert "⚡ Very fast: 6 min for a job of about 31 min. Please look closely." in str(hasty.text)
    assert "⚡" not in str(calm.text)
    assert kinds(hasty) == kinds(calm)
    assert "⚡" not in str(draw(item()).text), "a job whose minutes nobody knows"
