"""Updates as Telegram sends them, and what random damage makes of them."""

import copy
import random
from typing import Any

from tests.whole_bot import BOT, OLD, new_message, photo

Json = dict[str, Any]


def _deep(levels: int) -> Any:
    value: Any = {}
    for level in range(levels):
        value = [value] if level % 2 else {"message": value}
    return value


JUNK: tuple[Any, ...] = (
    None,
    True,
    False,
    "",
    " ",
    "x" * 5000,
    "\ud800",
    "\udfff tail",
    "\u202e<b>&\u2066",
    "\x00",
    "e\u0301" * 300,
    "👩‍👩‍👧‍👦" * 200,
    "/start",
    "{0} %s",
    0,
    -1,
    7,
    2**31,
    2**53,
    2**63,
    -(2**63) - 1,
    2**70,
    1.5,
    -0.0,
    1e308,
    float("inf"),
    [],
    {},
    [None],
    [[[]]],
    {"id": 1},
    {"id": "1", "type": "private"},
    [{"file_id": None}],
    {"inline_keyboard": [[{}]]},
    _deep(200),
)


def updates(who: int, data: str, chance: random.Random) -> list[Json]:
    """Give one update of every kind from a person; `data` is the button that is pressed."""
    number = chance.randrange(1, 10**6)
    file = {"file_id": f"f{number}", "file_unique_id": f"u{number}", "file_size": 1000}
    size = {"width": 800, "height": 600, "duration": 3}
    person = new_message(who, 1)["from"]
    contents: list[Json] = [
        {"text": "hello"},
        {"text": chance.choice(["/start", "/start job_abc", "/jobs", "/admin", "/balance", "/cancel", "/nonsense"])},
        {"text": "5", "forward_origin": {"type": "user", "date": OLD, "sender_user": BOT}},
        {"text": "x", "reply_to_message": new_message(who, 5, text="y"), "quote": {"text": "y", "position": 0}},
        {"text": "see @x", "entities": [{"type": "mention", "offset": 4, "length": 2}]},
        photo(f"p{number}", caption="look", media_group_id=f"g{number % 5}"),
        {"document": {**file, "mime_type": "image/png", "file_name": "a.png"}},
        {"document": {**file, "mime_type": "application/pdf"}},
        {"sticker": {**file, **size, "type": "regular", "is_animated": False, "is_video": False}},
        {"voice": {**file, "duration": 3}},
        {"video": {**file, **size}},
        {"contact": {"phone_number": "+923001234567", "first_name": "A", "user_id": who}},
        {"location": {"latitude": 1.0, "longitude": 2.0}},
        {"dice": {"emoji": "🎲", "value": 3}},
        {"new_chat_title": "x"},
        {"pinned_message": new_message(who, 4, text="z")},
    ]
    message = {**new_message(who, number, text="A card"), "from": BOT, "reply_markup": {"inline_keyboard": []}}
    query = {"id": str(number), "from": person, "chat_instance": "1", "data": data}
    gone = {"chat": message["chat"], "message_id": number, "date": 0}
    group = {"chat": {"id": -100123, "type": "supergroup", "title": "G"}}
    status = {"user": BOT, "status": "member"}
    return [
        *({"message": new_message(who, number, **content)} for content in contents),
        {"edited_message": new_message(who, number, text="better", edit_date=OLD + 5)},
        {"callback_query": {**query, "message": message}},
        {"callback_query": {**query, "message": gone}},
        {"callback_query": {**query, "inline_message_id": "AAA"}},
        {"message": {**new_message(who, number, text="/start@TheBot"), **group}},
        {"channel_post": {"message_id": 1, "date": OLD, "chat": {"id": -1005, "type": "channel", "title": "C"}}},
        {
            "my_chat_member": {
                "chat": message["chat"],
                "from": person,
                "date": OLD,
                "old_chat_member": status,
                "new_chat_member": {**status, "status": "kicked", "until_date": 0},
            }
        },
        {"of_next_year": {"id": 1}},
    ]


def damage(update: Json, chance: random.Random) -> Json:
    """Give an update with one to four things in it missing, changed, added or moved."""
    update = copy.deepcopy(update)
    for _ in range(chance.randint(1, 4)):
        holder, key = chance.choice(_places(update))
        match chance.randrange(5):
            case 0 | 1:
                holder[key] = copy.deepcopy(chance.choice(JUNK))
            case 2:
                del holder[key]
            case 3:
                other, there = chance.choice(_places(update))
                holder[key] = copy.deepcopy(other[there])
            case _ if isinstance(holder, dict):
                name = chance.choice(["id", "text", "from", "message", "data", "photo", "chat", "date", "zz", ""])
                holder[name] = copy.deepcopy(chance.choice(JUNK))
        if not update:
            break
    return update


def _places(value: Any) -> list[tuple[Any, Any]]:
    """List every (holder, key) of nested dicts and lists; the first dict itself holds the outermost keys."""
    found: list[tuple[Any, Any]] = []
    todo = [value]
    while todo:
        holder = todo.pop()
        pairs = holder.items() if isinstance(holder, dict) else enumerate(holder)
        for key, inner in pairs:
            found.append((holder, key))
            if isinstance(inner, dict | list) and len(found) < 300:
                todo.append(inner)
    return found
