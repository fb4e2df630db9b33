"""What every call of the door begins with: reading its body, and finding the person, the bot and the chat it means."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

from aiohttp import web

from bot.emulator.errors import DoorError
from bot.emulator.params import Upload, is_too_deep
from bot.emulator.world import Bot, Chat, Json, Person, World

MAX_PARTS = 100


def number_of(value: Any, name: str) -> int:
    """Read a number.

    Raises: DoorError 400.
    """
    if not isinstance(value, bool):
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            return int(value)
    raise DoorError(400, f"{name} must be a number")


async def body_of(request: web.Request) -> Json:
    """Read a body: a JSON object, or nothing, which counts as an empty one.

    Raises: DoorError 400.
    """
    raw = await request.read()
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise DoorError(400, "the body is no JSON") from None
    if not isinstance(body, dict):
        raise DoorError(400, "the body must be a JSON object")
    if is_too_deep(body):
        raise DoorError(400, "the body is nested too deep")
    return body


async def parts_of(request: web.Request) -> tuple[list[Upload], dict[str, str]]:
    """Read a multipart body: its files and its other fields.

    Raises: DoorError 400.
    """
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


class Asking:
    """The look-ups of a group of calls, over the world they are about."""

    def __init__(self, world: World) -> None:
        self.world = world

    def person_of(self, request: web.Request) -> Person:
        person = self.world.people.get(number_of(request.match_info["person"], "the person's id"))
        if person is None:
            raise DoorError(404, f"there is no person {request.match_info['person']}")
        return person

    def bot_of(self, request: web.Request, given: Any = None) -> Bot:
        given = request.query.get("bot") if given is None else given
        if given not in (None, ""):
            bot = self.world.bots.get(number_of(given, "bot"))
            if bot is None:
                raise DoorError(404, f"no bot {given} has called yet")
            return bot
        if len(self.world.bots) != 1:
            words = "no bot has called yet" if not self.world.bots else "several bots are here: say which"
            raise DoorError(409, words)
        return next(iter(self.world.bots.values()))

    def group_of(self, bot: Bot, given: Any) -> Chat:
        chat = bot.chats.get(number_of(given, "chat_id"))
        if chat is None or chat.is_private:
            raise DoorError(404, f"there is no group {given}")
        return chat
