"""The send budget: never too many in any second, people first, floods respected."""

import asyncio
import random

from bot.lanes import Priority, SendBudget


async def _send(budget: SendBudget, log: list[tuple[float, int, Priority]], chat: int, priority: Priority) -> None:
    await budget.turn(chat, priority, new=True)
    log.append((asyncio.get_running_loop().time(), chat, priority))


def _most_in_a_second(times: list[float]) -> int:
    return max(sum(1 for t in times if start <= t < start + 1.0) for start in times)


async def test_no_second_holds_more_than_the_rate() -> None:
    """Proves the total: whatever asks at once, no second-long window holds more sends than the rate."""
    log: list[tuple[float, int, Priority]] = []
    budget = SendBudget(20)
    await asyncio.gather(*(_send(budget, log, chat, Priority.ALERT) for chat in range(45)))
    assert _most_in_a_second([t for t, _, _ in log]) <= 20


async def test_a_chat_gets_three_at_once_then_one_a_second() -> None:
    """Proves the bucket of a private chat, and that a full bucket holds nobody else up."""
    log: list[tuple[float, int, Priority]] = []
    budget = SendBudget(1000)
    started = asyncio.get_running_loop().time()
    ours = [_send(budget, log, 1, Priority.ANSWER) for _ in range(5)]
    others = [_send(budget, log, chat, Priority.ALERT) for chat in range(2, 30)]
    await asyncio.gather(*ours, *others)
    mine = sorted(t - started for t, chat, _ in log if chat == 1)
    assert [round(t) for t in mine] == [0, 0, 0, 1, 2]
    assert max(t - started for t, chat, _ in log if chat != 1) < 0.9


async def test_answers_pass_waiting_alerts() -> None:
    """Proves the lanes: an answer that comes last leaves before alerts that wait."""
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"SEED={seed}")
    chance = random.Random(seed)
    log: list[tuple[float, int, Priority]] = []
    budget = SendBudget(10)
    chats = list(range(30))
    chance.shuffle(chats)
    alerts = [asyncio.create_task(_send(budget, log, chat, Priority.ALERT)) for chat in chats]
    await asyncio.sleep(0)
    answer = asyncio.create_task(_send(budget, log, 99, Priority.ANSWER))
    await asyncio.gather(answer, *alerts)
    assert [chat for _, chat, _ in log].index(99) == 10  # right after those that had left before it came


async def test_a_flood_wait_holds_everything() -> None:
    """Proves that nothing leaves inside a flood wait and that what waited leaves after it."""
    log: list[tuple[float, int, Priority]] = []
    budget = SendBudget(100)
    started = asyncio.get_running_loop().time()
    budget.hold(0.5)
    await asyncio.gather(*(_send(budget, log, chat, Priority.ANSWER) for chat in range(5)))
    assert len(log) == 5
    assert min(t for t, _, _ in log) - started >= 0.5


async def test_somebody_who_gives_up_takes_no_turn() -> None:
    """Proves that a cancelled waiter is passed over."""
    log: list[tuple[float, int, Priority]] = []
    budget = SendBudget(1)
    await _send(budget, log, 1, Priority.ANSWER)
    given_up = asyncio.create_task(_send(budget, log, 2, Priority.ANSWER))
    await asyncio.sleep(0)
    given_up.cancel()
    await _send(budget, log, 3, Priority.ANSWER)
    assert [chat for _, chat, _ in log] == [1, 3]
    assert budget.queued == 0
