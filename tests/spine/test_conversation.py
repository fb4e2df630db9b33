"""Conversations live in the database: drafts outlive restarts, odd input loses nothing, edits replace answers."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from handlers.conversation import Back, Cancel
from tests.clock import Clock
from tests.engines import rows as rows_of
from tests.phone import Phone, Telegram
from tests.spine.sample import Count, Sample, sample_bot


@pytest.fixture
async def bot(tmp_path: Path, telegram: Telegram, clock: Clock) -> AsyncIterator[Sample]:
    """Give the sample bot, polling the emulator."""
    async with sample_bot(tmp_path, telegram.base_url, clock=clock) as sample:
        yield sample


@pytest.fixture
async def ali(telegram: Telegram) -> Phone:
    """Give one person."""
    return await telegram.person("Ali", language_code="en", role="worker")


async def _dialogs(bot: Sample) -> list[Any]:
    async with bot.database.read() as tx:
        rows = await rows_of(tx, "SELECT conversation, state, open FROM dialogs")
        return [tuple(row) for row in rows]


async def test_a_conversation_goes_on_after_a_restart(tmp_path: Path, telegram: Telegram, ali: Phone) -> None:
    """Proves that state and draft are in the database: another process asks nothing twice."""
    async with sample_bot(tmp_path, telegram.base_url):
        await ali.send("/form")
        await ali.wait_for("What is your name?")
        await ali.send("Ali <b>")
        await ali.wait_for("Ali <b>, a number?")
    async with sample_bot(tmp_path, telegram.base_url) as bot:
        await ali.send("7")
        await ali.wait_for("Done: Ali <b> 7")
        assert await _dialogs(bot) == []


async def test_wrong_input_is_told_and_nothing_is_lost(bot: Sample, ali: Phone) -> None:
    """Proves that bad words, a sticker, a voice message and a location keep the step and say what is expected."""
    await ali.send("/form")
    await ali.wait_for("What is your name?")
    await ali.send_sticker()
    await ali.wait_for("Nothing you entered is lost.")
    await ali.send("Ali")
    await ali.wait_for("Ali, a number?")
    await ali.send("seven")
    answer = await ali.wait_for("Please type a number")
    assert "Ali, a number?" in answer.text
    await ali.send_voice()
    assert "Ali, a number?" in (await ali.wait_for("Nothing you entered is lost.")).text
    await ali.send("7")
    await ali.wait_for("Done: Ali 7")


async def test_back_goes_one_step_back_and_keeps_the_draft(bot: Sample, ali: Phone) -> None:
    """Proves that Back shows the step before, in place, and that its answer can be given again."""
    await ali.send("/form")
    await ali.wait_for("What is your name?")
    await ali.send("Ali")
    await ali.wait_for("Ali, a number?")
    await ali.press("Back")
    await ali.wait_for("What is your name?")
    await ali.send("Omar")
    await ali.wait_for("Omar, a number?")


async def test_another_screen_parks_the_draft(bot: Sample, ali: Phone) -> None:
    """Proves that a command inside a conversation leaves it: the draft is kept, words typed then are no answer."""
    await ali.send("/form")
    await ali.wait_for("What is your name?")
    await ali.send("Ali")
    await ali.wait_for("Ali, a number?")
    await ali.send("/start")
    await ali.wait_for("Counter: 0")
    assert await _dialogs(bot) == [("form", "number", 0)]
    await ali.send("7")
    await ali.wait_for("You said 7")


async def test_a_refusal_of_another_screen_parks_the_draft_too(bot: Sample, ali: Phone) -> None:
    """Proves that a refused button that brings a fresh screen of its own leaves the conversation."""
    for _ in range(3):
        await ali.send("/start")
        card = await ali.wait_for("Counter:")
        await ali.press_data(card.message_id, Count().pack())
    await ali.send("/form")
    prompt = await ali.wait_for("What is your name?")
    assert (await ali.press_data(prompt.message_id, Count().pack())).text == "Three is enough."
    assert await _dialogs(bot) == [("form", "name", 0)]


async def test_cancel_parks_the_draft(bot: Sample, ali: Phone) -> None:
    """Proves that /cancel keeps what was typed, and that words typed then are no answer."""
    await ali.send("/form")
    await ali.wait_for("What is your name?")
    await ali.send("Ali")
    await ali.wait_for("Ali, a number?")
    await ali.send("/cancel")
    await ali.wait_for("Form closed.")
    assert await _dialogs(bot) == [("form", "number", 0)]
    await ali.send("8")
    await ali.wait_for("You said 8")


async def test_buttons_of_an_earlier_step_or_a_closed_form_do_no_harm(bot: Sample, ali: Phone) -> None:
    """Proves that an old Back shows the step that is open, and that a tap on a closed form's button is answered."""
    await ali.send("/form")
    first = await ali.wait_for("What is your name?")
    await ali.press_data(first.message_id, Back().pack())
    assert await _dialogs(bot) == [("form", "name", 1)]
    await ali.send("/cancel")
    await ali.wait_for("Form closed.")
    await ali.tap_data(first.message_id, Cancel().pack())
    await ali.wait_for("Sorry, that went wrong.")  # the sample has no catch-all; the real bot's answers kindly


async def test_an_edited_answer_replaces_the_one_given(bot: Sample, ali: Phone) -> None:
    """Proves that editing the message that answered a step changes the draft while the form is open, not the step."""
    await ali.send("/form")
    await ali.wait_for("What is your name?")
    name = await ali.send("Aly")
    await ali.wait_for("Aly, a number?")
    await ali.edit(name, "Ali")
    await ali.wait_for("Ali, a number?")
    await ali.send("7")
    await ali.wait_for("Done: Ali 7")


async def test_a_conversation_ends_by_the_clock(bot: Sample, ali: Phone, clock: Clock) -> None:
    """Proves that after its time the form is closed and parked, and that typed words are no answers any more."""
    await ali.send("/form")
    await ali.wait_for("What is your name?")
    clock.move(hours=25)
    await ali.send("Ali")
    await ali.wait_for("You said Ali")
    assert await _dialogs(bot) == [("form", "name", 0)]
