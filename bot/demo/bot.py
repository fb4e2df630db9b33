"""The demo's bot: `python -m bot run` in all but its clock, which goes with the emulator's.

    emulator: /door/clock ─► how far it was moved on ─► EmulatorClock ─► App: what is due by now is done at once

This is the only place that gives the bot another clock than the machine's. It takes the demo's token only, so no
setting can bring a real bot here, and `run` has nothing to switch.
"""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable
from datetime import datetime, timedelta

import aiohttp

from bot.app import App, utc_now
from bot.demo.cast import DEMO_TOKEN
from bot.logs import configure
from bot.settings import BadConfiguration, Settings, load_settings

POLL_SECONDS = 40.0
PAUSE_SECONDS = 0.5


class EmulatorClock:
    """The machine's time and what the emulator was moved on by; it never goes back."""

    def __init__(self, address: str) -> None:
        self._url = f"{address}/door/clock"
        self._ahead = 0

    def now(self) -> datetime:
        """Give the time."""
        return utc_now() + timedelta(seconds=self._ahead)

    async def read(self, session: aiohttp.ClientSession, *, wait: bool = False) -> bool:
        """Ask how far it was moved on, or wait until it is moved; whether it was.

        Raises:
            aiohttp.ClientError, TimeoutError: there is no answer.
        """
        query = {"after": str(self._ahead)} if wait else {}
        async with session.get(self._url, params=query) as response:
            ahead = int((await response.json())["offset_seconds"])
        moved = ahead > self._ahead
        self._ahead = max(ahead, self._ahead)
        return moved

    async def follow(self, session: aiohttp.ClientSession, moved: Callable[[], None]) -> None:
        """Stay in step for ever, and say when it was moved."""
        while True:
            try:
                if await self.read(session, wait=True):
                    moved()
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(PAUSE_SECONDS)


async def perform(settings: Settings) -> None:
    """Run the bot until a signal asks for its end.

    Raises:
        BadConfiguration: these are not the demo's settings, or the emulator is not there.
    """
    if settings.token() != DEMO_TOKEN:
        raise BadConfiguration("BOT_TOKEN: only the demo's own bot runs here; use `python -m bot run`")
    clock = EmulatorClock(settings.telegram_api_url)
    app = App(settings, clock=clock.now)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, app.stop.set)
    timeout = aiohttp.ClientTimeout(total=POLL_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session:
        try:
            await clock.read(session)  # before the first look at the data, which may be from further on
        except (aiohttp.ClientError, TimeoutError) as error:
            raise BadConfiguration(f"TELEGRAM_API_URL: there is no emulator ({error})") from None
        following = asyncio.create_task(clock.follow(session, app.leapt.set))
        try:
            await app.run()
        finally:
            following.cancel()
            await asyncio.wait({following})


def main() -> int:
    """Run with the settings of the environment; gives the exit code."""
    try:
        settings = load_settings()
        configure(settings.log_level)
        try:
            import uvloop
        except ImportError:  # Windows
            asyncio.run(perform(settings))
        else:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(perform(settings))
    except BadConfiguration as problem:
        sys.stderr.write(f"error: {problem}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
