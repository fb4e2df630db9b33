"""What every command opens before it works, from the settings: the rules of the installation, the database, the key."""

from pathlib import Path

from bot.domain.house import House
from bot.domain.text import clean_line
from bot.logs import redact
from bot.settings import BadConfiguration, Settings, units_of
from storage import sqlite
from storage.database import Database, engine_of
from storage.errors import DatabaseError
from storage.migrate import SchemaMismatch, check_schema, migrate, pending
from storage.vault import Vault, WrongKey


def house_of(settings: Settings, *, bot_username: str = "") -> House:
    """Give the rules of this installation from its settings.

    Raises:
        BadConfiguration: a text file can't be read.
    """
    return House(
        currency=settings.currency,
        employer_fee_bp=int(settings.employer_fee_percent * 100),
        withdrawal_minimum=units_of(settings.withdrawal_minimum),
        high_pay_minimum=units_of(settings.high_pay_minimum),
        operator_ids=settings.operator_ids,
        bot_username=bot_username,
        deposit_instructions=settings.deposit_instructions.strip(),
        support_contact=clean_line(settings.support_contact),
        terms=_text(settings.terms_file, "TERMS_FILE"),
        privacy=_text(settings.privacy_file, "PRIVACY_FILE"),
    )


def _text(file: Path | None, name: str) -> str:
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfiguration(f"{name}: {file} can't be read ({type(error).__name__})") from None


def open_vault(data: Path) -> Vault:
    """Open the key that encrypts payout destinations; the first start makes it.

    Raises:
        BadConfiguration: the file holds no key, or the folder can't be used.
    """
    file = data / "secret.key"
    try:
        return Vault.open(file)
    except (OSError, WrongKey) as error:
        raise BadConfiguration(f"DATA_DIR: {file} can't be used ({error})") from None


async def open_database(settings: Settings, *, create: bool = True, check: bool = True) -> Database:
    """Open the database and make sure it has this release's schema. A new file gets the schema when `create`.

    Without `check` changed and missing rules of the schema are let through: to be told by whoever opens it.

    Raises:
        BadConfiguration: it can't be opened, needs `migrate`, or its schema was tampered with.
    """
    try:
        on_server = engine_of(settings.database_url) == "postgres"
        is_new = not on_server and not sqlite.path_of(settings.database_url).exists()
        if is_new and not create:
            raise BadConfiguration(f"DATABASE_URL: there is no database at {settings.database_url}")
        database = await Database.open(settings.database_url)
    except (OSError, ValueError, DatabaseError) as error:
        raise BadConfiguration(f"DATABASE_URL: {redact(str(error))}") from None
    try:
        if on_server:
            is_new = not await database.list_tables()
            if is_new and not create:
                raise BadConfiguration("DATABASE_URL: the database is empty")
        if is_new:
            await migrate(database)
        if await pending(database):
            raise BadConfiguration("DATABASE_URL: the database needs `python -m bot migrate` (make a backup before)")
        if check:
            await check_schema(database)
    except BaseException as error:
        await database.close()
        if isinstance(error, (SchemaMismatch, DatabaseError)):
            raise BadConfiguration(f"DATABASE_URL: {error}") from None
        raise
    return database
