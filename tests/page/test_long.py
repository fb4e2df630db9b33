"""Long chats: whatever is in them, the page holds a bounded number of elements, and nothing jumps."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from tests.page.desk import NARROW, WIDE, Desk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MANY = 2_000
MOST_ROWS = 240
MOST_ELEMENTS = 8_000
KEYS = {"inline_keyboard": [[{"text": "One", "callback_data": "1"}, {"text": "Two", "callback_data": "2"}]]}
SCROLL_TO_TOP = """async ([person, id]) => {
    const chat = document.querySelector(`[data-person="${person}"] .chat`);
    let most = 0;
    while (!chat.querySelector(`[data-message-id="${id}"]`)) {
        chat.scrollTop = 0;
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        most = Math.max(most, chat.querySelectorAll('.row').length);
    }
    return most;
}"""
SCROLL_TO_END = """async ([person, id]) => {
    const chat = document.querySelector(`[data-person="${person}"] .chat`);
    let most = 0;
    while (!chat.querySelector(`[data-message-id="${id}"]`)) {
        chat.scrollTop += chat.clientHeight;
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        most = Math.max(most, chat.querySelectorAll('.row').length);
    }
    return most;
}"""


async def fill(desk: Desk, count: int) -> tuple[int, int]:
    """Let the bot send as many messages with buttons; give the ids of the first and the last."""
    worker = desk.ids["worker"]
    await desk.write(desk.phone("worker"), "/start")
    await desk.bot.heard_text("/start")
    sent = [
        (await desk.bot.say(worker, f"number {number}", reply_markup=KEYS))["message_id"] for number in range(count)
    ]
    return sent[0], sent[-1]


async def elements(phone: Locator) -> int:
    """Count what the chat is made of."""
    count: int = await phone.locator(".chat").evaluate("(chat) => chat.querySelectorAll('*').length")
    return count


@pytest.mark.slow
@pytest.mark.parametrize("desk_size", [NARROW, WIDE])
async def test_two_thousand_messages_stay_small(desk: Desk) -> None:
    """Streamed in, opened anew, scrolled to the first and back to the last: never more than 240 rows are drawn."""
    worker, phone = desk.ids["worker"], desk.phone("worker")
    first, last = await fill(desk, MANY)
    await expect(phone.locator(".message", has_text=f"number {MANY - 1}")).to_be_in_viewport()
    assert await phone.locator(".row").count() <= MOST_ROWS
    assert await elements(phone) <= MOST_ELEMENTS
    await desk.page.reload()
    await expect(phone.locator(".message", has_text=f"number {MANY - 1}")).to_be_in_viewport()
    assert await desk.page.evaluate(SCROLL_TO_TOP, [worker, first]) <= MOST_ROWS + 60
    assert await elements(phone) <= MOST_ELEMENTS
    assert await desk.page.evaluate(SCROLL_TO_END, [worker, last]) <= MOST_ROWS + 60
    assert await elements(phone) <= MOST_ELEMENTS


async def test_reading_old_messages_is_not_disturbed(desk: Desk) -> None:
    """Scrolled far up, what is read stays where it is while new messages stream in; one tap leads to the newest."""
    worker, phone = desk.ids["worker"], desk.phone("worker")
    first, _ = await fill(desk, 700)
    await expect(phone.locator(".message", has_text="number 699")).to_be_in_viewport()
    await desk.until_read("worker")
    await desk.page.evaluate(SCROLL_TO_TOP, [worker, first])
    read = phone.locator(".message", has_text="number 5").first
    await read.scroll_into_view_if_needed()
    place = await read.bounding_box()
    for number in range(30):
        await desk.bot.say(worker, f"news {number}")
    await expect(phone.locator(".scroll-down .badge")).to_have_text("30")
    assert await read.bounding_box() == place
    await phone.get_by_role("button", name="To the newest message").click()
    await expect(phone.locator(".message", has_text="news 29")).to_be_in_viewport()
    await desk.bot.say(worker, "and one more")
    await expect(phone.locator(".message", has_text="and one more")).to_be_in_viewport()
    assert await phone.locator(".row").count() <= MOST_ROWS


async def test_an_old_message_can_be_edited_deleted_and_found(desk: Desk) -> None:
    """Edits and deletions of what is not drawn are right when it is scrolled to; a reply leads to its original."""
    worker, phone = desk.ids["worker"], desk.phone("worker")
    first, last = await fill(desk, 500)
    await desk.bot.call("editMessageText", chat_id=worker, message_id=first, text="rewritten", reply_markup=KEYS)
    await desk.bot.call("deleteMessage", chat_id=worker, message_id=first + 1)
    await desk.bot.say(worker, "an answer", reply_parameters={"message_id": first})
    await phone.locator(".quote").click()
    await expect(phone.locator(".message", has_text="rewritten")).to_be_in_viewport()
    await expect(phone.locator(f"[data-message-id='{first + 1}']")).to_have_count(0)
    await desk.page.evaluate(SCROLL_TO_END, [worker, last])
    await expect(phone.locator(".message", has_text="an answer")).to_be_attached()
