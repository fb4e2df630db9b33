"""Which clock a member lives by: one question, answered by a tap, a time of day or a city.

Settings ──Clock──► ZONE ──tap or "14:05" or "Karachi"──► settings
"""

from dataclasses import replace
from enum import StrEnum

from pydantic import BaseModel
from telegram import Update

from bot.domain.text import clean_line
from bot.domain.zone import find_zone, zones_of
from bot.services import profile
from handlers.context import Context
from handlers.conversation import END, Conversation, back_row
from handlers.routes import button, text
from handlers.views import menus as views
from handlers.views.card import Card
from handlers.views.menus import AskZone, ChooseZone

ZONES_OFFERED = 6


class State(StrEnum):
    """What is being asked."""

    ZONE = "zone"


class ZoneDraft(BaseModel):
    """Nothing is kept between the question and its answer."""


async def ask_zone(update: Update, context: Context) -> State:
    """Ask for the time at the member's place."""
    context.store(ZoneDraft())
    return State.ZONE


async def choose_zone(update: Update, context: Context) -> object:
    """Store the tapped zone."""
    return await _store(context, context.pressed(ChooseZone).zone)


async def receive_zone(update: Update, context: Context) -> object:
    """Store the zone that a time of day or a city means."""
    assert update.effective_message is not None
    typed = clean_line(update.effective_message.text or "")
    return await _store(context, find_zone(typed, country=context.member.country, now=context.now))


async def chosen_before(update: Update, context: Context) -> None:
    """Answer a second tap on a zone: the settings, with the clock as it is set."""
    await _leave_to_settings(context)


async def _store(context: Context, zone: str) -> object:
    context.session.member = await profile.set_time_zone(context.uow, member=context.member, zone=zone)
    context.session.t = replace(context.t, zone=zone)
    await _leave_to_settings(context)
    return END


async def _prompt(context: Context, state: State) -> Card:
    return views.zone_prompt(
        context.t,
        zones=zones_of(context.member.country)[:ZONES_OFFERED],
        now=context.now,
        buttons=back_row(context, back=False),
    )


async def _leave(update: Update, context: Context) -> None:
    await _leave_to_settings(context)


async def _leave_to_settings(context: Context) -> None:
    context.show(views.settings_card(context.t, context.member, now=context.now))


TIME_ZONE = Conversation(
    name="time_zone",
    entry_points=[button(AskZone, ask_zone)],
    states={State.ZONE: [button(ChooseZone, choose_zone), text(receive_zone)]},
    prompt=_prompt,
    leave=_leave,
)
