"""Formatted text: spans over a text in UTF-16 units, and the rules by which Telegram cleans, nests and splits them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Json = dict[str, Any]

SPLITTABLE = ("bold", "italic", "underline", "strikethrough", "spoiler")
BLOCKQUOTES = ("blockquote", "expandable_blockquote")
PREFORMATTED = ("pre", "code", "date_time")
_PRIORITY = {
    "blockquote": 0,
    "expandable_blockquote": 0,
    "pre": 11,
    "code": 20,
    "date_time": 30,
    "text_link": 49,
    "text_mention": 49,
    "bold": 90,
    "italic": 91,
    "underline": 92,
    "strikethrough": 93,
    "spoiler": 94,
    "custom_emoji": 99,
}
_FOUND_PRIORITY = 50
_LATEST = 1 << 30

# Control characters become spaces; carriage returns, direction marks and vertical lines vanish.
_UNCLEAN = re.compile("[\x00-\x09\x0b-\x1f\u2028-\u202e\u0333\u033f\u030a]")
_REMOVED = "\r\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u0333\u033f\u030a"
_VISIBLE = re.compile(
    "[^ \n\u00a0\u1680\u180e\u2000-\u200f\u202e\u202f\u205f\u2800\u3000\ufffc\ufeff\U000e0000-\U000e007f]"
)
_MARKS_IN_A_ROW = re.compile("[\u200e\u200f](?=[\u200e\u200f])")


@dataclass(slots=True)
class Span:
    """One entity: `offset` and `length` in UTF-16 units, `argument` the link, language, user or emoji number."""

    offset: int
    length: int
    type: str
    argument: str = ""

    @property
    def end(self) -> int:
        return self.offset + self.length

    def order(self) -> tuple[int, int, int]:
        priority = _PRIORITY.get(self.type, _FOUND_PRIORITY)
        return self.offset, -self.length, 10 if self.type == "pre" and self.argument else priority


def utf16_length(text: str) -> int:
    """Count UTF-16 units, the unit of every offset in the Bot API."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cleaned(text: str) -> str:
    """Clean a text without spans, such as a button's words."""
    return text if text.isascii() and text.isprintable() else clean(text, [])[0]


def clean(text: str, spans: list[Span]) -> tuple[str, list[Span]]:
    """Replace control characters and drop invisible ones, moving the spans along; then nest the spans lawfully."""
    spans = nested_lawfully([span for span in spans if span.length > 0])
    if _UNCLEAN.search(text):
        removed: list[int] = []
        kept: list[str] = []
        position = 0
        for c in text:
            if c in _REMOVED:
                removed.append(position)
            else:
                kept.append(" " if c < " " and c != "\n" else c)
            position += 1 + (c > "\uffff")
        text = "".join(kept)
        for span in spans:
            before = sum(1 for at in removed if at < span.offset)
            within = sum(1 for at in removed if span.offset <= at < span.end)
            span.offset -= before
            span.length -= within
        spans = nested_lawfully([span for span in spans if span.length > 0])
    if not text.isascii():
        text = _MARKS_IN_A_ROW.sub("\u200c", text)
    return text, spans


def trimmed(text: str, spans: list[Span]) -> tuple[str, list[Span]]:
    """Cut spaces and line ends off both ends, as the server does with every message; `""` when nothing is left."""
    text = text.rstrip(" \n")
    end = utf16_length(text)
    spans = [span for span in spans if span.offset < end]
    for span in spans:
        span.length = min(span.length, end - span.offset)
    spans.sort(key=Span.order)
    first = spans[0].offset if spans else len(text)
    cut = 0
    while cut < min(first, len(text)) and text[cut] in " \n":
        cut += 1
    for span in spans:
        span.offset -= cut
    text = text[cut:]
    return (text, spans) if _VISIBLE.search(text) else ("", [])


def nested_lawfully(spans: list[Span]) -> list[Span]:
    """Make crossing spans nest: links and code never overlap, bold and its kin are split and merged around them."""
    spans.sort(key=Span.order)
    if all(after.offset > before.end for before, after in pairwise(spans)):
        return spans  # nothing touches: there is nothing to nest or to merge
    splittable = [span for span in spans if span.type in SPLITTABLE]
    quotes = without_overlaps([span for span in spans if span.type in BLOCKQUOTES])
    others = without_overlaps([span for span in spans if span.type not in SPLITTABLE and span.type not in BLOCKQUOTES])
    frame = sorted([*without_crossing_quotes(others, quotes), *quotes], key=Span.order)
    if splittable:
        frame = sorted([*frame, *_split(splittable, frame)], key=Span.order)
    return frame


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """Keep the first of any spans that share a place."""
    kept: list[Span] = []
    end = 0
    for span in spans:
        if span.offset >= end:
            kept.append(span)
            end = span.end
    return kept


def without_crossing_quotes(spans: list[Span], quotes: list[Span]) -> list[Span]:
    """Drop the spans that a quotation's edge would cut."""
    return [
        span
        for span in spans
        if not any(
            quote.offset < span.end
            and span.offset < quote.end
            and not (quote.offset <= span.offset and span.end <= quote.end)
            for quote in quotes
        )
    ]


def _split(spans: list[Span], frame: list[Span]) -> list[Span]:
    """Merge equal kinds, cut each at the edges of the frame's spans, and drop what lies inside code."""
    present = {span.type for span in spans}
    kinds = [kind for kind in SPLITTABLE if kind in present]
    begins = dict.fromkeys(SPLITTABLE, 0)
    ends = dict.fromkeys(SPLITTABLE, 0)
    result: list[Span] = []
    waiting = iter(spans)
    current = next(waiting, None)

    def flush(offset: int) -> None:
        for kind in kinds:
            if ends[kind] == 0 or begins[kind] >= offset:
                continue
            if ends[kind] <= offset:
                result.append(Span(begins[kind], ends[kind] - begins[kind], kind))
                begins[kind] = ends[kind] = 0
            else:
                result.append(Span(begins[kind], offset - begins[kind], kind))
                begins[kind] = offset

    def add_until(offset: int) -> None:
        nonlocal current
        while current is not None and current.offset < offset:
            kind = current.type
            if ends[kind] != 0 and current.offset <= ends[kind]:
                ends[kind] = max(ends[kind], current.end)
            else:
                flush(current.offset)
                begins[kind], ends[kind] = current.offset, current.end
            current = next(waiting, None)
        flush(offset)

    open_spans: list[Span] = []

    def close_until(offset: int) -> None:
        while open_spans and offset >= open_spans[-1].end:
            before = len(result)
            add_until(open_spans[-1].end)
            if open_spans[-1].type in PREFORMATTED:
                del result[before:]
            open_spans.pop()
        add_until(offset)

    for other in frame:
        close_until(other.offset)
        open_spans.append(other)
    close_until(_LATEST)
    return result


def as_entities(spans: Iterable[Span]) -> list[Json]:
    """Write spans as the Bot API's `MessageEntity` objects."""
    entities: list[Json] = []
    for span in spans:
        entity: Json = {"offset": span.offset, "length": span.length, "type": span.type}
        if span.type == "text_link":
            entity["url"] = span.argument
        elif span.type == "pre" and span.argument:
            entity["language"] = span.argument
        elif span.type == "text_mention":
            entity["user"] = {"id": int(span.argument), "is_bot": False, "first_name": "User"}
        elif span.type == "custom_emoji":
            entity["custom_emoji_id"] = span.argument
        elif span.type == "date_time":
            unix_time, _, form = span.argument.partition(" ")
            entity |= {"unix_time": int(unix_time), "date_time_format": form}
        entities.append(entity)
    return entities
