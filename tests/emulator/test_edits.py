"""Edits, deletions, pins and the answers to pressed buttons."""

from __future__ import annotations

from typing import Any

import pytest

from bot.emulator import editing
from tests.emulator.rawbot import RawBot
from tests.phone import Phone, Telegram
from tests.pictures import photo

BAD = "Bad Request: "
NOT_MODIFIED = (
    BAD + "message is not modified: specified new message content and reply markup are exactly the same as a current"
    " content and reply markup of the message"
)
KEYS = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}
TOO_OLD = BAD + "query is too old and response timeout expired or query ID is invalid"


async def test_an_edit_without_a_keyboard_removes_it(bot: RawBot, ali: Phone) -> None:
    """Editing the text alone takes the buttons away, and the message says when it was edited."""
    card = (await bot.call("sendMessage", chat_id=ali.id, text="x", reply_markup=KEYS)).result
    where = {"chat_id": ali.id, "message_id": card["message_id"]}
    edited = (await bot.call("editMessageText", **where, text="y")).result
    assert "reply_markup" not in edited
    assert edited["edit_date"] >= card["date"]
    assert (await bot.call("editMessageReplyMarkup", **where, reply_markup=KEYS)).result["text"] == "y"
    assert (await bot.call("editMessageReplyMarkup", **where)).result["message_id"] == card["message_id"]


async def test_an_unchanged_edit_is_refused(bot: RawBot, ali: Phone) -> None:
    """The same text, also when written in another markup, with the same buttons is no edit."""
    card = (await bot.call("sendMessage", chat_id=ali.id, text="x & y", reply_markup=KEYS)).result
    where = {"chat_id": ali.id, "message_id": card["message_id"]}
    same = {**where, "text": " x &amp; y", "parse_mode": "HTML", "reply_markup": KEYS}
    assert (await bot.call("editMessageText", **same)).error == NOT_MODIFIED
    assert (await bot.call("editMessageReplyMarkup", **where, reply_markup=KEYS)).error == NOT_MODIFIED
    assert (await ali.screen()).revision == 0


async def test_what_cannot_be_edited(bot: RawBot, ali: Phone) -> None:
    """A person's message, a photo's text, a text's caption and what is not there cannot be edited."""
    number = await ali.send("mine")
    text = (await bot.call("sendMessage", chat_id=ali.id, text="x")).result["message_id"]
    picture = (await bot.form("sendPhoto", {"photo": ("p.jpg", photo(1))}, chat_id=str(ali.id))).result["message_id"]
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("editMessageText", {"message_id": number, "text": "y"}, "message can't be edited"),
        ("editMessageText", {"message_id": 999, "text": "y"}, "message to edit not found"),
        ("editMessageText", {"message_id": picture, "text": "y"}, "there is no text in the message to edit"),
        ("editMessageCaption", {"message_id": text, "caption": "y"}, "there is no caption in the message to edit"),
        ("editMessageText", {"message_id": text, "text": ""}, "message text is empty"),
        (
            "editMessageText",
            {"message_id": text, "text": "y", "reply_markup": {"keyboard": [["a"]]}},
            "inline keyboard expected",
        ),
        ("editMessageCaption", {"message_id": picture, "caption": "y" * 1025}, "MEDIA_CAPTION_TOO_LONG"),
        (
            "editMessageMedia",
            {"message_id": picture, "media": {"type": "photo"}},
            "can't parse InputMedia: media not found",
        ),
    ]
    for method, params, error in cases:
        assert (await bot.call(method, chat_id=ali.id, **params)).error == BAD + error, method
    assert (await bot.call("editMessageText", text="y")).error == BAD + "message identifier is not specified"


async def test_captions_and_media_are_edited(bot: RawBot, ali: Phone) -> None:
    """A photo gets another caption, and another photo in its place."""
    sent = (await bot.form("sendPhoto", {"photo": ("p.jpg", photo(1))}, chat_id=str(ali.id), caption="one")).result
    where = {"chat_id": ali.id, "message_id": sent["message_id"]}
    edited = (await bot.call("editMessageCaption", **where, caption="<i>two</i>", parse_mode="HTML")).result
    assert (edited["caption"], edited["caption_entities"][0]["type"]) == ("two", "italic")
    assert edited["photo"] == sent["photo"]
    media = '{"type": "photo", "media": "attach://new", "caption": "three"}'
    params = {"chat_id": str(ali.id), "message_id": str(sent["message_id"]), "media": media}
    edited = (await bot.form("editMessageMedia", {"new": ("n.jpg", photo(2))}, **params)).result
    assert edited["caption"] == "three"
    assert edited["photo"][-1]["file_unique_id"] != sent["photo"][-1]["file_unique_id"]


async def test_deletions(bot: RawBot, ali: Phone) -> None:
    """A message can be deleted once; a list of several passes over those that are gone."""
    numbers = [(await bot.call("sendMessage", chat_id=ali.id, text="x")).result["message_id"] for _ in range(3)]
    own = await ali.send("a person's message in a private chat goes too")
    assert (await bot.call("deleteMessage", chat_id=ali.id, message_id=numbers[0])).result is True
    again = await bot.call("deleteMessage", chat_id=ali.id, message_id=numbers[0])
    assert again.error == BAD + "message to delete not found"
    assert (await bot.call("deleteMessages", chat_id=ali.id, message_ids=[*numbers, own])).result is True
    assert [message.text for message in await ali.chat()] == ["/start"]
    cases: list[tuple[Any, str]] = [
        ("", "message identifiers are not specified"),
        ("x", "can't parse message_ids JSON object"),
        ({}, "expected an Array of message identifiers"),
        (list(range(1, 102)), "too many message identifiers specified"),
        ([None], "message identifier must be a Number"),
        ([0], "invalid message identifier specified"),
    ]
    for given, error in cases:
        assert (await bot.call("deleteMessages", chat_id=ali.id, message_ids=given)).error == BAD + error
    assert (await bot.call("deleteMessage", message_id=1)).error == BAD + "chat identifier is not specified"


