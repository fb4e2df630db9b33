"""Putting new messages into a chat: what all methods that send have in common, and the plain text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.emulator.call import Call
from bot.emulator.contents import text_content
from bot.emulator.errors import bad_request
from bot.emulator.keyboard import inline_part, reply_markup
from bot.emulator.params import Json
from bot.emulator.world import TYPING_SECONDS, Chat, Message

_ACTION_NAMES = (
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document"
    " choose_sticker find_location record_video_note upload_video_note record_audio upload_audio"
    " pick_up_location cancel"
)
_ACTIONS = frozenset(_ACTION_NAMES.split())


def post(
    call: Call,
    chat: Chat,
    content: Json,
    markup: Json | None = None,
    reply: Json | None = None,
    *,
    shown: Json | None = None,
) -> Message:
    """Put a message into the chat, with the call's own flags; `shown` is what only the door says of it."""
    if call.params.boolean("protect_content"):
        content["has_protected_content"] = True
    inline = inline_part(markup)
    if inline is not None:
        content["reply_markup"] = inline
    extra: Json = {**(shown or {}), **({"silent": True} if call.params.boolean("disable_notification") else {})}
    if markup is not None and inline is None:
        extra["_with_keyboard"] = True
    message = call.world.post(call.bot, chat, {**(reply or {}), **content}, extra=extra)
    if markup is not None and inline is None:
        show_keyboard(call, chat, markup)
    return message


def show_keyboard(call: Call, chat: Chat, markup: Json) -> None:
    """Show or take away the keyboard under the person's text field."""
    chat.reply_keyboard = markup if "keyboard" in markup else None
    call.world.tell_chat(chat)


async def deliver(call: Call, make: Callable[[], Awaitable[Json]], tail: Json) -> Json:
    """Send what `make` answers: the chat, keyboard and reply are looked at first, the place is taken last."""
    chat = call.open_chat()
    markup = reply_markup(call.params, in_group=not chat.is_private)
    reply = call.reply_parts(chat)
    content = await make()
    call.take_place(chat)
    return post(call, chat, {**content, **tail}, markup, reply).body


async def send_message(call: Call) -> Json:
    """Send a text."""
    content = text_content(call.params, call.world)
    chat = call.open_chat()
    markup = reply_markup(call.params, in_group=not chat.is_private)
    reply = call.reply_parts(chat)
    call.take_place(chat)
    return post(call, chat, content, markup, reply).body


async def send_chat_action(call: Call) -> bool:
    """Show `typing` for five seconds, or until the next message."""
    action = call.params.text("action").lower()
    if action not in _ACTIONS:
        raise bad_request("Wrong parameter action in request")
    chat = call.open_chat()
    chat.typing_until = 0.0 if action == "cancel" else call.world.clock.seconds() + TYPING_SECONDS
    call.world.tell_chat(chat)
    return True
