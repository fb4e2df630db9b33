"""The frame: one update = one unit of work, then its reply.

    inbox row ─► parse ─► UNIT: status · member · dialog ─► python-telegram-bot's handlers ─► dialog, events, reply,
                          row applied ─► COMMIT ─► answer the tap ─► edit or send ─► row answered

A DomainError rolls the unit back and answers in a fresh one. Any other exception rolls back and counts an attempt;
the third sets the update aside, apologises and tells the operators. A full or locked disk is waited for.
"""

import asyncio
import json
import time
import traceback
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from telegram import Update
from telegram.ext import Application

from bot.courier import Courier
from bot.domain.errors import DomainError
from bot.domain.house import House
from bot.domain.member import Member
from bot.i18n import Translator, pick_language
from bot.impatience import Impatience
from bot.logs import redact
from bot.replicas import OnlyProcess
from bot.replies import LOCK_SECONDS, Replies
from handlers.context import Context, Session, current_session
from handlers.conversation import shown_fields
from handlers.reply import Reply, compose
from storage import dialogs, inbox, members, outbox
from storage.database import Database
from storage.errors import CommitFailed, NotAlone, is_broken_rule, is_trouble
from storage.inbox import Arrival
from storage.replicas import Turn
from storage.rows import to_ms
from storage.unit import To, UnitOfWork

log = structlog.get_logger()

ATTEMPTS = 3
#: How often to look whether the reply to somebody's earlier update, which another process applied, has left.
PASS_SECONDS = 0.05
SEEN_EVERY_MS = 3_600_000
_DRAWING = ("from", "reply_markup", "entities", "caption_entities")


class NobodyHandled(Exception):
    """No handler marked the update as handled: a hole in the tables."""


class CannotBeParsed(Exception):
    """The update is no update as the Bot API describes it; running it again would change nothing."""


class _Overtaken(Exception):
    """Another update of the same sender comes first: it has to be applied, or its reply has to leave."""

    def __init__(self, turn: Turn) -> None:
        super().__init__(str(turn))
        self.turn = turn


