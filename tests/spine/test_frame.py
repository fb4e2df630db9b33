"""The frame over real HTTP: one update is one unit, whatever goes wrong in it."""

from pathlib import Path
from typing import Any

import pytest

from tests.engines import rows as rows_of
from tests.phone import Phone, Telegram
from tests.spine.sample import Fail, Old, Sample, sample_bot
from tests.waiting import eventually


async def _rows(bot: Sample, sql: str) -> list[Any]:
    async with bot.database.read() as tx:
        return [tuple(row) for row in await rows_of(tx, sql)]


async def _ali(telegram: Telegram) -> Phone:
    return await telegram.person("Ali", language_code="en", role="worker")


async def test_a_tap_changes_answers_and_edits_in_place(bot: Sample, telegram: Telegram) -> None:
    """Proves that a tap's change, toast, edit and receipt all arrive, and that the inbox keeps no raw text after it."""
    ali = await _ali(telegram)
    await ali.send("/start")
    card = await ali.wait_for("Counter: 0")
    toast = await ali.press("More")
    assert toast.text == "now 1"
    edited = await ali.wait_for("Counter: 1")
    assert edited.message_id == card.message_id
    await ali.wait_for("Receipt 1")

    async def settled() -> bool:
        return await _rows(bot, "SELECT DISTINCT status, raw, reply FROM inbox") == [("answered", None, None)]

    await eventually(settled, "all answered")


async def test_a_refusal_undoes_the_unit_and_shows_the_fresh_card(bot: Sample, telegram: Telegram) -> None:
    """Proves that a DomainError rolls back the change and its receipt, tells why, and shows how things are."""
    ali = await _ali(telegram)
    await ali.send("/start")
    await ali.wait_for("Counter: 0")
    for n in (1, 2, 3):
        await ali.press("More")
        await ali.wait_for(f"Counter: {n}")
    toast = await ali.press("More")
    assert toast.text == "Three is enough."
    assert toast.alert
    assert await _rows(bot, "SELECT count(*) FROM events WHERE kind = 'counted'") == [(3,)]


async def test_a_crash_is_tried_three_times_then_set_aside_and_the_rest_flows_on(
    bot: Sample, telegram: Telegram
) -> None:
    """Proves that a failing update is quarantined with its traceback, apologised for, undone, and blocks nobody."""
    ali = await _ali(telegram)
    await ali.send("/start")
    await ali.wait_for("Counter: 0")
    await ali.tap("Crash")
    await ali.wait_for("Sorry, that went wrong.")
    ((status, attempts, error),) = await _rows(bot, "SELECT status, attempts, error FROM inbox WHERE attempts > 0")
    assert (status, attempts) == ("quarantined", 3)
    assert "RuntimeError: crash" in error
    assert await _rows(bot, "SELECT * FROM flags WHERE name = 'touched'") == []
    await ali.press("More")
    await ali.wait_for("Counter: 1")


@pytest.mark.parametrize("how", ["send", "nothing"])
async def test_sending_inside_a_unit_or_handling_nothing_fails_it(bot: Sample, telegram: Telegram, how: str) -> None:
    """Proves that a callback that sends while its unit is open, or answers nothing, is undone and set aside."""
    ali = await _ali(telegram)
    await ali.send("/start")
    card = await ali.wait_for("Counter: 0")
    await ali.tap_data(card.message_id, Fail(how).pack())
    await ali.wait_for("Sorry, that went wrong.")
    assert await _rows(bot, "SELECT * FROM flags WHERE name = 'touched'") == []


async def test_an_unrouted_button_is_a_hole_that_shows(bot: Sample, telegram: Telegram) -> None:
    """Proves that an update no handler takes is not lost silently."""
    ali = await _ali(telegram)
    await ali.send("/start")
    card = await ali.wait_for("Counter: 0")
    await ali.tap_data(card.message_id, Old().pack())
    await ali.wait_for("Sorry, that went wrong.")


async def test_a_slow_unit_is_answered_without_words_after_a_second(bot: Sample, telegram: Telegram) -> None:
    """Proves that a tap whose unit takes long is answered once, early, and that the change still happens."""
    ali = await _ali(telegram)
    await ali.send("/start")
    card = await ali.wait_for("Counter: 0")
    toast = await ali.press_data(card.message_id, Fail("slow").pack())
    assert not toast.text

    async def touched() -> bool:
        return await _rows(bot, "SELECT value FROM flags WHERE name = 'touched'") == [("slow",)]

    await eventually(touched, "the change is there")
    assert len(await telegram.traffic(method="answerCallbackQuery")) == 1


async def test_the_same_update_id_twice_takes_effect_once(bot: Sample, telegram: Telegram) -> None:
    """Proves that a repeated update id is applied once, whether it comes twice in one batch or again later."""
    ali = await _ali(telegram)
    await ali.send("/start")
    card = await ali.wait_for("Counter: 0")
    person = {"id": ali.id, "is_bot": False, "first_name": "Ali"}
    body = {
        "id": "4242",
        "from": person,
        "chat_instance": "1",
        "data": "sa.count",
        "message": {"message_id": card.message_id, "date": 0, "chat": {"id": ali.id, "type": "private"}},
    }
    for _ in range(3):
        await telegram.update({"update_id": 987654, "callback_query": body})
    await ali.wait_for("Counter: 1")
    await ali.send("still here?")
    await ali.wait_for("You said still here?")
    assert await _rows(bot, "SELECT count(*) FROM events WHERE kind = 'counted'") == [(1,)]


