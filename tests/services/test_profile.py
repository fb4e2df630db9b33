"""Signing up, small choices and what the home screen gathers."""

from datetime import datetime, timedelta

import pytest

from bot.domain.country import CountryUnknown
from bot.domain.profile import receipts_are_quiet, was_greeted
from bot.domain.zone import ZoneUnknown
from bot.services import profile
from storage.database import Database
from storage.rows import to_ms
from tests.browse_world import BrowseWorld


async def test_signing_up_keeps_country_consent_and_clock_once(database: Database, now: datetime) -> None:
    """Proves that sign-up stores all three with one event, and that a second one changes nothing."""
    world = BrowseWorld(database, now)
    me = await world.someone()
    assert not me.signed_up
    async with world.unit() as uow:
        signed = await profile.sign_up(uow, member=me, country="PK")
    stored = await world.reload(me.id)
    assert stored == signed
    assert (stored.country, stored.terms_at, stored.time_zone) == ("PK", now, "Asia/Karachi")
    world.now += timedelta(hours=1)
    async with world.unit() as uow:
        assert await profile.sign_up(uow, member=stored, country="DE") is stored
    assert await world.reload(me.id) == stored
    assert await world.value("SELECT count(*) FROM events WHERE kind = 'member_signed_up'") == 1


async def test_a_clock_chosen_before_stays(database: Database, now: datetime) -> None:
    """Proves that sign-up does not overrule the time zone a member set."""
    world = BrowseWorld(database, now)
    me = await world.someone()
    async with world.unit() as uow:
        me = await profile.set_time_zone(uow, member=me, zone="Europe/Madrid")
        await profile.sign_up(uow, member=me, country="PK")
    assert (await world.reload(me.id)).time_zone == "Europe/Madrid"


async def test_forged_choices_are_refused_or_made_sensible(database: Database, now: datetime) -> None:
    """Proves that a country, zone or language from a forged button is never stored as it came."""
    world = BrowseWorld(database, now)
    me = await world.someone()
    async with world.unit() as uow:
        with pytest.raises(CountryUnknown):
            await profile.sign_up(uow, member=me, country="ZZ")
        with pytest.raises(ZoneUnknown):
            await profile.set_time_zone(uow, member=me, zone="../../etc")
        await profile.set_language(uow, member=me, language="<b>")
    assert await world.reload(me.id) == me


async def test_small_choices_live_beside_each_other(database: Database, now: datetime) -> None:
    """Proves that the welcome comes once and that quiet receipts don't forget it."""
    world = BrowseWorld(database, now)
    me = await world.someone()
    async with world.unit() as uow:
        greeted = await profile.greet(uow, member=me)
        assert greeted is not None
        assert await profile.greet(uow, member=greeted) is None
        await profile.set_quiet_receipts(uow, member=greeted, quiet=True)
    stored = await world.reload(me.id)
    assert was_greeted(stored)
    assert receipts_are_quiet(stored)


async def test_the_home_screen_gathers_both_sides(database: Database, now: datetime) -> None:
    """Proves that money, work, waiting proof, reviews and the best job are those of the member."""
    world = BrowseWorld(database, now)
    me, other = await world.someone(), await world.someone()
    await world.fund(other.id, 100_000)
    job, lot = await world.job(other.id, reward=2000, fee=200, slots=3)
    await world.pay(await world.take(job, lot, me.id))
    waiting = await world.take(job, lot, me.id)
    review_by = now + timedelta(days=3)
    await world.execute(
        "INSERT INTO submissions (assignment_id, job_id, status, submitted_at, review_by_at)"
        " VALUES (?, ?, 'pending', 0, ?)",
        waiting,
        job,
        to_ms(review_by),
    )
    for n in range(4):
        held = await world.offer(other, title=f"Job {n}")
        await world.place(held, me, "reserved")
    best = await world.offer(other, reward=3000, minutes=1)
    async with world.unit() as uow:
        mine = await profile.get_dashboard(uow, member=me)
        theirs = await profile.get_dashboard(uow, member=other)
    assert (mine.available, mine.waiting, mine.next_review_by_at) == (2000, 2000, review_by)
    assert (mine.in_progress, len(mine.work), mine.reviews) == (4, profile.WORK_SHOWN, 0)
    assert mine.best_job is not None
    assert mine.best_job.id == best
    assert (theirs.reviews, theirs.available, theirs.in_progress, theirs.best_job) == (1, 0, 0, None)
