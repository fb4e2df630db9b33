"""A browser and an event loop for all page tests of a process; an emulator, a bot and a fresh context for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from typing import Literal

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from bot.emulator.running import running
from tests.page.desk import PEOPLE, TOKEN, WIDE, Desk
from tests.page.sample_bot import SampleBot

TOUCH_BELOW = 760
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """Start the browser once: its start takes longer than most tests."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, desk_size: tuple[int, int], scheme: Literal["light", "dark"]) -> AsyncIterator[Page]:
    """Open a blank page, with a thumb on small screens, and fail the test when the page's own code throws."""
    width, height = desk_size
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
        await context.close()
    assert thrown == []


@pytest_asyncio.fixture(loop_scope="session")
async def empty_desk(page: Page) -> AsyncIterator[Desk]:
    """Open the page of a fresh emulator with a bot and nobody to talk to."""
    async with (
        running(port=0, limits=False) as address,
        SampleBot(address, TOKEN) as bot,
        aiohttp.ClientSession() as session,
    ):
        await page.goto(address)
        yield Desk(address, page, bot, session)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(empty_desk: Desk) -> Desk:
    """Open the page with a worker, an employer, a subscriber and an operator."""
    for person in PEOPLE:
        await empty_desk.add_person(**person)
    await empty_desk.page.locator("section.phone").nth(len(PEOPLE) - 1).wait_for(state="attached")
    return empty_desk
