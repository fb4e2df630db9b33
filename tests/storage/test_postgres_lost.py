"""What a unit says when its connection breaks or somebody holds what it needs: told as such, and the next one works."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from urllib.parse import urlsplit

import asyncpg
import pytest

from storage import postgres_database
from storage.errors import CommitFailed, DatabaseBusy, is_trouble
from storage.postgres_database import HOUSE_LOCK, READERS_AT_ONCE, UNITS_AT_ONCE, PostgresDatabase
from tests.engines import rows as rows_of
from tests.postgres_server import Server
from tests.storage.processes import SIDE_BY_SIDE, admin, database, goes_on, kinds, other, write
from tests.waiting import eventually

__all__ = ["admin", "database", "other"]

#: Ends every other connection to the same database; the pools notice or not.
OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
END_THEM = f"SELECT pg_terminate_backend(pid) {OTHERS}"


async def gone(admin: asyncpg.Connection) -> None:
    """End all other connections and wait until they are gone; the pools make new ones."""
    ended = [row[0] for row in await admin.fetch(f"SELECT pid, pg_terminate_backend(pid) {OTHERS}")]
    assert ended

    async def none() -> bool:
        return int(await admin.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY ($1)", ended)) == 0

    await eventually(none, "the connections are gone")


async def recovers(database: PostgresDatabase, admin: asyncpg.Connection, now: datetime) -> None:
    """See that nothing but what stands in the pools and is not yet known to be gone is told as trouble."""
    for _ in range(UNITS_AT_ONCE + READERS_AT_ONCE):
        with contextlib.suppress(DatabaseBusy, CommitFailed):
            async with database.unit("t", now=now, alone=False), database.read():
                pass
    await goes_on(database, now)
    assert await kinds(database) == await stored(admin)


async def stored(admin: asyncpg.Connection) -> list[str]:
    """Give the kinds of the events that were committed, past the pools."""
    return [row[0] for row in await admin.fetch("SELECT kind FROM events ORDER BY id")]


@SIDE_BY_SIDE
async def test_a_connection_lost_between_units(
    database: PostgresDatabase, admin: asyncpg.Connection, now: datetime, alone: bool
) -> None:
    """Proves that after all connections broke units work or say that the database is away, and soon all work."""
    await goes_on(database, now)
    await admin.execute(END_THEM)  # not waited for: some are noticed to be gone, some not
    done = []
    for number in range(2 * UNITS_AT_ONCE):
        with contextlib.suppress(DatabaseBusy):
            async with database.unit("t", now=now, alone=alone) as uow:
                await write(uow, str(number))
            done.append(str(number))
    assert await stored(admin) == done
    assert done[-1] == str(2 * UNITS_AT_ONCE - 1)
    await recovers(database, admin, now)


@SIDE_BY_SIDE
async def test_a_connection_lost_in_a_unit(
    database: PostgresDatabase, admin: asyncpg.Connection, now: datetime, alone: bool
) -> None:
    """Proves that the statement after the loss says that the database is away, and nothing of the unit stays."""
    with pytest.raises(DatabaseBusy):
        async with database.unit("lost", now=now, alone=alone) as uow:
            await write(uow, "before")
            await gone(admin)
            await write(uow, "after")
    assert await stored(admin) == []
    await recovers(database, admin, now)


@SIDE_BY_SIDE
async def test_a_connection_lost_in_a_statement(
    database: PostgresDatabase, admin: asyncpg.Connection, now: datetime, alone: bool
) -> None:
    """Proves the same for a statement that runs."""

    async def lost() -> None:
        async with database.unit("lost", now=now, alone=alone) as uow:
            await write(uow, "before")
            await rows_of(uow.tx, "SELECT pg_sleep(30)")

    unit = asyncio.create_task(lost())
    await _runs(admin, "SELECT pg_sleep")
    await gone(admin)
    with pytest.raises(DatabaseBusy):
        await unit
    assert await stored(admin) == []
    await recovers(database, admin, now)


async def _runs(admin: asyncpg.Connection, statement: str) -> None:
    async def runs() -> bool:
        count = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1 || '%'"
        return int(await admin.fetchval(count, statement)) > 0

    await eventually(runs, f"{statement} runs")


@SIDE_BY_SIDE
async def test_a_connection_lost_before_the_commit(
    database: PostgresDatabase, admin: asyncpg.Connection, now: datetime, alone: bool
) -> None:
    """Proves that a commit that can't be sent is told as one that failed, as trouble, and nothing stays."""
    with pytest.raises(CommitFailed) as failed:
        async with database.unit("lost", now=now, alone=alone) as uow:
            await write(uow, "before")
            await gone(admin)
    assert is_trouble(failed.value)
    assert await stored(admin) == []
    await recovers(database, admin, now)


