"""The PostgreSQL primary dies under load and its synchronous standby is promoted: nothing acknowledged is lost."""

import asyncio
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bot_process import command
from tests.engines import looking_at
from tests.kill.story import Crowd, answered, judge
from tests.replicas.cluster import Cluster
from tests.replicas.pair import Pair
from tests.waiting import eventually
from tests.web.process import telegram_with_webhooks

CAMPAIGN = bool(os.environ.get("CAMPAIGN"))
FAILOVERS = int(os.environ.get("FAILOVERS", "20" if CAMPAIGN else "1"))
PEOPLE = 12
PATIENCE = 120.0
#: What the service may take to be back once the standby is promoted.
BACK_SECONDS = 15.0

Record = Callable[[str, object], None]


@pytest.fixture
def seed() -> int:
    """Give the seed of this run, or the one in SEED to replay."""
    drawn = int(os.environ.get("SEED", random.SystemRandom().randrange(1_000_000)))
    print(f"SEED={drawn}")
    return drawn


async def test_a_dead_primary_loses_nothing_that_was_acknowledged(
    tmp_path: Path, postgres_folder: Path, seed: int, record_property: Record
) -> None:
    """Proves that people are all answered and no claim they saw confirmed is lost when the database's machine dies."""
    pair = await asyncio.to_thread(Pair.make, postgres_folder)
    chance, back = random.Random(seed), []
    try:
        async with (
            telegram_with_webhooks(tmp_path) as telegram,
            Cluster(tmp_path, telegram, pair.address).running(2),
            looking_at(lambda: pair.own_address) as look,
        ):
            crowd = await Crowd.gather(telegram, people=PEOPLE, seed=seed, patience=PATIENCE)
            async with crowd.living():
                for _ in range(FAILOVERS):
                    before = await answered(look)

                    async def some_more(floor: int = before + 10) -> bool:
                        return await answered(look) > floor

                    await eventually(some_more, "people are answered", seconds=60)
                    await asyncio.sleep(chance.uniform(0.0, 0.3))  # the moment is drawn, not waited for
                    await pair.fail_over()
                    began, floor = time.monotonic(), await answered(look)

                    async def goes_on(floor: int = floor) -> bool:
                        return await answered(look) > floor

                    await eventually(goes_on, "the service is back", seconds=BACK_SECONDS)
                    back.append(time.monotonic() - began)
                    await asyncio.to_thread(pair.heal)
            report = await judge(crowd, look)
        record_property(
            "figure", f"{len(back)} failovers, back after {max(back):.1f} s at the most; {report} (seed {seed})"
        )
        assert report.unanswered == []
        assert report.doubled == []
        assert report.claims > 0
        code, output, errors = await command(tmp_path, "verify", DATABASE_URL=pair.address)
        assert code == 0, output + errors
    finally:
        await asyncio.to_thread(pair.stop)
