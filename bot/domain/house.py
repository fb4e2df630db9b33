"""The rules of this installation: what the operator may set, in one frozen value passed down from the settings."""

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class House:
    """Amounts are units of 1/10,000 of `currency`; rates are basis points (1/100 of a percent)."""

    currency: str = "USD"
    employer_fee_bp: int = 1000
    withdrawal_minimum: int = 100_000
    withdrawal_fee_bp: dict[str, int] = field(default_factory=dict)
    high_pay_minimum: int = 10_000
    live_reservations: int = 3
    extension: timedelta = timedelta(minutes=5)
    undo: timedelta = timedelta(seconds=10)
    reopen_after: timedelta = timedelta(hours=48)
    fix_round: timedelta = timedelta(hours=24)
    reward_hold: timedelta = timedelta(0)
    alerts_a_day: int = 8
    operator_ids: frozenset[int] = frozenset()
    bot_username: str = ""
    terms: str = ""
    privacy: str = ""
    deposit_instructions: str = ""
    support_contact: str = ""

    def deep_link(self, payload: str) -> str:
        """Give the address that opens the bot with a payload (at most 64 of `A-Za-z0-9_-`)."""
        return f"https://t.me/{self.bot_username}?start={payload}"
