"""/alerts and the buttons of a pushed alert: a member's subscription to jobs that pay enough for them.

    /alerts ──► on/off · smallest reward · kinds of jobs · quiet time
                     └ "Another amount" ──► conversation alert_minimum ──► /alerts

Works without signing up. Every button says what shall be so afterwards, so that a second tap changes nothing.
"""

from enum import StrEnum
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler

from bot.domain.money import currency_decimals, parse_amount
from bot.services import alerts
from handlers.browse import show_job
from handlers.context import Context
from handlers.conversation import END, Conversation, back_row
from handlers.notices import Notice, Renderer
from handlers.routes import button, command, text
from handlers.views import alerts as views
from handlers.views.card import Card
from handlers.views.nav import Alerts


class State(StrEnum):
    """The steps of typing a smallest reward."""

    AMOUNT = "amount"


async def show_alerts(update: Update, context: Context) -> None:
    """Show the member's alerts."""
    context.show(await _settings(context))


async def show_categories(update: Update, context: Context) -> None:
    """Show the kinds of jobs to choose from."""
    found = await alerts.get_settings(context.uow, member_id=context.member.id, house=context.house)
    context.show(views.categories_card(context.t, found.subscription, found.categories))


async def switch(update: Update, context: Context) -> None:
    """Turn the alerts on or off."""
    on = context.pressed(views.AlertSwitch).on == 1
    await alerts.switch(context.uow, member_id=context.member.id, on=on, house=context.house)
    context.toast(context.t.plain("Alerts are on.") if on else context.t.plain("Alerts are off."))
    await show_alerts(update, context)


async def choose_minimum(update: Update, context: Context) -> None:
    """Take one of the offered smallest rewards."""
    amount = context.pressed(views.AlertMinimum).amount
    if amount > 0:
        await alerts.choose_minimum(context.uow, member_id=context.member.id, amount=amount, house=context.house)
    await show_alerts(update, context)


async def choose_category(update: Update, context: Context) -> None:
    """Add a kind of job or take it out."""
    press = context.pressed(views.AlertCategory)
    context.on_refusal(_refresh_categories)
    await alerts.choose_category(
        context.uow,
        member_id=context.member.id,
        category_id=press.category_id,
        on=press.on == 1,
        house=context.house,
    )
    await show_categories(update, context)


async def choose_all(update: Update, context: Context) -> None:
    """Hear of every kind of job again."""
    await alerts.choose_all_categories(context.uow, member_id=context.member.id, house=context.house)
    await show_categories(update, context)


async def mute(update: Update, context: Context) -> None:
    """Be quiet for some hours; an alert keeps its buttons, the settings show the new state."""
    wish = await alerts.mute(context.uow, member_id=context.member.id, house=context.house)
    assert wish.muted_until_at is not None
    until = context.t.time(wish.muted_until_at)
    context.toast(context.t.plain("No alerts until {time}.", time=until))
    if context.pressed(views.MuteAlerts).redraw:
        await show_alerts(update, context)


async def open_details(update: Update, context: Context) -> None:
    """Open a job in its alert's place, which is no alert from then on."""
    job_id = context.pressed(views.AlertDetails).job_id
    await alerts.close_alert(context.uow, member_id=context.member.id, job_id=job_id)
    await show_job(context, job_id)


async def stop(update: Update, context: Context) -> None:
    """Turn the alerts off from an alert, whose Apply button stays."""
    await alerts.switch(context.uow, member_id=context.member.id, on=False, house=context.house)
    context.toast(context.t.plain("Alerts are off. You can turn them on again with /alerts"), alert=True)


# -- another amount ------------------------------------------------------------------------------------------------


async def ask_minimum(update: Update, context: Context) -> State:
    """Begin to type a smallest reward."""
    return State.AMOUNT


async def receive_minimum(update: Update, context: Context) -> object:
    """Store the typed amount and show the alerts again."""
    assert update.effective_message is not None
    house = context.house
    amount = parse_amount(
        update.effective_message.text or "", currency=house.currency, decimals=currency_decimals(house.currency)
    )
    await alerts.choose_minimum(context.uow, member_id=context.member.id, amount=amount, house=house)
    await show_alerts(update, context)
    return END


async def _prompt(context: Context, state: State) -> Card:
    found = await alerts.get_settings(context.uow, member_id=context.member.id, house=context.house)
    return views.minimum_prompt(context.t, found.subscription, back_row(context, back=False))


# -- what is pushed ------------------------------------------------------------------------------------------------


async def job_alert(notice: Notice) -> Card | None:
    """Draw the alert of a job that still has a place for this member."""
    job = await alerts.find_alertable(
        notice.uow, member=notice.member, job_id=notice.payload["job_id"], house=notice.house
    )
    return None if job is None else views.alert_card(notice.t, job)


async def alert_over(notice: Notice) -> Card | None:
    """Draw what an alert becomes when its job is full, as long as the alert still stands there."""
    job = await alerts.find_over(notice.uow, member=notice.member, job_id=notice.payload["job_id"], house=notice.house)
    return None if job is None else views.over_card(notice.t, job)


# -- what they share -----------------------------------------------------------------------------------------------


async def _settings(context: Context) -> Card:
    found = await alerts.get_settings(context.uow, member_id=context.member.id, house=context.house)
    return views.settings_card(
        context.t, found.subscription, found.categories, a_day=context.house.alerts_a_day, now=context.now
    )


async def _refresh_categories(context: Context) -> None:
    found = await alerts.get_settings(context.uow, member_id=context.member.id, house=context.house)
    context.show(views.categories_card(context.t, found.subscription, found.categories))


async def _left(update: Update, context: Context) -> None:
    await show_alerts(update, context)


HANDLERS: list[BaseHandler[Update, Context, Any]] = [
    Conversation(
        name="alert_minimum",
        entry_points=[button(views.TypeMinimum, ask_minimum)],
        states={State.AMOUNT: [text(receive_minimum)]},
        prompt=_prompt,
        leave=_left,
    ),
    command("alerts", show_alerts),
    button(Alerts, show_alerts),
    button(views.AlertSwitch, switch),
    button(views.AlertMinimum, choose_minimum),
    button(views.AlertCategories, show_categories),
    button(views.AlertCategory, choose_category),
    button(views.AllCategories, choose_all),
    button(views.MuteAlerts, mute),
    button(views.AlertDetails, open_details),
    button(views.StopAlerts, stop),
]

NOTICES: dict[str, Renderer] = {"job_alert": job_alert, "alert_over": alert_over}
