"""The page as a whole: several phones, a narrow screen, unread badges, long chats, a restart, names for all."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from playwright.async_api import Page, Route, expect

from tests.emulator_process import emulator_process
from tests.page.desk import NARROW, PEOPLE, TOKEN, Desk
from tests.page.sample_bot import SampleBot

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SMALL_BUTTONS = """[...document.querySelectorAll('button, select')]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 40)
    .map((one) => `${one.className} ${one.textContent}`)"""
NAMELESS = """[...document.querySelectorAll('button, textarea, select, input')]
    .filter((one) => one.checkVisibility())
    .filter((one) => !(one.getAttribute('aria-label') || one.textContent.trim() || one.labels?.length))
    .map((one) => one.outerHTML)"""


async def test_a_newcomer_gets_phones_with_one_button(empty_desk: Desk) -> None:
    """Without people the page offers to add them, and then shows the four phones in the order of their roles."""
    await empty_desk.page.get_by_role("button", name="Add three people").click()
    phones = empty_desk.page.locator("section.phone")
    await expect(phones).to_have_count(4)
    roles = [await phones.nth(i).get_attribute("data-role") for i in range(4)]
    assert roles == ["worker", "employer", "subscriber", "operator"]
    await expect(phones.first.locator("h2")).to_have_text("Ali Khan")


async def test_three_phones_fit_a_desktop(desk: Desk) -> None:
    """At 1440 pixels three phones stand side by side in full, and the page itself does not scroll sideways."""
    for role in ("worker", "employer", "subscriber"):
        await expect(desk.phone(role)).to_be_in_viewport(ratio=0.99)
    assert await desk.page.evaluate("document.documentElement.scrollWidth") == 1440


@pytest.mark.parametrize("desk_size", [NARROW])
async def test_a_narrow_screen_shows_one_phone_and_badges(desk: Desk) -> None:
    """On a small screen one phone shows, the others count unread messages, and a switch marks them read."""
    await expect(desk.phone("worker")).to_be_visible()
    await expect(desk.phone("employer")).to_be_hidden()
    await desk.door("POST", f"people/{desk.ids['employer']}/text", {"text": "/start"})
    switch = desk.page.locator(f"[data-switch='{desk.ids['employer']}']")
    await expect(switch.locator(".badge")).to_have_text("1")
    await switch.click()
    await expect(desk.phone("employer")).to_be_visible()
    await expect(desk.phone("worker")).to_be_hidden()
    await expect(switch.locator(".badge")).to_be_hidden()
    await desk.until_read("employer")


@pytest.mark.parametrize("desk_size", [NARROW])
async def test_what_comes_while_a_chat_is_loaded_is_counted(desk: Desk) -> None:
    """A message that comes while the page asks for a chat again stays in the count of unread ones."""
    employer = desk.ids["employer"]
    await desk.door("POST", f"people/{employer}/text", {"text": "/start"})
    count = desk.page.locator(f"[data-switch='{employer}'] .badge")
    await expect(count).to_have_text("1")

    async def slowly(route: Route) -> None:
        answer = await route.fetch()
        if (await answer.json())["typing"]:
            await desk.bot.say(employer, "second")
            await expect(count).to_have_text("2")
        await route.fulfill(response=answer)

    await desk.page.route(f"**/people/{employer}/chat**", slowly)
    await desk.bot.call("sendChatAction", chat_id=employer, action="typing")
    await expect(desk.phone("employer").locator(".bot-status.typing")).to_be_attached()
    await expect(count).to_have_text("2")


@pytest.mark.parametrize("desk_size", [NARROW])
async def test_thumbs_hit_every_button(desk: Desk) -> None:
    """At 390x844 no button is lower than 40 pixels, and nothing is wider than the screen."""
    phone = desk.phone("worker")
    await desk.write(phone, "/start")
    await desk.write(phone, "/keyboard")
    await desk.write(phone, "echo " + "longword" * 40)
    await expect(phone.locator(".row.in")).to_have_count(3)
    await expect(phone.locator("button.reply-button")).to_have_count(3)
    assert await desk.page.evaluate(SMALL_BUTTONS) == []
    assert await desk.page.evaluate("document.documentElement.scrollWidth") == 390
    assert await phone.locator(".chat").evaluate("(chat) => chat.scrollWidth - chat.clientWidth") == 0


async def test_every_control_has_a_name(desk: Desk) -> None:
    """Each button and field a person can reach has words for a screen reader, and news are read out."""
    phone = desk.phone("worker")
    await desk.write(phone, "/start")
    await expect(phone.locator("[aria-live=polite]")).to_contain_text("new message: Hello there")
    assert await desk.page.evaluate(NAMELESS) == []


async def test_a_long_chat_draws_only_a_part(desk: Desk) -> None:
    """Of five hundred messages the newest are drawn, a new one redraws nothing, scrolling brings the old."""
    worker = desk.ids["worker"]
    await desk.write(desk.phone("worker"), "/start")
    await desk.bot.heard_text("/start")
    first = (await desk.bot.say(worker, "number 0"))["message_id"]
    for number in range(1, 500):
        await desk.bot.say(worker, f"number {number}")
    await desk.page.reload()
    phone = desk.phone("worker")
    newest = phone.locator(".message", has_text="number 499")
    await expect(newest).to_be_in_viewport()
    assert await phone.locator(".message").count() < 200
    await newest.evaluate("(bubble) => { bubble.untouched = true; }")
    await desk.bot.say(worker, "one more")
    await expect(phone.locator(".message", has_text="one more")).to_be_in_viewport()
    assert await newest.evaluate("(bubble) => bubble.untouched") is True
    await desk.page.wait_for_function(
        """([person, id]) => {
            const chat = document.querySelector(`[data-person="${person}"] .chat`);
            chat.scrollTop = 0;
            return chat.querySelector(`[data-message-id="${id}"]`) !== null;
        }""",
        arg=[worker, first],
    )


async def test_the_theme_can_be_chosen(desk: Desk) -> None:
    """The theme button leaves the system's choice for light and then dark, and the choice outlives a reload."""
    root = desk.page.locator("html")
    await expect(root).to_have_attribute("data-theme", "light")
    button = desk.page.get_by_role("button", name="Theme")
    await button.click()
    await button.click()
    await expect(root).to_have_attribute("data-theme", "dark")
    await desk.page.reload()
    await expect(root).to_have_attribute("data-theme", "dark")


