"""The auditor: adds the whole ledger up again with queries of its own and recomputes the chain of hashes.

    examine(tx)                    everything, from the first entry         nightly, and `python -m bot verify`
    examine(tx, since=checkpoint)  what changed since it was last right     every minute

It only reads, so it runs on a reading connection beside the work. What it finds is told, never repaired.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.entry import GENESIS, hash_content, hash_link
from storage.errors import DatabaseBusy, DatabaseError
from storage.rows import Row, to_ms
from storage.unit import Tx

PAGE = 500  # entries hashed at once
QUESTION_SECONDS = 3_600.0  # about a large ledger a question may take long: no reason to take the server for lost
MOST_FINDINGS = 100  # rows kept for each invariant

_CHECKPOINT = "audit_checkpoint"
_LAST_FAILURE = "audit_failure"


@dataclass(frozen=True, slots=True)
class Invariant:
    """One thing that must hold: what it counts, and the queries that give the rows that break it."""

    name: str
    counts: str
    queries: tuple[str, ...]
    whole_queries: tuple[str, ...] = ()  # asked only when everything is looked at: their cost grows with history


INVARIANTS = (
    Invariant("conservation", "accounts", ("audit_conservation",)),
    Invariant("no overdraft", "accounts", ("audit_overdraft", "audit_account_names")),
    Invariant("paid once", "entries", ("audit_paid_once",)),
    Invariant("escrow", "lots", ("audit_escrow",)),
    Invariant("places", "assignments", ("audit_places",), ("audit_free_places", "audit_member_cap")),
    Invariant("one effect a key", "entries", ("audit_one_effect",)),
    Invariant("deposits", "deposits", (), ("audit_deposits",)),
    Invariant("withdrawals", "withdrawals", ("audit_withdrawals", "audit_withdrawal_amounts", "audit_held")),
    Invariant("no self-dealing", "assignments", (), ("audit_self_dealing",)),
    Invariant("price", "entries", ("audit_price",)),
    Invariant("balances", "transfers", ("audit_balances", "audit_running_balances"), ("audit_fold",)),
    Invariant("moves", "transfers", ("audit_moves",)),
    Invariant("holds", "holds", ("audit_maturing",)),
    Invariant("messages", "entries", ("audit_messages",)),
    Invariant("references", "accounts", (), ("audit_references",)),
)
CHAIN = "chain"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The last sealed entry up to which everything was found right."""

    entry_id: int
    hash: str


START = Checkpoint(0, GENESIS)


@dataclass(frozen=True, slots=True)
class Finding:
    """One row that breaks an invariant."""

    invariant: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """What an audit looked at (rows by invariant), what it found, and the head of the chain it saw."""

    checked: tuple[tuple[str, int], ...]
    findings: tuple[Finding, ...]
    head: Checkpoint
    since: Checkpoint

    @property
    def ok(self) -> bool:
        """Whether every invariant holds."""
        return not self.findings


async def examine(tx: Tx, *, since: Checkpoint = START, known: Checkpoint = START) -> Report:
    """Check every invariant and give what breaks it.

    `since` leaves out what was found right before; `known` is a head seen earlier, which must still be there.
    """
    found: list[Finding] = []
    row = await tx.one("audit_count", since=since.entry_id)
    assert row is not None
    checked = [(CHAIN, int(row["entries"]))]
    head = await _chain(tx, since, known, found)
    for invariant in INVARIANTS:
        queries = invariant.queries
        if since.entry_id == 0:
            queries += invariant.whole_queries
        if queries:
            checked.append((invariant.name, int(row[invariant.counts])))
        for query in queries:
            found += await _ask(tx, invariant, query, since)
    return Report(tuple(checked), tuple(found), head, since)


async def get_checkpoint(tx: Tx) -> Checkpoint:
    """Give the entry up to which everything was found right."""
    kept = await tx.value("audit_get_flag", name=_CHECKPOINT)
    if kept is None:
        return START
    entry_id, _, found = str(kept).partition(":")
    return Checkpoint(int(entry_id), found)


