"""What a phone of the tests shows: messages with their buttons, and the toast a pressed button brings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

_KINDS = ("photo", "document", "sticker", "voice", "video", "location", "contact", "invoice")


def looked_at(data: str) -> str:
    """Give a button's data as somebody presses it who took their time (see SETTLES in handlers/callbacks.py)."""
    return re.sub(r":\d{11}$", "", data)


@dataclass(frozen=True, slots=True)
class Toast:
    """What a pressed button brought: the words that flash up (None when there are none), or an alert to confirm."""

    text: str | None
    alert: bool
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """What became of paying: `paid`, or why not."""

    state: str
    error: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """One message as the person sees it."""

    raw: Json

    @property
    def message_id(self) -> int:
        return int(self.raw["message_id"])

    @property
    def mine(self) -> bool:
        """Whether the person wrote it."""
        return bool(self.raw["out"])

    @property
    def date(self) -> int:
        """When it was sent, in Unix seconds by Telegram's clock."""
        return int(self.raw["date"])

    @property
    def revision(self) -> int:
        return int(self.raw["revision"])

    @property
    def edited(self) -> bool:
        """Whether it was changed after it was sent."""
        return self.revision > 0

    @property
    def silent(self) -> bool:
        """Whether it came without a sound (`disable_notification`)."""
        return bool(self.raw.get("silent"))

    @property
    def text(self) -> str:
        """The text, or the caption under a picture or file."""
        return str(self.raw.get("text", self.raw.get("caption", "")))

    @property
    def html(self) -> str:
        return str(self.raw["html"])

    @property
    def photo(self) -> list[Json]:
        """The sizes of the picture, none when it has none."""
        sizes: list[Json] = self.raw.get("photo", [])
        return sizes

    @property
    def document(self) -> Json | None:
        document: Json | None = self.raw.get("document")
        return document

    @property
    def album(self) -> str | None:
        """What the messages of one album have in common."""
        return self.raw.get("media_group_id")

    @property
    def keyboard(self) -> list[list[Json]]:
        """The buttons under the message, row by row, as the Bot API has them."""
        rows: list[list[Json]] = (self.raw.get("reply_markup") or {}).get("inline_keyboard", [])
        return rows

    @property
    def buttons(self) -> list[str]:
        """The words on the buttons, in reading order."""
        return [button["text"] for row in self.keyboard for button in row]

    def button(self, words: str, *, nth: int = 1) -> Json | None:
        """Find the n-th button with exactly these words, or else the n-th one that contains them."""
        buttons = [button for row in self.keyboard for button in row]
        exact = [button for button in buttons if button["text"] == words]
        containing = [button for button in buttons if words in button["text"]]
        return next(iter((exact or containing)[nth - 1 :]), None)

    def __str__(self) -> str:
        kind = next((f"{kind} " for kind in _KINDS if kind in self.raw), "")
        edited = f" (edited {self.revision}x)" if self.revision else ""
        silent = " (silent)" if self.silent else ""
        lines = [f"#{self.message_id} {'>>' if self.mine else '<<'} {kind}{self.text}{edited}{silent}"]
        lines += ["      " + " ".join(f"[{button['text']}]" for button in row) for row in self.keyboard]
        return "\n".join(lines)
