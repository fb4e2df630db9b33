"""The runs: each round starts every bot anew on a server of its own, one after another, in a turning order.

A run is a warm-up and then a batch of taps that are all there at once; it ends when the server has both calls of each.
Processor time is read before the gate opens and once more after a pause, so that what a bot does late counts too.
"""

import asyncio
import json
import re
import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

from tests.bench.control import BenchFailed, Stand, Tap, stand
from tests.bench.processes import OURS, PEERS, Peer, cpu_seconds, environment, running
from tests.bench.world import Taps

AFTERWARDS_SECONDS = 0.5
QUIET_SHARE = 0.05  # of one core
QUIET_TRIES = 20
WARM_UP = 200
FIRST_UPDATE = 1_000
UPDATES_A_ROUND = 1_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """How often, and how many taps: by bot and milliseconds a call."""

    rounds: int
    taps: dict[tuple[str, int], int]
    proofs_each: int

    @classmethod
    def make(cls, *, quick: bool, rounds: int | None = None) -> "Plan":
        """Give the plan of a short run or of a full one."""
        share = 0.4 if quick else 1.0
        taps = {
            ("stock", 0): 900,
            ("aiogram", 0): 1600,
            ("ours", 0): 3000,
            ("stock", 50): 50,
            ("aiogram", 50): 1600,
            ("ours", 50): 2000,
        }
        return cls(
            rounds=rounds or (1 if quick else 3),
            taps={key: max(30, int(count * share)) for key, count in taps.items()},
            proofs_each=12 if quick else 30,
        )


@dataclass(frozen=True, slots=True)
class Run:
    """One batch: how fast it went and what it cost."""

    peer: str
    part: str
    delay_ms: int
    taps: int
    seconds: float
    cpu_us: float
    server_cpu_us: float

    @property
    def rate(self) -> float:
        """Updates a second."""
        return self.taps / self.seconds


