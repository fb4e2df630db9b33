"""Random rubbish, from a seed that is printed: the emulator answers every bit of it in words and never falls over."""

from __future__ import annotations

import json
import logging
import os
import random
import re
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.emulator.methods import METHODS
from bot.emulator.schema import OBJECTS, shape_of
from bot.emulator.server import Server
from bot.emulator.world import World
from tests.emulator.rawbot import RawBot
from tests.hostile import hostile
from tests.phone import Phone

CALLS = 4_000 if os.environ.get("CAMPAIGN") else 500
_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63), 10**30, 1.5, -0.0, 1e308, "", " ", "0", "-1", "9" * 400,
    "true", "null", "[]", "{}", "[[]]", "[{}]", '{"a": [', "NaN", "\0", "\x7f", "é", "\u202e", "💥" * 50, "x" * 5000,
    "\ud800",    [], {}, [[]], [{}], [None], {"": ""}, {"type": None}, {"type": "photo", "media": {}}, [1, "a", [2]], "attach://",
    "attach://x", "file:///etc/passwd", "../../etc/passwd", "http://127.0.0.1:1/", "@x", "tg://user?id=0",
    float("nan"), float("inf"),
)  # fmt: skip
_WORDS = sorted({name for shape in OBJECTS.values() for name in shape.fields})


def odd(chance: random.Random, depth: int = 0) -> Any:
    """Make a value nobody would send on purpose."""
    pick = chance.random()
    if depth < 4 and pick < 0.15:
        return {chance.choice(_WORDS): odd(chance, depth + 1) for _ in range(chance.randrange(4))}
    if depth < 4 and pick < 0.3:
        return [odd(chance, depth + 1) for _ in range(chance.randrange(4))]
    if pick < 0.4:
        return hostile(chance)
    if pick < 0.5:
        return json.dumps(odd(chance, depth + 1))[: chance.randrange(1, 200)]
    return chance.choice(_ODD)


@pytest.fixture
def chance() -> random.Random:
    """Give a source of chance, and print its seed."""
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(10**6)))
    print(f"SEED={seed}")
    return random.Random(seed)


async def test_calls_of_rubbish_are_answered(
    bot: RawBot, ali: Phone, chance: random.Random, caplog: pytest.LogCaptureFixture
) -> None:
    """Every method with any values gets a result or a refusal in Telegram's form, and none ends in a fault."""
    names = sorted(name for name, _ in METHODS.values() if name not in ("setWebhook", "getUpdates"))
    for _ in range(CALLS):
        method = chance.choice(names)
        fields = [*shape_of(method).fields, "no_such_field"]
        params = {name: odd(chance) for name in fields if chance.random() < 0.5}
        for name, usual in (("chat_id", ali.id), ("text", "x"), ("message_id", chance.randrange(1, 9))):
            if name in fields and chance.random() < 0.7:
                params[name] = usual
        answer = await bot.call(method, **params)
        assert answer.body["ok"] or answer.error, (method, params)
        assert answer.status in (200, 400, 403, 404, 413), (method, params, answer.body)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert (await bot.call("getMe")).result["is_bot"]


#: Left out: what would take the person away, and what makes the emulator fail on purpose.
_DANGEROUS = {"POST /door/reset", "DELETE /door/people/{person}", "POST /door/faults", "GET /door/events"}
_DOOR_NAMES = (
    "text message_id data reply_to chat_id title bot first_name id username phone role language_code latitude longitude"
    " phone_number user_id duration update update_id amount tip_amount kind method count seconds enabled caption after"
    " advance_seconds last_name limit share seed"
)
_DOOR_WORDS = _DOOR_NAMES.split()


def door_calls() -> list[tuple[str, str]]:
    """List the calls of the door, from its own table."""
    table = [(route.method, route.path) for route in Server(World()).door.routes() if isinstance(route, web.RouteDef)]
    return [*(call for call in table if " ".join(call) not in _DANGEROUS), ("GET", "/door/{x}"), ("PUT", "/door/bots")]


async def test_the_door_takes_rubbish_of_every_kind(
    bot: RawBot, ali: Phone, chance: random.Random, caplog: pytest.LogCaptureFixture
) -> None:
    """The door answers whatever comes with JSON and never with a fault, and shows the chat afterwards."""
    calls = door_calls()
    for _ in range(CALLS):
        verb, path = chance.choice(calls)
        who = str(ali.id) if chance.random() < 0.8 else chance.choice(["0", "-1", "x", "9" * 30, "%00", "%ff", "..%2f"])
        path = re.sub(r"\{person\}", who, path)
        path = re.sub(r"\{\w+\}", chance.choice(["1", "x" * 300, "%00", "..%2f..%2f", "💥"]), path)
        url = (
            bot.base_url
            + path
            + chance.choice(["", "", "?bot=x", "?after=nan", "?bot=" + "9" * 500, "?chat_id=-5&after="])
        )
        async with bot.session.request(verb, url, **_body(chance)) as response:
            answer = await response.read()
            assert response.status < 500, (verb, url, answer)
            if response.content_type == "application/json":
                told = json.loads(answer, parse_constant=_no_number)
                assert response.status < 400 or "error" in told, (verb, url, answer)
            else:
                assert response.status == 200, (verb, url, answer)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert await ali.chat() is not None
    assert (await bot.call("getMe")).result["is_bot"]
    async with bot.session.get(bot.url("getUpdates")) as response:
        assert json.loads(await response.read(), parse_constant=_no_number)["ok"]


def _no_number(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


def _body(chance: random.Random) -> dict[str, Any]:
    pick = chance.random()
    if pick < 0.6:
        return {"json": {name: odd(chance) for name in chance.sample(_DOOR_WORDS, chance.randrange(5))}}
    if pick < 0.7:
        return {"json": odd(chance)}
    if pick < 0.85:
        kinds = ["application/json", "multipart/form-data", "multipart/form-data; boundary=x", "text/plain", "x"]
        return {"data": chance.randbytes(chance.randrange(200)), "headers": {"Content-Type": chance.choice(kinds)}}
    form = aiohttp.FormData()
    for _ in range(chance.randrange(3)):
        form.add_field("file", chance.randbytes(50), filename=chance.choice(["x", "../x", "é", "", "a" * 300]))
    form.add_field(chance.choice(_DOOR_WORDS), "x")
    return {"data": form}
