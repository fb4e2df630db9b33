"""Review: the employer's queue, one card edited in place, and the two short questions behind Reject and Ask to fix.

/review ──► card ──Approve / Skip / ‹ ›──► card of the next
              └──Reject, Ask to fix──► Step.REASON ──► Step.NOTE ──► card of the next
"""

from enum import StrEnum

from pydantic import BaseModel
from telegram import Update

from bot.domain.assignment import SubmissionStatus
from bot.domain.errors import NotAllowed
from bot.domain.review import FixRoundUsed, Reason, Verdict, expect_waiting, read_note
from bot.domain.review_queue import QueueState, ReviewItem
from bot.services import review, review_queue
from handlers.context import Context, Refresh
from handlers.conversation import END, Conversation, back_row
from handlers.review_notices import NOTICES
from handlers.routes import button, command, text
from handlers.views import review as views
from handlers.views import review_buttons as buttons
from handlers.views.card import Card
from handlers.views.nav import ReviewQueue
from storage import reviews
from storage.reviews import NEWEST

__all__ = ["HANDLERS", "NOTICES"]

CONVERSATION = "reject"


class Step(StrEnum):
    """What is being asked."""

    REASON = "reason"
    NOTE = "note"


class Draft(BaseModel):
    """A decision on its way: which submission as it was shown, and what is chosen so far."""

    submission_id: int
    version: int
    page: int
    fix: bool
    reason: Reason | None = None


# -- the queue -------------------------------------------------------------------------------------------------


async def show_queue(update: Update, context: Context) -> None:
    """Show the oldest proof that waits."""
    await review_queue.open_queue(context.uow, by=context.member)
    await _show_next(context)


async def look(update: Update, context: Context) -> None:
    """Show another picture of a submission."""
    press = context.pressed(buttons.Look)
    item = await review_queue.get_item(context.uow, submission_id=press.submission_id, by=context.member)
    await _show_item(context, item, page=press.page, settled=True)


async def look_earlier(update: Update, context: Context) -> None:
    """Show the submission that had the same picture first."""
    submission_id = context.pressed(buttons.LookEarlier).submission_id
    await _show_item(context, await review_queue.get_item(context.uow, submission_id=submission_id, by=context.member))


async def show_texts(update: Update, context: Context) -> None:
    """Show a page of a submission's answers."""
    press = context.pressed(buttons.ShowTexts)
    item = await review_queue.get_item(context.uow, submission_id=press.submission_id, by=context.member)
    state = await review_queue.get_state(context.uow, by=context.member, house=context.house)
    card = views.text_card(context.t, item, state, page=press.page, now=context.now, undo=context.house.undo)
    context.show(card, settled=True)


async def skip(update: Update, context: Context) -> None:
    """Show the submission after this one."""
    await _show_next(context, after_id=context.pressed(buttons.Skip).submission_id)


async def approve(update: Update, context: Context) -> None:
    """Approve, and go on to the next."""
    press = context.pressed(buttons.Approve)
    context.on_refusal(_fresh(press.submission_id))
    await review.approve(
        context.uow,
        submission_id=press.submission_id,
        version=press.version,
        by=context.member,
        house=context.house,
    )
    context.toast(context.t.plain("✅ Approved"))
    await _show_next(context, after_id=press.submission_id)


async def undo(update: Update, context: Context) -> None:
    """Take back a decision, and show what it was about."""
    press = context.pressed(buttons.Undo)
    context.on_refusal(_fresh(press.submission_id))
    await review.undo(
        context.uow,
        submission_id=press.submission_id,
        version=press.version,
        by=context.member,
        house=context.house,
    )
    context.toast(context.t.plain("↩ Undone"))
    item = await review_queue.get_item(context.uow, submission_id=press.submission_id, by=context.member)
    await _show_item(context, item)


async def change_to_approved(update: Update, context: Context) -> None:
    """Approve an own rejection after all, and show it so."""
    press = context.pressed(buttons.ChangeToApproved)
    context.on_refusal(_fresh(press.submission_id))
    await review.change_to_approved(
        context.uow,
        submission_id=press.submission_id,
        version=press.version,
        by=context.member,
        house=context.house,
    )
    context.toast(context.t.plain("✅ Approved"))
    item = await review_queue.get_item(context.uow, submission_id=press.submission_id, by=context.member)
    await _show_item(context, item)


