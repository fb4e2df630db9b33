"""Bad input to the emulator itself: it answers in words, or hangs up, keeps its memory, and goes on."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from bot.emulator import guard, reading, server
from bot.emulator.running import running
from tests.emulator.rawbot import TOKEN, RawBot, raw_bot
from tests.emulator_process import emulator_process
from tests.phone import Phone
from tests.pictures import screenshot

CALL = f"/bot{TOKEN}/getMe"
MEGABYTE = 1 << 20
PATIENCE_SECONDS = 20.0
SILENCE_SECONDS = 0.5


async def _say(base_url: str, data: bytes) -> bytes:
    """Say some bytes on a new connection and answer what comes back; after a silence the talk is ended from here."""
    reader, writer = await asyncio.open_connection(URL(base_url).host, URL(base_url).port)
    try:
        with contextlib.suppress(ConnectionError):
            writer.write(data)
            await writer.drain()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SILENCE_SECONDS):
                    return await reader.read(1 << 16)
            writer.write_eof()
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await reader.read(1 << 16)
        return b""
    finally:
        writer.close()


def _post(headers: str, body: bytes = b"", path: str = CALL) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode() + body


GARBAGE = {
    "nothing": b"",
    "line ends": b"\r\n" * 1000,
    "NULs": b"\0" * 5000,
    "TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
    "words": b"hello there\r\n\r\n",
    "no version": f"GET {CALL}\r\n\r\n".encode(),
    "version 9": f"GET {CALL} HTTP/9.9\r\nHost: localhost\r\n\r\n".encode(),
    "unknown verb": f"BREW {CALL} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(),
    "no path": b"GET  HTTP/1.1\r\n\r\n",
    "long path": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "path of NULs": b"GET /bot%00/%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    "path no utf-8": b"GET /bot%ff%fe/%c0%af HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    "whole address": f"GET http://e.com{CALL} HTTP/1.1\r\nHost: e.com\r\nConnection: close\r\n\r\n".encode(),
    "connect": b"CONNECT e.com:443 HTTP/1.1\r\nHost: e.com\r\nConnection: close\r\n\r\n",
    "long header": _post("X: " + "y" * 200_000 + "\r\n"),
    "many headers": _post("".join(f"X{number}: y\r\n" for number in range(20_000))),
    "header without colon": _post("no colon\r\n"),
    "header with NUL": _post("X: a\0b\r\n"),
    "no host": f"GET {CALL} HTTP/1.1\r\nConnection: close\r\n\r\n".encode(),
    "length negative": _post("Content-Length: -5\r\n"),
    "length no number": _post("Content-Length: many\r\n"),
    "two lengths": _post("Content-Length: 5\r\nContent-Length: 6\r\n", b"{}   "),
    "length and chunks": _post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    "length too long": _post("Content-Type: application/json\r\nContent-Length: 500\r\n", b"{}"),
    "length huge": _post(f"Content-Length: {'9' * 30}\r\n"),
    "chunk no number": _post("Transfer-Encoding: chunked\r\n", b"zz\r\nhello\r\n"),
    "chunk negative": _post("Transfer-Encoding: chunked\r\n", b"-1\r\nhello\r\n"),
    "chunk huge": _post("Transfer-Encoding: chunked\r\n", b"ffffffffffffffff\r\nhello"),
    "chunk extension": _post("Transfer-Encoding: chunked\r\n", b"1;" + b"x" * 100_000),
    "unknown coding": _post("Transfer-Encoding: rot13\r\n"),
    "no gzip": _post("Content-Encoding: gzip\r\nContent-Type: application/json\r\nContent-Length: 5\r\n", b"hello"),
    "upgrade": f"GET {CALL} HTTP/1.1\r\nHost: localhost\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n".encode(),
    "http 2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
async def test_garbage_is_answered_or_hung_up_on(bot: RawBot, garbage: bytes) -> None:
    """Whatever a connection says, it ends; if it is answered then not with a fault, and the next call is answered."""
    answer = await _say(bot.base_url, garbage)
    assert not answer or answer.startswith(b"HTTP/"), answer[:100]
    assert b" 500 " not in answer[:20], answer
    assert (await bot.call("getMe")).result


async def test_halves_of_requests_hold_nobody_up(bot: RawBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of connections that never finish their request, and some that drip, leave room for the others."""
    monkeypatch.setattr(reading, "BODY_SECONDS", 0.3)
    beginnings = [b"", b"P", b"POST " + CALL.encode(), _post("Content-Length: 100\r\n")[:-2], _post("X: y")]
    connections = [await asyncio.open_connection(URL(bot.base_url).host, URL(bot.base_url).port) for _ in range(300)]
    try:
        for number, (_, writer) in enumerate(connections):
            writer.write(beginnings[number % len(beginnings)])
        monkeypatch.setattr(sys.modules[__name__], "SILENCE_SECONDS", 5)
        slow = await _say(bot.base_url, _post("Content-Type: application/json\r\nContent-Length: 9\r\n", b"{"))
        assert slow.startswith(b"HTTP/1.1 408 ")
        assert json.loads(slow.partition(b"\r\n\r\n")[2])["error_code"] == 408
        for _ in range(20):
            assert (await bot.call("getMe")).result
    finally:
        for _, writer in connections:
            writer.close()


