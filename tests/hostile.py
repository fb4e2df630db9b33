"""Text that people type to break a screen, and what of it the bot lets in."""

import random
from collections.abc import Callable

from bot.domain.errors import InvalidInput

EVIL = "https://evil.example/pay"
#: Whoever finds this in what somebody reads knows that hostile words were really shown.
PLANTED = "<u>under</u>"
PIECES = (
    PLANTED,
    "</b><u>out</u><b>",
    "</i></b></code></a><u>all out</u>",
    f'<a href="{EVIL}">your money</a>',
    '<a href="tg://user?id=1">Support</a>',
    "<tg-spoiler>hidden</tg-spoiler>",
    "<pre>pre",
    '<tg-emoji emoji-id="1">x</tg-emoji>',
    "<script>alert(1)</script>",
    "<!-- ",
    "&lt;u&gt;twice&lt;/u&gt;",
    "&#60;u&#62;",
    "&amp;lt;u&amp;gt;",
    "&#x3C;",
    "&",
    "<",
    ">",
    '"',
    "'",
    "{title} {0} {amount!r}",
    "%s %(name)s %n",
    "__x__ *y* `z` [a](b)",
    "\u202egnp.exe\u202c",
    "\u2066\u2067\u2068\u2069",
    "\u200b\u200d\u2060\ufeff\u00ad",
    "Z" + "\u0335\u0321\u0489" * 20,
    "e\u0301\u0302\u0303\u0304\u0305\u0306",
    "👩‍👩‍👧‍👦" * 12,
    "👨🏿‍🦰" + "\u200d👩" * 30,
    "🇵🇰" * 9,
    "\u1160\u115f\u3164\u2800",
    "שלום 123 עולם",
    "مرحبا (٣)",
    "ﷺ﷽",
    "𒐫" * 5,
    "x" * 90,
    "\t\v\f\x1c\x85\u2028\u2029",
    "\x00\x07\x1b[31m",
    "a\nb\n\nc",
    "1. 2) - •",
    "/start",
    "@somebody #tag $USD",
    "W" * 30,
)


def hostile(chance: random.Random) -> str:
    """Give a text of some pieces."""
    return "".join(chance.choice(PIECES) + chance.choice(["", " ", "\n"]) for _ in range(chance.randint(1, 9)))


def let_in(read: Callable[[str], str], text: str) -> str:
    """Give the most of a text that the bot takes as an answer; what it refuses is made shorter."""
    while text:
        try:
            return read(text)
        except InvalidInput:
            text = text[: len(text) * 3 // 4]
    return read("fine")
