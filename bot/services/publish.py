"""Publishing a job: a draft's price, and the one action that funds and opens it. Works inside the caller's unit."""

import secrets

from bot.domain import entry
from bot.domain import publish as rules
from bot.domain.errors import NotAllowed
from bot.domain.house import House
from bot.domain.job import Category, Job
from bot.domain.member import Member
from bot.domain.publish import JobDraft, JobSpec, NoSuchCategory, Quote
from bot.services.myjobs import get_own
from storage import jobs, ledger, lots
from storage.unit import UnitOfWork


def new_token() -> str:
    """Give a random token for a draft, by which its job is published once and found by a link."""
    return secrets.token_urlsafe(9)


async def get_open_category(uow: UnitOfWork, category_id: str) -> Category:
    """Give a category that takes new jobs.

    Raises:
        NoSuchCategory: there is none, or it is off.
    """
    category = await get_category(uow, category_id)
    if not category.enabled:
        raise NoSuchCategory
    return category


async def get_category(uow: UnitOfWork, category_id: str) -> Category:
    """Give a category, on or off.

    Raises:
        NoSuchCategory: there is none.
    """
    category = await jobs.find_category(uow.tx, category_id)
    if category is None:
        raise NoSuchCategory
    return category


async def list_open_categories(uow: UnitOfWork) -> list[Category]:
    """List the categories that take new jobs."""
    return await jobs.list_categories(uow.tx)


async def find_published(uow: UnitOfWork, *, member: Member, token: str) -> Job | None:
    """Give the job that the member published from the draft of this token, or None."""
    job = await jobs.find_job_by_token(uow.tx, token)
    return job if job is not None and job.employer_id == member.id else None


async def get_quote(uow: UnitOfWork, *, member: Member, reward: int, places: int, house: House) -> Quote:
    """Give what a job costs beside what its employer has for it."""
    owned = await ledger.balances(uow.tx, member.id)
    return rules.quote(reward, places, house=house, funds=owned.funds, available=owned.available)


async def repeat_draft(uow: UnitOfWork, *, member: Member, job_id: int) -> JobDraft:
    """Give a draft with the values of one of the member's own jobs.

    Raises:
        NotAllowed: there is no such job, or it is somebody else's.
    """
    tally = await get_own(uow, member=member, job_id=job_id)
    return rules.draft_of(tally.job, token=new_token(), places=max(1, tally.slots))


async def publish(
    uow: UnitOfWork, *, member: Member, draft: JobDraft | JobSpec, house: House, key: str, use_earnings: bool = False
) -> Job:
    """Fund a job from the member's funds (then, if wanted, earnings) and open it.

    `key` is the draft's token and becomes the job's: the same key again gives the job that is there.

    Raises:
        InvalidInput: the job breaks a rule. FundsMissing: there is not enough money.
        NotAllowed: the member may not publish, or the key is somebody else's.
    """
    existing = await jobs.find_job_by_token(uow.tx, key)
    if existing is not None:
        if existing.employer_id != member.id:
            raise NotAllowed
        return existing
    if member.status != "active":
        raise NotAllowed
    spec = rules.complete(draft) if isinstance(draft, JobDraft) else draft
    rules.check(spec, category=await jobs.find_category(uow.tx, spec.category_id))
    quote = await get_quote(uow, member=member, reward=spec.reward, places=spec.places, house=house)
    from_funds, from_available = quote.split(use_earnings=use_earnings)
    job = await jobs.insert_job(
        uow.tx,
        token=key,
        employer_id=member.id,
        spec=spec,
        fee=quote.fee,
        language=member.language,
        at=uow.now,
    )
    lot = await lots.insert_lot(uow.tx, job_id=job.id, reward=spec.reward, fee=quote.fee, slots=spec.places)
    # The seal of the entry compares the escrow with the places, so the lot comes first.
    funded = entry.job_funded(
        job_id=job.id,
        lot_id=lot.id,
        member_id=member.id,
        from_funds=from_funds,
        from_available=from_available,
        at=uow.now,
    )
    entry_id = await ledger.post(uow.tx, funded)
    uow.emit("job_published", {"job_id": job.id, "entry_id": entry_id})
    return await jobs.get_job(uow.tx, job.id)
