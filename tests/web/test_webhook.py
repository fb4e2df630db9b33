"""What Telegram is told: the webhook is set, kept, and taken away by who polls; and who of two ends."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot import intake as intakes
from bot import web
from bot import webhook as webhooks
from bot.emulator.running import running
from bot.intake import ALLOWED_UPDATES, TakenElsewhere
from bot.settings import BadConfiguration, Webhook
from bot.web import Front
from bot.webhook import NotAccepted, keep_webhook
from storage.database import Database
from tests.bot_process import TOKEN
from tests.emulator.rawbot import RawBot, raw_bot
from tests.phone import Phone, Telegram
from tests.waiting import eventually
from tests.web.certificates import certificate
from tests.web.desk import SECRET, Desk, desk_of, free_port, hook_at


@contextlib.asynccontextmanager
async def scene(
    database: Database, hook: Webhook | None = None, *, begun: bool = True
) -> AsyncIterator[tuple[Desk, RawBot, Phone]]:
    """Give an endpoint, the bot's token in other hands, and a person; updates are still nobody's."""
    async with (
        running(port=0, limits=False, loopback_webhook=True) as url,
        Telegram(url) as telegram,
        raw_bot(url, TOKEN) as bot,
        desk_of(database, api_url=url, hook=hook, begun=begun) as desk,
    ):
        yield desk, bot, await telegram.person("Ali")
        assert await telegram.problems() == []


@contextlib.asynccontextmanager
async def kept(desk: Desk) -> AsyncIterator["asyncio.Task[None]"]:
    """Keep the webhook while the block lasts."""
    keeping = asyncio.create_task(keep_webhook(desk.transport, desk.hook, allowed_updates=ALLOWED_UPDATES))
    try:
        yield keeping
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


@contextlib.asynccontextmanager
async def polling(desk: Desk) -> AsyncIterator["asyncio.Task[None]"]:
    """Poll while the block lasts."""
    running_intake = asyncio.create_task(desk.intake.run())
    try:
        yield running_intake
    finally:
        running_intake.cancel()
        await asyncio.gather(running_intake, return_exceptions=True)


async def handled(desk: Desk, number: int) -> None:
    """Wait until so many updates have come through."""

    async def look() -> bool:
        return len(desk.handled) == number

    await eventually(look, f"{number} updates handled")


async def test_telegram_brings_updates_with_the_secret(database: Database) -> None:
    """Proves that what was sent before and after the webhook is set arrives, by the parameters that were asked for."""
    async with scene(database) as (desk, bot, ali):
        await ali.send("before")
        async with kept(desk):
            await handled(desk, 1)
            await ali.send("after")
            await handled(desk, 2)
            info = (await bot.call("getWebhookInfo")).result
            assert (info["url"], info["max_connections"], info["pending_update_count"]) == (desk.hook.url, 40, 0)
            assert info["allowed_updates"] == ALLOWED_UPDATES
            assert "last_error_message" not in info, "the secret came with every update"


async def test_a_webhook_that_is_gone_is_set_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that a deleted webhook is noticed, set again, and nothing sent meanwhile is lost."""
    monkeypatch.setattr(webhooks, "WATCH_SECONDS", 0.05)
    async with scene(database) as (desk, bot, ali):
        await ali.send("one")
        with capture_logs() as logs:
            async with kept(desk):
                await handled(desk, 1)
                await bot.call("deleteWebhook")
                await ali.send("two")
                await handled(desk, 2)
        assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["webhook_gone"]


