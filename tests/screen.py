"""What a phone of the tests shows: messages with their buttons, and the toast a pressed button brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Toast:
    """What a pressed button brought: the words that flash up (None when there are none), or an alert to confirm."""

    text: str | None
    alert: bool
    url: str | None = None


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

    def button(self, words: str) -> Json | None:
        """Find the button with exactly these words, or else the first one that contains them."""
        buttons = [button for row in self.keyboard for button in row]
        exact = [button for button in buttons if button["text"] == words]
        containing = [button for button in buttons if words in button["text"]]
        return next(iter(exact or containing), None)

    def __str__(self) -> str:
        kind = "photo " if self.photo else "document " if self.document else ""
        edited = f" (edited {self.revision}x)" if self.revision else ""
        lines = [f"#{self.message_id} {'>>' if self.mine else '<<'} {kind}{self.text}{edited}"]
        lines += ["      " + " ".join(f"[{button['text']}]" for button in row) for row in self.keyboard]
        return "\n".join(lines)
