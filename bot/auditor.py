"""When the ledger is checked: what changed each minute, everything from the beginning once a night (03:00 UTC).

The check reads on a connection that may only look; only its result is written, in a unit of its own.
"""

import json
from collections.abc import Callable
from datetime import datetime

import structlog

from bot.services.audit import record_audit, run_audit
from storage import outbox
from storage.audit import QUESTION_SECONDS
from storage.database import Database

log = structlog.get_logger()

NIGHTLY_HOUR_UTC = 3
WANTED_FLAG = "audit_wanted"


class Auditor:
    """Runs the audits that are due; the slot of each stands in the database, so it takes effect once."""

    def __init__(self, *, database: Database, clock: Callable[[], datetime], after_commit: Callable[[], None]) -> None:
        self._database = database
        self._clock = clock
        self._after_commit = after_commit

    async def run_due(self) -> None:
        """Run the nightly audit if this night's has not run (or an operator asked), else the minute's."""
        now = self._clock()
        night = now.toordinal() if now.hour >= NIGHTLY_HOUR_UTC else now.toordinal() - 1
        async with self._database.unit("audit:slot", now=now) as uow:
            wanted = await outbox.get_flag(uow.tx, WANTED_FLAG) is not None
            if wanted:
                await outbox.delete_flag(uow.tx, WANTED_FLAG)
            nightly = await outbox.take_slot(uow.tx, "nightly_audit", night, at=now)
            due = nightly or await outbox.take_slot(uow.tx, "audit", int(now.timestamp()) // 60, at=now)
        if due or wanted:
            await self.run(whole=nightly or wanted)

    async def run(self, *, whole: bool) -> bool:
        """Check, and act on what was found; True when the ledger is right."""
        async with self._database.read(seconds=QUESTION_SECONDS) as tx:
            report = await run_audit(tx, whole=whole)
        async with self._database.unit("audit:result", now=self._clock()) as uow:
            await record_audit(uow, report)
            result = f"{'ok' if report.ok else len(report.findings)} {'whole' if whole else 'recent'}"
            await outbox.set_flag(uow.tx, "audit_result", result, at=uow.now)
            if whole:
                await outbox.set_flag(uow.tx, "audit_counts", json.dumps(report.checked), at=uow.now)
        if not report.ok:
            log.error("ledger_wrong", findings=len(report.findings))
            self._after_commit()
        return report.ok
