"""Intake: raw updates are durable before they are confirmed.

    getUpdates ──► inbox (one transaction a batch) ──► turnstile ; the next getUpdates confirms what is stored
    webhook    ──► inbox (one unit an update)      ──► turnstile ; then bot/web.py answers 200

Nothing is parsed here beyond who an update is from. A kill at any moment loses nothing: what was not stored comes
again, what was stored is not stored twice.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from bot.replicas import OnlyProcess
from bot.transport import ApiError, Transport, Unreachable
from bot.turnstile import Fetch, Turnstile
from bot.webhook import delete_webhook
from storage import inbox
from storage.database import Database
from storage.errors import CommitFailed, DatabaseError, UnitTooLong
from storage.inbox import Arrival
from storage.rows import Row

log = structlog.get_logger()

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
POLL_SECONDS = 25
BATCH = 100
PAUSE_LONGEST = 30.0
PAGE = 200


#: A process that is so young ends at the fourth conflict with somebody who takes the same updates; the pauses between
#: them grow from CONFLICT_SECONDS on. An older one goes on, with pauses of CONFLICT_LATER_SECONDS.
YOUNG_SECONDS = 60.0
CONFLICTS = 4
CONFLICT_SECONDS = 0.5
CONFLICT_LATER_SECONDS = 5.0


class NotWelcome(Exception):
    """Telegram does not know this token (any more)."""


class TakenElsewhere(Exception):
    """Somebody else takes this bot's updates, and goes on to."""


class Intake:
    """Takes updates from Telegram into the inbox and from there to the turnstile."""

    def __init__(
        self,
        *,
        database: Database,
        transport: Transport,
        turnstile: Turnstile,
        bot_id: int,
        clock: Callable[[], datetime],
        replica: OnlyProcess | None = None,
    ) -> None:
        self._database = database
        self._transport = transport
        self._turnstile = turnstile
        self._bot_id = bot_id
        self._clock = clock
        self._replica = replica or OnlyProcess()

    async def recover(self) -> int:
        """Queue what an earlier process left: stored updates not applied, replies not sent. How many.

        Where processes share the database, what the dead have left is taken over by `Replica.run`.
        """
        if self._database.shared:
            return 0
        count, after, pause = 0, 0, 1.0
        while True:
            try:
                rows, overtaken = await self._left_behind(after)
            except (CommitFailed, UnitTooLong, DatabaseError) as error:
                log.error("inbox_not_read", error=str(error), pause=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, PAUSE_LONGEST)
                continue
            if not rows:
                if count:
                    log.info("recovered", count=count)
                return count
            for row in rows:
                if row["id"] in overtaken:
                    continue
                await self._turnstile.push(inbox.arrival_of(row))
                count += 1
            after = rows[-1]["id"]

    async def _left_behind(self, after: int) -> tuple[list[Row], set[int]]:
        """Read a page of what is unfinished, and say which of its replies are overtaken."""
        async with self._database.read() as tx:
            rows = await inbox.list_unfinished(tx, after=after, limit=PAGE)
        overtaken = _overtaken({row["id"]: row["reply"] for row in rows if row["status"] == "applied"})
        if overtaken:
            async with self._database.unit("recover:overtaken", now=self._clock(), alone=False) as uow:
                await inbox.mark_answered(uow.tx, sorted(overtaken))
        return rows, overtaken

    async def run(self) -> None:
        """Poll until cancelled. A webhook that is set is deleted first: Telegram answers 409 while there is one.

        Raises:
            NotWelcome: 401 or 404: the token is wrong or was revoked.
            TakenElsewhere: somebody else polls, or sets a webhook, and did so again and again since this began.
        """
        offset: int | None = None
        pause, may_poll = 1.0, False
        conflicts = _Conflicts(asyncio.get_running_loop().time() + YOUNG_SECONDS)
        while True:
            try:
                if not may_poll:
                    await delete_webhook(self._transport)
                    may_poll = True
                params: dict[str, Any] = {"timeout": POLL_SECONDS, "limit": BATCH, "allowed_updates": ALLOWED_UPDATES}
                if offset is not None:
                    params["offset"] = offset
                updates = await self._transport.call("getUpdates", params, seconds=POLL_SECONDS + 10)
                numbered = [update for update in updates if _is_numbered(update)]
                if len(numbered) < len(updates):
                    log.error("updates_without_number", count=len(updates) - len(numbered))
                if numbered:
                    await self.take(numbered)
                    offset = max(update["update_id"] for update in numbered) + 1
                if numbered or not updates:
                    pause = 1.0
                    continue
            except ApiError as error:
                if error.code in (401, 404):
                    raise NotWelcome(error.description) from None
                log.warning("poll_refused", error=error.description, code=error.code)
                pause = error.retry_after or (conflicts.pause_after(error) if error.code == 409 else pause)
            except Unreachable as error:
                log.warning("telegram_away", error=str(error), pause=pause)
            except (CommitFailed, UnitTooLong, DatabaseError) as error:
                log.error("inbox_not_written", error=str(error), pause=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, PAUSE_LONGEST)

    async def take(self, updates: list[dict[str, Any]]) -> None:
        """Store a batch durably, then queue what was new, in its order."""
        for arrival in await self._store(updates):
            await self._turnstile.push(arrival)

    async def receive(self, update: Any) -> bool:
        """Store one update durably and queue it, room or not; False when it is no update.

        Raises:
            CommitFailed, UnitTooLong, DatabaseError: nothing is stored.
        """
        if not _is_numbered(update):
            return False
        for arrival in await self._store([update]):
            self._turnstile.add(arrival)
        return True

    async def _store(self, updates: list[dict[str, Any]]) -> list[Arrival]:
        """Store a batch durably; gives what was new, in its order."""
        batch = [
            {"update_id": update["update_id"], "sender_id": sender_of(update), "raw": update} for update in updates
        ]
        now = self._clock()
        async with self._database.unit("intake", now=now, alone=False) as uow:
            fresh = await inbox.insert_arrivals(
                uow.tx, bot_id=self._bot_id, batch=batch, received_at=now, replica_id=self._replica.id
            )
        arrivals = []
        for item in batch:
            row_id = fresh.pop(item["update_id"], None)
            if row_id is not None:
                arrivals.append(Arrival(row_id, item["sender_id"], item["raw"]))
        return arrivals


