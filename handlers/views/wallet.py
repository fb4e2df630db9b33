"""Money as its owner sees it: the balance, its statement, and the steps of paying out and paying in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from markupsafe import Markup

from bot.domain.balance import BalanceSheet, StatementPage, StatementRow
from bot.domain.entry import EntryKind
from bot.domain.errors import N_
from bot.domain.money import UNIT, plain_amount
from bot.domain.wallet import (
    NEW_DESTINATION_WAIT,
    Deposit,
    Quote,
    Way,
    Withdrawal,
    WithdrawalStatus,
)
from bot.i18n import Translator
from handlers.callbacks import JUST_CHANGED, Callback
from handlers.views.card import Button, Card, Lines, Rows
from handlers.views.menus import menu_keyboard
from handlers.views.nav import Balance, Categories, MyJobs, home_button

DEPOSIT_CHOICES = (10 * UNIT, 20 * UNIT, 50 * UNIT)


class DepositPress(Callback, prefix="wa.dep"):
    """Pay money in for jobs; `amount` is what is wanted (0: ask)."""

    amount: int


class WithdrawPress(Callback, prefix="wa.out"):
    """Take money out, or look at the withdrawal that is under way."""


class ChooseWay(Callback, prefix="wa.way"):
    """Be paid this way."""

    way: str


class ShareNumber(Callback, prefix="wa.num"):
    """Ask for the keyboard that shares one's own number."""


class ChooseAmount(Callback, prefix="wa.amt"):
    """Take out this amount."""

    amount: int


class ConfirmWithdrawal(Callback, prefix="wa.yes", careful=JUST_CHANGED):
    """Ask for what the card says; `mark` stands for exactly that."""

    mark: int


class CancelWithdrawal(Callback, prefix="wa.undo", careful=JUST_CHANGED):
    """Take a request back while nobody has begun to pay it."""

    withdrawal_id: int
    version: int


class ContinueWithdrawal(Callback, prefix="wa.go"):
    """Go on with a withdrawal that was begun before."""


class NewWithdrawal(Callback, prefix="wa.new"):
    """Begin a withdrawal from the start."""


class ContinueDeposit(Callback, prefix="wa.dgo"):
    """Go on with a deposit that was begun before."""


class NewDeposit(Callback, prefix="wa.dnew"):
    """Begin a deposit from the start."""


class OpenStatement(Callback, prefix="wa.st"):
    """A page of the statement of a purse; `before` is 0 for the newest."""

    purse: str
    before: int


WAY_NAMES: dict[Way, str] = {Way.PAYPAL: "PayPal", Way.JAZZCASH: "JazzCash"}

STATUS_WORDS: dict[WithdrawalStatus, str] = {
    WithdrawalStatus.REQUESTED: N_("requested, waiting to be paid"),
    WithdrawalStatus.APPROVED: N_("being paid now"),
    WithdrawalStatus.SENDING: N_("being paid now"),
    WithdrawalStatus.UNKNOWN: N_("we are checking if it arrived"),
    WithdrawalStatus.SENT: N_("sent"),
    WithdrawalStatus.PAID: N_("paid"),
    WithdrawalStatus.CANCELLED: N_("cancelled"),
    WithdrawalStatus.REFUSED: N_("could not be paid"),
    WithdrawalStatus.FAILED: N_("could not be paid"),
    WithdrawalStatus.RETURNED: N_("came back"),
    WithdrawalStatus.REVERSED: N_("taken back by the payment service"),
}

_KINDS: dict[EntryKind, str] = {
    EntryKind.DEPOSIT: N_("Added money, D-{deposit}"),
    EntryKind.DEPOSIT_REFUNDED: N_("Added money given back, D-{deposit}"),
    EntryKind.JOB_FUNDED: N_("For your job: {title}"),
    EntryKind.JOB_REFUNDED: N_("Back from your job: {title}"),
    EntryKind.REWARD_PAID: N_("Reward: {title}"),
    EntryKind.REWARD_MATURED: N_("Reward became available"),
    EntryKind.WITHDRAWAL_HELD: N_("Withdrawal W-{withdrawal}"),
    EntryKind.WITHDRAWAL_RELEASED: N_("Back from withdrawal W-{withdrawal}"),
    EntryKind.PAYOUT_RETURNED: N_("Back from withdrawal W-{withdrawal}"),
    EntryKind.CORRECTION: N_("Correction"),
}


