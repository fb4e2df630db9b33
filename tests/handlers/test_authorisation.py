"""Who may do what: every button, command and question × nine roles × every status, against a table written by hand.

Each cell is played through the real frame. "No effect" means that not one row of the marketplace changed. On
PostgreSQL a commit plays some of the actions, drawn with a seed, and the campaign (CAMPAIGN=1) all.
"""

import os
import random
import re
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from telegram.ext import BaseHandler, CommandHandler, MessageHandler

from handlers.callbacks import known_callbacks
from handlers.conversation import Conversation
from handlers.features import FEATURES
from tests import engines
from tests.rights_files import changes
from tests.rights_stage import RightsStage, rights_stage
from tests.rights_table import TABLE, Row
from tests.rights_world import PEOPLE, Rights, Thing
from tests.whole_bot import photo

#: How many cells of a kind of thing a commit plays on PostgreSQL; all are played on the other engine.
SOME = 1_000
EVERYTHING = os.environ.get("CAMPAIGN") == "1" or not engines.is_postgres()
VERSIONED = re.compile(r"\{(\w+_version|revision)\}")


class Matrix(RightsStage):
    """Plays the cells of the table."""

    async def play(self, row: Row) -> list[str]:
        """Play all cells of a row; gives what is wrong with each that is wrong."""
        cells = [(thing, role) for thing in self.rights.things if thing.kind == row.of for role in PEOPLE]
        effects = [(thing, role) for thing, role in cells if thing.stage in row.may.get(role, "").split()]
        without = [cell for cell in cells if cell not in effects]
        wrong = []
        # A person stands in one conversation at a time: where it matters, one thing after the other.
        for batch in [without] if row.at is None else [[c for c in without if c[0] is t] for t in self.rights.things]:
            if batch and await self._change(row, batch):
                blamed = [cell for cell in batch if await self._change(row, [cell])]
                wrong += [f"{cell[0]}, {cell[1]} has an effect" for cell in blamed or batch]
        for thing, role in effects:
            if problem := await self._effect(row, thing, role):
                wrong.append(f"{thing}, {role} {problem}")
        return [f"{row.name} at {row.at and row.at[:2]}: {problem}" for problem in wrong]

    async def _change(self, row: Row, cells: list[tuple[Thing, str]]) -> set[tuple[str, object]]:
        """Let people do it at once, from the first state; gives the rows that changed."""
        await self._begin(row, cells)
        return await self._do(row, [(thing, self.rights.member_of(role, thing)) for thing, role in cells])

    async def _effect(self, row: Row, thing: Thing, role: str) -> str | None:
        """Do what is allowed: as drawn before and after, now, and once more; gives what is wrong with it."""
        member = self.rights.member_of(role, thing)
        await self._begin(row, [(thing, role)])
        others = [{**thing.ids, name: thing[name] + step} for name in VERSIONED.findall(row.do) for step in (-1, 1)]
        if changed := await self._do(row, [(Thing(thing.kind, thing.stage, ids), member) for ids in others]):
            return f"changes {sorted(changed)} by a button of another version"
        changed = await self._do(row, [(thing, member)])
        tables = {table for table, _ in changed} - {"events"}
        if not tables or not tables <= set(row.touches.split()):
            return f"changes {sorted(changed)} instead of {row.touches}"
        own = {("members", member), ("subscriptions", member)}
        if strangers := {key for key in changed if key[0] in ("members", "subscriptions")} - own:
            return f"changes somebody else's {sorted(strangers)}"
        again = await self._do(row, [(thing, member)])
        again = {key for key in again if not (row.logs and key[0] in ("audit_log", "events"))}
        return f"changes {sorted(again)} when done twice" if again else None

    async def _begin(self, row: Row, cells: list[tuple[Thing, str]]) -> None:
        await self.files.restore()
        if row.first:
            await self.files.execute(row.first)
        if row.at is not None:
            conversation, state, draft = row.at
            for thing, role in cells:
                member = self.rights.member_of(role, thing)
                await self.files.stand(member, conversation, state, draft(thing, member), self.bot.now)

    async def _do(self, row: Row, doings: list[tuple[Thing, int]]) -> set[tuple[str, object]]:
        before = await self.files.snapshot()
        done = [(self.rights.telegram[m], row.do.format(**thing.ids, token=f"token{m}")) for thing, m in doings]
        if row.content == "photo":
            await self.bot.take([(who, self.bot.message(who, **photo(what))) for who, what in done])
        elif row.content is not None or row.do.startswith("/"):
            await self.bot.take([(who, self.bot.message(who, text=what)) for who, what in done])
        else:
            await self.bot.press_all(done)
        self.bot.post.take()
        return changes(before, await self.files.snapshot())


