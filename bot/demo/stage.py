"""The demo's course: its state made or found, emulator and bot started, then it waits, then both end.

    play ─► folder ours? port free? ─► the past, if new ─► emulator ─► people, hello ─► bot ─► … ─► bot, emulator end

The bot gets every setting from here: neither `.env` nor the environment, nor a real token, reaches it.
"""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import webbrowser
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
from pydantic import SecretStr

from bot.app import utc_now
from bot.demo.cast import DEMO_TOKEN, OLGA, PEOPLE
from bot.demo.children import Child, ChildFailed
from bot.demo.door import Door
from bot.demo.folder import KEY_FILE, PROOFS, Folder, occupied
from bot.demo.seed import Place, seed
from bot.demo.tour import tour
from bot.domain.zone import is_zone
from bot.opening import house_of, open_database
from bot.settings import BadConfiguration, Settings
from storage.database import Database
from storage.errors import DatabaseError
from storage.migrate import SchemaMismatch, migrate
from storage.outbox import find_newest
from storage.vault import Vault

HOST = "127.0.0.1"
#: Together below the 10 s in which the demo has to end.
BOT_ENDS_SECONDS = 6.0
EMULATOR_ENDS_SECONDS = 2.0
HIGHEST_PORT = 65_535
PAY_IN_HERE = (
    "This is a demo, no money moves. Type any reference, for example WIRE-1234, and confirm it on Olga's phone: "
    "Desk, Deposits."
)


