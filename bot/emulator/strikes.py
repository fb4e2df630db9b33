"""What a fault does to one HTTP call: before the call has any effect, and to its answer afterwards."""

from __future__ import annotations

from aiohttp import web

from bot.emulator.clock import Clock
from bot.emulator.faults import Fault

_PAGES = {
    500: "<html><head><title>500 Internal Server Error</title></head><body>Internal Server Error</body></html>",
    502: "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>"
    "\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n",
}


async def before(fault: Fault | None, request: web.Request, clock: Clock) -> web.StreamResponse | None:
    """Answer the call in the method's place, or let it go on.

    Raises: ApiError for a fault that is a refusal of Telegram's own.
    """
    if fault is None:
        return None
    if fault.kind in ("error", "flood"):
        raise fault.error()
    if fault.kind == "delay":
        await clock.sleep(fault.seconds)
    elif fault.kind in ("refuse", "drop_before"):
        return cut(request)
    elif fault.kind in ("http500", "http502"):
        status = int(fault.kind[4:])
        return web.Response(status=status, text=_PAGES[status], content_type="text/html")
    return None


async def after(fault: Fault | None, request: web.Request, clock: Clock, response: web.Response) -> web.StreamResponse:
    """Spoil the answer of a call whose effect is there."""
    if fault is None:
        return response
    if fault.kind == "drop_after":
        return cut(request)
    if fault.kind == "late":
        await clock.sleep(fault.seconds)
    elif fault.kind == "cut_json":
        return await _half(request, response)
    elif fault.kind == "bad_json":
        return web.Response(body=_bytes(response)[: len(_bytes(response)) // 2 + 1], content_type="application/json")
    return response


def _bytes(response: web.Response) -> bytes:
    return bytes(response.body) if isinstance(response.body, bytes | bytearray) else b""


async def _half(request: web.Request, response: web.Response) -> web.StreamResponse:
    """Send half of what was promised, and hang up."""
    body = _bytes(response)
    headers = {"Content-Type": response.content_type, "Content-Length": str(len(body))}
    half = web.StreamResponse(status=response.status, headers=headers)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return half


def cut(request: web.Request) -> web.StreamResponse:
    """Drop the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
