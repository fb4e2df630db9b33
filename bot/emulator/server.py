"""The HTTP server: reads a call of the Bot API, lets a fault or a method answer it, and writes Telegram's envelope.

request -> token -> parameters -> fault? -> method(call) -> {"ok": ...} -> traffic
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web

from bot.emulator.call import Call
from bot.emulator.door import Door
from bot.emulator.errors import ApiError, bad_request
from bot.emulator.faults import Fault, Faults
from bot.emulator.limits import Limiter
from bot.emulator.methods import METHODS
from bot.emulator.params import Params, Upload, decoded
from bot.emulator.schema import strays, unknown_fields
from bot.emulator.traffic import MAX_PROBLEMS, record
from bot.emulator.webhooks import Webhooks
from bot.emulator.world import Bot, World

MAX_BODY_BYTES = 60 * 1024 * 1024
MAX_FIELDS = 256
WEB = Path(__file__).parent / "web"
_TOKEN = re.compile(r"(\d{1,15}):[\w-]{30,128}", re.ASCII)
_TOKEN_LIKE = re.compile(r"\d+:.*", re.ASCII)
_log = logging.getLogger(__name__)
_dump = json.JSONEncoder(separators=(",", ":")).encode


def _envelope(result: Any) -> web.Response:
    body = f'{{"ok":true,"result":{_dump(result)}}}'.encode()
    return web.Response(body=body, content_type="application/json")


def _refusal(error: ApiError) -> web.Response:
    answer: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
    if error.retry_after is not None:
        answer["parameters"] = {"retry_after": error.retry_after}
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else None
    body = _dump(answer).encode()
    return web.Response(body=body, status=error.code, content_type="application/json", headers=headers)


async def read_params(request: web.Request) -> Params:
    """Read the parameters of a call from its query and its body.

    Raises: ApiError 400 or 413.
    """
    params = Params(request.query)
    if request.method == "GET":
        return params
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise ApiError(413, "Request Entity Too Large")
    try:
        if request.content_type == "multipart/form-data":
            await _read_multipart(request, params)
            return params
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise ApiError(413, "Request Entity Too Large") from None
    if request.content_type == "application/json":
        _read_json(raw, params)
    elif raw and request.content_type == "application/x-www-form-urlencoded":
        try:
            params.update(parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS))
        except (UnicodeDecodeError, ValueError):
            raise bad_request("can't parse the form") from None
    return params


def _read_json(raw: bytes, params: Params) -> None:
    if not raw.strip():
        return
    try:
        given = decoded(raw.decode())
    except (ValueError, RecursionError):
        raise bad_request("can't parse JSON object") from None
    if not isinstance(given, dict):
        raise bad_request("JSON object expected")
    params.update(given)


async def _read_multipart(request: web.Request, params: Params) -> None:
    total = 0
    try:
        reader = await request.multipart()
        async for part in reader:
            if not isinstance(part, BodyPartReader) or not part.name:
                raise bad_request("field name in multipart/form-data not found")
            data = bytearray()
            while chunk := await part.read_chunk(1 << 16):
                data += chunk
                total += len(chunk)
                if total > MAX_BODY_BYTES:
                    raise ApiError(413, "Request Entity Too Large")
            if len(params) >= MAX_FIELDS:
                raise ApiError(413, "Request Entity Too Large: too many parameters in form data")
            if part.filename is None:
                params[part.name] = data.decode()
            else:
                content_type = part.headers.get("Content-Type", "")
                params[part.name] = Upload(part.filename, content_type, bytes(data))
    except (ValueError, RuntimeError, AssertionError, LookupError) as error:
        raise bad_request(f"can't parse form data: {type(error).__name__}") from None


class Server:
    """The Bot API over a world."""

    def __init__(self, world: World, *, limits: bool = True) -> None:
        self.world = world
        self.faults = Faults()
        self.limiter = Limiter(enabled=limits)
        self.door = Door(world, self.faults, self.limiter)
        self.webhooks = Webhooks(world, self.perform)

    def application(self) -> web.Application:
        """Build the aiohttp application."""
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_route("*", "/bot{token}/{method}", self.api)
        app.router.add_get("/file/bot{token}/{path:.+}", self.file)
        app.add_routes(self.door.routes())
        app.router.add_get("/", self.page)
        app.router.add_get("/web/{path:.+}", self.page)
        app.on_startup.append(self.start)
        app.on_shutdown.append(self.stop)
        return app

    async def start(self, app: web.Application) -> None:
        """Go on delivering to the webhooks that were set before."""
        self.webhooks.start()

    async def stop(self, app: web.Application) -> None:
        """End long polls and event streams, so that nothing holds the server up."""
        await self.webhooks.stop()
        self.door.close()
        for bot in self.world.bots.values():
            bot.queue.stop_polling()

    # -- the Bot API ----------------------------------------------------------------------------------------------

    async def api(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        started = time.perf_counter()
        token, name = request.match_info["token"], request.match_info["method"].lower()
        match = _TOKEN.fullmatch(token)
        if match is None:
            like = _TOKEN_LIKE.fullmatch(token) is not None
            return _refusal(ApiError(401, "Unauthorized") if like else ApiError(404, "Not Found"))
        bot = self.world.bot(int(match[1]))
        fault: Fault | None = None
        try:
            params = await read_params(request)
        except ApiError as error:
            self._record(bot, name, Params(), [], error, started)
            return _refusal(error)
        if self.faults.waiting and name in METHODS:
            fault = self.faults.take(name, _chat_id(params))
            try:
                early = await self._before(fault, request)
            except ApiError as error:
                self._record(bot, name, params, [], error, started)
                return _refusal(error)
            if early is not None:
                return early
        result, refusal = await self.perform(bot, request.match_info["method"], params, started=started)
        if fault is not None and fault.kind == "drop_after":
            return _cut(request)
        if fault is not None and fault.kind == "bad_json":
            return web.Response(body=b'{"ok":true,"result":{"message_id', content_type="application/json")
        return _envelope(result) if refusal is None else _refusal(refusal)

    async def perform(self, bot: Bot, method: str, params: Params, *, started: float) -> tuple[Any, ApiError | None]:
        """Let a method answer a call, and record it."""
        name = method.lower()
        if name not in METHODS:
            self._note_unknown(method)
            error = ApiError(404, "Not Found: method not found")
            self._record(bot, method, params, [], error, started)
            return None, error
        result: Any = None
        refusal: ApiError | None = None
        try:
            result = await METHODS[name][1](Call(self.world, bot, params, self.limiter))
        except ApiError as error:
            refusal = error
        except UnicodeError:
            refusal = bad_request("strings must be encoded in UTF-8")
        except (AssertionError, ArithmeticError, LookupError, TypeError, AttributeError, ValueError, RecursionError):
            _log.exception("a call ended in a fault of the emulator's own")
            refusal = ApiError(500, "Internal Server Error")
        unknown = strays(name, params) if refusal is None else unknown_fields(name, params)
        self._record(bot, METHODS[name][0], params, unknown, refusal, started)
        return result, refusal

    def _record(
        self, bot: Bot, method: str, params: Params, unknown: list[str], error: ApiError | None, started: float
    ) -> None:
        answer = (error.code, error.description) if error is not None else None
        record(self.world, bot, method=method, params=params, unknown=unknown, error=answer, started=started)

    async def _before(self, fault: Fault | None, request: web.Request) -> web.StreamResponse | None:
        if fault is None:
            return None
        if fault.kind == "error":
            raise fault.error()
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        if fault.kind == "drop_before":
            return _cut(request)
        if fault.kind == "http500":
            return web.Response(status=500, text="<html><body>Internal Server Error</body></html>")
        return None

    def _note_unknown(self, method: str) -> None:
        if method not in self.world.unknown_methods and len(self.world.unknown_methods) < MAX_PROBLEMS:
            self.world.unknown_methods.append(method)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Hand out the bytes of a file whose path getFile gave."""
        match = _TOKEN.fullmatch(request.match_info["token"])
        if match is None:
            return _refusal(ApiError(401, "Unauthorized"))
        fault = self.faults.take("file", None) if self.faults.waiting else None
        try:
            early = await self._before(fault, request)
        except ApiError as error:
            return _refusal(error)
        if early is not None:
            return early
        file = self.world.files.at_path(int(match[1]), request.match_info["path"])
        if file is None:
            return _refusal(ApiError(404, "Not Found"))
        if fault is not None:
            return _cut(request)
        return web.Response(body=file.data, content_type="application/octet-stream")

    # -- the page -------------------------------------------------------------------------------------------------

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Serve the page and its files."""
        wanted = (WEB / request.match_info.get("path", "index.html")).resolve()
        if not wanted.is_relative_to(WEB.resolve()) or not wanted.is_file():
            return web.Response(status=404, text="There is no such page here. The Bot API and the door still answer.")
        return web.FileResponse(wanted, headers={"Cache-Control": "no-cache"})


def _chat_id(params: Params) -> int | None:
    return params.integer("chat_id") if "chat_id" in params else None


def _cut(request: web.Request) -> web.StreamResponse:
    """Drop the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
