"""HTTP in: the updates that Telegram brings to a webhook, and what a balancer asks. Looks into no update.

    POST the path, with the secret ─► room? ─► body ─► stored, which is durable, and queued ─► 200
                       else 4xx, nothing stored  └────────────┴─ no ─► 503: Telegram brings it again

    GET /healthz   200 while the process is alive
    GET /readyz    200 from "ready" on until the process is told to stop, else 503

What fills the turnstile is kept at Telegram, as it is by polling: a request waits ROOM_SECONDS for room before its body
is read. Nothing of a request is logged.
"""

import asyncio
import contextlib
import hmac
import json
import logging
import ssl
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from bot.settings import HEALTH, READY, BadConfiguration, Listen, Webhook
from bot.turnstile import Turnstile
from bot.webhook import is_self_signed

log = structlog.get_logger()

HEADER = "X-Telegram-Bot-Api-Secret-Token"
BODY_BYTES = 1 << 20
BODY_SECONDS = 10.0
#: How long a request may wait for room, and then for its update to be stored, before Telegram is sent away.
ROOM_SECONDS = 5.0
STORE_SECONDS = 15.0
RETRY_AFTER_SECONDS = 2
#: Connections at once; above that the oldest of those that only wait is closed.
CONNECTIONS = 256
#: Updates being stored at once, those whose request was sent away meanwhile among them.
STORING = 256
#: A connection without a whole request for so long is closed. Longer than a proxy keeps it (nginx: 60 s).
KEEP_SECONDS = 65.0
HANDSHAKE_SECONDS = 10.0
LINGER_SECONDS = 1.0
#: How long requests under way may take to be answered once the listener is closed, and then to end being stored.
CLOSE_SECONDS = 1.0
LATE_SECONDS = 0.4
#: Of what is refused one line is logged in so many seconds.
TOLD_SECONDS = 60.0

Receive = Callable[[Any], Coroutine[Any, Any, bool]]


