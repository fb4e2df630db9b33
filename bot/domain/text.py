"""Words that people typed, made safe to show to others: one line, nothing invisible, nothing that turns the line round.

Markup is no concern here: whatever is shown is escaped where it is shown.
"""

import unicodedata

#: Letters and symbols that are drawn as nothing.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f\u17b4\u17b5")
_JOINERS = frozenset("\u200c\u200d")  # Persian, Indic scripts and emoji need them inside a word
_MARKS_IN_A_ROW = 4


def clean_line(text: str) -> str:
    """Give the text as one line: whitespace folded, control, direction and invisible marks taken out."""
    kept: list[str] = []
    for character in text:
        if character.isspace():
            kept.append(" ")
        elif character in _JOINERS:
            if kept and not kept[-1].isascii() and kept[-1] not in _JOINERS:
                kept.append(character)
        elif unicodedata.category(character)[0] != "C" and character not in _BLANK:
            kept.append(character)
    composed = unicodedata.normalize("NFC", "".join(kept))
    return " ".join(_without_towers(composed).split()).rstrip("\u200c\u200d")


def _without_towers(text: str) -> str:
    """Drop what is stacked on a letter beyond what any script needs: towers cover the lines of others."""
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= _MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)


def clean_lines(text: str) -> list[str]:
    """Give the lines of a text, each clean, without empty ones."""
    return [line for line in map(clean_line, text.splitlines()) if line]


def shown_length(text: str) -> int:
    """Give the length as Telegram's apps count it: UTF-16 units, so that an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
