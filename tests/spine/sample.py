"""A small bot on the real spine: a counter, a two-step conversation and some ways to fail, for its tests."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from telegram import Update
from telegram.ext import ExtBot

from bot.courier import Courier
from bot.domain.errors import N_, InvalidInput, Refused
from bot.domain.house import House
from bot.intake import Intake, fetcher, sender_of
from bot.lanes import SendBudget
from bot.outbox import Outbox
from bot.replicas import OnlyProcess, Replica
from bot.screens import Screens
from bot.transport import FrameworkRequest, Transport
from bot.turnstile import Turnstile
from bot.updates import Frame
from handlers.callbacks import Callback
from handlers.context import Context, new_application
from handlers.conversation import END, Conversation, back_row
from handlers.errors import keep_for_the_frame
from handlers.guards import GROUP_GUARD
from handlers.notices import Notice, Renderer
from handlers.routes import button, command, photo, text
from handlers.views.card import Button, Card
from storage import outbox
from storage.database import Database, SharedDatabase
from storage.migrate import migrate
from storage.unit import To
from storage.vault import Vault
from tests.engines import open_beside, url_of
from tests.engines import rows as rows_of
from tests.in_turn import InTurn, passing_on_at_once

TOKEN = "700100:" + "A" * 35


class Count(Callback, prefix="sa.count"):
    """Add one to the counter of whoever taps."""


class Fail(Callback, prefix="sa.fail"):
    """Fail in one of several ways."""

    how: str


class Old(Callback, prefix="sa.old"):
    """A button no table routes."""


class Full(Refused):
    """The counter is at three."""

    text = N_("Three is enough.")


class BadNumber(InvalidInput):
    """No number."""

    text = N_("Please type a number, as in 7.")


class Step(StrEnum):
    """The steps of the sample conversation."""

    NAME = "name"
    NUMBER = "number"


class Draft(BaseModel):
    """What the conversation gathers."""

    name: str = ""
    number: int = 0


async def _count(context: Context) -> int:
    rows = list(
        await rows_of(context.uow.tx, "SELECT value FROM flags WHERE name = ?", (f"count:{context.member.id}",))
    )
    return int(rows[0][0]) if rows else 0


async def show_counter(context: Context) -> None:
    n = await _count(context)
    rows = ((Button("More", Count()),), (Button("Crash", Fail("crash")), Button("Refuse", Fail("refuse"))))
    context.show(Card(context.t("Counter: {n}", n=n), rows))


async def start(update: Update, context: Context) -> None:
    await show_counter(context)


async def more(update: Update, context: Context) -> None:
    context.on_refusal(show_counter)
    n = await _count(context)
    await outbox.set_flag(context.uow.tx, f"count:{context.member.id}", str(n + 1), at=context.now)
    context.uow.emit("counted", {"n": n + 1}, to=[To(context.member.id)])
    if n >= 3:
        raise Full
    context.toast(f"now {n + 1}")
    await show_counter(context)


async def fail(update: Update, context: Context) -> None:
    how = context.pressed(Fail).how
    await outbox.set_flag(context.uow.tx, "touched", how, at=context.now)
    if how == "crash":
        raise RuntimeError("crash")
    if how == "send":
        with contextlib.suppress(Exception):
            await context.bot.get_me()
        context.silent()
    if how == "slow":
        await asyncio.sleep(1.4)
        context.toast("slow")
    if how == "nothing":
        return


async def hello(update: Update, context: Context) -> None:
    context.show(Card(context.t("You said {text}", text=update.effective_message.text)))  # type: ignore[union-attr]


async def silently(update: Update, context: Context) -> None:
    context.silent()


async def open_form(update: Update, context: Context) -> Any:
    context.store(Draft())
    return Step.NAME


async def receive_name(update: Update, context: Context) -> Any:
    draft = context.load(Draft)
    draft.name = update.effective_message.text or ""  # type: ignore[union-attr]
    context.store(draft)
    return Step.NUMBER


async def receive_number(update: Update, context: Context) -> Any:
    draft = context.load(Draft)
    typed = update.effective_message.text or ""  # type: ignore[union-attr]
    if not typed.isdecimal():
        raise BadNumber
    draft.number = int(typed)
    context.show(Card(context.t("Done: {name} {number}", name=draft.name, number=draft.number)))
    return END


async def prompt(context: Context, state: Any) -> Card:
    draft = context.load(Draft)
    asked = {Step.NAME: context.t("What is your name?"), Step.NUMBER: context.t("{name}, a number?", name=draft.name)}
    return Card(asked[state], (back_row(context, back=state is Step.NUMBER),))


async def leave(update: Update, context: Context) -> None:
    context.show(Card(context.t("Form closed.")))


async def receive_picture(update: Update, context: Context) -> None:
    assert update.message is not None
    context.put_off(f"album:{update.message.media_group_id}")
    context.show(Card(context.t("Picture {n}", n=update.message.message_id)))


async def counted(notice: Notice) -> Card | None:
    return Card(notice.t("Receipt {n}", n=notice.payload["n"]))


async def apology(notice: Notice) -> Card | None:
    return Card(notice.t("Sorry, that went wrong."))


FORM = Conversation(
    name="form",
    entry_points=[command("form", open_form)],
    states={Step.NAME: [text(receive_name)], Step.NUMBER: [text(receive_number)]},
    prompt=prompt,
    back={Step.NUMBER: Step.NAME},
    leave=leave,
)
HANDLERS = [FORM, command("start", start), button(Count, more), button(Fail, fail), photo(receive_picture), text(hello)]


@dataclass
class Sample:
    """A running sample bot."""

    database: Database
    transport: Transport
    intake: Intake
    turnstile: Turnstile
    frame: Frame
    outbox: Outbox
    tasks: list[asyncio.Task[None]]


def utc_now() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


class _Balancer(Intake):
    """Polls, and lets replicas take what comes in turn."""

    def __init__(self, takers: Sequence[Intake], turns: InTurn, **parts: Any) -> None:
        super().__init__(**parts)
        self._takers = takers
        self._turns = turns

    async def take(self, updates: list[dict[str, Any]]) -> None:
        """Let each update be taken by whose turn it is."""
        for update in updates:
            await self._takers[self._turns.taker(sender_of(update))].take([update])


@contextlib.asynccontextmanager
async def sample_bot(
    folder: Path,
    api_url: str,
    *,
    clock: Callable[[], datetime] = utc_now,
    rate: int = 1000,
    poll: bool = True,
    handlers: Sequence[Any] | None = None,
    notices: Mapping[str, Renderer] | None = None,
) -> AsyncIterator[Sample]:
    """Run the sample bot against an emulator until the block ends; then drain as the real one does.

    With `handlers` and `notices` it runs one feature of the real bot instead of the sample's own; on PostgreSQL as two
    replicas that take everybody's updates in turn.
    """
    async with contextlib.AsyncExitStack() as stack:
        database = await Database.open(url_of(folder / "sample.db"))
        stack.push_async_callback(database.close)
        await migrate(database)
        transport = Transport(token=TOKEN, api_url=api_url)
        stack.push_async_callback(transport.close)
        await transport.open()
        me = await transport.call("getMe", {})
        databases = [database]
        if database.shared and handlers is not None:
            databases.append(await open_beside(database))
            stack.push_async_callback(databases[-1].close)
            stack.enter_context(passing_on_at_once())
        renderers = {"counted": counted, "apology": apology, "update_quarantined": apology, **(notices or {})}
        processes = [
            await stack.enter_async_context(
                _process(
                    one,
                    transport,
                    api_url=api_url,
                    bot_id=me["id"],
                    folder=folder,
                    clock=clock,
                    rate=rate,
                    handlers=list(HANDLERS if handlers is None else handlers),
                    renderers=renderers,
                )
            )
            for one in databases
        ]
        sample, turns = processes[0], InTurn(len(processes))
        if poll:
            poller = sample.intake
            if len(processes) > 1:
                takers = [process.intake for process in processes]
                parts = {"database": database, "transport": transport, "turnstile": sample.turnstile, "clock": clock}
                poller = _Balancer(takers, turns, bot_id=me["id"], **parts)
            await poller.recover()
            sample.tasks.append(asyncio.create_task(poller.run()))
        try:
            yield sample
        finally:
            turns.end()
            for task in sample.tasks[1:]:
                task.cancel()
            await asyncio.gather(*sample.tasks[1:], return_exceptions=True)


@contextlib.asynccontextmanager
async def _process(
    database: Database,
    transport: Transport,
    *,
    api_url: str,
    bot_id: int,
    folder: Path,
    clock: Callable[[], datetime],
    rate: int,
    handlers: list[Any],
    renderers: Mapping[str, Renderer],
) -> AsyncIterator[Sample]:
    """Run what one process of the bot runs, but for polling."""
    house = House(bot_username="SampleBot")
    request = FrameworkRequest(transport)
    bot: ExtBot[None] = ExtBot(TOKEN, base_url=f"{api_url}/bot", request=request, get_updates_request=request)
    application = new_application(bot, house, Vault.open(folder / "secret.key"))
    application.add_handler(GROUP_GUARD, group=-1)
    application.add_handlers(handlers)
    application.add_error_handler(keep_for_the_frame)
    await application.initialize()

    async def nothing(*_: Any) -> None:
        return None

    courier = Courier(
        transport,
        SendBudget(rate),
        files=folder,
        on_unreachable=nothing,
        on_uploaded=nothing,
        on_flood=nothing,
        screens=None if database.shared else Screens(),
    )
    replica = OnlyProcess()
    if isinstance(database, SharedDatabase):
        replica = Replica(database)
        await replica.join()
    owed = Outbox(database=database, courier=courier, renderers=renderers, house=house, clock=clock, replica=replica)
    frame = Frame(
        database=database,
        application=application,
        courier=courier,
        house=house,
        clock=clock,
        after_commit=owed.wake,
        replica=replica,
    )
    turnstile = Turnstile(frame.handle, fetch=fetcher(database, replica))
    intake = Intake(
        database=database, transport=transport, turnstile=turnstile, bot_id=bot_id, clock=clock, replica=replica
    )
    if not database.shared:
        await owed.recover()
    sending = asyncio.create_task(owed.run())
    beating = asyncio.create_task(replica.run(adopt=turnstile.push, wake=owed.wake))
    try:
        yield Sample(database, transport, intake, turnstile, frame, owed, [sending])
    finally:
        await turnstile.drained()
        await frame.drain()
        sending.cancel()
        beating.cancel()
        await asyncio.gather(sending, beating, return_exceptions=True)
        await replica.leave()
        await application.shutdown()
