"""New messages: whom they may go to, what they may hold, and what is made of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.rawbot import RawBot
from tests.phone import Phone, Telegram

BAD = "Bad Request: "


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"chat_id": ""}, BAD + "chat_id is empty"),
        ({"chat_id": None}, BAD + "chat_id is empty"),
        ({"chat_id": 5}, BAD + "chat not found"),
        ({"chat_id": "@somebody"}, BAD + "chat not found"),
        ({"chat_id": "abc"}, BAD + "chat not found"),
        ({"text": ""}, BAD + "message text is empty"),
        ({"text": None}, BAD + "message text is empty"),
        ({"text": "  \n "}, BAD + "text must be non-empty"),
        ({"text": "\u200b\u00a0"}, BAD + "text must be non-empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, BAD + "text must be non-empty"),
        ({"text": "x" * 4097}, BAD + "message is too long"),
        ({"text": "x" * 40_000}, BAD + "text is too long"),
        ({"parse_mode": "XML"}, BAD + "unsupported parse_mode"),
        (
            {"text": "a <p>", "parse_mode": "HTML"},
            BAD + 'can\'t parse entities: Unsupported start tag "p" at byte offset 2',
        ),
        (
            {"text": "a.b", "parse_mode": "MarkdownV2"},
            BAD + "can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
        ),
        ({"entities": [1]}, BAD + "can't parse MessageEntity: expected an Object"),
        ({"entities": [{"type": "bold", "offset": 0}]}, BAD + "can't parse MessageEntity: Can't find field \"length\""),
        (
            {"text": "x", "entities": [{"type": "bold", "offset": 5, "length": 1}]},
            BAD + "entity begins after the end of the text at UTF-16 offset 5",
        ),
        ({"link_preview_options": "{"}, BAD + "can't parse link preview options JSON object"),
        ({"link_preview_options": "[]"}, BAD + "object expected as link preview options"),
        ({"reply_parameters": "x"}, BAD + "can't parse reply parameters JSON object"),
        ({"reply_parameters": {"message_id": 999}}, BAD + "message to be replied not found"),
    ],
)
async def test_refusals(bot: RawBot, ali: Phone, params: dict[str, Any], error: str) -> None:
    """What Telegram refuses is refused with Telegram's code and words, and nothing is sent."""
    before = len(await ali.chat())
    refused = await bot.call("sendMessage", **{"chat_id": ali.id, "text": "x", **params})
    assert refused.error == error
    assert len(await ali.chat()) == before


