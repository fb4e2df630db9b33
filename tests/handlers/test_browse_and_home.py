"""Looking for work, signing up and the quiet corners, on phones over real HTTP with every feature in place."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.member import Member
from bot.emulator.running import running
from handlers.conversation import Conversation
from handlers.features import FEATURES, renderers
from storage.unit import To
from tests.browse_world import BrowseWorld
from tests.phone import Message, Phone, Telegram
from tests.spine.sample import Sample, sample_bot, utc_now
from tests.waiting import eventually


@dataclass
class Market:
    """A phone, the whole bot behind it, and an employer with jobs."""

    telegram: Telegram
    ali: Phone
    world: BrowseWorld
    employer: Member
    bot: Sample

    async def say(self, typed: str, expected: str) -> Message:
        """Type something and wait for the card that follows."""
        await self.ali.send(typed)
        return await self.ali.wait_for(expected)

    async def tap(self, words: str, expected: str) -> Message:
        """Press a button and wait for the card that follows."""
        await self.ali.press(words)
        return await self.ali.wait_for(expected)

    async def me(self) -> Member:
        """Read the member behind the phone as committed."""
        return await self.world.reload(
            await self.world.value("SELECT id FROM members WHERE telegram_user_id = ?", self.ali.id)
        )

    async def open(self, job_id: int, expected: str) -> Message:
        """Follow the link to a job and wait for its card."""
        return await self.say(
            "/start job_" + await self.world.value("SELECT token FROM jobs WHERE id = ?", job_id), expected
        )

    async def places(self) -> list[tuple[int, str]]:
        """Read which places the phone's member has."""
        rows = await self.world.look("SELECT job_id, status FROM assignments ORDER BY id")
        return [(row["job_id"], row["status"]) for row in rows]


@pytest.fixture
async def market(tmp_path: Path) -> AsyncIterator[Market]:
    """Give a worker before the whole bot, with three jobs of an employer."""
    rows: list[Any] = [handler for feature in FEATURES for handler in feature.HANDLERS]
    handlers = sorted(rows, key=lambda handler: not isinstance(handler, Conversation))  # as features.register
    async with running(port=0, limits=False) as url, Telegram(url) as telegram:
        ali = await telegram.person("Ali", language_code="en", role="worker")
        async with sample_bot(tmp_path, url, handlers=handlers, notices=renderers()) as bot:
            world = BrowseWorld(bot.database, utc_now())
            employer = await world.someone()
            for n, reward in enumerate((500, 15_000, 2_500), 1):
                at = world.now - timedelta(hours=n)
                await world.offer(employer, title=f"Job {n} <b>&", reward=reward, minutes=3, published_at=at)
            yield Market(telegram, ali, world, employer, bot)
        assert await telegram.problems() == []


async def test_somebody_new_is_welcomed_once(market: Market) -> None:
    """Proves that the first /start brings the promise and the menu, later ones the dashboard only."""
    await market.ali.send("/start")
    await market.ali.wait_for("You never pay to work.")
    home = await market.ali.wait_for("Available: $0.00")
    assert await market.ali.reply_keyboard() == ["🔎 Jobs", "📋 My work", "💰 Balance", "🏠 Home"]
    assert "Best job for you right now" in home.text
    assert "Job 2 <b>&" in home.text
    before = len(await market.ali.chat())
    await market.say("/start ref_abc", "Available")
    await market.say("🏠 Home", "Available")
    assert len(await market.ali.chat()) == before + 4
    await market.tap("See the best job", "What to do")


async def test_an_operator_finds_the_desk_in_the_menu_after_start(market: Market) -> None:
    """Proves that /start sets an operator's own menu, which Telegram refused while there was no chat yet."""
    await market.say("/start", "Available")
    assert "admin" not in await market.ali.commands()
    await market.world.execute("UPDATE members SET role = 'operator' WHERE id = ?", (await market.me()).id)
    await market.ali.send("/start")
    await market.ali.wait_for_button("🛠 Desk")
    assert "admin" in await market.ali.commands()


