"""Photos, documents, albums and downloads."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image

from tests.emulator.rawbot import RawBot
from tests.phone import Phone
from tests.pictures import photo, screenshot

BAD = "Bad Request: "


async def _download(bot: RawBot, file_id: str) -> bytes:
    file = (await bot.call("getFile", file_id=file_id)).result
    async with bot.session.get(f"{bot.base_url}/file/bot{bot.token}/{file['file_path']}") as response:
        assert response.status == 200
        data = await response.read()
    assert len(data) == file["file_size"]
    return data


async def test_a_photo_comes_in_sizes_without_its_metadata(bot: RawBot, ali: Phone) -> None:
    """A person's photo arrives as JPEG in ascending sizes, and the place it was taken at is gone."""
    original = photo(7, size=(2000, 1500))
    assert Image.open(io.BytesIO(original)).getexif().get_ifd(0x8825)
    await ali.send_photos([original], caption="#proof")
    message = await bot.update("message")
    assert message["caption_entities"][0]["type"] == "hashtag"
    sizes = [(size["width"], size["height"]) for size in message["photo"]]
    assert sizes == [(90, 68), (320, 240), (800, 600), (1280, 960), (2000, 1500)]
    assert len({size["file_unique_id"] for size in message["photo"]}) == 5
    largest = Image.open(io.BytesIO(await _download(bot, message["photo"][-1]["file_id"])))
    assert (largest.format, largest.size) == ("JPEG", (2000, 1500))
    assert not largest.getexif()


async def test_a_small_photo_keeps_its_size(bot: RawBot, ali: Phone) -> None:
    """Nothing is made larger than it was, and transparency turns white."""
    picture = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    await ali.send_photos([buffer.getvalue()])
    message = await bot.update("message")
    assert [(size["width"], size["height"]) for size in message["photo"]] == [(90, 45), (200, 100)]
    largest = Image.open(io.BytesIO(await _download(bot, message["photo"][-1]["file_id"])))
    assert min(largest.convert("L").tobytes()) > 250


async def test_a_file_id_is_used_again(bot: RawBot, ali: Phone) -> None:
    """A file_id sends the same file again, with the same unique id, but never as another kind."""
    sent = (await bot.form("sendPhoto", {"photo": ("p.png", screenshot(1))}, chat_id=str(ali.id))).result
    file_id = sent["photo"][0]["file_id"]
    again = (await bot.call("sendPhoto", chat_id=ali.id, photo=file_id)).result
    assert again["photo"] == sent["photo"]
    refused = await bot.call("sendDocument", chat_id=ali.id, document=file_id)
    assert refused.error == BAD + "can't use file of type Photo as Document"
    document = (await bot.form("sendDocument", {"document": ("a.csv", b"1,2")}, chat_id=str(ali.id))).result["document"]
    assert (document["file_name"], document["mime_type"], document["file_size"]) == ("a.csv", "text/csv", 3)
    assert await _download(bot, document["file_id"]) == b"1,2"
    other = RawBot(bot.session, bot.base_url, "99:" + "C" * 35)
    assert (await other.call("getFile", file_id=file_id)).error == BAD + "invalid file_id"


@pytest.mark.parametrize(
    ("file_id", "error"),
    [
        ("x!", "wrong remote file identifier specified: Wrong character in the string"),
        ("AAAA", "wrong remote file identifier specified: can't unserialize it. Wrong last symbol"),
        ("AAAE", "wrong remote file identifier specified: can't unserialize it"),
        ("AAAAA", "wrong remote file identifier specified: Wrong string length"),
        ("AB", "wrong remote file identifier specified: Wrong padding in the string"),
        ("ftp://e.com/x.jpg", "invalid file HTTP URL specified: Unsupported URL protocol"),
        ("A" * 60, "wrong remote file identifier specified: can't unserialize it. Wrong last symbol"),
        ("https://e.invalid/x.jpg", "failed to get HTTP URL content"),
        ("", "there is no photo in the request"),
    ],
)
async def test_bogus_file_ids(bot: RawBot, ali: Phone, file_id: str, error: str) -> None:
    """What is no file_id is refused with Telegram's words."""
    assert (await bot.call("sendPhoto", chat_id=ali.id, photo=file_id)).error == BAD + error


