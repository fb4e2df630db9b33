"""The commands an operator types: configuration told in one line, backup and restore, verify's exit codes."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.house import House
from bot.domain.wallet import Way
from bot.services import wallet
from storage.database import Database
from storage.migrate import migrate
from storage.vault import Vault
from tests.bot_process import TOKEN, bot_process, command
from tests.e2e.cast import OPERATOR_ID, operator
from tests.engines import copy as copied
from tests.engines import make_empty, url_of_nothing
from tests.forgery import corrupt, forge
from tests.ledger_world import World, populate
from tests.phone import Telegram

COMMANDS = ("", "run", "demo", "migrate", "verify", "backup", "restore", "emulator")
SECRET = TOKEN.partition(":")[2]
LETTER = "This is no database, it is a letter to my aunt.\n" * 50


async def test_every_command_explains_itself() -> None:
    """Proves that `--help` of the program and of each command prints something and exits 0."""
    ran = await asyncio.gather(*(command(Path(), *name.split(), "--help") for name in COMMANDS))
    for name, (code, output, errors) in zip(COMMANDS, ran, strict=True):
        assert (code, errors) == (0, ""), name
        assert "usage:" in output


@pytest.mark.parametrize(
    ("variable", "values"),
    [
        ("BOT_TOKEN", ("", "   ", "hello", "12:short", SECRET, f"{TOKEN}\nx")),
        ("DATABASE_URL", ("postgres://localhost/x", "bot.db", "sqlite:///", "sqlite:////dev/null/bot.db")),
        ("OPERATOR_IDS", ("bob", "1;2", "-5", "٣", "1" * 30)),
        ("CURRENCY", ("", "dollar", "XXQ")),
        ("TELEGRAM_API_URL", ("", "api.telegram.org", "ftp://x")),
        ("TERMS_FILE", ("/nowhere/terms.txt",)),
    ],
)
async def test_a_bad_setting_is_told_in_one_line(tmp_path: Path, variable: str, values: tuple[str, ...]) -> None:
    """Proves that each bad value ends `run` with exit code 2 and one line that names the variable, never the token."""
    ran = await asyncio.gather(*(command(tmp_path / str(n), "run", **{variable: v}) for n, v in enumerate(values)))
    for value, (code, output, errors) in zip(values, ran, strict=True):
        assert code == 2, (value, output, errors)
        assert output == "", value
        assert errors.count("\n") == 1, (value, errors)
        assert errors.startswith("error: ")
        assert variable in errors
        assert SECRET not in errors


@pytest.mark.sqlite("files that are no database")
async def test_a_folder_and_a_strange_file_are_no_database(tmp_path: Path) -> None:
    """Proves that a folder, some other file and another program's database are named and left alone."""
    (tmp_path / "folder.db").mkdir()
    (tmp_path / "words.db").write_text(LETTER)
    with closing(sqlite3.connect(tmp_path / "other.db")) as other, other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    header = (tmp_path / "other.db").read_bytes()
    runs = [(name, verb) for name in ("folder", "words", "other") for verb in ("run", "verify", "migrate")]
    ran = await asyncio.gather(
        *(command(tmp_path, verb, DATABASE_URL=f"sqlite:///{tmp_path / name}.db") for name, verb in runs)
    )
    for run, (code, _, errors) in zip(runs, ran, strict=True):
        assert (code, errors.count("\n")) == (2, 1), (run, errors)
        assert errors.startswith("error: DATABASE_URL: ")
    assert (tmp_path / "words.db").read_text() == LETTER
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]
    assert (tmp_path / "other.db").read_bytes() == header, "not even its journal mode"


async def test_a_key_file_without_a_key_is_told_before_anything_waits(tmp_path: Path) -> None:
    """Proves that a broken key file ends `run` with one line that names it, though Telegram is away."""
    (tmp_path / "secret.key").write_text("not a key")
    code, _, errors = await command(tmp_path, "run")
    assert (code, errors.count("\n")) == (2, 1), errors
    assert errors.startswith(f"error: DATA_DIR: {tmp_path / 'secret.key'} ")
    assert (tmp_path / "secret.key").read_text() == "not a key"


