"""What each answer of the publishing wizard must be: text in, a checked value out, or a kind refusal."""

import re
import unicodedata
from collections.abc import Sequence

from bot.domain.errors import N_, InvalidInput
from bot.domain.job import PHOTOS_LIMIT, REQUIREMENTS_LIMIT, STEP_LIMIT, STEPS_LIMIT, TITLE_LIMIT, WORDS_LIMIT, Category
from bot.domain.money import UNIT, currency_decimals, parse_amount
from bot.domain.text import clean_line, clean_lines, shown_length

REWARD_LIMIT = 1_000 * UNIT
PROOF_TEXT_LIMIT = 200
TIME_LIMITS = (5, 10, 15, 20, 30, 45, 60, 90)  # minutes a worker may have
REVIEW_DAYS = tuple(range(1, 15))
MINUTES_LIMIT = TIME_LIMITS[-1]

_COUNT = re.compile(r"\d+|\d{1,3}(?:([,.' \u00a0\u202f\u2019])\d{3})(?:\1\d{3})*")
_NUMBERING = re.compile(r"(?:\d{1,2}\s*[.):]\s+|[-*•–]\s+)(?=\S)")


class TitleMissing(InvalidInput):
    """Nothing visible was typed."""

    text = N_("I see no words in that. Please type a short title, for example: Visit a page and send a photo")


class TitleTooLong(InvalidInput):
    """More than fits a line."""

    text = N_("A title has at most {limit} characters. Yours has {length}. Please make it shorter.")


class StepsMissing(InvalidInput):
    """Nothing visible was typed."""

    text = N_("I see no steps in that. Please type each step on its own line.")


class StepTooLong(InvalidInput):
    """One step is more than a worker reads."""

    text = N_("Step {number} has {length} characters; a step has at most {limit}. Please split it or make it shorter.")


class TooManySteps(InvalidInput):
    """More steps than a job has."""

    text = N_("A job has at most {limit} steps. With these it would have {count}. I kept the ones from before.")


class TooManyWords(InvalidInput):
    """Steps and proofs together would not fit the card that workers read."""

    text = N_("All steps and proofs together have at most {limit} characters. That would be {length}.")


class ProofTextMissing(InvalidInput):
    """Nothing visible was typed."""

    text = N_("I see no words in that. Please type what the proof must be, for example: The page with your name")


class ProofTextTooLong(InvalidInput):
    """More than one proof needs to say."""

    text = N_("Please say it in at most {limit} characters. That has {length}.")


class TooManyProofs(InvalidInput):
    """More proofs than a job asks for."""

    text = N_("A job asks for at most {limit} proofs.")


class PhotoCountOut(InvalidInput):
    """A proof is one to ten photos."""

    text = N_("One proof can be 1 to {limit} photos.")


class RewardTooLow(InvalidInput):
    """Below the least that this category pays."""

    text = N_("For this kind of work a place pays at least {amount}. Please type that or more.")


class NotACount(InvalidInput):
    """Not a whole number in the range asked for."""

    text = N_("Please type a whole number from {minimum} to {maximum}, for example {example}.")


class TimeLimitOut(InvalidInput):
    """Workers get one of the lengths on the buttons, and not less than the work takes."""

    text = N_("Workers can have 5 to 90 minutes, and not less than the job takes.")


class ReviewDaysOut(InvalidInput):
    """Reviewing takes one day to two weeks."""

    text = N_("You can take 1 to 14 days to review a proof.")


def read_title(text: str) -> str:
    """Give the title somebody typed.

    Raises:
        TitleMissing, TitleTooLong: as they say.
    """
    title = clean_line(text)
    if not title:
        raise TitleMissing
    if len(title) > TITLE_LIMIT:
        raise TitleTooLong(limit=TITLE_LIMIT, length=len(title))
    return title


