"""Taking a place, giving it back, and its clock. Works inside the caller's unit; never sends."""

from bot.domain import work
from bot.domain.assignment import Assignment
from bot.domain.eligibility import JobOver, NoPlaceFree, refusal
from bot.domain.errors import NotAllowed, Stale
from bot.domain.house import House
from bot.domain.member import Member
from bot.domain.work import Place, WorkLine
from bot.services.places import give_back_place, take_place
from storage import assignments, submissions
from storage.unit import To, UnitOfWork

LINES_A_PAGE = 6


async def apply(uow: UnitOfWork, *, member: Member, job_id: int, house: House) -> Assignment:
    """Take a place in a job; for a member who has not signed up it is held for three minutes only.

    Unsent pictures of an earlier place in the same job come along.

    Raises:
        Refused: the first rule of bot/domain/eligibility.py that says no, or SignUpFirst.
    """
    found = await assignments.find_candidate(uow.tx, job_id=job_id, worker_id=member.id)
    if found is None:
        raise JobOver
    reason = refusal(found.job, member=member, standing=found.standing, house=house, category_on=found.category_on)
    if reason is not None:
        raise reason
    if not member.signed_up and found.standing.reserved > 0:
        raise work.SignUpFirst
    lot = await take_place(uow, job_id=job_id)
    if lot is None:
        raise NoPlaceFree  # somebody was faster between the two statements
    assignment = await assignments.insert_assignment(
        uow.tx,
        job_id=job_id,
        lot_id=lot.id,
        worker_id=member.id,
        reserved_at=uow.now,
        deadline_at=work.deadline(found.job, signed_up=member.signed_up, now=uow.now),
    )
    await submissions.adopt_drafts(uow.tx, assignment_id=assignment.id, job_id=job_id, worker_id=member.id)
    return assignment


async def confirm_sign_up(uow: UnitOfWork, *, member: Member, house: House) -> Assignment | None:
    """Give the place held while signing up its normal time; None when there is none (any more)."""
    held = await assignments.find_held_for_sign_up(uow.tx, worker_id=member.id, hold=work.SIGN_UP_HOLD)
    if held is None:
        return None
    place = await assignments.find_place(uow.tx, held.id)
    assert place is not None
    return await _save(uow, work.confirm(held, place.job, now=uow.now))


async def extend(uow: UnitOfWork, *, member: Member, assignment_id: int, version: int, house: House) -> Assignment:
    """Give a place its extra minutes, once.

    Raises:
        NotAllowed, Refused, Stale: see bot.domain.work.extend.
    """
    place = await get_place(uow, member=member, assignment_id=assignment_id)
    return await _save(uow, work.extend(place, by=member.id, version=version, now=uow.now, extra=house.extension))


async def give_back(uow: UnitOfWork, *, member: Member, assignment_id: int, version: int) -> Assignment:
    """Give a place back to its job; nothing counts against the member.

    Raises:
        NotAllowed, Refused, Stale: see bot.domain.work.give_back.
    """
    place = await get_place(uow, member=member, assignment_id=assignment_id)
    after = await _save(uow, work.give_back(place.assignment, by=member.id, version=version))
    await give_back_place(uow, lot_id=after.lot_id, job_id=after.job_id)
    return after


async def get_place(uow: UnitOfWork, *, member: Member, assignment_id: int) -> Place:
    """Give a member's own place with its job and the last proof sent for it.

    Raises:
        NotAllowed: there is none, or it is somebody else's.
    """
    place = await assignments.find_place(uow.tx, assignment_id)
    if place is None or place.assignment.worker_id != member.id:
        raise NotAllowed
    return place


async def list_work(uow: UnitOfWork, *, member: Member, page: int) -> tuple[list[WorkLine], bool]:
    """Give one page of a member's work (from 0) and whether there are more."""
    lines = await assignments.list_work(uow.tx, member.id, limit=LINES_A_PAGE + 1, offset=max(page, 0) * LINES_A_PAGE)
    return lines[:LINES_A_PAGE], len(lines) > LINES_A_PAGE


async def warn_reservations(uow: UnitOfWork, *, limit: int = 20, house: House) -> int:
    """Tell members whose time is ending, once a reservation; how many were looked at."""
    ending = await assignments.list_ending(
        uow.tx,
        now=uow.now,
        part=work.WARN_LAST_PART,
        shortest=work.WARN_FROM,
        longest=house.fix_round / work.WARN_LAST_PART,
        limit=limit + len(uow.aside),
    )
    count = 0
    for assignment in uow.each(ending, key=lambda one: one.id):
        count += 1
        if await assignments.mark_warned(uow.tx, assignment.id, at=uow.now):
            to = To(
                assignment.worker_id,
                lane="screen",
                key=f"reservation_ending:{assignment.id}:{assignment.version}",
                expires_at=assignment.deadline_at,
            )
            uow.emit("reservation_ending", {"assignment_id": assignment.id}, to=[to])
    return count


async def expire_reservations(uow: UnitOfWork, *, limit: int = 20, house: House) -> int:
    """Give the places back whose time is over (also that of a fix round) and say so; how many were looked at."""
    ended = await assignments.list_ended(uow.tx, now=uow.now, limit=limit + len(uow.aside))
    count = 0
    for before in uow.each(ended, key=lambda one: one.id):
        count += 1
        after = await _save(uow, work.expire(before, now=uow.now))
        await give_back_place(uow, lot_id=after.lot_id, job_id=after.job_id)
        to = To(after.worker_id, key=f"reservation_expired:{after.id}")
        uow.emit("reservation_expired", {"assignment_id": after.id, "job_id": after.job_id}, to=[to])
    return count


async def _save(uow: UnitOfWork, after: Assignment) -> Assignment:
    if not await assignments.save_work(uow.tx, after):
        raise Stale
    return after
