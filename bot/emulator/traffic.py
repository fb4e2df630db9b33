"""The record of the last calls, for the page and for tests."""

from __future__ import annotations

import time
from typing import Any

from bot.emulator.params import Json, Params, Upload
from bot.emulator.world import Bot, World

MAX_SHOWN_TEXT = 2_000
MAX_PROBLEMS = 1_000


def record(
    world: World,
    bot: Bot,
    *,
    method: str,
    params: Params,
    unknown: list[str],
    error: tuple[int, str] | None,
    started: float,
) -> None:
    """Note a call that has been answered; the bytes of its files are not kept."""
    if any(isinstance(value, Upload) for value in params.values()):
        params = Params({name: _shown(value) for name, value in params.items()})
    world.call_count += 1
    call: Json = {
        "n": world.call_count,
        "bot": bot.id,
        "method": method,
        "params": params,
        "ok": error is None,
        "error_code": error[0] if error is not None else None,
        "description": error[1] if error is not None else None,
        "unknown_fields": unknown,
        "ms": round((time.perf_counter() - started) * 1000, 2),
    }
    world.calls.append(call)
    if unknown and len(world.unknown_fields) < MAX_PROBLEMS:
        world.unknown_fields += [(method, name) for name in unknown if (method, name) not in world.unknown_fields]
    if world.listeners and not world.headless:
        world.tell({"type": "call", **shown_call(call)})


def shown_call(call: Json) -> Json:
    """Answer a call as the door shows it, its files as sizes and its long texts cut."""
    return {**call, "params": {name: _shown(value) for name, value in call["params"].items()}}


def _shown(value: Any) -> Any:
    if isinstance(value, Upload):
        return {"filename": value.filename, "content_type": value.content_type, "size": len(value.data)}
    if isinstance(value, str) and len(value) > MAX_SHOWN_TEXT:
        return value[:MAX_SHOWN_TEXT] + "\N{HORIZONTAL ELLIPSIS}"
    return value
