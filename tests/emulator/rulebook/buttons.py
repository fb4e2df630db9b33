"""Rules about what single buttons of each kind may hold."""

from __future__ import annotations

from typing import Any

from tests.emulator.rulebook.record import Rule, Source
from tests.emulator.rulebook.stage import TEXT, a_group, keys

_INLINE = "can't parse inline keyboard button"
_KEY = "can't parse keyboard button"
_WEB_APP = {"web_app": {"url": "https://e.com/app"}}
_CHOSEN = "switch_inline_query_chosen_chat"


def _inline(name: str, right: dict[str, Any], wrong: dict[str, Any], error: str, says: str, source: Source) -> Rule:
    return Rule(
        name,
        TEXT,
        right={"reply_markup": keys(**right)},
        wrong={"reply_markup": keys(**wrong)},
        error=f"Bad Request: {error}",
        says=says,
        source=source,
    )


def _key(name: str, right: Any, wrong: Any, error: str, says: str, source: Source = Source.SERVER) -> Rule:
    return Rule(
        name,
        TEXT,
        right={"reply_markup": {"keyboard": [[right]]}},
        wrong={"reply_markup": {"keyboard": [[wrong]]}},
        error=f"Bad Request: {error}",
        says=says,
        source=source,
    )


def _only_in_private(name: str, button: dict[str, Any], what: str) -> Rule:
    return Rule(
        f"key-{name}-in-group",
        TEXT,
        right={"reply_markup": {"keyboard": [[{"text": "x", **button}]]}},
        wrong={"chat_id": a_group},
        error=f"Bad Request: {what} in private chats only",
        says="Available in private chats only",
        source=Source.DOCS,
    )


