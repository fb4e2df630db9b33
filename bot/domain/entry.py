"""Entries of the ledger: one builder a kind, so that what may move where is written down once.

    Entry ── one business event, immutable, one idempotency key
      └─ Transfer ── one debit account, one credit account, one positive amount

A transfer takes from `debit` and gives to `credit`, so nothing can be written that does not balance. Names of
accounts say who owns what; available, held and escrowed money are different accounts, never columns. Nothing here
names a person: ids only. `content_hash` covers what the entry does, the chain hash also when it was done.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from bot.domain.money import MAX_AMOUNT

Purse = Literal["funds", "maturing", "available", "held"]

PLATFORM_FEES = "platform:fees"
EXTERNAL_DEPOSITS = "external:deposits"
EXTERNAL_PAYOUTS = "external:payouts"
EXTERNAL_CORRECTIONS = "external:corrections"
MANUAL = "manual"  # the provider of what an operator does by hand
GENESIS = "0" * 64  # the hash before the first entry
KEY_LENGTH = 100


class EntryKind(StrEnum):
    """What an entry says happened; the allowed moves of each are rows of `entry_moves`."""

    DEPOSIT = "deposit"
    DEPOSIT_REFUNDED = "deposit_refunded"
    JOB_FUNDED = "job_funded"
    JOB_REFUNDED = "job_refunded"
    REWARD_PAID = "reward_paid"
    REWARD_MATURED = "reward_matured"
    WITHDRAWAL_HELD = "withdrawal_held"
    WITHDRAWAL_RELEASED = "withdrawal_released"
    PAYOUT_SENT = "payout_sent"
    PAYOUT_SETTLED = "payout_settled"
    PAYOUT_RETURNED = "payout_returned"
    CORRECTION = "correction"


class Reason(StrEnum):
    """Why a correction was made. A closed list: a free text could name a person for ever."""

    PAID_TWICE = "paid_twice"
    WRONG_AMOUNT = "wrong_amount"
    PROVIDER_ERROR = "provider_error"
    GOODWILL = "goodwill"


#: Kinds that owe somebody a message: an event whose payload names the entry is written with each.
OWES_A_MESSAGE = frozenset(
    {
        EntryKind.DEPOSIT,
        EntryKind.DEPOSIT_REFUNDED,
        EntryKind.REWARD_PAID,
        EntryKind.WITHDRAWAL_HELD,
        EntryKind.WITHDRAWAL_RELEASED,
        EntryKind.PAYOUT_SETTLED,
        EntryKind.PAYOUT_RETURNED,
    }
)


def member_account(member_id: int, purse: Purse) -> str:
    """Name a member's account: `member:42:available`."""
    return f"member:{member_id}:{purse}"


def escrow_account(job_id: int) -> str:
    """Name the account that holds what a job's open places cost: `job:7:escrow`."""
    return f"job:{job_id}:escrow"


def clearing_account(provider: str) -> str:
    """Name the account of money on its way through a provider: `clearing:manual`."""
    return f"clearing:{provider}"


