"""Albums, and the `InputMedia` objects they are made of; the same objects replace a message's media."""

from __future__ import annotations

from typing import Any

from bot.emulator.call import Call, required
from bot.emulator.contents import ABOVE_ALLOWED, MEDIA, caption_content
from bot.emulator.errors import FieldError, bad_request
from bot.emulator.media import media_part, upload_of
from bot.emulator.params import Json, field
from bot.emulator.sending import post

MIN_ALBUM = 2
MAX_ALBUM = 10
_IN_ALBUM = ("audio", "document", "photo", "video")
_ALONE = ("audio", "document")
_NUMBERS = ("width", "height", "duration", "start_timestamp")


async def send_media_group(call: Call) -> list[Json]:
    """Send an album: one message an item, all with one `media_group_id`."""
    required(call.params, "media")
    entries = call.params.json("media", "Can't parse media JSON object")
    if not isinstance(entries, list):
        raise bad_request("Expected an Array of InputMedia")
    items: list[tuple[str, Any, Json]] = []
    for entry in entries:
        try:
            items.append(read_media(call, entry, in_album=True))
        except FieldError as error:
            raise bad_request(f"Can't parse InputMedia: {error.sentence}") from None
    chat = call.open_chat()
    reply = call.reply_parts(chat)
    _check_album(items)
    contents = [await media_content(call, item) for item in items]
    call.take_place(chat)
    group = {"media_group_id": call.bot.take_media_group()} if len(contents) >= MIN_ALBUM else {}
    return [post(call, chat, {**group, **content}, None, reply).body for content in contents]


def _check_album(items: list[tuple[str, Any, Json]]) -> None:
    if len(items) > MAX_ALBUM:
        raise bad_request("Too many messages to send as an album")
    if not items:
        raise bad_request("There are no messages to send")
    if len({bool(tail.get("show_caption_above_media")) for _, _, tail in items}) > 1:
        raise bad_request("Parameter show_caption_above_media must be the same for all messages")
    kinds = {kind for kind, _, _ in items}
    alone = next((kind for kind in _ALONE if kind in kinds), "")
    if alone and len(kinds) > 1:
        raise bad_request(f"{alone.capitalize()} can't be mixed with other media types")


def read_media(call: Call, entry: Any, *, in_album: bool = False) -> tuple[str, Any, Json]:
    """Read an `InputMedia`: its kind, its file with its numbers, and the caption's part of the message.

    Raises: ApiError; FieldError for what is wrong inside the object.
    """
    if not isinstance(entry, dict):
        raise FieldError("expected an Object")
    words, style = field(entry, "caption", str, ""), field(entry, "parse_mode", str, "")
    above, hidden = field(entry, "show_caption_above_media", bool, False), field(entry, "has_spoiler", bool, False)
    kind = field(entry, "type", str)
    source = upload_of(call.params, field(entry, "media", str, ""))
    if not source:
        raise FieldError("media not found")
    if kind == "animation" and in_album:
        raise FieldError(f'type "{kind}" can\'t be used in sendMediaGroup')
    if kind not in MEDIA:
        raise FieldError(f'type "{kind}" is unsupported')
    numbers = {name: field(entry, name, int, 0) for name in _NUMBERS}
    texts = {name: field(entry, name, str, "") for name in ("performer", "title")}
    detection = field(entry, "disable_content_type_detection", bool, False) or in_album
    tail = caption_content(words, style, entry.get("caption_entities"), call.world)
    if kind in ABOVE_ALLOWED:
        tail |= {"show_caption_above_media": True} if above else {}
        tail |= {"has_media_spoiler": True} if hidden else {}
    return kind, (source, {**numbers, **texts, "disable_content_type_detection": detection}), tail


async def media_content(call: Call, item: tuple[str, Any, Json]) -> Json:
    """Make a message's content of what `read_media` read.

    Raises: ApiError.
    """
    kind, (source, given), tail = item
    part = await media_part(call, kind, source, given)
    return {**part, **tail}


def check_change_in_album(old: Json, content: Json) -> None:
    """Check that an item of an album may become this: music and files stay among themselves.

    Raises: ApiError.
    """
    before, after = (next(kind for kind in MEDIA if kind in body) for body in (old, content))
    if before == after:
        return
    if after not in _IN_ALBUM:
        raise bad_request("Message content type can't be used in an album")
    if before in _ALONE or after in _ALONE:
        raise bad_request("Can't change media type in the album")
