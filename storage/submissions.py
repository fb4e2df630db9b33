"""Submissions and their proofs: what workers sent, what employers see."""

import json

from bot.domain.assignment import Proof, Submission, SubmissionStatus
from storage.rows import from_ms, from_ms_or_none
from storage.sqlite import Row
from storage.unit import Tx


def submission_of(row: Row) -> Submission:
    """Map a row of the submissions table."""
    return Submission(
        id=row["id"],
        assignment_id=row["assignment_id"],
        job_id=row["job_id"],
        round=row["round"],
        status=SubmissionStatus(row["status"]),
        answers=tuple(json.loads(row["answers"])),
        reason=row["reason"],
        note=row["note"],
        decided_by=row["decided_by"],
        submitted_at=from_ms(row["submitted_at"]),
        review_by_at=from_ms(row["review_by_at"]),
        reminded=row["reminded"],
        decided_at=from_ms_or_none(row["decided_at"]),
        version=row["version"],
    )


def proof_of(row: Row) -> Proof:
    """Map a row of the proofs table."""
    return Proof(**{name: row[name] for name in Proof.__dataclass_fields__})


async def find_submission(tx: Tx, submission_id: int) -> Submission | None:
    """Give a submission, or None."""
    row = await tx.one("find_submission", id=submission_id)
    return None if row is None else submission_of(row)


async def list_proofs(tx: Tx, submission_id: int) -> list[Proof]:
    """List the pictures of a submission, requirement by requirement."""
    return [proof_of(row) for row in await tx.all("list_proofs", submission_id=submission_id)]
