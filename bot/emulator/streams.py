"""What happens, told to whoever listens: server-sent events for the page and for tests."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from bot.emulator.world import Json, World

MAX_EVENTS_WAITING = 10_000
KEEP_ALIVE_SECONDS = 15.0


class Streams:
    """The open event streams; the world tells them only while there are any."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.open: set[asyncio.Queue[str | None]] = set()

    def publish(self, event: Json) -> None:
        """Hand an event to every open stream; a stream that does not keep up is ended."""
        line = json.dumps(event)
        for stream in list(self.open):
            if stream.qsize() >= MAX_EVENTS_WAITING:
                self.end(stream)
            else:
                stream.put_nowait(line)

    def end(self, stream: asyncio.Queue[str | None]) -> None:
        """End one stream; without any the world need not tell."""
        self.open.discard(stream)
        if not self.open and self.publish in self.world.listeners:
            self.world.listeners.remove(self.publish)
        stream.put_nowait(None)

    def end_all(self) -> None:
        """End all streams, so that the server can stop."""
        for stream in list(self.open):
            self.end(stream)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Answer `GET /door/events` until the listener goes or the server stops."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        stream: asyncio.Queue[str | None] = asyncio.Queue()
        self.open.add(stream)
        if self.publish not in self.world.listeners:
            self.world.listeners.append(self.publish)
        try:
            await response.prepare(request)
            await response.write(b": open\n\n")
            while True:
                try:
                    async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                        line = await stream.get()
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    continue
                lines = [line]
                while not stream.empty():
                    lines.append(stream.get_nowait())
                await response.write("".join(f"data: {one}\n\n" for one in lines if one is not None).encode())
                if None in lines:
                    return response
        except ConnectionError:
            return response
        finally:
            self.end(stream)