def never_pay(t: Translator) -> Markup:
    """Give the line that stands on every payout screen."""
    return t("<i>You never pay to work. Nobody here will ask you for money, a password or a code.</i>")


# -- balance and statement -----------------------------------------------------------------------------------------


def balance_card(t: Translator, sheet: BalanceSheet) -> Card:
    """Draw what a member owns and what is on its way."""
    lines = Lines().add(
        t("<b>💰 Your balance</b>"), "", t("Available: <b>{amount}</b>", amount=t.money(sheet.available))
    )
    lines.add(_waiting(t, sheet))
    if sheet.work.coming:
        lines.add(t("Approved, on its way: {amount}", amount=t.money(sheet.work.coming)))
    if sheet.maturing:
        assert sheet.next_matures_at is not None
        lines.add(
            t(
                "Earned, available soon: {amount} (next on {when})",
                amount=t.money(sheet.maturing),
                when=t.when(sheet.next_matures_at),
            )
        )
    lines.add(t("In withdrawals: {amount}", amount=t.money(sheet.held)))
    if sheet.funds:
        lines.add(t("For your jobs: {amount}", amount=t.money(sheet.funds)))
    lines.add(t("Earned in total: {amount}", amount=t.money(sheet.earned)))
    if sheet.withdrawal is not None:
        lines.add("", _status_line(t, sheet.withdrawal))
    lines.add("", never_pay(t))
    return Card(lines.text(), _balance_rows(t, sheet))


def _waiting(t: Translator, sheet: BalanceSheet) -> Markup:
    amount, due = t.money(sheet.work.waiting), sheet.work.next_pay_at
    if due is None:
        return t("Waiting for review: {amount}", amount=amount)
    return t("Waiting for review: {amount} (the first is paid by {when})", amount=amount, when=t.when(due))


def _balance_rows(t: Translator, sheet: BalanceSheet) -> Rows:
    words = t.plain("💸 Withdraw") if sheet.withdrawal is None else t.plain("💸 Your withdrawal")
    first = (Button(words, WithdrawPress()), Button(t.plain("📜 Statement"), OpenStatement("available", 0)))
    add = ((Button(t.plain("➕ Add money for jobs"), DepositPress(0)),),) if sheet.pays_for_jobs else ()
    return (first, *add, (home_button(t.plain("🏠 Home")),))


def statement_card(t: Translator, page: StatementPage) -> Card:
    """Draw a page of a purse's movements, newest first, each with the balance after it."""
    of_jobs = page.purse == "funds"
    lines = Lines().add(t("<b>📜 Money for your jobs</b>") if of_jobs else t("<b>📜 Your statement</b>"))
    if not page.rows:
        lines.add("", t("Nothing here yet."))
    for row in page.rows:
        lines.add(
            "",
            t("{date} · {what}", date=t.when(row.at), what=_what(t, row)),
            t("<b>{amount}</b> · balance {balance}", amount=_signed(t, row.amount), balance=t.money(row.balance)),
        )
    turns = []
    if not page.is_first:
        turns.append(Button(t.plain("« Newest"), OpenStatement(page.purse, 0)))
    if page.older is not None:
        turns.append(Button(t.plain("Older ›"), OpenStatement(page.purse, page.older)))
    other: Rows = ()
    if of_jobs:
        other = ((Button(t.plain("📜 What you earned"), OpenStatement("available", 0)),),)
    elif page.pays_for_jobs:
        other = ((Button(t.plain("📜 Money for your jobs"), OpenStatement("funds", 0)),),)
    rows = (tuple(turns), *other, (Button(t.plain("‹ Balance"), Balance()), home_button(t.plain("🏠 Home"))))
    return Card(lines.text(), tuple(row for row in rows if row))


def _what(t: Translator, row: StatementRow) -> Markup:
    return t(
        _KINDS.get(row.kind, N_("Correction")),
        title=row.job_title or "",
        deposit=row.deposit_id,
        withdrawal=row.withdrawal_id,
    )


def _signed(t: Translator, amount: int) -> str:
    return t.plain("+{amount}", amount=t.money(amount)) if amount > 0 else t.money(amount)


# -- paying out ----------------------------------------------------------------------------------------------------


