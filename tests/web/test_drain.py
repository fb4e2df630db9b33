"""The end of a process with a webhook: ready goes first, what is under way is answered, nothing stored is lost."""

import asyncio
import json

import aiohttp
import pytest

from bot import web
from bot.settings import Listen
from bot.web import Front
from storage.database import Database
from tests.waiting import eventually
from tests.web.desk import PATH, Desk, desk_of, free_port, message
from tests.web.test_endpoint import locked


async def _under_way(desk: Desk, number: int) -> None:
    async def look() -> bool:
        return len(desk.front._listeners[0]._busy) == number

    await eventually(look, f"{number} requests under way")


async def test_ready_goes_first_and_updates_are_taken_for_the_grace(database: Database) -> None:
    """Proves that a drain says it is not ready, takes updates for its grace, and then nobody can connect."""
    async with desk_of(database, grace=1.0) as desk:
        assert await desk.get("/readyz") == 200
        draining = asyncio.create_task(desk.front.drain())
        await asyncio.sleep(0)
        assert [await desk.get("/readyz"), await desk.get("/healthz")] == [503, 200]
        assert await desk.bring(message(1)) == 200
        assert not draining.done()
        await draining
        with pytest.raises(aiohttp.ClientConnectorError):
            await desk.bring(message(2))
        await desk.drained()
        assert await desk.stored() == [1]
        assert len(desk.handled) == 1


async def test_what_is_under_way_is_answered(desk: Desk) -> None:
    """Proves that a request whose update is being stored gets its 200 although the listener is closed already."""
    with locked(desk.file):
        bringing = asyncio.create_task(desk.post(json.dumps(message(1)).encode()))
        await _under_way(desk, 1)
        draining = asyncio.create_task(desk.front.drain())

        await asyncio.wait_for(desk.front._closing.wait(), 10)
        with pytest.raises(aiohttp.ClientConnectorError):
            await desk.bring(message(2))
        assert not bringing.done()
    status, headers, _ = await bringing
    assert (status, headers["Connection"]) == (200, "close")
    await draining
    assert await desk.stored() == [1]


async def test_what_cannot_be_answered_in_time_comes_to_the_next_process(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves that a store that outlasts the drain is given up unanswered, and has one effect when it comes again."""
    monkeypatch.setattr(web, "CLOSE_SECONDS", 0.1)
    monkeypatch.setattr(web, "LATE_SECONDS", 0.1)
    async with desk_of(database) as desk:
        with locked(desk.file):
            bringing = asyncio.create_task(desk.bring(message(1)))
            await _under_way(desk, 1)
            await desk.front.drain()
            with pytest.raises(aiohttp.ClientError):
                await bringing
            assert not desk.front._storing
        assert await desk.stored() == []
    async with desk_of(database) as desk:
        assert [await desk.bring(message(1)), await desk.bring(message(1))] == [200, 200]
        await desk.drained()
        assert await desk.stored() == [1]
        assert len(desk.handled) == 1


async def test_who_waits_for_room_is_sent_away_at_once(database: Database) -> None:
    """Proves that a drain does not wait for requests that wait for room: they get a 503 and nothing is stored."""
    async with desk_of(database, room=1) as desk:
        desk.gate.clear()
        assert await desk.bring(message(1, sender=1)) == 200
        waiting = [asyncio.create_task(desk.bring(message(n, sender=n))) for n in (2, 3)]
        await _under_way(desk, 2)
        await desk.front.drain()
        assert await asyncio.gather(*waiting) == [503, 503]
        assert await desk.stored() == [1]


async def test_a_poller_tells_a_balancer_too(database: Database) -> None:
    """Proves that without a webhook HEALTH_LISTEN says alive and ready, from first to last, and no more."""
    port = free_port()
    front = Front(None, health=Listen("HEALTH_LISTEN", "127.0.0.1", port), grace=60)
    async with desk_of(database) as desk, aiohttp.ClientSession() as session:

        async def asked(path: str) -> int:
            async with session.get(f"http://127.0.0.1:{port}{path}") as response:
                return response.status

        await front.open()
        try:
            assert [await asked("/healthz"), await asked("/readyz")] == [200, 503]
            front.begin(desk.intake.receive, desk.turnstile)
            assert [await asked("/healthz"), await asked("/readyz"), await asked(PATH)] == [200, 200, 404]
            await front.drain()
            assert [await asked("/healthz"), await asked("/readyz")] == [200, 503]
            front.begin(desk.intake.receive, desk.turnstile)  # the start was stopped before it was over
            assert await asked("/readyz") == 503
        finally:
            await front.close()
        with pytest.raises(aiohttp.ClientConnectorError):
            await asked("/healthz")


async def test_a_start_that_is_stopped_keeps_nobody_waiting(database: Database) -> None:
    """Proves that a process told to stop before it was ready sends requests away without its grace."""
    async with desk_of(database, begun=False, grace=60) as desk:
        early = asyncio.create_task(desk.bring(message(1)))
        await _under_way(desk, 1)
        await desk.front.drain()
        assert await early == 503
