"""Delivery to webhooks: the oldest update first, again and again with growing pauses until the bot takes it.

queue -> POST url (secret in its header) -> 2xx: forget it, and do what the answer's body asks for
                                         -> else: note the error, pause, try again
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from bot.emulator.errors import ApiError
from bot.emulator.params import Params
from bot.emulator.world import Bot, World

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 30.0
ANSWER_SECONDS = 60.0
MAX_ANSWER_BYTES = 1 << 20

Perform = Callable[..., Awaitable[tuple[Any, ApiError | None]]]


class Webhooks:
    """One delivering task for each bot with a webhook."""

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
            self.tasks[bot.id] = asyncio.get_running_loop().create_task(self._deliver(bot))

    async def stop(self) -> None:
        """End all deliveries."""
        tasks = list(self.tasks.values())
        self.tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(self, bot: Bot) -> None:
        queue, webhook = bot.queue, bot.webhook
        pause = FIRST_PAUSE_SECONDS
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                if not queue.waiting:
                    queue.arrived.clear()
                    await queue.arrived.wait()
                    continue
                entry = queue.waiting[0]
                try:
                    answer = await self._post(session, bot, entry.update)
                except (aiohttp.ClientError, TimeoutError, OSError) as error:
                    webhook.last_error_at = self.world.clock.now()
                    webhook.last_error = _words(error)
                    await self.world.clock.sleep(pause)
                    pause = min(LONGEST_PAUSE_SECONDS, pause * 2)
                    continue
                pause = FIRST_PAUSE_SECONDS
                queue.forget_first(entry)
                await self._do(bot, answer)

    async def _post(self, session: aiohttp.ClientSession, bot: Bot, update: Any) -> bytes:
        headers = {"X-Telegram-Bot-Api-Secret-Token": bot.webhook.secret} if bot.webhook.secret else {}
        async with session.post(bot.webhook.url, json=update, headers=headers, allow_redirects=False) as response:
            if not 200 <= response.status < 300:
                raise aiohttp.ClientPayloadError(
                    f"Wrong response from the webhook: {response.status} {response.reason}"
                )
            return await response.content.read(MAX_ANSWER_BYTES)

    async def _do(self, bot: Bot, answer: bytes) -> None:
        """Do what the answer's body asks for; what it returns goes nowhere, as the Bot API has it."""
        try:
            asked = json.loads(answer)
        except ValueError:
            return
        if isinstance(asked, dict) and isinstance(asked.get("method"), str):
            method = asked.pop("method")
            await self.perform(bot, method, Params(asked), started=time.perf_counter())


def _words(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return "Connection refused"
    if isinstance(error, TimeoutError):
        return "Read timeout expired"
    return str(error)
