"""`kill -9` of a bot behind a webhook loses nothing and doubles nothing; one that answers too early is found out."""

import asyncio
import os
import random
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from bot.web import HEADER
from tests.bot_process import command
from tests.kill.story import play
from tests.web.desk import SECRET, message
from tests.web.process import RUN, telegram_with_webhooks, webhook_bot

CAMPAIGN = bool(os.environ.get("CAMPAIGN"))
KILLS = 200 if CAMPAIGN else 2
PEOPLE = 24 if CAMPAIGN else 10
PATIENCE = 120.0

Record = Callable[[str, object], None]


@pytest.fixture
def seed() -> int:
    """Give the seed of this run, or the one in SEED to replay."""
    drawn = int(os.environ.get("SEED", random.SystemRandom().randrange(1_000_000)))
    print(f"SEED={drawn}")
    return drawn


async def test_kills_behind_a_webhook_lose_nothing_and_double_nothing(
    tmp_path: Path, seed: int, record_property: Record
) -> None:
    """Proves that what Telegram was told is taken survives every kill, and what was not comes again with one effect."""
    async with telegram_with_webhooks(tmp_path) as telegram, webhook_bot(tmp_path, telegram) as bot:
        report = await play(telegram, bot, kills=KILLS, people=PEOPLE, seed=seed, patience=PATIENCE)
    record_property("figure", f"{report} (seed {seed})")
    assert report.unanswered == []
    assert report.doubled == []
    assert report.kills >= KILLS
    code, output, errors = await command(tmp_path, "verify")
    assert code == 0, output + errors


@pytest.mark.parametrize(("protection", "kept"), [((), True), (("answer_first",), False)])
async def test_what_is_answered_survives_the_next_moment(
    tmp_path: Path, protection: tuple[str, ...], kept: bool
) -> None:
    """Proves that a kill right after a 200 finds its update stored, and that a 200 before the commit is found out."""
    program = ("-m", "tests.kill.unsafe", *protection) if protection else RUN
    async with telegram_with_webhooks(tmp_path) as telegram, webhook_bot(tmp_path, telegram, program=program) as bot:
        async with aiohttp.ClientSession(headers={HEADER: SECRET}) as session:

            async def bring(update_id: int) -> int:
                async with session.post(bot.env["WEBHOOK_URL"], json=message(update_id)) as response:
                    return response.status

            answers = await asyncio.gather(*(bring(number) for number in range(1, 21)))
        await bot.kill()
    async with bot.looking() as look:
        stored = [row[0] for row in await look("SELECT update_id FROM inbox ORDER BY update_id")]
    assert set(answers) == {200}
    assert (stored == list(range(1, 21))) is kept