def too_little_card(t: Translator, sheet: BalanceSheet, *, minimum: int) -> Card:
    """Say how much is missing to the smallest withdrawal."""
    lines = Lines().add(
        t("You have <b>{amount}</b> available.", amount=t.money(sheet.available)),
        t(
            "The smallest withdrawal is {minimum}. You need <b>{missing}</b> more.",
            minimum=t.money(minimum),
            missing=t.money(minimum - sheet.withdrawable),
        ),
    )
    if sheet.work.waiting:
        lines.add(_waiting(t, sheet))
    lines.add("", never_pay(t))
    buttons = (Button(t.plain("🔎 Find jobs"), Categories()), Button(t.plain("‹ Balance"), Balance()))
    return Card(lines.text(), (buttons,))


def resume_prompt(t: Translator, go_on: Callback, again: Callback, back: tuple[Button, ...]) -> Card:
    """Ask whether to go on with what was typed before."""
    buttons = (Button(t.plain("Continue"), go_on), Button(t.plain("Start again"), again))
    return Card(t("You began this before. Go on where you stopped?"), (buttons, back))


def way_prompt(t: Translator, *, available: int, back: tuple[Button, ...]) -> Card:
    """Ask how to be paid."""
    lines = Lines().add(
        t("<b>💸 Withdraw</b>"),
        t("You have {amount} available.", amount=t.money(available)),
        "",
        t("How do you want to be paid? Tap one."),
        "",
        never_pay(t),
    )
    ways = tuple(Button(name, ChooseWay(way.value)) for way, name in WAY_NAMES.items())
    return Card(lines.text(), (ways, back))


def destination_prompt(t: Translator, way: Way, back: tuple[Button, ...]) -> Card:
    """Ask where the money goes."""
    lines = Lines()
    share: Rows = ()
    if way is Way.PAYPAL:
        lines.add(t("Type the e-mail address of your PayPal account, for example <b>ayesha@example.com</b>"))
    else:
        lines.add(t("Type your JazzCash number, for example <b>0300 1234567</b>"))
        share = ((Button(t.plain("📱 Share my number"), ShareNumber()),),)
    lines.add("", never_pay(t))
    return Card(lines.text(), (*share, back))


def share_prompt(t: Translator) -> Card:
    """Put the button that shares one's own number under the text field."""
    words = t.plain("📱 Share my number")
    text = t(
        "Tap “{button}” below, or type the number, for example <b>0300 1234567</b>. It is used for your payouts only."
        " /cancel stops.",
        button=words,
    )
    return Card(text, keyboard=replace(menu_keyboard(t), request_contact=words))


def menu_card(t: Translator) -> Card:
    """Put the main menu back in the place of the button that shares a number."""
    return Card(t("Here is your menu again."), keyboard=menu_keyboard(t), silent=True)


