"""What people would be told: every owed message of a kind, drawn by its renderer as it would leave now."""

import json

from bot.i18n import Translator
from handlers.notices import Notice
from handlers.review import NOTICES
from storage import members
from tests.review_world import HOUSE, ReviewWorld


async def told(world: ReviewWorld, kind: str) -> list[str]:
    """Draw the owed messages of a kind; those that became pointless are left out."""
    rows = await world.look(
        "SELECT d.member_id, e.payload FROM deliveries d JOIN events e ON e.id = d.event_id WHERE e.kind = ?"
        " ORDER BY d.id",
        kind,
    )
    texts = []
    async with world.unit() as uow:
        for row in rows:
            member = await members.get_member(uow.tx, row["member_id"])
            card = await NOTICES[kind](Notice(uow, Translator(), member, HOUSE, json.loads(row["payload"])))
            if card is not None:
                texts.append(str(card.text))
    return texts
