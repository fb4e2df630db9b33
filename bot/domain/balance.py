"""A member's money as one screen shows it: what is there, what is on its way, and the lines of a statement."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.entry import EntryKind, Purse
from bot.domain.wallet import Withdrawal


@dataclass(frozen=True, slots=True)
class PendingWork:
    """Rewards of work that is done and not paid: sent and waiting for review, and approved a moment ago.

    `next_pay_at` is when the first of those that wait pays itself; `employs` says whether the member published a job.
    """

    waiting: int
    next_pay_at: datetime | None
    coming: int
    employs: bool


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """Everything a member owns, in units. `withdrawable` is what is available down to a whole coin."""

    available: int
    withdrawable: int
    maturing: int
    next_matures_at: datetime | None
    held: int
    funds: int
    earned: int
    work: PendingWork
    withdrawal: Withdrawal | None

    @property
    def pays_for_jobs(self) -> bool:
        """Whether the member pays for work: only they are ever asked to add money."""
        return self.funds > 0 or self.work.employs


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One movement of one purse: signed amount, and the purse's balance after it. `id` is the paging key."""

    id: int
    kind: EntryKind
    at: datetime
    amount: int
    balance: int
    job_title: str | None
    deposit_id: int | None
    withdrawal_id: int | None


@dataclass(frozen=True, slots=True)
class StatementPage:
    """A page of a purse's statement, newest first. `older` is where the next page begins, None at the end."""

    purse: Purse
    rows: tuple[StatementRow, ...]
    older: int | None
    is_first: bool
    pays_for_jobs: bool
