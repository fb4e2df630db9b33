"""The door: a small JSON interface by which a page or a script is a person with a phone. See docs/EMULATOR.md."""

from __future__ import annotations

import asyncio
import contextlib
import json
import mimetypes
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.emulator import people
from bot.emulator.errors import DoorError
from bot.emulator.faults import Faults, fault_from
from bot.emulator.limits import Limiter
from bot.emulator.params import Upload
from bot.emulator.streams import Streams
from bot.emulator.traffic import shown_call
from bot.emulator.world import PERSON_FIELDS, Bot, Chat, Json, Person, World

MAX_PARTS = 100
MAX_PERSON_ID = 1 << 40

Handler = Callable[[web.Request], Awaitable[Any]]


def _number(value: Any, name: str) -> int:
    if not isinstance(value, bool):
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            return int(value)
    raise DoorError(400, f"{name} must be a number")


async def _body(request: web.Request) -> Json:
    raw = await request.read()
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise DoorError(400, "the body is no JSON") from None
    if not isinstance(body, dict):
        raise DoorError(400, "the body must be a JSON object")
    return body


async def _parts(request: web.Request) -> tuple[list[Upload], dict[str, str]]:
    if not request.content_type.startswith("multipart/"):
        raise DoorError(400, "a multipart body is needed")
    uploads: list[Upload] = []
    fields: dict[str, str] = {}
    try:
        form = await request.post()
    except (ValueError, RuntimeError) as error:
        raise DoorError(400, f"the multipart body cannot be read: {error}") from None
    for name, value in form.items():
        if isinstance(value, web.FileField):
            data = await asyncio.to_thread(value.file.read)
            uploads.append(Upload(value.filename or "file", value.content_type, data))
        else:
            fields[name] = str(value)
        if len(uploads) > MAX_PARTS:
            raise DoorError(400, f"at most {MAX_PARTS} files at once")
    return uploads, fields


