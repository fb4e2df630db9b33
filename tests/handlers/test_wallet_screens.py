"""Money on a phone, over HTTP: the balance, the cash-out with all that people type, deposits, the operator's side."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.emulator.running import running
from handlers import admin, wallet
from storage import audit
from tests.ledger_world import World
from tests.phone import Message, Phone, Telegram
from tests.spine.sample import Sample, sample_bot, utc_now


@dataclass
class Counter:
    """A worker's and an operator's phone before a bot that knows money only, and the ledger below."""

    worker: Phone
    operator: Phone
    bot: Sample
    world: World

    async def id_of(self, phone: Phone) -> int:
        """Give the member id behind a phone."""
        return int(await self.world.value("SELECT id FROM members WHERE telegram_user_id = ?", phone.id))

    async def earn(self, amount: int) -> int:
        """Let the worker earn an amount; give their member id."""
        await self.worker.send("/balance")
        await self.worker.wait_for("Your balance")
        member_id = await self.id_of(self.worker)
        await self.world.earn(member_id, amount)
        return member_id

    async def hire(self) -> None:
        """Make the second phone an operator's."""
        await self.operator.send("/admin")
        await self.operator.wait_for(f"Your id is {self.operator.id}")
        await self.world.execute("UPDATE members SET role = 'operator' WHERE telegram_user_id = ?", self.operator.id)

    async def to_confirmation(self, *, amount: str = "12.50") -> Message:
        """Answer a PayPal withdrawal up to its confirmation."""
        await say(self.worker, "/withdraw", "How do you want to be paid")
        await tap(self.worker, "PayPal", "e-mail address of your PayPal")
        await say(self.worker, "ali@example.com", "How much?")
        return await say(self.worker, amount, "Please check")


async def say(phone: Phone, typed: str, expected: str) -> Message:
    """Type an answer and wait for what follows."""
    await phone.send(typed)
    return await phone.wait_for(expected)


async def tap(phone: Phone, words: str, expected: str) -> Message:
    """Press a button and wait for what follows."""
    await phone.press(words)
    return await phone.wait_for(expected)


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    """Give both phones; at the end the ledger must be right and Telegram have seen nothing odd."""
    handlers: list[Any] = [*wallet.HANDLERS, *admin.HANDLERS]
    notices = {**wallet.NOTICES, **admin.NOTICES}
    async with running(port=0, limits=False) as url, Telegram(url) as telegram:
        async with sample_bot(tmp_path, url, handlers=handlers, notices=notices) as bot:
            worker = await telegram.person("Ali", language_code="en", role="worker", phone_number="+923001234567")
            operator = await telegram.person("Olga", language_code="en", role="operator")
            yield Counter(worker, operator, bot, World(bot.database, utc_now()))
            async with bot.database.read() as tx:
                assert (await audit.examine(tx)).findings == ()
        assert await telegram.problems() == []


async def test_below_the_minimum_it_says_what_is_missing(counter: Counter) -> None:
    """Proves that a withdrawal is not begun below $10: the card names the missing sum and leads to work."""
    await counter.earn(32_000)
    card = await say(counter.worker, "/withdraw", "You need $6.80 more")
    assert "You never pay to work" in card.text
    assert "🔎 Find jobs" in card.buttons
    balance = await say(counter.worker, "/balance", "Available: $3.20")
    assert not any("Add money" in words for words in balance.buttons)


async def test_typed_mistakes_are_told_above_the_same_question(counter: Counter) -> None:
    """Proves that each odd address and amount gets its own kind answer, and that nothing typed before is lost."""
    await counter.earn(150_000)
    await say(counter.worker, "/withdraw", "How do you want to be paid")
    await tap(counter.worker, "PayPal", "e-mail address of your PayPal")
    wrong = await say(counter.worker, "ali at example", "not an e-mail address")
    assert "for example ayesha@example.com" in wrong.text
    await counter.worker.send_sticker()
    await counter.worker.wait_for("Nothing you entered is lost")
    await say(counter.worker, "ali@example.com", "To PayPal a•••@example.com")
    for typed, told in [
        ("free", "type an amount as a number"),
        ("1,000", "1000 or 1.000"),
        ("9.99", "The smallest withdrawal is $10.00"),
        ("15.01", "You have $15.00 available. Please choose"),
    ]:
        card = await say(counter.worker, typed, told)
        assert "How much?" in card.text, typed
        assert "All: $15.00" in card.buttons
    checked = await say(counter.worker, "١٢٫٥ $", "Please check")
    assert "You get: $12.50" in checked.text
    assert "Fee: $0.00" in checked.text
    assert "To: PayPal a•••@example.com" in checked.text


