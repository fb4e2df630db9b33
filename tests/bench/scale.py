"""The command: python -m tests.bench scale [N ...]. What screens, ticks and the auditor cost as the marketplace grows.

    python -m tests.bench scale 10000 100000               SQLite files and a PostgreSQL server of its own
    python -m tests.bench scale 10000 1000000 --engine postgres --server postgresql://postgres@127.0.0.1/postgres

Makes a marketplace of each size, lets `verify` add it up, asks every question of tests/bench/scale_questions.py at each
size, runs the bot on it, and prints what grew. Writes build/scale.json. A million members need about 10 GB an engine.
"""

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from storage import audit, outbox
from storage.audit import Checkpoint
from storage.database import Database
from storage.rows import to_ms
from tests.bench import report, scale_process
from tests.bench.processes import ROOT
from tests.bench.scale_load import NotSound, Say, expect_sound, fill_postgres, fill_sqlite
from tests.bench.scale_measure import PostgresStand, SqliteStand, Stand, cost_of
from tests.bench.scale_questions import World, questions
from tests.bench.scale_report import Answer, Found, Place, as_json, table_of
from tests.postgres_programs import server_folder
from tests.postgres_server import ADMIN, Server

BUILD = ROOT / "build"
FOLDER = BUILD / "scale"
SIZES = (10_000, 100_000)
TIMES = 25
RECENT_ENTRIES = 200  # what a minute may bring
Makes = Callable[[int], Awaitable[str]]


async def measure(sizes: list[int], engines: list[str], *, server: str, say: Say) -> Found:
    """Make the marketplaces, ask everything, run the bot."""
    load, now = os.getloadavg()[0], datetime.now(UTC)
    places: list[Place] = []
    answers: list[Answer] = []
    for engine in engines:
        async with _files() if engine == "sqlite" else _databases(server) as new:
            made = [await _made(engine, size, await new(size), now=now, say=say) for size in sizes]
            say(f"asking on {engine}")
            answers += await _asked(made, now=to_ms(now))
            for place in made:
                say(f"{place.members:,} on {engine}: running the bot")
                place.running = await scale_process.run(place.url)
            places += made
    return Found(report.machine(), load, places, answers)


async def _made(engine: str, members: int, url: str, *, now: datetime, say: Say) -> Place:
    """Make a marketplace and have it verified."""
    place = Place(engine, members, url)
    say(f"{members:,} on {engine}: making it")
    began = time.monotonic()
    if engine == "sqlite":
        await fill_sqlite(_path_of(url), members=members, now=now)
    else:
        await fill_postgres(url, members=members, now=now)
    place.made_seconds = time.monotonic() - began
    say(f"{members:,} on {engine}: verifying it")
    database = await Database.open(url)
    try:
        began = time.monotonic()
        await expect_sound(database)
        place.verified_seconds = time.monotonic() - began
        place.recent_seconds = await _audit_of_a_minute(database)
    finally:
        await database.close()
    return place


async def _audit_of_a_minute(database: Database) -> float:
    """Give the seconds of the audit that runs each minute, after some entries; note that this night's was run too."""
    async with database.read() as tx:
        head = await tx.one("audit_get_head")
        assert head is not None
        recent = head["entry_id"] - RECENT_ENTRIES
        since = Checkpoint(recent, await tx.value("audit_get_seal", entry_id=recent))
        began = time.monotonic()
        found = await audit.examine(tx, since=since, known=since)
        seconds = time.monotonic() - began
        assert found.ok, found.findings
    now = datetime.now(UTC)
    async with database.unit("scale", now=now) as uow:
        await audit.save_checkpoint(uow.tx, found.head, at=now)
        for night in (now, now - timedelta(days=1)):
            await outbox.take_slot(uow.tx, "nightly_audit", night.toordinal(), at=now)
    return seconds


async def _asked(places: list[Place], *, now: int) -> list[Answer]:
    """Ask each question at every size before the next one: what else the machine does strikes all sizes alike."""
    stands: list[Stand] = []
    async with contextlib.AsyncExitStack() as stack:
        for place in places:
            world = World(place.members, now)
            sqlite = place.engine == "sqlite"
            stand = SqliteStand(world, _path_of(place.url)) if sqlite else PostgresStand(world, place.url)
            await stand.open()
            stack.push_async_callback(stand.close)
            place.sizes = await stand.sizes()
            stands.append(stand)
        answers = []
        for asked in zip(*(questions(stand.world) for stand in stands), strict=True):
            pairs = list(zip(asked, stands, strict=True))
            costs = {stand.world.members: await cost_of(question, stand, times=TIMES) for question, stand in pairs}
            answers.append(Answer(asked[0].screen, asked[0].key, places[0].engine, costs))
        return answers


@contextlib.asynccontextmanager
async def _files() -> AsyncIterator[Makes]:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)

    async def new(members: int) -> str:
        return f"sqlite:///{FOLDER / f'{members}.db'}"

    try:
        yield new
    finally:
        shutil.rmtree(FOLDER)


@contextlib.asynccontextmanager
async def _databases(server: str) -> AsyncIterator[Makes]:
    """Give what makes databases, on a server of somebody's or on one of our own; they are dropped in the end."""
    if not server:
        with server_folder(in_memory=False) as folder:
            own = Server(folder / "scale", durable=True)
            await asyncio.to_thread(own.create)
            await asyncio.to_thread(own.start)
            try:
                async with _databases(own.url("postgres", user=ADMIN)) as makes:
                    yield makes
            finally:
                await asyncio.to_thread(own.stop)
        return
    names: list[str] = []
    connection = await asyncpg.connect(server)
    address = server.rpartition("/")[0]

    async def new(members: int) -> str:
        name = f"scale_{members}"
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        names.append(name)
        return f"{address}/{name}"

    try:
        yield new
    finally:
        for name in names:
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.close()


def _path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def main(arguments: list[str]) -> int:
    """Run it; exit code 1 when what was made is not sound."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench scale", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, metavar="N", help="members; 10,000 and 100,000 by default")
    parser.add_argument("--engine", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--server", default="", help="a superuser's address on a PostgreSQL that may be filled")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/SCALING.md")
    given = parser.parse_args(arguments)
    sizes = sorted(given.sizes) or list(SIZES)
    engines = ["sqlite", "postgres"] if given.engine == "both" else [given.engine]
    started = time.monotonic()

    def say(words: str) -> None:
        print(f"{time.monotonic() - started:5.0f} s  {words}", file=sys.stderr, flush=True)

    try:
        found = asyncio.run(measure(sizes, engines, server=given.server, say=say))
    except NotSound as wrong:
        print(f"error: what was made is not sound\n{wrong}", file=sys.stderr)
        return 1
    BUILD.mkdir(exist_ok=True)
    (BUILD / "scale.json").write_text(json.dumps(as_json(found), indent=1), encoding="utf-8")
    if given.write:
        report.write_into(ROOT / "docs" / "SCALING.md", table_of(found, short=True))
    print(table_of(found))
    return 0
