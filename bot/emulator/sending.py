"""The methods that put new messages into a chat."""

from __future__ import annotations

import asyncio
import mimetypes
from pathlib import PurePath
from typing import Any

from bot.emulator.call import Call
from bot.emulator.errors import FieldError, bad_request
from bot.emulator.files import MAX_UPLOAD_BYTES, Files, StoredFile
from bot.emulator.keyboard import inline_part, reply_markup
from bot.emulator.params import Json, Params, Upload, field
from bot.emulator.pictures import photo_sizes
from bot.emulator.texts import caption, message_text
from bot.emulator.world import TYPING_SECONDS, Bot, Chat, Message

MIN_ALBUM = 2
MAX_ALBUM = 10
_ACTION_NAMES = (
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document"
    " choose_sticker find_location record_video_note upload_video_note"
)
_ACTIONS = frozenset(_ACTION_NAMES.split())
_FORWARDED_PARTS = ("text", "entities", "caption", "caption_entities", "photo", "document", "voice", "video")
_OTHER_PARTS = ("sticker", "contact", "location")


def text_content(params: Params) -> Json:
    """Read `text`, `parse_mode`, `entities` and the link preview of a call."""
    options = params.json("link_preview_options", "Can't parse link preview options JSON object")
    if options is not None and not isinstance(options, dict):
        raise bad_request("Object expected as link preview options")
    given = params.json("entities", "Can't parse entities JSON object") if "entities" in params else None
    text, entities = message_text(params.text("text"), params.text("parse_mode"), given)
    content: Json = {"text": text}
    if entities:
        content["entities"] = entities
    if options:
        content["link_preview_options"] = options
    return content


def caption_content(text: str, mode: str, entities: Any) -> Json:
    """Make the caption's part of a message."""
    text, found = caption(text, mode, entities)
    content: Json = {"caption": text} if text else {}
    if found:
        content["caption_entities"] = found
    return content


def caption_of(params: Params) -> Json:
    """Read the caption of a call, and the flags that go with it."""
    given = params.json("caption_entities", "Can't parse caption entities JSON object")
    content = caption_content(params.text("caption"), params.text("parse_mode"), given)
    for flag in ("show_caption_above_media", "has_spoiler"):
        if params.boolean(flag):
            content["has_media_spoiler" if flag == "has_spoiler" else flag] = True
    return content


def _post(call: Call, chat: Chat, content: Json, markup: Json | None, reply: Json | None) -> Message:
    if call.params.boolean("protect_content"):
        content["has_protected_content"] = True
    inline = inline_part(markup)
    if inline is not None:
        content["reply_markup"] = inline
    head = {} if reply is None else {"reply_to_message": reply}
    extra = {"silent": True} if call.params.boolean("disable_notification") else None
    message = call.world.post(call.bot, chat, {**head, **content}, extra=extra)
    if markup is not None and inline is None:
        show_keyboard(call, chat, markup)
    return message


def show_keyboard(call: Call, chat: Chat, markup: Json) -> None:
    """Show or take away the keyboard under the person's text field."""
    chat.reply_keyboard = markup if "keyboard" in markup else None
    call.world.tell_chat(chat)


async def send_message(call: Call) -> Json:
    """Send a text."""
    content = text_content(call.params)
    chat = call.open_chat()
    markup = reply_markup(call.params, in_group=not chat.is_private)
    reply = call.reply_target(chat)
    call.take_place(chat)
    return _post(call, chat, content, markup, reply).body


# -- photos and documents ---------------------------------------------------------------------------------------


def upload_of(params: Params, value: Any) -> Upload | str:
    """Find what a file parameter means: a part of the call, or the id of a file that Telegram has already."""
    if isinstance(value, str) and value.startswith("attach://"):
        value = params.get(value.removeprefix("attach://"))
        if not isinstance(value, Upload):
            return ""
    if isinstance(value, Upload) and len(value.data) > MAX_UPLOAD_BYTES:
        raise bad_request("file is too big")
    return value if isinstance(value, Upload) else str(value or "")


async def store_photo(files: Files, bot: Bot, data: bytes, *, from_phone: bool = False) -> list[StoredFile]:
    """Keep a photo in its sizes; the work on pixels happens in a thread."""
    loop = asyncio.get_running_loop()
    sizes = await loop.run_in_executor(None, lambda: photo_sizes(data, from_phone=from_phone))
    kept: list[StoredFile] = []
    for size in sizes:
        shape = {"width": size.width, "height": size.height}
        group = kept[0].number if kept else 0
        kept.append(files.add(bot.id, "photo", size.data, extension=".jpg", shape=shape, group=group))
    return kept


def store_document(files: Files, bot: Bot, upload: Upload) -> StoredFile:
    """Keep a file as it is."""
    name = PurePath(upload.filename.replace("\\", "/")).name or "file"
    mime = upload.content_type
    if not mime or mime == "application/octet-stream":
        mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
    extension = PurePath(name).suffix[:16]
    shape = {"file_name": name, "mime_type": mime}
    return files.add(bot.id, "document", upload.data, extension=extension, shape=shape)


async def photo_part(call: Call, value: Any) -> Json:
    """Make `{"photo": [...]}` from an upload or a file_id.

    Raises: ApiError.
    """
    source = upload_of(call.params, value)
    if not source:
        raise bad_request("There is no photo in the request")
    files = call.world.files
    if isinstance(source, Upload):
        if not source.data:
            raise bad_request("file must be non-empty")
        kept = await store_photo(files, call.bot, source.data)
    else:
        kept = files.sizes(files.find(call.bot.id, source, kind="photo"))
    return {"photo": [file.view() for file in kept]}


