"""The bot's face: commands by scope and language, names, texts, the menu button, details of chats."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.rawbot import RawBot
from tests.phone import Phone, Telegram

BAD = "Bad Request: "


def _commands(*names: str) -> list[dict[str, str]]:
    return [{"command": name, "description": f"Do {name}"} for name in names]


async def test_commands_of_scopes_and_languages_are_kept_apart(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """Each person sees the commands of the narrowest scope, in the own language when there are any."""
    await bot.call("setMyCommands", commands=_commands("start", "help"))
    await bot.call("setMyCommands", commands=_commands("yardim"), language_code="tr")
    await bot.call("setMyCommands", commands=_commands("admin"), scope={"type": "chat", "chat_id": ali.id})
    veli = await tg.person("Veli", language_code="tr")
    eve = await tg.person("Eve", language_code="de")
    assert await ali.commands() == ["admin"]
    assert await veli.commands() == ["yardim"]
    assert await eve.commands() == ["start", "help"]
    assert (await bot.call("getMyCommands", language_code="tr")).result == _commands("yardim")
    assert (await bot.call("getMyCommands", language_code="de")).result == []
    assert (await bot.call("deleteMyCommands", language_code="tr")).result is True
    assert await veli.commands() == ["start", "help"]


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"commands": "x"}, "can't parse commands JSON object"),
        ({"commands": {}}, "expected an Array of BotCommand"),
        ({"commands": [{}]}, "can't parse BotCommand: Can't find field \"command\""),
        ({"commands": _commands("Start")}, "BOT_COMMAND_INVALID"),
        ({"commands": _commands("a" * 33)}, "command length must not exceed 32"),
        ({"commands": [{"command": "a", "description": ""}]}, "command description must be non-empty"),
        ({"commands": [], "scope": "x"}, "can't parse BotCommandScope JSON object"),
        ({"commands": [], "scope": {"type": "x"}}, "can't parse BotCommandScope: Unsupported type specified"),
        ({"commands": [], "scope": {"type": "chat"}}, "can't parse BotCommandScope: Can't find field \"chat_id\""),
        ({"commands": [], "scope": {"type": "chat", "chat_id": 5}}, "chat not found"),
        ({"commands": [], "language_code": "english"}, "invalid language code specified"),
    ],
)
async def test_refused_commands(bot: RawBot, params: dict[str, Any], error: str) -> None:
    """Commands Telegram would not take are refused in its words."""
    assert (await bot.call("setMyCommands", **params)).error == BAD + error


async def test_names_and_texts(bot: RawBot, tg: Telegram) -> None:
    """Name, description and short description are kept a language, with the one for all as a fallback."""
    await bot.call("setMyName", name="Jobs")
    await bot.call("setMyDescription", description="Earn with small jobs.")
    await bot.call("setMyDescription", description="Küçük işler.", language_code="tr")
    await bot.call("setMyShortDescription", short_description="Small jobs")
    assert (await bot.call("getMyName")).result == {"name": "Jobs"}
    assert (await bot.call("getMe")).result["first_name"] == "Jobs"
    assert (await bot.call("getMyDescription", language_code="tr")).result == {"description": "Küçük işler."}
    assert (await bot.call("getMyDescription", language_code="de")).result == {"description": "Earn with small jobs."}
    shown = (await tg.bots())[0]
    assert (shown["first_name"], shown["short_description"]) == ("Jobs", "Small jobs")
    assert (await bot.call("setMyDescription", description="x" * 513)).error == BAD + "BOT_DESCRIPTION_TOO_LONG"


async def test_the_menu_button(bot: RawBot, ali: Phone) -> None:
    """The button beside the text field can be set for one person and for all."""
    assert (await bot.call("setChatMenuButton", menu_button={"type": "commands"})).result is True
    app = {"type": "web_app", "text": "Open", "web_app": {"url": "https://e.com/"}}
    assert (await bot.call("setChatMenuButton", chat_id=ali.id, menu_button=app)).result is True
    assert (await bot.call("getChatMenuButton", chat_id=ali.id)).result == app
    assert (await bot.call("getChatMenuButton")).result == {"type": "commands"}
    refused = await bot.call("setChatMenuButton", menu_button={"type": "x"})
    assert refused.error == BAD + "can't parse menu button: MenuButton has unsupported type"


async def test_details_of_a_chat(bot: RawBot, ali: Phone) -> None:
    """getChat tells who is behind a private chat, and getChatMember what they are in it."""
    details = (await bot.call("getChat", chat_id=ali.id)).result
    assert (details["type"], details["username"]) == ("private", "ali_tester")
    member = (await bot.call("getChatMember", chat_id=ali.id, user_id=ali.id)).result
    assert member["user"]["first_name"] == "Ali"
    assert (await bot.call("getChat", chat_id=5)).error == BAD + "chat not found"
