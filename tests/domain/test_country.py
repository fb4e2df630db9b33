"""Countries and clocks as people really type them."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.country import CountryUnknown, country_codes, country_name, find_countries, likely_countries
from bot.domain.country_names import COMMON_NAMES, OWN_NAMES
from bot.domain.zone import ZoneUnknown, find_zone, is_zone, offset_of, zones_of
from bot.i18n import Translator, languages

NOON = datetime(2030, 1, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Pakistan", "PK"),
        ("  pAkIsTaN ", "PK"),
        ("پاکستان", "PK"),
        ("pk", "PK"),
        ("PAK", "PK"),
        ("🇵🇰", "PK"),
        ("Deutschland", "DE"),
        ("Alemania", "DE"),
        ("cote divoire", "CI"),
        ("CÔTE D’IVOIRE", "CI"),
        ("Türkiye", "TR"),
        ("turkiye", "TR"),
        ("Turkey", "TR"),
        ("the Gambia", "GM"),
        ("U.S.A.", "US"),
        ("England", "GB"),
        ("España", "ES"),
        ("mexico", "MX"),
        ("বাংলাদেশ", "BD"),
        ("भारत", "IN"),
        ("Россия", "RU"),
        ("中国", "CN"),
        ("Viet Nam", "VN"),
    ],
)
def test_a_country_is_known_by_many_names(typed: str, code: str) -> None:
    """Proves that names in any case, local names, codes and flags all mean their country."""
    assert find_countries(typed) == (code,)


def test_a_name_in_the_reader_s_own_language_is_known() -> None:
    """Proves that somebody whose Telegram is Russian may name Pakistan in Russian."""
    assert find_countries("Пакистан", language_code="ru") == ("PK",)


@pytest.mark.parametrize(("typed", "among"), [("congo", {"CD", "CG"}), ("korea", {"KR", "KP"}), ("pakistn", {"PK"})])
def test_an_unclear_name_offers_what_it_may_mean(typed: str, among: set[str]) -> None:
    """Proves that a name of two countries or with a slip is asked back, not guessed past."""
    assert among <= set(find_countries(typed))


@pytest.mark.parametrize("typed", ["", "   ", "Atlantis", "x", "🙂", "12345", "<b>", "ZZ", "EU", "\u202e", "a" * 5000])
def test_what_is_no_country_is_refused(typed: str) -> None:
    """Proves that nothing else passes for a country, however long or strange."""
    with pytest.raises(CountryUnknown):
        find_countries(typed)


def test_every_country_is_found_by_its_own_name_in_every_language_spoken() -> None:
    """Proves that whatever name a button shows can also be typed, and that the tables name countries only."""
    assert set(OWN_NAMES) | set(COMMON_NAMES) <= country_codes()
    for language in languages():
        for code in country_codes():
            shown = country_name(code, language).partition(" ")[2]
            assert code in find_countries(shown), shown


def test_likely_countries_are_a_few_real_ones() -> None:
    """Proves that a region in the language code comes first and that unknown languages still get an offer."""
    assert likely_countries("es-MX")[0] == "MX"
    assert likely_countries("pt-BR")[0] == "BR"
    assert likely_countries("tl")[0] == "PH"
    for language_code in (None, "", "en", "xx", "zh-hans", "es-419", "\u202e", "-", "en-zz"):
        offered = likely_countries(language_code)
        assert 2 <= len(offered) <= 6
        assert set(offered) <= country_codes()


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("17:00", "Asia/Karachi"),
        ("5:03 pm", "Asia/Karachi"),
        ("١٧:٠٠", "Asia/Karachi"),
        ("16.58", "Asia/Karachi"),
        ("karachi", "Asia/Karachi"),
        ("UTC+5", "Asia/Karachi"),
        ("gmt +5:30", "Asia/Kolkata"),
        ("New York", "America/New_York"),
        ("12:00", "UTC"),
        ("utc", "UTC"),
        ("14:00", "Etc/GMT-2"),
        ("-3", "Etc/GMT+3"),
    ],
)
def test_a_clock_is_understood(typed: str, zone: str) -> None:
    """Proves that a time of day, an offset and a city lead to a zone, the country's own where it fits."""
    assert find_zone(typed, country="PK", now=NOON) == zone
    assert is_zone(zone)


@pytest.mark.parametrize(
    "typed", ["", "now", "25:00", "12:61", "13:00 pm", "+15", "-13", "../etc/passwd", "Etc/Unknown"]
)
def test_what_is_no_clock_is_refused(typed: str) -> None:
    """Proves that nothing else passes for a time zone."""
    with pytest.raises(ZoneUnknown):
        find_zone(typed, country="PK", now=NOON)


def test_every_zone_offered_can_be_used() -> None:
    """Proves that each country's zones are known to this machine and can be stored and shown."""
    for code in country_codes():
        for zone in zones_of(code):
            assert is_zone(zone)
            assert abs(offset_of(zone, now=NOON)) <= timedelta(hours=14)
            assert Translator(zone=zone).time(NOON)
    assert zones_of(None) == ()
    assert zones_of("US")[0] == "America/New_York"
    assert not is_zone("../x")
