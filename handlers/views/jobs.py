"""Browsing: the names of the categories, a list of jobs, and the card of one job before anybody takes it."""

from datetime import timedelta
from functools import lru_cache
from urllib.parse import quote

from markupsafe import Markup

from bot.domain.browse import ALL, COUNT_CAP, HIGH, JobLine, JobPage, JobView, Shelves, Sort
from bot.domain.eligibility import HasPlaceHere, OwnJob, TooManyReserved
from bot.domain.errors import N_
from bot.domain.job import Job, ProofKind, Requirement
from bot.domain.money import smallest_payable
from bot.domain.publish import JobSpec
from bot.domain.text import clean_line
from bot.i18n import Translator
from handlers.callbacks import Callback
from handlers.views.card import Button, Card, Lines, Rows, grid
from handlers.views.nav import Alerts, Categories, Home, MyJobs, MyWork
from handlers.views.work import ApplyPress

#: Fewer finished places than these say nothing yet: the job is marked new.
FINISHED_TO_KNOW = 5


class OpenList(Callback, prefix="br.l"):
    """A page of a shelf; an empty sort means the remembered one, an empty place the first page."""

    shelf: str
    sort: str = ""
    place: str = ""


class PickSort(Callback, prefix="br.s"):
    """Choose and remember an order, and see the shelf's first page in it."""

    shelf: str
    sort: str


class OpenJob(Callback, prefix="br.j"):
    """One job's card, with the way back to the page of the list it was tapped on."""

    job_id: int
    shelf: str
    sort: str
    place: str


#: Every category a migration brings, with its emoji; an operator's own is shown by its id.
CATEGORY_NAMES: dict[str, tuple[str, str]] = {
    "website_visits": ("🌐", N_("Websites")),
    "reading_articles": ("📖", N_("Articles")),
    "surveys": ("📋", N_("Surveys")),
    "app_testing": ("🧪", N_("App tests")),
    "app_downloads": ("📲", N_("Get apps")),
    "sign_ups": ("📝", N_("Sign-ups")),
    "video_feedback": ("🎬", N_("Videos")),
    "data_entry": ("⌨️", N_("Data entry")),
    "copy_paste": ("📄", N_("Copy-paste")),
    "image_categorising": ("🖼", N_("Images")),
    "writing": ("✍️", N_("Writing")),
    "social_media": ("💬", N_("Social")),
    "research": ("🔍", N_("Research")),
    "transcription": ("🎧", N_("Type audio")),
    "translation": ("🈯", N_("Translate")),
    "local_photos": ("📷", N_("Photos")),
    "other": ("📦", N_("Other")),
    "likes": ("👍", N_("Likes")),
    "follows": ("👥", N_("Follows")),
    "upvotes": ("🔼", N_("Upvotes")),
    "votes": ("🗳", N_("Votes")),
}


SORT_NAMES: dict[Sort, tuple[str, str]] = {
    Sort.NEWEST: (N_("Newest"), N_("newest first")),
    Sort.HIGHEST: (N_("Best paid"), N_("best paid first")),
    Sort.LOWEST: (N_("Least paid"), N_("least paid first")),
}


_PRICE = N_("💵 {price}")
_PRICE_OF_NEW = N_("💵 {price} · 🆕 new")


def category_name(t: Translator, category_id: str) -> str:
    """Give a category's name with its emoji, for a button or a line."""
    if category_id not in CATEGORY_NAMES:
        return f"📦 {clean_line(category_id.replace('_', ' ')).capitalize()}"
    emoji, name = CATEGORY_NAMES[category_id]
    return f"{emoji} {t.plain(name)}"


def shelf_name(t: Translator, shelf: str) -> str:
    """Give the heading of a list."""
    if shelf == ALL:
        return t.plain("🗂 All jobs")
    return t.plain("💎 High-paying") if shelf == HIGH else category_name(t, shelf)


def price_line(t: Translator, job: JobLine | Job | JobSpec) -> Markup:
    """Say what a job pays and how long it takes: reward, minutes, pay per hour by the employer's estimate."""
    per_hour = job.reward_per_hour - job.reward_per_hour % smallest_payable(t.currency)
    return t(
        "<b>{reward}</b> · {minutes} · about {per_hour}/h",
        reward=t.money(job.reward),
        minutes=t.duration(timedelta(minutes=job.minutes)),
        per_hour=t.money(per_hour),
    )


def places_left(t: Translator, count: int) -> Markup:
    """Say how many places are free."""
    return t.n("{n} place left", "{n} places left", count)


def shelves_card(t: Translator, shelves: Shelves) -> Card:
    """Draw the shelves and the categories that have a job for this member."""
    text = Lines().add(t("<b>Jobs for you</b>"), "")
    if shelves.total == 0:
        text.add(t("There is no job for you right now."), t("Turn on alerts, and I write to you when one comes."))
        rows: Rows = ((Button(t.plain("🔔 Alerts"), Alerts()),),)
    else:
        text.add(t("Choose a kind of work. The number says how many jobs you can take now."))
        high = f"{COUNT_CAP}+" if shelves.high >= COUNT_CAP else str(shelves.high)
        top: Rows = (
            (Button(f"{shelf_name(t, ALL)} · {shelves.total}", OpenList(ALL)),),
            (Button(f"{shelf_name(t, HIGH)} · {high}", OpenList(HIGH)),),
        )
        kinds = [
            Button(f"{category_name(t, category)} · {jobs}", OpenList(category))
            for category, jobs in shelves.categories
            if jobs
        ]
        rows = (*top, *grid(kinds, 2))
    return Card(text.text(), (*rows, (_home(t),)))


