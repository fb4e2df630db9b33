"""Videos, music, stickers, places and the like: what a bot sends, and what becomes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator import late_aiogram as aiogram
from tests.emulator.rawbot import Answer, RawBot
from tests.emulator.test_clients import unknown_fields
from tests.phone import Phone, Telegram
from tests.pictures import photo, screenshot

BAD = "Bad Request: "
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(52)
FILES: dict[str, tuple[str, bytes]] = {
    "photo": ("p.jpg", photo(1)),
    "document": ("a.txt", b"words"),
    "video": ("v.mp4", MP4),
    "animation": ("a.gif", b"GIF89a" + bytes(40)),
    "audio": ("a.mp3", b"ID3" + bytes(40)),
    "voice": ("v.ogg", b"OggS" + bytes(40)),
    "video_note": ("v.mp4", MP4),
    "sticker": ("s.webp", b"RIFF" + bytes(40)),
}
METHODS = {kind: f"send{''.join(part.capitalize() for part in kind.split('_'))}" for kind in FILES}


async def _sent(bot: RawBot, chat_id: int, kind: str, **params: Any) -> dict[str, Any]:
    texts = {name: str(value) for name, value in params.items()}
    answer = await bot.form(METHODS[kind], {kind: FILES[kind]}, chat_id=str(chat_id), **texts)
    result: dict[str, Any] = answer.result
    return result


def _check(message: dict[str, Any]) -> None:
    assert unknown_fields(aiogram.types.Message.model_validate(message)) == []


@pytest.mark.parametrize("kind", sorted(FILES))
async def test_every_kind_is_sent_kept_and_sent_again(bot: RawBot, ali: Phone, tg: Telegram, kind: str) -> None:
    """An upload becomes its kind of media with an id, by which the same file goes out again and can be fetched."""
    sent = await _sent(bot, ali.id, kind)
    _check(sent)
    shown = sent[kind][-1] if kind == "photo" else sent[kind]
    again = (await bot.call(METHODS[kind], chat_id=ali.id, **{kind: shown["file_id"]})).result
    assert again[kind] == sent[kind]
    assert (await bot.call("getFile", file_id=shown["file_id"])).result["file_unique_id"] == shown["file_unique_id"]
    answer = await bot.call(METHODS[kind], chat_id=ali.id)
    assert answer.error == f"{BAD}there is no {kind.replace('_', ' ')} in the request"
    assert await tg.problems() == []


async def test_numbers_and_words_go_with_media(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """Sides, durations and titles are kept, those out of bounds are moved into them and told of."""
    video = await _sent(bot, ali.id, "video", width=640, height=-5, duration=99_999, caption="x", has_spoiler="true")
    assert (video["video"]["width"], video["video"]["height"], video["video"]["duration"]) == (640, 0, 86_400)
    assert video["has_media_spoiler"] is True
    assert await tg.problems() == [
        "unknown field height: -5 is not within 0-10000 of sendVideo",
        "unknown field duration: 99999 is not within 0-86400 of sendVideo",
    ]
    music = await _sent(bot, ali.id, "audio", performer="Ali", title="Song", duration=5)
    assert (music["audio"]["performer"], music["audio"]["title"], music["audio"]["duration"]) == ("Ali", "Song", 5)
    moving = await _sent(bot, ali.id, "animation")
    assert moving["document"]["file_id"] == moving["animation"]["file_id"]


async def test_what_is_something_else_becomes_that(bot: RawBot, ali: Phone) -> None:
    """A file of another type than the method's is a document; photos alone cannot stand for anything else."""
    answer = await bot.form("sendVideo", {"video": ("v.txt", b"no video")}, chat_id=str(ali.id))
    assert "document" in answer.result
    moving = await bot.form("sendDocument", {"document": FILES["animation"]}, chat_id=str(ali.id))
    assert "animation" in moving.result
    still = {"document": FILES["animation"]}
    as_file = await bot.form("sendDocument", still, chat_id=str(ali.id), disable_content_type_detection="true")
    assert "animation" not in as_file.result
    document = (await _sent(bot, ali.id, "document"))["document"]["file_id"]
    assert "document" in (await bot.call("sendVoice", chat_id=ali.id, voice=document)).result
    picture = (await _sent(bot, ali.id, "photo"))["photo"][0]["file_id"]
    refused = await bot.call("sendVideo", chat_id=ali.id, video=picture)
    assert refused.error == BAD + "can't use file of type Photo as Video"
    refused = await bot.call("sendPhoto", chat_id=ali.id, photo=document)
    assert refused.error == BAD + "can't use file of type Document as Photo"


