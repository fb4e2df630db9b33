"""Draw the pictures of README and docs: the loop is played in a browser on a fresh demo, as a person would.

python -m tests.screenshots [FOLDER]      (default docs/images)
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import random
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, FilePayload, Locator, Page, async_playwright, expect

from bot.demo.cast import ALI, DEMO_TOKEN, OLGA, OMAR, SARA, Person
from bot.demo.picture import screenshot_of_recipe
from tests.demo.demo_process import ROOT, DemoProcess
from tests.phone import Telegram

WIDE, NARROW = (1700, 950), (390, 844)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE_MS = 15_000
TYPING_MS = 1_000
READING_MS = 1_100
COLOURS = 255
#: A call as a mistaken bot makes it, so that the traffic has something to refuse.
REFUSED_CALL = f"fetch('/bot{DEMO_TOKEN}/sendMessage?chat_id=1&text=Hello&parse_mod=HTML').then(() => null)"
TITLE = "Order a test meal and tell us where you got stuck"
STEPS = "Open https://tiffintable.example.com/test\nChoose a meal for two and fill in the form\nStop before paying"
RECIPE_JOB = "Find a dinner on our recipe page"


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody's hand on their phone on the page."""

    phone: Locator

    async def tap(self, words: str, *, exactly: bool = False) -> None:
        """Tap the newest button with these words and see that it was answered."""
        buttons = self.phone.locator("button.inline-button")
        button = buttons.get_by_text(words, exact=True) if exactly else buttons.filter(has_text=words)
        await self.phone.page.wait_for_timeout(READING_MS)
        await button.last.click(timeout=PATIENCE_MS)
        await expect(self.phone.locator("button[aria-busy=true]")).to_have_count(0, timeout=PATIENCE_MS)

    async def write(self, text: str) -> None:
        """Type a text and send it, no faster than a person: a chat takes about one message a second."""
        await self.phone.page.wait_for_timeout(TYPING_MS)
        await self.phone.locator("textarea.composer").fill(text)
        await self.phone.locator("button.send").click()

    async def send_picture(self, picture: bytes) -> None:
        """Choose a picture."""
        chosen: FilePayload = {"name": "screenshot.png", "mimeType": "image/png", "buffer": picture}
        await self.phone.locator("input[type=file].photo-input").set_input_files([chosen])

    async def sees(self, words: str) -> None:
        """Wait until a message of the bot's holds these words."""
        await expect(self.phone.locator(".row.in", has_text=words).last).to_be_visible(timeout=PATIENCE_MS)

    async def reads(self) -> str:
        """Read the newest message that has buttons."""
        message = self.phone.locator(".row.in").filter(has=self.phone.page.locator("button.inline-button")).last
        return await message.inner_text()


def hand_of(page: Page, person: Person) -> Hand:
    """Take somebody's phone into the hand."""
    return Hand(page.locator(f"section.phone[data-person='{person.id}']"))


async def publish(sara: Hand) -> None:
    """Publish a job that pays more than Omar's alerts ask for."""
    await sara.tap("Publish a job")
    await sara.tap("Delete it, start again")
    await sara.tap("App tests")
    await sara.sees("short title")
    await sara.write(TITLE)
    await sara.sees("Type the steps")
    await sara.write(STEPS)
    await sara.sees("Stop before paying")
    await sara.tap("Done")
    await sara.tap("Photo")
    await sara.tap("1", exactly=True)
    await sara.write("The page before paying")
    await sara.sees("1 photo: The page before paying")
    await sara.tap("Done")
    await sara.sees("How much do you pay")
    await sara.write("1.50")
    await sara.sees("How many people")
    await sara.write("20")
    await sara.sees("What it costs")
    await sara.tap("Minutes")
    await sara.sees("How many minutes")
    await sara.write("12")
    await sara.sees("12 min")
    await sara.tap("Publish for")
    await sara.sees("is published")


async def work(ali: Hand, picture: bytes) -> None:
    """Find the recipe job, do it and send the proof."""
    await ali.tap("🔎 Jobs")
    await ali.tap("App tests")
    await ali.sees("App tests")
    while RECIPE_JOB not in await ali.reads():
        await ali.tap("Next")
    lines = (await ali.reads()).splitlines()
    number = next(lines[at - 1].split(".")[0] for at, line in enumerate(lines) if RECIPE_JOB in line)
    await ali.tap(number, exactly=True)
    await ali.sees("What to do")
    await ali.tap("Apply")
    await ali.tap("Send proof")
    await ali.sees("The recipe, set to two people")
    await ali.send_picture(picture)
    await ali.sees("Received: 1 of 1")
    await ali.tap("Done with photos")
    await ali.sees("What confused you")
    await ali.write("I looked for the number of people above the ingredients, it is below the title.")
    await ali.sees("Check your proof")
    await ali.tap("Request for complete")
    await ali.sees("waits for review")


