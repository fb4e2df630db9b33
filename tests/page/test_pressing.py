"""Buttons as on a phone: they spin until answered, and the answer is a toast or an alert."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.page.desk import Desk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_button_spins_until_it_is_answered(desk: Desk) -> None:
    """A pressed button is busy as long as the bot says nothing, and a second tap meanwhile is not sent."""
    phone = desk.phone("worker")
    await desk.write(phone, "/start")
    button = phone.locator("button.inline-button", has_text="Wait")
    await button.click()
    await expect(button).to_have_attribute("aria-busy", "true")
    await expect(button.locator(".spinner")).to_be_visible()
    await button.click()
    desk.bot.release.set()
    await expect(button).not_to_have_attribute("aria-busy", "true")
    await expect(button.locator(".spinner")).to_have_count(0)
    await phone.locator("button.inline-button", has_text="Toast").click()
    presses = await desk.bot.heard(lambda update: "callback_query" in update, count=2)
    assert [update["callback_query"]["data"] for update in presses] == ["wait", "toast"]


async def test_an_answer_is_shown_as_a_toast(desk: Desk) -> None:
    """The text of an answered press appears as a toast on that phone only."""
    phone = desk.phone("worker")
    await desk.write(phone, "/start")
    await phone.locator("button.inline-button", has_text="Toast").click()
    await expect(phone.locator(".toast")).to_have_text("A toast")
    await expect(desk.page.locator(".toast")).to_have_count(1)


async def test_an_alert_waits_for_ok(desk: Desk) -> None:
    """An answer with show_alert is a dialog with the focus inside, and closing it gives the focus back."""
    phone = desk.phone("worker")
    await desk.write(phone, "/start")
    button = phone.locator("button.inline-button", has_text="Alert")
    await button.click()
    dialog = phone.get_by_role("dialog")
    await expect(dialog).to_contain_text("Mind this")
    await expect(dialog.get_by_role("button", name="OK")).to_be_focused()
    await desk.page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)
    await expect(button).to_be_focused()


async def test_blocking_stops_the_bot_and_can_be_undone(desk: Desk) -> None:
    """Block in the chat menu makes the bot's messages fail with 403, and Unblock brings the composer back."""
    phone = desk.phone("worker")
    await desk.write(phone, "/start")
    await phone.get_by_role("button", name="Chat menu").click()
    await phone.get_by_role("menuitem", name="Block bot").click()
    unblock = phone.get_by_role("button", name="Unblock")
    await expect(unblock).to_be_visible()
    await expect(phone.locator("textarea.composer")).to_be_hidden()
    refused = await desk.bot.ask("sendMessage", chat_id=desk.ids["worker"], text="still there?")
    assert refused["error_code"] == 403
    await unblock.click()
    await expect(phone.locator("textarea.composer")).to_be_visible()
    await desk.bot.say(desk.ids["worker"], "welcome back")
    await expect(phone.locator(".row.in .message").last).to_contain_text("welcome back")


async def test_traffic_shows_errors_and_unknown_fields(desk: Desk) -> None:
    """The Traffic panel lists the bot's calls, with refusals and unknown fields told in words."""
    phone = desk.phone("worker")
    await desk.write(phone, "/start")
    await desk.page.get_by_role("button", name="Traffic").click()
    calls = desk.page.locator(".call")
    await expect(calls.filter(has_text="sendMessage").first).to_contain_text("ok")
    await desk.bot.ask("sendMessage", chat_id=1, text="x", wrong_field=1)
    bad = desk.page.locator(".call.is-bad").first
    await expect(bad.locator(".call-error").first).to_contain_text("chat not found")
    await expect(bad).to_contain_text("unknown: wrong_field")
    await expect(desk.page.locator(".problems")).to_contain_text("Unknown field wrong_field in sendMessage")
