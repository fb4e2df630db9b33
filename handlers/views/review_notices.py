"""What people are told about reviews without asking: proof waits, paid, rejected, sent back, approved by the clock."""

from datetime import datetime

from bot.domain.review import Verdict
from bot.domain.review_queue import ApproveOrder, OrderStatus
from bot.i18n import Translator
from handlers.views.card import Button, Card, Lines
from handlers.views.nav import Balance, Categories, MyWork, ReviewQueue
from handlers.views.review_words import MEANINGS, REASONS
from handlers.views.work import SendProof, ShowPlace


def waiting_card(t: Translator, waiting: int) -> Card:
    """Tell an employer how many proofs wait."""
    text = t.n("📥 <b>{n} proof waits for your review.</b>", "📥 <b>{n} proofs wait for your review.</b>", waiting)
    return Card(text, (_review_row(t),))


def reminder_card(t: Translator, waiting: int, *, first_at: datetime, now: datetime, level: int) -> Card:
    """Remind an employer of the proofs that wait, and when the first pays itself."""
    lines = Lines().add(
        t.n(
            "⏰ <b>{n} proof still waits for your review.</b>",
            "⏰ <b>{n} proofs still wait for your review.</b>",
            waiting,
        )
    )
    time = t.duration(first_at - now)
    if level > 1:
        lines.add(t("Hurry: the first one is approved and paid by itself in {time}.", time=time))
    else:
        lines.add(
            t("What you do not review in time is approved and paid by itself. The first one in {time}.", time=time)
        )
    return Card(lines.text(), (_review_row(t),))


def clock_card(t: Translator, count: int, *, amount: int, day: datetime) -> Card:
    """Tell an employer what was approved because nobody reviewed it in time."""
    text = t.n(
        "⌛ <b>{n} proof was approved by itself</b> on {day}, because its review time was over: {amount}.",
        "⌛ <b>{n} proofs were approved by themselves</b> on {day}, because their review time was over: {amount}.",
        count,
        day=t.date(day),
        amount=t.money(amount),
    )
    return Card(text, (_review_row(t),))


def order_card(t: Translator, order: ApproveOrder, *, title: str) -> Card:
    """Tell an employer how far an Approve all is."""
    if order.status is OrderStatus.DONE:
        text = t.n(
            "✅ <b>{n} proof of “{title}” approved.</b> The worker gets {amount}.",
            "✅ <b>{n} proofs of “{title}” approved.</b> The workers get {amount}.",
            order.approved,
            title=title,
            amount=t.money(order.amount),
        )
        return Card(text, (_review_row(t),))
    return Card(
        t(
            "⏳ Approving the proofs of “{title}”: {done} of {total}.",
            title=title,
            done=order.approved,
            total=order.total,
        )
    )


def paid_card(
    t: Translator, *, amount: int, title: str, available: int, by_clock: bool, matures_at: datetime | None
) -> Card:
    """Give a worker the receipt of a reward."""
    lines = Lines().add(t("✅ <b>+{amount}</b> for “{title}”.", amount=t.money(amount), title=title))
    if by_clock:
        lines.add(t("Nobody reviewed it in time, so it was approved for you."))
    else:
        lines.add(t("The employer approved your proof."))
    if matures_at is not None:
        lines.add(t("You can withdraw it from {when} on.", when=t.when(matures_at)))
    lines.add("", t("Available now: <b>{amount}</b>", amount=t.money(available)))
    buttons = (Button(t.plain("💰 Balance"), Balance()), Button(t.plain("🔎 More jobs"), Categories()))
    return Card(lines.text(), (buttons,))


def rejected_card(t: Translator, *, title: str, verdict: Verdict) -> Card:
    """Tell a worker that their proof was rejected, why, and what it means."""
    lines = Lines().add(t("❌ <b>Your proof for “{title}” was not accepted.</b>", title=title))
    _explain(t, lines, verdict)
    lines.add("", t("You are not paid for this one, and it counts in your success rate."))
    lines.add(t("All other jobs are open to you as before."))
    buttons = (Button(t.plain("📋 My work"), MyWork()), Button(t.plain("🔎 More jobs"), Categories()))
    return Card(lines.text(), (buttons,))


def fix_card(t: Translator, *, title: str, verdict: Verdict, deadline_at: datetime, assignment_id: int) -> Card:
    """Tell a worker what to fix and until when, with a button to send again."""
    lines = Lines().add(t("🔁 <b>Please fix your proof for “{title}”.</b>", title=title))
    _explain(t, lines, verdict)
    lines.add(
        "", t("Your place is kept until <b>{when}</b>. Send the proof again until then.", when=t.when(deadline_at))
    )
    lines.add(t("You can do this once."))
    return Card(
        lines.text(),
        (
            (Button(t.plain("📷 Send again"), SendProof(assignment_id)),),
            (Button(t.plain("📋 Show the job"), ShowPlace(assignment_id)),),
        ),
    )


def _explain(t: Translator, lines: Lines, verdict: Verdict) -> None:
    lines.add("", t("Reason: <b>{reason}</b>", reason=t.plain(REASONS[verdict.reason])))
    lines.add(t(MEANINGS[verdict.reason]))
    if verdict.note:
        lines.add(t("The employer says: <i>{note}</i>", note=verdict.note))


def _review_row(t: Translator) -> tuple[Button, ...]:
    return (Button(t.plain("📥 Review"), ReviewQueue()),)