RULES: tuple[Rule, ...] = (
    _inline(
        "button-field-null",
        {"callback_data": "x"},
        {"callback_data": "x", "url": None},
        f'{_INLINE}: Field "url" must be of type String',
        "A field of a button that is null is a field of the wrong type.",
        Source.SERVER,
    ),
    _inline(
        "button-copy-text-empty",
        {"copy_text": {"text": "x" * 256}},
        {"copy_text": {"text": ""}},
        "BUTTON_COPY_TEXT_INVALID",
        "The text to be copied to the clipboard; 1-256 characters",
        Source.DOCS,
    ),
    _inline(
        "button-copy-text-without-text",
        {"copy_text": {"text": "x"}},
        {"copy_text": {}},
        f'{_INLINE}: Can\'t find field "text"',
        "The text to be copied to the clipboard; 1-256 characters",
        Source.DOCS,
    ),
    _inline(
        "button-login-not-https",
        {"login_url": {"url": "https://e.com/login"}},
        {"login_url": {"url": "http://e.com/login"}},
        "inline keyboard button login URL 'http://e.com/login' is invalid: Only HTTPS links are allowed",
        "An HTTPS URL used to automatically authorize the user.",
        Source.DOCS,
    ),
    _inline(
        "button-login-user-link",
        {"login_url": {"url": "https://e.com/login"}},
        {"login_url": {"url": "tg://user?id=5"}},
        "link to a user can't be used in login URL buttons",
        "A login button opens a site, never a person.",
        Source.TD,
    ),
    _inline(
        "button-login-username",
        {"login_url": {"url": "https://e.com/", "bot_username": "@some_bot"}},
        {"login_url": {"url": "https://e.com/", "bot_username": "some-bot"}},
        f"{_INLINE}: LoginUrl bot username is invalid",
        "Username of a bot, which will be used for user authorization.",
        Source.DOCS,
    ),
    _inline(
        "button-login-without-url",
        {"login_url": {"url": "https://e.com/"}},
        {"login_url": {}},
        f'{_INLINE}: Can\'t find field "url"',
        "An HTTPS URL used to automatically authorize the user.",
        Source.DOCS,
    ),
    _inline(
        "button-web-app-not-https",
        _WEB_APP,
        {"web_app": {"url": "http://e.com/app"}},
        "inline keyboard button Web App URL 'http://e.com/app' is invalid: Only HTTPS links are allowed",
        "An HTTPS URL of a Web App to be opened with additional data as specified in Initializing Web Apps",
        Source.DOCS,
    ),
    _inline(
        "button-web-app-user-link",
        _WEB_APP,
        {"web_app": {"url": "tg://user?id=5"}},
        "link to a user can't be used in Web App URL buttons",
        "A Web App button opens a Web App, never a person.",
        Source.TD,
    ),
    _inline(
        "button-web-app-no-object",
        _WEB_APP,
        {"web_app": "https://e.com/app"},
        f'{_INLINE}: Field "web_app" must be of type Object',
        "A button's `web_app` is an object with a `url`.",
        Source.SERVER,
    ),
    _inline(
        "button-switch-no-chats",
        {_CHOSEN: {"query": "x", "allow_user_chats": True}},
        {_CHOSEN: {"query": "x"}},
        "at least one chat type must be allowed",
        "A button that has one choose a chat must allow some kind of chat.",
        Source.TD,
    ),
    _inline(
        "button-switch-no-object",
        {_CHOSEN: {"allow_bot_chats": True}},
        {_CHOSEN: "x"},
        f'{_INLINE}: Field "{_CHOSEN}" must be of type Object',
        "A button's `switch_inline_query_chosen_chat` is an object.",
        Source.SERVER,
    ),
    _inline(
        "button-switch-flag-no-boolean",
        {_CHOSEN: {"allow_bot_chats": True}},
        {_CHOSEN: {"allow_bot_chats": "true"}},
        f'{_INLINE}: Field "allow_bot_chats" must be of type Boolean',
        "Inside objects a Boolean is `true` or `false`, never a text.",
        Source.SERVER,
    ),
    _inline(
        "button-pay-without-invoice",
        {"callback_data": "x"},
        {"pay": True},
        "BUTTON_TYPE_INVALID",
        "A Pay button belongs to an invoice message, as the first button in the first row.",
        Source.KNOWN,
    ),
    _inline(
        "button-game-without-game",
        {"callback_data": "x"},
        {"callback_game": {}},
        "BUTTON_TYPE_INVALID",
        "A game button belongs to a game, as the first button in the first row.",
        Source.KNOWN,
    ),
    _key(
        "key-flag-no-boolean",
        {"text": "x", "request_contact": True},
        {"text": "x", "request_contact": "yes"},
        f'{_KEY}: Field "request_contact" must be of type Boolean',
        "Inside objects a Boolean is `true` or `false`, never a text.",
    ),
    _key(
        "key-text-of-nothing-visible",
        "x",
        "\r",
        "keyboard button text must be non-empty",
        "A key needs words that are left once invisible characters are taken out.",
        Source.TD,
    ),
    _key(
        "key-style-unknown",
        {"text": "x", "style": "primary"},
        {"text": "x", "style": "green"},
        f"{_KEY}: invalid button style specified",
        "Style of the button.",
        Source.DOCS,
    ),
    _key(
        "key-request-users-without-id",
        {"text": "x", "request_users": {"request_id": 1}},
        {"text": "x", "request_users": {}},
        f'{_KEY}: Can\'t find field "request_id"',
        "Signed 32-bit identifier of the request that will be received back in the UsersShared object.",
        Source.DOCS,
    ),
    _key(
        "key-request-chat-id-no-number",
        {"text": "x", "request_chat": {"request_id": 1, "chat_is_channel": False}},
        {"text": "x", "request_chat": {"request_id": "one", "chat_is_channel": False}},
        f'{_KEY}: Field "request_id" must be a valid Number',
        "Signed 32-bit identifier of the request, which will be received back in the ChatShared object.",
        Source.DOCS,
    ),
    _key(
        "key-web-app-not-https",
        {"text": "x", **_WEB_APP},
        {"text": "x", "web_app": {"url": "http://e.com/app"}},
        "keyboard button Web App URL 'http://e.com/app' is invalid: Only HTTPS links are allowed",
        "An HTTPS URL of a Web App to be opened with additional data as specified in Initializing Web Apps",
        Source.DOCS,
    ),
    _only_in_private("poll", {"request_poll": {}}, "poll can be requested"),
    _only_in_private("web-app", _WEB_APP, "Web App buttons can be used"),
    _only_in_private("users", {"request_users": {"request_id": 1}}, "users can be requested"),
    _only_in_private("chat", {"request_chat": {"request_id": 1, "chat_is_channel": False}}, "chats can be requested"),
)