@dataclass(slots=True)
class _Conflicts:
    """The times Telegram said that somebody else takes this bot's updates.

    A process that has just begun is the one too many when that goes on; an older one waits until the other is gone. A
    few are no news: the process before this one may be on its way out.
    """

    young_until: float
    count: int = 0

    def pause_after(self, error: ApiError) -> float:
        """Give the seconds to wait.

        Raises:
            TakenElsewhere: it was once too often.
        """
        if asyncio.get_running_loop().time() >= self.young_until:
            return CONFLICT_LATER_SECONDS
        self.count += 1
        if self.count >= CONFLICTS:
            raise TakenElsewhere(error.description)
        return float(CONFLICT_SECONDS * 2 ** (self.count - 1))


def fetcher(database: Database, replica: OnlyProcess | None = None) -> Fetch:
    """Give what reads a sender's arrivals that this process left in the inbox."""
    own_id = 0 if replica is None else replica.id

    async def fetch(sender_id: int, after_id: int, limit: int) -> list[Arrival]:
        async with database.read() as tx:
            return await inbox.list_left(tx, sender_id, replica_id=own_id, after=after_id, limit=limit)

    return fetch


def sender_of(update: dict[str, Any]) -> int:
    """Give whose turn an update takes: its user, else its chat, else 0. Never fails, whatever the update holds."""
    for kind, body in update.items():
        if kind == "update_id" or not isinstance(body, dict):
            continue
        for holder in (body.get("from"), body.get("chat")):
            if isinstance(holder, dict) and _fits(holder.get("id")):
                return int(holder["id"])
    return 0


def _is_numbered(update: Any) -> bool:
    """Whether this is an update at all: without its number it can be neither stored once nor confirmed."""
    return isinstance(update, dict) and _fits(update.get("update_id"))


def _fits(number: Any) -> bool:
    """Whether this is a whole number that the database holds (and holds one more than)."""
    return isinstance(number, int) and not isinstance(number, bool) and abs(number) < 2**62


def _overtaken(replies: dict[int, str]) -> set[int]:
    """Of replies put off under one key only the last counts; give the rows of the others."""
    last: dict[str, int] = {}
    overtaken: set[int] = set()
    for row_id, stored in replies.items():
        key = json.loads(stored).get("put_off")
        if key is None:
            continue
        if key in last:
            overtaken.add(last[key])
        last[key] = row_id
    return overtaken