@SIDE_BY_SIDE
async def test_a_connection_lost_in_the_commit(
    database: PostgresDatabase, admin: asyncpg.Connection, now: datetime, alone: bool
) -> None:
    """Proves that a commit that is cut off while it works is told as one that failed, and nothing stays."""
    await admin.execute(
        "CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(30); RETURN NULL; END';"
        " CREATE CONSTRAINT TRIGGER slowly AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION slowly()"
    )

    async def lost() -> None:
        async with database.unit("lost", now=now, alone=alone) as uow:
            await write(uow, "cut off")

    unit = asyncio.create_task(lost())
    await _runs(admin, "COMMIT")
    await gone(admin)
    with pytest.raises(CommitFailed) as failed:
        await unit
    assert is_trouble(failed.value)
    await admin.execute("DROP TRIGGER slowly ON events")
    assert await stored(admin) == []
    await recovers(database, admin, now)


async def test_the_answer_to_a_commit_is_lost(postgres_url: str, admin: asyncpg.Connection, now: datetime) -> None:
    """Proves that a commit whose answer never came is told as one that failed, though it happened; the next works."""
    async with _cut_after(postgres_url, b"COMMIT\0") as url:
        behind = await PostgresDatabase.connect(url)
        try:
            with pytest.raises(CommitFailed) as failed:
                async with behind.unit("unknown", now=now) as uow:
                    await write(uow, "there all the same")
            assert is_trouble(failed.value)
            assert await stored(admin) == ["there all the same"]
            await recovers(behind, admin, now)
        finally:
            await behind.close()


@contextlib.asynccontextmanager
async def _cut_after(url: str, words: bytes) -> AsyncIterator[str]:
    """Stand between a client and the server; once, when these words have been answered, cut the line."""
    to = urlsplit(url)
    armed, lines = [True], set[asyncio.Task[None]]()

    async def pipe(reader: asyncio.StreamReader, hand_on: Callable[[bytes], Awaitable[bool]]) -> None:
        with contextlib.suppress(OSError):
            while (data := await reader.read(65536)) and await hand_on(data):
                pass

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(to.hostname, to.port)
        cut = [False]

        async def ask(data: bytes) -> bool:
            if armed[0] and words in data:
                armed[0], cut[0] = False, True
            server_writer.write(data)
            await server_writer.drain()
            return True

        async def answer(data: bytes) -> bool:
            if not cut[0]:
                writer.write(data)
                await writer.drain()
            return not cut[0]

        halves = [asyncio.create_task(pipe(reader, ask)), asyncio.create_task(pipe(server_reader, answer))]
        await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
        for half in halves:
            half.cancel()
        writer.transport.abort()
        server_writer.transport.abort()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.create_task(serve(reader, writer))
        lines.add(line)
        line.add_done_callback(lines.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield to._replace(netloc=f"{to.username}@127.0.0.1:{server.sockets[0].getsockname()[1]}").geturl()
    finally:
        server.close()
        for line in list(lines):
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)


