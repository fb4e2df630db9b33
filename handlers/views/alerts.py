"""Alerts: the settings of a subscription, the push about a new job, and what it becomes when the job is full."""

from datetime import datetime

from bot.domain.alert import MINIMUM_CHOICES, Subscription
from bot.domain.job import Category, Job
from bot.i18n import Translator
from handlers.callbacks import Callback
from handlers.views.card import Button, Card, Lines, Rows, grid
from handlers.views.jobs import category_name, places_left, price_line
from handlers.views.nav import Alerts, Categories, home_button
from handlers.views.work import ApplyPress


class AlertSwitch(Callback, prefix="al.on"):
    """Turn the alerts on (1) or off (0)."""

    on: int


class AlertMinimum(Callback, prefix="al.min"):
    """Choose the smallest reward to hear of."""

    amount: int


class TypeMinimum(Callback, prefix="al.type"):
    """Type another smallest reward."""


class AlertCategories(Callback, prefix="al.cats"):
    """Choose the kinds of jobs to hear of."""


class AlertCategory(Callback, prefix="al.cat"):
    """Hear of a kind of job (1), or not (0)."""

    category_id: str
    on: int


class AllCategories(Callback, prefix="al.all"):
    """Hear of every kind of job."""


class MuteAlerts(Callback, prefix="al.mute"):
    """No alerts for some hours; pressed on the settings (1), which are drawn again, or on an alert (0)."""

    redraw: int


class StopAlerts(Callback, prefix="al.stop"):
    """No alerts any more; pressed on an alert."""


class AlertDetails(Callback, prefix="al.job"):
    """Open a job from its alert."""

    job_id: int


def settings_card(
    t: Translator, subscription: Subscription, categories: tuple[Category, ...], *, a_day: int, now: datetime
) -> Card:
    """Draw a member's alerts with everything that can be changed."""
    on, minimum = subscription.enabled, t.money(subscription.minimum_reward)
    lines = Lines().add(t("<b>🔔 Job alerts</b>"), "")
    if on:
        lines.add(t("<b>On.</b> You get a message when a new job pays <b>{amount}</b> or more.", amount=minimum))
    else:
        lines.add(t("<b>Off.</b> Turn them on to get a message when a new job pays {amount} or more.", amount=minimum))
    if on and subscription.is_muted(now=now):
        assert subscription.muted_until_at is not None
        lines.add(t("Quiet until {when}.", when=t.when(subscription.muted_until_at)))
    lines.add(t("Kinds of work: {kinds}", kinds=_kinds(t, subscription, categories)))
    lines.add("", t.n("At most {n} alert in 24 hours.", "At most {n} alerts in 24 hours.", a_day))
    return Card(lines.text(), _settings_rows(t, subscription, now=now))


def _settings_rows(t: Translator, subscription: Subscription, *, now: datetime) -> Rows:
    on = subscription.enabled
    switch = Button(t.plain("🔕 Turn off") if on else t.plain("🔔 Turn on"), AlertSwitch(0 if on else 1))
    minimums = [
        Button(
            t.plain("✓ {amount}", amount=t.money(amount)) if amount == subscription.minimum_reward else t.money(amount),
            AlertMinimum(amount),
        )
        for amount in MINIMUM_CHOICES
    ]
    quiet: Rows = ()
    if on and subscription.is_muted(now=now):
        quiet = ((Button(t.plain("🔔 End the quiet time"), AlertSwitch(1)),),)
    elif on:
        quiet = ((Button(t.plain("😴 Quiet 8 h"), MuteAlerts(1)),),)
    return (
        (switch,),
        tuple(minimums),
        (Button(t.plain("✏️ Another amount"), TypeMinimum()), Button(t.plain("🗂 Kinds of work"), AlertCategories())),
        *quiet,
        (home_button(t.plain("🏠 Home")),),
    )


def _kinds(t: Translator, subscription: Subscription, categories: tuple[Category, ...]) -> str:
    chosen = [category_name(t, c.id) for c in categories if c.id in subscription.categories]
    return ", ".join(chosen) if chosen else t.plain("all")


def categories_card(t: Translator, subscription: Subscription, categories: tuple[Category, ...]) -> Card:
    """Draw the kinds of jobs to choose from; none chosen means all."""
    lines = Lines().add(
        t("<b>🗂 Kinds of work</b>"),
        "",
        t("Tap the kinds you want to hear of. When none is chosen you hear of all."),
    )
    buttons = []
    for category in categories:
        chosen = category.id in subscription.categories
        name = category_name(t, category.id)
        words = t.plain("✓ {name}", name=name) if chosen else name
        buttons.append(Button(words, AlertCategory(category.id, 0 if chosen else 1)))
    every = ((Button(t.plain("All kinds"), AllCategories()),),) if subscription.categories else ()
    return Card(lines.text(), (*grid(buttons, 2), *every, (Button(t.plain("‹ Back"), Alerts()),)))


def minimum_prompt(t: Translator, subscription: Subscription, back: tuple[Button, ...]) -> Card:
    """Ask for the smallest reward to hear of."""
    lines = Lines().add(
        t("What is the smallest reward you want to hear of? Type an amount, for example <b>1.50</b>"),
        t("It is {amount} now.", amount=t.money(subscription.minimum_reward)),
    )
    return Card(lines.text(), (back,))


def alert_card(t: Translator, job: Job) -> Card:
    """Draw the push about a new job."""
    lines = Lines().add(
        t("🔔 <b>New job for {amount}</b>", amount=t.money(job.reward)),
        t("<b>{title}</b>", title=job.title),
        category_name(t, job.category_id),
        "",
        price_line(t, job),
        places_left(t, job.free_slots),
    )
    rows: Rows = (
        (Button(t.plain("✅ Apply"), ApplyPress(job.id)), Button(t.plain("Details"), AlertDetails(job.id))),
        (Button(t.plain("😴 Quiet 8 h"), MuteAlerts(0)), Button(t.plain("🔕 Stop alerts"), StopAlerts())),
    )
    return Card(lines.text(), rows)


def over_card(t: Translator, job: Job) -> Card:
    """Draw what an alert becomes when the job has no place left for the reader."""
    lines = Lines().add(
        t("<s>New job for {amount}</s>", amount=t.money(job.reward)),
        t("<b>{title}</b>", title=job.title),
        "",
        t("All places in this job are taken now. There are more jobs:"),
    )
    return Card(
        lines.text(), ((Button(t.plain("🔎 Find jobs"), Categories()), Button(t.plain("🔔 Alerts"), Alerts())),)
    )
