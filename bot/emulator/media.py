"""The media of messages: from an upload, a file_id or an address to what a message shows, and the methods that send it.

An address is never fetched from here: it gets the answer Telegram gives when it cannot fetch one either.
"""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from bot.emulator.call import Call
from bot.emulator.contents import caption_of
from bot.emulator.errors import bad_request
from bot.emulator.files import MAX_UPLOAD_BYTES, Files, StoredFile
from bot.emulator.params import Json, Params, Upload
from bot.emulator.pictures import photo_sizes
from bot.emulator.sending import deliver
from bot.emulator.world import Bot

MAX_LENGTH = 10_000
MAX_DURATION = 24 * 3600
MAX_NOTE_LENGTH = 640
_LOOSE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of media: its numbers and words, and the types of content that stay what they are sent as."""

    name: str
    numbers: Mapping[str, int]
    words: tuple[str, ...] = ()
    content_types: tuple[str, ...] = ()
    extension: str = ""
    default_type: str = ""


_SIZE = {"width": MAX_LENGTH, "height": MAX_LENGTH, "duration": MAX_DURATION}
_MOVING = ("video/mp4", "video/quicktime", "video/webm", "video/x-matroska")
_SOUND = ("audio/mpeg", "audio/mp3", "audio/mp4", "audio/x-m4a", "audio/m4a", "audio/mp4a-latm")
KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("video", _SIZE, content_types=_MOVING, extension=".mp4", default_type="video/mp4"),
        Kind("animation", _SIZE, content_types=("image/gif", "video/mp4"), extension=".mp4", default_type="video/mp4"),
        Kind(
            "audio",
            {"duration": MAX_DURATION},
            words=("performer", "title"),
            content_types=_SOUND,
            extension=".mp3",
            default_type="audio/mpeg",
        ),
        Kind(
            "voice",
            {"duration": MAX_DURATION},
            content_types=("audio/ogg", "audio/opus", *_SOUND),
            extension=".oga",
            default_type="audio/ogg",
        ),
        Kind("video_note", {"length": MAX_NOTE_LENGTH, "duration": 60}, content_types=_MOVING, extension=".mp4"),
        Kind("sticker", {}, content_types=("image/webp", "application/x-tgsticker", "video/webm"), extension=".webp"),
    )
}
STICKER = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}


def upload_of(params: Params, value: Any) -> Upload | str:
    """Find what a file parameter means: a part of the call, or the id of a file that Telegram has already."""
    if isinstance(value, str) and value.startswith("attach://"):
        value = params.get(value.removeprefix("attach://"))
        if not isinstance(value, Upload):
            return ""
    if isinstance(value, Upload) and len(value.data) > MAX_UPLOAD_BYTES:
        raise bad_request("file is too big")
    if isinstance(value, Upload) and not value.data:
        raise bad_request("file must be non-empty")
    return value if isinstance(value, Upload) else str(value or "")


async def store_photo(files: Files, bot: Bot, data: bytes, *, from_phone: bool = False) -> list[StoredFile]:
    """Keep a photo in its sizes; the work on pixels happens in a thread."""
    loop = asyncio.get_running_loop()
    sizes = await loop.run_in_executor(None, lambda: photo_sizes(data, from_phone=from_phone))
    stored: list[StoredFile] = []
    for size in sizes:
        shape = {"width": size.width, "height": size.height}
        group = stored[0].number if stored else 0
        stored.append(files.add(bot.id, "photo", size.data, extension=".jpg", shape=shape, group=group))
    return stored


def content_type_of(upload: Upload) -> str:
    """Answer what an upload holds, by its own word or its name."""
    if upload.content_type and upload.content_type != _LOOSE:
        return upload.content_type.partition(";")[0].strip().lower()
    return mimetypes.guess_type(upload.filename)[0] or _LOOSE


def store_document(files: Files, bot: Bot, upload: Upload) -> StoredFile:
    """Keep a file as it is."""
    name = PurePath(upload.filename.replace("\\", "/")).name or "file"
    shape = {"file_name": name, "mime_type": content_type_of(upload)}
    return files.add(bot.id, "document", upload.data, extension=PurePath(name).suffix[:16], shape=shape)


async def media_part(call: Call, kind: str, source: Upload | str, given: Mapping[str, Any]) -> Json:
    """Make `{"photo": [...]}`, `{"video": {...}}` and so on; a file that is something else is shown as what it is.

    Raises: ApiError.
    """
    files = call.world.files
    if isinstance(source, str):
        file = files.find(call.bot.id, source, kind=kind)
        if file.kind == "photo":
            return {"photo": [size.view() for size in files.sizes(file)]}
    elif kind == "photo":
        return {"photo": [size.view() for size in await store_photo(files, call.bot, source.data)]}
    else:
        file = _stored(call, kind, source, given)
    return shown(file)


def shown(file: StoredFile) -> Json:
    """Answer the part of a message that shows a file; an animation is also a document, for bots of old."""
    part = {file.kind: file.view()}
    if file.kind == "animation":
        names = ("file_name", "mime_type")
        part["document"] = {**file.ids(), **{name: file.shape[name] for name in names if name in file.shape}}
    return part


def _stored(call: Call, kind_name: str, upload: Upload, given: Mapping[str, Any]) -> StoredFile:
    kind, content_type = KINDS.get(kind_name), content_type_of(upload)
    if kind is None and content_type == "image/gif" and not given.get("disable_content_type_detection"):
        kind = KINDS["animation"]
    if kind is None or (content_type not in kind.content_types and content_type != _LOOSE):
        return store_document(call.world.files, call.bot, upload)
    params = Params(given)
    shape: Json = {name: params.integer(name, 0, low=0, high=high) for name, high in kind.numbers.items()}
    shape |= {name: params.text(name) for name in kind.words if params.text(name)}
    if kind.name == "sticker":
        shape = {**STICKER, "is_animated": content_type.endswith("tgsticker"), "is_video": content_type == "video/webm"}
        shape |= {"emoji": params.text("emoji")} if params.text("emoji") else {}
    elif kind.name == "video_note":
        shape["length"] = shape["length"] or 384
    else:
        name = PurePath(upload.filename.replace("\\", "/")).name
        as_mp4 = content_type == "image/gif" or content_type == _LOOSE
        shape["mime_type"] = kind.default_type if as_mp4 else content_type
        if kind.name != "voice" and name:
            shape["file_name"] = name
    return call.world.files.add(call.bot.id, kind.name, upload.data, extension=kind.extension, shape=shape)


async def _send(call: Call, kind: str) -> Json:
    source = upload_of(call.params, call.params.get(kind))
    if not source:
        raise bad_request(f"There is no {kind.replace('_', ' ')} in the request")
    tail = {} if kind in ("sticker", "video_note") else caption_of(call.params, call.world, kind)
    return await deliver(call, lambda: media_part(call, kind, source, call.params), tail)


async def send_photo(call: Call) -> Json:
    """Send a photo."""
    return await _send(call, "photo")


async def send_document(call: Call) -> Json:
    """Send a file as it is."""
    return await _send(call, "document")


async def send_video(call: Call) -> Json:
    """Send a video."""
    return await _send(call, "video")


async def send_animation(call: Call) -> Json:
    """Send a GIF, or a video without sound."""
    return await _send(call, "animation")


async def send_audio(call: Call) -> Json:
    """Send a piece of music."""
    return await _send(call, "audio")


async def send_voice(call: Call) -> Json:
    """Send a voice message."""
    return await _send(call, "voice")


async def send_video_note(call: Call) -> Json:
    """Send a round video."""
    return await _send(call, "video_note")


async def send_sticker(call: Call) -> Json:
    """Send a sticker."""
    return await _send(call, "sticker")