async def test_a_reader_whose_connection_is_lost(
    database: PostgresDatabase, admin: asyncpg.Connection, now: datetime
) -> None:
    """Proves that a reader and a one-shot say that the database is away, and that the next ones work."""
    with pytest.raises(DatabaseBusy):
        async with database.read() as tx:
            await gone(admin)
            await rows_of(tx, "SELECT 1")
    with pytest.raises(DatabaseBusy):
        async with database.one_shot() as tx:
            await gone(admin)
            await rows_of(tx, "SELECT 1")
    assert await stored(admin) == []
    await recovers(database, admin, now)


async def test_background_work_whose_connection_is_lost(
    database: PostgresDatabase, other: PostgresDatabase, admin: asyncpg.Connection, now: datetime
) -> None:
    """Proves that the work of a process whose lock was lost comes to its end, and that another one may have it."""
    async with database.exclusive("audit") as mine:
        assert mine
        await gone(admin)

        async def theirs() -> bool:
            with contextlib.suppress(DatabaseBusy):
                async with other.exclusive("audit") as had:
                    return had
            return False

        await eventually(theirs, "another process has it")
    await recovers(database, admin, now)
    async with database.exclusive("audit") as mine:
        assert mine


@pytest.fixture
async def impatient(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PostgresDatabase]:
    """Give a database that waits for no lock longer than a moment."""
    monkeypatch.setitem(postgres_database._SETTINGS, "lock_timeout", "200")
    db = await PostgresDatabase.connect(postgres_url)
    yield db
    await db.close()


async def test_a_lock_that_cannot_be_had_in_time(
    impatient: PostgresDatabase, admin: asyncpg.Connection, now: datetime
) -> None:
    """Proves that the lock of all processes, or of a row, that somebody keeps is told as trouble, and is had later."""
    await admin.execute(f"SELECT pg_advisory_lock({HOUSE_LOCK})")
    with pytest.raises(DatabaseBusy):
        async with impatient.unit("waits", now=now) as uow:
            await write(uow, "never")
    await admin.execute(f"SELECT pg_advisory_unlock({HOUSE_LOCK})")
    await admin.execute("INSERT INTO members (id, created_at, seen_at) VALUES (1, 0, 0)")
    async with admin.transaction():
        await admin.execute("SELECT 1 FROM members FOR UPDATE")
        with pytest.raises(DatabaseBusy):
            async with impatient.unit("waits", now=now) as uow:
                await write(uow, "before")
                await rows_of(uow.tx, "UPDATE members SET language = 'es'")
    assert await stored(admin) == []
    await goes_on(impatient, now)


async def test_of_two_units_in_each_other_s_way_one_is_told(
    database: PostgresDatabase, other: PostgresDatabase, now: datetime
) -> None:
    """Proves that a deadlock ends by itself: one unit is committed, the other is told to come again."""
    async with database.unit("m", now=now) as uow:
        for number in (1, 2):
            await rows_of(uow.tx, "INSERT INTO members (id, created_at, seen_at) VALUES (?, 0, 0)", (number,))
    both = asyncio.Barrier(2)

    async def one(of: PostgresDatabase, first: int, second: int) -> None:
        async with of.unit(f"t:{first}", now=now, alone=False) as uow:
            await rows_of(uow.tx, "UPDATE members SET language = 'es' WHERE id = ?", (first,))
            await both.wait()
            await rows_of(uow.tx, "UPDATE members SET language = 'es' WHERE id = ?", (second,))
            await write(uow, "done")

    results = await asyncio.gather(one(database, 1, 2), one(other, 2, 1), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["DatabaseBusy", "NoneType"]
    assert await kinds(database) == ["done"]


async def test_a_server_that_is_not_there(postgres: Server) -> None:
    """Proves that who can't connect is told so, as trouble."""
    nobody = urlsplit(postgres.url("nothing"))
    with pytest.raises(DatabaseBusy):
        await PostgresDatabase.connect(nobody._replace(netloc=f"{nobody.username}@127.0.0.1:9").geturl())
