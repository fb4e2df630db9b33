"""What a member is told about their money: a message for each step of a withdrawal and of a deposit."""

from markupsafe import Markup

from bot.domain.desk import RefusalReason
from bot.domain.errors import N_
from bot.domain.wallet import Deposit, Withdrawal
from bot.i18n import Translator
from handlers.views.card import Button, Card, Lines
from handlers.views.nav import Balance, MyJobs, NewJob
from handlers.views.wallet import WAY_NAMES, WithdrawPress, never_pay

REASONS: dict[RefusalReason, str] = {
    RefusalReason.WRONG_DESTINATION: N_("The address or number is not right."),
    RefusalReason.CANNOT_RECEIVE: N_("This account can't receive the payment."),
    RefusalReason.NOT_ARRIVED: N_("The payment did not arrive."),
    RefusalReason.OTHER_AMOUNT: N_("Another amount arrived. Please tell us the amount you sent."),
    RefusalReason.OTHER_REFERENCE: N_("There is no payment with this reference. Please check it and type it again."),
}


def why(t: Translator, note: str) -> str:
    """Give the words of a refusal: a reason of the closed list in the reader's language, or what was typed."""
    known = {reason.value: text for reason, text in REASONS.items()}
    return t.plain(known[note]) if note in known else note


def requested(t: Translator, withdrawal: Withdrawal, *, destination_changed: bool) -> Card:
    """Say that a withdrawal was asked for."""
    lines = _about(t, withdrawal, t("📤 <b>Withdrawal W-{id}</b> is requested.", id=withdrawal.id))
    lines.add(t("Usually paid within 2 days, by hand. You get a message at every step."))
    if destination_changed:
        lines.add(
            t(
                "It goes to a new account, so it waits until {when}. If this was not you, cancel it now.",
                when=t.when(withdrawal.payable_at),
            )
        )
    return _withdrawal_card(t, lines)


def approved(t: Translator, withdrawal: Withdrawal) -> Card:
    """Say that a withdrawal is being paid."""
    return _withdrawal_card(
        t, _about(t, withdrawal, t("⏳ <b>Withdrawal W-{id}</b> is being paid now.", id=withdrawal.id))
    )


def cancelled(t: Translator, withdrawal: Withdrawal) -> Card:
    """Say that a withdrawal was cancelled and its money is back."""
    lines = Lines().add(
        t("✖️ <b>Withdrawal W-{id}</b> is cancelled.", id=withdrawal.id),
        t("{amount} is available again.", amount=t.money(withdrawal.amount)),
    )
    return _balance_card(t, lines)


def paid(t: Translator, withdrawal: Withdrawal) -> Card:
    """Say that a withdrawal was paid, with the reference of the payment."""
    lines = _about(t, withdrawal, t("✅ <b>Withdrawal W-{id}</b> is paid.", id=withdrawal.id))
    lines.add(t("Payment reference: <code>{reference}</code>", reference=withdrawal.reference or ""))
    return _balance_card(t, lines)


def refused(t: Translator, withdrawal: Withdrawal, *, note: str) -> Card:
    """Say that a withdrawal could not be paid, why, and that its money is back."""
    lines = _about(t, withdrawal, t("⚠️ <b>Withdrawal W-{id}</b> could not be paid.", id=withdrawal.id))
    if note:
        lines.add(t("Why: {reason}", reason=why(t, note)))
    lines.add(t("{amount} is available again. You can ask for it once more.", amount=t.money(withdrawal.amount)))
    return _balance_card(t, lines)


def deposit_confirmed(t: Translator, deposit: Deposit) -> Card:
    """Say that a deposit arrived."""
    lines = Lines().add(
        t("✅ <b>D-{id}</b>: {amount} arrived and is yours for jobs.", id=deposit.id, amount=t.money(deposit.amount))
    )
    buttons = (Button(t.plain("➕ New job"), NewJob()), Button(t.plain("🗂 My jobs"), MyJobs()))
    return Card(lines.text(), (buttons,))


def deposit_refused(t: Translator, deposit: Deposit, *, note: str) -> Card:
    """Say that a deposit was not found, and why."""
    lines = Lines().add(
        t("⚠️ <b>D-{id}</b>: {amount} could not be confirmed.", id=deposit.id, amount=t.money(deposit.amount)),
        t("Reference: <code>{reference}</code>", reference=deposit.reference),
    )
    if note:
        lines.add(t("Why: {reason}", reason=why(t, note)))
    return _balance_card(t, lines, safe=False)


def _about(t: Translator, withdrawal: Withdrawal, headline: Markup) -> Lines:
    return Lines().add(
        headline,
        t(
            "{net} by {way} to {destination}",
            net=t.money(withdrawal.net),
            way=WAY_NAMES[withdrawal.way],
            destination=withdrawal.masked,
        ),
    )


def _withdrawal_card(t: Translator, lines: Lines) -> Card:
    lines.add("", never_pay(t))
    return Card(lines.text(), ((Button(t.plain("💸 Your withdrawal"), WithdrawPress()),),))


def _balance_card(t: Translator, lines: Lines, *, safe: bool = True) -> Card:
    if safe:
        lines.add("", never_pay(t))
    return Card(lines.text(), ((Button(t.plain("💰 Balance"), Balance()),),))
