"""/myjobs: an employer's own jobs, their figures, pausing and closing them."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler

from bot.services import myjobs
from handlers.context import Context
from handlers.notices import Notice, Renderer
from handlers.routes import button, command
from handlers.views import myjobs as views
from handlers.views.card import Card
from handlers.views.nav import MyJobs


async def show_list(update: Update, context: Context) -> None:
    """Show the newest of the member's own jobs."""
    await _show_page(context, before=None)


async def show_older(update: Update, context: Context) -> None:
    """Show the jobs before the last one seen."""
    await _show_page(context, before=context.pressed(views.OlderJobs).before)


async def show_desk(update: Update, context: Context) -> None:
    """Show one own job."""
    await show_desk_of(context, context.pressed(views.ShowDesk).job_id)


async def pause(update: Update, context: Context) -> None:
    """Pause the job, then show it."""
    press = context.pressed(views.PausePress)
    context.on_refusal(_desk_again(press.job_id))
    await myjobs.pause(context.uow, member=context.member, job_id=press.job_id, version=press.version)
    context.toast(context.t.plain("Paused. Work that has begun goes on."))
    await show_desk_of(context, press.job_id)


async def resume(update: Update, context: Context) -> None:
    """Put the job back into the lists, then show it."""
    press = context.pressed(views.ResumePress)
    context.on_refusal(_desk_again(press.job_id))
    await myjobs.resume(context.uow, member=context.member, job_id=press.job_id, version=press.version)
    context.toast(context.t.plain("Open again."))
    await show_desk_of(context, press.job_id)


async def ask_close(update: Update, context: Context) -> None:
    """Ask before the job is closed, with the sum that comes back."""
    tally = await myjobs.get_own(context.uow, member=context.member, job_id=context.pressed(views.ClosePress).job_id)
    if tally.job.closed_at is None:
        context.show(views.close_card(context.t, tally))
        return
    context.toast(context.t.plain("This job is already closed."))
    await show_desk_of(context, tally.job.id)


async def close(update: Update, context: Context) -> None:
    """Close the job, then show it."""
    press = context.pressed(views.CloseSure)
    context.on_refusal(_desk_again(press.job_id))
    refund = await myjobs.close(
        context.uow, member=context.member, job_id=press.job_id, version=press.version, free=press.free
    )
    if refund:
        context.toast(context.t.plain("Closed. {amount} came back.", amount=context.t.money(refund)))
    else:
        context.toast(context.t.plain("Closed."))
    await show_desk_of(context, press.job_id)


async def show_desk_of(context: Context, job_id: int) -> None:
    """Show an own job's figures.

    Raises:
        NotAllowed: there is no such job, or it is somebody else's.
    """
    tally = await myjobs.get_own(context.uow, member=context.member, job_id=job_id)
    link = context.house.deep_link(f"job_{tally.job.token}")
    context.show(views.desk_card(context.t, tally, link=link))


async def _show_page(context: Context, *, before: int | None) -> None:
    tallies, older = await myjobs.list_own(context.uow, member=context.member, before=before)
    context.show(views.list_card(context.t, tallies, older=older, first=before is None))


def _desk_again(job_id: int) -> Any:
    """Give the refresh of a refused press: the desk as it is now, or the list when the job is not theirs."""

    async def refresh(context: Context) -> None:
        tallies, _ = await myjobs.list_own(context.uow, member=context.member, before=job_id + 1)
        if tallies and tallies[0].job.id == job_id:
            await show_desk_of(context, job_id)
        else:
            await _show_page(context, before=None)

    return refresh


async def _closed(notice: Notice) -> Card | None:
    tally = await myjobs.get_own(notice.uow, member=notice.member, job_id=notice.payload["job_id"])
    return views.closed_notice(notice.t, tally)


async def _finished(notice: Notice) -> Card | None:
    tally = await myjobs.get_own(notice.uow, member=notice.member, job_id=notice.payload["job_id"])
    return views.finished_notice(notice.t, tally)


HANDLERS: list[BaseHandler[Update, Context, Any]] = [
    command("myjobs", show_list),
    button(MyJobs, show_list),
    button(views.OlderJobs, show_older),
    button(views.ShowDesk, show_desk),
    button(views.PausePress, pause),
    button(views.ResumePress, resume),
    button(views.ClosePress, ask_close),
    button(views.CloseSure, close),
]
NOTICES: dict[str, Renderer] = {"job_closed": _closed, "place_refunded": _closed, "job_finished": _finished}
