"""What every request passes first: only this machine's own pages and programs come in, and no error goes out bare.

The door lets its caller be anybody, so a web page from elsewhere must not reach it through the browser of whoever plays
with the emulator: neither by a request across origins nor by a name that was made to point at this machine.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import lru_cache
from urllib.parse import urlsplit

from aiohttp import web

_log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

NOT_HERE = "this address is for programs and pages of this machine only"
_OWN_NAMES = ("127.0.0.1", "localhost", "::1")
_FROM_ELSEWHERE = ("cross-site", "same-site")


@lru_cache(maxsize=256)
def is_own_name(host: str) -> bool:
    """Say whether the Host header names this machine; what sends none is no browser."""
    try:
        return not host or urlsplit(f"//{host}").hostname in _OWN_NAMES
    except ValueError:
        return False


def _is_stranger(request: web.Request) -> bool:
    headers = request.headers
    host = headers.get("Host", "")
    if not is_own_name(host):
        return True
    origin = headers.get("Origin")
    if origin is not None:
        return origin.partition("://")[2] != host
    # A picture or a link of a page elsewhere carries no Origin; only the page itself may be opened from a link.
    return headers.get("Sec-Fetch-Site") in _FROM_ELSEWHERE and request.path != "/"


def refused(request: web.Request, status: int, words: str) -> web.Response:
    """Answer an error in the form of whoever was asked: the Bot API, the door, or the page."""
    if request.path.startswith("/door"):
        return web.json_response({"error": words}, status=status)
    if request.path.startswith(("/bot", "/file/")):
        return web.json_response({"ok": False, "error_code": status, "description": words}, status=status)
    return web.Response(status=status, text=words)


@web.middleware
async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Shut strangers out, and put what aiohttp or a fault of the emulator's own would answer into words."""
    if _is_stranger(request):
        return refused(request, 403, NOT_HERE)
    try:
        return await handler(request)
    except web.HTTPException as error:
        answer = refused(request, error.status, error.reason)
        if isinstance(error, web.HTTPRequestEntityTooLarge):
            answer.force_close()
        return answer
    except web.RequestPayloadError:
        request.content.feed_eof()
        return refused(request, 400, "Bad Request")
    except ConnectionError:
        raise
    except Exception:
        _log.exception("a request ended in a fault of the emulator's own")
        return refused(request, 500, "Internal Server Error")
