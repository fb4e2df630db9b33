"""The emulator's parser against Telegram's own, on generated texts; a failure prints the seed and the text."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from bot.emulator.entities import given_spans
from bot.emulator.errors import ApiError
from bot.emulator.found import find_spans
from bot.emulator.markdown import parse_markdown, parse_markdown_v2
from bot.emulator.markup import MarkupError, parse_html
from bot.emulator.spans import Span, clean, utf16_length
from bot.emulator.texts import as_html, formatted
from tests.emulator import tdparser

SEED = 20_260_101
ROUNDS = 3_000

PLAIN = (
    "word",
    " ",
    "  ",
    "\n",
    "😀",
    "ж",
    "é",
    "0",
    "\r\n",
    "\t",
    "&",
    "<",
    ">",
    "'",
    '"',
    "ﷺ",
    "👨‍👩‍👧",
    "http://e.com",
)
NAMES = (
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "code",
    "pre",
    "blockquote",
    "tg-spoiler",
    "B",
    "I",
)
TAGS = (
    *(f"<{name}>" for name in NAMES),
    *(f"</{name}>" for name in NAMES),
    '<a href="http://e.com/x?y=1&amp;z">',
    "<a href='tg://user?id=42'>",
    "<a href=e.com>",
    '<a href="nowhere">',
    "<a>",
    "</a>",
    '<code class="language-py">',
    '<span class="tg-spoiler">',
    "<span>",
    "</span>",
    "<blockquote expandable>",
    '<tg-emoji emoji-id="5368324170671202286">',
    "</tg-emoji>",
    '<tg-time unix="1700000000" format="wDT">',
    "<tg-time unix=1 format=r>",
    '<tg-time unix="-5">',
    '<tg-time unix=7 format="q">',
    "</tg-time>",
    "<p>",
    "<br/>",
    "<b",
    "</",
    "<b x=1 y='2'>",
    "<b x>",
    '<b "x">',
    "&lt;",
    "&amp",
    "&quot;",
    "&nbsp;",
    "&#65;",
    "&#x1F600;",
    "&#0;",
    "&#xZ;",
)
TIMES = tuple(tag for tag in TAGS if tag.startswith("<tg-time"))
MARKS = (
    *(
        "*",
        "_",
        "__",
        "~",
        "||",
        "`",
        "```",
        "[",
        "]",
        "(",
        ")",
        ">",
        "#",
        "+",
        "-",
        "=",
        "|",
        "{",
        "}",
        ".",
        "!",
        "\\",
    ),
    *(
        "\\*",
        "\\_",
        "\\[",
        "\\`",
        "\\\\",
        "](http://e.com/)",
        "](tg://user?id=42)",
        "](nowhere)",
        "![x](tg://emoji?id=5)",
        "![x](tg://time?unix=1700000000&format=tTdDW)",
        "![x](tg://time?unix=5)",
        "![x](tg://time?unix=0&format=R)",
        "![x](tg://time?unix=5&format=z)",
    ),
    *("```py\n", "\n>", "\n\n", "**>", "||\n", "(http://e.com/\\))"),
)


@pytest.fixture(autouse=True)
def _quiet() -> None:
    tdparser.quiet()


def _html(chance: random.Random) -> str:
    """Make HTML that is mostly well formed, as a text of noise only would end at its first tag."""
    parts: list[str] = []
    opened: list[str] = []
    noise = chance.choice((0.0, 0.0, 0.15))
    for _ in range(chance.randrange(1, 14)):
        draw = chance.uniform(0.0, 0.85 + noise)
        if draw < 0.35:
            parts.append(chance.choice(PLAIN[:8] + PLAIN[11:12]))
        elif draw < 0.6:
            name = chance.choice(NAMES[:13])
            parts.append(f"<{name}>")
            opened.append(name)
        elif draw < 0.85:
            parts.append(f"</{opened.pop()}>" if opened else "word")
        elif draw < 0.87:
            parts.append(f"{chance.choice(TIMES)}{chance.choice(PLAIN[:8])}<b>x</b></tg-time>")
        elif draw < 0.93:
            parts.append(chance.choice(TAGS))
        else:
            parts.append(chance.choice(PLAIN))
    if chance.random() < 0.8:
        parts += [f"</{name}>" for name in reversed(opened)]
    return "".join(parts)


def _markdown(chance: random.Random) -> str:
    parts: list[str] = []
    for _ in range(chance.randrange(1, 10)):
        draw = chance.random()
        if draw < 0.4:
            parts.append(chance.choice(PLAIN[:8]))
        elif draw < 0.93:
            mark = chance.choice(("*", "_", "__", "~", "||", "`", "```"))
            parts += [
                mark,
                chance.choice(PLAIN[:8]),
                chance.choice(("", "word", "ж", "\\.", chance.choice(MARKS))),
                mark,
            ]
        else:
            parts.append(chance.choice(MARKS))
    return "".join(parts)


def _rows(spans: list[Span]) -> list[tuple[int, int, str, str]]:
    return [(span.offset, span.length, span.type, span.argument) for span in spans]


def _ours(text: str, mode: str) -> tuple[str, list[tuple[int, int, str, str]]] | str:
    parser = {"HTML": parse_html, "MarkdownV2": parse_markdown_v2, "Markdown": parse_markdown}[mode]
    try:
        plain, spans = parser(text)
    except MarkupError as error:
        return f"Can't parse entities: {error}"
    return plain, sorted(_rows(spans))


@pytest.mark.parametrize(("mode", "make"), [("HTML", _html), ("MarkdownV2", _markdown), ("Markdown", _markdown)])
def test_texts_parse_as_telegram_parses_them(mode: str, make: Callable[[random.Random], str]) -> None:
    """Text, offsets, kinds and refusals are Telegram's own, on thousands of generated texts."""
    chance = random.Random(SEED)
    lawful = 0
    for number in range(ROUNDS):
        text = make(chance)
        expected = tdparser.parse(text, mode)
        if not isinstance(expected, str):
            lawful += bool(expected[1])
            expected = expected[0], sorted(expected[1])
        assert _ours(text, mode) == expected, (SEED, number, text)
    assert lawful > ROUNDS / 4, "too few of the texts were worth comparing"


