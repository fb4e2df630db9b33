"""An edit that would change nothing is not sent; one that might is."""

from pathlib import Path

import pytest

from bot.screens import Screens
from handlers.reply import Call
from tests.phone import Telegram
from tests.spine.sample import Count, sample_bot


def _edit(text: str, *, method: str = "editMessageText", message_id: int = 7) -> Call:
    return {"m": method, "p": {"chat_id": 1, "message_id": message_id, "text": text}, "new": False}


def _send(screens: Screens, call: Call, *, taken: bool = True) -> bool:
    """Send as the courier does; gives whether it left."""
    if screens.shows(call):
        return False
    screens.begin(call)
    screens.end(call, taken=taken)
    return True


def test_the_same_edit_again_is_not_sent() -> None:
    """Proves that only the same words on the same message right after each other are held back."""
    screens = Screens()
    assert _send(screens, _edit("a"))
    assert not _send(screens, _edit("a"))
    assert _send(screens, _edit("a", message_id=8))
    assert _send(screens, _edit("b"))
    assert _send(screens, _edit("a"))


def test_what_was_not_taken_or_is_gone_is_sent() -> None:
    """Proves that a refused edit, and one after the message became something else, leave."""
    screens = Screens()
    assert _send(screens, _edit("a"), taken=False)
    assert _send(screens, _edit("a"))
    assert _send(screens, _edit("", method="editMessageMedia"))
    assert _send(screens, _edit("a"))


def test_of_two_edits_at_once_nothing_is_believed() -> None:
    """Proves that when two may have arrived in either order the next one leaves, whatever it says."""
    screens = Screens()
    first, second = _edit("a"), _edit("b")
    screens.begin(first)
    screens.begin(second)
    screens.end(first, taken=True)
    screens.end(second, taken=True)
    assert _send(screens, _edit("b"))
    assert not _send(screens, _edit("b"))


@pytest.mark.sqlite("one process knows what people see; where there may be others nothing is remembered of screens")
async def test_taps_that_change_nothing_edit_nothing(tmp_path: Path, telegram: Telegram) -> None:
    """Proves that Telegram never has to refuse the second edit of a double tap, and that each tap is answered."""
    ali = await telegram.person("Ali", language_code="en", role="worker")
    async with sample_bot(tmp_path, telegram.base_url):
        await ali.send("/start")
        card = await ali.wait_for("Counter: 0")
        for _ in range(3):
            await ali.press_data(card.message_id, Count().pack())
        for _ in range(3):
            assert (await ali.press_data(card.message_id, Count().pack())).text == "Three is enough."
        await ali.send("hello")
        await ali.wait_for("You said hello")
    edits = await telegram.traffic(method="editMessageText")
    assert len(edits) == 3, edits
