"""The operator's desk: what it shows, and the closed list of reasons why money was not sent or not found.

A reason is stored and told as its word; a note typed by hand is told as it is.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.errors import N_, InvalidInput
from bot.domain.text import clean_line
from bot.domain.wallet import MAX_NOTE

AUDIT_WANTED = "audit_wanted"  # the flag that asks for a whole ledger check; bot/auditor.py takes it up


class RefusalReason(StrEnum):
    """Why an operator refused a withdrawal or a deposit."""

    WRONG_DESTINATION = "wrong_destination"
    CANNOT_RECEIVE = "cannot_receive"
    NOT_ARRIVED = "not_arrived"
    OTHER_AMOUNT = "other_amount"
    OTHER_REFERENCE = "other_reference"


WITHDRAWAL_REASONS = (RefusalReason.WRONG_DESTINATION, RefusalReason.CANNOT_RECEIVE)
DEPOSIT_REASONS = (RefusalReason.NOT_ARRIVED, RefusalReason.OTHER_AMOUNT, RefusalReason.OTHER_REFERENCE)


class NoteTooLong(InvalidInput):
    """More than a member reads in a message."""

    text = N_("Please keep it under {limit} characters.")


class NoteEmpty(InvalidInput):
    """A refusal says why."""

    text = N_("Please say why: the member reads it.")


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """The last ledger check, and how many rows each invariant had in the last check of everything.

    `differences` is None when nothing was checked yet; `wanted` says that a check of everything was asked for.
    """

    differences: int | None = None
    at: datetime | None = None
    counts: tuple[tuple[str, int], ...] = ()
    counted_at: datetime | None = None
    wanted: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """What waits for an operator. Sums in units; `frozen` is why payouts are stopped, None when they are not."""

    withdrawals: int
    withdrawals_net: int
    deposits: int
    deposits_amount: int
    open_jobs: int
    proofs_waiting: int
    frozen: str | None
    check: LedgerCheck


def read_note(text: str) -> str:
    """Read what an operator typed for a member.

    Raises:
        NoteEmpty, NoteTooLong.
    """
    note = clean_line(text[: 10 * MAX_NOTE])
    if not note:
        raise NoteEmpty
    if len(note) > MAX_NOTE:
        raise NoteTooLong(limit=MAX_NOTE)
    return note
