"""Cards of browsing and home at their longest and with hostile words, measured as Telegram measures them."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.domain.browse import ALL, COUNT_CAP, PAGE_SIZE, JobLine, JobPage, JobView, Place, Shelves, Sort
from bot.domain.eligibility import TooManyReserved
from bot.domain.house import House
from bot.domain.job import (
    PHOTOS_LIMIT,
    REQUIREMENTS_LIMIT,
    STEP_LIMIT,
    STEPS_LIMIT,
    TITLE_LIMIT,
    WORDS_LIMIT,
    Job,
    JobStatus,
    ProofKind,
    Requirement,
)
from bot.domain.member import Member
from bot.domain.profile import Dashboard, WorkInProgress
from bot.domain.text import shown_length
from bot.i18n import Translator, languages
from handlers.menu_calls import COMMANDS, command_sets, descriptions, menu_calls
from handlers.routes import MENU_WORDS
from handlers.views import jobs as views
from handlers.views import menus
from handlers.views.card import TEXT_LIMIT, Card
from handlers.views.jobs import CATEGORY_NAMES, OpenList
from storage.database import Database
from storage.jobs import list_categories

NOW = datetime(2030, 1, 15, 12, 0, tzinfo=UTC)
T = Translator()
HOUSE = House(bot_username="TheBot", operator_ids=frozenset({5, 6}))
MEMBER = Member(1, 100, "Ali", "en", "PK", "UTC", "member", "active", True, NOW)
RAW_LIMIT = 1 << 15  # bytes of a text with its tags that a Bot API server still reads
HOSTILE = "<b>&\"' \u202egnp.exe\u2066 \u200b</b> {title} %s"
JOB = Job(
    id=7,
    token="Abc-_123",
    employer_id=2,
    category_id="surveys",
    title="A survey",
    steps=("Open the page", "Answer"),
    requirements=(Requirement(ProofKind.PHOTO, "The last page", 2), Requirement(ProofKind.TEXT, "The code")),
    language="en",
    reward=1500,
    fee=150,
    minutes=4,
    time_limit_minutes=15,
    review_days=3,
    per_member=1,
    status=JobStatus.OPEN,
    free_slots=42,
    version=1,
    created_at=NOW,
    published_at=NOW,
    closed_at=None,
)
VIEW = JobView(JOB, finished=9, approved=24, rejected=1, refusal=None)
LINK = HOUSE.deep_link(f"job_{JOB.token}")


def read(card: Card) -> str:
    """Give the card's text as a person reads it."""
    return html.unescape(re.sub(r"<[^>]+>", "", str(card.text)))


def fits(card: Card) -> bool:
    """Whether Telegram takes the card."""
    card.params()
    return shown_length(read(card)) <= TEXT_LIMIT and len(str(card.text).encode()) <= RAW_LIMIT


def words(card: Card) -> list[str]:
    """Give what its buttons say."""
    return [button.text for row in card.buttons for button in row]


def test_the_job_card_says_everything_before_apply() -> None:
    """Proves that price, pace, limits, employer, steps, proofs and eligibility stand on the card, in that order."""
    text = read(views.job_card(T, VIEW, link=LINK))
    expected = [
        "A survey",
        "📋 Surveys",
        "$0.15 · 4 min · about $2.25/h",
        "42 places left",
        "You have 15 min to finish",
        "Pays itself in 3 days if nobody reviews",
        "Employer #2 · approved 24 of 25 (96%)",
        "1. Open the page",
        "2. Answer",
        "📷 2 photos: The last page",
        "✏️ Text: The code",
        "✅ You can take this job. You never pay to work.",
    ]
    places = [text.index(part) for part in expected]
    assert places == sorted(places)
    assert "new" not in text
    assert "🆕 new" in read(views.job_card(T, replace(VIEW, finished=4), link=LINK))
    assert "no reviews yet" in read(views.job_card(T, replace(VIEW, approved=0, rejected=0), link=LINK))


def test_the_buttons_fit_the_reader() -> None:
    """Proves that Apply is there only for who can, that Share holds the link, and that Back keeps the list's place."""
    back = OpenList("surveys", "h", Place(1500, 9).pack())
    card = views.job_card(T, VIEW, link=LINK, back=back)
    assert words(card) == ["✅ Apply · $0.15", "📤 Share", "‹ Back to the list", "🏠 Home"]
    assert card.buttons[2][0].press == back
    share = card.buttons[1][0].url
    assert share is not None
    query = parse_qs(urlsplit(share).query)
    assert query == {"url": ["https://t.me/TheBot?start=job_Abc-_123"], "text": ["$0.15: A survey"]}
    refused = views.job_card(T, replace(VIEW, refusal=TooManyReserved(count=3)), link=LINK)
    assert words(refused) == ["📋 My work", "📤 Share", "🔎 Kinds of work", "🏠 Home"]
    assert "✋ You have 3 jobs in progress." in read(refused)


