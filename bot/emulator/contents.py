"""What a message can hold: the names of its parts, and the parts that a call gives as text, caption and preview."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.emulator.errors import ApiError, bad_request
from bot.emulator.links import BadLinkError, checked_link
from bot.emulator.params import Json, Params, field
from bot.emulator.texts import caption, message_text
from bot.emulator.world import World

MEDIA = ("animation", "audio", "document", "photo", "video")
CAPTIONED = (*MEDIA, "voice")
FIXED = ("video_note", "sticker", "contact", "venue", "location", "dice")
TEXT_PARTS = ("text", "entities", "link_preview_options")
CAPTION_PARTS = ("caption", "caption_entities", "show_caption_above_media", "has_media_spoiler")
ALL_PARTS = (*TEXT_PARTS, *CAPTIONED, *CAPTION_PARTS, *FIXED)
ABOVE_ALLOWED = ("animation", "photo", "video")
_PREVIEW_FLAGS = ("is_disabled", "prefer_small_media", "prefer_large_media", "show_above_text")


def kept(body: Json, names: Iterable[str]) -> Json:
    """Answer those parts of a message that it has."""
    return {name: body[name] for name in names if name in body}


def text_content(params: Params, world: World, *, refusal: str = "") -> Json:
    """Read `text`, `parse_mode`, `entities` and the link preview of a call.

    Raises: ApiError.
    """
    options = _preview(params)
    given = entities_of(params, "entities")
    text = params.text("text")
    mode = params.text("parse_mode")
    shown, entities = message_text(text, mode, given, may_be_empty="url" in options, refusal=refusal)
    content: Json = {"text": shown}
    if entities:
        content["entities"] = with_people(entities, world)
    if options:
        content["link_preview_options"] = options
    return content


def entities_of(params: Params, name: str) -> Any:
    """Read given entities; what is no JSON is passed over, as Telegram does."""
    if name not in params:
        return None
    try:
        return params.json(name, "")
    except ApiError:
        return None


def _preview(params: Params) -> Json:
    if "link_preview_options" not in params:
        return {"is_disabled": True} if params.boolean("disable_web_page_preview") else {}
    given = params.json("link_preview_options", "Can't parse link preview options JSON object")
    if given is None:
        return {"is_disabled": True} if params.boolean("disable_web_page_preview") else {}
    if not isinstance(given, dict):
        raise bad_request("Object expected as link preview options")
    flags = {name: True for name in _PREVIEW_FLAGS if field(given, name, bool, False)}
    url = field(given, "url", str, "")
    if "is_disabled" in flags:
        return {"is_disabled": True}
    if url:
        try:
            return {"url": checked_link(url), **flags}
        except BadLinkError:
            raise bad_request("WEBPAGE_URL_INVALID") from None
    return flags


def caption_content(text: str, mode: str, entities: Any, world: World, *, refusal: str = "") -> Json:
    """Make the caption's part of a message.

    Raises: ApiError.
    """
    if not text:
        return {}
    words, found = caption(text, mode, entities, refusal=refusal)
    content: Json = {"caption": words} if words else {}
    if found:
        content["caption_entities"] = with_people(found, world)
    return content


def caption_of(params: Params, world: World, kind: str, *, refusal: str = "") -> Json:
    """Read the caption of a call, and the flags that go with it where the kind of media has them."""
    given = entities_of(params, "caption_entities")
    content = caption_content(params.text("caption"), params.text("parse_mode"), given, world, refusal=refusal)
    if kind in ABOVE_ALLOWED:
        if params.boolean("show_caption_above_media"):
            content["show_caption_above_media"] = True
        if params.boolean("has_spoiler"):
            content["has_media_spoiler"] = True
    return content


def with_people(entities: list[Json], world: World) -> list[Json]:
    """Put the people in whom a text mentions by number; a mention of nobody known is left out."""
    shown: list[Json] = []
    for entity in entities:
        if entity["type"] != "text_mention":
            shown.append(entity)
            continue
        person = world.people.get(entity["user"]["id"])
        if person is not None:
            shown.append({**entity, "user": person.user()})
    return shown
