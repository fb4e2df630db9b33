"""/balance, its statement and what leads from there; paying out and in are tables of their own.

/balance ──► Statement (pages) · /withdraw ──► handlers/withdraw.py · /deposit ──► handlers/deposit.py
"""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler

from bot.domain.entry import Purse
from bot.services import balance, wallet
from handlers.context import Context
from handlers.deposit import DEPOSIT
from handlers.notices import Renderer
from handlers.routes import button, command, menu
from handlers.views import wallet as views
from handlers.views.nav import Balance
from handlers.wallet_notices import NOTICES as _NOTICES
from handlers.withdraw import WITHDRAW, confirm_again

PURSES: dict[str, Purse] = {"available": "available", "funds": "funds"}


async def show_balance(update: Update, context: Context) -> None:
    """Show what the member owns and what is on its way."""
    await _balance(context)


async def show_statement(update: Update, context: Context) -> None:
    """Show a page of a purse's movements."""
    press = context.pressed(views.OpenStatement)
    page = await balance.get_statement(
        context.uow,
        member_id=context.member.id,
        purse=PURSES.get(press.purse, "available"),
        before=max(press.before, 0),
    )
    context.show(views.statement_card(context.t, page))


async def cancel_withdrawal(update: Update, context: Context) -> None:
    """Take a requested withdrawal back and show the balance."""
    press = context.pressed(views.CancelWithdrawal)
    context.on_refusal(_where_it_stands)
    await wallet.cancel_withdrawal(
        context.uow, withdrawal_id=press.withdrawal_id, version=press.version, by=context.member.id
    )
    context.toast(context.t.plain("Cancelled. The money is available again."))
    await _balance(context)


async def old_button(update: Update, context: Context) -> None:
    """Say that a button belongs to an earlier conversation, and show how things are."""
    context.toast(context.t.plain("That button is from an earlier step."))
    await _balance(context)


async def _where_it_stands(context: Context) -> None:
    """Show the live withdrawal, or the balance when there is none."""
    sheet = await balance.get_balance(context.uow, member_id=context.member.id, house=context.house)
    if sheet.withdrawal is not None:
        context.show(views.withdrawal_card(context.t, sheet.withdrawal))
    else:
        context.show(views.balance_card(context.t, sheet))


async def _balance(context: Context) -> None:
    sheet = await balance.get_balance(context.uow, member_id=context.member.id, house=context.house)
    context.show(views.balance_card(context.t, sheet))


HANDLERS: list[BaseHandler[Update, Context, Any]] = [
    WITHDRAW,
    DEPOSIT,
    command("balance", show_balance),
    menu("💰 Balance", show_balance),
    button(Balance, show_balance),
    button(views.OpenStatement, show_statement),
    button(views.CancelWithdrawal, cancel_withdrawal),
    button(views.ConfirmWithdrawal, confirm_again),
    *(
        button(kind, old_button)
        for kind in (
            views.ChooseWay,
            views.ShareNumber,
            views.ChooseAmount,
            views.ContinueWithdrawal,
            views.NewWithdrawal,
            views.ContinueDeposit,
            views.NewDeposit,
        )
    ),
]

NOTICES: dict[str, Renderer] = _NOTICES
