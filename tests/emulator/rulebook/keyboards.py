"""Rules about keyboards and their buttons."""

from __future__ import annotations

from typing import Any

from tests.emulator.rulebook.record import Rule, Source
from tests.emulator.rulebook.stage import TEXT, a_group, keys

_MARKUP = "Additional interface options."
_DATA = "Data to be sent in a callback query to the bot when the button is pressed, 1-64 bytes"
_URL = "HTTP or tg:// URL to be opened when the button is pressed."
_ROWS = "Array of button rows, each represented by an Array of InlineKeyboardButton objects"
_KEY_ROWS = "Array of button rows, each represented by an Array of KeyboardButton objects"
_ONE_KIND = (
    "Exactly one of the fields other than text, icon_custom_emoji_id, and style must be used to specify the type of"
    " the button."
)
_INLINE = "can't parse inline keyboard button"
_DOCS = Source.DOCS


def _refused(name: str, right: Any, wrong: Any, error: str, says: str, source: Source = _DOCS) -> Rule:
    return Rule(
        name,
        TEXT,
        right={"reply_markup": right},
        wrong={"reply_markup": wrong},
        error=f"Bad Request: {error}",
        says=says,
        source=source,
    )


GO = keys(callback_data="go")
_WIDE = [{"text": "x", "callback_data": "y"}]

RULES: tuple[Rule, ...] = (
    _refused("markup-no-json", "{}", "{", "can't parse reply keyboard markup JSON object", _MARKUP),
    _refused("markup-no-object", {}, "[]", "object expected as reply markup", _MARKUP),
    _refused(
        "inline-keyboard-no-array", GO, {"inline_keyboard": {}}, 'field "inline_keyboard" must be of type Array', _ROWS
    ),
    _refused(
        "inline-row-no-array",
        GO,
        {"inline_keyboard": [{"text": "x", "callback_data": "y"}]},
        'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        _ROWS,
    ),
    _refused(
        "inline-button-no-object",
        GO,
        {"inline_keyboard": [["x"]]},
        f"{_INLINE}: InlineKeyboardButton must be an Object",
        _ROWS,
    ),
    _refused(
        "inline-button-without-text",
        GO,
        {"inline_keyboard": [[{"callback_data": "x"}]]},
        f'{_INLINE}: Can\'t find field "text"',
        "Label text on the button",
    ),
    _refused(
        "inline-button-empty-text",
        GO,
        keys("\r", callback_data="go"),
        "inline keyboard button text must be non-empty",
        "Label text on the button",
    ),
    _refused(
        "inline-button-of-no-kind",
        GO,
        keys(),
        f"{_INLINE}: Text buttons are unallowed in the inline keyboard",
        _ONE_KIND,
    ),
    _refused(
        "callback-data-too-long",
        keys(callback_data="ж" * 32),
        keys(callback_data="ж" * 32 + "x"),
        "BUTTON_DATA_INVALID",
        _DATA,
    ),
    _refused(
        "button-url-no-host",
        keys(url="e.com"),
        keys(url="nowhere"),
        "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL",
        _URL,
    ),
    _refused(
        "button-url-scheme",
        keys(url="tg://user?id=5"),
        keys(url="ftp://e.com"),
        "inline keyboard button URL 'ftp://e.com' is invalid: Unsupported URL protocol",
        _URL,
    ),
    _refused(
        "button-style-unknown",
        keys(callback_data="x", style="danger"),
        keys(callback_data="x", style="pink"),
        f"{_INLINE}: invalid button style specified",
        "Style of the button. Must be one of 'danger' (red), 'success' (green) or 'primary' (blue).",
    ),
    _refused(
        "web-app-not-https",
        keys(web_app={"url": "https://e.com"}),
        keys(web_app={"url": "http://e.com"}),
        "inline keyboard button Web App URL 'http://e.com' is invalid: Only HTTPS links are allowed",
        "An HTTPS URL of a Web App to be opened with additional data as specified in Initializing Web Apps",
    ),
    Rule(
        "web-app-button-in-group",
        TEXT,
        right={"reply_markup": keys(web_app={"url": "https://e.com"})},
        wrong={"chat_id": a_group},
        error="Bad Request: BUTTON_TYPE_INVALID",
        says="Available only in private chats between a user and the bot.",
        source=Source.DOCS,
    ),
    _refused(
        "copy-text-too-long",
        keys(copy_text={"text": "x" * 256}),
        keys(copy_text={"text": "x" * 257}),
        "BUTTON_COPY_TEXT_INVALID",
        "The text to be copied to the clipboard; 1-256 characters",
    ),
    _refused(
        "too-many-buttons-in-a-row",
        {"inline_keyboard": [_WIDE * 8]},
        {"inline_keyboard": [_WIDE * 9]},
        "reply markup is too long",
        "A row of more than 8 buttons is refused.",
        Source.KNOWN,
    ),
    _refused(
        "too-many-buttons",
        {"inline_keyboard": [_WIDE] * 100},
        {"inline_keyboard": [_WIDE] * 101},
        "reply markup is too long",
        "A keyboard of more than 100 buttons is refused.",
        Source.KNOWN,
    ),
    _refused(
        "key-row-no-array",
        {"keyboard": [["x"]]},
        {"keyboard": [{}]},
        'field "keyboard" must be an Array of Arrays',
        _KEY_ROWS,
    ),
    _refused(
        "key-no-object",
        {"keyboard": [["x"]]},
        {"keyboard": [[5]]},
        "can't parse keyboard button: KeyboardButton must be a String or an Object",
        _KEY_ROWS,
    ),
    _refused(
        "key-without-text",
        {"keyboard": [[{"text": "x"}]]},
        {"keyboard": [[{}]]},
        "can't parse keyboard button: Can't find field \"text\"",
        "Text of the button.",
    ),
    _refused(
        "placeholder-too-long",
        {"keyboard": [["x"]], "input_field_placeholder": "x" * 64},
        {"keyboard": [["x"]], "input_field_placeholder": "x" * 65},
        "REPLY_MARKUP_PLACEHOLDER_INVALID",
        "The placeholder to be shown in the input field when the keyboard is active; 1-64 characters",
    ),
    Rule(
        "contact-asked-in-group",
        TEXT,
        right={"reply_markup": {"keyboard": [[{"text": "x", "request_contact": True}]]}},
        wrong={"chat_id": a_group},
        error="Bad Request: phone number can be requested in private chats only",
        says="If True, the user's phone number will be sent as a contact when the button is pressed. Available in"
        " private chats only",
        source=Source.DOCS,
    ),
    Rule(
        "location-asked-in-group",
        TEXT,
        right={"reply_markup": {"keyboard": [[{"text": "x", "request_location": True}]]}},
        wrong={"chat_id": a_group},
        error="Bad Request: location can be requested in private chats only",
        says="If True, the user's current location will be sent when the button is pressed. Available in private chats"
        " only",
        source=Source.DOCS,
    ),
)
