"""Countries: their names in any language people are likely to type, and their flags.

"pakistan" · "پاکستان" · "PK" · "PAK" · 🇵🇰 ──find_countries──► ("PK",)        "pakistn" ──► a few to choose from
"""

import difflib
import unicodedata
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from bot.domain.country_names import COMMON_NAMES, OWN_NAMES
from bot.domain.errors import N_, InvalidInput

TYPED_LIMIT = 60
OFFERED = 6
_NO_COUNTRY = frozenset(("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"))
_FLAG_A = 0x1F1E6
#: Where a language's speakers who look for small jobs are likely to be; the first shown first.
_LIKELY = {
    "en": ("PK", "IN", "NG", "PH", "BD", "KE"),
    "es": ("MX", "CO", "VE", "PE", "AR", "ES"),
    "ar": ("EG", "MA", "DZ", "IQ", "SA", "YE"),
    "fr": ("CI", "CM", "SN", "CD", "MA", "FR"),
    "pt": ("BR", "MZ", "AO", "PT"),
    "ru": ("RU", "KZ", "UZ", "KG", "BY", "UA"),
    "hi": ("IN", "NP"),
    "ur": ("PK", "IN"),
    "bn": ("BD", "IN"),
    "fa": ("IR", "AF"),
    "sw": ("KE", "TZ", "UG"),
    "de": ("DE", "AT", "CH"),
}


class CountryUnknown(InvalidInput):
    """No country is called that."""

    text = N_("I do not know that country. Please type its name, for example Pakistan")


@cache
def country_codes() -> frozenset[str]:
    """Give the ISO 3166-1 codes of two letters."""
    names = _territories("en")
    return frozenset(code for code in names if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY)


def country_name(code: str, language: str) -> str:
    """Give a country's name with its flag, in a language Babel knows, else in English."""
    name = _territories(language).get(code) or _territories("en")[code]
    return f"{_flag(code)} {name}"


def find_countries(text: str, *, language_code: str | None = None) -> tuple[str, ...]:
    """Give the one country that a text names, or at most OFFERED that it may mean.

    `language_code` is the reader's own, as Telegram gives it; its names are tried last.

    Raises:
        CountryUnknown: nothing comes near.
    """
    typed = text.strip()[:TYPED_LIMIT]
    code = _code_of(typed)
    if code is not None:
        return (code,)
    wanted = _folded(typed)
    if not wanted:
        raise CountryUnknown
    names = _names()
    if wanted in names:
        return names[wanted]
    own = {_folded(name): code for code, name in _territories(language_code or "en").items()}
    if own.get(wanted) in country_codes():
        return (own[wanted],)
    near = [name for name in names if len(wanted) >= 3 and name.startswith(wanted)]
    near += difflib.get_close_matches(wanted, names, n=OFFERED, cutoff=0.72)
    found = dict.fromkeys(code for name in near for code in names[name])
    if not found:
        raise CountryUnknown
    return tuple(found)[:OFFERED]


def likely_countries(language_code: str | None) -> tuple[str, ...]:
    """Give a few countries to offer somebody whose Telegram speaks this language ("es-MX"), the likeliest first."""
    language, _, region = (language_code or "en").replace("_", "-").partition("-")
    region = region.upper()
    first = (region,) if region in country_codes() else ()
    known = _LIKELY.get(language.lower())
    if known is None:
        full: str = get_global("likely_subtags").get(language.lower(), "")
        home = full.rpartition("_")[2]
        known = (home, *_LIKELY["en"]) if home in country_codes() else _LIKELY["en"]
    return tuple(dict.fromkeys((*first, *known)))[:OFFERED]


def _flag(code: str) -> str:
    return "".join(chr(_FLAG_A + ord(letter) - ord("A")) for letter in code)


def _code_of(typed: str) -> str | None:
    """Read an ISO code of two or three letters, or a flag."""
    letters = "".join(chr(ord(c) - _FLAG_A + ord("A")) if 0 <= ord(c) - _FLAG_A < 26 else c for c in typed).upper()
    if letters in country_codes():
        return letters
    if len(letters) == 3 and letters.isascii() and letters.isalpha():
        now: list[str] = get_global("territory_aliases").get(letters, [])
        if len(now) == 1 and now[0] in country_codes():
            return now[0]
    return None


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """Give every known name, folded, with the countries it may mean."""
    found: dict[str, tuple[str, ...]] = {}

    def add(name: str, code: str) -> None:
        for spelling in {_folded(name), _folded(name.partition("(")[0])} - {""}:
            found[spelling] = tuple(dict.fromkeys((*found.get(spelling, ()), code)))

    for language in ("en", "es"):
        for code, name in _territories(language).items():
            if code in country_codes():
                add(name, code)
    for table in (OWN_NAMES, COMMON_NAMES):
        for code, names in table.items():
            for name in names.split("|"):
                add(name, code)
    return found


def _territories(language_code: str) -> dict[str, str]:
    """Give Babel's names of territories in a language, in English when it has none."""
    try:
        locale = Locale.parse(language_code.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse("en")
    return {code: str(name) for code, name in locale.territories.items() if isinstance(code, str)}


def _folded(name: str) -> str:
    """Give a name without case, accents, marks, spaces and "the"."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(c for c in plain if c.isalnum() or unicodedata.category(c) == "Mc")
    return kept.removeprefix("the") if len(kept) > 6 else kept
