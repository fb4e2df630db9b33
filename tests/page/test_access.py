"""Whoever cannot see or point well: axe finds nothing serious on the page, in both themes, at both sizes."""

from __future__ import annotations

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Page, expect

from tests.page.desk import NARROW, WIDE, Desk
from tests.page.test_tour import give_tour

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WORSE = ("serious", "critical")


async def findings(page: Page) -> list[str]:
    """Let axe look at the page as it is, and give what is serious."""
    results = await Axe().run(page)
    return [
        f"{found['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for found in results.response["violations"]
        if found["impact"] in WORSE
        for node in found["nodes"]
    ]


async def open_from_menu(desk: Desk, name: str) -> None:
    """Press a button of the top bar; on a small screen it is in the page's menu."""
    more = desk.page.get_by_role("button", name="Page menu")
    if await more.is_visible():
        await more.click()
        await desk.page.get_by_role("menuitem", name=name).click()
    else:
        await desk.page.get_by_role("button", name=name).click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("desk_size", [NARROW, WIDE])
async def test_axe_finds_nothing_serious(desk: Desk) -> None:
    """Chats of every kind, an open menu, a form, an alert, the tour, the traffic and the news are all clean."""
    page, worker = desk.page, desk.ids["worker"]
    assert await findings(page) == []
    await give_tour(desk)
    phone = desk.phone("worker")
    await page.get_by_role("button", name="Start the tour").click()
    await expect(page.locator(".tour-card")).to_contain_text("1 of 4")
    assert await findings(page) == []
    await page.get_by_role("button", name="End the tour").click()
    await fill_chat(desk)
    await desk.door("POST", "clock", {"advance_seconds": 86_400})
    await desk.bot.say(
        worker, "Last", reply_markup={"inline_keyboard": [[{"text": "Alert", "callback_data": "alert"}]]}
    )
    await expect(phone.locator(".message").last).to_contain_text("Last")
    assert await findings(page) == []
    await phone.get_by_role("button", name="Attach").click()
    assert await findings(page) == []
    await page.keyboard.press("Escape")
    await phone.locator("button.inline-button", has_text="Alert").last.click()
    await expect(phone.get_by_role("dialog")).to_be_visible()
    assert await findings(page) == []
    await page.keyboard.press("Escape")
    await open_from_menu(desk, "Add" if desk_size_is_narrow(page) else "Add person")
    assert await findings(page) == []
    await page.keyboard.press("Escape")
    await desk.bot.ask("sendMessage", chat_id=1, text="refused")
    await open_from_menu(desk, "Traffic")
    await expect(page.locator(".call").first).to_be_visible()
    await page.locator(".call summary").first.click()
    assert await findings(page) == []


def desk_size_is_narrow(page: Page) -> bool:
    """Whether the page is drawn for a small screen."""
    return (page.viewport_size or {"width": 0})["width"] < WIDE[0]


async def fill_chat(desk: Desk) -> None:
    """Send one of each kind of message."""
    worker = desk.ids["worker"]
    for kind in ("sticker", "voice", "video", "contact"):
        await desk.door("POST", f"people/{worker}/{kind}", {})
    await desk.door("POST", f"people/{worker}/location", {"latitude": 24.86, "longitude": 67.0})
    phone = desk.phone("worker")
    await phone.locator("input[type=file].photo-input").set_input_files(desk.pictures(3))
    await phone.locator("input[type=file].file-input").set_input_files(desk.pictures(1))
    text = '<b>bold</b> <a href="https://example.com">link</a> <code>code</code><blockquote>quote</blockquote>'
    sent = await desk.bot.say(worker, text, parse_mode="HTML")
    await desk.bot.call("pinChatMessage", chat_id=worker, message_id=sent["message_id"])
    await desk.bot.call("editMessageText", chat_id=worker, message_id=sent["message_id"], text="changed")
    await desk.write(phone, "/keyboard")
    await expect(phone.locator("button.reply-button")).to_have_count(3)
    await expect(phone.locator(".album img")).to_have_count(3)
