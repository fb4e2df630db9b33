"""The outbox at work: due deliveries are claimed, rendered in the reader's language, sent, and marked.

A delivery is claimed in one unit (durably `sending`) before it leaves. After a crash receipts leave again, marked as a
repeat; alerts don't: never twice. Several pumps' worth of alerts never delay an answer: see bot/lanes.py.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from markupsafe import Markup

from bot.courier import Courier, PersonUnreachable
from bot.domain.house import House
from bot.domain.profile import receipts_are_quiet
from bot.i18n import Translator
from bot.lanes import Priority
from handlers.notices import Notice, Renderer
from handlers.reply import Call, edit_message, new_message
from storage import members, outbox
from storage.database import CommitFailed, Database
from storage.outbox import Delivery
from storage.unit import UnitOfWork

log = structlog.get_logger()

LANES = {"receipt": Priority.RECEIPT, "screen": Priority.SCREEN, "alert": Priority.ALERT}
CLAIM = 20
IDLE_SECONDS = 1.0


@dataclass(slots=True)
class _Sending:
    """A claimed delivery and the call that will carry it; no call when it became pointless."""

    delivery: Delivery
    call: Call | None


class Outbox:
    """Sends what is owed, receipts first."""

    def __init__(
        self,
        *,
        database: Database,
        courier: Courier,
        renderers: Mapping[str, Renderer],
        house: House,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._courier = courier
        self._renderers = renderers
        self._house = house
        self._clock = clock
        self._work = asyncio.Event()

    def wake(self) -> None:
        """Say that something may have become due."""
        self._work.set()

    async def recover(self) -> None:
        """Release what a crash interrupted."""
        async with self._database.unit("outbox:recover", now=self._clock()) as uow:
            count = await outbox.release_interrupted(uow.tx)
        if count:
            log.info("deliveries_interrupted", count=count)

    async def run(self) -> None:
        """Send until cancelled; alerts have a pump of their own so that they never stand before a receipt."""
        await asyncio.gather(self._pump(("receipt", "screen")), self._pump(("alert",)))

    async def run_once(self) -> int:
        """Send everything due now; how many deliveries were taken."""
        count = 0
        for lane in LANES:
            while taken := await self._round(lane):
                count += taken
        return count

    async def _pump(self, lanes: tuple[str, ...]) -> None:
        while True:
            try:
                taken = 0
                for lane in lanes:
                    taken += await self._round(lane)
            except (CommitFailed, sqlite3.Error) as error:
                log.error("outbox_waits", error=str(error))
                taken = 0
                await asyncio.sleep(IDLE_SECONDS)
            if taken == 0:
                self._work.clear()
                try:
                    async with asyncio.timeout(IDLE_SECONDS):
                        await self._work.wait()
                except TimeoutError:
                    pass

    async def _round(self, lane: str) -> int:
        async with self._database.read() as tx:
            due = await outbox.list_due(tx, lane=lane, now=self._clock(), limit=CLAIM)
        if not due:
            return 0
        claimed: list[_Sending] = []
        async with self._database.unit(f"outbox:{due[0].id}", now=self._clock()) as uow:
            for delivery in due:
                if await outbox.claim(uow.tx, delivery.id):
                    claimed.append(await self._prepare(uow, delivery))
        results = await asyncio.gather(*(self._send(sending) for sending in claimed))
        async with self._database.unit(f"outbox:{due[0].id}:done", now=self._clock()) as uow:
            for delivery_id, status, message_id, error in results:
                await outbox.finish(
                    uow.tx, delivery_id, status=status, message_id=message_id, at=self._clock(), error=error
                )
        return len(due)

    async def _prepare(self, uow: UnitOfWork, delivery: Delivery) -> _Sending:
        """Render a delivery inside the unit that claims it."""
        if delivery.expires_at is not None and delivery.expires_at <= uow.now:
            return _Sending(delivery, None)
        renderer = self._renderers.get(delivery.kind)
        if renderer is None:
            log.error("no_renderer", kind=delivery.kind)
            return _Sending(delivery, None)
        member = await members.get_member(uow.tx, delivery.member_id)
        t = Translator(member.language, self._house.currency, member.time_zone)
        card = await renderer(Notice(uow, t, member, self._house, delivery.payload))
        if card is None:
            return _Sending(delivery, None)
        message_id = None
        if delivery.topic is not None:
            await outbox.skip_overtaken(uow.tx, delivery, now=uow.now)
            message_id = await outbox.find_topic_message(uow.tx, member.id, delivery.topic)
        if message_id is not None:
            return _Sending(delivery, edit_message(member.telegram_user_id, message_id, card))
        if delivery.attempts > 0 and delivery.lane == "receipt":
            note = t("<i>You may have got this message already: our connection was cut.</i>")
            card = replace(card, text=card.text + Markup("\n\n") + note)
        if delivery.lane == "receipt" and receipts_are_quiet(member):
            card = replace(card, silent=True)
        return _Sending(delivery, new_message(member.telegram_user_id, card))

    async def _send(self, sending: _Sending) -> tuple[int, str, int | None, str | None]:
        delivery, call = sending.delivery, sending.call
        if call is None:
            return delivery.id, "skipped", None, None
        try:
            result: Any = await self._courier.send(call, priority=LANES[delivery.lane])
        except PersonUnreachable as error:
            # A receipt waits until the person writes again; the rest has lost its point.
            return delivery.id, "due" if delivery.lane == "receipt" else "failed", None, str(error)
        message_id = result.get("message_id") if isinstance(result, dict) else call["p"].get("message_id")
        return delivery.id, "sent", message_id, None