async def test_a_path_dies_after_an_hour(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """What getFile gives can be fetched for an hour of Telegram's time, and after another getFile again."""
    file_id = (await _sent(bot, ali.id, "document"))["document"]["file_id"]
    path = (await bot.call("getFile", file_id=file_id)).result["file_path"]
    url = f"{bot.base_url}/file/bot{bot.token}/{path}"
    async with bot.session.get(url) as response:
        assert await response.read() == b"words"
    await tg.move_clock(hours=1, seconds=1)
    async with bot.session.get(url) as response:
        assert response.status == 404
    assert (await bot.call("getFile", file_id=file_id)).result
    async with bot.session.get(url) as response:
        assert response.status == 200


async def test_a_large_photo_has_a_large_size(bot: RawBot, ali: Phone) -> None:
    """A photo of more than 2,560 pixels is scaled down to that, with smaller sizes beside it."""
    files = {"photo": ("p.png", screenshot(1, size=(1500, 3000)))}
    sizes = (await bot.form("sendPhoto", files, chat_id=str(ali.id))).result["photo"]
    assert [size["height"] for size in sizes] == [90, 320, 800, 1280, 2560]


async def test_places_contacts_and_dice(bot: RawBot, ali: Phone) -> None:
    """Things without a file arrive as the models have them, and show at the person's side."""
    where = {"latitude": 41.01, "longitude": "28.97"}
    place = (await bot.call("sendLocation", chat_id=ali.id, horizontal_accuracy=9999, **where)).result
    assert place["location"] == {"latitude": 41.01, "longitude": 28.97, "horizontal_accuracy": 1500.0}
    venue = (await bot.call("sendVenue", chat_id=ali.id, title="Office", address="Street 1", **where)).result
    assert venue["venue"]["location"] == venue["location"]
    contact = (await bot.call("sendContact", chat_id=ali.id, phone_number="+905551112233", first_name="Ali")).result
    assert contact["contact"]["user_id"] == ali.id
    die = (await bot.call("sendDice", chat_id=ali.id, emoji="🎳")).result
    assert 1 <= die["dice"]["value"] <= 6
    for message in (place, venue, contact, die):
        _check(message)
    assert len(await ali.chat()) == 5
    young = await bot.call("deleteMessage", chat_id=ali.id, message_id=die["message_id"])
    assert young.error == BAD + "message can't be deleted"


async def _refused_edit(bot: RawBot, chat_id: int, number: int, media: dict[str, Any]) -> str:
    return (await bot.call("editMessageMedia", chat_id=chat_id, message_id=number, media=media)).error


async def test_media_takes_the_place_of_text_and_of_other_media(bot: RawBot, ali: Phone) -> None:
    """A text becomes a photo, a photo a video; a sticker stays, and items of albums stay among their kind."""
    text = (await bot.call("sendMessage", chat_id=ali.id, text="x")).result["message_id"]
    picture = (await _sent(bot, ali.id, "photo"))["photo"][-1]["file_id"]
    video = (await _sent(bot, ali.id, "video"))["video"]["file_id"]
    where = {"chat_id": ali.id, "message_id": text}
    media = {"type": "photo", "media": picture, "caption": "now a photo"}
    edited = (await bot.call("editMessageMedia", **where, media=media)).result
    assert ("text" in edited, edited["caption"], edited["photo"][-1]["file_id"]) == (False, "now a photo", picture)
    edited = (await bot.call("editMessageMedia", **where, media={"type": "video", "media": video})).result
    assert ("photo" in edited, "caption" in edited, edited["video"]["file_id"]) == (False, False, video)
    _check(edited)
    sticker = (await _sent(bot, ali.id, "sticker"))["message_id"]
    assert await _refused_edit(bot, ali.id, sticker, media) == BAD + "message media can't be edited"
    keys = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}
    buttons = await bot.call("editMessageReplyMarkup", chat_id=ali.id, message_id=sticker, reply_markup=keys)
    assert buttons.result["sticker"]
    refused = await bot.call("editMessageText", chat_id=ali.id, message_id=sticker, text="x")
    assert refused.error == BAD + "message can't be edited"
    album = json.dumps([{"type": "photo", "media": picture}, {"type": "video", "media": video}])
    first = (await bot.call("sendMediaGroup", chat_id=ali.id, media=album)).result[0]["message_id"]
    document = (await _sent(bot, ali.id, "document"))["document"]["file_id"]
    moving = (await _sent(bot, ali.id, "animation"))["animation"]["file_id"]
    wrong = {"type": "document", "media": document}
    assert await _refused_edit(bot, ali.id, first, wrong) == BAD + "can't change media type in the album"
    wrong = {"type": "animation", "media": moving}
    assert await _refused_edit(bot, ali.id, first, wrong) == BAD + "message content type can't be used in an album"
    refused = await bot.call("sendMediaGroup", chat_id=ali.id, media=[wrong, wrong])
    assert refused.error == BAD + "can't parse InputMedia: type \"animation\" can't be used in sendMediaGroup"


