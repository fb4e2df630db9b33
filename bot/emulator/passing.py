"""Passing messages on: copies and forwards, of one message or of many."""

from __future__ import annotations

from itertools import pairwise

from bot.emulator.call import Call, message_ids, required
from bot.emulator.contents import ALL_PARTS, CAPTION_PARTS, CAPTIONED, caption_of, kept
from bot.emulator.errors import bad_request
from bot.emulator.keyboard import reply_markup
from bot.emulator.params import Json
from bot.emulator.sending import post
from bot.emulator.world import Chat, Message

_UNORDERED = "Message identifiers must be in a strictly increasing order"


def _source_chat(call: Call) -> Chat:
    required(call.params, "from_chat_id")
    return call.chat("from_chat_id")


def _content(message: Message) -> Json:
    """Answer what can be passed on of a message: nothing of a service message, an invoice or a protected one."""
    return {} if message.body.get("has_protected_content") else kept(message.body, ALL_PARTS)


async def copy_message(call: Call) -> Json:
    """Send the content of a message anew, without a word of where it came from."""
    source = call.message(_source_chat(call), "message to copy")
    chat = call.open_chat()
    content = _content(source)
    if not content:
        protected = source.body.get("has_protected_content")
        raise bad_request("the message can't be copied" if protected else "message can't be copied")
    kind = next((kind for kind in CAPTIONED if kind in content), "")
    if "caption" in call.params and kind:
        kept_media = {name: value for name, value in content.items() if name not in CAPTION_PARTS[:-1]}
        content = {**kept_media, **caption_of(call.params, call.world, kind)}
    markup = reply_markup(call.params, in_group=not chat.is_private)
    reply = call.reply_parts(chat)
    call.take_place(chat)
    return {"message_id": post(call, chat, content, markup, reply).message_id}


def _origin(body: Json) -> Json:
    origin: Json = body.get("forward_origin") or {"type": "user", "sender_user": body["from"], "date": body["date"]}
    return origin


async def forward_message(call: Call) -> Json:
    """Send a message on, saying who wrote it."""
    source = call.message(_source_chat(call), "message to forward")
    chat = call.open_chat()
    content = _content(source)
    if not content:
        protected = source.body.get("has_protected_content")
        raise bad_request("the message can't be forwarded" if protected else "message can't be forwarded")
    call.take_place(chat)
    return post(call, chat, {"forward_origin": _origin(source.body), **content}).body


async def copy_messages(call: Call) -> list[Json]:
    """Copy several messages; those that are not there or cannot be copied are passed over."""
    without_caption = call.params.boolean("remove_caption")
    return _pass_on(call, as_copies=True, left_out=CAPTION_PARTS[:-1] if without_caption else ())


async def forward_messages(call: Call) -> list[Json]:
    """Forward several messages; those that are not there or cannot be forwarded are passed over."""
    return _pass_on(call, as_copies=False, left_out=())


def _pass_on(call: Call, *, as_copies: bool, left_out: tuple[str, ...]) -> list[Json]:
    required(call.params, "from_chat_id")
    numbers = message_ids(call.params)
    chat = call.open_chat()
    source = _source_chat(call)
    found = [source.messages[number] for number in numbers if number in source.messages]
    if not found:
        raise bad_request("There are no messages to forward")
    if any(one >= other for one, other in pairwise(numbers)):
        raise bad_request(_UNORDERED)
    groups: dict[str, str] = {}
    sent: list[Json] = []
    for message in found:
        content = _content(message)
        if not content:
            continue
        if not as_copies:
            content = {"forward_origin": _origin(message.body), **content}
        content = {name: value for name, value in content.items() if name not in left_out}
        group = message.body.get("media_group_id")
        if group is not None:
            content = {"media_group_id": groups.setdefault(group, call.bot.take_media_group()), **content}
        sent.append({"message_id": post(call, chat, content).message_id})
    call.take_place(chat)
    return sent
