"""Faults on order: calls are refused, delayed, cut off or answered with rubbish; one by one, by a plan, or for a while.

An order strikes the next calls that fit it; a plan draws for every call (see `chance`); an outage refuses everything
until the clock passes its end, a storm answers every send with 429 until then.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.emulator.chance import Plan
from bot.emulator.errors import ApiError, DoorError
from bot.emulator.mischief import KINDS as UPDATE_KINDS
from bot.emulator.mischief import Mischief

Json = dict[str, Any]

KINDS = (
    "refuse",
    "drop_before",
    "drop_after",
    "delay",
    "late",
    "http500",
    "http502",
    "cut_json",
    "bad_json",
    "error",
    "flood",
)
MAX_DELAY_SECONDS = 120.0
MAX_LASTING_SECONDS = 366 * 86_400.0
_SENDING = ("send", "edit", "copy", "forward")
_WORDS = {
    400: "Bad Request: fault",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


@dataclass(slots=True)
class Fault:
    """One order: what happens to the next `count` calls of the method, in the chat."""

    kind: str
    method: str = ""
    chat_id: int | None = None
    count: int = 1
    error_code: int = 400
    description: str = ""
    retry_after: int | None = None
    seconds: float = 1.0

    def fits(self, method: str, chat_id: int | None) -> bool:
        """Say whether the order means this call."""
        return self.method in ("", method) and self.chat_id in (None, chat_id)

    @property
    def spoils(self) -> bool:
        """Say whether the caller never reads the answer of a call that was done."""
        return self.kind in ("drop_after", "cut_json", "bad_json")

    def error(self) -> ApiError:
        """Make the refusal of a fault of the kinds `error` and `flood`."""
        if self.retry_after is not None or self.kind == "flood":
            seconds = self.retry_after if self.retry_after is not None else 1
            words = self.description or f"Too Many Requests: retry after {seconds}"
            return ApiError(429, words, retry_after=seconds)
        return ApiError(self.error_code, self.description or _WORDS.get(self.error_code, "Bad Request: fault"))


def fault_from(order: Json) -> Fault:
    """Read an order of the door.

    Raises: DoorError when a field is of the wrong kind.
    """
    kind = order.get("kind")
    if kind not in KINDS:
        raise DoorError(400, f"kind must be one of {', '.join(sorted((*KINDS, 'outage', 'storm', 'block')))}")
    try:
        fault = Fault(
            kind=str(kind),
            method=str(order.get("method") or "").lower(),
            chat_id=int(order["chat_id"]) if order.get("chat_id") is not None else None,
            count=int(order.get("count", 1)),
            error_code=int(order.get("error_code", 400)),
            description=str(order.get("description") or ""),
            retry_after=int(order["retry_after"]) if order.get("retry_after") is not None else None,
            seconds=min(MAX_DELAY_SECONDS, float(order.get("seconds", 1.0))),
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise DoorError(400, f"a fault's field is of the wrong kind: {error}") from None
    if not 400 <= fault.error_code <= 599:
        raise DoorError(400, "error_code must be between 400 and 599")
    return fault


def plan_from(given: Any) -> Plan:
    """Read a plan of the door: `{"seed", "rates": {kind: share}, "methods"?, "retry_after"?, "seconds"?}`.

    Raises: DoorError.
    """
    if not isinstance(given, dict) or not isinstance(given.get("rates"), dict):
        raise DoorError(400, "a plan is an object with a seed and rates")
    methods = given.get("methods") or []
    if not isinstance(methods, list):
        raise DoorError(400, "methods must be a list of names")
    try:
        rates = {str(kind): float(share) for kind, share in given["rates"].items()}
        plan = Plan(
            int(given.get("seed", 0)),
            rates,
            frozenset(str(name).lower() for name in methods),
            int(given.get("retry_after", 1)),
            min(MAX_DELAY_SECONDS, float(given.get("seconds", 1.0))),
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise DoorError(400, f"a plan's field is of the wrong kind: {error}") from None
    _check_rates(rates)
    return plan


def _check_rates(rates: Mapping[str, float]) -> None:
    for kinds in (KINDS, UPDATE_KINDS):
        shares = [rates.get(kind, 0.0) for kind in kinds]
        if not all(0 <= share <= 1 for share in shares) or sum(shares) > 1:
            raise DoorError(400, "rates are shares between 0 and 1, and so is their sum")
    if unknown := sorted(set(rates) - {*KINDS, *UPDATE_KINDS}):
        raise DoorError(400, f"there is no fault {unknown[0]!r}; there are {', '.join((*KINDS, *UPDATE_KINDS))}")


def lasting_seconds(order: Json) -> float:
    """Read how long an outage or a storm takes.

    Raises: DoorError.
    """
    try:
        seconds = float(order.get("seconds", 0))
    except (TypeError, ValueError):
        raise DoorError(400, "seconds must be a number") from None
    if not 0 < seconds <= MAX_LASTING_SECONDS:
        raise DoorError(400, "seconds must be above zero, and at most a year")
    return seconds


@dataclass(slots=True)
class Faults:
    """What is switched on: the orders not yet used up, the plan, the outage and the storm."""

    mischief: Mischief = field(default_factory=Mischief)
    waiting: list[Fault] = field(default_factory=list)
    plan: Plan | None = None
    storm_until: float = 0.0
    storm_method: str = ""

    @property
    def are_on(self) -> bool:
        """Say whether a call can be struck at all."""
        return bool(self.waiting or self.plan or self.storm_until or self.mischief.outage_until)

    def refuses(self, method: str) -> bool:
        """Say whether a call is refused before anything of it is read."""
        now = self.mischief.clock.seconds()
        if now < self.mischief.outage_until:
            self._note("outage", "outage", method, None)
            return True
        for fault in self.waiting:
            if fault.kind == "refuse" and fault.fits(method, None):
                self._count_down(fault)
                self._note("refuse", "order", method, None)
                return True
        return False

    def take(self, method: str, chat_id: int | None, bot_id: int = 0) -> Fault | None:
        """Answer what strikes this call: the first order that fits, the storm, or what the plan draws."""
        for fault in self.waiting:
            if fault.fits(method, chat_id):
                self._count_down(fault)
                self._note(fault.kind, "order", method, chat_id)
                return fault
        left = self.storm_until - self.mischief.clock.seconds()
        if left > 0 and (self.storm_method == method if self.storm_method else method.startswith(_SENDING)):
            self._note("storm", "storm", method, chat_id)
            return Fault("flood", retry_after=math.ceil(left))
        plan = self.plan
        if plan is None or (plan.methods and method not in plan.methods):
            return None
        kind = plan.draw(KINDS, "call", bot_id, method, chat_id)
        if kind is None:
            return None
        self._note(kind, "plan", method, chat_id)
        is_flood = kind in ("error", "flood")
        return Fault(kind, retry_after=plan.retry_after if is_flood else None, seconds=plan.seconds)

    def _count_down(self, fault: Fault) -> None:
        fault.count -= 1
        if fault.count <= 0:
            self.waiting.remove(fault)

    def _note(self, kind: str, by: str, method: str, chat_id: int | None) -> None:
        self.mischief.struck.note(kind, by, method=method, chat_id=chat_id)

    def clear(self) -> None:
        """Take everything back; what has struck stays in the record."""
        self.waiting.clear()
        self.plan = None
        self.storm_until = self.mischief.outage_until = 0.0
        self.mischief.clear()

    def view(self, *, after: int = 0) -> Json:
        """Show what is switched on and what has struck."""
        mischief, now = self.mischief, self.mischief.clock.seconds()
        return {
            "orders": [asdict(fault) for fault in self.waiting],
            "updates": list(mischief.view()),
            "plan": self.plan.view() if self.plan is not None else None,
            "outage_seconds": math.ceil(max(0.0, mischief.outage_until - now)),
            "storm_seconds": math.ceil(max(0.0, self.storm_until - now)),
            "struck": dict(mischief.struck.counts),
            "log": [row for row in mischief.struck.log if row["n"] > after],
        }
