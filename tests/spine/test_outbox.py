"""The outbox over real HTTP: a delivery that fails never stands before others, and a repeat says that it is one."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from handlers.notices import Notice
from handlers.views.card import Card
from storage.rows import to_ms
from storage.unit import To
from tests.clock import Clock
from tests.engines import rows as rows_of
from tests.phone import Telegram
from tests.spine.sample import Sample, sample_bot, utc_now
from tests.waiting import eventually


async def draw_poison(notice: Notice) -> Card | None:
    """Fail whenever it is drawn."""
    raise KeyError("payload without it")


async def draw_note(notice: Notice) -> Card | None:
    """Draw what the event says."""
    return Card(notice.t("Note {n}", n=notice.payload["n"]))


@pytest.fixture
async def bot(tmp_path: Path, telegram: Telegram, clock: Clock) -> AsyncIterator[Sample]:
    """Give the sample bot with a notice that can be drawn and one that can't."""
    async with sample_bot(
        tmp_path, telegram.base_url, clock=clock, notices={"poison": draw_poison, "note": draw_note, "odd": draw_note}
    ) as sample:
        yield sample


async def _rows(bot: Sample, sql: str) -> list[Any]:
    async with bot.database.read() as tx:
        return [tuple(row) for row in await rows_of(tx, sql)]


async def test_a_notice_that_cannot_be_drawn_leaves_the_others_alone(
    bot: Sample, telegram: Telegram, clock: Clock
) -> None:
    """Proves that receipts behind a poisoned one arrive, that it is tried again later, and set aside in the end."""
    ali = await telegram.person("Ali", language_code="en", role="worker")
    await ali.send("/start")
    await ali.wait_for("Counter: 0")
    async with bot.database.unit("test", now=clock()) as uow:
        uow.emit("poison", {}, to=[To(1)])
        uow.emit("note", {"n": 7}, to=[To(1)])
    bot.outbox.wake()
    await ali.wait_for("Note 7")

    async def put_off() -> bool:
        rows = await _rows(
            bot,
            "SELECT d.error FROM deliveries d JOIN events e ON e.id = d.event_id"
            " WHERE e.kind = 'poison' AND d.status = 'due' AND d.due_at > e.at",
        )
        return len(rows) == 1 and "KeyError" in rows[0][0]

    await eventually(put_off, "due again later")
    for _ in range(2):
        clock.move(hours=2)
        now_ms = to_ms(clock())
        bot.outbox.wake()

        async def tried(now_ms: int = now_ms) -> bool:
            return await _rows(bot, f"SELECT 1 FROM deliveries WHERE status = 'due' AND due_at <= {now_ms}") == []  # noqa: S608 - a number of ours

        await eventually(tried, "tried again")

    async def set_aside() -> bool:
        return await _rows(bot, "SELECT count(*) FROM deliveries WHERE status = 'failed' AND attempts = 3") == [(1,)]

    await eventually(set_aside, "set aside")


async def test_one_persons_many_receipts_hold_up_nobody_else(tmp_path: Path, telegram: Telegram) -> None:
    """Proves that a person's full bucket (three messages, then one a second) delays only that person's receipts."""
    async with sample_bot(tmp_path, telegram.base_url, notices={"note": draw_note}) as bot:
        ali = await telegram.person("Ali", language_code="en", role="worker")
        bo = await telegram.person("Bo", language_code="en", role="worker")
        for phone in (ali, bo):
            await phone.send("/start")
            await phone.wait_for("Counter: 0")
        async with bot.database.unit("test", now=utc_now()) as uow:
            for n in range(25):
                uow.emit("note", {"n": n}, to=[To(1)])
            uow.emit("note", {"n": 99}, to=[To(2)])
        bot.outbox.wake()
        await bo.wait_for("Note 99")
        assert (await _rows(bot, "SELECT count(*) FROM deliveries WHERE status = 'sent'"))[0][0] < 20


