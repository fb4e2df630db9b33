"""The servers that tests use: what they keep over a kill, who takes over, and that none is left behind."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import asyncpg
import pytest

from tests.postgres_programs import find_programs, list_processes
from tests.postgres_server import OWNER, Keeper, Server, demand_programs
from tests.waiting import eventually

REPOSITORY = Path(__file__).parent.parent.parent


async def write(url: str, number: int) -> None:
    """Commit one row through a connection of its own."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS kept (number bigint PRIMARY KEY)")
        await connection.execute("INSERT INTO kept VALUES ($1)", number)
    finally:
        await connection.close()


async def kept(url: str) -> list[int]:
    """Read what was committed."""
    connection = await asyncpg.connect(url)
    try:
        return [row[0] for row in await connection.fetch("SELECT number FROM kept ORDER BY number")]
    finally:
        await connection.close()


def children_of(pid: int) -> list[int]:
    """List the running processes that this one started."""
    return [child for child, (parent, state) in list_processes().items() if parent == pid and state != "Z"]


async def test_a_database_is_its_tests_own(postgres: Server) -> None:
    """Proves that a test gets a migrated database of its own, as an owner without other rights, and can drop it."""
    first, second = await postgres.new_database(), await postgres.new_database()
    await write(first, 1)
    connection = await asyncpg.connect(second)
    try:
        assert await connection.fetchval("SELECT count(*) FROM categories") > 0
        assert await connection.fetchval("SELECT to_regclass('kept')") is None
        role = await connection.fetchrow("SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user")
        assert role is not None
        assert tuple(role) == (False, False)
        assert await connection.fetchval("SELECT current_user") == OWNER
    finally:
        await connection.close()
    await asyncio.to_thread(postgres.drop_database, second)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(second)
    await asyncio.to_thread(postgres.drop_database, first)


async def test_a_killed_server_keeps_what_it_acknowledged(postgres_folder: Path) -> None:
    """Proves that kill9 ends every process of a server, and that it starts again with what was committed."""
    server = Server(postgres_folder / "one", durable=True)
    await asyncio.to_thread(server.create)
    await asyncio.to_thread(server.start)
    try:
        url = server.url("postgres", user="admin")
        await write(url, 1)
        assert server._process is not None
        family = [server._process.pid, *children_of(server._process.pid)]
        assert len(family) > 1
        await asyncio.to_thread(server.kill9)
        assert not server.is_running
        assert not {pid for pid in family if list_processes().get(pid, (0, "Z"))[1] != "Z"}
        await asyncio.to_thread(server.start)
        await write(url, 2)
        assert await kept(url) == [1, 2]
    finally:
        await asyncio.to_thread(server.stop)


async def test_a_standby_has_all_that_was_acknowledged(postgres_folder: Path) -> None:
    """Proves that a commit waits for the standby, and that it goes on with every one when the primary is killed."""
    primary = Server(postgres_folder / "one", durable=True)
    await asyncio.to_thread(primary.create)
    await asyncio.to_thread(primary.start)
    standby = await asyncio.to_thread(primary.clone, postgres_folder / "two", name="two")
    try:
        await asyncio.to_thread(standby.start)
        await asyncio.to_thread(primary.wait_for_standby, "two")
        for number in range(5):
            await write(primary.url("postgres", user="admin"), number)
        await asyncio.to_thread(primary.kill9)
        url = standby.url("postgres", user="admin")
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await write(url, 5)
        await asyncio.to_thread(standby.promote)
        await write(url, 6)  # and waits for nobody
        assert await kept(url) == [0, 1, 2, 3, 4, 6]
    finally:
        await asyncio.to_thread(primary.stop)
        await asyncio.to_thread(standby.stop)


STARTED_AND_LEFT = """
import sys
from pathlib import Path
from tests.postgres_server import Keeper, Server
if sys.argv[2] == "keeper":
    server = Keeper.join(Path(sys.argv[1])).server()
else:
    server = Server(Path(sys.argv[1]) / "one")
    server.create()
    server.start()
print((server.data / "postmaster.pid").read_text().split()[0], server.data, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("whose", ["keeper", "own"])
async def test_no_server_outlives_who_used_it(postgres_folder: Path, whose: str) -> None:
    """Proves that a server is gone when the last process that used it is, even by kill -9, and not before."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STARTED_AND_LEFT, str(postgres_folder), whose, cwd=REPOSITORY, stdin=PIPE, stdout=PIPE
    )
    assert process.stdout is not None
    told = (await process.stdout.readline()).split()
    pid, data = int(told[0]), Path(os.fsdecode(told[1]))
    if whose == "keeper":
        other = await asyncio.to_thread(Keeper.join, postgres_folder)
        process.kill()
        await process.communicate()
        assert await asyncio.to_thread(other.server().execute, "SELECT 1")
        other.leave()
    else:
        process.kill()
        await process.communicate()

    async def is_gone() -> bool:
        lives = list_processes().get(pid, (0, "Z"))[1] != "Z"
        return not lives and not await asyncio.to_thread(data.exists)

    await eventually(is_gone, "the server and its data are gone", seconds=30)
    if whose == "keeper":
        again = await asyncio.to_thread(Keeper.join, postgres_folder)  # the next one finds no trace of the first
        assert await asyncio.to_thread(again.server().execute, "SELECT 1")
        await asyncio.to_thread(again.leave)
        assert not (postgres_folder / "server.json").exists()


@pytest.mark.parametrize(
    ("ci", "outcome"),
    [("true", pytest.fail.Exception), ("", pytest.skip.Exception)],
)
def test_a_machine_without_a_server_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ci: str, outcome: type[BaseException]
) -> None:
    """Proves that where no server can be had tests that need one fail in CI and are skipped elsewhere, saying why."""
    monkeypatch.setenv("TEST_POSTGRES_BIN", str(tmp_path))
    monkeypatch.setenv("CI", ci)
    find_programs.cache_clear()
    try:
        with pytest.raises(outcome, match=f"{tmp_path} has no initdb"):
            demand_programs()
    finally:
        find_programs.cache_clear()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_a_server_is_never_root(postgres: Server) -> None:
    """Proves that a server's process belongs to an unprivileged user."""
    pid = (postgres.data / "postmaster.pid").read_text().split()[0]
    assert Path(f"/proc/{pid}").stat().st_uid != 0
