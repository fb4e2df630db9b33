"""Checks of `reply_markup`: what becomes of a keyboard, or why Telegram refuses it."""

from __future__ import annotations

from typing import Any

from bot.emulator.errors import FieldError, bad_request
from bot.emulator.links import BadLinkError, checked_link, user_of_link
from bot.emulator.params import Json, Params, field

MAX_BUTTONS = 100
MAX_IN_ROW = 8
MAX_CALLBACK_BYTES = 64
MAX_COPY_TEXT = 256
MAX_PLACEHOLDER = 64
_BARE_KINDS = ("switch_inline_query", "switch_inline_query_current_chat")
_REQUESTS = ("request_contact", "request_location")
_FLAGS = ("is_persistent", "resize_keyboard", "one_time_keyboard", "selective")
_STYLES = ("danger", "success", "primary")


def reply_markup(params: Params, *, inline_only: bool = False, in_group: bool = False) -> Json | None:
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
    keyboard = field(markup, "keyboard", list, None)
    inline = field(markup, "inline_keyboard", list, None)
    if keyboard:
        rows = _rows(keyboard, _key, 'Field "keyboard" must be an Array of Arrays', in_group=in_group)
        result: Json = {"keyboard": rows}
        for flag in _FLAGS:
            if field(markup, flag, bool, False):
                result[flag] = True
    elif inline:
        refusal = 'Field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
        rows = _rows(inline, _inline_key, refusal, in_group=in_group)
        return {"inline_keyboard": rows} if rows else None
    elif field(markup, "remove_keyboard", bool, False):
        result = {"remove_keyboard": True}
    elif field(markup, "force_reply", bool, False):
        result = {"force_reply": True}
    else:
        return None
    if inline_only:
        raise bad_request("Inline keyboard expected")
    placeholder = field(markup, "input_field_placeholder", str, "")
    if len(placeholder) > MAX_PLACEHOLDER:
        raise bad_request("REPLY_MARKUP_PLACEHOLDER_INVALID")
    if placeholder:
        result["input_field_placeholder"] = placeholder
    return result


def inline_part(markup: Json | None) -> Json | None:
    """Answer the markup when it stays with the message: only inline keyboards do."""
    return markup if markup is not None and "inline_keyboard" in markup else None


def _rows(rows: list[Any], read: Any, refusal: str, *, in_group: bool) -> list[list[Json]]:
    result: list[list[Json]] = []
    total = 0
    for row in rows:
        if not isinstance(row, list):
            raise bad_request(refusal)
        buttons = [button for entry in row if (button := read(entry, in_group)) is not None]
        total += len(buttons)
        if len(buttons) > MAX_IN_ROW or total > MAX_BUTTONS:
            raise bad_request("reply markup is too long")
        if buttons:
            result.append(buttons)
    return result


def _key(entry: Any, in_group: bool) -> Json | None:
    if isinstance(entry, str):
        return {"text": entry} if entry else None
    prefix = "Can't parse keyboard button"
    if not isinstance(entry, dict):
        raise bad_request(f"{prefix}: KeyboardButton must be a String or an Object")
    try:
        button: Json = {"text": field(entry, "text", str)}
        for name in _REQUESTS:
            if field(entry, name, bool, False):
                button[name] = True
    except FieldError as error:
        raise bad_request(f"{prefix}: {error.sentence}") from None
    if in_group and "request_contact" in button:
        raise bad_request("Phone number can be requested in private chats only")
    if in_group and "request_location" in button:
        raise bad_request("Location can be requested in private chats only")
    if "web_app" in entry:
        button["web_app"] = _web_app(entry["web_app"], "Keyboard button Web App")
    for name in ("request_users", "request_chat", "request_poll"):
        if name in entry:
            button[name] = entry[name]
    return button if button["text"] else None


def _inline_key(entry: Any, in_group: bool) -> Json:
    prefix = "Can't parse inline keyboard button"
    if not isinstance(entry, dict):
        raise bad_request(f"{prefix}: InlineKeyboardButton must be an Object")
    try:
        text = field(entry, "text", str)
        style = field(entry, "style", str, "")
        if style and style not in _STYLES:
            raise FieldError("invalid button style specified")
        kind, value = _inline_kind(entry)
    except FieldError as error:
        raise bad_request(f"{prefix}: {error.sentence}") from None
    if not text.strip("\r\u2028\u2029\u202a\u202b\u202c\u202d\u202e"):
        raise bad_request("Inline keyboard button text must be non-empty")
    button: Json = {"text": text}
    if style:
        button["style"] = style
    if kind == "url":
        value = _button_url(value)
    elif kind == "callback_data" and len(value.encode("utf-8", "replace")) > MAX_CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    elif kind == "web_app":
        if in_group:
            raise bad_request("BUTTON_TYPE_INVALID")
        value = _web_app(value, "Inline keyboard button Web App")
    elif kind == "copy_text" and not 1 <= len(value["text"]) <= MAX_COPY_TEXT:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    button[kind] = value
    return button


def _inline_kind(entry: Json) -> tuple[str, Any]:
    for name in ("url", "callback_data"):
        if value := field(entry, name, str, ""):
            return name, value
    if "pay" in entry:
        return "pay", True
    for name in _BARE_KINDS:
        if name in entry:
            return name, field(entry, name, str)
    for name in ("switch_inline_query_chosen_chat", "callback_game", "login_url", "web_app"):
        if name in entry:
            return name, field(entry, name, dict)
    if "copy_text" in entry:
        return "copy_text", {"text": field(field(entry, "copy_text", dict), "text", str)}
    raise FieldError("Text buttons are unallowed in the inline keyboard")


def _button_url(url: str) -> str:
    if user_of_link(url) is not None:
        return url
    try:
        return checked_link(url)
    except BadLinkError as error:
        raise bad_request(f"Inline keyboard button URL '{url}' is invalid: {error}") from None


def _web_app(value: Any, what: str) -> Json:
    url = field(value, "url", str) if isinstance(value, dict) else ""
    if not url.lower().startswith("https://"):
        raise bad_request(f"{what} URL '{url}' is invalid: Only HTTPS links are allowed")
    return {"url": url}
