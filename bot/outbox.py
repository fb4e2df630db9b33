"""The outbox at work: due deliveries are claimed, rendered in the reader's language, sent, and marked.

A delivery is claimed in one unit (durably `sending`) before it leaves. After a crash receipts leave again, marked as a
repeat; alerts don't: never twice. Several pumps' worth of alerts never delay an answer: see bot/lanes.py. A delivery
that can't be drawn or sent is tried again later and set aside in the end, so that it never stands before others.
"""

import asyncio
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from markupsafe import Markup

from bot.courier import Courier, PersonUnreachable
from bot.domain.house import House
from bot.domain.member import Member
from bot.domain.profile import receipts_are_quiet
from bot.i18n import Translator
from bot.lanes import Priority
from bot.logs import redact
from bot.replicas import OnlyProcess
from handlers.notices import Notice, Renderer
from handlers.reply import Call, edit_message, new_message
from storage import members, outbox
from storage.database import Database
from storage.errors import CommitFailed, DatabaseError, UnitTooLong, is_trouble
from storage.outbox import Delivery
from storage.unit import UnitOfWork

log = structlog.get_logger()

LANES = {"receipt": Priority.RECEIPT, "screen": Priority.SCREEN, "alert": Priority.ALERT}
CLAIM = 20
IDLE_SECONDS = 1.0
#: What takes longer to send (a person's bucket, a call Telegram does not answer) goes on beside the next round.
ROUND_SECONDS = 1.0
#: Sends of receipts and screens that may go on beside the rounds.
LATE_SENDS = 200
#: A delivery that can't be drawn or sent is set aside after so many tries.
ATTEMPTS = 3
TRY_AGAIN = timedelta(minutes=1)


