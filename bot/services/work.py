"""Taking a place, giving it back, and its clock. Works inside the caller's unit; never sends."""

from bot.domain.assignment import Assignment
from bot.domain.house import House
from bot.domain.member import Member
from storage.unit import UnitOfWork


async def apply(uow: UnitOfWork, *, member: Member, job_id: int, house: House) -> Assignment:
    """Take a place in a job; for a member who has not signed up it is held for three minutes only."""
    raise NotImplementedError


async def confirm_sign_up(uow: UnitOfWork, *, member: Member, house: House) -> Assignment | None:
    """Give the place held while signing up its normal time; None when there is none."""
    raise NotImplementedError