@pytest.fixture
async def matrix(tmp_path: Path, marketplace: Rights, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Matrix]:
    """Give a marketplace with everything in it, and the bot that serves it."""
    monkeypatch.setattr("bot.replies.PUT_OFF_SECONDS", 0.01)  # nobody sends the rest of an album here
    async with rights_stage(tmp_path, marketplace) as made:
        yield Matrix(made.bot, made.rights, made.files)


def _registry() -> tuple[set[str], set[str], set[str]]:
    """Read the prefixes of all buttons, all commands, and the questions that take a message."""
    commands: set[str] = set()
    questions: set[str] = set()

    def read(handlers: Sequence[BaseHandler[Any, Any, Any]]) -> None:
        for handler in handlers:
            if isinstance(handler, CommandHandler):
                commands.update(f"/{name}" for name in handler.commands)

    for feature in FEATURES:
        for handler in feature.HANDLERS:
            read([handler])
            if isinstance(handler, Conversation):
                read(handler.entry_points)
                questions.update(
                    f"{handler.name}/{state}"
                    for state, row in handler.states.items()
                    if any(isinstance(one, MessageHandler) for one in row)
                )
    buttons = {prefix for prefix, kind in known_callbacks().items() if kind.__module__.startswith("handlers.")}
    return buttons, commands, questions


def test_the_table_knows_every_action() -> None:
    """Proves that no button, command or question can be added without saying who may use it, and none is left over."""
    named = {row.name for row in TABLE} - {"out of the blue"}
    buttons, commands, questions = _registry()
    assert named == buttons | commands | questions


def test_the_table_names_what_there_is() -> None:
    """Proves that no row hopes for a role or a table that does not exist."""
    assert {role for row in TABLE for role in row.may} <= set(PEOPLE)
    assert all(row.touches for row in TABLE if row.may)


@pytest.mark.parametrize(
    ("kind", "floor"), [("place", 3000), ("job", 500), ("order", 50), ("money", 500), ("self", 500)]
)
async def test_every_cell(
    matrix: Matrix, kind: str, floor: int, record_property: Callable[[str, object], None]
) -> None:
    """Proves for every action, role and status that exactly what the table allows has an effect, once."""
    wrong: list[str] = []
    seed = int(os.environ.get("SEED", random.randrange(2**32)))
    rows = [row for row in TABLE if row.of == kind or (kind == "money" and row.of in ("withdrawal", "deposit"))]
    random.Random(seed).shuffle(rows)
    allowed = cells = played = 0
    for row in rows:
        stages = [thing.stage for thing in matrix.rights.things if thing.kind == row.of]
        assert {name for may in row.may.values() for name in may.split()} <= set(stages), row
        cells += len(stages) * len(PEOPLE)
        if played < SOME or EVERYTHING:
            played += len(stages) * len(PEOPLE)
            allowed += sum(len(may.split()) for may in row.may.values())
            wrong += await matrix.play(row)
    some = f" of {cells}" if played < cells else ""
    record_property("figure", f"{played} cells{some}, {allowed} with an effect, the others without (seed {seed})")
    assert wrong == [], "\n".join([*wrong, f"seed {seed}"])
    assert cells >= floor
    assert played >= min(floor, SOME)
