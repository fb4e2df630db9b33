"""The messages that the steps of withdrawals and deposits owe their member; operators' are in handlers/admin.py."""

from collections.abc import Awaitable, Callable

from bot.domain.wallet import Deposit, Withdrawal
from handlers.notices import Notice, Renderer
from handlers.views import wallet_notices as views
from handlers.views.card import Card
from storage import deposits, withdrawals


def _about_withdrawal(draw: Callable[[Notice, Withdrawal], Card]) -> Renderer:
    async def render(notice: Notice) -> Card | None:
        found = await withdrawals.find_withdrawal(notice.uow.tx, notice.payload["withdrawal_id"])
        return None if found is None else draw(notice, found)

    return render


def _about_deposit(draw: Callable[[Notice, Deposit], Card]) -> Renderer:
    async def render(notice: Notice) -> Card | None:
        found = await deposits.find_deposit(notice.uow.tx, notice.payload["deposit_id"])
        return None if found is None else draw(notice, found)

    return render


def _note(notice: Notice) -> str:
    return str(notice.payload.get("note", ""))


NOTICES: dict[str, Callable[[Notice], Awaitable[Card | None]]] = {
    "withdrawal_requested": _about_withdrawal(
        lambda n, w: views.requested(n.t, w, destination_changed=bool(n.payload["destination_changed"]))
    ),
    "withdrawal_approved": _about_withdrawal(lambda n, w: views.approved(n.t, w)),
    "withdrawal_cancelled": _about_withdrawal(lambda n, w: views.cancelled(n.t, w)),
    "withdrawal_paid": _about_withdrawal(lambda n, w: views.paid(n.t, w)),
    "withdrawal_refused": _about_withdrawal(lambda n, w: views.refused(n.t, w, note=_note(n))),
    "deposit_confirmed": _about_deposit(lambda n, d: views.deposit_confirmed(n.t, d)),
    "deposit_refused": _about_deposit(lambda n, d: views.deposit_refused(n.t, d, note=_note(n))),
}
