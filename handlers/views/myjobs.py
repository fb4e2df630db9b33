"""An employer's own jobs: the list, the desk of one job, closing it, and what is told when it ends."""

from collections.abc import Sequence
from urllib.parse import quote

from markupsafe import Markup

from bot.domain.errors import N_
from bot.domain.job import Job, JobStatus
from bot.domain.myjobs import JobTally
from bot.i18n import Translator
from handlers.callbacks import JUST_CHANGED, Callback
from handlers.views.card import Button, Card, Lines
from handlers.views.jobs import category_name
from handlers.views.nav import Balance, MyJobs, NewJob, ReviewQueue, home_button

TITLE_ON_BUTTON = 30


class OlderJobs(Callback, prefix="mj.page"):
    """The jobs published before this one."""

    before: int


class ShowDesk(Callback, prefix="mj.desk"):
    """One own job with its figures."""

    job_id: int


class PausePress(Callback, prefix="mj.pause", careful=JUST_CHANGED):
    """Take the job out of the lists for now."""

    job_id: int
    version: int


class ResumePress(Callback, prefix="mj.go", careful=JUST_CHANGED):
    """Put the job back into the lists."""

    job_id: int
    version: int


class ClosePress(Callback, prefix="mj.close"):
    """End the job (asks first)."""

    job_id: int


class CloseSure(Callback, prefix="mj.shut", careful=JUST_CHANGED):
    """End the job; `free` places were shown with the sum that comes back."""

    job_id: int
    version: int
    free: int


class RepeatPress(Callback, prefix="mj.again"):
    """Publish a job with the same values."""

    job_id: int


STATUS_WORDS: dict[JobStatus, tuple[str, str]] = {
    JobStatus.DRAFT: ("📝", N_("Draft")),
    JobStatus.OPEN: ("🟢", N_("Open now")),
    JobStatus.PAUSED: ("⏸", N_("Paused")),
    JobStatus.FILLED: ("🔵", N_("All places taken")),
    JobStatus.CLOSED: ("⚫", N_("Closed")),
}


def list_card(t: Translator, tallies: Sequence[JobTally], *, older: bool, first: bool) -> Card:
    """List own jobs, each with its places; a button leads to each."""
    new = Button(t.plain("➕ New job"), NewJob())
    if not tallies:
        nothing = t("You have no jobs yet. Publish one: people do it and send you proof.")
        return Card(nothing, ((new,), (home_button(t.plain("🏠 Home")),)))
    text = Lines().add(t("<b>My jobs</b>"))
    for tally in tallies:
        emoji, _ = STATUS_WORDS[tally.job.status]
        text.add(
            "",
            t(
                "{emoji} <b>{title}</b> · {amount}",
                emoji=emoji,
                title=tally.job.title,
                amount=t.money(tally.job.reward),
            ),
            t("free {free} · taken {taken} · paid {paid}", free=tally.free, taken=tally.taken, paid=tally.paid),
        )
        if tally.waiting:
            text.add(t.n("📥 {n} proof waits for your review", "📥 {n} proofs wait for your review", tally.waiting))
    rows = [(Button(f"{STATUS_WORDS[x.job.status][0]} {_short(x.job.title)}", ShowDesk(x.job.id)),) for x in tallies]
    if any(tally.waiting for tally in tallies):
        rows.insert(0, (Button(t.plain("📥 Review proofs"), ReviewQueue()),))
    pages = [] if first else [Button(t.plain("« Newest"), MyJobs())]
    if older:
        pages.append(Button(t.plain("Older ›"), OlderJobs(tallies[-1].job.id)))
    last = (new, home_button(t.plain("🏠 Home")))
    return Card(text.text(), (*rows, *([tuple(pages)] if pages else []), last))


def desk_card(t: Translator, tally: JobTally, *, link: str) -> Card:
    """Show one own job: its places, its work, its money, and what can be done."""
    job = tally.job
    emoji, status = STATUS_WORDS[job.status]
    text = Lines().add(
        t("<b>{title}</b>", title=job.title),
        t(
            "{emoji} {status} · {category}",
            emoji=emoji,
            status=t.plain(status),
            category=category_name(t, job.category_id),
        ),
        t("{amount} for each place, fee {fee}", amount=t.money(job.reward), fee=t.money(job.fee)),
    )
    if job.published_at is not None:
        text.add(t("Published {moment}", moment=t.when(job.published_at)))
    text.add("", *_places(t, tally), "", *_money(t, tally))
    if job.status is not JobStatus.CLOSED:
        text.add("", t("Link for workers: {link}", link=link))
    return Card(text.text(), _desk_rows(t, tally, link))


