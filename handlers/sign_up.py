"""Reserve first, ask after: the first Apply holds a place for three minutes while country and terms are asked.

Apply ──(place held)──► COUNTRY ──tap or name──► TERMS ──I agree──► the place gets its time, its card is shown
                           ▲ │ a name like two countries: offer them      │ held too long: apply again
                           └─┘                       ◄──Back──────────────┘
"""

from dataclasses import replace
from enum import StrEnum
from functools import partial

from pydantic import BaseModel
from telegram import Update

from bot.domain.country import CountryUnknown as Unknown
from bot.domain.country import country_codes, find_countries, likely_countries
from bot.domain.text import clean_line
from bot.domain.work import WorkLine
from bot.services import browse, profile, work
from handlers.browse import show_job
from handlers.callbacks import Callback
from handlers.context import Context, current_session
from handlers.conversation import END, Conversation, back_row
from handlers.routes import ButtonHandler, button, text
from handlers.views import sign_up as views
from handlers.views.card import Card
from handlers.views.sign_up import AgreeTerms, ChooseCountry
from handlers.views.work import ApplyPress
from handlers.work import show_assignment, show_first_page
from storage import assignments


class State(StrEnum):
    """What is being asked."""

    COUNTRY = "country"
    TERMS = "terms"


class Answers(BaseModel):
    """What was answered so far. `offered` are countries that a typed name may mean."""

    job_id: int
    language_code: str | None = None
    country: str = ""
    offered: list[str] = []


class BeforeSignUp(ButtonHandler):
    """A press by somebody who has not signed up yet; everybody else's goes to the feature of the button."""

    __slots__ = ()

    def check_update(self, update: object) -> Callback | None:
        """Give the press when its member still has to sign up."""
        session = current_session.get()
        if session is None or session.member.signed_up:
            return None
        return super().check_update(update)


async def hold_place(update: Update, context: Context) -> State:
    """Hold a place in the job, unless one is held from a moment ago; asks for the country, or goes on asking."""
    job_id = context.pressed(ApplyPress).job_id
    context.on_refusal(partial(_ask_on, job_id=job_id))
    held = await browse.holds_place(context.uow, member=context.member, job_id=job_id)
    if not held:
        await work.apply(context.uow, member=context.member, job_id=job_id, house=context.house)
    dialog = context.session.dialog
    if held and dialog is not None and dialog.conversation == SIGN_UP.name and context.load(Answers).job_id == job_id:
        return State(dialog.state)
    left = await context.parked_draft(str(SIGN_UP.name), Answers)
    if left is not None and left.job_id == job_id and left.country:
        context.store(left)
        return State.TERMS
    user = update.effective_user
    context.store(Answers(job_id=job_id, language_code=user.language_code if user else None))
    return State.COUNTRY


async def choose_country(update: Update, context: Context) -> State:
    """Store the tapped country; asks for the terms."""
    code = context.pressed(ChooseCountry).code
    if code not in country_codes():
        raise Unknown
    return _store_country(context, code)


async def receive_country(update: Update, context: Context) -> State:
    """Store the typed country and ask for the terms, or offer what was meant."""
    assert update.effective_message is not None
    draft = context.load(Answers)
    typed = clean_line(update.effective_message.text or "")
    found = find_countries(typed, language_code=draft.language_code)
    if len(found) == 1:
        return _store_country(context, found[0])
    context.store(draft.model_copy(update={"offered": list(found)}))
    return State.COUNTRY


async def agree(update: Update, context: Context) -> object:
    """Sign the member up and give the held place its time, or say that it is gone."""
    draft = context.load(Answers)
    context.session.member = await profile.sign_up(context.uow, member=context.member, country=draft.country)
    context.session.t = replace(context.t, zone=context.member.time_zone)
    assignment = await work.confirm_sign_up(context.uow, member=context.member, house=context.house)
    if assignment is None:
        context.toast(context.t.plain("You are signed up. But the place went back: please tap Apply again."))
        await show_job(context, draft.job_id)
    else:
        context.toast(context.t.plain("Welcome! The place is yours."))
        await show_assignment(context, assignment.id)
    return END


async def answered_before(update: Update, context: Context) -> None:
    """Answer a second tap on a question that is answered: the place it was asked for, or the work there is."""
    reserved = await assignments.list_reserved(context.uow.tx, context.member.id)
    if context.member.signed_up:
        context.toast(context.t.plain("You are signed up already."))
    if reserved:
        await show_assignment(context, reserved[-1].assignment_id)
    else:
        await show_first_page(context)


def _store_country(context: Context, code: str) -> State:
    context.store(context.load(Answers).model_copy(update={"country": code, "offered": []}))
    return State.TERMS


async def _prompt(context: Context, state: State) -> Card:
    draft = context.load(Answers)
    if state is State.TERMS:
        return views.terms_prompt(context.t, draft.country, way_out=back_row(context))
    codes = tuple(draft.offered) or likely_countries(draft.language_code)
    held = await _held_place(context, draft.job_id)
    return views.country_prompt(
        context.t,
        codes,
        unsure=bool(draft.offered),
        left=held.deadline_at - context.now if held is not None and held.deadline_at > context.now else None,
        way_out=back_row(context, back=False),
    )


async def _leave(update: Update, context: Context) -> None:
    """Show the place that is still held, with its way on and its way out, else the job."""
    job_id = context.load(Answers).job_id
    held = await _held_place(context, job_id)
    if held is not None:
        await show_assignment(context, held.assignment_id)
    else:
        await show_job(context, job_id)


async def _held_place(context: Context, job_id: int) -> WorkLine | None:
    """Give the place in this job that is held while the questions are answered, or None when it went back."""
    reserved = await assignments.list_reserved(context.uow.tx, context.member.id)
    return next((line for line in reserved if line.job_id == job_id), None)


async def _ask_on(context: Context, *, job_id: int) -> None:
    """After a refused Apply show the question that is open, else the job."""
    dialog = context.session.dialog
    if dialog is not None and dialog.conversation == SIGN_UP.name:
        await SIGN_UP.show_prompt(context)
    else:
        await show_job(context, job_id)


SIGN_UP = Conversation(
    name="signup",
    entry_points=[BeforeSignUp(ApplyPress, hold_place)],
    states={
        State.COUNTRY: [button(ChooseCountry, choose_country), text(receive_country)],
        State.TERMS: [button(AgreeTerms, agree)],
    },
    prompt=_prompt,
    back={State.TERMS: State.COUNTRY},
    leave=_leave,
)
