"""Whatever a phone can send, and when: a kind answer, nothing lost of what was typed, nothing done twice."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from tests.e2e.cast import STEPS, add_proofs, answer_proof, to_steps
from tests.e2e.stage import Stage, set_stage
from tests.phone import Message, Phone
from tests.pictures import photo, screenshot
from tests.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

LOST_NOTHING = "That is not what I need here. Nothing you entered is lost."
Send = Callable[[Phone], Awaitable[object]]
ODD: tuple[Send, ...] = (
    lambda phone: phone.send_sticker(),
    lambda phone: phone.send_voice(),
    lambda phone: phone.send_location(31.5, 74.3),
    lambda phone: phone.send_photos([photo(77)]),
)
NOT_PICTURES: tuple[Send, ...] = (
    *ODD[:3],
    lambda phone: phone.send_video(),
    lambda phone: phone.send_contact("+923001234567"),
    lambda phone: phone.send("Here it is"),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Give the running bot that the tests of this file share."""
    async with set_stage(tmp_path_factory.mktemp("stage")) as ready:
        yield ready


async def _told(phone: Phone, send: Send, *sentences: str) -> Message:
    """Send something and wait for the one message that answers it."""
    await send(phone)
    first, *rest = sentences
    answer = await phone.wait_for(first)
    for sentence in rest:
        assert sentence in answer.text, answer
    return answer


async def _typed(phone: Phone, text: str, *sentences: str) -> Message:
    """Type a line and wait for the one message that answers it."""
    return await _told(phone, lambda one: one.send(text), *sentences)


async def _written(phone: Phone) -> int:
    """Count the bot's messages."""
    return sum(not message.mine for message in await phone.chat())


# -- twice ---------------------------------------------------------------------------------------------------------


async def test_two_taps_on_approve_pay_once(stage: Stage) -> None:
    """Proves that two Approves at once pay once, answer both taps and bring the next card once."""
    ali = await stage.proven("Ali")
    sara = stage.sara
    card = await sara.screen()
    approve = card.button("✅ Approve ·")
    assert approve is not None
    taps = await asyncio.gather(*(sara.tap_data(card.message_id, approve["callback_data"]) for _ in range(2)))
    toasts = [await sara.toast(tap) for tap in taps]
    assert sorted(str(toast.text) for toast in toasts) == ["Already approved.", "✅ Approved"]
    after = await sara.wait_for_button("↩ Undo:")
    assert [m.text for m in await sara.chat() if not m.mine].count(after.text) == 1
    await ali.wait_for("+$10.00")

    refused = await sara.press("↩ Undo:", message_id=after.message_id)
    assert (refused.text, refused.alert) == ("This is paid already, so it can't be undone any more.", True)
    assert (await sara.wait_until(lambda m: m.message_id == after.message_id, "the fresh card")).button("Undo") is None
    await sara.mark()
    await _press_deleted(stage, sara, card.message_id, approve["callback_data"])
    await sara.wait_for("Already approved.")
    await ali.send("/balance")
    await ali.wait_for("Available: $10.00")
    assert sum("+$10.00" in message.text for message in await ali.chat()) == 1
    stage.earner = stage.earner or ali


async def _press_deleted(stage: Stage, phone: Phone, message_id: int, data: str) -> None:
    """Press a button of a message that is gone, as an app that was offline does: too late to flash up an answer."""
    query = {
        "id": "4242",
        "from": {"id": phone.id, "is_bot": False, "first_name": phone.name, "language_code": "en"},
        "chat_instance": "1",
        "data": data,
        "message": {"message_id": message_id, "date": 0, "chat": {"id": phone.id, "type": "private"}},
    }
    await stage.telegram.update({"update_id": 990_000_100, "callback_query": query})


async def test_two_taps_on_review_and_on_request_for_complete_show_one_card(stage: Stage) -> None:
    """Proves that a second tap on a button that swaps text and picture sends no second card and no second proof."""
    joe = await stage.worker("Joe")
    await joe.press("📷 Send proof")
    preview = await answer_proof(joe, [screenshot(3000)], "harvest")
    await _tap_twice(joe, preview, "📨 Request for complete")
    assert sum("Your proof is sent" in message.text for message in await joe.chat()) == 1
    told = await stage.sara.wait_for("📥")
    await _tap_twice(stage.sara, told, "📥 Review")
    shown = [m for m in await stage.sara.chat() if "pays itself in" in m.text and m.message_id > told.message_id]
    assert len(shown) == 1


