"""The runner's hand on the bench's server: start it, open the gate, wait, read what it counted, find its ceiling."""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.processes import ROOT, cpu_seconds

CEILING_CONNECTIONS = 8
Tap = tuple[int, str]


class BenchFailed(Exception):
    """A bot did not do what it was measured for: the figures would mean nothing."""


@dataclass(slots=True)
class Stand:
    """A running server."""

    url: str
    pid: int

    async def polling(self, *, seconds: float = 30.0) -> None:
        """Wait until a bot asks for updates and there are none."""
        await self._ask("polling", seconds=seconds)

    async def open(self, taps: Sequence[Tap], *, delay: float, under: Any, becomes: Any) -> None:
        """Let a batch of taps through; every call but getUpdates takes `delay` seconds from now on."""
        await self._ask("open", {"taps": taps, "delay": delay, "under": under, "becomes": becomes})

    async def done(self, *, seconds: float = 120.0) -> None:
        """Wait until every tap got its answer and its edit."""
        await self._ask("done", seconds=seconds)

    async def stats(self) -> dict[str, Any]:
        """Read what became of the batch."""
        stats: dict[str, Any] = await self._ask("stats")
        return stats

    async def _ask(self, what: str, body: Any = None, *, seconds: float = 30.0) -> Any:
        port = int(self.url.rsplit(":", 1)[1])
        try:
            async with asyncio.timeout(seconds):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                raw = b"" if body is None else json.dumps(body).encode()
                writer.write(_request(f"/control/{what}", raw))
                answer = await _answer(reader)
                writer.close()
        except TimeoutError:
            raise BenchFailed(f"waited {seconds:.0f} s in vain for: {what}") from None
        return json.loads(answer)["result"]


@contextlib.asynccontextmanager
async def stand(*, first_update: int = 1) -> AsyncIterator[Stand]:
    """Run a server while the block lasts."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.server",
        "0",
        str(first_update),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        port = int(await process.stdout.readline())
        yield Stand(f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.kill()
        await process.wait()


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What the server alone can do."""

    calls_a_second: float
    cpu_us_a_call: float


async def ceiling(at: Stand, *, seconds: float) -> Ceiling:
    """Edit messages over raw connections as fast as they come back."""
    port = int(at.url.rsplit(":", 1)[1])
    body = json.dumps({"chat_id": 1, "message_id": 1, "text": "x" * 600}).encode()
    request = _request("/bot1:x/editMessageText", body)
    until = time.monotonic() + seconds

    async def hammer() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        count = 0
        while time.monotonic() < until:
            writer.write(request)
            await _answer(reader)
            count += 1
        writer.close()
        return count

    before = cpu_seconds(at.pid)
    counts = await asyncio.gather(*(hammer() for _ in range(CEILING_CONNECTIONS)))
    used = cpu_seconds(at.pid) - before
    return Ceiling(sum(counts) / seconds, used / sum(counts) * 1e6)


def _request(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    return await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
