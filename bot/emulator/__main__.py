"""Start the emulator alone: `python -m bot.emulator --port 8081`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import sqlite3
import sys

from bot.emulator.options import describe
from bot.emulator.running import running


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
        headless=arguments.headless,
    ) as address:
        sys.stdout.write(f"emulator ready {address}\n")
        sys.stdout.flush()
        await stopped.wait()


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="emulator")
    describe(parser)
    return run(parser.parse_args(arguments))


def run(options: argparse.Namespace) -> int:
    """Run with these options; gives the exit code: 2 when the port or the state file cannot be used."""
    logging.basicConfig(level=logging.WARNING)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(serve(options))
    except (OSError, sqlite3.Error) as error:
        is_port = isinstance(error, OSError) and error.filename is None
        what = f"--port: {options.port}" if is_port else f"--state: {options.state}"
        sys.stderr.write(f"error: {what} can't be used ({getattr(error, 'strerror', None) or error})\n")
        return 2
    return 0


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    with contextlib.suppress(ImportError):
        import uvloop

        return uvloop.Loop
    return None


if __name__ == "__main__":
    sys.exit(main())
