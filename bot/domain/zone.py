"""Time zones as people say them: their city, the offset, or simply what their clock shows now.

"Karachi" · "UTC+5" · "17:05" (it is 12:05 UTC) ──find_zone──► "Asia/Karachi"
"""

import re
import unicodedata
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global

from bot.domain.errors import N_, InvalidInput

TYPED_LIMIT = 40
_STEP = timedelta(minutes=15)
_DAY = timedelta(days=1)
_FURTHEST_EAST = timedelta(hours=14)
_CLOCK = re.compile(r"(\d{1,2})\s*[:.h]\s*(\d{2})\s*([ap])?\.?\s*(?:m\.?)?", re.IGNORECASE)
_FIXED = re.compile(r"Etc/GMT[+-](?:\d|1[0-4])")
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE)

#: The zone most people of a country with several live by.
_MAIN_ZONES = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Hebron",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
}


class ZoneUnknown(InvalidInput):
    """No city, no offset, no time of day."""

    text = N_("I can't find that. Please type what time it is where you are, for example 14:05, or your city.")


def find_zone(text: str, *, country: str | None, now: datetime) -> str:
    """Give the zone that a text means: of the country where it fits, else the best known one.

    Raises:
        ZoneUnknown: it is no city, offset or time of day.
    """
    typed = "".join(str(unicodedata.decimal(c, c)) for c in text.strip()[:TYPED_LIMIT]).replace("−", "-")
    offset = _offset(typed, now=now)
    if offset is not None:
        return _zone_with(offset, country=country, now=now)
    city = _folded(typed)
    zone = _cities().get(city)
    if zone is None:
        raise ZoneUnknown
    return zone


def offset_of(zone: str, *, now: datetime) -> timedelta:
    """Give how far the clocks of a zone are ahead of UTC now."""
    offset = now.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None, "an aware time has an offset"
    return offset


def is_zone(zone: str) -> bool:
    """Whether a member may choose this zone: one of a country, UTC, or a fixed offset."""
    return zone in _known_zones() or zone == "UTC" or _FIXED.fullmatch(zone) is not None


def zones_of(country: str | None) -> tuple[str, ...]:
    """Give a country's time zones, the one most people there live by first."""
    main = _MAIN_ZONES.get(country or "")
    zones: list[str] = get_global("territory_zones").get(country or "", [])
    return tuple(zone for zone in dict.fromkeys((main or "", *zones)) if zone in _known_zones())


def _offset(typed: str, *, now: datetime) -> timedelta | None:
    """Read an offset from UTC, or one's own time of day as an offset."""
    said = _OFFSET.fullmatch(typed)
    if said is not None:
        size = timedelta(hours=int(said[2]), minutes=int(said[3] or 0))
        return _in_range(size if said[1] == "+" else -size)
    clock = _CLOCK.fullmatch(typed)
    if clock is None:
        return None
    hour, minute = int(clock[1]), int(clock[2])
    half = (clock[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise ZoneUnknown
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59:
        raise ZoneUnknown
    shown = timedelta(hours=hour, minutes=minute) - timedelta(hours=now.hour, minutes=now.minute)
    nearest = round(shown / _STEP) * _STEP % _DAY
    return _in_range(nearest if nearest <= _FURTHEST_EAST - timedelta(hours=1) else nearest - _DAY)


def _in_range(offset: timedelta) -> timedelta:
    if not -timedelta(hours=12) <= offset <= _FURTHEST_EAST:
        raise ZoneUnknown
    return offset


def _zone_with(offset: timedelta, *, country: str | None, now: datetime) -> str:
    """Give a zone whose clocks are this far ahead now: one of the country, else a fixed one, else any."""
    for zone in zones_of(country):
        if offset_of(zone, now=now) == offset:
            return zone
    hours, rest = divmod(offset, timedelta(hours=1))
    if not rest:
        return f"Etc/GMT{-hours:+d}" if hours else "UTC"  # POSIX signs: east is minus
    for zone in _known_zones():
        if offset_of(zone, now=now) == offset:
            return zone
    raise ZoneUnknown


@cache
def _known_zones() -> tuple[str, ...]:
    """List the zones of cities that this machine's clock data knows."""
    here = available_timezones()
    return tuple(zone for zone in get_global("zone_territories") if zone in here)


@cache
def _cities() -> dict[str, str]:
    """Give the zone of every city that names one."""
    return {_folded(zone.rpartition("/")[2]): zone for zone in _known_zones()} | {
        "utc": "UTC",
        "gmt": "UTC",
        "delhi": "Asia/Kolkata",
        "mumbai": "Asia/Kolkata",
        "kolkata": "Asia/Kolkata",
        "lahore": "Asia/Karachi",
        "islamabad": "Asia/Karachi",
        "abuja": "Africa/Lagos",
        "beijing": "Asia/Shanghai",
        "hanoi": "Asia/Ho_Chi_Minh",
    }


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in plain if c.isalnum())
