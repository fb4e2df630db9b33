"""What follows from an audit: payouts freeze and every operator is told, or the checkpoint moves on.

async with database.read() as tx:            looks, beside the work
    report = await run_audit(tx)             every minute; nightly with whole=True
async with database.unit(...) as uow:        acts
    await record_audit(uow, report)
"""

import hashlib

from bot.domain.errors import N_
from storage import audit, members, withdrawals
from storage.audit import Report
from storage.unit import To, Tx, UnitOfWork

SHOWN = 5  # findings named in the message; the rest is in the log and in `python -m bot verify`


async def run_audit(tx: Tx, *, whole: bool = False) -> Report:
    """Check what changed since the last audit that found everything right, or everything."""
    known = await audit.get_checkpoint(tx)
    return await audit.examine(tx, known=known) if whole else await audit.examine(tx, since=known, known=known)


async def record_audit(uow: UnitOfWork, report: Report) -> None:
    """Act on a report. The same findings are told once; payouts stay frozen until an operator lets them go on."""
    if report.ok:
        known = await audit.get_checkpoint(uow.tx)
        if report.head.entry_id >= known.entry_id:
            await audit.save_checkpoint(uow.tx, report.head, at=uow.now)
        return
    lines = [f"{f.invariant}: {f.subject} {f.detail}" for f in report.findings]
    if await withdrawals.find_freeze(uow.tx) is None:
        await withdrawals.freeze(uow.tx, N_("the ledger check found differences"), at=uow.now)
    digest = hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
    if await audit.is_failure_new(uow.tx, digest, at=uow.now):
        to = [To(operator.id) for operator in await members.list_operators(uow.tx)]
        uow.emit("audit_failed", {"count": len(lines), "findings": lines[:SHOWN]}, to=to)
