"""Delivery to webhooks: many connections, but one update after the other in each lane, until the bot takes it.

queue -> the first update of each lane -> POST url (secret in its header) -> 2xx: forget it, do what the body asks for
                                                                          -> else: note the error, pause, try again

A first failure is tried again at once, then after 2, 4, 8 ... seconds of the clock, at most a minute; `Retry-After`
of the answer comes before that. A bot that has not taken anything for ten seconds gets one connection only.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import aiohttp

from bot.emulator.errors import ApiError
from bot.emulator.params import Params, is_too_deep
from bot.emulator.updates import Waiting
from bot.emulator.world import Bot, Webhook, World

LONGEST_PAUSE_SECONDS = 60
LONGEST_RETRY_AFTER = 3_600
ANSWER_SECONDS = 60.0
LIVELY_SECONDS = 10.0
GONE_SECONDS = 23 * 3_600.0
MAX_ANSWER_BYTES = 1 << 20
MAX_LOOKED_AT = 1_000
GONE = 410
# What a webhook may not ask for in its answer, beside all that only reads.
_NOT_BY_ANSWER = frozenset(("setwebhook", "deletewebhook", "close", "logout"))

Perform = Callable[..., Awaitable[tuple[Any, ApiError | None]]]


class RefusedError(Exception):
    """The webhook did not take an update."""

    def __init__(self, sentence: str, *, status: int = 0, retry_after: int = 0) -> None:
        super().__init__(sentence)
        self.status = status
        self.retry_after = retry_after


class Webhooks:
    """One delivery for each bot with a webhook."""

    def __init__(self, world: World, perform: Perform) -> None:
        self.world = world
        self.perform = perform
        self.tasks: dict[int, asyncio.Task[None]] = {}

    def start(self) -> None:
        """Begin with the bots there are, and hear of changes."""
        self.world.webhook_changed = self.changed
        for bot in self.world.bots.values():
            self.changed(bot)

    def changed(self, bot: Bot) -> None:
        """Deliver to the new address, or no longer."""
        task = self.tasks.pop(bot.id, None)
        if task is not None:
            task.cancel()
        if bot.webhook.url:
            delivery = Delivery(self.world, bot, bot.webhook, self.perform)
            self.tasks[bot.id] = asyncio.get_running_loop().create_task(delivery.run())

    async def stop(self) -> None:
        """End all deliveries."""
        tasks = list(self.tasks.values())
        self.tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(slots=True)
class Tries:
    """How often an update was refused, and when it is tried again."""

    fails: int = 0
    pause: int = 1
    next_at: float = 0.0

    def again_after(self, retry_after: int, expires_at: float, now: float) -> bool:
        """Count a failure; answer whether there is a next time before the update is too old."""
        pause = min(LONGEST_RETRY_AFTER, retry_after)
        if not pause and self.fails:
            self.pause = min(LONGEST_PAUSE_SECONDS, self.pause * 2)
            pause = self.pause
        self.fails += 1
        self.next_at = now + pause
        return self.next_at <= expires_at


@dataclass(slots=True)
class Delivery:
    """The updates of one bot on their way to one address."""

    world: World
    bot: Bot
    webhook: Webhook
    perform: Perform
    busy: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    tries: dict[int, Tries] = field(default_factory=dict)
    sleeping: set[asyncio.Task[None]] = field(default_factory=set)
    last_success: float = 0.0
    gone_since: float = 0.0

    async def run(self) -> None:
        """Deliver until cancelled."""
        connector = aiohttp.TCPConnector(limit=0, ssl=_trust(self.webhook.certificate))
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        queue = self.bot.queue
        async with aiohttp.ClientSession(timeout=timeout, connector=connector, auto_decompress=True) as session:
            try:
                while True:
                    queue.arrived.clear()
                    queue.expire()
                    self._send_ready(session)
                    await queue.arrived.wait()
            finally:
                for task in (*self.busy.values(), *self.sleeping):
                    task.cancel()

    def _send_ready(self, session: aiohttp.ClientSession) -> None:
        now = self.world.clock.seconds()
        silent_until = self.world.mischief.outage_until
        if now < silent_until:
            if not self.sleeping:
                self._look_again_in(silent_until - now)
            return
        allowed = self.webhook.max_connections if now - self.last_success <= LIVELY_SECONDS else 1
        lanes: set[int] = set()
        for looked_at, entry in enumerate(self.bot.queue.waiting):
            if len(self.busy) >= allowed or looked_at >= MAX_LOOKED_AT:
                break
            if entry.lane in lanes:
                continue
            lanes.add(entry.lane)
            tries = self.tries.get(entry.serial)
            if entry.lane not in self.busy and (tries is None or tries.next_at <= now):
                self.busy[entry.lane] = asyncio.get_running_loop().create_task(self._deliver(session, entry))

    def _look_again_in(self, seconds: float) -> None:
        async def wake() -> None:
            await self.world.clock.sleep(seconds)
            self.bot.queue.arrived.set()

        task = asyncio.get_running_loop().create_task(wake())
        self.sleeping.add(task)
        task.add_done_callback(self.sleeping.discard)

    async def _deliver(self, session: aiohttp.ClientSession, entry: Waiting) -> None:
        try:
            asked = await self._post(session, entry.update)
        except (RefusedError, aiohttp.ClientError, TimeoutError, OSError) as error:
            self._failed(entry, error)
        else:
            self.last_success = self.world.clock.seconds()
            self.gone_since = 0.0
            self.tries.pop(entry.serial, None)
            self.bot.queue.take(entry)
            await self._do(asked)
        finally:
            self.busy.pop(entry.lane, None)
            self.bot.queue.arrived.set()

    def _failed(self, entry: Waiting, error: Exception) -> None:
        now = self.world.clock.seconds()
        self.webhook.last_error_at = int(now)
        self.webhook.last_error = _words(error)
        self.world.mark("bot", self.bot.id)
        status = error.status if isinstance(error, RefusedError) else 0
        self.gone_since = (self.gone_since or now) if status == GONE else 0.0
        if self.gone_since and now - self.gone_since > GONE_SECONDS:
            self.webhook.url = ""
            return
        tries = self.tries.setdefault(entry.serial, Tries())
        retry_after = error.retry_after if isinstance(error, RefusedError) else 0
        if tries.again_after(retry_after, entry.expires_at, now):
            self._look_again_in(tries.next_at - now)
        else:
            del self.tries[entry.serial]
            self.bot.queue.take(entry)

    async def _post(self, session: aiohttp.ClientSession, update: Any) -> Params:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.secret} if self.webhook.secret else {}
        async with session.post(self.webhook.url, json=update, headers=headers, allow_redirects=False) as response:
            if not 200 <= response.status < 300:
                words = f"Wrong response from the webhook: {response.status} {response.reason}"
                given = response.headers.get("Retry-After", "")
                raise RefusedError(words, status=response.status, retry_after=int(given) if given.isdigit() else 0)
            return _asked(await response.content.read(MAX_ANSWER_BYTES), response.content_type)

    async def _do(self, asked: Params) -> None:
        """Do what the answer's body asks for; what it returns goes nowhere, as the Bot API has it."""
        method = asked.pop("method", "")
        name = method.lower() if isinstance(method, str) else ""
        if name and not name.startswith("get") and name not in _NOT_BY_ANSWER:
            await self.perform(self.bot, str(method), asked, started=time.perf_counter())


def _asked(body: bytes, content_type: str) -> Params:
    try:
        text = body.decode()
        if content_type == "application/x-www-form-urlencoded":
            return Params(parse_qsl(text, keep_blank_values=True))
        given = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        return Params()
    return Params(given) if isinstance(given, dict) and not is_too_deep(given) else Params()


def _trust(certificate: str) -> ssl.SSLContext | bool:
    if not certificate:
        return True
    return ssl.create_default_context(cadata=certificate)


def _words(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return "SSL error {certificate verify failed}"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "Failed to resolve host: Name or service not known"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "Connection refused"
    if isinstance(error, TimeoutError):
        return "Read timeout expired"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "Webhook connection closed"
    return str(error)
