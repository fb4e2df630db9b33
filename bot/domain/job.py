"""A job: a piece of paid work as its employer published it, its places and its price.

draft ──fund and publish──► open ⇄ paused
                              │ last place taken ⇄ a place came back
                              ▼
                            filled ──► closed (by the employer, or when every place is paid or released)
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

TITLE_LIMIT = 80
STEPS_LIMIT = 15
STEP_LIMIT = 300
REQUIREMENTS_LIMIT = 6
PHOTOS_LIMIT = 10
PLACES_LIMIT = 10_000
#: Steps and proofs together, so that a job is one message with its heading and price.
WORDS_LIMIT = 2_600


class JobStatus(StrEnum):
    """Where a job is in its life."""

    DRAFT = "draft"
    OPEN = "open"
    PAUSED = "paused"
    FILLED = "filled"
    CLOSED = "closed"


class ProofKind(StrEnum):
    """What a proof requirement asks for."""

    PHOTO = "photo"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One proof a job asks for: `count` photos, or one text answer."""

    kind: ProofKind
    text: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of work. Amounts in units; `forbidden` ones are off because Telegram's rules forbid them."""

    id: str
    position: int
    enabled: bool
    forbidden: bool
    minimum_reward: int


@dataclass(frozen=True, slots=True)
class Lot:
    """The places of one price in a job. `taken` ones wait for work or a decision; the rest is free."""

    id: int
    job_id: int
    reward: int
    fee: int
    slots: int
    taken: int
    paid: int
    released: int

    @property
    def free(self) -> int:
        """How many places nobody has."""
        return self.slots - self.taken - self.paid - self.released

    @property
    def cost(self) -> int:
        """What one place costs its employer: reward and fee."""
        return self.reward + self.fee


@dataclass(frozen=True, slots=True)
class Job:
    """A job as stored. `reward` and `fee` are those of its newest lot, in units."""

    id: int
    token: str
    employer_id: int
    category_id: str
    title: str
    steps: tuple[str, ...]
    requirements: tuple[Requirement, ...]
    language: str
    reward: int
    fee: int
    minutes: int
    time_limit_minutes: int
    review_days: int
    per_member: int
    status: JobStatus
    free_slots: int
    version: int
    created_at: datetime
    published_at: datetime | None
    closed_at: datetime | None

    @property
    def reward_per_hour(self) -> int:
        """Units an hour by the employer's estimate of the minutes."""
        return self.reward * 60 // self.minutes
