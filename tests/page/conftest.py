"""A browser, an emulator and a sample bot for each page test."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import aiohttp
import pytest
from playwright.async_api import Page, async_playwright

from tests.emulator_process import emulator_process
from tests.page.desk import PEOPLE, TOKEN, WIDE, Desk
from tests.page.sample_bot import SampleBot

TOUCH_BELOW = 760
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture
def chromium() -> str:
    """Give the path of the system's Chromium; without one the tests skip, and in CI they fail."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        reason = "NO CHROMIUM: the page is NOT tested. Install the system package `chromium`."
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture
def desk_size() -> tuple[int, int]:
    """Give the size of the window; a test asks for another by parametrizing it."""
    return WIDE


@pytest.fixture
def scheme() -> Literal["light", "dark"]:
    """Give what the system asks for: light or dark; a test asks for the other by parametrizing it."""
    return "light"


@pytest.fixture
async def page(chromium: str, desk_size: tuple[int, int], scheme: Literal["light", "dark"]) -> AsyncIterator[Page]:
    """Open a blank page, with a thumb on small screens, and fail the test when the page's own code throws."""
    width, height = desk_size
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
            has_touch=width < TOUCH_BELOW,
        )
        opened = await context.new_page()
        thrown: list[str] = []
        opened.on("pageerror", lambda error: thrown.append(str(error)))
        try:
            yield opened
        finally:
            await browser.close()
        assert thrown == []


@pytest.fixture
async def empty_desk(page: Page, tmp_path: Path) -> AsyncIterator[Desk]:
    """Open the page of a fresh emulator with a bot and nobody to talk to."""
    async with (
        emulator_process(tmp_path, "--no-limits") as address,
        SampleBot(address, TOKEN) as bot,
        aiohttp.ClientSession() as session,
    ):
        await page.goto(address)
        yield Desk(address, page, bot, session)


@pytest.fixture
async def desk(empty_desk: Desk) -> Desk:
    """Open the page with a worker, an employer, a subscriber and an operator."""
    for person in PEOPLE:
        await empty_desk.add_person(**person)
    await empty_desk.page.locator("section.phone").nth(len(PEOPLE) - 1).wait_for(state="attached")
    return empty_desk
