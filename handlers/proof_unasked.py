"""Pictures that nobody asked for: taken as the proof of the one job in work, or asked which job they are for."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler

from bot.domain.job import PHOTOS_LIMIT, ProofKind
from bot.domain.proof import is_met
from bot.domain.work import Place
from bot.services import proof, work
from handlers.context import Context, current_session
from handlers.proof_draft import (
    ProofDraft,
    State,
    Waiting,
    gather_replies,
    keep_for_next_try,
    last_draft,
    leave_parked,
    open_step,
    read_picture,
)
from handlers.routes import photo
from handlers.views import proof as views
from handlers.views.proof import ChoosePlace
from handlers.work import show_current, show_first_page
from storage import assignments


class OutOfTheBlue(BaseHandler[Update, Context, Any]):
    """A picture while nothing is open; with anything open it belongs to that."""

    def __init__(self) -> None:
        super().__init__(offer)
        self._picture = photo(offer)

    def check_update(self, update: object) -> object:
        session = current_session.get()
        return session is not None and session.dialog is None and self._picture.check_update(update)


async def offer(update: Update, context: Context) -> object:
    """Take a picture that came out of the blue as the proof of the one job in work, or ask which job it is for."""
    assert update.message is not None
    if update.message.media_group_id:
        gather_replies(context)
    reserved = await assignments.list_reserved(context.uow.tx, context.member.id)
    draft = await last_draft(context)
    if not reserved:
        place = await keep_for_next_try(context, draft, read_picture(update.message))
        if place is None:
            context.show(views.no_place_card(context.t))
        else:
            await show_current(context, place)
        return None
    if len(reserved) > 1:
        draft.waiting = [read_picture(update.message)]
        context.store(draft.model_copy(update={"assignment_id": 0}))
        return State.CHOOSE
    place = await work.get_place(context.uow, member=context.member, assignment_id=reserved[0].assignment_id)
    return await _use_for(context, draft, place, [read_picture(update.message)])


async def choose_more(update: Update, context: Context) -> object:
    """Put another picture of the same album aside until it is known what for."""
    assert update.message is not None
    gather_replies(context)
    draft = context.load(ProofDraft)
    draft.waiting = [*draft.waiting, read_picture(update.message)][:PHOTOS_LIMIT]
    context.store(draft)
    return State.CHOOSE


async def choose_place(update: Update, context: Context) -> object:
    """Use the pictures put aside for the chosen place."""
    context.on_refusal(show_first_page)
    press = context.pressed(ChoosePlace)
    place = await work.get_place(context.uow, member=context.member, assignment_id=press.assignment_id)
    draft = context.load(ProofDraft)
    return await _use_for(context, draft, place, draft.waiting)


async def _use_for(context: Context, draft: ProofDraft, place: Place, waiting: list[Waiting]) -> object:
    """Keep pictures for the first picture requirement of a place that is not complete, else for its first one."""
    wanted = [n for n, requirement in enumerate(place.job.requirements) if requirement.kind is ProofKind.PHOTO]
    if not place.live or not context.member.signed_up or not wanted:
        return await leave_parked(context, place)
    draft = draft.open_for(place)
    pictures = await proof.current_pictures(context.uow, place)
    unmet = [n for n in wanted if not is_met(n, place.job.requirements[n], pictures, {})]
    state = open_step(context, draft, place, unmet[0] if unmet else wanted[0])
    for sent in waiting:
        trouble = await proof.add_picture(
            context.uow, place=place, requirement=draft.step, picture=sent.picture, mime_type=sent.mime_type
        )
        draft.note(sent.picture.media_group_id or "", trouble)
    context.store(draft)
    return state
