"""Reads the tables of the Bot API and compares calls with them.

Telegram ignores what it does not know and moves numbers into their bounds without a word; `strays` names all of that,
at any depth, so that the page can show it in red and a test can fail on it. Nothing is refused here: methods do that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from bot.emulator import api_methods, api_objects
from bot.emulator.params import Params, Upload

MAX_KNOWN = 256
MAX_NAMES = 40
_SCALARS = frozenset(("String", "Integer", "Float", "Boolean", "Chat", "File", "Upload", "Anything"))
_ROW = re.compile(
    r"(?P<mark>~|legacy )?(?P<name>\w+)(?P<star>\*?) (?P<kind>[A-Z]\w*(?: (?:of|or) [A-Z]\w*)*)"
    r"(?: (?P<low>\d+)-(?P<high>\d+))?(?: \{(?P<values>[^}]*)\})?(?: \| (?P<refusals>.+))?"
)
_HARMLESS = {"String": str, "Integer": int, "Boolean": bool, "Chat": int, "File": str}
_INTEGER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_FLOAT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_STRINGS = frozenset((str,))
_BOOLEANS = frozenset(("true", "false", "yes", "no", "1", "0"))


@dataclass(slots=True)
class Field:
    """One parameter of a method, or one field of an object."""

    name: str
    kind: str
    required: bool
    emulated: bool
    documented: bool
    low: int | None
    high: int | None
    values: frozenset[str]
    refusals: Mapping[str, str]
    depth: int = field(init=False)
    alternatives: tuple[str, ...] = field(init=False)
    is_scalar: bool = field(init=False)
    harmless: type | None = field(init=False)

    def __post_init__(self) -> None:
        self.depth = self.kind.count("Array of ")
        self.alternatives = tuple(self.kind.replace("Array of ", "").split(" or "))
        self.is_scalar = not self.depth and self.alternatives[0] in _SCALARS
        checked = not self.emulated or (self.is_silent and (self.high is not None or self.values))
        self.harmless = None if checked or not self.is_scalar else _HARMLESS.get(self.kind)

    @property
    def is_silent(self) -> bool:
        """Whether a value out of bounds is taken without a word."""
        return not {"low", "high", "other"} & set(self.refusals)


@dataclass(slots=True)
class Shape:
    """A method's parameters or an object's fields; in each of `firsts` only the first that is given counts."""

    name: str
    fields: dict[str, Field] = field(default_factory=dict)
    firsts: list[tuple[str, ...]] = field(default_factory=list)
    exclusive: list[frozenset[str]] = field(default_factory=list)
    harmless: dict[tuple[str, ...], bool] = field(default_factory=dict)
    conflicts: dict[tuple[str, ...], list[tuple[str, ...]]] = field(default_factory=dict)

    def crowded(self, names: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Answer those of `firsts` of which more than one is among the names."""
        known = self.conflicts.get(names)
        if known is None:
            pairs = zip(self.firsts, self.exclusive, strict=True)
            known = [first for first, exclusive in pairs if len(exclusive.intersection(names)) > 1]
            if len(self.conflicts) < MAX_KNOWN and len(names) < MAX_NAMES:
                self.conflicts[names] = known
        return known

    def is_harmless(self, given: dict[str, Any]) -> bool:
        """Say at once of most objects, such as a button of two texts, that there is nothing to find in them."""
        names = tuple(given)
        known = self.harmless.get(names)
        if known is None:
            known = all(name in self.fields and self.fields[name].harmless is str for name in names)
            known = known and not self.crowded(names)
            if len(self.harmless) < MAX_KNOWN and len(names) < MAX_NAMES:
                self.harmless[names] = known
        return known and "" not in given.values() and _STRINGS.issuperset(map(type, given.values()))