async def test_browsing_goes_in_place_and_back_to_where_one_was(market: Market) -> None:
    """Proves the way kinds → list → order → page → job → back, all in one message, with the order remembered."""
    for n in range(9):
        at = market.world.now - timedelta(days=1 + n)
        await market.world.offer(market.employer, title=f"Old {n}", reward=1000, published_at=at)
    card = await market.say("/jobs", "Choose a kind of work")
    assert card.buttons[:3] == ["🗂 All jobs · 12", "💎 High-paying · 1", "📋 Surveys · 12"]
    page = await market.tap("📋 Surveys · 12", "newest first")
    assert page.message_id == card.message_id
    assert page.text.index("Job 1 <b>&") < page.text.index("Job 2 <b>&") < page.text.index("Old 0")
    assert "1. $0.05 · 3 min · about $1.00/h · 3 places left" in page.text
    second = await market.tap("Next ›", "Old 8")
    assert "Job 1" not in second.text
    await market.tap("4", "Proof you send")
    again = await market.tap("‹ Back to the list", "Old 8")
    assert again.text == second.text
    best = await market.tap("Best paid", "best paid first")
    assert "✓ Best paid" in best.buttons
    assert best.text.index("Job 2") < best.text.index("Job 3") < best.text.index("Old 8")
    await market.tap("Kinds of work", "Choose a kind of work")
    assert "✓ Best paid" in (await market.tap("All jobs", "best paid first")).buttons
    assert (await market.me()).settings["sort"] == "h"
    high = await market.say("/jobs", "Choose a kind")
    high = await market.tap("High-paying", "💎 High-paying")
    assert "Job 2" in high.text
    assert "Job 3" not in high.text


async def test_old_and_forged_buttons_lead_somewhere_kind(market: Market) -> None:
    """Proves that unknown data, forged places and jobs that are gone are answered, with a card that works."""
    card = await market.say("/jobs", "Choose a kind")
    toast = await market.ali.press_data(card.message_id, "zz.old:1:2")
    assert toast.text == "This button is too old."
    await market.ali.wait_for("Available")
    for data, expected in (
        ("br.l:surveys:n:>zz", "📋 Surveys · newest first"),
        ("br.l:<b>:x:", "There is no job for you here"),
        ("br.l:*:n:>zzzzzzzzzzzzz.zzzzzzzzzzzzz", "🗂 All jobs · newest first"),
        ("br.s:+:q", "💎 High-paying · best paid first"),
    ):
        await market.ali.press_data(card.message_id, data)
        await market.ali.wait_for(expected)
    for data in ("go.job:999999", "br.j:-5:*:n:", "br.j:99999999999999999999:*:n:"):
        answer = await market.ali.press_data(card.message_id, data)
        assert answer.text
    await market.say("/start job_nothing", "This job is not here any more")
    await market.say("/start job_", "This job is not here any more")


async def test_a_link_to_a_job_shows_its_card(market: Market) -> None:
    """Proves that a shared link opens the job for somebody new, after the welcome, and that Share leads there."""
    token = await market.world.value("SELECT token FROM jobs WHERE id = 2")
    await market.ali.send(f"/start job_{token}")
    await market.ali.wait_for("You never pay to work. Nobody")
    card = await market.ali.wait_for("Proof you send")
    share = card.button("Share")
    assert share is not None
    assert f"start%3Djob_{token}" in share["url"]
    await market.world.execute("UPDATE jobs SET status = 'closed' WHERE id = 2")
    assert "✅ Apply" not in " ".join((await market.open(2, "This job has ended")).buttons)


async def test_the_first_apply_reserves_then_asks(market: Market) -> None:
    """Proves that the place is held before the questions, unknown countries are asked again, and the work begins."""
    await market.open(1, "You can take this job")
    await market.tap("Apply", "Your place is held for 3 min")
    assert await market.places() == [(1, "reserved")]
    await market.say("Atlantis", "I do not know that country")
    await market.ali.send_sticker()
    await market.ali.wait_for("That is not what I need here")
    offered = await market.say("congo", "Which of these do you mean?")
    assert "🇨🇩 Congo - Kinshasa" in offered.buttons
    await market.say("pakistan", "Country: 🇵🇰 Pakistan")
    await market.tap("‹ Back", "1 of 2")
    await market.tap("🇮🇳 India", "Country: 🇮🇳 India")
    assert not (await market.me()).signed_up
    toast = await market.ali.press("I agree")
    assert toast.text == "Welcome! The place is yours."
    card = await market.ali.wait_for("Job 1 <b>&")
    assert "1 of 2" not in card.text
    me = await market.me()
    assert (me.country, me.time_zone, me.signed_up) == ("IN", "Asia/Kolkata", True)
    deadline = await market.world.value("SELECT deadline_at - reserved_at FROM assignments")
    assert deadline > 10 * 60_000
    await market.open(2, "You can take this job")
    await market.ali.press("Apply")
    assert await market.places() == [(1, "reserved"), (2, "reserved")], "no questions the second time"


