"""The operator's desk: counts, the two queues of money, the ledger check."""

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from bot.domain.desk import DEPOSIT_REASONS, WITHDRAWAL_REASONS, Desk, LedgerCheck
from bot.domain.errors import N_
from bot.domain.wallet import Deposit, DepositStatus, Withdrawal, WithdrawalStatus
from bot.i18n import Translator
from handlers.callbacks import JUST_CHANGED, Callback
from handlers.views.card import Button, Card, Lines, Rows, grid
from handlers.views.nav import AdminDesk, home_button
from handlers.views.wallet import STATUS_WORDS, WAY_NAMES
from handlers.views.wallet_notices import REASONS


class WithdrawalQueue(Callback, prefix="ad.outs"):
    """A page of the withdrawals that wait."""

    after: int


class OpenWithdrawal(Callback, prefix="ad.out"):
    """One withdrawal."""

    withdrawal_id: int


class TakeOn(Callback, prefix="ad.take", careful=JUST_CHANGED):
    """Begin to pay a withdrawal: its member can't cancel it any more."""

    withdrawal_id: int
    version: int


class MarkSent(Callback, prefix="ad.sent"):
    """Say under which reference a withdrawal was paid."""

    withdrawal_id: int
    version: int


class DepositQueue(Callback, prefix="ad.ins"):
    """A page of the deposits that wait."""

    after: int


class OpenDeposit(Callback, prefix="ad.in"):
    """One deposit."""

    deposit_id: int


class ConfirmDeposit(Callback, prefix="ad.yes", careful=JUST_CHANGED):
    """Credit a deposit that arrived."""

    deposit_id: int
    version: int


class Refuse(Callback, prefix="ad.no"):
    """Refuse a withdrawal ("w") or a deposit ("d"), which asks why."""

    what: str
    number: int
    version: int


class ChooseReason(Callback, prefix="ad.why", careful=JUST_CHANGED):
    """Refuse for a reason of the closed list."""

    reason: str


class ShowLedger(Callback, prefix="ad.book"):
    """The last ledger check."""


class CheckLedger(Callback, prefix="ad.check"):
    """Ask for a check of everything."""


class StopPayouts(Callback, prefix="ad.stop"):
    """Stop all payouts."""


class AskResume(Callback, prefix="ad.ask"):
    """Ask whether payouts shall really go on."""


class ResumePayouts(Callback, prefix="ad.run", careful=JUST_CHANGED):
    """Let payouts go on."""


DEPOSIT_WORDS: dict[DepositStatus, str] = {
    DepositStatus.CLAIMED: N_("waiting to be confirmed"),
    DepositStatus.CONFIRMED: N_("confirmed"),
    DepositStatus.REFUSED: N_("refused"),
}

_INVARIANTS: dict[str, str] = {
    "chain": N_("No entry was changed"),
    "conservation": N_("Nothing appears or is lost"),
    "no overdraft": N_("No account below zero"),
    "paid once": N_("Each place paid once"),
    "escrow": N_("Set aside for open places"),
    "places": N_("Places add up"),
    "one effect a key": N_("Nothing counted twice"),
    "deposits": N_("Deposits"),
    "withdrawals": N_("Withdrawals"),
    "no self-dealing": N_("Nobody works for themselves"),
    "price": N_("Prices are kept"),
    "balances": N_("Balances add up"),
    "moves": N_("Allowed moves only"),
    "holds": N_("Rewards on hold"),
    "messages": N_("Messages owed"),
    "references": N_("References"),
}


def stranger_card(t: Translator, telegram_user_id: int) -> Card:
    """Tell somebody who is no operator their own id, which an operator of the machine needs."""
    lines = Lines().add(
        t("Your id is <code>{id}</code>. Only the operators of this bot can open this.", id=str(telegram_user_id)),
        t("If you run this bot, put the id into OPERATOR_IDS and start it again."),
    )
    return Card(lines.text(), ((home_button(t.plain("🏠 Home")),),))


# -- the desk ------------------------------------------------------------------------------------------------------


def desk_card(t: Translator, desk: Desk) -> Card:
    """Draw what waits for an operator."""
    lines = Lines().add(
        t("<b>🛠 Desk</b>"),
        "",
        t("Withdrawals to pay: <b>{n}</b> ({amount})", n=desk.withdrawals, amount=t.money(desk.withdrawals_net)),
        t("Deposits to confirm: <b>{n}</b> ({amount})", n=desk.deposits, amount=t.money(desk.deposits_amount)),
        t("Open jobs: {n}", n=desk.open_jobs),
        t("Proofs waiting for employers: {n}", n=desk.proofs_waiting),
        "",
        check_line(t, desk.check),
    )
    if desk.frozen is not None:
        lines.add(t("⛔️ <b>Payouts are stopped</b>: {reason}", reason=t.plain(desk.frozen)))
    rows: Rows = (
        (
            Button(t.plain("💸 Withdrawals · {n}", n=desk.withdrawals), WithdrawalQueue(0)),
            Button(t.plain("➕ Deposits · {n}", n=desk.deposits), DepositQueue(0)),
        ),
        (Button(t.plain("📒 Ledger check"), ShowLedger()), _freeze_button(t, desk)),
        (Button(t.plain("🔄 Refresh"), AdminDesk()), home_button(t.plain("🏠 Home"))),
    )
    return Card(lines.text(), rows)