async def play(page: Page, picture: bytes) -> None:
    """Play until a worker reads a job card, the employer a proof with its picture, the subscriber an alert."""
    ali, sara, omar = (hand_of(page, person) for person in (ALI, SARA, OMAR))
    await ali.sees("here is your day")
    await work(ali, picture)
    await sara.sees("3 proofs wait for your review")
    await publish(sara)
    await omar.sees("New job for $1.50")
    await ali.write("/jobs")
    await ali.sees("Jobs for you")
    await ali.tap("High-paying")
    await ali.tap("Newest")
    await ali.sees(TITLE)
    await ali.tap("1", exactly=True)
    await ali.sees("You can take this job")
    await sara.write("/review")
    await sara.sees("Proof 1 of 3")


async def take(page: Page, path: Path) -> None:
    """Take a picture of the page as it is, with few colours, so that it stays small."""
    with Image.open(io.BytesIO(await page.screenshot())) as taken:
        few = taken.convert("RGB").quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        await asyncio.to_thread(few.save, path, "PNG", optimize=True)


async def show_off(page: Page, folder: Path) -> None:
    """Take the pictures of what lies around the phones: the traffic, the tour, the time."""
    await page.get_by_role("button", name="Traffic").click()
    await page.evaluate(REFUSED_CALL)
    call = page.locator(".call", has_text="answerCallbackQuery").first
    await call.locator("summary").click()
    await expect(page.locator(".call.is-bad")).to_have_count(1)
    await take(page, folder / "traffic.png")
    await page.get_by_role("button", name="Close traffic").click()
    await page.get_by_role("button", name="Tour", exact=True).click()
    await expect(page.locator("button.tour-target")).to_be_in_viewport(timeout=PATIENCE_MS)
    await take(page, folder / "tour.png")
    await page.get_by_role("button", name="End the tour").click()
    await page.get_by_role("button", name="Move the time on: +3 days").click()
    news = page.locator(".news", has_text="Sara:")
    await expect(news).to_be_visible(timeout=PATIENCE_MS)
    await page.wait_for_timeout(READING_MS)
    await take(page, folder / "time.png")


async def tidy(page: Page) -> None:
    """Put the keyboards away, so that there is more to read, and wait for toasts and pictures to settle."""
    toggles = page.locator("button.keyboard-toggle[aria-pressed=true]")
    while await toggles.locator("visible=true").count():
        await toggles.locator("visible=true").first.click()
    await expect(page.locator(".toast")).to_have_count(0, timeout=PATIENCE_MS)
    await page.evaluate("document.activeElement?.blur()")
    await page.wait_for_function("[...document.images].every((image) => image.complete)")


@contextlib.asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Open the system's Chromium without a window.

    Raises:
        FileNotFoundError: there is none.
    """
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise FileNotFoundError("Chromium: install the system package `chromium`")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


async def open_page(browser: Browser, address: str, size: tuple[int, int]) -> Page:
    """Open the demo's page in a window of this size."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="light",
        reduced_motion="reduce",
        has_touch=size == NARROW,
    )
    page = await context.new_page()
    await page.goto(address)
    await page.get_by_role("button", name="Close this line").click(timeout=PATIENCE_MS)
    return page


async def draw(folder: Path) -> None:
    """Play on a fresh demo and write the pictures."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    picture = screenshot_of_recipe(random.Random(2))
    with tempfile.TemporaryDirectory() as temporary:
        async with DemoProcess(Path(temporary) / "demo", "--port", "0") as demo:
            await demo.start()
            async with open_browser() as browser:
                page = await open_page(browser, demo.address, WIDE)
                await play(page, picture)
                async with Telegram(demo.address) as telegram:  # three phones are easier to read than four
                    await telegram.call("DELETE", f"people/{OLGA.id}")
                await expect(page.locator("section.phone")).to_have_count(3)
                await tidy(page)
                await take(page, folder / "three-phones.png")
                await page.emulate_media(color_scheme="dark")
                await take(page, folder / "three-phones-dark.png")
                await page.emulate_media(color_scheme="light")
                await show_off(page, folder)
                await page.close()
                page = await open_page(browser, demo.address, NARROW)
                await tidy(page)
                await take(page, folder / "phone.png")
                await page.emulate_media(color_scheme="dark")
                await page.get_by_role("button", name="Page menu").tap()
                await page.get_by_role("menuitem", name="Tour").tap()
                await expect(page.locator("button.tour-target")).to_be_in_viewport(timeout=PATIENCE_MS)
                await take(page, folder / "phone-tour.png")
            assert await demo.interrupt() == 0, demo.errors


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"))
