"""Looking at one's money: balance, statement, what waits. Reads only; moving money is bot/services/wallet.py."""

from bot.domain.balance import BalanceSheet, StatementPage, StatementRow
from bot.domain.entry import EntryKind, Purse
from bot.domain.house import House
from bot.domain.wallet import Deposit, DepositStatus, Way
from bot.services.wallet import get_wallet
from storage import deposits, earnings, ledger, withdrawals
from storage.unit import UnitOfWork
from storage.vault import Vault

LINES_A_PAGE = 8


async def get_balance(uow: UnitOfWork, *, member_id: int, house: House) -> BalanceSheet:
    """Give everything a member owns or is about to."""
    wallet = await get_wallet(uow, member_id=member_id, house=house)
    return BalanceSheet(
        available=wallet.balances.available,
        withdrawable=wallet.withdrawable,
        maturing=wallet.balances.maturing,
        next_matures_at=wallet.next_matures_at,
        held=wallet.balances.held,
        funds=wallet.balances.funds,
        earned=wallet.earned,
        work=await earnings.get_pending(uow.tx, member_id),
        withdrawal=wallet.withdrawal,
    )


async def get_statement(uow: UnitOfWork, *, member_id: int, purse: Purse, before: int) -> StatementPage:
    """Give a page of a purse's movements, newest first; `before` is 0 for the first page."""
    owned = await ledger.balances(uow.tx, member_id)
    work = await earnings.get_pending(uow.tx, member_id)
    found = await ledger.list_statement(uow.tx, member_id, before or None, LINES_A_PAGE + 1, purse=purse)
    lines = found[:LINES_A_PAGE]
    return StatementPage(
        purse=purse,
        rows=tuple(
            StatementRow(
                id=line.id,
                kind=EntryKind(line.kind),
                at=line.at,
                amount=line.amount,
                balance=line.balance,
                job_title=line.job_title,
                deposit_id=line.deposit_id,
                withdrawal_id=line.withdrawal_id,
            )
            for line in lines
        ),
        older=lines[-1].id if len(found) > LINES_A_PAGE else None,
        is_first=before == 0,
        pays_for_jobs=owned.funds > 0 or work.employs,
    )


async def list_claims(uow: UnitOfWork, *, member_id: int) -> list[Deposit]:
    """List a member's deposits that wait to be confirmed."""
    return [d for d in await deposits.list_deposits(uow.tx, member_id) if d.status is DepositStatus.CLAIMED]


async def is_new_destination(uow: UnitOfWork, *, member_id: int, way: Way, canonical: str, vault: Vault) -> bool:
    """Say whether a member was paid before, but never to this destination: then the payout waits a day."""
    mark = vault.fingerprint(f"{way.value}:{canonical}")
    return await withdrawals.is_destination_new(uow.tx, member_id=member_id, fingerprint=mark)
