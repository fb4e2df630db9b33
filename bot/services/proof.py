"""Collecting the proof of a place and sending it for review; what the intake of pictures found out.

    add_picture … remove_last … start_over     the draft: rows of `proofs` without a submission
    submit ──► pending                          first time, after a fix, or in the place of what was sent before
    store_proof | refuse_proof                  from the background, once a picture was downloaded and examined

No file is touched here.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from bot.domain import proof
from bot.domain.assignment import AssignmentStatus, Proof, Submission, SubmissionStatus
from bot.domain.errors import Stale
from bot.domain.job import PHOTOS_LIMIT
from bot.domain.member import Member
from bot.domain.proof import Examined, Pictures, SentPicture, Trouble, Unreadable
from bot.domain.work import AlreadyDecided, Place, expect_live
from bot.services import work
from storage import assignments, submissions
from storage.unit import To, UnitOfWork


async def current_pictures(uow: UnitOfWork, place: Place) -> Pictures:
    """Give the pictures that count for a place's proof as it stands: the draft over what was sent before."""
    return proof.gather(
        await submissions.list_current_proofs(
            uow.tx,
            assignment_id=place.assignment.id,
            submission_id=place.submission.id if place.submission else None,
        )
    )


async def add_picture(
    uow: UnitOfWork, *, place: Place, requirement: int, picture: SentPicture, mime_type: str | None
) -> Trouble | None:
    """Keep a picture for one requirement of a place, or say why it was not kept."""
    assert place.keeps_drafts, "a picture is for something"
    trouble = proof.check_picture(picture, mime_type=mime_type)
    if trouble is not None:
        return trouble
    before = await current_pictures(uow, place)
    if before.drafted.get(requirement, 0) >= PHOTOS_LIMIT:
        return Trouble.TOO_MANY
    if any(kept.file_unique_id == picture.file_unique_id for kept in before.all):
        return Trouble.SENT_TWICE
    if await submissions.is_used_elsewhere(
        uow.tx,
        worker_id=place.assignment.worker_id,
        assignment_id=place.assignment.id,
        file_unique_id=picture.file_unique_id,
    ):
        return Trouble.USED_BEFORE
    if before.unreadable.get(requirement):
        await submissions.drop_unreadable_drafts(uow.tx, assignment_id=place.assignment.id, requirement=requirement)
    await submissions.insert_proof(
        uow.tx, picture, assignment_id=place.assignment.id, requirement=requirement, at=uow.now
    )
    return None


async def remove_last(uow: UnitOfWork, *, place: Place, requirement: int) -> bool:
    """Take the newest draft picture of a requirement away; whether there was one."""
    return await submissions.drop_last_draft(uow.tx, assignment_id=place.assignment.id, requirement=requirement)


async def start_over(uow: UnitOfWork, *, place: Place, requirement: int) -> None:
    """Take all draft pictures of a requirement away; what was sent before stays."""
    await submissions.drop_drafts(uow.tx, assignment_id=place.assignment.id, requirement=requirement)


async def submit(uow: UnitOfWork, *, member: Member, assignment_id: int, answers: Mapping[int, str]) -> Submission:
    """Send the proof for review: a new submission, or other proof in one that nobody decided yet.

    Raises:
        NotAllowed, PlaceReturned, PlaceExpired, AlreadyDecided: the place is not this member's to send proof for.
        ProofIncomplete: something is missing.
        Stale: somebody decided at the same moment.
    """
    place = await work.get_place(uow, member=member, assignment_id=assignment_id)
    held = expect_live(place.assignment, by=member.id)
    requirements = place.job.requirements
    pictures = await current_pictures(uow, place)
    missing = proof.first_missing(requirements, pictures, answers)
    if missing is not None:
        raise proof.ProofIncomplete(number=missing + 1)
    texts = [answers.get(number, "") for number in range(len(requirements))]
    review_by_at = uow.now + timedelta(days=place.job.review_days)
    if held.status is AssignmentStatus.SUBMITTED:
        submission = await _replace(uow, place, texts, review_by_at)
    else:
        submission = await _send(uow, place, texts, review_by_at)
    await submissions.attach_drafts(uow.tx, assignment_id=held.id, submission_id=submission.id)
    employer = To(
        place.job.employer_id,
        lane="screen",
        topic=f"proofs:{place.job.employer_id}",
        key=f"proof_waiting:{submission.id}:{submission.version}",
    )
    uow.emit("proof_waiting", {"submission_id": submission.id, "job_id": submission.job_id}, to=[employer])
    return submission


