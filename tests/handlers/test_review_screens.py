"""Reviewing on a phone, over HTTP: the queue edited in place, the questions, the undo, and what workers are told."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from telegram import Update

from bot.emulator.running import running
from bot.services import review
from handlers.context import Context
from handlers.review import HANDLERS, NOTICES
from handlers.routes import anything, photo
from handlers.views import review_buttons as buttons
from handlers.views.card import Card
from storage.unit import To
from tests.engines import is_postgres
from tests.phone import Phone, Telegram
from tests.pictures import screenshot
from tests.review_world import HOUSE, ReviewWorld
from tests.spine.sample import Sample, sample_bot
from tests.waiting import eventually

NEEDS = [{"kind": "photo", "text": "The last page", "count": 3}, {"kind": "text", "text": "What colour was it?"}]


@dataclass
class Clock:
    """The time of the bot and of the world."""

    now: datetime


@dataclass
class Stage:
    """A running bot with reviewing only, an employer and a worker at their phones, and pictures Telegram knows."""

    bot: Sample
    clock: Clock
    world: ReviewWorld
    employer: Phone
    worker: Phone
    file_ids: list[str] = field(default_factory=list)

    async def submit(self, *, answer: str = "blue", pictures: int = 1) -> int:
        """Let the worker send proof with some of the pictures."""
        submission_id = await self.world.submit(await self.worker_id(), answers=("", answer))
        for n in range(pictures):
            await self.world.picture(submission_id, f"u{submission_id}-{n}", file_id=self.file_ids[n])
        self.pass_time(timedelta(seconds=1))
        return submission_id

    async def worker_id(self) -> int:
        """Give the worker's member id (or any other's, when they hold a place already)."""
        taken = await self.world.value("SELECT count(*) FROM assignments")
        query = "SELECT id FROM members WHERE telegram_user_id = ?"
        return int(await self.world.value(query, self.worker.id)) if not taken else await self.world.member()

    def pass_time(self, length: timedelta) -> None:
        """Let time pass, and the outbox look what is due."""
        self.clock.now += length
        self.world.now = self.clock.now
        self.bot.outbox.wake()

    async def pay(self) -> int:
        """Run the paying tick."""
        paid = await self.world.pay_due()
        self.bot.outbox.wake()
        return paid


@pytest.fixture
async def stage(tmp_path: Path, now: datetime) -> AsyncIterator[Stage]:
    """Give a stage; at the end the emulator must have seen no unknown method or field."""
    clock = Clock(now)
    file_ids: list[str] = []

    async def keep(update: Update, context: Context) -> None:
        assert update.message is not None
        file_ids.append(update.message.photo[-1].file_id)
        context.silent()

    async def other(update: Update, context: Context) -> None:
        context.show(Card(context.t("Nothing is asked.")))

    async with (
        running(port=0, limits=False) as url,
        Telegram(url) as telegram,
        sample_bot(
            tmp_path,
            url,
            clock=lambda: clock.now,
            handlers=[*HANDLERS, photo(keep), anything(other)],
            notices=NOTICES,
        ) as bot,
    ):
        world = await ReviewWorld.make(bot.database, now, slots=30, requirements=NEEDS)
        employer = await telegram.person("Eve", language_code="en")
        worker = await telegram.person("Will", language_code="en")
        await world.execute("UPDATE members SET telegram_user_id = ? WHERE id = ?", employer.id, world.employer.id)
        await worker.send_photos([screenshot(n) for n in range(3)])

        async def kept() -> bool:
            return len(file_ids) == 3

        await eventually(kept, "three pictures")
        yield Stage(bot, clock, world, employer, worker, file_ids)
        assert await telegram.problems() == []


async def test_approving_from_the_queue_card(stage: Stage) -> None:
    """Proves the employer's path: pictures paged in place, Approve shows the next, Undo brings it back, one pay."""
    first = await stage.submit(pictures=3)
    await stage.submit()
    eve = stage.employer
    await eve.send("/review")
    card = await eve.wait_for("Proof 1 of 2")
    assert card.photo
    assert "What colour was it?\nblue" in card.text
    assert "Will" not in card.text
    picture = card.raw["photo"][-1]["file_unique_id"]
    await eve.press("›")
    turned = await eve.wait_until(lambda m: m.button("2/3") is not None, "the second picture")
    assert turned.message_id == card.message_id
    assert turned.raw["photo"][-1]["file_unique_id"] != picture
    approve = buttons.Approve(first, 1).pack()
    assert (await eve.press("✅ Approve")).text == "✅ Approved"
    after = await eve.wait_for("You can undo this")
    assert after.message_id == card.message_id
    assert "Proof 1 of 1" in after.text
    again = await eve.press_data(card.message_id, approve)
    assert (again.text, again.alert) == ("Already approved.", False)
    assert "↩ Undo" in " ".join(await eve.buttons())
    assert (await eve.press("↩ Undo")).text == "↩ Undone"
    assert "Proof 1 of 2" in (await eve.wait_for("Proof 1 of 2")).text
    assert await stage.pay() == 0
    await eve.press("✅ Approve")
    await eve.wait_for("You can undo this")
    stage.pass_time(HOUSE.undo)
    assert await stage.pay() == 1
    receipt = await stage.worker.wait_for("+$0.50")
    assert "Available now: $0.50" in receipt.text
    toast = await eve.press("↩ Undo")
    assert toast.alert
    assert "paid already" in (toast.text or "")
    await stage.world.check_ledger()


