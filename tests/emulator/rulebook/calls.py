"""For every method one call that is taken: a rule of the table is this call with one parameter gone wrong."""

from __future__ import annotations

from tests.emulator.rulebook import payments
from tests.emulator.rulebook.record import File, Good
from tests.emulator.rulebook.stage import (
    ACTION,
    ANSWER,
    DOCUMENT,
    EDIT_CAPTION,
    EDIT_KEYS,
    EDIT_TEXT,
    PHOTO,
    TEXT,
    Stage,
    a_group,
    a_photo_id,
    a_photo_message,
    a_text,
    album,
    picture,
    the_chat,
    the_person,
)

_HERE = {"chat_id": the_chat}
_PLACE = {"latitude": 41.0, "longitude": 29.0}
_FROM = {"chat_id": the_chat, "from_chat_id": the_chat}
_COMMANDS = [{"command": "start", "description": "Begin"}]


async def _a_pinned_text(stage: Stage) -> int:
    number = await a_text(stage)
    await stage.made("pinChatMessage", chat_id=stage.phone.id, message_id=number)
    return number


_GOOD: tuple[Good, ...] = (
    TEXT,
    ACTION,
    PHOTO,
    DOCUMENT,
    EDIT_TEXT,
    EDIT_CAPTION,
    EDIT_KEYS,
    ANSWER,
    payments.INVOICE,
    payments.LINK,
    payments.CHECKOUT,
    payments.REFUND,
    Good("getMe"),
    Good("getUpdates"),
    Good("setWebhook", {"url": "https://e.invalid/hook"}),
    Good("deleteWebhook"),
    Good("getWebhookInfo"),
    Good("getFile", {"file_id": a_photo_id}),
    Good("sendVideo", {**_HERE, "video": File("v.mp4", b"\0\0\0\x18ftypmp42" + bytes(52))}),
    Good("sendAnimation", {**_HERE, "animation": File("a.mp4", b"\0\0\0\x18ftypmp42" + bytes(52))}),
    Good("sendAudio", {**_HERE, "audio": File("a.mp3", b"ID3" + bytes(60))}),
    Good("sendVoice", {**_HERE, "voice": File("v.oga", b"OggS" + bytes(60))}),
    Good("sendVideoNote", {**_HERE, "video_note": File("v.mp4", b"\0\0\0\x18ftypmp42" + bytes(52))}),
    Good("sendSticker", {**_HERE, "sticker": File("s.webp", picture())}),
    Good("sendLocation", {**_HERE, **_PLACE}),
    Good("sendVenue", {**_HERE, **_PLACE, "title": "Here", "address": "A street"}),
    Good("sendContact", {**_HERE, "phone_number": "+905551112233", "first_name": "Ali"}),
    Good("sendDice", _HERE),
    Good("sendMediaGroup", {**_HERE, "media": album("photo", "photo")}),
    Good("copyMessage", {**_FROM, "message_id": a_photo_message}),
    Good("copyMessages", {**_FROM, "message_ids": [a_text, a_text]}),
    Good("forwardMessage", {**_FROM, "message_id": a_text}),
    Good("forwardMessages", {**_FROM, "message_ids": [a_text, a_text]}),
    Good("setMessageReaction", {**_HERE, "message_id": a_text, "reaction": [{"type": "emoji", "emoji": "👍"}]}),
    Good(
        "editMessageMedia",
        {**_HERE, "message_id": a_photo_message, "media": {"type": "photo", "media": a_photo_id}},
    ),
    Good("deleteMessage", {**_HERE, "message_id": a_text}),
    Good("deleteMessages", {**_HERE, "message_ids": [a_text, a_text]}),
    Good("setMyCommands", {"commands": _COMMANDS}),
    Good("getMyCommands"),
    Good("deleteMyCommands"),
    Good("setMyName", {"name": "Jobs"}),
    Good("getMyName"),
    Good("setMyDescription", {"description": "Jobs"}),
    Good("getMyDescription"),
    Good("setMyShortDescription", {"short_description": "Jobs"}),
    Good("getMyShortDescription"),
    Good("setChatMenuButton", {"menu_button": {"type": "commands"}}),
    Good("getChatMenuButton"),
    Good("getChat", _HERE),
    Good("getChatMember", {**_HERE, "user_id": the_person}),
    Good("getChatMemberCount", _HERE),
    Good("getChatAdministrators", {"chat_id": a_group}),
    Good("getUserProfilePhotos", {"user_id": the_person}),
    Good("leaveChat", {"chat_id": a_group}),
    Good("pinChatMessage", {**_HERE, "message_id": a_text}),
    Good("unpinChatMessage", {**_HERE, "message_id": _a_pinned_text}),
    Good("unpinAllChatMessages", _HERE),
    Good("getStarTransactions"),
    Good("getMyStarBalance"),
)

GOOD: dict[str, Good] = {good.method: good for good in _GOOD}
