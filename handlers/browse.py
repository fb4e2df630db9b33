"""Browsing: the shelves, lists that turn in place, the card of one job. Nothing here changes more than the order."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler

from bot.domain.browse import Sort, read_sort
from bot.services import browse
from handlers.context import Context
from handlers.notices import Renderer
from handlers.routes import button, command, menu
from handlers.views import jobs as views
from handlers.views.jobs import OpenJob, OpenList, PickSort
from handlers.views.nav import Categories, JobCard


async def show_categories(update: Update, context: Context) -> None:
    """Show the kinds of work with the number of jobs for this member."""
    await show_shelves(context)


async def open_list(update: Update, context: Context) -> None:
    """Show a page of a shelf in the order the button names, or the remembered one."""
    press = context.pressed(OpenList)
    await _show_list(context, press.shelf, press.sort, press.place)


async def pick_sort(update: Update, context: Context) -> None:
    """Remember an order and show the first page in it."""
    press = context.pressed(PickSort)
    sort = read_sort(press.sort, shelf=press.shelf, settings=context.member.settings)
    context.session.member = await browse.remember_sort(context.uow, member=context.member, sort=sort)
    await _show_list(context, press.shelf, sort, "")


async def open_job(update: Update, context: Context) -> None:
    """Show a job tapped on in a list."""
    press = context.pressed(OpenJob)
    back = OpenList(press.shelf, press.sort, press.place)
    context.on_refusal(show_shelves)
    await show_job(context, press.job_id, back=back)


async def open_job_card(update: Update, context: Context) -> None:
    """Show a job that another screen led to."""
    context.on_refusal(show_shelves)
    await show_job(context, context.pressed(JobCard).job_id)


async def show_shelves(context: Context) -> None:
    """Show the shelves, also as what follows when a job is gone."""
    shelves = await browse.count_shelves(context.uow, member=context.member, house=context.house)
    context.show(views.shelves_card(context.t, shelves))


async def show_job(context: Context, job_id: int, *, back: OpenList | None = None) -> None:
    """Show a job's card to somebody who might take it.

    Raises:
        NotAllowed: there is no such job.
    """
    view = await browse.get_job_view(context.uow, member=context.member, house=context.house, job_id=job_id)
    context.show(views.job_card(context.t, view, link=context.house.deep_link(f"job_{view.job.token}"), back=back))


async def show_job_of_token(context: Context, token: str) -> None:
    """Show the job that a deep link names, or say that it is gone."""
    job_id = await browse.find_job_id(context.uow, token=token)
    if job_id is None:
        context.show(views.gone_card(context.t))
    else:
        await show_job(context, job_id)


async def _show_list(context: Context, shelf: str, sort: Sort | str, place: str) -> None:
    order = read_sort(sort, shelf=shelf, settings=context.member.settings)
    page = await browse.list_jobs(
        context.uow, member=context.member, house=context.house, shelf=shelf, sort=order, place=place
    )
    if place.startswith(">") and not page.place:
        context.toast(context.t.plain("That was the end of the list. Here it begins again."))
    context.show(views.list_card(context.t, page))


HANDLERS: list[BaseHandler[Update, Context, Any]] = [
    command("jobs", show_categories),
    menu("🔎 Jobs", show_categories),
    button(Categories, show_categories),
    button(OpenList, open_list),
    button(PickSort, pick_sort),
    button(OpenJob, open_job),
    button(JobCard, open_job_card),
]

NOTICES: dict[str, Renderer] = {}
