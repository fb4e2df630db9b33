"""Home and the quiet corners: welcome, dashboard, settings, language, help, terms, and what answers the unexpected."""

from datetime import datetime
from typing import Literal

from babel import Locale
from markupsafe import Markup

from bot.domain.country import country_name
from bot.domain.errors import N_
from bot.domain.house import House
from bot.domain.member import Member
from bot.domain.profile import Dashboard, receipts_are_quiet
from bot.domain.text import clean_line, clean_lines, shown_length
from bot.i18n import Translator, languages
from handlers.callbacks import Callback
from handlers.views import nav
from handlers.views.card import Button, Card, Lines, ReplyKeyboard, Rows, grid
from handlers.views.jobs import OpenList, price_line, shelf_name

Paper = Literal["terms", "privacy"]
#: Characters of an operator's text on one card.
PAPER_PAGE = 3_000
PAPERS: tuple[Paper, ...] = ("terms", "privacy")


class AskLanguage(Callback, prefix="me.lang"):
    """Show the languages."""


class ChooseLanguage(Callback, prefix="me.sayin"):
    """Speak this language."""

    code: str


class AskZone(Callback, prefix="me.zone"):
    """Ask what time it is at the member's place."""


class ChooseZone(Callback, prefix="me.clock"):
    """Use this time zone."""

    zone: str


class QuietReceipts(Callback, prefix="me.quiet"):
    """Receipts come without a sound (1) or with one (0)."""

    quiet: int


class PaperPage(Callback, prefix="me.paper"):
    """A page of the terms or the privacy text."""

    paper: str
    page: int


_TERMS = (
    N_("You never pay to work. Nobody here may ask you for money, passwords or codes."),
    N_("Do the work yourself and send honest proof. The same picture can't be used twice."),
    N_("One person, one account."),
    N_("The money for each job is set aside before it is published. If nobody reviews your work in time, it is paid."),
    N_("A rejection always has a reason. Work that was paid stays paid."),
    N_("Jobs that ask for likes, votes, followers or for breaking the rules of a website are not allowed."),
)
_PRIVACY = (
    N_("We keep your Telegram number and first name, your language, country and clock."),
    N_("We keep your jobs, your proofs and the history of your money."),
    N_("Employers see your worker number and your proofs, never your name or account."),
    N_("We remove from your photos where and with which camera they were taken, before anybody sees them."),
    N_("Nothing is sold, and nothing about your identity is asked before your first withdrawal."),
)
_TIPS = (
    N_("📝 Read all steps before you apply. Clear and complete proof is paid fastest."),
    N_("⚡ Short on time? Small jobs of a few minutes add up."),
    N_("🔀 Mix kinds of work: it stays interesting, and you always find the next job."),
    N_("🔔 Turn on alerts: well-paid jobs fill up in minutes."),
)


def menu_keyboard(t: Translator) -> ReplyKeyboard:
    """Give the main menu's keyboard; its words are the MENU_WORDS of handlers/routes.py."""
    return ReplyKeyboard(
        rows=((t.plain("🔎 Jobs"), t.plain("📋 My work")), (t.plain("💰 Balance"), t.plain("🏠 Home"))),
    )


def welcome_card(t: Translator, member: Member) -> Card:
    """Greet somebody new, with the main menu's keyboard."""
    text = Lines().add(
        t("👋 <b>Welcome, {name}!</b>", name=clean_line(member.first_name)),
        t("Here you do small jobs on your phone and get paid for them."),
        t("Pick a job, follow its steps, send a photo or text as proof."),
        t("You never pay to work. Nobody here may ask you for money."),
        t("Do you have small jobs for others? Tap “Publish a job”."),
    )
    return Card(text.text(), keyboard=menu_keyboard(t))


