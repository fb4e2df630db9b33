"""The second half of a double tap meets the card that took the place of the first: it decides nothing there."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from handlers.callbacks import JUST_CHANGED, SETTLES, known_callbacks
from handlers.views.review_buttons import NEXT_PROOF
from tests.rights_files import changes
from tests.rights_stage import RightsStage, rights_stage
from tests.rights_table import TABLE, Row
from tests.rights_world import Rights, Thing
from tests.whole_bot import Shown

#: Every button that decides where another may just have been, and what it may stand in the place of.
CAREFUL = {
    "rv.ok": "Approve, Skip or a reason of the proof before",
    "rv.nonote": "a reason",
    "rv.undo": "Approve of the last proof",
    "rv.change": "the list of rejections",
    "rv.allok": "Approve all",
    "rv.allundo": "the confirmation of Approve all",
    "wa.yes": "an amount",
    "wa.undo": "the confirmation of a withdrawal",
    "ad.take": "a line of the queue",
    "ad.yes": "a line of the queue",
    "ad.why": "Refuse",
    "ad.run": "Let payouts go on",
    "mj.pause": "Open again",
    "mj.go": "Pause",
    "mj.shut": "Close",
    "pb.go": "a choice of the wizard",
    "pb.gone": "Delete",
    "wk.give": "Give place back",
    "pf.sub": "Done with photos",
    "su.yes": "a country",
}
SOON, LATER = timedelta(milliseconds=300), timedelta(milliseconds=1100)


@pytest.fixture
async def stage(tmp_path: Path, marketplace: Rights) -> AsyncIterator[RightsStage]:
    """Give a marketplace with everything in it, and the bot that serves it."""
    async with rights_stage(tmp_path, marketplace) as made:
        yield made


def _approve(shown: list[Shown]) -> str:
    return next(data for words, data in shown[-1].buttons if words.startswith("✅ Approve ·"))


async def _queue(stage: RightsStage) -> tuple[int, str, str]:
    """Let the employer open the queue and approve the first proof; gives their id, that press, and the next one's."""
    employer = stage.rights.telegram[stage.rights.roles["employer"]]
    first, _ = await stage.bot.say(employer, text="/review")
    before = await stage.files.snapshot()
    second, toasts = await stage.bot.press(employer, _approve(first))
    assert toasts == ["✅ Approved"]
    assert changes(before, await stage.files.snapshot())
    assert _approve(first).split(":")[1] != _approve(second).split(":")[1]
    return employer, _approve(first), _approve(second)


async def _pressed(stage: RightsStage, who: int, *presses: str) -> tuple[bool, list[str]]:
    """Let somebody press all of these at once; gives whether anything changed, and what flashed up."""
    before = await stage.files.snapshot()
    await stage.bot.press_all([(who, press) for press in presses])
    _, toasts = stage.bot.post.take()
    return bool(changes(before, await stage.files.snapshot())), toasts


async def test_a_double_tap_on_approve_decides_one_proof(stage: RightsStage) -> None:
    """Proves that a tap on the next proof just after it appeared is told so kindly, and counts when it is meant."""
    who, _, second = await _queue(stage)
    stage.bot.now += SOON
    assert await _pressed(stage, who, second) == (False, [NEXT_PROOF])
    stage.bot.now += LATER
    assert await _pressed(stage, who, second) == (True, ["✅ Approved"])


async def test_a_double_tap_that_reaches_us_late_or_together_decides_one_proof(stage: RightsStage) -> None:
    """Proves both orders, and both at once: the old button is stale, the new one too fresh."""
    who, first, second = await _queue(stage)
    stage.bot.now += SOON
    assert await _pressed(stage, who, first, second) == (False, ["Already approved.", NEXT_PROOF])
    assert await _pressed(stage, who, second, first) == (False, [NEXT_PROOF, "Already approved."])
    assert await _pressed(stage, who, second, second) == (False, [NEXT_PROOF, NEXT_PROOF])


async def test_two_first_taps_at_once_decide_one_proof(stage: RightsStage) -> None:
    """Proves that the same press twice at once approves once."""
    employer = stage.rights.telegram[stage.rights.roles["employer"]]
    shown, _ = await stage.bot.say(employer, text="/review")
    press = _approve(shown)
    assert await _pressed(stage, employer, press, press) == (True, ["✅ Approved", "Already approved."])


async def test_looking_at_the_same_proof_does_not_make_one_wait(stage: RightsStage) -> None:
    """Proves that paging and a card that comes as a message of its own carry no moment: one may decide at once."""
    employer = stage.rights.telegram[stage.rights.roles["employer"]]
    shown, _ = await stage.bot.say(employer, text="/review")
    number = _approve(shown).split(":")[1]
    again, _ = await stage.bot.press(employer, f"rv.look:{number}:0")
    assert _approve(again) == _approve(shown)
    assert await _pressed(stage, employer, _approve(again)) == (True, ["✅ Approved"])


def test_what_decides_in_the_place_of_another_is_careful() -> None:
    """Proves that the list above is what the buttons say of themselves."""
    assert set(CAREFUL) == {prefix for prefix, kind in known_callbacks().items() if kind.careful}


def _cells(stage: RightsStage) -> list[tuple[Row, str, Thing]]:
    """Give an action, role and thing for every careful button that has an effect there."""
    cells = []
    for prefix in CAREFUL:
        row = next((r for r in TABLE if r.name == prefix and r.may and r.content is None), None)
        if row is None:
            continue
        role, stages = next(iter(row.may.items()))
        cells.append(
            (row, role, next(x for x in stage.rights.things if x.kind == row.of and x.stage in stages.split()))
        )
    return cells


async def test_every_careful_button_waits_a_moment(stage: RightsStage) -> None:
    """Proves for each of them that within a second of its drawing it changes nothing, and after it what it should."""
    wrong: list[str] = []
    played = set()
    for row, role, thing in _cells(stage):
        member = stage.rights.member_of(role, thing)
        who = stage.rights.telegram[member]
        await stage.files.restore()
        if row.first:
            await stage.files.execute(row.first)
        if row.at is not None:
            conversation, state, draft = row.at
            await stage.files.stand(member, conversation, state, draft(thing, member), stage.bot.now)
        data = row.do.format(**thing.ids, token=f"token{member}")
        kind = known_callbacks()[row.name]
        press = kind.unpack(data).pack(drawn_at=stage.bot.now - SETTLES / 2)
        soon = await _pressed(stage, who, press)
        if soon != (False, [NEXT_PROOF if row.name == "rv.ok" else JUST_CHANGED]):
            wrong.append(f"{data} at once: {soon}")
        changed, _ = await _pressed(stage, who, kind.unpack(data).pack(drawn_at=stage.bot.now - SETTLES))
        if not changed:
            wrong.append(f"{data} later: nothing changed")
        played.add(row.name)
    assert wrong == []
    assert played == set(CAREFUL) - {"pb.gone"}, "the draft of a job is no row that business is about"
