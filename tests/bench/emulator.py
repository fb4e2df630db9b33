"""How fast the emulator is: raw connections, no library and no page; messages and cards in, updates out, with its CPU.

    python -m tests.bench.emulator [--seconds N]

The emulator runs as its users start it, headless, in a process of its own. The state file is measured as well: the
same messages with one, and the longest that any answer took while it was written.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from tests.bench.processes import ROOT, cpu_seconds

CONNECTIONS = 16
PEOPLE = 200
UPDATES = 10_000
BOT = "/bot123456:" + "E" * 35
KEYBOARD = {
    "inline_keyboard": [
        *(
            [{"text": f"{row}{column}", "callback_data": f"wk.show:{row}{column}:7"} for column in "ABCD"]
            for row in "12"
        ),
        [{"text": "Next ›", "callback_data": "br.page:2"}, {"text": "🏠 Home", "callback_data": "nv.home"}],
    ]
}
CARD = "🗂 <b>All jobs</b> · newest first\n\n" + "".join(
    f"{number}. <b>$0.{number}5</b> · 6 min · about $5.00/h\nOne photo of your tea &amp; coffee cups\n\n"
    for number in range(1, 9)
)


@dataclass(frozen=True, slots=True)
class Speed:
    """What one part came to."""

    name: str
    rate: float
    cpu_us: float
    longest_ms: float
    wanted: int


@dataclass(slots=True)
class Tally:
    """What the connections counted together."""

    until: float
    answers: int = 0
    longest: float = 0.0
    refused: bytes = b""
    ended: list[asyncio.Future[None]] = field(default_factory=list)


class Line(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, requests: Iterator[bytes], tally: Tally, over: asyncio.Future[None]) -> None:
        self.requests, self.tally, self.over = requests, tally, over
        self.buffer = b""
        self.asked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.over.done():
            self.over.set_result(None)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found or len(body) < int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]):
            return
        if b'"ok":true' not in body[:12] and not body.startswith((b"{", b"[")):
            self.tally.refused = body
        if b" 200 " not in head[:14]:
            self.tally.refused = body
        self.buffer = b""
        now = time.perf_counter()
        self.tally.answers += 1
        self.tally.longest = max(self.tally.longest, now - self.asked_at)
        if now < self.tally.until:
            self._ask()
        else:
            self.transport.close()

    def _ask(self) -> None:
        request = next(self.requests, None)
        if request is None:
            self.transport.close()
            return
        self.asked_at = time.perf_counter()
        self.transport.write(request)


def request(path: str, body: object) -> bytes:
    """Write a call down as it goes over the wire."""
    raw = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(raw)}"
    return head.encode() + b"\r\n\r\n" + raw


async def hammer(port: int, requests: Iterator[bytes], *, seconds: float, lines: int = CONNECTIONS) -> Tally:
    """Send requests over several connections, as fast as the answers come, until there are no more or time is up."""
    loop = asyncio.get_running_loop()
    tally = Tally(until=time.perf_counter() + seconds)
    for _ in range(lines):
        over: asyncio.Future[None] = loop.create_future()
        tally.ended.append(over)
        await loop.create_connection(lambda over=over: Line(requests, tally, over), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*tally.ended)
    if tally.refused:
        raise RuntimeError(f"the emulator refused: {tally.refused[:300]!r}")
    return tally


def _messages(make: Callable[[int], object]) -> Iterator[bytes]:
    ready = [request(f"{BOT}/sendMessage", make(1_000 + number)) for number in range(PEOPLE)]
    while True:
        yield from ready


def _plain(person: int) -> object:
    return {"chat_id": person, "text": f"Your proof {person} was approved: +$0.50. Thank you!"}


def _card(person: int) -> object:
    return {"chat_id": person, "text": f"{CARD}Page {person}", "parse_mode": "HTML", "reply_markup": KEYBOARD}


async def _bring_in(port: int) -> None:
    """Make the people, who all press Start."""
    people = [request("/door/people", {"id": 1_000 + n, "first_name": f"P{n}"}) for n in range(PEOPLE)]
    starts = [request(f"/door/people/{1_000 + n}/text", {"text": "/start"}) for n in range(PEOPLE)]
    await hammer(port, iter([request(f"{BOT}/getMe", {})]), seconds=10, lines=1)
    await hammer(port, iter(people), seconds=30)
    await hammer(port, iter(starts), seconds=30)


async def _measure(port: int, pid: int, name: str, requests: Iterator[bytes], *, seconds: float, wanted: int) -> Speed:
    before, started = cpu_seconds(pid), time.perf_counter()
    tally = await hammer(port, requests, seconds=seconds)
    took, used = time.perf_counter() - started, cpu_seconds(pid) - before
    return Speed(name, tally.answers / took, used / tally.answers * 1e6, tally.longest * 1000, wanted)


async def _updates_out(port: int, pid: int) -> Speed:
    """Let people write, then poll all of it in batches of a hundred, as a bot does that was away."""
    texts = [request(f"/door/people/{1_000 + n % PEOPLE}/text", {"text": f"hello {n}"}) for n in range(UPDATES)]
    await hammer(port, iter(texts), seconds=120)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    offset, count, longest = 0, 0, 0.0
    before, started = cpu_seconds(pid), time.perf_counter()
    while True:
        asked = time.perf_counter()
        writer.write(request(f"{BOT}/getUpdates", {"offset": offset, "limit": 100}))
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        longest = max(longest, time.perf_counter() - asked)
        batch = json.loads(body)["result"]
        if not batch:
            break
        count += len(batch)
        offset = batch[-1]["update_id"] + 1
    took, used = time.perf_counter() - started, cpu_seconds(pid) - before
    writer.close()
    assert count >= UPDATES, f"only {count} updates came"
    return Speed("updates out, polled by the hundred", count / took, used / count * 1e6, longest * 1000, 5_000)


async def measure(*, seconds: float, state: Path | None = None) -> list[Speed]:
    """Run an emulator and all parts against it; with a state file only what tells what that costs."""
    options = ["--state", str(state)] if state is not None else []
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "emulator", "--port", "0", "--headless", "--no-limits", *options),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        port = int((await process.stdout.readline()).rsplit(b":", 1)[1])
        await _bring_in(port)
        found = []
        for name, make, wanted in (("plain sendMessage", _plain, 5_000), ("cards: HTML and ten buttons", _card, 2_000)):
            label = name if state is None else f"{name}, with a state file"
            found.append(
                await _measure(
                    port, process.pid, label, _messages(make), seconds=seconds, wanted=wanted if state is None else 0
                )
            )
        if state is None:
            found.append(await _updates_out(port, process.pid))
        return found
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def bench(*, seconds: float) -> list[Speed]:
    """Measure without a state file and with one."""
    found = await measure(seconds=seconds)
    with tempfile.TemporaryDirectory() as folder:
        return found + await measure(seconds=seconds, state=Path(folder) / "state.db")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.emulator", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    found = asyncio.run(bench(seconds=parser.parse_args().seconds))
    for speed in found:
        goal = f", goal {speed.wanted:,}" if speed.wanted else ""
        print(f"{speed.name}: {speed.rate:,.0f}/s{goal}; {speed.cpu_us:.0f} us CPU, longest {speed.longest_ms:.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
