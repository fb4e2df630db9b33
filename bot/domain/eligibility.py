"""May this member take a place in this job now, and if not, the first reason why.

The card asks before the tap, the service that takes the place asks again: one list of rules for both. The places
that count against a job's limit for each member are those not returned and not expired: a rejected one counts too.
"""

from dataclasses import dataclass

from bot.domain.errors import N_, AlreadySo, Refused
from bot.domain.house import House
from bot.domain.job import Job, JobStatus
from bot.domain.member import Member


class OwnJob(Refused):
    """Employers can't work for themselves."""

    text = N_("This is your own job.")


class JobOver(Refused):
    """The job is closed, or was never published."""

    text = N_("This job has ended.")


class JobPaused(Refused):
    """The employer stopped it for now, or its kind of work is switched off."""

    text = N_("This job is paused. Please look again later.")


class NoPlaceFree(Refused):
    """Every place is taken."""

    text = N_("All places are taken right now. One may come back: please look again later.")


class HasPlaceHere(AlreadySo):
    """The member is working on it."""

    text = N_("You already have a place in this job. You find it under My work.")


class DoneBefore(Refused):
    """The member took it as often as it may be taken."""

    text = N_("You did this job already.")


class TooManyReserved(Refused):
    """Enough work in progress."""

    text = N_("You have {count} jobs in progress. Please finish one or give one back first.")


class MayNotWork(Refused):
    """The operator paused this member."""

    text = N_("You can't take jobs right now. Write to us with /paysupport.")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a member already has to do with a job.

    `used` counts their places in it that were not returned and did not expire; `holds` says one of them is reserved
    or submitted; `reserved` counts their reservations in all jobs.
    """

    used: int = 0
    holds: bool = False
    reserved: int = 0


def refusal(job: Job, *, member: Member, standing: Standing, house: House, category_on: bool = True) -> Refused | None:
    """Give the first reason why the member can't take a place now, or None when they can."""
    if job.employer_id == member.id:
        return OwnJob()
    if member.status != "active":
        return MayNotWork()
    if standing.holds:
        return HasPlaceHere()
    if standing.used >= job.per_member:
        return DoneBefore()
    if job.status in (JobStatus.CLOSED, JobStatus.DRAFT):
        return JobOver()
    if job.status is JobStatus.PAUSED or not category_on:
        return JobPaused()
    if job.status is JobStatus.FILLED or job.free_slots == 0:
        return NoPlaceFree()
    if standing.reserved >= house.live_reservations:
        return TooManyReserved(count=standing.reserved)
    return None
