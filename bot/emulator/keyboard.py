"""Checks of `reply_markup`: what becomes of a keyboard, or why Telegram refuses it. Buttons are read in `buttons`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.emulator.buttons import inline_button, key
from bot.emulator.errors import bad_request
from bot.emulator.params import Json, Params, field

MAX_BUTTONS = 100
MAX_IN_ROW = 8
MAX_KEYS = 300
MAX_KEYS_IN_ROW = 12
MAX_PLACEHOLDER = 64
_FLAGS = ("is_persistent", "resize_keyboard", "one_time_keyboard", "selective")
_IGNORED_FLAGS = ("hide_keyboard", "personal_keyboard", "force_reply_keyboard")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a keyboard goes: some buttons work in private chats or under invoices only."""

    in_group: bool = False
    may_pay: bool = False


def reply_markup(
    params: Params, *, inline_only: bool = False, in_group: bool = False, may_pay: bool = False
) -> Json | None:
    """Read and check `reply_markup`; None when there is none, or an empty one.

    Raises: ApiError.
    """
    if "reply_markup" not in params:
        return None
    markup = params.json("reply_markup", "Can't parse reply keyboard markup JSON object")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("Object expected as reply markup")
    place = Place(in_group, may_pay)
    keys = _read_rows(markup, "keyboard", 'Field "keyboard" must be an Array of Arrays', place, key)
    refusal = 'Field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
    buttons = _read_rows(markup, "inline_keyboard", refusal, place, inline_button)
    if not keys and buttons and len(markup) == 1:
        return _inline(buttons)
    flags = [name for name in (*_FLAGS, *_IGNORED_FLAGS) if field(markup, name, bool, False)]
    removes, forces = field(markup, "remove_keyboard", bool, False), field(markup, "force_reply", bool, False)
    placeholder = field(markup, "input_field_placeholder", str, "")
    if keys:
        result: Json | None = _reply_keyboard(keys, [name for name in flags if name in _FLAGS])
    elif buttons:
        return _inline(buttons)
    elif removes or forces:
        result = {"remove_keyboard": True} if removes else {"force_reply": True}
    else:
        return None
    if inline_only:
        raise bad_request("Inline keyboard expected")
    if len(placeholder) > MAX_PLACEHOLDER:
        raise bad_request("REPLY_MARKUP_PLACEHOLDER_INVALID")
    if result is not None and placeholder and not removes:
        result["input_field_placeholder"] = placeholder
    return result


def inline_part(markup: Json | None) -> Json | None:
    """Answer the markup when it stays with the message: only inline keyboards do."""
    return markup if markup is not None and "inline_keyboard" in markup else None


def _read_rows(
    markup: Json, name: str, refusal: str, place: Place, read: Callable[[Any, Any], Json | None]
) -> list[list[Json | None]]:
    """Read all rows; a button without words is None, and left out later on."""
    if name not in markup:
        return []
    rows: list[list[Json | None]] = []
    for row in field(markup, name, list, None) or ():
        if not isinstance(row, list):
            raise bad_request(refusal)
        rows.append([read(entry, place) for entry in row])
    return rows


def _inline(rows: list[list[Json | None]]) -> Json | None:
    kept = [[button for button in row if button is not None] for row in rows]
    kept = [row for row in kept if row]
    if sum(len(row) for row in kept) > MAX_BUTTONS or any(len(row) > MAX_IN_ROW for row in kept):
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": kept} if kept else None


def _reply_keyboard(rows: list[list[Json | None]], flags: list[str]) -> Json | None:
    """Keep the first keys only, as Telegram does without a word."""
    kept: list[list[Json]] = []
    left = MAX_KEYS
    for row in rows:
        keys = [button for button in row if button is not None][: min(left, MAX_KEYS_IN_ROW)]
        left -= len(keys)
        if keys:
            kept.append(keys)
    return {"keyboard": kept, **dict.fromkeys(flags, True)} if kept else None
