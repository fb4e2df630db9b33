"""The demo as its user starts it, in a folder whose `.env` and environment would lead it astray."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
STOP_SECONDS = 10.0
POISON = {"BOT_TOKEN": "123456789:" + "R" * 35, "TELEGRAM_API_URL": "http://127.0.0.1:9", "OPERATOR_IDS": "1"}


class DemoProcess:
    """One run of `python -m bot demo`."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.arguments = arguments
        self.address = ""
        self.said: list[str] = []
        self.errors = b""
        self.process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> DemoProcess:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing running, also when a test fails in the middle."""
        if self.process is not None and self.process.returncode is None:
            await self.interrupt()

    async def begin(self) -> None:
        """Start it."""
        home = self.folder.parent
        poison = "".join(f"{name}={value}\n" for name, value in POISON.items())
        (home / ".env").write_text(f"{poison}DATABASE_URL=sqlite:///nowhere/at/all.db\n")
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", "demo", "--no-browser", "--data", str(self.folder), *self.arguments),
            cwd=home,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **POISON},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def next_line(self) -> str:
        """Wait for the next line it says; "" at its end."""
        assert self.process is not None
        assert self.process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            line = (await self.process.stdout.readline()).decode()
        if line:
            self.said.append(line.strip())
        return line

    async def start(self) -> DemoProcess:
        """Start it and wait until it says where to look, or ends."""
        await self.begin()
        while line := await self.next_line():
            if line.startswith("Open http://"):
                self.address = line.removeprefix("Open ").strip()
                break
        return self

    async def ended(self) -> int:
        """Wait for its end and give the exit code; killed when it takes too long.

        Raises:
            TimeoutError: it did not end in time.
        """
        assert self.process is not None
        try:
            async with asyncio.timeout(STOP_SECONDS):
                rest, self.errors = await self.process.communicate()
        except TimeoutError:
            self.process.kill()
            raise
        self.said += rest.decode().splitlines()
        assert self.process.returncode is not None
        return self.process.returncode

    async def interrupt(self) -> int:
        """Press Ctrl-C and give the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return await self.ended()

    def children(self) -> dict[str, int]:
        """Give the ids of its processes: the emulator and the bot."""
        assert self.process is not None
        pid = self.process.pid
        found = {}
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            name = "emulator" if b"bot.emulator" in words else "bot" if b"bot.demo.bot" in words else None
            if name is not None:  # Python keeps a helper of its own for the picture process
                found[name] = int(child)
        return found


def runs(pid: int) -> bool:
    """Whether a process is there and not just waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
