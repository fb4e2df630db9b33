"""The HTML style of Telegram's texts: a parser with the rules, offsets and refusals of Telegram's own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.emulator.links import BadLinkError, checked_link, user_of_link
from bot.emulator.spans import Span, utf16_length

_SURROGATE = re.compile("[\ud800-\udfff]")
# What nearly every text is made of: plain runs, tags without attributes, the four named characters. All else goes the
# long way.
_STEP = re.compile("([^<&]*)(?:<(/?)(b|i|u|s|em|strong|ins|del|strike|code|pre)>|&(amp|lt|gt|quot);)?")
_NUMBER = re.compile(r"&#(?:x([0-9a-fA-F]*)|([0-9]*))")
_NAMED = re.compile(r"&([a-zA-Z]*)")
_NAMES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_SPACES = " \t\r\n\0\v"
_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "pre": "pre",
    "code": "code",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_UNIX_TIME = re.compile(r"-?\d{1,10}", re.ASCII)
_MAX_UNIX_TIME = (1 << 31) - 1
_MAX_CODE_POINT = 0x10FFFF
_MAX_REFERENCE = 10


class MarkupError(ValueError):
    """The text cannot be parsed; the sentence is Telegram's, without its `can't parse entities: `."""


@dataclass(slots=True)
class _OpenTag:
    name: str
    argument: str
    offset: int
    begin: int
    date: int = 0


def lower(text: str) -> str:
    """Lower-case ASCII letters only, as Telegram does with tag names."""
    return text.lower() if text.isascii() else "".join(c.lower() if c.isascii() else c for c in text)


def decode_reference(text: str, at: int) -> tuple[str, int]:
    """Decode `&lt;`, `&#65;` and the like at `at`; answer the character ("" when there is none) and where it ends."""
    if text[at + 1 : at + 2] == "#":
        match = _NUMBER.match(text, at)
        assert match is not None
        digits, base = (match[1], 16) if match[1] is not None else (match[2], 10)
        code = int(digits or "0", base) & 0xFFFFFFFF
        if code == 0 or code >= _MAX_CODE_POINT or match.end() - at >= _MAX_REFERENCE:
            return "", at
        character = chr(code)
    else:
        match = _NAMED.match(text, at)
        assert match is not None
        character = _NAMES.get(match[1], "")
        if not character:
            return "", at
    end = match.end()
    return character, end + 1 if text[end : end + 1] == ";" else end


