"""The whole loop on four phones: paid in, published, alerted, worked, reviewed, fixed, paid, cashed out."""

import asyncio
from pathlib import Path

from tests.bot_process import bot_process, command
from tests.e2e.cast import (
    OPERATOR_ID,
    PHOTO_PROOF,
    answer_proof,
    deposit,
    operator,
    publish_job,
    send_proof,
    sign_up,
)
from tests.phone import Message, Phone, Telegram
from tests.pictures import screenshot

TITLE = "Read an article and send its end"


async def test_the_whole_loop_on_four_phones(tmp_path: Path, telegram: Telegram) -> None:
    """Proves the main story from the deposit to the paid withdrawal, with books that balance at its end."""
    async with bot_process(tmp_path, telegram.base_url, OPERATOR_IDS=str(OPERATOR_ID)):
        olga = await operator(telegram)
        sara = await telegram.person("Sara", role="employer", language_code="en")
        omar = await telegram.person("Omar", role="subscriber", language_code="en")
        ali = await telegram.person("Ali", role="worker", language_code="en")
        await asyncio.gather(deposit(sara, olga, reference="TX-20481"), _subscribe(omar))
        await publish_job(sara, title=TITLE, reward="10.50", places=2)
        await asyncio.gather(_work_from_the_list(ali), _work_from_the_alert(omar))
        await _review(sara, ali, omar)
        await _withdraw(ali, olga)
    code, output, errors = await command(tmp_path, "verify")
    assert code == 0, output + errors


async def _subscribe(omar: Phone) -> None:
    """Turn alerts on from one dollar; nobody asks to sign up for that."""
    await omar.send("/alerts")
    await omar.wait_for("Off. Turn them on")
    await omar.press("$1.00")
    await omar.wait_for("You get a message when a new job pays $1.00 or more.")


async def _work_from_the_list(ali: Phone) -> None:
    """Find the job, look at it, apply, sign up, send an album and words, request completion."""
    await ali.send("/start")
    await ali.wait_for_button("🔎 Jobs")
    await ali.send("/jobs")
    await ali.wait_for_button("All jobs · 1")
    await ali.press("All jobs · 1")
    await ali.wait_for(TITLE)
    await ali.press("1")
    card = await ali.wait_for("You can take this job. You never pay to work.")
    assert f"1 photo: {PHOTO_PROOF}" in card.text
    await ali.press("✅ Apply · $10.50")
    await sign_up(ali)
    await ali.press("📷 Send proof")
    preview = await answer_proof(ali, [screenshot(n) for n in range(3)], "harvest")
    assert preview.photo
    assert "1/3" in preview.buttons
    assert "harvest" in preview.text
    assert (await ali.press("📨 Request for complete")).text == "Sent. Thank you!"
    await ali.wait_for("Your proof is sent and waits for review.")


async def _work_from_the_alert(omar: Phone) -> None:
    """Apply in the alert's own message, sign up, send one photo and words."""
    alert = await omar.wait_for("New job for $10.50")
    await omar.press("✅ Apply", message_id=alert.message_id)
    await sign_up(omar)
    await send_proof(omar, [screenshot(50)], "water")


async def _review(sara: Phone, ali: Phone, omar: Phone) -> None:
    """Send one proof back and reject the other, then approve, undo, approve again; the worker is paid."""
    await sara.wait_for("📥 2 proofs")
    told = [m for m in await sara.chat() if "📥" in m.text]
    assert len(told) == 1
    await sara.press("📥 Review", message_id=told[0].message_id)
    first = await sara.wait_for("Proof 1 of 2")
    assert first.photo
    assert "Ali" not in first.text + "".join(first.buttons)
    ali_is_first = "harvest" in first.text
    await (_ask_to_fix if ali_is_first else _reject)(sara)
    second = await sara.wait_for("Proof 1 of 1")
    assert ("water" in second.text) is ali_is_first
    await (_reject if ali_is_first else _ask_to_fix)(sara)
    await sara.wait_for("No proof waits for your review.")

    fix, no = await asyncio.gather(ali.wait_for("Please fix your proof"), omar.wait_for("was not accepted"))
    assert "Reason: Steps not finished" in fix.text
    assert "The employer says: Show <all> of the end & scroll" in fix.text
    assert "Reason: Answer is wrong" in no.text
    assert "The employer says: The last word is harvest." in no.text
    await _fix(ali, fix)
    await _approve_undo_approve(sara)
    receipt = await ali.wait_for("+$10.50")
    assert "The employer approved your proof." in receipt.text
    await ali.press("💰 Balance", message_id=receipt.message_id)
    balance = await ali.wait_for("Your balance")
    assert "Available: $10.50" in balance.text
    assert "Earned in total: $10.50" in balance.text


