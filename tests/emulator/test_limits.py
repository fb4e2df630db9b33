"""Sending limits over HTTP: they live by the clock, and beyond thirty a second a bot can pay."""

from __future__ import annotations

from typing import Any

from bot.emulator.limits import Limiter
from tests.emulator.rawbot import Answer, RawBot
from tests.phone import Phone, Telegram

PEOPLE = 60


def test_beyond_thirty_a_second_a_place_can_be_paid_for() -> None:
    """Thirty are free, then up to a thousand a second cost a fee; a single chat's bucket can't be bought."""
    limiter = Limiter()
    places = [limiter.paid_refusal(1, chat, now=0.0) for chat in range(1, 32)]
    assert places == [(0, False)] * 30 + [(0, True)]
    assert [limiter.paid_refusal(1, chat, now=0.0) for chat in range(100, 1100)].count((0, True)) == 999
    assert limiter.refusal(1, 5_000, now=0.0) == 1
    assert [limiter.paid_refusal(2, 7, now=0.0) for _ in range(4)] == [(0, False)] * 3 + [(1, False)]


async def test_the_limits_live_by_the_clock(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """Who is told to wait a second may send when the clock has moved on by one; what is refused shows nowhere."""
    await tg.limits(enabled=True)
    answers = [await bot.call("sendMessage", chat_id=ali.id, text=str(n)) for n in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    await tg.call("POST", "clock", {"advance_seconds": answers[-1].body["parameters"]["retry_after"]})
    assert (await bot.call("sendMessage", chat_id=ali.id, text="4")).result
    assert [message.text for message in await ali.chat() if not message.mine] == ["0", "1", "2", "4"]


async def test_a_webhook_is_set_once_a_second(bot: RawBot, tg: Telegram) -> None:
    """Who sets a webhook again within a second is told to wait; taking it away is never refused."""
    await tg.limits(enabled=True)
    url = "https://example.invalid/hook"
    assert (await bot.call("setWebhook", url=url)).result is True
    assert (await bot.call("setWebhook", url=url)).error == "Too Many Requests: retry after 1"
    assert (await bot.call("deleteWebhook")).result is True
    await tg.call("POST", "clock", {"advance_seconds": 1})
    assert (await bot.call("setWebhook", url=url)).result is True


async def _send_to_all(bot: RawBot, tg: Telegram, **params: Any) -> list[Answer]:
    people = [await tg.person(f"P{number}") for number in range(PEOPLE)]
    for phone in people:
        await phone.send("/start")
    await tg.call("POST", "clock", {"advance_seconds": 60})
    await tg.limits(enabled=True)
    answers = [await bot.call("sendMessage", chat_id=phone.id, text="x", **params) for phone in people]
    await tg.limits(enabled=False)
    return answers


async def test_a_broadcast_is_slow_unless_it_is_paid(bot: RawBot, tg: Telegram) -> None:
    """Without the switch the overall rate holds; with it and without Stars the bot is refused."""
    free = await _send_to_all(bot, tg)
    assert {answer.status for answer in free} == {200, 429}
    poor = await _send_to_all(bot, tg, allow_paid_broadcast=True)
    refused = [answer for answer in poor if answer.status == 400]
    assert refused
    assert {answer.error for answer in refused} == {"Bad Request: BALANCE_TOO_LOW"}


async def test_a_paid_broadcast_costs_a_tenth_of_a_star_each(bot: RawBot, tg: Telegram) -> None:
    """All get through; what was beyond the thirty is taken from the balance and stands in the transactions."""
    assert (await tg.call("POST", "bots/stars", {"amount": 100}))["stars"] == 100
    assert {answer.status for answer in await _send_to_all(bot, tg, allow_paid_broadcast=True)} == {200}
    deposit, fee = (await bot.call("getStarTransactions")).result["transactions"]
    assert (deposit["amount"], deposit["source"]) == (100, {"type": "fragment"})
    count = fee["receiver"]["request_count"]
    assert fee["receiver"] == {"type": "telegram_api", "request_count": count}
    assert 1 <= count <= PEOPLE - 30
    assert fee["amount"] * 10**9 + fee.get("nanostar_amount", 0) == count * 10**8
    balance = (await bot.call("getMyStarBalance")).result
    assert balance["amount"] * 10**9 + balance.get("nanostar_amount", 0) == 100 * 10**9 - count * 10**8
