"""One process of the bot on a marketplace of any size: how soon it is ready, and what memory it takes while it works.

There is work for it at once: receipts and alerts that are due, rounds of new jobs among the subscribers, places to pay,
reservations that end, and the auditor's minute. Its Telegram is the emulator, where nobody of these people lives.
"""

import asyncio
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from storage import outbox
from storage.database import Database
from tests.bench.processes import cpu_seconds
from tests.bot_process import bot_process
from tests.emulator_process import emulator_process
from tests.waiting import eventually

WORKING_SECONDS = 30.0
AUDIT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Running:
    """Until `ready`: seconds, and those of the processor. Megabytes then, after some work and an audit, and at most."""

    ready_seconds: float
    ready_cpu_seconds: float
    ready_mb: float
    working_mb: float
    most_mb: float


async def run(url: str) -> Running:
    """Start the bot on this database and let it work."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with emulator_process(folder, "--no-limits") as api_url:
            began = time.monotonic()
            async with bot_process(folder, api_url, DATABASE_URL=url, SEND_RATE="28") as bot:
                ready_seconds = time.monotonic() - began
                assert bot.process is not None
                pid = bot.process.pid
                ready_cpu_seconds = cpu_seconds(pid)
                ready, _ = _megabytes(pid)
                await asyncio.sleep(WORKING_SECONDS)
                await eventually(lambda: _was_audited(url), "a minute's audit is over", seconds=AUDIT_SECONDS)
                working, most = _megabytes(pid)
    return Running(ready_seconds, ready_cpu_seconds, ready, working, most)


async def _was_audited(url: str) -> bool:
    database = await Database.open(url)
    try:
        async with database.read() as tx:
            return await outbox.get_flag(tx, "audit_result") is not None
    finally:
        await database.close()


def _megabytes(pid: int) -> tuple[float, float]:
    """Give a process's memory in use, now and at most so far."""
    told = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    kilobytes = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB$", told, re.MULTILINE))
    return int(kilobytes["VmRSS"]) / 1024, int(kilobytes["VmHWM"]) / 1024
