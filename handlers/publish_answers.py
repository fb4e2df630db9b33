"""The answers of the publishing wizard: each callback stores one and goes to the first question still open."""

from enum import StrEnum

from telegram import Message, Update

from bot.domain import job_answers as answers
from bot.domain.job import PHOTOS_LIMIT, PLACES_LIMIT, ProofKind
from bot.domain.job_answers import MINUTES_LIMIT
from bot.domain.publish import DraftProof, DraftSteps, JobDraft
from bot.services import publish
from handlers.context import Context
from handlers.conversation import keep_editable
from handlers.views import publish as views


class State(StrEnum):
    """The question that is open. Names of answers are those of `JobDraft.missing`."""

    RESUME = "resume"
    CATEGORY = "category"
    TITLE = "title"
    STEPS = "steps"
    PROOFS = "proofs"
    PHOTO_COUNT = "photo_count"
    PROOF_TEXT = "proof_text"
    REWARD = "reward"
    PLACES = "places"
    PREVIEW = "preview"
    MINUTES = "minutes"
    TIME_LIMIT = "time_limit"
    REVIEW_DAYS = "review_days"
    DELETE = "delete"


#: Where Back leads while the draft is not complete; from a complete draft's question it leads to the preview.
BEFORE = {
    State.TITLE: State.CATEGORY,
    State.STEPS: State.TITLE,
    State.PROOFS: State.STEPS,
    State.PHOTO_COUNT: State.PROOFS,
    State.PROOF_TEXT: State.PROOFS,
    State.REWARD: State.PROOFS,
    State.PLACES: State.REWARD,
}


def next_question(draft: JobDraft) -> State:
    """Give the first question without an answer, or the preview."""
    return State.PREVIEW if draft.missing is None else State(draft.missing)


def keep_draft(context: Context, draft: JobDraft, state: State | None = None) -> State:
    """Keep the changed draft; give the state to go to (by default the next open question)."""
    draft.revision += 1
    context.store(draft)
    return next_question(draft) if state is None else state


async def receive_category(update: Update, context: Context) -> State:
    """Store the category; a reward below its minimum is asked again."""
    category = await publish.get_open_category(context.uow, context.pressed(views.CategoryPress).category_id)
    draft = context.load(JobDraft)
    draft.category_id = category.id
    if draft.reward is not None and draft.reward < category.minimum_reward:
        draft.reward = None
    return keep_draft(context, draft)


async def receive_title(update: Update, context: Context) -> State:
    """Store the title."""
    draft = context.load(JobDraft)
    draft.title = answers.read_title(_message(update).text or "")
    return keep_draft(context, draft)


async def receive_steps(update: Update, context: Context) -> State:
    """Add the steps of a message, or replace them when it was edited; more may follow."""
    message, draft = _message(update), context.load(JobDraft)
    part = DraftSteps(lines=answers.read_steps(message.text or ""), message_id=message.message_id)
    known = [old.message_id for old in draft.steps]
    if message.message_id in known:
        draft.steps[known.index(message.message_id)] = part
    elif update.edited_message is None:
        draft.steps.append(part)
    answers.check_words(draft.lines, [proof.text for proof in draft.proofs])
    keep_editable(update, context)
    return keep_draft(context, draft, State.STEPS)


async def drop_step(update: Update, context: Context) -> State:
    """Take the last step out; a second tap on the same button takes no second one."""
    draft = context.load(JobDraft)
    if len(draft.lines) == context.pressed(views.DropStep).count:
        draft.steps[-1].lines.pop()
        draft.steps = [part for part in draft.steps if part.lines]
    return keep_draft(context, draft, State.STEPS)


async def steps_done(update: Update, context: Context) -> State:
    """Go on when there is at least one step."""
    draft = context.load(JobDraft)
    draft.steps_done = bool(draft.lines)
    return keep_draft(context, draft)


async def add_proof(update: Update, context: Context) -> State:
    """Begin one more proof: photos are counted first."""
    draft = context.load(JobDraft)
    answers.check_words([], ["", *(proof.text for proof in draft.proofs)])
    kind = ProofKind.TEXT if context.pressed(views.AddProof).kind == ProofKind.TEXT else ProofKind.PHOTO
    draft.adding = DraftProof(kind=kind)
    return keep_draft(context, draft, State.PROOF_TEXT if kind is ProofKind.TEXT else State.PHOTO_COUNT)


