"""Single buttons: what each kind must have, and what of it stays with the message."""

from __future__ import annotations

from typing import Any, Protocol

from bot.emulator.errors import FieldError, bad_request
from bot.emulator.links import BadLinkError, checked_link, user_of_link
from bot.emulator.params import Json, field
from bot.emulator.spans import cleaned

MAX_CALLBACK_BYTES = 64
MAX_COPY_TEXT = 256
STYLES = ("danger", "success", "primary")
_CHATS = ("allow_user_chats", "allow_bot_chats", "allow_group_chats", "allow_channel_chats")
_PLAIN_KEYS = {"text", "callback_data"}
_INLINE = "Can't parse inline keyboard button"
_KEY = "Can't parse keyboard button"
_IN_PRIVATE = {
    "request_contact": "Phone number",
    "request_location": "Location",
    "request_poll": "Poll",
    "request_users": "Users",
    "request_chat": "Chats",
    "request_managed_bot": "Managed bots",
}


class Where(Protocol):
    """What a button has to know of the place it goes to."""

    @property
    def in_group(self) -> bool: ...

    @property
    def may_pay(self) -> bool: ...


def inline_button(entry: Any, where: Where) -> Json | None:
    """Read a button under a message; one without words is left out, as Telegram has it.

    Raises: ApiError.
    """
    if not isinstance(entry, dict):
        raise bad_request(f"{_INLINE}: InlineKeyboardButton must be an Object")
    if entry.keys() == _PLAIN_KEYS:
        text, data = entry["text"], entry["callback_data"]
        if type(text) is str and type(data) is str and data and text:
            return {"text": _words(text), "callback_data": _callback_data(data)}
    try:
        text = field(entry, "text", str)
        style = _style(entry)
        kind, value = _inline_kind(entry)
    except FieldError as error:
        raise bad_request(f"{_INLINE}: {error.sentence}") from None
    if not text:
        return None
    button: Json = {"text": _words(text)}
    if style:
        button["style"] = style
    name, value = _settled(kind, value, where)
    button[name] = value
    return button


def _words(text: str) -> str:
    words = cleaned(text)
    if not words:
        raise bad_request("Inline keyboard button text must be non-empty")
    return words


def _style(entry: Json) -> str:
    style = str(field(entry, "style", str, "")).lower()
    if style and style != "default" and style not in STYLES:
        raise FieldError("invalid button style specified")
    return "" if style == "default" else style


def _inline_kind(entry: Json) -> tuple[str, Any]:
    """Find the one kind of a button that counts: Telegram looks for them in this order."""
    for name in ("url", "callback_data"):
        if value := field(entry, name, str, ""):
            return name, value
    for name in ("callback_game", "pay"):
        if name in entry:
            return name, {} if name == "callback_game" else True
    for name in ("switch_inline_query", "switch_inline_query_chosen_chat", "switch_inline_query_current_chat"):
        if name in entry:
            return name, _chosen_chat(entry[name]) if name.endswith("chosen_chat") else field(entry, name, str)
    if "login_url" in entry:
        return "login_url", _login_url(field(entry, "login_url", dict))
    if "web_app" in entry:
        return "web_app", field(field(entry, "web_app", dict), "url", str)
    if "copy_text" in entry:
        return "copy_text", field(field(entry, "copy_text", dict), "text", str)
    raise FieldError("Text buttons are unallowed in the inline keyboard")


def _chosen_chat(value: Any) -> Json:
    if not isinstance(value, dict):
        raise FieldError('Field "switch_inline_query_chosen_chat" must be of type Object')
    return {"query": field(value, "query", str, ""), **{name: field(value, name, bool, False) for name in _CHATS}}


def _login_url(value: Json) -> str:
    url: str = field(value, "url", str)
    name = field(value, "bot_username", str, "").removeprefix("@")
    field(value, "request_write_access", bool, False)
    field(value, "forward_text", str, "")
    if value.get("bot_username") and not (name and name.isascii() and name.replace("_", "a").isalnum()):
        raise FieldError("LoginUrl bot username is invalid")
    return url


