"""State that outlives the process, and the process itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import ClientSession

from bot.emulator.running import running
from bot.emulator.store import SAVE_EVERY_SECONDS
from tests.emulator.rawbot import RawBot, raw_bot
from tests.emulator_process import emulator_process
from tests.phone import Message, Phone, Telegram
from tests.pictures import photo

KEYS = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}


async def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    """People, chats, files, commands and unread updates are there again after a restart, and numbers go on growing."""
    state = tmp_path / "state.db"
    async with running(port=0, limits=False, state=state) as url, Telegram(url) as tg, raw_bot(url) as bot:
        ali = await tg.person("Ali", phone="+1", role="worker")
        await ali.send("/start")
        await bot.updates()
        await bot.call("getUpdates", offset=bot.offset)
        await ali.send_photos([photo(1)])
        await bot.call("setMyCommands", commands=[{"command": "help", "description": "Help"}])
        card = (
            await bot.call("sendMessage", chat_id=ali.id, text="<b>x</b>", parse_mode="HTML", reply_markup=KEYS)
        ).result
        gone = (await bot.call("sendMessage", chat_id=ali.id, text="gone")).result["message_id"]
        await bot.call("pinChatMessage", chat_id=ali.id, message_id=card["message_id"])
        await bot.call("deleteMessage", chat_id=ali.id, message_id=gone)
        await ali.block()
        before = await ali.view()
        people = await tg.call("GET", "people")
        waiting = (await bot.call("getUpdates")).result
        file_id = before["messages"][1]["photo"][0]["file_id"]
        path = (await bot.call("getFile", file_id=file_id)).result["file_path"]
    async with running(port=0, limits=False, state=state) as url, Telegram(url) as tg, raw_bot(url) as bot:
        assert await tg.call("GET", "people") == people
        ali = Phone(tg, people[0], bot=None, patience_seconds=5)
        assert await ali.view() == before
        assert (await bot.call("getUpdates")).result == waiting
        async with bot.session.get(f"{url}/file/bot{bot.token}/{path}") as response:
            assert response.status == 200
        await ali.unblock()
        sent = (await bot.call("sendMessage", chat_id=ali.id, text="new")).result
        assert sent["message_id"] > max(Message(raw).message_id for raw in before["messages"])
        assert (await bot.call("getUpdates")).result[-1]["update_id"] == waiting[-1]["update_id"] + 1
    async with running(port=0, state=state, fresh=True) as url, Telegram(url) as tg:
        assert await tg.call("GET", "people") == []


async def test_numbers_go_on_after_a_bot_wrote_unasked(tmp_path: Path) -> None:
    """A message that no update led to keeps its number over a restart: the next one does not take its place."""
    state = tmp_path / "state.db"
    async with running(port=0, limits=False, state=state) as url, Telegram(url) as tg, raw_bot(url) as bot:
        ali = await tg.person("Ali")
        await ali.send("/start")
        await asyncio.sleep(2 * SAVE_EVERY_SECONDS)  # so that the bot's own message is all that the last save holds
        sent = (await bot.call("sendMessage", chat_id=ali.id, text="unasked")).result
    async with running(port=0, limits=False, state=state) as url, Telegram(url) as tg:
        ali = Phone(tg, (await tg.call("GET", "people"))[0], bot=None, patience_seconds=5)
        assert await ali.send("/balance") > sent["message_id"]
        assert [message.text for message in await ali.chat()] == ["/start", "unasked", "/balance"]


async def test_a_removed_person_stays_removed(tmp_path: Path) -> None:
    """Removing a person and the reset reach the state on disk too."""
    state = tmp_path / "state.db"
    async with running(port=0, limits=False, state=state) as url, Telegram(url) as tg, raw_bot(url) as bot:
        ali, eve = await tg.person("Ali"), await tg.person("Eve")
        await ali.send("/start")
        await eve.send("/start")
        await tg.call("DELETE", f"people/{ali.id}")
        assert [row["first_name"] for row in await tg.call("GET", "people")] == ["Eve"]
        refused = await bot.call("sendMessage", chat_id=ali.id, text="x")
        assert refused.error == "Bad Request: chat not found"
    async with running(port=0, limits=False, state=state) as url, Telegram(url) as tg, raw_bot(url) as bot:
        assert [row["first_name"] for row in await tg.call("GET", "people")] == ["Eve"]
        await tg.reset()
    async with running(port=0, limits=False, state=state) as url, Telegram(url) as tg, raw_bot(url) as bot:
        assert await tg.call("GET", "people") == []
        assert (await bot.call("getUpdates")).result == []


async def test_the_process_starts_polls_and_ends_cleanly(tmp_path: Path) -> None:
    """The command says where it listens, serves a long poll, and ends with 0 on a signal while one is open."""
    async with ClientSession() as session:
        async with emulator_process(tmp_path, "--state", str(tmp_path / "s.db"), "--no-limits") as url:
            bot = RawBot(session, url)
            await bot.call("getMe")
            async with Telegram(url) as tg:
                ali = await tg.person("Ali")
                await ali.send("/start")
                assert (await bot.update("message"))["text"] == "/start"
                polling = asyncio.create_task(bot.updates(timeout=50))
                await tg.polling_bot()
        assert await polling == []
    async with emulator_process(tmp_path, "--state", str(tmp_path / "s.db")) as url, Telegram(url) as tg:
        assert [row["first_name"] for row in await tg.call("GET", "people")] == ["Ali"]
