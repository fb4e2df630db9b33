"""Every word in the reader's language: gettext catalogues through Babel, plurals, money, dates and lengths of time.

English is the source: the texts in the code are the message ids. A catalogue is `bot/locales/<language>.po`.
A translated text is HTML for Telegram; whatever is put into its {fields} is escaped by construction.
"""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from markupsafe import Markup

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


@dataclass(frozen=True, slots=True)
class Translator:
    """One reader's language, currency and clock."""

    language: str = DEFAULT
    currency: str = "USD"
    zone: str = "UTC"

    def __call__(self, text: str, /, **fields: Any) -> Markup:
        """Translate a text and fill its {fields}, escaping each (Markup stays as it is)."""
        return Markup(_catalogue(self.language).ugettext(text)).format(**fields)  # noqa: S704 - catalogues are ours

    def n(self, one: str, many: str, count: int, /, **fields: Any) -> Markup:
        """Translate a text whose form depends on `count`, which also fills {n}."""
        text = _catalogue(self.language).ungettext(one, many, count)
        return Markup(text).format(n=count, **fields)  # noqa: S704 - catalogues are ours

    def plain(self, text: str, /, **fields: Any) -> str:
        """Translate a text that is no HTML: the words of a button, a toast, a command's description."""
        return _catalogue(self.language).ugettext(text).format(**fields)

    def money(self, amount: int) -> str:
        """Write an amount (units of 1/10,000) with its currency."""
        return format_amount(amount, self.currency, self.language)

    def date(self, moment: datetime) -> str:
        """Write a day, as in "Jan 15"."""
        return format_date(moment.astimezone(self._zone()).date(), "MMM d", locale=self._locale())

    def time(self, moment: datetime) -> str:
        """Write a time of day, as in "14:05"."""
        return format_time(moment, "HH:mm", tzinfo=self._zone(), locale=self._locale())

    def when(self, moment: datetime) -> str:
        """Write a day and time, as in "Jan 15, 14:05"."""
        return format_datetime(moment, "MMM d, HH:mm", tzinfo=self._zone(), locale=self._locale())

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
        """Write a rate given in 1/100 of a percent, as in "10%" or "7.5%"."""
        whole, rest = divmod(basis_points, 100)
        return f"{whole}.{rest:02d}".rstrip("0") + "%" if rest else f"{whole}%"

    def _locale(self) -> Locale:
        return Locale.parse(self.language)

    def _zone(self) -> tzinfo:
        return ZoneInfo(self.zone)


def in_every_language(text: str) -> frozenset[str]:
    """Give a text in all languages, to recognise a menu word whatever language the menu was drawn in."""
    return frozenset(Translator(language).plain(text) for language in languages())