async def _tap_twice(phone: Phone, card: Message, words: str) -> None:
    button = card.button(words)
    assert button is not None
    taps = await asyncio.gather(*(phone.tap_data(card.message_id, button["callback_data"]) for _ in range(2)))
    for tap in taps:
        await phone.toast(tap)
    before = await _written(phone)
    await phone.send("/help")  # what the taps brought stands before its answer

    async def helped() -> bool:
        return await _written(phone) > before

    await phone.wait_while_not(helped, "the answer to a line typed after two taps")


async def test_the_same_update_twice_is_one(stage: Stage) -> None:
    """Proves that a typed line whose update id comes again, at once and later, is kept and answered once."""
    dan = await stage.someone("Dan")
    await to_steps(dan, title="Look at a page")
    before = await _written(dan)

    async def deliver(update_id: int, message_id: int, text: str) -> None:
        who = {"id": dan.id, "is_bot": False, "first_name": dan.name, "language_code": "en"}
        chat = {"id": dan.id, "type": "private", "first_name": dan.name}
        body = {"message_id": message_id, "date": int(time.time()), "chat": chat, "from": who, "text": text}
        await stage.telegram.update({"update_id": update_id, "message": body})

    for message_id in (5_000_001, 5_000_001, 5_000_002):
        await deliver(990_000_001, message_id, "Open it")
    await deliver(990_000_002, 5_000_003, "Close it")
    await deliver(990_000_001, 5_000_001, "Open it")
    steps = await dan.wait_for("2. Close it")
    assert "1. Open it" in steps.text
    await dan.send("Tell me")
    assert "4." not in (await dan.wait_for("3. Tell me")).text
    assert await _written(dan) == before + 3


# -- every kind of message in every step -----------------------------------------------------------------------------


async def test_unexpected_kinds_in_a_wizard_keep_what_was_typed(stage: Stage) -> None:
    """Proves that sticker, voice, place and photo at each step of the newjob wizard and of alerts lose nothing."""
    fay, gus = await stage.someone("Fay"), await stage.someone("Gus")

    async def publish() -> None:
        await fay.send("/newjob")
        await fay.wait_for("What kind of work is it?")
        await _told(fay, ODD[0], LOST_NOTHING, "What kind of work is it?")
        await fay.press("Websites")
        await fay.wait_for("Type a short title")
        await _told(fay, ODD[1], LOST_NOTHING, "Type a short title")
        await _typed(fay, "Look at a page", "Type the steps")
        await _told(fay, ODD[2], LOST_NOTHING, "Type the steps")
        await _typed(fay, STEPS, "3. Take a screenshot")
        await _told(fay, ODD[3], LOST_NOTHING, "1. Open the page", "3. Take a screenshot")
        await fay.press("Done (3)")
        await fay.wait_for("What must workers send")
        await _told(fay, ODD[0], LOST_NOTHING, "What must workers send")
        await add_proofs(fay)
        await _told(fay, ODD[3], LOST_NOTHING, "How much do you pay for each place?")
        await _typed(fay, "2", "You pay $2.00 for each place.")
        await _told(fay, ODD[1], LOST_NOTHING, "You pay $2.00 for each place.")
        await _typed(fay, "3", "Nothing is published yet.", "Look at a page", "3 × ($2.00")
        await _told(fay, ODD[2], LOST_NOTHING, "Nothing is published yet.", "Look at a page", "3 × ($2.00")

    async def subscribe() -> None:
        await gus.send("/alerts")
        await gus.wait_for_button("✏️ Another amount")
        await gus.press("✏️ Another amount")
        for odd in ODD:
            await _told(gus, odd, LOST_NOTHING, "What is the smallest reward")
        await _typed(gus, "1,5", "when a new job pays $1.50 or more")

    await asyncio.gather(publish(), subscribe())


