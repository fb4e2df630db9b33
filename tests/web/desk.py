"""The webhook's endpoint on a real inbox, and what a test sends it: requests of aiohttp, or bytes by hand.

What comes through the turnstile is noted in `handled` and goes no further; `gate` keeps it there until it is opened.
"""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bot.intake import Intake, fetcher
from bot.settings import Listen, Webhook
from bot.transport import Transport
from bot.turnstile import ROOM, Turnstile
from bot.web import HEADER, Front
from storage.database import Database
from storage.inbox import Arrival
from storage.sqlite import Writer
from storage.sqlite_database import SqliteDatabase
from tests.bot_process import TOKEN
from tests.clock import Clock

SECRET = "a-Z_9-secret"  # noqa: S105 - a test's
PATH = "/telegram/H-e_r.e~1"


def free_port() -> int:
    """Give a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def message(update_id: int, text: str = "hello", *, sender: int = 7) -> dict[str, Any]:
    """Give an update."""
    person = {"id": sender, "is_bot": False, "first_name": "Ali"}
    chat = {"id": sender, "type": "private"}
    return {
        "update_id": update_id,
        "message": {"message_id": update_id, "date": 1, "from": person, "chat": chat, "text": text},
    }


def head(
    *lines: str, method: str = "POST", path: str = PATH, secret: str | None = SECRET, kind: str = "application/json"
) -> bytes:
    """Write the head of a request by hand; `lines` are further headers."""
    first = [f"{method} {path} HTTP/1.1", "Host: bot.example.org", f"Content-Type: {kind}"]
    shown = [] if secret is None else [f"{HEADER}: {secret}"]
    return "\r\n".join([*first, *shown, *lines, "", ""]).encode("utf-8", "surrogateescape")


@dataclass
class Desk:
    """A front that listens, and what has come through."""

    database: Database
    front: Front
    intake: Intake
    turnstile: Turnstile
    transport: Transport
    hook: Webhook
    session: aiohttp.ClientSession
    gate: asyncio.Event
    handled: list[int] = field(default_factory=list)

    @property
    def file(self) -> Path:
        """Give the database's file."""
        assert isinstance(self.database, SqliteDatabase)
        return self.database.path

    @property
    def writer(self) -> Writer:
        """Give the connection that the bot writes on."""
        assert isinstance(self.database, SqliteDatabase)
        return self.database._writer

    @property
    def port(self) -> int:
        """Give the port it listens on."""
        return self.hook.listen.port

    def begin(self) -> None:
        """Let updates come in."""
        self.front.begin(self.intake.receive, self.turnstile)

    async def bring(self, update: Any) -> int:
        """Bring an update as Telegram does; gives the status."""
        return (await self.post(json.dumps(update).encode()))[0]

    async def post(self, body: Any, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Post a body with the right secret; gives status, headers and body of the answer."""
        sent = {HEADER: SECRET, "Content-Type": "application/json", **headers}
        async with self.session.post(self.url(PATH), data=body, headers=sent) as response:
            return response.status, dict(response.headers), await response.read()

    async def get(self, path: str) -> int:
        """Get a path; gives the status."""
        async with self.session.get(self.url(path)) as response:
            return response.status

    def url(self, path: str) -> str:
        """Give the address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    async def raw(self, *parts: bytes) -> str:
        """Send bytes as they are; gives the first line of the answer, nothing when the connection was closed."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            async with asyncio.timeout(10):
                return (await reader.readline()).decode().strip()
        finally:
            writer.close()

    async def rows(self) -> list[tuple[int, int]]:
        """Give (id, update id) of all that is stored."""
        async with self.database.read() as tx:
            found = await tx.connection.execute_fetchall("SELECT id, update_id FROM inbox ORDER BY id")
        return [(row[0], row[1]) for row in found]

    async def stored(self) -> list[int]:
        """Give the update ids of all that is stored."""
        return [update_id for _, update_id in await self.rows()]

    async def drained(self) -> None:
        """Wait until all that was queued is handled."""
        async with asyncio.timeout(10):
            await self.turnstile.drained()


def hook_at(port: int, certificate: Path | None = None, key: Path | None = None) -> Webhook:
    """Give a webhook on this machine."""
    listen = Listen("WEBHOOK_LISTEN", "127.0.0.1", port)
    scheme = "http" if key is None else "https"
    return Webhook(f"{scheme}://127.0.0.1:{port}{PATH}", SECRET, listen, certificate, key)


@contextlib.asynccontextmanager
async def desk_of(
    database: Database,
    *,
    room: int = ROOM,
    grace: float = 0.0,
    begun: bool = True,
    api_url: str = "http://127.0.0.1:9",
    hook: Webhook | None = None,
) -> AsyncIterator[Desk]:
    """Put a front on a database's inbox while the block lasts."""
    hook = hook or hook_at(free_port())
    gate, front = asyncio.Event(), Front(hook, grace=grace)
    gate.set()

    async def handle(arrival: Arrival) -> None:
        await gate.wait()
        desk.handled.append(arrival.id)

    turnstile = Turnstile(handle, fetch=fetcher(database), room=room)
    transport = Transport(token=TOKEN, api_url=api_url)
    await transport.open()
    intake = Intake(database=database, transport=transport, turnstile=turnstile, bot_id=1, clock=Clock())
    await front.open()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        desk = Desk(database, front, intake, turnstile, transport, hook, session, gate)
        if begun:
            desk.begin()
        try:
            yield desk
        finally:
            gate.set()
            await front.drain()
            await front.close()
            turnstile.close()
            await turnstile.drained()
            await transport.close()
