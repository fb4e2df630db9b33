"""The stage a rule is played on: a bot of its own, a person who wrote to it, and the steps that make things."""

from __future__ import annotations

import io
import json
from functools import cache
from typing import Any

import aiohttp

from tests.emulator.rawbot import Answer, RawBot
from tests.emulator.rulebook.record import File, Good, Params, Rule
from tests.phone import Phone, Telegram
from tests.pictures import photo

CARD_KEYS = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}


class Stage:
    """One bot and one person at the emulator."""

    def __init__(self, tg: Telegram, bot: RawBot, phone: Phone) -> None:
        self.tg = tg
        self.bot = bot
        self.phone = phone

    async def value(self, given: Any) -> Any:
        """Answer a value with every step in it done."""
        if isinstance(given, dict):
            return {name: await self.value(value) for name, value in given.items()}
        if isinstance(given, list):
            return [await self.value(value) for value in given]
        return await given(self) if callable(given) else given

    async def call(self, method: str, params: Params) -> Answer:
        """Do the steps in the parameters, then call: as JSON, or as multipart when files go along."""
        done = {name: await self.value(value) for name, value in params.items()}
        if not any(isinstance(value, File) for value in done.values()):
            return await self.bot.call(method, **done)
        async with self.bot.session.post(self.bot.url(method), data=as_form(done)) as response:
            return Answer(response.status, await response.json())

    async def wrong(self, rule: Rule) -> Answer:
        """Make the wrong call of a rule."""
        if rule.before is not None:
            await rule.before(self)
        return await (self.call(rule.method, rule.wrong_params()) if rule.send is None else rule.send(self))

    async def made(self, method: str, **params: Any) -> Any:
        """Call and answer the result, which must be there."""
        return (await self.call(method, params)).result

    async def somebody(self, name: str = "Eve") -> Phone:
        """Bring another person to life."""
        return await self.tg.person(name, bot=self.phone.bot)


async def set_up(tg: Telegram, session: aiohttp.ClientSession, number: int, name: str = "Ali") -> Stage:
    """Make a bot that has introduced itself and a person who has written to it."""
    bot = RawBot(session, tg.base_url, f"{1_000_000 + number}:{'R' * 35}")
    bot_id = (await bot.call("getMe")).result["id"]
    phone = await tg.person(name, bot=bot_id)
    await phone.send("/start")
    await bot.updates()
    return Stage(tg, bot, phone)


def as_form(params: dict[str, Any]) -> aiohttp.FormData:
    """Write parameters as multipart: files as parts with names, all else as text."""
    form = aiohttp.FormData()
    for name, value in params.items():
        if isinstance(value, File):
            form.add_field(name, io.BytesIO(value.data), filename=value.name)
        else:
            form.add_field(name, value if isinstance(value, str) else json.dumps(value), content_type="text/plain")
    return form


@cache
def picture() -> bytes:
    """Answer a small photo, always the same."""
    return photo(1, size=(640, 480))


# -- steps: chats and people --------------------------------------------------------------------------------------


async def the_chat(stage: Stage) -> int:
    return stage.phone.id


async def the_person(stage: Stage) -> int:
    return stage.phone.id


async def somebody_who_never_wrote(stage: Stage) -> int:
    return (await stage.somebody()).id


async def somebody_who_blocked(stage: Stage) -> int:
    eve = await stage.somebody()
    await eve.send("/start")
    await eve.block()
    return eve.id


async def a_group(stage: Stage) -> int:
    return int((await stage.phone.group_text("/hello", title="Workers"))["chat_id"])


async def a_group_left(stage: Stage) -> int:
    group = await a_group(stage)
    await stage.made("leaveChat", chat_id=group)
    return group


# -- steps: messages ----------------------------------------------------------------------------------------------


async def a_text(stage: Stage) -> int:
    return int((await stage.made("sendMessage", chat_id=stage.phone.id, text="Text"))["message_id"])