async def test_verify_tells_right_from_wrong_by_its_exit_code(tmp_path: Path) -> None:
    """Proves exit 0 for sound books, 1 for a forged transfer or rules taken out, 2 when nothing is there."""
    await populate(tmp_path / "bot.db")
    code, output, _ = await command(tmp_path, "verify")
    assert (code, "the ledger is right" in output) == (0, True)

    forged = tmp_path / "forged"
    forged.mkdir()
    raised = "UPDATE transfers SET amount = amount + 1 WHERE id = (SELECT min(id) FROM transfers)"
    forge(copied(tmp_path / "bot.db", forged / "bot.db"), raised)
    code, output, _ = await command(forged, "verify")
    assert (code, "FAIL" in output) == (1, True), output

    corrupt(forged / "bot.db", raised)
    code, output, _ = await command(forged, "verify")
    assert (code, "FAIL" in output) == (1, True), output
    assert "schema: trigger " in output
    assert " is missing" in output
    ran, _, errors = await command(forged, "run")
    assert (ran, errors.count("\n")) == (2, 1), errors
    nothing = tmp_path / "nothing"
    code, _, errors = await command(nothing, "verify", DATABASE_URL=url_of_nothing(nothing / "bot.db"))
    assert (code, errors.count("\n")) == (2, 1), errors
    assert not nothing.exists()


async def test_migrate_makes_the_schema_and_says_what_is_pending(tmp_path: Path) -> None:
    """Proves that `--check` exits 1 while something is pending, that `migrate` applies it, and 0 afterwards."""
    make_empty(tmp_path / "bot.db")
    code, output, _ = await command(tmp_path, "migrate", "--check")
    assert (code, "pending 0001" in output) == (1, True)
    code, output, _ = await command(tmp_path, "migrate")
    assert (code, "applied 0001" in output) == (0, True)
    code, output, _ = await command(tmp_path, "migrate", "--check")
    assert (code, output) == (0, "the database has this release's schema\n")


@pytest.mark.sqlite("a backup is a file; a server has its own tools (docs/OPERATING.md)")
async def test_a_backup_of_the_running_bot_comes_back_with_payouts_stopped(
    tmp_path: Path, telegram: Telegram, fine: set[str]
) -> None:
    """Proves online backup, a restore into an empty place only, and that no payout can be marked before the thaw."""
    fine.add("sendMessage: Bad Request: chat not found")  # the people of the past have never opened this emulator
    old, new = tmp_path / "old", tmp_path / "new"
    new.mkdir()
    number = await _withdrawal_being_paid(old)
    file = tmp_path / "backups" / "bot.db"
    async with bot_process(old, telegram.base_url, OPERATOR_IDS=str(OPERATOR_ID)):
        olga = await operator(telegram)
        code, output, errors = await command(old, "backup", str(file))
        assert (code, errors) == (0, ""), output + errors
        assert f"backup written to {file}" in output
        again, _, errors = await command(old, "backup", str(file))
        assert (again, errors) == (2, f"error: FILE: {file} exists already\n")
    code, _, errors = await command(old, "restore", str(file))
    assert (code, "is not empty" in errors) == (2, True)

    code, output, errors = await command(new, "restore", str(file))
    assert (code, "payouts are frozen" in output) == (0, True), output + errors
    assert (await command(new, "verify"))[0] == 0
    shutil.copyfile(old / "secret.key", new / "secret.key")
    async with bot_process(new, telegram.base_url, OPERATOR_IDS=str(OPERATOR_ID)):
        await olga.send("/admin")
        await olga.wait_for("Payouts are stopped: restored from a backup")
        await olga.press("💸 Withdrawals · 1")
        await olga.wait_for("Withdrawals to pay")
        await olga.press(f"W-{number}")
        await olga.wait_for("To: worker@example.com")
        await olga.press("✅ Mark sent")
        await olga.wait_for("Type the reference of your payment")
        await olga.send("9AB12345CD678901E")
        await olga.wait_for("Payouts are stopped")
        await olga.send("/admin")
        await olga.wait_for("Withdrawals to pay: 1 ($10.00)")
        await olga.press("▶️ Resume payouts")
        await olga.wait_for("Let payouts go on?")
        assert (await olga.press("✅ Let them go on")).text == "Payouts go on."
    assert (await command(new, "verify"))[0] == 0


async def _withdrawal_being_paid(folder: Path) -> int:
    """Make the data of a bot where somebody earned $10 and an operator has begun to pay them out."""
    vault = Vault.open(folder / "secret.key")
    database = await Database.open(f"sqlite:///{folder / 'bot.db'}")
    try:
        await migrate(database)
        world = World(database, datetime.now(UTC))
        desk, worker = await world.member(role="operator"), await world.member()
        await world.earn(worker, 100_000)
        async with world.unit() as uow:
            asked = await wallet.request_withdrawal(
                uow,
                member_id=worker,
                way=Way.PAYPAL,
                destination="worker@example.com",
                amount=100_000,
                house=House(),
                vault=vault,
            )
        async with world.unit() as uow:
            await wallet.approve_withdrawal(uow, withdrawal_id=asked.id, version=asked.version, by=desk)
        return asked.id
    finally:
        await database.close()
