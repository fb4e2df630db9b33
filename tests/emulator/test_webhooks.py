"""Delivery to webhooks: in order within a chat, side by side between chats, again and again until it is taken."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from bot.emulator import webhooks
from bot.emulator.running import running
from tests.emulator.rawbot import RawBot, raw_bot
from tests.phone import Phone, Telegram
from tests.waiting import eventually

HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass
class Hook:
    """A webhook whose answers a test decides: `held` ones wait, `answers` are given first, then 200."""

    url: str = ""
    came: list[str] = field(default_factory=list)
    came_at: list[float] = field(default_factory=list)
    offset: int = 0
    secrets: list[str | None] = field(default_factory=list)
    under_way: int = 0
    most: int = 0
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    answers: list[web.Response] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        """Note what comes, and answer."""
        update = await request.json()
        content = update.get("message") or update.get("callback_query")
        words = content.get("text") or content.get("data")
        self.came.append(words)
        self.came_at.append(time.time() + self.offset)
        self.secrets.append(request.headers.get(HEADER))
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            if words in self.held:
                await self.held[words].wait()
        finally:
            self.under_way -= 1
        return self.answers.pop(0) if self.answers else web.Response()

    def hold(self, *words: str) -> None:
        """Do not answer these before they are let go."""
        self.held |= {word: asyncio.Event() for word in words}

    async def seen(self, *words: str) -> None:
        """Wait until exactly these have come, in this order."""

        async def all_came() -> bool:
            return len(self.came) >= len(words)

        await eventually(all_came, f"{words} at the webhook")
        assert self.came == list(words)


@dataclass
class Scene:
    """A bot with a webhook that has taken its first update, and the person who sent it."""

    hook: Hook
    bot: RawBot
    tg: Telegram
    ali: Phone

    async def advance(self, seconds: int) -> None:
        """Move the clock on."""
        self.hook.offset += seconds
        await self.tg.call("POST", "clock", {"advance_seconds": seconds})

    async def info(self) -> dict[str, Any]:
        """Answer what the bot can know of its webhook."""
        info: dict[str, Any] = (await self.bot.call("getWebhookInfo")).result
        return info

    async def pending(self, number: int) -> None:
        """Wait until so many updates wait."""

        async def look() -> bool:
            return bool((await self.info())["pending_update_count"] == number)

        await eventually(look, f"{number} pending updates")


@contextlib.asynccontextmanager
async def serving(take: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    """Run a webhook on a free port."""
    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """Give a bot with a webhook on this machine."""
    hook = Hook()
    async with (
        running(port=0, limits=False, loopback_webhook=True) as base_url,
        Telegram(base_url) as tg,
        raw_bot(base_url) as bot,
        serving(hook.take) as hook.url,
    ):
        assert (await bot.call("setWebhook", url=hook.url)).result is True
        ali = await tg.person("Ali")
        await ali.send("/start")
        await hook.seen("/start")
        hook.came.clear()
        yield Scene(hook, bot, tg, ali)
        for event in hook.held.values():
            event.set()


async def test_one_lane_a_chat(scene: Scene) -> None:
    """A chat's messages come one after the other; other chats and the same person's presses do not wait for them."""
    hook, ali = scene.hook, scene.ali
    zoe = await scene.tg.person("Zoe")
    keys = {"inline_keyboard": [[{"text": "Go", "callback_data": "pressed"}]]}
    await scene.bot.call("sendMessage", chat_id=ali.id, text="card", reply_markup=keys)
    hook.hold("a1")
    await ali.send("a1")
    await hook.seen("a1")
    await ali.send("a2")
    await zoe.send("z1")
    await ali.tap("Go")
    await hook.seen("a1", "z1", "pressed")
    assert hook.under_way == 1
    hook.held["a1"].set()
    await hook.seen("a1", "z1", "pressed", "a2")


async def test_no_more_connections_than_asked_for(scene: Scene) -> None:
    """`max_connections` is kept, and is 40 when nothing is said."""
    hook = scene.hook
    assert (await scene.info())["max_connections"] == 40
    await scene.bot.call("setWebhook", url=hook.url, max_connections=3)
    await scene.ali.send("first")
    await scene.pending(0)
    words = [f"w{number}" for number in range(8)]
    hook.hold(*words)
    for word in words:
        await (await scene.tg.person(word)).send(word)

    async def three() -> bool:
        return hook.under_way == 3

    await eventually(three, "three connections")
    assert len(hook.came) == 4
    for event in hook.held.values():
        event.set()
    await scene.pending(0)
    assert sorted(hook.came) == ["first", *words]
    assert hook.most == 3


async def test_a_refused_update_is_tried_again_with_growing_pauses(scene: Scene) -> None:
    """At once, then after 2, 4 and 8 seconds of the clock; what comes behind it waits, and the error can be read."""
    hook = scene.hook
    hook.answers += [web.Response(status=500) for _ in range(5)]
    await scene.ali.send("x")
    await scene.ali.send("y")
    await hook.seen("x", "x")
    expected = ["x", "x"]
    for pause in (2, 4, 8):
        await scene.pending(2)
        await scene.advance(pause - 1)
        await scene.advance(1)
        expected.append("x")
        await hook.seen(*expected)
        assert hook.came_at[-1] - hook.came_at[-2] >= pause
    info = await scene.info()
    assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"
    assert info["last_error_date"] > 0
    await scene.advance(16)
    await hook.seen(*expected, "x", "y")
    await scene.pending(0)


async def test_the_bot_says_when_to_try_again(scene: Scene) -> None:
    """`Retry-After` of a refusal comes before the usual pause."""
    scene.hook.answers.append(web.Response(status=503, headers={"Retry-After": "100"}))
    await scene.ali.send("x")
    await scene.hook.seen("x")
    await scene.pending(1)
    await scene.advance(98)
    await scene.advance(2)
    await scene.hook.seen("x", "x")
    await scene.pending(0)
    assert scene.hook.came_at[-1] - scene.hook.came_at[-2] >= 100


async def test_an_update_waits_a_day_and_a_press_150_seconds(scene: Scene) -> None:
    """What nobody takes is forgotten after 24 hours, a press already when nobody can answer it any more."""
    keys = {"inline_keyboard": [[{"text": "Go", "callback_data": "pressed"}]]}
    await scene.bot.call("sendMessage", chat_id=scene.ali.id, text="card", reply_markup=keys)
    assert (await scene.bot.call("deleteWebhook")).result is True
    await scene.ali.send("x")
    await scene.ali.tap("Go")
    await scene.advance(149)
    await scene.pending(2)
    await scene.advance(1)
    await scene.pending(1)
    await scene.advance(86_400 - 151)
    await scene.pending(1)
    await scene.advance(1)
    await scene.pending(0)
    assert (await scene.bot.call("getUpdates")).result == []


async def test_a_webhook_that_is_gone_for_a_day_is_taken_away(scene: Scene) -> None:
    """A bot that answers 410 for more than 23 hours has no webhook any more."""
    scene.hook.answers += [web.Response(status=410) for _ in range(9)]
    await scene.ali.send("x")
    await scene.hook.seen("x", "x")
    for advance in (2, 23 * 3_600):
        assert (await scene.info())["url"] == scene.hook.url
        await scene.pending(1)
        await scene.advance(advance)
        await eventually(_more_than(scene.hook, 2 + (advance > 2)), "another try")

    async def gone() -> bool:
        return bool((await scene.info())["url"] == "")

    await eventually(gone, "the webhook is taken away")


def _more_than(hook: Hook, number: int) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return len(hook.came) > number

    return look


async def test_the_answer_can_call_a_method(scene: Scene) -> None:
    """A method in the answer's body is done, as JSON or as a form; one that reads, or changes the webhook, is not."""
    send = {"chat_id": str(scene.ali.id), "text": "one"}
    form = "method=sendMessage&text=two&chat_id=" + str(scene.ali.id)
    scene.hook.answers += [
        web.json_response({"method": "sendMessage", **send}),
        web.Response(text=form, content_type="application/x-www-form-urlencoded"),
        web.json_response({"method": "deleteWebhook"}),
        web.json_response({"method": "getMe"}),
        web.Response(text="ok"),
        web.json_response(["sendMessage"]),
    ]
    calls = len(await scene.tg.traffic())
    for number in range(6):
        await scene.ali.send(f"m{number}")
    await scene.pending(0)
    assert [message.text for message in await scene.ali.chat() if not message.mine] == ["one", "two"]
    after = [call["method"] for call in (await scene.tg.traffic())[calls:]]
    assert [method for method in after if method != "getWebhookInfo"] == ["sendMessage", "sendMessage"]
    assert (await scene.info())["url"] == scene.hook.url


