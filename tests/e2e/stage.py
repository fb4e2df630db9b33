"""A running bot with an operator and an employer who has published a job, shared by all tests of a module."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.bot_process import bot_process, command
from tests.e2e.cast import OPERATOR_ID, deposit, operator, publish_job, send_proof, take_place
from tests.emulator_process import emulator_process
from tests.phone import Phone, Telegram
from tests.pictures import screenshot

REWARD = "$10.00"
PLACES = 8


@dataclass
class Stage:
    """What the tests of a module share."""

    telegram: Telegram
    folder: Path
    olga: Phone
    sara: Phone
    link: str
    earner: Phone | None = None
    seed: int = 0

    async def someone(self, name: str) -> Phone:
        """Bring somebody new to life."""
        return await self.telegram.person(name, role="worker", language_code="en")

    async def worker(self, name: str) -> Phone:
        """Bring somebody to life who signs up and takes a place in the job."""
        phone = await self.someone(name)
        await take_place(phone, self.link)
        return phone

    async def proven(self, name: str) -> Phone:
        """Bring somebody to life whose proof waits for review, in front of the employer."""
        phone = await self.worker(name)
        self.seed += 1
        words = f"harvest {self.seed}"
        await send_proof(phone, [screenshot(1000 + self.seed)], words)
        told = await self.sara.wait_for("📥")
        await self.sara.press("📥 Review", message_id=told.message_id)
        while words not in (await self.sara.wait_for("Worker #")).text:
            await self.sara.press("⏭ Skip")
        return phone

    async def paid(self) -> Phone:
        """Give somebody who has earned a reward of $10."""
        if self.earner is None:
            self.earner = await self.proven("Eve")
            await self.sara.press("✅ Approve ·")
            await self.earner.wait_for("+$10.00")
        return self.earner


@contextlib.asynccontextmanager
async def set_stage(folder: Path) -> AsyncIterator[Stage]:
    """Set the stage; at the end nobody was told of a failure and the books are right."""
    async with emulator_process(folder, "--no-limits") as url, Telegram(url, patience_seconds=20) as telegram:
        async with bot_process(folder, url, OPERATOR_IDS=str(OPERATOR_ID)) as bot:
            olga = await operator(telegram)
            sara = await telegram.person("Sara", role="employer", language_code="en")
            await deposit(sara, olga, reference="TX-1", amount="100")
            link = await publish_job(sara, title="Read an article", reward="10", places=PLACES)
            yield Stage(telegram, folder, olga, sara, link)
        assert "update_failed" not in bot.log.read_text()
        for phone in telegram.phones.values():
            assert [m for m in await phone.chat() if "Sorry" in m.text] == [], phone
        assert await telegram.problems() == []
    code, output, errors = await command(folder, "verify")
    assert code == 0, output + errors
