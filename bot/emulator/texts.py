"""From the `text`, `parse_mode` and `entities` of a call to the text and entities of a message, or a refusal."""

from __future__ import annotations

from typing import Any

from markupsafe import escape

from bot.emulator.entities import given_spans
from bot.emulator.errors import bad_request
from bot.emulator.found import with_found
from bot.emulator.markdown import parse_markdown, parse_markdown_v2
from bot.emulator.markup import MarkupError, parse_html
from bot.emulator.spans import Json, Span, as_entities, clean, trimmed

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_RAW_BYTES = 1 << 15
MAX_ENTITIES = 100
_PARSERS = {"html": parse_html, "markdownv2": parse_markdown_v2, "markdown": parse_markdown}


def parse(text: str, mode: str) -> tuple[str, list[Span]]:
    """Parse a text in a style, without trimming it.

    Raises: ApiError with Telegram's sentence.
    """
    parser = _PARSERS.get(mode.lower())
    if parser is None:
        raise bad_request("Unsupported parse_mode")
    try:
        return clean(*parser(text))
    except MarkupError as error:
        raise bad_request(f"Can't parse entities: {error}") from None


def formatted(text: str, mode: str, entities: Any) -> tuple[str, list[Json]]:
    """Make the plain text and the entities a message will carry; "" when nothing visible is left of it.

    Raises: ApiError.
    """
    if len(text) > MAX_RAW_BYTES // 4 and len(text.encode("utf-8", "replace")) > MAX_RAW_BYTES:
        raise bad_request("Text is too long")
    mode = mode.lower()
    if text and mode and mode != "none":
        text, spans = parse(text, mode)
    else:
        text, spans = clean(text, given_spans(text, entities) if entities else [])
    text, spans = trimmed(text, spans)
    return text, as_entities(with_found(text, spans)[:MAX_ENTITIES])


def message_text(
    text: str, mode: str, entities: Any, *, may_be_empty: bool = False, refusal: str = ""
) -> tuple[str, list[Json]]:
    """Make the text of a message; beside the preview of a link nothing of it needs to be visible.

    Raises: ApiError when it is empty or, in the words of `refusal`, longer than 4096 characters.
    """
    if not text:
        raise bad_request("Message text is empty")
    text, found = formatted(text, mode, entities)
    if not text and not may_be_empty:
        raise bad_request("Text must be non-empty")
    if len(text) > MAX_TEXT:
        raise bad_request(refusal or "Message is too long")
    return text, found


def caption(text: str, mode: str, entities: Any, *, refusal: str = "") -> tuple[str, list[Json]]:
    """Make the caption of a photo or file; it may be empty.

    Raises: ApiError, also when it is longer than 1024 characters.
    """
    if not text:
        return "", []
    text, found = formatted(text, mode, entities)
    if len(text) > MAX_CAPTION:
        raise bad_request(refusal or "Message caption is too long")
    return text, found


_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
}
_WEB = ("http://", "https://")


def as_html(text: str, entities: list[Json]) -> str:
    """Write a message's text as HTML that is safe to put into a page: everything but the known tags is escaped."""
    if not entities:
        return str(escape(text))
    opening: dict[int, list[str]] = {}
    closing: dict[int, list[str]] = {}
    units = text.encode("utf-16-le", "surrogatepass")
    for entity in entities:
        begin, end = entity["offset"], entity["offset"] + entity["length"]
        inside = units[2 * begin : 2 * end].decode("utf-16-le", "replace")
        start_tag, end_tag = _tag(entity, inside)
        opening.setdefault(begin, []).append(start_tag)
        closing.setdefault(end, []).insert(0, end_tag)
    edges = sorted({0, len(units) // 2, *opening, *closing})
    parts: list[str] = []
    for index, edge in enumerate(edges):
        parts += closing.get(edge, ())
        parts += opening.get(edge, ())
        if index + 1 < len(edges):
            run = units[2 * edge : 2 * edges[index + 1]].decode("utf-16-le", "replace")
            parts.append(str(escape(run)))
    return "".join(parts)


def _tag(entity: Json, inside: str) -> tuple[str, str]:
    kind = entity["type"]
    if kind in _TAGS:
        name = _TAGS[kind]
        return (f"<{name} class=expandable>" if kind == "expandable_blockquote" else f"<{name}>"), f"</{name}>"
    if kind == "pre":
        return f'<pre data-language="{escape(entity.get("language", ""))}">', "</pre>"
    if kind in ("text_link", "url"):
        address = entity.get("url") or (inside if inside.lower().startswith(_WEB) else f"http://{inside}")
        if not address.lower().startswith((*_WEB, "tg://")):
            return "<span>", "</span>"
        return f'<a href="{escape(address)}" rel="noopener noreferrer" target="_blank">', "</a>"
    return f'<span class="{escape(kind.replace("_", "-"))}">', "</span>"
