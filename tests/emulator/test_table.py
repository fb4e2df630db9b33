"""The table of the Bot API against aiogram's models, and what it makes of calls that Telegram takes in silence."""

from __future__ import annotations

import json
import types as builtin_types
import typing
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from bot.emulator import schema
from bot.emulator.methods import METHODS
from bot.emulator.params import Params
from tests.emulator import late_aiogram as aiogram
from tests.emulator.rawbot import RawBot
from tests.phone import Phone, Telegram

KINDS: dict[Any, str] = {str: "String", int: "Integer", bool: "Boolean", float: "Float", datetime: "Integer"}
OURS = {"Chat": {"Integer", "String"}, "File": {"String", "InputFile"}, "Upload": {"InputFile"}}
SAME = {"KeyboardButtonRequestUser": "KeyboardButtonRequestUsers"}
NAMED_BY_TYPE = ("BotCommandScope", "MenuButtonCommands", "MenuButtonDefault", "CallbackGame")


def _kinds(annotation: Any) -> Iterator[tuple[int, str]]:
    """Walk through the kinds a model's field may have, each with the arrays around it."""
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, builtin_types.UnionType):
        for part in typing.get_args(annotation):
            yield from _kinds(part)
    elif origin is typing.Annotated:
        yield from _kinds(typing.get_args(annotation)[0])
    elif origin is list:
        yield from ((depth + 1, name) for depth, name in _kinds(typing.get_args(annotation)[0]))
    elif origin is typing.Literal:
        yield 0, "Boolean" if typing.get_args(annotation) == (True,) else "String"
    elif annotation not in (type(None), timedelta) and getattr(annotation, "__name__", "") != "Default":
        name = KINDS.get(annotation, getattr(annotation, "__name__", str(annotation)))
        yield 0, "BotCommandScope" if name.startswith("BotCommandScope") else SAME.get(name, name)


def _ours(field: schema.Field) -> set[tuple[int, str]]:
    names: set[str] = set()
    for name in field.alternatives:
        names |= OURS.get(name, {name})
    return {(field.depth, name) for name in names}


def _compare(name: str, shape: schema.Shape, model: type[BaseModel]) -> None:
    documented = {field.alias or title: field for title, field in model.model_fields.items()}
    assert set(documented) == set(shape.fields), name
    for title, field in documented.items():
        ours, kinds = shape.fields[title], set(_kinds(field.annotation))
        is_constant = kinds == {(0, "Boolean")} and field.default is True
        assert ours.required == (field.is_required() or is_constant), f"{name}.{title}"
        if ours.kind == "Anything":
            continue
        found = _ours(ours)
        if "InputMedia" in name and (0, "InputFile") in found:  # a file in an object is an id or `attach://...`
            found, kinds = {(0, "String")}, (kinds | {(0, "String")}) - {(0, "InputFile")}
        assert found == kinds, f"{name}.{title}"


@pytest.mark.parametrize("name", sorted(schema.METHODS))
def test_every_method_has_the_documented_parameters(name: str) -> None:
    """Names, kinds and what is required are those of the documentation, for every method there is."""
    _compare(name, schema.METHODS[name], getattr(aiogram.methods, name[0].upper() + name[1:]))


@pytest.mark.parametrize("name", sorted(set(schema.OBJECTS) - set(NAMED_BY_TYPE)))
def test_every_object_has_the_documented_fields(name: str) -> None:
    """The objects inside the parameters have the documented fields too."""
    _compare(name, schema.OBJECTS[name], getattr(aiogram.types, name))


def test_the_table_has_the_emulated_methods() -> None:
    """There is a row for each method, and a method for each row."""
    assert {title for title, _ in METHODS.values()} == set(schema.METHODS)


def test_every_kind_has_a_row() -> None:
    """No field has a kind that the table does not tell more about."""
    scalars = {"String", "Integer", "Float", "Boolean", "Chat", "File", "Upload", "Anything"}
    for shape in (*schema.METHODS.values(), *schema.OBJECTS.values()):
        for field in shape.fields.values():
            assert set(field.alternatives) <= scalars | set(schema.OBJECTS), (shape.name, field.name)
            assert set(field.refusals) <= {"missing", "low", "high", "other"}, (shape.name, field.name)
        for names in shape.firsts:
            assert set(names) <= set(shape.fields), (shape.name, names)


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"colour": 1}, ["colour"]),
        ({"disable_notification": "maybe"}, ["disable_notification: no Boolean"]),
        ({"reply_to_message_id": "one"}, ["reply_to_message_id: no Integer"]),
        ({"message_thread_id": 5}, ["message_thread_id: not emulated"]),
        ({"parse_mode": "HTML", "entities": [{"type": "bold"}]}, ["entities: ignored beside parse_mode"]),
        (
            {"entities": [{"type": "bold", "offset": 0, "length": 1, "id": 5}] * 101},
            [*(f"entities[{index}].id" for index in range(101)), "entities: 101 is not within 0-100"],
        ),
        ({"reply_parameters": {"message_id": 1, "colour": 2}}, ["reply_parameters.colour"]),
        ({"link_preview_options": {"is_disabled": 5}}, ["link_preview_options.is_disabled: no Boolean"]),
        (
            {"reply_markup": {"inline_keyboard": [[{"text": "a", "url": "e.com", "callback_data": "b", "x": 1}]]}},
            [
                "reply_markup.inline_keyboard[0][0].x",
                "reply_markup.inline_keyboard[0][0].callback_data: ignored beside url",
            ],
        ),
        ({"reply_markup": {"keyboard": [[{"text": "a", "sticker": 1}]]}}, ["reply_markup.keyboard[0][0].sticker"]),
        ({"reply_markup": {"remove_keyboard": True, "y": 1}}, ["reply_markup.y"]),
    ],
)
def test_what_telegram_passes_over_is_named(params: dict[str, Any], found: list[str]) -> None:
    """Unknown fields at any depth and values that Telegram ignores are named, however the call was written."""
    given = Params(chat_id=5, text="x", **params)
    assert schema.strays("sendMessage", given) == found
    as_form = {name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items()}
    assert schema.strays("SENDMESSAGE", Params(chat_id="5", text="x", **as_form)) == found


def test_the_kinds_of_updates_are_the_documented_ones() -> None:
    """What can be asked for in `allowed_updates` is what an update can hold."""
    documented = set(aiogram.types.Update.model_fields) - {"update_id"}
    assert schema.shape_of("getUpdates").fields["allowed_updates"].values == documented


def test_odd_arrays_are_named() -> None:
    """Kinds of updates that are none, and an album of one, are taken by Telegram and told of here."""
    wrong = Params(allowed_updates=["message", "mesage"])
    assert schema.strays("getUpdates", wrong) == ["allowed_updates: 'mesage' is not documented"]
    assert schema.strays("getUpdates", Params(allowed_updates='["message"]')) == []
    alone = Params(chat_id=5, media=[{"type": "photo", "media": "x"}])
    assert schema.strays("sendMediaGroup", alone) == ["media: 1 is not within 2-10"]


async def test_a_taken_call_with_strays_is_a_problem(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """The call works as at Telegram, and what was passed over in silence is told of."""
    markup = {"inline_keyboard": [[{"text": "a", "callback_data": "b", "colour": "red"}]]}
    assert (await bot.call("sendMessage", chat_id=ali.id, text="x", reply_markup=markup)).result
    assert await tg.problems() == ["unknown field reply_markup.inline_keyboard[0][0].colour of sendMessage"]
