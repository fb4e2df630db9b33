"""Alerts on a real file: matching in slices, never twice, caps, mutes, and what happens when a job fills."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.alert import UnknownCategory
from bot.domain.house import House
from bot.i18n import Translator
from bot.services import alerts, places
from handlers.alerts import NOTICES
from handlers.notices import Notice
from handlers.views.card import Card
from storage import members, outbox
from storage.database import Database
from tests.ledger_world import World

HOUSE = House(alerts_a_day=3)


@pytest.fixture
def world(database: Database, now: datetime) -> World:
    """Give a world on this test's database."""
    return World(database, now)


async def subscriber(world: World, *, minimum: int = 10_000, **fields: Any) -> int:
    """Add a member who is subscribed."""
    member_id = await world.member()
    values = {"enabled": 1, "categories": "[]", "muted_until_at": None} | fields
    await world.execute(
        "INSERT INTO subscriptions (member_id, enabled, minimum_reward, categories, muted_until_at, created_at)"
        " VALUES (?, ?, ?, ?, ?, 1)",
        member_id,
        values["enabled"],
        minimum,
        values["categories"],
        values["muted_until_at"],
    )
    return member_id


async def job(world: World, *, reward: int = 20_000, slots: int = 3) -> tuple[int, int]:
    """Publish a job; give the ids of job and lot."""
    employer = await world.member()
    await world.fund(employer, reward * slots)
    return await world.job(employer, reward=reward, fee=0, slots=slots)


async def match(world: World, *, limit: int = 20, house: House = HOUSE) -> int:
    """Run the matching as the scheduler does, one slice a unit; give the count of slices."""
    for slices in range(1, 100):
        async with world.unit() as uow:
            if await alerts.match_alerts(uow, limit=limit, house=house) < limit:
                return slices
    raise AssertionError("the round does not end")


async def alerted(world: World, job_id: int) -> list[int]:
    """List who is owed the alert of a job, in the order in which they get it."""
    rows = await world.look("SELECT member_id FROM deliveries WHERE topic = ? ORDER BY id", f"alert:{job_id}")
    return [row["member_id"] for row in rows]


async def send(world: World) -> list[tuple[int, str]]:
    """Render and mark what is due in the alert lane; give whom and the first line of what they read."""
    sent = []
    async with world.unit() as uow:
        for delivery in await outbox.list_due(uow.tx, lane="alert", now=world.now, limit=100):
            member = await members.get_member(uow.tx, delivery.member_id)
            if not member.reachable:
                await outbox.park(uow.tx, delivery)
                continue
            card: Card | None = None
            if delivery.expires_at is None or delivery.expires_at > world.now:
                card = await NOTICES[delivery.kind](Notice(uow, Translator(), member, HOUSE, delivery.payload))
            status, number = ("skipped", None) if card is None else ("sent", delivery.id)
            await outbox.finish(uow.tx, delivery.id, status=status, message_id=number, at=world.now)
            if card is not None:
                sent.append((member.id, card.text.split("\n")[0].striptags()))
    return sent


async def test_those_who_want_it_hear_of_a_job(world: World) -> None:
    """Proves the matching on the database: minimum, switch, kinds, mute and being reachable."""
    fits = await subscriber(world)
    await subscriber(world, minimum=20_001)
    await subscriber(world, enabled=0)
    await subscriber(world, categories='["writing"]')
    await subscriber(world, muted_until_at=2**42)
    also = await subscriber(world, categories='["surveys"]')
    gone = await subscriber(world)
    await world.execute("UPDATE members SET reachable = 0 WHERE id = ?", gone)
    job_id, _ = await job(world)
    await match(world)
    assert sorted(await alerted(world, job_id)) == [fits, also]
    assert await world.value("SELECT alerted_at FROM jobs WHERE id = ?", job_id) is not None
    await match(world)
    assert sorted(await alerted(world, job_id)) == [fits, also]


async def test_a_round_begun_again_alerts_nobody_twice(world: World) -> None:
    """Proves that a job and a member meet once, even when how far the round had come was lost."""
    everybody = [await subscriber(world) for _ in range(4)]
    job_id, _ = await job(world)
    async with world.unit() as uow:
        await alerts.match_alerts(uow, limit=2, house=HOUSE)
    assert await alerted(world, job_id) != []
    await world.execute("DELETE FROM alert_rounds")
    await match(world)
    assert sorted(await alerted(world, job_id)) == everybody


