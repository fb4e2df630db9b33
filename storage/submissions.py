"""Submissions and their proofs: what workers sent, what employers see."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath

from bot.domain.assignment import Proof, Submission, SubmissionStatus
from bot.domain.proof import Examined, SentPicture, Unreadable
from storage.rows import Row, from_ms, from_ms_or_none, to_ms
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


# -- submissions -----------------------------------------------------------------------------------------------


async def find_submission(tx: Tx, submission_id: int) -> Submission | None:
    """Give a submission, or None."""
    row = await tx.one("find_submission", id=submission_id)
    return None if row is None else submission_of(row)


async def find_last_submission(tx: Tx, assignment_id: int) -> Submission | None:
    """Give what was sent last for a place, or None."""
    row = await tx.one("find_last_submission", assignment_id=assignment_id)
    return None if row is None else submission_of(row)


async def insert_submission(
    tx: Tx,
    *,
    assignment_id: int,
    job_id: int,
    round_number: int,
    answers: Sequence[str],
    submitted_at: datetime,
    review_by_at: datetime,
) -> Submission:
    """Add a sending of proof that waits for review."""
    row = await tx.insert(
        "insert_submission",
        assignment_id=assignment_id,
        job_id=job_id,
        round=round_number,
        answers=json.dumps(answers, ensure_ascii=False),
        submitted_at=to_ms(submitted_at),
        review_by_at=to_ms(review_by_at),
    )
    return submission_of(row)


async def replace_submission(
    tx: Tx, before: Submission, *, answers: Sequence[str], review_by_at: datetime
) -> Submission | None:
    """Give a submission that nobody decided yet other answers, or None when it moved on."""
    row = await tx.one(
        "replace_submission",
        id=before.id,
        version=before.version,
        answers=json.dumps(answers, ensure_ascii=False),
        review_by_at=to_ms(review_by_at),
    )
    return None if row is None else submission_of(row)


# -- pictures --------------------------------------------------------------------------------------------------


async def list_proofs(tx: Tx, submission_id: int) -> list[Proof]:
    """List the pictures of a submission, requirement by requirement."""
    return [proof_of(row) for row in await tx.all("list_proofs", submission_id=submission_id)]


async def list_current_proofs(tx: Tx, *, assignment_id: int, submission_id: int | None) -> list[Proof]:
    """List the draft pictures of a place and those of this submission of it."""
    rows = await tx.all("list_current_proofs", assignment_id=assignment_id, submission_id=submission_id)
    return [proof_of(row) for row in rows]


async def find_proof(tx: Tx, proof_id: int) -> Proof | None:
    """Give a picture, or None."""
    row = await tx.one("find_proof", id=proof_id)
    return None if row is None else proof_of(row)


async def insert_proof(tx: Tx, picture: SentPicture, *, assignment_id: int, requirement: int, at: datetime) -> Proof:
    """Add a picture to the draft of a place.

    Telegram has re-encoded a photo, so employers may be shown its file; a document is shown once we re-encoded it.
    """
    row = await tx.insert(
        "insert_proof",
        assignment_id=assignment_id,
        requirement=requirement,
        kind=picture.kind,
        file_id=picture.file_id,
        file_unique_id=picture.file_unique_id,
        size=picture.size,
        media_group_id=picture.media_group_id,
        width=picture.width,
        height=picture.height,
        shown_file_id=picture.file_id if picture.kind == "photo" else None,
        at=to_ms(at),
    )
    return proof_of(row)


async def is_used_elsewhere(tx: Tx, *, worker_id: int, assignment_id: int, file_unique_id: str) -> bool:
    """Whether this member sent the same file as proof of another place."""
    row = await tx.one("find_own_use", worker_id=worker_id, assignment_id=assignment_id, file_unique_id=file_unique_id)
    return row is not None


async def are_bytes_used_elsewhere(tx: Tx, examined: Examined, *, worker_id: int, assignment_id: int) -> bool:
    """Whether this member sent the same bytes or pixels as proof of another place."""
    row = await tx.one(
        "find_own_use_by_hash",
        worker_id=worker_id,
        assignment_id=assignment_id,
        sha256=examined.sha256,
        pixels_sha256=examined.pixels_sha256,
    )
    return row is not None


async def drop_last_draft(tx: Tx, *, assignment_id: int, requirement: int) -> bool:
    """Take the newest draft picture of a requirement away; whether there was one."""
    return await tx.run("drop_last_draft_proof", assignment_id=assignment_id, requirement=requirement) == 1


async def drop_drafts(tx: Tx, *, assignment_id: int, requirement: int) -> None:
    """Take all draft pictures of a requirement away."""
    await tx.run("drop_draft_proofs", assignment_id=assignment_id, requirement=requirement)


async def drop_unreadable_drafts(tx: Tx, *, assignment_id: int, requirement: int) -> None:
    """Forget the draft pictures that could not be read, once another was sent for them."""
    await tx.run("drop_unreadable_draft_proofs", assignment_id=assignment_id, requirement=requirement)


async def attach_drafts(tx: Tx, *, assignment_id: int, submission_id: int) -> None:
    """Make the draft pictures of a place part of a submission, in the place of its earlier ones."""
    await tx.run("drop_replaced_proofs", assignment_id=assignment_id, submission_id=submission_id)
    await tx.run("attach_draft_proofs", assignment_id=assignment_id, submission_id=submission_id)


async def carry_proofs(tx: Tx, *, assignment_id: int, earlier_id: int, submission_id: int, at: datetime) -> None:
    """Copy to a new round what its draft does not replace; call it before the draft is attached."""
    await tx.run(
        "carry_proofs", assignment_id=assignment_id, earlier_id=earlier_id, submission_id=submission_id, at=to_ms(at)
    )


async def adopt_drafts(tx: Tx, *, assignment_id: int, job_id: int, worker_id: int) -> int:
    """Move the unsent pictures of a member's ended places in a job to their new place; how many."""
    return await tx.run("adopt_draft_proofs", assignment_id=assignment_id, job_id=job_id, worker_id=worker_id)


