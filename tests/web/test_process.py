"""The whole bot behind a webhook: the main story, an end under load, and what it says when it can't begin."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.app import utc_now
from bot.domain.house import House
from bot.domain.job import ProofKind, Requirement
from bot.domain.publish import JobSpec
from bot.emulator.running import running
from bot.services import publish
from bot.settings import BadConfiguration, load_settings
from bot.upkeep import webhook
from storage import members
from storage.database import Database
from tests.bot_process import TOKEN, command
from tests.e2e.cast import sign_up
from tests.emulator.rawbot import raw_bot
from tests.engines import looking
from tests.ledger_world import World
from tests.phone import Telegram
from tests.pictures import screenshot
from tests.waiting import eventually
from tests.web.desk import SECRET, free_port
from tests.web.process import RUN, telegram_with_webhooks, watch_ready, webhook_bot, webhook_env

CROWD, LINES = 70, 3


async def test_the_main_story_over_a_webhook(tmp_path: Path, database: Database) -> None:
    """Proves that browsing, applying, signing up and sending proof go by webhook as they go by polling."""
    await _publish(World(database, utc_now()))
    async with telegram_with_webhooks(tmp_path) as telegram:
        async with webhook_bot(tmp_path, telegram) as bot:
            ali = await telegram.person("Ali", role="worker", language_code="en")
            await ali.send("/jobs")
            await ali.wait_for_button("All jobs · 1")
            await ali.press("All jobs · 1")
            await ali.wait_for("Read an article")
            await ali.press("1")
            await ali.wait_for_button("✅ Apply · $2.00")
            await ali.press("✅ Apply · $2.00")
            await sign_up(ali)
            await ali.wait_for_button("📷 Send proof")
            await ali.press("📷 Send proof")
            await ali.wait_for("Please send 1 photo or screenshot.")
            await ali.send_photo(screenshot(1))
            await ali.wait_for("Received: 1 of 1")
            await ali.wait_for_button("✅ Done with photos")
            await ali.press("✅ Done with photos")
            await ali.wait_for("Check your proof")
            await ali.wait_for_button("📨 Request for complete")
            assert (await ali.press("📨 Request for complete")).text == "Sent. Thank you!"
        assert await telegram.traffic(method="getUpdates") == []
        for words in ("update_failed", "webhook_trouble", SECRET, "harvest"):
            assert words not in bot.log.read_text()
    code, output, errors = await command(tmp_path, "verify")
    assert code == 0, output + errors


async def _publish(world: World) -> None:
    employer_id = await world.member()
    await world.fund(employer_id, 100_000)
    spec = JobSpec(
        category_id="surveys",
        title="Read an article",
        steps=("Open the page", "Read it to its end"),
        requirements=(Requirement(ProofKind.PHOTO, "The end of the article"),),
        reward=20_000,
        places=1,
        minutes=5,
        time_limit_minutes=60,
        review_days=3,
    )
    async with world.unit() as uow:
        employer = await members.get_member(uow.tx, employer_id)
        await publish.publish(uow, member=employer, draft=spec, house=House(), key=publish.new_token())


async def test_an_end_in_the_middle_of_210_updates_loses_none(tmp_path: Path) -> None:
    """Proves that SIGTERM under load says "not ready", ends with 0, and that the next process answers the rest once."""
    database = tmp_path / "bot.db"
    seen: list[int] = []
    async with (
        telegram_with_webhooks(tmp_path) as telegram,
        webhook_bot(tmp_path, telegram, DRAIN_GRACE="0.5") as bot,
    ):
        watching = asyncio.create_task(watch_ready(bot, seen))
        await eventually(_is_ready(seen), "the bot is ready")
        crowd = [await telegram.person(f"P{n}", language_code="en") for n in range(CROWD)]
        await telegram.fault("delay", method="sendMessage", seconds=0.05, count=10_000_000)

        async def write() -> None:
            for _ in range(LINES):
                for phone in crowd:
                    await phone.send("/help")
                    await asyncio.sleep(0.01)  # the end must find somebody who still writes

        writing = asyncio.create_task(write())
        await eventually(_holds(database, "SELECT count(*) >= 40 FROM inbox"), "some of it has come in")
        assert await bot.stop() == 0
        async with looking(database) as look:
            ((stored,),) = await look("SELECT count(*) FROM inbox")
        await writing
        assert 40 <= int(str(stored)) < CROWD * LINES, "the end came in the middle"
        assert [status for status in seen if status] == [200, 503], seen
        watching.cancel()
        await bot.start()
        all_of_it = "SELECT count(*) = ? FROM inbox WHERE status = 'answered'"
        await eventually(_holds(database, all_of_it, CROWD * LINES), "all are answered", seconds=60)
        replies = Counter([phone.id for phone in crowd for m in await phone.chat() if not m.mine])
        assert replies == {phone.id: LINES for phone in crowd}


def _is_ready(seen: list[int]) -> Callable[[], Awaitable[bool]]:
    async def ready() -> bool:
        return seen[-1:] == [200]

    return ready


def _holds(database: Path, sql: str, *values: int) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        async with looking(database) as look:
            return await look(sql, *values) == [(1,)]

    return ask


async def test_a_webhook_is_shown_and_deleted_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    """Proves that `webhook` tells where updates go and what is wrong there, and that `--delete` leaves what waits."""
    async with running(port=0, limits=False, loopback_webhook=True) as url, raw_bot(url, TOKEN) as bot:
        settings = load_settings(_env_file=None, bot_token=TOKEN, telegram_api_url=url)

        async def told(*, delete: bool = False) -> str:
            assert await webhook(settings, delete=delete) == 0
            return "".join(line for line in capsys.readouterr().out.splitlines(True) if "[info" not in line)

        nobody = f"http://127.0.0.1:{free_port()}/nobody"
        await bot.call("setWebhook", url=nobody)
        assert await told() == f"webhook: {nobody}\nwaiting: 0 updates\n"
        async with Telegram(url) as telegram:
            await (await telegram.person("Ali")).send("hello")

            async def failed() -> bool:
                return "last_error_date" in (await bot.call("getWebhookInfo")).result

            await eventually(failed, "Telegram finds nobody there")
        first, second, third = (await told()).splitlines()
        assert (first, second) == (f"webhook: {nobody}", "waiting: 1 updates")
        assert third.startswith("last trouble: ")
        assert third.endswith(" UTC Connection refused")
        assert await told(delete=True) == "the webhook is deleted\n"
        assert await told(delete=True) == "no webhook is set\n"
        assert await told() == "webhook: none is set, the bot fetches its updates\nwaiting: 1 updates\n"
    with pytest.raises(BadConfiguration, match=r"^TELEGRAM_API_URL: no answer") as problem:
        await webhook(settings, delete=False)
    assert TOKEN not in str(problem.value)


async def test_a_webhook_that_cannot_begin_says_why_in_one_line(tmp_path: Path) -> None:
    """Proves that no secret, a taken port and an address Telegram refuses end it with 2 and name the variable."""
    async with telegram_with_webhooks(tmp_path) as telegram:
        good = {**webhook_env(int(telegram.base_url.rpartition(":")[2])), "TELEGRAM_API_URL": telegram.base_url}
        free = webhook_env(free_port())
        wrong: list[tuple[str, dict[str, str]]] = [
            ("WEBHOOK_SECRET", {**good, "WEBHOOK_SECRET": ""}),
            ("WEBHOOK_LISTEN", good),
            ("WEBHOOK_URL", {**good, **free, "WEBHOOK_URL": "https://127.0.0.2.invalid:81/x"}),
        ]
        ran = await asyncio.gather(*(command(tmp_path / str(n), *RUN[2:], **env) for n, (_, env) in enumerate(wrong)))
    for (variable, _), (code, output, errors) in zip(wrong, ran, strict=True):
        told = [line for line in errors.splitlines() if line.startswith("error: ")]
        assert (code, output, len(told)) == (2, "", 1), errors
        assert told[0].startswith(f"error: {variable}")
        assert SECRET not in errors
        assert "Traceback" not in errors


def test_bad_settings_of_a_webhook_are_told_in_one_line() -> None:
    """Proves that each wrong or missing variable is named, and that no line holds the secret."""
    good = {"webhook_url": "https://bot.example.org/telegram", "webhook_secret": SECRET}
    wrong: list[tuple[str, dict[str, str]]] = [
        ("WEBHOOK_URL", {"webhook_url": ""}),
        *(
            ("WEBHOOK_URL", {"webhook_url": value})
            for value in (
                "bot.example.org/telegram",
                "http://bot.example.org/telegram",
                "https://bot.example.org",
                "https://bot.example.org/",
                "https://bot.example.org/healthz",
                "https://bot.example.org/x?y=1",
                "https://bot.example.org/x#y",
                "https://user:pass@bot.example.org/x",
                "https://bot.example.org/%2e",
                "ftp://bot.example.org/x",
            )
        ),
        ("WEBHOOK_SECRET", {"webhook_secret": ""}),
        *(("WEBHOOK_SECRET", {"webhook_secret": value}) for value in ("a b", "ü" * 9, "x" * 257, "hidden!")),
        *(
            ("WEBHOOK_LISTEN", {"webhook_listen": value})
            for value in ("8443", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "::1:8443", "a b:1", ":8443")
        ),
        ("HEALTH_LISTEN", {"health_listen": "8080"}),
        *(("DRAIN_GRACE", {"drain_grace": value}) for value in ("-1", "61", "soon")),
        ("WEBHOOK_CERTIFICATE", {"webhook_key": "key.pem"}),
    ]
    for variable, values in wrong:
        with pytest.raises(BadConfiguration) as told:
            load_settings(_env_file=None, **{**good, **values}).webhook()
        line = str(told.value)
        assert line.startswith(variable), (values, line)
        assert [part for part in ("\n", "hidden!", SECRET) if part in line] == []
    hook = load_settings(_env_file=None, **good, webhook_listen="[::1]:8443").webhook()
    assert (hook.path, hook.listen.host, hook.listen.port) == ("/telegram", "::1", 8443)
    loopback = {"webhook_url": "http://10.0.0.1:8443/x", "telegram_api_url": "http://localhost:8081"}
    assert load_settings(_env_file=None, **{**good, **loopback}).webhook().path == "/x"
