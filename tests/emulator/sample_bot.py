"""A small real bot, of the library the product uses, and a wire on which a mistake can be planted in what it does.

The bot greets, shows photos, papers and albums, edits and tidies up, and dresses itself. A mistake is planted on the
wire: the next call of the rule's method leaves as the rule's wrong call, whatever the bot meant to send, and the bot
gets Telegram's answer to it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from telegram import (
    BotCommand,
    Chat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    MenuButtonCommands,
    Message,
    ReplyParameters,
    Update,
)
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    filters,
)
from telegram.request import BaseRequest, RequestData

from tests.emulator.rawbot import Answer
from tests.emulator.rulebook.record import Rule
from tests.emulator.rulebook.stage import Stage, picture

Context = ContextTypes.DEFAULT_TYPE
AnyApplication = Application[Any, Any, Any, Any, Any, Any]

TOKEN = "5555555:" + "P" * 35
GO = "sample:go"


@dataclass(slots=True)
class Plant:
    """A mistake the bot is about to make, and what it was answered."""

    rule: Rule
    stage: Stage
    answer: asyncio.Future[Answer] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Wire(BaseRequest):
    """How the bot's calls leave: as they are, or with the mistake that is planted."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session
        self.plant: Plant | None = None

    @property
    def read_timeout(self) -> float:
        return 20.0

    async def initialize(self) -> None:
        """Need nothing: the session is open."""

    async def shutdown(self) -> None:
        """Leave the session to whoever opened it."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *timeouts: Any, **more: Any
    ) -> tuple[int, bytes]:
        """Send a call, or the wrong one in its place."""
        plant, name = self.plant, url.rpartition("/")[2].lower()
        if plant is not None and name == plant.rule.good.method.lower():
            self.plant = None
            return await self._mistaken(plant)
        form = aiohttp.FormData(request_data.json_parameters if request_data is not None else {})
        for part, (filename, data, kind) in ((request_data and request_data.multipart_data) or {}).items():
            form.add_field(part, data, filename=filename, content_type=kind)
        async with self.session.request(method, url, data=form if method == "POST" else None) as response:
            return response.status, await response.read()

    async def _mistaken(self, plant: Plant) -> tuple[int, bytes]:
        try:
            answer = await plant.stage.wrong(plant.rule)
        except Exception as error:
            plant.answer.set_exception(error)
            raise
        plant.answer.set_result(answer)
        return answer.status, answer.raw


# -- what the bot does --------------------------------------------------------------------------------------------


def _chat_and_message(update: Update) -> tuple[Chat, Message]:
    assert update.effective_chat is not None
    assert update.effective_message is not None
    return update.effective_chat, update.effective_message


async def hello(update: Update, context: Context) -> None:
    """Greet, with a button."""
    chat, message = _chat_and_message(update)
    await chat.send_action("typing")
    keys = InlineKeyboardMarkup.from_button(InlineKeyboardButton("Go", callback_data=GO))
    reply = ReplyParameters(message.message_id)
    await chat.send_message("<b>Hello</b>", parse_mode="HTML", reply_markup=keys, reply_parameters=reply)


async def go(update: Update, context: Context) -> None:
    """Answer the button, and change the card it is on."""
    query = update.callback_query
    assert query is not None
    await query.answer("Going")
    await query.edit_message_text("Gone")
    await query.edit_message_reply_markup(InlineKeyboardMarkup.from_button(InlineKeyboardButton("x", url="e.com")))


async def show_photo(update: Update, context: Context) -> None:
    """Send a photo, change it, and fetch it back."""
    chat, _ = _chat_and_message(update)
    sent = await chat.send_photo(picture(), caption="One")
    await sent.edit_caption("Two")
    await sent.edit_media(InputMediaPhoto(sent.photo[0].file_id, caption="Three"))
    file = await sent.photo[-1].get_file()
    assert await file.download_as_bytearray()


async def show_paper(update: Update, context: Context) -> None:
    """Send a file and an album."""
    chat, _ = _chat_and_message(update)
    await chat.send_document(b"a,b", filename="a.csv")
    await chat.send_media_group([InputMediaPhoto(picture()), InputMediaPhoto(picture())])


async def tidy(update: Update, context: Context) -> None:
    """Copy, forward, pin and delete."""
    chat, message = _chat_and_message(update)
    copy = await message.copy(chat.id)
    forward = await message.forward(chat.id)
    await chat.pin_message(copy.message_id)
    await chat.unpin_message(copy.message_id)
    await chat.delete_message(copy.message_id)
    await chat.delete_messages([forward.message_id, message.message_id])


async def dress(update: Update, context: Context) -> None:
    """Set what people see of the bot, and look at who is there."""
    chat, _ = _chat_and_message(update)
    bot = context.bot
    await bot.set_my_commands([BotCommand("hello", "Say hello")])
    await bot.set_my_name("Sample")
    await bot.set_my_description("A sample.")
    await bot.set_my_short_description("Sample")
    await bot.set_chat_menu_button(chat.id, MenuButtonCommands())
    await bot.get_chat(chat.id)
    await bot.get_chat_member(chat.id, chat.id)
    await bot.get_me()


async def do(update: Update, context: Context) -> None:
    """Make a call that no other command makes; it has no parameters, as it is there for a mistake to take its place."""
    assert context.args
    await context.bot.request.post(f"{context.bot.base_url}/{context.args[0]}")


COMMANDS: dict[str, tuple[Callable[[Update, Context], Coroutine[Any, Any, None]], str]] = {
    "hello": (hello, "sendChatAction sendMessage"),
    "photo": (show_photo, "sendPhoto editMessageCaption editMessageMedia getFile"),
    "paper": (show_paper, "sendDocument sendMediaGroup"),
    "tidy": (tidy, "copyMessage forwardMessage pinChatMessage unpinChatMessage deleteMessage deleteMessages"),
    "dress": (
        dress,
        "setMyCommands setMyName setMyDescription setMyShortDescription setChatMenuButton getChat getChatMember getMe",
    ),
}
PRESSED = ["answerCallbackQuery", "editMessageText", "editMessageReplyMarkup"]


@dataclass(slots=True)
class SampleBot:
    """The running bot, its wire, and the errors it met."""

    wire: Wire
    application: AnyApplication
    errors: asyncio.Queue[str]


@contextlib.asynccontextmanager
async def sample_bot(base_url: str) -> AsyncIterator[SampleBot]:
    """Run the bot against an emulator."""
    errors: asyncio.Queue[str] = asyncio.Queue()

    async def note(update: object, context: Context) -> None:
        errors.put_nowait(str(context.error))

    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        wire = Wire(session)
        builder = ApplicationBuilder().token(TOKEN).request(wire).get_updates_request(wire)
        application = builder.base_url(f"{base_url}/bot").base_file_url(f"{base_url}/file/bot").build()
        for name, (command, _) in COMMANDS.items():
            application.add_handler(CommandHandler(name, command, filters.ChatType.PRIVATE))
        application.add_handler(CommandHandler("do", do, filters.ChatType.PRIVATE))
        application.add_handler(CallbackQueryHandler(go, GO))
        application.add_error_handler(note)
        async with application:
            await application.start()
            assert application.updater is not None
            await application.updater.start_polling(timeout=5, error_callback=lambda error: None)
            try:
                yield SampleBot(wire, application, errors)
            finally:
                await application.updater.stop()
                await application.stop()
