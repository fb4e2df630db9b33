"""The methods about the bot's own face: commands, names, texts, the menu button."""

from __future__ import annotations

import re
from typing import Any

from bot.emulator.call import Call
from bot.emulator.errors import FieldError, bad_request
from bot.emulator.links import BadLinkError, checked_link
from bot.emulator.params import Json, field
from bot.emulator.spans import cleaned

MAX_COMMANDS = 100
MAX_COMMAND = 32
MAX_COMMAND_DESCRIPTION = 256
MAX_NAME = 64
MAX_DESCRIPTION = 512
MAX_SHORT_DESCRIPTION = 120
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}|")
_PLAIN_SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
_CHAT_SCOPES = ("chat", "chat_administrators", "chat_member")


def _language(call: Call) -> str:
    language = call.params.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    return language


def _scope(call: Call) -> str:
    """Answer the key of the scope: commands of different scopes and languages are kept apart."""
    given: Any = call.params.json("scope", "Can't parse BotCommandScope JSON object")
    if given is None:
        return "default"
    if not isinstance(given, dict):
        raise bad_request("Can't parse BotCommandScope: BotCommandScope must be an Object")
    try:
        kind = field(given, "type", str)
        if kind in _PLAIN_SCOPES:
            return kind if isinstance(kind, str) else "default"
        if kind not in _CHAT_SCOPES:
            raise FieldError("Unsupported type specified")
        chat_id = field(given, "chat_id", str)
        if not chat_id:
            raise FieldError("Empty chat_id specified")
        user_id = field(given, "user_id", int) if kind == "chat_member" else None
        if user_id is not None and user_id <= 0:
            raise FieldError("Invalid user_id specified")
    except FieldError as error:
        raise bad_request(f"Can't parse BotCommandScope: {error.sentence}") from None
    call.params["scope.chat_id"] = chat_id
    try:
        chat = call.chat("scope.chat_id")
    finally:
        del call.params["scope.chat_id"]  # it was never a parameter of the call
    if chat.is_private and kind != "chat":
        raise bad_request("Can't use specified scope in private chats")
    return f"{kind}:{chat.id}" if user_id is None else f"{kind}:{chat.id}:{user_id}"


def _tell_all_chats(call: Call) -> None:
    call.world.mark("bot", call.bot.id)
    if call.world.listeners:
        for chat in call.bot.chats.values():
            call.world.tell_chat(chat)


async def set_my_commands(call: Call) -> bool:
    """Set the commands of one scope and language; an empty list removes them."""
    given: Any = call.params.json("commands", "Can't parse commands JSON object")
    if given is None:
        given = []
    if not isinstance(given, list):
        raise bad_request("Expected an Array of BotCommand")
    commands: list[Json] = []
    for entry in given:
        try:
            if not isinstance(entry, dict):
                raise FieldError("expected an Object")
            commands.append({"command": field(entry, "command", str), "description": field(entry, "description", str)})
        except FieldError as error:
            raise bad_request(f"Can't parse BotCommand: {error.sentence}") from None
    for command in commands:
        _check_command(command)
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    key = f"{_scope(call)}/{_language(call)}"
    call.bot.commands[key] = commands
    _tell_all_chats(call)
    return True


def _check_command(command: Json) -> None:
    """Check a command and take the spaces and the slash off it."""
    name = command["command"] = cleaned(command["command"]).strip().removeprefix("/")
    description = command["description"] = cleaned(command["description"]).strip()
    if not name:
        raise bad_request("Command must be non-empty")
    if len(name) > MAX_COMMAND:
        raise bad_request(f"Command length must not exceed {MAX_COMMAND}")
    if not description:
        raise bad_request("Command description must be non-empty")
    if len(description) > MAX_COMMAND_DESCRIPTION:
        raise bad_request(f"Command description length must not exceed {MAX_COMMAND_DESCRIPTION}")
    if not _COMMAND.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")


async def get_my_commands(call: Call) -> list[Json]:
    """Answer the commands of exactly this scope and language."""
    return call.bot.commands.get(f"{_scope(call)}/{_language(call)}", [])


