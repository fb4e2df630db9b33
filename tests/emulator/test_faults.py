"""Sending limits and ordered faults."""

from __future__ import annotations

import aiohttp
import pytest

from bot.emulator.limits import Limiter
from tests.emulator.rawbot import RawBot
from tests.phone import Phone, Telegram


def test_a_private_chat_takes_three_and_then_one_a_second() -> None:
    """The bucket of a private chat holds three messages and gets one back each second."""
    limiter = Limiter()
    assert [limiter.refusal(1, 7, now=0.0) for _ in range(4)] == [0, 0, 0, 1]
    assert limiter.refusal(1, 7, now=0.9) == 1
    assert limiter.refusal(1, 7, now=1.0) == 0
    assert limiter.refusal(1, 7, now=1.0) == 1
    assert limiter.refusal(1, 8, now=1.0) == 0
    assert limiter.refusal(2, 7, now=1.0) == 0


def test_thirty_a_second_in_all_with_edits() -> None:
    """All chats together take thirty a second, and edits count among them but in no chat."""
    limiter = Limiter()
    assert [limiter.refusal(1, chat, now=0.0) for chat in range(1, 21)] == [0] * 20
    assert [limiter.refusal(1, None, now=0.0) for _ in range(10)] == [0] * 10
    assert limiter.refusal(1, None, now=0.0) == 1
    assert limiter.refusal(1, 1, now=0.5) == 0


def test_a_group_takes_twenty_a_minute() -> None:
    """A group's bucket gets one back every three seconds."""
    limiter = Limiter()
    assert [limiter.refusal(1, -5, now=float(second)) for second in range(20)].count(0) == 20
    limiter = Limiter()
    taken = sum(limiter.refusal(1, -5, now=second / 10) == 0 for second in range(600))
    assert taken == 20 + 19


async def test_too_many_messages_get_a_429(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """With the limits on the fourth message at once is told how long to wait; a refused text costs nothing."""
    await tg.limits(enabled=True)
    assert (await bot.call("sendMessage", chat_id=ali.id, text="")).status == 400
    answers = [await bot.call("sendMessage", chat_id=ali.id, text="x") for _ in range(4)]
    refused = answers[-1]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert refused.error == "Too Many Requests: retry after 1"
    assert refused.body["parameters"] == {"retry_after": 1}


async def test_an_ordered_refusal_hits_once(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """A fault fits by method and chat, is used up by its count, and carries Telegram's envelope."""
    await tg.fault("error", method="sendMessage", chat_id=ali.id, retry_after=7, count=2)
    assert (await bot.call("getMe")).result
    for _ in range(2):
        refused = await bot.call("sendMessage", chat_id=ali.id, text="x")
        assert (refused.status, refused.body["parameters"]) == (429, {"retry_after": 7})
    assert (await bot.call("sendMessage", chat_id=ali.id, text="x")).result
    await tg.fault("error", error_code=403)
    assert (await bot.call("getMe")).error == "Forbidden: bot was blocked by the user"
    with pytest.raises(Exception, match="kind must be one of"):
        await tg.fault("earthquake")


async def test_connections_are_dropped_before_or_after(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """A connection cut before means nothing was done, cut after means it was done and nobody knows."""
    for kind, texts in (("drop_before", 0), ("drop_after", 1)):
        await tg.fault(kind, method="sendMessage")
        with pytest.raises(aiohttp.ClientError):
            await bot.call("sendMessage", chat_id=ali.id, text=kind)
        assert len([message for message in await ali.chat() if message.text == kind]) == texts


async def test_other_faults(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """Errors of a server in the way, broken answers and slow ones can be ordered too, and taken back."""
    await tg.fault("http500")
    async with bot.session.get(bot.url("getMe")) as response:
        assert response.status == 500
        assert "html" in await response.text()
    await tg.fault("bad_json")
    async with bot.session.get(bot.url("getMe")) as response:
        assert (await response.text()).startswith('{"ok":true')
        with pytest.raises(ValueError, match=r"JSON|Expecting|Unterminated|delimiter"):
            await response.json()
    await tg.fault("delay", seconds=0.05, method="getme")
    assert (await bot.call("getMe")).result
    await tg.fault("http500", count=100)
    await tg.clear_faults()
    assert (await bot.call("getMe")).result
