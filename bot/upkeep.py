"""What an operator runs beside the bot: migrate, verify, backup, restore, webhook.

Each prints what it did and gives the exit code.
"""

import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bot.app import utc_now
from bot.domain.errors import N_
from bot.logs import redact
from bot.opening import open_database
from bot.settings import BadConfiguration, Settings
from bot.transfer import NotTheSame, copy, is_empty
from bot.transport import ApiError, Transport, Unreachable
from bot.verify import verify as verify_database
from bot.webhook import delete_webhook
from storage import outbox, sqlite
from storage.database import Database, engine_of
from storage.errors import CommitFailed, DatabaseError
from storage.migrate import SchemaMismatch, pending
from storage.migrate import migrate as apply_migrations
from storage.sqlite_database import SqliteDatabase


def say(line: str) -> None:
    """Tell the operator a line."""
    sys.stdout.write(line + "\n")


async def migrate(settings: Settings, *, check: bool) -> int:
    """Apply what is pending, or with `check` only name it."""
    database = await _open(settings)
    try:
        steps = await pending(database) if check else await apply_migrations(database)
    except (SchemaMismatch, DatabaseError) as error:
        raise BadConfiguration(f"DATABASE_URL: {error}") from None
    finally:
        await database.close()
    for step in steps:
        say(f"{'pending' if check else 'applied'} {step.version:04d} {step.name}")
    if not steps:
        say("the database has this release's schema")
    return 1 if check and steps else 0


async def verify(settings: Settings) -> int:
    """Check the ledger's rules against the rows, also where somebody took the schema's own guards away."""
    database = await open_database(settings, create=False, check=False)
    try:
        return await verify_database(database)
    finally:
        await database.close()


async def backup(settings: Settings, file: Path) -> int:
    """Copy the running database into a new file and verify the copy."""
    if file.exists():
        raise BadConfiguration(f"FILE: {file} exists already")
    database = await open_database(settings, create=False)
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(database, SqliteDatabase):
            await database.backup(part)
        else:
            await _write_file(database, part)
    except (NotTheSame, DatabaseError, CommitFailed) as error:
        say(f"error: {error}")
        return 1
    except OSError as error:
        raise BadConfiguration(f"FILE: {error}") from None
    finally:
        await database.close()
    code = await _verify_file(part)
    if code != 0:
        say(f"error: the copy is not sound; it is kept as {part}")
        return code
    part.rename(file)
    say(f"backup written to {file} ({file.stat().st_size:,} bytes)")
    return 0


async def restore(settings: Settings, file: Path) -> int:
    """Bring a backup back into an empty place, with payouts frozen until an operator has compared and thaws them."""
    if not file.is_file():
        raise BadConfiguration(f"FILE: there is no {file}")
    if engine_of(settings.database_url) == "postgres":
        return await _restore_to_server(settings, file)
    target = sqlite.path_of(settings.database_url)
    if await _holds_something(target):
        raise BadConfiguration(f"DATABASE_URL: {target} is not empty; restore only into an empty place")
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove(part)
        shutil.copyfile(file, part)
        # The copy is checked, and frozen before it gets its name: the backup may be on a medium nobody can write to.
        if await _verify_file(part, called=file) != 0:
            _remove(part)
            say("error: this backup is not sound; nothing was restored")
            return 1
        await _freeze(part)
        _remove(target)
        part.rename(target)
    except OSError as error:
        raise BadConfiguration(f"DATABASE_URL: {error}") from None
    say(f"restored {file} to {target}; payouts are frozen until an operator thaws them in /admin")
    return 0


async def _restore_to_server(settings: Settings, file: Path) -> int:
    """Bring a backup back into an empty database on a server: checked and frozen in a file beside, then copied."""
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "restore.db"
        shutil.copyfile(file, part)
        if await _verify_file(part, called=file) != 0:
            say("error: this backup is not sound; nothing was restored")
            return 1
        await _freeze(part)
        target = await _open(settings)
        try:
            if not await is_empty(target):
                raise BadConfiguration("DATABASE_URL: it is not empty; restore only into an empty place")
            source = await Database.open(f"sqlite:///{part}")
            try:
                await copy(source, target, say=lambda line: None)
            finally:
                await source.close()
        except (NotTheSame, DatabaseError, CommitFailed) as error:
            say(f"error: {error}; nothing was restored")
            return 1
        finally:
            await target.close()
    say(f"restored {file}; payouts are frozen until an operator thaws them in /admin")
    return 0


