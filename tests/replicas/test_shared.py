"""What several processes share on one database: slots of ticks, last places, the send budget, and work left behind."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import datetime

import pytest

from bot.app import budget_of
from bot.domain.errors import DomainError
from bot.domain.member import Member
from bot.lanes import Priority, SendBudget
from bot.replicas import Replica
from bot.services import work
from storage import inbox, members, outbox, replicas
from storage.database import Database
from storage.errors import CommitFailed, DatabaseError
from storage.inbox import Arrival
from storage.postgres_database import PostgresDatabase
from tests.engines import rows as rows_of
from tests.ledger_world import HOUSE, World
from tests.waiting import eventually

CAMPAIGN = bool(os.environ.get("CAMPAIGN"))
SLOTS = 3_000 if CAMPAIGN else 150
RACES = int(os.environ.get("RACES", "10000" if CAMPAIGN else "25"))
CONTENDERS = 8
#: A second, less what a busy machine may need from a turn to its send: slots are 1.05 s apart.
A_SECOND = 0.9

Record = Callable[[str, object], None]


@pytest.fixture
async def three(postgres_url: str) -> AsyncIterator[list[PostgresDatabase]]:
    """Give three processes' databases: each with connections and turns of its own."""
    async with AsyncExitStack() as stack:
        opened = []
        for _ in range(3):
            database = await PostgresDatabase.connect(postgres_url)
            stack.push_async_callback(database.close)
            opened.append(database)
        yield opened


async def _count(database: Database, sql: str) -> int:
    async with database.read() as tx:
        return int((await rows_of(tx, sql))[0][0])


async def test_each_slot_takes_effect_once(
    three: list[PostgresDatabase], now: datetime, record_property: Record
) -> None:
    """Proves that three processes that tick at the same time have each slot's effect once, also when a holder dies."""
    died: set[int] = set()

    async def tick(database: PostgresDatabase, slot: int) -> None:
        dies = False
        try:
            async with database.unit(f"tick:{slot}", now=now) as uow:
                if await outbox.take_slot(uow.tx, "story", slot, at=now):
                    uow.emit("effect", {"slot": slot})
                    if slot % 10 == 0 and slot not in died:
                        await uow.write_events()
                        dies = True
                        died.add(slot)
                        uow.tx.connection.raw.terminate()  # the process is gone, its slot taken and not committed
        except (DatabaseError, CommitFailed):
            assert dies

    for slot in range(SLOTS):
        await asyncio.gather(*(tick(one, slot) for one in three))
    assert len(died) == len(range(0, SLOTS, 10))
    assert await _count(three[0], "SELECT count(*) FROM events WHERE kind = 'effect'") == SLOTS
    assert await _count(three[0], "SELECT count(DISTINCT payload) FROM events WHERE kind = 'effect'") == SLOTS
    record_property("figure", f"{SLOTS} slots, three processes, {len(died)} deaths of a holder: {SLOTS} effects")


async def test_the_last_place_goes_to_one(
    three: list[PostgresDatabase], now: datetime, record_property: Record
) -> None:
    """Proves that of eight workers in three processes who want the last place exactly one gets it, each time."""
    world = World(three[0], now)
    employer = await world.member()
    await world.fund(employer, 10_000_000_000)
    ids = [await world.member() for _ in range(CONTENDERS)]
    async with three[0].read() as tx:
        workers = [await members.get_member(tx, worker) for worker in ids]
    won = 0
    for _ in range(RACES):
        job_id, _ = await world.job(employer, slots=1)

        async def apply(worker: Member, database: PostgresDatabase, job_id: int = job_id) -> bool:
            try:
                async with database.unit(f"apply:{worker.id}", now=now) as uow:
                    await work.apply(uow, member=worker, job_id=job_id, house=HOUSE)
            except DomainError:
                return False
            return True

        taken = await asyncio.gather(*(apply(worker, three[n % 3]) for n, worker in enumerate(workers)))
        assert sum(taken) == 1, taken
        won += 1
        async with three[0].unit("over", now=now) as uow:  # so that nobody reaches the limit of places held at once
            await rows_of(uow.tx, "UPDATE assignments SET status = 'returned' WHERE job_id = ?", (job_id,))
            await rows_of(uow.tx, "UPDATE lots SET taken = 0 WHERE job_id = ?", (job_id,))
    record_property("figure", f"{won} last places, {CONTENDERS} contenders in three processes: one winner each")


async def test_no_second_holds_more_sends_than_the_rate_whoever_sends(
    three: list[PostgresDatabase], now: datetime, record_property: Record
) -> None:
    """Proves that three processes that send as fast as they may stay within one budget, and within one flood wait."""
    rate, each = 40, 60
    loop = asyncio.get_running_loop()
    sent: list[float] = []
    flood: list[float] = []

    async def send(budget: SendBudget, chat: int) -> None:
        await budget.turn(chat, Priority.ALERT, new=True)
        sent.append(loop.time())

    budgets = [await budget_of(database, rate) for database in three]
    sends = [asyncio.create_task(send(budget, n * 1000 + c)) for n, budget in enumerate(budgets) for c in range(each)]

    async def some_left() -> bool:
        return len(sent) > rate

    await eventually(some_left, "messages leave")
    until = (await _clock(three[0])) + 1500
    async with three[0].unit("flood", now=now) as uow:
        await outbox.set_flag(uow.tx, "flood_until", str(until), at=now)
    flood += [loop.time() + 0.15, loop.time() + 1.4]  # a slot that was taken before may still be on its way
    await asyncio.gather(*sends)
    most = max(sum(1 for t in sent if start <= t < start + A_SECOND) for start in sent)
    assert most <= rate
    assert len(sent) == 3 * each
    assert [t for t in sent if flood[0] < t < flood[1]] == []
    figure = f"{len(sent)} sends of three processes: at most {most} in a second of {rate}, 0 in a flood wait"
    record_property("figure", figure)