@dataclass(slots=True)
class _Sending:
    """A claimed delivery and the call that will carry it; no call when it became pointless or `error` says why."""

    delivery: Delivery
    call: Call | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a delivery."""

    delivery: Delivery
    status: str
    message_id: int | None = None
    error: str | None = None
    wait: timedelta | None = None  # until it is due again


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
        replica: OnlyProcess | None = None,
    ) -> None:
        self._database = database
        self._courier = courier
        self._renderers = renderers
        self._house = house
        self._clock = clock
        self._replica = replica or OnlyProcess()
        self._work = asyncio.Event()
        self._stopping = False
        self._late: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Say that something may have become due."""
        self._work.set()

    def stop(self) -> None:
        """Take nothing more: `run` returns when what is being sent has left."""
        self._stopping = True
        self._work.set()

    async def recover(self) -> None:
        """Release what a crash interrupted."""
        async with self._database.unit("outbox:recover", now=self._clock()) as uow:
            count = await outbox.release_interrupted(uow.tx)
        if count:
            log.info("deliveries_interrupted", count=count)

    async def run(self) -> None:
        """Send until stopped; alerts have a pump of their own so that they never stand before a receipt."""
        try:
            await asyncio.gather(self._pump(("receipt", "screen")), self._pump(("alert",)))
            await self._late_ones_left()
        finally:
            for task in self._late:
                task.cancel()

    async def run_once(self) -> int:
        """Send everything due now; how many deliveries were taken."""
        count = 0
        for lane in LANES:
            while taken := await self._round(lane):
                count += taken
        await self._late_ones_left()
        return count

    async def _pump(self, lanes: tuple[str, ...]) -> None:
        while not self._stopping:
            taken = 0
            try:
                for lane in lanes:
                    taken += await self._round(lane)
            except Exception as error:
                # Whatever it is: the next round may do better, and nobody's money waits for a restart.
                log.error("outbox_waits", lanes=lanes, error=str(error), kind=type(error).__name__)
                await asyncio.sleep(IDLE_SECONDS)
            if taken == 0 and not self._stopping:
                self._work.clear()
                try:
                    async with asyncio.timeout(IDLE_SECONDS):
                        await self._work.wait()
                except TimeoutError:
                    pass

    async def _round(self, lane: str) -> int:
        """Take what is due in a lane; how many deliveries. Alerts are waited for, so that few are taken early."""
        while len(self._late) >= LATE_SENDS:
            await asyncio.wait(self._late, return_when=asyncio.FIRST_COMPLETED)
        async with self._database.read() as tx:
            due = _newest_of_topics(await outbox.list_due(tx, lane=lane, now=self._clock(), limit=CLAIM))
        if not due:
            return 0
        claimed, left = await self._claim(due)
        sends = [asyncio.create_task(self._send(sending)) for sending in claimed]
        late: set[asyncio.Task[_Outcome]] = set()
        try:
            if sends:
                _, late = await asyncio.wait(sends, timeout=None if lane == "alert" else ROUND_SECONDS)
            await self._note([send.result() for send in sends if send.done()])
        except asyncio.CancelledError:
            for send in sends:
                send.cancel()
            raise
        for send in late:
            task = asyncio.create_task(self._note_late(send))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        return len(due) - left

    async def _claim(self, due: list[Delivery]) -> tuple[list[_Sending], int]:
        """Take deliveries for sending and draw them; how many were left to another process.

        When that takes too long, each has to do so by itself.
        """
        claimed: list[_Sending] = []
        left = 0
        try:
            async with self._database.unit(f"outbox:{due[0].id}", now=self._clock(), alone=False) as uow:
                for delivery in due:
                    member = await members.get_member(uow.tx, delivery.member_id)
                    if not member.reachable:
                        await outbox.park(uow.tx, delivery)
                    elif await outbox.claim(uow.tx, delivery.id, replica_id=self._replica.id):
                        claimed.append(await self._prepare(uow, delivery, member))
                    else:
                        left += 1
        except UnitTooLong as error:
            if len(due) > 1:
                parts = [await self._claim([delivery]) for delivery in due]
                return [sending for sendings, _ in parts for sending in sendings], sum(left for _, left in parts)
            log.error("notice_takes_too_long", delivery_id=due[0].id, kind=due[0].kind)
            await self._note([_Outcome(due[0], "due", error=f"{type(error).__name__}: {error}", wait=TRY_AGAIN)])
        return claimed, left

    async def _prepare(self, uow: UnitOfWork, delivery: Delivery, member: Member) -> _Sending:
        """Render a delivery inside the unit that claims it; one that can't be drawn leaves the others alone."""
        try:
            async with uow.tx.attempt():
                return await self._draw(uow, delivery, member)
        except Exception as error:
            if is_trouble(error):
                raise
            uow.failure = None
            trace = redact("".join(traceback.format_exception(error)))[-4000:]
            log.error("notice_not_drawn", delivery_id=delivery.id, kind=delivery.kind, trace=trace)
            return _Sending(delivery, None, trace)

    async def _draw(self, uow: UnitOfWork, delivery: Delivery, member: Member) -> _Sending:
        if delivery.expires_at is not None and delivery.expires_at <= uow.now:
            return _Sending(delivery, None)
        renderer = self._renderers.get(delivery.kind)
        if renderer is None:
            log.error("no_renderer", kind=delivery.kind)
            return _Sending(delivery, None)
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
        if delivery.interrupted and delivery.lane == "receipt":
            note = t("<i>You may have got this message already: our connection was cut.</i>")
            card = replace(card, text=card.text + Markup("\n\n") + note)
        if delivery.lane == "receipt" and receipts_are_quiet(member):
            card = replace(card, silent=True)
        return _Sending(delivery, new_message(member.telegram_user_id, card))

    async def _send(self, sending: _Sending) -> _Outcome:
        delivery, call = sending.delivery, sending.call
        if sending.error is not None:
            return _again_or_aside(delivery, sending.error)
        if call is None:
            return _Outcome(delivery, "skipped")
        try:
            result: Any = await self._courier.send(call, priority=LANES[delivery.lane])
        except PersonUnreachable as error:
            # A receipt waits until the person writes again; the rest has lost its point.
            return _Outcome(delivery, "due" if delivery.lane == "receipt" else "failed", error=str(error))
        except Exception as error:
            log.exception("notice_not_sent", delivery_id=delivery.id, kind=delivery.kind)
            why = f"{type(error).__name__}: {error}"
            if delivery.lane == "alert":  # it may have left: never twice
                return _Outcome(delivery, "failed", error=why)
            return _again_or_aside(delivery, why)
        if call.get("new") and not isinstance(result, dict):
            return _Outcome(delivery, "failed", error="Telegram refused it, or an alert may have left: see the log")
        message_id = result.get("message_id") if isinstance(result, dict) else call["p"].get("message_id")
        return _Outcome(delivery, "sent", message_id)

    async def _note_late(self, send: "asyncio.Task[_Outcome]") -> None:
        try:
            await self._note([await send])
        finally:
            send.cancel()

    async def _note(self, outcomes: list[_Outcome]) -> None:
        """Write what became of deliveries, waiting for the disk if need be: it is known nowhere else."""
        pause = 0.1
        while outcomes:
            now = self._clock()
            try:
                async with self._database.unit(f"outbox:{outcomes[0].delivery.id}:done", now=now, alone=False) as uow:
                    for one in outcomes:
                        await outbox.finish(
                            uow.tx,
                            one.delivery.id,
                            status=one.status,
                            message_id=one.message_id,
                            at=now,
                            error=one.error,
                            due_at=None if one.wait is None else now + one.wait,
                        )
                return
            except (CommitFailed, UnitTooLong, DatabaseError) as error:
                log.error("deliveries_not_noted", error=str(error), pause=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10.0)

    async def _late_ones_left(self) -> None:
        while self._late:
            await asyncio.wait(self._late)


def _newest_of_topics(due: list[Delivery]) -> list[Delivery]:
    """Leave out what a newer delivery of the same topic says too: side by side each would send a message."""
    newest = {(one.member_id, one.topic): one.id for one in due if one.topic is not None}
    return [one for one in due if one.topic is None or newest[one.member_id, one.topic] == one.id]


def _again_or_aside(delivery: Delivery, error: str) -> _Outcome:
    """Give what becomes of a delivery that failed here: due again a moment later, at last set aside."""
    if delivery.attempts + 1 < ATTEMPTS:
        return _Outcome(delivery, "due", error=error, wait=TRY_AGAIN)
    return _Outcome(delivery, "failed", error=error)
