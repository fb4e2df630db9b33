"""Working: taking a place, its card and clock, giving it back, and the list of one's own work."""

from dataclasses import replace
from functools import partial
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, MessageHandler, filters

from bot.domain.work import Place
from bot.services import proof, work
from handlers import pinned
from handlers.browse import show_job
from handlers.context import Context
from handlers.notices import Notice, Renderer
from handlers.reply import delete_message
from handlers.routes import FRESH, button, command, menu
from handlers.views import place as place_views
from handlers.views import work as views
from handlers.views.card import Card
from handlers.views.nav import MyWork
from handlers.views.work import ApplyPress, AskGiveBack, Extend, GiveBack, ShowPlace, WorkPage
from storage import assignments, jobs


async def apply(update: Update, context: Context) -> None:
    """Take the place of the tapped job and show its card."""
    await apply_to(context, context.pressed(ApplyPress).job_id)


async def apply_to(context: Context, job_id: int, *, new: bool = False) -> None:
    """Take a place in a job and show it (as a new message when `new`); somebody new is asked to sign up first."""
    context.on_refusal(partial(_show_where_one_stands, job_id=job_id))
    taken = await work.apply(context.uow, member=context.member, job_id=job_id, house=context.house)
    context.toast(context.t.plain("The place is yours until {time}.", time=context.t.time(taken.deadline_at)))
    await show_assignment(context, taken.id, new=new)


async def show_current(context: Context, place: Place) -> None:
    """Show the card of a place that was just read."""
    context.show(await _card(context, place))


async def show_assignment(context: Context, assignment_id: int, *, new: bool = False) -> None:
    """Show the card of a member's own place.

    Raises:
        NotAllowed: it is not theirs.
    """
    place = await work.get_place(context.uow, member=context.member, assignment_id=assignment_id)
    context.show(await _card(context, place), new=new)


async def show_place(update: Update, context: Context) -> None:
    """Show the card of the tapped place."""
    context.on_refusal(show_first_page)
    await show_assignment(context, context.pressed(ShowPlace).assignment_id)


async def show_my_work(update: Update, context: Context) -> None:
    """Show what the member works on, waits for, and what was decided."""
    await _show_page(context, 0)


async def turn_page(update: Update, context: Context) -> None:
    """Show another page of the list."""
    await _show_page(context, context.pressed(WorkPage).page)


async def extend(update: Update, context: Context) -> None:
    """Add the extra minutes to the tapped place."""
    press = context.pressed(Extend)
    context.on_refusal(partial(_show_again, assignment_id=press.assignment_id))
    after = await work.extend(
        context.uow,
        member=context.member,
        assignment_id=press.assignment_id,
        version=press.version,
        house=context.house,
    )
    context.toast(context.t.plain("Done. You have time until {time}.", time=context.t.time(after.deadline_at)))
    await show_assignment(context, press.assignment_id)


async def ask_give_back(update: Update, context: Context) -> None:
    """Ask whether the tapped place is really to be given back."""
    press = context.pressed(AskGiveBack)
    context.on_refusal(show_first_page)
    place = await work.get_place(context.uow, member=context.member, assignment_id=press.assignment_id)
    if place.assignment.status != "reserved":
        context.show(await _card(context, place))
        return
    drafts = (await proof.current_pictures(context.uow, place)).drafts
    context.show(place_views.give_back_card(context.t, place, drafts=drafts))


async def give_back(update: Update, context: Context) -> None:
    """Give the tapped place back."""
    press = context.pressed(GiveBack)
    context.on_refusal(partial(_show_again, assignment_id=press.assignment_id))
    await work.give_back(context.uow, member=context.member, assignment_id=press.assignment_id, version=press.version)
    context.toast(context.t.plain("The place is given back. Thank you for saying so."))
    await show_assignment(context, press.assignment_id)