def _settled(kind: str, value: Any, where: Where) -> tuple[str, Any]:
    """Check what a button holds once its shape is right; answer it as the message will show it."""
    if kind == "url":
        return kind, _url(value)
    if kind == "callback_data":
        return kind, _callback_data(value)
    if kind == "login_url":
        return "url", _https(value, "Inline keyboard button login", "login URL")
    if kind == "web_app":
        link = _https(value, "Inline keyboard button Web App", "Web App URL")
        if where.in_group:
            raise bad_request("BUTTON_TYPE_INVALID")
        return kind, {"url": link}
    if kind == "copy_text":
        if not 1 <= len(value) <= MAX_COPY_TEXT:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
        return kind, {"text": value}
    if kind == "switch_inline_query_chosen_chat":
        if not any(value[name] for name in _CHATS):
            raise bad_request("At least one chat type must be allowed")
        if all(value[name] for name in _CHATS):
            return "switch_inline_query", value["query"]
    if kind == "callback_game" or (kind == "pay" and not where.may_pay):
        raise bad_request("BUTTON_TYPE_INVALID")
    return kind, value


def _callback_data(data: str) -> str:
    if len(data) * 4 > MAX_CALLBACK_BYTES and len(data.encode("utf-8", "replace")) > MAX_CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    return data


def _url(url: str) -> str:
    user_id = user_of_link(url)
    if user_id is not None:
        return f"tg://user?id={user_id}"
    try:
        return checked_link(url)
    except BadLinkError as error:
        raise bad_request(f"Inline keyboard button URL '{url}' is invalid: {error}") from None


def _https(url: str, what: str, kind: str) -> str:
    if user_of_link(url) is not None:
        raise bad_request(f"Link to a user can't be used in {kind} buttons")
    try:
        return checked_link(url, https_only=True)
    except BadLinkError as error:
        raise bad_request(f"{what} URL '{url}' is invalid: {error}") from None


# -- keys under the text field ------------------------------------------------------------------------------------


def key(entry: Any, where: Where) -> Json | None:
    """Read a key of a reply keyboard; one without words is left out.

    Raises: ApiError.
    """
    if isinstance(entry, str):
        return {"text": _key_words(entry)} if entry else None
    if not isinstance(entry, dict):
        raise bad_request(f"{_KEY}: KeyboardButton must be a String or an Object")
    try:
        text = field(entry, "text", str)
        style = _style(entry)
        kind, value = _key_kind(entry)
    except FieldError as error:
        raise bad_request(f"{_KEY}: {error.sentence}") from None
    if not text:
        return None
    button: Json = {"text": _key_words(text), **({"style": style} if style else {})}
    if not kind:
        return button
    if where.in_group and kind == "web_app":
        raise bad_request("Web App buttons can be used in private chats only")
    if where.in_group:
        raise bad_request(f"{_IN_PRIVATE[kind]} can be requested in private chats only")
    button[kind] = {"url": _https(value, "Keyboard button Web App", "Web App URL")} if kind == "web_app" else value
    return button


def _key_words(text: str) -> str:
    words = cleaned(text)
    if not words:
        raise bad_request("Keyboard button text must be non-empty")
    return words


def _key_kind(entry: Json) -> tuple[str, Any]:
    contact = field(entry, "request_phone_number", bool, False), field(entry, "request_contact", bool, False)
    if any(contact):
        return "request_contact", True
    if field(entry, "request_location", bool, False):
        return "request_location", True
    if "request_poll" in entry:
        return "request_poll", field(entry, "request_poll", dict)
    if "web_app" in entry:
        return "web_app", field(field(entry, "web_app", dict), "url", str)
    for name in ("request_users", "request_user"):
        if name in entry:
            return "request_users", _request(field(entry, name, dict))
    for name in ("request_chat", "request_managed_bot"):
        if name in entry:
            return name, _request(field(entry, name, dict))
    return "", None


def _request(value: Json) -> Json:
    field(value, "request_id", int)
    return value
