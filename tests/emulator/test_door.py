"""The door: its refusals, and the events that tell a page what happens."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.emulator.rawbot import RawBot
from tests.phone import DoorRefusedError, Phone, Telegram

KEYS = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}, {"text": "link", "url": "e.com"}]]}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "people/5/chat", None, 404),
        ("GET", "people/x/chat", None, 400),
        ("POST", "people", {}, 400),
        ("POST", "people", {"first_name": "X", "id": -1}, 400),
        ("POST", "people", {"first_name": "X", "id": 700000001}, 409),
        ("POST", "people/700000001/text", {"text": "  "}, 400),
        ("POST", "people/700000001/text", {"text": "x", "bot": 5}, 404),
        ("POST", "people/700000001/text", {"text": "x", "reply_to": 999}, 404),
        ("POST", "people/700000001/edit", {"message_id": 999, "text": "x"}, 404),
        ("POST", "people/700000001/photos", {}, 400),
        ("POST", "people/700000001/press", {"message_id": 1}, 400),
        ("POST", "people/700000001/press", {"message_id": 1, "data": "x"}, 409),
        ("POST", "people/700000001/press", {"message_id": 999, "data": "x"}, 404),
        ("POST", "people/700000001/press", {"message_id": 2, "text": "nowhere"}, 404),
        ("POST", "people/700000001/press", {"message_id": 2, "text": "link"}, 409),
        ("POST", "people/700000001/location", {"latitude": "x"}, 400),
        ("POST", "people/700000001/group_text", {"chat_id": 700000001, "text": "x"}, 404),
        ("GET", "callbacks/1", None, 404),
        ("POST", "updates", {"update": []}, 400),
        ("POST", "faults", {"kind": "error", "error_code": "x"}, 400),
        ("POST", "faults", {"kind": "error", "error_code": 200}, 400),
    ],
)
async def test_refusals_of_the_door(
    bot: RawBot, ali: Phone, tg: Telegram, method: str, path: str, body: Any, status: int
) -> None:
    """What a script asks for in vain is refused with a sentence."""
    await bot.call("sendMessage", chat_id=ali.id, text="x", reply_markup=KEYS)
    with pytest.raises(DoorRefusedError) as refused:
        await tg.call(method, path, body)
    assert refused.value.status == status
    assert refused.value.sentence


async def test_a_blocked_bot_cannot_be_written_to(ali: Phone) -> None:
    """A person who blocked the bot has to unblock it before writing."""
    await ali.block()
    with pytest.raises(DoorRefusedError, match="unblock"):
        await ali.send("x")


async def test_events_tell_what_happens(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """A page that listens hears of messages, edits, answers, deletions, chats, people, calls and resets."""
    seen: list[dict[str, Any]] = []
    opened = asyncio.Event()

    async def listen() -> None:
        async for event in tg.events():
            opened.set()
            seen.append(event)
            if event["type"] == "reset":
                return

    listening = asyncio.create_task(listen())
    while not opened.is_set():
        await bot.call("getMe")
    seen.clear()
    card = (await bot.call("sendMessage", chat_id=ali.id, text="x", reply_markup=KEYS)).result
    callback = await ali.tap("a")
    await bot.call("answerCallbackQuery", callback_query_id=callback, text="ok")
    await bot.call("editMessageText", chat_id=ali.id, message_id=card["message_id"], text="y")
    await bot.call("deleteMessage", chat_id=ali.id, message_id=card["message_id"])
    await bot.call("sendChatAction", chat_id=ali.id, action="typing")
    await tg.person("Eve")
    await tg.reset()
    async with asyncio.timeout(5):
        await listening
    kinds = [event["type"] for event in seen if event["type"] != "call"]
    assert kinds[:5] == ["message", "callback_answer", "edited", "deleted", "chat"]
    assert kinds[-1] == "reset"
    message, answer, edited, deleted = (event for event in seen if event["type"] in kinds[:4])
    assert (message["person"], message["bot"], message["message"]["out"]) == (ali.id, 1234567, False)
    assert (answer["callback_query_id"], answer["data"], answer["text"]) == (callback, "b", "ok")
    assert (edited["message"]["text"], edited["message"]["revision"]) == ("y", 1)
    assert deleted["message_id"] == card["message_id"]
    calls = [event["method"] for event in seen if event["type"] == "call"]
    assert "editMessageText" in calls


async def test_unread_counts_until_read(bot: RawBot, ali: Phone) -> None:
    """Messages of the bot are unread until the person reads or writes."""
    await bot.call("sendMessage", chat_id=ali.id, text="x")
    await bot.call("sendMessage", chat_id=ali.id, text="y")
    assert (await ali.view())["unread"] == 2
    await ali.read()
    assert (await ali.view())["unread"] == 0


async def test_the_page_is_served(base_url: str, bot: RawBot) -> None:
    """The root answers with the page."""
    async with bot.session.get(base_url) as response:
        assert response.status == 200
        assert response.content_type == "text/html"