async def test_a_withdrawal_is_requested_once_and_told_at_every_step(counter: Counter) -> None:
    """Proves the whole way: two taps ask once, the operator pays, and each side reads each step with its reference."""
    await counter.hire()
    await counter.earn(150_000)
    card = await counter.to_confirmation()
    button = card.button("Withdraw $12.50")
    assert button is not None
    await counter.worker.tap_data(card.message_id, button["callback_data"])
    again = await counter.worker.press_data(card.message_id, button["callback_data"])
    assert again.text == "Already requested: W-1"
    await counter.worker.wait_for("W-1 is requested")
    assert await counter.world.value("SELECT count(*) FROM withdrawals") == 1
    await counter.operator.wait_for("W-1: $12.50 by PayPal for member")
    opened = await tap(counter.operator, "Open", "To: a•••@example.com")
    assert "I pay it now" in " ".join(opened.buttons)
    await tap(counter.operator, "I pay it now", "To: ali@example.com")
    await counter.worker.wait_for("W-1 is being paid now")
    toast = await counter.worker.press("Cancel this withdrawal", message_id=card.message_id)
    assert toast.text is not None
    assert "already being paid" in toast.text
    await tap(counter.operator, "Mark sent", "Type the reference of your payment")
    await say(counter.operator, "?", "3 to 64 letters and digits")
    await say(counter.operator, "9ab-123", "W-1: paid")
    paid = await counter.worker.wait_for("W-1 is paid")
    assert "9AB-123" in paid.text
    assert await counter.world.balance("external:payouts") == 125_000
    actions = [row["action"] for row in await counter.world.look("SELECT action FROM audit_log ORDER BY id")]
    assert (actions[0], actions[-1]) == ("withdrawal_approved", "withdrawal_paid")


async def test_a_contact_counts_only_when_it_is_ones_own(counter: Counter) -> None:
    """Proves that somebody else's forwarded contact is refused kindly, and one's own becomes the number."""
    await counter.earn(150_000)
    await say(counter.worker, "/withdraw", "How do you want to be paid")
    await tap(counter.worker, "JazzCash", "Type your JazzCash number")
    await tap(counter.worker, "Share my number", "Tap “📱 Share my number” below")
    assert await counter.worker.reply_keyboard() == [
        "📱 Share my number",
        "🔎 Jobs",
        "📋 My work",
        "💰 Balance",
        "🏠 Home",
    ]
    await counter.worker.send_contact("+923007654321", "Bob", user_id=counter.operator.id)
    await counter.worker.wait_for("somebody else's contact")
    await counter.worker.send_contact("923001234567", "Ali", user_id=counter.worker.id)
    await counter.worker.wait_for("To JazzCash 03•• •••4567")
    assert "📱 Share my number" not in await counter.worker.reply_keyboard()
    await tap(counter.worker, "All: $15.00", "Please check")
    drafts = await counter.world.look("SELECT draft FROM dialogs")
    assert all("3001234567" not in row["draft"] for row in drafts)


async def test_a_draft_is_kept_and_can_be_taken_up(counter: Counter) -> None:
    """Proves that a cancelled withdrawal can be continued at its next open step, or begun again."""
    await counter.earn(150_000)
    await counter.to_confirmation()
    await say(counter.worker, "/cancel", "Your balance")
    await say(counter.worker, "/withdraw", "You began this before")
    await tap(counter.worker, "Continue", "Please check")
    await tap(counter.worker, "Back", "How much?")
    await say(counter.worker, "/withdraw", "You began this before")
    await tap(counter.worker, "Start again", "How do you want to be paid")
    assert await counter.world.value("SELECT count(*) FROM withdrawals") == 0


async def test_an_edited_amount_replaces_the_answer(counter: Counter) -> None:
    """Proves that editing the message with the amount changes the confirmation, whose old button then does nothing."""
    await counter.earn(150_000)
    await say(counter.worker, "/withdraw", "How do you want to be paid")
    await tap(counter.worker, "PayPal", "e-mail address")
    await say(counter.worker, "ali@example.com", "How much?")
    typed = await counter.worker.send("12.50")
    old = await counter.worker.wait_for("You get: $12.50")
    await counter.worker.edit(typed, "11")
    await counter.worker.wait_for("You get: $11.00")
    button = old.button("Withdraw $12.50")
    assert button is not None
    toast = await counter.worker.press_data(old.message_id, button["callback_data"])
    assert toast.text == "That button is from an earlier step."
    assert await counter.world.value("SELECT count(*) FROM withdrawals") == 0


async def test_a_request_is_cancelled_by_its_member(counter: Counter) -> None:
    """Proves that a requested withdrawal is shown instead of a new one, and its money comes back when cancelled."""
    await counter.hire()
    member_id = await counter.earn(150_000)
    await counter.to_confirmation()
    await tap(counter.worker, "Withdraw $12.50", "requested, waiting to be paid")
    await counter.worker.wait_for("W-1 is requested")
    await say(counter.worker, "/withdraw", "requested, waiting to be paid")
    await tap(counter.worker, "Cancel this withdrawal", "W-1 is cancelled")
    assert await counter.world.balance(f"member:{member_id}:available") == 150_000
    await counter.operator.wait_for("cancelled")


