"""The ledger's table group: write an entry whole, read balances and statements.

`post` is the only way money moves: the entry, its transfers, then the seal that makes the database check every
identity the entry touched. Rows an identity counts (lots, withdrawals) must be changed *before* the entry is posted.
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.domain.entry import GENESIS, Entry, Purse, hash_link, member_account
from storage.rows import from_ms, from_ms_or_none, to_ms, to_ms_or_none
from storage.unit import Tx

LAST = 2**63 - 1  # before everything: where a list of the newest begins
STATEMENT_LIMIT = 200  # lines of one page


class KeyReused(Exception):
    """An idempotency key came back with another content: a defect, and never a payment."""


class CurrencyFixed(Exception):
    """The ledger already keeps another currency."""


@dataclass(frozen=True, slots=True)
class Balances:
    """What a member owns, by purse."""

    funds: int = 0
    maturing: int = 0
    available: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of one purse: signed amount and the purse's balance after it. `id` is the paging key."""

    id: int
    entry_id: int
    kind: str
    at: datetime
    amount: int
    balance: int
    job_id: int | None
    job_title: str | None
    deposit_id: int | None
    withdrawal_id: int | None


@dataclass(frozen=True, slots=True)
class Maturing:
    """A reward whose hold is over."""

    entry_id: int
    member_id: int
    amount: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class DayEarned:
    """What one UTC day's rewards came to."""

    day: date
    amount: int
    rewards: int


async def post(tx: Tx, entry: Entry) -> int:
    """Write an entry and give its id; the same entry again has no effect and gives the same id.

    Raises:
        KeyReused: the key was used for another content.
        sqlite3.IntegrityError: an account would be overdrawn, or an identity does not hold.
    """
    names = sorted({name for t in entry.transfers for name in (t.debit, t.credit)})
    row = await tx.one(
        "ledger_insert_entry",
        kind=entry.kind.value,
        key=entry.key,
        content_hash=entry.content_hash,
        genesis=GENESIS,
        job_id=entry.job_id,
        assignment_id=entry.assignment_id,
        deposit_id=entry.deposit_id,
        withdrawal_id=entry.withdrawal_id,
        matures_at=to_ms_or_none(entry.matures_at),
        matures_entry_id=entry.matures_entry_id,
        reason=None if entry.reason is None else entry.reason.value,
        at=to_ms(entry.at),
        accounts=json.dumps(names),
    )
    if row is None:
        return await _posted_before(tx, entry)
    entry_id: int = row["id"]
    if row["known"] < len(names):
        await tx.many("ledger_open_account", [_opening(name) for name in names])
    await tx.many(
        "ledger_insert_transfer",
        [{"entry_id": entry_id, "debit": t.debit, "credit": t.credit, "amount": t.amount} for t in entry.transfers],
    )
    link = hash_link(
        row["previous_hash"], entry_id, entry.content_hash, to_ms(entry.at), to_ms_or_none(entry.matures_at)
    )
    await tx.run("ledger_insert_seal", entry_id=entry_id, hash=link, transfers=len(entry.transfers))
    return entry_id


async def balance(tx: Tx, account: str) -> int:
    """Give an account's balance; an account that was never used has nothing."""
    return int(await tx.value("ledger_get_balance", name=account) or 0)


async def balances(tx: Tx, member_id: int) -> Balances:
    """Give what a member owns, by purse."""
    purses: tuple[Purse, ...] = ("funds", "maturing", "available", "held")
    names = {purse: member_account(member_id, purse) for purse in purses}
    rows = await tx.all("ledger_list_balances", **names)
    return Balances(**{row["kind"]: row["balance"] for row in rows})


async def get_maturing(tx: Tx, member_id: int) -> tuple[int, datetime | None]:
    """Give what a member has in holds, and when the next of it becomes available."""
    row = await tx.one("ledger_get_maturing", member_id=member_id)
    assert row is not None
    return row["amount"], from_ms_or_none(row["next_at"])


async def list_matured(tx: Tx, *, now: datetime, limit: int) -> list[Maturing]:
    """List rewards whose hold is over, the longest due first."""
    rows = await tx.all("ledger_list_matured", now=to_ms(now), limit=limit)
    return [Maturing(row["entry_id"], row["member_id"], row["amount"], from_ms(row["due_at"])) for row in rows]


async def list_statement(
    tx: Tx, member_id: int, before: int | None = None, limit: int = 10, *, purse: Purse = "available"
) -> list[StatementLine]:
    """List a purse's movements, newest first; the next page begins `before` the last line's id."""
    rows = await tx.all(
        "ledger_list_statement",
        account=member_account(member_id, purse),
        before=LAST if before is None else before,
        limit=min(limit, STATEMENT_LIMIT),
    )
    return [
        StatementLine(
            id=row["id"],
            entry_id=row["entry_id"],
            kind=row["kind"],
            at=from_ms(row["at"]),
            amount=row["amount"],
            balance=row["balance"],
            job_id=row["job_id"],
            job_title=row["job_title"],
            deposit_id=row["deposit_id"],
            withdrawal_id=row["withdrawal_id"],
        )
        for row in rows
    ]


async def earned_total(tx: Tx, member_id: int) -> int:
    """Give the sum of all rewards a member was ever paid, holds included."""
    return int(await tx.value("ledger_get_earned", **_earnings(member_id)))


async def earned_by_day(tx: Tx, member_id: int, *, since: datetime) -> list[DayEarned]:
    """List what each UTC day's rewards came to; days without any are left out."""
    rows = await tx.all("ledger_list_earned_by_day", since=to_ms(since), **_earnings(member_id))
    first = datetime(1970, 1, 1, tzinfo=UTC).date()
    return [DayEarned(first + timedelta(days=row["day"]), row["amount"], row["rewards"]) for row in rows]


async def set_currency(tx: Tx, currency: str, *, at: datetime) -> None:
    """Make this the ledger's currency, or see that it is.

    Raises:
        CurrencyFixed: there are accounts in another one.
    """
    await tx.run("ledger_set_currency", currency=currency, at=to_ms(at))
    kept = await tx.value("ledger_get_currency")
    if kept != currency:
        raise CurrencyFixed(f"the ledger is kept in {kept}, the settings say {currency}")


async def _posted_before(tx: Tx, entry: Entry) -> int:
    row = await tx.one("ledger_find_entry", key=entry.key)
    assert row is not None
    if row["content_hash"] != entry.content_hash:
        raise KeyReused(entry.key)
    return int(row["id"])


def _opening(name: str) -> dict[str, str | int | None]:
    """Give the row of a new account, whose name says everything."""
    first, *rest = name.split(":")
    kind = {"member": rest[-1], "job": "escrow", "platform": "fees"}.get(first, first)
    return {
        "name": name,
        "kind": kind,
        "member_id": int(rest[0]) if first == "member" else None,
        "job_id": int(rest[0]) if first == "job" else None,
        "overdraft_ok": int(kind == "external"),
    }


def _earnings(member_id: int) -> dict[str, str]:
    return {
        "maturing": member_account(member_id, "maturing"),
        "available": member_account(member_id, "available"),
    }
