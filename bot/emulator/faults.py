"""Faults on order: the next calls that fit are refused, delayed, cut off or answered with rubbish."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.emulator.errors import ApiError, DoorError

KINDS = frozenset(("error", "drop_before", "drop_after", "delay", "http500", "bad_json"))
MAX_DELAY_SECONDS = 120.0
_WORDS = {
    400: "Bad Request: fault",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    500: "Internal Server Error",
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

    def error(self) -> ApiError:
        """Make the refusal of a fault of the kind `error`."""
        if self.retry_after is not None:
            words = self.description or f"Too Many Requests: retry after {self.retry_after}"
            return ApiError(429, words, retry_after=self.retry_after)
        return ApiError(self.error_code, self.description or _WORDS.get(self.error_code, "Bad Request: fault"))


def fault_from(order: dict[str, Any]) -> Fault:
    """Read an order of the door.

    Raises: DoorError when a field is of the wrong kind.
    """
    kind = order.get("kind")
    if kind not in KINDS:
        raise DoorError(400, f"kind must be one of {', '.join(sorted(KINDS))}")
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
    except (TypeError, ValueError) as error:
        raise DoorError(400, f"a fault's field is of the wrong kind: {error}") from None
    if not 400 <= fault.error_code <= 599:
        raise DoorError(400, "error_code must be between 400 and 599")
    return fault


@dataclass(slots=True)
class Faults:
    """The orders not yet used up."""

    waiting: list[Fault] = field(default_factory=list)

    def take(self, method: str, chat_id: int | None) -> Fault | None:
        """Answer the first order that fits this call and count it down."""
        for fault in self.waiting:
            if fault.method not in ("", method):
                continue
            if fault.chat_id is not None and fault.chat_id != chat_id:
                continue
            fault.count -= 1
            if fault.count <= 0:
                self.waiting.remove(fault)
            return fault
        return None