async def show_rejections(update: Update, context: Context) -> None:
    """Show the next older rejection that can still be changed."""
    before_id = context.pressed(buttons.Rejections).before_id or NEWEST
    item = await review_queue.find_frozen(context.uow, by=context.member, before_id=before_id)
    if item is None:
        context.show(views.no_rejections_card(context.t))
    else:
        await _show_item(context, item)


# -- approve all -----------------------------------------------------------------------------------------------


async def ask_approve_all(update: Update, context: Context) -> None:
    """Ask whether all of a job should be approved, with the sum."""
    press = context.pressed(buttons.ApproveAll)
    context.on_refusal(_show_next)
    waiting = await review_queue.get_waiting_sum(context.uow, job_id=press.job_id, by=context.member)
    context.show(views.confirm_all_card(context.t, waiting))


async def confirm_approve_all(update: Update, context: Context) -> None:
    """Order it; ticks work it off."""
    press = context.pressed(buttons.ConfirmApproveAll)
    context.on_refusal(_show_next)
    await review_queue.order_approve_all(
        context.uow,
        job_id=press.job_id,
        up_to_submission_id=press.up_to_submission_id,
        count=press.count,
        by=context.member,
        house=context.house,
    )
    await _show_next(context)


async def undo_approve_all(update: Update, context: Context) -> None:
    """Take an Approve all back before it starts."""
    context.on_refusal(_show_next)
    order_id = context.pressed(buttons.UndoApproveAll).order_id
    await review_queue.cancel_approve_all(context.uow, order_id=order_id, by=context.member)
    context.toast(context.t.plain("↩ Undone"))
    await _show_next(context)


# -- reject, ask to fix ----------------------------------------------------------------------------------------


async def begin_reject(update: Update, context: Context) -> Step:
    """Keep which submission; asks for the reason."""
    press = context.pressed(buttons.Reject)
    return await _begin(context, press.submission_id, press.version, press.page, fix=False)


async def begin_fix(update: Update, context: Context) -> Step:
    """Keep which submission; asks for the reason."""
    press = context.pressed(buttons.AskToFix)
    return await _begin(context, press.submission_id, press.version, press.page, fix=True)


async def receive_reason(update: Update, context: Context) -> Step:
    """Keep the reason; asks for a note."""
    chosen = context.pressed(buttons.PickReason).reason
    if chosen not in list(Reason):
        raise NotAllowed
    context.store(context.load(Draft).model_copy(update={"reason": Reason(chosen)}))
    return Step.NOTE


async def receive_note(update: Update, context: Context) -> int:
    """Decide with the typed note; shows the next submission."""
    typed = update.effective_message.text if update.effective_message else None
    return await _decide(context, note=read_note(typed or ""))


async def receive_no_note(update: Update, context: Context) -> int:
    """Decide without a note; shows the next submission."""
    return await _decide(context, note=None)


async def prompt(context: Context, state: Step) -> Card:
    """Draw the question of a step."""
    draft = context.load(Draft)
    item = await review_queue.get_item(context.uow, submission_id=draft.submission_id, by=context.member)
    if state is Step.REASON or draft.reason is None:
        foot = back_row(context, back=False)
        return views.reason_card(context.t, item, fix=draft.fix, page=draft.page, foot=foot)
    foot = back_row(context)
    return views.note_card(context.t, item, reason=draft.reason, fix=draft.fix, page=draft.page, foot=foot)


async def leave(update: Update, context: Context) -> None:
    """Show the submission again, undecided."""
    draft = context.load(Draft)
    item = await review_queue.get_item(context.uow, submission_id=draft.submission_id, by=context.member)
    state = await review_queue.get_state(context.uow, by=context.member, house=context.house)
    context.show(_card(context, item, state, page=draft.page))


