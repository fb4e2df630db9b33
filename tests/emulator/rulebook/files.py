"""Rules about photos, files and albums."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from tests.emulator.rulebook.record import File, Good, Rule, Source
from tests.emulator.rulebook.stage import (
    DOCUMENT,
    PHOTO,
    a_document_id,
    a_photo_id,
    a_photo_id_of_another_bot,
    album,
    picture,
    the_chat,
)

_SEND = "Pass a file_id as String to send a photo that exists on the Telegram servers (recommended)"
_SIDES = "The photo's width and height must not exceed 10000 in total. Width and height ratio must be at most 20."
_ITEMS = "A JSON-serialized array describing messages to be sent, must include 2-10 items"
_PART = "pass 'attach://<file_attach_name>' to upload a new one using multipart/form-data under <file_attach_name> name"
_ALBUM = Good("sendMediaGroup", {"chat_id": the_chat, "media": album("photo", "photo")})
_FILE = Good("getFile", {"file_id": a_photo_id})
_UNREADABLE = "wrong remote file identifier specified"


def blank(width: int, height: int) -> File:
    """Draw an empty picture of a size."""
    buffer = io.BytesIO()
    Image.new("L", (width, height)).save(buffer, "PNG")
    return File("p.png", buffer.getvalue())


def _photo(name: str, wrong: Any, error: str, says: str, *, right: Any = None, source: Source = Source.DOCS) -> Rule:
    changes = {} if right is None else {"photo": right}
    error = f"Bad Request: {error}"
    return Rule(name, PHOTO, right=changes, wrong={"photo": wrong}, error=error, says=says, source=source)


def _album(name: str, media: Any, error: str, says: str, *, right: Any = None, source: Source = Source.DOCS) -> Rule:
    changes = {} if right is None else {"media": right}
    error = f"Bad Request: {error}"
    return Rule(name, _ALBUM, right=changes, wrong={"media": media}, error=error, says=says, source=source)


RULES: tuple[Rule, ...] = (
    _photo("photo-missing", None, "there is no photo in the request", "Photo to send."),
    _photo("file-id-no-base64", "x!", f"{_UNREADABLE}: Wrong character in the string", _SEND),
    _photo("file-id-too-short", "AAAE", f"{_UNREADABLE}: can't unserialize it", _SEND),
    _photo("file-id-made-up", "A" * 60, f"{_UNREADABLE}: can't unserialize it. Wrong last symbol", _SEND),
    _photo(
        "file-id-of-another-bot",
        a_photo_id_of_another_bot,
        "wrong file identifier/HTTP URL specified",
        "file_id is unique for each individual bot and can't be transferred from one bot to another.",
        source=Source.KNOWN,
    ),
    _photo(
        "file-id-of-another-kind",
        a_document_id,
        "can't use file of type Document as Photo",
        "It is not possible to change the file type when resending by file_id.",
        source=Source.KNOWN,
    ),
    _photo(
        "photo-url-unreachable",
        "https://e.invalid/x.jpg",
        "failed to get HTTP URL content",
        "pass an HTTP URL as a String for Telegram to get a photo from the Internet",
    ),
    _photo(
        "photo-empty-file", File("p.jpg", b""), "file must be non-empty", "Photo to send.", right=File("p", picture())
    ),
    _photo(
        "photo-no-picture",
        File("p.jpg", b"\xff\xd8 no picture"),
        "IMAGE_PROCESS_FAILED",
        "Bytes that are no picture are refused.",
        right=File("p.jpg", picture()),
        source=Source.KNOWN,
    ),
    _photo("photo-sides-too-long", blank(9000, 1001), "PHOTO_INVALID_DIMENSIONS", _SIDES, right=blank(9000, 1000)),
    _photo("photo-too-narrow", blank(2100, 100), "PHOTO_INVALID_DIMENSIONS", _SIDES, right=blank(2000, 100)),
    Rule(
        "photo-caption-too-long",
        PHOTO,
        right={"caption": "<i>" + "x" * 1024 + "</i>", "parse_mode": "HTML"},
        wrong={"caption": "<i>" + "x" * 1025 + "</i>"},
        error="Bad Request: message caption is too long",
        says="Photo caption (may also be used when resending photos by file_id), 0-1024 characters after entities"
        " parsing",
        source=Source.DOCS,
    ),
    Rule(
        "document-missing",
        DOCUMENT,
        wrong={"document": None},
        error="Bad Request: there is no document in the request",
        says="File to send.",
        source=Source.DOCS,
    ),
    Rule(
        "document-empty-file",
        DOCUMENT,
        right={"document": File("a.txt", b"x")},
        wrong={"document": File("a.txt", b"")},
        error="Bad Request: file must be non-empty",
        says="A file without a byte is refused.",
        source=Source.SERVER,
    ),
    Rule(
        "photo-id-as-document",
        DOCUMENT,
        wrong={"document": a_photo_id},
        error="Bad Request: can't use file of type Photo as Document",
        says="It is not possible to change the file type when resending by file_id.",
        source=Source.KNOWN,
    ),
    _album("album-no-json", "x", "can't parse media JSON object", _ITEMS),
    _album("album-no-array", {}, "expected an Array of InputMedia", _ITEMS),
    _album("album-empty", [], "there are no messages to send", _ITEMS),
    _album(
        "album-of-eleven",
        [*album("photo")] * 11,
        "too many messages to send as an album",
        _ITEMS,
        right=[*album("photo")] * 10,
    ),
    _album(
        "album-names-no-part",
        [*album("photo"), {"type": "photo", "media": "attach://nowhere"}],
        "can't parse InputMedia: media not found",
        _PART,
    ),
    _album(
        "album-of-a-wrong-kind",
        [*album("photo"), {"type": "sticker", "media": a_photo_id}],
        'can\'t parse InputMedia: type "sticker" is unsupported',
        "Use this method to send a group of photos, live photos, videos, documents or audios as an album.",
    ),
    _album(
        "album-mixed",
        album("photo", "document"),
        "document can't be mixed with other media types",
        "Documents and audio files can be only grouped in an album with messages of the same type.",
        right=album("document", "document"),
    ),
    Rule(
        "get-file-missing",
        _FILE,
        wrong={"file_id": None},
        error="Bad Request: file_id not specified",
        says="File identifier to get information about",
        source=Source.DOCS,
    ),
    Rule(
        "get-file-of-another-bot",
        _FILE,
        wrong={"file_id": a_photo_id_of_another_bot},
        error="Bad Request: invalid file_id",
        says="File identifier to get information about",
        source=Source.DOCS,
    ),
)
