"""Every feature's handlers behind the real frame and a real database, for tests that press thousands of buttons.

Where the courier would carry a reply to Telegram stands `Post`: it keeps the reply, and refuses what Telegram would
refuse (HTML that can't be parsed, texts and button data that are too long).

On PostgreSQL two replicas serve: of each person's updates one takes the first, the other one the next, and so on.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count, groupby
from pathlib import Path
from typing import Any
from unittest import mock

from telegram.ext import ExtBot
from telegram.request import BaseRequest, RequestData

from bot.courier import Courier
from bot.domain.house import House
from bot.emulator.markup import parse_html
from bot.emulator.spans import Span
from bot.replicas import OnlyProcess, Replica
from bot.updates import Frame
from handlers.callbacks import LIMIT_BYTES
from handlers.context import new_application
from handlers.features import register
from handlers.reply import Reply
from handlers.views.card import BUTTONS_IN_ROW, CAPTION_LIMIT, TEXT_LIMIT
from storage import inbox
from storage.database import Database, SharedDatabase
from storage.inbox import Arrival
from storage.vault import Vault
from tests.engines import open_beside
from tests.engines import rows as rows_of
from tests.in_turn import InTurn, passing_on_at_once

TOKEN = "700100:" + "A" * 35
BOT = {"id": 700100, "is_bot": True, "first_name": "Bot", "username": "TheBot", "can_join_groups": True}
OLD = 1_700_000_000  # the date of every message
#: No replica is taken for dead here, however busy the machine is.
LEASE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Shown:
    """One message as its reader sees it: words, what is set in bold and the like, buttons as (words, data)."""

    text: str
    spans: tuple[Span, ...]
    buttons: tuple[tuple[str, str], ...]


def read_call(call: dict[str, Any]) -> Shown | None:
    """Read a stored call as Telegram would, seeing that it would take it; None for one that shows nothing."""
    params = call["p"]
    source = params.get("media", params)
    words = source.get("text", source.get("caption"))
    if words is None:
        return None
    text, spans = parse_html(words) if source.get("parse_mode") == "HTML" else (words, [])
    limit = TEXT_LIMIT if "text" in source else CAPTION_LIMIT
    assert 0 < len(text.encode("utf-16-le")) // 2 <= limit, f"{len(text)} characters: {text[:200]!r}"
    rows = params.get("reply_markup", {}).get("inline_keyboard", [])
    assert all(len(row) <= BUTTONS_IN_ROW for row in rows)
    buttons = [(b["text"], b.get("callback_data", "")) for row in rows for b in row]
    assert all(words.strip() and len(data.encode()) <= LIMIT_BYTES for words, data in buttons), buttons
    return Shown(text, tuple(spans), tuple(buttons))


class Post(Courier):
    """Keeps what would have been sent."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.answered: list[str] = []

    async def answer(self, params: dict[str, Any]) -> bool:
        """Keep an answer to a tap."""
        assert len(params.get("text", "").encode("utf-16-le")) // 2 <= 200, params["text"]
        self.answered.append(params["callback_query_id"])
        return True

    async def deliver(self, reply: Reply, **_: Any) -> None:
        """Keep a reply."""
        if reply.get("answer"):
            await self.answer(reply["answer"])
        self.replies.append(reply)

    def take(self) -> tuple[list[Shown], list[str]]:
        """Give what was shown and the words that flashed up since the last time."""
        replies, self.replies = self.replies, []
        shown = [found for reply in replies for call in reply["calls"] if (found := read_call(call)) is not None]
        toasts = [reply["answer"]["text"] for reply in replies if (reply.get("answer") or {}).get("text")]
        return shown, toasts


class _KnowsItself(BaseRequest):
    """The one request that python-telegram-bot makes by itself as it starts: who am I?"""

    read_timeout = 1.0

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        """Answer getMe."""
        assert url.endswith("/getMe"), f"{url} was called behind the courier's back"
        return 200, json.dumps({"ok": True, "result": BOT}).encode()


@dataclass(frozen=True, slots=True)
class Server:
    """One process of the bot: it alone, or a replica."""

    frame: Frame
    replica: OnlyProcess

    async def work_off(self, queue: list[Arrival]) -> None:
        """Handle the arrivals of one member, one after the other."""
        for arrival in queue:
            await self.frame.handle(arrival)