def home_card(t: Translator, member: Member, home: Dashboard, *, now: datetime) -> Card:
    """Draw the dashboard."""
    text = Lines().add(t("🏠 <b>{name}, here is your day</b>", name=clean_line(member.first_name)))
    if money := _money_lines(t, member, home):
        text.add("", *money)
    if home.in_progress:
        text.add("", t.n("<b>{n} job in progress</b>", "<b>{n} jobs in progress</b>", home.in_progress))
        for work in home.work:
            left = t.duration(work.deadline_at - now)
            text.add(t("⏱ {left} left · {title}", left=left, title=clean_line(work.title)))
    if home.reviews:
        text.add("", t.n("📥 {n} proof waits for your review", "📥 {n} proofs wait for your review", home.reviews))
    if home.best_job is not None:
        text.add(
            "", t("⭐ <b>Best job for you right now</b>"), price_line(t, home.best_job), clean_line(home.best_job.title)
        )
    return Card(text.text(), _home_buttons(t, member, home))


def settings_card(t: Translator, member: Member, *, now: datetime) -> Card:
    """Show what a member chose, with a button for each."""
    quiet = receipts_are_quiet(member)
    country = t.plain("not given yet") if member.country is None else country_name(member.country, t.language)
    text = Lines().add(
        t("⚙️ <b>Settings</b>"),
        "",
        t("Language: {language}", language=language_name(member.language)),
        t("Your clock: {time} ({zone})", time=t.time(now), zone=zone_name(member.time_zone)),
        t("Country: {country}", country=country),
        t("Messages about pay come without a sound.") if quiet else t("Messages about pay come with a sound."),
    )
    sound = t.plain("🔔 Sound on") if quiet else t.plain("🔕 Sound off")
    rows = (
        (Button(t.plain("🗣 Language"), AskLanguage()), Button(t.plain("🕐 Clock"), AskZone())),
        (Button(sound, QuietReceipts(int(not quiet))), Button(t.plain("🔔 Alerts"), nav.Alerts())),
        _home_row(t),
    )
    return Card(text.text(), rows)


def language_card(t: Translator) -> Card:
    """Offer the languages, each in its own words."""
    codes = languages()
    buttons = [
        Button(f"✓ {language_name(code)}" if code == t.language else language_name(code), ChooseLanguage(code))
        for code in codes
    ]
    return Card(t("Which language should I speak?"), (*grid(buttons, 2), _home_row(t)))


def language_chosen_card(t: Translator) -> Card:
    """Say in the new language that it is spoken now, with the menu's keyboard in its words."""
    return Card(t("I speak English now."), keyboard=menu_keyboard(t))


def zone_prompt(t: Translator, *, zones: tuple[str, ...], now: datetime, buttons: tuple[Button, ...]) -> Card:
    """Ask for the time at the member's place; `zones` are those of the country, `buttons` the way out."""
    text = Lines().add(
        t("What time is it where you are? Type it, for example 14:05. Your city works too, for example Karachi."),
        t("I think it is {time} now.", time=t.time(now)),
    )
    offered = [
        Button(t.plain("{city} · {time}", city=zone_name(zone), time=_at(t, zone).time(now)), ChooseZone(zone))
        for zone in zones
    ]
    return Card(text.text(), (*grid(offered, 2), buttons))


def help_card(t: Translator, house: House) -> Card:
    """Say how it works in a few lines, with four tips."""
    text = Lines().add(
        t("❓ <b>How it works</b>"),
        "",
        t("1. Open Jobs and choose one. Tap Apply: a place is held for you."),
        t("2. Follow the steps. Send your proof and tap “Request for complete”."),
        t("3. The employer reviews it. Approved: the money is yours."),
        t("4. When you have {amount}, you can withdraw it.", amount=t.money(house.withdrawal_minimum)),
        "",
        *(t(tip) for tip in _TIPS),
        "",
        t("Stuck in the middle of something? Type /cancel. A question about money? Type /paysupport."),
    )
    if house.support_contact:
        text.add(t("Any other trouble? Write to {contact}.", contact=house.support_contact))
    rows = (
        (Button(t.plain("🔎 Jobs"), nav.Categories()), Button(t.plain("🔔 Alerts"), nav.Alerts())),
        (_paper_button(t, "terms", 0), _paper_button(t, "privacy", 0)),
        _home_row(t),
    )
    return Card(text.text(), rows)


