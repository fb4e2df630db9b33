"""`kill -9` at any moment loses nothing and doubles nothing; with a protection out, the same story must say so."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bot_process import BotProcess, bot_process, command
from tests.emulator_process import emulator_process
from tests.kill.story import play
from tests.phone import Telegram

CAMPAIGN = bool(os.environ.get("CAMPAIGN"))
KILLS = 200 if CAMPAIGN else 40
PEOPLE = 24
PATIENCE = 90.0


Record = Callable[[str, object], None]


@pytest.fixture
def seed() -> int:
    """Give the seed of this run, or the one in SEED to replay."""
    drawn = int(os.environ.get("SEED", random.SystemRandom().randrange(1_000_000)))
    print(f"SEED={drawn}")
    return drawn


async def test_kills_under_load_lose_nothing_and_double_nothing(
    tmp_path: Path, seed: int, record_property: Record
) -> None:
    """Proves that people are all answered and every claim stands once through 40 kills with replies under way."""
    async with emulator_process(tmp_path, "--no-limits") as url, Telegram(url) as telegram:
        async with bot_process(tmp_path, url) as bot:
            report = await play(telegram, bot, kills=KILLS, people=PEOPLE, seed=seed, patience=PATIENCE)
            record_property("figure", f"{report} (seed {seed})")
        assert report.unanswered == []
        assert report.doubled == []
        assert report.kills >= KILLS
        assert report.claims > 0
        assert await telegram.problems() == []
    code, output, errors = await command(tmp_path, "verify")
    assert code == 0, output + errors


@pytest.mark.parametrize(("protection", "kills"), [("confirm_first", 12), ("reply_in_memory", 12), ("no_dedupe", 0)])
async def test_without_a_protection_the_story_finds_it(
    tmp_path: Path, protection: str, kills: int, seed: int, record_property: Record
) -> None:
    """Proves that the kill story can fail: each protection taken out is reported as loss or doubles."""
    async with emulator_process(tmp_path, "--no-limits") as url, Telegram(url) as telegram:
        bot = BotProcess(folder=tmp_path, api_url=url, program=("-m", "tests.kill.unsafe", protection))
        await bot.start()
        try:
            report = await play(telegram, bot, kills=kills, people=PEOPLE, seed=seed, patience=6.0, control=True)
        finally:
            await bot.kill()
        record_property("figure", f"{report} (seed {seed})")
        assert report.unanswered or report.doubled, "the story did not notice"
