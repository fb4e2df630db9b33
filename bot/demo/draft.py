"""The job that an employer wrote and has not published yet, put away as the bot's own conversation does it."""

from bot.demo.catalogue import Idea
from bot.domain.dialog import Dialog
from bot.domain.member import Member
from bot.domain.publish import DraftProof, DraftSteps, JobDraft
from storage.dialogs import save_dialog
from storage.unit import UnitOfWork

CONVERSATION, LAST_QUESTION = "newjob", "preview"


async def put_away(uow: UnitOfWork, *, member: Member, idea: Idea, token: str) -> None:
    """Leave an idea with every question answered, for its employer to go on with."""
    spec = idea.spec
    draft = JobDraft(
        token=token,
        category_id=spec.category_id,
        title=spec.title,
        steps=[DraftSteps(lines=list(spec.steps))],
        steps_done=True,
        proofs=[DraftProof(kind=one.kind, count=one.count, text=one.text) for one in spec.requirements],
        proofs_done=True,
        reward=spec.reward,
        places=spec.places,
        minutes=spec.minutes,
        minutes_given=True,
        time_limit_minutes=spec.time_limit_minutes,
        review_days=3,
    )
    left = Dialog(CONVERSATION, LAST_QUESTION, expires_at=uow.now, draft=draft.model_dump(mode="json"))
    await save_dialog(uow.tx, member.id, left.parked(now=uow.now))
