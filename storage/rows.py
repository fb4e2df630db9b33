"""Rows as both engines give them, and times as they keep them: whole milliseconds since 1970 in UTC."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol


class Row(Protocol):
    """One row: its columns by name or by place."""

    def __getitem__(self, key: Any, /) -> Any:
        """Give the value of a column."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """Give the values in the order of the columns."""
        ...

    def __len__(self) -> int:
        """Give how many columns there are."""
        ...


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
