"""The tour at the door: kept as it was given when its form is right, told to the page, and never more than data."""

from __future__ import annotations

from typing import Any

import pytest

from bot.demo.tour import tour
from tests.phone import DoorRefusedError, Telegram

STEP = {"person": 1, "say": "Tap it.", "tap": "Go"}
TOUR: dict[str, Any] = {"title": "A tour", "words": "Hello.", "end": "Bye.", "steps": [STEP]}


async def test_a_tour_is_kept_and_can_be_taken_away(tg: Telegram) -> None:
    """There is none at first; what is given is handed out, the last one counts, and it goes again."""
    assert await tg.call("GET", "tour") == {"tour": None}
    await tg.call("POST", "tour", TOUR)
    assert (await tg.call("GET", "tour"))["tour"] == {**TOUR, "opening": []}
    await tg.call("POST", "tour", {**TOUR, "title": "Another"})
    assert (await tg.call("GET", "tour"))["tour"]["title"] == "Another"
    await tg.call("DELETE", "tour")
    assert await tg.call("GET", "tour") == {"tour": None}


async def test_the_demos_tour_has_the_right_form(tg: Telegram) -> None:
    """What the demo gives is taken, and has ten taps."""
    await tg.call("POST", "tour", tour())
    kept = (await tg.call("GET", "tour"))["tour"]
    assert len([step for step in kept["steps"] if "see" not in step]) == 10


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {**TOUR, "title": ""},
        {**TOUR, "steps": []},
        {**TOUR, "steps": "tap"},
        {**TOUR, "steps": [STEP] * 61},
        {**TOUR, "steps": [7]},
        {**TOUR, "steps": [{**STEP, "person": "Ali"}]},
        {**TOUR, "steps": [{**STEP, "send": "/start"}]},
        {**TOUR, "steps": [{"person": 1, "say": "Nothing to do."}]},
        {**TOUR, "steps": [{**STEP, "say": "x" * 601}]},
        {**TOUR, "steps": [{"person": 1, "say": "Send it.", "photo": "https://example.com/x.jpg"}]},
        {**TOUR, "steps": [{**STEP, "until": "words"}]},
        {**TOUR, "steps": [{**STEP, "otherwise": {"see": "x", "steps": [{}]}}]},
        {**TOUR, "opening": [{"person": 1}]},
    ],
)
async def test_a_tour_of_another_form_is_refused(tg: Telegram, wrong: dict[str, Any]) -> None:
    """A tour that the page could not play is a 400 that names what is wrong, and the one before stays."""
    await tg.call("POST", "tour", TOUR)
    with pytest.raises(DoorRefusedError):
        await tg.call("POST", "tour", wrong)
    assert (await tg.call("GET", "tour"))["tour"]["title"] == "A tour"