async def _write_file(database: Database, path: Path) -> None:
    """Write a server's database, as it is at one moment, into a file, and leave all of it in that one file."""
    copied = await Database.open(f"sqlite:///{path.absolute()}")
    try:
        await copy(database, copied, say=lambda line: None)
    finally:
        await copied.close()
    await _settle(path)


async def _settle(path: Path) -> None:
    """Leave all of a closed database in its one file."""
    alone = await sqlite.connect(path)  # the last to close a file brings its log home
    await alone.close()
    assert not path.with_name(path.name + "-wal").exists(), "a closed database is one file"


async def _freeze(path: Path) -> None:
    """Stop payouts in a database file, and leave all of it in that one file."""
    database = await Database.open(f"sqlite:///{path.absolute()}")
    try:
        async with database.unit("restore", now=utc_now()) as uow:
            await outbox.set_flag(uow.tx, "payouts_frozen", N_("restored from a backup"), at=uow.now)
    finally:
        await database.close()
    await _settle(path)


def _remove(path: Path) -> None:
    for leftover in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        leftover.unlink(missing_ok=True)


async def _open(settings: Settings) -> Database:
    try:
        return await Database.open(settings.database_url)
    except (OSError, DatabaseError, ValueError) as error:
        raise BadConfiguration(f"DATABASE_URL: {redact(str(error))}") from None


async def _verify_file(file: Path, *, called: Path | None = None) -> int:
    """Check a database file that nobody writes: its pages, then the ledger's rules. `called` is its name for people."""
    called = called or file
    try:
        database = await Database.open(f"sqlite:///{file.absolute()}")
    except DatabaseError as error:
        say(f"error: {called} is no database ({error})")
        return 1
    try:
        async with database.read() as tx:
            rows = list(await tx.connection.execute_fetchall("PRAGMA integrity_check"))
        if rows[0][0] != "ok":
            say(f"error: {rows[0][0]}")
            return 1
        return await verify_database(database)
    except DatabaseError as error:
        say(f"error: {called} can't be read ({error})")
        return 1
    finally:
        await database.close()


async def webhook(settings: Settings, *, delete: bool) -> int:
    """Say where Telegram brings this bot's updates and what it complains of, or have it bring them nowhere."""
    transport = Transport(token=settings.token(), api_url=settings.telegram_api_url)
    await transport.open()
    try:
        if delete:
            was_set = await delete_webhook(transport)
            say("the webhook is deleted" if was_set else "no webhook is set")
            return 0
        info = await transport.call("getWebhookInfo", {})
    except ApiError as error:
        raise BadConfiguration(f"BOT_TOKEN: Telegram refuses ({error.description})") from None
    except Unreachable as error:
        raise BadConfiguration(f"TELEGRAM_API_URL: no answer ({error})") from None
    finally:
        await transport.close()
    say(f"webhook: {info.get('url') or 'none is set, the bot fetches its updates'}")
    say(f"waiting: {info.get('pending_update_count', 0)} updates")
    if info.get("last_error_date"):
        at = datetime.fromtimestamp(info["last_error_date"], UTC)
        say(f"last trouble: {at:%Y-%m-%d %H:%M:%S} UTC {info.get('last_error_message', '')}")
    return 0


async def _holds_something(path: Path) -> bool:
    if not path.exists() or path.stat().st_size == 0:
        return False
    try:
        connection = await sqlite.connect(path)
    except DatabaseError:
        return True  # another program's, or no database at all: certainly not empty
    try:
        rows = list(await connection.execute_fetchall("SELECT count(*) FROM sqlite_master WHERE type = 'table'"))
        if rows[0][0] == 0:
            return False
        return any(
            [
                list(await connection.execute_fetchall(f"SELECT 1 FROM {table} LIMIT 1"))  # noqa: S608 - our own names
                for table in ("members", "inbox", "jobs")
            ]
        )
    except DatabaseError:
        return True  # something else's file: certainly not empty
    finally:
        await connection.close()
