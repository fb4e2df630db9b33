"""The bots that are compared, each in a process of its own, and what it costs: user and system time by /proc."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TOKEN = "700200300:" + "B" * 35
STOP_SECONDS = 15.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Peer:
    """A bot that takes part: how it is called in the table, and the command that starts it."""

    key: str
    name: str
    command: tuple[str, ...]


OURS = Peer("ours", "this bot, whole, SQLite FULL", ("-m", "bot", "run"))
STOCK = Peer("stock", "python-telegram-bot, stock", ("-m", "tests.bench.stock"))
AIOGRAM = Peer("aiogram", "aiogram 3", ("-m", "tests.bench.aiogram_bot"))
PEERS = (STOCK, AIOGRAM, OURS)


def cpu_seconds(pid: int) -> float:
    """Give the processor time a process has used so far, with all its threads and its children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS


def environment(folder: Path, api_url: str, card: Path | None) -> dict[str, str]:
    """Give all that a bot's process sees; nothing comes from this machine's .env."""
    return {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")},
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": api_url,
        "DATABASE_URL": f"sqlite:///{folder / 'bot.db'}",
        "DATA_DIR": str(folder),
        "OPERATOR_IDS": "",
        "SEND_RATE": "1000000",
        "BENCH_CARD": str(card or ""),
    }


@contextlib.asynccontextmanager
async def running(peer: Peer, folder: Path, env: Mapping[str, str]) -> AsyncIterator[int]:
    """Run a bot while the block lasts and give its process id; it must end by itself when asked."""
    with (folder / f"{peer.key}.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *peer.command, cwd=ROOT, env=dict(env), stdout=log, stderr=log
        )
    try:
        yield process.pid
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
