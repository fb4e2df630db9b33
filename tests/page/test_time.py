"""The time controls and the traffic: what moves on, what is told of it, and what the bot's calls look like."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.page.desk import NARROW, Desk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize(("label", "seconds"), [("+15 min", 900), ("+1 day", 86_400), ("+3 days", 259_200)])
async def test_a_button_moves_the_time_on(desk: Desk, label: str, seconds: int) -> None:
    """Each button moves the emulator's clock as far as it says; the line tells the date, and what the bot said then."""
    page = desk.page
    face = page.locator(".clock-face")
    before = await face.inner_text()
    await page.get_by_role("button", name=f"Move the time on: {label}").click()
    await expect(face).not_to_have_text(before)
    assert (await desk.door("GET", "clock"))["offset_seconds"] == seconds
    news = page.locator(".news")
    await expect(news).to_contain_text(await face.inner_text())
    await expect(news).to_contain_text("later. Nothing has come yet.")
    await desk.write(desk.phone("worker"), "echo the reminder")
    await expect(news).to_contain_text("Ali: “You said the reminder”")
    if seconds >= 86_400:
        await expect(desk.phone("worker").locator(".day").last).to_have_text("Today")


async def test_yesterday_is_called_so_after_a_move(desk: Desk) -> None:
    """What was written today is yesterday's once a day has passed, without a reload."""
    phone = desk.phone("worker")
    await desk.write(phone, "echo now")
    await expect(phone.locator(".day")).to_have_text("Today")
    await desk.page.get_by_role("button", name="Move the time on: +1 day").dblclick()
    await expect(phone.locator(".day")).not_to_have_text("Today")
    await desk.write(phone, "echo later")
    await expect(phone.locator(".day").last).to_have_text("Today")


@pytest.mark.parametrize("desk_size", [NARROW])
async def test_a_small_screen_has_the_time_in_its_menu(desk: Desk) -> None:
    """On a phone the date and the three moves are in the page's menu, big enough for a thumb."""
    more = desk.page.get_by_role("button", name="Page menu")
    await more.tap()
    await desk.page.get_by_role("menuitem", name="Time +3 days").tap()
    await expect(desk.page.locator(".news")).to_contain_text("3 days later")
    assert (await desk.door("GET", "clock"))["offset_seconds"] == 259_200
    await more.tap()
    await expect(desk.page.locator(".menu-words")).to_have_text(await desk.page.locator(".clock-face").inner_text())


async def test_the_traffic_can_be_searched(desk: Desk) -> None:
    """Method, refused calls and the other bot can be picked out; a tap shows a call's fields and its answer."""
    page, worker = desk.page, desk.ids["worker"]
    await desk.write(desk.phone("worker"), "/start")
    await desk.bot.heard_text("/start")
    await desk.bot.say(worker, "A line to find")
    await desk.bot.ask("sendMessage", chat_id=1, text="refused")
    await desk.bot.ask("sendMessage", chat_id=worker, text="x", no_such_field=1)
    await desk.bot.ask("noSuchMethod")
    await page.get_by_role("button", name="Traffic").click()
    calls, bots = page.locator(".call"), page.locator(".traffic").get_by_label("Bot", exact=True)
    await page.get_by_label("Method", exact=True).fill("setmycom")
    await expect(calls).to_have_count(1)
    await page.get_by_label("Method", exact=True).fill("")
    await page.get_by_role("button", name="Refused").click()
    await expect(calls).to_have_count(3)
    for words in ("Not Found: method not found", "chat not found", "unknown: no_such_field"):
        await expect(calls.filter(has_text=words)).to_have_count(1)
    await page.get_by_role("button", name="Calls", exact=True).click()
    found = calls.filter(has_text="A line to find")
    await found.locator("summary").click()
    await expect(found.get_by_label("Fields")).to_contain_text('"text": "A line to find"')
    await expect(found.get_by_label("Answer")).to_contain_text('"message_id"')
    await expect(bots).to_be_hidden()
    await page.evaluate("fetch('/bot7654321:' + 'x'.repeat(35) + '/getMe')")
    await bots.select_option(value="7654321")
    await expect(calls).to_have_count(1)
    await expect(calls).to_contain_text("getMe")
