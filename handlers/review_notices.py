"""What reviews tell people without being asked: an event becomes a card as things stand when it leaves."""

from datetime import UTC, datetime, timedelta

from bot.domain.assignment import SubmissionStatus
from bot.domain.review import CLOCK, Case
from handlers.notices import Notice, Renderer
from handlers.views import review_notices as notices
from handlers.views.card import Card
from storage import jobs, ledger, reviews


async def render_waiting(notice: Notice) -> Card | None:
    """Draw how many proofs wait for an employer; nothing when none does any more."""
    waiting, _ = await reviews.get_waiting_summary(notice.uow.tx, notice.member.id)
    return notices.waiting_card(notice.t, waiting) if waiting else None


async def render_reminder(notice: Notice) -> Card | None:
    """Draw a reminder; nothing when none waits any more."""
    waiting, first_at = await reviews.get_waiting_summary(notice.uow.tx, notice.member.id)
    if first_at is None:
        return None
    level = notice.payload["level"]
    return notices.reminder_card(notice.t, waiting, first_at=first_at, now=notice.uow.now, level=level)


async def render_clock(notice: Notice) -> Card | None:
    """Draw what the clock approved on a day."""
    day = datetime.fromisoformat(notice.payload["day"]).replace(tzinfo=UTC)
    count, amount = await reviews.get_clock_approvals(
        notice.uow.tx, employer_id=notice.member.id, since=day, until=day + timedelta(days=1)
    )
    return notices.clock_card(notice.t, count, amount=amount, day=day) if count else None


async def render_order(notice: Notice) -> Card | None:
    """Draw how far an Approve all is."""
    order = await reviews.find_order(notice.uow.tx, notice.payload["order_id"])
    if order is None or not order.approved:
        return None
    job = await jobs.get_job(notice.uow.tx, order.job_id)
    return notices.order_card(notice.t, order, title=job.title)


async def render_paid(notice: Notice) -> Card | None:
    """Draw the receipt of a reward."""
    case = await reviews.find_case(notice.uow.tx, notice.payload["submission_id"])
    assert case is not None, "a paid submission stays"
    assert case.assignment.paid_at is not None, "a receipt follows the money"
    job = await jobs.get_job(notice.uow.tx, case.submission.job_id)
    owned = await ledger.balances(notice.uow.tx, notice.member.id)
    matures_at = await reviews.find_maturing(notice.uow.tx, notice.payload["entry_id"])
    return notices.paid_card(
        notice.t,
        amount=case.reward,
        title=job.title,
        available=owned.available,
        by_clock=case.submission.decided_by == CLOCK,
        matures_at=matures_at,
    )


async def render_rejected(notice: Notice) -> Card | None:
    """Draw a rejection for its worker; nothing when it was undone or changed."""
    case = await _standing_case(notice, SubmissionStatus.REJECTED)
    verdict = case.verdict if case else None
    if case is None or verdict is None:
        return None
    job = await jobs.get_job(notice.uow.tx, case.submission.job_id)
    return notices.rejected_card(notice.t, title=job.title, verdict=verdict)


async def render_fix(notice: Notice) -> Card | None:
    """Draw what a worker has to fix; nothing when it was undone, or the worker sent again already."""
    case = await _standing_case(notice, SubmissionStatus.CHANGES_REQUESTED)
    verdict = case.verdict if case else None
    if case is None or verdict is None or not case.awaits_fix:
        return None
    job = await jobs.get_job(notice.uow.tx, case.submission.job_id)
    return notices.fix_card(
        notice.t,
        title=job.title,
        verdict=verdict,
        deadline_at=case.assignment.deadline_at,
        assignment_id=case.assignment.id,
    )


async def _standing_case(notice: Notice, status: SubmissionStatus) -> Case | None:
    """Give the case a notice is about while the decision it tells still stands, else nothing."""
    case = await reviews.find_case(notice.uow.tx, notice.payload["submission_id"])
    if case is None or case.submission.status is not status or case.submission.version != notice.payload["version"]:
        return None
    return case


NOTICES: dict[str, Renderer] = {
    "proof_waiting": render_waiting,
    "review_reminder": render_reminder,
    "auto_approved": render_clock,
    "approve_order": render_order,
    "reward_paid": render_paid,
    "submission_rejected": render_rejected,
    "changes_requested": render_fix,
}