@pytest.mark.parametrize("answered_with", ["words", "picture"])
async def test_two_taps_on_a_picture_card_bring_one_card(stage: Stage, answered_with: str) -> None:
    """Proves that a second tap on a card that was replaced meanwhile acts on what replaced it: nothing comes twice."""
    await stage.submit(pictures=int(answered_with == "words"))
    await stage.submit(pictures=int(answered_with == "picture"))
    eve = stage.employer
    await eve.send("/review")
    await eve.wait_for("Proof 1 of 2")
    before = len(await eve.chat())
    taps = [await eve.tap("✅ Approve"), await eve.tap("✅ Approve")]
    assert [(await eve.toast(tap)).text for tap in taps] == ["✅ Approved", "Already approved."]
    approved = await eve.wait_for("You can undo this")
    assert bool(approved.photo) == (answered_with == "picture")
    await eve.press("↩ Undo", message_id=approved.message_id)  # sent only after all of the second tap's reply
    await eve.wait_for("Proof 1 of 2")
    # What replaced a card is known to the replica that did it: to another one's reply it may be a card more
    # (docs/decisions/0015-replicas-beat-and-inherit.md).
    assert before <= len(await eve.chat()) <= before + int(is_postgres())


async def test_rejecting_asks_for_reason_and_note(stage: Stage) -> None:
    """Proves the questions behind Reject: odd input loses nothing, Back and Cancel work, the worker is told later."""
    submission_id = await stage.submit()
    eve = stage.employer
    await eve.send("/review")
    card = await eve.wait_for("Proof 1 of 1")
    await eve.press("❌ Reject")
    asked = await eve.wait_for("Why do you reject")
    assert asked.message_id == card.message_id
    assert asked.photo
    await eve.press("Cancel")
    await eve.wait_for("Proof 1 of 1")
    await eve.press("❌ Reject")
    await eve.wait_for("Why do you reject")
    await eve.press("Picture not clear")
    await eve.wait_for("Add a note?")
    await eve.press("‹ Back")
    await eve.wait_for("Why do you reject")
    await eve.press("Wrong page shown")
    await eve.wait_for("Reason: Wrong page shown")
    await eve.send_sticker()
    await eve.wait_for("That is not what I need here")
    await eve.send("x" * 301)
    await eve.wait_for("Please keep it under 300 characters. Yours has 301.")
    await eve.send("I need the <b>last</b> page")
    await eve.wait_for("rejected. You can undo this")
    assert await stage.world.status(submission_id) == ("rejected", "rejected")
    assert [m for m in await stage.worker.chat() if not m.mine] == []
    stage.pass_time(HOUSE.undo)
    told = await stage.worker.wait_for("was not accepted")
    assert "Reason: Wrong page shown" in told.text
    assert "The employer says: I need the <b>last</b> page" in told.text
    await eve.send("/review")
    await eve.wait_for("No proof waits")
    await eve.press("Rejected lately: 1")
    await eve.wait_for("You can change this until")
    await eve.press("✅ Change to approved")
    await eve.wait_for("is being paid")
    stage.pass_time(HOUSE.undo)
    assert await stage.pay() == 1
    await stage.worker.wait_for("+$0.50")
    await stage.world.check_ledger()


async def test_asking_to_fix_without_a_note(stage: Stage) -> None:
    """Proves that the worker is asked to send again, with a button for it, and that only mistakes can be chosen."""
    submission_id = await stage.submit()
    eve = stage.employer
    await eve.send("/review")
    await eve.wait_for("Proof 1 of 1")
    await eve.press("🔁 Ask to fix")
    question = await eve.wait_for("What should the worker fix?")
    assert question.button("Proof used before") is None
    await eve.press("Steps not finished")
    await eve.wait_for("Add a note?")
    await eve.press("Send back without a note")
    await eve.wait_for("sent back. You can undo this")
    stage.pass_time(HOUSE.undo)
    told = await stage.worker.wait_for("Please fix your proof")
    assert told.button("📷 Send again") is not None
    assignment_id = await stage.world.assignment_of(submission_id)
    await stage.world.submit_round(assignment_id, stage.world.job_id, 2, answers=("", "red"))
    await eve.send("/review")
    card = await eve.wait_for("Sent again. You asked: Steps not finished")
    assert card.button("🔁 Ask to fix") is None