async def a_card(stage: Stage) -> int:
    """Send a text "Card" with the keyboard CARD_KEYS."""
    sent = await stage.made("sendMessage", chat_id=stage.phone.id, text="Card", reply_markup=CARD_KEYS)
    return int(sent["message_id"])


async def a_protected_text(stage: Stage) -> int:
    sent = await stage.made("sendMessage", chat_id=stage.phone.id, text="Secret", protect_content=True)
    return int(sent["message_id"])


async def a_photo_message(stage: Stage) -> int:
    file = File("p.jpg", picture())
    return int((await stage.made("sendPhoto", chat_id=stage.phone.id, photo=file, caption="Photo"))["message_id"])


async def a_persons_text(stage: Stage) -> int:
    return await stage.phone.send("mine")


async def a_deleted_text(stage: Stage) -> int:
    number = await a_text(stage)
    await stage.made("deleteMessage", chat_id=stage.phone.id, message_id=number)
    return number


async def a_query(stage: Stage) -> str:
    """Have the person press a button, and answer the number of the query."""
    number = await a_card(stage)
    pressed = await stage.tg.call(
        "POST",
        f"people/{stage.phone.id}/press",
        {"message_id": number, "data": "go", "bot": stage.phone.bot},
    )
    return str(pressed["callback_query_id"])


async def a_late_query(stage: Stage) -> str:
    query = await a_query(stage)
    await stage.tg.move_clock(seconds=151)
    return query


async def an_old_text(stage: Stage) -> int:
    number = await a_text(stage)
    await stage.tg.move_clock(hours=48, seconds=1)
    return number


async def an_answered_query(stage: Stage) -> str:
    query = await a_query(stage)
    await stage.made("answerCallbackQuery", callback_query_id=query)
    return query


# -- steps: files -------------------------------------------------------------------------------------------------


async def a_photo_id(stage: Stage) -> str:
    sent = await stage.made("sendPhoto", chat_id=stage.phone.id, photo=File("p.jpg", picture()))
    return str(sent["photo"][-1]["file_id"])


async def a_document_id(stage: Stage) -> str:
    sent = await stage.made("sendDocument", chat_id=stage.phone.id, document=File("a.txt", b"words"))
    return str(sent["document"]["file_id"])


async def a_photo_id_of_another_bot(stage: Stage) -> str:
    other = RawBot(stage.bot.session, stage.bot.base_url, f"{9_000_000 + stage.phone.id % 1_000_000}:{'S' * 35}")
    bot_id = (await other.call("getMe")).result["id"]
    phone = await stage.tg.person("Nobody", bot=bot_id)
    await phone.send("/start")
    return await a_photo_id(Stage(stage.tg, other, phone))


# -- calls that are taken -----------------------------------------------------------------------------------------

TEXT = Good("sendMessage", {"chat_id": the_chat, "text": "x"})
ACTION = Good("sendChatAction", {"chat_id": the_chat, "action": "typing"})
PHOTO = Good("sendPhoto", {"chat_id": the_chat, "photo": a_photo_id})
DOCUMENT = Good("sendDocument", {"chat_id": the_chat, "document": a_document_id})
EDIT_TEXT = Good("editMessageText", {"chat_id": the_chat, "message_id": a_card, "text": "New"})
EDIT_CAPTION = Good("editMessageCaption", {"chat_id": the_chat, "message_id": a_photo_message, "caption": "New"})
EDIT_KEYS = Good("editMessageReplyMarkup", {"chat_id": the_chat, "message_id": a_card})
ANSWER = Good("answerCallbackQuery", {"callback_query_id": a_query})


def keys(text: str = "x", **kind: Any) -> dict[str, Any]:
    """Write an inline keyboard of one button."""
    return {"inline_keyboard": [[{"text": text, **kind}]]}


def album(*kinds: str) -> list[dict[str, Any]]:
    """Write an album of files that are at Telegram already."""
    ids = {"photo": a_photo_id, "document": a_document_id}
    return [{"type": kind, "media": ids[kind]} for kind in kinds]
