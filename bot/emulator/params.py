"""The parameters of one call, whichever way they came: query, form, JSON or multipart. Reads them as Telegram does:
every value is a text, numbers are read from their beginning, and what is missing is empty."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from bot.emulator.errors import FieldError, bad_request

Json = dict[str, Any]

_LEADING_NUMBER = re.compile(r"[+-]?\d{1,19}")
MAX_DEPTH = 100
# Halves of pairs that are surely not alone are passed over; where backslashes are escaped, nothing is sure.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_HALF = re.compile(r"\\u[dD](?:[89abAB](?!..\\u[dD][c-fC-F])|[c-fC-F](?<!\\u[dD][89abAB]..\\u[dD].))")
_TRUE = frozenset(("true", "yes", "1"))
_REQUIRED: Any = object()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with the call."""

    filename: str
    content_type: str
    data: bytes


class Params(dict[str, Any]):
    """Parameters by name; a value is text, a JSON value or an `Upload`. `size` is how many bytes of text they were.

    `read` holds the values of those texts that were read as JSON.
    """

    __slots__ = ("read", "size")

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.size = 0
        self.read: dict[str, Any] = {}

    def text(self, name: str) -> str:
        """Answer a value as text, "" when it is missing."""
        value = self.get(name)
        if isinstance(value, str):
            return value
        if value is None or isinstance(value, Upload):
            return ""
        return str(value) if type(value) is int else json.dumps(value, ensure_ascii=False)

    def integer(self, name: str, default: int = 0, *, low: int | None = None, high: int | None = None) -> int:
        """Answer a number within its bounds; text that is no number counts as 0, as Telegram has it."""
        value = self.get(name)
        if value is None or value == "":
            return default
        if not isinstance(value, int):
            match = _LEADING_NUMBER.match(self.text(name))
            value = int(match[0]) if match is not None else 0
        number = int(value)
        if low is not None and number < low:
            return low
        return high if high is not None and number > high else number

    def boolean(self, name: str) -> bool:
        """Answer true for `true`, `yes` and `1`."""
        value = self.get(name)
        if value is None or value is False:
            return False
        return value is True or self.text(name).lower() in _TRUE

    def json(self, name: str, refusal: str) -> Any:
        """Answer a JSON value given as such or as text; None when it is missing.

        Raises: ApiError with the refusal when the text is no JSON.
        """
        value = self.get(name)
        if value is None or value == "" or isinstance(value, Upload):
            return None
        if not isinstance(value, str):
            return value
        if name in self.read:
            return self.read[name]
        try:
            result = self.read[name] = decoded(value)
        except (ValueError, RecursionError):
            raise bad_request(refusal) from None
        return result


def is_too_deep(value: Any) -> bool:
    """Say whether lists and objects lie in each other deeper than Telegram reads, and than can be written safely."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        inner = (one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list))
        level = [child for children in inner for child in children]
        if not level:
            return False
    return True


def decoded(text: str) -> Any:
    """Decode JSON; half of a surrogate pair, which JSON can hide in an escape, is refused.

    Raises: ValueError, RecursionError; ApiError.
    """
    value = json.loads(text)
    if text.count("[") + text.count("{") > MAX_DEPTH and is_too_deep(value):
        raise ValueError("nested too deep")
    if (_SURROGATE if "\\\\" in text else _HALF).search(text) is not None:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise bad_request("Strings must be encoded in UTF-8") from None
    return value


def field(entry: Json, name: str, kind: type, default: Any = _REQUIRED) -> Any:
    """Read a field of a JSON object as Telegram's server does: numbers may be texts and texts numbers, no more.

    Raises: FieldError `Can't find field "x"`, `Field "x" must be of type String`, or one about a number.
    """
    if name not in entry:
        if default is _REQUIRED:
            raise FieldError(f'Can\'t find field "{name}"')
        return default
    value = entry[name]
    if type(value) is kind:
        return value if not isinstance(value, int) or kind is bool else _in_range(value, name)
    if kind is str and isinstance(value, int | float) and not isinstance(value, bool):
        return json.dumps(value)
    if kind is int:
        return _number(value, name)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(_in_range(value, name))
    raise FieldError(f'Field "{name}" must be of type {_JSON_NAMES[kind]}')


def _number(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, str | float):
        raise FieldError(f'Field "{name}" must be a Number')
    if not isinstance(value, str) or _INTEGER.fullmatch(value) is None:
        raise FieldError(f'Field "{name}" must be a valid Number')
    return _in_range(int(value), name)


def _in_range(value: int, name: str) -> int:
    if not -(1 << 63) <= value < 1 << 63:
        raise FieldError(f'Field "{name}" must be a valid Number')
    return value


_INTEGER = re.compile(r"-?\d{1,19}", re.ASCII)
_JSON_NAMES = {str: "String", bool: "Boolean", float: "Number", dict: "Object", list: "Array"}