async def _ask_to_fix(sara: Phone) -> None:
    """Send the open proof back with a reason and a note."""
    await sara.press("🔁 Ask to fix")
    await sara.wait_for("What should the worker fix?")
    await sara.press("Steps not finished")
    await sara.wait_for("Add a note?")
    await sara.send("Show <all> of the end & scroll")


async def _reject(sara: Phone) -> None:
    """Reject the open proof with a reason and a note."""
    await sara.press("❌ Reject")
    await sara.wait_for("Why do you reject this proof?")
    await sara.press("Answer is wrong")
    await sara.wait_for("Add a note?")
    await sara.send("The last word is harvest.")


async def _fix(ali: Phone, fix: Message) -> None:
    """Send the proof again with a new photo; the words are kept and not asked again."""
    await ali.press("📷 Send again", message_id=fix.message_id)
    await ali.wait_for("Check your proof")
    await ali.press("✏️ Change 1")
    await ali.wait_for("Please send 1 photo or screenshot.")
    await ali.send_photos([screenshot(7)])
    await ali.wait_for("Received: 1 of 1")
    await ali.press("✅ Done with photos")
    preview = await ali.wait_for("Check your proof")
    assert "harvest" in preview.text
    await ali.press("📨 Request for complete")
    await ali.wait_for("Your proof is sent and waits for review.")


async def _approve_undo_approve(sara: Phone) -> None:
    """Approve the proof that came again, take it back, and approve it after all."""
    told = await sara.wait_for("📥 1 proof")
    await sara.press("📥 Review", message_id=told.message_id)
    again = await sara.wait_for("Sent again. You asked: Steps not finished")
    assert again.photo
    assert (await sara.press("✅ Approve · $10.50")).text == "✅ Approved"
    await sara.wait_for("You can undo this")
    assert (await sara.press("↩ Undo")).text == "↩ Undone"
    await sara.wait_for("Proof 1 of 1")
    assert (await sara.press("✅ Approve · $10.50")).text == "✅ Approved"
    await sara.wait_for("No proof waits for your review.")


async def _withdraw(ali: Phone, olga: Phone) -> None:
    """Ask for $10 to PayPal; the operator is pushed, pays by hand, and the worker reads the reference."""
    await ali.send("/withdraw")
    await ali.wait_for("How do you want to be paid?")
    await ali.press("PayPal")
    await ali.wait_for("Type the e-mail address of your PayPal account")
    await ali.send("ali@example.com")
    await ali.wait_for("How much?")
    await ali.press("$10.00")
    confirm = await ali.wait_for("You get: $10.00")
    assert "ali@example.com" not in confirm.text
    asked = await ali.press("✅ Withdraw $10.00")
    assert asked.text is not None
    number = asked.text.removeprefix("Requested: ")
    assert number.startswith("W-")
    push = await olga.wait_for(f"{number}: $10.00 by PayPal")
    await olga.press("Open", message_id=push.message_id)
    await olga.wait_for("Requested:")
    await olga.press("✋ I pay it now")
    await olga.wait_for("To: ali@example.com")
    await ali.wait_for(f"Withdrawal {number} is being paid now.")
    await olga.press("✅ Mark sent")
    await olga.wait_for("Type the reference of your payment")
    await olga.send("9AB12345CD678901E")
    await olga.wait_for(f"{number}: paid")
    paid = await ali.wait_for(f"Withdrawal {number} is paid.")
    assert "Payment reference: 9AB12345CD678901E" in paid.text
    await ali.press("💰 Balance", message_id=paid.message_id)
    balance = await ali.wait_for("Your balance")
    assert "Available: $0.50" in balance.text
    assert "In withdrawals: $0.00" in balance.text