def paper_card(t: Translator, house: House, *, paper: Paper, page: int) -> Card:
    """Show a page of the operator's terms or privacy text, or of what holds where there is none."""
    own = house.terms if paper == "terms" else house.privacy
    title = t("<b>Terms</b>") if paper == "terms" else t("<b>Privacy</b>")
    points = _TERMS if paper == "terms" else _PRIVACY
    pages = _paged(own) if own else [Markup("\n\n").join(t("• {point}", point=t(point)) for point in points)]
    page = min(max(page, 0), len(pages) - 1)
    turns = [
        Button(t.plain(words), PaperPage(paper, beside))
        for words, beside in ((N_("‹ Previous"), page - 1), (N_("Next ›"), page + 1))
        if 0 <= beside < len(pages)
    ]
    return Card(Lines().add(title, "", pages[page]).text(), (*grid(turns, 2), _home_row(t)))


def support_card(t: Translator, house: House, member: Member) -> Card:
    """Say who answers questions about money: the people who run this installation."""
    text = Lines().add(
        t("💬 <b>A question about money?</b>"),
        t("Write to the people who run this marketplace. Tell them your number: {number}.", number=member.id),
    )
    contacts = [
        Markup('<a href="tg://user?id={}">{}</a>').format(user_id, t.plain("Operator {n}", n=number))
        for number, user_id in enumerate(sorted(house.operator_ids), 1)
    ]
    if house.support_contact:
        contacts = [Markup.escape(house.support_contact)]
    if not contacts:
        contacts = [t("Nobody is named here yet. Please ask where you found this bot.")]
    rows = ((Button(t.plain("💰 Balance"), nav.Balance()), Button(t.plain("❓ Help"), nav.Help())), _home_row(t))
    return Card(text.add("", *contacts).text(), rows)


def nothing_open_card(t: Translator) -> Card:
    """Answer /cancel when nothing is open."""
    return Card(t("There is nothing to cancel. What would you like to do?"), _ways(t))


def unknown_command_card(t: Translator) -> Card:
    """Answer a command that does not exist."""
    return Card(t("I don't know this command. Here is what you can do:"), _ways(t))


def typed_card(t: Translator, way_on: Callback | None) -> Card:
    """Answer words typed while nothing is open; `way_on` leads back to what was left lately."""
    if way_on is None:
        return Card(t("I did not ask for an answer right now. What would you like to do?"), _ways(t))
    text = t("I did not ask for an answer right now. You left something unfinished: tap “Go on”, then type it again.")
    return Card(text, ((Button(t.plain("▶️ Go on"), way_on),), *_ways(t)))


def left_card(t: Translator, way_on: Callback) -> Card:
    """Answer a button of a question that was left for another screen."""
    text = t("You left this question. What you entered is saved: tap “Go on”.")
    return Card(text, ((Button(t.plain("▶️ Go on"), way_on),), *_ways(t)))


def picture_card(t: Translator) -> Card:
    """Answer a picture or file sent while no proof is asked for."""
    return Card(t("Is this a proof? Tap My work, choose the job, and send it there."), _ways(t))


def unexpected_card(t: Translator) -> Card:
    """Answer a sticker, a voice message, a place on the map..."""
    return Card(t("Thank you, but I can't use that here. Please tap a button:"), _ways(t))


def language_name(code: str) -> str:
    """Give a language's own name for itself."""
    name = Locale.parse(code).get_display_name(code) or code
    return name[:1].upper() + name[1:]


def zone_name(zone: str) -> str:
    """Give a time zone as people read it: its city, or "UTC+5"."""
    if zone.startswith("Etc/GMT"):
        sign, hours = zone[7], zone[8:]
        return f"UTC{'+' if sign == '-' else '-'}{hours}"  # POSIX signs: east is minus
    return zone.rpartition("/")[2].replace("_", " ")