async def test_a_secret_goes_with_every_update(scene: Scene) -> None:
    """The secret token is in the header when there is one, and no header is sent without."""
    assert scene.hook.secrets == [None]
    secret = "a-Z_9" + "x" * 251
    assert (await scene.bot.call("setWebhook", url=scene.hook.url, secret_token=secret)).result is True
    await scene.ali.send("x")
    await scene.pending(0)
    assert scene.hook.secrets[1:] == [secret]


async def test_nothing_is_delivered_during_an_outage(scene: Scene) -> None:
    """Telegram is silent until the clock has passed the outage; then everything comes, in its order."""
    await scene.tg.call("POST", "faults", {"kind": "outage", "seconds": 6 * 3600})
    await scene.ali.send("x")
    await scene.ali.send("y")
    await scene.advance(6 * 3600 - 60)
    await scene.ali.send("z")
    assert scene.hook.came == []
    await scene.advance(60)
    await scene.hook.seen("x", "y", "z")
    assert scene.hook.came_at[-3] - scene.hook.came_at[0] >= 6 * 3600 - 1


async def test_the_error_says_what_is_wrong_with_the_webhook(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody there, nobody who answers in time, an address that moved: each has its words."""
    monkeypatch.setattr(webhooks, "ANSWER_SECONDS", 0.2)

    async def says(words: str, url: str = scene.hook.url) -> None:
        await scene.bot.call("setWebhook", url=url, drop_pending_updates=True)
        assert "last_error_message" not in await scene.info()
        await scene.ali.send("x")

        async def told() -> bool:
            return (await scene.info()).get("last_error_message") == words

        await eventually(told, words)

    async with serving(scene.hook.take) as closed:
        pass
    await says("Connection refused", closed)
    scene.hook.hold("x")
    await says("Read timeout expired")
    del scene.hook.held["x"]
    scene.hook.answers += [web.Response(status=302, headers={"Location": scene.hook.url}) for _ in range(2)]
    await says("Wrong response from the webhook: 302 Found")


async def test_what_a_webhook_may_be(scene: Scene) -> None:
    """Wrong addresses, ports, secrets and certificates are refused and the old webhook stays."""
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"url": "https://"}, "invalid webhook URL specified"),
        ({"url": "ftp://e.com"}, "invalid webhook URL specified"),
        ({"url": "https://e.com:x"}, "invalid webhook URL specified"),
        ({"url": "http://e.com"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://e.com:81"}, "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"),
        ({"url": "https://10.0.0.1"}, "bad webhook: IP address 10.0.0.1 is reserved"),
        ({"url": "https://[2001:4860:4860::8888]"}, "bad webhook: IPv6-only addresses are not allowed"),
        ({"url": "https://e.com", "ip_address": "x"}, "bad webhook: Invalid IP address specified"),
        ({"url": "https://e.com", "ip_address": "192.168.1.1"}, "bad webhook: IP address 192.168.1.1 is reserved"),
        ({"url": "https://e.com", "secret_token": "x" * 257}, "secret token is too long"),
        ({"url": "https://e.com", "secret_token": "a b"}, "secret token contains unallowed characters"),
    ]
    for params, words in wrong:
        assert (await scene.bot.call("setWebhook", **params)).error == f"Bad Request: {words}"
    broken = await scene.bot.form("setWebhook", {"certificate": ("c.pem", b"no certificate")}, url="https://e.com")
    assert broken.error == "Bad Request: bad webhook: Failed to set custom certificate file"
    assert (await scene.info())["url"] == scene.hook.url
    for port in (80, 88, 443, 8443):
        url = f"https://example.invalid:{port}/hook"
        assert (await scene.bot.call("setWebhook", url=url, ip_address="8.8.8.8")).result is True
        info = await scene.info()
        assert (info["url"], info["ip_address"], info["pending_update_count"]) == (url, "8.8.8.8", 0)


async def test_a_bot_is_told_what_became_of_its_webhook(scene: Scene) -> None:
    """Setting and deleting say whether there was anything to do."""
    told: list[str] = []
    for method in ("setWebhook", "deleteWebhook", "deleteWebhook", "setWebhook", "setWebhook"):
        params = {"url": scene.hook.url} if method == "setWebhook" else {}
        answer = await scene.bot.call(method, **params)
        assert answer.result is True
        told.append(answer.body["description"].removeprefix("Webhook "))
    assert told == ["is already set", "was deleted", "is already deleted", "was set", "is already set"]


async def test_updates_stay_or_are_dropped_on_the_way_to_a_webhook(scene: Scene) -> None:
    """`drop_pending_updates` forgets what waits, without it nothing is lost; the wanted kinds are remembered."""
    await scene.bot.call("deleteWebhook")
    await scene.ali.send("kept")
    await scene.bot.call("setWebhook", url=scene.hook.url, allowed_updates=["message"])
    await scene.hook.seen("kept")
    await scene.pending(0)
    await scene.bot.call("deleteWebhook")
    await scene.ali.send("dropped")
    await scene.bot.call("setWebhook", url=scene.hook.url, drop_pending_updates=True)
    assert (await scene.info())["allowed_updates"] == ["message"]
    await scene.ali.send("heard")
    await scene.hook.seen("kept", "heard")