async def receive_photo_count(update: Update, context: Context) -> State:
    """Store how many photos, tapped or typed, then ask what they must show."""
    draft = context.load(JobDraft)
    if update.callback_query is not None:
        count = answers.check_photo_count(context.pressed(views.PhotoCount).count)
    else:
        count = answers.read_count(_message(update).text or "", minimum=1, maximum=PHOTOS_LIMIT, example=1)
    draft.adding = DraftProof(kind=ProofKind.PHOTO, count=count)
    return keep_draft(context, draft, State.PROOF_TEXT)


async def receive_proof_text(update: Update, context: Context) -> State:
    """Store what the proof must be, or replace it when the message was edited; more proofs may follow."""
    message, draft = _message(update), context.load(JobDraft)
    wanted = answers.read_proof_text(message.text or "")
    if update.edited_message is not None:
        for proof in draft.proofs:
            proof.text = wanted if proof.message_id == message.message_id else proof.text
    elif draft.adding is not None:
        proof = draft.adding.model_copy(update={"text": wanted, "message_id": message.message_id})
        draft.proofs.append(proof)
        draft.adding = None
    answers.check_words(draft.lines, [proof.text for proof in draft.proofs])
    return keep_draft(context, draft, State.PROOFS)


async def drop_proof(update: Update, context: Context) -> State:
    """Take the last proof out; a second tap on the same button takes no second one."""
    draft = context.load(JobDraft)
    if len(draft.proofs) == context.pressed(views.DropProof).count:
        draft.proofs.pop()
    return keep_draft(context, draft, State.PROOFS)


async def proofs_done(update: Update, context: Context) -> State:
    """Go on when at least one proof is asked for."""
    draft = context.load(JobDraft)
    draft.proofs_done = bool(draft.proofs)
    return keep_draft(context, draft)


async def receive_reward(update: Update, context: Context) -> State:
    """Store the reward of a place."""
    draft = context.load(JobDraft)
    category = await publish.get_open_category(context.uow, draft.category_id or "")
    typed = _message(update).text or ""
    draft.reward = answers.read_reward(typed, category=category, currency=context.house.currency)
    return keep_draft(context, draft)


async def receive_places(update: Update, context: Context) -> State:
    """Store the number of places."""
    draft = context.load(JobDraft)
    draft.places = answers.read_count(_message(update).text or "", minimum=1, maximum=PLACES_LIMIT, example=50)
    return keep_draft(context, draft)


async def receive_minutes(update: Update, context: Context) -> State:
    """Store the estimate; a time limit that is too short for it grows with it."""
    draft = context.load(JobDraft)
    if update.callback_query is not None:
        typed = str(context.pressed(views.MinutesPress).minutes)
    else:
        typed = _message(update).text or ""
    draft.minutes = answers.read_count(typed, minimum=1, maximum=MINUTES_LIMIT, example=5)
    draft.minutes_given = True
    draft.time_limit_minutes = answers.time_limit_for(draft.minutes, chosen=draft.time_limit_minutes)
    return keep_draft(context, draft)


async def receive_time_limit(update: Update, context: Context) -> State:
    """Store how long a worker may take."""
    draft = context.load(JobDraft)
    draft.time_limit_minutes = context.pressed(views.TimeLimitPress).minutes
    _check_times(draft)
    return keep_draft(context, draft)


async def receive_review_days(update: Update, context: Context) -> State:
    """Store how long the employer may take to review."""
    draft = context.load(JobDraft)
    draft.review_days = context.pressed(views.ReviewDaysPress).days
    _check_times(draft)
    return keep_draft(context, draft)


async def keep_answer(update: Update, context: Context) -> State:
    """Leave the answer as it is."""
    return next_question(context.load(JobDraft))


async def step_back(update: Update, context: Context) -> State:
    """Go to the question before this one, or to the preview when every answer is there."""
    dialog = context.session.dialog
    assert dialog is not None
    state = State(dialog.state)
    if state in (State.PHOTO_COUNT, State.PROOF_TEXT):
        return State.PROOFS
    return State.PREVIEW if context.load(JobDraft).missing is None else BEFORE.get(state, State.CATEGORY)


def _check_times(draft: JobDraft) -> None:
    answers.check_times(
        minutes=draft.minutes, time_limit_minutes=draft.time_limit_minutes, review_days=draft.review_days
    )


def _message(update: Update) -> Message:
    """Give the typed answer, also when it is an edit of an earlier one."""
    message = update.effective_message
    assert message is not None
    return message
