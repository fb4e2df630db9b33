"""What an employer does with a published job: look, pause, resume, close. Works inside the caller's unit."""

from bot.domain import entry
from bot.domain import myjobs as rules
from bot.domain.errors import NotAllowed, Stale
from bot.domain.job import JobStatus
from bot.domain.member import Member
from bot.domain.myjobs import JobTally
from bot.services.places import closed_topic
from storage import jobs, ledger, lots
from storage.unit import To, UnitOfWork

PAGE = 8


async def list_own(uow: UnitOfWork, *, member: Member, before: int | None = None) -> tuple[list[JobTally], bool]:
    """List a page of the member's own jobs, newest first, and whether there are older ones."""
    found = await jobs.list_tallies(uow.tx, member.id, before=before, limit=PAGE + 1)
    return found[:PAGE], len(found) > PAGE


async def get_own(uow: UnitOfWork, *, member: Member, job_id: int) -> JobTally:
    """Give one of the member's own jobs with its figures.

    Raises:
        NotAllowed: there is no such job, or it is somebody else's.
    """
    tally = await jobs.find_tally(uow.tx, member.id, job_id)
    if tally is None:
        raise NotAllowed
    return tally


async def pause(uow: UnitOfWork, *, member: Member, job_id: int, version: int) -> None:
    """Take an open job out of the lists; work already begun goes on.

    Raises:
        NotAllowed, AlreadyPaused, AlreadyClosed, Stale: see the rule.
    """
    job = await jobs.find_job(uow.tx, job_id)
    own = rules.pause(job, by=member.id, version=version)
    if not await jobs.set_status(uow.tx, own, JobStatus.PAUSED):
        raise Stale
    uow.emit("job_paused", {"job_id": job_id})


async def resume(uow: UnitOfWork, *, member: Member, job_id: int, version: int) -> None:
    """Put a paused job back into the lists.

    Raises:
        NotAllowed, AlreadyOpen, AlreadyClosed, Stale: see the rule.
    """
    job = await jobs.find_job(uow.tx, job_id)
    own, status = rules.resume(job, by=member.id, version=version)
    if not await jobs.set_status(uow.tx, own, status):
        raise Stale
    uow.emit("job_resumed", {"job_id": job_id})


async def close(uow: UnitOfWork, *, member: Member, job_id: int, version: int, free: int) -> int:
    """Close a job for good and give what was refunded for its free places.

    `free` is the number of free places the member was shown with the sum. Places in work stay funded; what comes
    back of them later is refunded by `bot.services.places.give_back_place`.

    Raises:
        NotAllowed, AlreadyClosed, Stale, PlacesChanged: see the rule.
    """
    job = await jobs.find_job(uow.tx, job_id)
    own = rules.close(job, by=member.id, version=version, free=free)
    refund = sum(lot.free * lot.cost for lot in await lots.list_lots(uow.tx, job_id))
    if not await jobs.close_job(uow.tx, own, at=uow.now):
        raise Stale
    payload = {"job_id": job_id}
    if refund:
        # The seal of the entry compares the escrow with the places, so these are released first.
        await lots.release_free(uow.tx, job_id)
        refunded = entry.job_refunded(
            job_id=job_id, member_id=own.employer_id, amount=refund, cause="close", at=uow.now
        )
        payload["entry_id"] = await ledger.post(uow.tx, refunded)
    uow.emit("job_closed", payload, to=[To(own.employer_id, topic=closed_topic(job_id))])
    return refund
