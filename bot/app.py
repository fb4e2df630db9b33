"""The composition root: settings become a running bot; nothing else wires. Start and stop order stand here.

start   database ─► migrations known ─► transport ─► Telegram answers ─► recover inbox and outbox ─► ticks ─► intake
stop    ready no longer ─► intake ─► ticks ─► turnstile drained ─► replies left ─► outbox ─► transport ─► database
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import structlog
from telegram.ext import Application, ExtBot

from bot.auditor import Auditor
from bot.courier import Courier
from bot.domain.house import House
from bot.imaging import Imaging
from bot.intake import ALLOWED_UPDATES, Intake, NotWelcome, TakenElsewhere, fetcher
from bot.lanes import SendBudget, SharedBudget
from bot.logs import redact
from bot.opening import house_of, open_database, open_vault
from bot.outbox import Outbox
from bot.proofs import ProofIntake
from bot.replicas import OnlyProcess, Replica
from bot.scheduler import Scheduler
from bot.screens import Screens
from bot.settings import BadConfiguration, Settings, listen_of
from bot.transport import ApiError, FrameworkRequest, Transport, Unreachable, wait_until_there
from bot.turnstile import Turnstile
from bot.updates import Frame
from bot.web import Front
from bot.webhook import NotAccepted, keep_webhook
from handlers.context import Context, new_application
from handlers.features import register, renderers
from handlers.menu_calls import menu_calls
from storage import ledger, members, outbox, replicas, submissions
from storage.database import Database, SharedDatabase
from storage.errors import DatabaseError
from storage.rows import to_ms
from storage.vault import Vault

log = structlog.get_logger()

Clock = Callable[[], datetime]
DRAIN_SECONDS = 8.0
FLOOD_FLAG = "flood_until"
SLOT_PAUSE_SECONDS = 0.5


def utc_now() -> datetime:
    """Give the time; the one place that asks the machine's clock for it."""
    return datetime.now(UTC)


