"""The queue of updates: polling, confirming, conflicts, raw updates, webhooks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

from bot.emulator.running import running
from tests.emulator.rawbot import RawBot, raw_bot
from tests.phone import Phone, Telegram

WITH_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
OTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


async def test_an_update_stays_until_it_is_confirmed(bot: RawBot, ali: Phone) -> None:
    """Updates come again until a later offset confirms them; a negative offset keeps only the last."""
    for word in ("a", "b", "c"):
        await ali.send(word)
    first = (await bot.call("getUpdates")).result
    assert [update["message"]["text"] for update in first] == ["/start", "a", "b", "c"]
    numbers = [update["update_id"] for update in first]
    assert numbers == list(range(numbers[0], numbers[0] + 4))
    assert (await bot.call("getUpdates", limit=1)).result == first[:1]
    assert (await bot.call("getUpdates", offset=numbers[1])).result == first[1:]
    assert (await bot.call("getUpdates", offset=-1)).result == first[-1:]
    assert (await bot.call("getUpdates", offset=numbers[0])).result == first[-1:]
    assert (await bot.call("getUpdates", offset=numbers[-1] + 1)).result == []


async def test_a_long_poll_wakes_at_once(bot: RawBot, ali: Phone) -> None:
    """Who waits for an update gets it when it is there."""
    await bot.updates()
    waiting = asyncio.create_task(bot.call("getUpdates", offset=bot.offset, timeout=50))
    await ali.telegram.polling_bot()
    await ali.send("wake up")
    assert (await waiting).result[0]["message"]["text"] == "wake up"


async def test_the_older_of_two_pollers_gets_a_409(bot: RawBot, ali: Phone) -> None:
    """Two pollers at once: the older ends with a conflict, the newer gets the update."""
    await bot.updates()
    older = asyncio.create_task(bot.call("getUpdates", offset=bot.offset, timeout=50))
    await ali.telegram.polling_bot()
    newer = asyncio.create_task(bot.call("getUpdates", offset=bot.offset, timeout=50))
    done, _ = await asyncio.wait({older, newer}, return_when=asyncio.FIRST_COMPLETED)
    assert done == {older}
    assert (await older).error == OTHER_POLLER
    await ali.send("to the newer")
    assert (await newer).result[0]["message"]["text"] == "to the newer"


async def test_allowed_updates_are_remembered(bot: RawBot, ali: Phone) -> None:
    """The kinds asked for once hold until others are asked for; an empty list brings back the usual ones."""
    await bot.call("getUpdates", offset=-1, allowed_updates=["callback_query"])
    assert (await bot.call("getWebhookInfo")).result["allowed_updates"] == ["callback_query"]
    await ali.send("unheard")
    assert await bot.updates() == []
    await bot.call("getUpdates", allowed_updates=[])
    await ali.send("heard")
    assert (await bot.update("message"))["text"] == "heard"


async def test_raw_updates_keep_their_number(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """A poisoned or repeated update put in by hand is delivered once as it is, also with a number already confirmed."""
    await ali.send("once")
    update = (await bot.updates())[-1]
    assert await bot.updates() == []
    await tg.update(update)
    await tg.update({"message": "poison"})
    again, poison = (await bot.call("getUpdates", offset=bot.offset)).result
    assert again == update
    assert poison["message"] == "poison"
    assert poison["update_id"] > update["update_id"]
    assert (await bot.call("getUpdates", offset=poison["update_id"] + 1)).result == []


async def test_webhook_addresses(bot: RawBot) -> None:
    """Only HTTPS on Telegram's ports is taken, and polling while one is set is a conflict."""
    refused = await bot.call("setWebhook", url="http://e.com")
    assert refused.error == "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
    refused = await bot.call("setWebhook", url="https://e.com:8444")
    assert refused.error == "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
    refused = await bot.call("setWebhook", url="https://127.0.0.1")
    assert refused.error == "Bad Request: bad webhook: IP address 127.0.0.1 is reserved"
    refused = await bot.call("setWebhook", url="https://e.invalid", secret_token="no spaces")
    assert refused.error == "Bad Request: secret token contains unallowed characters"
    assert (await bot.call("setWebhook", url="https://e.invalid/hook", secret_token="s")).result is True
    assert (await bot.call("getWebhookInfo")).result["url"] == "https://e.invalid/hook"
    polled = await bot.call("getUpdates")
    assert (polled.status, polled.error) == (409, WITH_WEBHOOK)
    assert (await bot.call("deleteWebhook")).result is True
    assert (await bot.call("getUpdates")).result == []


@contextlib.asynccontextmanager
async def _hook(seen: asyncio.Queue[tuple[str, dict[str, object]]], answers: list[web.Response]) -> AsyncIterator[str]:
    async def take(request: web.Request) -> web.Response:
        await seen.put((request.headers["X-Telegram-Bot-Api-Secret-Token"], await request.json()))
        return answers.pop(0) if answers else web.Response()

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


async def test_webhooks_are_delivered_until_taken() -> None:
    """With the switch for loopback an update is sent with its secret, again after a failure, and the reply is done."""
    seen: asyncio.Queue[tuple[str, dict[str, object]]] = asyncio.Queue()
    answers = [web.Response(status=500)]
    async with (
        running(port=0, limits=False, loopback_webhook=True) as base_url,
        Telegram(base_url) as tg,
        raw_bot(base_url) as bot,
        _hook(seen, answers) as url,
    ):
        assert (await bot.call("setWebhook", url=url, secret_token="hush")).result is True
        ali = await tg.person("Ali")
        answers.append(web.json_response({"method": "sendMessage", "chat_id": ali.id, "text": "from the hook"}))
        await ali.send("hello")
        first, second = await seen.get(), await seen.get()
        assert first == second
        assert first[0] == "hush"
        assert (await ali.wait_for("from the hook")).text == "from the hook"
        info = (await bot.call("getWebhookInfo")).result
        assert "500" in info["last_error_message"]
        assert info["pending_update_count"] == 0