async def save_checkpoint(tx: Tx, head: Checkpoint, *, at: datetime) -> None:
    """Note that everything up to this entry was found right; what is found next is news again."""
    await tx.run("audit_delete_flag", name=_LAST_FAILURE)
    await tx.run("audit_set_flag", name=_CHECKPOINT, value=f"{head.entry_id}:{head.hash}", at=to_ms(at))


async def is_failure_new(tx: Tx, digest: str, *, at: datetime) -> bool:
    """Note what was found; False when the audit before found the same and everybody was told."""
    if await tx.value("audit_get_flag", name=_LAST_FAILURE) == digest:
        return False
    await tx.run("audit_set_flag", name=_LAST_FAILURE, value=digest, at=to_ms(at))
    return True


async def _ask(tx: Tx, invariant: Invariant, query: str, since: Checkpoint) -> list[Finding]:
    """Give the rows that break an invariant; a question the damaged schema can't answer is a finding too.

    Raises:
        DatabaseBusy: the database could not be asked, which says nothing about the ledger.
    """
    try:
        async with tx.attempt():
            rows = await tx.all(query, since=since.entry_id)
    except DatabaseBusy:
        raise
    except DatabaseError as error:
        return [Finding(invariant.name, "schema", f"{query} could not be asked: {error}")]
    return [Finding(invariant.name, str(r["subject"]), str(r["detail"])) for r in rows[:MOST_FINDINGS]]


async def _chain(tx: Tx, since: Checkpoint, known: Checkpoint, found: list[Finding]) -> Checkpoint:
    """Recompute the hashes of the entries after `since`; give the head of the chain."""
    for mark in {since, known} - {START}:
        if await tx.value("audit_get_seal", entry_id=mark.entry_id) != mark.hash:
            found.append(Finding(CHAIN, f"entry:{mark.entry_id}", "was the head once and is gone or changed"))
    last = since
    while True:
        entries = await tx.all("audit_list_entries", after=last.entry_id, limit=PAGE)
        if not entries:
            break
        transfers = await tx.all("audit_list_transfers", after=last.entry_id, last=entries[-1]["id"])
        last, wrong = await asyncio.to_thread(_rehash, last, entries, transfers)
        found += wrong[: max(0, MOST_FINDINGS - len(found))]
    row = await tx.one("audit_get_head")
    head = START if row is None else Checkpoint(row["entry_id"], row["hash"])
    if head.entry_id > last.entry_id:
        found.append(Finding(CHAIN, f"entry:{head.entry_id}", "is sealed but not there"))
    return head


def _rehash(last: Checkpoint, entries: Sequence[Row], transfers: Sequence[Row]) -> tuple[Checkpoint, list[Finding]]:
    """Recompute one page; the chain is followed by what the seals say, so that one fault is one finding."""
    moves: dict[int, list[tuple[str, str, int]]] = {}
    for t in transfers:
        moves.setdefault(t["entry_id"], []).append((t["debit"], t["credit"], t["amount"]))
    wrong: list[Finding] = []
    for e in entries:
        subject, made = f"entry:{e['id']}", tuple(moves.get(e["id"], ()))
        about = (e["job_id"], e["assignment_id"], e["deposit_id"], e["withdrawal_id"], e["matures_entry_id"])
        content = hash_content(e["kind"], e["key"], about, e["reason"], made)
        link = hash_link(e["previous_hash"], e["id"], e["content_hash"], e["at"], e["matures_at"])
        if e["hash"] is None:
            wrong.append(Finding(CHAIN, subject, "is not sealed"))
        elif e["hash"] != link:
            wrong.append(Finding(CHAIN, subject, "is not what was sealed"))
        if content != e["content_hash"] or not made or len(made) != e["counted"]:
            wrong.append(Finding(CHAIN, subject, "does not have the content it was written with"))
        if e["previous_hash"] != last.hash:
            wrong.append(Finding(CHAIN, subject, "does not follow the entry before it"))
        last = Checkpoint(e["id"], e["hash"] or link)
    return last, wrong
