"""Alerts: what a member wants to hear of, matching new jobs to it, and telling when a job is full.

    job open ──match_alerts──► event job_alert ──► deliveries in the alert lane (rendered and re-checked when sent)
    job full ──mark_alerts_filled──► event alert_over ──► the same messages, edited

Both ticks go through the subscribers in slices and remember where they are, so no unit is long. Edits travel in the
alert lane too: thousands of them must not stand before anybody's receipt or screen.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.alert import (
    ALERT_LIFE,
    CAP_WINDOW,
    MUTE,
    Subscription,
    UnknownCategory,
    first_reader,
    toggled,
    wants,
)
from bot.domain.eligibility import refusal
from bot.domain.house import House
from bot.domain.job import Category, Job
from bot.domain.member import Member
from storage import alerts, assignments, jobs, outbox
from storage.alerts import LAST, Round
from storage.unit import To, UnitOfWork

#: An alert that is being sent while its job fills gets its message id first, then its edit.
EDIT_AFTER = timedelta(seconds=5)
_OVER_FLAG = "alerts_over"  # "the last event done:the last member told of the one under way"


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """A member's alerts as /alerts shows them, with every category there is to choose from."""

    subscription: Subscription
    categories: tuple[Category, ...]


async def get_settings(uow: UnitOfWork, *, member_id: int, house: House) -> AlertSettings:
    """Give a member's alerts; who never subscribed sees them off, with the house's minimum."""
    return AlertSettings(await _subscription(uow, member_id, house), tuple(await jobs.list_categories(uow.tx)))


async def switch(uow: UnitOfWork, *, member_id: int, on: bool, house: House) -> Subscription:
    """Turn a member's alerts on (a mute ends) or off."""
    was = await _subscription(uow, member_id, house)
    return await _save(uow, replace(was, enabled=on, muted_until_at=None))


async def choose_minimum(uow: UnitOfWork, *, member_id: int, amount: int, house: House) -> Subscription:
    """Set the smallest reward a member wants to hear of, which also turns the alerts on."""
    assert amount > 0
    was = await _subscription(uow, member_id, house)
    return await _save(uow, replace(was, minimum_reward=amount, enabled=True))


async def choose_category(uow: UnitOfWork, *, member_id: int, category_id: str, on: bool, house: House) -> Subscription:
    """Add a category to those a member hears of, or take it out; none chosen means all.

    Raises:
        UnknownCategory: there is no such category, or it is switched off.
    """
    if on and category_id not in {category.id for category in await jobs.list_categories(uow.tx)}:
        raise UnknownCategory
    was = await _subscription(uow, member_id, house)
    return await _save(uow, replace(was, categories=toggled(was.categories, category_id, on=on)))


async def choose_all_categories(uow: UnitOfWork, *, member_id: int, house: House) -> Subscription:
    """Let a member hear of every category again."""
    was = await _subscription(uow, member_id, house)
    return await _save(uow, replace(was, categories=()))


async def mute(uow: UnitOfWork, *, member_id: int, house: House) -> Subscription:
    """Send a member no alerts for some hours."""
    was = await _subscription(uow, member_id, house)
    return await _save(uow, replace(was, muted_until_at=uow.now + MUTE))


async def close_alert(uow: UnitOfWork, *, member_id: int, job_id: int) -> None:
    """Note that a member opened something else in a job's alert: the message is no alert any more."""
    await outbox.close_topic(uow.tx, member_id, alert_topic(job_id))


async def find_alertable(uow: UnitOfWork, *, member: Member, job_id: int, house: House) -> Job | None:
    """Give a job if this member can take a place in it now, else None."""
    wish = await _subscription(uow, member.id, house)
    found = await assignments.find_candidate(uow.tx, job_id=job_id, worker_id=member.id)
    if found is None or not wish.enabled or wish.is_muted(now=uow.now):
        return None
    no = refusal(found.job, member=member, standing=found.standing, house=house, category_on=found.category_on)
    return found.job if no is None else None


async def find_over(uow: UnitOfWork, *, member: Member, job_id: int, house: House) -> Job | None:
    """Give a job that is over for a member who still has its alert in front of them, else None.

    Who took a place sees that place in the alert's message by now.
    """
    if not await alerts.is_in_front(uow.tx, member_id=member.id, job_id=job_id, topic=alert_topic(job_id)):
        return None
    found = await assignments.find_candidate(uow.tx, job_id=job_id, worker_id=member.id)
    if found is None:
        return None
    no = refusal(found.job, member=member, standing=found.standing, house=house, category_on=found.category_on)
    return None if no is None else found.job


