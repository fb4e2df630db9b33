"""Waiting for a condition: look again until it holds, or fail saying what was waited for."""

import asyncio
from collections.abc import Awaitable, Callable

LOOK_EVERY_SECONDS = 0.05


async def eventually(look: Callable[[], Awaitable[bool]], what: str, *, seconds: float = 10.0) -> None:
    """Return once `look` answers true.

    Raises:
        AssertionError: it did not within `seconds`.
    """
    try:
        async with asyncio.timeout(seconds):
            while not await look():  # noqa: ASYNC110 - the condition is in a database or another process
                await asyncio.sleep(LOOK_EVERY_SECONDS)
    except TimeoutError:
        raise AssertionError(f"waited in vain: {what}") from None