def resume_card(t: Translator, desk: Desk) -> Card:
    """Ask whether payouts shall really go on."""
    if desk.frozen is None:
        return desk_card(t, desk)
    lines = Lines().add(
        t("<b>Let payouts go on?</b>"),
        t("They are stopped: {reason}", reason=t.plain(desk.frozen)),
        "",
        check_line(t, desk.check),
        t("Put right what was found before you go on."),
    )
    buttons = (Button(t.plain("✅ Let them go on"), ResumePayouts()), Button(t.plain("‹ Desk"), AdminDesk()))
    return Card(lines.text(), (buttons,))


def _freeze_button(t: Translator, desk: Desk) -> Button:
    if desk.frozen is None:
        return Button(t.plain("⛔️ Stop payouts"), StopPayouts())
    return Button(t.plain("▶️ Resume payouts"), AskResume())


def check_line(t: Translator, check: LedgerCheck) -> Markup:
    """Say what the last ledger check found."""
    if check.differences is None or check.at is None:
        return t("Ledger: not checked yet")
    if check.differences == 0:
        return t("✅ Ledger: right at {when}", when=t.when(check.at))
    return t.n(
        "⚠️ Ledger: {n} difference at {when}",
        "⚠️ Ledger: {n} differences at {when}",
        check.differences,
        when=t.when(check.at),
    )


def ledger_card(t: Translator, check: LedgerCheck) -> Card:
    """Draw the last ledger check with the rows each invariant had."""
    lines = Lines().add(t("<b>📒 Ledger check</b>"), check_line(t, check))
    if check.counted_at is not None:
        lines.add("", t("Everything was counted at {when}:", when=t.when(check.counted_at)))
        lines.add(
            *(t("{what}: {n}", what=t.plain(_INVARIANTS.get(name, name)), n=count) for name, count in check.counts)
        )
    if check.wanted:
        lines.add("", t("A check of everything will run within a minute."))
    buttons = (Button(t.plain("🔍 Check now"), CheckLedger()), Button(t.plain("🔄 Refresh"), ShowLedger()))
    return Card(lines.text(), (buttons, _to_desk(t)))


# -- withdrawals ---------------------------------------------------------------------------------------------------


def withdrawals_card(t: Translator, found: Sequence[Withdrawal], *, more: bool, now: datetime) -> Card:
    """Draw a page of the withdrawals that wait, the oldest first."""
    lines = Lines().add(t("<b>💸 Withdrawals to pay</b>"))
    if not found:
        lines.add("", t("Nothing waits."))
    for w in found:
        lines.add(
            "",
            t("<b>W-{id} · {net}</b> · {way}", id=w.id, net=t.money(w.net), way=WAY_NAMES[w.way]),
            t("Member {n} · waits for {time}", n=w.member_id, time=t.duration(now - w.requested_at)),
        )
        if w.status is WithdrawalStatus.APPROVED:
            lines.add(t("⏳ An operator is paying it."))
        elif w.payable_at > now:
            lines.add(t("⚠️ A new account: wait until {when}", when=t.when(w.payable_at)))
    buttons = [Button(t.plain("W-{id} · {net}", id=w.id, net=t.money(w.net)), OpenWithdrawal(w.id)) for w in found]
    rows = grid(buttons, 2)
    turn = ((Button(t.plain("Newer ›"), WithdrawalQueue(found[-1].id)),),) if more else ()
    return Card(lines.text(), (*rows, *turn, _to_desk(t)))


def withdrawal_card(
    t: Translator, withdrawal: Withdrawal, *, destination: str, now: datetime, frozen: str | None
) -> Card:
    """Draw one withdrawal with what an operator may do about it; the destination is masked until it is taken on."""
    lines = Lines().add(
        t("<b>W-{id}</b>: {status}", id=withdrawal.id, status=t.plain(STATUS_WORDS[withdrawal.status])),
        "",
        t("Member {n}", n=withdrawal.member_id),
        t("Send: <b>{net}</b> by {way}", net=t.money(withdrawal.net), way=WAY_NAMES[withdrawal.way]),
        t("To: <code>{destination}</code>", destination=destination),
        t("Requested: {when}", when=t.when(withdrawal.requested_at)),
    )
    if withdrawal.reference is not None:
        lines.add(t("Payment reference: <code>{reference}</code>", reference=withdrawal.reference))
    lines.add(*_warnings(t, withdrawal, now=now))
    if frozen is not None and withdrawal.live:
        lines.add("", t("⛔️ <b>Payouts are stopped</b>: {reason}", reason=t.plain(frozen)))
    return Card(lines.text(), (*_withdrawal_rows(t, withdrawal), _to_queue(t, WithdrawalQueue(0))))


