"""What Telegram finds in a text by itself: commands, mentions, hashtags, links, e-mail addresses, telephone numbers.

Of the top-level domains only the usual ones are known. Telephone numbers are found by Telegram's servers in a way that
is not public: here it is those that are written with a plus sign. Card numbers are found too, but never shown to bots.
"""

from __future__ import annotations

import re

from bot.emulator.spans import BLOCKQUOTES, SPLITTABLE, Span, nested_lawfully, utf16_length, without_overlaps

_TG_URL = re.compile(r"(?:tg|ton|tonsite)://[a-zA-Z0-9_\-]{1,253}((?:[/?#][^\s<>\"«»]*)?)", re.IGNORECASE)
# Each begins with the character it is found by, what must not stand before that is looked at afterwards: so it is fast.
_DOTTED = re.compile(r"\.(?:(?<=[\w\-]\.)[^\W\d_]|(?<=\d\.)\d{1,3}\.\d)")
_CANDIDATE = re.compile(r"[/@#$.+](?:(?<=[/@#$])|(?<=\w\.)\w|(?<=\+)\d)")
_COMMAND = re.compile(r"/(?<![\w/<>]/)[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/<>@])", re.UNICODE)
_MENTION = re.compile(r"@(?<!\w@)([a-zA-Z0-9_]{2,32})(?!\w)", re.UNICODE)
_HASHTAG = re.compile(r"#(?<![\w#]#)(?=\w*[^\W\d_])\w{1,256}(?:@[a-zA-Z0-9_]{3,32})?(?![\w#])", re.UNICODE)
_CASHTAG = re.compile(r"\$(?<![\w$]\$)(?:1INCH|[A-Z]{1,8})(?![\w$])", re.UNICODE)
_EMAIL = re.compile(r"(?<![\w.%+\-@])[\w.%+\-]{1,64}@(?:[a-zA-Z0-9\-]{1,63}\.)+([a-zA-Z]{2,24})(?![\w@])")
_URL = re.compile(
    r"(?<![\w@.\-])(?:(https?|ftp|tonsite)://)?"
    r"((?:[\w\-]{1,63}\.)+([^\W\d_][\w\-]{1,62})|(?:\d{1,3}\.){3}\d{1,3})"
    r"(?::(\d{1,5}))?([/?#][^\s<>\"«»]*)?",
    re.UNICODE | re.IGNORECASE,
)
_PHONE = re.compile(r"\+(?<![\w+.@/=]\+)\d(?:[ \-]?\(?\d\)?){6,14}(?![\w@])", re.ASCII)
_SHORT_NAMES = frozenset(("gif", "nft", "pic", "ufc", "vid"))
_TOP_DOMAIN_NAMES = (
    "com org net info biz edu gov mil int name mobi app dev xyz online site shop store tech blog cloud"
    " club live news page link work works jobs money pay bank email games media one pro space team top"
    " tube vip wiki world zone рф ac ad ae af ag ai al am ao ar as at au aw az ba bb bd be bf bg bh bi bj"
    " bm bn bo br bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do"
    " dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gt gu gw gy hk hm"
    " hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li"
    " lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf"
    " ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd"
    " se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw"
    " tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw"
)
_TOP_DOMAINS = frozenset(_TOP_DOMAIN_NAMES.split())
_CLOSING = {")": "(", "]": "[", "}": "{"}


def find_spans(text: str) -> list[Span]:
    """Find what the server marks in every text, whoever wrote it."""
    if _CANDIDATE.search(text) is None:
        return []
    found: list[tuple[int, int, str]] = []
    if "/" in text:
        found += [(m.start(), m.end(), "bot_command") for m in _COMMAND.finditer(text)]
    if "@" in text:
        found += [
            (m.start(), m.end(), "mention")
            for m in _MENTION.finditer(text)
            if len(m[1]) > 3 or m[1].lower() in _SHORT_NAMES
        ]
        found += [(m.start(), m.end(), "email") for m in _EMAIL.finditer(text) if _is_top_domain(m[1])]
    if "#" in text:
        found += [(m.start(), m.end(), "hashtag") for m in _HASHTAG.finditer(text)]
    if "$" in text:
        found += [(m.start(), m.end(), "cashtag") for m in _CASHTAG.finditer(text)]
    if _DOTTED.search(text) is not None:
        found += [(m.start(), _url_end(m), "url") for m in _URL.finditer(text) if _is_url(m)]
    if "+" in text:
        found += [(m.start(), m.end(), "phone_number") for m in _PHONE.finditer(text)]
    if "://" in text:
        found += [(m.start(), _tg_url_end(m), "url") for m in _TG_URL.finditer(text)]
    if not found:
        return []
    spans = [
        Span(utf16_length(text[:begin]), utf16_length(text[begin:end]), kind)
        for begin, end, kind in sorted(found, key=lambda row: (row[0], -row[1]))
    ]
    return without_overlaps(spans)


def with_found(text: str, spans: list[Span]) -> list[Span]:
    """Add what the server finds by itself to the spans the sender gave; the sender's links and code win."""
    found = find_spans(text)
    if not found:
        return spans
    taken = [span for span in spans if span.type not in SPLITTABLE and span.type not in BLOCKQUOTES]
    quotes = [span for span in spans if span.type in BLOCKQUOTES]
    free = [
        span
        for span in found
        if not any(other.offset < span.end and span.offset < other.end for other in taken)
        and not any(
            quote.offset < span.end
            and span.offset < quote.end
            and not (quote.offset <= span.offset and span.end <= quote.end)
            for quote in quotes
        )
    ]
    return nested_lawfully([*spans, *free])


def _tg_url_end(match: re.Match[str]) -> int:
    path = match[1].rstrip(".:;,('?!`")
    return match.end() if not match[1] else match.end() - len(match[1]) + (len(path) if len(path) > 1 else 0)


def _is_top_domain(label: str) -> bool:
    return label.lower() in _TOP_DOMAINS


def _is_url(match: re.Match[str]) -> bool:
    scheme, host, top = match[1], match[2], match[3]
    if match[4] and not 0 < int(match[4]) <= 65535:
        return False
    if top is None:
        return all(int(part) <= 255 for part in host.split("."))
    if scheme is not None:
        return "_" not in top and "-" not in top
    return _is_top_domain(top)


def _url_end(match: re.Match[str]) -> int:
    """Leave closing brackets without an opening one, and punctuation, outside the link."""
    path = match[5] or ""
    balance = dict.fromkeys("([{", 0)
    end = len(path)
    for index, c in enumerate(path):
        if c in balance:
            balance[c] += 1
        elif c in _CLOSING:
            balance[_CLOSING[c]] -= 1
            if balance[_CLOSING[c]] < 0:
                end = index
                break
    while end > 0 and path[end - 1] in ".:;,('?!`":
        end -= 1
    return match.end() - len(path) + end
