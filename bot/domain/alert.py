"""Alerts: who hears of a new job. A subscriber's own minimum decides what is high-paying.

job published ──match──► delivery due ──► sent, and edited once when the job is full
                                     └──► skipped (expired, job full, not for this member any more)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.errors import N_, InvalidInput
from bot.domain.job import Job
from bot.domain.money import UNIT

ALERT_LIFE = timedelta(hours=6)  # later than this an alert is no news
CAP_WINDOW = timedelta(hours=24)  # what "a day" of alerts means
MUTE = timedelta(hours=8)
MINIMUM_CHOICES: tuple[int, ...] = (UNIT // 2, UNIT, 2 * UNIT, 5 * UNIT)


class UnknownCategory(InvalidInput):
    """A category that is gone or switched off."""

    text = N_("This kind of work is not there any more.")


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a member wants to hear of. `categories` empty means all; amounts in units."""

    member_id: int
    enabled: bool
    minimum_reward: int
    categories: tuple[str, ...] = ()
    muted_until_at: datetime | None = None

    def is_muted(self, *, now: datetime) -> bool:
        """Whether the member asked for silence now."""
        return self.muted_until_at is not None and now < self.muted_until_at


@dataclass(frozen=True, slots=True)
class Reader:
    """A subscriber as the matching sees them."""

    subscription: Subscription
    reachable: bool
    active: bool


def wants(reader: Reader, job: Job, *, now: datetime) -> bool:
    """Say whether a job is worth an alert to this subscriber, caps aside."""
    wish = reader.subscription
    return (
        wish.enabled
        and reader.reachable
        and reader.active
        and not wish.is_muted(now=now)
        and wish.member_id != job.employer_id
        and wish.minimum_reward <= job.reward
        and (not wish.categories or job.category_id in wish.categories)
    )


def toggled(categories: Sequence[str], category_id: str, *, on: bool) -> tuple[str, ...]:
    """Give the chosen categories with one more or one less, in a stable order."""
    return tuple(sorted({*categories, category_id} if on else {*categories} - {category_id}))


def first_reader(job_id: int, highest_member_id: int) -> int:
    """Give the member id at which a job's round of alerts begins, so that nobody is always first.

    The round goes up from here and ends just before it. The multiplier is Knuth's for spreading consecutive numbers.
    """
    return 1 + (job_id * 2_654_435_761 & 0xFFFF_FFFF) * highest_member_id // 2**32 if highest_member_id else 1
