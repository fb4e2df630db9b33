"""The files of the emulated Telegram: each belongs to one bot and has an id, a unique id, a path and its bytes."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

from bot.emulator.errors import ApiError, bad_request
from bot.emulator.links import BadLinkError, checked_link

Json = dict[str, Any]

MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024
MAX_PHOTO_BYTES = 10 * 1024 * 1024
MAX_UPLOAD_BYTES = 50 * 1024 * 1024
MAX_KEPT_BYTES = 1024 * 1024 * 1024
_KINDS = {
    "photo": 2,
    "voice": 3,
    "video": 4,
    "document": 5,
    "sticker": 8,
    "audio": 9,
    "animation": 10,
    "video_note": 13,
}
_FOLDERS = {
    "photo": "photos",
    "document": "documents",
    "voice": "voice",
    "video": "videos",
    "sticker": "stickers",
    "audio": "music",
    "animation": "animations",
    "video_note": "video_notes",
}
_NAMES = ("Photo", "VoiceNote", "Video", "Document", "Sticker", "Audio", "Animation", "VideoNote")
_WORDS = dict(zip(_KINDS.values(), _NAMES, strict=True))
_UNREADABLE = "Wrong remote file identifier specified: "
PATH_LIFE_SECONDS = 3600
_ID_BYTES = 48
_VERSION = 4


@dataclass(slots=True)
class StoredFile:
    """One file; `shape` is what a message shows of it beside the ids: sizes, name, kind of content.

    `asked_for` is the Unix time until which its path may be fetched, once getFile has given it.
    """

    number: int
    bot_id: int
    kind: str
    data: bytes
    extension: str
    shape: Json
    group: int = 0
    asked_for: int = 0

    @property
    def path(self) -> str:
        return f"{_FOLDERS.get(self.kind, 'documents')}/file_{self.number}{self.extension}"

    @property
    def file_id(self) -> str:
        digest = hashlib.blake2b(f"file/{self.bot_id}/{self.number}".encode(), digest_size=30).digest()
        head = bytes([_KINDS[self.kind]]) + self.bot_id.to_bytes(8, "big") + self.number.to_bytes(8, "big")
        raw = head + digest + bytes([_VERSION])
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    @property
    def unique_id(self) -> str:
        digest = hashlib.blake2b(f"unique/{self.bot_id}/{self.number}".encode(), digest_size=10).digest()
        return "AQAD" + base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def ids(self) -> Json:
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": len(self.data)}

    def view(self) -> Json:
        """Show the file as a message does."""
        return {**self.ids(), **self.shape}


@dataclass(slots=True)
class Files:
    """All files, found by number, by unique id and by path."""

    next_number: int = 1
    total_bytes: int = 0
    by_number: dict[int, StoredFile] = field(default_factory=dict)
    by_unique_id: dict[str, StoredFile] = field(default_factory=dict)
    groups: dict[int, list[int]] = field(default_factory=dict)
    changed: set[int] | None = None

    def add(self, bot_id: int, kind: str, data: bytes, *, extension: str, shape: Json, group: int = 0) -> StoredFile:
        """Keep a file; photos of several sizes share a `group` (the number of the first)."""
        file = StoredFile(self.next_number, bot_id, kind, data, extension, shape, group)
        file.group = group or file.number
        self.next_number += 1
        self.restore(file)
        while self.total_bytes > MAX_KEPT_BYTES and len(self.by_number) > 1:
            self.forget(next(iter(self.by_number)))
        if self.changed is not None:
            self.changed.add(file.number)
        return file

    def restore(self, file: StoredFile) -> None:
        """Put a file back where it was."""
        self.by_number[file.number] = file
        self.by_unique_id[file.unique_id] = file
        self.groups.setdefault(file.group, []).append(file.number)
        self.next_number = max(self.next_number, file.number + 1)
        self.total_bytes += len(file.data)

    def forget(self, number: int) -> None:
        """Drop a file to make room; its ids become unknown."""
        file = self.by_number.pop(number)
        self.by_unique_id.pop(file.unique_id, None)
        self.groups[file.group].remove(number)
        if not self.groups[file.group]:
            del self.groups[file.group]
        self.total_bytes -= len(file.data)
        if self.changed is not None:
            self.changed.add(number)

    def find(self, bot_id: int, file_id: str, *, kind: str = "") -> StoredFile:
        """Find the file an id names; photos are only photos, everything else may be sent as anything but a photo.

        Raises: ApiError with Telegram's sentence for an id it cannot read, or one of another kind or bot.
        """
        try:
            raw = _unpacked(file_id)
        except ApiError:
            if not kind:
                raise bad_request("Invalid file_id") from None
            raise
        if kind and raw[0] != _KINDS[kind] and _KINDS["photo"] in (raw[0], _KINDS[kind]):
            raise bad_request(f"Can't use file of type {_WORDS[raw[0]]} as {_WORDS[_KINDS[kind]]}")
        file = self.by_number.get(int.from_bytes(raw[9:17], "big"))
        if file is None or file.bot_id != bot_id or file.file_id != file_id.rstrip("="):
            raise bad_request("Wrong file identifier/HTTP URL specified" if kind else "Invalid file_id")
        return file

    def sizes(self, file: StoredFile) -> list[StoredFile]:
        """Answer all sizes of a photo, the smallest first."""
        return [self.by_number[number] for number in self.groups[file.group]]

    def at_path(self, bot_id: int, path: str, now: int) -> StoredFile | None:
        """Find a file by the path that getFile gave for it, no longer than an hour ago."""
        digits = path.rpartition("/file_")[2].partition(".")[0]
        file = self.by_number.get(int(digits)) if digits.isascii() and digits.isdigit() else None
        known = file is not None and now <= file.asked_for and file.bot_id == bot_id and file.path == path
        return file if known else None

    def clear(self) -> None:
        """Forget all files, but never use a number twice."""
        for number in list(self.by_number):
            self.forget(number)


def _unpacked(file_id: str) -> bytes:
    """Read the bytes of an id by the rules of Telegram's own ids.

    Raises: ApiError.
    """
    if "." in file_id:
        try:
            checked_link(file_id)
        except BadLinkError as error:
            raise bad_request(f"Invalid file HTTP URL specified: {error}") from None
        raise bad_request("Failed to get HTTP URL content")
    text = file_id.rstrip("=")
    if len(text) % 4 == 1:
        raise bad_request(_UNREADABLE + "Wrong string length")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise bad_request(_UNREADABLE + "Wrong character in the string") from None
    if base64.urlsafe_b64encode(raw).decode().rstrip("=") != text:
        raise bad_request(_UNREADABLE + "Wrong padding in the string")
    if raw[-1] != _VERSION:
        raise bad_request(_UNREADABLE + "can't unserialize it. Wrong last symbol")
    if len(raw) != _ID_BYTES or raw[0] not in _WORDS:
        raise bad_request(_UNREADABLE + "can't unserialize it")
    return raw
