"""The bench's server counts right: its figures are only as good as that. No figure itself is ever asserted."""

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.bench.control import Stand, stand

UNDER = {"text": "Jobs", "reply_markup": {"inline_keyboard": []}}
KEYBOARD = {"inline_keyboard": [[{"text": "Home", "callback_data": "go.home"}]]}


async def _call(session: aiohttp.ClientSession, server: Stand, method: str, params: dict[str, Any]) -> Any:
    async with session.post(f"{server.url}/bot1:x/{method}", json=params) as response:
        answer = await response.json()
    assert answer["ok"]
    return answer["result"]


async def _open(server: Stand, senders: list[int]) -> None:
    await server.open([(sender, "br.l:surveys::") for sender in senders], delay=0, under=UNDER, becomes={"text": "."})


async def test_updates_come_through_the_gate_and_are_confirmed_by_offset() -> None:
    """Proves that a poll waits for the gate, hands out at most 100 in order, and again until they are confirmed."""
    async with stand(first_update=500) as server, aiohttp.ClientSession() as session:
        polling = asyncio.create_task(_call(session, server, "getUpdates", {"timeout": 30}))
        await server.polling()
        assert not polling.done()
        await _open(server, list(range(1, 151)))
        first = await polling
        assert [update["update_id"] for update in first] == list(range(500, 600))
        assert await _call(session, server, "getUpdates", {"timeout": 30}) == first
        rest = await _call(session, server, "getUpdates", {"timeout": 30, "offset": 600})
        assert [update["callback_query"]["from"]["id"] for update in rest] == list(range(101, 151))
        assert await _call(session, server, "getUpdates", {"timeout": 0, "offset": 650}) == []


async def test_each_tap_is_counted_once_whatever_the_form_of_the_calls() -> None:
    """Proves that JSON, form and chunked bodies are read alike, and an edit gives back the message it changed."""
    edit = {"chat_id": 7, "text": "<b>ñ</b> & more", "reply_markup": KEYBOARD, "parse_mode": "HTML"}
    async with stand(first_update=900) as server, aiohttp.ClientSession() as session:
        await _open(server, [7, 7, 7])
        for serial in (900, 901, 902):
            await _call(session, server, "answerCallbackQuery", {"callback_query_id": str(serial)})
        changed = await _call(session, server, "editMessageText", {**edit, "message_id": 900})
        assert (changed["message_id"], changed["chat"]["id"]) == (900, 7)
        url = f"{server.url}/bot1:x/editMessageText"
        form = urlencode({**edit, "message_id": 901, "reply_markup": json.dumps(KEYBOARD)})
        typed = {"Content-Type": "application/x-www-form-urlencoded"}
        async with session.post(url, data=form, headers=typed) as response:
            assert (await response.json())["result"]["message_id"] == 901
        body = json.dumps({**edit, "message_id": 902}).encode()

        async def pieces() -> Any:
            yield body[:40]
            yield body[40:]

        async with session.post(url, data=pieces()) as response:
            assert (await response.json())["ok"]
        await server.done(seconds=5)
        stats = await server.stats()
    assert (stats["taps"], stats["both_once"], stats["repeats"], stats["strays"]) == (3, 3, 0, 0)
    assert stats["texts"] == {"<b>ñ</b> & more": 3}
    assert [json.loads(keyboard) for keyboard in stats["keyboards"]] == [KEYBOARD]
    assert stats["calls"] == {"answerCallbackQuery": 3, "editMessageText": 3}


async def test_what_is_missing_doubled_or_astray_shows() -> None:
    """Proves that a bot which leaves a tap out, answers one twice or edits elsewhere can't look right."""
    async with stand(first_update=40) as server, aiohttp.ClientSession() as session:
        await _open(server, [1, 2, 3])
        for serial in (40, 40, 41, 99):
            await _call(session, server, "answerCallbackQuery", {"callback_query_id": str(serial)})
        for serial, chat in ((40, 1), (41, 2), (42, 9)):
            edit = {"chat_id": chat, "message_id": serial, "text": f"text {serial}"}
            await _call(session, server, "editMessageText", edit)
        stats = await server.stats()
    assert stats["both_once"] == 1
    assert stats["repeats"] == 1
    assert stats["strays"] == 2
    assert stats["distinct_texts"] == 3
