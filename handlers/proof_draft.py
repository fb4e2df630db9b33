"""Where somebody is in sending proof: the draft that the dialog keeps, and what opens, parks and ends it.

Pictures are not in it: they are rows of `proofs` as soon as they come, and belong to the place.
"""

from dataclasses import replace
from enum import StrEnum

from pydantic import BaseModel, Field
from telegram import Message

from bot.domain.job import ProofKind
from bot.domain.proof import Pictures, SentPicture, Trouble, first_missing
from bot.domain.work import Place
from bot.services import proof
from handlers.context import Context
from handlers.conversation import END
from handlers.work import show_current
from storage import assignments, dialogs

NAME = "proof"
JOBS_KEPT = 5  # words of that many jobs survive in one draft


class State(StrEnum):
    """Where somebody is in sending proof."""

    CHOOSE = "choose"
    PHOTOS = "photos"
    TEXT = "text"
    PREVIEW = "preview"


class Waiting(BaseModel):
    """A picture that came before it was known what for."""

    picture: SentPicture
    mime_type: str | None = None


class ProofDraft(BaseModel):
    """Where one is, and the words typed so far by job and requirement; pictures are rows of their own."""

    assignment_id: int = 0
    job_id: int = 0
    step: int = 0
    changing: bool = False
    page: int = 0
    words: dict[int, dict[int, str]] = Field(default_factory=dict)
    typed: dict[int, int] = Field(default_factory=dict)
    group: str = ""
    group_step: int = 0
    trouble: dict[Trouble, int] = Field(default_factory=dict)
    waiting: list[Waiting] = Field(default_factory=list)

    @property
    def answers(self) -> dict[int, str]:
        """Give the words typed for this job."""
        return self.words.get(self.job_id, {})

    def open_for(self, place: Place) -> "ProofDraft":
        """Give the draft turned to a place: where one was if it is the same, else at its beginning."""
        if self.assignment_id == place.assignment.id:
            return self.model_copy(update={"waiting": [], "trouble": {}})
        words = dict(list(self.words.items())[-JOBS_KEPT:])
        if place.submission is not None:
            sent = {number: answer for number, answer in enumerate(place.submission.answers) if answer}
            words[place.job.id] = {**sent, **words.get(place.job.id, {})}
        return ProofDraft(assignment_id=place.assignment.id, job_id=place.job.id, words=words)

    def note(self, group: str, trouble: Trouble | None) -> None:
        """Remember what was wrong with a picture, together for those sent together."""
        if group != self.group or not group:
            self.trouble = {}
        self.group, self.group_step = group, self.step
        if trouble is not None:
            self.trouble[trouble] = self.trouble.get(trouble, 0) + 1


async def last_draft(context: Context) -> ProofDraft:
    """Give the draft that is open, else the one that was parked, else a new one."""
    if context.session.draft:
        return context.load(ProofDraft)
    return await context.parked_draft(NAME, ProofDraft) or ProofDraft()


async def live_place(context: Context, draft: ProofDraft) -> Place | None:
    """Give the place the draft is for, or None when no proof can be sent for it any more."""
    place = await assignments.find_place(context.uow.tx, draft.assignment_id)
    return place if place is not None and place.live and place.assignment.worker_id == context.member.id else None


def open_step(context: Context, draft: ProofDraft, place: Place, step: int) -> State:
    """Turn to one requirement."""
    draft.step, draft.trouble, draft.page = step, {}, 0
    context.store(draft)
    return State.TEXT if place.job.requirements[step].kind is ProofKind.TEXT else State.PHOTOS


def go_on(context: Context, draft: ProofDraft, place: Place, pictures: Pictures) -> State:
    """Open the first requirement that misses something, or the check."""
    missing = first_missing(place.job.requirements, pictures, draft.answers)
    if missing is not None:
        return open_step(context, draft, place, missing)
    draft.changing, draft.trouble, draft.page = False, {}, 0
    context.store(draft)
    return State.PREVIEW


async def park(context: Context, draft: ProofDraft) -> None:
    """Keep the draft for a week and let the dialog end."""
    session = context.session
    if session.dialog is None or session.dialog.conversation != NAME:
        return
    parked = replace(session.dialog, draft=draft.model_dump(mode="json")).parked(now=context.now)
    await dialogs.save_dialog(context.uow.tx, context.member.id, parked)
    session.parked = True


async def leave_parked(context: Context, place: Place) -> object:
    """Show the place as it is; a proof that was open is parked."""
    await show_current(context, place)
    dialog = context.session.dialog
    if dialog is None or dialog.conversation != NAME:
        return None
    await park(context, context.load(ProofDraft))
    return END


async def too_late(context: Context, draft: ProofDraft) -> object:
    """Say kindly that the place is gone (or decided) meanwhile; what was sent stays saved."""
    if context.session.press is None:
        gather_replies(context)
    place = await assignments.find_place(context.uow.tx, draft.assignment_id)
    assert place is not None, "a draft is for a place"
    return await leave_parked(context, place)


async def keep_for_next_try(context: Context, draft: ProofDraft, sent: Waiting) -> Place | None:
    """Keep a picture that came after the time was over; gives its place, or None when there is none to keep it for."""
    place = await assignments.find_place(context.uow.tx, draft.assignment_id)
    if place is None or place.live or not place.keeps_drafts or place.assignment.worker_id != context.member.id:
        return None
    await proof.add_picture(
        context.uow, place=place, requirement=draft.step, picture=sent.picture, mime_type=sent.mime_type
    )
    return place


def gather_replies(context: Context) -> None:
    """Answer pictures that were sent together once, after the last of them."""
    context.put_off(f"photos:{context.member.id}")


def read_picture(message: Message) -> Waiting:
    """Read the picture of a message: its largest size, or the file as it is."""
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        picture = SentPicture(
            kind="photo",
            file_id=largest.file_id,
            file_unique_id=largest.file_unique_id,
            size=largest.file_size or 0,
            width=largest.width,
            height=largest.height,
            media_group_id=message.media_group_id,
        )
        return Waiting(picture=picture)
    document = message.document
    assert document is not None, "the table lets only pictures through"
    picture = SentPicture(
        kind="document",
        file_id=document.file_id,
        file_unique_id=document.file_unique_id,
        size=document.file_size or 0,
        media_group_id=message.media_group_id,
    )
    return Waiting(picture=picture, mime_type=document.mime_type)
