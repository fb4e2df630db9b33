"""Values of every kind in every parameter of every method: an answer or a refusal, never a fault of the emulator."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from bot.emulator import people, schema
from bot.emulator.params import Params, Upload
from bot.emulator.server import Server
from bot.emulator.world import World

SEED = 20_261_122
ROUNDS = 3_000
LEFT_OUT = ("getUpdates", "setWebhook", "deleteWebhook", "leaveChat", "deleteMessage", "deleteMessages")
SCALARS: tuple[Any, ...] = (
    *(None, "", 0, -1, 1, True, False, 1.5, float("inf"), float("nan"), 10**30, -(10**30), "x" * 5000, "\ud800"),
    *("5", "-5", "9" * 40, "1e999", "NaN", "[", "{}", "[]", "null", "[[[[", "attach://x", "http://e.com", "a.b", "."),
    *("tg://user?id=5", "@x", "\x00", "\N{GRINNING FACE}"),
)
OBJECTS: tuple[Any, ...] = (
    *([], {}, [[]], [{}], [None], [[{}]], [[None]], {"a": 1}, {"type": "x"}, {"type": []}, {"type": None}),
    {"inline_keyboard": [[{"text": "x"}]]},
    {"inline_keyboard": [[{"text": 5, "callback_data": 5}], "x"]},
    {"keyboard": [["x", {"text": "y", "request_users": {}}]]},
    {"message_id": 10**25},
    {"message_id": 1, "quote": "x", "quote_entities": [{"type": "bold", "offset": 10**9, "length": 1}]},
    [{"type": "bold", "offset": 0, "length": 1}] * 3,
    [{"type": "text_mention", "offset": 0, "length": 1, "user": {"id": 10**18}}],
    [{"type": "photo", "media": "x"}],
    {"type": "photo", "media": 5, "caption": 7},
    {"type": "photo", "media": "attach://photo"},
    [{"command": 1, "description": 2}],
    {"type": "chat", "chat_id": 1.5},
    {"type": "web_app", "text": "", "web_app": {"url": ""}},
    {"url": "http://[::1", "is_disabled": None},
    [{"label": "x", "amount": 1}],
    [{"type": "emoji", "emoji": ""}],
)
UPLOADS = (Upload("a", "text/plain", b"x"), Upload("", "", b""), Upload("../a", "image/png", b"\x89PNG"))
USUAL: dict[str, Any] = {
    "text": "hello",
    "latitude": 1,
    "longitude": 1,
    "phone_number": "+123",
    "first_name": "x",
    "title": "t",
    "address": "a",
    "message_ids": [1, 2],
    "description": "d",
    "payload": "p",
    "currency": "XTR",
}


@pytest.mark.parametrize("part", range(4))
async def test_no_value_breaks_a_method(part: int) -> None:
    """Thousands of calls with values drawn at random end in an answer that is JSON or in a refusal, never in a 500."""
    chance = random.Random(SEED + part)
    world = World()
    server, bot, ali = Server(world, limits=False), world.bot(1_234_567), world.add_person({"first_name": "Ali"})
    people.say(world, bot, ali, "/start \N{GRINNING FACE} hello")
    methods = [shape for name, shape in schema.METHODS.items() if name not in LEFT_OUT]
    refused = 0
    for number in range(ROUNDS // 4):
        shape = chance.choice(methods)
        last = chance.randrange(1, max(2, bot.next_message_id))
        usual = {**USUAL, "chat_id": ali.id, "from_chat_id": ali.id, "user_id": ali.id, "message_id": last}
        params = Params({name: value for name, value in usual.items() if name in shape.fields})
        for name in chance.sample(list(shape.fields), min(len(shape.fields), chance.randrange(1, 4))):
            value = chance.choice((*SCALARS, *OBJECTS, *UPLOADS))
            as_text = isinstance(value, dict | list) and chance.random() < 0.3
            params[name] = json.dumps(value) if as_text else value
        result, refusal = await server.perform(bot, shape.name, params, started=0.0)
        refused += refusal is not None
        assert refusal is None or refusal.code != 500, (SEED + part, number, shape.name, dict(params))
        assert json.dumps(result)
    assert ROUNDS / 40 < refused < ROUNDS / 4 - ROUNDS / 40, "too few of the calls were worth making"
