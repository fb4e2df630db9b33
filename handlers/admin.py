"""/admin: the operator's desk. Everybody else is told their own id.

    desk ──► withdrawals ──► W-7 ──I pay it now──► whole destination ──Mark sent──► conversation mark_sent ──► paid
      │                       └──Refuse──► conversation refuse_money
      ├────► deposits ─────► D-3 ──It arrived──► credited
      └────► ledger check, payouts stopped and resumed

Every service checks the operator, the status and the version again, and writes the audit log.
"""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel
from telegram import Update
from telegram.ext import BaseHandler

from bot.domain.desk import RefusalReason, read_note
from bot.domain.errors import N_
from bot.domain.wallet import Withdrawal, WithdrawalStatus
from bot.services import admin, deposit, wallet
from handlers.admin_notices import NOTICES as _NOTICES
from handlers.context import Context, Refresh
from handlers.conversation import END, Conversation, back_row
from handlers.notices import Renderer
from handlers.routes import button, command, text
from handlers.views import admin as views
from handlers.views.card import Card
from handlers.views.nav import AdminDesk
from storage import deposits, withdrawals


class SentState(StrEnum):
    """The steps of marking a withdrawal sent."""

    REFERENCE = "reference"


class RefuseState(StrEnum):
    """The steps of refusing a withdrawal or a deposit."""

    REASON = "reason"


class SentDraft(BaseModel):
    """The withdrawal as the operator saw it."""

    withdrawal_id: int
    version: int


class RefuseDraft(BaseModel):
    """What is to be refused, as the operator saw it."""

    is_withdrawal: bool
    number: int
    version: int


# -- the desk ------------------------------------------------------------------------------------------------------


async def open_desk(update: Update, context: Context) -> None:
    """Show the desk to an operator, and anybody else their id."""
    await (_show_desk if _may_enter(context) else _show_own_id)(context)


async def show_ledger(update: Update, context: Context) -> None:
    """Show the last ledger check."""
    await _show_ledger(context)


async def check_ledger(update: Update, context: Context) -> None:
    """Ask for a check of everything, which runs beside the work."""
    asked = await admin.want_audit(context.uow, by=context.member.id)
    words = context.t.plain("It runs within a minute.") if asked else context.t.plain("It was asked for already.")
    context.toast(words)
    await _show_ledger(context)


async def stop_payouts(update: Update, context: Context) -> None:
    """Stop all payouts."""
    await wallet.freeze_payouts(context.uow, by=context.member.id, reason=N_("an operator stopped them"))
    context.toast(context.t.plain("Payouts are stopped."))
    await _show_desk(context)


async def ask_resume(update: Update, context: Context) -> None:
    """Ask whether payouts shall really go on."""
    context.show(views.resume_card(context.t, await admin.get_desk(context.uow, by=context.member.id)))


async def resume_payouts(update: Update, context: Context) -> None:
    """Let payouts go on."""
    stopped = await wallet.thaw_payouts(context.uow, by=context.member.id)
    words = context.t.plain("Payouts go on.") if stopped else context.t.plain("Payouts were not stopped.")
    context.toast(words)
    await _show_desk(context)


# -- withdrawals ---------------------------------------------------------------------------------------------------


async def list_withdrawals(update: Update, context: Context) -> None:
    """Show a page of the withdrawals that wait."""
    after = max(context.pressed(views.WithdrawalQueue).after, 0)
    found, more = await admin.list_withdrawals(context.uow, by=context.member.id, after=after)
    context.show(views.withdrawals_card(context.t, found, more=more, now=context.now))


async def open_withdrawal(update: Update, context: Context) -> None:
    """Show one withdrawal; a push it was opened from is no push any more."""
    number = context.pressed(views.OpenWithdrawal).withdrawal_id
    await _show_withdrawal(context, number)
    await admin.close_notice(context.uow, by=context.member.id, topic=f"withdrawal:{number}")


async def take_on(update: Update, context: Context) -> None:
    """Begin to pay a withdrawal."""
    press = context.pressed(views.TakeOn)
    context.on_refusal(_fresh(is_withdrawal=True, number=press.withdrawal_id))
    await wallet.approve_withdrawal(
        context.uow, withdrawal_id=press.withdrawal_id, version=press.version, by=context.member.id
    )
    await _show_withdrawal(context, press.withdrawal_id)


async def ask_reference(update: Update, context: Context) -> object:
    """Ask for the reference under which a withdrawal was paid."""
    press = context.pressed(views.MarkSent)
    found, _ = await _withdrawal(context, press.withdrawal_id)
    if found.version != press.version or found.status is not WithdrawalStatus.APPROVED:
        context.toast(context.t.plain("This has changed in the meantime. Here is how it looks now."))
        await _show_withdrawal(context, press.withdrawal_id)
        return None
    context.store(SentDraft(withdrawal_id=press.withdrawal_id, version=press.version))
    return SentState.REFERENCE


