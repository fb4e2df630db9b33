"""Rules about how links, marks and entities are written."""

from __future__ import annotations

from typing import Any

from tests.emulator.rulebook.record import Rule, Source
from tests.emulator.rulebook.stage import PHOTO, TEXT, keys

_URL = "HTTP or tg:// URL to be opened when the button is pressed."
_FOUR = {"text": "four", "entities": [{"type": "bold", "offset": 0, "length": 4}]}
_WIDE = {"text": "a\U0001f600b", "entities": [{"type": "bold", "offset": 1, "length": 2}]}


def _link(name: str, url: str, reason: str, *, right: str = "https://e.com") -> Rule:
    return Rule(
        f"link-{name}",
        TEXT,
        right={"reply_markup": keys(url=right)},
        wrong={"reply_markup": keys(url=url)},
        error=f"Bad Request: inline keyboard button URL '{url}' is invalid: {reason}",
        says=_URL,
        source=Source.DOCS,
    )


def _markup(name: str, mode: str, wrong: str, right: str, sentence: str, says: str) -> Rule:
    return Rule(
        name,
        TEXT,
        right={"text": right, "parse_mode": mode},
        wrong={"text": wrong},
        error=f"Bad Request: can't parse entities: {sentence}",
        says=says,
        source=Source.TD,
    )


def _html(name: str, wrong: str, right: str, sentence: str, says: str) -> Rule:
    return _markup(f"html-{name}", "HTML", wrong, right, sentence, f"parse_html: {says}")


def _markdown(name: str, wrong: str, right: str, sentence: str, says: str) -> Rule:
    return _markup(f"markdown-{name}", "MarkdownV2", wrong, right, sentence, f"parse_markdown_v2: {says}")


def _entity(
    name: str, entity: dict[str, Any], sentence: str, says: str, source: Source, *, right: dict[str, Any] = _FOUR
) -> Rule:
    error = f"Bad Request: {sentence}"
    return Rule(
        f"entity-{name}", TEXT, right=right, wrong={"entities": [entity]}, error=error, says=says, source=source
    )


