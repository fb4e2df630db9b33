"""What a person can do with a phone: write, send pictures, press, edit, block; each becomes an update for the bot."""

from __future__ import annotations

from typing import Any

from bot.emulator.albums import MAX_ALBUM
from bot.emulator.contents import CAPTIONED
from bot.emulator.errors import ApiError, DoorError
from bot.emulator.found import with_found
from bot.emulator.media import store_document, store_photo
from bot.emulator.params import Upload
from bot.emulator.spans import as_entities, clean, trimmed
from bot.emulator.texts import MAX_CAPTION, MAX_TEXT
from bot.emulator.world import Bot, Callback, Chat, Json, Message, Person, World

CHAT_INSTANCE_FACTOR = 7_919


def _plain(text: str) -> tuple[str, list[Json]]:
    text, spans = trimmed(*clean(text, []))
    return text, as_entities(with_found(text, spans))


def writable_chat(world: World, bot: Bot, person: Person) -> Chat:
    """Answer the chat a person writes into; writing starts it and marks it read.

    Raises: DoorError 409 when the person blocked the bot.
    """
    chat = world.private_chat(bot, person)
    if chat.blocked:
        raise DoorError(409, "the person blocked this bot; unblock it first")
    if not chat.started or chat.unread:
        chat.started, chat.unread = True, 0
        world.tell_chat(chat)
    return chat


def post(world: World, bot: Bot, chat: Chat, person: Person, content: Json) -> Message:
    """Put a person's message into the chat and its update into the bot's queue."""
    message = world.post(bot, chat, content, sender=person)
    bot.queue.put("message", message.body)
    return message


def say(world: World, bot: Bot, person: Person, text: str, *, reply_to: int = 0) -> list[int]:
    """Write a text; what is longer than a message goes out in several.

    Raises: DoorError.
    """
    if not _plain(text)[0]:
        raise DoorError(400, "a text with something to see in it is needed")
    chat = writable_chat(world, bot, person)
    head = _reply(chat, reply_to)
    numbers: list[int] = []
    for start in range(0, len(text), MAX_TEXT):
        part, entities = _plain(text[start : start + MAX_TEXT])
        if part:
            content = {**head, "text": part, **({"entities": entities} if entities else {})}
            numbers.append(post(world, bot, chat, person, content).message_id)
    _use_keyboard(world, chat, text)
    return numbers


def _reply(chat: Chat, message_id: int) -> Json:
    if not message_id:
        return {}
    message = chat.messages.get(message_id)
    if message is None:
        raise DoorError(404, f"there is no message {message_id} to reply to")
    body = {name: value for name, value in message.body.items() if name != "reply_to_message"}
    return {"reply_to_message": body}


def _use_keyboard(world: World, chat: Chat, text: str) -> None:
    """Hide a keyboard that was meant for one use."""
    keyboard = chat.reply_keyboard
    if keyboard is None or not keyboard.get("one_time_keyboard"):
        return
    if any(button["text"] == text for row in keyboard["keyboard"] for button in row):
        chat.reply_keyboard = None
        world.tell_chat(chat)


def rewrite(world: World, bot: Bot, person: Person, message_id: int, text: str) -> None:
    """Edit an own message.

    Raises: DoorError.
    """
    chat = writable_chat(world, bot, person)
    message = chat.messages.get(message_id)
    if message is None:
        raise DoorError(404, f"there is no message {message_id}")
    part = "text" if "text" in message.body else "caption"
    if not message.out or (part == "caption" and not any(kind in message.body for kind in CAPTIONED)):
        raise DoorError(409, "only own texts and captions can be edited")
    words, entities = _plain(text)
    if part == "text" and not words:
        raise DoorError(400, "a text with something to see in it is needed")
    names = ("text", "entities") if part == "text" else ("caption", "caption_entities")
    body = {name: value for name, value in message.body.items() if name not in (*names, "edit_date")}
    body = {**body, "edit_date": world.clock.now(), names[0]: words[:MAX_TEXT]}
    if entities:
        body[names[1]] = entities
    world.edited(chat, message, body)
    bot.queue.put("edited_message", body)


async def show(
    world: World, bot: Bot, person: Person, uploads: list[Upload], *, caption: str = "", as_files: bool = False
) -> list[int]:
    """Send pictures or files; several become albums of at most ten, with the caption on the first only.

    Raises: DoorError.
    """
    if not uploads:
        raise DoorError(400, "at least one part named file is needed")
    parts: list[Json] = []
    for upload in uploads:
        try:
            parts.append(await _part(world, bot, upload, as_files=as_files))
        except ApiError as error:
            raise DoorError(400, f"{upload.filename}: {error.description}") from None
    chat = writable_chat(world, bot, person)
    words, entities = _plain(caption[:MAX_CAPTION]) if caption else ("", [])
    if words:
        parts[0] |= {"caption": words, **({"caption_entities": entities} if entities else {})}
    numbers: list[int] = []
    for start in range(0, len(parts), MAX_ALBUM):
        album = parts[start : start + MAX_ALBUM]
        group = {"media_group_id": bot.take_media_group()} if len(album) > 1 else {}
        numbers += [post(world, bot, chat, person, {**group, **part}).message_id for part in album]
    return numbers


async def _part(world: World, bot: Bot, upload: Upload, *, as_files: bool) -> Json:
    if as_files:
        return {"document": store_document(world.files, bot, upload).view()}
    return {"photo": [f.view() for f in await store_photo(world.files, bot, upload.data, from_phone=True)]}