class Frame:
    """Handles arrivals; `handle` never raises but for cancellation."""

    def __init__(
        self,
        *,
        database: Database,
        application: Application[Any, Context, Any, Any, Any, Any],
        courier: Courier,
        house: House,
        clock: Callable[[], datetime],
        after_commit: Callable[[], None],
        replica: OnlyProcess | None = None,
    ) -> None:
        self._database = database
        self._application = application
        self._courier = courier
        self._house = house
        self._clock = clock
        self._after_commit = after_commit
        self._replica = replica or OnlyProcess()
        self._replies = Replies(database=database, courier=courier, clock=clock, replica=self._replica)
        self._deciding: set[str] = set()

    async def handle(self, arrival: Arrival) -> None:
        """Apply an arrival and send its reply; holds the member's turn until the reply left (5 s at most)."""
        if arrival.reply is not None:
            await self._replies.send_again(arrival)
            return
        reply = await self._apply(arrival)
        if reply is not None:
            await self._replies.send(arrival.id, reply)

    async def drain(self) -> None:
        """Send what was put off, wait for what is being sent, write what is answered."""
        await self._replies.drain()

    async def abandon(self) -> None:
        """Give up what can't be sent now, and write what is answered: the rest is sent at the next start."""
        await self._replies.abandon()

    # -- applying -----------------------------------------------------------------------------------------------

    async def _apply(self, arrival: Arrival) -> Reply | None:
        pause = 0.05
        unsure = False  # whether an earlier try may have been committed after all
        waits_until = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                return await self._attempt(arrival, unsure=unsure, patient=time.monotonic() < waits_until)
            except asyncio.CancelledError:
                raise
            except _Overtaken as overtaken:
                await self._let_pass(overtaken.turn)
            except Exception as error:
                if _may_pass(error):
                    unsure = unsure or isinstance(error, CommitFailed)
                    log.error("database_waits", error=str(error), pause=pause)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, 10.0)
                    continue
                try:
                    done, reply = await self._failed(arrival, error)
                except Exception as worse:
                    log.error("attempt_not_counted", inbox_id=arrival.id, error=str(worse))
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, 10.0)
                    continue
                if done:
                    return reply

    async def _let_pass(self, turn: Turn) -> None:
        """Let the sender's earlier update go first: apply it ourselves, or wait a moment for its reply to leave."""
        if turn.earlier_id is None:
            await asyncio.sleep(PASS_SECONDS)
            return
        async with self._database.read() as tx:
            earlier = await inbox.find_arrival(tx, turn.earlier_id)
        if earlier is not None:
            await self.handle(earlier)

    async def _attempt(self, arrival: Arrival, *, unsure: bool, patient: bool) -> Reply | None:
        assert arrival.raw is not None
        try:
            raw = json.loads(arrival.raw) if isinstance(arrival.raw, str) else arrival.raw
            update = Update.de_json(_without_drawing(raw), self._application.bot)
        except Exception as error:
            raise CannotBeParsed(f"inbox row {arrival.id}") from error
        query = update.callback_query
        impatient = Impatience(self._courier, query.id if query else None)
        try:
            reply = await self._in_units(arrival, update, impatient, patient=patient)
            if reply is None and unsure:
                reply = await self._own_reply(arrival)
            return reply
        finally:
            impatient.cancel()

    async def _own_reply(self, arrival: Arrival) -> Reply | None:
        """Give the reply of a unit whose commit happened though we were told otherwise."""
        async with self._database.read() as tx:
            stored = await inbox.find_own_reply(tx, arrival.id, replica_id=self._replica.id)
        return None if stored is None else json.loads(stored)

    async def _in_units(
        self, arrival: Arrival, update: Update, impatient: Impatience, *, patient: bool
    ) -> Reply | None:
        """Run the update in a unit; in one that is alone where that proves to be needed, and from then on at once."""
        button = _button(update)
        try:
            reply = await self._in_unit(arrival, update, alone=button in self._deciding, patient=patient)
        except NotAlone:
            if button is not None:
                self._deciding.add(button)
            reply = await self._in_unit(arrival, update, alone=True, patient=patient)
        return impatient.strip(reply)

    async def _in_unit(self, arrival: Arrival, update: Update, *, alone: bool, patient: bool) -> Reply | None:
        refresh: Any = None
        owes = False
        try:
            async with self._database.unit(f"update:{arrival.id}", now=self._clock(), alone=alone) as uow:
                turn = await self._replica.take_turn(uow.tx, arrival.id)
                if turn.earlier_id is not None or (turn.unanswered_id is not None and patient):
                    raise _Overtaken(turn)
                session = await self._open(uow, arrival, update)
                if session is None:
                    return None
                token = current_session.set(session)
                try:
                    await self._application.process_update(update)
                finally:
                    current_session.reset(token)
                    refresh = session.refresh
                if uow.failure is None:
                    if not session.handled:
                        raise NobodyHandled(f"update {update.update_id}")
                    reply = await self._close(uow, arrival, update, session)
                    owes = bool(uow.events)
        except DomainError as refusal:
            reply = await self._refuse(arrival, update, refusal, refresh)
        if owes:
            self._after_commit()
        return reply

    async def _open(self, uow: UnitOfWork, arrival: Arrival, update: Update) -> Session | None:
        """Read status, member and dialog; None when the update has been applied already."""
        user = update.effective_user
        tapped = update.callback_query.message if update.callback_query else None
        opened = await inbox.open_arrival(
            uow.tx,
            inbox_id=arrival.id,
            telegram_user_id=user.id if user else 0,
            message_id=tapped.message_id if tapped else None,
        )
        if opened is None or opened.status != "new":
            return None
        member = opened.member
        if user is None or user.is_bot:
            member = Member(0, 0, "", "en", None, "UTC", "member", "active", True, None)
        elif member is None:
            member = await self._welcome(uow, user)
        elif update.my_chat_member is None and (
            not member.reachable or to_ms(uow.now) - opened.seen_at_ms > SEEN_EVERY_MS
        ):
            await members.mark_seen(uow.tx, member.id, first_name=(user.first_name or "")[:64], at=uow.now)
            if not member.reachable:
                await outbox.release_parked(uow.tx, member.id, at=uow.now)
        dialog = opened.dialog
        if dialog is not None and dialog.is_over(now=uow.now):
            await dialogs.save_dialog(uow.tx, member.id, dialog.parked(now=uow.now))
            dialog = None
        translator = Translator(member.language, self._house.currency, member.time_zone)
        return Session(uow=uow, member=member, t=translator, dialog=dialog, topic=opened.topic)

    async def _welcome(self, uow: UnitOfWork, user: Any) -> Member:
        return await members.insert_member(
            uow.tx,
            telegram_user_id=user.id,
            first_name=(user.first_name or "")[:64],
            language=pick_language(user.language_code),
            role="operator" if user.id in self._house.operator_ids else "member",
            at=uow.now,
        )

    async def _close(self, uow: UnitOfWork, arrival: Arrival, update: Update, session: Session) -> Reply | None:
        """Write dialog, reply and the mark that this update is applied, in the unit that made them true."""
        reply = compose(session, update)
        if session.topic is not None and session.card is not None and not session.as_new:
            # This message shows something else from now on: what the topic has to say next is a message of its own.
            await outbox.close_topic(uow.tx, session.member.id, session.topic)
        await self._close_dialog(uow, session)
        stored = None if reply is None else json.dumps(reply, ensure_ascii=False, separators=(",", ":"))
        put_off = None if reply is None else reply.get("put_off")
        if not await inbox.mark_applied(
            uow.tx, arrival.id, reply=stored, put_off=put_off, replica_id=self._replica.id, at=uow.now
        ):
            raise RuntimeError(f"inbox row {arrival.id} was applied by somebody else")
        return reply

    async def _close_dialog(self, uow: UnitOfWork, session: Session) -> None:
        before, after, left = session.dialog_before, session.dialog, session.left
        if left is not None:
            # Another screen was opened: words typed from now on are no answer to a question out of sight.
            await dialogs.save_dialog(uow.tx, session.member.id, left.parked(now=uow.now))
        elif after is not None and after is not before:
            await dialogs.save_dialog(uow.tx, session.member.id, after)
        elif after is None and before is not None and not session.parked:
            await dialogs.delete_dialog(uow.tx, session.member.id, before.conversation)

    async def _refuse(self, arrival: Arrival, update: Update, refusal: DomainError, refresh: Any) -> Reply | None:
        """Answer a refusal in a fresh unit: the kind text and, if the callback named one, the fresh card.

        That one is alone only when drawing the card writes down that it was looked at.
        """
        try:
            return await self._refused(arrival, update, refusal, refresh, alone=False)
        except NotAlone:
            return await self._refused(arrival, update, refusal, refresh, alone=True)

    async def _refused(
        self, arrival: Arrival, update: Update, refusal: DomainError, refresh: Any, *, alone: bool
    ) -> Reply | None:
        async with self._database.unit(f"refusal:{arrival.id}", now=self._clock(), alone=alone) as uow:
            await self._replica.take_turn(uow.tx, arrival.id)
            session = await self._open(uow, arrival, update)
            if session is None:
                return None
            token = current_session.set(session)
            try:
                context = Context.from_update(update, self._application)
                fields = shown_fields(context, refusal.params)
                context.toast(session.t.plain(refusal.text, **fields), alert=refusal.alert)
                if refresh is not None:
                    try:
                        await refresh(context)
                    except DomainError:  # what was to be shown is gone too: the words must do
                        session.card = None
            finally:
                current_session.reset(token)
            log.info("refused", inbox_id=arrival.id, refusal=type(refusal).__name__)
            return await self._close(uow, arrival, update, session)

    async def _failed(self, arrival: Arrival, error: Exception) -> tuple[bool, Reply | None]:
        """Count a failed run. The third sets the update aside: (True, apology or None)."""
        trace = redact("".join(traceback.format_exception(error)))[-8000:]
        log.error("update_failed", inbox_id=arrival.id, error=type(error).__name__, trace=trace)
        async with self._database.unit(f"failed:{arrival.id}", now=self._clock()) as uow:
            try:
                attempts = await inbox.add_attempt(uow.tx, arrival.id, error=trace)
            except LookupError:
                return True, None  # no longer new: somebody finished it
            if attempts < ATTEMPTS and not isinstance(error, CannotBeParsed):
                return False, None
            await inbox.quarantine(uow.tx, arrival.id, error=trace, at=uow.now)
            operators = await members.list_operators(uow.tx)
            # One message an hour, edited: a defect that meets thousands must not stand before other news.
            topic = f"quarantined:{uow.now:%Y-%m-%dT%H}"
            uow.emit("update_quarantined", {"inbox_id": arrival.id}, to=[To(o.id, topic=topic) for o in operators])
            member = await members.find_member_by_telegram(uow.tx, arrival.sender_id)
            if member is not None:
                key = f"apology:{arrival.id}"
                uow.emit("apology", {"inbox_id": arrival.id}, to=[To(member.id, key=key)])
        self._after_commit()
        return True, None


def _button(update: Update) -> str | None:
    """Give the kind of button that was pressed: the first part of its data, or None."""
    query = update.callback_query
    return None if query is None or not query.data else query.data.partition(":")[0]


def _without_drawing(raw: dict[str, Any]) -> dict[str, Any]:
    """Leave out how the tapped message was drawn: nobody reads it, and making objects of it costs the most."""
    tapped = raw["callback_query"].get("message") if "callback_query" in raw else None
    if tapped is not None:
        for drawing in _DRAWING:
            tapped.pop(drawing, None)
    return raw


def _may_pass(error: BaseException) -> bool:
    return is_trouble(error) or (isinstance(error, CommitFailed) and not is_broken_rule(error))
