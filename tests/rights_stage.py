"""The marketplace of who may do what, with the whole bot before it and what puts it back."""

import contextlib
from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

from storage.database import Database
from tests import engines
from tests.engines import url_of
from tests.rights_files import Files
from tests.rights_world import HOUSE, KEY, Rights
from tests.whole_bot import WholeBot, whole_bot


@dataclass
class RightsStage:
    """The bot, its marketplace, and the rows as they are and were."""

    bot: WholeBot
    rights: Rights
    files: Files


@contextlib.asynccontextmanager
async def rights_stage(folder: Path, marketplace: Rights) -> AsyncIterator[RightsStage]:
    """Copy a marketplace to a folder and serve it while the block lasts."""
    rights = replace(deepcopy(marketplace), path=engines.copy(marketplace.path, folder / "bot.db"))
    (folder / "secret.key").write_bytes(KEY)
    database = await Database.open(url_of(rights.path))
    files = await Files.open(rights.path, operator=rights.roles["operator"])
    try:
        async with whole_bot(database, HOUSE, key_folder=folder, now=rights.now) as bot:
            yield RightsStage(bot, rights, files)
    finally:
        await files.close()
        await database.close()
