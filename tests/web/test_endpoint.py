"""The webhook's endpoint: who may bring what, what is stored when it answers 200, and what it never waits for."""

import asyncio
import contextlib
import gzip
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot import web
from bot.web import BODY_BYTES, HEADER
from storage.database import Database
from tests.waiting import eventually
from tests.web.desk import PATH, SECRET, Desk, desk_of, head, message

CANARY = "canary-of-somebody"


async def test_the_secret_opens_and_nothing_else_does(desk: Desk) -> None:
    """Proves that no secret, a part, more, another case and odd bytes store nothing, and that the right one does."""
    body = json.dumps(message(1)).encode()
    length = f"Content-Length: {len(body)}"
    wrong = [None, "", "x", SECRET[:-1], SECRET + "x", SECRET.swapcase(), f"Bearer {SECRET}", "\udcff\udcfe", "é"]
    for secret in wrong:
        assert await desk.raw(head(length, secret=secret), body) == "HTTP/1.1 403 Forbidden", secret
    assert await desk.stored() == []
    assert await desk.raw(head(length), body) == "HTTP/1.1 200 OK"
    assert await desk.stored() == [1]


async def test_an_answer_says_nothing_but_its_status(desk: Desk) -> None:
    """Proves that 200 has an empty body, so that it asks Telegram for nothing, and names no library."""
    status, headers, body = await desk.post(json.dumps(message(1)).encode())
    assert (status, body, headers["Server"]) == (200, b"", "bot")
    assert await desk.stored() == [1]


async def test_what_is_no_update_is_refused_and_not_stored(desk: Desk) -> None:
    """Proves the status of each wrong request, that nothing of it is stored, and that no word of it is logged."""
    update = json.dumps(message(1, CANARY)).encode()
    length = f"Content-Length: {len(update)}"
    heads = [
        (head(length, method="PUT"), 405),
        (head(length, method="DELETE"), 405),
        (head(length, path="/"), 404),
        (head(length, path=f"{PATH}/"), 404),
        (head(length, path=PATH.lower()), 404),
        (head(length, path=f"{PATH}?{CANARY}"), 404),
        (head(length, path=f"/{CANARY}"), 404),
        (head(length, path="/healthz"), 405),
        (head(length, kind="text/plain"), 415),
        (head(length, kind=f"multipart/form-data; boundary={CANARY}"), 415),
        (head(length, method=CANARY), 400),
        (f"{CANARY} {CANARY}\r\n\r\n".encode(), 400),
    ]
    bodies: list[Any] = [
        *(CANARY, f'{{"{CANARY}"', "", "[]", f'["{CANARY}"]', "7", "null", "\\ud800", "[" * 100_000),
        *(
            f'{{"update_id": {number}, "x": "{CANARY}"}}'
            for number in ('"7"', "true", "null", "1.5", 2**63, "1" * 5000)
        ),
    ]
    with capture_logs() as logs:
        for given, status in heads:
            assert (await desk.raw(given, update)).split()[1] == str(status), given
        for given in bodies:
            assert (await desk.post(given.encode()))[0] == 400, given[:80]
        assert (await desk.post(b"\xff\xfe\xfa"))[0] == 400
        assert (await desk.post(gzip.compress(update), **{"Content-Encoding": "gzip"}))[0] == 400
    assert await desk.stored() == []
    assert CANARY not in str(logs)
    assert SECRET not in str(logs)
    assert {entry["status"] for entry in logs if entry["event"] == "requests_refused"} == {400, 404, 405, 415}
    assert len(logs) == 4, "one line a minute for each kind of refusal"


async def test_a_body_has_at_most_a_megabyte(desk: Desk) -> None:
    """Proves that a body too big is refused, whether it says so or not, and that the biggest one is taken."""
    empty = len(json.dumps(message(1, "")))
    fits = json.dumps(message(1, "x" * (BODY_BYTES - empty))).encode()
    assert len(fits) == BODY_BYTES
    assert await desk.raw(head(f"Content-Length: {BODY_BYTES + 1}")) == "HTTP/1.1 413 Request Entity Too Large"

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(fits), 1 << 16):
            yield fits[start : start + (1 << 16)]
        yield b" "

    assert (await desk.post(parts()))[0] == 413
    assert await desk.stored() == []
    assert (await desk.post(fits))[0] == 200
    assert await desk.stored() == [1]


async def test_who_sends_slowly_keeps_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that a body, a head, and a connection on which nothing comes are each given up after their time."""
    monkeypatch.setattr(web, "BODY_SECONDS", 0.2)
    slow = asyncio.create_task(desk.raw(head("Content-Length: 500"), b'{"update_id": 1, '))
    assert await desk.bring(message(2)) == 200
    assert await slow == "HTTP/1.1 408 Request Timeout"
    assert await desk.stored() == [2]


async def test_a_connection_that_says_nothing_is_closed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that half a head, and no head, end the connection after a while without an answer."""
    monkeypatch.setattr(web, "KEEP_SECONDS", 0.3)
    async with desk_of(database) as desk:
        assert list(await asyncio.gather(desk.raw(head()[:40]), desk.raw())) == ["", ""]
        assert await desk.bring(message(1)) == 200