async def test_old_messages_cannot_be_deleted(bot: RawBot, ali: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    """After 48 hours a message stays."""
    number = (await bot.call("sendMessage", chat_id=ali.id, text="x")).result["message_id"]
    monkeypatch.setattr(editing, "DELETE_WITHIN_SECONDS", -1)
    assert (
        await bot.call("deleteMessage", chat_id=ali.id, message_id=number)
    ).error == BAD + "message can't be deleted"


async def test_old_messages_can_be_edited(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """A bot edits its own messages whenever it likes: only deleting them ends after 48 hours."""
    number = (await bot.call("sendMessage", chat_id=ali.id, text="x")).result["message_id"]
    await tg.move_clock(days=300)
    where = {"chat_id": ali.id, "message_id": number}
    edited = (await bot.call("editMessageText", **where, text="y")).result
    assert edited["edit_date"] - edited["date"] >= 300 * 86_400
    assert (await bot.call("deleteMessage", **where)).error == BAD + "message can't be deleted"


async def test_a_button_is_answered_once_and_in_time(bot: RawBot, ali: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second answer, an answer to nothing, a long one and a late one are refused."""
    card = (await bot.call("sendMessage", chat_id=ali.id, text="x", reply_markup=KEYS)).result
    await ali.tap("a")
    query = await bot.update("callback_query")
    assert query["message"]["message_id"] == card["message_id"]
    assert not await ali.answered(query["id"])
    long = await bot.call("answerCallbackQuery", callback_query_id=query["id"], text="x" * 201)
    assert long.error == BAD + "MESSAGE_TOO_LONG"
    elsewhere = await bot.call("answerCallbackQuery", callback_query_id=query["id"], url="https://e.com")
    assert elsewhere.error == BAD + "URL_INVALID"
    assert (await bot.call("answerCallbackQuery", callback_query_id=query["id"])).result is True
    assert await ali.answered(query["id"])
    assert (await bot.call("answerCallbackQuery", callback_query_id=query["id"])).error == TOO_OLD
    assert (await bot.call("answerCallbackQuery", callback_query_id="1")).error == TOO_OLD
    assert (await bot.call("answerCallbackQuery")).error == TOO_OLD
    await ali.tap("a")
    query = await bot.update("callback_query")
    monkeypatch.setattr(editing, "CALLBACK_LIFE_SECONDS", -1)
    assert (await bot.call("answerCallbackQuery", callback_query_id=query["id"])).error == TOO_OLD


async def test_a_press_carries_the_message_as_it_is_now(bot: RawBot, ali: Phone) -> None:
    """A press on a page that is behind shows the message in its present form; a deleted one cannot be pressed."""
    card = (await bot.call("sendMessage", chat_id=ali.id, text="x", reply_markup=KEYS)).result
    where = {"chat_id": ali.id, "message_id": card["message_id"]}
    await bot.call("editMessageText", **where, text="done")
    await ali.tap_data(card["message_id"], "b")
    await ali.tap_data(card["message_id"], "b")
    first, second = await bot.updates()
    assert first["callback_query"]["message"]["text"] == "done"
    assert first["callback_query"]["id"] != second["callback_query"]["id"]
    with pytest.raises(AssertionError, match="no button"):
        await ali.tap("a")
    await bot.call("deleteMessage", **where)
    with pytest.raises(Exception, match="nothing on it can be pressed"):
        await ali.tap_data(card["message_id"], "b")


async def test_pins(bot: RawBot, ali: Phone) -> None:
    """A pinned message is told of in the chat, in an update of the bot's own and in getChat, and can be unpinned."""
    number = (await bot.call("sendMessage", chat_id=ali.id, text="rules")).result["message_id"]
    assert (await bot.call("pinChatMessage", chat_id=ali.id, message_id=number)).result is True
    told = (await ali.screen()).raw
    assert told["pinned_message"]["text"] == "rules"
    (update,) = await bot.updates()
    assert update["message"]["message_id"] == told["message_id"]
    assert update["message"]["from"]["is_bot"] is True
    assert update["message"]["pinned_message"]["message_id"] == number
    assert (await bot.call("pinChatMessage", chat_id=ali.id, message_id=number)).result is True
    assert await bot.updates() == []
    assert (await bot.call("getChat", chat_id=ali.id)).result["pinned_message"]["message_id"] == number
    assert (await bot.call("unpinChatMessage", chat_id=ali.id)).result is True
    assert "pinned_message" not in (await bot.call("getChat", chat_id=ali.id)).result
    assert (await bot.call("unpinChatMessage", chat_id=ali.id)).error == BAD + "message to unpin not found"
    assert (await bot.call("unpinAllChatMessages", chat_id=ali.id)).result is True
    assert (await bot.call("pinChatMessage", chat_id=ali.id, message_id=999)).error == BAD + "message to pin not found"
