"""Working and sending proof on a phone: the real handlers over real HTTP, with what phones really send."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.emulator.running import running
from bot.imaging import Imaging
from bot.proofs import ProofIntake
from handlers import browse, proof, work
from handlers.notices import Notice
from handlers.views.card import Card
from handlers.views.proof import DonePictures, Submit
from handlers.views.work import ApplyPress, SendProof
from storage import members
from tests.phone import Message, Phone, Telegram
from tests.pictures import photo, screenshot
from tests.spine.sample import Sample, sample_bot
from tests.work_world import PHOTO, TEXT, TWO_PHOTOS, WorkWorld


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Bench:
    """A worker's phone, the bot behind it and the marketplace below."""

    phone: Phone
    bot: Sample
    world: WorkWorld
    clock: Clock
    folder: Path

    def later(self, **length: float) -> None:
        """Let time pass."""
        self.clock.now += timedelta(**length)
        self.world.now = self.clock.now

    async def take(self, requirements: Sequence[Any] = (PHOTO,), **job: Any) -> int:
        """Take a place in a new job on the phone; give the assignment's id."""
        job_id = await self.world.open_job(requirements=requirements, **job)
        return await self.apply(job_id)

    async def apply(self, job_id: int) -> int:
        """Tap Apply; give the assignment's id."""
        screen = await self.phone.screen()
        toast = await self.phone.press_data(screen.message_id, ApplyPress(job_id).pack())
        assert "The place is yours until" in (toast.text or "")
        await self.phone.wait_for_pin(await self.phone.wait_for_button("Give place back"))
        return int(await self.world.value("SELECT max(id) FROM assignments"))

    async def tap(self, words: str, expected: str) -> Message:
        """Press a button and wait for the card that follows."""
        await self.phone.press(words)
        return await self.phone.wait_for(expected)

    async def say(self, typed: str, expected: str) -> Message:
        """Type and wait for the card that follows."""
        await self.phone.send(typed)
        return await self.phone.wait_for(expected)

    async def photos(self, count: int, expected: str, *, seed: int = 1) -> Message:
        """Send pictures together and wait for the card that follows."""
        await self.phone.send_photos([screenshot(seed + n, size=(300, 500)) for n in range(count)])
        return await self.phone.wait_for(expected)

    async def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read what is committed."""
        return [tuple(row) for row in await self.world.look(sql, *values)]


async def nothing_to_draw(notice: Notice) -> Card | None:
    """Leave the employer's message to the tests of reviewing."""
    return None


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Give a signed-up worker before a bot that knows browsing, working and proof."""
    clock = Clock()
    handlers = [*proof.HANDLERS, *work.HANDLERS, *browse.HANDLERS]
    notices = {**proof.NOTICES, **work.NOTICES, "proof_waiting": nothing_to_draw}
    async with running(port=0, limits=False) as url, Telegram(url) as telegram:
        async with sample_bot(tmp_path, url, clock=clock, handlers=handlers, notices=notices) as bot:
            phone = await telegram.person("Ali", language_code="en", role="worker")
            world = WorkWorld(bot.database, clock.now)
            await phone.send("/mywork")
            await phone.wait_for("Nothing here yet")
            async with world.unit() as uow:
                member = await members.find_member_by_telegram(uow.tx, phone.id)
                assert member is not None
                await members.sign_up(uow.tx, member.id, country="PK", at=uow.now)
            yield Bench(phone, bot, world, clock, tmp_path)
        assert await telegram.problems() == []


async def test_from_apply_to_waiting_for_review(bench: Bench) -> None:
    """Proves the whole walk: the card with its clock, an album, words, the check with pictures, and the list."""
    await bench.take([TWO_PHOTOS, TEXT])
    card = await bench.phone.screen()
    assert "15 min left" in card.text
    assert "1. Open the page" in card.text
    assert "📷 2 photos: Start and end" in card.text
    asked = await bench.tap("Send proof", "Received: 0 of 2")
    assert "Proof 1 of 2" in asked.text
    album = await bench.photos(2, "Received: 2 of 2")
    assert album.button("Done with photos") is not None
    await bench.tap("Done with photos", "Proof 2 of 2")
    await bench.say("4711 <b>", "Check your proof")
    check = await bench.phone.screen()
    assert "“4711 <b>”" in check.text
    assert "2 pictures" in check.text
    await bench.phone.press("›")
    await bench.phone.wait_for_button("2/2")
    toast = await bench.phone.press("Request for complete")
    assert toast.text == "Sent. Thank you!"
    sent = await bench.phone.wait_for("waits for review")
    assert "paid by itself on" in sent.text
    listed = await bench.say("/mywork", "Waiting for review")
    assert "Pays itself on" in listed.text
    assert await bench.rows("SELECT status, answers FROM submissions") == [("pending", '["", "4711 <b>"]')]
    assert await bench.rows("SELECT count(*) FROM dialogs") == [(0,)]


async def test_an_album_is_answered_once(bench: Bench) -> None:
    """Proves that of eleven pictures chosen at once ten are kept, and that one card says so."""
    await bench.take()
    await bench.tap("Send proof", "Received: 0 of 1")
    before = len(await bench.phone.chat())
    pictures = [photo(n, size=(120, 90)) for n in range(11)]
    await bench.phone.send_photos(pictures[:10])
    await bench.phone.send_photos(pictures[10:])
    card = await bench.phone.wait_for("10 pictures are the most")
    assert "Received: 10 of 1" in card.text
    answers = [message for message in (await bench.phone.chat())[before:] if not message.mine]
    assert len(answers) == 1
    assert await bench.rows("SELECT count(*) FROM proofs") == [(10,)]


async def test_other_things_than_pictures_get_a_kind_answer(bench: Bench) -> None:
    """Proves that words, a sticker, a voice message, a video, a PDF and a 25 MB file change nothing."""
    await bench.take([TWO_PHOTOS])
    await bench.tap("Send proof", "Received: 0 of 2")
    await bench.photos(1, "Received: 1 of 2")
    for send in (
        bench.phone.send("here it is"),
        bench.phone.send_sticker(),
        bench.phone.send_voice(),
        bench.phone.send_video(),
        bench.phone.send_location(1.0, 2.0),
        bench.phone.send_document(b"%PDF", "proof.pdf", "application/pdf"),
    ):
        await send
        answer = await bench.phone.wait_for("Here I need a photo or a screenshot")
        assert "Received: 1 of 2" in answer.text
    await bench.phone.send_document(bytes(100), "photo.heic", "image/heic")
    await bench.phone.wait_for("That kind of file can't be used")
    await bench.phone.send_document(bytes(25_000_000), "huge.png", "image/png")
    answer = await bench.phone.wait_for("over 20 MB")
    assert "Received: 1 of 2" in answer.text
    assert await bench.rows("SELECT count(*) FROM proofs") == [(1,)]


async def test_a_picture_sent_as_a_file_is_shown_only_re_encoded(bench: Bench) -> None:
    """Proves that a document counts, is hidden while it is checked, and is then shown without its place."""
    await bench.take()
    await bench.tap("Send proof", "Received: 0 of 1")
    await bench.phone.send_document(photo(5, with_gps=True), "IMG_1.jpg", "image/jpeg")
    await bench.phone.wait_for("Received: 1 of 1")
    hidden = await bench.tap("Done with photos", "Picture 1 of 1 is still being checked")
    assert hidden.raw.get("photo") is None
    imaging = Imaging()
    intake = ProofIntake(
        database=bench.bot.database,
        download=bench.bot.transport.download,
        imaging=imaging,
        folder=bench.folder,
        clock=bench.clock,
    )
    assert await intake.run_once() == 1
    await imaging.close()
    await bench.phone.press("Change 1")
    await bench.tap("Done with photos", "Check your proof")
    shown = await bench.phone.screen()
    assert shown.raw.get("photo")
    ((stored,),) = await bench.rows("SELECT path FROM proofs")
    assert b"Exif" not in (bench.folder / stored).read_bytes()


async def test_two_requests_and_old_buttons_change_nothing(bench: Bench) -> None:
    """Proves that a second Request for complete, and a Done from before, say what is so and show the place."""
    assignment_id = await bench.take()
    await bench.tap("Send proof", "Received: 0 of 1")
    await bench.photos(1, "Received: 1 of 1")
    check = await bench.tap("Done with photos", "Check your proof")
    taps = [await bench.phone.tap_data(check.message_id, Submit(assignment_id).pack()) for _ in range(2)]
    toasts = [(await bench.phone.toast(tap)).text for tap in taps]
    assert toasts == ["Sent. Thank you!", "That is from before. Here is how it looks now."]
    card = await bench.phone.wait_for("waits for review")
    toast = await bench.phone.press_data(card.message_id, DonePictures(assignment_id, 0).pack())
    assert toast.text == "That is from before. Here is how it looks now."
    assert await bench.rows("SELECT id, version FROM submissions") == [(1, 1)]


async def test_a_double_tap_on_done_does_not_skip_a_step(bench: Bench) -> None:
    """Proves that Done pressed again from the step before leaves the next requirement open."""
    assignment_id = await bench.take([PHOTO, PHOTO])
    await bench.tap("Send proof", "Proof 1 of 2")
    ready = await bench.photos(1, "Received: 1 of 1")
    await bench.tap("Done with photos", "Proof 2 of 2")
    toast = await bench.phone.press_data(ready.message_id, DonePictures(assignment_id, 0).pack())
    assert toast.text == "That button is from an earlier step."
    await bench.photos(1, "Received: 1 of 1", seed=50)
    await bench.tap("Done with photos", "Check your proof")


async def test_proof_that_comes_too_late_is_kept_for_the_next_try(bench: Bench) -> None:
    """Proves that after the time is over a picture gets a kind answer, and that taking the job again goes on."""
    job_id = await bench.world.open_job(requirements=[TEXT, TWO_PHOTOS], slots=1)
    await bench.apply(job_id)
    await bench.tap("Send proof", "Proof 1 of 2")
    await bench.say("4711", "Received: 0 of 2")
    await bench.photos(1, "Received: 1 of 2")
    bench.later(minutes=16)
    assert await bench.world.expire() == 1
    bench.bot.outbox.wake()
    notice = await bench.phone.wait_for("your place went back")
    assert "Your pictures are saved" in notice.text
    late = await bench.photos(3, "The time was over", seed=9)
    assert late.button("📋 Show the job") is not None
    await bench.apply(job_id)
    await bench.tap("Go on with the proof", "Check your proof")
    await bench.tap("Change 2", "Received: 4 of 2")
    check = await bench.tap("Done with photos", "Check your proof")
    assert "“4711”" in check.text
    await bench.tap("Request for complete", "waits for review")


async def test_a_picture_out_of_the_blue(bench: Bench) -> None:
    """Proves that a photo goes to the one job in work, is asked about when there are several, and else explained."""
    await bench.photos(1, "You have no job in progress")
    await bench.take([TEXT, TWO_PHOTOS])
    await bench.photos(2, "Received: 2 of 2")
    await bench.tap("Cancel", "2 pictures are saved")
    await bench.take([PHOTO])
    await bench.photos(3, "Which job are these 3 pictures for?", seed=20)
    await bench.phone.press("A survey")
    await bench.phone.wait_for("Received:")
    assert await bench.rows("SELECT assignment_id, count(*) FROM proofs GROUP BY 1 ORDER BY 1") in (
        [(1, 5)],
        [(1, 2), (2, 3)],
    )


async def test_proof_can_be_replaced_until_it_is_reviewed(bench: Bench) -> None:
    """Proves that new pictures take the place of the old in the same submission once they are sent."""
    await bench.take([PHOTO, TEXT])
    await bench.tap("Send proof", "Proof 1 of 2")
    await bench.photos(1, "Received: 1 of 1")
    await bench.tap("Done with photos", "Proof 2 of 2")
    await bench.say("one", "Check your proof")
    await bench.tap("Request for complete", "waits for review")
    check = await bench.tap("Replace the proof", "This replaces what you sent before")
    assert "“one”" in check.text
    await bench.tap("Change 2", "Your answer now: “one”")
    await bench.say("two", "“two”")
    kept = await bench.tap("Change 1", "They stay unless you send new ones")
    assert kept.button("Remove the last") is None
    await bench.photos(1, "Received: 1 of 1", seed=30)
    await bench.tap("Done with photos", "Check your proof")
    await bench.tap("Request for complete", "waits for review")
    assert await bench.rows("SELECT version, answers FROM submissions") == [(2, '["", "two"]')]
    assert await bench.rows("SELECT count(*) FROM proofs WHERE submission_id = 1") == [(1,)]


async def test_back_cancel_and_an_edited_answer_lose_nothing(bench: Bench) -> None:
    """Proves that one can walk back, stop, go on, and correct a typed answer by editing the message."""
    assignment_id = await bench.take([TEXT, PHOTO])
    await bench.tap("Send proof", "Proof 1 of 2")
    await bench.say("\u3164", "Please type a few words")
    await bench.say("x" * 1001, "Yours has 1001")
    await bench.phone.send_sticker()
    await bench.phone.wait_for("Here I need your answer in words")
    typed = await bench.phone.send("4711")
    await bench.phone.wait_for("Received: 0 of 1")
    await bench.phone.edit(typed, "4712")
    await bench.phone.wait_for("Received: 0 of 1")
    await bench.tap("Back", "Your answer now: “4712”")
    await bench.tap("✅ Keep it", "Received: 0 of 1")
    await bench.photos(1, "Received: 1 of 1")
    await bench.tap("Remove the last", "Received: 0 of 1")
    await bench.photos(1, "Received: 1 of 1", seed=4)
    await bench.tap("Cancel", "1 picture is saved but not sent yet")
    screen = await bench.phone.screen()
    await bench.phone.press_data(screen.message_id, SendProof(assignment_id).pack())
    check = await bench.phone.wait_for("Check your proof")
    assert "“4712”" in check.text
    await bench.tap("Back", "Received: 1 of 1")


async def test_extra_minutes_and_giving_back(bench: Bench) -> None:
    """Proves that the warning brings +5 minutes, once, and that a place is given back after one question."""
    assignment_id = await bench.take()
    card = await bench.phone.screen()
    bench.later(minutes=13)
    assert await bench.world.warn() == 1
    bench.bot.outbox.wake()
    warning = await bench.phone.wait_for("2 min left")
    await bench.phone.press("5 minutes", message_id=warning.message_id)
    await bench.phone.wait_for("7 min left")
    assert "7 min left" in (await bench.phone.message(card.message_id)).text
    toast = await bench.phone.press_old(card, "5 minutes")
    assert toast.text == "You already have your extra minutes for this job."
    await bench.tap("Give place back", "It does not count against you")
    await bench.tap("Yes, give it back", "You gave this place back")
    assert await bench.rows("SELECT status FROM assignments WHERE id = ?", assignment_id) == [("returned",)]


async def test_apply_twice_and_other_peoples_places(bench: Bench) -> None:
    """Proves that a second Apply shows the place one has, and that nobody sees or touches somebody else's."""
    job_id = await bench.world.open_job(slots=1)
    await bench.apply(job_id)
    screen = await bench.phone.screen()
    toast = await bench.phone.press_data(screen.message_id, ApplyPress(job_id).pack())
    assert toast.text is not None
    assert "You already have a place" in toast.text
    other = await bench.world.person()
    taken = await bench.world.apply(other, await bench.world.open_job())
    toast = await bench.phone.press_data(screen.message_id, SendProof(taken.id).pack())
    assert (toast.text, toast.alert) == ("You can't do that here.", True)
    toast = await bench.phone.press_data(screen.message_id, Submit(taken.id).pack())
    assert (toast.text, toast.alert) == ("You can't do that here.", True)
    assert (await bench.world.statuses(taken.job_id)) == ["reserved"]
