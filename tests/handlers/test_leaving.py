"""Leaving a conversation by any other screen: its draft is kept, words typed then are no answer, and a way leads back.

Each question of each conversation, left in each way one can leave it.
"""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from handlers.conversation import Conversation
from handlers.features import FEATURES
from handlers.way_on import WAYS
from tests.rights_stage import RightsStage, rights_stage
from tests.rights_table import TABLE, Standing, newjob, withdraw
from tests.rights_world import Rights, Thing
from tests.whole_bot import Shown

NOT_ASKED = "I did not ask for an answer right now."
STICKER = {"is_animated": False, "is_video": False, "type": "regular"}
_DAY = timedelta(hours=25)
LEAVE = ("go.home", "go.help", "rv.skip:1", "/balance", "/language", "🏠 Home", "💰 Balance")
STANDINGS = {row.at[:2]: (row.at, row.of) for row in TABLE if row.at is not None}
#: What the button leads to, by conversation; the first words of the screen.
BACK_AT = {
    "newjob": "You have a job that is not published yet",
    "proof": "Check your proof",
    "reject": "Proof ",
    "withdraw": "Go on where you stopped?",
    "deposit": "Go on where you stopped?",
    "mark_sent": "W-",
    "refuse_money": "W-",
    "alert_minimum": "lert",
    "signup": "2 of 2",
    "time_zone": "What time is it where you are?",
}


@pytest.fixture
async def stage(tmp_path: Path, marketplace: Rights) -> AsyncIterator[RightsStage]:
    """Give a marketplace with everything in it, and the bot that serves it."""
    async with rights_stage(tmp_path, marketplace) as made:
        yield made


def _thing(stage: RightsStage, conversation: str) -> Thing:
    """Give what a conversation is about, in a status in which it can be gone on with."""
    wanted = {
        "proof": ("place", "reserved"),
        "reject": ("place", "pending"),
        "signup": ("job", "open"),
        "mark_sent": ("withdrawal", "approved"),
        "refuse_money": ("withdrawal", "requested"),
    }.get(conversation, ("self", "-"))
    return next(thing for thing in stage.rights.things if (thing.kind, thing.stage) == wanted)


def _who(stage: RightsStage, conversation: str, thing: Thing) -> int:
    roles = {"reject": "employer", "mark_sent": "operator", "refuse_money": "operator", "signup": "stranger"}
    return stage.rights.member_of(roles.get(conversation, "worker"), thing)


async def _stand(stage: RightsStage, at: Standing) -> tuple[int, str]:
    """Let the right person stand at a question; gives their Telegram id and the draft as it is stored."""
    conversation, state, draft = at
    thing = _thing(stage, conversation)
    member = _who(stage, conversation, thing)
    await stage.files.restore()
    await stage.files.stand(member, conversation, state, draft(thing, member), stage.bot.now)
    return stage.rights.telegram[member], json.dumps(draft(thing, member))


async def _rows(stage: RightsStage) -> list[tuple[str, int, str]]:
    found = await stage.files.execute("SELECT conversation, open, draft FROM dialogs")
    return [(name, is_open, json.dumps(json.loads(kept)["draft"])) for name, is_open, kept in found]


async def _leave(stage: RightsStage, who: int, way: str) -> None:
    if "." in way:
        await stage.bot.press(who, way)
    else:
        await stage.bot.say(who, text=way)


def test_every_conversation_has_a_way_back() -> None:
    """Proves that no conversation can be added without saying what leads back to it, nor one left over."""
    names = {h.name for feature in FEATURES for h in feature.HANDLERS if isinstance(h, Conversation)}
    assert names == set(WAYS) == {conversation for conversation, _ in STANDINGS} == set(BACK_AT)


async def test_every_question_can_be_left_for_another_screen(stage: RightsStage) -> None:
    """Proves that leaving parks the draft as it is, that words typed then change nothing, and that one can go on."""
    wrong: list[str] = []
    for (conversation, state), (at, _) in STANDINGS.items():
        for way in LEAVE:
            who, draft = await _stand(stage, at)
            before = await stage.files.snapshot()
            await _leave(stage, who, way)
            rows = await _rows(stage)
            shown, _ = await stage.bot.say(who, text="12.50")
            if rows != [(conversation, 0, draft)]:
                wrong.append(f"{conversation}/{state} left by {way}: {rows}")
            elif not (NOT_ASKED in shown[-1].text and _go_on(shown)):
                wrong.append(f"{conversation}/{state} left by {way}: {shown[-1].text}")
            elif await stage.files.snapshot() != before:
                wrong.append(f"{conversation}/{state} left by {way}: something changed")
    assert wrong == [], "\n".join(wrong)


