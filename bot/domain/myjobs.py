"""A published job in its employer's hands: what may be done with it when, and the figures it is shown with."""

from dataclasses import dataclass, field

from bot.domain.errors import N_, AlreadySo, NotAllowed, Stale
from bot.domain.job import Job, JobStatus


class AlreadyPaused(AlreadySo):
    """Paused twice."""

    text = N_("This job is already paused.")


class AlreadyOpen(AlreadySo):
    """Resumed twice."""

    text = N_("This job is already open.")


class AlreadyClosed(AlreadySo):
    """Nothing more can be done with a closed job."""

    text = N_("This job is already closed.")


class PlacesChanged(Stale):
    """Places were taken or came back since the sum to be refunded was shown."""

    text = N_("Places were taken or came back in the meantime, so the sum has changed. Please look again.")


@dataclass(frozen=True, slots=True)
class JobTally:
    """A job with its places and its work counted, as its employer sees it. `work` counts assignments by status."""

    job: Job
    slots: int
    taken: int
    paid: int
    released: int
    waiting: int
    refund: int = 0
    spent: int = 0
    refunded: int = 0
    escrow: int = 0
    work: dict[str, int] = field(default_factory=dict)

    @property
    def free(self) -> int:
        """How many places nobody has."""
        return self.slots - self.taken - self.paid - self.released


def pause(job: Job | None, *, by: int, version: int) -> Job:
    """Give the job back if this member may pause it as they saw it.

    Raises:
        NotAllowed: there is no such job, or it is somebody else's.
        AlreadyPaused, AlreadyClosed, Stale: it moved on.
    """
    job = _own(job, by)
    if job.status is JobStatus.PAUSED:
        raise AlreadyPaused
    return _as_seen(job, JobStatus.OPEN, version)


def resume(job: Job | None, *, by: int, version: int) -> tuple[Job, JobStatus]:
    """Give the paused job back and the status it goes on with: filled when no place is free.

    Raises:
        NotAllowed: there is no such job, or it is somebody else's.
        AlreadyOpen, AlreadyClosed, Stale: it moved on.
    """
    job = _own(job, by)
    if job.status in (JobStatus.OPEN, JobStatus.FILLED):
        raise AlreadyOpen
    _as_seen(job, JobStatus.PAUSED, version)
    return job, JobStatus.OPEN if job.free_slots else JobStatus.FILLED


def close(job: Job | None, *, by: int, version: int, free: int) -> Job:
    """Give the job back if this member may close it as they saw it, with as many free places as they were shown.

    Raises:
        NotAllowed: there is no such job, or it is somebody else's.
        AlreadyClosed, Stale, PlacesChanged: it moved on.
    """
    job = _own(job, by)
    _as_seen(job, job.status, version)
    if job.free_slots != free:
        raise PlacesChanged
    return job


def _own(job: Job | None, by: int) -> Job:
    if job is None or job.employer_id != by or job.status is JobStatus.DRAFT:
        raise NotAllowed
    return job


def _as_seen(job: Job, status: JobStatus, version: int) -> Job:
    if job.status is JobStatus.CLOSED:
        raise AlreadyClosed
    if job.status is not status or job.version != version:
        raise Stale
    return job