async def test_two_due_deliveries_of_a_topic_are_one_message(bot: Sample, telegram: Telegram, clock: Clock) -> None:
    """Proves that deliveries of one topic that are due together show one message, the newest."""
    ali = await telegram.person("Ali", language_code="en", role="worker")
    await ali.send("/start")
    await ali.wait_for("Counter: 0")
    async with bot.database.unit("test", now=clock()) as uow:
        for n in (1, 2, 3):
            uow.emit("note", {"n": n}, to=[To(1, lane="screen", topic="notes")])
    bot.outbox.wake()
    await ali.wait_for("Note 3")

    async def settled() -> bool:
        return await _rows(bot, "SELECT status, count(*) FROM deliveries GROUP BY status ORDER BY status") == [
            ("sent", 1),
            ("skipped", 2),
        ]

    await eventually(settled, "one sent, two overtaken")


async def test_a_receipt_that_waited_for_its_reader_is_no_repeat(bot: Sample, telegram: Telegram, clock: Clock) -> None:
    """Proves that only what a crash interrupted says it may have come before, not what a block held back."""
    ali = await telegram.person("Ali", language_code="en", role="worker")
    await ali.send("/start")
    await ali.wait_for("Counter: 0")
    async with bot.database.unit("test", now=clock()) as uow:
        uow.emit("note", {"n": 1}, to=[To(1)])
        uow.emit("note", {"n": 2}, to=[To(1, due_at=uow.now + timedelta(days=1))])
        await uow.write_events()
        await rows_of(uow.tx, "UPDATE deliveries SET attempts = 1, error = '403 blocked' WHERE id = 1")
        await rows_of(uow.tx, "UPDATE deliveries SET status = 'sending', attempts = 1 WHERE id = 2")
    bot.outbox.wake()
    first = await ali.wait_for("Note 1")
    assert "already" not in first.text
    await bot.outbox.recover()
    clock.move(days=2)
    bot.outbox.wake()
    second = await ali.wait_for("Note 2")
    assert "already" in second.text


async def test_receipts_wait_unread_for_who_cannot_be_reached(bot: Sample, telegram: Telegram, clock: Clock) -> None:
    """Proves that a receipt for somebody unreachable is put out of the way, comes when they write, and alerts don't."""
    ali = await telegram.person("Ali", language_code="en", role="worker")
    await ali.send("/start")
    await ali.wait_for("Counter: 0")
    async with bot.database.unit("test", now=clock()) as uow:
        await rows_of(uow.tx, "UPDATE members SET reachable = 0")
        uow.emit("note", {"n": 1}, to=[To(1)])
        uow.emit("note", {"n": 2}, to=[To(1, lane="alert")])
    bot.outbox.wake()

    async def out_of_the_way() -> bool:
        return await _rows(
            bot, "SELECT lane, status, due_at > e.at FROM deliveries d JOIN events e ON e.id = event_id ORDER BY d.id"
        ) == [
            ("receipt", "due", 1),
            ("alert", "skipped", 0),
        ]

    await eventually(out_of_the_way, "parked and skipped")
    await ali.send("back again")
    note = await ali.wait_for("Note 1")
    assert "already" not in note.text


async def test_stopping_lets_what_is_being_sent_leave(bot: Sample, telegram: Telegram, clock: Clock) -> None:
    """Proves that a stop loses no delivery on its way: run ends by itself, with nothing left as being sent."""
    ali = await telegram.person("Ali", language_code="en", role="worker")
    await ali.send("/start")
    await ali.wait_for("Counter: 0")
    async with bot.database.unit("test", now=clock()) as uow:
        uow.emit("note", {"n": 1}, to=[To(1)])
        uow.emit("note", {"n": 2}, to=[To(1, lane="alert")])
    bot.outbox.wake()
    await asyncio.sleep(0)
    bot.outbox.stop()
    await asyncio.wait_for(bot.tasks[0], 5)
    assert await _rows(bot, "SELECT count(*) FROM deliveries WHERE status = 'sending'") == [(0,)]