class _HtmlParser:
    """One walk over one text; `text` ends in a NUL so that looking one further is always allowed."""

    def __init__(self, text: str) -> None:
        self.source = text
        self.text = text + "\0"
        self.out: list[str] = []
        self.offset = 0
        self.at = 0
        self.open: list[_OpenTag] = []
        self.spans: list[Span] = []
        self.date = 0

    def fail(self, sentence: str, at: int) -> MarkupError:
        return MarkupError(f"{sentence} at byte offset {self.bytes_before(at)}")

    def bytes_before(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))

    def write(self, run: str) -> None:
        self.out.append(run)
        self.offset += utf16_length(run)

    def parse(self) -> tuple[str, list[Span]]:
        while self.at < len(self.source):
            self.usual_steps()
            if self.at < len(self.source):
                self.odd_step()
        if self.open:
            raise MarkupError(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')
        for span in self.spans:
            if span.type == "code":
                span.argument = ""
        result = "".join(self.out)
        if not result.isascii() and _SURROGATE.search(result) is not None:
            raise MarkupError(
                "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate"
                " code units"
            )
        return result, sorted(self.spans, key=Span.order)

    def usual_steps(self) -> None:
        """Walk on as long as nothing odd comes; an end tag that does not fit is odd too."""
        out, open_tags = self.out, self.open
        for step in _STEP.finditer(self.source, self.at):
            run, slash, name, named = step.groups()
            if run:
                out.append(run)
                self.offset += len(run) if run.isascii() else utf16_length(run)
            if name is not None:
                if not slash:
                    open_tags.append(_OpenTag(name, "", self.offset, 0))
                elif open_tags and open_tags[-1].name == name:
                    tag = open_tags.pop()
                    if self.offset > tag.offset:
                        self.close(tag)
                else:
                    self.at = step.start(2) - 1
                    return
            elif named is not None:
                out.append(_NAMES[named])
                self.offset += 1
            else:
                self.at = step.end()
                return

    def odd_step(self) -> None:
        source = self.source
        if source[self.at] == "&":
            character, end = decode_reference(self.text, self.at)
            self.write(character or "&")
            self.at = end if character else self.at + 1
        elif self.text[self.at + 1] == "/":
            self.end_tag()
        else:
            self.start_tag()

    def skip_spaces(self) -> None:
        while self.at < len(self.source) and self.text[self.at] in _SPACES:
            self.at += 1

    def start_tag(self) -> None:
        begin = self.at
        text = self.text
        self.at += 1
        while text[self.at] not in _SPACES and text[self.at] != ">":
            self.at += 1
        if self.at >= len(self.source):
            raise self.fail("Unclosed start tag", begin)
        name = lower(text[begin + 1 : self.at])
        if name not in _KINDS:
            raise self.fail(f'Unsupported start tag "{name}"', begin)
        argument, self.date = "", 0
        while text[self.at] != ">":
            self.skip_spaces()
            if text[self.at] == ">":
                break
            argument = self.attribute(name, begin, argument)
        if name == "span" and argument != "spoiler":
            raise self.fail('Tag "span" must have class "tg-spoiler"', begin)
        self.at += 1
        begins_at = len("".join(self.out)) if name == "a" else 0
        self.open.append(_OpenTag(name, argument, self.offset, begins_at, self.date))

    def attribute(self, tag: str, begin: int, argument: str) -> str:
        """Read one attribute and answer the tag's argument, changed when this attribute is the one that counts."""
        text = self.text
        start = self.at
        while text[self.at] not in _SPACES and text[self.at] not in "=>/\"'":
            self.at += 1
        name = text[start : self.at]
        if not name:
            raise self.fail(f'Empty attribute name in the tag "{tag}"', begin)
        self.skip_spaces()
        if text[self.at] != "=":
            if self.at >= len(self.source):
                raise self.fail(f'Unclosed start tag "{tag}"', begin)
            return "1" if tag == "blockquote" and name == "expandable" else argument
        self.at += 1
        self.skip_spaces()
        if self.at >= len(self.source):
            raise self.fail(f'Unclosed start tag "{tag}"', begin)
        value = self.quoted_value() if text[self.at] in "'\"" else self.bare_value()
        if self.at >= len(self.source):
            raise self.fail("Unclosed start tag", begin)
        if (tag, name) in (("a", "href"), ("tg-emoji", "emoji-id"), ("tg-time", "format")):
            return value
        if (tag, name) == ("tg-time", "unix"):
            match = _UNIX_TIME.match(value)
            self.date = int(match[0]) if match is not None else 0
        if tag == "code" and name == "class" and value.startswith("language-"):
            return value[9:]
        if tag == "span" and name == "class" and value.startswith("tg-"):
            return value[3:]
        return "1" if tag == "blockquote" and name == "expandable" else argument

    def bare_value(self) -> str:
        start = self.at
        while (c := self.text[self.at]).isascii() and (c.isalnum() or c in ".-"):
            self.at += 1
        if self.text[self.at] not in _SPACES and self.text[self.at] != ">":
            raise self.fail("Unexpected end of name token", start)
        return lower(self.text[start : self.at])

    def quoted_value(self) -> str:
        quote = self.text[self.at]
        self.at += 1
        value: list[str] = []
        while self.at < len(self.source) and (c := self.text[self.at]) != quote:
            if c == "&":
                character, end = decode_reference(self.text, self.at)
                if character:
                    value.append(character)
                    self.at = end
                    continue
            value.append(c)
            self.at += 1
        if self.at < len(self.source):
            self.at += 1
        return "".join(value)

    def end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise self.fail("Unexpected end tag", begin)
        self.at += 2
        while self.text[self.at] not in _SPACES and self.text[self.at] != ">":
            self.at += 1
        found = lower(self.text[begin + 2 : self.at])
        self.skip_spaces()
        if self.text[self.at] != ">":
            raise self.fail("Unclosed end tag", begin)
        self.at += 1
        tag = self.open[-1]
        if found and found != tag.name:
            at = self.bytes_before(begin)
            raise MarkupError(f'Unmatched end tag at byte offset {at}, expected "</{tag.name}>", found "</{found}>"')
        if self.offset > tag.offset:
            self.close(tag)
        self.open.pop()

    def close(self, tag: _OpenTag) -> None:
        kind, argument = _KINDS[tag.name], tag.argument
        length = self.offset - tag.offset
        last = self.spans[-1] if self.spans else None
        same_place = last is not None and last.offset == tag.offset and last.length == length
        if kind == "text_link":
            link = link_span(argument or "".join(self.out)[tag.begin :], tag.offset, length)
            if link is not None:
                self.spans.append(link)
            return
        if kind == "date_time":
            argument = time_argument(tag.date, argument)
            if 0 < tag.date <= _MAX_UNIX_TIME:
                self.spans.append(Span(tag.offset, length, kind, argument))
            return
        if kind == "custom_emoji" and not (argument.lstrip("-").isdigit() and int(argument) != 0):
            raise MarkupError("Invalid custom emoji identifier specified")
        if kind == "blockquote" and argument:
            kind, argument = "expandable_blockquote", ""
        if last is not None and same_place and kind == "pre" and last.type == "code" and last.argument:
            last.type = "pre"
        elif last is not None and same_place and kind == "code" and last.type == "pre" and argument:
            last.argument = argument
        else:
            kept = argument if kind in ("code", "custom_emoji") else ""
            self.spans.append(Span(tag.offset, length, kind, kept))


def time_argument(unix_time: int, form: str) -> str:
    """Write a date's Unix time and its form, in Telegram's order, as a span keeps them.

    Raises: MarkupError for a form it does not know.
    """
    if form in ("r", "R"):
        return f"{unix_time} r"
    if set(form) - set("tTdDwW"):
        raise MarkupError("Invalid date format used")
    parts = ["w" if {"w", "W"} & set(form) else ""]
    parts += [next((letter for letter in pair if letter in form), "") for pair in ("dD", "tT")]
    return f"{unix_time} {''.join(parts)}"


def link_span(url: str, offset: int, length: int) -> Span | None:
    """Make a link or a mention of a user; None when the address is no link, which Telegram forgives in silence."""
    user_id = user_of_link(url)
    if user_id is not None:
        return Span(offset, length, "text_mention", str(user_id))
    try:
        return Span(offset, length, "text_link", checked_link(url))
    except BadLinkError:
        return None


def parse_html(text: str) -> tuple[str, list[Span]]:
    """Turn HTML into a plain text and its spans.

    Raises: MarkupError.
    """
    return _HtmlParser(text).parse()
