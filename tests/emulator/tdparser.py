"""Telegram's own parser, through its client library, in the words of the Bot API; it works without a network."""

from __future__ import annotations

import json
from typing import Any, cast

import tdjson

_MODES = {
    "HTML": {"@type": "textParseModeHTML"},
    "MarkdownV2": {"@type": "textParseModeMarkdown", "version": 2},
    "Markdown": {"@type": "textParseModeMarkdown", "version": 1},
}
_TYPES = {
    "textEntityTypeBold": "bold",
    "textEntityTypeItalic": "italic",
    "textEntityTypeUnderline": "underline",
    "textEntityTypeStrikethrough": "strikethrough",
    "textEntityTypeSpoiler": "spoiler",
    "textEntityTypeCode": "code",
    "textEntityTypePre": "pre",
    "textEntityTypePreCode": "pre",
    "textEntityTypeTextUrl": "text_link",
    "textEntityTypeMentionName": "text_mention",
    "textEntityTypeBlockQuote": "blockquote",
    "textEntityTypeExpandableBlockQuote": "expandable_blockquote",
    "textEntityTypeCustomEmoji": "custom_emoji",
    "textEntityTypeMention": "mention",
    "textEntityTypeHashtag": "hashtag",
    "textEntityTypeCashtag": "cashtag",
    "textEntityTypeBotCommand": "bot_command",
    "textEntityTypeUrl": "url",
    "textEntityTypeEmailAddress": "email",
    "textEntityTypePhoneNumber": "phone_number",
    "textEntityTypeBankCardNumber": "bank_card",
    "textEntityTypeMediaTimestamp": "media_timestamp",
    "textEntityTypeDateTime": "date_time",
}
Row = tuple[int, int, str, str]


def _ask(request: dict[str, Any]) -> dict[str, Any]:
    answer = tdjson.td_execute(json.dumps(request).encode())
    assert answer is not None
    return cast(dict[str, Any], json.loads(answer))


def quiet() -> None:
    """Keep the library from writing its log."""
    _ask({"@type": "setLogVerbosityLevel", "new_verbosity_level": 0})


def _time(kind: dict[str, Any]) -> str:
    """Write a date's argument as the emulator's spans do: the Unix time and the letters of its form."""
    form = kind.get("formatting_type", {})
    letters = "r" if form.get("@type", "").endswith("Relative") else ""
    letters += "w" if form.get("show_day_of_week") else ""
    for name, pair in (("date_precision", "dD"), ("time_precision", "tT")):
        precision = form.get(name, {}).get("@type", "")
        letters += {"Short": pair[0], "Long": pair[1]}.get(precision.removeprefix("dateTimePartPrecision"), "")
    return f"{kind['unix_time']} {letters}"


def _row(entity: dict[str, Any]) -> Row:
    kind = entity["type"]
    if "unix_time" in kind:
        return entity["offset"], entity["length"], "date_time", _time(kind)
    argument = kind.get("url") or kind.get("language") or kind.get("user_id") or kind.get("custom_emoji_id") or ""
    return entity["offset"], entity["length"], _TYPES[kind["@type"]], str(argument)


def parse(text: str, mode: str) -> tuple[str, list[Row]] | str:
    """Parse a text; a refusal comes back as its sentence."""
    answer = _ask({"@type": "parseTextEntities", "text": text, "parse_mode": _MODES[mode]})
    if answer["@type"] == "error":
        return str(answer["message"])
    return answer["text"], [_row(entity) for entity in answer["entities"]]


def nest(text: str, rows: list[Row]) -> tuple[str, list[Row]] | str:
    """Clean a text and make its entities nest as the library does before it sends them; or answer the refusal.

    The text must be without the marks of the third Markdown style, as the call used here would read them.
    """
    kinds = {name: kind for kind, name in _TYPES.items() if name != "pre"}
    entities = []
    for offset, length, name, argument in rows:
        kind: dict[str, Any] = {"@type": kinds.get(name, "textEntityTypePre")}
        if name == "text_link":
            kind["url"] = argument
        elif name == "text_mention":
            kind["user_id"] = int(argument)
        elif name == "custom_emoji":
            kind["custom_emoji_id"] = argument
        elif name == "pre" and argument:
            kind = {"@type": "textEntityTypePreCode", "language": argument}
        entities.append({"@type": "textEntity", "offset": offset, "length": length, "type": kind})
    formatted = {"@type": "formattedText", "text": text, "entities": entities}
    answer = _ask({"@type": "parseMarkdown", "text": formatted})
    if answer["@type"] == "error":
        return str(answer["message"])
    return answer["text"], [_row(entity) for entity in answer["entities"]]


def find(text: str) -> list[Row]:
    """Find commands, links and the like in a text."""
    return [_row(entity) for entity in _ask({"@type": "getTextEntities", "text": text})["entities"]]
