"""Who hears of a job, decided from values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.alert import Reader, Subscription, first_reader, toggled, wants
from bot.domain.job import Job, JobStatus

NOW = datetime(2030, 1, 15, 12, 0, tzinfo=UTC)
WISH = Subscription(member_id=7, enabled=True, minimum_reward=10_000)
JOB = Job(
    id=1,
    token="t",
    employer_id=3,
    category_id="surveys",
    title="A survey",
    steps=(),
    requirements=(),
    language="en",
    reward=10_000,
    fee=1_000,
    minutes=5,
    time_limit_minutes=15,
    review_days=3,
    per_member=1,
    status=JobStatus.OPEN,
    free_slots=3,
    version=1,
    created_at=NOW,
    published_at=NOW,
    closed_at=None,
)


@pytest.mark.parametrize(
    ("wish", "reader", "job", "expected"),
    [
        ({}, {}, {}, True),
        ({"minimum_reward": 10_001}, {}, {}, False),
        ({"minimum_reward": 0}, {}, {}, True),
        ({"enabled": False}, {}, {}, False),
        ({"categories": ("surveys",)}, {}, {}, True),
        ({"categories": ("surveys", "writing")}, {}, {}, True),
        ({"categories": ("writing",)}, {}, {}, False),
        ({"muted_until_at": NOW + timedelta(seconds=1)}, {}, {}, False),
        ({"muted_until_at": NOW}, {}, {}, True),
        ({}, {"reachable": False}, {}, False),
        ({}, {"active": False}, {}, False),
        ({}, {}, {"employer_id": 7}, False),
    ],
)
def test_the_matching_table(
    wish: dict[str, object], reader: dict[str, object], job: dict[str, object], expected: bool
) -> None:
    """Proves each rule of the matching, one changed value at a time, at its boundary."""
    values = {"reachable": True, "active": True} | reader
    subscriber = Reader(replace(WISH, **wish), **values)  # type: ignore[arg-type]  # a table of one field each
    assert wants(subscriber, replace(JOB, **job), now=NOW) is expected  # type: ignore[arg-type]  # likewise


def test_a_category_is_chosen_and_left_out_once() -> None:
    """Proves that a second tap on a category changes nothing, and that the order is stable."""
    assert toggled(("writing",), "surveys", on=True) == ("surveys", "writing")
    assert toggled(("surveys", "writing"), "surveys", on=True) == ("surveys", "writing")
    assert toggled(("surveys", "writing"), "surveys", on=False) == ("writing",)
    assert toggled(("writing",), "surveys", on=False) == ("writing",)


def test_rounds_begin_at_different_members() -> None:
    """Proves that over many jobs every fifth of the members is first about equally often, always within the ids."""
    highest = 1000
    starts = [first_reader(job_id, highest) for job_id in range(1, 1001)]
    assert all(1 <= start <= highest for start in starts)
    for fifth in range(5):
        share = sum(fifth * 200 < start <= fifth * 200 + 200 for start in starts)
        assert 150 < share < 250
    assert first_reader(5, 0) == 1