async def test_people_go_before_alerts_in_the_shared_budget(three: list[PostgresDatabase]) -> None:
    """Proves that an answer that comes last leaves before alerts that wait, with the total in the database."""
    budget, order = await budget_of(three[0], 5), []

    async def send(chat: int, priority: Priority) -> None:
        await budget.turn(chat, priority, new=True)
        order.append(priority)

    alerts = [asyncio.create_task(send(chat, Priority.ALERT)) for chat in range(9)]

    async def first_left() -> bool:
        return len(order) >= 5

    await eventually(first_left, "the first second's messages leave")
    await send(99, Priority.ANSWER)
    assert len(order) <= 7, "the answer did not wait for all alerts"
    await asyncio.gather(*alerts)


async def test_what_a_silent_process_left_is_taken_over(three: list[PostgresDatabase], now: datetime) -> None:
    """Proves that updates and messages of a process that is silent for a lease go on with another, and once only."""
    dead, alive = Replica(three[0], lease_seconds=1), Replica(three[1], lease_seconds=1)
    await dead.join()
    raws = [{"update_id": n, "sender_id": 7, "raw": {"update_id": n}} for n in range(3)]
    async with three[0].unit("intake", now=now, alone=False) as uow:
        stored = await inbox.insert_arrivals(uow.tx, bot_id=1, batch=raws, received_at=now, replica_id=dead.id)
        assert await inbox.mark_applied(uow.tx, stored[0], reply='{"put_off":null}', at=now, replica_id=dead.id)
    await alive.join()
    adopted: list[Arrival] = []
    woken: list[None] = []

    async def adopt(arrival: Arrival) -> None:
        adopted.append(arrival)

    watching = asyncio.create_task(alive.run(adopt=adopt, wake=lambda: woken.append(None)))
    try:

        async def all_came() -> bool:
            return len(adopted) >= 3

        await eventually(all_came, "the work is taken over", seconds=20)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    assert [arrival.id for arrival in adopted] == sorted(stored.values())
    assert [arrival.reply is not None for arrival in adopted] == [True, False, False]
    assert not await _owns(three[0], dead, stored[0]), "who comes back sends nothing that another sends"
    assert await _owns(three[1], alive, stored[0])


async def test_a_process_that_leaves_is_not_waited_for(three: list[PostgresDatabase], now: datetime) -> None:
    """Proves that the work of a process that stopped politely is taken over without waiting for its lease."""
    gone, heir = Replica(three[0], lease_seconds=300), Replica(three[1], lease_seconds=300)
    await gone.join()
    async with three[0].unit("intake", now=now, alone=False) as uow:
        batch = [{"update_id": 1, "sender_id": 7, "raw": {}}]
        await inbox.insert_arrivals(uow.tx, bot_id=1, batch=batch, received_at=now, replica_id=gone.id)
    await heir.join()
    async with three[1].one_shot() as tx:
        assert await replicas.take_over_arrivals(tx, heir.id, lease_ms=300_000, limit=10) == []
        await gone.leave()
        assert len(await replicas.take_over_arrivals(tx, heir.id, lease_ms=300_000, limit=10)) == 1
        assert [seen.id for seen in await replicas.list_seen(tx)] == [heir.id]


async def test_a_sender_has_one_turn_at_a_time(three: list[PostgresDatabase], now: datetime) -> None:
    """Proves that an update waits while one of the same member runs in another process, and names an earlier one."""
    first, second = Replica(three[0]), Replica(three[1])
    await first.join()
    await second.join()
    batch = [{"update_id": n, "sender_id": 7, "raw": {}} for n in range(2)]
    async with three[0].unit("intake", now=now, alone=False) as uow:
        stored = await inbox.insert_arrivals(uow.tx, bot_id=1, batch=batch, received_at=now, replica_id=first.id)
    inside = asyncio.Event()

    async def later() -> int | None:
        await inside.wait()
        async with three[1].unit("second", now=now, alone=False) as uow:
            return (await second.take_turn(uow.tx, stored[1])).earlier_id

    waiting = asyncio.create_task(later())
    async with three[0].unit("first", now=now, alone=False) as uow:
        assert (await first.take_turn(uow.tx, stored[0])).earlier_id is None
        inside.set()
        await asyncio.wait({waiting}, timeout=0.3)
        assert not waiting.done(), "it waits for the turn"
        await inbox.mark_applied(uow.tx, stored[0], reply=None, at=now, replica_id=first.id)
    assert await waiting is None, "the first one is over by then"
    batch = [{"update_id": 9, "sender_id": 7, "raw": {}}]
    async with three[1].unit("intake", now=now, alone=False) as uow:
        more = await inbox.insert_arrivals(uow.tx, bot_id=1, batch=batch, received_at=now, replica_id=second.id)
        turn = await second.take_turn(uow.tx, more[9])
    assert (turn.earlier_id, turn.unanswered_id) == (stored[1], None)


async def _owns(database: PostgresDatabase, replica: Replica, inbox_id: int) -> bool:
    async with database.one_shot() as tx:
        return await replicas.owns(tx, inbox_id, replica_id=replica.id)


async def _clock(database: PostgresDatabase) -> int:
    async with database.read() as tx:
        return int((await rows_of(tx, "SELECT clock_ms()"))[0][0])
