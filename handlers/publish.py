"""/newjob: the wizard that publishes a job. Its answers are stored by handlers/publish_answers.py.

    category ─► title ─► steps ⟲ ─► proofs ⟲ (photo count ─► proof text) ─► reward ─► places ─► PREVIEW ─► published
                                                                                        ▲ │
                              edit one answer (also minutes, time limit, review time) ──┴─┘

The next question always is the first one without an answer, so an answer changed from the preview leads back to it.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from telegram import Update
from telegram.ext import BaseHandler

from bot.domain.publish import JobDraft, Quote
from bot.services import publish
from handlers import myjobs
from handlers.context import Context
from handlers.conversation import END, Back, Cancel, Conversation, back_row
from handlers.notices import Renderer
from handlers.publish_answers import (
    State,
    add_proof,
    drop_proof,
    drop_step,
    keep_answer,
    keep_draft,
    next_question,
    proofs_done,
    receive_category,
    receive_minutes,
    receive_photo_count,
    receive_places,
    receive_proof_text,
    receive_review_days,
    receive_reward,
    receive_steps,
    receive_time_limit,
    receive_title,
    step_back,
    steps_done,
)
from handlers.routes import button, command, text
from handlers.views import publish as views
from handlers.views import publish_preview as preview
from handlers.views.card import Card
from handlers.views.myjobs import RepeatPress
from handlers.views.nav import NewJob

NAME = "newjob"


# -- entering -------------------------------------------------------------------------------------------------------


async def start(update: Update, context: Context) -> State:
    """Begin a job, or offer the draft that was put away."""
    draft = await _put_away(context)
    if draft is not None:
        return keep_draft(context, draft.model_copy(update={"repeat_next": None}), State.RESUME)
    return keep_draft(context, JobDraft(token=publish.new_token()), State.CATEGORY)


async def repeat(update: Update, context: Context) -> State:
    """Begin with the values of an own job, asking first when that would drop a draft."""
    job_id = context.pressed(RepeatPress).job_id
    repeated = await publish.repeat_draft(context.uow, member=context.member, job_id=job_id)
    draft = await _put_away(context)
    if draft is not None:
        return keep_draft(context, draft.model_copy(update={"repeat_next": job_id}), State.RESUME)
    return keep_draft(context, repeated, next_question(repeated))


async def continue_draft(update: Update, context: Context) -> State:
    """Go on with the draft at its first open question."""
    draft = context.load(JobDraft).model_copy(update={"repeat_next": None})
    return keep_draft(context, draft, next_question(draft))


async def start_again(update: Update, context: Context) -> State:
    """Drop the draft for a fresh one, or for the job to repeat."""
    job_id = context.load(JobDraft).repeat_next
    if job_id is None:
        return keep_draft(context, JobDraft(token=publish.new_token()), State.CATEGORY)
    repeated = await publish.repeat_draft(context.uow, member=context.member, job_id=job_id)
    return keep_draft(context, repeated, next_question(repeated))


# -- the preview ----------------------------------------------------------------------------------------------------


async def edit(update: Update, context: Context) -> State:
    """Open one question again."""
    question = context.pressed(views.EditPress).question
    return State(question) if question in {state for state, _ in preview.EDITS} else State.PREVIEW


async def publish_draft(update: Update, context: Context) -> object:
    """Publish the draft exactly as it was shown; a draft or a price that changed is shown again instead."""
    press, draft = context.pressed(views.PublishPress), context.load(JobDraft)
    if press.token != draft.token:
        await publish_again(update, context)
        return None
    price = await _price(context, draft)
    if press.revision != draft.revision or (press.earnings and press.earnings != price.missing):
        context.toast(context.t.plain("Something changed. Please look again, then publish."))
        return State.PREVIEW
    context.on_refusal(NEWJOB.show_prompt)
    job = await publish.publish(
        context.uow,
        member=context.member,
        draft=draft,
        house=context.house,
        key=draft.token,
        use_earnings=press.earnings > 0,
    )
    context.toast(context.t.plain("Published!"))
    link = context.house.deep_link(f"job_{job.token}")
    context.show(preview.published_card(context.t, job, places=price.places, total=price.total, link=link))
    return END


async def publish_again(update: Update, context: Context) -> None:
    """Answer a second tap on Publish: the job that is there, or where its draft is."""
    press = context.pressed(views.PublishPress)
    job = await publish.find_published(context.uow, member=context.member, token=press.token)
    if job is None:
        context.toast(context.t.plain("This draft is not open. Send /newjob to go on."), alert=True)
        return
    context.toast(context.t.plain("This job is already published."))
    await myjobs.show_desk_of(context, job.id)


async def ask_delete(update: Update, context: Context) -> State:
    """Ask before the draft is thrown away."""
    return State.DELETE


async def delete_draft(update: Update, context: Context) -> object:
    """Throw the draft away."""
    context.show(preview.deleted_card(context.t))
    return END


async def deleted_before(update: Update, context: Context) -> None:
    """Answer a second tap on Delete; a draft that was begun since is still there."""
    begun = await _put_away(context) is not None
    context.show(preview.put_away_card(context.t) if begun else preview.deleted_card(context.t))


async def leave(update: Update, context: Context) -> None:
    """Say that the draft is kept, when there is anything to keep."""
    begun = context.load(JobDraft).begun
    context.show(preview.put_away_card(context.t) if begun else preview.nothing_begun_card(context.t))


# -- drawing --------------------------------------------------------------------------------------------------------


async def prompt(context: Context, state: Any) -> Card:
    """Draw the card of a question, with Back and Cancel."""
    t, draft = context.t, context.load(JobDraft)
    if state is State.PREVIEW:
        price = await _price(context, draft)
        return preview.preview_card(t, draft, price, house=context.house, cancel=Cancel())
    if state is State.CATEGORY:
        card = views.category_card(t, draft, await publish.list_open_categories(context.uow))
    elif state is State.REWARD:
        card = views.reward_card(t, draft, await publish.get_category(context.uow, draft.category_id or ""))
    else:
        card = CARDS[state](t, draft)
    back = state is not State.RESUME and (state is not State.CATEGORY or draft.missing is None)
    return replace(card, buttons=(*card.buttons, back_row(context, back=back)))


CARDS: dict[State, Callable[[Any, JobDraft], Card]] = {
    State.RESUME: views.resume_card,
    State.TITLE: views.title_card,
    State.STEPS: views.steps_card,
    State.PROOFS: views.proofs_card,
    State.PHOTO_COUNT: views.photo_count_card,
    State.PROOF_TEXT: views.proof_text_card,
    State.PLACES: views.places_card,
    State.MINUTES: views.minutes_card,
    State.TIME_LIMIT: views.time_limit_card,
    State.REVIEW_DAYS: views.review_days_card,
    State.DELETE: preview.delete_card,
}


async def _put_away(context: Context) -> JobDraft | None:
    """Give the draft of an earlier /newjob worth going on with; one that another release wrote is let go."""
    try:
        draft = await context.parked_draft(NAME, JobDraft)
    except ValidationError:
        return None
    return draft if draft is not None and draft.begun else None


async def _price(context: Context, draft: JobDraft) -> Quote:
    assert draft.reward is not None
    assert draft.places is not None
    return await publish.get_quote(
        context.uow, member=context.member, reward=draft.reward, places=draft.places, house=context.house
    )


BACK = button(Back, step_back)
KEEP = button(views.KeepAnswer, keep_answer)

NEWJOB = Conversation(
    name=NAME,
    entry_points=[command("newjob", start), button(NewJob, start), button(RepeatPress, repeat)],
    states={
        State.RESUME: [button(views.ContinueDraft, continue_draft), button(views.StartAgain, start_again)],
        State.CATEGORY: [button(views.CategoryPress, receive_category), BACK],
        State.TITLE: [text(receive_title), KEEP, BACK],
        State.STEPS: [
            text(receive_steps),
            button(views.DropStep, drop_step),
            button(views.StepsDone, steps_done),
            BACK,
        ],
        State.PROOFS: [
            button(views.AddProof, add_proof),
            button(views.DropProof, drop_proof),
            button(views.ProofsDone, proofs_done),
            BACK,
        ],
        State.PHOTO_COUNT: [text(receive_photo_count), button(views.PhotoCount, receive_photo_count), BACK],
        State.PROOF_TEXT: [text(receive_proof_text), BACK],
        State.REWARD: [text(receive_reward), KEEP, BACK],
        State.PLACES: [text(receive_places), KEEP, BACK],
        State.PREVIEW: [
            button(views.PublishPress, publish_draft),
            button(views.EditPress, edit),
            button(views.DeleteDraft, ask_delete),
        ],
        State.MINUTES: [text(receive_minutes), button(views.MinutesPress, receive_minutes), BACK],
        State.TIME_LIMIT: [button(views.TimeLimitPress, receive_time_limit), BACK],
        State.REVIEW_DAYS: [button(views.ReviewDaysPress, receive_review_days), BACK],
        State.DELETE: [button(views.DeleteSure, delete_draft), BACK],
    },
    prompt=prompt,
    leave=leave,
)

HANDLERS: list[BaseHandler[Update, Context, Any]] = [
    NEWJOB,
    button(views.PublishPress, publish_again),
    button(views.DeleteSure, deleted_before),
]
NOTICES: dict[str, Renderer] = {}
