"""A person who taps what they see, without HTTP, and one whole story from the deposit to the payout, told with it."""

import re
from datetime import timedelta

from bot.services import review
from storage import members
from tests.rights_world import HOUSE
from tests.screen import looked_at
from tests.whole_bot import Shown, WholeBot, photo

STEPS = "1. Open the page example.com\n2. Read the first article"


class Hand:
    """One person: what they saw last, and every button they pressed."""

    def __init__(self, bot: WholeBot, number: int) -> None:
        self.bot = bot
        self.id = number
        self.seen: list[Shown] = []
        self.pressed: list[str] = []

    async def say(self, text: str) -> None:
        """Type something."""
        self.seen += (await self.bot.say(self.id, text=text))[0]

    async def send_photo(self, unique: str) -> None:
        """Send a photo."""
        self.seen += (await self.bot.say(self.id, **photo(unique)))[0]

    async def tap(self, label: str) -> None:
        """Tap the newest button with these words in its label."""
        fits = [d for card in reversed(self.seen) for words, d in card.buttons if label in words and d]
        assert fits, f"no button {label!r}; last seen: {self.seen[-1:]}"
        await self.press(fits[0])

    async def press(self, data: str) -> None:
        """Press a button by what it means."""
        data = looked_at(data)
        self.pressed.append(data)
        self.seen += (await self.bot.press(self.id, data))[0]

    def read(self, pattern: str) -> str:
        """Give what the newest message that matches says."""
        found = next(match for card in reversed(self.seen) if (match := re.search(pattern, card.text)))
        return found.group(1)


async def play_story(bot: WholeBot) -> list[Hand]:
    """Play deposit, job, work, a fix, a decision undone, pay and payout; gives everybody who took part."""
    employer, worker, operator, curious = hands = [Hand(bot, 900_001 + n) for n in range(4)]
    for hand in hands:
        await hand.say("/start")
    async with bot.database.unit("operators", now=bot.now) as uow:
        await members.set_operators(uow.tx, [operator.id])
    await _fund(employer, operator)
    link = await _publish(employer)
    await _work(worker, link)
    await _review(employer, worker)
    bot.now += timedelta(minutes=1)
    async with bot.database.unit("pay", now=bot.now) as uow:
        assert await review.pay_approved(uow, house=HOUSE) == 1
    await _pay_out(worker, operator)
    for label in ("go.home", "go.work", "go.mine", "go.money", "go.review"):
        await curious.press(label)
        await worker.press(label)
        await employer.press(label)
    bot.now += timedelta(hours=1)
    return hands


async def _fund(employer: Hand, operator: Hand) -> None:
    await employer.say("/deposit")
    await employer.tap("$50.00")
    await employer.say("BANK 4711")
    await operator.say("/admin")
    await operator.tap("Deposits")
    await operator.tap("$50.00")
    await operator.tap("It arrived")


async def _publish(employer: Hand) -> str:
    await employer.press("go.new")
    await employer.tap("Websites")
    await employer.say("Read an article")
    await employer.say(STEPS)
    await employer.tap("Done (2)")
    await employer.tap("➕ Photo")
    await employer.tap("1")
    await employer.say("The end of the article")
    await employer.tap("Done (1)")
    await employer.say("12")
    await employer.say("1")
    await employer.tap("✅ Publish for")
    return employer.read(r"\?start=(job_[A-Za-z0-9_-]+)")


async def _work(worker: Hand, link: str) -> None:
    await worker.say(f"/start {link}")
    await worker.tap("✅ Apply")
    await worker.tap("Pakistan")
    await worker.tap("✅ I agree")
    await worker.press("wk.more:1:2")
    await _send_proof(worker, "first")


async def _send_proof(worker: Hand, unique: str) -> None:
    await worker.tap("Send proof")
    await worker.send_photo(unique)
    await worker.tap("Done with photos")
    await worker.tap("Request for complete")


async def _review(employer: Hand, worker: Hand) -> None:
    await employer.say("/review")
    await employer.tap("Ask to fix")
    await employer.press("rv.why:unreadable")
    await employer.press("rv.nonote")
    employer.bot.now += timedelta(minutes=1)
    await worker.say("/mywork")
    await worker.press("wk.card:1")
    await _send_proof(worker, "second")
    await employer.press("go.review")
    await employer.tap("✅ Approve")
    await employer.tap("↩ Undo")
    await employer.tap("❌ Reject")
    await employer.press("nav.cancel")
    await employer.tap("✅ Approve")


async def _pay_out(worker: Hand, operator: Hand) -> None:
    await worker.press("go.money")
    await worker.press("wa.out")
    await worker.tap("PayPal")
    await worker.say("worker@example.com")
    await worker.tap("$12.00")
    await worker.tap("✅")
    await operator.press("ad.outs:0")
    await operator.tap("$12.00")
    await operator.press("ad.take:1:1")
    await operator.press("ad.sent:1:2")
    await operator.say("PP 4711")
