"""The connection breaks while the answer to a COMMIT is on its way: the unit happened, and nobody was told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from storage import inbox
from storage.errors import CommitFailed, is_trouble
from storage.postgres_database import PostgresDatabase
from tests.engines import rows as rows_of
from tests.ledger_world import HOUSE
from tests.whole_bot import whole_bot

COMMIT = b"COMMIT\0"


@dataclass
class Wire:
    """Passes everything on, until `cut` says how many COMMITs are to lose their answers, once `spare` went well."""

    host: str
    port: int
    cut: int = 0
    spare: int = 0
    lost: int = 0
    own_port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Join a client with the server."""
        there, back = await asyncio.open_connection(self.host, self.port)
        asked = asyncio.Event()

        async def to_server() -> None:
            while data := await reader.read(65_536):
                if COMMIT in data and self.spare:
                    self.spare -= 1
                elif COMMIT in data and self.cut:
                    self.cut -= 1
                    asked.set()
                back.write(data)
                await back.drain()
            back.close()

        async def to_client() -> None:
            while data := await there.read(65_536):
                if asked.is_set():  # the server has committed and says so; nobody hears it
                    self.lost += 1
                    writer.transport.abort()
                    back.close()
                    return
                writer.write(data)
                await writer.drain()
            writer.close()

        with contextlib.suppress(ConnectionError):
            await asyncio.gather(to_server(), to_client())


@pytest.fixture
async def wire(postgres_url: str) -> AsyncIterator[Wire]:
    """Give a wire to the server that can be cut."""
    parts = urlsplit(postgres_url)
    assert parts.hostname is not None
    assert parts.port is not None
    wire = Wire(parts.hostname, parts.port)
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    wire.own_port = server.sockets[0].getsockname()[1]
    async with server:
        yield wire


@pytest.fixture
async def database(wire: Wire, postgres_url: str) -> AsyncIterator[PostgresDatabase]:
    """Give the database at the other end of the wire."""
    opened = await PostgresDatabase.connect(postgres_url.replace(f":{wire.port}/", f":{wire.own_port}/"))
    yield opened
    await opened.close()


async def _count(database: PostgresDatabase, sql: str) -> int:
    async with database.read() as tx:
        return int((await rows_of(tx, sql))[0][0])


async def test_nobody_knows_whether_it_happened(database: PostgresDatabase, wire: Wire, now: datetime) -> None:
    """Proves that a commit whose answer is lost is told as trouble that may pass, and that the next unit works."""
    wire.cut = 1
    with pytest.raises(CommitFailed) as told:
        async with database.unit("t:lost", now=now) as uow:
            uow.emit("lost", {})
    assert is_trouble(told.value)
    assert wire.lost == 1
    async with database.unit("t:next", now=now) as uow:
        uow.emit("next", {})
    assert await _count(database, "SELECT count(*) FROM events WHERE kind = 'lost'") == 1, "it had happened"
    assert await _count(database, "SELECT count(*) FROM events WHERE kind = 'next'") == 1


async def test_updates_stored_without_being_told_are_queued(
    database: PostgresDatabase, wire: Wire, now: datetime
) -> None:
    """Proves that a batch stored twice is stored once, and that its rows are still given to be handled."""
    batch = [{"update_id": n, "sender_id": 7, "raw": {"update_id": n}} for n in range(3)]
    wire.cut = 1
    with pytest.raises(CommitFailed):
        async with database.unit("intake", now=now, alone=False) as uow:
            await inbox.insert_arrivals(uow.tx, bot_id=1, batch=batch, received_at=now, replica_id=5)
    async with database.unit("intake", now=now, alone=False) as uow:
        mine = await inbox.insert_arrivals(uow.tx, bot_id=1, batch=batch, received_at=now, replica_id=5)
    async with database.unit("intake", now=now, alone=False) as uow:
        others = await inbox.insert_arrivals(uow.tx, bot_id=1, batch=batch, received_at=now, replica_id=6)
    assert sorted(mine) == [0, 1, 2]
    assert others == {}, "another process leaves them alone"
    assert await _count(database, "SELECT count(*) FROM inbox") == 3


async def test_a_reply_whose_commit_was_not_heard_of_leaves_once(
    database: PostgresDatabase, wire: Wire, tmp_path: Path, now: datetime
) -> None:
    """Proves that a person is answered, and once, whichever commit of their update is cut off."""
    async with whole_bot(database, HOUSE, key_folder=tmp_path, now=now, replicas=1) as bot:
        await bot.say(7, text="/start")
        for text in ("/help", "/balance", "/jobs"):
            before = wire.lost
            wire.spare, wire.cut = 1, 1  # the batch the update comes in is committed first
            shown, _ = await bot.say(7, text=text)
            assert wire.lost == before + 1
            assert len(shown) == 1, f"{text}: {shown}"
    assert await _count(database, "SELECT count(*) FROM inbox WHERE status <> 'answered'") == 0