async def test_unexpected_kinds_in_a_proof_keep_pictures_and_words(stage: Stage) -> None:
    """Proves what eleven photos, a 25 MB file and every other kind bring at each step of sending proof."""
    hal, ida = await stage.worker("Hal"), await stage.worker("Ida")
    for phone in (hal, ida):
        await phone.press("📷 Send proof")
        await phone.wait_for("Please send 1 photo or screenshot.")

    async def pictures() -> None:
        before = await _written(hal)
        await hal.send_photos([screenshot(2000 + n, size=(270, 540), kind="JPEG") for n in range(11)])
        await hal.wait_for("10 pictures are the most. I kept the first 10.")
        assert await _written(hal) == before + 1
        big = os.urandom(25 * 1024 * 1024)
        await hal.send_document(big, "screen.png", "image/png")
        await hal.wait_for("A file over 20 MB can't be used.")
        for send in NOT_PICTURES:
            answer = await _told(hal, send, "I have all the pictures I need here.")
            assert "Received: 10 of 1" in answer.text

    async def words() -> None:
        await ida.send_photos([photo(2100)])
        await ida.wait_for("Received: 1 of 1")
        await ida.press("✅ Done with photos")
        await ida.wait_for("Please type your answer")
        for odd in ODD:
            await _told(ida, odd, "Here I need your answer in words.", "Please type your answer")
        typed = await ida.send("harvst")
        assert "harvst" in (await ida.wait_for("Check your proof")).text
        await ida.edit(typed, "harvest")
        preview = await ida.wait_for("“harvest”")
        assert preview.photo
        for odd in ODD:
            await _told(ida, odd, "please tap Change below first.", "harvest")
        await ida.press("📨 Request for complete")
        await ida.wait_for("Your proof is sent and waits for review.")

    await asyncio.gather(pictures(), words())


async def test_a_withdrawal_takes_only_ones_own_number_and_keeps_the_answers(stage: Stage) -> None:
    """Proves that somebody else's contact, odd amounts and odd messages are refused kindly while the draft stays."""
    eve = await stage.paid()
    await eve.send("/withdraw")
    await eve.wait_for("How do you want to be paid?")
    await _told(eve, ODD[0], LOST_NOTHING, "How do you want to be paid?")
    await eve.press("JazzCash")
    await eve.wait_for("Type your JazzCash number")
    await _told(eve, ODD[3], LOST_NOTHING, "Type your JazzCash number")
    await eve.press("📱 Share my number")
    await eve.wait_for("below, or type the number")
    stranger = stage.sara.id
    await _told(eve, lambda p: p.send_contact("+923001112233", "Sara", user_id=stranger), "somebody else's contact")
    await _told(eve, ODD[1], LOST_NOTHING)
    await _told(eve, lambda p: p.send_contact("+923001234567"), "How much?")
    await _typed(eve, "1e9", "Please type an amount as a number", "How much?")
    await _typed(eve, "9.99", "The smallest withdrawal is $10.00.", "How much?")
    await _typed(eve, "10,01", "You have $10.00 available.", "How much?")
    await _told(eve, ODD[2], LOST_NOTHING, "How much?")
    await _typed(eve, "١٠", "You get: $10.00")
    await _told(eve, ODD[0], LOST_NOTHING, "You get: $10.00")
    await _typed(eve, "/cancel", "Your balance", "Available: $10.00")
    await _typed(eve, "/withdraw", "Go on where you stopped?")
    await eve.press("Continue")
    await eve.wait_for("You get: $10.00")


# -- words and numbers -----------------------------------------------------------------------------------------------


