"""The state on disk: one SQLite file, written a moment after each change and once more at the end.

Rows are (kind, bot, chat, number) -> JSON; only what changed since the last save is written, all in one transaction,
so that a crash leaves the state of the save before.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.emulator.files import StoredFile
from bot.emulator.till import KINDS as TILL_KINDS
from bot.emulator.updates import UpdateQueue
from bot.emulator.world import Bot, Callback, Chat, Json, Message, Person, Webhook, World

_log = logging.getLogger(__name__)

SAVE_EVERY_SECONDS = 0.5
SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS rows (
    kind TEXT NOT NULL, bot INTEGER NOT NULL, chat INTEGER NOT NULL, number INTEGER NOT NULL,
    body TEXT NOT NULL, data BLOB, PRIMARY KEY (kind, bot, chat, number)
) WITHOUT ROWID
"""
_PUT = "INSERT OR REPLACE INTO rows (kind, bot, chat, number, body, data) VALUES (?, ?, ?, ?, ?, ?)"
_DELETE = "DELETE FROM rows WHERE kind = ? AND bot = ? AND chat = ? AND number = ?"
_BOT_PARTS = (
    "username",
    "first_name",
    "names",
    "descriptions",
    "short_descriptions",
    "commands",
    "menu_button",
    "next_message_id",
    "next_media_group",
)
_CHAT_PARTS = ["body", "members", "started", "blocked", "unread", "reply_keyboard", "menu_button", "pinned"]
_WORLD_PARTS = ("next_person_id", "next_group_id", "next_callback_id")
_FILE_PARTS = ("kind", "extension", "shape", "group", "asked_for")

Key = tuple[str, int, int, int]
#: The body is written down as JSON in the thread that saves; what may change in its place is written down before.
Row = tuple[str, int, int, int, Json | str, bytes | None]