async def delete_my_commands(call: Call) -> bool:
    """Remove the commands of one scope and language."""
    call.bot.commands.pop(f"{_scope(call)}/{_language(call)}", None)
    _tell_all_chats(call)
    return True


def _set_words(call: Call, words: dict[str, str], name: str, *, limit: int, refusal: str) -> bool:
    text = call.params.text(name).strip()
    if len(text) > limit:
        raise bad_request(refusal)
    language = _language(call)
    if text:
        words[language] = text
    else:
        words.pop(language, None)
    call.world.mark("bot", call.bot.id)
    call.world.tell({"type": "people", "bot": call.bot.id})
    return True


async def set_my_name(call: Call) -> bool:
    """Set the bot's name in one language."""
    _set_words(call, call.bot.names, "name", limit=MAX_NAME, refusal="BOT_TITLE_INVALID")
    call.bot.first_name = call.bot.names.get("", call.bot.first_name)
    return True


async def set_my_description(call: Call) -> bool:
    """Set what an empty chat shows."""
    refusal = "BOT_DESCRIPTION_TOO_LONG"
    return _set_words(call, call.bot.descriptions, "description", limit=MAX_DESCRIPTION, refusal=refusal)


async def set_my_short_description(call: Call) -> bool:
    """Set what the bot's profile shows."""
    words, limit = call.bot.short_descriptions, MAX_SHORT_DESCRIPTION
    return _set_words(call, words, "short_description", limit=limit, refusal="BOT_SHORT_DESCRIPTION_TOO_LONG")


async def get_my_name(call: Call) -> Json:
    """Answer the name in a language, or the one for all."""
    language, names = _language(call), call.bot.names
    return {"name": names.get(language) or names.get("") or call.bot.first_name}


async def get_my_description(call: Call) -> Json:
    """Answer the description in a language, or the one for all."""
    language, words = _language(call), call.bot.descriptions
    return {"description": words.get(language) or words.get("", "")}


async def get_my_short_description(call: Call) -> Json:
    """Answer the short description in a language, or the one for all."""
    language, words = _language(call), call.bot.short_descriptions
    return {"short_description": words.get(language) or words.get("", "")}


async def set_chat_menu_button(call: Call) -> bool:
    """Set the button beside the text field, for one person or for all."""
    given: Any = call.params.json("menu_button", "Can't parse menu button JSON object")
    try:
        button = {"type": "default"} if given is None else _menu_button(given)
    except FieldError as error:
        raise bad_request(f"Can't parse menu button: {error.sentence}") from None
    if button["type"] == "web_app":
        button = _checked_menu_button(button)
    if "chat_id" in call.params:
        if call.params.integer("chat_id") <= 0:
            raise bad_request("Invalid chat_id specified")
        chat = call.chat()
        chat.menu_button = button
        call.world.tell_chat(chat)
    else:
        call.bot.menu_button = button
        _tell_all_chats(call)
    return True


def _menu_button(given: Any) -> Json:
    if not isinstance(given, dict):
        raise FieldError("MenuButton must be an Object")
    kind = field(given, "type", str)
    if kind in ("default", "commands"):
        return {"type": kind}
    if kind != "web_app":
        raise FieldError("MenuButton has unsupported type")
    text, web_app = field(given, "text", str), field(given, "web_app", dict)
    return {"type": kind, "text": text, "web_app": {"url": field(web_app, "url", str)}}


def _checked_menu_button(button: Json) -> Json:
    words, url = cleaned(button["text"]), button["web_app"]["url"]
    if not words:
        raise bad_request("Menu button text must be non-empty")
    try:
        link = checked_link(url, https_only=True)
    except BadLinkError as error:
        raise bad_request(f"Menu button Web App URL '{url}' is invalid: {error}") from None
    return {**button, "text": words, "web_app": {"url": link}}


async def get_chat_menu_button(call: Call) -> Json:
    """Answer the button beside the text field."""
    if "chat_id" not in call.params:
        return call.bot.menu_button
    return call.chat().menu_button or call.bot.menu_button
