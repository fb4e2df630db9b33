"""The answer to a tap over real HTTP: tried once more when it may be lost, never when it arrived."""

from typing import Any

import pytest

from tests.engines import rows as rows_of
from tests.phone import Phone, Telegram
from tests.spine.sample import Sample
from tests.waiting import eventually

ANSWER = "answerCallbackQuery"


@pytest.fixture
async def ali(bot: Sample, telegram: Telegram) -> Phone:
    """Give somebody whose next tap is refused in an alert."""
    phone = await telegram.person("Ali", language_code="en", role="worker")
    await phone.send("/start")
    for n in range(3):
        await phone.wait_for(f"Counter: {n}")
        await phone.press("More")
    await phone.wait_for("Receipt 3")
    return phone


async def _settled(bot: Sample) -> None:
    async def all_answered() -> bool:
        async with bot.database.read() as tx:
            rows = await rows_of(tx, "SELECT DISTINCT status FROM inbox")
        return [tuple(row) for row in rows] == [("answered",)]

    await eventually(all_answered, "all answered")


async def _answers(telegram: Telegram) -> list[bool]:
    return [call["ok"] for call in await telegram.traffic(method=ANSWER)][3:]


@pytest.mark.parametrize(
    ("kind", "fields", "answers"),
    [
        ("refuse", {}, [True]),
        ("drop_before", {}, [True]),
        ("http500", {}, [True]),
        ("flood", {"retry_after": 1}, [False, True]),
        ("drop_after", {}, [True, False]),
        ("cut_json", {}, [True, False]),
    ],
)
async def test_an_answer_that_may_be_lost_is_tried_once_more(
    bot: Sample, telegram: Telegram, ali: Phone, kind: str, fields: dict[str, Any], answers: list[bool]
) -> None:
    """Proves that a tap is answered although its answer met trouble, and that its words don't come a second time."""
    before = len(await ali.chat())
    await telegram.fault(kind, method=ANSWER, count=1, **fields)
    alert = await ali.press("More")
    assert alert.alert
    assert alert.text
    await _settled(bot)
    assert await _answers(telegram) == answers
    assert len(await ali.chat()) == before


async def test_an_answer_that_arrived_is_not_repeated(bot: Sample, telegram: Telegram, ali: Phone) -> None:
    """Proves that without trouble there is one answer a tap."""
    await ali.press("More")
    await _settled(bot)
    assert await _answers(telegram) == [True]


async def test_an_answer_held_up_for_long_comes_in_words(bot: Sample, telegram: Telegram, ali: Phone) -> None:
    """Proves that what was to flash up is a message when Telegram wants a longer pause than a tap can wait."""
    await telegram.fault("flood", method=ANSWER, count=1, retry_after=30)
    await ali.tap("More")
    await ali.wait_for("Three is enough")
    await _settled(bot)
    assert await _answers(telegram) == [False]
