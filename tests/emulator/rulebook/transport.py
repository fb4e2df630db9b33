"""Rules about the call itself: its method and fields, how often it may come, and how updates are got."""

from __future__ import annotations

import asyncio

from tests.emulator.rulebook.record import Good, Rule, Source
from tests.emulator.rulebook.stage import TEXT, Stage

_ME = Good("getMe")
_POLL = Good("getUpdates", {"timeout": 0})
_HOOK = Good("setWebhook", {"url": "https://e.invalid:8443/hook"})
_URL = "HTTPS URL to send updates to. Use an empty string to remove webhook integration"


async def _flood(stage: Stage) -> None:
    await stage.tg.limits(enabled=True)
    text = {"chat_id": stage.phone.id, "text": "again"}
    await asyncio.gather(*(stage.bot.call("sendMessage", **text) for _ in range(20)))


async def _no_limits(stage: Stage) -> None:
    await stage.tg.limits(enabled=False)


async def _set_webhook(stage: Stage) -> None:
    await stage.made("setWebhook", url="https://e.invalid/hook")


async def _no_webhook(stage: Stage) -> None:
    await stage.made("deleteWebhook")


RULES: tuple[Rule, ...] = (
    Rule(
        "method-unknown",
        _ME,
        wrong_method="getMeNot",
        wrong={},
        error="Not Found: method not found",
        problem="unknown method getMeNot",
        says="The method is looked up by its name in lower case; one that is not there is 404.",
        source=Source.SERVER,
    ),
    Rule(
        "field-unknown",
        TEXT,
        wrong={"no_such_field": "1"},
        error="",
        problem="unknown field no_such_field of sendMessage",
        says="Fields that a method does not know are never read. The emulator notes them as problems.",
        source=Source.SERVER,
    ),
    Rule(
        "too-many-messages",
        TEXT,
        before=_flood,
        wrong={},
        after=_no_limits,
        error="Too Many Requests: retry after 1",
        says="In a single chat, avoid sending more than one message per second. We may allow short bursts that go over"
        " this limit, but eventually you'll begin receiving 429 errors. (Bots FAQ)",
        source=Source.KNOWN,
    ),
    Rule(
        "polling-with-webhook",
        _POLL,
        before=_set_webhook,
        wrong={},
        after=_no_webhook,
        error="Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook"
        " first",
        says="This method will not work if an outgoing webhook is set up.",
        source=Source.DOCS,
    ),
    Rule(
        "webhook-not-https",
        _HOOK,
        wrong={"url": "http://e.invalid/hook"},
        after=_no_webhook,
        error="Bad Request: bad webhook: An HTTPS URL must be provided for webhook",
        says=_URL,
        source=Source.DOCS,
    ),
    Rule(
        "webhook-port",
        _HOOK,
        wrong={"url": "https://e.invalid:8444/hook"},
        after=_no_webhook,
        error="Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        says="Ports currently supported for webhooks: 443, 80, 88, 8443.",
        source=Source.DOCS,
    ),
    Rule(
        "webhook-at-loopback",
        _HOOK,
        wrong={"url": "https://127.0.0.1/hook"},
        after=_no_webhook,
        error="Bad Request: bad webhook: IP address 127.0.0.1 is reserved",
        says="check_ip_address: an address of the own machine or network is refused.",
        source=Source.SERVER,
    ),
    Rule(
        "webhook-secret-spelling",
        _HOOK,
        right={"secret_token": "a" * 256},
        wrong={"secret_token": "no spaces"},
        after=_no_webhook,
        error="Bad Request: secret token contains unallowed characters",
        says="Only characters A-Z, a-z, 0-9, _ and - are allowed.",
        source=Source.DOCS,
    ),
)
