"""Start the emulator alone: `python -m bot.emulator --port 8081`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
from pathlib import Path

from bot.emulator.running import DEFAULT_PORT, running


async def serve(arguments: argparse.Namespace) -> None:
    """Run until a signal asks for the end."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stopped.set)
    async with running(
        port=arguments.port,
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
