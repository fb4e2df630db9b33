"""The bot as its user starts it: `python -m bot run` in a process of its own, with nothing from this machine's .env."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.engines import Look, looking, url_of
from tests.waiting import eventually

ROOT = Path(__file__).parent.parent
TOKEN = "700200300:" + "B" * 35
START_SECONDS = 30.0
STOP_SECONDS = 10.0
COMMAND_SECONDS = 60.0


@dataclass
class BotProcess:
    """A bot that can be started, killed, started again on the same data, and stopped politely."""

    folder: Path
    api_url: str
    env: Mapping[str, str] = field(default_factory=dict)
    program: Sequence[str] = ("-m", "bot", "run")
    process: asyncio.subprocess.Process | None = None
    starts: int = 0

    @property
    def database_url(self) -> str:
        """Give the address of its database."""
        return url_of(self.folder / "bot.db")

    def looking(self) -> contextlib.AbstractAsyncContextManager[Look]:
        """Look into its database from outside, while it lives and dies."""
        return looking(self.folder / "bot.db")

    @property
    def victim(self) -> None:
        """Give which of several processes is killed next: there is one."""
        return None

    @property
    def log(self) -> Path:
        """Give the file its standard error goes to, one a start."""
        return self.folder / f"bot-{self.starts}.log"

    def environment(self) -> dict[str, str]:
        """Give the whole environment the process sees."""
        return {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")},
            "BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": self.api_url,
            "DATABASE_URL": self.database_url,
            "DATA_DIR": str(self.folder),
            "OPERATOR_IDS": "",
            "SEND_RATE": "1000",
            **self.env,
        }

    async def start(self) -> None:
        """Start it and wait for the line with the word `ready`."""
        self.starts += 1
        with self.log.open("wb") as errors:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, *self.program, cwd=ROOT, env=self.environment(), stdout=errors, stderr=errors
            )

        async def ready() -> bool:
            assert self.process is not None
            assert self.process.returncode is None, f"the bot ended: {self.log.read_text()[-3000:]}"
            return " ready" in self.log.read_text() or "'ready'" in self.log.read_text()

        await eventually(ready, "the bot is ready", seconds=START_SECONDS)

    async def kill(self) -> None:
        """Kill it as a power cut would end a process: no handler runs."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self, *, signal_number: int = signal.SIGTERM) -> int:
        """Ask it to end and give its exit code; it has 10 s.

        Raises:
            TimeoutError: it did not end in time (it is killed then).
        """
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal_number)
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await self.process.wait()
            except TimeoutError:
                await self.kill()
                raise
        assert self.process.returncode is not None
        return self.process.returncode


@contextlib.asynccontextmanager
async def bot_process(
    folder: Path, api_url: str, *, program: Sequence[str] = ("-m", "bot", "run"), **env: str
) -> AsyncIterator[BotProcess]:
    """Run the bot while the block lasts; it must end with exit code 0 when asked."""
    bot = BotProcess(folder=folder, api_url=api_url, env=env, program=program)
    await bot.start()
    try:
        yield bot
    except BaseException:
        if bot.process is not None and bot.process.returncode is None:
            await bot.kill()
        raise
    assert await bot.stop() == 0, bot.log.read_text()[-3000:]


async def command(folder: Path, *arguments: str, **env: str) -> tuple[int, str, str]:
    """Run `python -m bot ARGUMENTS` to its end on a folder's data; gives exit code, output and errors.

    Raises:
        TimeoutError: it did not end (it is killed then).
    """
    bot = BotProcess(folder=folder, api_url="http://127.0.0.1:9", env=env)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=ROOT,
        env=bot.environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(COMMAND_SECONDS):
            output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()
