"""Paying on the page: the sheet, the Stars, the wait for the bot, and every way it can end."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.page.desk import NARROW, Desk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def send_invoice(desk: Desk, amount: int = 100) -> None:
    """Send an invoice in Stars without buttons of its own."""
    await desk.write(desk.phone("worker"), "/start")
    await desk.bot.heard_text("/start")
    await desk.bot.call(
        "sendInvoice",
        chat_id=desk.ids["worker"],
        title="A month more",
        description="Thirty days of alerts",
        payload="month",
        currency="XTR",
        prices=[{"label": "A month", "amount": amount}],
    )


async def checkout(desk: Desk) -> dict[str, Any]:
    """Wait for the question that a press of Pay puts to the bot."""
    update = (await desk.bot.heard(lambda one: "pre_checkout_query" in one))[0]
    query: dict[str, Any] = update["pre_checkout_query"]
    return query


async def open_sheet(desk: Desk) -> Locator:
    """Tap the Pay button under the invoice and give the sheet."""
    phone = desk.phone("worker")
    await phone.locator("button.inline-button", has_text="Pay").click()
    sheet = phone.get_by_role("dialog", name="A month more")
    await expect(sheet).to_contain_text("Thirty days of alerts")
    return sheet


@pytest.mark.parametrize("desk_size", [NARROW, (1440, 900)])
async def test_stars_are_given_and_an_invoice_is_paid(desk: Desk) -> None:
    """Without enough Stars one can get some; Pay waits for the bot, and then both sides see the payment."""
    await send_invoice(desk)
    sheet = await open_sheet(desk)
    await expect(sheet).to_contain_text("Your Stars: ⭐ 0")
    pay = sheet.get_by_role("button", name="Pay ⭐ 100")
    await expect(pay).to_be_disabled()
    await sheet.get_by_role("button", name="Get 500 Stars").click()
    await expect(sheet).to_contain_text("Your Stars: ⭐ 500")
    await pay.click()
    await expect(sheet).to_contain_text("Waiting for the bot")
    await desk.bot.call("answerPreCheckoutQuery", pre_checkout_query_id=(await checkout(desk))["id"], ok=True)
    await expect(sheet.get_by_role("status")).to_have_text("Paid")
    await sheet.get_by_role("button", name="Close").click()
    phone = desk.phone("worker")
    await expect(phone.locator(".service-line")).to_contain_text("You paid ⭐ 100")
    await expect(phone.locator(".invoice")).to_contain_text("paid")
    await expect(phone.locator("button.inline-button", has_text="Pay")).to_have_count(0)
    await phone.locator("button.inline-button", has_text="Receipt").click()
    await expect(phone.locator(".toast")).to_have_text("This invoice is already paid.")
    paid = await desk.bot.heard(lambda one: "successful_payment" in one.get("message", {}))
    charge = paid[0]["message"]["successful_payment"]["telegram_payment_charge_id"]
    await desk.bot.call("refundStarPayment", user_id=desk.ids["worker"], telegram_payment_charge_id=charge)
    await expect(phone.locator(".service-line").last).to_contain_text("You got ⭐ 100 back")


async def test_a_refusal_is_told_in_the_bots_words(desk: Desk) -> None:
    """What the bot says when it refuses stands on the sheet, and the invoice can be tried again."""
    await send_invoice(desk)
    await desk.door("POST", f"people/{desk.ids['worker']}/stars", {"amount": 500})
    sheet = await open_sheet(desk)
    await sheet.get_by_role("button", name="Pay ⭐ 100").click()
    refusal = "Sold out, sorry."
    query = await checkout(desk)
    await desk.bot.call("answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=False, error_message=refusal)
    await expect(sheet.get_by_role("status")).to_have_text(f"The bot refused the payment: {refusal}")
    await desk.page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    await expect(await open_sheet(desk)).to_contain_text("Your Stars: ⭐ 500")


async def test_a_silent_bot_loses_the_payment(desk: Desk) -> None:
    """Ten seconds without an answer end it, also when the time is moved on; a second press meanwhile does nothing."""
    await send_invoice(desk)
    await desk.door("POST", f"people/{desk.ids['worker']}/stars", {"amount": 500})
    sheet = await open_sheet(desk)
    await sheet.get_by_role("button", name="Pay ⭐ 100").dblclick()
    await checkout(desk)
    await desk.door("POST", "clock", {"advance_seconds": 60})
    await expect(sheet.get_by_role("status")).to_contain_text("The bot did not answer in time")
    assert len([one for one in desk.bot.updates if "pre_checkout_query" in one]) == 1


async def test_an_invoice_link_opens_the_sheet(desk: Desk) -> None:
    """A link to an invoice in a message opens the same sheet on this phone."""
    link = await desk.bot.call(
        "createInvoiceLink",
        title="A month more",
        description="Thirty days of alerts",
        payload="month",
        currency="XTR",
        prices=[{"label": "A month", "amount": 100}],
    )
    phone = desk.phone("worker")
    await desk.write(phone, "/start")
    await desk.bot.heard_text("/start")
    await desk.bot.say(desk.ids["worker"], f"Pay here: {link}")
    await phone.locator(".row.in a", has_text="t.me").click()
    await expect(phone.get_by_role("dialog", name="A month more")).to_contain_text("⭐ 100")


async def test_a_tip_is_added_to_the_amount(desk: Desk) -> None:
    """A suggested tip can be chosen and taken back; what is paid is the sum."""
    await desk.write(desk.phone("worker"), "/start")
    await desk.bot.heard_text("/start")
    await desk.bot.call(
        "sendInvoice",
        chat_id=desk.ids["worker"],
        title="Lunch",
        description="Rice and lentils",
        payload="lunch",
        provider_token="1:TEST:1",
        currency="USD",
        prices=[{"label": "Lunch", "amount": 900}],
        max_tip_amount=500,
        suggested_tip_amounts=[100, 200],
    )
    phone = desk.phone("worker")
    await phone.locator("button.inline-button", has_text="Pay").click()
    sheet = phone.get_by_role("dialog", name="Lunch")
    await sheet.get_by_role("button", name="1.00 USD", exact=True).click()
    await expect(sheet.locator(".pay-amount")).to_contain_text("10.00 USD")
    await sheet.get_by_role("button", name="1.00 USD", exact=True).click()
    await sheet.get_by_role("button", name="2.00 USD", exact=True).click()
    await sheet.get_by_role("button", name="Pay 11.00 USD").click()
    query = await checkout(desk)
    assert query["total_amount"] == 1_100
    await desk.bot.call("answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=True)
    await expect(sheet.get_by_role("status")).to_have_text("Paid")