class Store:
    """Loads a world from its file and keeps the file in step."""

    def __init__(self, path: Path, world: World) -> None:
        self.path = path
        self.world = world
        self.database: sqlite3.Connection | None = None
        self.unwritten: list[tuple[list[Row], list[Key]]] = []

    def open(self, *, fresh: bool = False) -> None:
        """Open the file and fill the world from it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if fresh:
            for suffix in ("", "-wal", "-shm"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        database = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(_SCHEMA)
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        self.database = database
        self._load(database)
        for bot in self.world.bots.values():
            bot.queue.added, bot.queue.removed = [], []
        self.world.changed = set()
        self.world.till.mark = self.world.mark
        self.world.files.changed = set()

    async def keep_saving(self, stopped: asyncio.Event) -> None:
        """Save what changed, twice a second, in a thread; once more at the end, and close the file."""
        while not stopped.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SAVE_EVERY_SECONDS):
                    await stopped.wait()
            self._collect()
            if self.unwritten:
                await asyncio.to_thread(self._write)
        assert self.database is not None
        self.database.close()

    # -- saving -------------------------------------------------------------------------------------------------

    def _collect(self) -> None:
        world = self.world
        assert world.changed is not None
        assert world.files.changed is not None
        rows: list[Row] = []
        gone: list[Key] = []
        # A message takes a number of its bot's: a bot that only writes must not give that number again.
        wrote = {("bot", bot_id, 0, 0) for kind, bot_id, _, _ in world.changed if kind == "message"}
        for key in world.changed | wrote:
            body = self._body(key)
            if body is None:
                gone.append(key)
            else:
                rows.append((*key, body if key[0] == "message" else json.dumps(body), None))
        world.changed.clear()
        for number in world.files.changed:
            file = world.files.by_number.get(number)
            if file is None:
                gone += [("file", bot_id, 0, number) for bot_id in world.bots]
            else:
                shown = {name: getattr(file, name) for name in _FILE_PARTS}
                rows.append(("file", file.bot_id, 0, number, json.dumps(shown), file.data))
        world.files.changed.clear()
        for bot in world.bots.values():
            self._collect_updates(bot, rows, gone)
        if rows or gone:
            self.unwritten.append((rows, gone))

    def _collect_updates(self, bot: Bot, rows: list[Row], gone: list[Key]) -> None:
        queue = bot.queue
        if queue.added is None or queue.removed is None:
            queue.added, queue.removed = list(queue.waiting), []
        if not queue.added and not queue.removed:
            return
        removed = {entry.serial for entry in queue.removed}
        for entry in queue.added:
            if entry.serial not in removed:
                saved = {"update": entry.update, "forced": entry.forced, "expires_at": entry.expires_at}
                rows.append(("update", bot.id, 0, entry.serial, saved, None))
        gone += [("update", bot.id, 0, serial) for serial in removed]
        queue.added, queue.removed = [], []
        rows.append(("bot", bot.id, 0, 0, json.dumps(_bot_body(bot)), None))

    def _body(self, key: Key) -> Json | None:
        kind, bot_id, chat_id, number = key
        world = self.world
        if kind == "world":
            return {**{name: getattr(world, name) for name in _WORLD_PARTS}, "clock": world.clock.offset_seconds}
        if kind in TILL_KINDS:
            return world.till.body(key)
        if kind == "callback":
            callback = world.callbacks.get(str(number))
            return asdict(callback) if callback is not None else None
        if kind == "person":
            person = world.people.get(bot_id)
            return person.view() if person is not None else None
        bot = world.bots.get(bot_id)
        if bot is None or kind == "bot":
            return _bot_body(bot) if bot is not None else None
        chat = bot.chats.get(chat_id)
        if chat is None or kind == "chat":
            return {name: getattr(chat, name) for name in _CHAT_PARTS} if chat is not None else None
        message = chat.messages.get(number)
        if message is None:
            return None
        extra = {"extra": dict(message.extra)} if message.extra else {}
        return {"body": message.body, "out": message.out, "revision": message.revision, **extra}

    def _write(self) -> None:
        """Write all that waits in one transaction; what could not be written waits for the next time."""
        assert self.database is not None
        try:
            self.database.execute("BEGIN IMMEDIATE")
            for rows, gone in self.unwritten:
                self.database.executemany(_DELETE, gone)
                self.database.executemany(_PUT, map(_written, rows))
            self.database.execute("COMMIT")
        except sqlite3.Error:
            _log.exception("the state could not be saved")
            if self.database.in_transaction:
                self.database.execute("ROLLBACK")
            return
        self.unwritten.clear()

    # -- loading ------------------------------------------------------------------------------------------------

    def _load(self, database: sqlite3.Connection) -> None:
        order = "CASE kind WHEN 'world' THEN 0 WHEN 'bot' THEN 1 WHEN 'person' THEN 2 WHEN 'chat' THEN 3 ELSE 4 END"
        query = f"SELECT kind, bot, chat, number, body, data FROM rows ORDER BY {order}, kind, bot, chat, number"  # noqa: S608 - our own words
        for kind, bot_id, chat_id, number, body, data in database.execute(query):
            self._load_row(kind, (bot_id, chat_id, number), json.loads(body), data)
        for chat in self.world.chats():
            chat.pinned = [number for number in chat.pinned if number in chat.messages]

    def _load_row(self, kind: str, key: tuple[int, int, int], body: Any, data: bytes | None) -> None:
        world = self.world
        bot_id, chat_id, number = key
        if kind == "world":
            for name in _WORLD_PARTS:
                setattr(world, name, body[name])
            world.clock.offset_seconds = body.get("clock", 0)
        elif kind in TILL_KINDS:
            world.till.restore((kind, *key), body)
        elif kind == "callback":
            world.callbacks[str(number)] = Callback(**body)
        elif kind == "person":
            world.people[bot_id] = Person(**body)
        elif kind == "bot":
            world.bots[bot_id] = _bot_from(bot_id, body, world.new_queue())
        elif kind == "chat":
            world.bots[bot_id].chats[chat_id] = Chat(bot_id, chat_id, **body)
        elif kind == "message":
            world.bots[bot_id].chats[chat_id].messages[number] = Message(**body)
        elif kind == "update":
            queue = world.bots[bot_id].queue
            queue.restore(number, body["update"], forced=body["forced"], expires_at=body.get("expires_at"))
        elif kind == "file":
            world.files.restore(StoredFile(number, bot_id, data=data or b"", **body))


def _written(row: Row) -> tuple[str, int, int, int, str, bytes | None]:
    kind, bot_id, chat_id, number, body, data = row
    return kind, bot_id, chat_id, number, body if isinstance(body, str) else json.dumps(body), data


def _bot_body(bot: Bot) -> Json:
    return {
        **{name: getattr(bot, name) for name in _BOT_PARTS},
        "webhook": asdict(bot.webhook),
        "next_update_id": bot.queue.next_id,
        "last_update_at": bot.queue.last_at,
        "allowed_updates": bot.queue.allowed,
    }


def _bot_from(bot_id: int, body: Json, queue: UpdateQueue) -> Bot:
    bot = Bot(bot_id, **{name: body[name] for name in _BOT_PARTS}, queue=queue)
    bot.webhook = Webhook(**body["webhook"])
    bot.queue.next_id = body["next_update_id"]
    bot.queue.last_at = body.get("last_update_at", 0.0)
    bot.queue.allowed = body["allowed_updates"]
    return bot