async def test_what_was_sent_with_a_keyboard_or_forwarded_stays(bot: RawBot, ali: Phone) -> None:
    """A message that brought a reply keyboard cannot be edited, nor can one that was forwarded."""
    keyboard = {"keyboard": [["Yes"]]}
    asked = (await bot.call("sendMessage", chat_id=ali.id, text="Well?", reply_markup=keyboard)).result["message_id"]
    sent = await bot.call("forwardMessage", chat_id=ali.id, from_chat_id=ali.id, message_id=asked)
    for number in (asked, sent.result["message_id"]):
        refused = await bot.call("editMessageText", chat_id=ali.id, message_id=number, text="x")
        assert refused.error == BAD + "message can't be edited"


async def test_several_are_copied_and_forwarded(bot: RawBot, ali: Phone) -> None:
    """Copies and forwards of many keep albums together, pass over what is gone, and want their numbers in order."""
    picture = (await _sent(bot, ali.id, "photo"))["photo"][-1]["file_id"]
    album = [{"type": "photo", "media": picture, "caption": "one"}, {"type": "photo", "media": picture}]
    numbers = [item["message_id"] for item in (await bot.call("sendMediaGroup", chat_id=ali.id, media=album)).result]
    secret = (await bot.call("sendMessage", chat_id=ali.id, text="secret", protect_content=True)).result["message_id"]
    params: dict[str, Any] = {"chat_id": ali.id, "from_chat_id": ali.id, "message_ids": [*numbers, secret, 9999]}
    copied = (await bot.call("copyMessages", **params, remove_caption=True)).result
    assert [aiogram.types.MessageId.model_validate(copy) for copy in copied]
    shown = [message.raw for message in (await ali.chat())[-2:]]
    assert [message["message_id"] for message in shown] == [copy["message_id"] for copy in copied]
    assert len({message["media_group_id"] for message in shown}) == 1
    assert "caption" not in shown[0]
    assert len((await bot.call("forwardMessages", **params)).result) == 2
    assert (await ali.screen()).raw["forward_origin"]["type"] == "user"

    async def wrong(**changes: Any) -> Answer:
        return await bot.call("copyMessages", **{**params, **changes})

    assert (await wrong(message_ids=numbers[::-1])).error == (
        BAD + "message identifiers must be in a strictly increasing order"
    )
    assert (await wrong(message_ids=[9999])).error == BAD + "there are no messages to forward"
    assert (await wrong(from_chat_id="")).error == BAD + 'parameter "from_chat_id" is required'


async def test_a_reaction_is_shown_and_taken_away(bot: RawBot, ali: Phone) -> None:
    """One reaction of the usual ones can be put under a message of either side."""
    number = await ali.send("done")
    where = {"chat_id": ali.id, "message_id": number}
    thumb = [{"type": "emoji", "emoji": "👍"}]
    assert (await bot.call("setMessageReaction", **where, reaction=thumb)).result is True
    assert (await ali.chat())[-1].raw["reactions"] == thumb
    assert (await bot.call("setMessageReaction", **where)).result is True
    assert "reactions" not in (await ali.chat())[-1].raw
    refused = await bot.call("setMessageReaction", **where, reaction=[{"type": "paid"}])
    assert refused.error == BAD + "can't parse ReactionType: invalid reaction type specified"


async def test_who_is_in_a_chat(bot: RawBot, ali: Phone) -> None:
    """A private chat has two, a group its members and a maker; nobody here has a picture of themselves."""
    assert (await bot.call("getChatMemberCount", chat_id=ali.id)).result == 2
    group = (await ali.group_text("/hello"))["chat_id"]
    maker = (await bot.call("getChatAdministrators", chat_id=group)).result[0]
    assert aiogram.types.ChatMemberOwner.model_validate(maker).user.id == ali.id
    pictures = (await bot.call("getUserProfilePhotos", user_id=ali.id)).result
    assert aiogram.types.UserProfilePhotos.model_validate(pictures).total_count == 0
    assert (await bot.call("getUserProfilePhotos", user_id=5)).error == BAD + "user not found"
