"""Alerts: subscriptions, the rounds of new jobs among the subscribers, and who was told of a job."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.alert import Reader, Subscription
from bot.domain.job import Job
from storage.jobs import job_of
from storage.rows import Row, from_ms_or_none, to_ms, to_ms_or_none
from storage.unit import Tx

LAST = 2**63 - 1  # above every id


@dataclass(frozen=True, slots=True)
class Round:
    """How far a new job has come among the subscribers; `first_member_id` is None when it has not begun."""

    job: Job
    first_member_id: int | None = None
    after_member_id: int = 0
    wrapped: bool = False


async def find_subscription(tx: Tx, member_id: int) -> Subscription | None:
    """Give a member's subscription, or None."""
    row = await tx.one("alert_find_subscription", member_id=member_id)
    return None if row is None else _subscription_of(row)


async def save_subscription(tx: Tx, subscription: Subscription, *, at: datetime) -> None:
    """Store a member's subscription."""
    await tx.run(
        "alert_save_subscription",
        member_id=subscription.member_id,
        enabled=int(subscription.enabled),
        minimum_reward=subscription.minimum_reward,
        categories=json.dumps(subscription.categories),
        muted_until_at=to_ms_or_none(subscription.muted_until_at),
        at=to_ms(at),
    )


async def find_round(tx: Tx, *, aside: Collection[int] = ()) -> Round | None:
    """Give the oldest open job whose subscribers have not all been looked at (but for those aside), or None."""
    row = await tx.one("alert_find_next_job", aside=json.dumps(sorted(aside)))
    if row is None:
        return None
    if row["first_member_id"] is None:
        return Round(job_of(row))
    return Round(job_of(row), row["first_member_id"], row["after_member_id"], bool(row["wrapped"]))


async def find_last_subscriber(tx: Tx) -> int:
    """Give the highest id among the subscribers, 0 when there are none."""
    return int(await tx.value("alert_find_last_subscriber") or 0)


async def list_readers(tx: Tx, *, after: int, before: int, limit: int) -> list[Reader]:
    """List subscribers between two member ids, neither included."""
    rows = await tx.all("alert_list_readers", after=after, before=before, limit=limit)
    return [Reader(_subscription_of(row), bool(row["reachable"]), row["member_status"] == "active") for row in rows]


async def count_recent(tx: Tx, member_ids: Sequence[int], *, since: datetime) -> dict[int, int]:
    """Count the alerts each of these members got, or is about to get, since a time."""
    rows = await tx.all("alert_count_recent", member_ids=json.dumps(list(member_ids)), since=to_ms(since))
    return {row["member_id"]: row["alerts"] for row in rows}


async def save_round(tx: Tx, at: Round) -> None:
    """Store how far a round has come."""
    await tx.run(
        "alert_save_round",
        job_id=at.job.id,
        first_member_id=at.first_member_id,
        after_member_id=at.after_member_id,
        wrapped=int(at.wrapped),
    )


async def finish_round(tx: Tx, job_id: int, *, at: datetime) -> None:
    """Note that everybody has been looked at for a job."""
    await tx.run("alert_finish_job", job_id=job_id, at=to_ms(at))
    await tx.run("alert_delete_rounds", job_id=job_id)


async def find_job_over(tx: Tx, *, after: int) -> tuple[int, int] | None:
    """Give the next event after this one that says a job has no free place any more: its id and the job's."""
    row = await tx.one("alert_find_job_over", after=after)
    return None if row is None else (row["id"], int(json.loads(row["payload"])["job_id"]))


async def list_told(tx: Tx, *, topic: str, after: int, limit: int) -> list[int]:
    """List the members who got a job's alert, by id."""
    return [row["member_id"] for row in await tx.all("alert_list_told", topic=topic, after=after, limit=limit)]


async def is_in_front(tx: Tx, *, member_id: int, job_id: int, topic: str) -> bool:
    """Say whether a job's alert still stands where it was sent, and no place was taken from it."""
    return bool(await tx.value("alert_is_in_front", member_id=member_id, job_id=job_id, topic=topic))


def _subscription_of(row: Row) -> Subscription:
    return Subscription(
        member_id=row["member_id"],
        enabled=bool(row["enabled"]),
        minimum_reward=row["minimum_reward"],
        categories=tuple(json.loads(row["categories"])),
        muted_until_at=from_ms_or_none(row["muted_until_at"]),
    )
