"""An emulator on a free port inside the test's own loop, its door, and a bot without a library."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.emulator.running import running
from tests.emulator.rawbot import RawBot, raw_bot
from tests.phone import Phone, Telegram


@pytest.fixture
async def base_url() -> AsyncIterator[str]:
    """Give the address of an emulator without sending limits."""
    async with running(port=0, limits=False) as address:
        yield address


@pytest.fixture
async def tg(base_url: str) -> AsyncIterator[Telegram]:
    """Give the door."""
    async with Telegram(base_url, patience_seconds=5) as telegram:
        yield telegram


@pytest.fixture
async def bot(base_url: str) -> AsyncIterator[RawBot]:
    """Give a bot that has introduced itself."""
    async with raw_bot(base_url) as bot:
        yield bot


@pytest.fixture
async def ali(tg: Telegram, bot: RawBot) -> Phone:
    """Give a person who has written /start, which the bot has read."""
    phone = await tg.person("Ali", username="ali_tester", phone="+905551112233", role="worker")
    await phone.send("/start")
    await bot.updates()
    return phone