def read_steps(text: str) -> list[str]:
    """Give the steps somebody typed, one a line; numbers and dashes in front go, the card numbers them itself.

    Raises:
        StepsMissing, StepTooLong: as they say.
    """
    steps = [line[numbering.end() :] if (numbering := _NUMBERING.match(line)) else line for line in clean_lines(text)]
    if not steps:
        raise StepsMissing
    _check_length(steps)
    return steps


def read_proof_text(text: str) -> str:
    """Give what somebody typed that a proof must be.

    Raises:
        ProofTextMissing, ProofTextTooLong: as they say.
    """
    wanted = clean_line(text)
    if not wanted:
        raise ProofTextMissing
    if len(wanted) > PROOF_TEXT_LIMIT:
        raise ProofTextTooLong(limit=PROOF_TEXT_LIMIT, length=len(wanted))
    return wanted


def read_reward(text: str, *, category: Category, currency: str) -> int:
    """Give the reward of one place somebody typed, in units.

    Raises:
        InvalidInput: it can't be read, or is too much; RewardTooLow below the category's minimum.
    """
    reward = parse_amount(text, currency=currency, decimals=currency_decimals(currency), maximum=REWARD_LIMIT)
    if reward < category.minimum_reward:
        raise RewardTooLow(amount=category.minimum_reward)
    return reward


def read_count(text: str, *, minimum: int, maximum: int, example: int) -> int:
    """Give the whole number somebody typed, in any script's digits.

    Raises:
        NotACount: it is none, or out of range.
    """
    plain = "".join(str(unicodedata.decimal(c, c)) for c in clean_line(text[:40]))
    if _COUNT.fullmatch(plain):
        number = int("".join(c for c in plain if c.isdigit()))
        if minimum <= number <= maximum:
            return number
    raise NotACount(minimum=minimum, maximum=maximum, example=example)


def check_words(steps: Sequence[str], proofs: Sequence[str]) -> None:
    """See that steps and proofs are few and short enough for one card.

    Raises:
        TooManySteps, StepTooLong, TooManyProofs, TooManyWords: as they say.
    """
    if len(steps) > STEPS_LIMIT:
        raise TooManySteps(limit=STEPS_LIMIT, count=len(steps))
    if len(proofs) > REQUIREMENTS_LIMIT:
        raise TooManyProofs(limit=REQUIREMENTS_LIMIT)
    _check_length(steps)
    length = sum(map(shown_length, (*steps, *proofs)))
    if length > WORDS_LIMIT:
        raise TooManyWords(limit=WORDS_LIMIT, length=length)


def check_photo_count(count: int) -> int:
    """Give the number of photos of one proof back.

    Raises:
        PhotoCountOut: not 1 to 10.
    """
    if not 1 <= count <= PHOTOS_LIMIT:
        raise PhotoCountOut(limit=PHOTOS_LIMIT)
    return count


def time_limit_for(minutes: int, *, chosen: int) -> int:
    """Give the time a worker gets: what was chosen, or the next longer choice when the work takes more."""
    return chosen if chosen >= minutes else next(limit for limit in TIME_LIMITS if limit >= minutes)


def check_times(*, minutes: int, time_limit_minutes: int, review_days: int) -> None:
    """See that the three times of a job fit the rules and each other.

    Raises:
        NotACount, TimeLimitOut, ReviewDaysOut: as they say.
    """
    if not 1 <= minutes <= MINUTES_LIMIT:
        raise NotACount(minimum=1, maximum=MINUTES_LIMIT, example=5)
    if time_limit_minutes not in TIME_LIMITS or time_limit_minutes < minutes:
        raise TimeLimitOut
    if review_days not in REVIEW_DAYS:
        raise ReviewDaysOut


def _check_length(steps: Sequence[str]) -> None:
    for number, step in enumerate(steps, start=1):
        if len(step) > STEP_LIMIT:
            raise StepTooLong(number=number, length=len(step), limit=STEP_LIMIT)
