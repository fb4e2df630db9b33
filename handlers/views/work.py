"""The buttons of working, and the list of one's own work; the card of one place is in handlers/views/place.py."""

from collections.abc import Callable, Sequence
from datetime import datetime

from markupsafe import Markup

from bot.domain.assignment import AssignmentStatus
from bot.domain.errors import N_
from bot.domain.work import WorkLine
from bot.i18n import Translator
from handlers.callbacks import JUST_CHANGED, Callback
from handlers.views.card import Button, Card, Lines, grid
from handlers.views.nav import Categories, home_button
from handlers.views.review_words import clip, reason_words

TITLE_SHOWN = 60


class ApplyPress(Callback, prefix="wk.apply"):
    """Take a place in a job."""

    job_id: int


class ShowPlace(Callback, prefix="wk.card"):
    """The card of one's own place."""

    assignment_id: int


class Extend(Callback, prefix="wk.more"):
    """Take the extra minutes."""

    assignment_id: int
    version: int


class AskGiveBack(Callback, prefix="wk.back"):
    """Ask whether the place is really to be given back."""

    assignment_id: int


class GiveBack(Callback, prefix="wk.give", careful=JUST_CHANGED):
    """Give the place back."""

    assignment_id: int
    version: int


class WorkPage(Callback, prefix="wk.page"):
    """Another page of one's own work."""

    page: int


class SendProof(Callback, prefix="pf.send"):
    """Start or go on sending the proof of one's own place."""

    assignment_id: int


def work_card(t: Translator, lines: Sequence[WorkLine], *, page: int, more: bool, now: datetime) -> Card:
    """Draw a page of a member's work: in progress with clocks, waiting, decided."""
    if not lines and page == 0:
        return _nothing(t)
    text = Lines().add(t("<b>My work</b>"))
    heading = None
    for number, line in enumerate(lines, 1):
        draw = _SECTIONS[line.status]
        if draw[0] != heading:
            heading = draw[0]
            text.add("", t("<b>{section}</b>", section=t.plain(heading)))
        text.add(
            t("{n}. {title} · {reward}", n=number, title=clip(line.title, TITLE_SHOWN), reward=t.money(line.reward))
        )
        text.add(draw[1](t, line, now))
    numbers = [Button(str(number), ShowPlace(line.assignment_id)) for number, line in enumerate(lines, 1)]
    turns = [Button(t.plain("‹ Newer"), WorkPage(page - 1))] if page > 0 else []
    if more:
        turns.append(Button(t.plain("Older ›"), WorkPage(page + 1)))
    last = (Button(t.plain("🔎 Jobs"), Categories()), home_button(t.plain("🏠 Home")))
    return Card(text.text(), (*grid(numbers, 6), *grid(turns, 2), last))


def clock(t: Translator, until: datetime, now: datetime) -> Markup:
    """Say until when, and how long that is from now."""
    if until <= now:
        return t("⏰ The time is over: the place goes back in a moment")
    return t("⏰ Until {time} ({left} left)", time=_until(t, until, now), left=t.duration(until - now))


def _until(t: Translator, until: datetime, now: datetime) -> str:
    return t.time(until) if (until - now).days < 1 and t.date(until) == t.date(now) else t.when(until)


def _reserved(t: Translator, line: WorkLine, now: datetime) -> Markup:
    if line.fixing:
        return (
            t("🔁 Please fix: {reason}", reason=reason_words(t, line.reason))
            + Markup("\n")
            + clock(t, line.deadline_at, now)
        )
    return clock(t, line.deadline_at, now)


def _submitted(t: Translator, line: WorkLine, now: datetime) -> Markup:
    if line.review_by_at is None:
        return t("⏳ Waiting for review")
    return t("⏳ Pays itself on {when} if nobody reviews it", when=t.when(line.review_by_at))


def _approved(t: Translator, line: WorkLine, now: datetime) -> Markup:
    if line.paid_at is None:
        return t("✅ Approved, the money comes in a moment")
    return t("✅ Approved and paid: +{reward}", reward=t.money(line.reward))


def _rejected(t: Translator, line: WorkLine, now: datetime) -> Markup:
    return t("❌ Rejected: {reason}", reason=reason_words(t, line.reason))


_Draw = Callable[[Translator, WorkLine, datetime], Markup]
_SECTIONS: dict[AssignmentStatus, tuple[str, _Draw]] = {
    AssignmentStatus.RESERVED: (N_("In progress"), _reserved),
    AssignmentStatus.SUBMITTED: (N_("Waiting for review"), _submitted),
    AssignmentStatus.APPROVED: (N_("Reviewed"), _approved),
    AssignmentStatus.REJECTED: (N_("Reviewed"), _rejected),
}


def _nothing(t: Translator) -> Card:
    text = Lines().add(
        t("<b>My work</b>"),
        "",
        t("Nothing here yet. Choose a job, follow its steps and send the proof. You never pay to work."),
    )
    return Card(text.text(), ((Button(t.plain("🔎 Find jobs"), Categories()), home_button(t.plain("🏠 Home"))),))
