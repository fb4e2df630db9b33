"""Money in: a member claims a deposit, an operator who sees it confirms it, or refuses it.

Every action loads its object again and checks actor, status and version. Nothing moves before the confirmation.
"""

from dataclasses import replace

from bot.domain import entry
from bot.domain.errors import NotAllowed, Stale
from bot.domain.wallet import (
    MAX_NOTE,
    MAX_OPEN_CLAIMS,
    Deposit,
    DepositStatus,
    ReferenceUsed,
    TooManyClaims,
    parse_reference,
)
from bot.services.operators import expect_operator, get_person, note_deed, operators_of
from storage import deposits, ledger
from storage.unit import To, UnitOfWork


async def claim_deposit(uow: UnitOfWork, *, member_id: int, amount: int, reference: str) -> Deposit:
    """Note that a member says they paid, and ask the operators to look.

    Raises:
        NotAllowed, NotAReference, ReferenceUsed, TooManyClaims.
    """
    member = await get_person(uow, member_id)
    if member.status != "active":
        raise NotAllowed
    reference = parse_reference(reference)
    if await deposits.is_reference_claimed(uow.tx, member_id=member_id, reference=reference):
        raise ReferenceUsed
    if await deposits.count_claims(uow.tx, member_id) >= MAX_OPEN_CLAIMS:
        raise TooManyClaims(count=MAX_OPEN_CLAIMS)
    claimed = await deposits.insert_deposit(uow.tx, member_id=member_id, amount=amount, reference=reference, at=uow.now)
    facts = {"deposit_id": claimed.id, "member_id": member_id, "amount": amount}
    uow.emit("deposit_claimed", facts, to=await operators_of(uow, f"deposit:{claimed.id}"))
    return claimed


async def confirm_deposit(uow: UnitOfWork, *, deposit_id: int, version: int, by: int) -> Deposit:
    """Credit a deposit that arrived.

    Raises:
        NotAllowed, Stale, ReferenceUsed.
    """
    await expect_operator(uow, by)
    was = await _deposit(uow, deposit_id)
    decided = was.move(DepositStatus.CONFIRMED, version=version)
    if await deposits.is_reference_confirmed(uow.tx, was.reference):
        raise ReferenceUsed
    entry_id = await ledger.post(
        uow.tx, entry.deposit(deposit_id=was.id, member_id=was.member_id, amount=was.amount, at=uow.now)
    )
    if not await deposits.save_decision(uow.tx, decided, by=by, entry_id=entry_id, at=uow.now):
        raise Stale
    facts = {"deposit_id": was.id, "amount": was.amount, "entry_id": entry_id}
    uow.emit("deposit_confirmed", facts, to=[To(was.member_id)])
    await _tell_operators_deposit(uow, decided, by=by)
    return replace(decided, decided_at=uow.now, entry_id=entry_id)


async def refuse_deposit(uow: UnitOfWork, *, deposit_id: int, version: int, by: int, note: str = "") -> Deposit:
    """Tell a member that their deposit was not found; nothing moves.

    Raises:
        NotAllowed, Stale.
    """
    await expect_operator(uow, by)
    was = await _deposit(uow, deposit_id)
    decided = was.move(DepositStatus.REFUSED, version=version)
    if not await deposits.save_decision(uow.tx, decided, by=by, at=uow.now):
        raise Stale
    facts = {"deposit_id": was.id, "amount": was.amount, "note": note[:MAX_NOTE]}
    uow.emit("deposit_refused", facts, to=[To(was.member_id)])
    await _tell_operators_deposit(uow, decided, by=by)
    return replace(decided, decided_at=uow.now)


async def _deposit(uow: UnitOfWork, deposit_id: int) -> Deposit:
    found = await deposits.find_deposit(uow.tx, deposit_id)
    if found is None:
        raise NotAllowed
    return found


async def _tell_operators_deposit(uow: UnitOfWork, decided: Deposit, *, by: int) -> None:
    """Note the decision, and edit the card that every operator got."""
    status = decided.status.value
    await note_deed(uow, by, f"deposit_{status}", f"deposit:{decided.id}", {"amount": decided.amount})
    facts = {"deposit_id": decided.id, "member_id": decided.member_id, "amount": decided.amount, "status": status}
    uow.emit("deposit_decided", facts | {"by": by}, to=await operators_of(uow, f"deposit:{decided.id}", "screen"))
