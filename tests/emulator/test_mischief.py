"""What can befall an update on its way: twice, out of order, late, never, with a number far ahead, or poisoned."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from pydantic import ValidationError

from bot.emulator.mischief import POISONS
from tests.emulator import late_aiogram as aiogram
from tests.emulator.rawbot import RawBot
from tests.phone import DoorRefusedError, Phone, Telegram
from tests.waiting import eventually


async def _order(tg: Telegram, kind: str, **body: Any) -> Any:
    return await tg.call("POST", f"updates/{kind}", body)


async def _all(bot: RawBot) -> list[str]:
    """Take all that waits, one getUpdates after the other, as a bot that confirms by the last number it saw."""
    words: list[str] = []
    while updates := await bot.updates():
        words += [update["message"]["text"] for update in updates]
    return words


async def _advance(tg: Telegram, seconds: int) -> None:
    await tg.call("POST", "clock", {"advance_seconds": seconds})


async def test_an_update_comes_twice(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """Both have the same number; the next one comes once."""
    await _order(tg, "duplicate", of="message")
    await ali.send("a")
    await ali.send("b")
    updates = (await bot.call("getUpdates", offset=bot.offset)).result
    assert [update["message"]["text"] for update in updates] == ["a", "a", "b"]
    assert updates[0] == updates[1]
    assert await _all(bot) == ["a", "a", "b"]


async def test_a_repeated_update_comes_after_its_number_was_confirmed(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """The second of two is delivered once although the bot has confirmed its number with the first."""
    await _order(tg, "duplicate")
    await ali.send("a")
    (first,) = (await bot.call("getUpdates", offset=bot.offset, limit=1)).result
    (second,) = (await bot.call("getUpdates", offset=first["update_id"] + 1)).result
    assert second == first
    assert (await bot.call("getUpdates", offset=first["update_id"] + 1)).result == []


@pytest.mark.parametrize("kind", ["drop_after", "cut_json", "bad_json"])
async def test_what_was_never_read_comes_again(bot: RawBot, ali: Phone, tg: Telegram, kind: str) -> None:
    """A late update whose answer breaks on the way is delivered all the same, though its number was confirmed."""
    await _order(tg, "hold", seconds=60)
    await ali.send("late")
    await ali.send("now")
    assert [update["message"]["text"] for update in await bot.updates()] == ["now"]
    assert await bot.updates() == []
    await _advance(tg, 60)
    await tg.fault(kind, method="getUpdates")
    with pytest.raises((aiohttp.ClientError, ValueError)):
        await bot.updates(timeout=5)
    assert [update["message"]["text"] for update in await bot.updates(timeout=5)] == ["late"]


async def test_updates_come_in_the_wrong_order(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """Three come the last one first with the numbers they had, and none is lost; too few are let go in time."""
    await _order(tg, "reorder", count=3, seconds=60)
    for word in ("a", "b", "c", "d"):
        await ali.send(word)
    updates = (await bot.call("getUpdates", offset=bot.offset)).result
    assert [update["message"]["text"] for update in updates] == ["c", "b", "a", "d"]
    numbers = [update["update_id"] for update in updates]
    assert numbers == [numbers[2] + 2, numbers[2] + 1, numbers[2], numbers[2] + 3]
    assert await _all(bot) == ["c", "b", "a", "d"]
    await _order(tg, "reorder", count=3, seconds=60)
    await ali.send("e")
    assert await bot.updates() == []
    await _advance(tg, 60)
    assert (await bot.update("message"))["text"] == "e"


async def test_an_update_comes_late_or_never(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """A held one comes when the clock says so, with its old number; a lost one leaves a gap in the numbers."""
    await _order(tg, "hold", seconds=3600)
    await ali.send("late")
    await ali.send("now")
    (now,) = await bot.updates()
    assert now["message"]["text"] == "now"
    await _advance(tg, 3599)
    assert await bot.updates() == []
    await _advance(tg, 1)
    (late,) = await bot.updates(timeout=5)
    assert (late["message"]["text"], late["update_id"]) == ("late", now["update_id"] - 1)
    bot.offset = now["update_id"] + 1
    await _order(tg, "lose")
    await ali.send("lost")
    await ali.send("kept")
    (kept,) = await bot.updates()
    assert (kept["message"]["text"], kept["update_id"]) == ("kept", now["update_id"] + 2)


async def test_orders_are_taken_back(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """Clearing the faults lets go what was held back, and the next updates come as usual."""
    await _order(tg, "reorder", count=5, seconds=600)
    await _order(tg, "lose", count=100)
    await ali.send("a")
    await tg.clear_faults()
    await ali.send("b")
    assert await _all(bot) == ["a", "b"]
    shown = await tg.call("GET", "faults")
    assert (shown["updates"], shown["struck"]) == ([], {"reorder": 1})


async def test_numbers_jump(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """Numbers leave out as many as ordered, and some after a week without updates; they never go back."""
    await ali.send("a")
    first = (await bot.updates())[0]["update_id"]
    await _order(tg, "jump", by=5_000_000)
    await ali.send("b")
    second = (await bot.updates())[0]["update_id"]
    assert second == first + 5_000_001
    await _advance(tg, 6 * 86_400)
    await ali.send("c")
    third = (await bot.updates())[0]["update_id"]
    assert third == second + 1
    await _advance(tg, 7 * 86_400)
    await ali.send("d")
    assert (await bot.updates())[0]["update_id"] > third + 1


async def test_poison_is_odd_but_json(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """Every poison is delivered with a number; nearly none is what the Bot API would send."""
    numbers = (await _order(tg, "poison", count=len(POISONS)))["update_ids"]
    updates = await bot.updates()
    assert [update["update_id"] for update in updates] == numbers
    assert [{k: v for k, v in update.items() if k != "update_id"} for update in updates] == list(POISONS)
    refused = 0
    for update in updates:
        try:
            aiogram.types.Update.model_validate(update)
        except ValidationError:
            refused += 1
    assert refused > len(POISONS) / 2


async def test_a_plan_strikes_updates_too(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """With a plan updates are lost, repeated and poisoned by the seed: the same again with the same seed."""
    seen: list[list[str]] = []
    zoe = await tg.person("Zoe")
    for seed in (3, 3, 4):
        rates = {"lose": 0.2, "duplicate": 0.2, "jump": 0.2}
        await tg.call("POST", "faults", {"plan": {"seed": seed, "rates": rates}})
        for number in range(20):
            await ali.send(str(number))
            await zoe.send(str(number))
        await tg.clear_faults()
        words: list[str] = []
        while updates := await bot.updates():
            words += [update["message"]["from"]["first_name"] + update["message"]["text"] for update in updates]
        seen.append(words)
    assert seen[0] == seen[1] != seen[2]
    assert len(set(seen[0])) < 40


async def test_a_receipt_is_lost_but_the_money_is_there(bot: RawBot, ali: Phone, tg: Telegram) -> None:
    """A successful payment whose update is lost, or late, stands in the list of transactions."""
    prices = [{"label": "a", "amount": 5}]
    invoice = {"title": "t", "description": "d", "currency": "XTR", "prices": prices}
    await tg.call("POST", f"people/{ali.id}/stars", {"amount": 10})
    await _order(tg, "lose", of="successful_payment")
    await _order(tg, "hold", of="successful_payment", seconds=900)
    for payload in ("lost", "late"):
        number = (await bot.call("sendInvoice", chat_id=ali.id, payload=payload, **invoice)).result["message_id"]
        query = (await tg.call("POST", f"people/{ali.id}/pay", {"message_id": number}))["pre_checkout_query_id"]
        assert (await bot.update("pre_checkout_query"))["id"] == query
        assert (await bot.call("answerPreCheckoutQuery", pre_checkout_query_id=query, ok=True)).result is True
        assert (await tg.call("GET", f"payments/{query}"))["state"] == "paid"
    assert await bot.updates() == []
    lines = (await bot.call("getStarTransactions")).result["transactions"]
    assert [line["source"]["invoice_payload"] for line in lines] == ["lost", "late"]
    await _advance(tg, 900)
    late: list[Any] = []

    async def came() -> bool:
        late.extend(await bot.updates())
        return bool(late)

    await eventually(came, "the late receipt")
    assert [update["message"]["successful_payment"]["invoice_payload"] for update in late] == ["late"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("earthquake", {}),
        ("lose", {"count": 0}),
        ("hold", {"seconds": "x"}),
        ("hold", {"seconds": -1}),
        ("jump", {"by": 0}),
        ("poison", {"count": 10**9}),
    ],
)
async def test_a_wrong_order_is_refused(bot: RawBot, ali: Phone, tg: Telegram, kind: str, body: Any) -> None:
    """An order that says nothing sensible does nothing."""
    with pytest.raises(DoorRefusedError):
        await _order(tg, kind, **body)
    assert (await tg.call("GET", "faults"))["updates"] == []