def amount_prompt(
    t: Translator, *, way: Way, masked: str, withdrawable: int, minimum: int, back: tuple[Button, ...]
) -> Card:
    """Ask how much to take out; the example is an amount that can be taken."""
    example = min(withdrawable, max(minimum, withdrawable // 2 // UNIT * UNIT))
    lines = Lines().add(
        t("To {way} {destination}.", way=WAY_NAMES[way], destination=masked),
        t("You have {amount} available.", amount=t.money(withdrawable)),
        "",
        t(
            "How much? Tap a button or type an amount, for example <b>{amount}</b>",
            amount=plain_amount(example, t.currency),
        ),
        "",
        never_pay(t),
    )
    choices = [Button(t.plain("All: {amount}", amount=t.money(withdrawable)), ChooseAmount(withdrawable))]
    if withdrawable > minimum:
        choices.append(Button(t.money(minimum), ChooseAmount(minimum)))
    return Card(lines.text(), (tuple(choices), back))


def confirm_prompt(
    t: Translator, quote: Quote, *, masked: str, mark: int, waits: bool, back: tuple[Button, ...]
) -> Card:
    """Show what a withdrawal costs and brings, before it is asked for."""
    lines = Lines().add(
        t("<b>Please check</b>"),
        "",
        t("Amount: {amount}", amount=t.money(quote.amount)),
        t("Fee: {amount}", amount=t.money(quote.fee)),
        t("You get: <b>{amount}</b>", amount=t.money(quote.net)),
        t("To: {way} {destination}", way=WAY_NAMES[quote.way], destination=masked),
        "",
        t("Usually paid within 2 days, by hand. You get a message at every step."),
    )
    if waits:
        lines.add(
            t(
                "You used another account before. For your safety, the first payment to this one waits {length}.",
                length=t.duration(NEW_DESTINATION_WAIT),
            )
        )
    lines.add("", never_pay(t))
    yes = Button(t.plain("✅ Withdraw {amount}", amount=t.money(quote.amount)), ConfirmWithdrawal(mark))
    return Card(lines.text(), ((yes,), back))


def withdrawal_card(t: Translator, withdrawal: Withdrawal) -> Card:
    """Draw a member's own withdrawal as it stands."""
    lines = Lines().add(_status_line(t, withdrawal), "", *_facts(t, withdrawal))
    if withdrawal.status is WithdrawalStatus.REQUESTED:
        lines.add(t("Usually paid within 2 days, by hand. You get a message at every step."))
    if withdrawal.payable_at - withdrawal.requested_at > timedelta(0) and withdrawal.live:
        lines.add(t("This account is new: it can be paid from {when}.", when=t.when(withdrawal.payable_at)))
    lines.add("", never_pay(t))
    cancel: Rows = ()
    if withdrawal.status is WithdrawalStatus.REQUESTED:
        press = CancelWithdrawal(withdrawal.id, withdrawal.version)
        cancel = ((Button(t.plain("✖️ Cancel this withdrawal"), press),),)
    return Card(lines.text(), (*cancel, (Button(t.plain("‹ Balance"), Balance()), home_button(t.plain("🏠 Home")))))


def _status_line(t: Translator, withdrawal: Withdrawal) -> Markup:
    return t("<b>Withdrawal W-{id}</b>: {status}", id=withdrawal.id, status=t.plain(STATUS_WORDS[withdrawal.status]))


def _facts(t: Translator, withdrawal: Withdrawal) -> list[Markup]:
    facts = [
        t("You get {net} by {way}", net=t.money(withdrawal.net), way=WAY_NAMES[withdrawal.way]),
        t("To: {destination}", destination=withdrawal.masked),
    ]
    if withdrawal.fee:
        facts.append(t("{amount} with a fee of {fee}", amount=t.money(withdrawal.amount), fee=t.money(withdrawal.fee)))
    if withdrawal.reference is not None:
        facts.append(t("Payment reference: <code>{reference}</code>", reference=withdrawal.reference))
    return facts


# -- paying in -----------------------------------------------------------------------------------------------------


def deposit_amount_prompt(t: Translator, claims: Sequence[Deposit], back: tuple[Button, ...]) -> Card:
    """Ask how much money for jobs is paid in."""
    lines = Lines().add(
        t("<b>➕ Add money for your jobs</b>"),
        t("This is only for people who publish jobs. <b>You never pay to work.</b>"),
    )
    for claim in claims:
        lines.add(t("D-{id}: {amount} is waiting to be confirmed.", id=claim.id, amount=t.money(claim.amount)))
    lines.add("", t("How much? Tap a button or type an amount, for example <b>25</b>"))
    choices = tuple(Button(t.money(amount), DepositPress(amount)) for amount in DEPOSIT_CHOICES)
    return Card(lines.text(), (choices, back))


def deposit_reference_prompt(t: Translator, *, amount: int, instructions: str, back: tuple[Button, ...]) -> Card:
    """Say where to pay and ask for the reference of the payment."""
    where = instructions or t.plain("Ask the operator of this bot where to pay: /paysupport")
    lines = Lines().add(
        t("Pay <b>{amount}</b> like this:", amount=t.money(amount)),
        t("<blockquote>{where}</blockquote>", where=where),
        t("Then type the reference of your payment, as your bank shows it, for example <b>TX-20481</b>"),
    )
    return Card(lines.text(), (back,))


def claimed_card(t: Translator, deposit: Deposit) -> Card:
    """Say that a claimed deposit is looked for."""
    lines = Lines().add(
        t("<b>Thank you. D-{id}</b>", id=deposit.id),
        t(
            "We look for {amount} with the reference <code>{reference}</code> and write to you.",
            amount=t.money(deposit.amount),
            reference=deposit.reference,
        ),
    )
    buttons = (Button(t.plain("🗂 My jobs"), MyJobs()), Button(t.plain("‹ Balance"), Balance()))
    return Card(lines.text(), (buttons,))
