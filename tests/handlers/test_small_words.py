"""Figures and examples in the texts are the real ones, and a question asks for what can be given."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.house import House
from bot.domain.member import Member
from bot.domain.money import UNIT
from bot.domain.wallet import Way
from bot.i18n import Translator
from handlers.views import menus
from handlers.views.sign_up import country_prompt
from handlers.views.wallet import amount_prompt
from storage import members
from tests.rights_stage import RightsStage, rights_stage
from tests.rights_table import PHOTOS
from tests.rights_world import Rights

T = Translator("en", "USD", "UTC")


@pytest.fixture
async def stage(tmp_path: Path, marketplace: Rights) -> AsyncIterator[RightsStage]:
    """Give a marketplace with everything in it, and the bot that serves it."""
    async with rights_stage(tmp_path, marketplace) as made:
        yield made


@pytest.mark.parametrize(
    ("language", "rate", "words"),
    [("en", 1000, "10%"), ("en", 750, "7.5%"), ("es", 750, "7,5\N{NO-BREAK SPACE}%"), ("en", 333, "3.33%")],
)
def test_rates_are_written_as_the_reader_writes_them(language: str, rate: int, words: str) -> None:
    """Proves that the decimal sign and the space before the percent sign follow the language."""
    assert Translator(language).percent(rate) == words


def test_the_time_a_place_is_held_is_the_time_that_is_left() -> None:
    """Proves that the first question of the sign-up says how long the place is held, and nothing when it is not."""

    def drawn(left: timedelta | None) -> str:
        return str(country_prompt(T, ("PK",), unsure=False, left=left, way_out=()).text)

    assert "held for 2 min" in drawn(timedelta(minutes=2))
    assert "held" not in drawn(None)


@pytest.mark.parametrize(
    ("withdrawable", "minimum", "example"), [(10, 10, "10.00"), (25, 10, "12.00"), (900, 10, "450.00")]
)
def test_the_example_of_a_withdrawal_can_be_withdrawn(withdrawable: int, minimum: int, example: str) -> None:
    """Proves that the example is neither below the smallest withdrawal nor more than there is."""
    card = amount_prompt(
        T, way=Way.PAYPAL, masked="a…", withdrawable=withdrawable * UNIT, minimum=minimum * UNIT, back=()
    )
    assert f"for example <b>{example}</b>" in card.text


async def test_whom_to_write_to(stage: RightsStage) -> None:
    """Proves that a set support address stands in /paysupport and /help instead of the operators' accounts."""
    with_operator = House(operator_ids=frozenset({77}))
    named = replace(with_operator, support_contact="help@<b>.example")
    member = await _member(stage)
    assert "tg://user?id=77" in menus.support_card(T, with_operator, member).text
    card = menus.support_card(T, named, member)
    assert "help@&lt;b&gt;.example" in card.text
    assert "tg://" not in card.text
    assert "help@&lt;b&gt;.example" in menus.help_card(T, named).text


async def test_words_where_all_pictures_came_are_told_to_go_on(stage: RightsStage) -> None:
    """Proves that nobody is asked for a photo who has sent them all, and that with one missing it is asked for."""
    place = next(x for x in stage.rights.things if (x.kind, x.stage) == ("place", "reserved"))
    member = place.people["worker"]
    who = stage.rights.telegram[member]
    conversation, state, draft = PHOTOS
    await stage.files.stand(member, conversation, state, draft(place, member), stage.bot.now)
    shown, _ = await stage.bot.say(who, text="here")
    assert shown[-1].text.startswith("I have all the pictures I need here.")
    await stage.files.execute("DELETE FROM proofs WHERE assignment_id = ?", place["place"])
    shown, _ = await stage.bot.say(who, text="here")
    assert shown[-1].text.startswith("Here I need a photo or a screenshot.")


async def test_a_job_that_wants_words_only_shows_no_camera(stage: RightsStage) -> None:
    """Proves that the button that leads to the proof fits what is asked for."""
    place = next(x for x in stage.rights.things if (x.kind, x.stage) == ("place", "reserved"))
    who = stage.rights.telegram[place.people["worker"]]
    await stage.files.execute("DELETE FROM proofs WHERE assignment_id = ?", place["place"])
    shown, _ = await stage.bot.press(who, f"wk.card:{place['place']}")
    assert shown[-1].buttons[0][0] == "📷 Send proof"
    words = '[{"kind": "text", "text": "The code", "count": 1}]'
    await stage.files.execute("UPDATE jobs SET requirements = ? WHERE id = ?", words, place["job"])
    shown, _ = await stage.bot.press(who, f"wk.card:{place['place']}")
    assert shown[-1].buttons[0][0] == "✏️ Send proof"


async def _member(stage: RightsStage) -> Member:
    async with stage.bot.database.read() as tx:
        return await members.get_member(tx, stage.rights.roles["worker"])
