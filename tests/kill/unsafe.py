"""The bot with one protection taken out, for the control runs: the same story must find loss or doubles.

python -m tests.kill.unsafe confirm_first    updates are confirmed to Telegram before they are stored
python -m tests.kill.unsafe reply_in_memory  the reply is not stored with the unit
python -m tests.kill.unsafe no_dedupe        an update id that comes twice is stored twice
python -m tests.kill.unsafe answer_first     a webhook answers 200 before the update is stored
"""

import asyncio
import sys
from typing import Any

from bot import __main__ as cli
from bot.intake import Intake
from storage import inbox


def confirm_first() -> None:
    """Take a batch only once the next getUpdates has confirmed it."""
    take = Intake.take

    async def late(self: Intake, updates: list[dict[str, Any]]) -> None:
        confirm = {"offset": updates[-1]["update_id"] + 1, "timeout": 0, "limit": 1}
        await self._transport.call("getUpdates", confirm)
        await asyncio.sleep(0.05)
        await take(self, updates)

    Intake.take = late  # type: ignore[method-assign]


def reply_in_memory() -> None:
    """Mark updates answered as they are applied."""
    mark_applied = inbox.mark_applied

    async def forgetful(tx: Any, inbox_id: int, *, reply: str | None, **more: Any) -> bool:
        return await mark_applied(tx, inbox_id, reply=None, **more)

    inbox.mark_applied = forgetful


def no_dedupe() -> None:
    """Give every arrival a number of its own, so that nothing is ever a repeat."""
    insert = inbox.insert_arrivals
    numbers = iter(range(10**12, 10**13))

    async def careless(tx: Any, *, batch: Any, **more: Any) -> dict[int, int]:
        fresh: dict[int, int] = {}
        for item in batch:
            rows = await insert(tx, batch=[{**item, "update_id": next(numbers)}], **more)
            fresh[item["update_id"]] = next(iter(rows.values()))
        return fresh

    inbox.insert_arrivals = careless
    # Both copies run: a batch keeps both rows, the turnstile gets the last, a restart brings the other.
    take = Intake.take

    async def one_by_one(self: Intake, updates: list[dict[str, Any]]) -> None:
        for update in updates:
            await take(self, [update])

    Intake.take = one_by_one  # type: ignore[method-assign]


def answer_first() -> None:
    """Store an update only after Telegram was told that it is taken."""
    receive = Intake.receive

    async def late(self: Intake, update: Any) -> bool:
        async def store() -> None:
            await asyncio.sleep(0.05)
            await receive(self, update)

        storing.append(asyncio.create_task(store()))
        return True

    storing: list[asyncio.Task[None]] = []
    Intake.receive = late  # type: ignore[method-assign]


PROTECTIONS = {
    "confirm_first": confirm_first,
    "reply_in_memory": reply_in_memory,
    "no_dedupe": no_dedupe,
    "answer_first": answer_first,
}

if __name__ == "__main__":
    PROTECTIONS[sys.argv[1]]()
    sys.exit(cli.main(["run", "--webhook"] if sys.argv[1] == "answer_first" else ["run"]))
