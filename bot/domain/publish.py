"""Publishing a job: the draft, what makes it complete, and its price.

    JobDraft (answers so far, any may be missing) ──complete──► JobSpec ──check──► may be published, at its Quote

What each single answer must be is in bot/domain/job_answers.py.
"""

from dataclasses import dataclass

from pydantic import BaseModel

from bot.domain.errors import N_, InvalidInput, Refused
from bot.domain.house import House
from bot.domain.job import PLACES_LIMIT, Category, Job, ProofKind, Requirement
from bot.domain.job_answers import (
    REWARD_LIMIT,
    NotACount,
    RewardTooLow,
    check_photo_count,
    check_times,
    check_words,
    read_proof_text,
    read_title,
)
from bot.domain.money import AmountTooLarge, fee_of


class NoSuchCategory(InvalidInput):
    """Not a category, or one that is off."""

    text = N_("This kind of work is not open for new jobs. Please choose another one.")


class Incomplete(InvalidInput):
    """An answer is still missing."""

    text = N_("Something is still missing. Please answer this first.")


class FundsMissing(Refused):
    """The job costs more than the employer has for jobs."""

    text = N_("You need {amount} more to publish this job. Nothing is lost: add money, then tap Publish again.")


class DraftProof(BaseModel):
    """A proof as typed. `message_id` is the message that said it, so that an edit of it can find it."""

    kind: ProofKind
    count: int = 1
    text: str = ""
    message_id: int | None = None


class DraftSteps(BaseModel):
    """The steps that one message brought."""

    lines: list[str]
    message_id: int | None = None


class JobDraft(BaseModel):
    """The answers so far. `revision` counts its changes, so that a button drawn before a change can be told apart.

    `repeat_next` is the job to start from instead, while its employer is asked whether to drop this draft.
    `minutes` is a guess until they are given.
    """

    token: str
    revision: int = 1
    repeat_next: int | None = None
    category_id: str | None = None
    title: str | None = None
    steps: list[DraftSteps] = []
    steps_done: bool = False
    proofs: list[DraftProof] = []
    proofs_done: bool = False
    adding: DraftProof | None = None
    reward: int | None = None
    places: int | None = None
    minutes: int = 5
    minutes_given: bool = False
    time_limit_minutes: int = 15
    review_days: int = 3

    @property
    def lines(self) -> list[str]:
        """Every step so far, in order."""
        return [line for part in self.steps for line in part.lines]

    @property
    def missing(self) -> str | None:
        """The first answer that is still to be given, in the order of asking, or None."""
        given = {
            "category": self.category_id is not None,
            "title": self.title is not None,
            "steps": self.steps_done and bool(self.lines),
            "proofs": self.proofs_done and bool(self.proofs),
            "reward": self.reward is not None,
            "places": self.places is not None,
        }
        return next((name for name, there in given.items() if not there), None)

    @property
    def begun(self) -> bool:
        """Whether anything was answered that would be a pity to lose."""
        return self.category_id is not None


@dataclass(frozen=True, slots=True)
class JobSpec:
    """A whole job as its employer wants it."""

    category_id: str
    title: str
    steps: tuple[str, ...]
    requirements: tuple[Requirement, ...]
    reward: int
    places: int
    minutes: int
    time_limit_minutes: int
    review_days: int

    @property
    def reward_per_hour(self) -> int:
        """Units an hour by the employer's estimate of the minutes."""
        return self.reward * 60 // self.minutes


@dataclass(frozen=True, slots=True)
class Quote:
    """What a job costs, and what its employer has for it. `fee` is that of one place."""

    reward: int
    fee: int
    places: int
    funds: int = 0
    available: int = 0

    @property
    def total(self) -> int:
        """Reward and fee of every place."""
        return (self.reward + self.fee) * self.places

    @property
    def missing(self) -> int:
        """What the funds lack."""
        return max(0, self.total - self.funds)

    @property
    def earnings_suffice(self) -> bool:
        """Whether the member's own earnings cover what the funds lack."""
        return 0 < self.missing <= self.available

    def split(self, *, use_earnings: bool) -> tuple[int, int]:
        """Give what is taken from funds and what from earnings.

        Raises:
            FundsMissing: it is not enough; the sum that lacks is named.
        """
        from_earnings = self.missing if use_earnings else 0
        if self.missing and from_earnings == 0:
            raise FundsMissing(amount=self.missing)
        if from_earnings > self.available:
            raise FundsMissing(amount=self.missing - self.available)
        return self.total - from_earnings, from_earnings


def complete(draft: JobDraft) -> JobSpec:
    """Give the job a finished draft describes; `check` says whether it may be published.

    Raises:
        Incomplete: an answer is missing.
    """
    if draft.missing is not None:
        raise Incomplete
    assert draft.category_id is not None
    assert draft.title is not None
    assert draft.reward is not None
    assert draft.places is not None
    return JobSpec(
        category_id=draft.category_id,
        title=draft.title,
        steps=tuple(draft.lines),
        requirements=tuple(Requirement(proof.kind, proof.text, proof.count) for proof in draft.proofs),
        reward=draft.reward,
        places=draft.places,
        minutes=draft.minutes,
        time_limit_minutes=draft.time_limit_minutes,
        review_days=draft.review_days,
    )


def check(spec: JobSpec, *, category: Category | None) -> None:
    """See that a job keeps every rule, whoever wrote it.

    Raises:
        InvalidInput: it breaks one.
    """
    if category is None or not category.enabled or category.id != spec.category_id:
        raise NoSuchCategory
    if read_title(spec.title) != spec.title:
        raise Incomplete
    check_words(spec.steps, [requirement.text for requirement in spec.requirements])
    if not spec.steps or not spec.requirements:
        raise Incomplete
    for requirement in spec.requirements:
        read_proof_text(requirement.text)
        check_photo_count(requirement.count)
    check_times(minutes=spec.minutes, time_limit_minutes=spec.time_limit_minutes, review_days=spec.review_days)
    if spec.reward < category.minimum_reward:
        raise RewardTooLow(amount=category.minimum_reward)
    if spec.reward > REWARD_LIMIT:
        raise AmountTooLarge(amount=REWARD_LIMIT)
    if not 1 <= spec.places <= PLACES_LIMIT:
        raise NotACount(minimum=1, maximum=PLACES_LIMIT, example=50)


def quote(reward: int, places: int, *, house: House, funds: int = 0, available: int = 0) -> Quote:
    """Give the price of a job: the fee of a place is rounded up to a unit, so the total is exact."""
    return Quote(
        reward=reward, fee=fee_of(reward, house.employer_fee_bp), places=places, funds=funds, available=available
    )


def draft_of(job: Job | JobSpec, *, token: str, places: int) -> JobDraft:
    """Give a draft with every question answered as in a job: to publish it once more, or for the first time."""
    return JobDraft(
        token=token,
        category_id=job.category_id,
        title=job.title,
        steps=[DraftSteps(lines=list(job.steps))],
        steps_done=True,
        proofs=[DraftProof(kind=r.kind, count=r.count, text=r.text) for r in job.requirements],
        proofs_done=True,
        reward=job.reward,
        places=places,
        minutes=job.minutes,
        minutes_given=True,
        time_limit_minutes=job.time_limit_minutes,
        review_days=job.review_days,
    )
