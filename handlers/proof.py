"""Sending proof, requirement by requirement: pictures (one, several, albums, files) and words, a check, then review.

    Send proof ──► PHOTOS ⇄ TEXT … ──► PREVIEW ──Request for complete──► waiting for review
    a photo out of the blue ──► PHOTOS (one job in work) | CHOOSE (several)

Pictures are rows of `proofs` as soon as they come; the dialog's draft keeps the words and where one is. When the
place is gone meanwhile the draft is parked, and goes on when the member takes a place in the same job again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from telegram import Message, Update
from telegram.ext import BaseHandler

from bot.domain.errors import N_
from bot.domain.proof import (
    ChangeFirst,
    PicturesComplete,
    PictureWanted,
    Trouble,
    WordsWanted,
    first_missing,
    is_met,
    read_answer,
)
from bot.services import proof, work
from handlers.context import Context
from handlers.conversation import END, Back, Conversation, back_row
from handlers.notices import Notice, Renderer
from handlers.proof_draft import (
    NAME,
    ProofDraft,
    State,
    gather_replies,
    go_on,
    keep_for_next_try,
    last_draft,
    leave_parked,
    live_place,
    open_step,
    park,
    read_picture,
    too_late,
)
from handlers.proof_unasked import OutOfTheBlue, choose_more, choose_place
from handlers.routes import anything, button, photo, text
from handlers.views import proof as views
from handlers.views.card import Card
from handlers.views.proof import Change, ChoosePlace, DonePictures, KeepAnswer, LookAt, RemoveLast, StartOver, Submit
from handlers.views.work import SendProof
from handlers.work import find_notice_place, show_assignment, show_first_page
from storage import assignments, submissions

EARLIER_STEP = N_("That button is from an earlier step.")


# -- where one is ----------------------------------------------------------------------------------------------


async def start(update: Update, context: Context) -> object:
    """Open the proof of the tapped place where it was left: the first thing missing, or the check."""
    press = context.pressed(SendProof)
    context.on_refusal(show_first_page)
    place = await work.get_place(context.uow, member=context.member, assignment_id=press.assignment_id)
    if not place.live or not context.member.signed_up:
        return await leave_parked(context, place)
    draft = (await last_draft(context)).open_for(place)
    pictures = await proof.current_pictures(context.uow, place)
    return go_on(context, draft, place, pictures)


async def receive_photo(update: Update, context: Context) -> object:
    """Keep a picture for the requirement that is open; an album is answered once, after its last."""
    assert update.message is not None
    draft = context.load(ProofDraft)
    return await _keep_photo(context, draft, update.message, step=draft.step, stay=State.PHOTOS)


async def receive_late_photo(update: Update, context: Context) -> object:
    """Keep the rest of an album that goes on after its step was left; other pictures are not asked for here."""
    assert update.message is not None
    draft = context.load(ProofDraft)
    group = update.message.media_group_id
    state = State(context.session.dialog.state) if context.session.dialog else State.PREVIEW
    if not group or group != draft.group:
        raise ChangeFirst if state is State.PREVIEW else WordsWanted
    return await _keep_photo(context, draft, update.message, step=draft.group_step, stay=state)


async def receive_words(update: Update, context: Context) -> object:
    """Keep a typed answer (or the edited one, for the step it answered) and go on to what is missing."""
    message = update.effective_message
    assert message is not None
    draft = context.load(ProofDraft)
    step = draft.typed.get(message.message_id) if update.edited_message else draft.step
    if step is None:
        return State.TEXT
    answer = read_answer(message.text or "")
    draft.words.setdefault(draft.job_id, {})[step] = answer
    draft.typed[message.message_id] = step
    if update.edited_message:
        context.store(draft)
        return State.TEXT
    return await _advance(context, draft)


async def keep_answer(update: Update, context: Context) -> object:
    """Leave the answer as it is and go on."""
    press, draft = context.pressed(KeepAnswer), context.load(ProofDraft)
    if _is_old(context, draft, press.assignment_id, press.requirement):
        return None
    return await _advance(context, draft)


async def finish_photos(update: Update, context: Context) -> object:
    """Go on to what is missing once this requirement has its pictures."""
    press, draft = context.pressed(DonePictures), context.load(ProofDraft)
    if _is_old(context, draft, press.assignment_id, press.requirement):
        return None
    place = await assignments.find_place(context.uow.tx, draft.assignment_id)
    assert place is not None, "a draft is for a place"
    pictures = await proof.current_pictures(context.uow, place)
    if not is_met(draft.step, place.job.requirements[draft.step], pictures, draft.answers):
        context.toast(context.t.plain("Some pictures are still missing."))
        return State.PHOTOS
    return await _advance(context, draft)


async def remove_last(update: Update, context: Context) -> object:
    """Take the newest picture away."""
    return await _take_away(context, context.pressed(RemoveLast), proof.remove_last)


async def start_over(update: Update, context: Context) -> object:
    """Take all new pictures of this requirement away."""
    return await _take_away(context, context.pressed(StartOver), proof.start_over)


async def _take_away(context: Context, press: RemoveLast | StartOver, take: Callable[..., Awaitable[Any]]) -> object:
    draft = context.load(ProofDraft)
    place = await live_place(context, draft)
    if place is None:
        return await too_late(context, draft)
    if _is_old(context, draft, press.assignment_id, press.requirement):
        return None
    await take(context.uow, place=place, requirement=draft.step)
    draft.trouble = {}
    context.store(draft)
    return State.PHOTOS


async def go_back(update: Update, context: Context) -> object:
    """Go to the requirement before, from the first one out to the job."""
    draft = context.load(ProofDraft)
    place = await live_place(context, draft)
    if place is None:
        return await too_late(context, draft)
    in_preview = context.session.dialog is not None and context.session.dialog.state == State.PREVIEW
    if draft.changing and not in_preview:
        draft.changing = False
        context.store(draft)
        return State.PREVIEW
    step = len(place.job.requirements) - 1 if in_preview else draft.step - 1
    if step < 0:
        return await leave_parked(context, place)
    return open_step(context, draft, place, step)


async def look_at(update: Update, context: Context) -> object:
    """Show another picture in the check."""
    press, draft = context.pressed(LookAt), context.load(ProofDraft)
    draft.page = max(press.page, 0)
    context.store(draft)
    return State.PREVIEW


async def change(update: Update, context: Context) -> object:
    """Open one requirement again; afterwards the check comes back."""
    press, draft = context.pressed(Change), context.load(ProofDraft)
    place = await live_place(context, draft)
    if place is None:
        return await too_late(context, draft)
    if press.assignment_id != draft.assignment_id or not 0 <= press.requirement < len(place.job.requirements):
        context.toast(context.t.plain(EARLIER_STEP))
        return State.PREVIEW
    draft.changing = True
    return open_step(context, draft, place, press.requirement)


async def request_complete(update: Update, context: Context) -> object:
    """Send the proof for review and show what happens next."""
    press, draft = context.pressed(Submit), context.load(ProofDraft)
    if press.assignment_id != draft.assignment_id:
        context.toast(context.t.plain(EARLIER_STEP))
        return State.PREVIEW
    place = await live_place(context, draft)
    if place is None:
        return await too_late(context, draft)
    pictures = await proof.current_pictures(context.uow, place)
    missing = first_missing(place.job.requirements, pictures, draft.answers)
    if missing is not None:
        context.toast(context.t.plain("Number {n} of the proof is still missing.", n=missing + 1), alert=True)
        return open_step(context, draft, place, missing)
    context.on_refusal(CONVERSATION.show_prompt)
    await proof.submit(context.uow, member=context.member, assignment_id=draft.assignment_id, answers=draft.answers)
    context.toast(context.t.plain("Sent. Thank you!"))
    await show_assignment(context, draft.assignment_id)
    draft.words.pop(draft.job_id, None)
    if draft.words:
        await park(context, ProofDraft(words=draft.words))
    return END


async def refuse_for_picture(update: Update, context: Context) -> object:
    """Say that a picture is wanted here."""
    raise PictureWanted


async def refuse_for_done(update: Update, context: Context) -> object:
    """Say that a picture is wanted here, or that all of them came."""
    draft = context.load(ProofDraft)
    place = await live_place(context, draft)
    if place is None:
        return await too_late(context, draft)
    pictures = await proof.current_pictures(context.uow, place)
    raise PicturesComplete if is_met(draft.step, place.job.requirements[draft.step], pictures, {}) else PictureWanted


async def refuse_for_words(update: Update, context: Context) -> object:
    """Say that words are wanted here."""
    raise WordsWanted


async def refuse_for_buttons(update: Update, context: Context) -> object:
    """Say that a button is to be tapped here."""
    raise ChangeFirst


# -- helpers of the table --------------------------------------------------------------------------------------


async def prompt(context: Context, state: State) -> Card:
    """Draw the card of a step."""
    draft = context.load(ProofDraft)
    t = context.t
    if state is State.CHOOSE:
        reserved = await assignments.list_reserved(context.uow.tx, context.member.id)
        card = views.choose_card(t, reserved, count=len(draft.waiting))
        return replace(card, buttons=(*card.buttons, back_row(context, back=False)))
    place = await assignments.find_place(context.uow.tx, draft.assignment_id)
    assert place is not None, "a draft is for a place"
    pictures = await proof.current_pictures(context.uow, place)
    match state:
        case State.PHOTOS:
            card = views.pictures_card(t, place, draft.step, pictures, trouble=draft.trouble)
        case State.TEXT:
            card = views.words_card(t, place, draft.step, draft.answers.get(draft.step, ""))
        case State.PREVIEW:
            card = views.check_card(t, place, pictures, draft.answers, page=draft.page)
    return replace(card, buttons=(*card.buttons, back_row(context)))


async def leave(update: Update, context: Context) -> None:
    """Show the job after a cancel; what was sent so far stays."""
    draft = context.load(ProofDraft)
    if update.callback_query:
        context.toast(context.t.plain("Stopped. What you sent so far is saved."))
    if draft.assignment_id:
        await show_assignment(context, draft.assignment_id)
    else:
        await show_first_page(context)


async def show_after_the_end(update: Update, context: Context) -> None:
    """Answer a button of a proof that is no longer open: show the place it was for as it is now."""
    context.on_refusal(show_first_page)
    press = context.session.press
    assignment_id = getattr(press, "assignment_id", 0)
    context.toast(context.t.plain("That is from before. Here is how it looks now."))
    await show_assignment(context, assignment_id)


async def _advance(context: Context, draft: ProofDraft) -> object:
    place = await live_place(context, draft)
    if place is None:
        return await too_late(context, draft)
    return go_on(context, draft, place, await proof.current_pictures(context.uow, place))


def _is_old(context: Context, draft: ProofDraft, assignment_id: int, requirement: int) -> bool:
    """Whether a button was drawn for another step; then the step that is open is shown again."""
    if (assignment_id, requirement) == (draft.assignment_id, draft.step):
        return False
    context.toast(context.t.plain(EARLIER_STEP))
    return True


async def _keep_photo(context: Context, draft: ProofDraft, message: Message, *, step: int, stay: State) -> object:
    sent = read_picture(message)
    place = await live_place(context, draft)
    if place is None:
        await keep_for_next_try(context, draft, sent)
        return await too_late(context, draft)
    trouble = await proof.add_picture(
        context.uow, place=place, requirement=step, picture=sent.picture, mime_type=sent.mime_type
    )
    group = message.media_group_id or ""
    if group or trouble is Trouble.TOO_MANY:
        gather_replies(context)  # of ten and one sent together only the last is answered
    draft.note(group, trouble)
    draft.group_step = step
    context.store(draft)
    return stay


async def draw_unreadable(notice: Notice) -> Card | None:
    """Draw the notice that a picture can't be used, as long as another can be sent."""
    place = await find_notice_place(notice)
    refused = await submissions.find_proof(notice.uow.tx, notice.payload["proof_id"])
    if place is None or not place.live or refused is None or refused.status != "refused":
        return None
    return views.unreadable_card(notice.t, place, refused)


