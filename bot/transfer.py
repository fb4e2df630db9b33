"""One bot's whole database into another, empty one, on either engine: moving up, and backups of a server.

source, at one moment ─► every table, in one transaction of the target ─► counted, added up, the chain recomputed
   ─► committed only if all of it agrees; whatever ends it early leaves the target empty
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.logs import redact
from bot.settings import BadConfiguration
from storage import bulk
from storage.audit import CHAIN, examine
from storage.database import Database, engine_of
from storage.errors import CommitFailed, DatabaseError
from storage.migrate import SchemaMismatch, check_schema, migrate, pending
from storage.sqlite import path_of
from storage.unit import Tx

#: Where anything at all means that the database is somebody's.
_TELLING = ("members", "inbox", "jobs", "events", "entries", "accounts")
NAMED = 5
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Totals:
    """What has to be the same on both sides."""

    rows: dict[str, int]
    money: tuple[tuple[str, int, int], ...]  # currency, debits, credits
    moved: int
    head: str


class NotTheSame(Exception):
    """The copy is not what was copied; nothing was kept."""


async def is_empty(database: Database) -> bool:
    """Whether a database holds nothing of anybody's; it may have our tables."""
    tables = await database.list_tables()
    if not tables:
        return True
    if not set(_TELLING) <= tables:
        return False
    async with database.read() as tx:
        return all([not await tx.fetch(f"SELECT 1 FROM {table} LIMIT 1") for table in _TELLING])  # noqa: S608 - our tables


async def copy(source: Database, target: Database, *, say: Say) -> Totals:
    """Copy everything and verify it before it is kept.

    Raises:
        BadConfiguration: the target is not empty, or one of them has another release's schema.
        NotTheSame: counts, sums, the chain or a rule of the ledger differ; nothing was kept.
        DatabaseError, CommitFailed: a database failed; nothing was kept.
    """
    if not await is_empty(target):
        raise BadConfiguration("TARGET: it is not empty; transfer only into an empty database")
    try:
        if await pending(source):
            raise BadConfiguration("SOURCE: it needs `python -m bot migrate` first (make a backup before)")
        await check_schema(source)
        await migrate(target)
        await check_schema(target)
    except SchemaMismatch as error:
        raise BadConfiguration(f"SOURCE or TARGET: {error}") from None
    async with source.read() as tx:
        before = await totals_of(tx)
        async with bulk.bulk(target) as into:
            await into.clear()
            for table, columns in (await bulk.list_columns(tx)).items():
                if columns != into.columns.get(table) and set(columns) != set(into.columns.get(table, ())):
                    raise NotTheSame(f"{table} has other columns")
                await _copy_table(tx, into, table)
                say(f"copied {before.rows[table]:>9,} rows of {table}")
            after = await totals_of(into.tx)
            _compare(before, after)
            report = await examine(into.tx)
            if not report.ok:
                found = [f"{one.invariant}: {one.subject} {one.detail}" for one in report.findings[:NAMED]]
                raise NotTheSame("the ledger is not right: " + "; ".join(found))
            checked = dict(report.checked)
            count, links = sum(before.rows.values()), checked[CHAIN]
            say(f"verified {count:,} rows, {links:,} links of the chain, head {after.head[:16]}")
    try:
        await check_schema(target)
    except SchemaMismatch as error:  # every rule must be back in its place
        raise NotTheSame(str(error)) from None
    return after


async def totals_of(tx: Tx) -> Totals:
    """Count and add up a database as this transaction sees it."""
    rows = {}
    for table in await bulk.list_columns(tx):
        rows[table] = int((await tx.fetch(f"SELECT count(*) AS n FROM {table}"))[0]["n"])  # noqa: S608 - our tables
    money = await tx.fetch(
        "SELECT currency, sum(debits) AS debits, sum(credits) AS credits FROM accounts"
        " GROUP BY currency ORDER BY currency"
    )
    moved = await tx.fetch("SELECT coalesce(sum(amount), 0) AS amount FROM transfers")
    head = await tx.one("audit_get_head")
    return Totals(
        rows,
        tuple((one["currency"], int(one["debits"]), int(one["credits"])) for one in money),
        int(moved[0]["amount"]),
        "" if head is None else str(head["hash"]),
    )


async def _copy_table(tx: Tx, into: bulk.Bulk, table: str) -> None:
    async for batch in bulk.read_table(tx, table, into.columns[table]):
        # What is NUL in a member's words is seen by nobody, and no text of a server can hold it.
        clean = [tuple(v.replace("\0", "") if isinstance(v, str) and "\0" in v else v for v in row) for row in batch]
        try:
            await into.put(table, clean)
        except DatabaseError as error:
            raise NotTheSame(f"rows of {table} can't be written ({error})") from error


def _compare(before: Totals, after: Totals) -> None:
    wrong = [
        f"{table}: {count:,} rows became {after.rows.get(table, 0):,}"
        for table, count in before.rows.items()
        if after.rows.get(table) != count
    ]
    for name in ("money", "moved", "head"):
        if getattr(before, name) != getattr(after, name):
            wrong.append(f"{name}: {getattr(before, name)} became {getattr(after, name)}")
    if wrong:
        raise NotTheSame("; ".join(wrong))


async def transfer(source_url: str, target_url: str, *, say: Say) -> int:
    """Copy the database at one address into the empty one at another; gives the exit code.

    Raises:
        BadConfiguration: an address can't be used, the target is not empty, a schema is another release's.
    """
    source = await _open(source_url, "SOURCE", must_exist=True)
    try:
        target = await _open(target_url, "TARGET", must_exist=False)
        try:
            await copy(source, target, say=say)
        finally:
            await target.close()
    except (NotTheSame, DatabaseError, CommitFailed) as error:
        say(f"error: {error}; nothing was kept, and it can be tried again")
        return 1
    finally:
        await source.close()
    say("done: set DATABASE_URL to the target before the bot starts again")
    return 0


async def _open(url: str, name: str, *, must_exist: bool) -> Database:
    try:
        if must_exist and engine_of(url) == "sqlite" and not path_of(url).exists():
            raise BadConfiguration(f"{name}: there is no database at {url}")
        return await Database.open(url)
    except (OSError, ValueError, DatabaseError) as error:
        raise BadConfiguration(f"{name}: {redact(str(error))}") from None