def list_card(t: Translator, page: JobPage) -> Card:
    """Draw one page of a list: a numbered line and a button for each job, orders, neighbours, ways out."""
    order = t(SORT_NAMES[page.sort][1])
    text = Lines().add(t("<b>{shelf}</b> · {order}", shelf=shelf_name(t, page.shelf), order=order), "")
    if not page.jobs:
        text.add(t("There is no job for you here right now."), t("Turn on alerts, and I write to you when one comes."))
        out = (Button(t.plain("🔔 Alerts"), Alerts()),)
        return Card(text.text(), (out, (_categories(t), _home(t))))
    for number, line in enumerate(page.jobs, 1):
        text.add(_job_lines(t.language, t.currency, number, line), "")
    text.add(t("Tap a number to see the job."))
    numbers = [
        Button(str(number), OpenJob(line.id, page.shelf, page.sort.value, page.place))
        for number, line in enumerate(page.jobs, 1)
    ]
    orders = tuple(
        Button(f"✓ {t.plain(name)}" if sort is page.sort else t.plain(name), PickSort(page.shelf, sort.value))
        for sort, (name, _) in SORT_NAMES.items()
    )
    turns = [
        Button(t.plain(words), OpenList(page.shelf, page.sort.value, place))
        for words, place in ((N_("‹ Previous"), page.previous), (N_("Next ›"), page.next))
        if place is not None
    ]
    return Card(text.text(), (*grid(numbers, 4), *grid(turns, 2), orders, (_categories(t), _home(t))))


@lru_cache(maxsize=4096)
def _job_lines(language: str, currency: str, number: int, line: JobLine) -> Markup:
    """Say in two lines what a job pays and what it is called: the same for everybody who reads this language."""
    t = Translator(language, currency)
    price = price_line(t, line)
    numbered = t("{n}. {price} · {places}", n=number, price=price, places=places_left(t, line.free_slots))
    return Lines().add(numbered, clean_line(line.title)).text()


def job_card(t: Translator, view: JobView, *, link: str, back: OpenList | None = None) -> Card:
    """Draw the whole job: price, rules, steps, proofs, and whether this member can take it.

    `link` is the job's deep link; `back` the page of the list it was tapped on.
    """
    job = view.job
    text = Lines().add(
        t("<b>{title}</b>", title=clean_line(job.title)),
        category_name(t, job.category_id),
        "",
        t(_PRICE_OF_NEW if view.finished < FINISHED_TO_KNOW else _PRICE, price=price_line(t, job)),
        t("👥 {places}", places=places_left(t, job.free_slots)),
        t("⏱ You have {limit} to finish", limit=t.duration(timedelta(minutes=job.time_limit_minutes))),
        t.n(
            "🛡 Pays itself in {n} day if nobody reviews",
            "🛡 Pays itself in {n} days if nobody reviews",
            job.review_days,
        ),
        _employer_line(t, view),
        "",
        t("<b>What to do</b>"),
    )
    for number, step in enumerate(job.steps, 1):
        text.add(t("{n}. {step}", n=number, step=clean_line(step)))
    text.add("", t("<b>Proof you send</b>"))
    for requirement in job.requirements:
        text.add(requirement_line(t, requirement))
    text.add("")
    if view.refusal is None:
        text.add(t("✅ You can take this job. You never pay to work."))
    else:
        text.add(t("✋ {reason}", reason=t(view.refusal.text, **view.refusal.params)))
    return Card(text.text(), _job_buttons(t, view, link=link, back=back))


def requirement_line(t: Translator, requirement: Requirement) -> Markup:
    """Say in one line what proof is asked for."""
    if requirement.kind is ProofKind.PHOTO:
        return t.n(
            "📷 {n} photo: {what}", "📷 {n} photos: {what}", requirement.count, what=clean_line(requirement.text)
        )
    return t("✏️ Text: {what}", what=clean_line(requirement.text))


def gone_card(t: Translator) -> Card:
    """Say that a link leads to no job."""
    text = t("This job is not here any more. Other jobs are waiting for you.")
    return Card(text, ((_categories(t), _home(t)),))


def _employer_line(t: Translator, view: JobView) -> Markup:
    decided = view.approved + view.rejected
    if decided == 0:
        return t("👤 Employer #{number} · no reviews yet", number=view.job.employer_id)
    return t(
        "👤 Employer #{number} · approved {approved} of {decided} ({rate})",
        number=view.job.employer_id,
        approved=view.approved,
        decided=decided,
        rate=t.percent(view.approved * 100 // decided * 100),
    )


def _job_buttons(t: Translator, view: JobView, *, link: str, back: OpenList | None) -> Rows:
    job = view.job
    rows: list[tuple[Button, ...]] = []
    if view.refusal is None:
        rows.append((Button(t.plain("✅ Apply · {reward}", reward=t.money(job.reward)), ApplyPress(job.id)),))
    elif isinstance(view.refusal, (HasPlaceHere, TooManyReserved)):
        rows.append((Button(t.plain("📋 My work"), MyWork()),))
    elif isinstance(view.refusal, OwnJob):
        rows.append((Button(t.plain("🗂 My jobs"), MyJobs()),))
    words = quote(t.plain("{reward}: {title}", reward=t.money(job.reward), title=clean_line(job.title)))
    share = f"https://t.me/share/url?url={quote(link, safe='')}&text={words}"
    to_list = Button(t.plain("‹ Back to the list"), back) if back is not None else _categories(t)
    return (*rows, (Button(t.plain("📤 Share"), url=share),), (to_list, _home(t)))


def _categories(t: Translator) -> Button:
    return Button(t.plain("🔎 Kinds of work"), Categories())


def _home(t: Translator) -> Button:
    return Button(t.plain("🏠 Home"), Home())