def close_card(t: Translator, tally: JobTally) -> Card:
    """Ask whether to close, saying what comes back now and what may come later."""
    text = Lines().add(t("Close <b>{title}</b>? It can't be opened again.", title=tally.job.title), "")
    if tally.refund:
        text.add(
            t.n(
                "{n} free place: <b>{amount}</b> comes back to your money for jobs now.",
                "{n} free places: <b>{amount}</b> comes back to your money for jobs now.",
                tally.free,
                amount=t.money(tally.refund),
            )
        )
    else:
        text.add(t("No place is free, so nothing comes back now."))
    if tally.taken:
        text.add(
            t.n(
                "{n} place is taken: its money stays set aside. If it is not used, that comes back too.",
                "{n} places are taken: their money stays set aside. What is not used comes back too.",
                tally.taken,
            )
        )
    sure = Button(t.plain("⏹ Yes, close it"), CloseSure(tally.job.id, tally.job.version, tally.free))
    return Card(text.text(), ((sure,), (Button(t.plain("‹ Back"), ShowDesk(tally.job.id)),)))


def closed_notice(t: Translator, tally: JobTally) -> Card:
    """Tell what a closed job gave back so far, and what may still come."""
    text = Lines().add(
        t("⚫ <b>{title}</b> is closed.", title=tally.job.title),
        t("Back in your money for jobs: <b>{amount}</b>", amount=t.money(tally.refunded)),
    )
    if tally.taken:
        text.add(
            t.n(
                "{n} place is still taken: {amount} stays set aside for it.",
                "{n} places are still taken: {amount} stays set aside for them.",
                tally.taken,
                amount=t.money(tally.escrow),
            )
        )
    return Card(text.text(), _ended_rows(t, tally.job))


def finished_notice(t: Translator, tally: JobTally) -> Card:
    """Tell that every place of a job is done."""
    text = Lines().add(
        t("🏁 <b>{title}</b> is done.", title=tally.job.title),
        t.n(
            "{n} place paid, {amount} in all.",
            "{n} places paid, {amount} in all.",
            tally.paid,
            amount=t.money(tally.spent),
        ),
    )
    return Card(text.text(), _ended_rows(t, tally.job))


def share_button(t: Translator, job: Job, link: str) -> Button:
    """Give the button that lets one send a job's link to a chat."""
    words = t.plain("{reward}: {title}", reward=t.money(job.reward), title=job.title)
    return Button(t.plain("📤 Share"), url=f"https://t.me/share/url?url={quote(link, safe='')}&text={quote(words)}")


def _places(t: Translator, tally: JobTally) -> list[Markup]:
    work = tally.work
    begun, approved = work.get("reserved", 0), work.get("approved", 0)
    frozen = max(0, tally.taken - begun - work.get("submitted", 0) - approved)
    lines = [t("<b>Places: {n}</b>", n=tally.slots), t("Free: {n}", n=tally.free)]
    lines += [
        t(words, n=n)
        for words, n in (
            (N_("Somebody is working: {n}"), begun),
            (N_("Waiting for your review: {n}"), tally.waiting),
            (N_("Approved, being paid: {n}"), approved),
            (N_("Rejected, not free yet: {n}"), frozen),
            (N_("Closed, money back: {n}"), tally.released),
        )
        if n
    ]
    lines.append(t("Paid: {n}", n=tally.paid))
    ended = [work.get(status, 0) for status in ("rejected", "returned", "expired")]
    if any(ended):
        lines.append(
            t(
                "So far: {rejected} rejected, {returned} given up, {expired} out of time",
                rejected=ended[0],
                returned=ended[1],
                expired=ended[2],
            )
        )
    return lines


def _money(t: Translator, tally: JobTally) -> list[Markup]:
    lines = [
        t("Paid, with fees: {amount}", amount=t.money(tally.spent)),
        t("Set aside: {amount}", amount=t.money(tally.escrow)),
    ]
    if tally.refunded:
        lines.append(t("Back in your money for jobs: {amount}", amount=t.money(tally.refunded)))
    return lines


def _desk_rows(t: Translator, tally: JobTally, link: str) -> tuple[tuple[Button, ...], ...]:
    job = tally.job
    rows: list[tuple[Button, ...]] = []
    if tally.waiting:
        rows.append((Button(t.plain("📥 Review proofs · {n}", n=tally.waiting), ReviewQueue()),))
    close = Button(t.plain("⏹ Close"), ClosePress(job.id))
    if job.status is JobStatus.OPEN:
        rows.append((Button(t.plain("⏸ Pause"), PausePress(job.id, job.version)), close))
    elif job.status is JobStatus.PAUSED:
        rows.append((Button(t.plain("▶️ Open again"), ResumePress(job.id, job.version)), close))
    elif job.status is JobStatus.FILLED:
        rows.append((close,))
    again = Button(t.plain("🔁 Publish again"), RepeatPress(job.id))
    rows.append((again,) if job.status is JobStatus.CLOSED else (share_button(t, job, link), again))
    rows.append((Button(t.plain("‹ My jobs"), MyJobs()), home_button(t.plain("🏠 Home"))))
    return tuple(rows)


def _ended_rows(t: Translator, job: Job) -> tuple[tuple[Button, ...], ...]:
    return (
        (Button(t.plain("This job"), ShowDesk(job.id)), Button(t.plain("🔁 Publish again"), RepeatPress(job.id))),
        (Button(t.plain("💰 Balance"), Balance()), home_button(t.plain("🏠 Home"))),
    )


def _short(title: str) -> str:
    return title if len(title) <= TITLE_ON_BUTTON else title[: TITLE_ON_BUTTON - 1] + "…"
