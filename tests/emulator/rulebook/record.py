"""What a record of the rulebook is made of: the kinds of source, a good call, a file, a rule."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.emulator.rawbot import Answer
    from tests.emulator.rulebook.stage import Stage

Params = Mapping[str, Any]
Step = Callable[["Stage"], Awaitable[Any]]
Send = Callable[["Stage"], Awaitable["Answer"]]

_CODES = {
    "Bad Request": 400,
    "Unauthorized": 401,
    "Forbidden": 403,
    "Not Found": 404,
    "Conflict": 409,
    "Request Entity Too Large": 413,
    "Too Many Requests": 429,
}


class Source(StrEnum):
    """Where the words of a rule are from."""

    DOCS = "Bot API documentation"
    SERVER = "public source of telegram-bot-api"
    TD = "public source of td"
    KNOWN = "Telegram's servers *"


@dataclass(frozen=True, slots=True)
class Good:
    """A call that Telegram takes; the values may be steps, which a stage runs first to have the value."""

    method: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes with a call as a part of its own."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing Telegram refuses.

    `good` with the changes of `right` is taken; with the changes of `right` and then of `wrong` (None takes a
    parameter away) it is refused with `error`. `before` is done just before the wrong call, `after` at the very end.
    `send` makes the wrong call in a way of its own (two pollers at once, say) and answers with Telegram's answer.
    """

    id: str
    good: Good
    wrong: Params
    error: str
    says: str
    source: Source
    right: Params = field(default_factory=dict)
    wrong_method: str = ""
    problem: str = ""
    before: Step | None = None
    after: Step | None = None
    send: Send | None = None

    @property
    def code(self) -> int:
        """The status that goes with the words; 200 for what is taken in silence and only noted."""
        return _CODES[self.error.partition(":")[0]] if self.error else 200

    @property
    def is_only_known(self) -> bool:
        """Whether the words are in no public source: Telegram's servers decide, and codes in capitals are theirs."""
        words = self.error.partition(": ")[2]
        return self.source is Source.KNOWN or bool(words and words.replace("_", "").isupper() and " " not in words)

    @property
    def method(self) -> str:
        return self.wrong_method or self.good.method

    def right_params(self) -> dict[str, Any]:
        return changed(self.good.params, self.right)

    def wrong_params(self) -> dict[str, Any]:
        return changed(self.right_params(), self.wrong)


def changed(params: Params, changes: Params) -> dict[str, Any]:
    """Put the changes over the parameters; None takes one away."""
    return {name: value for name, value in {**params, **changes}.items() if value is not None}