KINDS = ("bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "blockquote", "text_link")
PIECES = ("word", " ", "\n", "😀", "ж", "\r\n", "\t", "\u202e", "a\u0333", "\u200e\u200f", "x")


def test_crossing_entities_nest_as_telegram_nests_them() -> None:
    """Entities that overlap in any way are cut, merged and dropped as Telegram does it, in a cleaned text."""
    chance = random.Random(SEED)
    for number in range(ROUNDS):
        text = "".join(chance.choice(PIECES) for _ in range(chance.randrange(1, 9))) + "."
        starts = [utf16_length(text[:index]) for index in range(len(text) + 1)]
        spans = []
        for _ in range(chance.randrange(5)):
            begin, end = sorted(chance.choice(starts) for _ in range(2))
            kind = chance.choice(KINDS)
            argument = "http://e.com/" if kind == "text_link" else ""
            spans.append(Span(begin, end - begin, kind, argument))
        expected = tdparser.nest(text, _rows(spans))
        assert not isinstance(expected, str), expected
        plain, nested = clean(text, spans)
        assert (plain, sorted(_rows(nested))) == (expected[0], sorted(expected[1])), (SEED, number, text)


def _as_entity(row: tuple[int, int, str, str]) -> dict[str, Any]:
    offset, length, kind, argument = row
    more: dict[str, Any] = {"url": argument, "language": argument, "custom_emoji_id": argument}
    return {"offset": offset, "length": length, "type": kind, "user": {"id": 42}, **more}


def test_given_entities_are_checked_as_telegram_checks_them() -> None:
    """Entities of a call that lie beyond the text, within a character or hold nonsense get Telegram's refusals."""
    chance = random.Random(SEED)
    refused = 0
    for number in range(ROUNDS):
        text = "".join(chance.choice(PIECES) for _ in range(chance.randrange(1, 9))) + "."
        rows = []
        for _ in range(chance.randrange(1, 4)):
            kind = chance.choice((*KINDS, "custom_emoji", "text_mention"))
            argument = {
                "text_link": chance.choice(("e.com", "http://e.com/", "nowhere", "tg://user?id=42")),
                "custom_emoji": chance.choice(("5", "5", "0")),
                "text_mention": "42",
                "pre": chance.choice(("", "py")),
            }.get(kind, "")
            rows.append((chance.randrange(-1, 12), chance.randrange(-1, 8), kind, argument))
        if chance.random() < 0.6:
            end = utf16_length(text)
            rows = [(max(0, min(o, end)), max(0, min(n, end - max(0, min(o, end)))), k, a) for o, n, k, a in rows]
        expected = tdparser.nest(text, rows)
        try:
            plain, nested = clean(text, given_spans(text, [_as_entity(row) for row in rows]))
            ours: Any = plain, sorted(_rows(nested))
        except ApiError as error:
            ours = error.description
        if isinstance(expected, str):
            refused += 1
            expected_words = f"Bad Request: {expected[0].lower()}{expected[1:]}"
            assert ours == expected_words, (SEED, number, text, rows)
        else:
            assert ours == (expected[0], sorted(expected[1])), (SEED, number, text, rows)
    assert ROUNDS / 4 < refused < ROUNDS * 3 / 4, refused


WORDS = (
    *(
        "/start",
        "/start@JobsDemoBot",
        "/a_b",
        "a/b",
        "//c",
        "/",
        "@ali_tester",
        "@ab",
        "@gif",
        "x@y",
        "#tag",
        "#1",
        "#a1b",
    ),
    *(
        "$USD",
        "$usd",
        "http://e.com",
        "https://e.com/a(b)c).",
        "e.com",
        "www.e.com/x?y=1#z",
        "e.com:8080/x",
        "1.5",
        "a.b",
    ),
    *(
        "me@e.com",
        "mailto:me@e.com",
        "ftp://e.com",
        "t.me/bot?start=abc",
        "http://localhost",
        "e.com.",
        "(e.com)",
        "e.com,",
    ),
    *(
        "word",
        "слово",
        "😀",
        "1.2.3.4",
        "main.py",
        "file.txt",
        "3.14",
        "http://",
        "tg://x",
        "a.b.c.d",
        "€5.50",
        "10.00",
    ),
)


def test_commands_and_links_are_found_as_telegram_finds_them() -> None:
    """Commands, mentions, hashtags, links and addresses are found in the places where Telegram finds them."""
    chance = random.Random(SEED)
    for number in range(ROUNDS):
        text = chance.choice((" ", "\n", ", ", " ")).join(chance.choice(WORDS) for _ in range(chance.randrange(1, 6)))
        expected = [
            row for row in tdparser.find(text) if row[2] not in ("media_timestamp", "phone_number", "bank_card")
        ]
        assert _rows(find_spans(text)) == expected, (SEED, number, text)


def test_html_of_the_page_is_safe() -> None:
    """What a person writes can never become a tag or a script of the page."""
    text, entities = formatted("<script>alert(1)</script> \"'& http://e.com/<b>", "", None)
    page = as_html(text, entities)
    assert "<script" not in page
    assert "<b>" not in page
    text, entities = formatted('<a href="http://e.com/?a=1&quot;onclick">x</a>', "HTML", None)
    assert '"onclick' not in as_html(text, entities)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"])
def test_links_of_other_kinds_are_no_links(address: str) -> None:
    """A link that is neither web nor Telegram leaves only its text."""
    assert formatted(f'<a href="{address}">x</a>', "HTML", None) == ("x", [])
