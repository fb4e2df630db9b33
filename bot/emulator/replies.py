"""What a message replies to: `reply_parameters`, or the two parameters there were before."""

from __future__ import annotations

from collections.abc import Callable

from bot.emulator.errors import bad_request
from bot.emulator.params import Json, Params, field
from bot.emulator.texts import formatted
from bot.emulator.world import Chat, Message

MAX_QUOTE = 1024


def reply_parts(params: Params, chat: Chat, find_chat: Callable[[str], Chat]) -> Json:
    """Read what a call replies to, and make the parts of the message that show it.

    Raises: ApiError.
    """
    if "reply_parameters" not in params:
        if "reply_to_message_id" not in params:
            return {}
        forgiving = params.boolean("allow_sending_without_reply")
        message = _target(chat, params.integer("reply_to_message_id"), forgiving=forgiving)
        return {} if message is None else {"reply_to_message": _shown(message)}
    wanted = params.json("reply_parameters", "Can't parse reply parameters JSON object")
    if wanted is None:
        return {}
    if not isinstance(wanted, dict):
        raise bad_request("Object expected as reply parameters")
    return _parts(wanted, chat, find_chat) if wanted else {}


def _parts(wanted: Json, chat: Chat, find_chat: Callable[[str], Chat]) -> Json:
    elsewhere = field(wanted, "chat_id", str, "")
    if "ephemeral_message_id" in wanted and "message_id" not in wanted:
        return {}
    message_id = field(wanted, "message_id", int)
    forgiving = field(wanted, "allow_sending_without_reply", bool, False)
    words, style = field(wanted, "quote", str, ""), field(wanted, "quote_parse_mode", str, "")
    quote, entities = formatted(words, style, wanted.get("quote_entities"))
    position = field(wanted, "quote_position", int, 0)
    source = find_chat(elsewhere) if elsewhere and elsewhere != str(chat.id) else chat
    message = _target(source, message_id, forgiving=forgiving)
    if message is None:
        return {}
    parts: Json = {"reply_to_message": _shown(message)} if source is chat else {"external_reply": _external(message)}
    if quote:
        parts["quote"] = _quote(message, quote, entities, position)
    return parts


def _target(chat: Chat, message_id: int, *, forgiving: bool) -> Message | None:
    message = chat.messages.get(message_id)
    if message is None and message_id > 0 and not forgiving:
        raise bad_request("message to be replied not found")
    return message


def _shown(message: Message) -> Json:
    return {name: value for name, value in message.body.items() if name not in ("reply_to_message", "quote")}


def _external(message: Message) -> Json:
    body = message.body
    origin = {"type": "user", "sender_user": body["from"], "date": body["date"]}
    return {"origin": origin, "chat": body["chat"], "message_id": body["message_id"]}


def _quote(message: Message, quote: str, entities: list[Json], position: int) -> Json:
    """Find the quotation in the message: it must be there word for word."""
    if len(quote) > MAX_QUOTE:
        raise bad_request("MESSAGE_QUOTE_TOO_LONG")
    text = str(message.body.get("text") or message.body.get("caption") or "")
    if quote not in text:
        raise bad_request("QUOTE_TEXT_INVALID")
    units = text.encode("utf-16-le")
    at = max(0, min(position, len(units) // 2)) if text.count(quote) > 1 else 0
    found = units.find(quote.encode("utf-16-le"), 2 * at)
    found = found if found >= 0 else units.find(quote.encode("utf-16-le"))
    kept = [entity for entity in entities if entity["type"] in _KEPT_IN_QUOTES]
    return {"text": quote, **({"entities": kept} if kept else {}), "position": found // 2, "is_manual": True}


_KEPT_IN_QUOTES = ("bold", "italic", "underline", "strikethrough", "spoiler", "custom_emoji", "date_time")