def _warnings(t: Translator, withdrawal: Withdrawal, *, now: datetime) -> list[Markup]:
    found = []
    if withdrawal.first and withdrawal.live:
        found.append(t("ℹ️ The first withdrawal of this member"))
    if withdrawal.shared:
        found.append(t("⚠️ Other members use this account too"))
    if withdrawal.live and withdrawal.payable_at > now:
        found.append(t("⚠️ A new account: wait until {when}", when=t.when(withdrawal.payable_at)))
    if withdrawal.status is WithdrawalStatus.REQUESTED:
        found.append(t("Tap “I pay it now” to see the whole account. Then the member can't cancel it any more."))
    return found


def _withdrawal_rows(t: Translator, withdrawal: Withdrawal) -> Rows:
    refuse = Button(t.plain("✖️ Refuse"), Refuse("w", withdrawal.id, withdrawal.version))
    if withdrawal.status is WithdrawalStatus.REQUESTED:
        return ((Button(t.plain("✋ I pay it now"), TakeOn(withdrawal.id, withdrawal.version)), refuse),)
    if withdrawal.status is WithdrawalStatus.APPROVED:
        return ((Button(t.plain("✅ Mark sent"), MarkSent(withdrawal.id, withdrawal.version)), refuse),)
    return ()


def reference_prompt(t: Translator, withdrawal: Withdrawal, *, destination: str, back: tuple[Button, ...]) -> Card:
    """Ask for the reference of a payment made by hand."""
    lines = Lines().add(
        t(
            "<b>W-{id}</b>: {net} by {way}",
            id=withdrawal.id,
            net=t.money(withdrawal.net),
            way=WAY_NAMES[withdrawal.way],
        ),
        t("To: <code>{destination}</code>", destination=destination),
        "",
        t("Type the reference of your payment, for example <b>9AB12345CD678901E</b>"),
    )
    return Card(lines.text(), (back,))


# -- deposits ------------------------------------------------------------------------------------------------------


def deposits_card(t: Translator, found: Sequence[Deposit], *, more: bool, now: datetime) -> Card:
    """Draw a page of the deposits that wait, the oldest first."""
    lines = Lines().add(t("<b>➕ Deposits to confirm</b>"))
    if not found:
        lines.add("", t("Nothing waits."))
    for d in found:
        lines.add(
            "",
            t("<b>D-{id} · {amount}</b> · {reference}", id=d.id, amount=t.money(d.amount), reference=d.reference),
            t("Member {n} · waits for {time}", n=d.member_id, time=t.duration(now - d.claimed_at)),
        )
    buttons = [
        Button(t.plain("D-{id} · {amount}", id=d.id, amount=t.money(d.amount)), OpenDeposit(d.id)) for d in found
    ]
    rows = grid(buttons, 2)
    turn = ((Button(t.plain("Newer ›"), DepositQueue(found[-1].id)),),) if more else ()
    return Card(lines.text(), (*rows, *turn, _to_desk(t)))


def deposit_card(t: Translator, deposit: Deposit) -> Card:
    """Draw one deposit with what an operator may do about it."""
    lines = Lines().add(
        t("<b>D-{id}</b>: {status}", id=deposit.id, status=t.plain(DEPOSIT_WORDS[deposit.status])),
        "",
        t("Member {n}", n=deposit.member_id),
        t("Amount: <b>{amount}</b>", amount=t.money(deposit.amount)),
        t("Payment reference: <code>{reference}</code>", reference=deposit.reference),
        t("Reported: {when}", when=t.when(deposit.claimed_at)),
    )
    rows: Rows = ()
    if deposit.status is DepositStatus.CLAIMED:
        lines.add("", t("Confirm it only when you see this amount with this reference in your account."))
        rows = (
            (
                Button(t.plain("✅ It arrived"), ConfirmDeposit(deposit.id, deposit.version)),
                Button(t.plain("✖️ Refuse"), Refuse("d", deposit.id, deposit.version)),
            ),
        )
    return Card(lines.text(), (*rows, _to_queue(t, DepositQueue(0))))


def reason_prompt(t: Translator, *, is_withdrawal: bool, number: int, back: tuple[Button, ...]) -> Card:
    """Ask why a withdrawal or a deposit is refused."""
    headline = t("<b>Refuse W-{id}?</b>", id=number) if is_withdrawal else t("<b>Refuse D-{id}?</b>", id=number)
    text = Lines().add(headline, t("The member reads why. Tap a reason or type one, for example <b>Name differs</b>"))
    reasons = WITHDRAWAL_REASONS if is_withdrawal else DEPOSIT_REASONS
    rows = tuple((Button(t.plain(REASONS[reason]), ChooseReason(reason.value)),) for reason in reasons)
    return Card(text.text(), (*rows, back))


def _to_desk(t: Translator) -> tuple[Button, ...]:
    return (Button(t.plain("‹ Desk"), AdminDesk()),)


def _to_queue(t: Translator, queue: Callback) -> tuple[Button, ...]:
    return (Button(t.plain("‹ Queue"), queue), Button(t.plain("🛠 Desk"), AdminDesk()))