class Front:
    """The listeners of a process: `open` them first, `begin` when updates can be taken, `drain` to stop, `close` last.

    Without a webhook and an address for health there is none, and all of this does nothing.
    """

    def __init__(self, hook: Webhook | None, *, health: Listen | None = None, grace: float = 0.0) -> None:
        """Make it; `grace` is how many seconds updates are still taken after the balancer is told to send no more.

        Raises:
            BadConfiguration: the certificate or its key can't be used.
        """
        self.hook = hook
        self._health = health
        self._grace = grace
        self._tls = None if hook is None else _tls_of(hook)
        self._listeners: list[_Listener] = []
        self._receive: Receive | None = None
        self._turnstile: Turnstile | None = None
        self._begun, self._closing = asyncio.Event(), asyncio.Event()
        self._is_ready = self._ends = False
        self._storing: set[asyncio.Task[bool]] = set()
        self._refused: dict[int, tuple[float, int]] = {}

    async def open(self) -> None:
        """Listen: from now on the process is alive, and not ready.

        Raises:
            BadConfiguration: an address can't be listened on.
        """
        if self.hook is not None:
            await self._listen(self.hook.listen, self._answer, self._tls)
        if self._health is not None:
            await self._listen(self._health, self._answer_balancer, None)

    def begin(self, receive: Receive, turnstile: Turnstile) -> None:
        """Be ready. `receive` stores an update durably, or says False when it is none; the turnstile says who fits."""
        self._receive, self._turnstile = receive, turnstile
        self._is_ready = not self._ends
        self._begun.set()

    async def drain(self, *, at_once: bool = False) -> None:
        """Be no longer ready, give the balancer its grace, then take no more updates and answer those under way."""
        self._is_ready, self._ends = False, True
        if self.hook is None or not self._listeners:
            return
        if self._begun.is_set() and not at_once:
            await asyncio.sleep(self._grace)
        self._closing.set()
        await self._listeners.pop(0).close(CLOSE_SECONDS)
        if self._storing:  # the database is slow, and nobody was told 200: Telegram brings them again
            await asyncio.wait(self._storing, timeout=LATE_SECONDS)
        given_up = list(self._storing)
        for storing in given_up:
            storing.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)

    async def close(self) -> None:
        """Close what still listens."""
        while self._listeners:
            await self._listeners.pop().close(0)

    async def _listen(self, where: Listen, answer: "_Answer", tls: ssl.SSLContext | None) -> None:
        listener = _Listener(answer)
        try:
            await listener.open(where, tls)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise BadConfiguration(f"{where.name}: can't listen on {where.host} port {where.port} ({reason})") from None
        self._listeners.append(listener)
        log.info("listening", host=where.host, port=where.port, tls=tls is not None)

    # -- answering ------------------------------------------------------------------------------------------------

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        """Answer a request to the webhook's address."""
        assert self.hook is not None
        try:
            if request.path_qs != self.hook.path:
                return await self._answer_balancer(request)
            return await self._take(request)
        except (ConnectionError, asyncio.CancelledError):  # whoever asked is gone, or the process is about to be
            raise
        except Exception as error:
            # Its words may be somebody's: only where it happened is told.
            frames = "".join(traceback.format_tb(error.__traceback__))
            log.error("request_failed", error=type(error).__name__, trace=frames)
            return self._refuse(500)

    async def _answer_balancer(self, request: web.BaseRequest) -> web.Response:
        """Answer whether the process is alive and whether it is ready."""
        if request.path not in (HEALTH, READY):
            return self._refuse(404)
        if request.method not in ("GET", "HEAD"):
            return self._refuse(405, Allow="GET, HEAD")
        if request.path == READY and not self._is_ready:
            return _response(503, b"not ready\n")
        return _response(200, b"ok\n" if request.path == HEALTH else b"ready\n")

    async def _take(self, request: web.BaseRequest) -> web.Response:
        """Take an update: 200 once it is durable, 503 when it is not and may be brought again."""
        if request.method != "POST":
            return self._refuse(405, Allow="POST")
        if not self._is_telegram(request):
            return self._refuse(403)
        if request.content_type != "application/json":
            return self._refuse(415)
        if (request.content_length or 0) > BODY_BYTES:
            return self._refuse(413)
        if not await self._has_room():
            return self._later()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body_of(request)
        except TimeoutError:
            return self._refuse(408)
        except web.RequestPayloadError:
            return self._refuse(400)
        if body is None:
            return self._refuse(413)
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            return self._refuse(400)
        return await self._store(update)

    def _is_telegram(self, request: web.BaseRequest) -> bool:
        assert self.hook is not None
        shown = request.headers.get(HEADER, "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(shown, self.hook.secret.encode())

    async def _has_room(self) -> bool:
        """Whether an update may come in; waits a while for it."""
        if len(self._storing) >= STORING or self._closing.is_set():
            return False
        if self._turnstile is not None and self._turnstile.has_room:
            return True
        room, closing = asyncio.create_task(self._room()), asyncio.create_task(self._closing.wait())
        try:
            await asyncio.wait({room, closing}, timeout=ROOM_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            return room.done() and not closing.done()
        finally:
            room.cancel()
            closing.cancel()

    async def _room(self) -> None:
        await self._begun.wait()
        assert self._turnstile is not None
        await self._turnstile.room()

    async def _store(self, update: Any) -> web.Response:
        """Store an update. Never cancelled half-way: what is stored must also be queued."""
        assert self._receive is not None
        storing = asyncio.create_task(self._receive(update))
        self._storing.add(storing)
        storing.add_done_callback(self._stored)
        done, _ = await asyncio.wait({storing}, timeout=STORE_SECONDS)
        if not done or isinstance(storing.exception(), Exception):
            return self._later()
        return _response(200) if storing.result() else self._refuse(400)

    def _stored(self, storing: "asyncio.Task[bool]") -> None:
        self._storing.discard(storing)
        error = None if storing.cancelled() else storing.exception()
        if error is not None:
            cause = type(error.__cause__).__name__
            log.error("update_not_stored", error=type(error).__name__, cause=cause)

    def _later(self) -> web.Response:
        return self._refuse(503, **{"Retry-After": str(RETRY_AFTER_SECONDS)})

    def _refuse(self, status: int, **headers: str) -> web.Response:
        """Give a refusal, and log now and then how many there were."""
        now = asyncio.get_running_loop().time()
        told_at, count = self._refused.get(status, (-TOLD_SECONDS, 0))
        count += 1
        if now - told_at >= TOLD_SECONDS:
            log.warning("requests_refused", status=status, count=count)
            told_at, count = now, 0
        self._refused[status] = (told_at, count)
        return _response(status, b"", **headers)


_Answer = Callable[[web.BaseRequest], Awaitable[web.Response]]


class _Listener(web.Server):
    """One address and its connections."""

    def __init__(self, answer: _Answer) -> None:
        super().__init__(
            self._follow,
            access_log=None,
            logger=_silent(),
            keepalive_timeout=KEEP_SECONDS,
            lingering_time=LINGER_SECONDS,
            auto_decompress=False,
        )
        self._answer = answer
        self._socket: asyncio.Server | None = None
        self._busy: set[RequestHandler] = set()
        self._idle = asyncio.Event()
        self._ends = False

    async def open(self, where: Listen, tls: ssl.SSLContext | None) -> None:
        """Listen."""
        limit = None if tls is None else HANDSHAKE_SECONDS
        loop = asyncio.get_running_loop()
        self._socket = await loop.create_server(
            self, where.host, where.port, ssl=tls, ssl_handshake_timeout=limit, backlog=CONNECTIONS
        )

    async def close(self, seconds: float) -> None:
        """Take no new connection, answer the requests under way, close the others."""
        assert self._socket is not None
        self._ends = True
        self._socket.close()
        await asyncio.sleep(0)  # what has come in by now is under way
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._busy:
                    self._idle.clear()
                    await self._idle.wait()
        self.pre_shutdown()
        await self.shutdown(0.05)

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """Know a new connection; when there are too many, the oldest one that waits has to go."""
        super().connection_made(handler, transport)
        if self._ends:  # it was accepted in the moment before
            handler.force_close()
        connections = self.connections
        if len(connections) > CONNECTIONS:
            waiting = (one for one in connections if one not in self._busy and one is not handler)
            next(waiting, handler).force_close()

    async def _follow(self, request: web.BaseRequest) -> web.StreamResponse:
        self._busy.add(request.protocol)
        try:
            response = await self._answer(request)
        finally:
            self._busy.discard(request.protocol)
            self._idle.set()
        if self._ends or response.status >= 400:
            response.force_close()
        return response


async def _body_of(request: web.BaseRequest) -> bytes | None:
    """Read a body; None when it is too big."""
    body = bytearray()
    async for part in request.content.iter_any():
        body += part
        if len(body) > BODY_BYTES:
            return None
    return bytes(body)


def _response(status: int, body: bytes = b"", /, **headers: str) -> web.Response:
    return web.Response(status=status, body=body, headers={"Server": "bot", "Content-Type": "text/plain", **headers})


def _silent() -> logging.Logger:
    """Give the logger of the HTTP library: what it would say of a broken request holds the request."""
    logger = logging.Logger("http")
    logger.setLevel(logging.CRITICAL + 1)
    return logger


def _tls_of(hook: Webhook) -> ssl.SSLContext | None:
    """Give the TLS that we speak ourselves, None when a proxy does.

    Raises:
        BadConfiguration: the certificate or its key can't be used.
    """
    if hook.certificate is None:
        return None
    self_signed = is_self_signed(hook.certificate)
    if hook.key is None:
        if not self_signed:
            raise BadConfiguration("WEBHOOK_KEY is missing: only a self-signed certificate is of use without its key")
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(hook.certificate, hook.key, password=_no_password)
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
        raise BadConfiguration(f"WEBHOOK_KEY: {hook.key} can't be used with the certificate ({reason})") from None
    return context


def _no_password() -> str:
    """Answer OpenSSL, which would ask for a passphrase at the terminal: there is none."""
    raise ValueError
