"""Publishing on a phone: the wizard and the desk over real HTTP, with what people really type."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from handlers import myjobs, publish
from storage import audit
from tests.emulator_process import emulator_process
from tests.ledger_world import World
from tests.phone import Message, Phone, Telegram
from tests.spine.sample import Sample, sample_bot, utc_now


@dataclass
class Desk:
    """An employer's phone, the bot behind it, and the ledger below."""

    phone: Phone
    bot: Sample
    world: World
    telegram: Telegram

    async def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read what is committed."""
        return [tuple(row) for row in await self.world.look(sql, *values)]

    async def fund(self, amount: int) -> int:
        """Give the employer money for jobs, and their id."""
        ((member_id,),) = await self.rows("SELECT id FROM members WHERE telegram_user_id = ?", self.phone.id)
        await self.world.fund(member_id, amount)
        return int(member_id)

    async def say(self, typed: str, expected: str) -> Message:
        """Type an answer and wait for the card that follows."""
        await self.phone.send(typed)
        return await self.phone.wait_for(expected)

    async def tap(self, words: str, expected: str) -> Message:
        """Press a button and wait for the card that follows."""
        await self.phone.press(words)
        return await self.phone.wait_for(expected)

    async def to_steps(self) -> None:
        """Answer up to the question about the steps."""
        await self.say("/newjob", "1 of 6")
        await self.from_category_to_steps()

    async def from_category_to_steps(self) -> None:
        """Answer category and title."""
        await self.tap("Surveys", "2 of 6")
        await self.say("A short survey", "3 of 6")

    async def to_preview(self) -> Message:
        """Answer every question."""
        await self.to_steps()
        return await self.from_steps_to_preview()

    async def from_steps_to_preview(self) -> Message:
        """Answer from the steps on."""
        await self.say("Open the page\nAnswer", "2. Answer")
        await self.tap("Done (2)", "4 of 6")
        await self.tap("Photo", "How many photos")
        await self.say("eleven", "whole number from 1 to 10")
        await self.say("2", "what the photo must show")
        await self.say("The last page", "2 photos: The last page")
        await self.tap("Done (1)", "5 of 6")
        await self.say("0.10", "6 of 6")
        return await self.say("10", "Nothing is published yet")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Give an employer before a bot that knows publishing only; at the end the ledger must be right."""
    handlers = [*publish.HANDLERS, *myjobs.HANDLERS]
    notices = {**publish.NOTICES, **myjobs.NOTICES}
    async with emulator_process(tmp_path, "--no-limits") as url, Telegram(url) as telegram:
        async with sample_bot(tmp_path, url, handlers=handlers, notices=notices) as bot:
            phone = await telegram.person("Ema", language_code="en", role="employer")
            desk = Desk(phone, bot, World(bot.database, utc_now()), telegram)
            yield desk
            async with bot.database.read() as tx:
                assert (await audit.examine(tx)).findings == ()
        assert await telegram.problems() == []


async def test_from_nothing_to_a_published_job_with_mistakes_on_the_way(desk: Desk) -> None:
    """Proves the whole walk: every bad answer is told kindly above the same question, and nothing typed is lost."""
    await desk.say("/newjob", "1 of 6")
    await desk.say("hello", "Nothing you entered is lost")
    await desk.tap("Surveys", "2 of 6")
    await desk.say("x" * 4000, "at most 80 characters. Yours has 4000")
    card = await desk.say("\u202eA <b>short</b>  \u200bsurvey", "3 of 6")
    assert "Type the steps" in card.text
    await desk.phone.send_sticker()
    await desk.phone.wait_for("3 of 6")
    await desk.say("ok\n" + "y" * 301, "Step 2 has 301 characters")
    await desk.say("1. Open the page\n2. Answer", "2. Answer")
    await desk.say("Send the code", "3. Send the code")
    await desk.tap("Done (3)", "4 of 6")
    await desk.tap("Text", "what the worker must write")
    await desk.say("\u3164", "I see no words")
    await desk.say("The code", "Text: The code")
    await desk.tap("Done (1)", "5 of 6")
    for typed, answer in (
        ("free", "as a number"),
        ("-3", "below zero"),
        ("1e9", "as a number"),
        ("0.05", "at least $0.10"),
        ("0", "above zero"),
    ):
        await desk.say(typed, answer)
    await desk.say("1,5", "You pay $1.50 for each place")
    await desk.tap("Back", "Now: $1.50")
    await desk.say("٣", "You pay $3.00 for each place")
    await desk.say("many", "whole number from 1 to")
    preview = await desk.say("10,000", "Nothing is published yet")
    assert "A <b>short</b> survey" in preview.text
    assert "10000 × ($3.00 + $0.30 fee) = $33,000.00" in preview.text
    assert "You need $33,000.00 more" in preview.text
    await desk.tap("Places", "How many people")
    preview = await desk.say("2", "You need $6.60 more")
    toast = await desk.phone.press("Publish for $6.60")
    assert toast.alert
    assert "$6.60 more" in (toast.text or "")
    employer = await desk.fund(66_000)
    await desk.tap("Publish for", "is published")
    ((title, steps, reward, places),) = await desk.rows(
        "SELECT title, steps, reward, free_slots FROM jobs WHERE employer_id = ?", employer
    )
    assert (title, len(json.loads(steps)), reward, places) == ("A <b>short</b> survey", 3, 30_000, 2)
    assert await desk.rows("SELECT * FROM dialogs") == []