def _parsed_row(line: str, where: str) -> Field:
    match = _ROW.fullmatch(line)
    if match is None:
        raise ValueError(f"{where}: cannot read the row {line!r}")
    refusals = dict(part.split(": ", 1) for part in re.split(r", (?=\w+: )", match["refusals"] or "") if part)
    return Field(
        match["name"],
        match["kind"],
        required=bool(match["star"]),
        emulated=match["mark"] != "~",
        documented=match["mark"] != "legacy ",
        low=int(match["low"]) if match["low"] else None,
        high=int(match["high"]) if match["high"] else None,
        values=frozenset((match["values"] or "").split()),
        refusals=MappingProxyType(refusals),
    )


def parsed(text: str, groups: Mapping[str, Shape] = MappingProxyType({})) -> dict[str, Shape]:
    """Read a table; a group may take in groups above it in the same table.

    Raises: ValueError for a row it cannot read.
    """
    shapes: dict[str, Shape] = {}
    shape = Shape("")
    for line in text.strip().splitlines():
        row = line.strip()
        if not line.startswith(" "):
            shape = shapes[row] = Shape(row)
        elif row.startswith("+ "):
            group = groups[row[2:]] if row[2:] in groups else shapes[row[2:]]
            shape.fields.update(group.fields)
            shape.firsts += group.firsts
            shape.exclusive += group.exclusive
        elif row.startswith("first: "):
            shape.firsts.append(tuple(row[7:].split()))
            shape.exclusive.append(frozenset(shape.firsts[-1]))
        else:
            entry = _parsed_row(row, shape.name)
            shape.fields[entry.name] = entry
    return shapes


GROUPS = parsed(api_methods.GROUPS)
OBJECTS: Mapping[str, Shape] = MappingProxyType(parsed(api_objects.OBJECTS))
METHODS: Mapping[str, Shape] = MappingProxyType(parsed(api_methods.METHODS, GROUPS))
_BY_LOWER_NAME = {name.lower(): shape for name, shape in METHODS.items()}


def shape_of(method: str) -> Shape:
    """Answer a method's shape, whatever the case of its letters."""
    return _BY_LOWER_NAME[method.lower()]


def unknown_fields(method: str, params: Params) -> list[str]:
    """Name the parameters, and the fields of objects in them, that the documentation does not have."""
    found = _Found()
    _look(shape_of(method), params, "", found, params.read)
    return found.unknown


def strays(method: str, params: Params) -> list[str]:
    """Name all that Telegram passes over in silence: what is unknown, ignored, out of bounds or not emulated here."""
    found = _Found()
    _look(shape_of(method), params, "", found, params.read)
    return found.unknown + found.ignored


@dataclass(slots=True)
class _Found:
    unknown: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def _look(
    shape: Shape, given: Mapping[str, Any], where: str, found: _Found, read: Mapping[str, Any] = MappingProxyType({})
) -> None:
    """Look through an object; `read` has what texts of a call's own parameters hold as JSON."""
    fields = shape.fields
    for name, value in given.items():
        entry = fields.get(name)
        if entry is None:
            if not isinstance(value, Upload):
                found.unknown.append(where + name)
        elif value == "":
            if where and entry.required:
                found.ignored.append(f"{where}{name}: empty")
        elif type(value) is not entry.harmless and value is not None:
            _look_at_value(entry, value, where, found, read)
    for names in shape.crowded(tuple(given)):
        present = [name for name in names if given.get(name) not in (None, "", False)]
        found.ignored += [f"{where}{name}: ignored beside {present[0]}" for name in present[1:]]


