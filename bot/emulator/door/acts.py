"""What a person does at the door: writing, sending, pressing, reading, blocking."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from bot.emulator import people
from bot.emulator.door.asking import Asking, body_of, number_of, parts_of
from bot.emulator.errors import DoorError
from bot.emulator.params import Upload
from bot.emulator.world import Bot, Json, Person

MAX_VOICE_SECONDS = 3_600


class Acts(Asking):
    """The calls below `/door/people/{id}/` that do something."""

    async def text(self, request: web.Request) -> Json:
        body = await body_of(request)
        person, bot = self.person_of(request), self.bot_of(request, body.get("bot"))
        reply_to = number_of(body.get("reply_to") or 0, "reply_to")
        return {"message_ids": people.say(self.world, bot, person, str(body.get("text", "")), reply_to=reply_to)}

    async def edit(self, request: web.Request) -> Json:
        body = await body_of(request)
        person, bot = self.person_of(request), self.bot_of(request, body.get("bot"))
        number = number_of(body.get("message_id"), "message_id")
        people.rewrite(self.world, bot, person, number, str(body.get("text", "")))
        return {}

    async def photos(self, request: web.Request) -> Json:
        return await self._show(request, as_files=False)

    async def documents(self, request: web.Request) -> Json:
        return await self._show(request, as_files=True)

    async def _show(self, request: web.Request, *, as_files: bool) -> Json:
        person = self.person_of(request)
        uploads, fields = await parts_of(request)
        bot = self.bot_of(request, fields.get("bot"))
        caption = fields.get("caption", "")
        numbers = await people.show(self.world, bot, person, uploads, caption=caption, as_files=as_files)
        return {"message_ids": numbers}

    async def _give(self, request: web.Request, body: Json, make: Callable[[Bot, Person], Json]) -> Json:
        person, bot = self.person_of(request), self.bot_of(request, body.get("bot"))
        people.writable_chat(self.world, bot, person)
        return {"message_ids": [people.give(self.world, bot, person, make(bot, person))]}

    async def sticker(self, request: web.Request) -> Json:
        return await self._give(request, await body_of(request), lambda bot, person: people.sticker(self.world, bot))

    async def voice(self, request: web.Request) -> Json:
        body = await body_of(request)
        seconds = number_of(body.get("duration", 3), "duration")
        if not 0 < seconds <= MAX_VOICE_SECONDS:
            raise DoorError(400, f"duration must be 1 to {MAX_VOICE_SECONDS} seconds")
        return await self._give(request, body, lambda bot, person: people.voice(self.world, bot, seconds))

    async def video(self, request: web.Request) -> Json:
        uploads: list[Upload] = []
        body: Json
        if request.content_type.startswith("multipart/"):
            uploads, fields = await parts_of(request)
            body = dict(fields)
        else:
            body = await body_of(request)
        upload = uploads[0] if uploads else None
        return await self._give(request, body, lambda bot, person: people.video(self.world, bot, upload))

    async def location(self, request: web.Request) -> Json:
        body = await body_of(request)
        try:
            place = {"latitude": float(body["latitude"]), "longitude": float(body["longitude"])}
        except (KeyError, TypeError, ValueError, OverflowError):
            raise DoorError(400, "latitude and longitude must be numbers") from None
        if not (abs(place["latitude"]) <= 90 and abs(place["longitude"]) <= 180):
            raise DoorError(400, "latitude goes from -90 to 90, longitude from -180 to 180")
        return await self._give(request, body, lambda bot, person: {"location": place})

    async def contact(self, request: web.Request) -> Json:
        body = await body_of(request)

        def make(bot: Bot, person: Person) -> Json:
            contact: Json = {
                "phone_number": str(body.get("phone_number") or person.phone),
                "first_name": str(body.get("first_name") or person.first_name),
                "user_id": person.id if body.get("user_id") is None else number_of(body["user_id"], "user_id"),
            }
            if not contact["phone_number"]:
                raise DoorError(400, "phone_number is needed: the person has none")
            return {"contact": contact}

        return await self._give(request, body, make)

    async def press(self, request: web.Request) -> Json:
        body = await body_of(request)
        person, bot = self.person_of(request), self.bot_of(request, body.get("bot"))
        group = body.get("chat_id")
        chat = self.world.private_chat(bot, person) if group is None else self.group_of(bot, group)
        number = number_of(body.get("message_id"), "message_id")
        data = body.get("data")
        if data is None:
            if body.get("text") is None:
                raise DoorError(400, "data or text is needed")
            data = people.data_of_button(chat, number, str(body["text"]))
        callback = people.press(self.world, chat, person, bot, message_id=number, data=str(data))
        return {"callback_query_id": callback.id}

    async def read(self, request: web.Request) -> Json:
        body = await body_of(request)
        chat = self.world.private_chat(self.bot_of(request, body.get("bot")), self.person_of(request))
        if chat.unread:
            chat.unread = 0
            self.world.tell_chat(chat)
        return {}

    async def block(self, request: web.Request) -> Json:
        return await self._set_blocked(request, blocked=True)

    async def unblock(self, request: web.Request) -> Json:
        return await self._set_blocked(request, blocked=False)

    async def _set_blocked(self, request: web.Request, *, blocked: bool) -> Json:
        body = await body_of(request)
        person, bot = self.person_of(request), self.bot_of(request, body.get("bot"))
        people.set_blocked(self.world, bot, person, blocked=blocked)
        return {}

    async def group_text(self, request: web.Request) -> Json:
        body = await body_of(request)
        person, bot = self.person_of(request), self.bot_of(request, body.get("bot"))
        if body.get("chat_id") is not None:
            chat = self.group_of(bot, body["chat_id"])
        else:
            chat = people.join_group(self.world, bot, person, str(body.get("title") or "A group"))
        reply_to = number_of(body.get("reply_to") or 0, "reply_to")
        text = str(body.get("text", ""))
        number = people.say_in_group(self.world, bot, chat, person, text, reply_to=reply_to)
        return {"chat_id": chat.id, "message_ids": [number]}
