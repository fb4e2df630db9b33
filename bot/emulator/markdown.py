"""The MarkdownV2 and the older Markdown style of Telegram's texts, with Telegram's rules and refusals."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.emulator.markup import MarkupError, link_span, time_argument
from bot.emulator.spans import Span, utf16_length

_RESERVED = "_*[]()~`>#+-=|{}.!\n"
_PLAIN_V2 = re.compile(r"[^\\_*\[\]()~`>#+\-=|{}.!\n\r]+")
_PLAIN_CODE = re.compile(r"[^\\`\r]+")
_PLAIN_V1 = re.compile(r"[^\\_*`\[]+")
_SPACES = " \t\r\n\0\v"
_NAMES = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "code": "Code",
    "pre": "Pre",
    "text_link": "TextUrl",
    "custom_emoji": "CustomEmoji",
    "blockquote": "BlockQuote",
}
_SINGLE = {"*": "bold", "~": "strikethrough", "[": "text_link"}
_EMOJI_LINK = re.compile(r"tg:(?://)?emoji/?\?(?:[^#]*&)?id=(-?\d+)", re.IGNORECASE)
_TIME_LINK = re.compile(r"tg:(?://)?time/?\?([^#]*)", re.IGNORECASE)
_MAX_UNIX_TIME = (1 << 31) - 1


@dataclass(slots=True)
class _Open:
    type: str
    argument: str
    offset: int
    at: int
    begin: int


def skip_language(text: str, at: int) -> tuple[str, int]:
    """Read the language after three back-ticks and one line end; answer it and where the code begins.

    The text ends in three NULs.
    """
    end = at
    while text[end] not in _SPACES and text[end] != "`":
        end += 1
    language = ""
    if end != at and end < len(text) - 3 and text[end] != "`":
        language, at = text[at:end], end
    if text[at] in "\n\r":
        at += 2 if text[at + 1 : at + 2] in ("\n", "\r") and text[at] != text[at + 1] else 1
    return language, at


class _MarkdownV2Parser:
    """One walk over one text; `text` ends in NULs so that looking two further is always allowed."""

    def __init__(self, text: str) -> None:
        self.source = text
        self.text = text + "\0\0\0"
        self.size = len(text)
        self.out: list[str] = []
        self.offset = 0
        self.at = 0
        self.open: list[_Open] = []
        self.spans: list[Span] = []
        self.in_quote = False
        self.line_start = True

    def end_not_found(self) -> MarkupError:
        last = self.open[-1]
        name = "PreCode" if last.type == "pre" and last.argument else _NAMES[last.type]
        return MarkupError(f"Can't find end of {name} entity at byte offset {self.bytes_before(last.at)}")

    def bytes_before(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))

    def write(self, run: str) -> None:
        self.out.append(run)
        self.offset += utf16_length(run)

    def parse(self) -> tuple[str, list[Span]]:
        while self.at < self.size:
            self.step()
        self.close_last_quote()
        if self.open:
            raise self.end_not_found()
        return "".join(self.out), sorted(self.spans, key=Span.order)

    def step(self) -> None:
        c = self.text[self.at]
        following = self.text[self.at + 1]
        if c == "\\" and "\0" < following <= "~":
            self.write(following)
            self.at += 2
            if following != "\r":
                self.line_start = following == "\n"
            return
        in_code = bool(self.open) and self.open[-1].type in ("code", "pre")
        if (run := (_PLAIN_CODE if in_code else _PLAIN_V2).match(self.source, self.at)) is not None:
            self.write(run[0])
            self.at = run.end()
            self.line_start = False
        elif c not in ("`" if in_code else _RESERVED):
            self.write(c)
            self.at += 1
            if c != "\r":
                self.line_start = False
        elif self.is_end(c):
            self.end(c)
        else:
            self.begin(c)

    def is_end(self, c: str) -> bool:
        if not self.open:
            return False
        ahead = self.text[self.at + 1]
        if self.in_quote and c == "\n" and (self.at + 1 == self.size or ahead != ">"):
            return True
        kind = self.open[-1].type
        if kind == "italic":
            return c == "_" and ahead != "_"
        if kind == "underline":
            return c == "_" and ahead == "_"
        if kind == "pre":
            return self.text.startswith("```", self.at)
        if kind == "spoiler":
            return c == "|" and ahead == "|"
        return c == {"bold": "*", "code": "`", "text_link": "]", "custom_emoji": "]", "strikethrough": "~"}.get(kind)

    def begin(self, c: str) -> None:
        start, ahead = self.at, self.text[self.at + 1]
        argument = ""
        self.at += 1
        if c == "\n":
            self.write("\n")
            self.line_start = True
            return
        if c == ">" and self.line_start:
            if self.in_quote:
                return
            self.in_quote = True
            kind = "blockquote"
        elif c == "_":
            kind = "underline" if ahead == "_" else "italic"
            self.at += ahead == "_"
        elif c == "|" and ahead == "|":
            kind = "spoiler"
            self.at += 1
        elif c == "!" and ahead == "[":
            kind = "custom_emoji"
            self.at += 1
        elif c == "`" and self.text.startswith("```", start):
            kind = "pre"
            argument, self.at = skip_language(self.text, start + 3)
        elif c == "`":
            kind = "code"
        elif c in _SINGLE:
            kind = _SINGLE[c]
        else:
            raise MarkupError(f"Character '{c}' is reserved and must be escaped with the preceding '\\'")
        self.open.append(_Open(kind, argument, self.offset, start, len(self.out)))

    def end(self, c: str) -> None:
        kind = self.open[-1].type
        if c == "\n" and kind != "blockquote":
            kind = self.expandable_quote()
        last = self.open[-1]
        empty = self.offset == last.offset
        argument = last.argument
        self.at += {"underline": 2, "spoiler": 2, "pre": 3}.get(kind, 1)
        span: Span | None = None
        if kind == "text_link":
            url = self.target() if self.text[self.at] == "(" else "".join(self.out[last.begin :])
            span = link_span(url, last.offset, self.offset - last.offset)
        elif kind == "custom_emoji":
            kind, argument = self.emoji_or_time()
        elif kind in ("blockquote", "expandable_blockquote"):
            self.in_quote = False
            self.write(c)
            self.line_start = True
            empty = False
        if not empty:
            if kind != "text_link":
                span = Span(last.offset, self.offset - last.offset, kind, argument)
            if span is not None:
                self.spans.append(span)
        self.open.pop()

    def expandable_quote(self) -> str:
        """Take the `||` before a line end as the mark of a quotation that folds; anything else is left unclosed."""
        last = self.open[-1]
        after_return = last.at == self.at - 3 and bool(self.out) and self.out[-1][-1:] == "\r"
        if last.type != "spoiler" or not (last.at == self.at - 2 or after_return):
            raise self.end_not_found()
        self.open.pop()
        if self.open[-1].type != "blockquote":
            raise self.end_not_found()
        return "expandable_blockquote"

    def target(self) -> str:
        """Read `(address)` from the bracket on, undoing its escapes."""
        self.at += 1
        begin = self.at
        url: list[str] = []
        while self.at < self.size and self.text[self.at] != ")":
            if self.text[self.at] == "\\" and "\0" < self.text[self.at + 1] <= "~":
                self.at += 1
            url.append(self.text[self.at])
            self.at += 1
        if self.text[self.at] != ")":
            raise MarkupError(f"Can't find end of a URL at byte offset {self.bytes_before(begin)}")
        self.at += 1
        return "".join(url)

    def emoji_or_time(self) -> tuple[str, str]:
        """Read `(tg://emoji?...)` or `(tg://time?...)`; answer what it is and its argument."""
        if self.text[self.at] != "(":
            raise MarkupError("The entity must contain a tg://emoji or tg://time URL")
        url = self.target()
        match = _EMOJI_LINK.match(url)
        if match is not None and int(match[1]) != 0:
            return "custom_emoji", match[1]
        argument = _time_of_link(url)
        if argument is None:
            raise MarkupError("Invalid tg://emoji or tg://time URL specified")
        return "date_time", argument

    def close_last_quote(self) -> None:
        if not self.in_quote:
            return
        kind = "blockquote"
        if self.open[-1].type == "spoiler" and self.open[-1].at == self.size - 2:
            self.open.pop()
            kind = "expandable_blockquote"
        if self.open[-1].type == "blockquote":
            quote = self.open.pop()
            if self.offset != quote.offset:
                self.spans.append(Span(quote.offset, self.offset - quote.offset, kind))


def _time_of_link(url: str) -> str | None:
    match = _TIME_LINK.match(url)
    if match is None:
        return None
    unix_time, form = 0, ""
    for parameter in match[1].split("&"):
        key, _, value = parameter.partition("=")
        if key == "unix":
            if not re.fullmatch(r"\d{1,10}", value, re.ASCII) or not 0 < int(value) <= _MAX_UNIX_TIME:
                return None
            unix_time = int(value)
        elif key == "format":
            form = value
    try:
        return time_argument(unix_time, form) if unix_time else None
    except MarkupError:
        return None


def parse_markdown_v2(text: str) -> tuple[str, list[Span]]:
    """Turn MarkdownV2 into a plain text and its spans.

    Raises: MarkupError.
    """
    return _MarkdownV2Parser(text).parse()


def parse_markdown(text: str) -> tuple[str, list[Span]]:
    """Turn the older Markdown, which knows no nesting, into a plain text and its spans.

    Raises: MarkupError.
    """
    source, size = text, len(text)
    text += "\0\0\0"
    out: list[str] = []
    spans: list[Span] = []
    offset = at = 0
    while at < size:
        c = text[at]
        if c == "\\" and text[at + 1] in "_*`[":
            out.append(text[at + 1])
            offset, at = offset + 1, at + 2
            continue
        if c not in "_*`[":
            run = _PLAIN_V1.match(source, at)
            plain = c if run is None else run[0]
            out.append(plain)
            offset, at = offset + utf16_length(plain), at + len(plain)
            continue
        begin, language = at, ""
        closing = "```" if source.startswith("```", at) else "]" if c == "[" else c
        at += 1
        if closing == "```":
            language, at = skip_language(text, at + 2)
        end = source.find(closing, at)
        if end < 0:
            where = len(source[:begin].encode("utf-8", "surrogatepass"))
            raise MarkupError(f"Can't find end of the entity starting at byte offset {where}")
        inside = source[at:end]
        out.append(inside)
        length = utf16_length(inside)
        url, at = inside, end + len(closing)
        if c == "[" and text[at] == "(":
            close = source.find(")", at)
            close = size if close < 0 else close
            url, at = source[at + 1 : close], close + 1
        if length:
            kind = {"_": "italic", "*": "bold", "`": "pre" if closing == "```" else "code"}.get(c)
            span = Span(offset, length, kind, language) if kind else link_span(url, offset, length)
            if span is not None:
                spans.append(span)
        elif c == "[":
            at = end + 1  # an empty link is passed over and its address stays in the text
        offset += length
    return "".join(out), sorted(spans, key=Span.order)
