"""The loop with thumbs: the emulator's page in headless Chromium, as small as a phone, against the real bot."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Locator, Page, expect

from handlers.callbacks import SETTLES
from tests.bot_process import ROOT, bot_process, command
from tests.e2e.cast import OPERATOR_ID, deposit, operator, publish_job
from tests.phone import Phone, Telegram
from tests.pictures import screenshot

pytestmark = pytest.mark.browser

SHOTS = ROOT / "build" / "e2e"
LOADED = "(image) => image.complete && image.naturalWidth > 0"
SECONDS = 20.0


async def test_the_loop_is_played_with_thumbs_on_a_small_screen(
    tmp_path: Path, telegram: Telegram, small_page: Page
) -> None:
    """Proves that sign-up, proof, approval, receipt and balance all work by taps on the page at 390 x 844."""
    async with bot_process(tmp_path, telegram.base_url, OPERATOR_IDS=str(OPERATOR_ID)):
        ali = await telegram.person("Ali", role="worker", language_code="en")
        sara = await telegram.person("Sara", role="employer", language_code="en")
        await deposit(sara, await operator(telegram), reference="TX-1")
        await publish_job(sara, title="Read an article and send its end", reward="3", places=1)
        expect.set_options(timeout=SECONDS * 1000)
        small_page.set_default_timeout(SECONDS * 1000)
        await small_page.goto(telegram.base_url)
        worker, employer = (small_page.locator(f"section.phone[data-person='{p.id}']") for p in (ali, sara))
        await _sign_up(worker)
        await _send_proof(worker)
        await expect(employer).to_be_hidden()
        await _switch(small_page, sara)
        await _approve(employer)
        await _switch(small_page, ali)
        await _see_the_money(worker)
        SHOTS.mkdir(parents=True, exist_ok=True)
        await small_page.screenshot(path=SHOTS / "balance.png")
        assert await small_page.evaluate("document.documentElement.scrollWidth") == 390
    code, output, errors = await command(tmp_path, "verify")
    assert code == 0, output + errors


async def _sign_up(worker: Locator) -> None:
    """Begin with the chat's own button, find the job, apply, say where one lives, agree."""
    await worker.get_by_role("button", name="START", exact=True).tap()
    await expect(worker.locator(".row.in .text").first).to_contain_text("Welcome, Ali!")
    for words in ("🔎 Jobs", "All jobs · 1"):
        await _tap(worker, words)
    await _tap(worker, "1", exact=True)
    await _tap(worker, "✅ Apply")
    await _tap(worker, "Pakistan")
    await _look_and_tap(worker, "✅ I agree")
    await _tap(worker, "📷 Send proof")


async def _send_proof(worker: Locator) -> None:
    """Choose two photos at once, type the words, look at the check, request completion."""
    await _says(worker, "Please send 1 photo or screenshot.")
    photos: list[FilePayload] = [
        {"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": screenshot(n, kind="JPEG")} for n in range(2)
    ]
    await worker.locator("input.photo-input").set_input_files(photos)
    await _says(worker, "Received: 2 of 1")
    await expect(worker.locator(".row.out .album img")).to_have_count(2)
    await _tap(worker, "✅ Done with photos")
    await _says(worker, "Please type your answer")
    await worker.locator("textarea.composer").fill("harvest")
    await worker.locator("button.send").tap()
    await _says(worker, "Check your proof")
    await _tap(worker, "📨 Request for complete")
    await _says(worker, "Your proof is sent and waits for review.")


async def _approve(employer: Locator) -> None:
    """Open the queue from the message that told of it, see the photo, approve."""
    await _tap(employer, "📥 Review")
    await _says(employer, "Proof 1 of 1")
    picture = employer.locator(".row.in img").last
    await expect(picture).to_be_in_viewport()
    await picture.evaluate("(image) => image.decode()")
    assert await picture.evaluate(LOADED)
    await _look_and_tap(employer, "✅ Approve · $3.00")
    await _says(employer, "No proof waits for your review.")


async def _see_the_money(worker: Locator) -> None:
    """Read the receipt when the time to undo is over, and the balance behind its button."""
    await _says(worker, "+$3.00")
    await _tap(worker, "💰 Balance")
    await _says(worker, "Available: $3.00")


async def _switch(page: Page, to: Phone) -> None:
    """Take the other phone in hand; its badge counted what came meanwhile, and goes."""
    chip = page.locator(f"[data-switch='{to.id}']")
    await expect(chip.locator(".badge")).to_be_visible()
    await chip.tap()
    await expect(chip.locator(".badge")).to_be_hidden()


async def _tap(phone: Locator, words: str, *, exact: bool = False) -> None:
    """Tap the newest button with these words under a message."""
    await phone.locator(".inline-keyboard").get_by_role("button", name=words, exact=exact).last.tap()


async def _look_and_tap(phone: Locator, words: str) -> None:
    """Tap as somebody does who looks at what has just changed; a tap sooner than that decides nothing."""
    await expect(phone.locator(".inline-keyboard").get_by_role("button", name=words).last).to_be_visible()
    await phone.page.wait_for_timeout(SETTLES / timedelta(milliseconds=1) + 100)
    await _tap(phone, words)


async def _says(phone: Locator, words: str) -> None:
    """Wait until the bot's newest message has these words."""
    await expect(phone.locator(".row.in .text").last).to_contain_text(words)