async def test_idle_connections_keep_telegram_out_of_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that with too many connections the oldest that only wait are closed, and requests are answered."""
    monkeypatch.setattr(web, "CONNECTIONS", 8)
    idle = [await asyncio.open_connection("127.0.0.1", desk.port) for _ in range(30)]
    try:
        assert await desk.bring(message(1)) == 200
        for reader, _ in idle[:23]:
            async with asyncio.timeout(10):
                assert await reader.read() == b""
        assert [reader.at_eof() for reader, _ in idle[23:]] == [False] * 7
    finally:
        for _, writer in idle:
            writer.close()


async def test_an_update_that_comes_again_has_one_effect(desk: Desk) -> None:
    """Proves that an id that comes twice, and ten times at once, is stored and handled once, and answered 200."""
    assert [await desk.bring(message(1)), await desk.bring(message(1))] == [200, 200]
    assert await asyncio.gather(*(desk.bring(message(2)) for _ in range(10))) == [200] * 10
    await desk.drained()
    assert await desk.stored() == [1, 2]
    assert desk.handled == [row for row, _ in await desk.rows()]


async def test_what_is_answered_is_on_the_disk(desk: Desk) -> None:
    """Proves that another process finds every update in the file at the moment its 200 is read."""
    seen: list[list[int]] = []
    for number in range(1, 6):
        assert await desk.bring(message(number)) == 200
        seen.append(look(desk.file))
    assert seen == [list(range(1, number + 1)) for number in range(1, 6)]


def look(path: Path) -> list[int]:
    """Read the update ids that are stored, from outside."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT update_id FROM inbox ORDER BY id")]


@contextlib.contextmanager
def locked(path: Path) -> Any:
    """Keep everybody else from writing while the block lasts."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def test_a_locked_database_sends_telegram_away_until_it_is_free(desk: Desk) -> None:
    """Proves that a locked database answers 503 with a time, stores nothing, and that the next try has one effect."""
    await desk.writer.execute_fetchall("PRAGMA busy_timeout=20")
    with capture_logs() as logs, locked(desk.file):
        for _ in range(3):
            status, headers, _ = await desk.post(json.dumps(message(1, CANARY)).encode())
            assert (status, headers["Retry-After"]) == (503, "2")
    assert CANARY not in str(logs)
    assert [entry["event"] for entry in logs].count("update_not_stored") == 3
    assert await desk.stored() == []
    assert [await desk.bring(message(1)), await desk.bring(message(1))] == [200, 200]
    await desk.drained()
    assert await desk.stored() == [1]
    assert len(desk.handled) == 1


async def test_an_update_stored_too_late_is_handled_all_the_same(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that a store that outlasts its request is answered 503, and has one effect though it comes again."""
    monkeypatch.setattr(web, "STORE_SECONDS", 0.1)
    with locked(desk.file):
        assert await desk.bring(message(1)) == 503
    monkeypatch.undo()
    assert await desk.bring(message(1)) == 200
    await desk.drained()
    assert await desk.stored() == [1]
    assert len(desk.handled) == 1


async def test_what_fills_the_turnstile_waits_at_telegram(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that a request waits for room before it is stored, goes in when there is some, and else gets a 503."""
    async with desk_of(database, room=3) as desk:
        desk.gate.clear()
        for number in range(1, 4):
            assert await desk.bring(message(number, sender=number)) == 200
        monkeypatch.setattr(web, "ROOM_SECONDS", 0.1)
        assert await desk.bring(message(4, sender=4)) == 503
        assert await desk.stored() == [1, 2, 3]
        monkeypatch.setattr(web, "ROOM_SECONDS", 60.0)
        waiting = [asyncio.create_task(desk.bring(message(number, sender=number))) for number in range(4, 9)]

        async def under_way() -> bool:
            return len(desk.front._listeners[0]._busy) == 5

        await eventually(under_way, "five requests wait")
        assert await desk.stored() == [1, 2, 3]
        desk.gate.set()
        assert await asyncio.gather(*waiting) == [200] * 5
        await desk.drained()
        assert sorted(await desk.stored()) == list(range(1, 9))
        assert sorted(desk.handled) == [row for row, _ in await desk.rows()]


async def test_a_flooding_member_fills_no_room(database: Database) -> None:
    """Proves that hundreds of updates of one member, handled slowly, keep no request waiting and are all handled."""
    async with desk_of(database, room=60) as desk:
        desk.gate.clear()
        for number in range(1, 301):
            assert await desk.bring(message(number)) == 200
        assert await desk.bring(message(301, sender=8)) == 200
        desk.gate.set()
        await desk.drained()
        assert len(desk.handled) == len(set(desk.handled)) == 301


async def test_nothing_is_taken_before_what_an_earlier_process_left(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves that before the start is over the process is alive but not ready, and that a request waits for it."""
    async with desk_of(database, begun=False) as desk:
        assert [await desk.get("/healthz"), await desk.get("/readyz")] == [200, 503]
        monkeypatch.setattr(web, "ROOM_SECONDS", 0.1)
        assert await desk.bring(message(1)) == 503
        monkeypatch.setattr(web, "ROOM_SECONDS", 60.0)
        early = asyncio.create_task(desk.bring(message(1)))
        assert await desk.get("/readyz") == 503
        assert await desk.stored() == []
        desk.begin()
        assert await early == 200
        assert await desk.get("/readyz") == 200


async def test_health_is_nothing_but_two_paths(desk: Desk) -> None:
    """Proves that a balancer may look at both, and that what else it asks is refused."""
    assert [await desk.get(path) for path in ("/healthz", "/readyz", "/metrics", "/", PATH)] == [
        200,
        200,
        404,
        404,
        405,
    ]
    async with desk.session.head(desk.url("/readyz")) as response:
        assert response.status == 200
    async with desk.session.post(desk.url("/healthz"), headers={HEADER: SECRET}) as response:
        assert response.status == 405
