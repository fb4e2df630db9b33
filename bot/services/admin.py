"""The operator's desk: looking at what waits. What moves money is in bot/services/wallet.py, with checks of its own.

Every function loads the actor again and lets nobody in but an active operator.
"""

from bot.domain.desk import AUDIT_WANTED, Desk
from bot.domain.errors import NotAllowed
from bot.domain.wallet import Deposit, Withdrawal, WithdrawalStatus
from bot.services.operators import expect_operator
from bot.services.wallet import reveal_destination
from storage import deposits, desk, outbox, withdrawals
from storage.unit import UnitOfWork
from storage.vault import Vault

LINES_A_PAGE = 8


async def get_desk(uow: UnitOfWork, *, by: int) -> Desk:
    """Give the counts of everything that waits.

    Raises:
        NotAllowed: the actor is no operator.
    """
    await expect_operator(uow, by)
    return await desk.get_desk(uow.tx)


async def list_withdrawals(uow: UnitOfWork, *, by: int, after: int) -> tuple[list[Withdrawal], bool]:
    """Give a page of the withdrawals that wait, the oldest first, and whether there are more.

    Raises:
        NotAllowed: the actor is no operator.
    """
    await expect_operator(uow, by)
    found = await withdrawals.list_queue(uow.tx, after=after, limit=LINES_A_PAGE + 1)
    return found[:LINES_A_PAGE], len(found) > LINES_A_PAGE


async def list_deposits(uow: UnitOfWork, *, by: int, after: int) -> tuple[list[Deposit], bool]:
    """Give a page of the deposits that wait, the oldest first, and whether there are more.

    Raises:
        NotAllowed: the actor is no operator.
    """
    await expect_operator(uow, by)
    found = await deposits.list_claims(uow.tx, after=after, limit=LINES_A_PAGE + 1)
    return found[:LINES_A_PAGE], len(found) > LINES_A_PAGE


async def get_withdrawal(uow: UnitOfWork, *, by: int, withdrawal_id: int, vault: Vault) -> tuple[Withdrawal, str]:
    """Give a withdrawal and where it goes: in full once it is taken on, for until then its member may cancel it.

    Raises:
        NotAllowed: the actor is no operator, or there is no such withdrawal.
    """
    await expect_operator(uow, by)
    found = await withdrawals.find_withdrawal(uow.tx, withdrawal_id)
    if found is None:
        raise NotAllowed
    if not found.live or found.status is WithdrawalStatus.REQUESTED:
        return found, found.masked
    return found, await reveal_destination(uow, withdrawal_id=withdrawal_id, by=by, vault=vault)


async def get_deposit(uow: UnitOfWork, *, by: int, deposit_id: int) -> Deposit:
    """Give a claimed or decided deposit.

    Raises:
        NotAllowed: the actor is no operator, or there is no such deposit.
    """
    await expect_operator(uow, by)
    found = await deposits.find_deposit(uow.tx, deposit_id)
    if found is None:
        raise NotAllowed
    return found


async def want_audit(uow: UnitOfWork, *, by: int) -> bool:
    """Ask for a check of the whole ledger soon; False when it was asked for already.

    Raises:
        NotAllowed: the actor is no operator.
    """
    await expect_operator(uow, by)
    if await outbox.get_flag(uow.tx, AUDIT_WANTED) is not None:
        return False
    await outbox.set_flag(uow.tx, AUDIT_WANTED, "operator", at=uow.now)
    await desk.insert_audit(uow.tx, member_id=by, action="audit_wanted", subject="ledger", at=uow.now)
    return True


async def close_notice(uow: UnitOfWork, *, by: int, topic: str) -> None:
    """Note that an operator opened something else where a push stood: later news is a message of its own."""
    await outbox.close_topic(uow.tx, by, topic)
