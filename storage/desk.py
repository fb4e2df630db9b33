"""What waits for an operator, and the note that an operator did something."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.desk import AUDIT_WANTED, Desk, LedgerCheck
from storage.rows import Row, from_ms, to_ms
from storage.unit import Tx


async def get_desk(tx: Tx) -> Desk:
    """Give the counts and sums of everything that waits, the freeze and the last ledger check."""
    row = await tx.one("admin_get_desk")
    assert row is not None
    flags = {flag["name"]: flag for flag in await tx.all("admin_list_flags")}
    frozen = flags.get("payouts_frozen")
    return Desk(
        withdrawals=row["withdrawals"],
        withdrawals_net=row["withdrawals_net"],
        deposits=row["deposits"],
        deposits_amount=row["deposits_amount"],
        open_jobs=row["open_jobs"],
        proofs_waiting=row["proofs_waiting"],
        frozen=None if frozen is None else frozen["value"],
        check=_check_of(flags),
    )


async def insert_audit(
    tx: Tx, *, member_id: int, action: str, subject: str, at: datetime, detail: Mapping[str, Any] | None = None
) -> None:
    """Note what an operator did."""
    written = json.dumps(dict(detail or {}), sort_keys=True)
    await tx.run(
        "admin_insert_audit", member_id=member_id, action=action, subject=subject, detail=written, at=to_ms(at)
    )


def _check_of(flags: dict[str, Row]) -> LedgerCheck:
    result, counts = flags.get("audit_result"), flags.get("audit_counts")
    found = None if result is None else str(result["value"]).split()[0]
    return LedgerCheck(
        differences=None if found is None else 0 if found == "ok" else int(found),
        at=None if result is None else from_ms(result["at"]),
        counts=() if counts is None else tuple((name, count) for name, count in json.loads(counts["value"])),
        counted_at=None if counts is None else from_ms(counts["at"]),
        wanted=AUDIT_WANTED in flags,
    )
