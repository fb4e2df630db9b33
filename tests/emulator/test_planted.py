"""The sample bot does nothing wrong; with a mistake planted in it, the emulator refuses it by the rule's words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.emulator.running import running
from tests.emulator.rawbot import RawBot
from tests.emulator.rulebook import RULES
from tests.emulator.rulebook.record import Rule
from tests.emulator.rulebook.stage import Stage
from tests.emulator.sample_bot import COMMANDS, PRESSED, TOKEN, Plant, SampleBot, sample_bot
from tests.phone import Telegram

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOT_ID = int(TOKEN.partition(":")[0])


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def door() -> AsyncIterator[Telegram]:
    """Give the door of one emulator for all mistakes."""
    async with running(port=0, limits=False) as address, Telegram(address) as telegram:
        yield telegram


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def sample(door: Telegram) -> AsyncIterator[SampleBot]:
    """Give the running bot."""
    async with sample_bot(door.base_url) as sample:
        yield sample


@pytest_asyncio.fixture(loop_scope="module")
async def stage(door: Telegram, sample: SampleBot) -> AsyncIterator[Stage]:
    """Give a new person who has written to the bot, and the same bot without its library for what a mistake needs."""
    async with aiohttp.ClientSession() as session:
        phone = await door.person("Ali", bot=BOT_ID)
        await phone.send("/start")
        yield Stage(door, RawBot(session, door.base_url, TOKEN), phone)


async def _refused(door: Telegram, after: int) -> list[dict[str, Any]]:
    return [call for call in await door.traffic(after=after) if not call["ok"]]


async def _lead_to(stage: Stage, rule: Rule) -> None:
    """Have the person do what leads the bot to the call the mistake is in."""
    method = rule.good.method
    for command, (_, methods) in COMMANDS.items():
        if method in methods.split():
            await stage.phone.send(f"/{command}")
            return
    if method in PRESSED:
        await stage.phone.send("/hello")
        await stage.phone.wait_for("Hello")
        await stage.phone.tap("Go")
    else:
        await stage.phone.send("/start" if method == "getUpdates" else f"/do {method}")


async def test_without_a_mistake_nothing_is_refused(stage: Stage, sample: SampleBot) -> None:
    """The bot goes through all it does: no call is refused, no problem noted, no error met."""
    phone, door = stage.phone, stage.tg
    await phone.send("/hello")
    await phone.wait_for("Hello")
    assert (await phone.press("Go")).text == "Going"
    await phone.wait_for("Gone")
    for command in COMMANDS:
        await phone.send(f"/{command}")
    await phone.send("/hello")
    await phone.wait_for("Hello")
    asked = {call["method"] for call in await door.traffic()}
    assert {method for _, methods in COMMANDS.values() for method in methods.split()} | {*PRESSED} <= asked
    assert await _refused(door, 0) == []
    assert await door.problems() == []
    assert sample.errors.empty()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
async def test_a_planted_mistake_is_refused(rule: Rule, stage: Stage, sample: SampleBot) -> None:
    """The bot makes the mistake: it is told Telegram's words, and the traffic shows the refused call."""
    door = stage.tg
    await door.forget_problems()
    calls = await door.traffic()
    last = calls[-1]["n"] if calls else 0
    plant = sample.wire.plant = Plant(rule, stage)
    try:
        await _lead_to(stage, rule)
        async with asyncio.timeout(10):
            answer = await plant.answer
    finally:
        sample.wire.plant = None
        if rule.after is not None:
            await rule.after(stage)
    assert answer.status == rule.code, answer.body
    if rule.error:
        assert answer.error.lower() == rule.error.lower()
        refused = await _refused(door, last)
        assert rule.error.lower() in {call["description"].lower() for call in refused}
    if rule.problem:
        assert rule.problem in await door.problems()
