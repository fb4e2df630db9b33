"""Rules about what else can be sent (places, contacts, dice, large files), about quotes, reactions and several."""

from __future__ import annotations

from typing import Any

from tests.emulator.rulebook.calls import GOOD
from tests.emulator.rulebook.record import File, Good, Rule, Source
from tests.emulator.rulebook.stage import (
    TEXT,
    Stage,
    a_card,
    a_deleted_text,
    a_group,
    a_text,
    album,
    picture,
    the_chat,
)

_MEGABYTE = 1 << 20


def _gone_wrong(
    name: str, method: str, wrong: dict[str, Any], error: str, says: str, source: Source = Source.DOCS, **right: Any
) -> Rule:
    error = f"Bad Request: {error}"
    return Rule(name, GOOD[method], right=right, wrong=wrong, error=error, says=says, source=source)


async def _a_huge_file(stage: Stage) -> str:
    """Have the person send a file of 21 MB, and answer its id."""
    file = File("a.bin", bytes(21 * _MEGABYTE))
    sent = await stage.made("sendDocument", chat_id=stage.phone.id, document=file)
    return str(sent["document"]["file_id"])


async def _unpin_all(stage: Stage) -> None:
    await stage.made("unpinAllChatMessages", chat_id=stage.phone.id)


async def _an_animation_id(stage: Stage) -> str:
    sent = await stage.call("sendAnimation", GOOD["sendAnimation"].params)
    return str(sent.result["animation"]["file_id"])


async def _an_album_item(stage: Stage) -> int:
    media = album("document", "document")
    sent = await stage.made("sendMediaGroup", chat_id=stage.phone.id, media=media)
    return int(sent[0]["message_id"])


_QUOTED = {"message_id": a_card, "quote": "Card"}
_REACTION = "A JSON-serialized list of reaction types to set on the message."
_SCOPE = "A JSON-serialized object, describing scope of users for which the commands are relevant."
_BUTTON = "A JSON-serialized object for the bot's new menu button."
_WEB_APP = {"type": "web_app", "text": "x", "web_app": {"url": "https://e.com"}}

