"""What operators are pushed: money that waits, what another operator did about it, and what went wrong."""

from collections.abc import Sequence

from bot.domain.wallet import Deposit, Withdrawal, WithdrawalStatus
from bot.i18n import Translator
from handlers.views.admin import DEPOSIT_WORDS, OpenDeposit, OpenWithdrawal
from handlers.views.card import Button, Card, Lines
from handlers.views.nav import AdminDesk, home_button
from handlers.views.wallet import STATUS_WORDS, WAY_NAMES


def withdrawal_push(t: Translator, withdrawal: Withdrawal, *, destination_changed: bool) -> Card:
    """Tell an operator of a new withdrawal."""
    lines = Lines().add(
        t(
            "💸 <b>W-{id}</b>: {net} by {way} for member {n}",
            id=withdrawal.id,
            net=t.money(withdrawal.net),
            way=WAY_NAMES[withdrawal.way],
            n=withdrawal.member_id,
        )
    )
    if withdrawal.status is not WithdrawalStatus.REQUESTED:
        lines.add(t("Now: {status}", status=t.plain(STATUS_WORDS[withdrawal.status])))
    if withdrawal.first:
        lines.add(t("ℹ️ The first withdrawal of this member"))
    if withdrawal.shared:
        lines.add(t("⚠️ Other members use this account too"))
    if destination_changed:
        lines.add(t("⚠️ A new account: wait until {when}", when=t.when(withdrawal.payable_at)))
    return Card(lines.text(), ((Button(t.plain("Open"), OpenWithdrawal(withdrawal.id)),),))


def withdrawal_news(t: Translator, withdrawal: Withdrawal, *, by: int) -> Card:
    """Tell the operators what became of a withdrawal, so that nobody pays it twice."""
    text = t(
        "💸 <b>W-{id}</b>: {net} for member {n}: <b>{status}</b> (by member {by})",
        id=withdrawal.id,
        net=t.money(withdrawal.net),
        n=withdrawal.member_id,
        status=t.plain(STATUS_WORDS[withdrawal.status]),
        by=by,
    )
    return Card(text, ((Button(t.plain("Open"), OpenWithdrawal(withdrawal.id)),),), silent=True)


def deposit_push(t: Translator, deposit: Deposit) -> Card:
    """Tell an operator of a claimed deposit."""
    lines = Lines().add(
        t(
            "➕ <b>D-{id}</b>: member {n} says that {amount} was paid",
            id=deposit.id,
            n=deposit.member_id,
            amount=t.money(deposit.amount),
        ),
        t("Payment reference: <code>{reference}</code>", reference=deposit.reference),
    )
    return Card(lines.text(), ((Button(t.plain("Open"), OpenDeposit(deposit.id)),),))


def deposit_news(t: Translator, deposit: Deposit, *, by: int) -> Card:
    """Tell the operators what became of a deposit."""
    text = t(
        "➕ <b>D-{id}</b>: {amount} of member {n}: <b>{status}</b> (by member {by})",
        id=deposit.id,
        amount=t.money(deposit.amount),
        n=deposit.member_id,
        status=t.plain(DEPOSIT_WORDS[deposit.status]),
        by=by,
    )
    return Card(text, ((Button(t.plain("Open"), OpenDeposit(deposit.id)),),), silent=True)


def quarantined_push(t: Translator, inbox_id: int) -> Card:
    """Tell an operator that a message was set aside."""
    return Card(t("⚠️ A message could not be handled. It is kept as <code>#{id}</code>.", id=str(inbox_id)))


def apology_card(t: Translator) -> Card:
    """Apologise for a message that could not be handled."""
    text = t("Sorry, something went wrong with your last message. We were told and will look at it.")
    return Card(text, ((home_button(t.plain("🏠 Home")),),))


def audit_failed_push(t: Translator, *, count: int, findings: Sequence[str]) -> Card:
    """Tell an operator what the ledger check found."""
    lines = Lines().add(
        t.n(
            "⚠️ <b>The ledger check found {n} difference.</b> Payouts are stopped.",
            "⚠️ <b>The ledger check found {n} differences.</b> Payouts are stopped.",
            count,
        )
    )
    lines.add(*(t("<code>{finding}</code>", finding=finding[:300]) for finding in findings))
    return Card(lines.text(), ((Button(t.plain("🛠 Desk"), AdminDesk()),),))
