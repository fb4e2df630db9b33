"""What a question costs: buffers on PostgreSQL, steps of the machine on SQLite, and time on both.

Buffers (pages of 8 KiB looked at) and steps do not depend on what else runs. On PostgreSQL a question is asked with the
plan for its parameters and with the plan for any parameters, as the server may take either; the worse one counts.
"""

import json
import sqlite3
import statistics
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from storage.postgres import translate
from storage.postgres_database import load_queries as postgres_queries
from storage.sqlite import PRAGMAS
from storage.sqlite_database import load_queries as sqlite_queries
from tests.bench.scale_questions import Question, World

STEPS_COUNTED = 10
UNITS = {"postgres": "pages looked at", "sqlite": "steps"}
PLANS = ("force_custom_plan", "force_generic_plan")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a question costs at one size. `work` is in pages looked at, or in steps."""

    work: int
    microseconds: float
    rows: int


class Stand(ABC):
    """A database of one size on one engine, open for questions."""

    def __init__(self, world: World) -> None:
        self.world = world

    @abstractmethod
    async def open(self) -> None:
        """Connect."""

    @abstractmethod
    async def close(self) -> None:
        """Let go."""

    @abstractmethod
    async def prepare(self, question: Question) -> tuple[int, int]:
        """Get ready to ask a question again and again; what work it is, and how many rows come."""

    @abstractmethod
    async def ask(self) -> None:
        """Ask what was prepared."""

    @abstractmethod
    async def sizes(self) -> dict[str, int]:
        """Give the bytes of each table with its indexes."""


class PostgresStand(Stand):
    """On a server."""

    def __init__(self, world: World, url: str) -> None:
        super().__init__(world)
        self._url = url
        self._queries = postgres_queries()

    async def open(self) -> None:
        self._raw: Any = await asyncpg.connect(self._url, server_settings={"jit": "off"})

    async def close(self) -> None:
        await self._raw.close()

    async def prepare(self, question: Question) -> tuple[int, int]:
        statement = translate(getattr(self._queries, question.query).sql)
        values = ", ".join(literal(question.params[name]) for name in statement.names)
        call = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE asked{f'({values})' if values else ''}"
        found = []
        for plan in PLANS:
            await self._raw.execute(f"SET plan_cache_mode = {plan}")
            await self._raw.execute(f"PREPARE asked AS {statement.sql}")
            for _ in range(2):  # the first one fetches
                told = json.loads(await self._raw.fetchval(call))[0]["Plan"]
            found.append((told["Shared Hit Blocks"] + told["Shared Read Blocks"], told["Actual Rows"]))
            await self._raw.execute("DEALLOCATE asked")
        await self._raw.execute("SET plan_cache_mode = auto")
        self._prepared = await self._raw.prepare(statement.sql)
        self._values = [question.params[name] for name in statement.names]
        work, rows = max(found)
        return work, int(rows)

    async def ask(self) -> None:
        await self._prepared.fetch(*self._values)

    async def sizes(self) -> dict[str, int]:
        rows = await self._raw.fetch(
            "SELECT relname AS name, pg_total_relation_size(oid) AS bytes FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        return {row["name"]: row["bytes"] for row in rows}


class SqliteStand(Stand):
    """In a file."""

    def __init__(self, world: World, path: Path) -> None:
        super().__init__(world)
        self._path = path
        self._queries = sqlite_queries()

    async def open(self) -> None:
        self._raw = sqlite3.connect(self._path)
        for name, value in PRAGMAS:
            self._raw.execute(f"PRAGMA {name} = {value}")

    async def close(self) -> None:
        self._raw.close()

    async def prepare(self, question: Question) -> tuple[int, int]:
        self._sql, self._values = getattr(self._queries, question.query).sql, question.params
        steps = 0

        def count() -> None:
            nonlocal steps
            steps += STEPS_COUNTED

        self._raw.set_progress_handler(count, STEPS_COUNTED)
        rows = self._raw.execute(self._sql, self._values).fetchall()
        self._raw.set_progress_handler(None, 0)
        return steps, len(rows)

    async def ask(self) -> None:
        self._raw.execute(self._sql, self._values).fetchall()

    async def sizes(self) -> dict[str, int]:
        tables = dict(self._raw.execute("SELECT name, tbl_name FROM sqlite_master WHERE rootpage > 0"))
        found: dict[str, int] = {}
        try:
            for name, size in self._raw.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"):
                table = tables.get(name, name)
                found[table] = found.get(table, 0) + size
        except sqlite3.OperationalError:  # a library built without dbstat
            pages, size = (self._raw.execute(f"PRAGMA {one}").fetchone()[0] for one in ("page_count", "page_size"))
            return {"all together": pages * size}
        return found


async def cost_of(question: Question, stand: Stand, *, times: int) -> Cost:
    """Ask a question at one size."""
    work, rows = await stand.prepare(question)
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await stand.ask()
        taken.append(time.perf_counter() - began)
    return Cost(work, statistics.median(taken) * 1e6, rows)


def literal(value: Any) -> str:
    """Write a value as SQL does."""
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
