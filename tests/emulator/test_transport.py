"""Calls as they come over HTTP: tokens, ways to pass parameters, envelopes, rubbish."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from tests.emulator.rawbot import TOKEN, RawBot
from tests.phone import Phone, Telegram


@pytest.mark.parametrize(
    ("token", "status", "words"),
    [
        ("123", 404, "Not Found"),
        ("abc:def", 404, "Not Found"),
        ("123:short", 401, "Unauthorized"),
        ("123:" + "!" * 35, 401, "Unauthorized"),
    ],
)
async def test_wrong_tokens(base_url: str, token: str, status: int, words: str) -> None:
    """A malformed token is not found, one of the right form but too short is unauthorised."""
    async with aiohttp.ClientSession() as session, session.get(f"{base_url}/bot{token}/getMe") as response:
        assert response.status == status
        assert await response.json() == {"ok": False, "error_code": status, "description": words}


async def test_every_way_to_pass_parameters(bot: RawBot, ali: Phone) -> None:
    """Query, form, JSON and multipart mean the same, and method names ignore case."""
    session, url = bot.session, bot.url("SENDmessage")
    plain = {"chat_id": str(ali.id), "text": "hi"}
    multipart = aiohttp.FormData(plain)
    multipart.add_field("unused", b"", filename="x")
    ways: list[Any] = [
        session.get(url, params=plain),
        session.post(url, params=plain),
        session.post(url, data=plain),
        session.post(url, json=plain),
        session.post(url, json={"chat_id": ali.id, "text": "hi"}),
        session.post(url, data=multipart),
    ]
    for way in ways:
        async with way as response:
            assert (await response.json())["result"]["text"] == "hi"


async def test_objects_come_as_text_or_as_objects(bot: RawBot, ali: Phone) -> None:
    """A keyboard may be a JSON object or the text of one."""
    keyboard = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}
    for markup in (keyboard, json.dumps(keyboard)):
        sent = (await bot.call("sendMessage", chat_id=ali.id, text="x", reply_markup=markup)).result
        assert sent["reply_markup"] == keyboard


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'"x"', b"\xff\xfe", b"nul", b"[" * 100_000, b'{"chat_id":' + b"9" * 10_000 + b"}", b"1" * 1_000_000],
    ids=["cut", "list", "text", "no utf-8", "word", "deep", "long number", "megabyte"],
)
async def test_rubbish_gets_a_400_and_harms_nothing(bot: RawBot, body: bytes) -> None:
    """Bodies that are no JSON object are refused, and the next call is answered as if nothing had been."""
    headers = {"Content-Type": "application/json"}
    async with bot.session.post(bot.url("sendMessage"), data=body, headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["description"].startswith("Bad Request: ")
    assert (await bot.call("getMe")).result


@pytest.mark.parametrize("body", [b"", b"--x\r\n", b"--x\r\n\r\nvalue\r\n--x--", b"garbage", b"--x\r\nA: b\r\n\r\nv"])
async def test_broken_multipart_gets_a_400(bot: RawBot, body: bytes) -> None:
    """Multipart bodies that break off or name no field are refused."""
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with bot.session.post(bot.url("sendMessage"), data=body, headers=headers) as response:
        assert response.status == 400, await response.text()
    assert (await bot.call("getMe")).result


async def test_lone_surrogates_are_refused(bot: RawBot, ali: Phone) -> None:
    """Half of a surrogate pair cannot be part of a text."""
    refused = await bot.call("sendMessage", chat_id=ali.id, text="x\ud800")
    assert refused.error == "Bad Request: strings must be encoded in UTF-8"


async def test_unknown_methods_are_refused_and_noted(bot: RawBot, tg: Telegram) -> None:
    """A method this emulator does not have is never answered with a faked success."""
    refused = await bot.call("sendPoll", chat_id=1)
    assert (refused.status, refused.error) == (404, "Not Found: method not found")
    assert await tg.problems() == ["unknown method sendPoll"]
    await tg.forget_problems()
    assert await tg.problems() == []


async def test_unknown_fields_are_ignored_and_noted(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """A parameter Telegram does not know changes nothing, but the traffic and the problems show it."""
    assert (await bot.call("sendMessage", chat_id=ali.id, text="x", no_such_field=1)).result
    assert await tg.problems() == ["unknown field no_such_field of sendMessage"]
    call = (await tg.traffic(method="sendMessage"))[-1]
    assert call["unknown_fields"] == ["no_such_field"]
    assert call["ok"]
    assert call["params"]["text"] == "x"


async def test_two_tokens_are_two_bots(base_url: str, bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """Each token has its own chats: what is written to one the other never sees."""
    other = RawBot(bot.session, base_url, "99:" + "C" * 35)
    me = (await other.call("getMe")).result
    assert me["id"] == 99
    assert me["username"] != (await bot.call("getMe")).result["username"]
    assert [row["id"] for row in await tg.bots()] == [int(TOKEN.partition(":")[0]), 99]
    refused = await other.call("sendMessage", chat_id=ali.id, text="x")
    assert refused.error == "Forbidden: bot can't initiate conversation with a user"
    with pytest.raises(Exception, match="several bots"):
        await ali.send("to whom?")


async def test_pages_of_other_origins_cannot_use_the_door(base_url: str) -> None:
    """A web page from elsewhere cannot play the people of this emulator."""
    async with aiohttp.ClientSession() as session:
        headers = {"Origin": "http://evil.example"}
        async with session.post(f"{base_url}/door/people", json={"first_name": "X"}, headers=headers) as response:
            assert response.status == 403
        async with session.get(f"{base_url}/web/../server.py") as response:
            assert response.status == 404
        async with session.get(f"{base_url}/web/%2e%2e/server.py") as response:
            assert response.status == 404


async def test_the_traffic_tells_the_answer_and_the_time(bot: RawBot, tg: Telegram, ali: Phone) -> None:
    """A call of the traffic holds its answer and the time by the emulator's clock; a long list is cut."""
    await tg.call("POST", "clock", {"advance_seconds": 86_400})
    sent = (await bot.call("sendMessage", chat_id=ali.id, text="x")).result
    call = (await tg.traffic(method="sendMessage"))[-1]
    assert call["result"]["message_id"] == sent["message_id"]
    assert 0 <= call["at"] - sent["date"] < 60
    for number in range(8):
        await ali.send(f"{number}")
    await bot.call("getUpdates")
    listed = (await tg.traffic(method="getUpdates"))[-1]["result"]
    assert len(listed) == 6
    assert listed[-1].startswith("and ")
