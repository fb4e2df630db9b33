"""Buttons that nobody was shown, and buttons pressed again when everything is over: nothing may come of them.

On a commit as many as fit into some seconds, in the campaign (CAMPAIGN=1) as many as reliability asks for. The seed of
every run is in its figure; SEED=... repeats one.
"""

import os
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from handlers.callbacks import known_callbacks
from storage.database import Database
from storage.migrate import migrate
from tests.conftest import NOW
from tests.engines import url_of
from tests.rights_files import Files, changes
from tests.rights_stage import RightsStage, rights_stage
from tests.rights_table import TABLE, Row
from tests.rights_world import HOUSE, KEY, PEOPLE, Rights, Thing
from tests.story_hand import play_story
from tests.whole_bot import whole_bot

CAMPAIGN = os.environ.get("CAMPAIGN") == "1"
SECONDS = 4.0
FORGED = 50_000 if CAMPAIGN else 500
REPLAYED = 20_000 if CAMPAIGN else 500
TOGETHER = 40
JUNK = (
    "",
    "0",
    "-1",
    "1",
    "9" * 19,
    "-" + "9" * 18,
    str(2**63 - 1),
    str(-(2**63)),
    str(2**53),
    "1e3",
    "٣",
    "0x1",
    "None",
    "'--",
)
Record = Callable[[str, object], None]
ROWS = [row for row in TABLE if row.content is None and not row.do.startswith("/")]
RIGHTS = {name: {role for row in ROWS if row.name == name for role in row.may} for name in {row.name for row in ROWS}}


@pytest.fixture
def seed() -> int:
    """Give the seed of this run."""
    return int(os.environ.get("SEED", random.randrange(2**32)))


@pytest.fixture
async def stage(tmp_path: Path, marketplace: Rights) -> AsyncIterator[RightsStage]:
    """Give a marketplace with everything in it, and the bot that serves it."""
    async with rights_stage(tmp_path, marketplace) as made:
        yield made


def goes_on(done: int, floor: int, began: float) -> bool:
    """Whether to do more: to the floor always, and beyond it on a commit while there is time."""
    return done < floor or (not CAMPAIGN and time.monotonic() - began < SECONDS)


class Forger:
    """Makes presses that nobody has the right to."""

    def __init__(self, rights: Rights, chance: random.Random) -> None:
        self.rights = rights
        self.chance = chance
        self.things = rights.things
        self.prefixes = sorted(known_callbacks())
        self.spare = {"token": "abc", "revision": 1}

    def presses(self) -> Iterator[tuple[int, str]]:
        """Give (member, data) without end."""
        ways = (self._wrong_shape, self._any_ids, self._somebody_elses, self._mixed, self._another_version)
        while True:
            found = self.chance.choice(ways)()
            if found is not None and len(found[1].encode()) <= 64:
                yield found

    def _member(self, role: str, thing: Thing) -> int:
        return self.rights.member_of(role, thing)

    def _without_right(self, name: str) -> str | None:
        """Give a role that this button is never for; the settings of the presser do not count."""
        none = [role for role in PEOPLE if role not in RIGHTS.get(name, set())]
        return self.chance.choice(none) if none else None

    def _wrong_shape(self) -> tuple[int, str]:
        """Any prefix with any number of anything, also no prefix of ours."""
        kind = known_callbacks()[self.chance.choice(self.prefixes)]
        count = self.chance.choice([n for n in range(6) if n != len(kind.types)])
        prefix = self.chance.choice([kind.prefix, kind.prefix, kind.prefix[:-1], kind.prefix.upper(), "zz.none", ""])
        data = ":".join([prefix, *(self.chance.choice(JUNK) for _ in range(count))])
        known = data.split(":")[0] in RIGHTS and data.count(":") == len(known_callbacks()[data.split(":")[0]].types)
        role = self._without_right(data.split(":")[0]) if known else self.chance.choice(list(PEOPLE))
        return self._member(role or "stranger", self.chance.choice(self.things)), data or "?"

    def _any_ids(self) -> tuple[int, str] | None:
        """The right shape with numbers and words out of the air."""
        kind = known_callbacks()[self.chance.choice(self.prefixes)]
        role = self._without_right(kind.prefix)
        values = [
            self.chance.choice([*JUNK, str(self.chance.randrange(40))])
            if one is int
            else self.chance.choice(["", "x", "surveys", "p", "\u202e", "None", "all", "🙂", "<b>", "%s", "{0}"])
            for one in kind.types
        ]
        return (self.rights.roles[role], ":".join([kind.prefix, *values])) if role else None

    def _somebody_elses(self) -> tuple[int, str] | None:
        """A real button, pressed by somebody it was not drawn for."""
        row = self.chance.choice(ROWS)
        role = self._without_right(row.name)
        thing = self.chance.choice([thing for thing in self.things if thing.kind == row.of])
        return (self._member(role, thing), self._data(row, thing)) if role else None

    def _mixed(self) -> tuple[int, str] | None:
        """A real button whose numbers come from different things."""
        row = self.chance.choice(ROWS)
        role = self._without_right(row.name)
        things = [thing for thing in self.things if thing.kind == row.of]
        ids = {name: self.chance.choice(things).ids[name] for name in things[0].ids}
        mixed = Thing(row.of, "mixed", ids)
        return (self.rights.roles[role], self._data(row, mixed)) if role else None

    def _another_version(self) -> tuple[int, str] | None:
        """A button that was right before something changed, or claims to come after."""
        row = self.chance.choice([row for row in ROWS if "_version}" in row.do])
        thing = self.chance.choice([thing for thing in self.things if thing.kind == row.of])
        role = self.chance.choice(sorted(row.may) or ["employer"])
        step = self.chance.choice([-(10**9), -2, -1, 1, 2, 10**9])
        other = {name: number + step if name.endswith("_version") else number for name, number in thing.ids.items()}
        return self._member(role, thing), self._data(row, Thing(thing.kind, thing.stage, other))

    def _data(self, row: Row, thing: Thing) -> str:
        return row.do.format(**{**self.spare, **thing.ids})

    async def stand_somewhere(self, member: int, files: Files) -> None:
        """Let a member stand in some conversation, with a draft about some thing."""
        row = self.chance.choice([row for row in TABLE if row.at is not None])
        thing = self.chance.choice([thing for thing in self.things if thing.kind == row.of])
        assert row.at is not None
        conversation, state, draft = row.at
        await files.stand(member, conversation, state, draft(thing, member), NOW)