async def test_a_round_goes_through_everybody_in_slices(world: World) -> None:
    """Proves that small slices reach every subscriber exactly once, beginning elsewhere for each job."""
    everybody = [await subscriber(world) for _ in range(11)]
    first_of = set()
    for _ in range(3):
        job_id, _ = await job(world)
        assert await match(world, limit=2) > 4
        order = await alerted(world, job_id)
        assert sorted(order) == everybody
        turn = everybody.index(order[0])
        assert order == everybody[turn:] + everybody[:turn]
        first_of.add(order[0])
    assert len(first_of) > 1


async def test_nobody_subscribed_is_a_round_too(world: World) -> None:
    """Proves that a job without subscribers is looked at once and left alone."""
    job_id, _ = await job(world)
    await match(world)
    assert await world.value("SELECT alerted_at FROM jobs WHERE id = ?", job_id) is not None
    await subscriber(world)
    await match(world)
    assert await alerted(world, job_id) == []


async def test_a_closed_job_leaves_its_round(world: World) -> None:
    """Proves that a job that closes halfway alerts nobody more, and its place in the round is forgotten."""
    for _ in range(5):
        await subscriber(world)
    half, _ = await job(world)
    async with world.unit() as uow:
        await alerts.match_alerts(uow, limit=2, house=HOUSE)
    told = len(await alerted(world, half))
    await world.execute("UPDATE jobs SET status = 'closed' WHERE id = ?", half)
    await job(world)
    await match(world)
    assert len(await alerted(world, half)) == told
    assert await world.value("SELECT count(*) FROM alert_rounds") == 0


async def test_the_cap_holds_within_and_across_units(world: World) -> None:
    """Proves that a subscriber gets at most the cap in 24 hours, also from one unit, and more the next day."""
    member = await subscriber(world)
    for _ in range(5):
        await job(world)
    await match(world)
    assert await world.value("SELECT count(*) FROM deliveries WHERE member_id = ? AND lane = 'alert'", member) == 3
    await job(world)
    world.now += timedelta(hours=23)
    await match(world)
    assert await world.value("SELECT count(*) FROM deliveries WHERE member_id = ? AND lane = 'alert'", member) == 3
    world.now += timedelta(hours=1, seconds=1)
    await job(world)
    await match(world)
    assert await world.value("SELECT count(*) FROM deliveries WHERE member_id = ? AND lane = 'alert'", member) == 4


async def test_what_was_skipped_does_not_count(world: World) -> None:
    """Proves that alerts that never left make room for others."""
    await subscriber(world)
    for _ in range(3):
        _, lot = await job(world)
        await world.execute("UPDATE lots SET slots = taken WHERE id = ?", lot)
    await world.execute("UPDATE jobs SET free_slots = 1")  # matched while free, full when sent
    await match(world)
    await world.execute("UPDATE jobs SET free_slots = 0, status = 'filled'")
    assert await send(world) == []
    job_id, _ = await job(world)
    await match(world)
    assert len(await alerted(world, job_id)) == 1


async def test_an_alert_is_looked_at_again_when_it_leaves(world: World) -> None:
    """Proves that an alert is let go when it expired, was muted, or its job can't be taken by this member any more."""
    keen, muted, working, stopped = [await subscriber(world) for _ in range(4)]
    job_id, lot_id = await job(world)
    await match(world)
    async with world.unit() as uow:
        await alerts.mute(uow, member_id=muted, house=HOUSE)
    async with world.unit() as uow:
        await alerts.switch(uow, member_id=stopped, on=False, house=HOUSE)
    await world.take(job_id, lot_id, working)
    assert await send(world) == [(keen, "🔔 New job for $2.00")]
    late, _ = await job(world)
    await match(world)
    assert await alerted(world, late) != []
    world.now += timedelta(hours=6)
    assert await send(world) == []


