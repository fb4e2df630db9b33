"""The demo's jobs, read from jobs.toml: texts are written by hand there, prices and places are drawn here."""

import random
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.domain.job import ProofKind, Requirement
from bot.domain.job_answers import time_limit_for
from bot.domain.money import UNIT
from bot.domain.publish import JobSpec

FILE = Path(__file__).parent / "jobs.toml"
CENT = UNIT // 100
REVIEW_DAYS = (1, 2, 2, 3, 3, 3, 5, 7)
#: Workers get about twice the time that the work takes.
LEEWAY = 2
SHORTEST_LIMIT = 10
LONGEST_LIMIT = 90


@dataclass(frozen=True, slots=True)
class Idea:
    """A job that may be published. `answers` holds, proof by proof, what workers may have typed."""

    spec: JobSpec
    language: str
    answers: tuple[tuple[str, ...], ...]

    @property
    def has_past(self) -> bool:
        """Whether workers of the past did it: only jobs without pictures, as nobody took any."""
        return all(requirement.kind is ProofKind.TEXT for requirement in self.spec.requirements)

    def answer(self, chance: random.Random) -> dict[int, str]:
        """Give what one worker typed, by requirement."""
        return {number: chance.choice(options) for number, options in enumerate(self.answers)}


def read_ideas(chance: random.Random) -> list[Idea]:
    """Give every employer's jobs, each once, in a shuffled order that only `chance` decides."""
    ideas = _read("job", chance)
    chance.shuffle(ideas)
    return ideas


def read_own(chance: random.Random) -> list[Idea]:
    """Give the jobs of the employer who has a phone: first the one with a picture."""
    return _read("own", chance)


def read_draft(chance: random.Random) -> Idea:
    """Give the job that the employer who has a phone has not published yet."""
    return _read("draft", chance)[0]


def _read(table: str, chance: random.Random) -> list[Idea]:
    with FILE.open("rb") as file:
        kinds: list[dict[str, Any]] = tomllib.load(file)[table]
    return [_idea(kind, fill, chance) for kind in kinds for fill in kind["fills"]]


def _idea(kind: dict[str, Any], fill: dict[str, str], chance: random.Random) -> Idea:
    minutes: int = kind["minutes"]
    spec = JobSpec(
        category_id=kind["category"],
        title=kind["title"].format(**fill),
        steps=tuple(step.format(**fill) for step in kind["steps"]),
        requirements=tuple(read_requirement(proof.format(**fill)) for proof in kind["proofs"]),
        reward=_reward(kind["reward"], chance),
        places=_places(kind["places"], chance),
        minutes=minutes,
        time_limit_minutes=time_limit_for(minutes, chosen=_time_limit(minutes)),
        review_days=chance.choice(REVIEW_DAYS),
    )
    return Idea(spec, kind.get("language", "en"), tuple(tuple(options) for options in kind.get("answers", ())))


def read_requirement(line: str) -> Requirement:
    """Read "photo: what", "photo 3: what" or "text: what"."""
    head, _, text = line.partition(": ")
    kind, _, count = head.partition(" ")
    return Requirement(ProofKind(kind), text, int(count or 1))


def _reward(bounds: Sequence[str], chance: random.Random) -> int:
    """Draw a price as people set them: small ones in cents, from 25 cents on in multiples of five."""
    least, most = (int(Decimal(bound) * 100) for bound in bounds)
    step = 1 if least < 25 else 5
    return chance.randrange(-(-least // step) * step, most + 1, step) * CENT


def _places(bounds: Sequence[int], chance: random.Random) -> int:
    step = 10 if bounds[0] >= 20 else 1
    return chance.randrange(bounds[0], bounds[1] + 1, step)


def _time_limit(minutes: int) -> int:
    return time_limit_for(min(minutes * LEEWAY, LONGEST_LIMIT), chosen=SHORTEST_LIMIT)
