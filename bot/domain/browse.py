"""Where a member stands in the lists of jobs: shelf, order and place, small enough for a button.

    shelf   a category's id, or ALL, or HIGH          order   newest | highest | lowest
    place   "" the first page · ">key.id" what follows a job · "<key.id" what comes before it

A place names the job at a page's edge, not a page number: lists never repeat or skip a job while others appear.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.errors import Refused
from bot.domain.job import Job

ALL = "*"
HIGH = "+"
PAGE_SIZE = 8
#: Counts above this are shown as "500+": counting on would cost more than anybody learns from it.
COUNT_CAP = 500
#: The High-paying shelf sorts its this many best-paid jobs by date.
NEWEST_OF_BEST = 500
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_HIGHEST_NUMBER = 2**63 - 1


class Sort(StrEnum):
    """The order of a list."""

    NEWEST = "n"
    HIGHEST = "h"
    LOWEST = "l"


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in a list beside the job with this sort key and id; `back` looks towards the list's start."""

    key: int
    id: int
    back: bool = False

    def pack(self) -> str:
        """Give the place as at most 29 characters."""
        return f"{'<' if self.back else '>'}{_in_base_36(self.key)}.{_in_base_36(self.id)}"


def read_place(packed: str) -> Place | None:
    """Read a packed place; "" and what is no place mean the first page."""
    key, dot, job_id = packed[1:].partition(".")
    if packed[:1] not in ("<", ">") or not dot:
        return None
    try:
        place = Place(_from_base_36(key), _from_base_36(job_id), packed[0] == "<")
    except ValueError:
        return None
    return place if place.key <= _HIGHEST_NUMBER and place.id <= _HIGHEST_NUMBER else None


def read_sort(value: str, *, shelf: str, settings: dict[str, Any]) -> Sort:
    """Give the order a button names, else the remembered one, else the shelf's usual one."""
    for candidate in (value, settings.get("sort")):
        if candidate in set(Sort):
            return Sort(candidate)
    return Sort.HIGHEST if shelf == HIGH else Sort.NEWEST


@dataclass(frozen=True, slots=True)
class JobLine:
    """What a list shows of a job."""

    id: int
    title: str
    reward: int
    minutes: int
    free_slots: int
    published_at: datetime

    @property
    def reward_per_hour(self) -> int:
        """Units an hour by the employer's estimate of the minutes."""
        return self.reward * 60 // self.minutes


@dataclass(frozen=True, slots=True)
class JobPage:
    """One page of a list. `place` is its own; `next` and `previous` are those of its neighbours, if any."""

    shelf: str
    sort: Sort
    place: str
    jobs: tuple[JobLine, ...]
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class Shelves:
    """How many jobs a member may take now: by category in their order, and high-paying (at most COUNT_CAP)."""

    categories: tuple[tuple[str, int], ...]
    high: int

    @property
    def total(self) -> int:
        """How many in all categories."""
        return sum(jobs for _, jobs in self.categories)


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as somebody who might take it sees it.

    `finished` counts paid places; `approved` and `rejected` what its employer decided in all their jobs; `refusal`
    is the first reason why this member can't take a place now.
    """

    job: Job
    finished: int
    approved: int
    rejected: int
    refusal: Refused | None


def _in_base_36(number: int) -> str:
    assert number >= 0, "keys and ids are not negative"
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
        if number == 0:
            return digits


def _from_base_36(digits: str) -> int:
    """Read it strictly.

    Raises:
        ValueError: it is empty, long or holds anything else (signs, spaces, other scripts' digits).
    """
    if not 1 <= len(digits) <= 13 or any(digit not in _DIGITS for digit in digits):
        raise ValueError(digits)
    return int(digits, 36)
