"""`python -m bot verify`: check the whole ledger, print what was counted and what is wrong, say so by exit code."""

import sys
from collections.abc import Sequence
from typing import TextIO

from bot.services.audit import run_audit
from storage.audit import QUESTION_SECONDS, Report
from storage.database import Database
from storage.fingerprint import fingerprint
from storage.migrate import list_schema_differences


async def verify(database: Database, out: TextIO | None = None) -> int:
    """Check every invariant on a reading connection and print the result; 0 when all hold, else 1.

    What is missing from the schema, or changed, is a violation too: a trigger that is gone guards nothing.
    """
    async with database.read(seconds=QUESTION_SECONDS) as tx:
        report = await run_audit(tx, whole=True)
        schema = await fingerprint(tx)
    differences = await list_schema_differences(database)
    (out or sys.stdout).write(describe(report, schema, differences))
    return 0 if report.ok and not differences else 1


def describe(report: Report, schema: str, differences: Sequence[str] = ()) -> str:
    """Write a report for a terminal: one line an invariant, then the offending rows, then the chain's head."""
    wrong: dict[str, int] = {}
    for finding in report.findings:
        wrong[finding.invariant] = wrong.get(finding.invariant, 0) + 1
    lines = [
        f"{'FAIL' if name in wrong else 'ok':<5}{name:<20}{count:>10} checked{wrong.get(name, 0):>6} wrong"
        for name, count in report.checked
    ]
    lines += [f"  {f.invariant}: {f.subject} {f.detail}" for f in report.findings]
    lines.append(f"chain head: entry {report.head.entry_id}, {report.head.hash}")
    lines.append(f"schema: {schema}")
    lines += [f"  schema: {difference}" for difference in differences]
    wrongs = len(report.findings) + len(differences)
    lines.append(f"{wrongs} differences" if wrongs else "the ledger is right")
    return "\n".join(lines) + "\n"
