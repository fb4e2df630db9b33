"""Rules about whom a bot may write to, and what a text may be."""

from __future__ import annotations

from typing import Any

from tests.emulator.rulebook.record import Good, Params, Rule, Source
from tests.emulator.rulebook.stage import (
    ACTION,
    TEXT,
    a_deleted_text,
    a_group_left,
    a_photo_message,
    a_protected_text,
    a_text,
    somebody_who_blocked,
    somebody_who_never_wrote,
    the_chat,
)

_LENGTH = "Text of the message to be sent, 1-4096 characters after entities parsing"
_STYLE = "Mode for parsing entities in the message text. See formatting options for more details"
_ENTITIES = (
    "A JSON-serialized list of special entities that appear in message text,"
    " which can be specified instead of parse_mode"
)
_TARGET = "Unique identifier for the target chat or username of the target bot, supergroup or channel"
_COPY = Good("copyMessage", {"chat_id": the_chat, "from_chat_id": the_chat, "message_id": a_text})
_FORWARD = Good("forwardMessage", {"chat_id": the_chat, "from_chat_id": the_chat, "message_id": a_text})


def _style(name: str, mode: str, wrong: str, right: str, sentence: str, *, says: str, source: Source) -> Rule:
    """Write the record of a text that is broken in its markup."""
    error = f"Bad Request: can't parse entities: {sentence}"
    texts: tuple[Params, Params] = ({"text": right, "parse_mode": mode}, {"text": wrong})
    return Rule(name, TEXT, right=texts[0], wrong=texts[1], error=error, says=says, source=source)


def _html(name: str, wrong: str, right: str, sentence: str, says: str) -> Rule:
    return _style(f"html-{name}", "HTML", wrong, right, sentence, says=f"parse_html: {says}", source=Source.TD)


def _markdown(name: str, wrong: str, right: str, sentence: str, says: str) -> Rule:
    words = f"parse_markdown_v2: {says}"
    return _style(f"markdown-{name}", "MarkdownV2", wrong, right, sentence, says=words, source=Source.TD)