def _look_at_value(entry: Field, value: Any, where: str, found: _Found, read: Mapping[str, Any]) -> None:
    path = where + entry.name
    if not entry.emulated:
        found.ignored.append(f"{path}: not emulated")
    if entry.is_scalar:
        wrong = _wrong_scalar(entry.kind, value)
        if not wrong and entry.is_silent:
            wrong = _undocumented(entry, value)
        if wrong:
            found.ignored.append(f"{path}: {wrong}")
        return
    if not where and isinstance(value, str):
        try:
            value = read[entry.name] if entry.name in read else json.loads(value)
        except (ValueError, RecursionError):
            found.ignored.append(f"{path}: no JSON")
            return
    if entry.depth and isinstance(value, list):
        found.ignored += [f"{path}: {wrong}" for wrong in _wrong_array(entry, value)]
    if entry.alternatives[0] not in _SCALARS:
        _look_at_items(entry, value, entry.depth, path, found)


def _wrong_array(entry: Field, items: list[Any]) -> Iterator[str]:
    """Name what is wrong with an array as a whole, and the values in it that are not documented."""
    if entry.high is not None and (entry.is_silent or (entry.low or 0) > len(items) > 0):
        wrong = _out_of_bounds(entry, len(items))
        if wrong:
            yield wrong
    if entry.values:
        yield from (f"{item!r} is not documented" for item in items if str(item).lower() not in entry.values)


def _look_at_items(entry: Field, value: Any, depth: int, path: str, found: _Found) -> None:
    if depth and isinstance(value, list):
        shape = OBJECTS[entry.alternatives[0]]
        if depth == 1 and len(entry.alternatives) == 1 and all(map(shape.is_harmless, _dicts(value))):
            return
        for index, item in enumerate(value):
            _look_at_items(entry, item, depth - 1, f"{path}[{index}]", found)
    elif isinstance(value, dict):
        shape = _shape_for(entry.alternatives, value)
        if not shape.is_harmless(value):
            _look(shape, value, path + ".", found)


def _dicts(items: list[Any]) -> Iterator[dict[str, Any]]:
    return (item for item in items if isinstance(item, dict))


def _undocumented(entry: Field, value: Any) -> str:
    if entry.values and not _allows(entry, value):
        return f"{value!r} is not documented"
    if entry.high is None:
        return ""
    if entry.kind == "String":
        return _out_of_bounds(entry, len(value))
    if isinstance(value, str):
        value = int(value) if entry.kind == "Integer" else float(value)
    return _out_of_bounds(entry, value)


def _allows(entry: Field, value: Any) -> bool:
    return value in entry.values or (entry.name.endswith("parse_mode") and str(value).lower() in _LOWER_MODES)


_LOWER_MODES = frozenset(("html", "markdownv2", "markdown"))


def _out_of_bounds(entry: Field, size: float) -> str:
    low, high = entry.low or 0, entry.high or 0
    return "" if low <= size <= high else f"{size} is not within {low}-{high}"


def _shape_for(kinds: tuple[str, ...], item: Mapping[str, Any]) -> Shape:
    """Find which of several objects is meant: by its `type`, or by the field that only it has."""
    if len(kinds) == 1:
        return OBJECTS[kinds[0]]
    shapes = [OBJECTS[kind] for kind in kinds]
    for shape in shapes:
        kind = shape.fields.get("type")
        if (kind is not None and str(item.get("type")) in kind.values) or (
            kind is None and next(iter(shape.fields)) in item
        ):
            return shape
    return shapes[0]


def _wrong_scalar(kind: str, value: Any) -> str:
    """Say what is wrong with a value that Telegram would read as something else, or nothing."""
    if kind == "Boolean":
        fits = isinstance(value, bool) or str(value).lower() in _BOOLEANS
    elif kind == "Integer":
        fits = not isinstance(value, bool) and (isinstance(value, int) or _INTEGER.fullmatch(str(value)) is not None)
    elif kind == "Float":
        number = isinstance(value, int | float) and not isinstance(value, bool)
        fits = number or _FLOAT.fullmatch(str(value).strip()) is not None
    elif kind == "String":
        fits = isinstance(value, str)
    elif kind == "Chat":
        fits = isinstance(value, int | str) and not isinstance(value, bool)
    else:
        return ""
    return "" if fits else f"no {kind}"
