"""The job that an employer wrote and has not published yet, put away as the bot's own conversation does it."""

from dataclasses import replace

from bot.demo.catalogue import Idea
from bot.domain.dialog import Dialog
from bot.domain.member import Member
from bot.domain.publish import draft_of
from storage.dialogs import save_dialog
from storage.unit import UnitOfWork

CONVERSATION, LAST_QUESTION = "newjob", "preview"


async def put_away(uow: UnitOfWork, *, member: Member, idea: Idea, token: str) -> None:
    """Leave an idea with every question answered, for its employer to go on with."""
    draft = draft_of(replace(idea.spec, review_days=3), token=token, places=idea.spec.places)
    left = Dialog(CONVERSATION, LAST_QUESTION, expires_at=uow.now, draft=draft.model_dump(mode="json"))
    await save_dialog(uow.tx, member.id, left.parked(now=uow.now))