async def test_a_refused_withdrawal_says_why(counter: Counter) -> None:
    """Proves that an operator's refusal from the closed list reaches the member in words, and the money is back."""
    await counter.hire()
    await counter.earn(150_000)
    await counter.to_confirmation()
    await tap(counter.worker, "Withdraw $12.50", "requested")
    await counter.operator.wait_for("W-1: $12.50")
    await tap(counter.operator, "Open", "Tap “I pay it now”")
    await tap(counter.operator, "Refuse", "The member reads why")
    await tap(counter.operator, "The address or number is not right.", "W-1: could not be paid")
    refused = await counter.worker.wait_for("could not be paid")
    assert "The address or number is not right." in refused.text
    statement = await tap(counter.worker, "Balance", "In withdrawals: $0.00")
    assert "Available: $15.00" in statement.text
    pages = await tap(counter.worker, "Statement", "Back from withdrawal W-1")
    assert "+$12.50 · balance $15.00" in pages.text
    assert "-$12.50 · balance $2.50" in pages.text


async def test_a_deposit_is_claimed_and_confirmed(counter: Counter) -> None:
    """Proves the deposit's way with a mistake in it, that its reference counts once, and that both sides are told."""
    await counter.hire()
    phone = counter.worker
    prompt = await say(phone, "/deposit", "Add money for your jobs")
    assert "You never pay to work" in prompt.text
    await say(phone, "free", "type an amount as a number")
    where = await tap(phone, "$20.00", "Then type the reference")
    assert "Ask the operator" in where.text
    await say(phone, "€", "3 to 64 letters and digits")
    await say(phone, "tx 20481", "D-1")
    await counter.operator.wait_for("D-1: member")
    await say(phone, "/deposit", "D-1: $20.00 is waiting")
    await say(phone, "20", "Then type the reference")
    await say(phone, "TX20481", "This reference was used before")
    opened = await tap(counter.operator, "Open", "Payment reference: TX20481")
    button = opened.button("It arrived")
    assert button is not None
    await counter.operator.press_data(opened.message_id, button["callback_data"])
    again = await counter.operator.press_data(opened.message_id, button["callback_data"])
    assert again.text == "This has changed in the meantime. Here is how it looks now."
    await phone.wait_for("$20.00 arrived")
    assert await counter.world.balance(f"member:{await counter.id_of(phone)}:funds") == 200_000
    balance = await say(phone, "/balance", "For your jobs: $20.00")
    assert any("Add money" in words for words in balance.buttons)


async def test_the_desk_is_for_operators(counter: Counter) -> None:
    """Proves that a stranger reads their own id, forged taps are refused, and an operator sees the counts."""
    await counter.hire()
    stranger = await say(counter.worker, "/admin", f"Your id is {counter.worker.id}")
    for data in ("ad.outs:0", "ad.out:1", "ad.take:1:1", "ad.sent:1:1", "ad.in:1", "ad.yes:1:1", "ad.no:w:1:1"):
        toast = await counter.worker.press_data(stranger.message_id, data)
        assert toast.text == "You can't do that here.", data
    for data in ("ad.book", "ad.check", "ad.stop", "ad.ask", "ad.run", "ad.ins:0"):
        toast = await counter.worker.press_data(stranger.message_id, data)
        assert toast.text == "You can't do that here.", data
    await say(counter.operator, "/admin", "Withdrawals to pay: 0 ($0.00)")
    await tap(counter.operator, "Stop payouts", "Payouts are stopped: an operator stopped them")
    await tap(counter.operator, "Resume payouts", "Let payouts go on?")
    await tap(counter.operator, "Let them go on", "Ledger: not checked yet")
    await tap(counter.operator, "Ledger check", "Ledger check")
    await tap(counter.operator, "Check now", "A check of everything will run within a minute")
    assert await counter.world.value("SELECT count(*) FROM flags WHERE name = 'audit_wanted'") == 1


async def test_the_balance_tells_the_time_of_the_next_payment(counter: Counter) -> None:
    """Proves that work that waits for review is a line of its own with the day on which it pays itself."""
    member_id = await counter.earn(10_000)
    employer = await counter.world.member()
    await counter.world.fund(employer, 600)
    job_id, lot_id = await counter.world.job(employer, reward=600, fee=0, slots=1)
    assignment = await counter.world.take(job_id, lot_id, member_id)
    due = int((utc_now() + timedelta(days=2)).timestamp() * 1000)
    await counter.world.execute(
        "INSERT INTO submissions (assignment_id, job_id, status, submitted_at, review_by_at)"
        " VALUES (?, ?, 'pending', 1, ?)",
        assignment,
        job_id,
        due,
    )
    card = await say(counter.worker, "/balance", "Waiting for review: $0.06 (the first is paid by")
    assert "Available: $1.00" in card.text