async def test_a_webhook_that_leads_elsewhere_is_left_there(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves that of two processes with different addresses the one that started last has the say, and it is logged."""
    monkeypatch.setattr(webhooks, "WATCH_SECONDS", 0.02)
    async with scene(database) as (desk, bot, ali):
        await ali.send("one")
        with capture_logs() as logs:
            async with kept(desk):
                await handled(desk, 1)
                elsewhere = f"http://127.0.0.1:{free_port()}/elsewhere"
                await bot.call("setWebhook", url=elsewhere)

                async def told() -> bool:
                    return [entry["event"] for entry in logs].count("webhook_elsewhere") >= 3

                await eventually(told, "it is logged again and again")
                assert (await bot.call("getWebhookInfo")).result["url"] == elsewhere


async def test_what_telegram_complains_of_is_logged_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that a failed delivery is told in Telegram's words, once, and that the update comes again."""
    monkeypatch.setattr(webhooks, "WATCH_SECONDS", 0.02)
    monkeypatch.setattr(web, "ROOM_SECONDS", 0.02)
    monkeypatch.setattr(web, "RETRY_AFTER_SECONDS", 1)
    async with scene(database, begun=False) as (desk, _, ali):
        with capture_logs() as logs:
            async with kept(desk):
                await ali.send("one")

                async def told() -> bool:
                    return "webhook_trouble" in [entry["event"] for entry in logs]

                await eventually(told, "the trouble is told")
                desk.begin()
                await handled(desk, 1)
        troubles = [entry for entry in logs if entry["event"] == "webhook_trouble"]
        assert {entry["error"] for entry in troubles} == {"Wrong response from the webhook: 503 Service Unavailable"}
        assert len({entry["at"] for entry in troubles}) == len(troubles)


async def test_an_address_that_telegram_refuses_ends_it(database: Database) -> None:
    """Proves that Telegram's refusal of the address is not tried again, and that its words are kept."""
    async with scene(database) as (desk, _, __):
        hook = Webhook("https://127.0.0.1.invalid:81/x", SECRET, desk.hook.listen, None, None)
        with pytest.raises(NotAccepted, match="ports 80, 88, 443 or 8443"):
            await keep_webhook(desk.transport, hook, allowed_updates=ALLOWED_UPDATES)


async def test_a_certificate_signed_by_itself_is_shown_to_telegram(database: Database, tmp_path: Path) -> None:
    """Proves that updates come over our own TLS, trusted by the very certificate that was uploaded."""
    hook = hook_at(free_port(), *certificate(tmp_path))
    async with scene(database, hook) as (desk, bot, ali):
        await ali.send("one")
        async with kept(desk):
            await handled(desk, 1)
            info = (await bot.call("getWebhookInfo")).result
            assert (info["url"], info["has_custom_certificate"]) == (hook.url, True)


async def test_a_certificate_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """Proves that a missing file, no certificate, another one's key and a lacking key are named at the start."""
    good, key = certificate(tmp_path)
    signed, _ = certificate(tmp_path, "signed", signed_by="Somebody")
    _, others = certificate(tmp_path, "other")
    words = tmp_path / "words.pem"
    words.write_text("no certificate")
    bad: list[tuple[Path, Path | None, str]] = [
        (tmp_path / "none.pem", key, "WEBHOOK_CERTIFICATE: "),
        (words, key, "WEBHOOK_CERTIFICATE: "),
        (tmp_path, key, "WEBHOOK_CERTIFICATE: "),
        (good, others, "WEBHOOK_KEY: "),
        (good, words, "WEBHOOK_KEY: "),
        (good, tmp_path / "none.key", "WEBHOOK_KEY: "),
        (signed, None, "WEBHOOK_KEY is missing: "),
    ]
    for certificate_file, key_file, words_of_it in bad:
        with pytest.raises(BadConfiguration, match=f"^{words_of_it}"):
            Front(hook_at(free_port(), certificate_file, key_file))
    Front(hook_at(free_port(), good, None))


async def test_polling_deletes_a_webhook_and_loses_nothing(database: Database) -> None:
    """Proves that a bot that polls takes a webhook away first, and gets what was waiting for it."""
    async with scene(database) as (desk, bot, ali):
        await bot.call("setWebhook", url=f"http://127.0.0.1:{free_port()}/gone", secret_token="old")
        for words in ("one", "two"):
            await ali.send(words)
        async with polling(desk):
            await handled(desk, 2)
        info = (await bot.call("getWebhookInfo")).result
        assert (info["url"], info["pending_update_count"]) == ("", 0)


async def test_a_second_poller_ends_and_the_first_goes_on(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that a young poller ends when it meets another one again and again, whose updates all arrive."""
    monkeypatch.setattr(intakes, "CONFLICT_SECONDS", 0.01)
    async with scene(database) as (desk, bot, ali):
        got: list[str] = []
        async with rival(bot, got), polling(desk) as second:
            with pytest.raises(TakenElsewhere, match="terminated by other getUpdates request"):
                async with asyncio.timeout(10):
                    await second
            await ali.send("one")

            async def came() -> bool:
                return got == ["one"]

            await eventually(came, "the first one gets the update")
        assert await desk.stored() == []


@pytest.mark.parametrize(("young_seconds", "conflicts"), [(60.0, 2), (0.0, 6)])
async def test_a_poller_on_its_way_out_is_waited_for(
    database: Database, monkeypatch: pytest.MonkeyPatch, young_seconds: float, conflicts: int
) -> None:
    """Proves that a few conflicts at the start end nothing, nor do many once the process is not young any more."""
    monkeypatch.setattr(intakes, "CONFLICT_SECONDS", 0.05)
    monkeypatch.setattr(intakes, "CONFLICT_LATER_SECONDS", 0.05)
    monkeypatch.setattr(intakes, "YOUNG_SECONDS", young_seconds)
    async with scene(database) as (desk, bot, ali):
        with capture_logs() as logs:
            async with polling(desk):
                async with rival(bot, []):

                    async def met() -> bool:
                        return [entry.get("code") for entry in logs].count(409) >= conflicts

                    await eventually(met, f"{conflicts} conflicts")
                await ali.send("one")
                await handled(desk, 1)


async def test_a_poller_beside_a_webhook_ends(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that a poller which took a living webhook away is ended by the webhook's return, and nothing is lost."""
    monkeypatch.setattr(webhooks, "WATCH_SECONDS", 0.05)
    monkeypatch.setattr(intakes, "CONFLICT_SECONDS", 0.05)
    async with scene(database) as (desk, bot, ali):
        async with kept(desk):
            await ali.send("one")
            await handled(desk, 1)
            with pytest.raises(TakenElsewhere):
                async with asyncio.timeout(10):
                    await desk.intake.run()
            await ali.send("two")
            await handled(desk, 2)
        assert (await bot.call("getWebhookInfo")).result["url"] == desk.hook.url


@contextlib.asynccontextmanager
async def rival(bot: RawBot, got: list[str]) -> AsyncIterator[None]:
    """Let somebody else poll with the same token while the block lasts, at once again after each conflict."""

    async def poll() -> None:
        while True:
            answer = await bot.call("getUpdates", offset=bot.offset, timeout=20)
            for update in answer.body.get("result", []):
                bot.offset = update["update_id"] + 1
                got.append(update["message"]["text"])

    polls = asyncio.create_task(poll())
    try:
        yield
    finally:
        polls.cancel()
        await asyncio.gather(polls, return_exceptions=True)
