"""People under load while the bot is killed: taps, and a conversation of three typed answers that ends in a claim.

Every send to Telegram takes 50 ms, so a kill finds replies under way. A kill counts only if, after it, the database
holds an update that was stored and a reply that had not left. What is checked at the end:

    answered   every tap was answered, every typed line got its reply, however many kills came between
    once       every claim stands in the database exactly once; no more replies than lines, but for those
               that the inbox says were sent again after a kill
"""

import asyncio
import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.bot_process import BotProcess
from tests.engines import Look, looking
from tests.phone import Phone, Telegram
from tests.waiting import eventually

SLOW_SEND_SECONDS = 0.05
#: Updates a start must have answered before it may be killed.
PROGRESS = 3
SENDING = ("sendMessage", "editMessageText", "answerCallbackQuery")
#: A member may have three claims open; a share of what people do is such a claim, the rest are single lines.
OPEN_CLAIMS = 3
CLAIM_SHARE = 0.15
LINES = ("/balance", "/jobs", "/mywork", "/help", "hello there")
TAPS = ("go.home", "go.money", "go.help")


@dataclass
class Report:
    """What a run found."""

    kills: int = 0
    missed_kills: int = 0
    lines: int = 0
    taps: int = 0
    claims: int = 0
    unanswered: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills ({self.missed_kills} found nothing under way), {self.lines} lines, {self.taps} taps, "
            f"{self.claims} claims; unanswered {len(self.unanswered)}, doubled {len(self.doubled)}"
        )


@dataclass
class Person:
    """One person who taps and types, and waits for each answer."""

    phone: Phone
    patience: float
    report: Report
    random: random.Random
    sent: int = 0
    claimed: list[str] = field(default_factory=list)
    claiming: bool = False

    async def replies(self) -> int:
        """Count the messages the bot sent to this person."""
        return sum(1 for message in await self.phone.chat() if not message.mine)

    async def say(self, text: str) -> None:
        """Type a line and wait until a message more than before is there."""
        before = await self.replies()
        await self.phone.send(text)
        self.sent += 1
        self.report.lines += 1

        async def more() -> bool:
            return await self.replies() > before

        await eventually(more, f"{self.phone.name}: an answer to {text!r}", seconds=self.patience)

    async def tap(self) -> None:
        """Press one of the buttons that lead about and wait until the tap is answered."""
        mine = [m for m in await self.phone.chat() if not m.mine and m.buttons]  # others can't be edited
        if not mine:
            return
        call = await self.phone.tap_data(mine[-1].message_id, self.random.choice(TAPS))
        self.report.taps += 1

        async def answered() -> bool:
            return await self.phone.answered(call)

        await eventually(answered, f"{self.phone.name}: a tap's answer", seconds=self.patience)

    async def claim(self) -> None:
        """Say that money was paid in: a conversation of three typed answers."""
        reference = f"R{self.phone.id}N{len(self.claimed)}"
        self.claiming = True
        for line in ("/deposit", f"{self.random.randrange(2, 90)}", reference):
            await self.say(line)
        self.claimed.append(reference)

        async def stands() -> bool:
            return any(reference in message.text for message in await self.phone.chat() if not message.mine)

        # An answer that was sent again counts for a line; a tap may overtake the lines that still wait at Telegram.
        await eventually(stands, f"{self.phone.name}: the claim {reference}", seconds=self.patience)
        self.claiming = False

    async def live(self, until: asyncio.Event) -> None:
        """Tap and type until told to stop; the first answer that never comes ends it."""
        try:
            await self.say("/start")
            self.sent += 1  # the welcome and the home screen are two messages
            while not until.is_set():
                for _ in range(self.random.randrange(1, 4)):
                    await self.tap()
                if len(self.claimed) < OPEN_CLAIMS and self.random.random() < CLAIM_SHARE:
                    await self.claim()
                else:
                    await self.say(self.random.choice(LINES))
        except AssertionError as lost:
            self.report.unanswered.append(str(lost))


async def under_way(look: Look) -> tuple[int, int]:
    """Give how many stored updates are not answered, and how many of them have a reply on its way."""
    ((unanswered, replying),) = await look(
        "SELECT count(*), count(*) FILTER (WHERE status = 'applied') FROM inbox WHERE status IN ('new', 'applied')"
    )
    return unanswered, replying


async def answered(look: Look) -> int:
    """Give how many updates are answered: on a busy machine each start must get somewhere before it is killed."""
    ((count,),) = await look("SELECT count(*) FROM inbox WHERE status = 'answered'")
    return int(count)


