"""The preview of a job with its price, and what is said once it is published, put away or deleted."""

from markupsafe import Markup

from bot.domain.errors import N_
from bot.domain.house import House
from bot.domain.job import Job
from bot.domain.publish import JobDraft, Quote, complete
from bot.i18n import Translator
from handlers.callbacks import Callback
from handlers.views.card import Button, Card, Lines, Rows, grid
from handlers.views.jobs import category_name, places_left, price_line, requirement_line
from handlers.views.myjobs import ShowDesk, share_button
from handlers.views.nav import MyJobs, NewJob, home_button
from handlers.views.publish import (
    DeleteDraft,
    DeleteSure,
    EditPress,
    PublishPress,
    minutes_words,
    numbered,
)
from handlers.views.wallet import DepositPress

#: What the preview can change: the question's state, and the words of its button.
EDITS: tuple[tuple[str, str], ...] = (
    ("category", N_("Kind")),
    ("title", N_("Title")),
    ("steps", N_("Steps")),
    ("proofs", N_("Proofs")),
    ("reward", N_("Reward")),
    ("places", N_("Places")),
    ("minutes", N_("Minutes")),
    ("time_limit", N_("Time limit")),
    ("review_days", N_("Review time")),
)


def delete_card(t: Translator, draft: JobDraft) -> Card:
    """Ask whether to throw the draft away."""
    text = t("Delete this draft? <b>{title}</b> can't be brought back.", title=draft.title or "")
    return Card(text, ((Button(t.plain("🗑 Yes, delete it"), DeleteSure()),),))


def preview_card(t: Translator, draft: JobDraft, price: Quote, *, house: House, cancel: Callback) -> Card:
    """Show the job as a worker sees it, then its price and what can be done; `cancel` puts the draft away."""
    spec = complete(draft)
    text = Lines().add(
        t("<b>This is your job. Nothing is published yet.</b>"),
        "",
        t("<b>{title}</b>", title=spec.title),
        category_name(t, spec.category_id),
        t("💵 {price} · 🆕 new", price=price_line(t, spec)),
        t("👥 {places}", places=places_left(t, spec.places)),
        t("⏱ You have {limit} to finish", limit=minutes_words(t, spec.time_limit_minutes)),
        t.n(
            "🛡 Pays itself in {n} day if nobody reviews",
            "🛡 Pays itself in {n} days if nobody reviews",
            spec.review_days,
        ),
        "",
        t("<b>What to do</b>"),
        *numbered(t, spec.steps),
        "",
        t("<b>Proof you send</b>"),
        *(requirement_line(t, requirement) for requirement in spec.requirements),
        "",
        *price_lines(t, price, house=house),
    )
    if not draft.minutes_given:
        minutes = minutes_words(t, spec.minutes)
        text.add(
            "", t("❓ Does the work take {minutes}? I only guessed. Tap “✏️ Minutes” to change it.", minutes=minutes)
        )
    return Card(text.text(), _preview_rows(t, draft, price, cancel))


def price_lines(t: Translator, price: Quote, *, house: House) -> list[Markup]:
    """Say what a job costs, what the employer has for it, and what lacks."""
    lines = [
        t("<b>What it costs</b>"),
        t(
            "{places} × ({reward} + {fee} fee) = <b>{total}</b>",
            places=price.places,
            reward=t.money(price.reward),
            fee=t.money(price.fee),
            total=t.money(price.total),
        ),
        t("The fee is {rate} of the reward.", rate=t.percent(house.employer_fee_bp)),
        t("Your money for jobs: {amount}", amount=t.money(price.funds)),
    ]
    if price.missing:
        lines.append(t("⚠️ You need <b>{amount}</b> more.", amount=t.money(price.missing)))
    if price.earnings_suffice:
        lines.append(t("Your earnings: {amount}. You can use them for this.", amount=t.money(price.available)))
    return lines


def published_card(t: Translator, job: Job, *, places: int, total: int, link: str) -> Card:
    """Say that the job is published, and what now."""
    text = Lines().add(
        t("🎉 <b>{title}</b> is published.", title=job.title),
        t.n("{n} place, {amount} set aside.", "{n} places, {amount} set aside.", places, amount=t.money(total)),
        t("I will tell you when the first proof waits for your review."),
        t("Link for workers: {link}", link=link),
    )
    rows = (
        (Button(t.plain("This job"), ShowDesk(job.id)), share_button(t, job, link)),
        (Button(t.plain("➕ New job"), NewJob()), Button(t.plain("🗂 My jobs"), MyJobs())),
        (home_button(t.plain("🏠 Home")),),
    )
    return Card(text.text(), rows)


def put_away_card(t: Translator) -> Card:
    """Say that the draft is kept, and how to go on with it."""
    text = t("Your job is saved for 7 days, not published. Send /newjob to go on with it.")
    return Card(text, ((Button(t.plain("Continue"), NewJob()), home_button(t.plain("🏠 Home"))),))


def nothing_begun_card(t: Translator) -> Card:
    """Say that nothing was published, after a cancel before the first answer."""
    text = t("No job was published.")
    return Card(text, ((Button(t.plain("➕ New job"), NewJob()), home_button(t.plain("🏠 Home"))),))


def deleted_card(t: Translator) -> Card:
    """Say that the draft is gone."""
    return Card(t("Draft deleted."), ((Button(t.plain("➕ New job"), NewJob()), home_button(t.plain("🏠 Home"))),))


def _preview_rows(t: Translator, draft: JobDraft, price: Quote, cancel: Callback) -> Rows:
    rows: list[tuple[Button, ...]] = [
        (
            Button(
                t.plain("✅ Publish for {amount}", amount=t.money(price.total)),
                PublishPress(draft.token, draft.revision, 0),
            ),
        )
    ]
    if price.missing:
        deposit = t.plain("➕ Add {amount}", amount=t.money(price.missing))
        rows.append((Button(deposit, DepositPress(price.missing)),))
    if price.earnings_suffice:
        words = t.plain("✅ Publish with {amount} of my earnings", amount=t.money(price.missing))
        rows.append((Button(words, PublishPress(draft.token, draft.revision, price.missing)),))
    rows += grid([Button(t.plain("✏️ {name}", name=t.plain(name)), EditPress(state)) for state, name in EDITS], 3)
    rows.append((Button(t.plain("💾 Save draft"), cancel), Button(t.plain("🗑 Delete draft"), DeleteDraft())))
    return tuple(rows)
