"""`kill -9` of one of two processes under load, the other taking over: nothing lost, nothing doubled."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bot_process import command
from tests.kill.story import play
from tests.replicas.cluster import Cluster
from tests.web.process import telegram_with_webhooks

CAMPAIGN = bool(os.environ.get("CAMPAIGN"))
KILLS = int(os.environ.get("REPLICA_KILLS", "500" if CAMPAIGN else "6"))
PEOPLE = 24 if CAMPAIGN else 12
PATIENCE = 120.0

Record = Callable[[str, object], None]


@pytest.fixture
def seed() -> int:
    """Give the seed of this run, or the one in SEED to replay."""
    drawn = int(os.environ.get("SEED", random.SystemRandom().randrange(1_000_000)))
    print(f"SEED={drawn}")
    return drawn


async def test_one_of_two_is_killed_again_and_again(
    tmp_path: Path, postgres_url: str, seed: int, record_property: Record
) -> None:
    """Proves that people are all answered, each line once, while one of two processes is killed with work under way."""
    async with telegram_with_webhooks(tmp_path) as telegram:
        async with Cluster(tmp_path, telegram, postgres_url).running(2) as cluster:
            report = await play(telegram, cluster, kills=KILLS, people=PEOPLE, seed=seed, patience=PATIENCE)
            assert cluster.balancer is not None
            assert len(cluster.balancer.brought) == 2, "both processes took updates"
        record_property("figure", f"{report} (two replicas, seed {seed})")
    assert report.unanswered == []
    assert report.doubled == []
    assert report.kills >= KILLS
    code, output, errors = await command(tmp_path, "verify", DATABASE_URL=postgres_url)
    assert code == 0, output + errors