RULES: tuple[Rule, ...] = (
    _link("no-host", "http://", "URL host is empty"),
    _link("host-is-a-dot", "http://.", "Host is invalid"),
    _link("port-too-high", "http://e.com:65536", "Wrong port number specified in the URL", right="http://e.com:65535"),
    _link("host-with-space", "http://e e.com", "Disallowed character in URL host"),
    _link("percent-cut", "http://e%4.com", "Wrong percent-encoded symbol in URL host", right="http://e%41.com"),
    _link("tg-host", "tg://res!olve", "Unallowed characters in URL host", right="tg://resolve?domain=x"),
    _link("ip-6", "http://[12345::]", "Wrong IPv6 address specified in the URL", right="http://[2001:db8::1]"),
    Rule(
        "preview-url",
        TEXT,
        right={"link_preview_options": {"url": "https://e.com"}},
        wrong={"link_preview_options": {"url": "ftp://e.com"}},
        error="Bad Request: WEBPAGE_URL_INVALID",
        says="URL to use for the link preview.",
        source=Source.DOCS,
    ),
    Rule(
        "photo-url-spelling",
        PHOTO,
        wrong={"photo": "ftp://e.com/x.jpg"},
        error="Bad Request: invalid file HTTP URL specified: Unsupported URL protocol",
        says="get_input_file: what holds a dot is read as an address.",
        source=Source.TD,
    ),
    _html(
        "attribute-without-value",
        '<a href="e.com"',
        '<a href="e.com">x</a>',
        "Unclosed start tag at byte offset 0",
        "a tag ends in `>`, also after its attributes.",
    ),
    _html(
        "attribute-cut",
        "<a href",
        '<a href="e.com">x</a>',
        'Unclosed start tag "a" at byte offset 0',
        "so does a name.",
    ),
    _html(
        "attribute-bare",
        "<a href=e/com>x</a>",
        "<a href=e.com>x</a>",
        "Unexpected end of name token at byte offset 8",
        "a value without quotes has letters, digits, dots and hyphens.",
    ),
    _html("end-tag-cut", "<b>x</b", "<b>x</b>", "Unclosed end tag at byte offset 4", "an end tag ends in `>`."),
    _html(
        "surrogate",
        "&#55357;",
        "&#128512;",
        "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code"
        " units",
        "a reference is to a whole character.",
    ),
    _html(
        "emoji-of-no-number",
        '<tg-emoji emoji-id="x">x</tg-emoji>',
        '<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>',
        "Invalid custom emoji identifier specified",
        "a custom emoji has a number.",
    ),
    _html(
        "time-of-no-format",
        '<tg-time unix="1" format="z">x</tg-time>',
        '<tg-time unix="1" format="wDT">x</tg-time>',
        "Invalid date format used",
        "a time is shown in the ways there are.",
    ),
    _markdown(
        "url-cut", "[x](e.com", "[x](e.com)", "Can't find end of a URL at byte offset 4", "an address is closed."
    ),
    _markdown(
        "emoji-without-url",
        "![x] y",
        "![👍](tg://emoji?id=5368324170671202286)",
        "The entity must contain a tg://emoji or tg://time URL",
        "`!` before a bracket is a custom emoji or a time.",
    ),
    _markdown(
        "emoji-of-another-url",
        "![x](https://e.com)",
        "![👍](tg://emoji?id=5368324170671202286)",
        "Invalid tg://emoji or tg://time URL specified",
        "a custom emoji has an address of its own kind.",
    ),
    _entity(
        "length-negative",
        {"type": "bold", "offset": 0, "length": -1},
        "receive an entity with incorrect length -1",
        "An entity has a length.",
        Source.TD,
    ),
    _entity(
        "length-no-number",
        {"type": "bold", "offset": 0, "length": []},
        'can\'t parse MessageEntity: Field "length" must be a Number',
        "get_json_object_int_field: a number is a number.",
        Source.SERVER,
    ),
    _entity(
        "type-empty",
        {"type": "", "offset": 0, "length": 1},
        "can't parse MessageEntity: Type is not specified",
        "get_text_entity: a type is required.",
        Source.SERVER,
    ),
    _entity(
        "url-invalid",
        {"type": "text_link", "offset": 0, "length": 4, "url": "nowhere"},
        "entity URL 'nowhere' is invalid: Wrong HTTP URL",
        "For 'text_link' only, URL that will be opened after user taps on the text",
        Source.DOCS,
    ),
    _entity(
        "emoji-zero",
        {"type": "custom_emoji", "offset": 0, "length": 4, "custom_emoji_id": "0"},
        "invalid custom emoji identifier specified",
        "For 'custom_emoji' only, unique identifier of the custom emoji.",
        Source.DOCS,
    ),
    _entity(
        "date-zero",
        {"type": "date_time", "offset": 0, "length": 4, "unix_time": 0},
        "invalid date specified",
        "For 'date_time' only, the Unix time associated with the entity",
        Source.DOCS,
        right={"text": "four", "entities": [{"type": "date_time", "offset": 0, "length": 4, "unix_time": 1}]},
    ),
    _entity(
        "date-format",
        {"type": "date_time", "offset": 0, "length": 4, "unix_time": 1, "date_time_format": "z"},
        "can't parse MessageEntity: invalid date-time format specified",
        "For 'date_time' only, the string that defines the formatting of the date and time.",
        Source.DOCS,
        right={"text": "four", "entities": [{"type": "date_time", "offset": 0, "length": 4, "unix_time": 1}]},
    ),
    _entity(
        "ends-inside-a-symbol",
        {"type": "bold", "offset": 0, "length": 2},
        "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 5",
        "Length of the entity in UTF-16 code units",
        Source.DOCS,
        right=_WIDE,
    ),
    _entity(
        "begins-inside-a-symbol",
        {"type": "bold", "offset": 2, "length": 2},
        "entity begins in a middle of a UTF-16 symbol at byte offset 5",
        "Offset in UTF-16 code units to the start of the entity",
        Source.DOCS,
        right=_WIDE,
    ),
)
