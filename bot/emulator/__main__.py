"""Start the emulator alone: `python -m bot.emulator --port 8081`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from bot.emulator.server import Server
from bot.emulator.store import Store
from bot.emulator.world import World

DEFAULT_PORT = 8081
SHUTDOWN_SECONDS = 2.0


@contextlib.asynccontextmanager
async def running(
    *,
    port: int = DEFAULT_PORT,
    host: str = "127.0.0.1",
    state: Path | None = None,
    fresh: bool = False,
    limits: bool = True,
    loopback_webhook: bool = False,
) -> AsyncIterator[str]:
    """Run an emulator and yield its address; with a state file it begins where it ended, unless `fresh`."""
    world = World(loopback_webhook=loopback_webhook)
    store = Store(state, world) if state is not None else None
    if store is not None:
        store.open(fresh=fresh)
    server = Server(world, limits=limits)
    runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    stopped = asyncio.Event()
    saving = asyncio.create_task(store.keep_saving(stopped)) if store is not None else None
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
        stopped.set()
        if saving is not None:
            await saving


async def serve(arguments: argparse.Namespace) -> None:
    """Run until a signal asks for the end."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stopped.set)
    async with running(
        port=arguments.port,
        host=arguments.host,
        state=arguments.state,
        fresh=arguments.fresh,
        limits=not arguments.no_limits,
        loopback_webhook=arguments.loopback_webhook,
    ) as address:
        sys.stdout.write(f"emulator ready {address}\n")
        sys.stdout.flush()
        await stopped.wait()


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="emulator", description="A Telegram on your own machine.")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--state", type=Path, help="keep chats and files here")
    parser.add_argument("--fresh", action="store_true", help="begin with an empty state")
    parser.add_argument("--no-limits", action="store_true", help="let bots send as fast as they can")
    parser.add_argument("--loopback-webhook", action="store_true", help="allow webhooks to http://127.0.0.1")
    logging.basicConfig(level=logging.WARNING)
    runner: type[asyncio.Runner] = asyncio.Runner
    options = parser.parse_args(arguments)
    with runner(loop_factory=_loop_factory()) as loop:
        loop.run(serve(options))
    return 0


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    with contextlib.suppress(ImportError):
        import uvloop

        return uvloop.Loop
    return None


if __name__ == "__main__":
    sys.exit(main())