async def receive_reference(update: Update, context: Context) -> object:
    """Mark the withdrawal sent under the typed reference."""
    assert update.effective_message is not None
    draft = context.load(SentDraft)
    context.on_refusal(_ask_reference_again)
    await wallet.mark_sent(
        context.uow,
        withdrawal_id=draft.withdrawal_id,
        version=draft.version,
        reference=update.effective_message.text or "",
        by=context.member.id,
    )
    await _show_withdrawal(context, draft.withdrawal_id)
    return END


async def _ask_reference_again(context: Context) -> None:
    """After a refusal: the question once more while it still makes sense, else the withdrawal as it is now."""
    assert context.session.dialog is not None
    draft = SentDraft.model_validate(context.session.dialog.draft)
    found = await withdrawals.find_withdrawal(context.uow.tx, draft.withdrawal_id)
    if _may_enter(context) and found is not None and found.live and found.version == draft.version:
        await MARK_SENT.show_prompt(context)
        return
    context.session.dialog = None
    await _fresh(is_withdrawal=True, number=draft.withdrawal_id)(context)


async def _sent_prompt(context: Context, state: SentState) -> Card:
    found, destination = await _withdrawal(context, context.load(SentDraft).withdrawal_id)
    return views.reference_prompt(context.t, found, destination=destination, back=back_row(context, back=False))


async def _leave_sent(update: Update, context: Context) -> None:
    await _fresh(is_withdrawal=True, number=context.load(SentDraft).withdrawal_id)(context)


# -- deposits ------------------------------------------------------------------------------------------------------


async def list_deposits(update: Update, context: Context) -> None:
    """Show a page of the deposits that wait."""
    after = max(context.pressed(views.DepositQueue).after, 0)
    found, more = await admin.list_deposits(context.uow, by=context.member.id, after=after)
    context.show(views.deposits_card(context.t, found, more=more, now=context.now))


async def open_deposit(update: Update, context: Context) -> None:
    """Show one deposit; a push it was opened from is no push any more."""
    number = context.pressed(views.OpenDeposit).deposit_id
    await _show_deposit(context, number)
    await admin.close_notice(context.uow, by=context.member.id, topic=f"deposit:{number}")


async def confirm_deposit(update: Update, context: Context) -> None:
    """Credit a deposit that arrived."""
    press = context.pressed(views.ConfirmDeposit)
    context.on_refusal(_fresh(is_withdrawal=False, number=press.deposit_id))
    await deposit.confirm_deposit(context.uow, deposit_id=press.deposit_id, version=press.version, by=context.member.id)
    context.toast(context.t.plain("Confirmed. The member was told."))
    await _show_deposit(context, press.deposit_id)


# -- refusing ------------------------------------------------------------------------------------------------------


async def ask_reason(update: Update, context: Context) -> object:
    """Ask why a withdrawal or a deposit is refused."""
    press = context.pressed(views.Refuse)
    is_withdrawal = press.what == "w"
    draft = RefuseDraft(is_withdrawal=is_withdrawal, number=press.number, version=press.version)
    if not await _refusable(context, draft):
        context.toast(context.t.plain("This has changed in the meantime. Here is how it looks now."))
        await _show(context, draft)
        return None
    context.store(draft)
    return RefuseState.REASON


async def choose_reason(update: Update, context: Context) -> object:
    """Refuse for a reason of the closed list."""
    reason = context.pressed(views.ChooseReason).reason
    return await _refuse(context, reason) if reason in set(RefusalReason) else None


async def receive_reason(update: Update, context: Context) -> object:
    """Refuse for what was typed."""
    assert update.effective_message is not None
    return await _refuse(context, read_note(update.effective_message.text or ""))


async def _refuse(context: Context, note: str) -> object:
    draft = context.load(RefuseDraft)
    context.on_refusal(_show_refused)
    by = context.member.id
    if draft.is_withdrawal:
        await wallet.refuse_withdrawal(context.uow, withdrawal_id=draft.number, version=draft.version, by=by, note=note)
    else:
        await deposit.refuse_deposit(context.uow, deposit_id=draft.number, version=draft.version, by=by, note=note)
    await _show(context, draft)
    return END


async def _show_refused(context: Context) -> None:
    assert context.session.dialog is not None
    draft = RefuseDraft.model_validate(context.session.dialog.draft)
    context.session.dialog = None
    await _fresh(is_withdrawal=draft.is_withdrawal, number=draft.number)(context)