@dataclass(slots=True)
class App:
    """A running bot. `run` returns when `stop` is set, with everything drained."""

    settings: Settings
    clock: Clock = utc_now
    #: Whether Telegram brings the updates; they are fetched otherwise.
    webhook: bool = False
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    #: Set by whoever gave a clock that has leapt: what is due by then is done at once.
    leapt: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Run until `stop`.

        Raises:
            BadConfiguration: the token is refused, the database, the key or a text file can't be used.
        """
        token, house, front = self.settings.token(), house_of(self.settings), self._front()
        database = await open_database(self.settings)
        transport = Transport(token=token, api_url=self.settings.telegram_api_url)
        try:
            vault = open_vault(self.settings.data_dir)
            await front.open()
            await transport.open()
            me = await self._who_am_i(transport)
            if me is not None:
                house = replace(house, bot_username=me.get("username", ""))
                await self._run(database, transport, front, me=me, house=house, vault=vault)
        finally:
            await front.close()
            await transport.close()
            await database.close()

    def _front(self) -> Front:
        health = self.settings.health_listen
        return Front(
            self.settings.webhook() if self.webhook else None,
            health=listen_of("HEALTH_LISTEN", health) if health else None,
            grace=self.settings.drain_grace,
        )

    async def _who_am_i(self, transport: Transport) -> dict[str, Any] | None:
        """Wait politely for Telegram; None when told to stop meanwhile."""
        asking = asyncio.create_task(
            wait_until_there(transport, lambda why: log.warning("waiting_for_telegram", error=why))
        )
        stopping = asyncio.create_task(self.stop.wait())
        try:
            await asyncio.wait({asking, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return asking.result() if asking.done() else None
        except ApiError as error:
            raise BadConfiguration(f"BOT_TOKEN: Telegram does not accept it ({error.description})") from None
        finally:
            asking.cancel()
            stopping.cancel()

    async def _run(
        self, database: Database, transport: Transport, front: Front, *, me: dict[str, Any], house: House, vault: Vault
    ) -> None:
        application = _application(transport, me, self.settings.token(), self.settings.telegram_api_url, house, vault)
        async with contextlib.AsyncExitStack() as stack:
            await application.initialize()
            stack.push_async_callback(application.shutdown)
            replica = await self._join(database)
            stack.push_async_callback(replica.leave)
            budget = await budget_of(database, self.settings.send_rate)
            courier = self._courier(database, transport, budget)
            owed = Outbox(
                database=database,
                courier=courier,
                renderers=renderers(),
                house=house,
                clock=self.clock,
                replica=replica,
            )
            frame = Frame(
                database=database,
                application=application,
                courier=courier,
                house=house,
                clock=self.clock,
                after_commit=owed.wake,
                replica=replica,
            )
            turnstile = Turnstile(frame.handle, fetch=fetcher(database, replica))
            intake = Intake(
                database=database,
                transport=transport,
                turnstile=turnstile,
                bot_id=me["id"],
                clock=self.clock,
                replica=replica,
            )
            scheduler = self._scheduler(database, transport, house, owed, stack)
            try:
                await self._remember(database, house, budget)
                if not database.shared:
                    await owed.recover()
            except DatabaseError as error:
                raise BadConfiguration(f"DATABASE_URL: {error}") from None
            beating = asyncio.create_task(replica.run(adopt=turnstile.push, wake=owed.wake), name="replica")
            try:
                await self._serve(transport, front, intake, turnstile, frame, owed, scheduler, house)
            finally:
                beating.cancel()
                await asyncio.gather(beating, return_exceptions=True)

    def _scheduler(
        self, database: Database, transport: Transport, house: House, owed: Outbox, stack: contextlib.AsyncExitStack
    ) -> Scheduler:
        """Make the ticks and the background work; what they hold is let go with `stack`."""
        imaging = Imaging()
        stack.push_async_callback(imaging.close)
        proofs = ProofIntake(
            database=database,
            download=transport.download,
            imaging=imaging,
            folder=self.settings.data_dir / "proofs",
            clock=self.clock,
            retention_days=self.settings.proof_retention_days,
            after_commit=owed.wake,
        )
        auditor = Auditor(database=database, clock=self.clock, after_commit=owed.wake)
        return Scheduler(
            database=database,
            house=house,
            clock=self.clock,
            after_commit=owed.wake,
            background={
                "proofs": (1, proofs.run_once),
                "purge_proofs": (3600, proofs.purge),
                "audit": (30, auditor.run_due),
            },
        )

    async def _join(self, database: Database) -> OnlyProcess:
        """Enter the list of processes, where there may be several."""
        if not isinstance(database, SharedDatabase):
            return OnlyProcess()
        replica = Replica(database, lease_seconds=self.settings.lease_seconds)
        try:
            await replica.join()
        except DatabaseError as error:
            raise BadConfiguration(f"DATABASE_URL: {redact(str(error))}") from None
        return replica

    async def _serve(
        self,
        transport: Transport,
        front: Front,
        intake: Intake,
        turnstile: Turnstile,
        frame: Frame,
        owed: Outbox,
        scheduler: Scheduler,
        house: House,
    ) -> None:
        pump = asyncio.create_task(owed.run(), name="outbox")
        scheduler.start()
        menus = asyncio.create_task(_publish_menus(transport, house), name="menus")
        leaping = asyncio.create_task(self._heed_leaps(scheduler, owed), name="leaps")
        taking = asyncio.create_task(self._take(intake, front, turnstile, transport, house), name="intake")
        stopping = asyncio.create_task(self.stop.wait(), name="stop")
        if front.hook is None:  # else it is ready once Telegram may bring something
            log.info("ready", bot=house.bot_username, waiting=turnstile.inside)
        try:
            await asyncio.wait({taking, stopping, pump}, return_when=asyncio.FIRST_COMPLETED)
            for ended in (taking, pump):
                if ended.done() and not ended.cancelled():
                    ended.result()  # raises what ended it
        finally:
            log.info("stopping", inside=turnstile.inside)
            await front.drain(at_once=not self.stop.is_set())
            for task in (taking, stopping, menus, leaping):
                task.cancel()
            turnstile.close()
            scheduler.stop()
            owed.stop()
            leaving = asyncio.gather(_drained(turnstile, frame), pump, scheduler.ended(), return_exceptions=True)
            try:
                async with asyncio.timeout(DRAIN_SECONDS):
                    await leaving
            except TimeoutError:
                log.warning("not_drained", inside=turnstile.inside)  # it stays in the inbox for the next start
                turnstile.abandon()
                await frame.abandon()
            scheduler.abandon()
            await asyncio.gather(taking, stopping, menus, leaping, pump, return_exceptions=True)
            log.info("stopped")

    async def _take(
        self, intake: Intake, front: Front, turnstile: Turnstile, transport: Transport, house: House
    ) -> None:
        """Finish what an earlier process left, then take what is new."""
        await intake.recover()
        front.begin(intake.receive, turnstile)
        if front.hook is not None:
            log.info("ready", bot=house.bot_username, waiting=turnstile.inside)
        try:
            if front.hook is None:
                await intake.run()
            else:
                await keep_webhook(transport, front.hook, allowed_updates=ALLOWED_UPDATES)
        except (NotWelcome, ApiError) as error:
            raise BadConfiguration(f"BOT_TOKEN: Telegram does not accept it any more ({error})") from None
        except TakenElsewhere as error:
            raise BadConfiguration(f"BOT_TOKEN: another process takes this bot's updates; stop one ({error})") from None
        except NotAccepted as error:
            raise BadConfiguration(f"WEBHOOK_URL: Telegram does not accept it ({error})") from None

    async def _heed_leaps(self, scheduler: Scheduler, owed: Outbox) -> None:
        while True:
            await self.leapt.wait()
            self.leapt.clear()
            owed.wake()
            await scheduler.catch_up()

    def _courier(self, database: Database, transport: Transport, budget: SendBudget) -> Courier:
        async def on_unreachable(telegram_user_id: int) -> None:
            async with database.unit(f"unreachable:{telegram_user_id}", now=self.clock()) as uow:
                member = await members.find_member_by_telegram(uow.tx, telegram_user_id)
                if member is not None:
                    await members.set_reachable(uow.tx, member.id, reachable=False)

        async def on_uploaded(proof_id: int, file_id: str) -> None:
            async with database.unit(f"uploaded:{proof_id}", now=self.clock()) as uow:
                await submissions.set_shown_file_id(uow.tx, proof_id, file_id)

        async def on_flood(seconds: float) -> None:
            log.warning("flood_wait", seconds=seconds)
            now = self.clock()
            async with database.unit("flood", now=now) as uow:
                await outbox.set_flag(uow.tx, FLOOD_FLAG, str(to_ms(now) + int(seconds * 1000)), at=now)

        return Courier(
            transport,
            budget,
            files=self.settings.data_dir / "proofs",
            on_unreachable=on_unreachable,
            on_uploaded=on_uploaded,
            on_flood=on_flood,
            screens=None if database.shared else Screens(),
        )

    async def _remember(self, database: Database, house: House, budget: SendBudget) -> None:
        """Take over what outlives a process: who is operator, and a flood wait that is still on."""
        now = self.clock()
        async with database.unit("start", now=now) as uow:
            try:
                await ledger.set_currency(uow.tx, house.currency, at=now)
            except ledger.CurrencyFixed as error:
                raise BadConfiguration(f"CURRENCY: {error}") from None
            await members.set_operators(uow.tx, house.operator_ids)
            flood_until = await outbox.get_flag(uow.tx, FLOOD_FLAG)
        if flood_until is not None:
            left = (int(flood_until) - to_ms(now)) / 1000
            if left > 0:
                budget.hold(left)


async def budget_of(database: Database, rate: int) -> SendBudget:
    """Give who may send when: a budget of this process, or this process's part in the one of all."""
    if not isinstance(database, SharedDatabase):
        return SendBudget(rate)
    async with database.one_shot() as tx:
        await replicas.set_send_rate(tx, rate)

    async def take_slot() -> float:
        try:
            async with database.one_shot() as tx:
                return await replicas.take_send_slot(tx)
        except DatabaseError as error:  # without the database nothing that leaves could be noted either
            log.warning("no_send_slot", error=str(error))
            return SLOT_PAUSE_SECONDS

    return SharedBudget(rate, take_slot)


async def _drained(turnstile: Turnstile, frame: Frame) -> None:
    await turnstile.drained()
    await frame.drain()


def _application(
    transport: Transport, me: dict[str, Any], token: str, api_url: str, house: House, vault: Vault
) -> Application[Any, Context, Any, Any, Any, Any]:
    """Make python-telegram-bot's application: its handlers and its updates, none of its queues."""
    request = FrameworkRequest(transport, me=me)
    bot: ExtBot[None] = ExtBot(
        token=token,
        base_url=f"{api_url}/bot",
        base_file_url=f"{api_url}/file/bot",
        request=request,
        get_updates_request=request,
    )
    application = new_application(bot, house, vault)
    register(application)
    return application


async def _publish_menus(transport: Transport, house: House) -> None:
    """Tell Telegram the commands and descriptions in every language; a failure waits for the next start."""
    for method, params in menu_calls(house):
        try:
            await transport.call(method, params)
        except (ApiError, Unreachable) as error:
            log.warning("menu_not_set", method=method, error=str(error))
