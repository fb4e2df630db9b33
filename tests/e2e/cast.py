"""What people of these stories do again and again: a few taps and lines on a phone, never a write to the database."""

from __future__ import annotations

import re

from tests.phone import Message, Phone, Telegram

OPERATOR_ID = 900_100
STEPS = "1. Open the page example.com\n2. Read the first article\n3. Take a screenshot of its end"
PHOTO_PROOF = "The end of the article"
TEXT_PROOF = "The last word of the article"


async def operator(telegram: Telegram) -> Phone:
    """Bring the operator to life, who has opened the bot once."""
    phone = await telegram.person("Olga", id=OPERATOR_ID, role="operator", language_code="en")
    await phone.send("/start")
    await phone.wait_for_button("🛠")
    return phone


async def deposit(employer: Phone, desk: Phone, *, reference: str, amount: str = "50") -> None:
    """Claim that dollars were paid in; the operator is pushed, finds the claim at the desk and confirms it."""
    dollars = f"${amount}.00"
    await employer.send("/deposit")
    asked = await employer.wait_for("How much?")
    if dollars in asked.buttons:
        await employer.press(dollars)
    else:
        await employer.send(amount)
    await employer.wait_for(f"Pay {dollars} like this:")
    await employer.send(reference)
    await employer.wait_for(f"We look for {dollars} with the reference {reference}")
    push = await desk.wait_for(f"Payment reference: {reference}")
    await desk.press("Open", message_id=push.message_id)
    await desk.wait_for_button("✅ It arrived")
    assert (await desk.press("✅ It arrived")).text == "Confirmed. The member was told."
    await employer.wait_for(f"{dollars} arrived and is yours for jobs.")


async def to_steps(employer: Phone, *, title: str, category: str = "Websites") -> None:
    """Begin a job and answer its first two questions."""
    await employer.send("/newjob")
    await employer.wait_for_button(category)
    await employer.press(category)
    await employer.wait_for("Type a short title")
    await employer.send(title)
    await employer.wait_for("Type the steps")


async def add_proofs(employer: Phone) -> None:
    """Ask for one photo and one text."""
    await employer.press("➕ Photo")
    await employer.wait_for("How many photos?")
    await employer.press("1")
    await employer.wait_for("Type what the photo must show.")
    await employer.send(PHOTO_PROOF)
    await employer.wait_for(f"1 photo: {PHOTO_PROOF}")
    await employer.press("➕ Text")
    await employer.wait_for("Type what the worker must write.")
    await employer.send(TEXT_PROOF)
    await employer.wait_for(f"Text: {TEXT_PROOF}")
    await employer.press("Done (2)")
    await employer.wait_for("How much do you pay for each place?")


async def publish_job(employer: Phone, *, title: str, reward: str, places: int) -> str:
    """Go through the whole wizard; gives what the job's deep link carries."""
    await to_steps(employer, title=title)
    await employer.send(STEPS)
    await employer.wait_for("3. Take a screenshot of its end")
    await employer.press("Done (3)")
    await employer.wait_for("What must workers send")
    await add_proofs(employer)
    await employer.send(reward)
    await employer.wait_for("How many people should do this job?")
    await employer.send(str(places))
    await employer.wait_for("Nothing is published yet.")
    return await publish_it(employer)


async def publish_it(employer: Phone) -> str:
    """Publish the job whose preview is open; gives what its deep link carries."""
    assert (await employer.press("✅ Publish for")).text == "Published!"
    published = await employer.wait_for("Link for workers:")
    link = re.search(r"\?start=(job_[A-Za-z0-9_-]+)", published.text)
    assert link is not None, published
    return link.group(1)


async def sign_up(worker: Phone) -> Message:
    """Answer the two questions that the first Apply asks; gives the card of the place that was held meanwhile."""
    await worker.wait_for("In which country do you live?")
    await worker.press("Pakistan")
    await worker.wait_for("Please read this")
    assert (await worker.press("✅ I agree")).text == "Welcome! The place is yours."
    return await worker.wait_for_button("📷 Send proof")


async def take_place(worker: Phone, link: str) -> Message:
    """Come by a job's deep link, apply for the first time and sign up; gives the card of the place."""
    await worker.send(f"/start {link}")
    await worker.wait_for_button("✅ Apply")
    await worker.press("✅ Apply")
    return await sign_up(worker)


async def answer_proof(worker: Phone, pictures: list[bytes], words: str) -> Message:
    """Send the photos and the text that the open proof asks for; gives the preview."""
    await worker.wait_for("Please send 1 photo or screenshot.")
    await worker.send_photos(pictures)
    await worker.wait_for(f"Received: {len(pictures)} of 1")
    await worker.press("✅ Done with photos")
    await worker.wait_for("Please type your answer")
    await worker.send(words)
    return await worker.wait_for("Check your proof")


async def send_proof(worker: Phone, pictures: list[bytes], words: str) -> None:
    """Open the proof of the place on the screen, answer all of it and request completion."""
    await worker.press("📷 Send proof")
    await answer_proof(worker, pictures, words)
    assert (await worker.press("📨 Request for complete")).text == "Sent. Thank you!"
    await worker.wait_for("Your proof is sent and waits for review.")
