"""Polite restarts in the middle of everything: nothing is lost, nothing is asked twice, and Telegram may be away."""

import asyncio
import socket
from pathlib import Path

from tests.bot_process import BotProcess, bot_process, command
from tests.e2e.cast import (
    OPERATOR_ID,
    STEPS,
    TEXT_PROOF,
    add_proofs,
    deposit,
    publish_it,
    take_place,
    to_steps,
)
from tests.emulator_process import emulator_process
from tests.phone import Phone, Telegram
from tests.pictures import photo
from tests.waiting import eventually


async def test_a_loop_interrupted_by_restarts_goes_on_where_it_was(tmp_path: Path, telegram: Telegram) -> None:
    """Proves that wizard, proof and payment survive polite restarts, with no question asked a second time."""
    async with bot_process(tmp_path, telegram.base_url) as bot:
        olga = await _becomes_operator(telegram, bot)
        sara = await telegram.person("Sara", role="employer", language_code="en")
        ali = await telegram.person("Ali", role="worker", language_code="en")
        await deposit(sara, olga, reference="TX-1")
        link = await _publish_with_restarts(bot, sara)
        await take_place(ali, link)
        await _prove_with_restarts(bot, ali)
        told = await sara.wait_for("📥 1 proof")
        await sara.press("📥 Review", message_id=told.message_id)
        await sara.wait_for("Proof 1 of 1")
        await sara.press("✅ Approve · $2.00")
        await sara.wait_for("You can undo this for a few seconds.")
        await _restart(bot, sara, ali, olga)
        await ali.wait_for("+$2.00")
        assert sum("+$2.00" in m.text for m in await ali.chat()) == 1
    code, output, errors = await command(tmp_path, "verify")
    assert code == 0, output + errors


async def _becomes_operator(telegram: Telegram, bot: BotProcess) -> Phone:
    """Let somebody ask the bot for their id, put it into OPERATOR_IDS and start the bot again."""
    olga = await telegram.person("Olga", id=OPERATOR_ID, role="operator", language_code="en")
    await olga.send("/admin")
    await olga.wait_for(f"Your id is {OPERATOR_ID}.")
    assert await bot.stop() == 0
    bot.env = {**bot.env, "OPERATOR_IDS": str(OPERATOR_ID)}
    await bot.start()
    await olga.wait_while_not(lambda: _has_command(olga, "admin"), "the operator's menu")
    await olga.send("/admin")
    await olga.wait_for("Deposits to confirm: 0")
    return olga


async def _has_command(phone: Phone, name: str) -> bool:
    return name in await phone.commands()


async def _publish_with_restarts(bot: BotProcess, sara: Phone) -> str:
    """Restart the bot at a typed question, at a tapped one and at the preview."""
    await to_steps(sara, title="Visit a page")
    await _restart(bot, sara)
    await sara.send(STEPS)
    await sara.wait_for("3. Take a screenshot of its end")
    await sara.press("Done (3)")
    await sara.wait_for("What must workers send")
    await _restart(bot, sara)
    await add_proofs(sara)
    await sara.send("2")
    await sara.wait_for("You pay $2.00 for each place.")
    await sara.send("1")
    await sara.wait_for("Nothing is published yet.")
    await _restart(bot, sara)
    return await publish_it(sara)


async def _prove_with_restarts(bot: BotProcess, ali: Phone) -> None:
    """Restart between photo and text; the text is typed while the bot is away and answered when it is back."""
    await ali.press("📷 Send proof")
    await ali.wait_for("Please send 1 photo or screenshot.")
    await ali.send_photos([photo(3)])
    await ali.wait_for("Received: 1 of 1")
    await ali.press("✅ Done with photos")
    await ali.wait_for(TEXT_PROOF)
    before = await _shown(ali)
    assert await bot.stop() == 0
    await ali.send("harvest")
    await bot.start()
    preview = await ali.wait_for("Check your proof")
    assert "harvest" in preview.text
    assert await _shown(ali) == before + 1
    await ali.press("📨 Request for complete")
    await ali.wait_for("Your proof is sent and waits for review.")


async def _restart(bot: BotProcess, *phones: Phone) -> None:
    """End the bot politely and start it again: nobody is written to because of it."""
    before = [await _shown(phone) for phone in phones]
    assert await bot.stop() == 0
    await bot.start()
    assert [await _shown(phone) for phone in phones] == before


async def _shown(phone: Phone) -> int:
    """Count what the bot has written to a person."""
    return sum(not message.mine for message in await phone.chat())


async def test_the_bot_waits_for_telegram_and_ends_only_when_it_is_refused(tmp_path: Path) -> None:
    """Proves that a start without Telegram waits, through errors too, and that only a refused token ends it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    bot = BotProcess(folder=tmp_path, api_url=f"http://127.0.0.1:{port}")
    starting = asyncio.create_task(bot.start())

    async def waiting() -> bool:
        return bot.starts == 1 and bot.log.exists() and "waiting_for_telegram" in bot.log.read_text()

    await eventually(waiting, "the bot waits", seconds=20)
    async with emulator_process(tmp_path, "--no-limits", "--port", str(port)) as url, Telegram(url) as telegram:
        await starting
        ali = await telegram.person("Ali", language_code="en")
        await ali.send("/start")
        await ali.wait_for("Welcome, Ali!")
        assert await bot.stop() == 0
        await telegram.fault("http500", method="getMe", count=1)
        await bot.start()
        assert bot.log.read_text().count("waiting_for_telegram") == 1
        assert await bot.stop() == 0
        for code, words in ((401, "Unauthorized"), (404, "Not Found")):
            await telegram.fault("error", method="getMe", error_code=code, description=words, count=1)
            ended, output, errors = await command(tmp_path, "run", TELEGRAM_API_URL=url)
            lines = [line for line in (output + errors).splitlines() if "error:" in line]
            assert (ended, len(lines)) == (2, 1), output + errors
            assert lines[0].startswith("error: BOT_TOKEN: ")
            assert "Traceback" not in errors


async def test_a_bot_that_waits_for_telegram_can_be_stopped(tmp_path: Path) -> None:
    """Proves that SIGTERM ends a start that still waits for Telegram, with exit code 0."""
    bot = BotProcess(folder=tmp_path, api_url="http://127.0.0.1:9")
    starting = asyncio.create_task(bot.start())

    async def waiting() -> bool:
        return bot.starts == 1 and bot.log.exists() and "waiting_for_telegram" in bot.log.read_text()

    await eventually(waiting, "the bot waits", seconds=20)
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    assert await bot.stop() == 0
