"""Which message is pinned for a topic: a delivery that was drawn by a reply, so that the outbox knows its message."""

import json
from datetime import datetime

from storage.rows import to_ms
from storage.unit import Tx


async def note_pinned(tx: Tx, member_id: int, topic: str, *, message_id: int, at: datetime) -> None:
    """Note the message that is a topic's from now on."""
    key = f"pin:{topic}"
    if await tx.run("move_pin", key=key, message_id=message_id, at=to_ms(at)) == 0:
        event = await tx.insert("insert_event", kind="card_pinned", payload=json.dumps({"topic": topic}), at=to_ms(at))
        await tx.run(
            "insert_pin",
            event_id=event["id"],
            member_id=member_id,
            topic=topic,
            message_id=message_id,
            key=key,
            at=to_ms(at),
        )
