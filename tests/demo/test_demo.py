"""The demo as its user sees it: one command, a page, Ctrl-C; what was there is there again."""

import os
import signal
import socket
from pathlib import Path

import pytest

from bot.demo.cast import ALI, DEMO_TOKEN, OLGA, PEOPLE, SARA, Person
from bot.demo.folder import DATABASE, KEY_FILE, Folder
from bot.demo.stage import environment_of, settings_of
from bot.settings import Settings
from tests.bot_process import command
from tests.demo.demo_process import POISON, DemoProcess, runs
from tests.phone import Phone, Telegram


async def phone_of(telegram: Telegram, person: Person) -> Phone:
    """Give the phone of somebody the demo brought to life."""
    return await telegram.phone(person.id, patience_seconds=15)


async def see_it_new(address: str) -> None:
    """Play what somebody does in their first minute: look at the money, approve a proof, see the money come."""
    async with Telegram(address) as telegram:
        assert [body["role"] for body in await telegram.people()] == [p.role for p in PEOPLE]
        ali, sara = await phone_of(telegram, ALI), await phone_of(telegram, SARA)
        assert "$9.20" in (await ali.screen()).text
        await ali.press("Balance")
        await ali.wait_for("$9.20")
        await sara.press("Review proofs")
        assert (await sara.wait_for("Proof 1 of 2")).photo
        await sara.press("Skip")
        await sara.wait_for("Proof 2 of 2")
        await ali.mark()
        await sara.press("Approve")
        await ali.wait_for("$9.75", timeout_seconds=30)
        assert "admin" in await (await phone_of(telegram, OLGA)).commands()
        assert await telegram.problems() == []
        refused = [call for call in await telegram.traffic() if not call["ok"]]
        assert [call for call in refused if call["error_code"] != 429] == []  # being told to wait is no fault


async def see_it_again(address: str) -> None:
    """See that chat and money are as they were left."""
    async with Telegram(address) as telegram:
        ali = await phone_of(telegram, ALI)
        assert [message.text for message in await ali.chat() if message.mine] == ["/start"]
        await ali.send("/balance")
        await ali.wait_for("$9.75")


async def expect_refusal(demo: DemoProcess, words: str) -> None:
    """See that a demo does not begin, and says why in one line."""
    async with demo:
        await demo.start()
        assert await demo.ended() == 2
    assert demo.said == []
    assert demo.errors.decode().count("\n") == 1
    assert words in demo.errors.decode()


async def test_play_stop_and_go_on(tmp_path: Path) -> None:
    """Proves the whole: a page at once, no token used, Ctrl-C ends all of it, the next start goes on where it was."""
    folder = tmp_path / "demo"
    async with DemoProcess(folder, "--port", "0", "--fresh") as demo:
        await demo.start()
        await see_it_new(demo.address)
        children = demo.children()
        assert set(children) == {"emulator", "bot"}
        await expect_refusal(DemoProcess(folder, "--port", "0", "--fresh"), "another demo")
        assert await demo.interrupt() == 0, demo.errors
        assert demo.errors == b""
        assert not any(runs(child) for child in children.values())

    async with DemoProcess(folder, "--port", "0") as again:
        await again.start()
        await see_it_again(again.address)
        children = again.children()
        os.kill(children["bot"], signal.SIGKILL)
        assert await again.ended() == 1
        assert again.errors.decode().startswith("error: the bot ended by itself")
        assert again.errors.decode().count("\n") == 1
        assert not runs(children["emulator"])

    code, said, errors = await command(folder, "verify", DATABASE_URL=f"sqlite:///{folder / DATABASE}")
    assert code == 0, said + errors


async def test_a_taken_port_is_told_in_one_line(tmp_path: Path) -> None:
    """Proves that the demo names the port that is taken, and leaves an earlier state alone."""
    folder = tmp_path / "demo"
    folder.mkdir()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        await expect_refusal(DemoProcess(folder, "--port", str(port), "--fresh"), str(port))
    assert not (folder / KEY_FILE).exists()


async def test_it_can_be_stopped_while_it_writes_its_data(tmp_path: Path) -> None:
    """Proves that Ctrl-C in the first seconds ends it too, and that half a past is not taken for a whole one."""
    folder = tmp_path / "demo"
    async with DemoProcess(folder, "--port", "0") as demo:
        await demo.begin()
        assert "Writing" in await demo.next_line()
        assert await demo.interrupt() == 0
    assert not (folder / DATABASE).exists()


def test_nothing_of_the_outside_reaches_the_bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that every setting is given explicitly: a real token or another database is never used."""
    for name in Settings.model_fields:
        monkeypatch.setenv(name.upper(), POISON.get(name.upper(), "7"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("BOT_TOKEN=7\nLOG_LEVEL=nonsense\n")
    given = environment_of(settings_of(Folder(tmp_path / "a b#c%"), "http://127.0.0.1:8081"))
    assert given["BOT_TOKEN"] == DEMO_TOKEN
    assert given["OPERATOR_IDS"] == str(OLGA.id)
    defaults = {name: field.get_default(call_default_factory=True) for name, field in Settings.model_fields.items()}
    assert {name.upper() for name, value in defaults.items() if value is not None} <= set(given)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    for name in Settings.model_fields.keys() - {name.lower() for name in given}:
        monkeypatch.delenv(name.upper())
    assert Settings(_env_file=None) == settings_of(Folder(tmp_path / "a b#c%"), "http://127.0.0.1:8081")
