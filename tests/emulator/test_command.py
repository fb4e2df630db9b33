"""The command `python -m bot emulator`: its help, what it refuses in one line, and what headless leaves out."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from pathlib import Path

import pytest

from bot.emulator.running import running
from tests.emulator.rawbot import raw_bot
from tests.emulator_process import ROOT, emulator_process
from tests.phone import Telegram


async def command(*arguments: str) -> tuple[int | None, str, str]:
    """Run the command to its end; gives exit code, output and errors."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "emulator", *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(30):
        output, errors = await process.communicate()
    return process.returncode, output.decode(), errors.decode()


async def test_help_names_every_option() -> None:
    """The help says what each option is for and shows how to begin."""
    code, said, _ = await command("--help")
    assert code == 0
    for words in (
        "--port",
        "--state FILE",
        "--fresh",
        "--headless",
        "--no-limits",
        "--loopback-webhook",
        "/door/people",
    ):
        assert words in said


@pytest.mark.parametrize("port", ["70000", "-1", "eighty", "8081.5"])
async def test_no_port_is_told_so(port: str) -> None:
    """What is no port is refused before anything listens."""
    code, _, errors = await command("--port", port)
    assert code == 2
    assert "--port" in errors


async def test_what_cannot_be_used_is_told_in_one_line(tmp_path: Path) -> None:
    """A port that is taken and a state file that is none end the command with one line that names the option."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, _, errors = await command("--port", port)
        assert (code, errors.count("\n")) == (2, 1)
        assert errors.startswith(f"error: --port: {port} can't be used")
    (tmp_path / "state").write_text("no state at all, " * 1000)
    code, _, errors = await command("--port", "0", "--state", str(tmp_path / "state"))
    assert (code, errors.count("\n")) == (2, 1)
    assert errors.startswith("error: --state: ")
    code, _, errors = await command("--port", "0", "--state", str(tmp_path / "state" / "deeper"))
    assert (code, errors.count("\n")) == (2, 1)
    assert errors.startswith("error: --state: ")


async def test_headless_serves_all_but_the_page(tmp_path: Path) -> None:
    """Without a page the Bot API and the door answer as ever; events name messages and carry none of them."""
    async with emulator_process(tmp_path, "--headless") as url, Telegram(url) as tg, raw_bot(url) as bot:
        for path in ("", "/web/app.js"):
            async with bot.session.get(url + path) as response:
                assert response.status == 404
        ali = await tg.person("Ali")
        await ali.send("/start")
        async with bot.session.get(f"{url}/door/events") as events:
            sent = (await bot.call("sendMessage", chat_id=ali.id, text="<b>x</b>", parse_mode="HTML")).result
            async with asyncio.timeout(5):
                async for line in events.content:
                    if line.startswith(b"data: "):
                        break
        event = json.loads(line[6:])
        assert event["type"] == "message"
        assert event["message"] == {"message_id": sent["message_id"]}
        assert (await ali.screen()).html == "<b>x</b>"


async def test_two_bots_do_not_meet() -> None:
    """Any token is a bot of its own: one person talks to two, and neither hears, sees or uses what is the other's."""
    async with (
        running(port=0, limits=False) as url,
        Telegram(url) as tg,
        raw_bot(url) as one,
        raw_bot(url, token="7654321:" + "Z" * 35) as two,
    ):
        ali = await tg.person("Ali")
        first, second = ali.with_bot(1234567), ali.with_bot(7654321)
        await first.send("for one")
        assert (await two.call("sendMessage", chat_id=ali.id, text="x")).status == 403
        await second.send("for two")
        assert (await one.update("message"))["text"] == "for one"
        assert (await two.update("message"))["text"] == "for two"
        mine = (await one.call("sendMessage", chat_id=ali.id, text="from one")).result
        await two.call("sendMessage", chat_id=ali.id, text="from two")
        assert (await first.screen()).text == "from one"
        assert (await second.screen()).text == "from two"
        await second.block()
        assert (await two.call("sendMessage", chat_id=ali.id, text="x")).status == 403
        edited = await one.call("editMessageText", chat_id=ali.id, message_id=mine["message_id"], text="still here")
        assert edited.status == 200
        with pytest.raises(Exception, match="say which"):
            await ali.screen()
