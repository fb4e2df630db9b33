"""`transfer`, `backup` and `restore` between the engines: everything, verified, or nothing at all."""

import asyncio
import contextlib
import shutil
import signal
import sqlite3
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import asyncpg
import pytest

from bot.demo.seed import Place, seed
from bot.transfer import NotTheSame, copy
from bot.verify import verify
from storage import bulk
from storage.database import Database
from storage.errors import BrokenRule
from storage.migrate import list_schema_differences, migrate
from storage.unit import Tx
from storage.vault import Vault
from tests.bot_process import ROOT, BotProcess, command
from tests.engines import rows as rows_of
from tests.ledger_world import HOUSE, World
from tests.postgres_server import Server, blocking
from tests.waiting import eventually

Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture(scope="session")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a file with the demo's whole past in it: believable rows of every kind."""
    folder = tmp_path_factory.mktemp("books")
    blocking(_write_past(folder))
    return folder / "bot.db"


async def _write_past(folder: Path) -> None:
    database = await Database.open(f"sqlite:///{folder / 'bot.db'}")
    try:
        await migrate(database)
        vault = Vault.open(folder / "secret.key")
        place = Place(database=database, house=HOUSE, vault=vault, proofs=folder / "proofs", zone="UTC")
        await seed(place, now=datetime.fromisoformat("2030-01-15T12:00:00+00:00"))
    finally:
        await database.close()


@pytest.fixture
def empty_url(postgres: Server) -> Iterator[str]:
    """Give the address of a database with nothing in it."""
    url = postgres.make_database(template="template0")
    yield url
    postgres.drop_database(url)


