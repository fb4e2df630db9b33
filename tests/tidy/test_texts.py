"""The catalogues: every text is translated, keeps its fields and its tags, and is not English in disguise."""

import re
import string

import pytest
from babel.messages.pofile import read_po

from bot.i18n import FOLDER, languages
from tests.messages import collect

#: Texts that are the same in both languages, with reason: the short names of units.
SAME: dict[str, set[str]] = {
    "es": {
        "{n} min",
        "{h} h {m} min",
        "Videos",
    }
}
JARGON = re.compile(
    r"\b(task|tasks|slot|slots|assignment|submission|invalid|error code|null|exception)\b", re.IGNORECASE
)
OTHERS = [language for language in languages() if language != "en"]


def _forms(value: object) -> list[str]:
    return [value] if isinstance(value, str) else [str(item) for item in value]  # type: ignore[attr-defined]


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def _tags(text: str) -> list[str]:
    return sorted(re.findall(r"</?[a-z-]+", text))


def test_there_is_a_second_language() -> None:
    """Proves that English is not the only language."""
    assert "es" in languages()


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated(language: str) -> None:
    """Proves that each text of the code has a translation that is not the English one, unless listed."""
    with (FOLDER / f"{language}.po").open("rb") as source:
        catalog = read_po(source, locale=language)
    missing, same, broken = [], [], []
    for message in collect():
        if not message.id:
            continue
        english = _forms(message.id)
        known = catalog.get(message.id if isinstance(message.id, str) else message.id[0])
        translated = _forms(known.string) if known else []
        if not translated or not all(translated):
            missing.append(english[0])
            continue
        if translated == english and english[0] not in SAME[language] and re.search(r"[A-Za-z]{2}", _bare(english[0])):
            same.append(english[0])
        fields = set().union(*(_fields(text) for text in english))
        for text in translated:
            if not _fields(text) <= fields or (len(english) == 1 and _fields(text) != fields):
                broken.append(text)
            if len(english) == 1 and _tags(text) != _tags(english[0]):
                broken.append(text)
    assert missing == []
    assert same == []
    assert broken == []


def _bare(text: str) -> str:
    return re.sub(r"\{[^}]*\}|<[^>]*>", "", text)


def test_no_text_speaks_jargon() -> None:
    """Proves that no text uses our words for things that people call otherwise."""
    found = [form for message in collect() if message.id for form in _forms(message.id) if JARGON.search(_bare(form))]
    assert found == []


def test_every_text_can_be_filled() -> None:
    """Proves that no text has a field that `format` can't read."""
    for message in collect():
        for form in _forms(message.id) if message.id else []:
            assert all(name.isidentifier() for name in _fields(form)), form