def _entity(name: str, entity: Any, sentence: str, says: str, *, source: Source = Source.SERVER) -> Rule:
    return Rule(
        f"entity-{name}",
        TEXT,
        right={"text": "four", "entities": [{"type": "bold", "offset": 0, "length": 4}]},
        wrong={"entities": [entity]},
        error=f"Bad Request: {sentence}",
        says=says,
        source=source,
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "chat-id-missing",
        TEXT,
        wrong={"chat_id": None},
        error="Bad Request: chat_id is empty",
        says=_TARGET,
        source=Source.DOCS,
    ),
    Rule(
        "chat-unknown",
        TEXT,
        wrong={"chat_id": 5},
        error="Bad Request: chat not found",
        says=_TARGET,
        source=Source.DOCS,
    ),
    Rule(
        "person-who-never-wrote",
        TEXT,
        wrong={"chat_id": somebody_who_never_wrote},
        error="Forbidden: bot can't initiate conversation with a user",
        says="A bot cannot begin a conversation: the person has to write first.",
        source=Source.KNOWN,
    ),
    Rule(
        "person-who-blocked",
        TEXT,
        wrong={"chat_id": somebody_who_blocked},
        error="Forbidden: bot was blocked by the user",
        says="USER_IS_BLOCKED becomes 403 `bot was blocked by the user`.",
        source=Source.SERVER,
    ),
    Rule(
        "group-left",
        TEXT,
        wrong={"chat_id": a_group_left},
        error="Forbidden: bot was kicked from the group chat",
        says="A group the bot is no longer in takes no message of it.",
        source=Source.SERVER,
    ),
    Rule(
        "text-missing",
        TEXT,
        wrong={"text": None},
        error="Bad Request: message text is empty",
        says=_LENGTH,
        source=Source.DOCS,
    ),
    Rule(
        "text-only-spaces",
        TEXT,
        right={"text": " x "},
        wrong={"text": " \n\u200b\u00a0"},
        error="Bad Request: text must be non-empty",
        says="Spaces and invisible marks at both ends are taken off a text; what is left must not be empty.",
        source=Source.TD,
    ),
    Rule(
        "text-too-long",
        TEXT,
        right={"text": "<b>" + "ж" * 4096 + "</b>", "parse_mode": "HTML"},
        wrong={"text": "<b>" + "ж" * 4097 + "</b>"},
        error="Bad Request: message is too long",
        says=_LENGTH,
        source=Source.DOCS,
    ),
    Rule(
        "text-too-many-bytes",
        TEXT,
        right={"text": "x" * 4096},
        wrong={"text": "x" * 40_000},
        error="Bad Request: text is too long",
        says="get_formatted_text: a text of more than 2^15 bytes is refused before it is parsed.",
        source=Source.SERVER,
    ),
    Rule(
        "text-not-utf-8",
        TEXT,
        right={"text": "x\U0001f600"},
        wrong={"text": "x\ud83d"},
        error="Bad Request: strings must be encoded in UTF-8",
        says="clean_input_string: half of a surrogate pair is no text.",
        source=Source.TD,
    ),
    Rule(
        "parse-mode-unknown",
        TEXT,
        right={"parse_mode": "hTmL"},
        wrong={"parse_mode": "XML"},
        error="Bad Request: unsupported parse_mode",
        says=_STYLE,
        source=Source.DOCS,
    ),
    _html(
        "unsupported-tag", "a <p>", "a <b>b</b>", 'Unsupported start tag "p" at byte offset 2', "a tag not in its list."
    ),
    _html(
        "unclosed-tag",
        "<b>x",
        "<b>x</b>",
        'Can\'t find end tag corresponding to start tag "b"',
        "every tag is closed.",
    ),
    _html("bare-less-than", "1 < 2", "1 &lt; 2", 'Unsupported start tag "" at byte offset 2', "`<` begins a tag."),
    _html(
        "unmatched-end-tag",
        "<b><i>x</b></i>",
        "<b><i>x</i></b>",
        'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
        "tags close in the order they opened in.",
    ),
    _html(
        "end-tag-alone",
        "x</b>",
        "<b>x</b>",
        "Unexpected end tag at byte offset 1",
        "nothing is closed that is not open.",
    ),
    _html("start-tag-cut", "<b", "<b></b>x", "Unclosed start tag at byte offset 0", "a tag ends in `>`."),
    _html(
        "span-of-no-class",
        "<span>x</span>",
        '<span class="tg-spoiler">x</span>',
        'Tag "span" must have class "tg-spoiler" at byte offset 0',
        "`span` is a spoiler only.",
    ),
    _html(
        "attribute-without-name",
        '<a ="x">y</a>',
        '<a href="e.com">y</a>',
        'Empty attribute name in the tag "a" at byte offset 0',
        "an attribute has a name.",
    ),
    _markdown(
        "reserved-character",
        "a.b",
        "a\\.b",
        "Character '.' is reserved and must be escaped with the preceding '\\'",
        "any of _*[]()~`>#+-=|{}.! that marks nothing is escaped.",
    ),
    _markdown(
        "unclosed-bold",
        "*x",
        "*x*",
        "Can't find end of Bold entity at byte offset 0",
        "every mark is closed.",
    ),
    Rule(
        "markdown-old-unclosed",
        TEXT,
        right={"text": "_x_", "parse_mode": "Markdown"},
        wrong={"text": "_x"},
        error="Bad Request: can't parse entities: Can't find end of the entity starting at byte offset 0",
        says="parse_markdown: every mark of the older style is closed.",
        source=Source.TD,
    ),
    Rule(
        "entities-no-json",
        TEXT,
        right={"entities": "[]"},
        wrong={"entities": "["},
        error="",
        problem="unknown field entities: no JSON of sendMessage",
        says=_ENTITIES,
        source=Source.DOCS,
    ),
    _entity(
        "no-object", 1, "can't parse MessageEntity: expected an Object", "get_text_entity: an entity is an object."
    ),
    _entity(
        "without-length",
        {"type": "bold", "offset": 0},
        "can't parse MessageEntity: Can't find field \"length\"",
        "get_text_entity: offset and length are required.",
    ),
    _entity(
        "offset-negative",
        {"type": "bold", "offset": -1, "length": 1},
        "receive an entity with incorrect offset -1",
        "An entity begins inside the text.",
        source=Source.TD,
    ),
    _entity(
        "begins-after-end",
        {"type": "bold", "offset": 5, "length": 1},
        "entity begins after the end of the text at UTF-16 offset 5",
        "Offset in UTF-16 code units to the start of the entity",
        source=Source.DOCS,
    ),
    _entity(
        "ends-after-end",
        {"type": "bold", "offset": 2, "length": 3},
        "entity beginning at UTF-16 offset 2 ends after the end of the text at UTF-16 offset 5",
        "Length of the entity in UTF-16 code units",
        source=Source.DOCS,
    ),
    Rule(
        "link-preview-no-json",
        TEXT,
        right={"link_preview_options": '{"is_disabled": true}'},
        wrong={"link_preview_options": "{"},
        error="Bad Request: can't parse link preview options JSON object",
        says="Link preview generation options for the message",
        source=Source.DOCS,
    ),
    Rule(
        "link-preview-no-object",
        TEXT,
        right={"link_preview_options": "{}"},
        wrong={"link_preview_options": "[]"},
        error="Bad Request: object expected as link preview options",
        says="Link preview generation options for the message",
        source=Source.DOCS,
    ),
    Rule(
        "reply-parameters-no-json",
        TEXT,
        right={"reply_parameters": {"message_id": a_text}},
        wrong={"reply_parameters": "x"},
        error="Bad Request: can't parse reply parameters JSON object",
        says="Description of the message to reply to",
        source=Source.DOCS,
    ),
    Rule(
        "reply-parameters-no-object",
        TEXT,
        right={"reply_parameters": {"message_id": a_text}},
        wrong={"reply_parameters": "[]"},
        error="Bad Request: object expected as reply parameters",
        says="Description of the message to reply to",
        source=Source.DOCS,
    ),
    Rule(
        "reply-to-nothing",
        TEXT,
        right={"reply_parameters": {"message_id": a_deleted_text, "allow_sending_without_reply": True}},
        wrong={"reply_parameters": {"message_id": a_deleted_text}},
        error="Bad Request: message to be replied not found",
        says="Identifier of the message that will be replied to in the current chat, or in the chat chat_id",
        source=Source.DOCS,
    ),
    Rule(
        "action-unknown",
        ACTION,
        right={"action": "UPLOAD_photo"},
        wrong={"action": "dancing"},
        error="Bad Request: wrong parameter action in request",
        says="Type of action to broadcast. Choose one, depending on what the user is about to receive",
        source=Source.DOCS,
    ),
    Rule(
        "copy-of-nothing",
        _COPY,
        wrong={"message_id": a_deleted_text},
        error="Bad Request: message to copy not found",
        says="Message identifier in the chat specified in from_chat_id",
        source=Source.DOCS,
    ),
    Rule(
        "copy-of-protected",
        _COPY,
        wrong={"message_id": a_protected_text},
        error="Bad Request: the message can't be copied",
        says="Protects the contents of the sent message from forwarding and saving",
        source=Source.DOCS,
    ),
    Rule(
        "copy-caption-too-long",
        _COPY,
        right={"message_id": a_photo_message, "caption": "x" * 1024},
        wrong={"caption": "x" * 1025},
        error="Bad Request: message caption is too long",
        says="New caption for media, 0-1024 characters after entities parsing",
        source=Source.DOCS,
    ),
    Rule(
        "forward-of-nothing",
        _FORWARD,
        wrong={"message_id": a_deleted_text},
        error="Bad Request: message to forward not found",
        says="Message identifier in the chat specified in from_chat_id",
        source=Source.DOCS,
    ),
    Rule(
        "forward-of-protected",
        _FORWARD,
        wrong={"message_id": a_protected_text},
        error="Bad Request: the message can't be forwarded",
        says="Service messages and messages with protected content can't be forwarded",
        source=Source.DOCS,
    ),
)
