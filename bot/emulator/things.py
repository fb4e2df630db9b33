"""Messages that are neither text nor media: places, contacts and dice; and the reactions to messages."""

from __future__ import annotations

import re
import secrets
from typing import Any

from bot.emulator.call import Call, required
from bot.emulator.errors import FieldError, bad_request
from bot.emulator.params import Json, Params, field
from bot.emulator.sending import deliver

MAX_ACCURACY = 1500.0
DICE = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}
_REACTION_NAMES = (
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤\u200d🔥 🌚"
    " 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨\u200d💻 👀 🎃 🙈 😇 😨 🤝"
    " ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷\u200d♂ 🤷 🤷\u200d♀ 😡"
)
REACTIONS = frozenset(_REACTION_NAMES.split())
_FLOAT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_PLACE_IDS = ("foursquare_id", "foursquare_type", "google_place_id", "google_place_type")


def _degrees(params: Params, name: str) -> float:
    """Read a number as Telegram does: from its beginning, and what is no number is 0."""
    match = _FLOAT.match(params.text(name).strip())
    return float(match[0]) if match is not None else 0.0


def _location(params: Params) -> Json:
    for name in ("latitude", "longitude"):
        if not params.text(name).strip():
            raise bad_request(f"{name} is empty")
    latitude, longitude = _degrees(params, "latitude"), _degrees(params, "longitude")
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise bad_request("Invalid location specified")
    location: Json = {"latitude": latitude, "longitude": longitude}
    accuracy = min(max(_degrees(params, "horizontal_accuracy"), 0.0), MAX_ACCURACY)
    return {**location, "horizontal_accuracy": accuracy} if accuracy else location


async def send_location(call: Call) -> Json:
    """Send a place on the map."""
    part = {"location": _location(call.params)}
    return await deliver(call, _ready(part), {})


async def send_venue(call: Call) -> Json:
    """Send a place with its name and address."""
    location = _location(call.params)
    venue: Json = {"location": location, "title": call.params.text("title"), "address": call.params.text("address")}
    venue |= {name: call.params.text(name) for name in _PLACE_IDS if call.params.text(name)}
    if not venue["title"] or not venue["address"]:
        raise bad_request("VENUE_TITLE_EMPTY" if not venue["title"] else "VENUE_ADDRESS_EMPTY")
    return await deliver(call, _ready({"venue": venue, "location": location}), {})


async def send_contact(call: Call) -> Json:
    """Send somebody's telephone number."""
    number, first_name = required(call.params, "phone_number"), required(call.params, "first_name")
    contact = {"phone_number": number.strip(), "first_name": first_name}
    if not any(c.isdigit() for c in number):
        raise bad_request("Wrong phone number specified")
    contact |= {name: call.params.text(name) for name in ("last_name", "vcard") if call.params.text(name)}
    person = next(
        (one for one in call.world.people.values() if one.phone and one.phone == contact["phone_number"]), None
    )
    part: Json = {"contact": contact if person is None else {**contact, "user_id": person.id}}
    return await deliver(call, _ready(part), {})


async def send_dice(call: Call) -> Json:
    """Throw a die, or one of its kin."""
    emoji = call.params.text("emoji").strip().replace("\ufe0f", "") or "🎲"
    if emoji not in DICE:
        raise bad_request("EMOTICON_INVALID")
    part = {"dice": {"emoji": emoji, "value": secrets.randbelow(DICE[emoji]) + 1}}
    return await deliver(call, _ready(part), {})


def _ready(part: Json) -> Any:
    async def make() -> Json:
        return part

    return make


# -- reactions ----------------------------------------------------------------------------------------------------


async def set_message_reaction(call: Call) -> bool:
    """Put the bot's reaction under a message, or take it away."""
    wanted = _reactions(call.params)
    message = call.message(call.open_chat(), "message to react")
    if len(wanted) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    for reaction in wanted:
        if reaction["type"] == "custom_emoji" or reaction["emoji"] not in REACTIONS:
            raise bad_request("REACTION_INVALID")
    if wanted:
        message.extra["reactions"] = wanted
    else:
        message.extra.pop("reactions", None)
    call.world.tell_message("edited", call.chat(), message)
    return True


def _reactions(params: Params) -> list[Json]:
    given = params.json("reaction", "Can't parse reaction types JSON object")
    if given is None:
        return []
    if not isinstance(given, list):
        raise bad_request("Expected an Array of ReactionType")
    wanted: list[Json] = []
    for entry in given:
        try:
            if not isinstance(entry, dict):
                raise FieldError("expected an Object")
            kind = field(entry, "type", str)
            if kind == "emoji":
                wanted.append({"type": kind, "emoji": field(entry, "emoji", str).replace("\ufe0f", "")})
            elif kind == "custom_emoji":
                wanted.append({"type": kind, "custom_emoji_id": str(field(entry, "custom_emoji_id", int))})
            else:
                raise FieldError("invalid reaction type specified")
        except FieldError as error:
            raise bad_request(f"Can't parse ReactionType: {error.sentence}") from None
    return wanted
