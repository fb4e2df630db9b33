"""What each answer of the publishing wizard must be, and what a job costs."""

import random

import pytest

from bot.domain import job_answers as answers
from bot.domain.errors import InvalidInput
from bot.domain.house import House
from bot.domain.job import Category, ProofKind
from bot.domain.money import AmountBelowZero, AmountIsZero, NotAnAmount, TooPrecise
from bot.domain.publish import (
    DraftProof,
    DraftSteps,
    FundsMissing,
    Incomplete,
    JobDraft,
    NoSuchCategory,
    check,
    complete,
    quote,
)
from bot.domain.text import clean_line

SURVEYS = Category("surveys", 1, enabled=True, forbidden=False, minimum_reward=1000)


def whole_draft(**changes: object) -> JobDraft:
    """Give a draft with every answer."""
    draft = JobDraft(
        token="abc",
        category_id="surveys",
        title="A short survey",
        steps=[DraftSteps(lines=["Open the page", "Answer"])],
        steps_done=True,
        proofs=[DraftProof(kind=ProofKind.PHOTO, count=2, text="The last page")],
        proofs_done=True,
        reward=1500,
        places=10,
    )
    return draft.model_copy(update=changes)


@pytest.mark.parametrize(
    ("typed", "reward"),
    [("1,5", 15_000), ("٣", 30_000), ("0.10", 1000), ("$2", 20_000), (" 1.50 ", 15_000), ("1000", 10_000_000)],
)
def test_a_reward_that_can_mean_one_thing_only_is_read(typed: str, reward: int) -> None:
    """Proves that decimal commas, other scripts' digits and the currency's sign are read right."""
    assert answers.read_reward(typed, category=SURVEYS, currency="USD") == reward


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("free", NotAnAmount),
        ("-3", AmountBelowZero),
        ("1e9", NotAnAmount),
        ("0", AmountIsZero),
        ("-0", AmountBelowZero),
        ("NaN", NotAnAmount),
        ("0.125", TooPrecise),
        ("0.09", answers.RewardTooLow),
        ("1000.01", InvalidInput),
        ("9" * 39, InvalidInput),
        ("x" * 5000, NotAnAmount),
        ("<b>1</b>", NotAnAmount),
    ],
)
def test_a_reward_that_is_none_is_refused_with_what_is_expected(typed: str, refusal: type[InvalidInput]) -> None:
    """Proves that nothing is guessed, and that every refusal has words of its own with all its fields filled."""
    with pytest.raises(refusal) as caught:
        answers.read_reward(typed, category=SURVEYS, currency="USD")
    assert "{" not in str(caught.value)


def test_the_minimum_of_the_category_is_named() -> None:
    """Proves that too low a reward is refused with the amount that would do."""
    with pytest.raises(answers.RewardTooLow) as caught:
        answers.read_reward("0.05", category=SURVEYS, currency="USD")
    assert caught.value.params == {"amount": 1000}


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("  Try\n our\tapp ", "Try our app"),
        ("<b>Easy</b> & quick", "<b>Easy</b> & quick"),
        ("\u202eelbuod\u202c pay", "elbuod pay"),
        ("a\u200bb\ufeffc\u00add", "abcd"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("x" * 80, "x" * 80),
        ("e" + "\u0301" * 30, "é" + "\u0301" * 4),
    ],
)
def test_a_title_is_one_clean_line_and_markup_stays_letters(typed: str, title: str) -> None:
    """Proves that white space is folded, marks that turn or hide text go, and HTML is kept as typed."""
    assert answers.read_title(typed) == title


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("x" * 81, answers.TitleTooLong),
        ("x" * 5000, answers.TitleTooLong),
        ("", answers.TitleMissing),
        ("\u202e\u200b\u3164 \u2800", answers.TitleMissing),
    ],
)
def test_a_title_too_long_or_invisible_is_refused(typed: str, refusal: type[InvalidInput]) -> None:
    """Proves the bounds of a title, counted after cleaning."""
    with pytest.raises(refusal):
        answers.read_title(typed)


def test_cleaning_twice_changes_nothing() -> None:
    """Proves on random text that a cleaned line is clean: nothing invisible, no white space but single blanks."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    pick = random.Random(seed)
    alphabet = "ab \n\t\u200b\u200c\u200d\u202e\u2066\u0301é😀👩क\u094d\u00ad\x00\x7f\ufeff\u3164"
    for _ in range(500):
        once = clean_line("".join(pick.choices(alphabet, k=pick.randrange(30))))
        assert clean_line(once) == once
        assert not set(once) & set("\n\t\u200b\u202e\u2066\u00ad\x00\x7f\ufeff\u3164")


def test_steps_are_lines_without_the_numbers_people_type() -> None:
    """Proves that one message gives a step a line, empty lines gone and own numbering taken off once."""
    typed = "1. Open the page\n\n2) Scroll down\n- Take a photo\n• 3 photos are enough\n2024 was good"
    assert answers.read_steps(typed) == [
        "Open the page",
        "Scroll down",
        "Take a photo",
        "3 photos are enough",
        "2024 was good",
    ]


def test_steps_have_bounds_and_the_refusal_names_the_step() -> None:
    """Proves that the long step is named by its number, and that count and total length are bounded."""
    with pytest.raises(answers.StepTooLong) as caught:
        answers.read_steps("one\n" + "x" * 301)
    assert caught.value.params == {"number": 2, "length": 301, "limit": 300}
    with pytest.raises(answers.StepsMissing):
        answers.read_steps(" \n\u200b\n")
    answers.check_words(["x"] * 15, ["y"] * 6)
    with pytest.raises(answers.TooManySteps):
        answers.check_words(["x"] * 16, [])
    with pytest.raises(answers.TooManyProofs):
        answers.check_words(["x"], ["y"] * 7)
    with pytest.raises(answers.TooManyWords):
        answers.check_words(["😀" * 150] * 9, [])


@pytest.mark.parametrize(("typed", "count"), [("1", 1), ("10000", 10_000), ("10,000", 10_000), ("٣", 3), (" 5 ", 5)])
def test_a_count_is_read(typed: str, count: int) -> None:
    """Proves that whole numbers are read in any script's digits, with thousands marks."""
    assert answers.read_count(typed, minimum=1, maximum=10_000, example=50) == count


