"""The second peer: aiogram 3 as its documentation shows it (Dispatcher, start_polling), storing nothing.

It answers every tap with the text and keyboard it is given, as our bot does; each update is a task of its own, its
default. It gets uvloop, as our bot has it.
"""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import uvloop
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, LinkPreviewOptions, Message

CARD: dict[str, Any] = json.loads(Path(os.environ["BENCH_CARD"]).read_text(encoding="utf-8"))
KEYBOARD = InlineKeyboardMarkup.model_validate(CARD["reply_markup"])
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

dispatcher = Dispatcher()


@dispatcher.callback_query()
async def tapped(query: CallbackQuery) -> None:
    """Answer a tap and edit its message."""
    await query.answer()
    assert isinstance(query.message, Message)
    await query.message.edit_text(
        CARD["text"], parse_mode=ParseMode.HTML, reply_markup=KEYBOARD, link_preview_options=NO_PREVIEW
    )


async def main() -> None:
    """Poll until stopped."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["TELEGRAM_API_URL"]))
    async with Bot(os.environ["BOT_TOKEN"], session=session) as bot:
        await dispatcher.start_polling(bot)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