async def test_publish_tapped_twice_publishes_once_and_old_previews_do_nothing(desk: Desk) -> None:
    """Proves that a second tap shows the job that is there, and an outdated preview publishes nothing."""
    old = await desk.to_preview()
    await desk.fund(1_000_000)
    old_press = old.button("Publish for")
    assert old_press is not None
    await desk.tap("Review time", "How many days")
    await desk.tap("7", "Pays itself in 7 days")
    toast = await desk.phone.press_data(old.message_id, old_press["callback_data"])
    assert "Something changed" in (toast.text or "")
    assert await desk.rows("SELECT * FROM jobs") == []
    preview = await desk.phone.screen()
    press = preview.button("Publish for")
    assert press is not None
    for _ in range(2):
        await desk.phone.tap_data(preview.message_id, press["callback_data"])
    await desk.phone.wait_for("Free: 10")
    toast = await desk.phone.press_data(preview.message_id, press["callback_data"])
    assert toast.text == "This job is already published."
    assert await desk.rows("SELECT review_days FROM jobs") == [(7,)]
    assert await desk.rows("SELECT count(*) FROM entries WHERE kind = 'job_funded'") == [(1,)]


async def test_earnings_can_pay_for_a_job_when_they_are_enough(desk: Desk) -> None:
    """Proves that earnings are offered only when they cover what lacks, and that the sum on the button is taken."""
    card = await desk.to_preview()
    assert card.button("Add $1.10") is not None
    assert card.button("of my earnings") is None
    employer = await desk.fund(5_000)
    await desk.world.earn(employer, 20_000)
    await desk.say("/newjob", "not published yet")
    card = await desk.tap("Continue", "You need $0.60 more")
    await desk.tap("Publish with $0.60 of my earnings", "is published")
    assert await desk.world.balance(f"member:{employer}:funds") == 0
    assert await desk.world.balance(f"member:{employer}:available") == 14_000


async def test_a_category_switched_off_meanwhile_is_told_above_the_preview(desk: Desk) -> None:
    """Proves that what became impossible while the draft was open is said, and the draft stays."""
    await desk.to_preview()
    await desk.fund(20_000)
    await desk.world.execute("UPDATE categories SET enabled = 0 WHERE id = 'surveys'")
    card = await desk.tap("Publish for", "Please choose another one")
    assert "Nothing is published yet" in card.text
    await desk.tap("✏️ Kind", "What kind of work")
    await desk.tap("Data entry", "Nothing is published yet")
    await desk.tap("Publish for", "is published")


async def test_an_edited_message_changes_its_answer_also_when_it_brought_some_of_the_steps(desk: Desk) -> None:
    """Proves that editing a message replaces what it brought, at the open step, in its order, and nothing else."""
    await desk.say("/newjob", "1 of 6")
    await desk.tap("Surveys", "2 of 6")
    title = await desk.phone.send("A shrot survey")
    await desk.phone.wait_for("3 of 6")
    first = await desk.phone.send("Opne the page")
    await desk.phone.wait_for("1. Opne the page")
    await desk.say("Answer", "2. Answer")
    await desk.phone.edit(first, "Open the page\nScroll down")
    card = await desk.phone.wait_for("3. Answer")
    assert "1. Open the page\n2. Scroll down\n3. Answer" in card.text
    await desk.phone.edit(title, "A short survey")
    await desk.phone.wait_for("3. Answer")
    await desk.tap("Back", "Now: A short survey")
    await desk.tap("✅ Keep it", "3. Answer")
    card = await desk.tap("Remove the last one", "2. Scroll down")
    assert card.button("Done (2)") is not None


