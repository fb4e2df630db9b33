"""The methods that change or remove what is already in a chat, and the answer to a pressed button."""

from __future__ import annotations

from typing import Any

from bot.emulator.call import Call
from bot.emulator.errors import FieldError, bad_request
from bot.emulator.keyboard import inline_part, reply_markup
from bot.emulator.links import BadLinkError, checked_link
from bot.emulator.params import Json
from bot.emulator.sending import caption_content, media_content, text_content
from bot.emulator.world import CALLBACK_LIFE_SECONDS, Chat, Message

DELETE_WITHIN_SECONDS = 48 * 3600
MAX_CALLBACK_TEXT = 200
MAX_IDS = 100
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content"
    " and reply markup of the message"
)
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
_SERVICE_PARTS = ("pinned_message", "group_chat_created")
_EDITED_NAMES = (
    "text entities caption caption_entities photo document reply_markup link_preview_options"
    " has_media_spoiler show_caption_above_media"
)
_EDITED_PARTS = tuple(_EDITED_NAMES.split())


def _editable(call: Call) -> tuple[Chat, Message]:
    if not call.params.text("chat_id") and not call.params.integer("message_id"):
        if not call.params.text("inline_message_id"):
            raise bad_request("Message identifier is not specified")
        raise bad_request("MESSAGE_ID_INVALID")
    chat = call.open_chat()
    message = call.message(chat, "message to edit")
    if message.out or any(part in message.body for part in _SERVICE_PARTS):
        raise bad_request("Message can't be edited")
    return chat, message


def _replace(call: Call, chat: Chat, message: Message, content: Json) -> Json:
    """Put the new content in place, or refuse when nothing would change."""
    old = message.body
    if all(old.get(part) == content.get(part) for part in _EDITED_PARTS):
        raise bad_request(NOT_MODIFIED)
    call.take_place(None)
    body = {name: value for name, value in old.items() if name not in _EDITED_PARTS}
    body = {**body, "edit_date": call.world.clock.now(), **content}
    call.world.edited(chat, message, body)
    return body


def _content(message: Message, *names: str) -> Json:
    return {name: message.body[name] for name in names if name in message.body}


def _markup(call: Call) -> Json:
    inline = inline_part(reply_markup(call.params, inline_only=True))
    return {} if inline is None else {"reply_markup": inline}


async def edit_message_text(call: Call) -> Json:
    """Give a text message a new text; without a keyboard in the call the old one goes."""
    content = text_content(call.params)
    markup = _markup(call)
    chat, message = _editable(call)
    if "text" not in message.body:
        raise bad_request("There is no text in the message to edit")
    return _replace(call, chat, message, {**content, **markup})


async def edit_message_caption(call: Call) -> Json:
    """Give a photo or file a new caption."""
    params = call.params
    given = params.json("caption_entities", "Can't parse caption entities JSON object")
    content = caption_content(params.text("caption"), params.text("parse_mode"), given)
    if params.boolean("show_caption_above_media"):
        content["show_caption_above_media"] = True
    markup = _markup(call)
    chat, message = _editable(call)
    if "photo" not in message.body and "document" not in message.body:
        raise bad_request("There is no caption in the message to edit")
    kept = _content(message, "photo", "document", "has_media_spoiler")
    return _replace(call, chat, message, {**kept, **content, **markup})


async def edit_message_media(call: Call) -> Json:
    """Put another photo or file in a message's place."""
    entry = call.params.json("media", "Can't parse input media JSON object")
    if entry is None:
        raise bad_request("Can't parse input media JSON object")
    markup = _markup(call)
    chat, message = _editable(call)
    try:
        content = await media_content(call, entry)
    except FieldError as error:
        raise bad_request(f"Can't parse InputMedia: {error.sentence}") from None
    if "text" in message.body:
        raise bad_request("There is no media in the message to edit")
    if "media_group_id" in message.body and not any(part in message.body for part in content):
        raise bad_request("Can't use the media of the specified type in the album")
    return _replace(call, chat, message, {**content, **markup})


async def edit_message_reply_markup(call: Call) -> Json:
    """Change or remove a message's buttons only."""
    markup = _markup(call)
    chat, message = _editable(call)
    kept = _content(message, *(part for part in _EDITED_PARTS if part != "reply_markup"))
    return _replace(call, chat, message, {**kept, **markup})


def _check_deletable(call: Call, chat: Chat, message: Message) -> None:
    too_old = call.world.clock.seconds() - message.body["date"] > DELETE_WITHIN_SECONDS
    if too_old or (message.out and not chat.is_private):
        raise bad_request("message can't be deleted")


async def delete_message(call: Call) -> bool:
    """Take a message away."""
    if not call.params.text("chat_id"):
        raise bad_request("Chat identifier is not specified")
    if call.params.integer("message_id") <= 0:
        raise bad_request("Message identifier is not specified")
    chat = call.open_chat()
    message = call.message(chat, "message to delete")
    _check_deletable(call, chat, message)
    call.world.delete(chat, message.message_id)
    return True


def _message_ids(call: Call) -> list[int]:
    if not call.params.text("message_ids"):
        raise bad_request("Message identifiers are not specified")
    given: Any = call.params.json("message_ids", "Can't parse message_ids JSON object")
    if not isinstance(given, list):
        raise bad_request("Expected an Array of message identifiers")
    if len(given) > MAX_IDS:
        raise bad_request("Too many message identifiers specified")
    numbers: list[int] = []
    for entry in given:
        if isinstance(entry, bool) or not isinstance(entry, int | str):
            raise bad_request("Message identifier must be a Number")
        try:
            number = int(entry)
        except ValueError:
            raise bad_request("Can't parse message identifier as a Number") from None
        if number <= 0:
            raise bad_request("Invalid message identifier specified")
        numbers.append(number)
    if not numbers:
        raise bad_request("Message identifiers are not specified")
    return numbers


async def delete_messages(call: Call) -> bool:
    """Take several messages away; those that are not there are passed over."""
    numbers = _message_ids(call)
    chat = call.open_chat()
    found = [chat.messages[number] for number in numbers if number in chat.messages]
    for message in found:
        _check_deletable(call, chat, message)
    for message in found:
        call.world.delete(chat, message.message_id)
    return True


async def answer_callback_query(call: Call) -> bool:
    """Answer the press of a button, once and in time."""
    text = call.params.text("text")
    callback = call.world.callbacks.get(call.params.text("callback_query_id"))
    if callback is None or callback.bot_id != call.bot.id or callback.answered:
        raise bad_request(TOO_OLD)
    if call.world.clock.seconds() - callback.asked_at > CALLBACK_LIFE_SECONDS:
        raise bad_request(TOO_OLD)
    if len(text) > MAX_CALLBACK_TEXT:
        raise bad_request("MESSAGE_TOO_LONG")
    url = call.params.text("url")
    if url:
        try:
            link = checked_link(url)
        except BadLinkError:
            raise bad_request("URL_INVALID") from None
        if not link.startswith((f"tg://resolve?domain={call.bot.username}", f"https://t.me/{call.bot.username}")):
            raise bad_request("URL_INVALID")
    callback.answered = True
    callback.text, callback.url = text, url
    callback.show_alert = call.params.boolean("show_alert")
    call.world.mark_callback(callback)
    call.world.tell(
        {
            "type": "callback_answer",
            "bot": call.bot.id,
            "person": callback.person_id,
            "callback_query_id": callback.id,
            "message_id": callback.message_id,
            "data": callback.data,
            "text": text,
            "show_alert": callback.show_alert,
        }
    )
    return True