async def _card(context: Context, place: Place) -> Card:
    t = context.t
    if place.assignment.status == "reserved" and not context.member.signed_up:
        return place_views.held_card(t, place, now=context.now)
    drafts = (await proof.current_pictures(context.uow, place)).drafts
    return place_views.place_card(t, place, drafts=drafts, extra=context.house.extension, now=context.now)


async def _show_page(context: Context, page: int) -> None:
    page = max(page, 0)
    lines, more = await work.list_work(context.uow, member=context.member, page=page)
    if not lines and page > 0:
        page = 0
        lines, more = await work.list_work(context.uow, member=context.member, page=page)
    context.show(views.work_card(context.t, lines, page=page, more=more, now=context.now))


async def show_first_page(context: Context) -> None:
    """Show the first page of a member's work."""
    await _show_page(context, 0)


async def _show_again(context: Context, *, assignment_id: int) -> None:
    place = await assignments.find_place(context.uow.tx, assignment_id)
    if place is None or place.assignment.worker_id != context.member.id:
        await _show_page(context, 0)
    else:
        context.show(await _card(context, place))


async def _show_where_one_stands(context: Context, *, job_id: int) -> None:
    """After a refused Apply: the place that one has there, the job as it is now, or one's own work."""
    held = await assignments.find_live_assignment(context.uow.tx, job_id=job_id, worker_id=context.member.id)
    if held is not None:
        await show_assignment(context, held.id)
    elif await jobs.find_job(context.uow.tx, job_id) is not None:
        await show_job(context, job_id)
    else:
        await _show_page(context, 0)


# -- notices ---------------------------------------------------------------------------------------------------


async def find_notice_place(notice: Notice) -> Place | None:
    """Give the place that a notice is about, if it is its reader's."""
    place = await assignments.find_place(notice.uow.tx, notice.payload["assignment_id"])
    if place is None or place.assignment.worker_id != notice.member.id:
        return None
    return place


async def draw_ending(notice: Notice) -> Card | None:
    """Draw the warning that the time ends, unless the work is done or given back."""
    place = await find_notice_place(notice)
    if place is None or place.assignment.status != "reserved" or place.assignment.deadline_at <= notice.uow.now:
        return None
    card = place_views.ending_card(notice.t, place, extra=notice.house.extension, now=notice.uow.now)
    return replace(card, then=await pinned.calls_for(notice, await _card_now(notice, place)))


async def draw_expired(notice: Notice) -> Card | None:
    """Draw the notice that a place went back."""
    place = await find_notice_place(notice)
    if place is None:
        return None
    drafts = (await proof.current_pictures(notice.uow, place)).drafts
    card = place_views.expired_card(notice.t, place, drafts=drafts)
    return replace(card, then=await pinned.calls_for(notice, await _card_now(notice, place)))


async def _card_now(notice: Notice, place: Place) -> Card:
    drafts = (await proof.current_pictures(notice.uow, place)).drafts
    extra = notice.house.extension
    return place_views.place_card(notice.t, place, drafts=drafts, extra=extra, now=notice.uow.now)


async def keep_tidy(update: Update, context: Context) -> None:
    """Take away the line that says that the bot pinned something; what a person pins is theirs."""
    message = update.message
    assert message is not None
    context.silent()
    if message.from_user is not None and message.from_user.id == context.bot.id:
        context.session.calls.append(delete_message(message.chat.id, message.message_id))


HANDLERS: list[BaseHandler[Update, Context, Any]] = [
    command("mywork", show_my_work),
    menu("📋 My work", show_my_work),
    button(MyWork, show_my_work),
    button(WorkPage, turn_page),
    button(ApplyPress, apply),
    button(ShowPlace, show_place),
    button(Extend, extend),
    button(AskGiveBack, ask_give_back),
    button(GiveBack, give_back),
    MessageHandler(FRESH & filters.StatusUpdate.PINNED_MESSAGE, keep_tidy),
]

NOTICES: dict[str, Renderer] = {
    "reservation_ending": draw_ending,
    "reservation_expired": draw_expired,
}