@pytest.mark.parametrize("letter", ['"', "&", "<", "'", "a", "🙂", "ش"])
def test_the_longest_job_is_one_message(letter: str) -> None:
    """Proves that every limit at once, of letters that are long as HTML or in UTF-16, stays one message."""
    size = shown_length(letter)
    steps = [letter * (STEP_LIMIT // size)] * (WORDS_LIMIT // STEP_LIMIT)
    steps += [letter] * (STEPS_LIMIT - len(steps))
    left = WORDS_LIMIT - sum(map(shown_length, steps))
    requirements = (letter * (left // size // REQUIREMENTS_LIMIT),) * REQUIREMENTS_LIMIT
    job = replace(
        JOB,
        id=10**10,
        employer_id=10**10,
        title=letter * (TITLE_LIMIT),
        steps=tuple(steps),
        requirements=tuple(Requirement(ProofKind.PHOTO, text, PHOTOS_LIMIT) for text in requirements),
        category_id="image_categorising",
        reward=10_000_000,
        free_slots=10_000,
    )
    view = JobView(job, finished=0, approved=10**6, rejected=10**6, refusal=TooManyReserved(count=3))
    for language in languages():
        card = views.job_card(Translator(language), view, link=HOUSE.deep_link("job_" + "x" * 60))
        assert fits(card)
        assert shown_length(read(card)) > WORDS_LIMIT * 3 // 4, "the measure measures"


def _line(n: int, title: str) -> JobLine:
    return JobLine(10**10 + n, title, 10_000_000, 90, 10_000, NOW)


@pytest.mark.parametrize("letter", ['"', "🙂"])
def test_the_longest_list_is_one_message(letter: str) -> None:
    """Proves that a page of the longest titles fits, with a button for each job and both neighbours."""
    lines = tuple(_line(n, letter * TITLE_LIMIT) for n in range(PAGE_SIZE))
    place = Place(4_102_444_800_000, 10**10, back=True).pack()
    card = views.list_card(T, JobPage("image_categorising", Sort.NEWEST, place, lines, next=place, previous=place))
    assert fits(card)
    assert words(card)[:PAGE_SIZE] == [str(n + 1) for n in range(PAGE_SIZE)]
    assert words(card)[PAGE_SIZE : PAGE_SIZE + 2] == ["‹ Previous", "Next ›"]


def test_hostile_words_stay_words() -> None:
    """Proves that tags, braces and direction marks in titles, steps, proofs and names change nothing around them."""
    job = replace(JOB, title=HOSTILE, steps=(HOSTILE,), requirements=(Requirement(ProofKind.TEXT, HOSTILE),))
    line = replace(_line(1, HOSTILE), id=7)
    work = WorkInProgress(3, HOSTILE, NOW + timedelta(minutes=9))
    home = Dashboard(0, 0, 0, None, 0, 1, (work,), line)
    cards = [
        views.job_card(T, replace(VIEW, job=job), link=LINK),
        views.list_card(T, JobPage(HOSTILE, Sort.NEWEST, "", (line,), None, None)),
        menus.home_card(T, replace(MEMBER, first_name=HOSTILE), home, now=NOW),
        menus.welcome_card(T, replace(MEMBER, first_name=HOSTILE)),
    ]
    for card in cards:
        text = str(card.text)
        assert "&lt;b&gt;&amp;" in text
        assert "{title} %s" in text
        assert not any(mark in text for mark in "\u202e\u2066\u200b")
        assert set(re.findall(r"</?(\w+)", text)) <= {"b"}
        assert text.count("<b>") == text.count("</b>")


def test_shelves_hide_what_is_empty_and_cap_what_is_many() -> None:
    """Proves that kinds without a job are left out, that the cap shows, and that an empty list has a way on."""
    shelves = Shelves((("surveys", 3), ("writing", 0), ("my_own_kind", 2)), high=COUNT_CAP)
    assert words(views.shelves_card(T, shelves)) == [
        "🗂 All jobs · 5",
        "💎 High-paying · 500+",
        "📋 Surveys · 3",
        "📦 My own kind · 2",
        "🏠 Home",
    ]
    assert words(views.shelves_card(T, Shelves((("surveys", 0),), high=0))) == ["🔔 Alerts", "🏠 Home"]
    empty = views.list_card(T, JobPage(ALL, Sort.NEWEST, "", (), None, None))
    assert words(empty) == ["🔔 Alerts", "🔎 Kinds of work", "🏠 Home"]


async def test_every_category_has_a_name(database: Database) -> None:
    """Proves that the table of names covers exactly the categories that the migrations bring."""
    async with database.read() as tx:
        assert {c.id for c in await list_categories(tx, enabled_only=False)} == set(CATEGORY_NAMES)


def test_home_says_both_sides_of_the_day() -> None:
    """Proves that money, clocks, reviews and the best job are told, and that an operator finds the desk."""
    work = (WorkInProgress(3, "A survey", NOW + timedelta(minutes=9)),)
    best = replace(_line(1, "Best"), reward=20_000, minutes=10)
    home = Dashboard(123_400, 500, 2_000, NOW + timedelta(days=2), 3, 1, work, best)
    card = menus.home_card(T, replace(MEMBER, role="operator"), home, now=NOW)
    text = read(card)
    for part in (
        "Available: $12.34",
        "Earned, available soon: $0.05",
        "Waiting for review: $0.20 · the first is paid by Jan 17",
        "1 job in progress",
        "9 min left · A survey",
        "3 proofs wait for your review",
        "$2.00 · 10 min · about $12.00/h\nBest",
    ):
        assert part in text
    assert words(card)[0] == "⭐ See the best job"
    assert "🛠 Desk" in words(card)
    plain = menus.home_card(T, MEMBER, Dashboard(0, 0, 0, None, 0, 0, (), None), now=NOW)
    assert not {"⭐ See the best job", "🛠 Desk"} & set(words(plain))
    assert "Waiting for review: $0.00" in read(plain)
    employer = read(menus.home_card(T, MEMBER, Dashboard(0, 0, 0, None, 0, 0, (), None, funds=1_500_000), now=NOW))
    assert "For your jobs: $150.00" in employer
    assert "Available" not in employer


def test_terms_of_any_length_are_turned_page_by_page() -> None:
    """Proves that an operator's own text is escaped, complete, never too long, whatever page is asked for."""
    own = "\n".join([f"{n}. <i>&" + "x" * 500 for n in range(40)] + ["y" * 9_000])
    house = replace(HOUSE, terms=own)
    seen = ""
    for page in range(20):
        card = menus.paper_card(T, house, paper="terms", page=page)
        assert fits(card)
        seen += read(card)
        if "Next ›" not in words(card):
            break
    for n in range(40):
        assert f"{n}. <i>&xxx" in seen
    assert seen.count("y") >= 9_000
    assert read(menus.paper_card(T, house, paper="terms", page=-7)) == read(
        menus.paper_card(T, house, paper="terms", page=0)
    )
    assert fits(menus.paper_card(T, house, paper="terms", page=10**9))
    assert "You never pay to work" in read(menus.paper_card(T, HOUSE, paper="terms", page=0))


def test_support_names_the_operators_and_the_reader_s_number() -> None:
    """Proves that there is somebody to write to, or that it is said that there is not."""
    text = str(menus.support_card(T, HOUSE, MEMBER).text)
    assert 'href="tg://user?id=5"' in text
    assert "Tell them your number: 1." in text
    assert "Nobody is named here yet" in read(menus.support_card(T, House(), MEMBER))


def test_menus_are_within_telegram_s_limits_in_every_language() -> None:
    """Proves that commands and descriptions fit, and that only operators get /admin, in their own chat."""
    sets = command_sets([77])
    assert {language for language, _, _ in sets} == {None, *languages()}
    for _, scope, commands in sets:
        assert len(commands) <= 100
        assert all(re.fullmatch(r"[a-z0-9_]{1,32}", name) and 1 <= len(text) <= 256 for name, text in commands)
        assert ("admin" in dict(commands)) == (scope == {"type": "chat", "chat_id": 77})
    assert all(len(short) <= 120 and len(long) <= 512 for _, short, long in descriptions())
    methods = [method for method, _ in menu_calls(HOUSE)]
    assert set(methods) == {"setMyCommands", "setMyShortDescription", "setMyDescription"}
    assert len(dict(COMMANDS)) == len(COMMANDS)


def test_the_menu_keyboard_has_the_words_that_are_routed() -> None:
    """Proves that each word of the keyboard leads somewhere."""
    assert sorted(word for row in menus.menu_keyboard(T).rows for word in row) == sorted(MENU_WORDS)
