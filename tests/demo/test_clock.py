"""The demo's time: moved on at the door, the bot lives on from there; and its processes end with it, even killed."""

import asyncio
import os
import re
import signal
import sqlite3
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from bot.app import utc_now
from bot.demo.cast import ALI, SARA
from bot.demo.folder import DATABASE, EMULATOR
from storage.database import Database
from storage.outbox import find_newest
from tests.bot_process import ROOT, BotProcess, bot_process, command
from tests.demo.demo_process import DemoProcess, runs
from tests.demo.test_demo import phone_of
from tests.emulator_process import emulator_process
from tests.phone import Phone, Telegram
from tests.waiting import eventually


async def take_a_place(ali: Phone) -> int:
    """Apply for the first job of the list; gives the minutes there are for it."""
    await ali.send("/jobs")
    await ali.wait_for_button("All jobs")
    await ali.press("All jobs")
    await ali.wait_for("Tap a number to see the job.")
    await ali.press("1")
    minutes = re.search(r"You have (\d+) min to finish", (await ali.wait_for("to finish")).text)
    assert minutes is not None
    await ali.press("Apply")
    return int(minutes[1])


async def watch_four_days(address: str) -> None:
    """A reservation is warned of and runs out, and the employer is reminded of the proofs that wait."""
    async with Telegram(address, patience_seconds=20) as telegram:
        ali, sara = await phone_of(telegram, ALI), await phone_of(telegram, SARA)
        minutes = await take_a_place(ali)
        card = await ali.wait_for_button("Send proof")
        await ali.wait_for_pin(card)
        await telegram.move_clock(minutes=minutes - 2)
        await ali.wait_for("min left")
        await telegram.move_clock(minutes=15)
        await ali.wait_for("your place went back")
        await ali.wait_for_deletion(card.message_id)
        await ali.wait_for_pin(None)
        await sara.mark()
        await telegram.move_clock(days=1)
        await telegram.move_clock(days=3)
        reminder = await sara.wait_for("still wait for your review")
        assert (await ali.wait_for("went back")).date < reminder.date - 86_400


async def watch_the_fifth(address: str) -> None:
    """After a new start the time is as far on as it was; one day more and the proof is approved and paid by itself."""
    async with Telegram(address, patience_seconds=20) as telegram:
        ali, sara = await phone_of(telegram, ALI), await phone_of(telegram, SARA)
        assert await telegram.ahead() > timedelta(days=4)
        await ali.send("/balance")
        await ali.wait_for("Available: $9.20")
        await ali.mark()
        await sara.mark()
        await telegram.move_clock(days=1)
        assert "Nobody reviewed it in time" in (await ali.wait_for("+$0.55")).text
        await sara.wait_for("approved by itself")
        await ali.send("/balance")
        await ali.wait_for("Available: $9.75")
        assert await telegram.problems() == []


async def test_days_pass_in_seconds(tmp_path: Path) -> None:
    """Proves that the bot follows the clock at once, also after a restart, and that its books are right at the end."""
    folder = tmp_path / "demo"
    async with DemoProcess(folder, "--port", "0", "--fresh") as demo:
        await demo.start()
        await watch_four_days(demo.address)
        assert await demo.interrupt() == 0, demo.errors
    async with DemoProcess(folder, "--port", "0") as again:
        await again.start()
        await watch_the_fifth(again.address)
        assert await again.interrupt() == 0, again.errors
    code, said, errors = await command(folder, "verify", DATABASE_URL=f"sqlite:///{folder / DATABASE}")
    assert code == 0, said + errors


async def test_killing_the_demo_ends_its_processes_and_loses_no_time(tmp_path: Path) -> None:
    """Proves that nothing is left running after kill -9, and that the next start is not before what has happened."""
    folder = tmp_path / "demo"
    async with DemoProcess(folder, "--port", "0", "--fresh") as demo:
        await demo.start()
        async with Telegram(demo.address, patience_seconds=20) as telegram:
            ali = await phone_of(telegram, ALI)
            await telegram.move_clock(days=2)
            await ali.send("/balance")
            late = (await ali.wait_for("Available")).date
        children = demo.children()
        assert demo.process is not None
        os.kill(demo.process.pid, signal.SIGKILL)

        async def ended() -> bool:
            return not any(runs(child) for child in children.values())

        await eventually(ended, "emulator and bot have ended", seconds=20)
        await demo.process.wait()
    with closing(sqlite3.connect(folder / EMULATOR)) as state, state:  # as if the last save had been before the move
        state.execute("UPDATE rows SET body = json_set(body, '$.clock', 0) WHERE kind = 'world'")
    async with DemoProcess(folder, "--port", "0") as again:
        await again.start()
        async with Telegram(again.address, patience_seconds=20) as telegram:
            ali = await phone_of(telegram, ALI)
            await ali.send("/balance")
            assert (await ali.wait_for("Available")).date >= late


async def test_run_has_no_such_switch(tmp_path: Path) -> None:
    """Proves that a bot of `run` keeps the machine's time whatever the emulator, its environment or flags say."""
    day = 86_400
    names = (
        "CLOCK",
        "CLOCK_OFFSET",
        "OFFSET_SECONDS",
        "ADVANCE_SECONDS",
        "EMULATOR_CLOCK",
        "DEMO",
        "DEMO_CLOCK",
        "TIME",
    )
    tempting = {name: str(day) for name in names}
    async with (
        emulator_process(tmp_path, "--no-limits") as url,
        Telegram(url, patience_seconds=20) as telegram,
        bot_process(tmp_path, url, **tempting) as bot,
    ):
        ali = await telegram.person("Ali", language_code="en")
        await ali.send("/start")
        await ali.wait_for_button("Jobs")
        await telegram.move_clock(days=300)
        await ali.send("/help")
        await ali.wait_for_button("Home")
        heard = await command(tmp_path, "run", "--clock", str(day))
        assert heard[0] == 2
        assert "--clock" in heard[2]
    database = await Database.open(bot.database_url)
    async with database.read() as tx:
        newest = await find_newest(tx)
    await database.close()
    assert newest is not None
    assert abs(newest - utc_now()) < timedelta(seconds=day)


async def test_only_the_demos_own_bot_gets_its_clock(tmp_path: Path) -> None:
    """Proves that no real bot can be started with another clock by way of the demo's own process."""
    bot = BotProcess(tmp_path, "http://127.0.0.1:9")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.demo.bot"), cwd=ROOT, env=bot.environment(), stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(30):
        _, errors = await process.communicate()
    assert process.returncode == 2
    assert errors.decode().startswith("error: BOT_TOKEN: only the demo's own bot runs here")
    assert not (tmp_path / "bot.db").exists()