async def test_a_draft_outlives_cancel_and_is_offered_again(desk: Desk) -> None:
    """Proves that a draft put away comes back at its open question, can be dropped, and can be deleted for good."""
    await desk.say("/newjob", "1 of 6")
    await desk.say("/cancel", "No job was published.")
    await desk.to_steps()
    await desk.say("Open the page", "1. Open the page")
    await desk.say("/cancel", "saved for 7 days")
    await desk.say("/newjob", "A short survey")
    await desk.tap("Continue", "1. Open the page")
    await desk.tap("Cancel", "saved for 7 days")
    await desk.say("/newjob", "A short survey")
    await desk.tap("Delete it, start again", "1 of 6")
    await desk.from_category_to_steps()
    await desk.from_steps_to_preview()
    await desk.tap("Save draft", "saved for 7 days")
    await desk.tap("Continue", "A short survey")
    await desk.tap("Continue", "Nothing is published yet")
    await desk.tap("Delete draft", "Delete this draft?")
    await desk.tap("Back", "Nothing is published yet")
    await desk.tap("Delete draft", "Delete this draft?")
    await desk.tap("🗑 Yes, delete it", "Draft deleted")
    await desk.say("/newjob", "1 of 6")


async def test_every_answer_can_be_changed_on_the_preview(desk: Desk) -> None:
    """Proves that each edit leads to its question and back, and that a dearer category asks for the reward again."""
    await desk.to_preview()
    await desk.tap("Minutes", "How many minutes")
    await desk.say("zero", "whole number from 1 to 90")
    card = await desk.say("25", "· 25 min ·")
    assert "You have 30 min to finish" in card.text
    card = await desk.tap("Time limit", "How long may a worker take")
    assert card.button("20 min") is None
    await desk.tap("1 h 30 min", "You have 1 h 30 min")
    await desk.tap("Title", "Now: A short survey")
    await desk.say("Another title", "Another title")
    await desk.tap("Proofs", "2 photos")
    await desk.tap("Text", "what the worker must write")
    await desk.say("Your age", "Text: Your age")
    await desk.tap("Back", "Text: Your age")
    await desk.tap("✏️ Kind", "What kind of work")
    await desk.tap("Writing", "at least $0.20")
    await desk.say("0.25", "10 × ($0.25 + $0.025 fee) = $2.75")


async def test_the_desk_pauses_goes_on_closes_and_repeats(desk: Desk) -> None:
    """Proves the desk's buttons: each changes the job once, closing names and refunds the sum, a receipt follows."""
    await desk.to_preview()
    employer = await desk.fund(20_000)
    await desk.tap("Publish for", "is published")
    await desk.tap("This job", "Free: 10")
    old = await desk.tap("Pause", "Paused")
    await desk.tap("Open again", "Open")
    toast = await desk.phone.press_data(old.message_id, f"mj.pause:1:{1}")
    assert toast.alert
    await desk.tap("Close", "$1.10 comes back")
    await desk.phone.press("⏹ Yes, close it")
    await desk.phone.wait_for("is closed")
    assert await desk.world.balance(f"member:{employer}:funds") == 20_000
    await desk.say("/myjobs", "A short survey")
    await desk.tap("⚫ A short survey", "Closed")
    await desk.tap("Publish again", "Nothing is published yet")
    await desk.tap("Publish for", "is published")
    assert await desk.rows("SELECT status, count(*) FROM jobs GROUP BY status ORDER BY 1") == [
        ("closed", 1),
        ("open", 1),
    ]


async def test_a_stranger_s_buttons_lead_nowhere(desk: Desk) -> None:
    """Proves that another member's desk buttons and Publish are refused without saying what is there."""
    await desk.to_preview()
    await desk.fund(20_000)
    await desk.tap("Publish for", "is published")
    eve = await desk.telegram.person("Eve", language_code="en", role="worker")
    await eve.send("/myjobs")
    card = await eve.wait_for("You have no jobs yet")
    ((job_id, token),) = await desk.rows("SELECT id, token FROM jobs")
    for data in (
        f"mj.desk:{job_id}",
        f"mj.pause:{job_id}:1",
        f"mj.go:{job_id}:1",
        f"mj.close:{job_id}",
        f"mj.shut:{job_id}:1:10",
        f"mj.again:{job_id}",
        "mj.desk:999",
    ):
        toast = await eve.press_data(card.message_id, data)
        assert toast.text == "You can't do that here.", data
    toast = await eve.press_data(card.message_id, f"pb.go:{token}:1:0")
    assert toast.text == "This draft is not open. Send /newjob to go on."
    assert await desk.rows("SELECT status, version FROM jobs") == [("open", 1)]
