"""The card of a place in work stands pinned until the place ends, whatever else its worker opens."""

from functools import partial
from pathlib import Path

import pytest

from tests.bot_process import bot_process, command
from tests.e2e.cast import OPERATOR_ID, answer_proof, deposit, operator, publish_job, take_place
from tests.phone import Message, Phone, Telegram
from tests.pictures import screenshot

NOT_MODIFIED = (
    "editMessageText: Bad Request: message is not modified: specified new message content and reply markup are exactly"
    " the same as a current content and reply markup of the message"
)
SCREENS = (("🏠 Home", "here is your day"), ("‹ My work", "In progress"), ("📷 Send proof", "Proof 1 of 2"))


@pytest.fixture
def fine(fine: set[str]) -> set[str]:
    """Give the refusals that are nobody's fault: after a restart the bot does not know what stands on a card."""
    return {*fine, NOT_MODIFIED}


async def test_the_card_of_a_place_stays_until_it_ends(tmp_path: Path, telegram: Telegram) -> None:
    """Proves that other screens come below it, double taps and restarts add none, and its end lets it go."""
    async with bot_process(tmp_path, telegram.base_url, OPERATOR_IDS=str(OPERATOR_ID)) as bot:
        olga = await operator(telegram)
        sara = await telegram.person("Sara", role="employer", language_code="en")
        ali = await telegram.person("Ali", role="worker", language_code="en")
        await deposit(sara, olga, reference="TX-1")
        link = await publish_job(sara, title="Read an article", reward="2", places=3)
        card = await take_place(ali, link)
        await ali.wait_for_pin(card)
        assert card.text.startswith("⏰ Until ")
        await _other_screens_come_below(ali, card)
        assert not [call for call in await telegram.traffic(method="editMessageText") if not call["ok"]]
        assert await bot.stop() == 0
        await bot.start()
        await _other_screens_come_below(ali, card)
        await _a_change_elsewhere_shows(ali, card)
        await _sent(ali, card)
        await _given_back(ali, link)
        assert not [m for m in await ali.chat() if "pinned_message" in m.raw]
    assert "call_refused" not in bot.log.read_text()
    code, output, errors = await command(tmp_path, "verify")
    assert code == 0, output + errors


async def _other_screens_come_below(ali: Phone, card: Message) -> None:
    """Open screens from the card, each twice as impatient thumbs do: one message shows them all, the card stays."""
    before = await ali.chat()
    for words, seen in SCREENS:
        button = (await ali.message(card.message_id)).button(words)
        assert button is not None
        first = await ali.tap_data(card.message_id, button["callback_data"])
        second = await ali.tap_data(card.message_id, button["callback_data"])
        await ali.toast(first)
        await ali.toast(second)
        below = (await ali.chat())[-1]
        await ali.wait_while_not(partial(_newest_shows, ali, seen), seen)
        assert below.message_id == (await ali.chat())[-1].message_id
        assert (await ali.message(card.message_id)).text == card.text
    assert len(await ali.chat()) == len(before) + 1
    assert await ali.pinned() == [card.message_id]
    await ali.send("/cancel")
    await ali.wait_for("Stopped.")


async def _newest_shows(ali: Phone, words: str) -> bool:
    return words in (await ali.chat())[-1].text


async def _a_change_elsewhere_shows(ali: Phone, card: Message) -> None:
    """Take the extra minutes on the same card in the list of work: the pinned one knows of them."""
    await ali.send("/mywork")
    await ali.wait_for("In progress")
    await ali.press("1")
    other = await ali.wait_for_button("➕ 5 minutes")
    assert other.message_id != card.message_id
    await ali.press("➕ 5 minutes", message_id=other.message_id)
    await ali.wait_until(
        lambda m: m.message_id == card.message_id and m.button("➕ 5 minutes") is None, "the pinned card without it"
    )
    assert await ali.pinned() == [card.message_id]


async def _sent(ali: Phone, card: Message) -> None:
    """Send the proof: a new card says so, and the pinned one is gone."""
    await ali.press("📷 Send proof", message_id=card.message_id)
    await answer_proof(ali, [screenshot(1)], "harvest")
    assert (await ali.press("📨 Request for complete")).text == "Sent. Thank you!"
    sent = await ali.wait_for("Your proof is sent")
    await ali.wait_for_pin(None)
    await ali.wait_for_deletion(card.message_id)
    await ali.press("🏠 Home", message_id=sent.message_id)
    assert (await ali.wait_for("here is your day")).message_id == sent.message_id


async def _given_back(ali: Phone, link: str) -> None:
    """Take another place, open the question, keep it, then give it back: one card all the time, let go at its end."""
    bob = await ali.telegram.person("Bob", role="worker", language_code="en")
    card = await take_place(bob, link)
    await bob.wait_for_pin(card)
    count = len(await bob.chat())
    await bob.press("↩️ Give place back")
    await bob.wait_for("Give back your place")
    await bob.press("‹ No, keep it")
    await bob.wait_for("Until")
    assert await bob.pinned() == [card.message_id]
    await bob.press("↩️ Give place back")
    await bob.wait_for_button("↩️ Yes, give it back")
    await bob.press("↩️ Yes, give it back")
    await bob.wait_for("You gave this place back.")
    await bob.wait_for_pin(None)
    assert len(await bob.chat()) == count
