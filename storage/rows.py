"""Times as the database keeps them: whole milliseconds since 1970 in UTC."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(moment: datetime) -> int:
    """Give an aware time as whole milliseconds since 1970 UTC."""
    assert moment.tzinfo is not None, "times are aware"
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def from_ms(milliseconds: int) -> datetime:
    """Give the aware UTC time of a stored number."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def from_ms_or_none(milliseconds: int | None) -> datetime | None:
    """Give the aware UTC time of a stored number that may be absent."""
    return None if milliseconds is None else from_ms(milliseconds)


def to_ms_or_none(moment: datetime | None) -> int | None:
    """Give an aware time as stored, or None."""
    return None if moment is None else to_ms(moment)