async def test_a_person_who_never_wrote_cannot_be_written_to(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """A bot cannot begin a conversation."""
    eve = await tg.person("Eve")
    refused = await bot.call("sendMessage", chat_id=eve.id, text="hello")
    assert (refused.status, refused.error) == (403, "Forbidden: bot can't initiate conversation with a user")


async def test_the_longest_text_and_caption(bot: RawBot, ali: Phone) -> None:
    """4,096 characters are counted after the markup is gone, and by characters, not by UTF-16 units."""
    text = "<b>" + "ж" * 4096 + "</b>"
    assert len((await bot.call("sendMessage", chat_id=ali.id, text=text, parse_mode="HTML")).result["text"]) == 4096
    assert (await bot.call("sendMessage", chat_id=ali.id, text="😀" * 4096)).result


async def test_a_sent_text_is_plain_with_entities(bot: RawBot, ali: Phone) -> None:
    """The message that comes back has the text without markup and its entities in UTF-16 units."""
    sent = (await bot.call("sendMessage", chat_id=ali.id, text="😀 <b>x</b> /go ", parse_mode="HTML")).result
    assert sent["text"] == "😀 x /go"
    assert sent["entities"] == [
        {"offset": 3, "length": 1, "type": "bold"},
        {"offset": 5, "length": 3, "type": "bot_command"},
    ]
    assert sent["chat"] == {"id": ali.id, "first_name": "Ali", "username": "ali_tester", "type": "private"}
    assert sent["from"]["is_bot"]
    assert (await ali.screen()).html == '😀 <b>x</b> <span class="bot-command">/go</span>'


async def test_what_a_person_writes(bot: RawBot, ali: Phone) -> None:
    """A person's text arrives trimmed, with commands and links marked, and a deep link is just its text."""
    await ali.send("  /start ref_42  ")
    message = await bot.update("message")
    assert message["text"] == "/start ref_42"
    assert message["entities"] == [{"offset": 0, "length": 6, "type": "bot_command"}]
    assert message["from"]["language_code"] == "en"
    assert message["chat"]["id"] == message["from"]["id"] == ali.id
    first = await ali.send("see http://e.com")
    assert (await bot.update("message"))["entities"][0]["type"] == "url"
    await ali.send("again", reply_to=first)
    assert (await bot.update("message"))["reply_to_message"]["message_id"] == first
    await ali.send("a" * 5000)
    parts = [update["message"]["text"] for update in await bot.updates()]
    assert [len(part) for part in parts] == [4096, 904]


async def test_replies_are_shown_once(bot: RawBot, ali: Phone) -> None:
    """A reply carries the message replied to, but not what that one replied to."""
    first = (await bot.call("sendMessage", chat_id=ali.id, text="1")).result["message_id"]
    reply = {"message_id": first}
    second = (await bot.call("sendMessage", chat_id=ali.id, text="2", reply_parameters=reply)).result
    assert second["reply_to_message"]["message_id"] == first
    reply = {"message_id": second["message_id"]}
    third = (await bot.call("sendMessage", chat_id=ali.id, text="3", reply_parameters=reply)).result
    assert "reply_to_message" not in third["reply_to_message"]
    gone = {"message_id": 999, "allow_sending_without_reply": True}
    assert (
        "reply_to_message"
        not in (await bot.call("sendMessage", chat_id=ali.id, text="4", reply_parameters=gone)).result
    )


@pytest.mark.parametrize(
    ("markup", "error"),
    [
        ("{", "can't parse reply keyboard markup JSON object"),
        ("[]", "object expected as reply markup"),
        ({"inline_keyboard": {}}, 'field "inline_keyboard" must be of type Array'),
        ({"inline_keyboard": [{}]}, 'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'),
        ({"inline_keyboard": [["x"]]}, "can't parse inline keyboard button: InlineKeyboardButton must be an Object"),
        ({"inline_keyboard": [[{}]]}, "can't parse inline keyboard button: Can't find field \"text\""),
        (
            {"inline_keyboard": [[{"text": "x"}]]},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"inline_keyboard": [[{"text": "\r", "callback_data": "x"}]]},
            "inline keyboard button text must be non-empty",
        ),
        ({"inline_keyboard": [[{"text": "x", "callback_data": "ж" * 33}]]}, "BUTTON_DATA_INVALID"),
        (
            {"inline_keyboard": [[{"text": "x", "url": "nowhere"}]]},
            "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL",
        ),
        (
            {"inline_keyboard": [[{"text": "x", "url": "ftp://e.com"}]]},
            "inline keyboard button URL 'ftp://e.com' is invalid: Unsupported URL protocol",
        ),
        (
            {"inline_keyboard": [[{"text": "x", "url": "http://e.com:"}]]},
            "inline keyboard button URL 'http://e.com:' is invalid: Wrong port number specified in the URL",
        ),
        ({"inline_keyboard": [[{"text": "x", "callback_data": "y"}] * 9]}, "reply markup is too long"),
        ({"inline_keyboard": [[{"text": "x", "callback_data": "y"}]] * 101}, "reply markup is too long"),
        ({"keyboard": [{}]}, 'field "keyboard" must be an Array of Arrays'),
        ({"keyboard": [[5]]}, "can't parse keyboard button: KeyboardButton must be a String or an Object"),
        ({"keyboard": [[{}]]}, "can't parse keyboard button: Can't find field \"text\""),
    ],
)
async def test_refused_keyboards(bot: RawBot, ali: Phone, markup: Any, error: str) -> None:
    """A keyboard Telegram would not take is refused in its words."""
    refused = await bot.call("sendMessage", chat_id=ali.id, text="x", reply_markup=markup)
    assert refused.error == BAD + error


