"""What a text can carry beside its words: entities, people, previews and quotations."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.rawbot import RawBot
from tests.phone import Phone, Telegram

BAD = "Bad Request: "


async def test_entities_instead_of_a_style(bot: RawBot, ali: Phone) -> None:
    """Entities of a call are cleaned, sorted, cut and nested; those Telegram finds by itself are found anyway."""
    entities = [
        {"type": "url", "offset": 0, "length": 3},
        {"type": "italic", "offset": 4, "length": 5},
        {"type": "bold", "offset": 0, "length": 9},
        {"type": "date_time", "offset": 10, "length": 3, "unix_time": 1_700_000_000, "date_time_format": "Dw"},
        {"type": "pre", "offset": 14, "length": 2, "language": "py"},
        {"type": "code", "offset": 17, "length": 0},
    ]
    sent = (await bot.call("sendMessage", chat_id=ali.id, text="bold nest! now py /go", entities=entities)).result
    assert sent["entities"] == [
        {"offset": 0, "length": 4, "type": "bold"},
        {"offset": 4, "length": 5, "type": "bold"},
        {"offset": 4, "length": 5, "type": "italic"},
        {"offset": 10, "length": 3, "type": "date_time", "unix_time": 1_700_000_000, "date_time_format": "wD"},
        {"offset": 14, "length": 2, "type": "pre", "language": "py"},
        {"offset": 18, "length": 3, "type": "bot_command"},
    ]


@pytest.mark.parametrize(
    ("entity", "error"),
    [
        ({"offset": "0", "length": 1.5}, 'Field "length" must be a valid Number'),
        ({"offset": None, "length": 1}, 'Field "offset" must be a Number'),
        ({"offset": 0, "length": 1}, 'Can\'t find field "type"'),
        ({"type": "", "offset": 0, "length": 1}, "Type is not specified"),
        ({"type": "loud", "offset": 0, "length": 1}, "Unsupported type specified"),
        ({"type": "text_link", "offset": 0, "length": 1}, 'Can\'t find field "url"'),
        ({"type": "text_mention", "offset": 0, "length": 1, "user": 5}, 'Field "user" must be of type Object'),
        ({"type": "text_mention", "offset": 0, "length": 1, "user": {}}, 'Can\'t find field "id"'),
        ({"type": "custom_emoji", "offset": 0, "length": 1}, 'Can\'t find field "custom_emoji_id"'),
        ({"type": "date_time", "offset": 0, "length": 1}, 'Can\'t find field "unix_time"'),
        (
            {"type": "date_time", "offset": 0, "length": 1, "unix_time": 5, "date_time_format": "x"},
            "Invalid date-time format specified",
        ),
    ],
)
async def test_entities_that_are_refused(bot: RawBot, ali: Phone, entity: dict[str, Any], error: str) -> None:
    """An entity that lacks what its kind needs is refused in Telegram's words, in texts as in captions."""
    refused = await bot.call("sendMessage", chat_id=ali.id, text="x", entities=[entity])
    assert refused.error == f"{BAD}can't parse MessageEntity: {error}"
    form = await bot.form(
        "sendDocument", {"document": ("a.txt", b"x")}, chat_id=str(ali.id), caption="x", caption_entities="[5]"
    )
    assert form.error == f"{BAD}can't parse MessageEntity: expected an Object"