async def test_signing_up_can_be_left_and_taken_up_again(market: Market) -> None:
    """Proves that /cancel shows the held place with a way on, Apply goes on with it, and another job has to wait."""
    await market.open(1, "You can take this job")
    apply = (await market.ali.wait_for("You can take this job")).button("Apply")
    assert apply is not None
    job = (await market.tap("Apply", "1 of 2")).message_id
    await market.say("PK", "2 of 2")
    await market.ali.press_data(job, apply["callback_data"])
    await market.ali.wait_for("2 of 2")
    other = await market.ali.press_data(job, "wk.apply:2")
    assert other.text is not None
    assert "finish signing up" in other.text
    held = await market.say("/cancel", "Your place is held")
    assert held.buttons == ["▶️ Answer and start", "↩️ Give place back"]
    await market.ali.press_data(job, apply["callback_data"])
    shown = next(one for one in await market.ali.chat() if one.message_id == job)
    assert "2 of 2" in shown.text, "the country was answered"
    assert await market.places() == [(1, "reserved")]


async def test_a_place_held_too_long_is_said_to_be_gone(market: Market) -> None:
    """Proves that somebody who signs up after the place went back is signed up, told so, and can apply again."""
    await market.open(1, "You can take this job")
    await market.tap("Apply", "1 of 2")
    await market.say("PK", "2 of 2")
    await market.world.execute("UPDATE assignments SET status = 'expired'")
    toast = await market.ali.press("I agree")
    assert toast.text is not None
    assert "please tap Apply again" in toast.text
    await market.ali.wait_for("You can take this job")
    assert (await market.me()).signed_up
    await market.ali.press("Apply")
    assert await market.places() == [(1, "expired"), (1, "reserved")]


async def test_settings_change_language_clock_and_sound(market: Market) -> None:
    """Proves that each choice is kept and shown at once, and that a wrong time of day is asked again."""
    await market.say("/settings", "Your clock")
    await market.tap("Sound off", "without a sound")
    await market.tap("🕐 Clock", "What time is it where you are?")
    await market.say("never", "I can't find that")
    await market.say("Karachi", "(Karachi)")
    await market.tap("🕐 Clock", "What time is it")
    await market.tap("Cancel", "(Karachi)")
    await market.tap("🗣 Language", "Which language")
    await market.tap("✓ English", "Language: English")
    me = await market.me()
    assert (me.time_zone, me.language, me.settings["quiet_receipts"]) == ("Asia/Karachi", "en", True)


async def test_quiet_receipts_come_without_a_sound(market: Market) -> None:
    """Proves that the choice reaches the messages that are owed, and only those of its member."""
    await market.say("/settings", "Your clock")
    for n, quiet in enumerate((False, True), 1):
        if quiet:
            await market.tap("Sound off", "without a sound")
        me = await market.me()
        async with market.world.unit() as uow:
            uow.emit("counted", {"n": n}, to=[To(me.id)])
        market.bot.outbox.wake()
        await market.ali.wait_for(f"Receipt {n}")
        (call,) = [c for c in await market.telegram.traffic(method="sendMessage") if f"Receipt {n}" in str(c)]
        assert ("disable_notification" in str(call)) is quiet


async def test_whatever_a_phone_sends_is_answered_kindly(market: Market) -> None:
    """Proves that unknown commands, words, stickers, voices, films, places and files get a way on, edits silence."""
    ali = market.ali
    for command, expected in (
        ("/help", "How it works"),
        ("/terms", "Terms"),
        ("/privacy", "Privacy"),
        ("/paysupport", "A question about money?"),
        ("/cancel", "There is nothing to cancel"),
        ("/nonsense", "I don't know this command"),
        ("hello", "What would you like to do?"),
        ("\u202e<b>{x}</b>", "What would you like to do?"),
    ):
        card = await market.say(command, expected)
        assert "🏠 Home" in card.buttons
    for send in (ali.send_sticker(), ali.send_voice(), ali.send_location(1, 2), ali.send_contact("+923001234567")):
        await send
        await ali.wait_for("Please tap a button")
    await ali.send_video()
    await ali.wait_for("Is this a proof?")
    await ali.send_document(b"%PDF-1.4", "cv.pdf", "application/pdf")
    await ali.wait_for("Is this a proof?")
    said = await ali.send("hello")
    await ali.wait_for("What would you like")
    before = len(await ali.chat())
    await ali.edit(said, "/start")
    await market.say("hello again", "What would you like")
    assert len(await ali.chat()) == before + 2, "an edit is no answer and no command"


async def test_blocking_and_coming_back_is_noted(market: Market) -> None:
    """Proves that a member who blocks the bot is not written to, until they let it back in."""
    await market.say("/start", "Available")
    await market.ali.block()

    async def gone() -> bool:
        return not (await market.me()).reachable

    async def back() -> bool:
        return (await market.me()).reachable

    await eventually(gone, "the block is noted")
    await market.ali.unblock()
    await eventually(back, "the return is noted")
