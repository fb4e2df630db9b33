"""The tour on the page: it points at the real button, follows what really happens, and bears people who leave it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from playwright.async_api import Locator, Page, expect

from tests.emulator_process import emulator_process
from tests.page.desk import NARROW, PEOPLE, TOKEN, Desk
from tests.page.sample_bot import SampleBot
from tests.pictures import screenshot

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PICTURE = "data:image/jpeg;base64," + base64.b64encode(screenshot(3, size=(360, 640), kind="JPEG")).decode()


async def give_tour(desk: Desk, **changes: Any) -> None:
    """Give the emulator a tour of four taps over two phones, and one look."""
    ali, sara = desk.ids["worker"], desk.ids["employer"]
    steps = [
        {"person": ali, "say": "Let it change.", "tap": "Edit", "until": {"see": "Changed"}, "back": "/start"},
        {"person": sara, "say": "Now Sara.", "send": "/start", "until": {"see": "Hello"}},
        {
            "person": sara,
            "say": "Have a look.",
            "see": "Hello",
            "otherwise": {"see": "Never", "steps": []},
        },
        {"person": sara, "say": "Show something.", "photo": PICTURE, "until": {"see": "Got it"}, "name": "picture"},
        {"person": ali, "say": "The end is near.", "send": "echo bye"},
    ]
    tour = {
        "title": "A small tour",
        "words": "See how it works.",
        "end": "That was all.",
        "opening": [{"person": ali, "text": "/start"}],
        "steps": steps,
        **changes,
    }
    await desk.door("POST", "tour", tour)


def card(desk: Desk) -> Locator:
    """Give the tour's card, on whichever phone it is."""
    return desk.page.locator(".tour-card")


async def answer_photos(desk: Desk) -> None:
    """Say that the photo came, as soon as it did."""
    await desk.bot.heard(lambda update: "photo" in update.get("message", {}))
    await desk.bot.say(desk.ids["employer"], "Got it")


@pytest.mark.parametrize("desk_size", [NARROW, (1440, 900)])
async def test_the_tour_leads_to_its_end(desk: Desk) -> None:
    """From the invitation to the last word: each step waits for the bot, and the right phone comes by itself."""
    await give_tour(desk)
    news = desk.page.locator(".news")
    await expect(news).to_contain_text("See how it works.")
    await news.get_by_role("button", name="Start the tour").click()
    await expect(desk.phone("worker").locator(".tour-card")).to_contain_text("Ali · 1 of 4")
    target = desk.phone("worker").locator("button.tour-target")
    await expect(target).to_have_text("Edit")
    await expect(target).to_be_in_viewport()
    await target.click()
    await expect(desk.phone("employer").locator(".tour-card")).to_contain_text("2 of 4")
    await expect(desk.phone("employer")).to_be_in_viewport()
    await card(desk).get_by_role("button", name="Send “/start”").click()
    await expect(card(desk)).to_contain_text("Have a look.")
    await expect(desk.phone("employer").locator(".message.tour-target")).to_contain_text("Hello")
    await card(desk).get_by_role("button", name="Next").click()
    await card(desk).get_by_role("button", name="Send this picture").click()
    await answer_photos(desk)
    await card(desk).get_by_role("button", name="Send “echo bye”").click()
    await expect(news).to_contain_text("That was all.")
    await expect(card(desk)).to_have_count(0)
    await expect(desk.page.locator(".tour-target")).to_have_count(0)
    assert await desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_reload_goes_on_where_it_was(desk: Desk) -> None:
    """Reloaded in the middle the tour stands at the same step, and still knows what is new since then."""
    await give_tour(desk)
    await desk.page.get_by_role("button", name="Start the tour").click()
    await expect(card(desk)).to_contain_text("1 of 4")
    await desk.page.reload()
    await expect(card(desk)).to_contain_text("1 of 4")
    await desk.phone("worker").locator("button.tour-target").click()
    await expect(card(desk)).to_contain_text("2 of 4")
    await desk.page.reload()
    await expect(card(desk)).to_contain_text("2 of 4")
    await expect(desk.page.locator(".news")).to_be_hidden()


async def test_whoever_does_it_without_the_card_is_followed(desk: Desk) -> None:
    """A step is over when the bot said what it waits for, also when somebody typed instead of tapping the card."""
    await give_tour(desk)
    await desk.page.get_by_role("button", name="Start the tour").click()
    await desk.phone("worker").locator("button.tour-target").click()
    await expect(card(desk)).to_contain_text("2 of 4")
    await desk.write(desk.phone("worker"), "echo something else")
    await desk.write(desk.phone("employer"), "/start")
    await expect(card(desk)).to_contain_text("Have a look.")


async def test_whoever_left_the_path_is_taken_back(desk: Desk) -> None:
    """When the button is gone the card says so after a while, and brings it back; a step can be skipped, too."""
    await give_tour(desk)
    await desk.page.get_by_role("button", name="Start the tour").click()
    await expect(card(desk)).to_contain_text("1 of 4")
    worker = desk.ids["worker"]
    chat = await desk.door("GET", f"people/{worker}/chat")
    await desk.bot.call("deleteMessage", chat_id=worker, message_id=chat["messages"][-1]["message_id"])
    await expect(card(desk)).to_contain_text("is not on Ali's phone", timeout=10_000)
    await card(desk).get_by_role("button", name="Take me back").click()
    await expect(desk.phone("worker").locator("button.tour-target")).to_have_text("Edit")
    await card(desk).get_by_role("button", name="Skip").click()
    await expect(card(desk)).to_contain_text("2 of 4")