def _money_lines(t: Translator, member: Member, home: Dashboard) -> list[Markup]:
    """Give what is earned and what is there for jobs; who only employs or operates reads no zeros of a worker."""
    lines = []
    if home.earns or not (home.funds or home.reviews or member.is_operator):
        lines.append(t("💰 Available: <b>{amount}</b>", amount=t.money(home.available)))
        if home.on_hold:
            lines.append(t("🔒 Earned, available soon: {amount}", amount=t.money(home.on_hold)))
        lines.append(_waiting_line(t, home))
    if home.funds:
        lines.append(t("📣 For your jobs: <b>{amount}</b>", amount=t.money(home.funds)))
    return lines


def _waiting_line(t: Translator, home: Dashboard) -> Markup:
    amount = t.money(home.waiting)
    if not home.waiting or home.next_review_by_at is None:
        return t("⏳ Waiting for review: {amount}", amount=amount)
    day = t.date(home.next_review_by_at)
    return t("⏳ Waiting for review: {amount} · the first is paid by {day}", amount=amount, day=day)


def _home_buttons(t: Translator, member: Member, home: Dashboard) -> Rows:
    rows: list[tuple[Button, ...]] = []
    if home.best_job is not None:
        rows.append((Button(t.plain("⭐ See the best job"), nav.JobCard(home.best_job.id)),))
    if home.reviews:
        rows.append((Button(t.plain("📥 Review proofs · {n}", n=home.reviews), nav.ReviewQueue()),))
    rows += [
        (Button(t.plain("🔎 Jobs"), nav.Categories()), Button(shelf_name(t, "+"), OpenList("+"))),
        (Button(t.plain("📋 My work"), nav.MyWork()), Button(t.plain("💰 Balance"), nav.Balance())),
        (Button(t.plain("📣 Publish a job"), nav.NewJob()), Button(t.plain("🗂 My jobs"), nav.MyJobs())),
        (Button(t.plain("🔔 Alerts"), nav.Alerts()), Button(t.plain("⚙️ Settings"), nav.Settings())),
    ]
    help_button = Button(t.plain("❓ Help"), nav.Help())
    if member.is_operator:
        return (*rows, (help_button, Button(t.plain("🛠 Desk"), nav.AdminDesk())))
    return (*rows, (help_button,))


def _ways(t: Translator) -> Rows:
    return (
        (Button(t.plain("🔎 Jobs"), nav.Categories()), Button(t.plain("📋 My work"), nav.MyWork())),
        (Button(t.plain("📣 Publish a job"), nav.NewJob()), Button(t.plain("🗂 My jobs"), nav.MyJobs())),
        (Button(t.plain("❓ Help"), nav.Help()), *_home_row(t)),
    )


def _home_row(t: Translator) -> tuple[Button, ...]:
    return (nav.home_button(t.plain("🏠 Home")),)


def _paper_button(t: Translator, paper: Paper, page: int) -> Button:
    return Button(t.plain("📜 Terms") if paper == "terms" else t.plain("🔐 Privacy"), PaperPage(paper, page))


def _paged(text: str) -> list[Markup]:
    """Cut an operator's text into pages at the ends of its lines; a line longer than a page is cut within."""
    lines = [line[i : i + PAPER_PAGE // 2] for line in clean_lines(text) for i in range(0, len(line), PAPER_PAGE // 2)]
    pages: list[list[str]] = [[]]
    length = 0
    for line in lines:
        length += shown_length(line) + 2
        if pages[-1] and length > PAPER_PAGE:
            pages.append([])
            length = shown_length(line) + 2
        pages[-1].append(line)
    return [Markup("\n\n").join(map(Markup.escape, page)) for page in pages]


def _at(t: Translator, zone: str) -> Translator:
    return Translator(t.language, t.currency, zone)
