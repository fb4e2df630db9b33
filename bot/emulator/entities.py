"""The entities that a bot gives instead of a style: read, checked against the text and made into spans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.emulator.errors import FieldError, bad_request
from bot.emulator.links import BadLinkError, checked_link, user_of_link
from bot.emulator.markup import MarkupError, time_argument
from bot.emulator.params import Json, field
from bot.emulator.spans import Span, nested_lawfully, utf16_length

MAX_OFFSET = 1_000_000
_PLAIN = ("bold", "italic", "underline", "strikethrough", "spoiler", "code", "blockquote", "expandable_blockquote")
_FOUND = ("mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number")


def given_spans(text: str, entities: Any) -> list[Span]:
    """Read `entities` or `caption_entities`; what is no list is passed over.

    Raises: ApiError.
    """
    if not isinstance(entities, list):
        return []
    spans: list[Span] = []
    for entity in entities:
        try:
            span = _span(entity)
        except FieldError as error:
            raise bad_request(f"Can't parse MessageEntity: {error.sentence}") from None
        if span is not None:
            spans.append(span)
    spans = [_settled(span) for span in spans]
    for span in spans:
        if not 0 <= span.offset <= MAX_OFFSET:
            raise bad_request(f"Receive an entity with incorrect offset {span.offset}")
        if not 0 <= span.length <= MAX_OFFSET:
            raise bad_request(f"Receive an entity with incorrect length {span.length}")
    spans = nested_lawfully([span for span in spans if span.length > 0])
    _check_places(text, spans)
    return spans


def _span(entity: Any) -> Span | None:
    """Read one; None for a kind that Telegram finds by itself."""
    if not isinstance(entity, dict):
        raise FieldError("expected an Object")
    offset, length = field(entity, "offset", int), field(entity, "length", int)
    kind = field(entity, "type", str)
    if not kind:
        raise FieldError("Type is not specified")
    if kind in _FOUND:
        return None
    return Span(offset, length, kind, "" if kind in _PLAIN else _argument(entity, kind))


def _argument(entity: Json, kind: str) -> str:
    if kind == "pre":
        return str(field(entity, "language", str, ""))
    if kind == "text_link":
        return str(field(entity, "url", str))
    if kind == "text_mention":
        return str(field(field(entity, "user", dict), "id", int))
    if kind == "custom_emoji":
        return str(field(entity, "custom_emoji_id", int))
    if kind == "date_time":
        try:
            return time_argument(field(entity, "unix_time", int), field(entity, "date_time_format", str, ""))
        except MarkupError:
            raise FieldError("Invalid date-time format specified") from None
    raise FieldError("Unsupported type specified")


def _settled(span: Span) -> Span:
    if span.type == "text_link":
        user_id = user_of_link(span.argument)
        if user_id is not None:
            return Span(span.offset, span.length, "text_mention", str(user_id))
        try:
            span.argument = checked_link(span.argument)
        except BadLinkError as error:
            raise bad_request(f"Entity URL '{span.argument}' is invalid: {error}") from None
    elif span.type == "custom_emoji" and span.argument == "0":
        raise bad_request("Invalid custom emoji identifier specified")
    elif span.type == "date_time" and int(span.argument.split()[0]) <= 0:
        raise bad_request("Invalid date specified")
    return span


def _check_places(text: str, spans: list[Span]) -> None:
    """Check that spans begin and end between characters of the text, in the order Telegram walks through it."""
    if not spans:
        return
    if not text.isascii():
        for end, size in _wide_characters(text):
            cut = next((span for span in reversed(spans) if span.offset < end - 1 and span.end == end - 1), None)
            cut = cut or next((span for span in reversed(spans) if span.end == end - 1 and span.offset < end), None)
            if cut is not None:
                raise bad_request(
                    f"Entity beginning at UTF-16 offset {cut.offset} ends in a middle of a UTF-16 symbol at byte"
                    f" offset {size}"
                )
            if any(span.offset == end - 1 for span in spans):
                raise bad_request(f"Entity begins in a middle of a UTF-16 symbol at byte offset {size}")
    length = utf16_length(text)
    if spans[-1].offset > length:
        late = next(span for span in spans if span.offset > length)
        raise bad_request(f"Entity begins after the end of the text at UTF-16 offset {late.offset}")
    long = [span for span in spans if span.end > length]
    if long:
        raise bad_request(
            f"Entity beginning at UTF-16 offset {long[-1].offset} ends after the end of the text at UTF-16 offset"
            f" {long[-1].end}"
        )


def _wide_characters(text: str) -> Iterator[tuple[int, int]]:
    """Walk through the characters of two UTF-16 units; answer where each ends in units and in bytes."""
    offset = size = 0
    for c in text:
        offset += 1 + (c > "\uffff")
        size += len(c.encode("utf-8", "surrogatepass"))
        if c > "\uffff":
            yield offset, size