async def test_the_way_back_leads_back(stage: RightsStage) -> None:
    """Proves that "Go on" shows, for every question left, the screen from which its conversation goes on."""
    wrong: list[str] = []
    for (conversation, state), (at, _) in STANDINGS.items():
        who, _ = await _stand(stage, at)
        await stage.bot.press(who, "go.home")
        shown, _ = await stage.bot.say(who, text="12.50")
        after, _ = await stage.bot.press(who, _go_on(shown))
        if not after or BACK_AT[conversation] not in after[-1].text:
            wrong.append(f"{conversation}/{state}: {[one.text[:80] for one in after]}")
    assert wrong == [], "\n".join(wrong)


async def test_a_draft_that_was_left_is_offered_again(stage: RightsStage) -> None:
    """Proves that the entry of a conversation offers Continue and Start again, and that Continue loses nothing."""
    for at, entry, go_on, words in (
        (newjob("places"), "/newjob", "pb.cont", "A survey"),
        (withdraw("confirm"), "/withdraw", "wa.go", "Please check"),
        (STANDINGS["deposit", "reference"][0], "/deposit", "wa.dgo", "Pay $5.00"),
    ):
        who, _ = await _stand(stage, at)
        await stage.bot.press(who, "go.home")
        (offer,), _ = await stage.bot.say(who, text=entry)
        labels = [label.lower() for label, _ in offer.buttons]
        assert labels[0] == "continue"
        assert "start again" in labels[1]
        shown, _ = await stage.bot.press(who, go_on)
        assert words in shown[-1].text


@pytest.mark.parametrize("press", ["pb.cat:surveys", "pb.keep", "nav.back", "pb.pdone"])
async def test_an_old_button_of_a_question_that_was_left_leads_back(stage: RightsStage, press: str) -> None:
    """Proves that a tap on the question itself, after another screen was opened, says that nothing is lost."""
    who, draft = await _stand(stage, newjob("title"))
    await stage.bot.say(who, text="💰 Balance")
    shown, _ = await stage.bot.press(who, press)
    assert "What you entered is saved" in shown[-1].text
    assert _go_on(shown) == "go.new"
    assert await _rows(stage) == [("newjob", 0, draft)]


async def test_a_second_tap_on_the_last_button_of_a_conversation_keeps_what_it_led_to(stage: RightsStage) -> None:
    """Proves that who taps twice on Cancel, I agree, a zone or Delete does not end at home."""
    who, _ = await _stand(stage, newjob("title"))
    await stage.bot.press(who, "nav.cancel")
    assert await stage.bot.press(who, "nav.cancel") == ([], ["It is stopped already."])
    who, _ = await _stand(stage, newjob("delete"))
    first, _ = await stage.bot.press(who, "pb.gone")
    assert (await stage.bot.press(who, "pb.gone"))[0] == first
    who, _ = await _stand(stage, STANDINGS["time_zone", "zone"][0])
    first, _ = await stage.bot.press(who, "me.clock:Asia/Karachi")
    assert (await stage.bot.press(who, "me.clock:Asia/Karachi"))[0] == first
    job = _thing(stage, "signup")
    who = stage.rights.telegram[_who(stage, "signup", job)]
    for press in (f"wk.apply:{job['job']}", "su.land:PK"):
        await stage.bot.press(who, press)
    first, toasts = await stage.bot.press(who, "su.yes")
    assert toasts == ["Welcome! The place is yours."]
    assert await stage.bot.press(who, "su.yes") == (first, ["You are signed up already."])


async def test_a_typo_in_a_command_and_an_old_button_of_the_same_question_leave_nothing(stage: RightsStage) -> None:
    """Proves that what is no screen keeps the question open: an unknown command, a sticker, a mere remark."""
    who, draft = await _stand(stage, newjob("title"))
    (remark,), _ = await stage.bot.say(who, text="/hlep")
    assert "I don't know this command" in remark.text
    await stage.bot.say(who, sticker={"file_id": "s", "file_unique_id": "s", "width": 1, "height": 1} | STICKER)
    assert await _rows(stage) == [("newjob", 1, draft)]


async def test_after_a_day_nothing_is_offered(stage: RightsStage) -> None:
    """Proves that what was left long ago is not brought up by typed words, though its entry still has it."""
    who, _ = await _stand(stage, newjob("title"))
    await stage.bot.press(who, "go.home")
    stage.bot.now += _DAY
    shown, _ = await stage.bot.say(who, text="hello")
    assert NOT_ASKED in shown[-1].text
    assert not _go_on(shown)
    shown, _ = await stage.bot.say(who, text="/newjob")
    assert BACK_AT["newjob"] in shown[-1].text


def _go_on(shown: list[Shown]) -> str:
    return next((data for words, data in shown[-1].buttons if words == "▶️ Go on"), "")
