"""What happened to one place of a job: taken, done, sent, decided, paid. Each step plans the next."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.demo.catalogue import Idea
from bot.demo.timeline import Timeline
from bot.domain.assignment import Assignment
from bot.domain.house import House
from bot.domain.job import Job
from bot.domain.member import Member
from bot.domain.review import Reason, Verdict
from bot.services import proof, review, work
from storage import submissions
from storage.unit import UnitOfWork

#: What luck means: below the first a place is given back, below the second its proof is rejected.
GIVEN_BACK = 0.04
REJECTED = 0.12
APPROVED = 1.0
PAID_AT_ONCE = 50
#: Reviewed after these hours at the earliest and the latest; all jobs' review time is longer.
REVIEWED_AFTER = (0.3, 22.0)
REJECTIONS = (
    Verdict(Reason.WRONG_ANSWER, "This is not what the page says. Please read it to the end next time."),
    Verdict(Reason.STEPS_MISSING, "The second step is missing."),
    Verdict(Reason.NONSENSE),
    Verdict(Reason.WRONG_PAGE, "That is the start page, not the one in the first step."),
)


@dataclass(slots=True)
class PlannedJob:
    """A job of the past: what it is, whose, since when, done by how many; `job` once it is published."""

    idea: Idea
    employer: Member
    published_at: datetime
    workers: int
    job: Job | None = None

    @property
    def id(self) -> int:
        """The job's id, once it is published."""
        assert self.job is not None, "work begins after publishing"
        return self.job.id


@dataclass(frozen=True, slots=True)
class Shift:
    """One worker's try at one job. `luck` is drawn when it is planned: what the employer will say of it."""

    planned: PlannedJob
    worker: Member
    begins_at: datetime
    length: timedelta
    answers: dict[int, str]
    luck: float
    reviewed_after: timedelta | None

    def put_on(self, timeline: Timeline, *, house: House) -> None:
        """Let it happen."""

        async def begin(uow: UnitOfWork) -> None:
            place = await work.apply(uow, member=self.worker, job_id=self.planned.id, house=house)
            ends_at = uow.now + self.length
            if self.luck < GIVEN_BACK:
                timeline.plan(ends_at, lambda later: self._give_back(later, place))
            else:
                timeline.plan(ends_at, lambda later: self._send(later, place, timeline, house))

        timeline.plan(self.begins_at, begin)

    async def _give_back(self, uow: UnitOfWork, place: Assignment) -> None:
        await work.give_back(uow, member=self.worker, assignment_id=place.id, version=place.version)

    async def _send(self, uow: UnitOfWork, place: Assignment, timeline: Timeline, house: House) -> None:
        sent = await proof.submit(uow, member=self.worker, assignment_id=place.id, answers=self.answers)
        if self.reviewed_after is not None:
            timeline.plan(uow.now + self.reviewed_after, lambda later: self._decide(later, sent.id, timeline, house))

    async def _decide(self, uow: UnitOfWork, submission_id: int, timeline: Timeline, house: House) -> None:
        sent = await submissions.find_submission(uow.tx, submission_id)
        assert sent is not None
        employer = self.planned.employer
        if self.luck <= REJECTED:
            verdict = REJECTIONS[submission_id % len(REJECTIONS)]
            await review.reject(
                uow, submission_id=sent.id, version=sent.version, verdict=verdict, by=employer, house=house
            )
            timeline.plan(uow.now + house.reopen_after, lambda later: _reopen(later, house))
        else:
            await review.approve(uow, submission_id=sent.id, version=sent.version, by=employer, house=house)
            timeline.plan(uow.now + house.undo, lambda later: _pay(later, house))


def draw_shift(
    planned: PlannedJob, worker: Member, chance: random.Random, *, until: datetime, luck: float | None = None
) -> Shift:
    """Draw when and how a worker did a job, so that it was done before `until`."""
    minutes = min(planned.idea.spec.minutes * chance.uniform(0.5, 1.6), planned.idea.spec.time_limit_minutes * 0.9)
    length = timedelta(seconds=round(minutes * 60))
    room = max(until - length - planned.published_at, timedelta(0))
    return Shift(
        planned=planned,
        worker=worker,
        begins_at=planned.published_at + room * chance.uniform(0.02, 0.98),
        length=length,
        answers=planned.idea.answer(chance),
        luck=chance.random() if luck is None else luck,
        reviewed_after=timedelta(hours=chance.uniform(*REVIEWED_AFTER)),
    )


async def _pay(uow: UnitOfWork, house: House) -> None:
    await review.pay_approved(uow, limit=PAID_AT_ONCE, house=house)


async def _reopen(uow: UnitOfWork, house: House) -> None:
    await review.reopen_rejected(uow, limit=PAID_AT_ONCE, house=house)