async def _begin(context: Context, submission_id: int, version: int, page: int, *, fix: bool) -> Step:
    context.on_refusal(_fresh(submission_id))
    item = await review_queue.get_item(context.uow, submission_id=submission_id, by=context.member)
    expect_waiting(item.case, by=context.member.id, version=version)
    if fix and item.case.submission.round > 1:
        raise FixRoundUsed
    context.store(Draft(submission_id=submission_id, version=version, page=page, fix=fix))
    return Step.REASON


async def _decide(context: Context, *, note: str | None) -> int:
    draft = context.load(Draft)
    assert draft.reason is not None, "the note is asked after the reason"
    context.on_refusal(_fresh(draft.submission_id, typed=context.session.press is None))
    decide = review.ask_to_fix if draft.fix else review.reject
    await decide(
        context.uow,
        submission_id=draft.submission_id,
        version=draft.version,
        verdict=Verdict(draft.reason, note),
        by=context.member,
        house=context.house,
    )
    await _show_next(context, after_id=draft.submission_id)
    return int(END)


# -- showing ---------------------------------------------------------------------------------------------------


async def _show_next(context: Context, after_id: int = 0, page: int = 0) -> None:
    """Show the submission after one, or say that nothing waits."""
    item = await review_queue.find_waiting(context.uow, by=context.member, after_id=after_id)
    state = await review_queue.get_state(context.uow, by=context.member, house=context.house)
    context.show(views.empty_card(context.t, state) if item is None else _card(context, item, state, page=page))


async def _show_item(context: Context, item: ReviewItem, page: int = 0, *, settled: bool = False) -> None:
    state = await review_queue.get_state(context.uow, by=context.member, house=context.house)
    context.show(_card(context, item, state, page=page), settled=settled)


def _card(context: Context, item: ReviewItem, state: QueueState, *, page: int = 0) -> Card:
    draw = views.text_card if page == views.NO_PICTURE else views.review_card
    return draw(context.t, item, state, page=page, now=context.now, undo=context.house.undo)


def _fresh(submission_id: int, *, typed: bool = False) -> Refresh:
    """Give what is shown after a refusal: the submission as it is while it waits, else the one after it.

    After something typed the refusal stands above the card and needs the room of its picture.
    """
    page = views.NO_PICTURE if typed else 0

    async def refresh(context: Context) -> None:
        session = context.session
        if session.dialog is not None and session.dialog.conversation == CONVERSATION:
            session.dialog = None  # what was to be decided is decided: nothing to go on with
        case = await reviews.find_case(context.uow.tx, submission_id)
        if case is None or case.employer_id != context.member.id:
            await _show_next(context, page=page)
        elif case.submission.status is SubmissionStatus.PENDING:
            item = await review_queue.get_item(context.uow, submission_id=submission_id, by=context.member)
            await _show_item(context, item, page)
        else:
            await _show_next(context, after_id=submission_id, page=page)

    return refresh


HANDLERS = [
    Conversation(
        name=CONVERSATION,
        entry_points=[button(buttons.Reject, begin_reject), button(buttons.AskToFix, begin_fix)],
        states={
            Step.REASON: [button(buttons.PickReason, receive_reason)],
            Step.NOTE: [text(receive_note), button(buttons.NoNote, receive_no_note)],
        },
        prompt=prompt,
        back={Step.NOTE: Step.REASON},
        leave=leave,
    ),
    command("review", show_queue),
    button(ReviewQueue, show_queue),
    button(buttons.Look, look),
    button(buttons.LookEarlier, look_earlier),
    button(buttons.ShowTexts, show_texts),
    button(buttons.Skip, skip),
    button(buttons.Approve, approve),
    button(buttons.Undo, undo),
    button(buttons.ChangeToApproved, change_to_approved),
    button(buttons.Rejections, show_rejections),
    button(buttons.ApproveAll, ask_approve_all),
    button(buttons.ConfirmApproveAll, confirm_approve_all),
    button(buttons.UndoApproveAll, undo_approve_all),
    # Buttons of a question that is over (its time ran out, or another screen was opened): the queue as it is now.
    button(buttons.PickReason, show_queue),
    button(buttons.NoNote, show_queue),
]
