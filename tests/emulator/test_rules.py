"""Every record of the rulebook, sent raw: what is wrong gets Telegram's answer, what is right beside it is taken."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from bot.emulator.running import running
from tests.emulator.rulebook import RULES
from tests.emulator.rulebook.record import Rule
from tests.emulator.rulebook.stage import set_up
from tests.phone import Telegram

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def door() -> AsyncIterator[Telegram]:
    """Give the door of one emulator for all rules."""
    async with running(port=0, limits=False) as address, Telegram(address) as telegram:
        yield telegram


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Give a plain client of HTTP."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
async def test_a_wrong_call_gets_telegrams_answer(rule: Rule, door: Telegram, session: aiohttp.ClientSession) -> None:
    """The right call is taken, and the wrong one beside it is refused with Telegram's code and words."""
    await door.forget_problems()
    stage = await set_up(door, session, RULES.index(rule))
    taken = await stage.call(rule.good.method, rule.right_params())
    assert taken.body["ok"], taken.body
    assert await door.problems() == []
    try:
        answer = await stage.wrong(rule)
    finally:
        if rule.after is not None:
            await rule.after(stage)
    assert answer.status == rule.code, answer.body
    if rule.error:
        assert answer.error.lower() == rule.error.lower()
    assert not rule.problem or await door.problems() == [rule.problem]