async def document_part(call: Call, value: Any) -> Json:
    """Make `{"document": {...}}` from an upload or a file_id.

    Raises: ApiError.
    """
    source = upload_of(call.params, value)
    if not source:
        raise bad_request("There is no document in the request")
    files = call.world.files
    if isinstance(source, Upload):
        if not source.data:
            raise bad_request("file must be non-empty")
        return {"document": store_document(files, call.bot, source).view()}
    return {"document": files.find(call.bot.id, source, kind="document").view()}


async def send_photo(call: Call) -> Json:
    """Send a photo."""
    return await _send_file(call, "photo")


async def send_document(call: Call) -> Json:
    """Send a file as it is."""
    return await _send_file(call, "document")


async def _send_file(call: Call, kind: str) -> Json:
    value = call.params.get(kind)
    if not value:
        raise bad_request(f"There is no {kind} in the request")
    tail = caption_of(call.params)
    chat = call.open_chat()
    markup = reply_markup(call.params, in_group=not chat.is_private)
    reply = call.reply_target(chat)
    part = await (photo_part if kind == "photo" else document_part)(call, value)
    call.take_place(chat)
    return _post(call, chat, {**part, **tail}, markup, reply).body


# -- albums -----------------------------------------------------------------------------------------------------


async def send_media_group(call: Call) -> list[Json]:
    """Send an album: one message an item, all with one `media_group_id`."""
    entries = call.params.json("media", "Can't parse media JSON object")
    if entries is None or not isinstance(entries, list):
        raise bad_request("Expected an Array of InputMedia" if entries is not None else "Can't parse media JSON object")
    if len(entries) > MAX_ALBUM:
        raise bad_request("Too many messages to send as an album")
    if not entries:
        raise bad_request("There are no messages to send")
    chat = call.open_chat()
    reply = call.reply_target(chat)
    kinds = {entry.get("type") for entry in entries if isinstance(entry, dict)}
    if len(kinds) > 1 and "document" in kinds:
        raise bad_request("Document can't be mixed with other media types")
    contents: list[Json] = []
    for entry in entries:
        try:
            contents.append(await media_content(call, entry, in_album=True))
        except FieldError as error:
            raise bad_request(f"Can't parse InputMedia: {error.sentence}") from None
    call.take_place(chat)
    group = {"media_group_id": call.bot.take_media_group()} if len(contents) >= MIN_ALBUM else {}
    return [_post(call, chat, {**group, **content}, None, reply).body for content in contents]


async def media_content(call: Call, entry: Any, *, in_album: bool = False) -> Json:
    """Make a message's content from an `InputMedia`.

    Raises: ApiError; FieldError for what is wrong inside the object.
    """
    if not isinstance(entry, dict):
        raise FieldError("expected an Object")
    kind = field(entry, "type", str)
    if kind not in ("photo", "document"):
        where = "can't be used in sendMediaGroup" if in_album else "is unsupported"
        raise FieldError(f'type "{kind}" {where}')
    value = field(entry, "media", str)
    if value.startswith("attach://") and not isinstance(call.params.get(value[9:]), Upload):
        raise FieldError(f"{kind if kind == 'photo' else 'media'} not found")
    part = await (photo_part if kind == "photo" else document_part)(call, value)
    mode = field(entry, "parse_mode", str, "")
    tail = caption_content(field(entry, "caption", str, ""), mode, entry.get("caption_entities"))
    if kind == "photo" and field(entry, "has_spoiler", bool, False):
        tail["has_media_spoiler"] = True
    if field(entry, "show_caption_above_media", bool, False):
        tail["show_caption_above_media"] = True
    return {**part, **tail}


# -- copies, forwards, actions ----------------------------------------------------------------------------------


def _source(call: Call, what: str, *, refusal: str) -> Message:
    message = call.message(call.chat("from_chat_id"), what)
    if message.body.get("has_protected_content"):
        raise bad_request(refusal)
    return message


async def copy_message(call: Call) -> Json:
    """Send the content of a message anew, without a word of where it came from."""
    chat = call.open_chat()
    source = _source(call, "message to copy", refusal="the message can't be copied")
    content = {name: source.body[name] for name in (*_FORWARDED_PARTS, *_OTHER_PARTS) if name in source.body}
    if not content:
        raise bad_request("message can't be copied")
    if "caption" in call.params and "text" not in content:
        content = {name: value for name, value in content.items() if not name.startswith("caption")}
        content.update(caption_of(call.params))
    markup = reply_markup(call.params, in_group=not chat.is_private)
    reply = call.reply_target(chat)
    call.take_place(chat)
    return {"message_id": _post(call, chat, content, markup, reply).message_id}


async def forward_message(call: Call) -> Json:
    """Send a message on, saying who wrote it."""
    chat = call.open_chat()
    body = _source(call, "message to forward", refusal="the message can't be forwarded").body
    content = {name: body[name] for name in (*_FORWARDED_PARTS, *_OTHER_PARTS) if name in body}
    if not content:
        raise bad_request("message can't be forwarded")
    origin = body.get("forward_origin") or {"type": "user", "sender_user": body["from"], "date": body["date"]}
    call.take_place(chat)
    return _post(call, chat, {"forward_origin": origin, **content}, None, None).body


async def send_chat_action(call: Call) -> bool:
    """Show `typing` for five seconds, or until the next message."""
    if call.params.text("action").lower() not in _ACTIONS:
        raise bad_request("Wrong parameter action in request")
    chat = call.open_chat()
    chat.typing_until = call.world.clock.seconds() + TYPING_SECONDS
    call.world.tell_chat(chat)
    return True
