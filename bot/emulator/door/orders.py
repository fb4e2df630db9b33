"""What a test orders at the door: updates, faults, limits; and what the bot asked for that does not exist."""

from __future__ import annotations

import random
from typing import Any

from aiohttp import web

from bot.emulator import people
from bot.emulator.door.asking import Asking, body_of, number_of
from bot.emulator.errors import DoorError
from bot.emulator.faults import Faults, fault_from, lasting_seconds, plan_from
from bot.emulator.limits import Limiter
from bot.emulator.mischief import KINDS, order_from
from bot.emulator.updates import UpdateQueue
from bot.emulator.world import Json, World


def _between(value: Any, name: str, low: int, high: int) -> int:
    number = number_of(value, name)
    if not low <= number <= high:
        raise DoorError(400, f"{name} must be between {low} and {high}")
    return number


class Orders(Asking):
    """The calls by which a test breaks things and looks for mistakes."""

    def __init__(self, world: World, faults: Faults, limiter: Limiter) -> None:
        super().__init__(world)
        self.faults = faults
        self.limiter = limiter

    async def updates(self, request: web.Request) -> Json:
        body = await body_of(request)
        bot = self.bot_of(request, body.get("bot"))
        if not isinstance(body.get("update"), dict):
            raise DoorError(400, "update must be an object")
        return {"update_id": bot.queue.put_raw(body["update"])}

    async def mischief(self, request: web.Request) -> Json:
        kind, body = request.match_info["kind"], await body_of(request)
        if kind not in KINDS:
            raise DoorError(404, f"there are {', '.join(KINDS)}")
        if kind == "jump":
            queue = self.bot_of(request, body.get("bot")).queue
            queue.jump(_between(body.get("by", 1_000), "by", 1, 1 << 32))
            self.world.mischief.struck.note(kind, "order")
            return {"next_update_id": queue.next_id}
        if kind == "poison":
            queue = self.bot_of(request, body.get("bot")).queue
            count = _between(body.get("count", 1), "count", 1, 1_000)
            return {"update_ids": [self._poison(queue) for _ in range(count)]}
        self.world.mischief.orders.append(order_from(kind, body))
        return {}

    def _poison(self, queue: UpdateQueue) -> int:
        number = queue.put_raw(self.world.mischief.next_poison())
        self.world.mischief.struck.note("poison", "order", update_id=number)
        return number

    async def problems(self, request: web.Request) -> Json:
        fields = [{"method": method, "field": name} for method, name in self.world.unknown_fields]
        return {"unknown_methods": self.world.unknown_methods, "unknown_fields": fields}

    async def forget_problems(self, request: web.Request) -> Json:
        self.world.unknown_methods.clear()
        self.world.unknown_fields.clear()
        return {}

    async def new_fault(self, request: web.Request) -> Json:
        body = await body_of(request)
        kind = body.get("kind")
        if "plan" in body:
            self.faults.plan = self.world.mischief.plan = plan_from(body["plan"])
        elif kind == "outage":
            self.world.mischief.outage_until = self.world.clock.seconds() + lasting_seconds(body)
            for bot in self.world.bots.values():
                bot.queue.stop_polling()
        elif kind == "storm":
            self.faults.storm_until = self.world.clock.seconds() + lasting_seconds(body)
            self.faults.storm_method = str(body.get("method") or "").lower()
        elif kind == "block":
            return {"blocked": self._block(request, body)}
        else:
            self.faults.waiting.append(fault_from(body))
        return {}

    def _block(self, request: web.Request, body: Json) -> list[int]:
        bot = self.bot_of(request, body.get("bot"))
        known = sorted(n for n, chat in bot.chats.items() if n in self.world.people and chat.started)
        share = _between(body.get("percent"), "percent", 0, 100)
        drawn = random.Random(number_of(body.get("seed", 0), "seed")).sample(known, round(len(known) * share / 100))  # noqa: S311 - no secret
        for number in drawn:
            people.set_blocked(self.world, bot, self.world.people[number], blocked=True)
        return sorted(drawn)

    async def show_faults(self, request: web.Request) -> Json:
        return self.faults.view(after=number_of(request.query.get("after", 0), "after"))

    async def clear_faults(self, request: web.Request) -> Json:
        self.faults.clear()
        return {}

    async def limits(self, request: web.Request) -> Json:
        body = await body_of(request)
        self.limiter.enabled = bool(body.get("enabled", self.limiter.enabled))
        return {"enabled": self.limiter.enabled}