def alert_topic(job_id: int) -> str:
    """Name the message that is a job's alert."""
    return f"alert:{job_id}"


# -- ticks ---------------------------------------------------------------------------------------------------------


async def match_alerts(uow: UnitOfWork, *, limit: int = 20, house: House) -> int:
    """Look at some more subscribers for the oldest new job, and for the next ones; how many were looked at."""
    looked = 0
    given: Counter[int] = Counter()  # what this unit has written can't be counted in the database yet
    while looked < limit:
        at = await alerts.find_round(uow.tx, aside=uow.aside)
        if at is None:
            return looked
        uow.row = at.job.id
        looked += await _go_on(uow, at, limit=limit - looked, house=house, given=given)
    return limit


async def mark_alerts_filled(uow: UnitOfWork, *, limit: int = 20, house: House) -> int:
    """Owe an edit to some more members whose alert is about a job that is full or closed; how many."""
    told = 0
    while told < limit:
        kept = await outbox.get_flag(uow.tx, _OVER_FLAG) or "0:0"
        done_event, after = map(int, kept.split(":"))
        over = await alerts.find_job_over(uow.tx, after=done_event)
        if over is None:
            return told
        event_id, job_id = over
        room = limit - told
        readers = await alerts.list_told(uow.tx, topic=alert_topic(job_id), after=after, limit=room)
        if readers:
            uow.emit("alert_over", {"job_id": job_id}, to=[_edit(uow, job_id, reader) for reader in readers])
        place = f"{event_id}:0" if len(readers) < room else f"{done_event}:{readers[-1]}"
        await outbox.set_flag(uow.tx, _OVER_FLAG, place, at=uow.now)
        told += max(1, len(readers))
    return limit


async def _go_on(uow: UnitOfWork, at: Round, *, limit: int, house: House, given: Counter[int]) -> int:
    """Take a job's round one slice further; at least 1, so that empty rounds count too."""
    if at.first_member_id is None:
        first = first_reader(at.job.id, await alerts.find_last_subscriber(uow.tx))
        at = replace(at, first_member_id=first, after_member_id=first - 1)
    assert at.first_member_id is not None
    before = at.first_member_id if at.wrapped else LAST
    readers = await alerts.list_readers(uow.tx, after=at.after_member_id, before=before, limit=limit)
    wanting = [r.subscription.member_id for r in readers if wants(r, at.job, now=uow.now)]
    if wanting and at.job.free_slots > 0:
        await _alert(uow, at.job, wanting, house=house, given=given)
    if len(readers) == limit:
        await alerts.save_round(uow.tx, replace(at, after_member_id=readers[-1].subscription.member_id))
    elif not at.wrapped:
        await alerts.save_round(uow.tx, replace(at, after_member_id=0, wrapped=True))
    else:
        await alerts.finish_round(uow.tx, at.job.id, at=uow.now)
    return max(1, len(readers))


async def _alert(uow: UnitOfWork, job: Job, member_ids: list[int], *, house: House, given: Counter[int]) -> None:
    """Owe the alert to those who have not had enough of them."""
    recent = await alerts.count_recent(uow.tx, member_ids, since=uow.now - CAP_WINDOW)
    chosen = [m for m in member_ids if recent.get(m, 0) + given[m] < house.alerts_a_day]
    if chosen:
        given.update(chosen)
        uow.emit("job_alert", {"job_id": job.id}, to=[_push(uow, job.id, member_id) for member_id in chosen])


def _push(uow: UnitOfWork, job_id: int, member_id: int) -> To:
    return To(
        member_id,
        lane="alert",
        key=f"alert:{job_id}:{member_id}",
        topic=alert_topic(job_id),
        expires_at=uow.now + ALERT_LIFE,
    )


def _edit(uow: UnitOfWork, job_id: int, member_id: int) -> To:
    return To(
        member_id,
        lane="alert",
        key=f"alert-over:{job_id}:{member_id}",
        topic=alert_topic(job_id),
        due_at=uow.now + EDIT_AFTER,
        expires_at=uow.now + ALERT_LIFE,
    )


async def _subscription(uow: UnitOfWork, member_id: int, house: House) -> Subscription:
    found = await alerts.find_subscription(uow.tx, member_id)
    return found or Subscription(member_id, enabled=False, minimum_reward=house.high_pay_minimum)


async def _save(uow: UnitOfWork, subscription: Subscription) -> Subscription:
    await alerts.save_subscription(uow.tx, subscription, at=uow.now)
    return subscription
