"""Restoring: a backup is only read, and what comes back has its payouts stopped before it has its name."""

import sqlite3
from pathlib import Path

import pytest

from tests.bot_process import command

pytestmark = pytest.mark.sqlite("a backup is a file; a server has its own tools (docs/OPERATING.md)")


async def test_a_restore_only_reads_the_backup(tmp_path: Path) -> None:
    """Proves that the backup's folder is as it was, the restored file is alone and frozen, and no half stays behind."""
    old, new, kept = tmp_path / "old", tmp_path / "new", tmp_path / "kept"
    for folder in (old, new):
        folder.mkdir()
    assert (await command(old, "migrate"))[0] == 0
    assert (await command(old, "backup", str(kept / "bot.db")))[0] == 0
    before = (kept / "bot.db").read_bytes()
    code, output, errors = await command(new, "restore", str(kept / "bot.db"))
    assert code == 0, output + errors
    assert [file.name for file in kept.iterdir()] == ["bot.db"]
    assert (kept / "bot.db").read_bytes() == before
    assert [file.name for file in new.iterdir()] == ["bot.db"]
    with sqlite3.connect(new / "bot.db") as restored:
        assert restored.execute("SELECT value FROM flags WHERE name = 'payouts_frozen'").fetchone()
    restored.close()


async def test_a_strange_file_restores_nothing(tmp_path: Path) -> None:
    """Proves that a file that is no database leaves nothing in the place it was to be restored to."""
    strange, new = tmp_path / "strange.db", tmp_path / "new"
    strange.write_text("this is no database, however long it is. " * 40)
    code, output, _ = await command(new, "restore", str(strange))
    assert code == 1
    assert f"{strange} is no database" in output
    assert list(new.iterdir()) == []