async def _send(uow: UnitOfWork, place: Place, texts: list[str], review_by_at: datetime) -> Submission:
    """Add the submission of this round and hand the place over to the reviewer."""
    earlier = place.submission
    submission = await submissions.insert_submission(
        uow.tx,
        assignment_id=place.assignment.id,
        job_id=place.job.id,
        round_number=1 if earlier is None else earlier.round + 1,
        answers=texts,
        submitted_at=uow.now,
        review_by_at=review_by_at,
    )
    if earlier is not None:
        await submissions.carry_proofs(
            uow.tx,
            assignment_id=place.assignment.id,
            earlier_id=earlier.id,
            submission_id=submission.id,
            at=uow.now,
        )
    after = replace(
        place.assignment,
        status=AssignmentStatus.SUBMITTED,
        submitted_at=uow.now,
        version=place.assignment.version + 1,
    )
    if not await assignments.save_work(uow.tx, after):
        raise Stale
    return submission


async def _replace(uow: UnitOfWork, place: Place, texts: list[str], review_by_at: datetime) -> Submission:
    """Put other answers into the submission that waits; its review time begins again."""
    before = place.submission
    assert before is not None, "what is submitted has a submission"
    if before.status is not SubmissionStatus.PENDING:
        raise AlreadyDecided
    after = await submissions.replace_submission(uow.tx, before, answers=texts, review_by_at=review_by_at)
    if after is None:
        raise Stale
    return after


# -- intake ----------------------------------------------------------------------------------------------------


async def list_new(uow: UnitOfWork, *, limit: int) -> list[Proof]:
    """List the pictures that wait to be downloaded."""
    return await submissions.list_new_proofs(uow.tx, limit=limit)


async def store_proof(uow: UnitOfWork, *, proof_id: int, examined: Examined) -> bool:
    """Note that a picture is stored; False when its file is not wanted (removed meanwhile, or used before)."""
    found = await submissions.find_proof(uow.tx, proof_id)
    if found is None or found.status != "new":
        return False
    place = await assignments.find_place(uow.tx, found.assignment_id)
    assert place is not None, "a picture belongs to a place"
    if await submissions.are_bytes_used_elsewhere(
        uow.tx, examined, worker_id=place.assignment.worker_id, assignment_id=place.assignment.id
    ):
        await refuse_proof(uow, proof_id=proof_id, refusal=Unreadable.USED_BEFORE)
        return False
    return await submissions.store_proof(uow.tx, proof_id, examined)


async def refuse_proof(uow: UnitOfWork, *, proof_id: int, refusal: Unreadable) -> None:
    """Note that a picture can't be used and tell the worker, while it can still be sent again."""
    found = await submissions.find_proof(uow.tx, proof_id)
    if found is None or not await submissions.refuse_proof(uow.tx, proof_id, refusal):
        return
    place = await assignments.find_place(uow.tx, found.assignment_id)
    assert place is not None, "a picture belongs to a place"
    if place.live:
        payload = {"assignment_id": found.assignment_id, "proof_id": proof_id}
        uow.emit("proof_unreadable", payload, to=[To(place.assignment.worker_id, key=f"proof_unreadable:{proof_id}")])


async def count_attempt(uow: UnitOfWork, *, proof_id: int, limit: int, otherwise: Unreadable) -> int:
    """Count a failed attempt; the `limit`th refuses the picture as `otherwise`. 0 when it is no longer awaited."""
    attempts = await submissions.add_proof_attempt(uow.tx, proof_id)
    if attempts is not None and attempts >= limit:
        await refuse_proof(uow, proof_id=proof_id, refusal=otherwise)
        return 0
    return attempts or 0


async def list_outlived(uow: UnitOfWork, *, older_than: timedelta, limit: int) -> list[tuple[int, PurePosixPath]]:
    """List the stored pictures of places that ended longer ago than `older_than`."""
    return await submissions.list_outlived_files(uow.tx, before=uow.now - older_than, limit=limit)


async def forget_files(uow: UnitOfWork, *, proof_ids: list[int]) -> None:
    """Note that the files of these pictures were deleted."""
    await submissions.forget_files(uow.tx, proof_ids)
