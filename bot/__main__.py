"""The command line: python -m bot run | demo | webhook | migrate | verify | backup | restore | emulator.

Exit code 0 only on success. A configuration that can't be used is told in one line that names the variable.
"""

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from bot.emulator.options import describe as describe_emulator
from bot.settings import BadConfiguration, Settings, load_settings


def main(argv: list[str] | None = None) -> int:
    """Run a command; gives the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        code: int = arguments.command(arguments)
    except BadConfiguration as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="The micro-task bot.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=command)
        return sub

    run = add(
        "run", _run, "run the bot against Telegram (or TELEGRAM_API_URL), with BOT_TOKEN from the environment or .env"
    )
    run.add_argument("--webhook", action="store_true", help="have Telegram bring the updates to WEBHOOK_URL")
    demo = add("demo", _demo, "play the whole thing on this machine: an emulator, demo data and the bot, with no token")
    demo.add_argument("--port", type=int, default=8081, help="port of the page with the phones (default 8081)")
    demo.add_argument("--no-browser", action="store_true", help="don't open the page, only print its address")
    demo.add_argument("--fresh", action="store_true", help="forget the state of earlier demos")
    demo.add_argument("--data", type=Path, default=Path("data/demo"), help="where its state lives (default data/demo)")
    webhook = add("webhook", _webhook, "say where Telegram brings this bot's updates, and how that goes")
    webhook.add_argument("--delete", action="store_true", help="have it bring them nowhere; what waits stays there")
    migrate = add("migrate", _migrate, "bring the database to this release's schema")
    migrate.add_argument("--check", action="store_true", help="only say what is pending; exit code 1 if anything is")
    add("verify", _verify, "check every rule of the ledger against the rows; exit code 1 on a violation")
    backup = add("backup", _backup, "copy the database into a new file while the bot runs, then verify the copy")
    backup.add_argument("file", type=Path, metavar="FILE")
    restore = add("restore", _restore, "bring a backup back into an empty place; payouts start frozen")
    restore.add_argument("file", type=Path, metavar="FILE")
    transfer = add("transfer", _transfer, "copy a whole database into an empty one, verified: moving to PostgreSQL")
    transfer.add_argument("source", metavar="SOURCE", help="sqlite:///… or postgresql://…; stop the bot first")
    transfer.add_argument("target", metavar="TARGET", help="an empty database")
    describe_emulator(add("emulator", _emulator, "run the stand-in for Telegram alone, for any bot (docs/EMULATOR.md)"))
    return parser


def _settings() -> Settings:
    from bot.logs import configure

    settings = load_settings()
    configure(settings.log_level)
    return settings


def _drive(work: Coroutine[Any, Any, int]) -> int:
    """Run a coroutine on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:  # Windows
        return asyncio.run(work)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def _run(arguments: argparse.Namespace) -> int:
    settings = _settings()
    settings.token()
    if arguments.webhook:
        settings.webhook()
    from bot.app import App

    async def work() -> int:
        app = App(settings, webhook=arguments.webhook)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, app.stop.set)
        await app.run()
        return 0

    return _drive(work())


def _demo(arguments: argparse.Namespace) -> int:
    from bot.demo import play

    return _drive(
        play(port=arguments.port, browser=not arguments.no_browser, fresh=arguments.fresh, folder=arguments.data)
    )


def _webhook(arguments: argparse.Namespace) -> int:
    settings = _settings()
    settings.token()
    from bot.upkeep import webhook

    return _drive(webhook(settings, delete=arguments.delete))


def _migrate(arguments: argparse.Namespace) -> int:
    settings = _settings()
    from bot.upkeep import migrate

    return _drive(migrate(settings, check=arguments.check))


def _verify(arguments: argparse.Namespace) -> int:
    settings = _settings()
    from bot.upkeep import verify

    return _drive(verify(settings))


def _backup(arguments: argparse.Namespace) -> int:
    settings = _settings()
    from bot.upkeep import backup

    return _drive(backup(settings, arguments.file))


def _restore(arguments: argparse.Namespace) -> int:
    settings = _settings()
    from bot.upkeep import restore

    return _drive(restore(settings, arguments.file))


def _transfer(arguments: argparse.Namespace) -> int:
    _settings()
    from bot.transfer import transfer
    from bot.upkeep import say

    return _drive(transfer(arguments.source, arguments.target, say=say))


def _emulator(arguments: argparse.Namespace) -> int:
    from bot.emulator.__main__ import run as emulate

    return emulate(arguments)


if __name__ == "__main__":
    sys.exit(main())
