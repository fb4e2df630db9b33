"""The tour: what a newcomer is shown, step by step. Whoever starts the emulator gives it; here only its form is known.

The page plays it: see docs/EMULATOR.md, "The tour".
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.emulator.door.asking import Asking, body_of, number_of
from bot.emulator.errors import DoorError
from bot.emulator.world import Json, World

#: What a step does: tap a button, send a text or a picture, look at a message.
ACTIONS = ("tap", "send", "photo", "see")
MAX_STEPS = 60
MAX_DEPTH = 2
MAX_WORDS = 600


class Tour(Asking):
    """The calls that keep the tour and hand it to the page. It is not part of the state file."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.kept: Json | None = None

    async def show(self, request: web.Request) -> Json:
        return {"tour": self.kept}

    async def keep(self, request: web.Request) -> Json:
        tour = await body_of(request)
        for name in ("title", "words", "end"):
            _expect_words(tour, name)
        for text in tour.setdefault("opening", []):
            number_of(_object(text, "opening").get("person"), "person")
            _expect_words(text, "text")
        _check_steps(tour.get("steps"), depth=0)
        self.kept = tour
        self.world.tell({"type": "tour"})
        return {}

    async def forget(self, request: web.Request) -> Json:
        self.kept = None
        self.world.tell({"type": "tour"})
        return {}


def _check_steps(steps: Any, *, depth: int) -> None:
    """Check the form of the steps, and of those of their other ways.

    Raises: DoorError 400.
    """
    if not isinstance(steps, list) or len(steps) > MAX_STEPS or depth > MAX_DEPTH or not (steps or depth):
        raise DoorError(400, f"steps must be a list of 1 to {MAX_STEPS}")
    for step in steps:
        number_of(_object(step, "a step").get("person"), "person")
        _expect_words(step, "say")
        if sum(action in step for action in ACTIONS) != 1:
            raise DoorError(400, f"a step must have one of {', '.join(ACTIONS)}")
        if "photo" not in step:
            _expect_words(step, next(action for action in ACTIONS if action in step))
        elif not str(step["photo"]).startswith("data:image/"):
            raise DoorError(400, "photo must be a data: address of an image")
        if "until" in step:
            _expect_words(_object(step["until"], "until"), "see")
        if "otherwise" in step:
            other = _object(step["otherwise"], "otherwise")
            _expect_words(other, "see")
            _check_steps(other.setdefault("steps", []), depth=depth + 1)


def _object(value: Any, name: str) -> Json:
    if not isinstance(value, dict):
        raise DoorError(400, f"{name} must be an object")
    return value


def _expect_words(holder: Json, name: str) -> None:
    words = holder.get(name)
    if not isinstance(words, str) or not 0 < len(words) <= MAX_WORDS:
        raise DoorError(400, f"{name} must be a text of at most {MAX_WORDS} characters")
