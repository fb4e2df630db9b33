"""Rules about what is already in a chat: edits, deletions, pins, and the answers to pressed buttons."""

from __future__ import annotations

from tests.emulator.rulebook.record import File, Good, Rule, Source
from tests.emulator.rulebook.stage import (
    ANSWER,
    CARD_KEYS,
    EDIT_CAPTION,
    EDIT_KEYS,
    EDIT_TEXT,
    a_card,
    a_deleted_text,
    a_group,
    a_late_query,
    a_persons_text,
    a_photo_id,
    a_photo_message,
    a_query,
    a_text,
    an_answered_query,
    an_old_text,
    picture,
    the_chat,
)

_NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a"
    " current content and reply markup of the message"
)
_TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
_WHICH = "Required if inline_message_id is not specified. Identifier of the message to edit"
_DELETE = Good("deleteMessage", {"chat_id": the_chat, "message_id": a_text})
_DELETE_MANY = Good("deleteMessages", {"chat_id": the_chat, "message_ids": [a_text, a_text]})
_EDIT_MEDIA = Good(
    "editMessageMedia",
    {"chat_id": the_chat, "message_id": a_photo_message, "media": {"type": "photo", "media": a_photo_id}},
)
_PIN = Good("pinChatMessage", {"chat_id": the_chat, "message_id": a_text})
_MANY = "A JSON-serialized list of 1-100 identifiers of messages to delete."


def _delete_many(name: str, given: object, error: str) -> Rule:
    wrong = {"message_ids": given}
    return Rule(name, _DELETE_MANY, wrong=wrong, error=f"Bad Request: {error}", says=_MANY, source=Source.DOCS)


