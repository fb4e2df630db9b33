"""Several bot processes behind one webhook: a balancer before them, one PostgreSQL behind, one killed at a time."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web

from bot.web import HEADER
from tests.engines import Look, looking_at
from tests.phone import Telegram
from tests.web.desk import PATH, SECRET, free_port
from tests.web.process import RUN, WebhookBot

LEASE_SECONDS = "2"
_JOINED = re.compile(r"'joined'.*?replica=(\d+)")


@dataclass
class Balancer:
    """Brings each request to the next process that takes it; 503 when none does."""

    backends: list[int]
    port: int = field(default_factory=free_port)
    turn: int = 0
    brought: dict[int, int] = field(default_factory=dict)
    _session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        """Give the address that Telegram is told."""
        return f"http://127.0.0.1:{self.port}{PATH}"

    async def bring(self, request: web.BaseRequest) -> web.Response:
        """Pass a request on."""
        assert self._session is not None
        body = await request.read()
        headers = {name: request.headers[name] for name in (HEADER, "Content-Type") if name in request.headers}
        for _ in self.backends:
            backend = self.backends[self.turn % len(self.backends)]
            self.turn += 1
            try:
                async with self._session.post(
                    f"http://127.0.0.1:{backend}{request.path}", data=body, headers=headers
                ) as answer:
                    if answer.status < 500:
                        self.brought[backend] = self.brought.get(backend, 0) + 1
                        return web.Response(status=answer.status, body=await answer.read())
            except (aiohttp.ClientError, OSError):
                continue
        return web.Response(status=503)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen while the block lasts."""
        runner = web.ServerRunner(web.Server(self.bring))
        await runner.setup()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as self._session:
            await web.TCPSite(runner, "127.0.0.1", self.port).start()
            try:
                yield
            finally:
                await runner.cleanup()


@dataclass
class Cluster:
    """Bot processes on one database; `kill` and `start` are for the next victim of a story."""

    folder: Path
    telegram: Telegram
    database: str
    bots: list[WebhookBot] = field(default_factory=list)
    balancer: Balancer | None = None
    _next: int = 0

    @property
    def victim(self) -> int:
        """Give the replica id of the process that is killed next."""
        return replica_of(self.bots[self._next])

    def looking(self) -> contextlib.AbstractAsyncContextManager[Look]:
        """Look into the database from outside."""
        return looking_at(lambda: self.database)

    async def kill(self) -> None:
        """Kill the next victim as a power cut would."""
        await self.bots[self._next].kill()

    async def start(self) -> None:
        """Start the one that was killed again, and choose the next victim."""
        await self.bots[self._next].start()
        self._next = (self._next + 1) % len(self.bots)

    @contextlib.asynccontextmanager
    async def running(self, size: int) -> AsyncIterator["Cluster"]:
        """Run so many processes while the block lasts; each must end with exit code 0 when asked."""
        ports = [free_port() for _ in range(size)]
        self.balancer = Balancer(ports)
        for number, port in enumerate(ports):
            home = self.folder / f"replica{number}"
            home.mkdir()
            env = {
                "WEBHOOK_URL": self.balancer.url,
                "WEBHOOK_SECRET": SECRET,
                "WEBHOOK_LISTEN": f"127.0.0.1:{port}",
                "DATABASE_URL": self.database,
                "DATA_DIR": str(self.folder),
                "LEASE_SECONDS": LEASE_SECONDS,
            }
            self.bots.append(
                WebhookBot(folder=home, api_url=self.telegram.base_url, env=env, program=RUN, telegram=self.telegram)
            )
        async with self.balancer.running():
            try:
                for bot in self.bots:
                    await bot.start()
                yield self
            except BaseException:
                for bot in self.bots:
                    if bot.process is not None and bot.process.returncode is None:
                        await bot.kill()
                raise
            codes = await asyncio.gather(*(bot.stop() for bot in self.bots))
        assert codes == [0] * size, [bot.log.read_text()[-2000:] for bot in self.bots]


def replica_of(bot: WebhookBot) -> int:
    """Give the id under which a running process has joined the others."""
    found = _JOINED.findall(bot.log.read_text())
    assert found, bot.log.read_text()[-2000:]
    return int(found[-1])