async def test_forged_buttons(stage: RightsStage, seed: int, record_property: Record) -> None:
    """Proves that no invented, stolen or outdated button has an effect, fails, or stays without an answer."""
    chance = random.Random(seed)
    forger = Forger(stage.rights, chance)
    presses = forger.presses()
    done, began = 0, time.monotonic()
    before = await stage.files.snapshot()
    while goes_on(done, FORGED, began):
        batch = [next(presses) for _ in range(TOGETHER)]
        for member in {member for member, _ in batch}:
            if chance.random() < 0.3:
                await forger.stand_somewhere(member, stage.files)
        await stage.bot.press_all([(stage.rights.telegram[member], data) for member, data in batch])
        stage.bot.post.take()
        after = await stage.files.snapshot()
        own = {(table, member) for table in ("members", "subscriptions") for member, _ in batch}
        assert changes(before, after) <= own, f"seed {seed}: {changes(before, after) - own} by one of {batch}"
        before, done = after, done + len(batch)
    record_property("figure", f"{done} forged buttons: no effect, none set aside, all answered (seed {seed})")
    assert done >= FORGED


async def test_replayed_buttons(tmp_path: Path, seed: int, record_property: Record) -> None:
    """Proves that no button of a finished story has an effect when its owner, or anybody else in it, presses again."""
    database = await Database.open(url_of(tmp_path / "bot.db"))
    await migrate(database)
    (tmp_path / "secret.key").write_bytes(KEY)
    chance, done, began = random.Random(seed), 0, time.monotonic()
    try:
        async with whole_bot(database, HOUSE, key_folder=tmp_path, now=NOW) as bot:
            hands = await play_story(bot)
            files = await Files.open(tmp_path / "bot.db", operator=0)
            end = await files.snapshot()
            pressed = [(hand.id, data) for hand in hands for data in hand.pressed]
            assert len(pressed) > 40, "a whole story"
            assert await files.execute("SELECT status FROM withdrawals") == [("paid",)], "to its end"
            while goes_on(done, REPLAYED, began):
                again = [(who if chance.random() < 0.7 else chance.choice(hands).id, data) for who, data in pressed]
                chance.shuffle(again)
                await bot.press_all(again)
                bot.post.take()
                assert changes(end, await files.snapshot()) == set(), f"seed {seed}: by one of {again}"
                done += len(again)
            await files.close()
    finally:
        await database.close()
    record_property("figure", f"{done} buttons pressed again: no effect (seed {seed})")
    assert done >= REPLAYED
