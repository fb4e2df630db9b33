"""The turnstile: order a member, and nobody waits behind what went wrong."""

import asyncio

from bot.turnstile import Turnstile
from storage.inbox import Arrival


async def test_an_arrival_that_raises_does_not_stop_its_member() -> None:
    """Proves that a member's next arrivals run after one that raised, and that the turnstile drains."""
    seen: list[int] = []

    async def handle(arrival: Arrival) -> None:
        seen.append(arrival.id)
        await asyncio.sleep(0)
        if arrival.id == 1:
            raise RuntimeError("unforeseen")

    turnstile = Turnstile(handle)
    for number in (1, 2):
        await turnstile.push(Arrival(number, 7, "{}"))
    await asyncio.wait_for(turnstile.drained(), 5)
    await turnstile.push(Arrival(3, 7, "{}"))
    await asyncio.wait_for(turnstile.drained(), 5)
    assert seen == [1, 2, 3]
