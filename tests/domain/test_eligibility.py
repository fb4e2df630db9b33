"""Who may take a place: one rule a row, and which reason comes first."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain import eligibility as rules
from bot.domain.eligibility import Standing, refusal
from bot.domain.house import House
from bot.domain.job import Job, JobStatus
from bot.domain.member import Member

NOW = datetime(2030, 1, 15, 12, 0, tzinfo=UTC)
HOUSE = House(live_reservations=3)
MEMBER = Member(1, 100, "Ali", "en", "PK", "UTC", "member", "active", True, NOW)
JOB = Job(
    id=7,
    token="t",
    employer_id=2,
    category_id="surveys",
    title="A survey",
    steps=("Open",),
    requirements=(),
    language="en",
    reward=1000,
    fee=100,
    minutes=5,
    time_limit_minutes=15,
    review_days=3,
    per_member=1,
    status=JobStatus.OPEN,
    free_slots=2,
    version=1,
    created_at=NOW,
    published_at=NOW,
    closed_at=None,
)
FULL = replace(JOB, status=JobStatus.FILLED, free_slots=0)


@pytest.mark.parametrize(
    ("job", "member", "standing", "category_on", "expected"),
    [
        (JOB, MEMBER, Standing(), True, None),
        (JOB, replace(MEMBER, terms_at=None, country=None), Standing(), True, None),
        (JOB, MEMBER, Standing(reserved=2), True, None),
        (replace(JOB, per_member=3), MEMBER, Standing(used=2), True, None),
        (replace(JOB, employer_id=1), MEMBER, Standing(), True, rules.OwnJob),
        (JOB, replace(MEMBER, status="paused"), Standing(), True, rules.MayNotWork),
        (JOB, replace(MEMBER, status="banned"), Standing(), True, rules.MayNotWork),
        (JOB, MEMBER, Standing(used=1, holds=True), True, rules.HasPlaceHere),
        (replace(JOB, per_member=3), MEMBER, Standing(used=1, holds=True), True, rules.HasPlaceHere),
        (JOB, MEMBER, Standing(used=1), True, rules.DoneBefore),
        (replace(JOB, per_member=3), MEMBER, Standing(used=3), True, rules.DoneBefore),
        (replace(JOB, status=JobStatus.CLOSED), MEMBER, Standing(), True, rules.JobOver),
        (replace(JOB, status=JobStatus.DRAFT), MEMBER, Standing(), True, rules.JobOver),
        (replace(JOB, status=JobStatus.PAUSED), MEMBER, Standing(), True, rules.JobPaused),
        (JOB, MEMBER, Standing(), False, rules.JobPaused),
        (FULL, MEMBER, Standing(), True, rules.NoPlaceFree),
        (replace(JOB, free_slots=0), MEMBER, Standing(), True, rules.NoPlaceFree),
        (JOB, MEMBER, Standing(reserved=3), True, rules.TooManyReserved),
        (FULL, MEMBER, Standing(used=1, holds=True, reserved=3), True, rules.HasPlaceHere),
        (FULL, MEMBER, Standing(used=1, reserved=3), True, rules.DoneBefore),
        (FULL, MEMBER, Standing(reserved=3), True, rules.NoPlaceFree),
    ],
)
def test_the_first_reason_that_holds_is_told(
    job: Job, member: Member, standing: Standing, category_on: bool, expected: type[Exception] | None
) -> None:
    """Proves each rule alone, and that what concerns the member comes before what concerns the job."""
    found = refusal(job, member=member, standing=standing, house=HOUSE, category_on=category_on)
    assert (None if found is None else type(found)) is expected


def test_too_many_reservations_says_how_many() -> None:
    """Proves that the count in the sentence is the member's own, also after the limit was lowered."""
    found = refusal(JOB, member=MEMBER, standing=Standing(reserved=5), house=HOUSE)
    assert found is not None
    assert found.params == {"count": 5}