def give(world: World, bot: Bot, person: Person, content: Json) -> int:
    """Send a message of any other kind."""
    chat = writable_chat(world, bot, person)
    return post(world, bot, chat, person, content).message_id


def sticker(world: World, bot: Bot) -> Json:
    """Make a sticker's content."""
    shape = {
        "type": "regular",
        "width": 512,
        "height": 512,
        "is_animated": False,
        "is_video": False,
        "emoji": "\N{THUMBS UP SIGN}",
        "set_name": "DemoStickers",
    }
    data = b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"
    return {"sticker": world.files.add(bot.id, "sticker", data, extension=".webp", shape=shape).view()}


def voice(world: World, bot: Bot, duration: int) -> Json:
    """Make a voice message's content."""
    shape = {"duration": duration, "mime_type": "audio/ogg"}
    data = b"OggS" + bytes(60)
    return {"voice": world.files.add(bot.id, "voice", data, extension=".oga", shape=shape).view()}


def video(world: World, bot: Bot, upload: Upload | None) -> Json:
    """Make a video's content."""
    shape = {"duration": 5, "width": 640, "height": 360, "mime_type": "video/mp4", "file_name": "video.mp4"}
    data = upload.data if upload is not None else b"\x00\x00\x00\x18ftypmp42" + bytes(52)
    return {"video": world.files.add(bot.id, "video", data, extension=".mp4", shape=shape).view()}


def press(world: World, chat: Chat, person: Person, bot: Bot, *, message_id: int, data: str) -> Callback:
    """Press a button, whether it is still shown or not; the message itself must still be there.

    Raises: DoorError.
    """
    message = chat.messages.get(message_id)
    if message is None:
        raise DoorError(404, f"there is no message {message_id}: nothing on it can be pressed")
    if message.out:
        raise DoorError(409, "a person's own message has no buttons")
    callback = world.ask(chat, person, message_id, data)
    query: Json = {
        "id": callback.id,
        "from": person.user(),
        "message": message.body,
        "chat_instance": str(-(chat.id * CHAT_INSTANCE_FACTOR + bot.id)),
        "data": data,
    }
    bot.queue.put("callback_query", query)
    return callback


def data_of_button(chat: Chat, message_id: int, words: str) -> str:
    """Find the callback data of the shown button with these words.

    Raises: DoorError 404 when no such button is shown, 409 when it opens something instead.
    """
    message = chat.messages.get(message_id)
    rows: list[list[Json]] = (message.body.get("reply_markup") or {}).get("inline_keyboard", []) if message else []
    for row in rows:
        for button in row:
            if button["text"] == words:
                if "callback_data" not in button:
                    raise DoorError(409, f"the button {words!r} sends nothing to the bot")
                return str(button["callback_data"])
    shown = ", ".join(repr(button["text"]) for row in rows for button in row) or "none"
    raise DoorError(404, f"no button {words!r} on message {message_id}; shown: {shown}")


def set_blocked(world: World, bot: Bot, person: Person, *, blocked: bool) -> None:
    """Block or unblock the bot."""
    chat = world.private_chat(bot, person)
    if chat.blocked == blocked:
        return
    chat.blocked = blocked
    member: Json = {"status": "member", "user": bot.user()}
    kicked: Json = {"status": "kicked", "user": bot.user(), "until_date": 0}
    change = {"old_chat_member": member, "new_chat_member": kicked}
    if not blocked:
        change = {"old_chat_member": kicked, "new_chat_member": member}
    bot.queue.put("my_chat_member", _member_change(world, chat, person, change))
    world.tell_chat(chat)


def _member_change(world: World, chat: Chat, person: Person, change: Json) -> Json:
    return {"chat": chat.body, "from": person.user(), "date": world.clock.now(), **change}


def join_group(world: World, bot: Bot, person: Person, title: str) -> Chat:
    """Make a group with the bot in it."""
    number = world.next_group_id
    world.next_group_id -= 1
    body = {"id": number, "title": title, "type": "group"}
    chat = bot.chats[number] = Chat(bot.id, number, body, members=[person.id], started=True)
    change: Json = {
        "old_chat_member": {"status": "left", "user": bot.user()},
        "new_chat_member": {"status": "member", "user": bot.user()},
    }
    bot.queue.put("my_chat_member", _member_change(world, chat, person, change))
    world.mark("world")
    world.tell_chat(chat)
    return chat


def say_in_group(world: World, bot: Bot, chat: Chat, person: Person, text: str, *, reply_to: int = 0) -> int:
    """Write in a group; the bot hears only commands, replies to it and mentions of it, as privacy mode has it.

    Raises: DoorError.
    """
    words, entities = _plain(text[:MAX_TEXT])
    if not words:
        raise DoorError(400, "a text with something to see in it is needed")
    if person.id not in chat.members:
        chat.members.append(person.id)
    content: Json = {**_reply(chat, reply_to), "text": words, **({"entities": entities} if entities else {})}
    message = world.post(bot, chat, content, sender=person)
    if chat.started and _hears(bot, content):
        bot.queue.put("message", message.body)
    return message.message_id


def _hears(bot: Bot, content: Json) -> bool:
    reply: Any = content.get("reply_to_message")
    if reply is not None and reply["from"]["id"] == bot.id:
        return True
    text = content["text"].lower()
    name = f"@{bot.username.lower()}"
    if text.startswith("/"):
        command = text.split(maxsplit=1)[0]
        return "@" not in command or command.endswith(name)
    return name in text