async def set_shown_file_id(tx: Tx, proof_id: int, file_id: str) -> None:
    """Remember under which file id Telegram has the picture that employers are shown."""
    await tx.run("update_proof_shown", id=proof_id, shown_file_id=file_id)


# -- intake ----------------------------------------------------------------------------------------------------


async def list_new_proofs(tx: Tx, *, limit: int) -> list[Proof]:
    """List pictures that were not downloaded yet, the oldest first."""
    return [proof_of(row) for row in await tx.all("list_new_proofs", limit=limit)]


async def add_proof_attempt(tx: Tx, proof_id: int) -> int | None:
    """Count a failed download and say how many there were, or None when the picture is no longer awaited."""
    row = await tx.one("add_proof_attempt", id=proof_id)
    return None if row is None else int(row["attempts"])


async def store_proof(tx: Tx, proof_id: int, examined: Examined) -> bool:
    """Note where a picture is and what it is; False when it is no longer awaited."""
    changed = await tx.run(
        "store_proof",
        id=proof_id,
        path=str(examined.path),
        sha256=examined.sha256,
        pixels_sha256=examined.pixels_sha256,
        width=examined.width,
        height=examined.height,
    )
    return changed == 1


async def is_file_kept(tx: Tx, path: str) -> bool:
    """Whether a picture's row points to this file."""
    return bool(await tx.value("is_file_kept", path=path))


async def refuse_proof(tx: Tx, proof_id: int, refusal: Unreadable) -> bool:
    """Note why a picture can't be stored; False when it is no longer awaited."""
    return await tx.run("refuse_proof", id=proof_id, refusal=refusal.value) == 1


async def list_outlived_files(tx: Tx, *, before: datetime, limit: int) -> list[tuple[int, PurePosixPath]]:
    """List pictures (id and path) of places that ended before a time."""
    rows = await tx.all("list_outlived_files", before=to_ms(before), limit=limit)
    return [(row["id"], PurePosixPath(row["path"])) for row in rows]


async def forget_files(tx: Tx, proof_ids: Sequence[int]) -> None:
    """Note that the files of these pictures are deleted."""
    await tx.run("forget_proof_files", ids=json.dumps(list(proof_ids)))