RULES: tuple[Rule, ...] = (
    Rule(
        "edit-of-no-message",
        EDIT_TEXT,
        wrong={"chat_id": None, "message_id": None},
        error="Bad Request: message identifier is not specified",
        says=_WHICH,
        source=Source.DOCS,
    ),
    Rule(
        "edit-not-modified",
        EDIT_TEXT,
        right={"reply_markup": CARD_KEYS, "parse_mode": "HTML"},
        wrong={"text": " C&#97;rd "},
        error=_NOT_MODIFIED,
        says="MESSAGE_NOT_MODIFIED: an edit that leaves text, entities and keyboard as they are is refused.",
        source=Source.SERVER,
    ),
    Rule(
        "edit-keys-not-modified",
        EDIT_KEYS,
        right={"reply_markup": {"inline_keyboard": [[{"text": "Other", "callback_data": "go"}]]}},
        wrong={"reply_markup": CARD_KEYS},
        error=_NOT_MODIFIED,
        says="MESSAGE_NOT_MODIFIED: the same keyboard again is refused.",
        source=Source.SERVER,
    ),
    Rule(
        "edit-of-deleted",
        EDIT_TEXT,
        wrong={"message_id": a_deleted_text},
        error="Bad Request: message to edit not found",
        says=_WHICH,
        source=Source.DOCS,
    ),
    Rule(
        "edit-of-a-persons-message",
        EDIT_TEXT,
        wrong={"message_id": a_persons_text},
        error="Bad Request: message can't be edited",
        says="A bot edits its own messages only.",
        source=Source.SERVER,
    ),
    Rule(
        "edit-text-of-photo",
        EDIT_TEXT,
        wrong={"message_id": a_photo_message},
        error="Bad Request: there is no text in the message to edit",
        says="A photo has a caption and no text.",
        source=Source.TD,
    ),
    Rule(
        "edit-text-missing",
        EDIT_TEXT,
        wrong={"text": None},
        error="Bad Request: message text is empty",
        says="New text of the message, 1-4096 characters after entity parsing",
        source=Source.DOCS,
    ),
    Rule(
        "edit-text-too-long",
        EDIT_TEXT,
        right={"text": "x" * 4096},
        wrong={"text": "x" * 4097},
        error="Bad Request: MESSAGE_TOO_LONG",
        says="New text of the message, 1-4096 characters after entity parsing",
        source=Source.DOCS,
    ),
    Rule(
        "edit-with-reply-keyboard",
        EDIT_TEXT,
        right={"reply_markup": CARD_KEYS},
        wrong={"reply_markup": {"keyboard": [["a"]]}},
        error="Bad Request: inline keyboard expected",
        says="A JSON-serialized object for an inline keyboard",
        source=Source.DOCS,
    ),
    Rule(
        "edit-caption-of-text",
        EDIT_CAPTION,
        wrong={"message_id": a_card},
        error="Bad Request: there is no caption in the message to edit",
        says="A text has no caption.",
        source=Source.TD,
    ),
    Rule(
        "edit-caption-too-long",
        EDIT_CAPTION,
        right={"caption": "x" * 1024},
        wrong={"caption": "x" * 1025},
        error="Bad Request: MEDIA_CAPTION_TOO_LONG",
        says="New caption of the message, 0-1024 characters after entities parsing",
        source=Source.DOCS,
    ),
    Rule(
        "edit-caption-not-modified",
        EDIT_CAPTION,
        wrong={"caption": "Photo"},
        error=_NOT_MODIFIED,
        says="MESSAGE_NOT_MODIFIED: the same caption again is refused.",
        source=Source.SERVER,
    ),
    Rule(
        "edit-media-no-json",
        _EDIT_MEDIA,
        wrong={"media": "{"},
        error="Bad Request: can't parse input media JSON object",
        says="A JSON-serialized object for the new media content of the message",
        source=Source.DOCS,
    ),
    Rule(
        "edit-media-without-media",
        _EDIT_MEDIA,
        wrong={"media": {"type": "photo"}},
        error="Bad Request: can't parse InputMedia: media not found",
        says="File to send. Pass a file_id to send a file that exists on the Telegram servers (recommended)",
        source=Source.DOCS,
    ),
    Rule(
        "edit-media-names-no-part",
        _EDIT_MEDIA,
        right={"media": {"type": "photo", "media": "attach://new"}, "new": File("n.jpg", picture())},
        wrong={"media": {"type": "photo", "media": "attach://nowhere"}},
        error="Bad Request: can't parse InputMedia: media not found",
        says="pass 'attach://<file_attach_name>' to upload a new one using multipart/form-data under"
        " <file_attach_name> name",
        source=Source.DOCS,
    ),
    Rule(
        "delete-without-chat",
        _DELETE,
        wrong={"chat_id": None},
        error="Bad Request: chat identifier is not specified",
        says="Identifier of the message to delete",
        source=Source.DOCS,
    ),
    Rule(
        "delete-without-message",
        _DELETE,
        wrong={"message_id": None},
        error="Bad Request: message identifier is not specified",
        says="Identifier of the message to delete",
        source=Source.DOCS,
    ),
    Rule(
        "delete-of-deleted",
        _DELETE,
        wrong={"message_id": a_deleted_text},
        error="Bad Request: message to delete not found",
        says="Identifier of the message to delete",
        source=Source.DOCS,
    ),
    Rule(
        "delete-after-48-hours",
        _DELETE,
        wrong={"message_id": an_old_text},
        error="Bad Request: message can't be deleted",
        says="A message can only be deleted if it was sent less than 48 hours ago.",
        source=Source.DOCS,
    ),
    _delete_many("delete-many-missing", "", "message identifiers are not specified"),
    _delete_many("delete-many-no-json", "x", "can't parse message_ids JSON object"),
    _delete_many("delete-many-no-array", {}, "expected an Array of message identifiers"),
    _delete_many("delete-too-many", list(range(1, 102)), "too many message identifiers specified"),
    _delete_many("delete-many-no-number", [None], "message identifier must be a Number"),
    _delete_many("delete-many-of-zero", [0], "invalid message identifier specified"),
    Rule(
        "pin-of-nothing",
        _PIN,
        wrong={"message_id": a_deleted_text},
        error="Bad Request: message to pin not found",
        says="Identifier of a message to pin",
        source=Source.DOCS,
    ),
    Rule(
        "pin-without-right",
        _PIN,
        wrong={"chat_id": a_group},
        error="Bad Request: not enough rights to manage pinned messages in the chat",
        says="The bot must be an administrator with the 'can_pin_messages' right",
        source=Source.DOCS,
    ),
    Rule(
        "answer-twice",
        ANSWER,
        wrong={"callback_query_id": an_answered_query},
        error=_TOO_OLD,
        says="A press is answered once.",
        source=Source.KNOWN,
    ),
    Rule(
        "answer-too-late",
        ANSWER,
        wrong={"callback_query_id": a_late_query},
        error=_TOO_OLD,
        says="A press not answered for more than 150 seconds can be answered no more.",
        source=Source.KNOWN,
    ),
    Rule(
        "answer-to-nothing",
        ANSWER,
        wrong={"callback_query_id": "1"},
        error=_TOO_OLD,
        says="Unique identifier for the query to be answered",
        source=Source.DOCS,
    ),
    Rule(
        "answer-too-long",
        ANSWER,
        right={"callback_query_id": a_query, "text": "x" * 200},
        wrong={"text": "x" * 201},
        error="Bad Request: MESSAGE_TOO_LONG",
        says="Text of the notification. If not specified, nothing will be shown to the user, 0-200 characters",
        source=Source.DOCS,
    ),
    Rule(
        "answer-url-elsewhere",
        ANSWER,
        wrong={"url": "https://e.com"},
        error="Bad Request: URL_INVALID",
        says="Otherwise, you may use links like t.me/your_bot?start=XXXX that open your bot with a parameter",
        source=Source.DOCS,
    ),
)
