"""What the spine's tests share: an emulator, and the sample bot that polls it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.emulator.running import running
from tests.clock import Clock
from tests.phone import Telegram
from tests.spine.sample import Sample, sample_bot


@pytest.fixture
async def telegram(tmp_path: Path) -> AsyncIterator[Telegram]:
    """Give an emulator without rate limits; at the end it must have seen no unknown method or field."""
    async with running(port=0, limits=False) as url, Telegram(url) as door:
        yield door
        assert await door.problems() == []


@pytest.fixture
def clock() -> Clock:
    """Give a clock to move."""
    return Clock()


@pytest.fixture
async def bot(tmp_path: Path, telegram: Telegram) -> AsyncIterator[Sample]:
    """Give the sample bot, polling the emulator."""
    async with sample_bot(tmp_path, telegram.base_url) as sample:
        yield sample
