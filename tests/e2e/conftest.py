"""An emulator that is asked at the end whether the bot behaved."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright

from tests.emulator_process import emulator_process
from tests.page.conftest import FLAGS
from tests.page.conftest import chromium as chromium
from tests.page.desk import NARROW
from tests.phone import Telegram


@pytest.fixture
def fine() -> set[str]:
    """Give the refusals that are nobody's fault: no chat with an operator yet, the open poll of a bot that ended."""
    return {
        "setMyCommands: Bad Request: chat not found",
        "setMyCommands: Forbidden: bot can't initiate conversation with a user",
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
        assert [press for press in door.pressed if not await door.answered(press)] == []


@pytest.fixture
async def small_page(chromium: str) -> AsyncIterator[Page]:
    """Open a blank page on a screen as small as a phone's, which is touched; its own code must not throw."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        width, height = NARROW
        context = await browser.new_context(
            viewport={"width": width, "height": height}, has_touch=True, reduced_motion="reduce"
        )
        opened = await context.new_page()
        thrown: list[str] = []
        opened.on("pageerror", lambda error: thrown.append(str(error)))
        try:
            yield opened
        finally:
            await browser.close()
        assert thrown == []
