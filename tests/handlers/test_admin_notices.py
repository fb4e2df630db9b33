"""What operators are pushed, when they are operators no more."""

from datetime import datetime

from bot.domain.house import House
from bot.i18n import Translator
from handlers.admin_notices import NOTICES
from handlers.notices import Notice
from storage import members
from storage.database import Database


async def test_a_push_owed_to_an_operator_who_is_none_any_more_is_not_drawn(database: Database, now: datetime) -> None:
    """Proves that taking somebody off OPERATOR_IDS also stops the pushes owed to them before."""
    async with database.unit("test", now=now) as uow:
        olga = await members.insert_member(
            uow.tx, telegram_user_id=7, first_name="Olga", language="en", role="operator", at=now
        )
        payload = {"count": 1, "findings": ["escrow: job:1"], "inbox_id": 1}
        for expected in (True, False):
            olga = await members.get_member(uow.tx, olga.id)
            notice = Notice(uow, Translator(), olga, House(), payload)
            for kind in ("audit_failed", "update_quarantined"):
                assert (await NOTICES[kind](notice) is not None) is expected
            assert await NOTICES["apology"](notice) is not None
            await members.set_operators(uow.tx, [])