class Door:
    """The handlers of `/door/...`, over the world they show and move."""

    def __init__(self, world: World, faults: Faults, limiter: Limiter) -> None:
        self.world = world
        self.faults = faults
        self.limiter = limiter
        self.streams = Streams(world)

    def routes(self) -> list[web.RouteDef]:
        """Answer the table of the door's calls."""
        person = "/door/people/{person}"
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/door/bots", self.bots),
            ("GET", "/door/people", self.people),
            ("POST", "/door/people", self.new_person),
            ("DELETE", person, self.remove_person),
            ("GET", f"{person}/chat", self.chat),
            ("POST", f"{person}/text", self.text),
            ("POST", f"{person}/edit", self.edit),
            ("POST", f"{person}/photos", self.photos),
            ("POST", f"{person}/documents", self.documents),
            ("POST", f"{person}/sticker", self.sticker),
            ("POST", f"{person}/voice", self.voice),
            ("POST", f"{person}/video", self.video),
            ("POST", f"{person}/location", self.location),
            ("POST", f"{person}/contact", self.contact),
            ("POST", f"{person}/press", self.press),
            ("GET", "/door/callbacks/{callback}", self.callback),
            ("POST", f"{person}/read", self.read),
            ("POST", f"{person}/block", self.block),
            ("POST", f"{person}/unblock", self.unblock),
            ("POST", f"{person}/group_text", self.group_text),
            ("POST", "/door/updates", self.updates),
            ("GET", "/door/traffic", self.traffic),
            ("GET", "/door/problems", self.problems),
            ("DELETE", "/door/problems", self.forget_problems),
            ("POST", "/door/faults", self.new_fault),
            ("DELETE", "/door/faults", self.clear_faults),
            ("POST", "/door/limits", self.limits),
            ("GET", "/door/clock", self.clock),
            ("POST", "/door/clock", self.move_clock),
            ("POST", "/door/reset", self.reset),
        ]
        routes = [web.route(method, path, answering(handler)) for method, path, handler in table]
        return [
            *routes,
            web.get("/door/events", self.streams.events),
            web.get("/door/files/{unique_id}", self.file),
        ]

    # -- look-ups -------------------------------------------------------------------------------------------------

    def person_of(self, request: web.Request) -> Person:
        person = self.world.people.get(_number(request.match_info["person"], "the person's id"))
        if person is None:
            raise DoorError(404, f"there is no person {request.match_info['person']}")
        return person

    def bot_of(self, request: web.Request, given: Any = None) -> Bot:
        given = request.query.get("bot") if given is None else given
        if given not in (None, ""):
            bot = self.world.bots.get(_number(given, "bot"))
            if bot is None:
                raise DoorError(404, f"no bot {given} has called yet")
            return bot
        if len(self.world.bots) != 1:
            words = "no bot has called yet" if not self.world.bots else "several bots are here: say which"
            raise DoorError(409, words)
        return next(iter(self.world.bots.values()))

    # -- people and bots ------------------------------------------------------------------------------------------

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
        body = await _body(request)
        fields = {name: str(body[name]) for name in PERSON_FIELDS if name != "id" and body.get(name) is not None}
        if not fields.get("first_name"):
            raise DoorError(400, "first_name is needed")
        number = _number(body["id"], "id") if body.get("id") is not None else None
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
        after = _number(request.query.get("after", 0), "after")
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

    def group_of(self, bot: Bot, given: Any) -> Chat:
        chat = bot.chats.get(_number(given, "chat_id"))
        if chat is None or chat.is_private:
            raise DoorError(404, f"there is no group {given}")
        return chat

    # -- what a person does ---------------------------------------------------------------------------------------

    async def text(self, request: web.Request) -> Json:
        body = await _body(request)
        person, bot = self.person_of(request), self.bot_of(request, body.get("bot"))
        reply_to = _number(body.get("reply_to") or 0, "reply_to")
        return {"message_ids": people.say(self.world, bot, person, str(body.get("text", "")), reply_to=reply_to)}

    async def edit(self, request: web.Request) -> Json:
        body = await _body(request)
        person, bot = self.person_of(request), self.bot_of(request, body.get("bot"))
        number = _number(body.get("message_id"), "message_id")
        people.rewrite(self.world, bot, person, number, str(body.get("text", "")))
        return {}

    async def photos(self, request: web.Request) -> Json:
        return await self._show(request, as_files=False)

    async def documents(self, request: web.Request) -> Json:
        return await self._show(request, as_files=True)

    async def _show(self, request: web.Request, *, as_files: bool) -> Json:
        person = self.person_of(request)
        uploads, fields = await _parts(request)
        bot = self.bot_of(request, fields.get("bot"))
        caption = fields.get("caption", "")
        numbers = await people.show(self.world, bot, person, uploads, caption=caption, as_files=as_files)
        return {"message_ids": numbers}

    async def _give(self, request: web.Request, body: Json, make: Callable[[Bot, Person], Json]) -> Json:
        person, bot = self.person_of(request), self.bot_of(request, body.get("bot"))
        people.writable_chat(self.world, bot, person)
        return {"message_ids": [people.give(self.world, bot, person, make(bot, person))]}

    async def sticker(self, request: web.Request) -> Json:
        return await self._give(request, await _body(request), lambda bot, person: people.sticker(self.world, bot))

    async def voice(self, request: web.Request) -> Json:
        body = await _body(request)
        seconds = _number(body.get("duration", 3), "duration")
        return await self._give(request, body, lambda bot, person: people.voice(self.world, bot, seconds))

    async def video(self, request: web.Request) -> Json:
        uploads: list[Upload] = []
        body: Json
        if request.content_type.startswith("multipart/"):
            uploads, fields = await _parts(request)
            body = dict(fields)
        else:
            body = await _body(request)
        upload = uploads[0] if uploads else None
        return await self._give(request, body, lambda bot, person: people.video(self.world, bot, upload))

    async def location(self, request: web.Request) -> Json:
        body = await _body(request)
        try:
            place = {"latitude": float(body["latitude"]), "longitude": float(body["longitude"])}
        except (KeyError, TypeError, ValueError):
            raise DoorError(400, "latitude and longitude must be numbers") from None
        return await self._give(request, body, lambda bot, person: {"location": place})

    async def contact(self, request: web.Request) -> Json:
        body = await _body(request)

        def make(bot: Bot, person: Person) -> Json:
            contact: Json = {
                "phone_number": str(body.get("phone_number") or person.phone),
                "first_name": str(body.get("first_name") or person.first_name),
                "user_id": person.id if body.get("user_id") is None else _number(body["user_id"], "user_id"),
            }
            if not contact["phone_number"]:
                raise DoorError(400, "phone_number is needed: the person has none")
            return {"contact": contact}

        return await self._give(request, body, make)

    async def press(self, request: web.Request) -> Json:
        body = await _body(request)
        person, bot = self.person_of(request), self.bot_of(request, body.get("bot"))
        group = body.get("chat_id")
        chat = self.world.private_chat(bot, person) if group is None else self.group_of(bot, group)
        number = _number(body.get("message_id"), "message_id")
        data = body.get("data")
        if data is None:
            if body.get("text") is None:
                raise DoorError(400, "data or text is needed")
            data = people.data_of_button(chat, number, str(body["text"]))
        callback = people.press(self.world, chat, person, bot, message_id=number, data=str(data))
        return {"callback_query_id": callback.id}

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

    async def read(self, request: web.Request) -> Json:
        body = await _body(request)
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
        body = await _body(request)
        person, bot = self.person_of(request), self.bot_of(request, body.get("bot"))
        people.set_blocked(self.world, bot, person, blocked=blocked)
        return {}

    async def group_text(self, request: web.Request) -> Json:
        body = await _body(request)
        person, bot = self.person_of(request), self.bot_of(request, body.get("bot"))
        if body.get("chat_id") is not None:
            chat = self.group_of(bot, body["chat_id"])
        else:
            chat = people.join_group(self.world, bot, person, str(body.get("title") or "A group"))
        reply_to = _number(body.get("reply_to") or 0, "reply_to")
        text = str(body.get("text", ""))
        number = people.say_in_group(self.world, bot, chat, person, text, reply_to=reply_to)
        return {"chat_id": chat.id, "message_ids": [number]}

    # -- what a test does -----------------------------------------------------------------------------------------

    async def updates(self, request: web.Request) -> Json:
        body = await _body(request)
        bot = self.bot_of(request, body.get("bot"))
        if not isinstance(body.get("update"), dict):
            raise DoorError(400, "update must be an object")
        return {"update_id": bot.queue.put_raw(body["update"])}

    async def traffic(self, request: web.Request) -> Json:
        after = _number(request.query.get("after", 0), "after")
        return {"calls": [shown_call(call) for call in self.world.calls if call["n"] > after]}

    async def problems(self, request: web.Request) -> Json:
        fields = [{"method": method, "field": name} for method, name in self.world.unknown_fields]
        return {"unknown_methods": self.world.unknown_methods, "unknown_fields": fields}

    async def forget_problems(self, request: web.Request) -> Json:
        self.world.unknown_methods.clear()
        self.world.unknown_fields.clear()
        return {}

    async def new_fault(self, request: web.Request) -> Json:
        self.faults.waiting.append(fault_from(await _body(request)))
        return {}

    async def clear_faults(self, request: web.Request) -> Json:
        self.faults.waiting.clear()
        return {}

    async def limits(self, request: web.Request) -> Json:
        body = await _body(request)
        self.limiter.enabled = bool(body.get("enabled", self.limiter.enabled))
        return {"enabled": self.limiter.enabled}

    async def clock(self, request: web.Request) -> Json:
        clock = self.world.clock
        return {"offset_seconds": clock.offset_seconds, "now_ms": int(clock.seconds() * 1000)}

    async def move_clock(self, request: web.Request) -> Json:
        seconds = _number((await _body(request)).get("advance_seconds"), "advance_seconds")
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


def answering(handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Turn a handler's value, or its DoorError, into a JSON answer; pages of other origins are shut out."""

    async def answer(request: web.Request) -> web.Response:
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            return web.json_response({"error": "the door is for its own page only"}, status=403)
        try:
            return web.json_response(await handler(request))
        except DoorError as error:
            return web.json_response({"error": error.sentence}, status=error.status)

    return answer
