"""Another client library than the bot's own, whose models check every answer."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import BaseModel

from tests.emulator import late_aiogram as aiogram
from tests.emulator.rawbot import OTHER_TOKEN, RawBot
from tests.phone import Phone, Telegram
from tests.pictures import photo, screenshot


def unknown_fields(model: BaseModel, where: str = "") -> list[str]:
    """List the fields a model did not know, at any depth."""
    found = [f"{where}.{name}" for name in model.model_extra or {}]
    for name in type(model).model_fields:
        value = getattr(model, name, None)
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, BaseModel):
                found += unknown_fields(entry, f"{where}.{name}")
    return found


async def test_updates_and_answers_fit_the_models_of_another_library(bot: RawBot, ali: Phone) -> None:
    """Everything a bot receives is valid by aiogram's models and holds no field they do not know."""
    await ali.send("/start http://e.com #x @ali_tester")
    await ali.send_photos([photo(1), photo(2)], caption="two")
    await ali.send_document(screenshot(1), "s.png", "image/png")
    await ali.send_sticker()
    await ali.send_voice()
    await ali.send_video()
    await ali.send_location(1.5, 2.5)
    await ali.send_contact()
    keys = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}, {"text": "c", "url": "e.com"}]]}
    await bot.call("sendMessage", chat_id=ali.id, text="<b>x</b>", parse_mode="HTML", reply_markup=keys)
    await ali.tap("a")
    await ali.edit(1, "edited")
    await ali.block()
    await ali.unblock()
    await ali.group_text("/help")
    updates = await bot.updates()
    assert len(updates) >= 14
    for raw in updates:
        update = aiogram.types.Update.model_validate(raw)
        assert update.event_type
        assert unknown_fields(update) == []
    for message in await ali.chat():
        raw = {name: value for name, value in message.raw.items() if name not in ("out", "revision", "html")}
        assert unknown_fields(aiogram.types.Message.model_validate(raw)) == []
    details = (await bot.call("getChat", chat_id=ali.id)).result
    assert unknown_fields(aiogram.types.ChatFullInfo.model_validate(details)) == []
    me = (await bot.call("getMe")).result
    assert unknown_fields(aiogram.types.User.model_validate(me)) == []
    info = (await bot.call("getWebhookInfo")).result
    assert unknown_fields(aiogram.types.WebhookInfo.model_validate(info)) == []


async def test_a_bot_of_another_library_runs(base_url: str, tg: Telegram) -> None:
    """A bot written with aiogram polls, answers, edits, sends photos and albums, downloads, and ends."""
    session = aiogram.AiohttpSession(api=aiogram.TelegramAPIServer.from_base(base_url))
    other = aiogram.Bot(OTHER_TOKEN, session=session)
    dispatcher = aiogram.Dispatcher()
    downloaded: list[bytes] = []

    @dispatcher.message(aiogram.filters.CommandStart(deep_link=True))
    async def start(message: aiogram.types.Message) -> None:
        button = aiogram.types.InlineKeyboardButton(text="Go", callback_data="go")
        await message.answer(
            f"Hello {message.text}", reply_markup=aiogram.types.InlineKeyboardMarkup(inline_keyboard=[[button]])
        )

    @dispatcher.callback_query(aiogram.F.data == "go")
    async def go(query: aiogram.types.CallbackQuery) -> None:
        assert isinstance(query.message, aiogram.types.Message)
        await query.message.edit_text("<b>Gone</b>", parse_mode="HTML")
        await query.answer("Done")

    @dispatcher.message(aiogram.F.photo)
    async def picture(message: aiogram.types.Message) -> None:
        assert message.photo is not None
        file = await other.download(message.photo[-1])
        assert file is not None
        downloaded.append(file.read())
        upload = aiogram.types.BufferedInputFile(downloaded[-1], "back.jpg")
        await message.answer_photo(upload, caption="Back")
        media = aiogram.types.InputMediaPhoto(media=upload)
        again = aiogram.types.InputMediaPhoto(media=message.photo[-1].file_id)
        await message.answer_media_group([media, again])

    await other.set_my_commands([aiogram.types.BotCommand(command="start", description="Begin")])
    polling = asyncio.create_task(
        dispatcher.start_polling(other, handle_signals=False, polling_timeout=10, close_bot_session=False)
    )
    try:
        ali = await tg.person("Ali")
        await ali.send("/start ref")
        await ali.wait_for("Hello /start ref")
        assert (await ali.press("Go")).text == "Done"
        assert (await ali.wait_for("Gone")).html == "<b>Gone</b>"
        await ali.send_photos([photo(4)])
        await ali.wait_for("Back")
        assert downloaded[0][:2] == b"\xff\xd8"
        await ali.wait_until(lambda message: message.album is not None, "an album")
        assert await ali.commands() == ["start"]
        with pytest.raises(aiogram.exceptions.TelegramBadRequest, match="chat not found"):
            await other.send_message(5, "x")
        eve = await tg.person("Eve")
        with pytest.raises(aiogram.exceptions.TelegramForbiddenError):
            await other.send_message(eve.id, "x")
        await tg.fault("error", retry_after=3, method="sendMessage")
        with pytest.raises(aiogram.exceptions.TelegramRetryAfter):
            await other.send_message(ali.id, "x")
        assert await tg.problems() == []
    finally:
        await dispatcher.stop_polling()
        await polling
        await session.close()
