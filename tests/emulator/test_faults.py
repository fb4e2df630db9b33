"""Sending limits and ordered faults."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from bot.emulator.limits import Limiter
from tests.emulator.rawbot import RawBot
from tests.phone import DoorRefusedError, Phone, Telegram
from tests.waiting import eventually


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


async def _faults(tg: Telegram) -> dict[str, Any]:
    shown: dict[str, Any] = await tg.call("GET", "faults")
    return shown


async def _texts(ali: Phone) -> list[str]:
    return [message.text for message in await ali.chat() if not message.mine]


async def test_a_refused_connection_says_nothing_and_does_nothing(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """The connection ends before a byte of an answer, nothing has happened, and the strike is on record."""
    await tg.fault("refuse", method="sendMessage", count=2)
    for _ in range(2):
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await bot.call("sendMessage", chat_id=ali.id, text="x")
    assert (await bot.call("sendMessage", chat_id=ali.id, text="y")).result
    assert await _texts(ali) == ["y"]
    assert (await _faults(tg))["struck"] == {"refuse": 2}


async def test_half_an_answer_follows_the_whole_effect(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """An answer that breaks off in the middle of its JSON, or is cut to no JSON: the message is there all the same."""
    await tg.fault("cut_json", method="sendMessage")
    with pytest.raises(aiohttp.ClientPayloadError):
        await bot.call("sendMessage", chat_id=ali.id, text="cut")
    await tg.fault("bad_json", method="sendMessage")
    with pytest.raises(ValueError, match="char"):
        await bot.call("sendMessage", chat_id=ali.id, text="bad")
    assert await _texts(ali) == ["cut", "bad"]


async def test_a_gateway_answers_in_html(bot: RawBot, tg: Telegram) -> None:
    """What stands before Telegram answers 502 with a page of its own."""
    await tg.fault("http502")
    async with bot.session.get(bot.url("getMe")) as response:
        assert (response.status, response.content_type) == (502, "text/html")
        assert "nginx" in await response.text()


async def test_a_late_answer_comes_after_the_effect_and_a_delayed_one_before(
    bot: RawBot, ali: Phone, tg: Telegram
) -> None:
    """Both wait by the clock; only what comes late has been done meanwhile."""
    for kind, done in (("late", ["late"]), ("delay", ["late"])):
        await tg.fault(kind, method="sendMessage", seconds=60)
        call = asyncio.create_task(bot.call("sendMessage", chat_id=ali.id, text=kind))
        await eventually(_struck(tg, kind), f"{kind} strikes")
        assert await _texts(ali) == done
        assert not call.done()
        await tg.call("POST", "clock", {"advance_seconds": 60})
        assert (await call).result["text"] == kind
    assert await _texts(ali) == ["late", "delay"]


def _struck(tg: Telegram, kind: str) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return bool((await _faults(tg))["struck"].get(kind))

    return look


async def test_a_storm_blows_over(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """All that sends is told 429 with what is left of the storm, other methods are not; then it is over."""
    await tg.call("POST", "faults", {"kind": "storm", "seconds": 40})
    refused = await bot.call("sendMessage", chat_id=ali.id, text="x")
    assert refused.body["parameters"]["retry_after"] == 40
    assert (await bot.call("getMe")).result
    await tg.call("POST", "clock", {"advance_seconds": 30})
    edit = await bot.call("editMessageText", chat_id=ali.id, message_id=1, text="x")
    assert edit.error == f"Too Many Requests: retry after {edit.body['parameters']['retry_after']}"
    assert edit.body["parameters"]["retry_after"] <= 10
    await tg.call("POST", "clock", {"advance_seconds": 10})
    assert (await bot.call("sendMessage", chat_id=ali.id, text="x")).result


async def test_an_outage_of_six_hours(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """Nothing gets through before the clock has passed it, files neither; what people wrote meanwhile waits."""
    polling = asyncio.create_task(bot.call("getUpdates", offset=bot.offset, timeout=50))
    await tg.polling_bot()
    await tg.call("POST", "faults", {"kind": "outage", "seconds": 6 * 3600})
    assert (await polling).result == []
    await ali.send("is anybody there?")
    for advance in (6 * 3600 - 1800, 1200):
        for method in ("getUpdates", "getMe", "nonsense"):
            with pytest.raises(aiohttp.ServerDisconnectedError):
                await bot.call(method)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await bot.session.get(f"{bot.base_url}/file/bot{bot.token}/photos/file_1.jpg")
        await tg.call("POST", "clock", {"advance_seconds": advance})
        assert 0 < (await _faults(tg))["outage_seconds"] <= 1800
    await tg.call("POST", "clock", {"advance_seconds": 600})
    assert (await bot.update("message"))["text"] == "is anybody there?"
    assert (await _faults(tg))["struck"]["outage"] >= 8


async def _struck_by_plan(bot: RawBot, people: list[Phone], plan: dict[str, Any], *, shuffled: int = 0) -> list[str]:
    """Send ten texts to each under a plan, and answer what befell whom."""
    tg = people[0].telegram
    before = len((await _faults(tg))["log"])
    await tg.call("POST", "faults", {"plan": plan})
    order = [phone for phone in people for _ in range(10)]
    random.Random(shuffled).shuffle(order)
    for phone in order:
        with contextlib.suppress(aiohttp.ClientError, ValueError, AssertionError):
            await bot.call("sendMessage", chat_id=phone.id, text="x")
    await tg.clear_faults()
    log = (await _faults(tg))["log"][before:]
    numbers = {phone.id: str(number) for number, phone in enumerate(people)}
    return sorted(f"{row['kind']} of {numbers[row['chat_id']]}" for row in log)


async def test_a_plan_can_be_played_again(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """The same seed and the same calls give the same faults, whatever chat comes first; another seed gives others."""
    people = [ali, *[await tg.person(name) for name in ("Zoe", "Eve")]]
    for phone in people[1:]:
        await phone.send("/start")
    rates = dict.fromkeys(("refuse", "drop_before", "drop_after", "http500", "http502", "cut_json", "bad_json"), 0.05)
    plan = {"seed": 7, "rates": {**rates, "flood": 0.1, "error": 0.05}, "methods": ["sendMessage"]}
    first = await _struck_by_plan(bot, people, plan)
    assert 5 <= len(first) <= 28
    assert await _struck_by_plan(bot, people, plan, shuffled=1) == first
    assert await _struck_by_plan(bot, people, {**plan, "seed": 8}) != first
    everything = {**plan, "rates": {"http502": 1.0}}
    assert len(await _struck_by_plan(bot, people, everything)) == 30
    assert await _struck_by_plan(bot, people, {**everything, "methods": ["getMe"]}) == []


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "earthquake"},
        {"kind": "delay", "seconds": "soon"},
        {"kind": "error", "error_code": 200},
        {"kind": "outage"},
        {"kind": "storm", "seconds": -1},
        {"kind": "outage", "seconds": "x"},
        {"kind": "block", "percent": 101},
        {"plan": 5},
        {"plan": {"seed": 1}},
        {"plan": {"seed": "x", "rates": {}}},
        {"plan": {"rates": {"earthquake": 0.1}}},
        {"plan": {"rates": {"error": 0.6, "flood": 0.6}}},
        {"plan": {"rates": {"error": -0.1}}},
        {"plan": {"rates": {}, "methods": "sendMessage"}},
    ],
)
async def test_a_wrong_order_is_refused(bot: RawBot, ali: Phone, tg: Telegram, order: dict[str, Any]) -> None:
    """An order that says nothing sensible switches nothing on."""
    with pytest.raises(DoorRefusedError):
        await tg.call("POST", "faults", order)
    shown = await _faults(tg)
    assert (shown["orders"], shown["plan"], shown["outage_seconds"], shown["storm_seconds"]) == ([], None, 0, 0)


async def test_a_share_of_the_people_blocks_the_bot(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """A drawn share blocks: the bot is told by `my_chat_member` and refused with 403; the same seed draws the same."""
    crowd = [ali, *[await tg.person(f"P{number}") for number in range(9)]]
    for phone in crowd[1:]:
        await phone.send("/start")
    await bot.updates()
    await bot.updates()
    order = {"kind": "block", "percent": 30, "seed": 5}
    blocked = (await tg.call("POST", "faults", order))["blocked"]
    assert len(blocked) == 3
    told = [update["my_chat_member"] for update in await bot.updates()]
    assert sorted(change["chat"]["id"] for change in told) == blocked
    assert {change["new_chat_member"]["status"] for change in told} == {"kicked"}
    for phone in crowd:
        answer = await bot.call("sendMessage", chat_id=phone.id, text="x")
        assert answer.status == (403 if phone.id in blocked else 200)
        if phone.id in blocked:
            assert answer.error == "Forbidden: bot was blocked by the user"
            await phone.unblock()
    assert (await tg.call("POST", "faults", order))["blocked"] == blocked
    assert (await tg.call("POST", "faults", {**order, "seed": 6}))["blocked"] != blocked
