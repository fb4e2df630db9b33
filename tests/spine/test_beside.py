"""A second press on a message that keeps its place edits what the first one sent; nothing is edited out of sight."""

from bot.successors import Successors
from handlers.reply import Call

HOME: Call = {"m": "sendMessage", "p": {"chat_id": 1, "text": "Home"}, "new": True, "beside": 5}


def _sent(successors: Successors, call: Call, message_id: int, **more: object) -> None:
    result = {"message_id": message_id, **more}
    successors.sent(call, result)
    successors.note(call, result)


def test_the_second_press_edits_what_the_first_one_sent() -> None:
    """Proves that a double tap on a pinned card leaves one message, and that it is sent anew should that be gone."""
    successors = Successors()
    assert successors.redirect([HOME]) == [HOME]
    _sent(successors, HOME, 6)
    (edit,) = successors.redirect([HOME])
    assert (edit["m"], edit["p"]) == ("editMessageText", {"chat_id": 1, "message_id": 6, "text": "Home"})
    assert edit["or"] == HOME


def test_what_has_scrolled_away_is_not_edited() -> None:
    """Proves that after any newer message of ours in that chat the next screen is a message at the end."""
    successors = Successors()
    _sent(successors, HOME, 6)
    _sent(successors, {"m": "sendMessage", "p": {"chat_id": 2, "text": "x"}, "new": True}, 7)
    assert successors.redirect([HOME])[0]["m"] == "editMessageText"
    _sent(successors, {"m": "sendMessage", "p": {"chat_id": 1, "text": "x"}, "new": True}, 8)
    assert successors.redirect([HOME]) == [HOME]


def test_a_picture_takes_the_place_of_words() -> None:
    """Proves that where the kinds differ the old message goes and one new message comes."""
    successors = Successors()
    _sent(successors, HOME, 6)
    photo: Call = {"m": "sendPhoto", "p": {"chat_id": 1, "photo": "id"}, "new": True, "beside": 5}
    gone, fresh = successors.redirect([photo])
    assert (gone["m"], gone["p"]["message_id"], fresh) == ("deleteMessage", 6, photo)
