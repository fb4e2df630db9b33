"""What the door shows, and how the world itself is changed: bots, people, chats, files, traffic, the clock."""

from __future__ import annotations

import mimetypes

from aiohttp import web

from bot.emulator.door.asking import Asking, body_of, number_of
from bot.emulator.errors import DoorError
from bot.emulator.traffic import shown_call
from bot.emulator.world import PERSON_FIELDS, Json

MAX_PERSON_ID = 1 << 40
CLOCK_POLL_SECONDS = 25.0


class Sights(Asking):
    """The calls that show or make what there is."""

    async def bots(self, request: web.Request) -> list[Json]:
        return [
            {
                "id": bot.id,
                "username": bot.username,
                "first_name": bot.first_name,
                "description": bot.descriptions.get("", ""),
                "short_description": bot.short_descriptions.get("", ""),
                "polling": bot.queue.is_polled,
            }
            for bot in self.world.bots.values()
        ]

    async def people(self, request: web.Request) -> list[Json]:
        return [person.view() for person in self.world.people.values()]

    async def new_person(self, request: web.Request) -> Json:
        body = await body_of(request)
        fields = {name: str(body[name]) for name in PERSON_FIELDS if name != "id" and body.get(name) is not None}
        if not fields.get("first_name"):
            raise DoorError(400, "first_name is needed")
        number = number_of(body["id"], "id") if body.get("id") is not None else None
        if number is not None and not 0 < number < MAX_PERSON_ID:
            raise DoorError(400, "id must be a positive number of a user")
        if number in self.world.people:
            raise DoorError(409, f"there is a person {number} already")
        return self.world.add_person(fields, number).view()

    async def remove_person(self, request: web.Request) -> Json:
        self.world.remove_person(self.person_of(request).id)
        return {}

    async def chat(self, request: web.Request) -> Json:
        person, bot = self.person_of(request), self.bot_of(request)
        after = number_of(request.query.get("after", 0), "after")
        group = request.query.get("chat_id")
        chat = self.world.private_chat(bot, person) if group is None else self.group_of(bot, group)
        messages = [message.view() for number, message in chat.messages.items() if number > after]
        return {
            "person": person.id,
            "bot": bot.id,
            "messages": messages,
            "reply_keyboard": chat.reply_keyboard,
            "commands": self.world.commands_for(bot, person),
            "menu_button": chat.menu_button or bot.menu_button,
            "pinned": chat.pinned,
            "unread": chat.unread,
            "typing": chat.typing(self.world.clock.seconds()),
            "blocked": chat.blocked,
            "started": chat.started,
        }

    async def callback(self, request: web.Request) -> Json:
        callback = self.world.callbacks.get(request.match_info["callback"])
        if callback is None:
            raise DoorError(404, "there is no such callback")
        return {
            "answered": callback.answered,
            "text": callback.text,
            "show_alert": callback.show_alert,
            "url": callback.url,
        }

    async def traffic(self, request: web.Request) -> Json:
        after = number_of(request.query.get("after", 0), "after")
        return {"calls": [shown_call(call) for call in self.world.calls if call["n"] > after]}

    async def clock(self, request: web.Request) -> Json:
        clock = self.world.clock
        known = request.query.get("after")
        if known is not None and number_of(known, "after") >= clock.offset_seconds:
            await clock.moved(CLOCK_POLL_SECONDS)
        return {"offset_seconds": clock.offset_seconds, "now_ms": int(clock.seconds() * 1000)}

    async def move_clock(self, request: web.Request) -> Json:
        seconds = number_of((await body_of(request)).get("advance_seconds"), "advance_seconds")
        try:
            self.world.advance(seconds)
        except ValueError as error:
            raise DoorError(400, str(error)) from None
        return await self.clock(request)

    async def reset(self, request: web.Request) -> Json:
        self.world.reset()
        return {}

    async def file(self, request: web.Request) -> web.Response:
        file = self.world.files.by_unique_id.get(request.match_info["unique_id"])
        if file is None:
            return web.json_response({"error": "there is no such file"}, status=404)
        kind = "image/jpeg" if file.kind == "photo" else mimetypes.guess_type(file.path)[0]
        headers = {"Cache-Control": "private, max-age=31536000", "X-Content-Type-Options": "nosniff"}
        if file.kind == "document" and not (kind or "").startswith(("image/png", "image/jpeg", "image/webp")):
            headers["Content-Disposition"] = "attachment"
        headers["Content-Security-Policy"] = "default-src 'none'"
        return web.Response(body=file.data, content_type=kind or "application/octet-stream", headers=headers)