CONVERSATION = Conversation(
    name=NAME,
    entry_points=[button(SendProof, start), OutOfTheBlue()],
    states={
        State.CHOOSE: [photo(choose_more), button(ChoosePlace, choose_place), anything(refuse_for_picture)],
        State.PHOTOS: [
            photo(receive_photo),
            button(DonePictures, finish_photos),
            button(RemoveLast, remove_last),
            button(StartOver, start_over),
            button(Back, go_back),
            anything(refuse_for_done),
        ],
        State.TEXT: [
            photo(receive_late_photo),
            text(receive_words),
            button(KeepAnswer, keep_answer),
            button(Back, go_back),
            anything(refuse_for_words),
        ],
        State.PREVIEW: [
            photo(receive_late_photo),
            button(LookAt, look_at),
            button(Change, change),
            button(Submit, request_complete),
            button(Back, go_back),
            anything(refuse_for_buttons),
        ],
    },
    prompt=prompt,
    leave=leave,
)

HANDLERS: list[BaseHandler[Update, Context, Any]] = [
    CONVERSATION,
    *(
        button(kind, show_after_the_end)
        for kind in (DonePictures, RemoveLast, StartOver, KeepAnswer, LookAt, Change, Submit, ChoosePlace)
    ),
]

NOTICES: dict[str, Renderer] = {"proof_unreadable": draw_unreadable}