async def test_another_screen_closes_the_question(stage: Stage) -> None:
    """Proves that after /review in the middle of a rejection no typed word rejects, and old buttons are kind."""
    submission_id = await stage.submit()
    eve = stage.employer
    await eve.send("/review")
    card = await eve.wait_for("Proof 1 of 1")
    await eve.press("❌ Reject")
    await eve.wait_for("Why do you reject")
    await eve.press("Wrong page shown")
    await eve.wait_for("Add a note?")
    await eve.send("/review")
    await eve.wait_for("Proof 1 of 1")
    await eve.send("hello")
    await eve.wait_for("Nothing is asked.")
    await eve.press_data(card.message_id, buttons.NoNote().pack())
    await eve.wait_for("Proof 1 of 1")
    assert await stage.world.status(submission_id) == ("pending", "submitted")


async def test_a_rejection_that_comes_too_late_says_so(stage: Stage) -> None:
    """Proves that a note typed after the clock decided is refused with the reason above the fresh card."""
    await stage.submit()
    eve = stage.employer
    await eve.send("/review")
    await eve.wait_for("Proof 1 of 1")
    await eve.press("❌ Reject")
    await eve.wait_for("Why do you reject")
    await eve.press("Wrong page shown")
    await eve.wait_for("Add a note?")
    stage.world.now += timedelta(days=4)
    async with stage.world.unit() as uow:
        assert await review.auto_approve(uow, limit=20, house=HOUSE) == 1
    await eve.send("too late")
    fresh = await eve.wait_for("Already approved.")
    assert "No proof waits" in fresh.text
    await eve.send("hello")
    await eve.wait_for("Nothing is asked.")


async def test_approve_all_asks_with_the_sum(stage: Stage) -> None:
    """Proves the confirmation, the undo, the progress and the end of Approve all on the employer's phone."""
    for _ in range(3):
        await stage.submit()
    eve = stage.employer
    await eve.send("/review")
    await eve.wait_for("Proof 1 of 3")
    await eve.press("Approve all 3 of this job")
    sure = await eve.wait_for("Approve all 3 proofs of “A survey”?")
    assert "$1.50" in sure.text
    await eve.press("✅ Approve all · $1.50")
    await eve.wait_for("3 proofs will be approved")
    await eve.press("↩ Undo: approve all")
    await eve.wait_for_button("Approve all 3 of this job")
    await eve.press("Approve all 3 of this job")
    confirm = await eve.wait_for("Approve all 3 proofs")
    data = (confirm.button("✅ Approve all") or {})["callback_data"]
    await eve.press("✅ Approve all")
    shown = await eve.wait_for("3 proofs will be approved")
    second = await eve.press_data(shown.message_id, data)
    assert second.text == "These proofs are already being approved."
    stage.pass_time(HOUSE.undo)
    for _ in range(2):
        async with stage.world.unit() as uow:
            await review.work_off_approve_orders(uow, limit=2, house=HOUSE)
        stage.bot.outbox.wake()
    await eve.wait_for("3 proofs of “A survey” approved.")
    assert await stage.pay() == 3
    await stage.world.check_ledger()


async def test_waiting_proofs_are_one_message_until_the_queue_is_opened(stage: Stage) -> None:
    """Proves that proofs are counted in one edited message, and that opening the queue lets the next be a new one."""
    eve, world = stage.employer, stage.world

    async def arrive() -> None:
        submission_id = await stage.submit()
        async with world.unit() as uow:
            to = To(world.employer.id, lane="screen", topic=f"proofs:{world.employer.id}")
            uow.emit("proof_waiting", {"submission_id": submission_id}, to=[to])
        stage.bot.outbox.wake()

    await eve.send("/review")
    await eve.wait_for("No proof waits")
    await arrive()
    first = await eve.wait_for("1 proof waits")
    await arrive()
    second = await eve.wait_for("2 proofs wait")
    assert second.message_id == first.message_id
    await eve.press("📥 Review")
    await eve.wait_for("Proof 1 of 2")
    await arrive()
    third = await eve.wait_for("3 proofs wait")
    assert third.message_id > second.message_id


async def test_a_stranger_can_not_press_the_buttons(stage: Stage) -> None:
    """Proves that every button is refused to somebody else, in the words for what does not exist."""
    submission_id = await stage.submit()
    stranger = stage.worker
    await stranger.send("/review")
    card = await stranger.wait_for("No proof waits")
    presses = [
        buttons.Approve(submission_id, 1),
        buttons.Reject(submission_id, 1, 0),
        buttons.AskToFix(submission_id, 1, 0),
        buttons.Undo(submission_id, 1),
        buttons.ChangeToApproved(submission_id, 1),
        buttons.Look(submission_id, 0),
        buttons.ShowTexts(submission_id, 0),
        buttons.ApproveAll(stage.world.job_id),
        buttons.ConfirmApproveAll(stage.world.job_id, submission_id, 1),
        buttons.Approve(999, 1),
        buttons.UndoApproveAll(999),
    ]
    for press in presses:
        toast = await stranger.press_data(card.message_id, press.pack())
        assert toast.text == "You can't do that here.", press
    assert await stage.world.status(submission_id) == ("pending", "submitted")
