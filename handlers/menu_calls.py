"""What Telegram shows around the chat: the command menu and the bot's descriptions, in every language."""

from collections.abc import Iterable, Iterator
from typing import Any

from bot.domain.errors import N_
from bot.domain.house import House
from bot.i18n import Translator, languages

Commands = list[tuple[str, str]]
CommandSet = tuple[str | None, dict[str, Any], Commands]

COMMANDS: tuple[tuple[str, str], ...] = (
    ("start", N_("Home")),
    ("jobs", N_("Find a job")),
    ("mywork", N_("Your work and its clock")),
    ("balance", N_("Your money")),
    ("withdraw", N_("Withdraw your money")),
    ("alerts", N_("Tell me about well-paid jobs")),
    ("newjob", N_("Publish a job")),
    ("myjobs", N_("The jobs you published")),
    ("review", N_("Proofs that wait for your review")),
    ("deposit", N_("Add money for jobs")),
    ("settings", N_("Language, clock, sounds")),
    ("language", N_("Change the language")),
    ("help", N_("How it works")),
    ("cancel", N_("Stop what is open")),
    ("terms", N_("The rules")),
    ("privacy", N_("What we know about you")),
    ("paysupport", N_("A question about money")),
)
OPERATOR_COMMANDS: tuple[tuple[str, str], ...] = (("admin", N_("The operator's desk")),)

SHORT_DESCRIPTION = N_("Small paid jobs on your phone. You never pay to work.")
DESCRIPTION = N_(
    "Do small jobs on your phone and get paid: visit a website, answer a survey, test an app.\n\n"
    "Pick a job, follow its steps, send your proof. If nobody reviews it in time, it is paid.\n\n"
    "You never pay to work. Tap Start."
)


def command_sets(operator_ids: Iterable[int] = ()) -> list[CommandSet]:
    """List the command menus: (language or None for all others, scope, [(command, description)])."""
    sets: list[CommandSet] = []
    for language in (None, *languages()):
        t = Translator() if language is None else Translator(language)
        everyone = [(name, t.plain(words)) for name, words in COMMANDS]
        sets.append((language, {"type": "default"}, everyone))
        for chat_id in sorted(operator_ids):
            mine = [(name, t.plain(words)) for name, words in OPERATOR_COMMANDS]
            sets.append((language, {"type": "chat", "chat_id": chat_id}, [*everyone, *mine]))
    return sets


def descriptions() -> list[tuple[str | None, str, str]]:
    """List what strangers read before they start: (language or None, short description, description)."""
    found: list[tuple[str | None, str, str]] = []
    for language in (None, *languages()):
        t = Translator() if language is None else Translator(language)
        found.append((language, t.plain(SHORT_DESCRIPTION), t.plain(DESCRIPTION)))
    return found


def menu_calls(house: House) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the Bot API calls that set menus and descriptions."""
    for language, scope, commands in command_sets(house.operator_ids):
        listed = [{"command": name, "description": words} for name, words in commands]
        yield "setMyCommands", _in({"commands": listed, "scope": scope}, language)
    for language, short, long in descriptions():
        yield "setMyShortDescription", _in({"short_description": short}, language)
        yield "setMyDescription", _in({"description": long}, language)


def operator_menu_calls(chat_id: int) -> list[dict[str, Any]]:
    """Give the calls, as a reply stores them, that put the desk into one operator's menu.

    Telegram refuses a menu for a chat that does not exist yet, so it is set again when an operator writes /start.
    """
    calls = []
    for language, scope, commands in command_sets([chat_id]):
        if scope["type"] == "chat":
            listed = [{"command": name, "description": words} for name, words in commands]
            calls.append({"m": "setMyCommands", "p": _in({"commands": listed, "scope": scope}, language)})
    return calls


def _in(params: dict[str, Any], language: str | None) -> dict[str, Any]:
    return params if language is None else {**params, "language_code": language}
