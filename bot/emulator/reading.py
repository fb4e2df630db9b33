"""Reading the parameters of a call: query, form, JSON or multipart, with the limits of Telegram's own HTTP reader.

JSON is read as far as it goes: what stands before a mistake counts, as at Telegram, and what follows is not there.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web

from bot.emulator.errors import ApiError, bad_request
from bot.emulator.params import Params, Upload, decoded, is_too_deep

MAX_BODY_BYTES = 60 * 1024 * 1024
MAX_TEXT_BYTES = 1 << 20
MAX_FILES = 50
MAX_FIELDS = 256
BODY_SECONDS = 120.0
_CHUNK = 1 << 16
_SPACES = " \t\r\n"
_decoder = json.JSONDecoder()


def _too_large(what: str = "") -> ApiError:
    return ApiError(413, f"Request Entity Too Large{': ' if what else ''}{what}")


async def read_params(request: web.Request) -> Params:
    """Read the parameters of a call from its query and its body.

    Raises: ApiError 400, 408 or 413.
    """
    query = request.rel_url.raw_query_string
    params = Params(request.query) if query else Params()
    params.size = len(query)
    if request.method == "GET":
        return params
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise _too_large()
    if request.content.is_eof():  # all of it is here: nothing to wait for
        await _read_body(request, params)
        return params
    try:
        async with asyncio.timeout(BODY_SECONDS):
            await _read_body(request, params)
    except TimeoutError:
        raise ApiError(408, "Request Timeout") from None
    return params


async def _read_body(request: web.Request, params: Params) -> None:
    kind = request.content_type
    if kind == "multipart/form-data":
        await _read_multipart(request, params)
    else:
        raw = await _text_of(request)
        _read_text(kind, raw, params)
        params.size = len(raw)


async def _text_of(request: web.Request) -> bytes:
    announced = request.content_length
    if announced is not None and announced <= MAX_TEXT_BYTES and "Content-Encoding" not in request.headers:
        return await request.read()
    if announced is not None and announced > MAX_TEXT_BYTES:
        raise _too_large("too many parameters")
    body = bytearray()
    async for chunk in request.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > MAX_TEXT_BYTES:
            raise _too_large("too many parameters")
    return bytes(body)


def _read_text(kind: str, raw: bytes, params: Params) -> None:
    if kind == "application/json":
        _read_json(raw, params)
    elif raw and kind == "application/x-www-form-urlencoded":
        try:
            params.update(parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS))
        except UnicodeDecodeError:
            raise bad_request("Strings must be encoded in UTF-8") from None
        except ValueError:
            raise _too_large("too many parameters") from None


def _read_json(raw: bytes, params: Params) -> None:
    try:
        given = decoded(raw.decode())
    except (ValueError, RecursionError):
        params.update(_before_mistake(raw.decode("utf-8", "replace")))
        return
    if isinstance(given, dict):
        params.update(given)
    elif isinstance(given, str):
        params["content"] = given


def _before_mistake(text: str) -> Iterator[tuple[str, Any]]:
    """Walk through the fields of a broken JSON object that stand before its mistake."""
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        return
    try:
        while True:
            at = _skip(text, at + 1)
            if text[at : at + 1] != '"':
                return
            name, at = _decoder.raw_decode(text, at)
            at = _skip(text, at)
            if text[at : at + 1] != ":":
                return
            value, at = _decoder.raw_decode(text, _skip(text, at + 1))
            if is_too_deep(value):
                return
            yield name, value
            at = _skip(text, at)
            if text[at : at + 1] != ",":
                return
    except (ValueError, RecursionError):
        return


def _skip(text: str, at: int) -> int:
    while text[at : at + 1] and text[at] in _SPACES:
        at += 1
    return at


async def _read_multipart(request: web.Request, params: Params) -> None:
    room = {"all": MAX_BODY_BYTES, "text": MAX_TEXT_BYTES, "files": MAX_FILES}
    try:
        reader = await request.multipart()
        async for part in reader:
            if not isinstance(part, BodyPartReader) or not part.name:
                raise bad_request("field name in multipart/form-data not found")
            room["files"] -= part.filename is not None
            if room["files"] < 0:
                raise _too_large("too many files attached")
            if len(params) >= MAX_FIELDS:
                raise _too_large("too many parameters in form data")
            data = await _part(part, room)
            if part.filename is None:
                params[part.name] = data.decode()
                params.size += len(data)
            else:
                params[part.name] = Upload(part.filename, part.headers.get("Content-Type", ""), data)
    except UnicodeDecodeError:
        raise bad_request("Strings must be encoded in UTF-8") from None
    except (ValueError, RuntimeError, AssertionError, LookupError) as error:
        raise bad_request(f"can't parse form data: {type(error).__name__}") from None


async def _part(part: BodyPartReader, room: dict[str, int]) -> bytes:
    """Read one part, and take its size from the room there is."""
    data = bytearray()
    while chunk := await part.read_chunk(_CHUNK):
        data += chunk
        room["all"] -= len(chunk)
        if part.filename is None:
            room["text"] -= len(chunk)
        if room["all"] < 0:
            raise _too_large()
        if room["text"] < 0:
            raise _too_large("too many parameters in form data")
    return bytes(data)