@pytest.mark.parametrize("typed", ["0", "10001", "1.5", "1,5", "-3", "many", "1e3", "", "9" * 5000, "10 people", "½"])
def test_a_count_that_is_none_is_refused(typed: str) -> None:
    """Proves that anything but a whole number in range is refused with the range."""
    with pytest.raises(answers.NotACount) as caught:
        answers.read_count(typed, minimum=1, maximum=10_000, example=50)
    assert "1" in str(caught.value)


def test_the_fee_is_rounded_up_a_place_and_the_total_is_exact() -> None:
    """Proves that a reward of $0.02 at 7.5 % costs 215 units a place, and that totals are whole multiples."""
    price = quote(200, 3, house=House(employer_fee_bp=750))
    assert (price.fee, price.total) == (15, 645)
    price = quote(101, 10_000, house=House(employer_fee_bp=1000))
    assert (price.fee, price.total) == (11, 1_120_000)
    assert quote(500, 2, house=House(employer_fee_bp=0)).total == 1000


def test_money_comes_from_funds_first_and_from_earnings_only_when_told() -> None:
    """Proves how a price is split, and that what lacks is named to the unit."""
    price = quote(1000, 10, house=House(), funds=4000, available=8000)
    assert (price.total, price.missing, price.earnings_suffice) == (11_000, 7000, True)
    assert price.split(use_earnings=True) == (4000, 7000)
    with pytest.raises(FundsMissing) as caught:
        price.split(use_earnings=False)
    assert caught.value.params == {"amount": 7000}
    poor = quote(1000, 10, house=House(), funds=4000, available=6999)
    assert not poor.earnings_suffice
    with pytest.raises(FundsMissing) as caught:
        poor.split(use_earnings=True)
    assert caught.value.params == {"amount": 1}
    rich = quote(1000, 10, house=House(), funds=20_000, available=8000)
    assert rich.split(use_earnings=True) == (11_000, 0)


def test_answers_are_asked_in_order_and_only_what_is_missing() -> None:
    """Proves which answer a draft asks for next."""
    assert JobDraft(token="t").missing == "category"
    assert whole_draft(title=None).missing == "title"
    assert whole_draft(steps_done=False).missing == "steps"
    assert whole_draft(proofs=[]).missing == "proofs"
    assert whole_draft(reward=None, places=None).missing == "reward"
    assert whole_draft().missing is None


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"title": None}, Incomplete),
        ({"title": "x\u202ey"}, Incomplete),
        ({"title": "x" * 81}, answers.TitleTooLong),
        ({"reward": 999}, answers.RewardTooLow),
        ({"reward": 10**9}, InvalidInput),
        ({"places": 0}, answers.NotACount),
        ({"places": 10_001}, answers.NotACount),
        ({"minutes": 16}, answers.TimeLimitOut),
        ({"minutes": 0}, answers.NotACount),
        ({"time_limit_minutes": 91}, answers.TimeLimitOut),
        ({"review_days": 15}, answers.ReviewDaysOut),
        ({"proofs": [DraftProof(kind=ProofKind.PHOTO, count=11, text="x")]}, answers.PhotoCountOut),
        ({"proofs": [DraftProof(kind=ProofKind.TEXT, text=" ")]}, answers.ProofTextMissing),
        ({"steps": [DraftSteps(lines=["x"] * 16)]}, answers.TooManySteps),
        ({"category_id": "likes"}, NoSuchCategory),
    ],
)
def test_a_whole_draft_is_checked_again(changes: dict[str, object], refusal: type[InvalidInput]) -> None:
    """Proves that nothing reaches a job that the single steps would have refused."""
    with pytest.raises(refusal):
        check(complete(whole_draft(**changes)), category=SURVEYS)


def test_a_category_that_is_off_takes_no_jobs() -> None:
    """Proves that growth manipulation can't be published, whatever a draft says."""
    off = Category("likes", 1, enabled=False, forbidden=True, minimum_reward=200)
    with pytest.raises(NoSuchCategory):
        check(complete(whole_draft(category_id="likes")), category=off)


def test_longer_work_gets_the_next_longer_time() -> None:
    """Proves that the time limit never is shorter than the estimate."""
    assert answers.time_limit_for(5, chosen=15) == 15
    assert answers.time_limit_for(16, chosen=15) == 20
    assert answers.time_limit_for(90, chosen=5) == 90