async def play(
    telegram: Telegram,
    bot: BotProcess,
    *,
    kills: int,
    people: int,
    seed: int,
    patience: float,
    duplicates: bool = True,
    control: bool = False,
) -> Report:
    """Run people against the bot, killing and restarting it; the bot runs before and after.

    A `control` run kills whatever the inbox says (its bot may not tell the truth there) and ends at the first loss.
    """
    chance = random.Random(seed)
    report = Report()
    for method in SENDING:
        await telegram.fault("delay", method=method, seconds=SLOW_SEND_SECONDS, count=10_000_000)
    crowd = [
        Person(await telegram.person(f"P{n}", language_code="en"), patience, report, random.Random(seed * 1000 + n))
        for n in range(people)
    ]
    stop = asyncio.Event()
    lives = [asyncio.create_task(person.live(stop)) for person in crowd]
    doubles = asyncio.create_task(_repeat_updates(telegram, crowd, stop, chance)) if duplicates else None
    async with looking(bot.folder / "bot.db") as look:
        try:
            await _kill_again_and_again(bot, look, lives, report, kills=kills, chance=chance, control=control)
            if kills == 0:
                await asyncio.sleep(3)  # a run without kills: people live for a while
        finally:
            stop.set()
            await asyncio.gather(*lives)
            last = await doubles if doubles is not None else 0
            await telegram.clear_faults()
        await _settle(look, patience, last)
        await _judge(crowd, look, report)
    return report


async def _kill_again_and_again(
    bot: BotProcess,
    look: Look,
    lives: Sequence["asyncio.Task[None]"],
    report: Report,
    *,
    kills: int,
    chance: random.Random,
    control: bool,
) -> None:
    progress = await answered(look)
    while report.kills < kills and not all(life.done() for life in lives) and not (control and report.unanswered):
        await asyncio.sleep(chance.uniform(0.05, 0.4))  # the moment of the kill is drawn, not waited for
        if not control and ((await under_way(look))[1] == 0 or await answered(look) < progress + PROGRESS):
            continue
        await bot.kill()
        unanswered, replying = await under_way(look)
        if control or (unanswered >= 1 and replying >= 1):
            report.kills += 1
        else:
            report.missed_kills += 1
        await bot.start()
        progress = await answered(look)


async def _repeat_updates(
    telegram: Telegram, crowd: Sequence[Person], stop: asyncio.Event, chance: random.Random
) -> int:
    """Send updates whose id comes twice: each is a typed line that must be answered once. Gives the last id."""
    update_id = 900_000_000
    while not stop.is_set():
        await asyncio.sleep(0.3)
        free = [person for person in crowd if not person.claiming]  # a command would put their conversation aside
        if not free:
            continue
        person = chance.choice(free)
        update_id += 10_000  # ahead of the ids that real updates get from here on
        body = {
            "message_id": update_id % 1_000_000 + 5_000_000,
            "date": 1_900_000_000,
            "chat": {"id": person.phone.id, "type": "private", "first_name": person.phone.name},
            "from": {"id": person.phone.id, "is_bot": False, "first_name": person.phone.name, "language_code": "en"},
            "text": "/help",
            "entities": [{"type": "bot_command", "offset": 0, "length": 5}],
        }
        for _ in range(2):
            await telegram.update({"update_id": update_id, "message": body})
        person.sent += 1
    return update_id


async def _settle(look: Look, patience: float, last_update_id: int) -> None:
    """Wait until the last repeated update has come in and nothing stored is unanswered."""

    async def settled() -> bool:
        came = not last_update_id or await look("SELECT 1 FROM inbox WHERE update_id = ?", last_update_id)
        return bool(came) and (await under_way(look))[0] == 0

    with contextlib.suppress(AssertionError):
        await eventually(settled, "the inbox is done", seconds=patience)


async def _judge(crowd: Sequence[Person], look: Look, report: Report) -> None:
    """Compare what people saw with what the database holds."""
    sends = await look("SELECT sender_id, sum(sends) FROM inbox GROUP BY sender_id")
    again = {sender: int(count) for sender, count in sends}
    for person in crowd:
        replies = await person.replies()
        allowed = person.sent + again.get(person.phone.id, 0)
        if replies > allowed:
            report.doubled.append(f"{person.phone.name}: {replies} replies to {person.sent} lines")
        if replies < person.sent:
            report.unanswered.append(f"{person.phone.name}: {replies} replies to {person.sent} lines")
    await judge_claims(crowd, look, report)
    stuck = await look("SELECT id, status FROM inbox WHERE status IN ('new', 'quarantined')")
    report.unanswered += [f"stuck: {row}" for row in stuck]


async def judge_claims(crowd: Sequence[Person], look: Look, report: Report) -> None:
    """See that every claim that somebody made stands in the database, once."""
    stored = [str(row[0]) for row in await look("SELECT reference FROM deposits")]
    claimed = [reference for person in crowd for reference in person.claimed]
    report.claims = len(stored)
    report.unanswered += [f"claim lost: {reference}" for reference in claimed if reference not in stored]
    report.doubled += [f"claim twice: {reference}" for reference in set(stored) if stored.count(reference) > 1]
