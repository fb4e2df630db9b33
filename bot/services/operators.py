"""What every action of an operator shares: who may, who is told, and the note in the audit log."""

from typing import Any

from bot.domain.errors import NotAllowed
from bot.domain.member import Member
from storage import desk, members
from storage.unit import Lane, To, UnitOfWork


async def get_person(uow: UnitOfWork, member_id: int) -> Member:
    """Give a member.

    Raises:
        NotAllowed: there is none.
    """
    try:
        return await members.get_member(uow.tx, member_id)
    except LookupError as absent:
        raise NotAllowed from absent


async def expect_operator(uow: UnitOfWork, member_id: int) -> Member:
    """Give the member if they are an active operator now.

    Raises:
        NotAllowed: they are not.
    """
    member = await get_person(uow, member_id)
    if not member.is_operator or member.status != "active":
        raise NotAllowed
    return member


async def operators_of(uow: UnitOfWork, topic: str, lane: Lane = "receipt") -> list[To]:
    """Address every operator, under one topic: what follows edits what they got."""
    return [To(operator.id, lane, topic=topic) for operator in await members.list_operators(uow.tx)]


async def note_deed(uow: UnitOfWork, by: int, action: str, subject: str, detail: dict[str, Any]) -> None:
    """Write what an operator did into the audit log."""
    await desk.insert_audit(uow.tx, member_id=by, action=action, subject=subject, detail=detail, at=uow.now)
