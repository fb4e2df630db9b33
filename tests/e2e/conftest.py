"""An emulator that is asked at the end whether the bot behaved."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.emulator_process import emulator_process
from tests.phone import Telegram


@pytest.fixture
async def telegram(tmp_path: Path) -> AsyncIterator[Telegram]:
    """Give an emulator; at the end nothing unknown was called, no call refused, every tap answered."""
    async with emulator_process(tmp_path, "--no-limits") as url, Telegram(url, patience_seconds=20) as door:
        yield door
        assert await door.problems() == []
        assert await refused(door) == []
        assert await door.unanswered() == []


#: An operator who has not opened the bot yet has no chat to set a menu for.
FINE = ("setMyCommands: Bad Request: chat not found",)


async def refused(door: Telegram) -> list[str]:
    """Give the calls that Telegram refused and should not have had to."""
    return [line for line in await door.refused_calls() if line not in FINE]
