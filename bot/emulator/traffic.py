"""The record of the last calls, for the page and for tests."""

from __future__ import annotations

import json
import time
from typing import Any

from bot.emulator.params import Json, Params, Upload
from bot.emulator.world import Bot, World

MAX_SHOWN_TEXT = 2_000
MAX_KEPT_SIZE = 1 << 16
MAX_SHOWN_ITEMS = 5
MAX_PROBLEMS = 1_000
MAX_NAME = 200


def record(
    world: World,
    bot: Bot,
    *,
    method: str,
    params: Params,
    unknown: list[str],
    error: tuple[int, str] | None,
    started: float,
    result: Any = None,
) -> None:
    """Note a call that has been answered; the bytes of its files are not kept."""
    if params.size > MAX_KEPT_SIZE or any(isinstance(value, Upload) for value in params.values()):
        params = Params({_shown(name): _short(value) for name, value in params.items()})
    world.call_count += 1
    call: Json = {
        "n": world.call_count,
        "at": round(world.clock.seconds(), 3),
        "bot": bot.id,
        "method": method,
        "params": params,
        "ok": error is None,
        "result": result,
        "error_code": error[0] if error is not None else None,
        "description": error[1] if error is not None else None,
        "unknown_fields": [name[:MAX_NAME] for name in unknown[:MAX_PROBLEMS]] if unknown else unknown,
        "ms": round((time.perf_counter() - started) * 1000, 2),
    }
    world.calls.append(call)
    for name in unknown:
        problem = (method, name[:MAX_NAME])
        if len(world.unknown_fields) < MAX_PROBLEMS and problem not in world.unknown_fields:
            world.unknown_fields.append(problem)
    if world.listeners and not world.headless:
        world.tell({"type": "call", **shown_call(call)})


def shown_call(call: Json) -> Json:
    """Answer a call as the door shows it, its files as sizes, its long texts and its long result cut."""
    params = {name: _shown(value) for name, value in call["params"].items()}
    return {**call, "params": params, "result": _shown_result(call["result"])}


def _shown_result(result: Any) -> Any:
    if isinstance(result, list) and len(result) > MAX_SHOWN_ITEMS:
        return [*result[:MAX_SHOWN_ITEMS], f"and {len(result) - MAX_SHOWN_ITEMS} more"]
    return result


def _shown(value: Any) -> Any:
    if isinstance(value, Upload):
        return {"filename": value.filename, "content_type": value.content_type, "size": len(value.data)}
    if isinstance(value, str) and len(value) > MAX_SHOWN_TEXT:
        return value[:MAX_SHOWN_TEXT] + "\N{HORIZONTAL ELLIPSIS}"
    return value


def _short(value: Any) -> Any:
    """Show a value of a large call: what is long in it is cut, at any depth."""
    if isinstance(value, list | dict) and len(text := json.dumps(value)) > MAX_SHOWN_TEXT:
        return _shown(text)
    return _shown(value)
