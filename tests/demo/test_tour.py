"""The demo's tour, played to its end by a thumb and by a mouse, in both themes: ten taps, and the loop is closed."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Page, async_playwright, expect

from bot.demo.cast import ALI, OMAR, SARA, Person
from tests.demo.demo_process import DemoProcess
from tests.page.conftest import FLAGS
from tests.phone import Telegram

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NARROW, WIDE = (390, 844), (1440, 900)
PATIENCE_MS = 30_000
#: As fast as somebody reads: the bot bears no decision on a card that was not there a second ago.
READING_MS = 1_300
STEP_CHANGES = """(before) => {
    const card = document.querySelector('.tour-card');
    return !card || (['tap', 'act', 'see'].includes(card.dataset.state) && card.innerText !== before);
}"""


async def texts_of(telegram: Telegram, person: Person) -> list[str]:
    """Read what the bot wrote to somebody."""
    chat = await telegram.call("GET", f"people/{person.id}/chat")
    return [str(message.get("text") or message.get("caption") or "") for message in chat["messages"]]


async def play(page: Page, *, thumb: bool) -> int:
    """Follow the tour to its end by nothing but what it points at; give how many taps it took."""
    taps, before = 0, ""
    card = page.locator(".tour-card")
    await expect(card).to_be_visible()
    while True:
        await page.wait_for_function(STEP_CHANGES, arg=before, timeout=PATIENCE_MS)
        if not await card.count():
            return taps
        state, before = await card.get_attribute("data-state"), await card.inner_text()
        target = page.locator("button.tour-target") if state == "tap" else card.locator(".tour-choice.primary")
        await expect(target).to_be_in_viewport()
        await page.wait_for_timeout(READING_MS)
        await (target.tap() if thumb else target.click())
        taps += state != "see"


@pytest.mark.parametrize(("size", "scheme"), [(NARROW, "dark"), (WIDE, "light")])
async def test_the_tour_closes_the_loop_in_ten_taps(
    chromium: str, tmp_path: Path, size: tuple[int, int], scheme: Literal["light", "dark"]
) -> None:
    """From the invitation: proofs approved, Ali paid, a job published, Omar alerted, his proof sent; then again."""
    width, height = size
    thumb = size == NARROW
    async with DemoProcess(tmp_path / "demo", "--port", "0") as demo, async_playwright() as playwright:
        await demo.start()
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = await browser.new_page(
            viewport={"width": width, "height": height}, color_scheme=scheme, has_touch=thumb, reduced_motion="reduce"
        )
        thrown: list[str] = []
        page.on("pageerror", lambda error: thrown.append(str(error)))
        await page.goto(demo.address)
        await page.get_by_role("button", name="Start the tour").click()
        assert await play(page, thumb=thumb) == 10
        await expect(page.locator(".news")).to_contain_text("That was the loop.")
        async with Telegram(demo.address) as telegram:
            assert any("Available now: $9.75" in text for text in await texts_of(telegram, ALI))
            assert any("is published" in text for text in await texts_of(telegram, SARA))
            assert any("1 proof waits for your review" in text for text in await texts_of(telegram, SARA))
            assert any("Your proof is sent" in text for text in await texts_of(telegram, OMAR))
            if not thumb:  # as the last word says: nobody decides, so time does
                await page.get_by_role("button", name="Move the time on: +3 days").click()
                await expect(page.locator(".news")).to_contain_text("Omar: “✅ +$2.00", timeout=PATIENCE_MS)
            again = "Once more" if thumb else "Tour"
            await page.get_by_role("button", name=again, exact=True).click()
            assert await play(page, thumb=thumb) >= 10
            assert any("+$2.00" in text for text in await texts_of(telegram, OMAR))
            assert await telegram.problems() == []
        assert thrown == []
        await browser.close()
        assert await demo.interrupt() == 0, demo.errors
