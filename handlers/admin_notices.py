"""What operators are pushed: money that waits, what another operator did about it, and what went wrong."""

from handlers.notices import Notice, Renderer
from handlers.views import admin_notices as views
from handlers.views.card import Card
from storage import deposits, withdrawals


async def withdrawal_queued(notice: Notice) -> Card | None:
    """Draw a new withdrawal."""
    found = await withdrawals.find_withdrawal(notice.uow.tx, notice.payload["withdrawal_id"])
    if found is None:
        return None
    return views.withdrawal_push(notice.t, found, destination_changed=bool(notice.payload["destination_changed"]))


async def withdrawal_moved(notice: Notice) -> Card | None:
    """Draw what became of a withdrawal; who did it sees that on their own card."""
    if notice.payload["by"] == notice.member.id:
        return None
    found = await withdrawals.find_withdrawal(notice.uow.tx, notice.payload["withdrawal_id"])
    return None if found is None else views.withdrawal_news(notice.t, found, by=notice.payload["by"])


async def deposit_claimed(notice: Notice) -> Card | None:
    """Draw a claimed deposit, or what became of it meanwhile."""
    found = await deposits.find_deposit(notice.uow.tx, notice.payload["deposit_id"])
    return None if found is None else views.deposit_push(notice.t, found)


async def deposit_decided(notice: Notice) -> Card | None:
    """Draw what became of a deposit; who decided sees that on their own card."""
    if notice.payload["by"] == notice.member.id:
        return None
    found = await deposits.find_deposit(notice.uow.tx, notice.payload["deposit_id"])
    return None if found is None else views.deposit_news(notice.t, found, by=notice.payload["by"])


async def update_quarantined(notice: Notice) -> Card | None:
    """Draw that a message was set aside."""
    return views.quarantined_push(notice.t, notice.payload["inbox_id"])


async def apology(notice: Notice) -> Card | None:
    """Draw the apology to the person whose message it was."""
    return views.apology_card(notice.t)


async def audit_failed(notice: Notice) -> Card | None:
    """Draw what the ledger check found."""
    return views.audit_failed_push(notice.t, count=notice.payload["count"], findings=tuple(notice.payload["findings"]))


def _for_operators(draw: Renderer) -> Renderer:
    """Draw for those who are operators when the message leaves: who was one when it was owed may be none by now."""

    async def drawn(notice: Notice) -> Card | None:
        is_operator = notice.member.is_operator and notice.member.status == "active"
        return await draw(notice) if is_operator else None

    return drawn


NOTICES: dict[str, Renderer] = {
    "withdrawal_queued": _for_operators(withdrawal_queued),
    "withdrawal_moved": _for_operators(withdrawal_moved),
    "deposit_claimed": _for_operators(deposit_claimed),
    "deposit_decided": _for_operators(deposit_decided),
    "update_quarantined": _for_operators(update_quarantined),
    "apology": apology,
    "audit_failed": _for_operators(audit_failed),
}