@dataclass
class WholeBot:
    """The bot; `now` is its clock, `turns` says which server takes an update."""

    database: Database
    servers: list[Server]
    turns: InTurn
    post: Post
    now: datetime
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    async def take(self, updates: Sequence[tuple[int, dict[str, Any]]]) -> None:
        """Store (sender, update) pairs as they come and handle them all at once; sees that none was set aside."""
        if not updates:
            return
        batch: list[dict[str, Any]] = [
            {"update_id": next(self.numbers), "sender_id": sender, "raw": {"update_id": 0, **update}}
            for sender, update in updates
        ]
        takers = [self.turns.taker(one["sender_id"]) for one in batch]
        rows: dict[int, int] = {}
        async with self.database.unit("intake", now=self.now, alone=False) as uow:
            for taker, group in groupby(zip(takers, batch, strict=True), key=lambda pair: pair[0]):
                rows |= await inbox.insert_arrivals(
                    uow.tx,
                    bot_id=1,
                    batch=[one for _, one in group],
                    received_at=self.now,
                    replica_id=self.servers[taker].replica.id,
                )
        queues: dict[tuple[int, int], list[Arrival]] = {}  # as at the turnstile: one of a member's at a time
        for taker, one in zip(takers, batch, strict=True):
            arrival = Arrival(rows[one["update_id"]], one["sender_id"], one["raw"])
            queues.setdefault((taker, arrival.sender_id), []).append(arrival)
        await asyncio.gather(*(self.servers[taker].work_off(queue) for (taker, _), queue in queues.items()))
        await asyncio.gather(*(server.frame.drain() for server in self.servers))
        async with self.database.read() as tx:
            found = await rows_of(
                tx,
                "SELECT raw, error FROM inbox WHERE id >= ? AND status NOT IN ('applied', 'answered')",
                (min(rows.values()),),
            )
        assert not found, "\n".join(f"{raw}\n{error}" for raw, error in found)

    async def press(self, sender: int, data: str, *, message_id: int = 7) -> tuple[list[Shown], list[str]]:
        """Tap a button; sees that the tap was answered. Gives what was shown and what flashed up."""
        await self.press_all([(sender, data)], message_id=message_id)
        return self.post.take()

    async def press_all(self, presses: Sequence[tuple[int, str]], *, message_id: int = 7) -> None:
        """Let people (sender, data) tap at once; sees that every tap was answered, once."""
        queries = [f"q{next(self.numbers)}" for _ in presses]
        taps = zip(queries, presses, strict=True)
        await self.take([(who, {"callback_query": _query(q, who, data, message_id)}) for q, (who, data) in taps])
        answered, self.post.answered = self.post.answered, []
        assert sorted(answered) == sorted(queries), f"not answered: {set(queries) - set(answered)} of {presses}"

    async def say(self, sender: int, **content: Any) -> tuple[list[Shown], list[str]]:
        """Send a message; `text` that begins with a slash is a command. Gives what was shown."""
        await self.take([(sender, self.message(sender, **content))])
        return self.post.take()

    def message(self, sender: int, **content: Any) -> dict[str, Any]:
        """Give the update that brings a message."""
        return {"message": new_message(sender, next(self.numbers) + 1000, **content)}


def new_message(sender: int, message_id: int, **content: Any) -> dict[str, Any]:
    """Give a private message as Telegram sends it."""
    if str(content.get("text", "")).startswith("/"):
        length = len(content["text"].split()[0])
        content["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
    return {
        "message_id": message_id,
        "from": {"id": sender, "is_bot": False, "first_name": f"P{sender}", "language_code": "en"},
        "chat": {"id": sender, "type": "private", "first_name": f"P{sender}"},
        "date": OLD,
        **content,
    }


def photo(unique: str, **more: Any) -> dict[str, Any]:
    """Give the content of a message with a photo."""
    size = {"file_id": f"id-{unique}", "file_unique_id": unique, "width": 800, "height": 1200, "file_size": 5000}
    return {"photo": [size], **more}


def _query(query: str, sender: int, data: str, message_id: int) -> dict[str, Any]:
    message = {**new_message(sender, message_id, text="A card"), "from": BOT}
    return {
        "id": query,
        "from": new_message(sender, 1)["from"],
        "message": message,
        "chat_instance": "1",
        "data": data,
    }


@contextlib.asynccontextmanager
async def whole_bot(database: Database, house: House, *, key_folder: Path, now: datetime) -> AsyncIterator[WholeBot]:
    """Wire every feature to a database while the block lasts."""
    whole = WholeBot(database, [], InTurn(2 if database.shared else 1), Post(), now)
    async with contextlib.AsyncExitStack() as stack:
        # What is said is looked at here, not when: on a busy machine a late answer would come as a message.
        stack.enter_context(mock.patch("bot.impatience.IMPATIENT_SECONDS", 60.0))
        databases = [database]
        if database.shared:
            databases.append(await open_beside(database))
            stack.push_async_callback(databases[-1].close)
            stack.enter_context(passing_on_at_once())
        for one in databases:
            whole.servers.append(await stack.enter_async_context(_server(one, house, key_folder, whole)))
        yield whole
    whole.turns.end()


@contextlib.asynccontextmanager
async def _server(database: Database, house: House, key_folder: Path, whole: WholeBot) -> AsyncIterator[Server]:
    """Run one process of the bot: the frame, and what it has to do to be one of several."""
    bot: ExtBot[None] = ExtBot(TOKEN, request=_KnowsItself(), get_updates_request=_KnowsItself())
    application = new_application(bot, house, Vault.open(key_folder / "secret.key"))
    register(application)
    await application.initialize()
    replica = OnlyProcess()
    if isinstance(database, SharedDatabase):
        replica = Replica(database, lease_seconds=LEASE_SECONDS)
        await replica.join()
    frame = Frame(
        database=database,
        application=application,
        courier=whole.post,
        house=house,
        clock=lambda: whole.now,
        after_commit=lambda: None,
        replica=replica,
    )
    beating = asyncio.create_task(replica.run(adopt=frame.handle, wake=lambda: None))
    try:
        yield Server(frame, replica)
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
        await replica.leave()
        await application.shutdown()