async def test_no_more_than_a_hundred_entities_stay(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """Telegram keeps a hundred entities of a text and passes over the rest."""
    text = " ".join("<b>x</b>" for _ in range(120))
    sent = (await bot.call("sendMessage", chat_id=ali.id, text=text, parse_mode="HTML")).result
    assert len(sent["entities"]) == 100
    entities = [{"type": "bold", "offset": 2 * index, "length": 1} for index in range(120)]
    sent = (await bot.call("sendMessage", chat_id=ali.id, text="x " * 120, entities=entities)).result
    assert len(sent["entities"]) == 100
    assert await tg.problems() == ["unknown field entities: 120 is not within 0-100 of sendMessage"]


async def test_people_are_mentioned_by_number(bot: RawBot, ali: Phone) -> None:
    """A link to a person the bot knows becomes a mention with who they are; one to nobody is plain text."""
    text = f'<a href="tg://user?id={ali.id}">Ali</a> and <a href="tg://user?id=5">nobody</a>'
    sent = (await bot.call("sendMessage", chat_id=ali.id, text=text, parse_mode="HTML")).result
    assert [entity["user"]["first_name"] for entity in sent["entities"]] == ["Ali"]
    link = {"type": "text_link", "offset": 0, "length": 1, "url": f"tg://user?id={ali.id}"}
    sent = (await bot.call("sendMessage", chat_id=ali.id, text="x", entities=[link])).result
    assert sent["entities"][0]["type"] == "text_mention"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("call +1 (555) 123-45-67 now", "+1 (555) 123-45-67"),
        ("+905551112233", "+905551112233"),
        ("a+15551234567", None),
        ("+12 34", None),
        ("1 + 23456789", None),
    ],
)
async def test_telephone_numbers_are_found(bot: RawBot, ali: Phone, text: str, found: str | None) -> None:
    """A number with a plus sign is a telephone number, sums and short ones are not."""
    sent = (await bot.call("sendMessage", chat_id=ali.id, text=text)).result
    marked = [
        text[entity["offset"] : entity["offset"] + entity["length"]]
        for entity in sent.get("entities", [])
        if entity["type"] == "phone_number"
    ]
    assert marked == ([] if found is None else [found])


async def test_link_previews(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """Options of the preview are kept as far as they say anything; a wrong one is refused."""
    params: dict[str, Any] = {"chat_id": ali.id, "text": "http://e.com"}
    options = {"url": "e.com", "prefer_small_media": True, "is_disabled": False}
    sent = (await bot.call("sendMessage", **params, link_preview_options=options)).result
    assert sent["link_preview_options"] == {"url": "http://e.com/", "prefer_small_media": True}
    sent = (await bot.call("sendMessage", **params, disable_web_page_preview=True)).result
    assert sent["link_preview_options"] == {"is_disabled": True}
    refused = await bot.call("sendMessage", **params, link_preview_options={"is_disabled": "yes"})
    assert refused.error == BAD + 'field "is_disabled" must be of type Boolean'
    refused = await bot.call("sendMessage", **params, link_preview_options={"url": "nowhere"})
    assert refused.error == BAD + "WEBPAGE_URL_INVALID"
    assert await tg.problems() == []


async def test_a_reply_quotes(bot: RawBot, ali: Phone) -> None:
    """A quotation must be words of the message replied to, and says where in it they are."""
    number = await ali.send("😀 one two one")
    reply = {"message_id": number, "quote": "<b>one</b>", "quote_parse_mode": "HTML", "quote_position": 4}
    sent = (await bot.call("sendMessage", chat_id=ali.id, text="x", reply_parameters=reply)).result
    assert sent["quote"] == {
        "text": "one",
        "entities": [{"offset": 0, "length": 3, "type": "bold"}],
        "position": 11,
        "is_manual": True,
    }
    again = {"message_id": sent["message_id"]}
    nested = (await bot.call("sendMessage", chat_id=ali.id, text="y", reply_parameters=again)).result
    assert "quote" not in nested["reply_to_message"]
    for wrong, error in (
        ({"message_id": number, "quote": "three"}, "QUOTE_TEXT_INVALID"),
        ({"quote": "one"}, 'can\'t find field "message_id"'),
        ({"message_id": "x"}, 'field "message_id" must be a valid Number'),
        ({"message_id": number, "allow_sending_without_reply": "yes"}, None),
    ):
        refused = await bot.call("sendMessage", chat_id=ali.id, text="x", reply_parameters=wrong)
        assert refused.error == BAD + (error or 'field "allow_sending_without_reply" must be of type Boolean')


async def test_a_reply_to_another_chat(bot: RawBot, ali: Phone) -> None:
    """A reply to a message elsewhere shows where it is from."""
    group = await ali.group_text("/hello", title="Workers")
    reply = {"message_id": group["message_ids"][0], "chat_id": group["chat_id"]}
    sent = (await bot.call("sendMessage", chat_id=ali.id, text="x", reply_parameters=reply)).result
    assert "reply_to_message" not in sent
    assert (sent["external_reply"]["chat"]["title"], sent["external_reply"]["message_id"]) == (
        "Workers",
        group["message_ids"][0],
    )
