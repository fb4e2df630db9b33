"""The HTTP server: reads a call of the Bot API, lets a fault or a method answer it, and writes Telegram's envelope.

request -> token -> parameters -> fault? -> method(call) -> {"ok": ...} -> traffic
"""

from __future__ import annotations

import json
import logging
import re
import time
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.emulator import strikes
from bot.emulator.call import Call, Told
from bot.emulator.door import Door
from bot.emulator.errors import ApiError, bad_request
from bot.emulator.faults import Fault, Faults
from bot.emulator.guard import guarded
from bot.emulator.limits import Limiter
from bot.emulator.methods import METHODS
from bot.emulator.params import Params
from bot.emulator.reading import MAX_BODY_BYTES, read_params
from bot.emulator.schema import strays, unknown_fields
from bot.emulator.traffic import MAX_PROBLEMS, record
from bot.emulator.webhooks import Webhooks
from bot.emulator.world import Bot, World

MAX_BOTS = 1_000
WEB = Path(__file__).parent / "web"
_TOKEN = re.compile(r"(\d{1,15}):[\w-]{30,128}", re.ASCII)
_TOKEN_LIKE = re.compile(r"\d+:.*", re.ASCII | re.DOTALL)
NOBODY = Bot(0, "", "")
_log = logging.getLogger(__name__)
_JSON = {"Content-Type": "application/json"}
_dump = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def _envelope(result: Any) -> web.Response:
    if isinstance(result, Told):
        answer = {"ok": True, "result": result.result, "description": result.description}
        return web.Response(body=_dump(answer).encode(), headers=_JSON)
    return web.Response(body=f'{{"ok":true,"result":{_dump(result)}}}'.encode(), headers=_JSON)


def _refusal(error: ApiError) -> web.Response:
    answer: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
    if error.retry_after is not None:
        answer["parameters"] = {"retry_after": error.retry_after}
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else None
    body = _dump(answer).encode()
    return web.Response(body=body, status=error.code, content_type="application/json", headers=headers)


class Server:
    """The Bot API over a world."""

    def __init__(self, world: World, *, limits: bool = True) -> None:
        self.world = world
        self.faults = Faults(world.mischief)
        self.limiter = Limiter(enabled=limits)
        self.door = Door(world, self.faults, self.limiter)
        self.webhooks = Webhooks(world, self.perform)

    def application(self) -> web.Application:
        """Build the aiohttp application."""
        app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[guarded])
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
        bot_id = self._bot_id(token)
        if isinstance(bot_id, ApiError):
            self._record(NOBODY, name, Params(), [], bot_id, started)
            return _refusal(bot_id)
        bot = self.world.bot(bot_id)
        shown = METHODS[name][0] if name in METHODS else request.match_info["method"]
        if self.faults.are_on and self.faults.refuses(name):
            return strikes.cut(request)
        fault: Fault | None = None
        try:
            params = await read_params(request)
        except ApiError as error:
            self._record(bot, shown, Params(), [], error, started)
            return _refusal(error)
        if self.faults.are_on and name in METHODS:
            fault = self.faults.take(name, _chat_id(params), bot.id)
            try:
                early = await strikes.before(fault, request, self.world.clock)
            except ApiError as error:
                self._record(bot, shown, params, [], error, started)
                return _refusal(error)
            if early is not None:
                return early
        result, refusal = await self.perform(bot, request.match_info["method"], params, started=started)
        answer = _envelope(result) if refusal is None else _refusal(refusal)
        if fault is not None and fault.spoils and name == "getupdates" and refusal is None:
            bot.queue.take_back(result)
        return await strikes.after(fault, request, self.world.clock, answer)

    def _bot_id(self, token: str) -> int | ApiError:
        """Answer the number of the bot a token belongs to, or why it belongs to none."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            return ApiError(401, "Unauthorized") if _TOKEN_LIKE.fullmatch(token) else ApiError(404, "Not Found")
        bot_id = int(match[1])
        full = len(self.world.bots) >= MAX_BOTS and bot_id not in self.world.bots
        return ApiError(401, "Unauthorized") if full else bot_id

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
        self._record(
            bot,
            METHODS[name][0],
            params,
            unknown,
            refusal,
            started,
            result.result if isinstance(result, Told) else result,
        )
        return result, refusal

    def _record(
        self,
        bot: Bot,
        method: str,
        params: Params,
        unknown: list[str],
        error: ApiError | None,
        started: float,
        result: Any = None,
    ) -> None:
        known: dict[str, Any] = {"method": method, "params": params, "unknown": unknown, "started": started}
        record(self.world, bot, **known, error=(error.code, error.description) if error else None, result=result)

    def _note_unknown(self, method: str) -> None:
        if method not in self.world.unknown_methods and len(self.world.unknown_methods) < MAX_PROBLEMS:
            self.world.unknown_methods.append(method)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Hand out the bytes of a file whose path getFile gave."""
        started = time.perf_counter()
        bot_id, path = self._bot_id(request.match_info["token"]), request.match_info["path"]
        if isinstance(bot_id, ApiError):
            self._record(NOBODY, "file", Params(file_path=path), [], bot_id, started)
            return _refusal(bot_id)
        if self.faults.are_on and self.faults.refuses("file"):
            return strikes.cut(request)
        fault = self.faults.take("file", None, bot_id) if self.faults.are_on else None
        try:
            early = await strikes.before(fault, request, self.world.clock)
        except ApiError as error:
            return _refusal(error)
        if early is not None:
            return early
        file = self.world.files.at_path(bot_id, path, self.world.clock.now())
        if file is None:
            unknown = ApiError(404, "Not Found")
            self._record(self.world.bots.get(bot_id, NOBODY), "file", Params(file_path=path), [], unknown, started)
            return _refusal(unknown)
        answer = web.Response(body=file.data, content_type="application/octet-stream")
        return await strikes.after(fault, request, self.world.clock, answer)

    # -- the page -------------------------------------------------------------------------------------------------

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Serve the page and its files."""
        wanted = None if self.world.headless else _page_file(request.match_info.get("path", "index.html"))
        if wanted is None:
            return web.Response(status=404, text="There is no such page here. The Bot API and the door still answer.")
        return web.FileResponse(wanted, headers={"Cache-Control": "no-cache"})


def _page_file(name: str) -> Path | None:
    """Find a file of the page; nothing outside its folder is one, nor is a name no file can have."""
    try:
        wanted = (WEB / name).resolve()
        return wanted if wanted.is_relative_to(WEB.resolve()) and wanted.is_file() else None
    except (OSError, ValueError):
        return None


def _chat_id(params: Params) -> int | None:
    return params.integer("chat_id") if "chat_id" in params else None