async def test_the_other_way_is_taken_when_things_stand_otherwise(desk: Desk) -> None:
    """A step whose `otherwise` is what the bot said last gives way to the other steps, and then goes on as named."""
    ali = desk.ids["worker"]
    other = {
        "see": "Hello",
        "steps": [{"person": ali, "say": "Another way.", "tap": "Toast", "until": {"see": "Go on"}}],
        "then": "last",
    }
    steps = [
        {"person": ali, "say": "Not this.", "tap": "Nowhere", "otherwise": other},
        {"person": ali, "say": "Not this either.", "tap": "Nowhere"},
        {"person": ali, "say": "The last one.", "tap": "Alert", "name": "last"},
    ]
    await give_tour(desk, steps=steps)
    await desk.page.get_by_role("button", name="Start the tour").click()
    await expect(card(desk)).to_contain_text("Another way.")
    await desk.phone("worker").locator("button.tour-target").click()
    await desk.bot.say(ali, "Go on")
    await expect(card(desk)).to_contain_text("The last one.")


async def test_the_tour_works_without_a_mouse(desk: Desk) -> None:
    """The focus is led to what to press, Enter presses it, the words are read out, and the cross ends it."""
    await give_tour(desk)
    await desk.page.get_by_role("button", name="Start the tour").focus()
    await desk.page.keyboard.press("Enter")
    await expect(desk.phone("worker").locator("button.tour-target")).to_be_focused()
    await expect(desk.page.get_by_role("status").filter(has_text="Let it change. Tap Edit")).to_be_attached()
    await desk.page.keyboard.press("Enter")
    await expect(card(desk).get_by_role("button", name="Send “/start”")).to_be_focused()
    await desk.page.keyboard.press("Enter")
    await expect(card(desk).get_by_role("button", name="Next")).to_be_focused()
    await card(desk).get_by_role("button", name="End the tour").press("Enter")
    await expect(card(desk)).to_have_count(0)


async def test_who_said_no_is_not_asked_again(desk: Desk) -> None:
    """The invitation that was closed stays away after a reload; the Tour button still starts it, and stops it."""
    await give_tour(desk)
    news = desk.page.locator(".news")
    await news.get_by_role("button", name="Close this line").click()
    await desk.page.reload()
    button = desk.page.get_by_role("button", name="Tour", exact=True)
    await expect(button).to_be_visible()
    await expect(news).to_be_hidden()
    await button.click()
    await expect(card(desk)).to_contain_text("1 of 4")
    await button.click()
    await expect(card(desk)).to_have_count(0)


async def test_two_tabs_each_have_their_own_tour(desk: Desk) -> None:
    """A tour in one tab leaves the other tab alone, and both see the same chats."""
    await give_tour(desk)
    other = await desk.page.context.new_page()
    await other.goto(desk.base_url)
    await desk.page.get_by_role("button", name="Start the tour").click()
    await expect(card(desk)).to_contain_text("1 of 4")
    await expect(other.locator(".row.in .text").first).to_have_text("Hello there")
    await expect(other.locator(".tour-card")).to_have_count(0)


async def test_without_a_tour_nothing_is_offered(desk: Desk) -> None:
    """An emulator that nobody gave a tour shows none, and a tour that is taken away ends."""
    button = desk.page.locator("button.tour-start")
    await expect(button).to_be_hidden()
    await give_tour(desk)
    await expect(button).to_be_visible()
    await button.click()
    await expect(card(desk)).to_contain_text("1 of 4")
    await desk.door("DELETE", "tour")
    await expect(button).to_be_hidden()
    await expect(card(desk)).to_have_count(0)
    await give_tour(desk)
    await expect(card(desk)).to_contain_text("1 of 4")


async def test_the_emulator_comes_back_in_the_middle(page: Page, tmp_path: Path) -> None:
    """While the emulator is away the tour waits; when it is back and given again it goes on at the same step."""
    arguments = ("--no-limits", "--state", str(tmp_path / "state"))
    async with aiohttp.ClientSession() as session:
        async with emulator_process(tmp_path, *arguments) as address, SampleBot(address, TOKEN) as bot:
            desk = Desk(address, page, bot, session)
            for person in PEOPLE[:2]:
                await desk.add_person(**person)
            await give_tour(desk)
            await page.goto(address)
            await page.get_by_role("button", name="Start the tour").click()
            await desk.phone("worker").locator("button.tour-target").click()
            await expect(card(desk)).to_contain_text("2 of 4")
        await expect(page.locator(".connection")).to_be_visible()
        port = str(urlsplit(address).port)
        async with emulator_process(tmp_path, *arguments, "--port", port) as again, SampleBot(again, TOKEN):
            await expect(page.locator(".connection")).to_be_hidden(timeout=15_000)
            await expect(card(desk)).to_have_count(0)
            await give_tour(desk)
            await expect(card(desk)).to_contain_text("2 of 4")
            await card(desk).get_by_role("button", name="Send “/start”").click()
            await expect(card(desk)).to_contain_text("Have a look.")