async def test_updates_that_are_no_updates_do_not_stop_the_bot(bot: Sample, telegram: Telegram) -> None:
    """Proves that poison updates are set aside one by one while the next ones are handled."""
    ali = await _ali(telegram)
    await ali.send("/start")
    await ali.wait_for("Counter: 0")
    poison: list[dict[str, Any]] = [
        {"message": {"message_id": "x", "from": {"id": ali.id}}},
        {"callback_query": {"id": 7}},
        {"message": []},
        {"callback_query": {"id": "1", "from": {"id": ali.id, "is_bot": False, "first_name": "A"}, "data": None}},
        {"message": None},
        {},
    ]
    for item in poison:
        await telegram.update(item)
    await ali.send("still here?")
    await ali.wait_for("You said still here?")

    async def all_done() -> bool:
        return await _rows(bot, "SELECT count(*) FROM inbox WHERE status = 'new'") == [(0,)]

    await eventually(all_done, "no update is left")


async def test_a_flood_of_one_member_keeps_its_order_and_does_not_delay_another(
    bot: Sample, telegram: Telegram
) -> None:
    """Proves order within a member and that a second member is answered while the first one's queue is long."""
    ali, sara = await _ali(telegram), await telegram.person("Sara", language_code="en", role="employer")
    await ali.send("/start")
    await sara.send("/start")
    await ali.wait_for("Counter: 0")
    await sara.wait_for("Counter: 0")
    for n in range(8):
        await ali.send(f"line {n}")
    await sara.send("hello")
    await sara.wait_for("You said hello")
    await ali.wait_for("You said line 7")
    said = [m.text for m in await ali.chat() if m.text.startswith("You said")]
    assert said == [f"You said line {n}" for n in range(8)]


async def test_an_album_is_answered_once_by_its_last_picture(bot: Sample, telegram: Telegram) -> None:
    """Proves that replies put off under one key leave once, the last one."""
    from tests.pictures import screenshot

    ali = await _ali(telegram)
    await ali.send("/start")
    await ali.wait_for("Counter: 0")
    ids = await ali.send_photos([screenshot(n) for n in range(4)])
    await ali.wait_for(f"Picture {ids[-1]}")
    assert [m.text for m in await ali.chat() if m.text.startswith("Picture")] == [f"Picture {ids[-1]}"]


async def test_a_group_hears_one_sentence(bot: Sample, telegram: Telegram) -> None:
    """Proves that a command in a group is answered by "write to me privately" and changes nothing."""
    ali = await _ali(telegram)
    answer = await ali.group_text("/start")
    chat_id = answer["chat_id"] if "chat_id" in answer else answer["message"]["chat"]["id"]

    async def told() -> bool:
        calls = await telegram.traffic(method="sendMessage")
        return [c["params"]["chat_id"] for c in calls] == [chat_id] and "privat" in str(calls[0]["params"]["text"])

    await eventually(told, "the group is told")


async def test_telegram_trouble_is_waited_for(bot: Sample, telegram: Telegram) -> None:
    """Proves that refused, cut and unreadable answers and a flood wait delay a reply but do not lose it."""
    ali = await _ali(telegram)
    await ali.send("/start")
    await ali.wait_for("Counter: 0")
    for kind, fields in (
        ("error", {"error_code": 429, "description": "Too Many Requests: retry after 1", "retry_after": 1}),
        ("drop_before", {}),
        ("http500", {}),
        ("bad_json", {}),
    ):
        await telegram.fault(kind, method="sendMessage", count=1, **fields)
        await ali.send(f"after {kind}")
        await ali.wait_for(f"You said after {kind}")


async def test_replies_survive_a_restart(tmp_path: Path, telegram: Telegram) -> None:
    """Proves that a reply stored with its unit but never sent leaves when the bot starts again."""
    ali = await _ali(telegram)
    async with sample_bot(tmp_path, telegram.base_url) as bot:
        await ali.send("/start")
        await ali.wait_for("Counter: 0")
        await telegram.fault(
            "error", method="sendMessage", error_code=500, description="Internal Server Error", count=1000
        )
        await ali.send("do you hear me?")

        async def tried() -> bool:
            calls = await telegram.traffic(method="sendMessage")
            return any("do you hear me?" in str(call["params"]) for call in calls)

        await eventually(tried, "the reply is on its way")
        for task in bot.tasks:
            task.cancel()
        await bot.frame.abandon()
        assert await _rows(bot, "SELECT count(*) FROM inbox WHERE status = 'applied'") == [(1,)]
    await telegram.clear_faults()
    async with sample_bot(tmp_path, telegram.base_url):
        await ali.wait_for("You said do you hear me?")
