"""People play while Telegram misbehaves in every way there is, drawn by a seed: all are answered, nothing doubled."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.emulator.faults import KINDS
from tests.bot_process import bot_process, command
from tests.emulator_process import emulator_process
from tests.engines import Look, looking
from tests.kill.story import TAPS, Person, Report, judge_claims, under_way
from tests.phone import Telegram
from tests.waiting import eventually

PLAY_SECONDS = 12.0
PATIENCE = 45.0
PEOPLE = 16
LASTING_SECONDS = 2
#: Shares of calls, and of updates. Nothing is lost for good: who is never heard cannot be answered.
CALL_SHARE = 0.01
UPDATE_RATES = {"duplicate": 0.05, "reorder": 0.05, "jump": 0.03, "poison": 0.04, "hold": 0.03}
#: After these nobody knows whether a message went out; it may be there twice.
UNKNOWN = ("drop_after", "cut_json", "bad_json", "late", "delay")


#: The screen a line leads to, when a button leads there too.
SCREENS = {"/balance": "go.money", "/help": "go.help", "/start": "go.home", "hello there": "go.home"}


@dataclass(kw_only=True)
class Player(Person):
    """One who waits for each answer, and goes on to another screen with every tap.

    A tap's answer is sent once and never repeated: whoever looks sees by the screen that the tap was heard. A line is
    over when the bot has noted that it is, not at the first new message: that can be an earlier one, sent again.
    """

    look: Look
    last: str = ""
    made: int = 0

    async def over(self) -> None:
        """Wait until the bot has noted that all this person did is answered."""
        self.made += 1
        sql = "SELECT count(*) FROM inbox WHERE status = 'answered' AND sender_id = ?"

        async def noted() -> bool:
            return await self.look(sql, self.phone.id) >= [(self.made,)]

        await eventually(noted, f"{self.phone.name}: {self.made} things done", seconds=self.patience)

    async def tap(self) -> None:
        """Press a button that leads somewhere else and wait for what it brings."""
        chat = await self.phone.chat()
        shown = [message for message in chat if not message.mine]
        if not shown:
            return
        before = {message.message_id: message.revision for message in chat}
        self.last = self.random.choice([data for data in TAPS if data != self.last])
        call = await self.phone.tap_data(shown[-1].message_id, self.last)
        self.report.taps += 1

        async def heard() -> bool:
            news = [m for m in await self.phone.chat() if m.revision > before.get(m.message_id, -1)]
            return bool(news) or await self.phone.answered(call)

        await eventually(heard, f"{self.phone.name}: what {self.last} brings", seconds=self.patience)
        await self.over()

    async def say(self, text: str) -> None:
        """Type a line and wait for its answer."""
        self.last = SCREENS.get(text, "")
        await super().say(text)
        await self.over()


@pytest.fixture
def seed() -> int:
    """Give the seed of this run, or the one in SEED to replay."""
    drawn = int(os.environ.get("SEED", random.SystemRandom().randrange(1_000_000)))
    print(f"SEED={drawn}")
    return drawn


def plan(seed: int) -> dict[str, Any]:
    """Write the plan of a run."""
    rates = {**dict.fromkeys(KINDS, CALL_SHARE), **UPDATE_RATES}
    return {"plan": {"seed": seed, "rates": rates, "seconds": 0.5}}


async def play(telegram: Telegram, seed: int, look: Look) -> tuple[Report, list[Person]]:
    """Let people tap and type for a while, with a storm and an outage in the middle of it."""
    report = Report()
    crowd: list[Person] = []
    for number in range(PEOPLE):
        phone = await telegram.person(f"P{number}", language_code="en")
        crowd.append(Player(phone, PATIENCE, report, random.Random(seed * 1000 + number), look=look))
    await telegram.call("POST", "faults", plan(seed))
    stop = asyncio.Event()
    lives = [asyncio.create_task(person.live(stop)) for person in crowd]
    await asyncio.sleep(PLAY_SECONDS / 3)
    await blow(telegram, "storm")
    for kind in KINDS:
        await telegram.fault(kind, method="sendMessage", retry_after=1 if kind == "error" else None, seconds=0.5)
    for kind in UPDATE_RATES:
        await telegram.call("POST", f"updates/{kind}", {"seconds": 0.5})
    await asyncio.sleep(PLAY_SECONDS / 3)
    await blow(telegram, "outage")
    await asyncio.sleep(PLAY_SECONDS / 3)
    await eventually(_all_struck(telegram), "every kind of fault strikes", seconds=PATIENCE)
    stop.set()
    await telegram.clear_faults()
    await asyncio.gather(*lives)
    return report, crowd


async def blow(telegram: Telegram, kind: str) -> None:
    """Have a storm or an outage of two seconds, and another one when nobody called meanwhile."""
    while kind not in (await telegram.call("GET", "faults"))["struck"]:
        await telegram.call("POST", "faults", {"kind": kind, "seconds": LASTING_SECONDS})
        await asyncio.sleep(LASTING_SECONDS)


def _all_struck(telegram: Telegram) -> Callable[[], Awaitable[bool]]:
    async def look_at_record() -> bool:
        struck = (await telegram.call("GET", "faults"))["struck"]
        return all(struck.get(kind) for kind in (*KINDS, *UPDATE_RATES, "storm", "outage"))

    return look_at_record


async def judge(telegram: Telegram, crowd: list[Person], look: Look, report: Report) -> Counter[str]:
    """Compare what people saw with what struck and with what the database holds; answers what has struck."""
    shown = await telegram.call("GET", "faults")
    twice = Counter(row["chat_id"] for row in shown["log"] if row["kind"] in UNKNOWN and row.get("chat_id"))
    for person in crowd:
        replies = await person.replies()
        if replies < person.sent:
            report.unanswered.append(f"{person.phone.name}: {replies} replies to {person.sent} lines")
        if replies > person.sent + twice[person.phone.id]:
            report.doubled.append(f"{person.phone.name}: {replies} replies to {person.sent} lines")
    await judge_claims(crowd, look, report)
    return Counter(shown["struck"])


async def test_every_fault_there_is_leaves_nobody_unanswered_and_doubles_nothing(
    tmp_path: Path, seed: int, record_property: Callable[[str, object], None]
) -> None:
    """Proves that a bot under every kind of fault answers all, claims stand once, and the books are right."""
    async with emulator_process(tmp_path, "--no-limits") as url, Telegram(url) as telegram:
        async with bot_process(tmp_path, url) as bot, looking(bot.folder / "bot.db") as look:
            report, crowd = await play(telegram, seed, look)

            async def settled() -> bool:
                return (await under_way(look))[0] == 0

            await eventually(settled, "the inbox is done", seconds=PATIENCE)
            struck = await judge(telegram, crowd, look, report)
            record_property("figure", f"{report} (seed {seed}); struck {dict(struck)}")
            print(report, dict(struck))
        assert report.unanswered == []
        assert report.doubled == []
        assert [kind for kind in (*KINDS, *UPDATE_RATES, "storm", "outage") if not struck[kind]] == []
        assert await telegram.problems() == []
    code, output, errors = await command(tmp_path, "verify")
    assert code == 0, output + errors