@pytest.mark.parametrize(
    ("token", "status"),
    [
        ("..%2f..", 404),
        ("%2e%2e", 404),
        ("", 404),
        ("123", 404),
        (":" * 50, 404),
        ("0" * 200, 404),
        ("1:" + "A" * 200, 401),
        ("1:" + "%c3%a9" * 35, 401),
        ("%d9%a1%d9%a2:" + "A" * 35, 404),
        ("123:" + "A" * 34 + "%0a", 401),
        ("123:" + "A" * 34 + "%00", 401),
        ("9" * 30 + ":" + "A" * 35, 401),
    ],
)
async def test_odd_tokens(bot: RawBot, token: str, status: int) -> None:
    """A token that is none gets Telegram's 404, one that only looks like one its 401, in Telegram's form."""
    async with bot.session.get(URL(f"{bot.base_url}/bot{token}/getMe", encoded=True)) as response:
        told = await response.json()
    assert (told["ok"], told["error_code"], response.status) == (False, status, status)
    assert told["description"] == ("Not Found" if status == 404 else "Unauthorized")


async def test_no_token_makes_room_for_endless_bots(bot: RawBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many bots a new token is not authorised, and the known ones go on."""
    monkeypatch.setattr(server, "MAX_BOTS", 3)
    statuses = []
    for number in range(5):
        async with bot.session.get(f"{bot.base_url}/bot{number}:{'A' * 35}/getMe") as response:
            statuses.append(response.status)
    assert statuses == [200, 200, 401, 401, 401]
    assert (await bot.call("getMe")).result


async def test_file_paths_lead_nowhere_else(bot: RawBot, ali: Phone) -> None:
    """A download answers the path that getFile gave, and none that tries to climb, whichever way it is written."""
    await ali.send_document(b"words", "a.txt")
    file_id = (await bot.update("message"))["document"]["file_id"]
    path = (await bot.call("getFile", file_id=file_id)).result["file_path"]
    tricks = (
        "../../etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/etc/passwd",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "C:%5cwindows%5cwin.ini",
        f"./{path}",
        f"photos/../{path}",
        f"{path}/",
        f"{path}%00",
        f"{path}%00.jpg",
        f"{path}?x",
        path.replace("documents", "photos"),
        path.upper(),
        "documents/file_٣.txt",
        "documents/file_" + "9" * 5000 + ".txt",
        "x" * 5000,
        "",
    )
    for trick in tricks[:-7]:
        async with bot.session.get(URL(f"{bot.base_url}/file/bot{TOKEN}/{trick}", encoded=True)) as response:
            if trick.startswith(("./", "photos/..")):  # the client's own normal form of the right path
                continue
            assert response.status == (200 if trick.endswith("?x") else 404), trick
    async with bot.session.get(f"{bot.base_url}/file/bot{TOKEN}/{path}") as response:
        assert await response.read() == b"words"


@pytest.mark.parametrize(
    "path",
    [
        "../server.py", "..%2fserver.py", "%2e%2e/server.py", "%2fetc%2fpasswd", "/etc/passwd", "a%00b", "x" * 5000,
        "%ff", "..%5cserver.py", "", ".", "..", "con", "app.js%00",
    ],
)  # fmt: skip
async def test_the_pages_folder_is_not_left(bot: RawBot, path: str) -> None:
    """The page's files are served, and nothing beside them."""
    answer = await _say(
        bot.base_url, f"GET /web/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    )
    assert answer.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 ")), answer[:200]
    assert b"import" not in answer


STRANGERS: list[dict[str, str]] = [
    {"Host": "evil.example"},
    {"Host": "127.0.0.1.evil.example"},
    {"Host": "localhost.evil.example:80"},
    {"Host": "[::2]"},
    {"Host": "[bad"},
    {"Origin": "http://evil.example"},
    {"Origin": "https://localhost"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("headers", STRANGERS, ids=str)
async def test_pages_from_elsewhere_drive_nothing(bot: RawBot, ali: Phone, headers: dict[str, str]) -> None:
    """A page of another origin, or of a name that points here, reaches neither the door nor the Bot API."""
    before = await ali.chat()
    text = {"text": "driven"}
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", f"/door/people/{ali.id}/text", {"json": text}),
        ("POST", f"/door/people/{ali.id}/text", {"data": json.dumps(text), "headers": {"Content-Type": "text/plain"}}),
        ("GET", "/door/people", {}),
        ("GET", "/door/events", {}),
        ("GET", "/door/files/x", {}),
        ("POST", CALL.replace("getMe", "sendMessage"), {"data": {"chat_id": str(ali.id), **text}}),
        ("GET", CALL.replace("getMe", "sendMessage"), {"params": {"chat_id": str(ali.id), **text}}),
    ]
    for method, path, more in calls:
        sent = {**more, "headers": {**more.get("headers", {}), **headers}}
        async with bot.session.request(method, bot.base_url + path, **sent) as response:
            assert response.status == 403, (method, path)
            told = await response.json()
            assert guard.NOT_HERE in (told.get("error"), told.get("description"))
    assert await ali.chat() == before


async def test_the_own_page_and_links_to_it_are_let_in(bot: RawBot, ali: Phone) -> None:
    """The page's own requests pass under either name of this machine, and the page itself opens from a link."""
    port = URL(bot.base_url).port
    for name in ("127.0.0.1", "localhost", "LocalHost", "[::1]"):
        headers = {"Host": f"{name}:{port}", "Origin": f"http://{name}:{port}", "Sec-Fetch-Site": "same-origin"}
        url = f"{bot.base_url}/door/people/{ali.id}/text"
        async with bot.session.post(url, json={"text": "mine"}, headers=headers) as response:
            assert response.status == 200
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    async with bot.session.get(bot.base_url + "/", headers=headers) as response:
        assert response.status == 200


def _listening(port: int) -> set[str]:
    """Answer the addresses of this machine on which somebody listens at a port."""
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return {row[1].partition(":")[0] for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")}


async def test_it_listens_to_this_machine_only(base_url: str) -> None:
    """The only socket on its port is bound to 127.0.0.1."""
    port = URL(base_url).port
    assert port is not None
    assert _listening(port) == {"0100007F"}


@pytest.mark.parametrize("place", [{"latitude": "NaN", "longitude": 0}, {"latitude": 1e400, "longitude": 0}, {}])
async def test_a_place_is_on_the_globe(bot: RawBot, ali: Phone, place: dict[str, Any]) -> None:
    """A place of no numbers never becomes an update, which could not be written as JSON."""
    async with bot.session.post(f"{bot.base_url}/door/people/{ali.id}/location", json=place) as response:
        assert response.status == 400
    assert await bot.updates() == []


async def test_json_counts_as_far_as_it_goes(bot: RawBot, ali: Phone) -> None:
    """As at Telegram, what stands before the mistake in a broken body counts, and what follows is not there."""
    url, headers = bot.url("sendMessage"), {"Content-Type": "application/json"}
    start = f'{{"chat_id": {ali.id}, "text": "x", '.encode()
    for rest in (b'"te', b'"text"', b'"text":', b'"text": [', b"}", b'"text": "y" "z"', b"\xff\xfe", b'"a": "\\ud8'):
        async with bot.session.post(url, data=start + rest, headers=headers) as response:
            assert (await response.json())["result"]["text"] in ("x", "y"), rest
    for body in (b"", b"[1]", b'"x"', b"1", b"{", b"null", b"[" * 100_000, b'{"chat_id": ' + b"[" * 100_000):
        async with bot.session.post(url, data=body, headers=headers) as response:
            told = await response.json()
            assert (response.status, told["ok"]) == (400, False), body[:50]


@pytest.mark.parametrize("depth", [120, 900, 940, 960, 1500, 50_000])
async def test_deep_json_goes_nowhere(bot: RawBot, ali: Phone, depth: int) -> None:
    """What is nested deeper than Telegram reads is not taken, is written nowhere, and stands in nobody's way."""
    await bot.updates()
    deep = "[" * depth + "]" * depth
    headers = {"Content-Type": "application/json"}
    for field in ("reply_markup", "entities", "no_such_field"):
        body = f'{{"chat_id": {ali.id}, "text": "x", "{field}": {deep}}}'
        async with bot.session.post(bot.url("sendMessage"), data=body, headers=headers) as response:
            assert response.status == 200
        as_text = await bot.call("sendMessage", chat_id=ali.id, text="x", **{field: deep})
        assert as_text.status == (400 if field == "reply_markup" else 200)
    async with bot.session.post(f"{bot.base_url}/door/updates", data=f'{{"update": {{"a": {deep}}}}}') as response:
        assert response.status == 400
    assert await ali.telegram.traffic(method="sendMessage")
    assert await bot.updates() == []


# -- bodies too large, against an emulator in a process of its own ---------------------------------------------


def _resident(pid: int) -> int:
    """Answer how much memory a process holds, in megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 // MEGABYTE


async def _stream(megabytes: int, head: bytes = b"") -> AsyncIterator[bytes]:
    if head:
        yield head
    for _ in range(megabytes):
        yield bytes(MEGABYTE)


@contextlib.asynccontextmanager
async def _own_process(tmp_path: Path) -> AsyncIterator[tuple[RawBot, int]]:
    pids: list[int] = []
    async with emulator_process(tmp_path, "--no-limits", pids=pids) as base_url, raw_bot(base_url) as bot:
        yield bot, pids[0]


async def test_bodies_too_large_are_refused_and_not_kept(tmp_path: Path) -> None:
    """A gigabyte announced, and far more than 60 MB sent in every way there is, get a 413; memory comes back."""
    part = b'--x\r\nContent-Disposition: form-data; name="document"; filename="a"\r\n\r\n'
    multipart = {"Content-Type": "multipart/form-data; boundary=x"}
    async with _own_process(tmp_path) as (bot, pid):
        before = _resident(pid)
        for announced in (1 << 30, 1 << 60):
            answer = await _say(bot.base_url, _post(f"Content-Length: {announced}\r\n", b"x" * 1000))
            assert answer.startswith(b"HTTP/1.1 413 "), announced
        ways: list[tuple[str, dict[str, str], bytes]] = [
            ("sendDocument", multipart, part),
            ("sendMessage", {"Content-Type": "application/json"}, b'{"text": "'),
            ("sendMessage", {"Content-Type": "application/x-www-form-urlencoded"}, b"text="),
        ]
        for _ in range(2):
            for method, headers, head in ways:
                with contextlib.suppress(aiohttp.ClientConnectionError):
                    async with bot.session.post(bot.url(method), data=_stream(70, head), headers=headers) as response:
                        assert response.status == 413
                        assert (await response.json())["error_code"] == 413
                assert (await bot.call("getMe")).result
            async with bot.session.post(
                f"{bot.base_url}/door/updates", data=_stream(70), headers={"Content-Type": "application/json"}
            ) as response:
                assert response.status == 413
        for number in range(300):
            await bot.call("sendMessage", chat_id=number, text="x" * 200_000, entities=[{"x": "y" * 100_000}])
        assert (await bot.call("getMe")).result
        assert _resident(pid) - before < 150


async def test_a_bomb_of_gzip_does_not_go_off(tmp_path: Path) -> None:
    """A small body that unpacks to a hundred megabytes is refused at its first one."""
    bomb = gzip.compress(b'{"text": "' + bytes(100 * MEGABYTE))
    async with _own_process(tmp_path) as (bot, pid):
        before = _resident(pid)
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        async with bot.session.post(bot.url("sendMessage"), data=bomb, headers=headers) as response:
            assert response.status == 413
        assert (await bot.call("getMe")).result
        assert _resident(pid) - before < 100


async def test_pictures_that_unpack_to_much_are_refused(bot: RawBot, ali: Phone) -> None:
    """A picture is judged by its header, before its pixels take any room."""
    small = screenshot(1)
    bomb = small[:16] + (60_000).to_bytes(4, "big") * 2 + small[24:]
    refused = await bot.form("sendPhoto", {"photo": ("p.png", bomb)}, chat_id=str(ali.id))
    assert refused.status == 400
    assert (await bot.call("getMe")).result


async def test_it_ends_cleanly_with_connections_open() -> None:
    """Neither half a request nor an open event stream keeps it from ending."""
    async with running(port=0, limits=False) as base_url:
        connections = [await asyncio.open_connection(URL(base_url).host, URL(base_url).port) for _ in range(5)]
        for _, writer in connections:
            writer.write(_post("Content-Length: 100\r\n", b"{"))
        _, events = await asyncio.open_connection(URL(base_url).host, URL(base_url).port)
        events.write(b"GET /door/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async with raw_bot(base_url) as bot:
            assert (await bot.call("getMe")).result
    for _, writer in [*connections, (None, events)]:
        writer.close()