async def test_a_full_job_edits_its_alerts_once(world: World) -> None:
    """Proves that those who have the alert in front of them read that the job is full, others are left in peace."""
    reader, opened, taker, unsent = [await subscriber(world) for _ in range(4)]
    job_id, lot_id = await job(world, slots=1)
    await match(world)
    await world.execute("UPDATE members SET reachable = 0 WHERE id = ?", unsent)
    assert sorted(member for member, _ in await send(world)) == sorted([reader, opened, taker])
    async with world.unit() as uow:
        await alerts.close_alert(uow, member_id=opened, job_id=job_id)
    await world.execute(
        "INSERT INTO assignments (job_id, lot_id, worker_id, status, reserved_at, deadline_at)"
        " VALUES (?, ?, ?, 'reserved', 1, 2)",
        job_id,
        lot_id,
        taker,
    )
    async with world.unit() as uow:
        assert await places.take_place(uow, job_id=job_id) is not None
    world.now += timedelta(seconds=2)
    async with world.unit() as uow:
        await alerts.mark_alerts_filled(uow, house=HOUSE)
    assert await send(world) == []  # not before an alert on its way has its message
    world.now += timedelta(seconds=6)
    assert await send(world) == [(reader, "New job for $2.00")]
    async with world.unit() as uow:
        assert await alerts.mark_alerts_filled(uow, house=HOUSE) == 0
    assert json.loads(await world.value("SELECT payload FROM events WHERE kind = 'alert_over'")) == {"job_id": job_id}


async def test_edits_come_in_slices(world: World) -> None:
    """Proves that many alerts of a full job are gone through in small units, each member once."""
    everybody = [await subscriber(world) for _ in range(7)]
    job_id, _ = await job(world, slots=1)
    await match(world)
    await send(world)
    async with world.unit() as uow:
        await places.take_place(uow, job_id=job_id)
    rounds = 0
    done = 2
    while done == 2:
        async with world.unit() as uow:
            done = await alerts.mark_alerts_filled(uow, limit=2, house=HOUSE)
        rounds += 1
    assert rounds > 3
    world.now += timedelta(seconds=6)
    assert sorted(member for member, _ in await send(world)) == everybody


async def test_a_job_that_opened_again_keeps_its_alerts(world: World) -> None:
    """Proves that an alert is not said to be over when a place came back meanwhile."""
    await subscriber(world)
    job_id, lot_id = await job(world, slots=1)
    await match(world)
    await send(world)
    async with world.unit() as uow:
        await places.take_place(uow, job_id=job_id)
    async with world.unit() as uow:
        await alerts.mark_alerts_filled(uow, house=HOUSE)
        await places.give_back_place(uow, lot_id=lot_id, job_id=job_id)
    world.now += timedelta(seconds=6)
    assert await send(world) == []


async def test_settings_change_one_thing_each(world: World) -> None:
    """Proves what /alerts stores: a minimum turns them on, categories add up, a mute ends when they are turned on."""
    member = await world.member()
    async with world.unit() as uow:
        shown = await alerts.get_settings(uow, member_id=member, house=HOUSE)
        assert (shown.subscription.enabled, shown.subscription.minimum_reward) == (False, HOUSE.high_pay_minimum)
        assert "likes" not in {category.id for category in shown.categories}
    assert await world.value("SELECT count(*) FROM subscriptions") == 0
    async with world.unit() as uow:
        await alerts.choose_minimum(uow, member_id=member, amount=5_000, house=HOUSE)
    async with world.unit() as uow:
        await alerts.choose_category(uow, member_id=member, category_id="surveys", on=True, house=HOUSE)
    async with world.unit() as uow:
        wish = await alerts.mute(uow, member_id=member, house=HOUSE)
    assert (wish.enabled, wish.minimum_reward, wish.categories) == (True, 5_000, ("surveys",))
    assert wish.muted_until_at == world.now + timedelta(hours=8)
    async with world.unit() as uow:
        wish = await alerts.switch(uow, member_id=member, on=True, house=HOUSE)
    assert wish.muted_until_at is None
    with pytest.raises(UnknownCategory):
        async with world.unit() as uow:
            await alerts.choose_category(uow, member_id=member, category_id="likes", on=True, house=HOUSE)
    async with world.unit() as uow:
        wish = await alerts.choose_all_categories(uow, member_id=member, house=HOUSE)
    assert wish.categories == ()
