"""Where a member stands in a conversation: one row, with a draft that outlives restarts."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

PARKED_DAYS = 7


@dataclass(frozen=True, slots=True)
class Dialog:
    """An open (or parked) conversation. `answered` maps a message id to the state it answered, for later edits."""

    conversation: str
    state: str
    expires_at: datetime
    draft: dict[str, Any] = field(default_factory=dict)
    answered: dict[str, str] = field(default_factory=dict)
    open: bool = True

    def parked(self, *, now: datetime) -> "Dialog":
        """Give it closed but kept for PARKED_DAYS."""
        return replace(self, open=False, expires_at=now + timedelta(days=PARKED_DAYS))

    def is_over(self, *, now: datetime) -> bool:
        """Whether its time has run out."""
        return now >= self.expires_at
