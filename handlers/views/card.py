"""A card: one message as a person sees it, and how it becomes the parameters of a Bot API call."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from markupsafe import Markup

from handlers.callbacks import Callback

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
BUTTONS_IN_ROW = 8
BUTTON_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button: words, and either what a press means (`press`) or an address it opens."""

    text: str
    press: Callback | None = None
    url: str | None = None

    def params(self, *, drawn_at: datetime | None = None) -> dict[str, Any]:
        """Give the button as the Bot API wants it; `drawn_at` is when it takes the place of another."""
        if self.url is not None:
            return {"text": self.text, "url": self.url}
        assert self.press is not None, "a button does something"
        return {"text": self.text, "callback_data": self.press.pack(drawn_at=drawn_at)}


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo to show: Telegram's file id when it has one, else a file below the proofs folder.

    `proof_id` names the proof whose `shown_file_id` is stored once the upload has got a file id.
    """

    file_id: str | None = None
    path: str | None = None
    proof_id: int | None = None


@dataclass(frozen=True, slots=True)
class ReplyKeyboard:
    """The keyboard under the text field: the main menu, or a request for one's own contact."""

    rows: tuple[tuple[str, ...], ...] = ()
    request_contact: str | None = None
    remove: bool = False
    persistent: bool = True

    def params(self) -> dict[str, Any]:
        """Give the keyboard as the Bot API wants it."""
        if self.remove:
            return {"remove_keyboard": True}
        rows: list[list[dict[str, Any]]] = [[{"text": text} for text in row] for row in self.rows]
        if self.request_contact:
            rows.insert(0, [{"text": self.request_contact, "request_contact": True}])
        return {"keyboard": rows, "resize_keyboard": True, "is_persistent": self.persistent}


@dataclass(frozen=True, slots=True)
class Card:
    """One message: HTML text, inline buttons, perhaps a picture, or a reply keyboard instead of the buttons.

    `topic` names what the message stays about: while it is pinned nothing else is drawn in its place. `pinned` says
    whether it is to stand at the top (None: as it is). `then` are stored calls that follow the card's own.
    """

    text: Markup
    buttons: Rows = ()
    picture: Picture | None = None
    keyboard: ReplyKeyboard | None = None
    silent: bool = False
    topic: str | None = None
    pinned: bool | None = None
    then: tuple[dict[str, Any], ...] = ()

    def params(self, *, drawn_at: datetime | None = None) -> dict[str, Any]:
        """Give the text or caption and the keyboard as the Bot API wants them.

        `drawn_at` is when the card takes the place of another one: its careful buttons count a moment later.
        """
        assert isinstance(self.text, Markup), "a card's text is escaped by construction"
        assert sum(map(len, self.buttons)) <= BUTTON_LIMIT, "too many buttons"
        assert all(len(row) <= BUTTONS_IN_ROW for row in self.buttons), "too many buttons in a row"
        params: dict[str, Any] = {"parse_mode": "HTML"}
        if self.picture is None:
            params["text"] = str(self.text)
            params["link_preview_options"] = {"is_disabled": True}
        else:
            params["caption"] = str(self.text)
        if self.buttons:
            rows = [[button.params(drawn_at=drawn_at) for button in row] for row in self.buttons]
            params["reply_markup"] = {"inline_keyboard": rows}
        elif self.keyboard is not None:
            params["reply_markup"] = self.keyboard.params()
        return params


def visible_length(text: Markup) -> int:
    """Count a text as Telegram's limits do: without its tags, in UTF-16 units."""
    return len(text.striptags().encode("utf-16-le")) // 2


def above(card: Card, words: Markup) -> Card | None:
    """Give the card with some words above its text, or None when that would be too long for one message."""
    text = words + Markup("\n\n") + card.text
    limit = TEXT_LIMIT if card.picture is None else CAPTION_LIMIT
    return replace(card, text=text) if visible_length(text) <= limit else None


@dataclass(slots=True)
class Lines:
    """Collect the lines of a card's text; empty ones separate paragraphs."""

    parts: list[Markup] = field(default_factory=list)

    def add(self, *lines: Markup | str) -> "Lines":
        """Add lines; a plain string is escaped."""
        self.parts.extend(Markup.escape(line) for line in lines)
        return self

    def text(self) -> Markup:
        """Give the lines as one text."""
        return Markup("\n".join(self.parts))  # noqa: S704 - every part is escaped by `add`


def grid(buttons: list[Button], columns: int) -> Rows:
    """Lay buttons out in rows of `columns`."""
    return tuple(tuple(buttons[i : i + columns]) for i in range(0, len(buttons), columns))
