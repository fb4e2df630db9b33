"""Rules about the bot's own face: commands, names, texts, the menu button."""

from __future__ import annotations

from typing import Any

from tests.emulator.rulebook.record import Good, Rule, Source
from tests.emulator.rulebook.stage import a_group, the_chat, the_person


def _commands(name: str = "start", description: str = "Begin") -> list[dict[str, str]]:
    return [{"command": name, "description": description}]


_COMMANDS = Good("setMyCommands", {"commands": _commands()})
_LIST = "A JSON-serialized list of bot commands to be set as the list of the bot's commands."
_NAME = "Text of the command; 1-32 characters. Can contain only lowercase English letters, digits and underscores"
_SCOPE = "A JSON-serialized object, describing scope of users for which the commands are relevant."
_MENU = Good("setChatMenuButton", {"menu_button": {"type": "commands"}})
_BUTTON = "A JSON-serialized object for the bot's new menu button."


def _refused(name: str, wrong: dict[str, Any], error: str, says: str, right: dict[str, Any] | None = None) -> Rule:
    error = f"Bad Request: {error}"
    return Rule(name, _COMMANDS, right=right or {}, wrong=wrong, error=error, says=says, source=Source.DOCS)


def _words(name: str, method: str, field: str, limit: int, error: str, says: str) -> Rule:
    return Rule(
        name,
        Good(method, {field: "x" * limit}),
        wrong={field: "x" * (limit + 1)},
        error=f"Bad Request: {error}",
        says=says,
        source=Source.DOCS,
    )


RULES: tuple[Rule, ...] = (
    _refused("commands-no-json", {"commands": "x"}, "can't parse commands JSON object", _LIST),
    _refused("commands-no-array", {"commands": {}}, "expected an Array of BotCommand", _LIST),
    _refused("command-without-name", {"commands": [{}]}, "can't parse BotCommand: Can't find field \"command\"", _NAME),
    _refused("command-name-capital", {"commands": _commands("Start")}, "BOT_COMMAND_INVALID", _NAME),
    _refused(
        "command-name-too-long",
        {"commands": _commands("a" * 33)},
        "command length must not exceed 32",
        _NAME,
        {"commands": _commands("a" * 32)},
    ),
    _refused(
        "command-description-empty",
        {"commands": _commands(description="")},
        "command description must be non-empty",
        "Description of the command; 1-256 characters",
    ),
    _refused(
        "command-description-too-long",
        {"commands": _commands(description="x" * 257)},
        "command description length must not exceed 256",
        "Description of the command; 1-256 characters",
        {"commands": _commands(description="x" * 256)},
    ),
    _refused(
        "too-many-commands",
        {"commands": [command for number in range(101) for command in _commands(f"c{number}")]},
        "BOT_COMMANDS_TOO_MUCH",
        "At most 100 commands can be specified",
        {"commands": [command for number in range(100) for command in _commands(f"c{number}")]},
    ),
    _refused("scope-no-json", {"scope": "x"}, "can't parse BotCommandScope JSON object", _SCOPE),
    _refused(
        "scope-unknown",
        {"scope": {"type": "x"}},
        "can't parse BotCommandScope: Unsupported type specified",
        _SCOPE,
        {"scope": {"type": "all_private_chats"}},
    ),
    _refused(
        "scope-without-chat",
        {"scope": {"type": "chat"}},
        "can't parse BotCommandScope: Can't find field \"chat_id\"",
        _SCOPE,
        {"scope": {"type": "chat", "chat_id": the_chat}},
    ),
    _refused("scope-of-unknown-chat", {"scope": {"type": "chat", "chat_id": 5}}, "chat not found", _SCOPE),
    _refused(
        "scope-of-members-in-private",
        {"scope": {"type": "chat_administrators", "chat_id": the_chat}},
        "can't use specified scope in private chats",
        _SCOPE,
        {"scope": {"type": "chat_administrators", "chat_id": a_group}},
    ),
    _refused(
        "language-code-unknown",
        {"language_code": "english"},
        "invalid language code specified",
        "A two-letter ISO 639-1 language code.",
        {"language_code": "tr"},
    ),
    _words("name-too-long", "setMyName", "name", 64, "BOT_TITLE_INVALID", "New bot name; 0-64 characters."),
    _words(
        "description-too-long",
        "setMyDescription",
        "description",
        512,
        "BOT_DESCRIPTION_TOO_LONG",
        "New bot description; 0-512 characters.",
    ),
    _words(
        "short-description-too-long",
        "setMyShortDescription",
        "short_description",
        120,
        "BOT_SHORT_DESCRIPTION_TOO_LONG",
        "New short description for the bot; 0-120 characters.",
    ),
    Rule(
        "menu-button-unknown",
        _MENU,
        wrong={"menu_button": {"type": "x"}},
        error="Bad Request: can't parse menu button: MenuButton has unsupported type",
        says=_BUTTON,
        source=Source.DOCS,
    ),
    Rule(
        "menu-button-not-https",
        _MENU,
        right={"menu_button": {"type": "web_app", "text": "x", "web_app": {"url": "https://e.com"}}},
        wrong={"menu_button": {"type": "web_app", "text": "x", "web_app": {"url": "http://e.com"}}},
        error="Bad Request: menu button Web App URL 'http://e.com' is invalid: Only HTTPS links are allowed",
        says="An HTTPS URL of a Web App to be opened with additional data as specified in Initializing Web Apps",
        source=Source.DOCS,
    ),
    Rule(
        "chat-details-of-nobody",
        Good("getChat", {"chat_id": the_chat}),
        wrong={"chat_id": 5},
        error="Bad Request: chat not found",
        says="Use this method to get up-to-date information about the chat.",
        source=Source.DOCS,
    ),
    Rule(
        "member-unknown",
        Good("getChatMember", {"chat_id": the_chat, "user_id": the_person}),
        wrong={"user_id": 5},
        error="Bad Request: user not found",
        says="Unique identifier of the target user",
        source=Source.DOCS,
    ),
    Rule(
        "leave-a-private-chat",
        Good("leaveChat", {"chat_id": a_group}),
        wrong={"chat_id": the_chat},
        error="Bad Request: chat member status can't be changed in private chats",
        says="Use this method for your bot to leave a group, supergroup or channel.",
        source=Source.DOCS,
    ),
)
