"""What a button means: a typed value packed into the 64 bytes of callback_data, with a prefix a feature.

    class Approve(Callback, prefix="rv.ok"):
        submission_id: int
        version: int

    Approve(7, 2).pack() == "rv.ok:7:2"

The data is only a reference: every press loads the object again and checks actor, status and version.

A `careful` press decides something where a moment ago another button may have been. Drawn in place of another card its
data ends with that moment, and a press sooner than SETTLES after it is the second half of a double tap.
"""

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self, dataclass_transform

from bot.domain.errors import TooSoon

LIMIT_BYTES = 64
#: No id, amount or page of ours is larger; below it what is added or multiplied still fits the database's 64 bits.
LIMIT_NUMBER = 2**53
#: What most careful buttons say to a press that comes too soon.
JUST_CHANGED = TooSoon.text
#: How long a card stands before its careful buttons count; two taps meant as one are closer together.
SETTLES = timedelta(seconds=1)
#: What a moment takes at the end of the data: a colon and tenths of a second since 1970.
STAMP_BYTES = 12
_EPOCH = datetime.fromtimestamp(0, UTC)
_TENTH = timedelta(milliseconds=100)
_TENTHS_TO_SETTLE = SETTLES // _TENTH
_known: dict[str, "type[Callback]"] = {}


class Unreadable(Exception):
    """The data is not ours, or from a release that packed it differently."""


@dataclass_transform(frozen_default=True)
class Callback:
    """Base of all button meanings. Fields are `int` or `str` (without a colon).

    `careful` is what somebody reads whose press comes too soon after the button was drawn; empty: it never does.
    """

    prefix: ClassVar[str]
    careful: ClassVar[str]
    types: ClassVar[tuple[type, ...]]
    names: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls, *, prefix: str, careful: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        assert ":" not in prefix, "a prefix can't hold a colon"
        assert prefix not in _known, f"prefix {prefix} is taken"
        dataclass(frozen=True)(cls)
        annotations = {field.name: field.type for field in fields(cls)}  # type: ignore[arg-type]  # a dataclass by now
        assert all(kind in (int, str) for kind in annotations.values()), f"{cls.__name__}: int and str only"
        cls.prefix = prefix
        cls.careful = careful
        cls.types = tuple(kind for kind in annotations.values() if isinstance(kind, type))
        cls.names = tuple(annotations)
        _known[prefix] = cls

    def pack(self, *, drawn_at: datetime | None = None) -> str:
        """Give the callback_data of this press; `drawn_at` is when its card takes the place of another."""
        values = [str(getattr(self, name)) for name in self.names]
        assert not any(":" in value for value in values), "a field can't hold a colon"
        data = ":".join([self.prefix, *values])
        room = LIMIT_BYTES - (STAMP_BYTES if self.careful else 0)
        assert len(data.encode()) <= room, f"callback data too long: {data}"
        return f"{data}:{_tenths(drawn_at)}" if self.careful and drawn_at is not None else data

    @classmethod
    def unpack(cls, data: str) -> Self:
        """Read callback_data packed by this class.

        Raises:
            Unreadable: another class's data, or fields that don't fit.
        """
        prefix, *values = data.split(":")
        if cls.careful and len(values) == len(cls.types) + 1:
            try:
                _read(int, values.pop())
            except ValueError as error:
                raise Unreadable(data) from error
        if prefix != cls.prefix or len(values) != len(cls.types):
            raise Unreadable(data)
        try:
            return cls(*(_read(kind, value) for kind, value in zip(cls.types, values, strict=True)))
        except ValueError as error:
            raise Unreadable(data) from error

    @classmethod
    def comes_too_soon(cls, data: str, *, now: datetime) -> bool:
        """Whether this press of data that `unpack` could read is the second half of a double tap."""
        if not cls.careful or data.count(":") != len(cls.types) + 1:
            return False
        return 0 <= _tenths(now) - int(data.rpartition(":")[2]) < _TENTHS_TO_SETTLE


def _tenths(moment: datetime) -> int:
    return (moment - _EPOCH) // _TENTH


def _read(kind: type, value: str) -> int | str:
    if kind is str:
        return value
    if len(value) > 19 or not value.removeprefix("-").isdecimal() or not value.isascii():
        raise ValueError(value)
    number = int(value)
    if abs(number) > LIMIT_NUMBER:
        raise ValueError(value)
    return number


def known_callbacks() -> dict[str, type[Callback]]:
    """Give every button meaning by its prefix, for the authorisation tests."""
    return dict(_known)
