"""The cards of publishing without a phone: they fit Telegram's limits at their worst, and say the right sums."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain import publish as rules
from bot.domain.house import House
from bot.domain.job import Category, Job, JobStatus, ProofKind
from bot.domain.job_answers import check_words
from bot.domain.myjobs import JobTally
from bot.domain.publish import DraftProof, DraftSteps, JobDraft
from bot.i18n import Translator, languages
from handlers.conversation import Cancel
from handlers.views import myjobs, publish, publish_preview
from handlers.views.card import TEXT_LIMIT, Card

HOUSE = House(bot_username="A" * 32)
NOW = datetime(2030, 1, 15, 12, 0, tzinfo=UTC)
TITLE = "&" * 79 + "😀"


def _worst_draft(letter: str) -> JobDraft:
    """Give the longest draft that the rules let through, of one letter."""
    size = len(letter.encode("utf-16-le")) // 2
    steps = [letter * (2600 // 15 // size - 20)] * 15
    rest = 2600 - sum(len(step) * size for step in steps)
    proofs = [DraftProof(kind=ProofKind.PHOTO, count=10, text=letter * min(200, rest // 6 // size)) for _ in range(6)]
    check_words(steps, [proof.text for proof in proofs])
    return JobDraft(
        token="x" * 12,
        revision=9_999,
        category_id="video_feedback",
        title=TITLE,
        steps=[DraftSteps(lines=steps)],
        steps_done=True,
        proofs=proofs,
        proofs_done=True,
        reward=999_9999,
        places=10_000,
        minutes=90,
        time_limit_minutes=90,
        review_days=14,
    )


def _shown_units(card: Card) -> int:
    """Give the length of a card's text without its markup, counted the strict way: UTF-16 units."""
    assert len(str(card.text).encode()) < 1 << 15, "Telegram refuses raw texts from 32 KB on"
    return len(card.text.striptags().encode("utf-16-le")) // 2


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("letter", ["&", "x", "😀", "<"])
def test_the_longest_preview_and_questions_fit_one_message(language: str, letter: str) -> None:
    """Proves that no draft the rules let through makes a card that Telegram refuses, refusals on top included."""
    t = Translator(language)
    draft = _worst_draft(letter)
    price = rules.quote(9_999_999, 10_000, house=HOUSE, funds=0, available=10**12)
    preview = publish_preview.preview_card(t, draft, price, house=HOUSE, cancel=Cancel())
    assert _shown_units(preview) < TEXT_LIMIT
    for card in (publish.steps_card(t, draft), publish.proofs_card(t, draft)):
        assert _shown_units(card) < TEXT_LIMIT - 300
    assert preview.params()["text"]


def test_markup_in_a_title_is_shown_as_typed() -> None:
    """Proves that what an employer typed is never markup."""
    draft = _worst_draft("x").model_copy(update={"title": "<b>a</b> & <a href='x'>b</a>"})
    price = rules.quote(1000, 10, house=HOUSE)
    text = str(publish_preview.preview_card(Translator(), draft, price, house=HOUSE, cancel=Cancel()).text)
    assert "&lt;b&gt;a&lt;/b&gt; &amp; &lt;a href=&#39;x&#39;&gt;b&lt;/a&gt;" in text


def test_the_preview_names_price_fee_funds_and_what_lacks() -> None:
    """Proves the sums on the preview, and that its buttons carry what was shown."""
    draft = _worst_draft("x")
    price = rules.quote(1000, 10, house=HOUSE, funds=4000, available=7000)
    card = publish_preview.preview_card(Translator(), draft, price, house=HOUSE, cancel=Cancel())
    for part in ("10 × ($0.10 + $0.01 fee) = $1.10", "10%", "$0.40", "You need $0.70 more", "Your earnings: $0.70"):
        assert part in card.text.striptags()
    presses = [button.press for row in card.buttons for button in row]
    assert publish.PublishPress(draft.token, draft.revision, 0) in presses
    assert publish.PublishPress(draft.token, draft.revision, 7000) in presses
    rich = rules.quote(1000, 10, house=HOUSE, funds=11_000)
    card = publish_preview.preview_card(Translator(), draft, rich, house=HOUSE, cancel=Cancel())
    assert "You need" not in card.text
    assert [type(button.press) for button in card.buttons[1]] == [publish.EditPress] * 3


def test_the_example_of_the_reward_question_would_be_taken() -> None:
    """Proves that the example in the prompt is at least the category's minimum."""
    category = Category("surveys", 1, enabled=True, forbidden=False, minimum_reward=1000)
    card = publish.reward_card(Translator(), JobDraft(token="t"), category)
    assert "for example $0.20" in card.text.striptags()
    assert "at least $0.10" in card.text.striptags()


def _tally(status: JobStatus, **counts: int) -> JobTally:
    job = Job(
        id=7,
        token="abc",
        employer_id=1,
        category_id="surveys",
        title=TITLE,
        steps=("x",),
        requirements=(),
        language="en",
        reward=1000,
        fee=100,
        minutes=5,
        time_limit_minutes=15,
        review_days=3,
        per_member=1,
        status=status,
        free_slots=0,
        version=4,
        created_at=NOW,
        published_at=NOW,
        closed_at=None,
    )
    none = JobTally(job=job, slots=10, taken=0, paid=0, released=0, waiting=0)
    return replace(none, **counts)  # type: ignore[arg-type]  # counts by name


@pytest.mark.parametrize("status", [s for s in JobStatus if s is not JobStatus.DRAFT])
def test_the_desk_offers_only_what_the_status_allows(status: JobStatus) -> None:
    """Proves which buttons each status has."""
    card = myjobs.desk_card(Translator(), _tally(status), link="https://t.me/x?start=job_abc")
    kinds = {type(button.press) for row in card.buttons for button in row}
    assert (myjobs.PausePress in kinds) == (status is JobStatus.OPEN)
    assert (myjobs.ResumePress in kinds) == (status is JobStatus.PAUSED)
    assert (myjobs.ClosePress in kinds) == (status is not JobStatus.CLOSED)
    assert myjobs.RepeatPress in kinds


def test_closing_says_what_comes_back_and_what_stays() -> None:
    """Proves that the confirmation and the receipt name free places, places in work and both sums."""
    tally = _tally(JobStatus.OPEN, taken=2, paid=3, refund=5500, escrow=7700)
    card = myjobs.close_card(Translator(), tally)
    assert "5 free places: $0.55 comes back" in card.text.striptags()
    assert "2 places are taken" in card.text
    assert card.buttons[0][0].press == myjobs.CloseSure(7, 4, 5)
    closed = _tally(JobStatus.CLOSED, taken=1, paid=4, released=5, refunded=5500, escrow=1100)
    receipt = myjobs.closed_notice(Translator(), closed).text.striptags()
    assert "Back in your money for jobs: $0.55" in receipt
    assert "1 place is still taken: $0.11" in receipt


def test_the_fullest_list_fits_one_message() -> None:
    """Proves that a page of own jobs with the longest titles stays within the limit."""
    tallies = [_tally(JobStatus.OPEN, waiting=9_999) for _ in range(8)]
    card = myjobs.list_card(Translator(), tallies, older=True, first=False)
    assert _shown_units(card) < TEXT_LIMIT
    assert card.params()["reply_markup"]["inline_keyboard"][-2][1]["callback_data"] == "mj.page:7"
