"""Random damage to real updates, through the bot as its user starts it: nothing ends it, nothing stays, nothing moves.

The updates come from a server that speaks getUpdates only; what the bot answers is taken and forgotten. On a commit as
many as fit into some seconds, in the campaign (CAMPAIGN=1) 50,000. SEED=... repeats a run.
"""

import asyncio
import contextlib
import json
import os
import random
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.services import alerts, work
from storage.database import Database
from tests.bot_process import bot_process
from tests.engines import url_of
from tests.handlers.test_forged import Forger
from tests.malformed import damage, updates
from tests.rights_files import Files, Rows
from tests.rights_table import TABLE
from tests.rights_world import HOUSE, Rights, make_rights
from tests.waiting import eventually
from tests.whole_bot import BOT

CAMPAIGN = os.environ.get("CAMPAIGN") == "1"
SECONDS = 4.0
FLOOR = 50_000 if CAMPAIGN else 500
STRANGERS = 5_000 if CAMPAIGN else 200
BATCH = 100
#: What ticks and the intake of pictures change by themselves, and what people may change of their own.
NOT_BUSINESS = {"members", "subscriptions", "events", "flags", "audit_log"}
Record = Callable[[str, object], None]


@dataclass
class Feed:
    """A Telegram that has updates to give, and takes whatever it is told."""

    make: Callable[[], dict[str, Any]]
    wanted: Callable[[int], bool]
    given: int = 0
    update_id: int = 1000
    pending: list[dict[str, Any]] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one method of the Bot API."""
        body = await request.read()
        match request.path.rsplit("/", 1)[-1].lower():
            case "getme":
                result: Any = BOT
            case "getupdates":
                result = await self._updates(json.loads(body).get("offset", 0))
            case "getfile":
                return web.json_response({"ok": False, "error_code": 400, "description": "Bad Request: no"}, status=400)
            case _:
                result = {"message_id": 9, "date": 1, "chat": {"id": 1, "type": "private"}}
        return web.Response(text=json.dumps({"ok": True, "result": result}), content_type="application/json")

    async def _updates(self, offset: int) -> list[dict[str, Any]]:
        """Give the next batch once the last one was confirmed; the bot cannot confirm what has no number."""
        if self.pending and offset <= self.update_id:
            return self.pending
        self.pending = []
        if not self.wanted(self.given):
            self.done.set()
            await asyncio.sleep(0.5)
            return []
        for _ in range(BATCH):
            self.update_id += 1
            self.pending.append({"update_id": self.update_id, **self.make()})
        self.given += BATCH
        return self.pending


@contextlib.asynccontextmanager
async def serving(feed: Feed) -> AsyncIterator[str]:
    """Serve a feed on a free port while the block lasts."""
    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", "/{path:.*}", feed.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class Sender:
    """Makes damaged updates from people who have no right to what is in them."""

    def __init__(self, rights: Rights, files: Files, chance: random.Random) -> None:
        self.rights = rights
        self.chance = chance
        self.files = files
        self.presses = Forger(rights, chance).presses()
        self.strangers = [chance.randrange(10**9, 10**10) for _ in range(STRANGERS)]
        self.standing = [chance.randrange(10**9, 10**10) for _ in range(STRANGERS)]

    def __call__(self) -> dict[str, Any]:
        """Give one."""
        member, data = next(self.presses)
        if member in self.rights.roles.values() and self.chance.random() < 0.03:  # each hears one message a second
            who = self.rights.telegram[member]
        else:
            who = self.chance.choice(self.strangers + self.standing)
            data = "go.home" if data.startswith("wk.apply") else data
        return damage(self.chance.choice(updates(who, data, self.chance)), self.chance)

    async def stand_somewhere(self) -> None:
        """Let many people stand in conversations in which nothing they can do has an effect."""
        for number in self.standing:
            row = "INSERT INTO members (telegram_user_id, created_at, seen_at) VALUES (?, 1, 1) RETURNING id"
            ((member,),) = await self.files.execute(row, number)
            await self._stand(member, "stranger")
        for role, member in self.rights.roles.items():
            await self._stand(member, role)

    async def _stand(self, member: int, role: str) -> None:
        harmful = {row.at[:2] for row in TABLE if row.at and role in row.may}
        row = self.chance.choice([row for row in TABLE if row.at and row.at[:2] not in harmful])
        thing = self.chance.choice([thing for thing in self.rights.things if thing.kind == row.of])
        assert row.at is not None
        conversation, state, draft = row.at
        await self.files.stand(member, conversation, state, draft(thing, member), self.rights.now)


async def _settle(rights: Rights) -> None:
    """Let the ticks that look at everything once have looked."""
    database = await Database.open(url_of(rights.path))
    for _ in range(20):
        async with database.unit("tick", now=rights.now) as uow:
            await alerts.match_alerts(uow, limit=100, house=HOUSE)
            await work.warn_reservations(uow, limit=100, house=HOUSE)
    await database.close()


def _business(rows: Rows) -> dict[Any, Any]:
    """Leave out what changes by itself; of pictures only which there are."""
    return {key: None if key[0] == "proofs" else row for key, row in rows.items() if key[0] not in NOT_BUSINESS}


async def _counts(files: Files) -> dict[str, int]:
    counted: Any = await files.execute("SELECT status, count(*) FROM inbox GROUP BY status")
    return dict(counted)


async def test_malformed_updates(tmp_path: Path, record_property: Record) -> None:
    """Proves that no damaged update ends the bot, stays in the inbox or moves anything."""
    seed = int(os.environ.get("SEED", random.randrange(2**32)))
    rights = await make_rights(tmp_path / "bot.db", datetime.now(UTC), calm=True)
    await _settle(rights)
    files = await Files.open(rights.path, operator=rights.roles["operator"])
    sender = Sender(rights, files, random.Random(seed))
    await sender.stand_somewhere()
    before = _business(await files.snapshot())
    operators = ",".join(str(rights.telegram[rights.roles[role]]) for role in ("operator", "dismissed_operator"))
    began = time.monotonic()
    feed = Feed(sender, lambda given: given < FLOOR or (not CAMPAIGN and time.monotonic() - began < SECONDS))

    async def nothing_left() -> bool:
        counts = await _counts(files)
        return feed.done.is_set() and not counts.get("new") and not counts.get("applied")

    async with serving(feed) as url, bot_process(tmp_path, url, OPERATOR_IDS=operators) as bot:
        await eventually(nothing_left, f"everything handled (seed {seed})", seconds=1800 if CAMPAIGN else 60)
        assert bot.process is not None
        assert bot.process.returncode is None, f"the bot ended (seed {seed})"
        counts = await _counts(files)
    after = _business(await files.snapshot())
    await files.close()
    assert {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)} == set(), f"seed {seed}"
    figure = f"{feed.given} damaged updates: 0 exits, 0 effects, 0 left; {counts.get('quarantined', 0)} set aside"
    record_property("figure", f"{figure} (seed {seed})")
    assert sum(counts.values()) >= FLOOR