async def _rows(tx: Tx) -> Rows:
    found = {}
    for table, columns in (await bulk.list_columns(tx)).items():
        rows = await rows_of(tx, f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608 - our tables
        found[table] = sorted((tuple(row) for row in rows), key=repr)
    return found


async def _all_rows(url: str) -> Rows:
    database = await Database.open(url)
    try:
        async with database.read() as tx:
            return await _rows(tx)
    finally:
        await database.close()


async def test_there_and_back_is_the_same(books: Path, empty_url: str, tmp_path: Path) -> None:
    """Proves that a file copied to a server and back to a file has every row it had, and every rule."""
    source, back = f"sqlite:///{books}", f"sqlite:///{tmp_path / 'back.db'}"
    for one, other in ((source, empty_url), (empty_url, back)):
        code, output, errors = await command(tmp_path, "transfer", one, other)
        assert code == 0, output + errors
        assert "links of the chain" in output
    first = await _all_rows(source)
    assert sum(map(len, first.values())) > 4000
    assert await _all_rows(empty_url) == first
    assert await _all_rows(back) == first


async def test_the_bot_goes_on_where_it_was(books: Path, empty_url: str, tmp_path: Path, now: datetime) -> None:
    """Proves that on the new database numbers and the chain go on, and that what was forbidden is forbidden."""
    code, output, errors = await command(tmp_path, "transfer", f"sqlite:///{books}", empty_url)
    assert code == 0, output + errors
    database = await Database.open(empty_url)
    try:
        assert await list_schema_differences(database) == []
        world = World(database, now)
        worker = await world.member()
        await world.earn(worker, 500)
        with pytest.raises(BrokenRule, match="an entry is never changed"):
            async with database.unit("t", now=now) as uow:
                await rows_of(uow.tx, "UPDATE entries SET kind = 'deposit'")
        assert await verify(database) == 0
    finally:
        await database.close()


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("postgresql://bot@127.0.0.1:1/nowhere", "TARGET: "),
        ("mysql://x/y", "TARGET: expected sqlite:///"),
        ("sqlite:///{folder}/used.db", "TARGET: it is not empty"),
        ("sqlite:///{folder}/strange.db", "TARGET: this is the database of another program"),
    ],
)
async def test_what_can_not_be_a_target_is_said_in_a_line(books: Path, tmp_path: Path, target: str, says: str) -> None:
    """Proves that a target that is used, strange, away or misspelt is refused in one line, and left alone."""
    shutil.copyfile(books, tmp_path / "used.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "strange.db")) as strange:
        strange.execute("CREATE TABLE notes (text)")
    before = (tmp_path / "strange.db").read_bytes()
    code, output, errors = await command(tmp_path, "transfer", f"sqlite:///{books}", target.format(folder=tmp_path))
    assert code != 0
    assert says in errors, errors
    assert len(errors.strip().splitlines()) == 1, errors
    assert output == ""
    assert (tmp_path / "strange.db").read_bytes() == before


async def test_a_source_that_is_not_there_or_older_is_said_in_a_line(tmp_path: Path, empty_url: str) -> None:
    """Proves that a missing file is not made, and that a file of an earlier schema is sent to `migrate`."""
    code, _, errors = await command(tmp_path, "transfer", f"sqlite:///{tmp_path / 'none.db'}", empty_url)
    assert (code, errors.count("\n")) == (2, 1)
    assert "SOURCE: there is no database" in errors
    assert not (tmp_path / "none.db").exists()


async def test_damaged_books_are_not_carried_over(books: Path, empty_url: str, tmp_path: Path) -> None:
    """Proves that what the auditor finds in the copy keeps it from being kept, and is named."""
    damaged = tmp_path / "damaged.db"
    shutil.copyfile(books, damaged)
    with contextlib.closing(sqlite3.connect(damaged)) as at:
        guards = at.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            at.execute(f"DROP TRIGGER {name}")
        at.execute("UPDATE transfers SET amount = amount + 1 WHERE id = (SELECT max(id) FROM transfers)")
        for _, sql in guards:
            at.execute(sql)
        at.commit()
    code, output, _ = await command(tmp_path, "transfer", f"sqlite:///{damaged}", empty_url)
    assert code == 1
    assert "the ledger is not right" in output
    target = await Database.open(empty_url)
    try:
        async with target.read() as tx:
            assert not (await rows_of(tx, "SELECT 1 FROM members LIMIT 1"))
        assert await list_schema_differences(target) == []
    finally:
        await target.close()
    code, output, errors = await command(tmp_path, "transfer", f"sqlite:///{books}", empty_url)
    assert code == 0, output + errors


async def test_a_row_that_points_nowhere_is_not_carried_over(books: Path, postgres_url: str, tmp_path: Path) -> None:
    """Proves that every foreign key is asked again for every row, in both directions."""
    damaged = tmp_path / "damaged.db"
    shutil.copyfile(books, damaged)
    with contextlib.closing(sqlite3.connect(damaged)) as at:
        at.execute("INSERT INTO subscriptions (member_id, minimum_reward, created_at) VALUES (999999, 1, 1)")
        at.commit()
    source = await Database.open(f"sqlite:///{damaged}")
    targets = [await Database.open(postgres_url), await Database.open(f"sqlite:///{tmp_path / 'new.db'}")]
    try:
        for target in targets:
            with pytest.raises((BrokenRule, NotTheSame)):
                await copy(source, target, say=lambda line: None)
            async with target.read() as tx:
                assert not (await rows_of(tx, "SELECT 1 FROM members LIMIT 1"))
    finally:
        for database in (source, *targets):
            await database.close()


@pytest.mark.parametrize("after", [1, 8, 20])
async def test_killed_in_the_middle_leaves_nothing_and_can_be_run_again(
    books: Path, empty_url: str, tmp_path: Path, after: int
) -> None:
    """Proves that a transfer killed at some table leaves an empty target with its rules, and succeeds the next time."""
    bot = BotProcess(folder=tmp_path, api_url="http://127.0.0.1:9")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-u", "-m", "bot", "transfer", f"sqlite:///{books}", empty_url,
        cwd=ROOT, env=bot.environment(), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    for _ in range(after):
        assert (await process.stdout.readline()).startswith(b"copied ")
    process.send_signal(signal.SIGKILL)
    await process.wait()

    async def let_go() -> bool:
        connection = await asyncpg.connect(empty_url)
        try:
            count = await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        finally:
            await connection.close()
        return bool(count == 0)

    await eventually(let_go, "the server sees that it is gone")
    assert not any(rows for table, rows in (await _all_rows(empty_url)).items() if table in ("members", "entries"))
    code, output, errors = await command(tmp_path, "transfer", f"sqlite:///{books}", empty_url)
    assert code == 0, output + errors


async def test_a_server_is_backed_up_and_restored(
    books: Path, postgres: Server, empty_url: str, tmp_path: Path
) -> None:
    """Proves that `backup` of a server is a file that `restore` brings back, here or there, with payouts frozen."""
    code, output, errors = await command(tmp_path, "transfer", f"sqlite:///{books}", empty_url)
    assert code == 0, output + errors
    kept = tmp_path / "kept.db"
    code, output, errors = await command(tmp_path, "backup", str(kept), DATABASE_URL=empty_url)
    assert code == 0, output + errors
    assert not kept.with_name("kept.db-wal").exists()
    fresh = await asyncio.to_thread(postgres.make_database, template="template0")
    for url in (fresh, f"sqlite:///{tmp_path / 'restored.db'}"):
        code, output, errors = await command(tmp_path, "restore", str(kept), DATABASE_URL=url)
        assert code == 0, output + errors
        again, _, errors = await command(tmp_path, "restore", str(kept), DATABASE_URL=url)
        assert again != 0, "it is not empty any more"
        assert "not empty" in errors
        restored, first = await _all_rows(url), await _all_rows(empty_url)
        assert {t: r for t, r in restored.items() if t != "flags"} == {t: r for t, r in first.items() if t != "flags"}
        assert any("payouts_frozen" in row for row in restored["flags"])
        code, output, errors = await command(tmp_path, "verify", DATABASE_URL=url)
        assert code == 0, output + errors
    await asyncio.to_thread(postgres.drop_database, fresh)
