"""What a button means: a typed value packed into the 64 bytes of callback_data, with a prefix a feature.

    class Approve(Callback, prefix="rv.ok"):
        submission_id: int
        version: int

    Approve(7, 2).pack() == "rv.ok:7:2"

The data is only a reference: every press loads the object again and checks actor, status and version.
"""

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self, dataclass_transform

LIMIT_BYTES = 64
#: No id, amount or page of ours is larger; below it what is added or multiplied still fits the database's 64 bits.
LIMIT_NUMBER = 2**53
_known: dict[str, "type[Callback]"] = {}


class Unreadable(Exception):
    """The data is not ours, or from a release that packed it differently."""


@dataclass_transform(frozen_default=True)
class Callback:
    """Base of all button meanings. Fields are `int` or `str` (without a colon)."""

    prefix: ClassVar[str]
    types: ClassVar[tuple[type, ...]]
    names: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls, *, prefix: str, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        assert ":" not in prefix, "a prefix can't hold a colon"
        assert prefix not in _known, f"prefix {prefix} is taken"
        dataclass(frozen=True)(cls)
        annotations = {field.name: field.type for field in fields(cls)}  # type: ignore[arg-type]  # a dataclass by now
        assert all(kind in (int, str) for kind in annotations.values()), f"{cls.__name__}: int and str only"
        cls.prefix = prefix
        cls.types = tuple(kind for kind in annotations.values() if isinstance(kind, type))
        cls.names = tuple(annotations)
        _known[prefix] = cls

    def pack(self) -> str:
        """Give the callback_data of this press."""
        values = [str(getattr(self, name)) for name in self.names]
        assert not any(":" in value for value in values), "a field can't hold a colon"
        data = ":".join([self.prefix, *values])
        assert len(data.encode()) <= LIMIT_BYTES, f"callback data too long: {data}"
        return data

    @classmethod
    def unpack(cls, data: str) -> Self:
        """Read callback_data packed by this class.

        Raises:
            Unreadable: another class's data, or fields that don't fit.
        """
        prefix, *values = data.split(":")
        if prefix != cls.prefix or len(values) != len(cls.types):
            raise Unreadable(data)
        try:
            return cls(*(_read(kind, value) for kind, value in zip(cls.types, values, strict=True)))
        except ValueError as error:
            raise Unreadable(data) from error


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
