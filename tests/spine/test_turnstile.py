"""The turnstile: order a member, and nobody waits behind what went wrong."""

import asyncio

from bot.turnstile import A_MEMBER, Turnstile
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


async def test_a_flooding_member_takes_nobody_elses_room() -> None:
    """Proves that a thousand messages of one member delay nobody else, and are all handled, once and in order."""
    inbox = [Arrival(number, 7, "{}") for number in range(1, 1_001)]
    seen: list[int] = []
    go_on, other_handled = asyncio.Event(), asyncio.Event()

    async def handle(arrival: Arrival) -> None:
        if arrival.sender_id == 8:
            other_handled.set()
            return
        await go_on.wait()
        seen.append(arrival.id)

    async def fetch(sender_id: int, after_id: int, limit: int) -> list[Arrival]:
        found = [one for one in inbox if one.sender_id == sender_id and one.id > after_id][:limit]
        await asyncio.sleep(0)
        return found

    turnstile = Turnstile(handle, fetch=fetch, room=2 * A_MEMBER)
    async with asyncio.timeout(10):
        for arrival in inbox:
            await turnstile.push(arrival)
        assert turnstile.inside <= A_MEMBER + 1
        await turnstile.push(Arrival(2_000, 8, "{}"))
        await other_handled.wait()
        go_on.set()
        for number in range(1_001, 1_101):
            inbox.append(Arrival(number, 7, "{}"))
            await turnstile.push(inbox[-1])
            await asyncio.sleep(0)
        await turnstile.drained()
    assert seen == list(range(1, 1_101))
