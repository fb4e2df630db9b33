"""An emulator inside this process: the command runs one this way, and so do the demo and the emulator's tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from bot.emulator.options import DEFAULT_PORT
from bot.emulator.server import Server
from bot.emulator.store import Store
from bot.emulator.world import World

HOST = "127.0.0.1"
SHUTDOWN_SECONDS = 2.0
#: How long what a refused caller still sends is read and thrown away, so that the refusal reaches it.
LINGERING_SECONDS = 2.0


@contextlib.asynccontextmanager
async def running(
    *,
    port: int = DEFAULT_PORT,
    state: Path | None = None,
    fresh: bool = False,
    limits: bool = True,
    loopback_webhook: bool = False,
    headless: bool = False,
) -> AsyncIterator[str]:
    """Run an emulator and yield its address; with a state file it begins where it ended, unless `fresh`."""
    world = World(loopback_webhook=loopback_webhook, headless=headless)
    store = Store(state, world) if state is not None else None
    if store is not None:
        store.open(fresh=fresh)
    server = Server(world, limits=limits)
    runner = web.AppRunner(
        server.application(), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS, lingering_time=LINGERING_SECONDS
    )
    await runner.setup()
    stopped = asyncio.Event()
    saving = asyncio.create_task(store.keep_saving(stopped)) if store is not None else None
    try:
        site = web.TCPSite(runner, HOST, port)
        await site.start()
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
        stopped.set()
        if saving is not None:
            await saving
