"""What the test client sees and refuses: old buttons, the n-th of two alike, silent, edited, deleted, paid messages."""

from __future__ import annotations

import asyncio

import pytest

from tests.emulator.rawbot import RawBot
from tests.phone import Phone
from tests.pictures import photo

TWINS = {"inline_keyboard": [[{"text": "Take", "callback_data": "1"}, {"text": "Take", "callback_data": "2"}]]}
OTHER = {"inline_keyboard": [[{"text": "Leave", "callback_data": "3"}]]}
STARS = {"currency": "XTR", "prices": [{"label": "Tip", "amount": 5}]}


async def answered(bot: RawBot, text: str = "ok") -> str:
    """Answer the next press and give what was pressed."""
    query = await bot.update("callback_query")
    await bot.call("answerCallbackQuery", callback_query_id=query["id"], text=text)
    return str(query["data"])


async def test_the_second_of_two_alike_can_be_pressed(bot: RawBot, ali: Phone) -> None:
    """Of buttons with the same words the first is pressed, or the n-th when the story says so; a third is not there."""
    await bot.call("sendMessage", chat_id=ali.id, text="Two jobs", reply_markup=TWINS)
    for nth in (1, 2):
        _, data = await asyncio.gather(ali.press("Take", nth=nth), answered(bot))
        assert data == str(nth)
    with pytest.raises(AssertionError, match="sees no button 'Take'"):
        await ali.press("Take", nth=3)


async def test_an_old_button_is_pressed_under_its_own_name(bot: RawBot, ali: Phone) -> None:
    """`press` refuses what is no longer shown and says what is; `press_old` presses it as it once was."""
    card = (await bot.call("sendMessage", chat_id=ali.id, text="Old", reply_markup=TWINS)).result["message_id"]
    seen = await ali.screen()
    await bot.call("editMessageText", chat_id=ali.id, message_id=card, text="New", reply_markup=OTHER)
    with pytest.raises(AssertionError, match=r"\[Leave\]"):
        await ali.press("Take")
    toast, data = await asyncio.gather(ali.press_old(seen, "Take"), answered(bot, "too late"))
    assert (toast.text, data) == ("too late", "1")
    with pytest.raises(AssertionError, match="never saw"):
        await ali.press_old(seen, "Leave")


async def test_silent_edited_and_deleted_are_seen(bot: RawBot, ali: Phone) -> None:
    """A message tells whether it came silently and how often it was edited; one that is gone is known to be gone."""
    loud = (await bot.call("sendMessage", chat_id=ali.id, text="loud")).result["message_id"]
    quiet = (await bot.call("sendMessage", chat_id=ali.id, text="quiet", disable_notification=True)).result
    assert "silent" not in quiet  # a word of the door's, not of Telegram's
    await bot.call("editMessageText", chat_id=ali.id, message_id=loud, text="louder")
    first, second = await ali.message(loud), await ali.message(quiet["message_id"])
    assert (first.silent, first.edited, first.revision) == (False, True, 1)
    assert (second.silent, second.edited) == (True, False)
    gone = asyncio.create_task(ali.wait_for_deletion(loud))
    await bot.call("deleteMessage", chat_id=ali.id, message_id=loud)
    await gone
    assert ali.deleted == [loud]
    with pytest.raises(AssertionError, match="sees no message"):
        await ali.message(loud)


async def test_every_kind_can_be_sent(bot: RawBot, ali: Phone) -> None:
    """A phone sends whatever people send; the bot gets each as its own kind, files with bytes to download."""
    await ali.send_photo(photo(1), caption="one")
    await ali.send_photos([photo(2), photo(3)])
    await ali.send_document(b"%PDF-1.4", "a.pdf", "application/pdf")
    await ali.send_sticker()
    await ali.send_voice(7)
    await ali.send_video()
    await ali.send_location(41.0, 29.0)
    await ali.send_contact()
    heard = [update["message"] for update in await bot.updates()]
    kinds = ("photo", "document", "sticker", "voice", "video", "location", "contact")
    found = [next(kind for kind in kinds if kind in message) for message in heard]
    assert found == ["photo", "photo", "photo", "document", "sticker", "voice", "video", "location", "contact"]
    for kind, message in zip(found, heard, strict=True):
        if kind not in ("location", "contact"):
            body = message[kind][-1] if kind == "photo" else message[kind]
            path = (await bot.call("getFile", file_id=body["file_id"])).result["file_path"]
            async with bot.session.get(f"{bot.base_url}/file/bot{bot.token}/{path}") as response:
                assert len(await response.read()) == body["file_size"] > 0
    assert "voice" in str(await ali.message(heard[5]["message_id"]))


async def test_paying_tells_what_became_of_it(bot: RawBot, ali: Phone) -> None:
    """A payment ends as paid, or refused with the bot's own words."""
    await ali.telegram.call("POST", f"people/{ali.id}/stars", {"amount": 100})

    async def decide(*, fine: bool) -> None:
        query = await bot.update("pre_checkout_query")
        words = {} if fine else {"error_message": "Sold out"}
        await bot.call("answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=fine, **words)

    for fine in (False, True):
        await bot.call("sendInvoice", chat_id=ali.id, title="Tip", description="A tip", payload="t", **STARS)
        payment, _ = await asyncio.gather(ali.pay(await ali.screen()), decide(fine=fine))
        assert (payment.state, payment.error) == (("paid", None) if fine else ("refused", "Sold out"))


async def test_time_can_be_moved_from_a_story(bot: RawBot, ali: Phone) -> None:
    """`move_clock` takes days, hours, minutes and seconds, and the messages' dates follow."""
    await bot.call("sendMessage", chat_id=ali.id, text="x")
    before = (await ali.screen()).date
    await ali.telegram.move_clock(days=1, hours=1, minutes=1, seconds=1)
    await bot.call("sendMessage", chat_id=ali.id, text="y")
    assert (await ali.screen()).date - before >= 86_400 + 3600 + 61
