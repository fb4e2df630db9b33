"""Every word in the reader's language: gettext catalogues through Babel, plurals, money, dates and lengths of time.

English is the source: the texts in the code are the message ids. A catalogue is `bot/locales/<language>.po`.
A translated text is HTML for Telegram; whatever is put into its {fields} is escaped by construction.
"""

import io
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_percent
from babel.support import NullTranslations, Translations
from markupsafe import Markup, escape

from bot.domain.money import format_amount

FOLDER = Path(__file__).parent / "locales"
DEFAULT = "en"


@cache
def languages() -> tuple[str, ...]:
    """Give the codes of the languages the bot speaks, English first."""
    return (DEFAULT, *sorted(file.stem for file in FOLDER.glob("*.po")))


def pick_language(language_code: str | None) -> str:
    """Give the closest language we speak for Telegram's `language_code` (as in "es-MX"), else English."""
    wanted = (language_code or "").replace("_", "-").split("-")[0].lower()
    return wanted if wanted in languages() else DEFAULT


@cache
def _catalogue(language: str) -> NullTranslations:
    file = FOLDER / f"{language}.po"
    if not file.exists():
        return NullTranslations()
    with file.open("rb") as source:
        compiled = io.BytesIO()
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translations(compiled)


@lru_cache(maxsize=2048)
def _parts(text: str) -> tuple[tuple[str, str | None], ...] | None:
    """Split a text into (what stands before a field, the field); None when a field is more than a plain name."""
    parts: list[tuple[str, str | None]] = []
    for before, name, spec, conversion in string.Formatter().parse(text):
        if spec or conversion or (name is not None and not name.isidentifier()):
            return None
        parts.append((before, name))
    return tuple(parts)


def _fill(text: str, fields: Mapping[str, Any]) -> Markup:
    """Fill the fields of an HTML text, each escaped; the same as `Markup.format`, which splits the text every time."""
    parts = _parts(text)
    if parts is None:
        return Markup(text).format(**fields)  # noqa: S704 - catalogues are ours
    pieces: list[str] = []
    for before, name in parts:
        pieces.append(before)
        if name is not None:
            pieces.append(_escaped(fields[name]))
    return Markup("".join(pieces))  # noqa: S704 - catalogues are ours, and every field is escaped


def _escaped(value: Any) -> str:
    kind = type(value)
    if kind is str or kind is Markup:
        return escape(value)
    return str(value) if kind is int else Markup("{}").format(value)


#: The same few amounts are written again and again; Babel needs 60 us for each.
_money = lru_cache(maxsize=8192)(format_amount)


@cache
def _day_pattern(language: str) -> str:
    """Give the order of day and month in a language, as in "MMM d"."""
    return str(Locale.parse(language).datetime_skeletons["MMMd"].pattern)


@cache
def _percent_pattern(language: str) -> str:
    """Give how a language writes a rate, with up to two digits after its point, as in "#,##0.## %"."""
    return str(Locale.parse(language).percent_formats[None].pattern).replace("0", "0.##", 1)


@dataclass(frozen=True, slots=True)
class Translator:
    """One reader's language, currency and clock."""

    language: str = DEFAULT
    currency: str = "USD"
    zone: str = "UTC"

    def __call__(self, text: str, /, **fields: Any) -> Markup:
        """Translate a text and fill its {fields}, escaping each (Markup stays as it is)."""
        return _fill(_catalogue(self.language).ugettext(text), fields)

    def n(self, one: str, many: str, count: int, /, **fields: Any) -> Markup:
        """Translate a text whose form depends on `count`, which also fills {n}."""
        return _fill(_catalogue(self.language).ungettext(one, many, count), {"n": count, **fields})

    def plain(self, text: str, /, **fields: Any) -> str:
        """Translate a text that is no HTML: the words of a button, a toast, a command's description."""
        return _catalogue(self.language).ugettext(text).format(**fields)

    def money(self, amount: int) -> str:
        """Write an amount (units of 1/10,000) with its currency."""
        return _money(amount, self.currency, self.language)

    def date(self, moment: datetime) -> str:
        """Write a day, as in "Jan 15"."""
        return format_date(moment.astimezone(self._zone()).date(), _day_pattern(self.language), locale=self._locale())

    def time(self, moment: datetime) -> str:
        """Write a time of day, as in "14:05"."""
        return format_time(moment, "HH:mm", tzinfo=self._zone(), locale=self._locale())

    def when(self, moment: datetime) -> str:
        """Write a day and time, as in "Jan 15, 14:05"."""
        return format_datetime(
            moment, f"{_day_pattern(self.language)}, HH:mm", tzinfo=self._zone(), locale=self._locale()
        )

    def duration(self, length: timedelta) -> str:
        """Write a length of time in its two largest units, as in "2 d 3 h", "14 min", "40 s"."""
        seconds = max(0, int(length.total_seconds()))
        if seconds < 60:
            return self.plain("{n} s", n=seconds)
        minutes = (seconds + 30) // 60
        if minutes < 60:
            return self.plain("{n} min", n=minutes)
        hours, minutes = divmod(minutes, 60)
        if hours < 24:
            return self.plain("{h} h {m} min", h=hours, m=minutes) if minutes else self.plain("{h} h", h=hours)
        days, hours = divmod(hours, 24)
        return self.plain("{d} d {h} h", d=days, h=hours) if hours else self.plain("{d} d", d=days)

    def percent(self, basis_points: int) -> str:
        """Write a rate given in 1/100 of a percent, as in "10%" or "7.5%" ("10 %" and "7,5 %" where that is usual)."""
        return str(
            format_percent(Decimal(basis_points).scaleb(-4), _percent_pattern(self.language), locale=self._locale())
        )

    def _locale(self) -> Locale:
        return Locale.parse(self.language)

    def _zone(self) -> tzinfo:
        return ZoneInfo(self.zone)


def in_every_language(text: str) -> frozenset[str]:
    """Give a text in all languages, to recognise a menu word whatever language the menu was drawn in."""
    return frozenset(Translator(language).plain(text) for language in languages())
