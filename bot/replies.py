"""Replies on their way: sent once their unit is committed, noted as answered, put off where a later one says more.

A reply is a row of the inbox until it is noted as answered. Whatever ends this process, the next start, or another
process on the same database, sends what is still there.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

import structlog

from bot.courier import Courier
from bot.replicas import OnlyProcess
from handlers.reply import Reply
from storage import inbox
from storage.database import Database
from storage.errors import CommitFailed, DatabaseError, UnitTooLong
from storage.inbox import Arrival

log = structlog.get_logger()

#: Starts after which a stored reply is let go. A start that is killed at once counts too, so this is no small number.
SENDS = 10
LOCK_SECONDS = 5.0
PUT_OFF_SECONDS = 0.7
FLUSH_SECONDS = 0.1


class Replies:
    """Sends the replies of this process."""

    def __init__(
        self, *, database: Database, courier: Courier, clock: Callable[[], datetime], replica: OnlyProcess
    ) -> None:
        self._database = database
        self._courier = courier
        self._clock = clock
        self._replica = replica
        self._timers: dict[str, tuple[int, asyncio.Task[None]]] = {}  # put off, by key
        self._answered: list[int] = []  # have left, and are not yet noted
        self._flushing: asyncio.Task[None] | None = None
        self._sending: set[asyncio.Task[None]] = set()

    async def send(self, inbox_id: int, reply: Reply) -> None:
        """Send a reply; returns when it has left, or goes on beside (5 s at most), or is put off."""
        if reply.get("put_off"):
            self._put_off(inbox_id, reply)
            return
        await asyncio.wait({self._track(self._deliver(inbox_id, reply))}, timeout=LOCK_SECONDS)

    async def send_again(self, arrival: Arrival) -> None:
        """Send a stored reply that an ended process did not send, or did not note; after SENDS times it is let go."""
        reply = await self._count_send(arrival)
        if reply is not None:
            await self.send(arrival.id, reply)

    async def drain(self) -> None:
        """Send what was put off, wait for what is being sent, write what is answered."""
        for row_id, timer in list(self._timers.values()):
            log.debug("put_off_now", inbox_id=row_id)
            await asyncio.wait({timer})
        if self._sending:
            await asyncio.wait(self._sending)
        await self._flush()

    async def abandon(self) -> None:
        """Give up what can't be sent now, and write what is answered: the rest is sent at the next start."""
        sending = set(self._sending)
        for task in sending:
            task.cancel()
        if sending:
            await asyncio.wait(sending)
        await self._flush()

    async def _count_send(self, arrival: Arrival) -> Reply | None:
        assert arrival.reply is not None
        pause = 0.05
        while True:
            try:
                async with self._database.unit(f"again:{arrival.id}", now=self._clock(), alone=False) as uow:
                    if await inbox.add_send(uow.tx, arrival.id) > SENDS:
                        await inbox.mark_answered(uow.tx, [arrival.id])
                        return None
                break
            except (CommitFailed, UnitTooLong, DatabaseError) as error:
                log.error("database_waits", error=str(error), pause=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10.0)
        reply: Reply = json.loads(arrival.reply)
        reply["put_off"] = None
        return reply

    async def _deliver(self, inbox_id: int, reply: Reply) -> None:
        if not await self._replica.owns(inbox_id):
            log.info("reply_taken_over", inbox_id=inbox_id)
            return
        try:
            await self._courier.deliver(reply)
        except Exception:
            log.exception("reply_not_sent", inbox_id=inbox_id)  # it stays owed: the next start tries again
            return
        self._has_left(inbox_id)

    def _put_off(self, inbox_id: int, reply: Reply) -> None:
        key = str(reply["put_off"])
        earlier = self._timers.pop(key, None)
        if earlier is not None:
            earlier[1].cancel()
            self._has_left(earlier[0])

        async def later() -> None:
            await asyncio.sleep(PUT_OFF_SECONDS)
            self._timers.pop(key, None)
            if await self._replica.is_overtaken(inbox_id):
                self._has_left(inbox_id)
            else:
                await self._deliver(inbox_id, reply)

        self._timers[key] = (inbox_id, self._track(later()))

    def _track(self, sending: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        sender = asyncio.create_task(sending)
        self._sending.add(sender)
        sender.add_done_callback(self._sending.discard)
        return sender

    def _has_left(self, inbox_id: int) -> None:
        """Note with the next batch that a reply has left."""
        self._answered.append(inbox_id)
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush_soon())

    async def _flush_soon(self) -> None:
        await asyncio.sleep(FLUSH_SECONDS)
        self._flushing = None
        await self._flush()

    async def _flush(self) -> None:
        answered, self._answered = self._answered, []
        if not answered:
            return
        try:
            async with self._database.unit("answered", now=self._clock(), alone=False) as uow:
                await inbox.mark_answered(uow.tx, answered)
        except (CommitFailed, UnitTooLong, DatabaseError) as error:
            log.error("answered_not_written", error=str(error))
            self._answered.extend(answered)
