"""A place in a job while its member has it: its time, its one extension, giving it back, and the refusals.

    apply ──► reserved ──(proof sent)──► submitted
                 │ ├─ +5 minutes, once
                 │ ├─ given back ──► returned
                 │ └─ time over  ──► expired      (by the tick: until then the place can still be used)
                 └─ a fix round is reserved again with a time of its own, and no extension

Whether somebody may take a place at all is decided in bot/domain/eligibility.py.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.assignment import Assignment, AssignmentStatus, Submission
from bot.domain.errors import N_, AlreadySo, NotAllowed, Refused, Stale
from bot.domain.job import Job

#: How long a place is held for somebody who has yet to give country and terms.
SIGN_UP_HOLD = timedelta(minutes=3)
#: The warning comes when one fifth of the time is left.
WARN_LAST_PART = 5
#: Shorter reservations get no warning: it would come with the place itself.
WARN_FROM = timedelta(minutes=5)


_PLACE = "place:"


def place_topic(assignment_id: int) -> str:
    """Name the message that is the card of a place while its member works on it."""
    return f"{_PLACE}{assignment_id}"


def place_in(topic: str | None) -> int | None:
    """Give the assignment whose card a topic names, or None when it is about something else."""
    return int(topic[len(_PLACE) :]) if topic is not None and topic.startswith(_PLACE) else None


class SignUpFirst(Refused):
    """One place is held during sign-up, not more."""

    text = N_("A place is already held for you in another job. Please finish signing up first.")


class AlreadyExtended(AlreadySo):
    """The extra minutes are given once."""

    text = N_("You already have your extra minutes for this job.")


class NoExtension(Refused):
    """A fix round has a day."""

    text = N_("There are no extra minutes when you fix your proof.")


class PlaceReturned(AlreadySo):
    """The member gave it back."""

    text = N_("You gave this place back.")


class PlaceExpired(Refused):
    """The time is over and the place belongs to the job again."""

    text = N_("The time for this place is over and it went back to the job. This does not count against you.")


class ProofSent(AlreadySo):
    """It waits for review."""

    text = N_("You already sent the proof for this job. It is waiting for review.")


class AlreadyDecided(Refused):
    """Approved or rejected."""

    text = N_("This work has already been reviewed.")


@dataclass(frozen=True, slots=True)
class Place:
    """One member's place with its job, the reward of its lot in units, and the last proof sent for it."""

    assignment: Assignment
    job: Job
    reward: int
    submission: Submission | None

    @property
    def fixing(self) -> bool:
        """Whether the employer asked to fix the proof and it has not been sent again."""
        return self.assignment.status is AssignmentStatus.RESERVED and self.submission is not None

    @property
    def extendable(self) -> bool:
        """Whether the extra minutes are still to be had."""
        reserved = self.assignment.status is AssignmentStatus.RESERVED
        return reserved and not self.assignment.extended and not self.fixing

    @property
    def live(self) -> bool:
        """Whether proof can be sent, or replaced, for it."""
        return self.assignment.status in (AssignmentStatus.RESERVED, AssignmentStatus.SUBMITTED)

    @property
    def keeps_drafts(self) -> bool:
        """Whether pictures are still kept for it: to be sent, or for the next try when they came too late."""
        return self.live or self.assignment.status is AssignmentStatus.EXPIRED


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One line of a member's own work. `decided_at` and `reason` are those of the last decision."""

    assignment_id: int
    job_id: int
    title: str
    reward: int
    status: AssignmentStatus
    fixing: bool
    deadline_at: datetime
    review_by_at: datetime | None
    decided_at: datetime | None
    paid_at: datetime | None
    reason: str | None


def deadline(job: Job, *, signed_up: bool, now: datetime) -> datetime:
    """Give the end of a reservation made now."""
    return now + (timedelta(minutes=job.time_limit_minutes) if signed_up else SIGN_UP_HOLD)


def confirm(assignment: Assignment, job: Job, *, now: datetime) -> Assignment:
    """Give a place held during sign-up the job's normal time from now on."""
    assert assignment.status is AssignmentStatus.RESERVED
    return replace(assignment, deadline_at=deadline(job, signed_up=True, now=now), version=assignment.version + 1)


def extend(place: Place, *, by: int, version: int, now: datetime, extra: timedelta) -> Assignment:
    """Give the place its extra minutes; when its time is over but it is still held, they count from now.

    Raises:
        NotAllowed, PlaceReturned, PlaceExpired, ProofSent, AlreadyDecided: it is not reserved for this member.
        NoExtension, AlreadyExtended, Stale: it can't have them.
    """
    held = expect_reserved(place.assignment, by=by)
    if place.fixing:
        raise NoExtension
    if held.extended:
        raise AlreadyExtended
    if held.version != version:
        raise Stale
    return replace(held, deadline_at=max(held.deadline_at, now) + extra, extended=True, version=version + 1)


def give_back(assignment: Assignment, *, by: int, version: int) -> Assignment:
    """Give the place returned by its member.

    Raises:
        NotAllowed, PlaceReturned, PlaceExpired, ProofSent, AlreadyDecided: it is not reserved for this member.
        Stale: it changed since the button was drawn.
    """
    held = expect_reserved(assignment, by=by)
    if held.version != version:
        raise Stale
    return replace(held, status=AssignmentStatus.RETURNED, version=version + 1)


def expire(assignment: Assignment, *, now: datetime) -> Assignment:
    """Give the place ended by the clock."""
    assert assignment.status is AssignmentStatus.RESERVED
    assert assignment.deadline_at <= now, "only what is over expires"
    return replace(assignment, status=AssignmentStatus.EXPIRED, version=assignment.version + 1)


def expect_reserved(assignment: Assignment, *, by: int) -> Assignment:
    """Give the place if this member has it and is still working on it.

    Raises:
        NotAllowed, PlaceReturned, PlaceExpired, ProofSent, AlreadyDecided: what it is instead.
    """
    if expect_live(assignment, by=by).status is AssignmentStatus.SUBMITTED:
        raise ProofSent
    return assignment


def expect_live(assignment: Assignment, *, by: int) -> Assignment:
    """Give the place if this member may send or replace proof for it.

    Raises:
        NotAllowed, PlaceReturned, PlaceExpired, AlreadyDecided: what it is instead.
    """
    if assignment.worker_id != by:
        raise NotAllowed
    match assignment.status:
        case AssignmentStatus.RETURNED:
            raise PlaceReturned
        case AssignmentStatus.EXPIRED:
            raise PlaceExpired
        case AssignmentStatus.APPROVED | AssignmentStatus.REJECTED:
            raise AlreadyDecided
        case AssignmentStatus.RESERVED | AssignmentStatus.SUBMITTED:
            return assignment
