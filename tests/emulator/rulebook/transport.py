"""Rules about the call itself: its method and fields, how often it may come, and how updates are got."""

from __future__ import annotations

import asyncio
import io

from tests.emulator.rawbot import Answer
from tests.emulator.rulebook.record import File, Good, Rule, Source
from tests.emulator.rulebook.stage import TEXT, Stage, a_photo_id

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


async def _older_of_two_pollers(stage: Stage) -> Answer:
    """Poll twice at once; the bot's newest update was confirmed, so that both wait."""
    older, newer = (asyncio.create_task(stage.call("getUpdates", {"timeout": 5, "offset": 1 << 50})) for _ in range(2))
    done, _ = await asyncio.wait({older, newer}, return_when=asyncio.FIRST_COMPLETED)
    for poller in (older, newer):
        if poller not in done:
            poller.cancel()
    return done.pop().result()


async def _with_token(stage: Stage, token: str) -> Answer:
    async with stage.bot.session.get(f"{stage.bot.base_url}/bot{token}/getMe") as response:
        return Answer(response.status, await response.json())


async def _too_short_a_token(stage: Stage) -> Answer:
    return await _with_token(stage, "123:short")


async def _no_token(stage: Stage) -> Answer:
    return await _with_token(stage, "abc")


async def _posted(stage: Stage, kind: str, body: bytes) -> Answer:
    url, headers = stage.bot.url("getMe"), {"Content-Type": kind}
    async with stage.bot.session.post(url, data=io.BytesIO(body), headers=headers) as response:
        return Answer(response.status, await response.json())


async def _a_megabyte(stage: Stage) -> Answer:
    return await _posted(stage, "application/json", b'{"x": "' + b"x" * (1 << 20) + b'"}')


async def _too_many_files(stage: Stage) -> Answer:
    return await stage.call("getMe", {f"file{number}": File("x", b"x") for number in range(51)})


async def _part_without_name(stage: Stage) -> Answer:
    body = b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--\r\n"
    return await _posted(stage, "multipart/form-data; boundary=x", body)


async def _made_up_path(stage: Stage) -> Answer:
    url = f"{stage.bot.base_url}/file/bot{stage.bot.token}/photos/file_0.jpg"
    async with stage.bot.session.get(url) as response:
        return Answer(response.status, await response.json())


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
        "two-pollers",
        _POLL,
        wrong={},
        send=_older_of_two_pollers,
        error="Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
        says="A second getUpdates ends the first.",
        source=Source.SERVER,
    ),
    Rule(
        "token-too-short",
        _ME,
        wrong={},
        send=_too_short_a_token,
        error="Unauthorized",
        says="Each bot is given a unique authentication token when it is created.",
        source=Source.KNOWN,
    ),
    Rule(
        "token-of-no-bot",
        _ME,
        wrong={},
        send=_no_token,
        error="Not Found",
        says="The token looks something like 123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11.",
        source=Source.KNOWN,
    ),
    Rule(
        "parameters-too-long",
        _ME,
        wrong={},
        send=_a_megabyte,
        error="Request Entity Too Large: too many parameters",
        says="HttpReader: all that is no file comes to 2^20 bytes at most.",
        source=Source.TD,
    ),
    Rule(
        "too-many-files",
        _ME,
        right={f"file{number}": File("x", b"x") for number in range(50)},
        wrong={},
        send=_too_many_files,
        error="Request Entity Too Large: too many files attached",
        says="HttpConnection: at most 50 files go with a call.",
        source=Source.SERVER,
    ),
    Rule(
        "part-without-name",
        _ME,
        wrong={},
        send=_part_without_name,
        error="Bad Request: field name in multipart/form-data not found",
        says="HttpReader: each part of a form has a name.",
        source=Source.TD,
    ),
    Rule(
        "file-path-unknown",
        Good("getFile", {"file_id": a_photo_id}),
        wrong={},
        send=_made_up_path,
        error="Not Found",
        says="The file can then be downloaded via the link https://api.telegram.org/file/bot<token>/<file_path>, where"
        " <file_path> is taken from the response.",
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
        "webhook-no-address",
        _HOOK,
        wrong={"url": "https://"},
        after=_no_webhook,
        error="Bad Request: invalid webhook URL specified",
        says=_URL,
        source=Source.DOCS,
    ),
    Rule(
        "webhook-ip-no-address",
        _HOOK,
        right={"ip_address": "8.8.8.8"},
        wrong={"ip_address": "somewhere"},
        after=_no_webhook,
        error="Bad Request: bad webhook: Invalid IP address specified",
        says="The fixed IP address which will be used to send webhook requests instead of the IP address resolved"
        " through DNS",
        source=Source.DOCS,
    ),
    Rule(
        "webhook-ip-6",
        _HOOK,
        wrong={"ip_address": "2001:4860:4860::8888"},
        after=_no_webhook,
        error="Bad Request: bad webhook: IPv6-only addresses are not allowed",
        says="WebhookActor: an address of IPv6 alone is refused.",
        source=Source.SERVER,
    ),
    Rule(
        "webhook-certificate",
        _HOOK,
        wrong={"certificate": File("c.pem", b"no certificate")},
        after=_no_webhook,
        error="Bad Request: bad webhook: Failed to set custom certificate file",
        says="Upload your public key certificate so that the root certificate in use can be checked.",
        source=Source.DOCS,
    ),
    Rule(
        "webhook-certificate-too-big",
        _HOOK,
        wrong={"certificate": File("c.pem", b"x" * 4_000_000)},
        after=_no_webhook,
        error="Bad Request: certificate size is too big (4000000 bytes)",
        says="Upload your public key certificate so that the root certificate in use can be checked.",
        source=Source.DOCS,
    ),
    Rule(
        "webhook-secret-too-long",
        _HOOK,
        right={"secret_token": "a" * 256},
        wrong={"secret_token": "a" * 257},
        after=_no_webhook,
        error="Bad Request: secret token is too long",
        says="A secret token to be sent in a header 'X-Telegram-Bot-Api-Secret-Token' in every webhook request, 1-256"
        " characters.",
        source=Source.DOCS,
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
