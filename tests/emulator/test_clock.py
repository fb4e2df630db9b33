"""The clock at the door: moved on, everything that hangs on time follows; it outlives the process and the reset."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.emulator.clock import MAX_ADVANCE_SECONDS, Clock
from bot.emulator.running import running
from tests.emulator.rawbot import RawBot, raw_bot
from tests.phone import DoorRefusedError, Phone, Telegram

DAY = 86_400
KEYS = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}


async def move(tg: Telegram, seconds: Any) -> int:
    """Move the clock on and answer how far it is ahead by now."""
    return int((await tg.call("POST", "clock", {"advance_seconds": seconds}))["offset_seconds"])


async def test_moving_the_clock_on_moves_the_dates(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """What is sent or edited after a move has a date as much later, for both sides; what was there keeps its own."""
    first = (await bot.call("sendMessage", chat_id=ali.id, text="x")).result
    before = await tg.call("GET", "clock")
    assert before["offset_seconds"] == 0
    assert await move(tg, 900) == 900
    assert await move(tg, DAY) == DAY + 900
    after = await tg.call("GET", "clock")
    assert 0 <= after["now_ms"] - before["now_ms"] - (DAY + 900) * 1000 < 60_000
    second = (await bot.call("sendMessage", chat_id=ali.id, text="y")).result
    edited = (
        await bot.call("editMessageText", chat_id=ali.id, message_id=first["message_id"], text="new words")
    ).result
    await ali.send("late")
    heard = await bot.update("message")
    assert 0 <= second["date"] - first["date"] - (DAY + 900) < 60
    assert edited["date"] == first["date"]
    for later in (edited["edit_date"], heard["date"]):
        assert 0 <= later - second["date"] < 60


async def test_a_press_is_too_old_after_150_seconds(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """A press may be answered until its time is over, whichever clock took the time."""
    card = (await bot.call("sendMessage", chat_id=ali.id, text="x", reply_markup=KEYS)).result["message_id"]
    in_time, late = await ali.tap_data(card, "b"), await ali.tap_data(card, "b")
    await move(tg, 60)
    assert (await bot.call("answerCallbackQuery", callback_query_id=in_time)).result is True
    await move(tg, 91)
    refused = await bot.call("answerCallbackQuery", callback_query_id=late)
    assert "query is too old" in refused.error


async def test_a_message_of_two_days_ago_cannot_be_deleted(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """The 48 hours in which a message may be deleted pass with the clock."""
    first, second = [(await bot.call("sendMessage", chat_id=ali.id, text="x")).result["message_id"] for _ in range(2)]
    await move(tg, 47 * 3600)
    assert (await bot.call("deleteMessage", chat_id=ali.id, message_id=first)).result is True
    await move(tg, 3601)
    refused = await bot.call("deleteMessage", chat_id=ali.id, message_id=second)
    assert refused.error == "Bad Request: message can't be deleted"


async def test_the_sending_limits_refill_with_the_clock(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """A chat that was written to too fast takes messages again once its time has come."""
    await tg.limits(enabled=True)
    answers = [await bot.call("sendMessage", chat_id=ali.id, text="x") for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    await move(tg, 3)
    assert (await bot.call("sendMessage", chat_id=ali.id, text="x")).status == 200


@pytest.mark.parametrize("seconds", [0, -1, MAX_ADVANCE_SECONDS + 1, "soon", None, [], 10**30, True])
async def test_the_clock_goes_on_in_sensible_steps_only(tg: Telegram, seconds: Any) -> None:
    """A step back, too far or no number is refused, and the time stays."""
    with pytest.raises(DoorRefusedError) as refused:
        await move(tg, seconds)
    assert refused.value.status == 400
    assert (await tg.call("GET", "clock"))["offset_seconds"] == 0


async def test_the_page_hears_of_a_move(bot: RawBot, tg: Telegram) -> None:
    """Whoever listens is told how far the clock is ahead."""

    events = tg.events()
    first = asyncio.ensure_future(anext(events))
    async with asyncio.timeout(5):
        while not first.done():
            await bot.call("getMe")
        await move(tg, 900)
        while (event := await anext(events))["type"] == "call":
            pass
    assert event == {"type": "clock", "offset_seconds": 900}


async def test_a_listener_waits_for_the_clock_alone(tg: Telegram) -> None:
    """Asked for what comes after an offset, the door answers when the clock is moved beyond it, or has been already."""
    asked = asyncio.create_task(tg.call("GET", "clock?after=0"))
    quick = await tg.call("GET", "clock?after=-1")
    assert quick["offset_seconds"] == 0
    assert not asked.done()
    await move(tg, 60)
    assert (await asyncio.wait_for(asked, timeout=5))["offset_seconds"] == 60


async def test_time_and_presses_outlive_a_restart(tmp_path: Path) -> None:
    """After a restart the clock is as far ahead as before; a press that waited is answered, an old one is too old."""
    state = tmp_path / "state.db"
    async with running(port=0, limits=False, state=state) as url, Telegram(url) as tg, raw_bot(url) as bot:
        ali = await tg.person("Ali")
        await ali.send("/start")
        card = (await bot.call("sendMessage", chat_id=ali.id, text="x", reply_markup=KEYS)).result["message_id"]
        old = await ali.tap_data(card, "b")
        await move(tg, 151)
        done, waiting = await ali.tap_data(card, "b"), await ali.tap_data(card, "b")
        await bot.call("answerCallbackQuery", callback_query_id=done, text="done")
    async with running(port=0, limits=False, state=state) as url, Telegram(url) as tg, raw_bot(url) as bot:
        assert (await tg.call("GET", "clock"))["offset_seconds"] == 151
        assert (await tg.call("GET", f"callbacks/{done}"))["text"] == "done"
        assert not (await tg.call("GET", f"callbacks/{waiting}"))["answered"]
        for gone in (old, done):
            assert "query is too old" in (await bot.call("answerCallbackQuery", callback_query_id=gone)).error
        assert (await bot.call("answerCallbackQuery", callback_query_id=waiting, text="late")).result is True
        assert (await tg.call("GET", f"callbacks/{waiting}"))["text"] == "late"
        ali = Phone(tg, (await tg.call("GET", "people"))[0], bot=None, patience_seconds=5)
        assert await ali.tap_data(card, "b") > waiting
        await tg.reset()
        assert (await tg.call("GET", "clock"))["offset_seconds"] == 151
        with pytest.raises(DoorRefusedError):
            await tg.call("GET", f"callbacks/{waiting}")
    async with running(port=0, state=state) as url, Telegram(url) as tg:
        assert (await tg.call("GET", "clock"))["offset_seconds"] == 151
        with pytest.raises(DoorRefusedError):
            await tg.call("GET", f"callbacks/{waiting}")


async def test_whoever_sleeps_wakes_when_the_clock_has_moved_far_enough() -> None:
    """A pause by this clock ends when it is moved past the end, and not by a smaller step."""
    clock = Clock()
    pause = asyncio.create_task(clock.sleep(600))
    await asyncio.sleep(0)
    clock.advance(500)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not pause.done()
    clock.advance(101)
    await asyncio.wait_for(pause, timeout=5)
