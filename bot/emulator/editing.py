"""The methods that change or remove what is already in a chat, and the answer to a pressed button."""

from __future__ import annotations

from bot.emulator.albums import check_change_in_album, media_content, read_media
from bot.emulator.call import Call, message_ids, required
from bot.emulator.contents import ALL_PARTS, CAPTIONED, FIXED, MEDIA, caption_of, kept, text_content
from bot.emulator.errors import FieldError, bad_request
from bot.emulator.keyboard import inline_part, reply_markup
from bot.emulator.links import BadLinkError, checked_link
from bot.emulator.params import Json
from bot.emulator.payments import TOO_OLD, pay_keyboard
from bot.emulator.world import CALLBACK_LIFE_SECONDS, Chat, Message

DELETE_WITHIN_SECONDS = 48 * 3600
DICE_STAYS_SECONDS = 24 * 3600
MAX_CALLBACK_TEXT = 200
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content"
    " and reply markup of the message"
)
_EDITED_PARTS = (*ALL_PARTS, "reply_markup")
_WITH_BUTTONS = ("text", *CAPTIONED, *FIXED, "invoice")


def _editable(call: Call, *, refusal: str = "Message can't be edited") -> tuple[Chat, Message]:
    if not call.params.text("chat_id") and not call.params.integer("message_id"):
        if not call.params.text("inline_message_id"):
            raise bad_request("Message identifier is not specified")
        raise bad_request("MESSAGE_ID_INVALID")
    chat = call.open_chat()
    message = call.message(chat, "message to edit")
    body = message.body
    if message.out or "forward_origin" in body or "_with_keyboard" in message.extra:
        raise bad_request(refusal)
    if not any(part in body for part in _WITH_BUTTONS):
        raise bad_request(refusal)
    return chat, message


def _with_content(call: Call, *, refusal: str = "Message can't be edited") -> tuple[Chat, Message]:
    """Find a message whose content can be edited: of a sticker, a place or an invoice only the buttons can."""
    chat, message = _editable(call, refusal=refusal)
    if not any(part in message.body for part in ("text", *CAPTIONED)):
        raise bad_request(refusal)
    return chat, message


def _replace(call: Call, chat: Chat, message: Message, content: Json) -> Json:
    """Put the new content in place, or refuse when nothing would change."""
    old = message.body
    if "invoice" not in old and _pays(content.get("reply_markup")):
        raise bad_request("BUTTON_TYPE_INVALID")
    if all(old.get(part) == content.get(part) for part in _EDITED_PARTS):
        raise bad_request(NOT_MODIFIED)
    call.take_place(None)
    body = {name: value for name, value in old.items() if name not in _EDITED_PARTS}
    body = {**body, "edit_date": call.world.clock.now(), **content}
    call.world.edited(chat, message, body)
    return body


def _pays(markup: Json | None) -> bool:
    return markup is not None and any("pay" in button for row in markup["inline_keyboard"] for button in row)


def _markup(call: Call) -> Json:
    inline = inline_part(reply_markup(call.params, inline_only=True, may_pay=True))
    return {} if inline is None else {"reply_markup": inline}


async def edit_message_text(call: Call) -> Json:
    """Give a text message a new text; without a keyboard in the call the old one goes."""
    content = text_content(call.params, call.world, refusal="MESSAGE_TOO_LONG")
    markup = _markup(call)
    chat, message = _with_content(call)
    if "text" not in message.body:
        raise bad_request("There is no text in the message to edit")
    return _replace(call, chat, message, {**content, **markup})


async def edit_message_caption(call: Call) -> Json:
    """Give a photo or file a new caption."""
    markup = _markup(call)
    content = caption_of(call.params, call.world, "photo", refusal="MEDIA_CAPTION_TOO_LONG")
    chat, message = _with_content(call)
    if not any(part in message.body for part in CAPTIONED):
        raise bad_request("There is no caption in the message to edit")
    if not any(part in message.body for part in ("photo", "video", "animation")):
        content.pop("show_caption_above_media", None)
    media = kept(message.body, (*CAPTIONED, "has_media_spoiler"))
    return _replace(call, chat, message, {**media, **content, **markup})


async def edit_message_media(call: Call) -> Json:
    """Put another photo or file in a message's place, or one in the place of a text."""
    markup = _markup(call)
    required(call.params, "media")
    entry = call.params.json("media", "Can't parse input media JSON object")
    try:
        item = read_media(call, entry)
    except FieldError as error:
        raise bad_request(f"Can't parse InputMedia: {error.sentence}") from None
    refusal = "Message media can't be edited"
    chat, message = _with_content(call, refusal=refusal)
    if "text" not in message.body and not any(part in message.body for part in MEDIA):
        raise bad_request(refusal)
    content = await media_content(call, item)
    if "media_group_id" in message.body:
        check_change_in_album(message.body, content)
    return _replace(call, chat, message, {**content, **markup})


async def edit_message_reply_markup(call: Call) -> Json:
    """Change or remove a message's buttons only; an invoice keeps its Pay button."""
    markup = _markup(call)
    chat, message = _editable(call)
    terms = call.world.till.invoices.get((call.bot.id, chat.id, message.message_id))
    if "invoice" in message.body and terms is not None:
        markup = {"reply_markup": pay_keyboard(call, terms, in_group=not chat.is_private)}
    return _replace(call, chat, message, {**kept(message.body, ALL_PARTS), **markup})


def _check_deletable(call: Call, chat: Chat, message: Message) -> None:
    too_old = call.world.clock.seconds() - message.body["date"] > DELETE_WITHIN_SECONDS
    if "dice" in message.body and chat.is_private and not message.out:
        too_old = too_old or call.world.clock.seconds() - message.body["date"] < DICE_STAYS_SECONDS
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


async def delete_messages(call: Call) -> bool:
    """Take several messages away; those that are not there are passed over."""
    numbers = message_ids(call.params)
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
