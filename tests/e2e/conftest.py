"""An emulator that is asked at the end whether the bot behaved."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.emulator_process import emulator_process
from tests.phone import Telegram


@pytest.fixture
def fine() -> set[str]:
    """Give the refusals that are nobody's fault: no chat with an operator yet, the open poll of a bot that ended."""
    return {
        "setMyCommands: Bad Request: chat not found",
        "getUpdates: Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    }


@pytest.fixture
async def telegram(tmp_path: Path, fine: set[str]) -> AsyncIterator[Telegram]:
    """Give an emulator; at the end nothing unknown was called, no call refused, every tap answered."""
    async with emulator_process(tmp_path, "--no-limits") as url, Telegram(url, patience_seconds=20) as door:
        yield door
        assert await door.problems() == []
        refused = [f"{call['method']}: {call['description']}" for call in await door.traffic() if not call["ok"]]
        assert [line for line in refused if line not in fine] == []
        assert [press for press in door.pressed if not (await door.call("GET", f"callbacks/{press}"))["answered"]] == []
