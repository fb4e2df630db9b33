"""Proof: what a picture or an answer has to be, when a proof is complete, and what is doubtful about it.

Everything sent for a place is in one list of pictures: those already with its submission, and those of the draft. New
pictures of a requirement take the place of the earlier ones of the same requirement, not of the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from bot.domain.assignment import Proof
from bot.domain.errors import N_, InvalidInput, Refused
from bot.domain.job import PHOTOS_LIMIT, ProofKind, Requirement
from bot.domain.text import clean_lines, shown_length

ANSWER_LIMIT = 1_000  # characters of a text answer
DOWNLOAD_LIMIT = 20_000_000  # bytes; what Telegram lets a bot download
SMALL_SIDE = 300  # pixels; a picture whose long side is shorter is hard to read
PICTURE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp"})


class Trouble(StrEnum):
    """Why a picture was not kept as it was sent."""

    TOO_BIG = "too_big"
    TOO_MANY = "too_many"
    WRONG_KIND = "wrong_kind"
    USED_BEFORE = "used_before"
    SENT_TWICE = "sent_twice"


class Unreadable(StrEnum):
    """Why a picture could not be stored. A closed list, kept with its row."""

    BROKEN = "broken"
    NO_PICTURE = "no_picture"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_BIG = "too_big"
    GONE = "gone"
    USED_BEFORE = "used_before"


class AnswerEmpty(InvalidInput):
    """Only blanks."""

    text = N_("Please type a few words.")


class AnswerTooLong(InvalidInput):
    """A text above ANSWER_LIMIT."""

    text = N_("Please keep it under {limit} characters. Yours has {length}.")


class PictureWanted(InvalidInput):
    """A sticker, voice message, video, words or another file where a picture is asked for."""

    text = N_("Here I need a photo or a screenshot. Please tap 📎 and choose a picture.")


class PicturesComplete(InvalidInput):
    """Words or something else where every picture asked for has come."""

    text = N_("I have all the pictures I need here. Tap “Done with photos” to go on.")


class WordsWanted(InvalidInput):
    """A picture or something else where words are asked for."""

    text = N_("Here I need your answer in words. Please type it.")


class ChangeFirst(InvalidInput):
    """A picture sent while the proof is being checked."""

    text = N_("To change something, please tap Change below first.")


class ProofIncomplete(Refused):
    """Something asked for is missing."""

    text = N_("Number {number} of the proof is still missing.")


@dataclass(frozen=True, slots=True)
class SentPicture:
    """A picture as a message brought it: the largest size, or the file."""

    kind: str
    file_id: str
    file_unique_id: str
    size: int
    width: int | None = None
    height: int | None = None
    media_group_id: str | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """A picture that was re-encoded and stored. `path` is below the proofs folder."""

    path: PurePosixPath
    sha256: str
    pixels_sha256: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures that count for a proof, by requirement, and the drafts that could not be read."""

    kept: Mapping[int, Sequence[Proof]]
    drafted: Mapping[int, int]
    unreadable: Mapping[int, int]

    def of(self, requirement: int) -> Sequence[Proof]:
        """Give the pictures of one requirement."""
        return self.kept.get(requirement, ())

    @property
    def all(self) -> list[Proof]:
        """Give all pictures in the order they are shown."""
        return [picture for requirement in sorted(self.kept) for picture in self.kept[requirement]]

    @property
    def drafts(self) -> int:
        """How many pictures wait to be sent with the proof."""
        return sum(self.drafted.values())


def gather(proofs: Sequence[Proof]) -> Pictures:
    """Sort the pictures of a place: per requirement the draft's if there are any, else those already sent."""
    kept: dict[int, list[Proof]] = {}
    drafted: dict[int, int] = {}
    unreadable: dict[int, int] = {}
    for requirement in {proof.requirement for proof in proofs}:
        mine = [proof for proof in proofs if proof.requirement == requirement]
        drafts = [proof for proof in mine if proof.submission_id is None]
        good = [proof for proof in drafts if proof.status in ("new", "stored")]
        sent = [proof for proof in mine if proof.submission_id is not None and proof.status in ("new", "stored")]
        kept[requirement] = good or sent
        drafted[requirement] = len(good)
        unreadable[requirement] = sum(proof.status == "refused" for proof in drafts)
    return Pictures(kept, drafted, unreadable)


def check_picture(picture: SentPicture, *, mime_type: str | None) -> Trouble | None:
    """Say what is wrong with a picture from its message alone, or None."""
    if picture.kind == "document" and mime_type not in PICTURE_TYPES:
        return Trouble.WRONG_KIND
    return Trouble.TOO_BIG if picture.size > DOWNLOAD_LIMIT else None


def read_answer(text: str) -> str:
    """Read a typed answer: its lines stay, invisible marks and empty lines go.

    Raises:
        AnswerEmpty, AnswerTooLong: it can't be used.
    """
    answer = "\n".join(clean_lines(text))
    if not answer:
        raise AnswerEmpty
    if shown_length(answer) > ANSWER_LIMIT:
        raise AnswerTooLong(limit=ANSWER_LIMIT, length=shown_length(answer))
    return answer


def is_met(number: int, requirement: Requirement, pictures: Pictures, answers: Mapping[int, str]) -> bool:
    """Whether a requirement has all that it asks for."""
    if requirement.kind is ProofKind.TEXT:
        return bool(answers.get(number))
    return len(pictures.of(number)) >= min(requirement.count, PHOTOS_LIMIT)


def first_missing(requirements: Sequence[Requirement], pictures: Pictures, answers: Mapping[int, str]) -> int | None:
    """Give the first requirement that is not met, or None when the proof is complete."""
    for number, requirement in enumerate(requirements):
        if not is_met(number, requirement, pictures, answers):
            return number
    return None


def is_small(picture: Proof) -> bool:
    """Whether a picture is so small that an employer will hardly read it."""
    if picture.width is None or picture.height is None:
        return False
    return max(picture.width, picture.height) < SMALL_SIDE
