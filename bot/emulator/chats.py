"""The methods about chats and who is in them: details, members, pins."""

from __future__ import annotations

from bot.emulator.call import Call
from bot.emulator.errors import bad_request
from bot.emulator.params import Json
from bot.emulator.world import Chat, Message


async def get_chat(call: Call) -> Json:
    """Answer what is known of a chat."""
    chat = call.chat()
    details: Json = {
        **chat.body,
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if "username" in chat.body:
        details["active_usernames"] = [chat.body["username"]]
    if chat.pinned:
        details["pinned_message"] = chat.messages[chat.pinned[-1]].body
    return details


async def get_chat_member(call: Call) -> Json:
    """Answer what a person is in a chat."""
    chat = call.chat()
    user_id = call.params.integer("user_id")
    if user_id <= 0:
        raise bad_request("Invalid user_id specified")
    if user_id == call.bot.id:
        return {"status": "member", "user": call.bot.user()}
    person = call.world.people.get(user_id)
    if person is None or user_id not in chat.members:
        raise bad_request("member not found" if person is not None else "user not found")
    return {"status": "member", "user": person.user()}


async def leave_chat(call: Call) -> bool:
    """Leave a group."""
    chat = call.chat()
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    chat.started = False
    call.world.tell_chat(chat)
    return True


async def pin_chat_message(call: Call) -> bool:
    """Pin a message to the top; a service message says so, and is one of the few of its own that a bot hears of."""
    chat = call.open_chat()
    _check_may_pin(chat)
    message = call.message(chat, "message to pin")
    if chat.pinned[-1:] != [message.message_id]:
        if message.message_id in chat.pinned:
            chat.pinned.remove(message.message_id)
        chat.pinned.append(message.message_id)
        pinned = {name: value for name, value in message.body.items() if name != "reply_to_message"}
        told = call.world.post(call.bot, chat, {"pinned_message": pinned})
        call.bot.queue.put("message", told.body)
        call.world.tell_chat(chat)
    return True


async def unpin_chat_message(call: Call) -> bool:
    """Unpin a message, or the newest pinned one."""
    chat = call.open_chat()
    _check_may_pin(chat)
    if not call.params.text("message_id"):
        if not chat.pinned:
            raise bad_request("Message to unpin not found")
        chat.pinned.pop()
    else:
        message: Message = call.message(chat, "message to unpin")
        if message.message_id in chat.pinned:
            chat.pinned.remove(message.message_id)
    call.world.tell_chat(chat)
    return True


async def unpin_all_chat_messages(call: Call) -> bool:
    """Unpin whatever is pinned."""
    chat = call.open_chat()
    _check_may_pin(chat)
    chat.pinned.clear()
    call.world.tell_chat(chat)
    return True


def _check_may_pin(chat: Chat) -> None:
    if not chat.is_private:
        raise bad_request("not enough rights to manage pinned messages in the chat")


async def get_chat_member_count(call: Call) -> int:
    """Answer how many people are in a chat, the bot too."""
    return len(call.chat().members) + 1


async def get_chat_administrators(call: Call) -> list[Json]:
    """Answer who looks after a group: here it is who made it."""
    chat = call.chat()
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    maker = call.world.people.get(chat.members[0]) if chat.members else None
    return [] if maker is None else [{"status": "creator", "user": maker.user(), "is_anonymous": False}]


async def get_user_profile_photos(call: Call) -> Json:
    """Answer a person's pictures of themselves: nobody here has any."""
    user_id = call.params.integer("user_id")
    if user_id <= 0:
        raise bad_request("Invalid user_id specified")
    if user_id not in call.world.people and user_id != call.bot.id:
        raise bad_request("user not found")
    return {"total_count": 0, "photos": []}