async def test_odd_titles_and_rewards_are_read_right_or_refused(stage: Stage) -> None:
    """Proves what 5,000 characters, HTML, direction marks, "free", "-3", "1e9", "1,5" and "٣" become."""
    kim = await stage.someone("Kim")
    await kim.send("/newjob")
    await kim.wait_for("What kind of work is it?")
    await kim.press("Websites")
    await kim.wait_for("Type a short title")
    await kim.send("x" * 5_000)
    await kim.wait_for("A title has at most 80 characters. Yours has 904.")
    assert any("Yours has 4096." in message.text for message in await kim.chat())
    await kim.send("<b>Best</b> &amp; \u202egpj.exe\u202c <script>")
    await kim.wait_for("Type the steps")
    await kim.send("Open <a href='x'>it</a> & look")
    await kim.wait_for("1. Open <a href='x'>it</a> & look")
    await kim.press("Done (1)")
    await kim.wait_for("What must workers send")
    await add_proofs(kim)
    for typed, answer in (
        ("free", "Please type an amount as a number"),
        ("-3", "An amount can't be below zero."),
        ("1e9", "Please type an amount as a number"),
    ):
        await _typed(kim, typed, answer, "How much do you pay for each place?")
    await _typed(kim, "1,5", "You pay $1.50 for each place.")
    await kim.press("‹ Back")
    await kim.wait_for("How much do you pay for each place?")
    await _typed(kim, "٣", "You pay $3.00 for each place.")
    preview = await _typed(kim, "2", "Nothing is published yet.")
    assert "<b>Best</b> &amp; gpj.exe <script>" in preview.text
    assert "\u202e" not in preview.text


# -- commands, links, comings and goings ------------------------------------------------------------------------------


async def test_unknown_words_and_links_get_the_ways_to_go(stage: Stage) -> None:
    """Proves kind answers to unknown commands, stray messages, and deep links that are alive, dead or nonsense."""
    lou, max_ = await stage.someone("Lou"), await stage.someone("Max")

    async def links() -> None:
        await _typed(lou, f"/start {stage.link}", "Read an article", "You can take this job.")
        await _typed(lou, "/start job_nothing", "This job is not here any more.")
        await _typed(lou, "/start alerts", "Job alerts")
        await _typed(lou, "/start <b>&x", "Lou, here is your day")

    async def words() -> None:
        await _typed(max_, "/frobnicate", "I don't know this command.")
        await _typed(max_, "give me money", "I did not ask for an answer right now.")
        await _told(max_, ODD[0], "I can't use that here.")
        await _told(max_, ODD[3], "You have no job in progress")
        await _typed(max_, "/cancel", "There is nothing to cancel.")
        await _typed(max_, "/admin", f"Your id is {max_.id}.")

    await asyncio.gather(links(), words())


async def test_a_group_hears_only_that_this_is_private(stage: Stage) -> None:
    """Proves that commands in a group are answered with one sentence and leave the open conversation alone."""
    ned = await stage.someone("Ned")
    await ned.send("/newjob")
    await ned.wait_for("What kind of work is it?")
    group = await ned.group_text("/cancel")
    for text in ("/balance", "/start"):
        await ned.group_text(text, chat_id=group["chat_id"])

    async def told() -> bool:
        calls = await stage.telegram.traffic(method="sendMessage")
        sent = [str(call["params"]["text"]) for call in calls if call["params"]["chat_id"] == group["chat_id"]]
        assert all("in a private chat" in text for text in sent)
        return len(sent) == 3

    await eventually(told, "the group is answered")
    await ned.press("Websites")
    await ned.wait_for("Type a short title")


async def test_who_blocked_the_bot_gets_their_receipt_when_they_come_back(stage: Stage) -> None:
    """Proves that a receipt of money waits while its reader has blocked the bot and comes when they write again."""
    pia = await stage.someone("Pia")
    await pia.send("/deposit")
    await pia.wait_for("How much?")
    await pia.press("$10.00")
    await pia.wait_for("Pay $10.00 like this:")
    await pia.send("TX-PIA")
    await pia.wait_for("We look for $10.00")
    await pia.block()
    push = await stage.olga.wait_for("Payment reference: TX-PIA")
    await stage.olga.press("Open", message_id=push.message_id)
    await stage.olga.wait_for_button("✅ It arrived")
    await stage.olga.press("✅ It arrived")
    await stage.olga.wait_for("confirmed")
    await pia.unblock()
    await pia.send("/balance")
    await pia.wait_for("$10.00 arrived and is yours for jobs.")
    await pia.wait_for("For your jobs: $10.00")
    assert sum("arrived and is yours" in message.text for message in await pia.chat()) == 1