@pytest.mark.parametrize(
    ("size", "error"),
    [
        ((9000, 1001), "PHOTO_INVALID_DIMENSIONS"),
        ((2100, 100), "PHOTO_INVALID_DIMENSIONS"),
        (None, "IMAGE_PROCESS_FAILED"),
    ],
)
async def test_pictures_that_are_refused(bot: RawBot, ali: Phone, size: tuple[int, int] | None, error: str) -> None:
    """Sides too long, too narrow a picture and rubbish are refused from the header on."""
    buffer = io.BytesIO(b"\xff\xd8 no picture")
    if size is not None:
        Image.new("L", size).save(buffer, "PNG")
    refused = await bot.form("sendPhoto", {"photo": ("p.png", buffer.getvalue())}, chat_id=str(ali.id))
    assert refused.error == BAD + error


async def test_size_limits(bot: RawBot, ali: Phone) -> None:
    """A photo over 10 MB is refused, and a file over 20 MB cannot be fetched."""
    refused = await bot.form("sendPhoto", {"photo": ("p.jpg", bytes(10 * 1024 * 1024 + 1))}, chat_id=str(ali.id))
    assert "too big for a photo" in refused.error
    await ali.send_document(bytes(20 * 1024 * 1024 + 1), "big.bin")
    document = (await bot.update("message"))["document"]
    assert (await bot.call("getFile", file_id=document["file_id"])).error == BAD + "file is too big"


async def test_paths_must_be_asked_for(bot: RawBot, ali: Phone) -> None:
    """A file cannot be fetched by a guessed path, nor with another token."""
    await ali.send_document(b"x", "a.txt")
    document = (await bot.update("message"))["document"]
    url = f"{bot.base_url}/file/bot{bot.token}/documents/file_1.txt"
    async with bot.session.get(url) as response:
        assert response.status == 404
    assert (await bot.call("getFile", file_id=document["file_id"])).result["file_path"] == "documents/file_1.txt"
    async with bot.session.get(url) as response:
        assert await response.read() == b"x"
    async with bot.session.get(url.replace(bot.token, "99:" + "C" * 35)) as response:
        assert response.status == 404
    async with bot.session.get(url.replace("documents/file_1.txt", "../../etc/passwd")) as response:
        assert response.status == 404


async def test_albums(bot: RawBot, ali: Phone) -> None:
    """An album becomes one message an item under one group id; wrong ones are refused as a whole."""
    media = [{"type": "photo", "media": "attach://a", "caption": "one"}, {"type": "photo", "media": "attach://b"}]
    files = {"a": ("a.jpg", photo(1)), "b": ("b.jpg", photo(2))}
    sent = (await bot.form("sendMediaGroup", files, chat_id=str(ali.id), media=json.dumps(media))).result
    assert len(sent) == 2
    assert len({message["media_group_id"] for message in sent}) == 1
    assert (sent[0]["caption"], "caption" in sent[1]) == ("one", False)
    photo_id = sent[0]["photo"][0]["file_id"]
    item = {"type": "photo", "media": photo_id}
    cases: list[tuple[object, str]] = [
        ([item] * 11, "too many messages to send as an album"),
        ([], "there are no messages to send"),
        ("x", "can't parse media JSON object"),
        ({}, "expected an Array of InputMedia"),
        ([item, {"type": "photo", "media": "attach://nowhere"}], "can't parse InputMedia: media not found"),
        (
            [item, {"type": "sticker", "media": photo_id}],
            'can\'t parse InputMedia: type "sticker" is unsupported',
        ),
        ([item, {"type": "document", "media": photo_id}], "document can't be mixed with other media types"),
    ]
    for given, error in cases:
        refused = await bot.call("sendMediaGroup", chat_id=ali.id, media=given)
        assert refused.error == BAD + error
    assert len([message for message in await ali.chat() if message.photo]) == 2


async def test_the_page_gets_the_bytes(bot: RawBot, ali: Phone) -> None:
    """The page fetches pictures by their unique id, and files only as downloads."""
    await ali.send_photos([photo(3)])
    await ali.send_document(b"<script>alert(1)</script>", "x.html", "text/html")
    shown, document = (update["message"] for update in await bot.updates())
    url = f"{bot.base_url}/door/files/"
    async with bot.session.get(url + shown["photo"][0]["file_unique_id"]) as response:
        assert response.content_type == "image/jpeg"
    async with bot.session.get(url + document["document"]["file_unique_id"]) as response:
        assert response.headers["Content-Disposition"] == "attachment"