RULES: tuple[Rule, ...] = (
    _gone_wrong(
        "place-off-the-globe",
        "sendLocation",
        {"latitude": 90.1},
        "invalid location specified",
        "get_location: latitude goes to 90 degrees, longitude to 180.",
        Source.TD,
        latitude=90.0,
    ),
    _gone_wrong(
        "venue-without-title", "sendVenue", {"title": ""}, "VENUE_TITLE_EMPTY", "Name of the venue", Source.DOCS
    ),
    _gone_wrong("venue-without-address", "sendVenue", {"address": ""}, "VENUE_ADDRESS_EMPTY", "Address of the venue"),
    _gone_wrong(
        "contact-without-digits",
        "sendContact",
        {"phone_number": "none"},
        "wrong phone number specified",
        "Contact's phone number",
    ),
    _gone_wrong(
        "dice-of-another-kind",
        "sendDice",
        {"emoji": "🎯🎯"},
        "EMOTICON_INVALID",
        "Emoji on which the dice throw animation is based.",
        emoji="🎯",
    ),
    _gone_wrong(
        "photo-of-eleven-megabytes",
        "sendPhoto",
        {"photo": File("p.jpg", picture() + bytes(11 * _MEGABYTE))},
        f"file of size {11 * _MEGABYTE + len(picture())} bytes is too big for a photo; the maximum size is"
        " 10485760 bytes",
        "The photo must be at most 10 MB in size.",
    ),
    _gone_wrong(
        "document-of-51-megabytes",
        "sendDocument",
        {"document": File("a.bin", bytes(51 * _MEGABYTE))},
        "file is too big",
        "Bots can currently send files of any type of up to 50 MB in size",
    ),
    _gone_wrong(
        "download-of-21-megabytes",
        "getFile",
        {"file_id": _a_huge_file},
        "file is too big",
        "For the moment, bots can download files of up to 20MB in size.",
    ),
    _gone_wrong(
        "album-captions-apart",
        "sendMediaGroup",
        {"media": [{**album("photo")[0], "show_caption_above_media": True}, *album("photo")]},
        "parameter show_caption_above_media must be the same for all messages",
        "Pass True if the caption must be shown above the message media",
    ),
    _gone_wrong(
        "album-item-of-another-kind",
        "editMessageMedia",
        {"message_id": _an_album_item},
        "can't change media type in the album",
        "If a message is part of a message album, then it can be edited only to an audio for audio albums, only to a"
        " document for document albums and to a photo, a live photo, or a video otherwise.",
    ),
    _gone_wrong(
        "album-with-an-animation",
        "sendMediaGroup",
        {"media": [*album("photo"), {"type": "animation", "media": _an_animation_id}]},
        "can't parse InputMedia: type \"animation\" can't be used in sendMediaGroup",
        "Use this method to send a group of photos, live photos, videos, documents or audios as an album.",
    ),
    _gone_wrong(
        "album-item-into-an-animation",
        "editMessageMedia",
        {"message_id": _an_album_item, "media": {"type": "animation", "media": _an_animation_id}},
        "message content type can't be used in an album",
        "If a message is part of a message album, then it can be edited only to an audio for audio albums, only to a"
        " document for document albums and to a photo, a live photo, or a video otherwise.",
    ),
    Rule(
        "quote-not-in-the-message",
        TEXT,
        right={"reply_parameters": _QUOTED},
        wrong={"reply_parameters": {**_QUOTED, "quote": "Cart"}},
        error="Bad Request: QUOTE_TEXT_INVALID",
        says="The message will fail to send if the quote isn't found in the original message",
        source=Source.DOCS,
    ),
    Rule(
        "quote-too-long",
        TEXT,
        right={"reply_parameters": _QUOTED},
        wrong={"reply_parameters": {**_QUOTED, "quote": "x" * 1025}},
        error="Bad Request: MESSAGE_QUOTE_TOO_LONG",
        says="Quoted part of the message to be replied to; 0-1024 characters after entities parsing.",
        source=Source.DOCS,
    ),
    _gone_wrong(
        "reactions-no-array", "setMessageReaction", {"reaction": {}}, "expected an Array of ReactionType", _REACTION
    ),
    _gone_wrong(
        "reaction-of-no-type",
        "setMessageReaction",
        {"reaction": [{"type": "x"}]},
        "can't parse ReactionType: invalid reaction type specified",
        _REACTION,
    ),
    _gone_wrong(
        "reaction-not-offered",
        "setMessageReaction",
        {"reaction": [{"type": "emoji", "emoji": "🧦"}]},
        "REACTION_INVALID",
        "Reaction emoji.",
    ),
    _gone_wrong(
        "two-reactions",
        "setMessageReaction",
        {"reaction": [{"type": "emoji", "emoji": "👍"}, {"type": "emoji", "emoji": "👎"}]},
        "REACTIONS_TOO_MANY",
        "Currently, as non-premium users, bots can set up to one reaction per message.",
    ),
    _gone_wrong(
        "forward-of-several-nothings",
        "forwardMessages",
        {"message_ids": [a_deleted_text]},
        "there are no messages to forward",
        "If some of the specified messages can't be found or forwarded, they are skipped.",
    ),
    _gone_wrong(
        "identifier-no-number",
        "deleteMessages",
        {"message_ids": ["x"]},
        "can't parse message identifier as a Number",
        "A JSON-serialized list of 1-100 identifiers of messages to delete.",
    ),
    _gone_wrong(
        "administrators-of-a-private-chat",
        "getChatAdministrators",
        {"chat_id": the_chat},
        "there are no administrators in the private chat",
        "Use this method to get a list of administrators in a chat",
    ),
    Rule(
        "unpin-of-nothing",
        Good("unpinChatMessage", {"chat_id": the_chat, "message_id": a_text}),
        before=_unpin_all,
        wrong={"message_id": None},
        error="Bad Request: message to unpin not found",
        says="If not specified, the most recent pinned message (by sending date) will be unpinned",
        source=Source.DOCS,
    ),
    _gone_wrong(
        "inline-message-of-nobody",
        "editMessageText",
        {"chat_id": None, "message_id": None, "inline_message_id": "x"},
        "MESSAGE_ID_INVALID",
        "Identifier of the inline message",
    ),
    _gone_wrong(
        "invoice-for-a-business",
        "createInvoiceLink",
        {"business_connection_id": "x"},
        "business connection not found",
        "Unique identifier of the business connection on behalf of which the link will be created.",
    ),
    _gone_wrong(
        "scope-no-object",
        "setMyCommands",
        {"scope": "[]"},
        "can't parse BotCommandScope: BotCommandScope must be an Object",
        _SCOPE,
    ),
    _gone_wrong(
        "scope-with-empty-chat",
        "setMyCommands",
        {"scope": {"type": "chat", "chat_id": ""}},
        "can't parse BotCommandScope: Empty chat_id specified",
        _SCOPE,
    ),
    _gone_wrong(
        "scope-with-no-member",
        "setMyCommands",
        {"scope": {"type": "chat_member", "chat_id": a_group, "user_id": 0}},
        "can't parse BotCommandScope: Invalid user_id specified",
        _SCOPE,
    ),
    _gone_wrong(
        "command-name-empty",
        "setMyCommands",
        {"commands": [{"command": "/", "description": "x"}]},
        "command must be non-empty",
        "Text of the command; 1-32 characters.",
    ),
    _gone_wrong(
        "menu-button-no-object",
        "setChatMenuButton",
        {"menu_button": "[]"},
        "can't parse menu button: MenuButton must be an Object",
        _BUTTON,
    ),
    _gone_wrong(
        "menu-button-without-words",
        "setChatMenuButton",
        {"menu_button": {**_WEB_APP, "text": ""}},
        "menu button text must be non-empty",
        "Text on the button",
        menu_button=_WEB_APP,
    ),
    _gone_wrong(
        "menu-button-of-a-group",
        "setChatMenuButton",
        {"chat_id": -5},
        "invalid chat_id specified",
        "Unique identifier for the target private chat.",
        chat_id=the_chat,
    ),
)