async def play(*, port: int, browser: bool, fresh: bool, folder: Path) -> int:
    """Run the demo until a signal asks for its end (0), or a part of it fails (1).

    Raises:
        BadConfiguration: the port is taken, or the folder is somebody else's.
    """
    stop = _stop_signal()
    with occupied(folder) as own:
        _expect_free(port)
        if fresh or own.is_new:
            own.wipe()
        playing = asyncio.create_task(_play(own, port=port, browser=browser))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({playing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if playing.done():
                return playing.result()
            _say("Stopping ...")
            return 0
        except ChildFailed as failure:
            sys.stderr.write(f"error: {failure}\n")
            return 1
        finally:
            stopping.cancel()
            playing.cancel()
            await asyncio.wait({playing})  # it ends the processes


async def _play(own: Folder, *, port: int, browser: bool) -> int:
    if own.is_new:
        _say("Writing the demo's data, this takes a few seconds ...")
        await _write_past(own)
    else:
        await _bring_up_to_date(own)
    async with contextlib.AsyncExitStack() as stack:
        emulator = await Child.start(
            "emulator",
            ["bot.emulator", "--port", str(port), "--state", str(own.emulator)],
            ready="emulator ready ",
            log=own.path / "emulator.log",
            environment=_environment(),
        )
        stack.push_async_callback(emulator.end, seconds=EMULATOR_ENDS_SECONDS)
        address = (await emulator.ready()).split()[-1]
        bot = await _start_bot(stack, own, address)
        _say(f"Open {address}")
        if browser and _has_screen():
            await asyncio.to_thread(webbrowser.open, address)
        deaths = {asyncio.create_task(child.died()) for child in (emulator, bot)}
        first, _ = await asyncio.wait(deaths, return_when=asyncio.FIRST_COMPLETED)
        raise ChildFailed(first.pop().result())


async def _start_bot(stack: contextlib.AsyncExitStack, own: Folder, address: str) -> Child:
    """Let the people come to life and say hello, then start the bot, and wait for its first answers.

    The hello comes first, because a bot may do nothing in the chat of somebody who never wrote to it: the operator's
    menu of commands is set as it starts.
    """
    try:
        async with Door(address) as door:
            await door.catch_up_with(await _newest(own))
            await door.bring_in(PEOPLE)
            await door.make_known(DEMO_TOKEN)
            await door.give_tour(await asyncio.to_thread(tour))
            greeting = await door.say_hello(PEOPLE)
            bot = await Child.start(
                "bot",
                ["bot.demo.bot"],
                ready=r"\bready\b",
                log=own.path / "bot.log",
                environment=_environment() | environment_of(settings_of(own, address)),
            )
            stack.push_async_callback(bot.end, seconds=BOT_ENDS_SECONDS)
            await bot.ready()
            await door.wait_for_answers(greeting)
            return bot
    except (aiohttp.ClientError, TimeoutError) as error:
        reason = str(error) or "no answer"
        raise ChildFailed(f"the people could not say hello to the bot ({reason}); see {own.path}") from None


async def _newest(own: Folder) -> datetime | None:
    """Find the last moment the data knows of; the emulator may have lost the last of its own in a crash."""
    database = await Database.open(_url(own.database))
    try:
        async with database.read() as tx:
            return await find_newest(tx)
    finally:
        await database.close()


def settings_of(own: Folder, address: str) -> Settings:
    """Give the bot's settings in the demo: the defaults, whatever environment and `.env` say, on the demo's paths."""
    values: dict[str, Any] = {
        name: field.get_default(call_default_factory=True) for name, field in Settings.model_fields.items()
    }
    values |= {
        "bot_token": SecretStr(DEMO_TOKEN),
        "telegram_api_url": address,
        "database_url": _url(own.database),
        "data_dir": own.path,
        "operator_ids": frozenset({OLGA.id}),
        "deposit_instructions": PAY_IN_HERE,
    }
    return Settings(_env_file=None, **values)


def environment_of(settings: Settings) -> dict[str, str]:
    """Write settings as the environment variables that give them."""

    def written(value: Any) -> str:
        if isinstance(value, SecretStr):
            return value.get_secret_value()
        if isinstance(value, frozenset):
            return ",".join(str(part) for part in sorted(value))
        return str(value)

    values = {name: getattr(settings, name) for name in Settings.model_fields}
    return {name.upper(): written(value) for name, value in values.items() if value is not None}


def _environment() -> dict[str, str]:
    """Give this process's environment without any of the bot's settings."""
    return {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}


async def _write_past(own: Folder) -> None:
    """Write the whole past into a file beside, so that it is there wholly or not at all."""
    settings = settings_of(own, f"http://{HOST}").model_copy(update={"database_url": _url(own.unfinished)})
    database = await open_database(settings)
    try:
        place = Place(
            database=database,
            house=house_of(settings),
            vault=Vault.open(own.path / KEY_FILE),
            proofs=own.path / PROOFS,
            zone=_zone_here(),
        )
        await seed(place, now=utc_now())
    finally:
        await database.close()
    own.unfinished.rename(own.database)


async def _bring_up_to_date(own: Folder) -> None:
    """Give the state of an earlier release this release's schema."""
    database = await Database.open(_url(own.database))
    try:
        await migrate(database)
    except (SchemaMismatch, DatabaseError) as error:
        raise BadConfiguration(
            f"--data: this state can't be used any more ({error}); begin anew with --fresh"
        ) from None
    finally:
        await database.close()


def _zone_here() -> str:
    """Give this machine's time zone, so that the bot's times are those of the page; UTC when it has no name."""
    name = os.environ.get("TZ") or str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
    return name if is_zone(name) else "UTC"


def _url(path: Path) -> str:
    return f"sqlite:///{quote(path.as_posix())}"


def _expect_free(port: int) -> None:
    if port == 0:
        return
    if not 0 < port <= HIGHEST_PORT:
        raise BadConfiguration(f"--port: {port} is no port; choose one from 1024 to {HIGHEST_PORT}, or 0 for any")
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise BadConfiguration(
                f"--port: {port} can't be used ({error.strerror}); stop what uses it, or choose another one"
            ) from None


def _stop_signal() -> asyncio.Event:
    """Give what Ctrl-C, SIGTERM and the terminal's end set from now on."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number: signal.Signals | None = getattr(signal, name, None)
        if number is not None:
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, asked.set)
    return asked


def _has_screen() -> bool:
    """Whether there is a screen for a browser: without one, a browser of the terminal would take it over."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _say(line: str) -> None:
    """Tell the person at the terminal, if there still is one."""
    with contextlib.suppress(OSError):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
