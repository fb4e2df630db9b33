"""What a person does with invoices and Stars at the door."""

from __future__ import annotations

import asyncio

from aiohttp import web

from bot.emulator import paying
from bot.emulator.door.asking import Asking, body_of, number_of
from bot.emulator.errors import DoorError
from bot.emulator.till import NANO, WAITING, Checkout
from bot.emulator.world import Json, World

MAX_STARS = 10_000_000


class Payments(Asking):
    """The calls about money; a checkout that nobody answers expires by itself."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.waiting: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        """Wait for no checkout any longer."""
        for task in list(self.waiting):
            task.cancel()

    async def pay(self, request: web.Request) -> Json:
        body = await body_of(request)
        person = self.person_of(request)
        tip = number_of(body.get("tip_amount") or 0, "tip_amount")
        if body.get("link"):
            checkout = paying.pay_link(self.world, person, str(body["link"]), tip=tip)
        else:
            bot = self.bot_of(request, body.get("bot"))
            group = body.get("chat_id")
            chat = self.world.private_chat(bot, person) if group is None else self.group_of(bot, group)
            number = number_of(body.get("message_id"), "message_id")
            checkout = paying.pay_message(self.world, bot, person, chat, number, tip=tip)
        self._watch(checkout)
        return {"pre_checkout_query_id": checkout.id}

    def _watch(self, checkout: Checkout) -> None:
        task = asyncio.get_running_loop().create_task(paying.wait_out(self.world, checkout))
        self.waiting.add(task)
        task.add_done_callback(self.waiting.discard)

    async def payment(self, request: web.Request) -> Json:
        checkout = self.world.till.checkouts.get(request.match_info["query"])
        if checkout is None:
            raise DoorError(404, "there is no such payment")
        if checkout.state == WAITING:
            paying.look_at(self.world, checkout)
        return {"state": checkout.state, "error_message": checkout.error_message}

    async def link(self, request: web.Request) -> Json:
        terms = paying.link_terms(self.world, request.query.get("link", ""))
        return {"bot": terms.bot_id, "invoice": terms.invoice(), **terms.offer()}

    async def bot_stars(self, request: web.Request) -> Json:
        body = await body_of(request)
        bot, amount = self.bot_of(request, body.get("bot")), number_of(body.get("amount"), "amount")
        if not 1 <= amount <= MAX_STARS:
            raise DoorError(400, f"amount must be between 1 and {MAX_STARS}")
        paying.deposit(self.world, bot, amount)
        return {"stars": self.world.till.balances[bot.id] // NANO}

    async def stars(self, request: web.Request) -> Json:
        person = self.person_of(request)
        amount = number_of((await body_of(request)).get("amount"), "amount")
        if not 0 <= person.stars + amount <= MAX_STARS:
            raise DoorError(400, f"a person has between 0 and {MAX_STARS} Stars")
        paying.give_stars(self.world, person, amount)
        return {"stars": person.stars}
