"""Rules read off the emulator's table of the Bot API: each bound and each refusal there is a record here.

A refusal that another record tells already, of the same method and in the same words, is left to that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from bot.emulator.methods import METHODS
from bot.emulator.schema import Field, shape_of
from tests.emulator.rulebook.calls import GOOD
from tests.emulator.rulebook.documentation import field_words
from tests.emulator.rulebook.record import Params, Rule, Source

_REPLY_KEYBOARD = {"keyboard": [["a"]]}


def rules_of_the_table(told: Iterable[Rule]) -> tuple[Rule, ...]:
    """Make the records that are missing among those told already."""
    known = {(rule.method, rule.error.lower()) for rule in told}
    return tuple(rule for rule in _all_rules() if (rule.method, rule.error.lower()) not in known)


def _all_rules() -> Iterator[Rule]:
    for method, _ in METHODS.values():
        good = GOOD.get(method)
        if good is None:
            continue
        for entry in shape_of(method).fields.values():
            for way, words in entry.refusals.items():
                if not entry.emulated or (wrong := _wrong(method, entry, way, good.params)) is None:
                    continue
                says = field_words(method, entry.name)
                yield Rule(
                    f"{_hyphens(method)}-{entry.name.replace('_', '-')}-{way}",
                    good,
                    wrong=wrong,
                    error=f"Bad Request: {words}",
                    says=says or f"The parameter {entry.name} is read although it is no longer documented.",
                    source=Source.DOCS if says else Source.SERVER,
                )


def _wrong(method: str, entry: Field, way: str, good: Params) -> Params | None:
    """Make the change that goes wrong in one way; None when a single change does not show it."""
    name = entry.name
    if way == "missing":
        gone = {name: None}
        return {**gone, "message_id": None} if method.startswith("editMessage") and name == "chat_id" else gone
    if way == "high":
        assert entry.high is not None
        return {name: _too_much(entry, good.get(name))}
    if way == "low" and entry.kind == "String":
        return {name: ""}
    if way == "other" and name == "reply_markup":
        return {name: _REPLY_KEYBOARD}
    if way == "other" and name == "parse_mode" and "caption" in shape_of(method).fields:
        return {name: "nothing-such", "caption": "x"}
    return {name: "nothing-such"} if way == "other" else None


def _too_much(entry: Field, usual: Any) -> Any:
    assert entry.high is not None
    if entry.depth:
        items = usual or [1]
        return [items[number % len(items)] for number in range(entry.high + 1)]
    return "x" * (entry.high + 1) if entry.kind == "String" else entry.high + 1


def _hyphens(method: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in method)
