"""The way back into a conversation that was left for another screen: the button that begins it again.

Leaving parks a draft; the entry finds it. Nothing is decided or changed here.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from handlers.callbacks import Callback
from handlers.context import Context
from handlers.views import nav
from handlers.views.admin import OpenDeposit, OpenWithdrawal
from handlers.views.menus import AskZone
from handlers.views.wallet import DepositPress, WithdrawPress
from handlers.views.work import ApplyPress, SendProof
from storage import dialogs

#: How long after it was left a conversation is still offered to somebody who types.
OFFERED = timedelta(hours=24)
Draft = dict[str, Any]


def _proof(draft: Draft) -> Callback:
    return SendProof(draft["assignment_id"]) if draft.get("assignment_id") else nav.MyWork()


def _refused(draft: Draft) -> Callback:
    return OpenWithdrawal(draft["number"]) if draft["is_withdrawal"] else OpenDeposit(draft["number"])


#: By the name of the conversation; the ids come from the draft it was left with.
WAYS: dict[str, Callable[[Draft], Callback]] = {
    "newjob": lambda _: nav.NewJob(),
    "proof": _proof,
    "reject": lambda _: nav.ReviewQueue(),
    "withdraw": lambda _: WithdrawPress(),
    "deposit": lambda _: DepositPress(0),
    "mark_sent": lambda draft: OpenWithdrawal(draft["withdrawal_id"]),
    "refuse_money": _refused,
    "alert_minimum": lambda _: nav.Alerts(),
    "signup": lambda draft: ApplyPress(draft["job_id"]),
    "time_zone": lambda _: AskZone(),
}


async def find_way_on(context: Context) -> Callback | None:
    """Give the button that leads back to the conversation left last, or None when nothing was left lately."""
    left = await dialogs.find_left_dialog(context.uow.tx, context.member.id, since=context.now - OFFERED)
    way = WAYS.get(left.conversation) if left is not None else None
    if left is None or way is None:
        return None
    try:
        return way(left.draft)
    except (KeyError, TypeError):  # a draft of another release
        return None
