"""The door: a small JSON interface by which a page or a script is a person with a phone. See docs/EMULATOR.md.

asking   reading a call           acts     what a person does
sights   what there is to see     orders   what a test breaks
payments invoices and Stars           tour     what a newcomer is shown
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.emulator.door.acts import Acts
from bot.emulator.door.orders import Orders
from bot.emulator.door.payments import Payments
from bot.emulator.door.sights import Sights
from bot.emulator.door.tour import Tour
from bot.emulator.errors import DoorError
from bot.emulator.faults import Faults
from bot.emulator.limits import Limiter
from bot.emulator.streams import Streams
from bot.emulator.world import World

Handler = Callable[[web.Request], Awaitable[Any]]


class Door:
    """The handlers of `/door/...`, over the world they show and move."""

    def __init__(self, world: World, faults: Faults, limiter: Limiter) -> None:
        self.streams = Streams(world)
        self.sights = Sights(world)
        self.acts = Acts(world)
        self.orders = Orders(world, faults, limiter)
        self.payments = Payments(world)
        self.tour = Tour(world)

    def close(self) -> None:
        """End what listeners wait for, so that nothing holds the server up."""
        self.streams.end_all()
        self.payments.close()
        self.orders.world.mischief.close()
        self.sights.world.clock.wake()

    def routes(self) -> list[web.RouteDef]:
        """Answer the table of the door's calls."""
        person = "/door/people/{person}"
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/door/bots", self.sights.bots),
            ("GET", "/door/people", self.sights.people),
            ("POST", "/door/people", self.sights.new_person),
            ("DELETE", person, self.sights.remove_person),
            ("GET", f"{person}/chat", self.sights.chat),
            ("POST", f"{person}/text", self.acts.text),
            ("POST", f"{person}/edit", self.acts.edit),
            ("POST", f"{person}/photos", self.acts.photos),
            ("POST", f"{person}/documents", self.acts.documents),
            ("POST", f"{person}/sticker", self.acts.sticker),
            ("POST", f"{person}/voice", self.acts.voice),
            ("POST", f"{person}/video", self.acts.video),
            ("POST", f"{person}/location", self.acts.location),
            ("POST", f"{person}/contact", self.acts.contact),
            ("POST", f"{person}/press", self.acts.press),
            ("GET", "/door/callbacks/{callback}", self.sights.callback),
            ("POST", f"{person}/read", self.acts.read),
            ("POST", f"{person}/block", self.acts.block),
            ("POST", f"{person}/unblock", self.acts.unblock),
            ("POST", f"{person}/group_text", self.acts.group_text),
            ("POST", f"{person}/pay", self.payments.pay),
            ("POST", f"{person}/stars", self.payments.stars),
            ("GET", "/door/payments/{query}", self.payments.payment),
            ("GET", "/door/invoices", self.payments.link),
            ("POST", "/door/bots/stars", self.payments.bot_stars),
            ("POST", "/door/updates", self.orders.updates),
            ("GET", "/door/traffic", self.sights.traffic),
            ("GET", "/door/problems", self.orders.problems),
            ("DELETE", "/door/problems", self.orders.forget_problems),
            ("POST", "/door/updates/{kind}", self.orders.mischief),
            ("GET", "/door/faults", self.orders.show_faults),
            ("POST", "/door/faults", self.orders.new_fault),
            ("DELETE", "/door/faults", self.orders.clear_faults),
            ("POST", "/door/limits", self.orders.limits),
            ("GET", "/door/clock", self.sights.clock),
            ("POST", "/door/clock", self.sights.move_clock),
            ("GET", "/door/tour", self.tour.show),
            ("POST", "/door/tour", self.tour.keep),
            ("DELETE", "/door/tour", self.tour.forget),
            ("POST", "/door/reset", self.sights.reset),
        ]
        routes = [web.route(method, path, answering(handler)) for method, path, handler in table]
        return [
            *routes,
            web.get("/door/events", self.streams.events),
            web.get("/door/files/{unique_id}", self.sights.file),
        ]


def answering(handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Turn a handler's value, or its DoorError, into a JSON answer."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await handler(request))
        except DoorError as error:
            return web.json_response({"error": error.sentence}, status=error.status)

    return answer