async def _refusable(context: Context, draft: RefuseDraft) -> bool:
    if draft.is_withdrawal:
        found, _ = await _withdrawal(context, draft.number)
        return found.live and found.version == draft.version
    deposit = await admin.get_deposit(context.uow, by=context.member.id, deposit_id=draft.number)
    return deposit.decided_at is None and deposit.version == draft.version


async def _reason_prompt(context: Context, state: RefuseState) -> Card:
    draft = context.load(RefuseDraft)
    return views.reason_prompt(
        context.t, is_withdrawal=draft.is_withdrawal, number=draft.number, back=back_row(context, back=False)
    )


async def _leave_refusing(update: Update, context: Context) -> None:
    draft = context.load(RefuseDraft)
    await _fresh(is_withdrawal=draft.is_withdrawal, number=draft.number)(context)


# -- what they share -----------------------------------------------------------------------------------------------


async def old_button(update: Update, context: Context) -> None:
    """Say that a button belongs to an earlier conversation, and show the desk."""
    context.toast(context.t.plain("That button is from an earlier step."))
    await _show_desk(context)


async def _show(context: Context, draft: RefuseDraft) -> None:
    await (_show_withdrawal if draft.is_withdrawal else _show_deposit)(context, draft.number)


def _fresh(*, is_withdrawal: bool, number: int) -> Refresh:
    """Give what shows the object as it is now; it never refuses, whoever asks and whatever is gone."""

    async def show(context: Context) -> None:
        if not _may_enter(context):
            await _show_own_id(context)
        elif is_withdrawal and await withdrawals.find_withdrawal(context.uow.tx, number) is not None:
            await _show_withdrawal(context, number)
        elif not is_withdrawal and await deposits.find_deposit(context.uow.tx, number) is not None:
            await _show_deposit(context, number)
        else:
            await _show_desk(context)

    return show


def _may_enter(context: Context) -> bool:
    return context.member.is_operator and context.member.status == "active"


async def _show_own_id(context: Context) -> None:
    context.show(views.stranger_card(context.t, context.member.telegram_user_id))


async def _show_desk(context: Context) -> None:
    context.show(views.desk_card(context.t, await admin.get_desk(context.uow, by=context.member.id)))


async def _show_ledger(context: Context) -> None:
    desk = await admin.get_desk(context.uow, by=context.member.id)
    context.show(views.ledger_card(context.t, desk.check))


async def _show_withdrawal(context: Context, withdrawal_id: int) -> None:
    found, destination = await _withdrawal(context, withdrawal_id)
    desk = await admin.get_desk(context.uow, by=context.member.id)
    context.show(views.withdrawal_card(context.t, found, destination=destination, now=context.now, frozen=desk.frozen))


async def _show_deposit(context: Context, deposit_id: int) -> None:
    found = await admin.get_deposit(context.uow, by=context.member.id, deposit_id=deposit_id)
    context.show(views.deposit_card(context.t, found))


async def _withdrawal(context: Context, withdrawal_id: int) -> tuple[Withdrawal, str]:
    return await admin.get_withdrawal(
        context.uow, by=context.member.id, withdrawal_id=withdrawal_id, vault=context.vault
    )


MARK_SENT = Conversation(
    name="mark_sent",
    entry_points=[button(views.MarkSent, ask_reference)],
    states={SentState.REFERENCE: [text(receive_reference)]},
    prompt=_sent_prompt,
    leave=_leave_sent,
)

REFUSE = Conversation(
    name="refuse_money",
    entry_points=[button(views.Refuse, ask_reason)],
    states={RefuseState.REASON: [button(views.ChooseReason, choose_reason), text(receive_reason)]},
    prompt=_reason_prompt,
    leave=_leave_refusing,
)

HANDLERS: list[BaseHandler[Update, Context, Any]] = [
    MARK_SENT,
    REFUSE,
    command("admin", open_desk),
    button(AdminDesk, open_desk),
    button(views.ShowLedger, show_ledger),
    button(views.CheckLedger, check_ledger),
    button(views.StopPayouts, stop_payouts),
    button(views.AskResume, ask_resume),
    button(views.ResumePayouts, resume_payouts),
    button(views.WithdrawalQueue, list_withdrawals),
    button(views.OpenWithdrawal, open_withdrawal),
    button(views.TakeOn, take_on),
    button(views.DepositQueue, list_deposits),
    button(views.OpenDeposit, open_deposit),
    button(views.ConfirmDeposit, confirm_deposit),
    button(views.ChooseReason, old_button),
]

NOTICES: dict[str, Renderer] = _NOTICES
