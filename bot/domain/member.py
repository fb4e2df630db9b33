"""A member: one Telegram person as the marketplace knows them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Member:
    """One person. `terms_at` is None until they signed up; browsing and alerts need no sign-up."""

    id: int
    telegram_user_id: int
    first_name: str
    language: str
    country: str | None
    time_zone: str
    role: str
    status: str
    reachable: bool
    terms_at: datetime | None
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def is_operator(self) -> bool:
        """Whether this member runs the marketplace."""
        return self.role == "operator"

    @property
    def signed_up(self) -> bool:
        """Whether country and terms were given."""
        return self.terms_at is not None and self.country is not None
