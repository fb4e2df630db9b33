"""Alerts on phones, over HTTP: the settings without signing up, the push, its buttons, and its end."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.domain.house import House
from bot.emulator.running import running
from bot.services import alerts as service
from bot.services import places
from handlers import alerts, browse
from tests.ledger_world import World
from tests.phone import Message, Phone, Telegram
from tests.spine.sample import Sample, sample_bot, utc_now

HOUSE = House()


@dataclass
class Square:
    """Two subscribers' phones, the bot behind them, and the market below."""

    sara: Phone
    tom: Phone
    bot: Sample
    world: World

    async def job(self, *, reward: int = 20_000) -> int:
        """Publish a job with one place and let the tick find it."""
        employer = await self.world.member()
        await self.world.fund(employer, reward)
        job_id, _ = await self.world.job(employer, reward=reward, fee=0, slots=1)
        self.world.now = utc_now()
        async with self.world.unit() as uow:
            await service.match_alerts(uow, house=HOUSE)
        self.bot.outbox.wake()
        return job_id

    async def fill(self, job_id: int) -> None:
        """Take the last place of a job and let the tick find that."""
        self.world.now = utc_now()
        async with self.world.unit() as uow:
            await places.take_place(uow, job_id=job_id)
        async with self.world.unit() as uow:
            await service.mark_alerts_filled(uow, house=HOUSE)


async def say(phone: Phone, typed: str, expected: str) -> Message:
    """Type something and wait for what follows."""
    await phone.send(typed)
    return await phone.wait_for(expected)


async def tap(phone: Phone, words: str, expected: str) -> Message:
    """Press a button and wait for what follows."""
    await phone.press(words)
    return await phone.wait_for(expected)


@pytest.fixture
async def square(tmp_path: Path) -> AsyncIterator[Square]:
    """Give two phones before a bot that knows alerts and browsing."""
    handlers: list[Any] = [*alerts.HANDLERS, *browse.HANDLERS]
    async with running(port=0, limits=False) as url, Telegram(url) as telegram:
        async with sample_bot(tmp_path, url, handlers=handlers, notices=alerts.NOTICES) as bot:
            sara = await telegram.person("Sara", language_code="en", role="subscriber")
            tom = await telegram.person("Tom", language_code="en", role="subscriber")
            yield Square(sara, tom, bot, World(bot.database, utc_now()))
        assert await telegram.problems() == []


async def test_a_subscription_is_made_without_signing_up(square: Square) -> None:
    """Proves every choice of /alerts on the phone, with a typed amount that can't be read first."""
    sara = square.sara
    await say(sara, "/alerts", "Turn them on to get a message when a new job pays $1.00 or more")
    await tap(sara, "$5.00", "You get a message when a new job pays $5.00 or more")
    await tap(sara, "Another amount", "What is the smallest reward")
    wrong = await say(sara, "a lot", "type an amount as a number")
    assert "for example 1.50" in wrong.text
    await say(sara, "1,50", "a new job pays $1.50 or more")
    await tap(sara, "Kinds of work", "When none is chosen you hear of all")
    shown = await tap(sara, "Surveys", "When none is chosen you hear of all")
    assert "✓ 📋 Surveys" in shown.buttons
    await tap(sara, "Back", "Kinds of work: 📋 Surveys")
    quiet = await tap(sara, "Quiet 8 h", "Quiet until")
    assert "🔔 End the quiet time" in quiet.buttons
    toast = await sara.press("Turn off")
    assert toast.text == "Alerts are off."
    row = await square.world.look("SELECT enabled, minimum_reward, categories FROM subscriptions")
    assert [tuple(r) for r in row] == [(0, 15_000, '["surveys"]')]
    assert await square.world.value("SELECT terms_at FROM members WHERE telegram_user_id = ?", sara.id) is None


async def test_an_alert_comes_is_opened_and_ends(square: Square) -> None:
    """Proves the push with its buttons; that it says so when the job is full; and that an opened one stays as it is."""
    for phone in (square.sara, square.tom):
        await say(phone, "/alerts", "Job alerts")
        await tap(phone, "$1.00", "On.")
    assert await square.job(reward=9_999) > 0
    job_id = await square.job()
    pushed = await square.sara.wait_for("New job for $2.00")
    assert pushed.buttons == ["✅ Apply", "Details", "😴 Quiet 8 h", "🔕 Stop alerts"]
    assert "1 place left" in pushed.text
    await square.tom.wait_for("New job for $2.00")
    await square.tom.press("Details")
    await square.tom.wait_until(lambda m: m.message_id > 0 and "Share" in " ".join(m.buttons), "the job's own card")
    await square.fill(job_id)
    over = await square.sara.wait_for("All places in this job are taken now")
    assert over.message_id == pushed.message_id
    assert not any("All places in this job" in m.text for m in await square.tom.chat())
    assert sum("9,999" in m.text or "$0.99" in m.text for m in await square.sara.chat()) == 0


async def test_an_alert_can_stop_the_next_ones(square: Square) -> None:
    """Proves that Quiet and Stop on an alert answer with a line, keep its Apply, and hold back what comes next."""
    await say(square.sara, "/alerts", "Job alerts")
    await tap(square.sara, "$1.00", "On.")
    await square.job()
    pushed = await square.sara.wait_for("New job for $2.00")
    toast = await square.sara.press("Quiet 8 h")
    assert toast.text is not None
    assert toast.text.startswith("No alerts until")
    stopped = await square.sara.press("Stop alerts")
    assert stopped.alert
    await square.job(reward=30_000)
    assert await square.world.value("SELECT count(*) FROM deliveries WHERE lane = 'alert'") == 1
    shown = next(m for m in await square.sara.chat() if m.message_id == pushed.message_id)
    assert "✅ Apply" in shown.buttons