async def test_keyboards_that_are_taken(bot: RawBot, ali: Phone) -> None:
    """Only inline keyboards stay with the message; a reply keyboard goes under the text field and away again."""
    full = {
        "inline_keyboard": [[{"text": "x", "callback_data": "ж" * 32}] * 8] * 12 + [[{"text": "l", "url": "e.com"}]]
    }
    sent = (await bot.call("sendMessage", chat_id=ali.id, text="x", reply_markup=full)).result
    assert sent["reply_markup"]["inline_keyboard"][12][0]["url"] == "http://e.com/"
    keys = {"keyboard": [["Yes", {"text": "My number", "request_contact": True}]], "one_time_keyboard": True}
    sent = (await bot.call("sendMessage", chat_id=ali.id, text="x", reply_markup=keys)).result
    assert "reply_markup" not in sent
    assert await ali.reply_keyboard() == ["Yes", "My number"]
    await ali.send("Yes")
    assert await ali.reply_keyboard() == []
    await bot.call("sendMessage", chat_id=ali.id, text="x", reply_markup={"keyboard": [["A"]]})
    await bot.call("sendMessage", chat_id=ali.id, text="x", reply_markup={"remove_keyboard": True})
    assert await ali.reply_keyboard() == []


async def test_a_button_without_words_is_left_out(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """Telegram takes a button with an empty text and leaves it out in silence; here that is told of."""
    keys = {"inline_keyboard": [[{"text": "", "callback_data": "x"}, {"text": "y", "callback_data": "y"}]]}
    sent = (await bot.call("sendMessage", chat_id=ali.id, text="x", reply_markup=keys)).result
    assert sent["reply_markup"] == {"inline_keyboard": [[{"text": "y", "callback_data": "y"}]]}
    keys["inline_keyboard"][0].pop()
    assert "reply_markup" not in (await bot.call("sendMessage", chat_id=ali.id, text="x", reply_markup=keys)).result
    assert await tg.problems() == ["unknown field reply_markup.inline_keyboard[0][0].text: empty of sendMessage"]


async def test_copies_and_forwards(bot: RawBot, ali: Phone) -> None:
    """A copy says nothing of where it came from, a forward does, and protected messages allow neither."""
    number = await ali.send("hello")
    copied = (await bot.call("copyMessage", chat_id=ali.id, from_chat_id=ali.id, message_id=number)).result
    assert (await ali.screen()).message_id == copied["message_id"]
    sent = (await bot.call("forwardMessage", chat_id=ali.id, from_chat_id=ali.id, message_id=number)).result
    assert sent["forward_origin"]["sender_user"]["id"] == ali.id
    secret = (await bot.call("sendMessage", chat_id=ali.id, text="secret", protect_content=True)).result["message_id"]
    refused = await bot.call("copyMessage", chat_id=ali.id, from_chat_id=ali.id, message_id=secret)
    assert refused.error == BAD + "the message can't be copied"
    refused = await bot.call("forwardMessage", chat_id=ali.id, from_chat_id=ali.id, message_id=999)
    assert refused.error == BAD + "message to forward not found"


async def test_chat_actions(bot: RawBot, ali: Phone) -> None:
    """`typing` shows until the next message, and an unknown action is refused."""
    assert (await bot.call("sendChatAction", chat_id=ali.id, action="typing")).result is True
    assert (await ali.view())["typing"]
    await bot.call("sendMessage", chat_id=ali.id, text="x")
    assert not (await ali.view())["typing"]
    refused = await bot.call("sendChatAction", chat_id=ali.id, action="dancing")
    assert refused.error == BAD + "wrong parameter action in request"


async def test_groups_hear_only_what_is_meant_for_the_bot(bot: RawBot, ali: Phone) -> None:
    """In a group a bot hears that it was added, commands and mentions, and nothing else."""
    made = await ali.group_text("hello all", title="Workers")
    await ali.group_text("/help", chat_id=made["chat_id"])
    await ali.group_text("@JobsDemoBot hi", chat_id=made["chat_id"])
    await ali.group_text("/help@SomeOtherBot", chat_id=made["chat_id"])
    joined, command, mention = await bot.updates()
    assert joined["my_chat_member"]["chat"]["title"] == "Workers"
    assert command["message"]["text"] == "/help"
    assert mention["message"]["chat"]["type"] == "group"
    assert (await bot.call("sendMessage", chat_id=made["chat_id"], text="x")).result
    assert (await bot.call("leaveChat", chat_id=made["chat_id"])).result is True
    refused = await bot.call("sendMessage", chat_id=made["chat_id"], text="x")
    assert refused.error == "Forbidden: bot was kicked from the group chat"
