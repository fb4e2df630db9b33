"""What a test orders at the door: raw updates, faults, limits; and what the bot asked for that does not exist."""

from __future__ import annotations

from aiohttp import web

from bot.emulator.door.asking import Asking, body_of
from bot.emulator.errors import DoorError
from bot.emulator.faults import Faults, fault_from
from bot.emulator.limits import Limiter
from bot.emulator.world import Json, World


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

    async def problems(self, request: web.Request) -> Json:
        fields = [{"method": method, "field": name} for method, name in self.world.unknown_fields]
        return {"unknown_methods": self.world.unknown_methods, "unknown_fields": fields}

    async def forget_problems(self, request: web.Request) -> Json:
        self.world.unknown_methods.clear()
        self.world.unknown_fields.clear()
        return {}

    async def new_fault(self, request: web.Request) -> Json:
        self.faults.waiting.append(fault_from(await body_of(request)))
        return {}

    async def clear_faults(self, request: web.Request) -> Json:
        self.faults.waiting.clear()
        return {}

    async def limits(self, request: web.Request) -> Json:
        body = await body_of(request)
        self.limiter.enabled = bool(body.get("enabled", self.limiter.enabled))
        return {"enabled": self.limiter.enabled}