async def test_people_come_and_go(desk: Desk) -> None:
    """A person added by the form gets a phone, and removing them takes it away."""
    await desk.page.get_by_role("button", name="Add person").click()
    form = desk.page.get_by_role("dialog")
    await form.get_by_label("First name").fill("Zara")
    await form.get_by_role("button", name="Add", exact=True).click()
    phone = desk.page.locator("section.phone", has_text="Zara")
    await expect(phone).to_be_visible()
    await phone.get_by_role("button", name="Chat menu").click()
    await phone.get_by_role("menuitem", name="Remove this person").click()
    await phone.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(phone).to_have_count(0)
    await expect(desk.page.locator("section.phone")).to_have_count(4)


async def test_a_restart_heals_without_a_reload(page: Page, tmp_path: Path) -> None:
    """While the emulator is away the page says so; when it is back the chat goes on where it was."""
    arguments = ("--no-limits", "--state", str(tmp_path / "state"))
    async with aiohttp.ClientSession() as session:
        async with emulator_process(tmp_path, *arguments) as address, SampleBot(address, TOKEN) as bot:
            desk = Desk(address, page, bot, session)
            await desk.add_person(**PEOPLE[0])
            await page.goto(address)
            phone = desk.phone("worker")
            await desk.write(phone, "echo before")
            await expect(phone.locator(".row.in .text")).to_have_text("You said before")
        lost = page.locator(".connection")
        await expect(lost).to_be_visible()
        port = str(urlsplit(address).port)
        async with emulator_process(tmp_path, *arguments, "--port", port) as again, SampleBot(again, TOKEN):
            await expect(lost).to_be_hidden(timeout=15000)
            await desk.write(phone, "echo after")
            await expect(phone.locator(".row.in .text")).to_have_text(["You said before", "You said after"])
