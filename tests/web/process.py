"""`python -m bot run --webhook` in a process of its own, beside an emulator that brings it updates."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.bot_process import BotProcess
from tests.emulator_process import emulator_process
from tests.phone import Telegram
from tests.web.desk import PATH, SECRET, free_port

RUN = ("-m", "bot", "run", "--webhook")


def webhook_env(port: int) -> dict[str, str]:
    """Give the settings of a webhook on this machine."""
    return {
        "WEBHOOK_URL": f"http://127.0.0.1:{port}{PATH}",
        "WEBHOOK_SECRET": SECRET,
        "WEBHOOK_LISTEN": f"127.0.0.1:{port}",
    }


@contextlib.asynccontextmanager
async def telegram_with_webhooks(folder: Path) -> AsyncIterator[Telegram]:
    """Run an emulator that brings updates to this machine; at the end nothing unknown was called."""
    async with (
        emulator_process(folder, "--no-limits", "--loopback-webhook") as url,
        Telegram(url, patience_seconds=20) as telegram,
    ):
        yield telegram
        assert await telegram.problems() == []


@dataclass
class WebhookBot(BotProcess):
    """A bot with a webhook; after a restart Telegram's growing pauses are over at once, by its clock."""

    telegram: Telegram | None = None

    async def start(self) -> None:
        """Start it, and let Telegram try again."""
        await super().start()
        if self.starts > 1 and self.telegram is not None:
            await self.telegram.move_clock(seconds=8)


@contextlib.asynccontextmanager
async def webhook_bot(
    folder: Path, telegram: Telegram, *, program: tuple[str, ...] = RUN, **env: str
) -> AsyncIterator[WebhookBot]:
    """Run a bot with a webhook while the block lasts; unless it was killed it must end with exit code 0 when asked."""
    env = {**webhook_env(free_port()), **env}
    bot = WebhookBot(folder=folder, api_url=telegram.base_url, env=env, program=program, telegram=telegram)
    await bot.start()
    try:
        yield bot
    except BaseException:
        if bot.process is not None and bot.process.returncode is None:
            await bot.kill()
        raise
    assert await bot.stop() in (0, -signal.SIGKILL), bot.log.read_text()[-3000:]


async def watch_ready(bot: BotProcess, seen: list[int]) -> None:
    """Ask again and again whether the bot is ready, and note each change: a status, 0 when nobody listens."""
    url = f"http://{bot.env['WEBHOOK_LISTEN']}/readyz"
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(url) as response:
                    status = response.status
            except aiohttp.ClientError:
                status = 0
            if seen[-1:] != [status]:
                seen.append(status)
            await asyncio.sleep(0.01)  # what is watched is another process
