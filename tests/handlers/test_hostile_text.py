"""Hostile words on every screen that shows what people typed: they are read as words, whatever they try to be.

What the bot would let in is put into every title, step, proof, answer, note and name of a marketplace; then people look
at everything they may look at, and every message owed is drawn. Each reply is parsed as Telegram parses it.
"""

import json
import os
import random
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.domain.job import PHOTOS_LIMIT, WORDS_LIMIT
from bot.domain.job_answers import read_proof_text, read_title
from bot.domain.proof import read_answer
from bot.domain.review import read_note
from bot.domain.text import clean_line, shown_length
from bot.i18n import Translator, languages
from handlers.features import renderers
from handlers.notices import Notice
from handlers.reply import new_message
from storage import members
from tests.conftest import NOW
from tests.hostile import EVIL, hostile, let_in
from tests.rights_stage import RightsStage, rights_stage
from tests.rights_table import TABLE, Row
from tests.rights_world import HOUSE, Rights, Thing
from tests.whole_bot import Shown, read_call

CAMPAIGN = os.environ.get("CAMPAIGN") == "1"
SECONDS = 4.0
FLOOR = 200_000 if CAMPAIGN else 2_000
TOGETHER = 60
#: What no template of ours ever sets: whoever sees one of these was shown somebody's own tag.
NEVER_OURS = {"underline", "spoiler", "pre", "custom_emoji", "text_mention"}
LOOKING = [row for row in TABLE if not row.may and row.content is None and not row.first and row.do != "/cancel"]
ASKING = [row for row in TABLE if row.content == "text" and row.at is not None and not row.may]
OWNERS = ("worker", "employer", "operator")
Record = Callable[[str, object], None]


@pytest.fixture
async def stage(tmp_path: Path, marketplace: Rights) -> AsyncIterator[RightsStage]:
    """Give a marketplace with everything in it, and the bot that serves it."""
    async with rights_stage(tmp_path, marketplace) as made:
        yield made


class Vandal:
    """Writes hostile words wherever people may write, and looks at the result with everybody's eyes."""

    def __init__(self, stage: RightsStage, chance: random.Random) -> None:
        self.stage = stage
        self.chance = chance
        self.shown = 0
        self.showing: set[str] = set()

    def _line(self, read: Callable[[str], str]) -> str:
        return let_in(read, hostile(self.chance))

    def _words(self) -> tuple[list[str], list[dict[str, Any]]]:
        """Give steps and proofs, together as long as a job may be."""
        steps = [self._line(lambda text: clean_line(text)[:300] or "x") for _ in range(self.chance.randint(1, 15))]
        count = self.chance.randint(1, PHOTOS_LIMIT)
        proofs: list[dict[str, Any]] = [
            {"kind": "photo", "count": count, "text": self._line(read_proof_text)},
            {"kind": "text", "text": self._line(read_proof_text)},
        ]
        while sum(shown_length(words) for words in (*steps, *(proof["text"] for proof in proofs))) > WORDS_LIMIT:
            steps.pop()
        return steps or ["x"], proofs

    async def write(self) -> None:
        """Put hostile words into every row that holds what somebody typed."""
        run = self.stage.files.execute
        for (job,) in await run("SELECT id FROM jobs"):
            steps, proofs = self._words()
            words = self._line(read_title), json.dumps(steps), json.dumps(proofs)
            await run("UPDATE jobs SET title = ?, steps = ?, requirements = ? WHERE id = ?", *words, job)
        for (proof,) in await run("SELECT id FROM submissions"):
            answers, note = json.dumps(["", self._line(read_answer)]), self._line(read_note)
            await run("UPDATE submissions SET answers = ? WHERE id = ?", answers, proof)
            await run("UPDATE submissions SET note = ? WHERE id = ? AND reason IS NOT NULL", note, proof)
        await run("UPDATE members SET first_name = ?", hostile(self.chance)[:64])

    def _draft(self, row: Row, thing: Thing, member: int) -> dict[str, Any]:
        assert row.at is not None
        draft = row.at[2](thing, member)
        if row.at[0] == "newjob":
            steps, proofs = self._words()
            draft |= {"title": self._line(read_title), "steps": [{"lines": steps}], "proofs": proofs}
        if row.at[0] == "proof":
            draft["words"] = {str(thing["job"]): {"1": self._line(read_answer)}}
        return draft

    async def look(self, rows: list[Row]) -> None:
        """Let people tap (or answer something unfitting) where they stand, at once, each on one screen."""
        batch: dict[int, tuple[Row, Thing]] = {}
        for _ in range(TOGETHER):
            row = self.chance.choice(rows)
            thing = self.chance.choice([thing for thing in self.stage.rights.things if thing.kind == row.of])
            # What is everybody's own is looked at by somebody who has something, too.
            whose = self.chance.choice(self.stage.rights.things) if row.of == "self" else thing
            batch[self.stage.rights.member_of(self.chance.choice(OWNERS), whose)] = row, thing
        taps, says = [], []
        for member, (row, thing) in batch.items():
            who = self.stage.rights.telegram[member]
            if row.at is not None:
                draft = self._draft(row, thing, member)
                await self.stage.files.stand(member, row.at[0], row.at[1], draft, NOW)
            does = row.do.format(**thing.ids)
            if row.content or does.startswith("/"):
                says.append((who, self.stage.bot.message(who, text=does)))
            else:
                taps.append((who, does))
        if taps:
            await self.stage.bot.press_all(taps)
        await self.stage.bot.take(says)
        for shown in self.stage.bot.post.take()[0]:
            self.check(shown)

    async def read_mail(self) -> None:
        """Draw some of the messages that were ever owed to anybody."""
        table = renderers()
        found = await self.stage.files.execute(
            "SELECT e.kind, e.payload, d.member_id FROM deliveries d JOIN events e ON e.id = d.event_id"
        )
        async with self.stage.bot.database.unit("mail", now=NOW, alone=False) as uow:
            for kind, payload, member_id in self.chance.sample(found, 30):
                member = await members.get_member(uow.tx, member_id)
                t = Translator(self.chance.choice(languages()))
                card = await table[kind](Notice(uow, t, member, HOUSE, json.loads(payload)))
                shown = None if card is None else read_call(new_message(member.telegram_user_id, card))
                if shown is not None:
                    self.check(shown)

    def check(self, shown: Shown) -> None:
        """See that a message has no tag but ours, and count it."""
        kinds = {span.type for span in shown.spans}
        assert not kinds & NEVER_OURS, shown
        assert not any(EVIL in span.argument or "tg://" in span.argument for span in shown.spans), shown
        self.shown += 1
        if "<u>" in shown.text or EVIL in shown.text:
            self.showing.add(shown.text.split("\n")[0][:20])


async def test_hostile_words(stage: RightsStage, record_property: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that no word of anybody becomes markup on anybody's screen, or keeps a screen from being shown."""
    monkeypatch.setattr("bot.replies.PUT_OFF_SECONDS", 0.01)
    seed = int(os.environ.get("SEED", random.randrange(2**32)))
    vandal = Vandal(stage, random.Random(seed))
    began = time.monotonic()
    while vandal.shown < FLOOR or (not CAMPAIGN and time.monotonic() - began < SECONDS):
        await stage.files.restore()
        await vandal.write()
        try:
            for rows in (LOOKING, ASKING, LOOKING, ASKING):
                await vandal.look(rows)
            await vandal.read_mail()
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error
    record_property("figure", f"{vandal.shown} messages with hostile words: no foreign tag, none refused (seed {seed})")
    assert {"My jobs", "My work", "Change your job"} <= vandal.showing, "the words are really shown"
