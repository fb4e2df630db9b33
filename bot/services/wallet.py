"""Money out: withdrawals requested and paid, rewards out of their hold. Money in is deposit.py.

    member    request_withdrawal ─► (cancel_withdrawal) ─► operator approve_withdrawal ─► mark_sent
                                                           operator refuse_withdrawal
    tick      mature_rewards

Approve comes before the operator pays by hand: from then on the member can't cancel what is about to leave.
Every action loads its object again and checks actor, status and version. Events carry ids and amounts, never a
destination or a reference: the notifier reads those when it renders.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.domain import entry
from bot.domain.errors import NotAllowed, Stale
from bot.domain.house import House
from bot.domain.wallet import (
    MAX_NOTE,
    NEW_DESTINATION_WAIT,
    PayoutsFrozen,
    Quote,
    ReferenceUsed,
    Way,
    Withdrawal,
    WithdrawalStatus,
    WithdrawalUnderWay,
    parse_destination,
    parse_reference,
    quote,
    withdrawable,
)
from bot.services.operators import expect_operator, get_person, note_deed, operators_of
from storage import ledger, withdrawals
from storage.rows import to_ms
from storage.unit import To, UnitOfWork
from storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Wallet:
    """What /balance shows. `withdrawable` is what is available down to a whole coin."""

    balances: ledger.Balances
    next_matures_at: datetime | None
    earned: int
    withdrawable: int
    withdrawal: Withdrawal | None


async def get_wallet(uow: UnitOfWork, *, member_id: int, house: House) -> Wallet:
    """Give what a member owns and has under way."""
    owned = await ledger.balances(uow.tx, member_id)
    _, next_matures_at = await ledger.get_maturing(uow.tx, member_id)
    return Wallet(
        balances=owned,
        next_matures_at=next_matures_at,
        earned=await ledger.earned_total(uow.tx, member_id),
        withdrawable=withdrawable(house, owned.available),
        withdrawal=await withdrawals.find_live_withdrawal(uow.tx, member_id),
    )


# -- withdrawals ---------------------------------------------------------------------------------------------------


async def quote_withdrawal(uow: UnitOfWork, *, member_id: int, way: Way, amount: int, house: House) -> Quote:
    """Say what a withdrawal would cost and bring, to be shown before it is confirmed.

    Raises:
        WithdrawalUnderWay, NotPayable, BelowMinimum, NotEnough, FeeTakesAll.
    """
    if await withdrawals.find_live_withdrawal(uow.tx, member_id) is not None:
        raise WithdrawalUnderWay
    available = await ledger.balance(uow.tx, entry.member_account(member_id, "available"))
    return quote(house, way=way, amount=amount, available=available)


async def request_withdrawal(
    uow: UnitOfWork, *, member_id: int, way: Way, destination: str, amount: int, house: House, vault: Vault
) -> Withdrawal:
    """Set an amount aside and ask the operators to pay it. A destination that is new after others waits a day.

    Raises:
        NotAllowed, NotAPayPalAddress, NotAJazzCashNumber and what `quote_withdrawal` raises.
    """
    member = await get_person(uow, member_id)
    if member.status == "erased":
        raise NotAllowed
    target = parse_destination(way, destination)
    shown = await quote_withdrawal(uow, member_id=member_id, way=way, amount=amount, house=house)
    fingerprint = vault.fingerprint(f"{way.value}:{target.canonical}")
    changed = await withdrawals.is_destination_new(uow.tx, member_id=member_id, fingerprint=fingerprint)
    asked = await withdrawals.insert_withdrawal(
        uow.tx,
        member_id=member_id,
        quote=shown,
        destination=vault.encrypt(target.canonical),
        masked=target.masked,
        fingerprint=fingerprint,
        payable_at=uow.now + NEW_DESTINATION_WAIT if changed else uow.now,
        at=uow.now,
    )
    entry_id = await ledger.post(
        uow.tx,
        entry.withdrawal_held(withdrawal_id=asked.id, member_id=member_id, amount=asked.amount, at=uow.now),
    )
    facts = _facts(asked, entry_id=entry_id, destination_changed=changed, payable_at=to_ms(asked.payable_at))
    uow.emit("withdrawal_requested", facts, to=[To(member_id)])
    queued = _facts(asked, first=asked.first, shared=asked.shared, destination_changed=changed)
    uow.emit("withdrawal_queued", queued, to=await operators_of(uow, f"withdrawal:{asked.id}"))
    return asked


async def cancel_withdrawal(uow: UnitOfWork, *, withdrawal_id: int, version: int, by: int) -> Withdrawal:
    """Give a member back what they asked to withdraw, while nobody has begun to pay it.

    Raises:
        NotAllowed, TooLateToCancel, Stale.
    """
    was = await withdrawals.find_withdrawal(uow.tx, withdrawal_id)
    if was is None or was.member_id != by:
        raise NotAllowed
    moved = was.cancel(version=version)
    entry_id = await _release(uow, was, moved, by=None)
    uow.emit("withdrawal_cancelled", _facts(moved, entry_id=entry_id), to=[To(was.member_id)])
    await _tell_operators(uow, moved, by=by)
    return replace(moved, closed_at=uow.now)


async def approve_withdrawal(uow: UnitOfWork, *, withdrawal_id: int, version: int, by: int) -> Withdrawal:
    """Take a withdrawal on to pay it now: its member can't cancel it any more.

    Raises:
        NotAllowed, PayoutsFrozen, DestinationWaits, Stale.
    """
    await expect_operator(uow, by)
    was = await _withdrawal(uow, withdrawal_id)
    await _not_frozen(uow)
    moved = was.approve(version=version, now=uow.now)
    await _save(uow, was, moved, by=by)
    await note_deed(uow, by, "withdrawal_approved", f"withdrawal:{was.id}", {"version": moved.version})
    uow.emit("withdrawal_approved", _facts(moved), to=[To(was.member_id)])
    await _tell_operators(uow, moved, by=by)
    return moved


async def mark_sent(uow: UnitOfWork, *, withdrawal_id: int, version: int, reference: str, by: int) -> Withdrawal:
    """Note that an approved withdrawal was paid by hand, under the reference the provider gave.

    Raises:
        NotAllowed, PayoutsFrozen, NotAReference, ReferenceUsed, Stale.
    """
    await expect_operator(uow, by)
    was = await _withdrawal(uow, withdrawal_id)
    await _not_frozen(uow)
    moved = replace(was.move(WithdrawalStatus.PAID, version=version), reference=parse_reference(reference))
    assert moved.reference is not None
    if await withdrawals.is_reference_used(uow.tx, way=was.way, reference=moved.reference):
        raise ReferenceUsed
    await _save(uow, was, moved, by=by)
    await ledger.post(
        uow.tx,
        entry.payout_sent(withdrawal_id=was.id, member_id=was.member_id, net=was.net, fee=was.fee, at=uow.now),
    )
    settled = await ledger.post(uow.tx, entry.payout_settled(withdrawal_id=was.id, net=was.net, at=uow.now))
    detail = {"version": moved.version, "reference": moved.reference}
    await note_deed(uow, by, "withdrawal_paid", f"withdrawal:{was.id}", detail)
    uow.emit("withdrawal_paid", _facts(moved, entry_id=settled), to=[To(was.member_id)])
    await _tell_operators(uow, moved, by=by)
    return replace(moved, closed_at=uow.now)


async def refuse_withdrawal(
    uow: UnitOfWork, *, withdrawal_id: int, version: int, by: int, note: str = ""
) -> Withdrawal:
    """Give a withdrawal back that can't be paid (a wrong number, say); `note` tells the member why.

    Raises:
        NotAllowed, Stale.
    """
    await expect_operator(uow, by)
    was = await _withdrawal(uow, withdrawal_id)
    moved = was.move(WithdrawalStatus.REFUSED, version=version)
    entry_id = await _release(uow, was, moved, by=by)
    await note_deed(uow, by, "withdrawal_refused", f"withdrawal:{was.id}", {"version": moved.version})
    facts = _facts(moved, entry_id=entry_id, note=note[:MAX_NOTE])
    uow.emit("withdrawal_refused", facts, to=[To(was.member_id)])
    await _tell_operators(uow, moved, by=by)
    return replace(moved, closed_at=uow.now)


async def reveal_destination(uow: UnitOfWork, *, withdrawal_id: int, by: int, vault: Vault) -> str:
    """Show an operator where a live withdrawal goes; that they looked is in the audit log.

    Raises:
        NotAllowed: no operator, no such withdrawal, or it is over.
    """
    await expect_operator(uow, by)
    found = await _withdrawal(uow, withdrawal_id)
    kept = await withdrawals.get_destination(uow.tx, withdrawal_id)
    if kept is None or not found.live:
        raise NotAllowed
    await note_deed(uow, by, "destination_revealed", f"withdrawal:{withdrawal_id}", {})
    return vault.decrypt(kept)


# -- ticks and switches --------------------------------------------------------------------------------------------


async def mature_rewards(uow: UnitOfWork, limit: int = 20) -> int:
    """Make rewards available whose hold is over, a slice of them, and say how many."""
    due = await ledger.list_matured(uow.tx, now=uow.now, limit=limit + len(uow.aside))
    count = 0
    for one in uow.each(due, key=lambda matured: matured.entry_id):
        count += 1
        await ledger.post(
            uow.tx,
            entry.reward_matured(paid_entry_id=one.entry_id, worker_id=one.member_id, amount=one.amount, at=uow.now),
        )
    return count


async def freeze_payouts(uow: UnitOfWork, *, by: int, reason: str) -> None:
    """Stop payouts; reading and requesting go on.

    Raises:
        NotAllowed.
    """
    await expect_operator(uow, by)
    await withdrawals.freeze(uow.tx, reason[:MAX_NOTE], at=uow.now)
    await note_deed(uow, by, "payouts_frozen", "payouts", {"reason": reason[:MAX_NOTE]})


async def thaw_payouts(uow: UnitOfWork, *, by: int) -> bool:
    """Let payouts go on; False when they were not stopped.

    Raises:
        NotAllowed.
    """
    await expect_operator(uow, by)
    stopped = await withdrawals.thaw(uow.tx)
    if stopped:
        await note_deed(uow, by, "payouts_thawed", "payouts", {})
    return stopped


# -- what they share -----------------------------------------------------------------------------------------------


async def _withdrawal(uow: UnitOfWork, withdrawal_id: int) -> Withdrawal:
    found = await withdrawals.find_withdrawal(uow.tx, withdrawal_id)
    if found is None:
        raise NotAllowed
    return found


async def _not_frozen(uow: UnitOfWork) -> None:
    reason = await withdrawals.find_freeze(uow.tx)
    if reason is not None:
        raise PayoutsFrozen(reason=reason)


async def _save(uow: UnitOfWork, was: Withdrawal, moved: Withdrawal, *, by: int | None) -> None:
    if not await withdrawals.save_step(uow.tx, was, moved, by=by, at=uow.now):
        raise Stale


async def _release(uow: UnitOfWork, was: Withdrawal, moved: Withdrawal, *, by: int | None) -> int:
    """End a withdrawal whose money is still held, and give it back."""
    await _save(uow, was, moved, by=by)
    return await ledger.post(
        uow.tx,
        entry.withdrawal_released(withdrawal_id=was.id, member_id=was.member_id, amount=was.amount, at=uow.now),
    )


def _facts(withdrawal: Withdrawal, **more: Any) -> dict[str, Any]:
    return {
        "withdrawal_id": withdrawal.id,
        "member_id": withdrawal.member_id,
        "way": withdrawal.way.value,
        "amount": withdrawal.amount,
        "fee": withdrawal.fee,
        "net": withdrawal.net,
        "status": withdrawal.status.value,
        **more,
    }


async def _tell_operators(uow: UnitOfWork, moved: Withdrawal, *, by: int) -> None:
    """Edit the card that every operator got, so that nobody pays twice."""
    to = await operators_of(uow, f"withdrawal:{moved.id}", "screen")
    uow.emit("withdrawal_moved", _facts(moved, by=by), to=to)
