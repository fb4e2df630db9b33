"""The phone of the other tests: what it sees, waits for and complains about."""

from __future__ import annotations

import asyncio

import pytest

from tests.emulator.rawbot import RawBot
from tests.phone import Phone, Telegram
from tests.pictures import photo, screenshot

MENU = {"inline_keyboard": [[{"text": "Browse jobs", "callback_data": "jobs"}, {"text": "Help", "callback_data": "?"}]]}


async def test_a_story_of_a_press_and_an_edit(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """A person writes, presses a button, sees the toast and the edited card: the whole round trip works."""
    await ali.send("hello")
    said = await bot.update("message")
    assert said["text"] == "hello"
    await bot.call("sendMessage", chat_id=ali.id, text="Welcome", reply_markup=MENU)
    card = await ali.wait_for("Welcome")
    assert card.buttons == ["Browse jobs", "Help"]

    pressing = asyncio.create_task(ali.press("Browse"))
    query = await bot.update("callback_query")
    assert query["data"] == "jobs"
    assert query["message"]["message_id"] == card.message_id
    await bot.call("answerCallbackQuery", callback_query_id=query["id"], text="One moment", show_alert=True)
    toast = await pressing
    assert (toast.text, toast.alert) == ("One moment", True)

    await bot.call("editMessageText", chat_id=ali.id, message_id=card.message_id, text="Jobs: none")
    edited = await ali.wait_for("Jobs:")
    assert edited.message_id == card.message_id
    assert edited.buttons == []
    assert await tg.problems() == []


async def test_waiting_in_vain_shows_the_chat(bot: RawBot, ali: Phone) -> None:
    """When the awaited text never comes the failure shows what the chat looked like."""
    await bot.call("sendMessage", chat_id=ali.id, text="Something else", reply_markup=MENU)
    with pytest.raises(AssertionError, match=r"(?s)Something else.*\[Browse jobs\]"):
        await ali.wait_for("Welcome", timeout_seconds=0.05)
    with pytest.raises(AssertionError, match="sees no button"):
        await ali.press("Nowhere")


async def test_old_messages_do_not_satisfy_a_wait(bot: RawBot, ali: Phone) -> None:
    """A wait looks only at what is new or edited since the person's last action."""
    await bot.call("sendMessage", chat_id=ali.id, text="Balance: 5")
    await ali.wait_for("Balance: 5")
    await ali.send("again")
    with pytest.raises(AssertionError):
        await ali.wait_for("Balance", timeout_seconds=0.05)


async def test_an_album_of_eleven_arrives_as_ten_and_one(bot: RawBot, ali: Phone) -> None:
    """Eleven photos become an album of ten and a single one, the caption on the first only."""
    picture = photo(1, size=(120, 90))
    numbers = await ali.send_photos([picture] * 11, caption="My proof")
    messages = [update["message"] for update in await bot.updates()]
    assert [message["message_id"] for message in messages] == numbers
    assert [message.get("caption") for message in messages] == ["My proof"] + [None] * 10
    groups = [message.get("media_group_id") for message in messages]
    assert len(set(groups[:10])) == 1
    assert groups[0] is not None
    assert groups[10] is None


async def test_other_kinds_of_message(bot: RawBot, ali: Phone) -> None:
    """Documents, stickers, voice, video, places and contacts arrive as what they are."""
    await ali.send_document(screenshot(3), "proof.png", "image/png", caption="as a file")
    document = (await bot.update("message"))["document"]
    assert document["file_name"] == "proof.png"
    assert document["mime_type"] == "image/png"
    await ali.send_sticker()
    assert (await bot.update("message"))["sticker"]["emoji"]
    await ali.send_voice(7)
    assert (await bot.update("message"))["voice"]["duration"] == 7
    await ali.send_video()
    assert (await bot.update("message"))["video"]["mime_type"] == "video/mp4"
    await ali.send_location(41.0, 29.0)
    assert (await bot.update("message"))["location"] == {"latitude": 41.0, "longitude": 29.0}
    await ali.send_contact()
    contact = (await bot.update("message"))["contact"]
    assert contact == {"phone_number": "+905551112233", "first_name": "Ali", "user_id": ali.id}


async def test_edits_blocks_and_stale_buttons(bot: RawBot, ali: Phone) -> None:
    """An own message can be edited, the bot blocked, and a button that is gone pressed from an old page."""
    number = await ali.send("frist")
    await bot.updates()
    await ali.edit(number, "first")
    edited = await bot.update("edited_message")
    assert (edited["text"], "edit_date" in edited) == ("first", True)
    card = (await bot.call("sendMessage", chat_id=ali.id, text="no buttons")).result
    await ali.tap_data(card["message_id"], "old:data")
    assert (await bot.update("callback_query"))["data"] == "old:data"
    await ali.block()
    assert (await bot.update("my_chat_member"))["new_chat_member"]["status"] == "kicked"
    refused = await bot.call("sendMessage", chat_id=ali.id, text="hello?")
    assert refused.error == "Forbidden: bot was blocked by the user"
    await ali.unblock()
    assert (await bot.update("my_chat_member"))["new_chat_member"]["status"] == "member"
    assert (await bot.call("sendMessage", chat_id=ali.id, text="hello!")).result


def test_pictures_are_the_same_for_the_same_seed() -> None:
    """A seed makes one picture and another seed another, and a photo carries a place only when asked to."""
    assert photo(5) == photo(5)
    assert photo(5) != photo(6)
    assert screenshot(5) == screenshot(5)
    assert screenshot(5) != screenshot(6)
    assert len(photo(5)) > 20_000
    assert photo(5) != photo(5, with_gps=False)