@dataclass(slots=True)
class Race:
    """The prepared marketplace, what a tap on its list shows, and the runs so far."""

    folder: Path
    taps: Taps
    plan: Plan
    under: dict[str, Any] = field(default_factory=dict)
    card: dict[str, Any] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    answered: int = 0

    @property
    def base(self) -> Path:
        """Give the folder whose database every run of ours begins with a copy of."""
        return self.folder / "base"

    async def capture(self) -> None:
        """Let our bot settle on the new database, and take from it the messages that everybody will show."""
        async with (
            stand(first_update=1) as server,
            running(OURS, self.base, environment(self.base, server.url, None)),
        ):
            await server.polling()
            await self._settled()
            self.under = as_shown(await self._capture_one(server, self.taps.home, {"text": "."}))
            self.card = await self._capture_one(server, self.taps.browse, self.under)
        (self.folder / "card.json").write_text(json.dumps(self.card, ensure_ascii=False), encoding="utf-8")

    async def _capture_one(self, server: Stand, data: str, under: dict[str, Any]) -> dict[str, Any]:
        await server.open([(self.taps.browsers[0], data)], delay=0, under=under, becomes={"text": "."})
        await server.done(seconds=20)
        stats = await server.stats()
        (text,), (keyboard,) = stats["texts"], stats["keyboards"]
        return {"text": text, "reply_markup": json.loads(keyboard)}

    async def _settled(self) -> None:
        """Wait until nothing of the preparation is left to send or to look at."""
        still = (
            "SELECT (SELECT count(*) FROM deliveries WHERE status IN ('due', 'sending'))"
            " + (SELECT count(*) FROM jobs WHERE status = 'open' AND alerted_at IS NULL)"
        )
        for _ in range(300):
            if _ask(self.base, still) == 0:
                return
            await asyncio.sleep(0.1)
        raise BenchFailed("the prepared marketplace does not come to rest")

    async def round(self, number: int) -> None:
        """Run every bot once, in an order that turns with the rounds."""
        turn = number % len(PEERS)
        for peer in (*PEERS[turn:], *PEERS[:turn]):
            folder = self.folder / f"{peer.key}-{number}"
            folder.mkdir(parents=True)
            if peer is OURS:
                for file in ("bot.db", "secret.key"):
                    shutil.copy(self.base / file, folder / file)
            first = FIRST_UPDATE + (number + 1) * UPDATES_A_ROUND
            async with stand(first_update=first) as server:
                env = environment(folder, server.url, self.folder / "card.json")
                async with running(peer, folder, env) as pid:
                    await server.polling()
                    await self._batches(peer, server, pid, folder)

    async def _batches(self, peer: Peer, server: Stand, pid: int, folder: Path) -> None:
        await self._batch(peer, server, pid, "warm-up", self.taps.browsing(WARM_UP), 0)
        sent = WARM_UP
        await _quiet(pid)
        for delay_ms in (0, 50):
            taps = self.taps.browsing(self.plan.taps[peer.key, delay_ms])
            self.runs.append(await self._batch(peer, server, pid, "browse", taps, delay_ms))
            sent += len(taps)
        if peer is not OURS:
            return
        apply, approve = self.taps.apply, self.taps.approve
        self.runs.append(await self._batch(peer, server, pid, "apply", apply, 0))
        self.runs.append(await self._batch(peer, server, pid, "approve", approve, 0))
        sent += len(apply) + len(approve)
        self._expect(folder, "SELECT count(*) FROM inbox WHERE status = 'answered' AND update_id > 1000000", sent)
        self._expect(folder, "SELECT count(*) FROM assignments WHERE status = 'reserved'", len(apply))
        self._expect(folder, "SELECT count(*) FROM submissions WHERE status = 'approved'", len(approve))
        self.answered += sent

    async def _batch(self, peer: Peer, server: Stand, pid: int, part: str, taps: Sequence[Tap], delay_ms: int) -> Run:
        await server.polling()
        before, server_before = cpu_seconds(pid), cpu_seconds(server.pid)
        await server.open(taps, delay=delay_ms / 1000, under=self.under, becomes=as_shown(self.card))
        await server.done()
        server_used = cpu_seconds(server.pid) - server_before
        await asyncio.sleep(AFTERWARDS_SECONDS)
        used = cpu_seconds(pid) - before
        stats = await server.stats()
        self._check(peer, part, stats)
        count = len(taps)
        return Run(peer.key, part, delay_ms, count, stats["seconds"], used / count * 1e6, server_used / count * 1e6)

    def _check(self, peer: Peer, part: str, stats: dict[str, Any]) -> None:
        """See that each tap got one answer and one edit, and that a browse tap shows the very card.

        Raises:
            BenchFailed: it did not.
        """
        if stats["both_once"] != stats["taps"] or stats["repeats"] or stats["strays"]:
            raise BenchFailed(f"{peer.name}, {part}: not one answer and one edit for each tap: {_brief(stats)}")
        if part in ("warm-up", "browse"):
            keyboard = json.dumps(self.card["reply_markup"], sort_keys=True, ensure_ascii=False)
            if list(stats["texts"]) != [self.card["text"]] or list(stats["keyboards"]) != [keyboard]:
                raise BenchFailed(f"{peer.name} shows something else: {list(stats['texts'])[:2]}")

    def _expect(self, folder: Path, sql: str, count: int) -> None:
        found = _ask(folder, sql)
        if found != count:
            raise BenchFailed(f"{count} expected, {found} found: {sql}")


async def _quiet(pid: int) -> None:
    """Wait until a bot has done what it does at its start (menus, the first ticks)."""
    for _ in range(QUIET_TRIES):
        before = cpu_seconds(pid)
        await asyncio.sleep(AFTERWARDS_SECONDS)
        if cpu_seconds(pid) - before <= QUIET_SHARE * AFTERWARDS_SECONDS:
            return


def as_shown(card: dict[str, Any]) -> dict[str, Any]:
    """Give a card as Telegram gives the message back: the text without its tags, bold parts as entities."""
    text, entities, bold_from = "", [], 0
    for part in re.split(r"(<[^>]+>)", card["text"]):
        if part == "<b>":
            bold_from = _units(text)
        elif part == "</b>":
            entities.append({"type": "bold", "offset": bold_from, "length": _units(text) - bold_from})
        elif not part.startswith("<"):
            text += unescape(part)
    return {"text": text, "entities": entities, "reply_markup": card["reply_markup"]}


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _ask(folder: Path, sql: str) -> int:
    connection = sqlite3.connect(f"file:{folder / 'bot.db'}?mode=ro", uri=True)
    try:
        return int(connection.execute(sql).fetchone()[0])
    finally:
        connection.close()


def _brief(stats: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in stats.items() if name not in ("texts", "keyboards")}