@dataclass(frozen=True, slots=True)
class Transfer:
    """One positive amount from the debit account to the credit account."""

    debit: str
    credit: str
    amount: int

    def __post_init__(self) -> None:
        assert type(self.amount) is int
        assert 0 < self.amount <= MAX_AMOUNT, "a transfer moves a positive, bounded amount"
        assert self.debit != self.credit, "a transfer moves between two accounts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One business event of the ledger. The ids say what it is about; they name no person.

    `matures_at` is when what went to `maturing` is due; `matures_entry_id` the entry whose reward is due now.
    """

    kind: EntryKind
    key: str
    transfers: tuple[Transfer, ...]
    at: datetime
    job_id: int | None = None
    assignment_id: int | None = None
    deposit_id: int | None = None
    withdrawal_id: int | None = None
    matures_at: datetime | None = None
    matures_entry_id: int | None = None
    reason: Reason | None = None
    content_hash: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        assert self.transfers, "an entry moves something"
        assert 0 < len(self.key) <= KEY_LENGTH
        assert self.at.tzinfo is not None, "times are aware"
        about = (self.job_id, self.assignment_id, self.deposit_id, self.withdrawal_id, self.matures_entry_id)
        moves = tuple((t.debit, t.credit, t.amount) for t in self.transfers)
        object.__setattr__(self, "content_hash", hash_content(self.kind, self.key, about, self.reason, moves))


def hash_content(
    kind: str, key: str, about: tuple[int | None, ...], reason: str | None, moves: tuple[tuple[str, str, int], ...]
) -> str:
    """Give the SHA-256 of what an entry does, in one canonical form; times are not part of it."""
    text = json.dumps([kind, key, about, reason, moves], separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def hash_link(previous_hash: str, entry_id: int, content_hash: str, at_ms: int, matures_at_ms: int | None) -> str:
    """Give the chain's hash after an entry: what it does, when, and everything before it."""
    text = json.dumps([previous_hash, entry_id, content_hash, at_ms, matures_at_ms], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def deposit(*, deposit_id: int, member_id: int, amount: int, at: datetime) -> Entry:
    """Credit a confirmed deposit to the member's funds."""
    return Entry(
        kind=EntryKind.DEPOSIT,
        key=f"deposit:{deposit_id}",
        transfers=(Transfer(EXTERNAL_DEPOSITS, member_account(member_id, "funds"), amount),),
        at=at,
        deposit_id=deposit_id,
    )


def deposit_refunded(*, deposit_id: int, member_id: int, amount: int, at: datetime) -> Entry:
    """Give a deposit back to where it came from."""
    return Entry(
        kind=EntryKind.DEPOSIT_REFUNDED,
        key=f"deposit:{deposit_id}:refunded",
        transfers=(Transfer(member_account(member_id, "funds"), EXTERNAL_DEPOSITS, amount),),
        at=at,
        deposit_id=deposit_id,
    )


def job_funded(
    *, job_id: int, lot_id: int, member_id: int, from_funds: int, at: datetime, from_available: int = 0
) -> Entry:
    """Set aside what every place of a new lot costs: from funds first, then, if chosen, from earnings."""
    escrow = escrow_account(job_id)
    return Entry(
        kind=EntryKind.JOB_FUNDED,
        key=f"lot:{lot_id}:funded",
        transfers=_above_zero(
            (member_account(member_id, "funds"), escrow, from_funds),
            (member_account(member_id, "available"), escrow, from_available),
        ),
        at=at,
        job_id=job_id,
    )


def job_refunded(*, job_id: int, member_id: int, amount: int, cause: str, at: datetime) -> Entry:
    """Give the employer back what released places cost; `cause` names the release once ("close:3")."""
    return Entry(
        kind=EntryKind.JOB_REFUNDED,
        key=f"job:{job_id}:refunded:{cause}",
        transfers=(Transfer(escrow_account(job_id), member_account(member_id, "funds"), amount),),
        at=at,
        job_id=job_id,
    )


def reward_paid(
    *, assignment_id: int, job_id: int, worker_id: int, reward: int, fee: int, hold: timedelta, at: datetime
) -> Entry:
    """Pay an approved place from its job's escrow: at once, or into the hold of the worker's level."""
    assert hold >= timedelta(0)
    purse: Purse = "maturing" if hold else "available"
    escrow = escrow_account(job_id)
    return Entry(
        kind=EntryKind.REWARD_PAID,
        key=f"assignment:{assignment_id}:paid",
        transfers=_above_zero(
            (escrow, member_account(worker_id, purse), reward),
            (escrow, PLATFORM_FEES, fee),
        ),
        at=at,
        job_id=job_id,
        assignment_id=assignment_id,
        matures_at=at + hold if hold else None,
    )


def reward_matured(*, paid_entry_id: int, worker_id: int, amount: int, at: datetime) -> Entry:
    """Make a reward whose hold is over available."""
    debit, credit = member_account(worker_id, "maturing"), member_account(worker_id, "available")
    return Entry(
        kind=EntryKind.REWARD_MATURED,
        key=f"entry:{paid_entry_id}:matured",
        transfers=(Transfer(debit, credit, amount),),
        at=at,
        matures_entry_id=paid_entry_id,
    )


def withdrawal_held(*, withdrawal_id: int, member_id: int, amount: int, at: datetime) -> Entry:
    """Set a requested withdrawal aside."""
    debit, credit = member_account(member_id, "available"), member_account(member_id, "held")
    return _withdrawal(EntryKind.WITHDRAWAL_HELD, withdrawal_id, "held", (Transfer(debit, credit, amount),), at)


def withdrawal_released(*, withdrawal_id: int, member_id: int, amount: int, at: datetime) -> Entry:
    """Give back a withdrawal that was cancelled, refused or failed before anything was sent."""
    debit, credit = member_account(member_id, "held"), member_account(member_id, "available")
    return _withdrawal(EntryKind.WITHDRAWAL_RELEASED, withdrawal_id, "released", (Transfer(debit, credit, amount),), at)


def payout_sent(
    *, withdrawal_id: int, member_id: int, net: int, fee: int, at: datetime, provider: str = MANUAL
) -> Entry:
    """Move a withdrawal into the provider's clearing, its fee to the platform."""
    held = member_account(member_id, "held")
    transfers = _above_zero((held, clearing_account(provider), net), (held, PLATFORM_FEES, fee))
    return _withdrawal(EntryKind.PAYOUT_SENT, withdrawal_id, "sent", transfers, at)


def payout_settled(*, withdrawal_id: int, net: int, at: datetime, provider: str = MANUAL) -> Entry:
    """Note that the money arrived: it has left the house."""
    transfers = (Transfer(clearing_account(provider), EXTERNAL_PAYOUTS, net),)
    return _withdrawal(EntryKind.PAYOUT_SETTLED, withdrawal_id, "settled", transfers, at)


def payout_returned(
    *, withdrawal_id: int, member_id: int, net: int, at: datetime, fee_back: int = 0, provider: str = MANUAL
) -> Entry:
    """Give back what the provider returned, and as much of the fee as is forgiven."""
    available = member_account(member_id, "available")
    transfers = _above_zero((clearing_account(provider), available, net), (PLATFORM_FEES, available, fee_back))
    return _withdrawal(EntryKind.PAYOUT_RETURNED, withdrawal_id, "returned", transfers, at)


def correction(*, cause: str, debit: str, credit: str, amount: int, reason: Reason, at: datetime) -> Entry:
    """Put a mistake right by a new entry; `cause` names it once ("ticket:17")."""
    return Entry(
        kind=EntryKind.CORRECTION,
        key=f"correction:{cause}",
        transfers=(Transfer(debit, credit, amount),),
        at=at,
        reason=reason,
    )


def _withdrawal(kind: EntryKind, withdrawal_id: int, step: str, transfers: tuple[Transfer, ...], at: datetime) -> Entry:
    return Entry(
        kind=kind, key=f"withdrawal:{withdrawal_id}:{step}", transfers=transfers, at=at, withdrawal_id=withdrawal_id
    )


def _above_zero(*moves: tuple[str, str, int]) -> tuple[Transfer, ...]:
    """Leave out the moves of nothing, such as a fee of zero."""
    assert all(amount >= 0 for _, _, amount in moves)
    return tuple(Transfer(debit, credit, amount) for debit, credit, amount in moves if amount)
