"""A whole bot of another library: it sends, edits, deletes, fetches, sells and meets refusals as at Telegram."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from tests.emulator import late_aiogram as aiogram
from tests.emulator.rawbot import OTHER_TOKEN
from tests.phone import Phone, Telegram
from tests.pictures import photo

BOT_ID = int(OTHER_TOKEN.partition(":")[0])


@pytest.fixture
async def other(base_url: str) -> AsyncIterator[aiogram.Bot]:
    """Give a bot of aiogram."""
    bot = aiogram.Bot(OTHER_TOKEN, session=aiogram.AiohttpSession(api=aiogram.TelegramAPIServer.from_base(base_url)))
    await bot.me()
    yield bot
    await bot.session.close()


@contextlib.asynccontextmanager
async def _polling(bot: aiogram.Bot, dispatcher: aiogram.Dispatcher) -> AsyncIterator[None]:
    polling = asyncio.create_task(
        dispatcher.start_polling(bot, handle_signals=False, polling_timeout=10, close_bot_session=False)
    )
    try:
        yield
    finally:
        await dispatcher.stop_polling()
        await polling


@pytest.fixture
async def zoe(tg: Telegram, other: aiogram.Bot) -> Phone:
    """Give a person who has written to that bot."""
    phone = await tg.person("Zoe", bot=BOT_ID)
    await phone.send("/start")
    return phone


def _keys(*words: str) -> aiogram.types.InlineKeyboardMarkup:
    rows = [[aiogram.types.InlineKeyboardButton(text=word, callback_data=word.lower())] for word in words]
    return aiogram.types.InlineKeyboardMarkup(inline_keyboard=rows)


async def test_messages_are_sent_changed_and_taken_away(other: aiogram.Bot, zoe: Phone, tg: Telegram) -> None:
    """Texts, captions, media and keyboards are edited in place; copies, forwards, pins and deletions are seen."""
    card = await other.send_message(zoe.id, "<b>Card</b>", parse_mode="HTML", reply_markup=_keys("Go", "Stop"))
    assert card.entities is not None
    assert [(entity.type, entity.offset, entity.length) for entity in card.entities] == [("bold", 0, 4)]
    edited = await card.edit_reply_markup(reply_markup=_keys("Go"))
    assert isinstance(edited, aiogram.types.Message)
    assert edited.reply_markup is not None
    assert [[key.text for key in row] for row in edited.reply_markup.inline_keyboard] == [["Go"]]
    edited = await card.edit_text("_Card_", parse_mode="MarkdownV2")
    assert isinstance(edited, aiogram.types.Message)
    assert edited.reply_markup is None
    assert (await zoe.screen()).html == "<i>Card</i>"
    upload = aiogram.types.BufferedInputFile(photo(1), "one.jpg")
    shown = await other.send_photo(zoe.id, upload, caption="One")
    await shown.edit_caption(caption="Two")
    changed = await shown.edit_media(
        aiogram.types.InputMediaPhoto(media=aiogram.types.BufferedInputFile(photo(2), "two.jpg"))
    )
    assert isinstance(changed, aiogram.types.Message)
    assert changed.caption is None
    copied = await card.copy_to(zoe.id)
    forwarded = await card.forward(zoe.id)
    assert isinstance(forwarded.forward_origin, aiogram.types.MessageOriginUser)
    assert await other.pin_chat_message(zoe.id, copied.message_id)
    pinned = (await other.get_chat(zoe.id)).pinned_message
    assert pinned is not None
    assert pinned.message_id == copied.message_id
    assert await forwarded.delete()
    assert await other.delete_messages(zoe.id, [copied.message_id, shown.message_id])
    left = [message.message_id for message in await zoe.chat()]
    assert {forwarded.message_id, copied.message_id, shown.message_id}.isdisjoint(left)
    assert await tg.problems() == []


async def test_files_go_both_ways(other: aiogram.Bot, zoe: Phone, tg: Telegram) -> None:
    """Documents and albums arrive with their bytes, and a file_id sends them again."""
    dispatcher = aiogram.Dispatcher()
    albums: asyncio.Queue[aiogram.types.Message] = asyncio.Queue()

    @dispatcher.message(aiogram.F.document)
    async def echo(message: aiogram.types.Message) -> None:
        assert message.document is not None
        data = await other.download(message.document)
        assert data is not None
        upload = aiogram.types.BufferedInputFile(data.read()[::-1], message.document.file_name or "")
        sent = await message.answer_document(upload, caption="Turned")
        assert sent.document is not None
        items = [aiogram.types.InputMediaDocument(media=sent.document.file_id, caption=word) for word in ("one", "two")]
        await message.answer_media_group(list(items))

    @dispatcher.message(aiogram.F.media_group_id)
    async def collect(message: aiogram.types.Message) -> None:
        await albums.put(message)

    async with _polling(other, dispatcher):
        await zoe.send_document(b"abc", "a.txt", "text/plain")
        turned = await zoe.wait_for("Turned")
        file = await other.get_file(turned.raw["document"]["file_id"])
        assert file.file_path is not None
        data = await other.download_file(file.file_path)
        assert data is not None
        assert data.read() == b"cba"
        await zoe.wait_for("two")
        await zoe.send_photos([photo(1), photo(2), photo(3)], caption="Three")
        parts = [await asyncio.wait_for(albums.get(), 10) for _ in range(3)]
        assert len({part.media_group_id for part in parts}) == 1
        assert [part.caption for part in parts] == ["Three", None, None]
    assert await tg.problems() == []


async def test_a_button_a_sale_and_a_block(other: aiogram.Bot, zoe: Phone, tg: Telegram) -> None:
    """Presses are answered, an invoice in Stars is paid after its question, and a block is told of."""
    dispatcher = aiogram.Dispatcher()
    blocks: asyncio.Queue[str] = asyncio.Queue()
    paid: asyncio.Queue[str] = asyncio.Queue()

    @dispatcher.message(aiogram.filters.Command("buy"))
    async def buy(message: aiogram.types.Message) -> None:
        await message.answer("Sure?", reply_markup=_keys("Yes"))

    @dispatcher.callback_query(aiogram.F.data == "yes")
    async def yes(query: aiogram.types.CallbackQuery) -> None:
        assert isinstance(query.message, aiogram.types.Message)
        await query.answer("Good choice", show_alert=True)
        prices = [aiogram.types.LabeledPrice(label="A month", amount=5)]
        await query.message.answer_invoice("A month", "All jobs", "month", "XTR", prices)

    @dispatcher.pre_checkout_query()
    async def check(query: aiogram.types.PreCheckoutQuery) -> None:
        await query.answer(ok=True)

    @dispatcher.message(aiogram.F.successful_payment)
    async def done(message: aiogram.types.Message) -> None:
        assert message.successful_payment is not None
        await paid.put(message.successful_payment.telegram_payment_charge_id)

    @dispatcher.my_chat_member()
    async def member(change: aiogram.types.ChatMemberUpdated) -> None:
        await blocks.put(change.new_chat_member.status)

    async with _polling(other, dispatcher):
        await zoe.send("/buy")
        await zoe.wait_for("Sure?")
        toast = await zoe.press("Yes")
        assert (toast.text, toast.alert) == ("Good choice", True)
        invoice = await zoe.wait_until(lambda message: "invoice" in message.raw, "an invoice")
        await tg.call("POST", f"people/{zoe.id}/stars", {"amount": 5})
        await tg.call("POST", f"people/{zoe.id}/pay", {"message_id": invoice.message_id, "bot": BOT_ID})
        charge = await asyncio.wait_for(paid.get(), 10)
        assert await other.refund_star_payment(zoe.id, charge)
        await zoe.block()
        assert await asyncio.wait_for(blocks.get(), 10) == "kicked"
        with pytest.raises(aiogram.exceptions.TelegramForbiddenError, match="blocked by the user"):
            await other.send_message(zoe.id, "x")
    assert await tg.problems() == []


async def test_refusals_are_the_librarys_own_kinds(other: aiogram.Bot, zoe: Phone, base_url: str) -> None:
    """Each kind of refusal is raised as the kind this library has for Telegram's."""
    card = await other.send_message(zoe.id, "x")
    with pytest.raises(aiogram.exceptions.TelegramBadRequest, match="message is not modified"):
        await card.edit_text("x")
    with pytest.raises(aiogram.exceptions.TelegramBadRequest, match="BUTTON_DATA_INVALID"):
        await card.edit_reply_markup(reply_markup=_keys("x" * 65))
    with pytest.raises(aiogram.exceptions.TelegramBadRequest, match="can't parse entities"):
        await card.edit_text("<b>", parse_mode="HTML")
    await other.set_webhook("https://e.invalid/hook")
    with pytest.raises(aiogram.exceptions.TelegramConflictError):
        await other.get_updates()
    await other.delete_webhook()
    with pytest.raises(aiogram.exceptions.TelegramNotFound):
        await other.get_custom_emoji_stickers(["1"])
    stranger = aiogram.Bot("123:" + "A" * 20, session=other.session)
    with pytest.raises(aiogram.exceptions.TelegramUnauthorizedError):
        await stranger.get_me()
    with pytest.raises(aiogram.exceptions.TelegramEntityTooLarge):
        await other.send_document(zoe.id, aiogram.types.BufferedInputFile(b"x", "a"), caption="x" * (1 << 20))
