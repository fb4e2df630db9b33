"""What took the place of a message that is gone: a second tap on it acts on its successor and sends nothing new.

A card can't be edited from words to a picture or back: the old message is deleted and a new one sent. Whoever tapped
twice pressed the second time a message that is gone by then. Kept in memory: after a restart the worst is a card more.
"""

from collections import OrderedDict
from typing import Any, TypeVar

from handlers.reply import Call, instead_of

REMEMBERED = 10_000
KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class Successors:
    """Remembers which message replaced which."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[int, int], tuple[int, bool]] = OrderedDict()
        self._deleted: dict[int, int] = {}
        self._beside: OrderedDict[tuple[int, int], tuple[int, bool]] = OrderedDict()
        self._newest: OrderedDict[int, int] = OrderedDict()

    def redirect(self, calls: list[Call]) -> list[Call]:
        """Give the calls of a reply with those meant for a replaced message turned to its successor."""
        turned: list[Call] = []
        left = list(calls)
        while left:
            call = left.pop(0)
            sent_before = self._sent_beside(call)
            if sent_before is not None:
                turned.extend(_in_place_of(call, call, *sent_before))
                continue
            successor = self._successor_of(call)
            if successor is None:
                turned.append(call)
                continue
            anew = left.pop(0) if call["m"] == "deleteMessage" and left else instead_of(call)
            turned.extend(_in_place_of(call, anew, *successor))
        return turned

    def note(self, call: Call, result: Any) -> None:
        """Remember what a sent call replaced; `result` is what Telegram answered."""
        chat_id, message_id = call["p"].get("chat_id"), call["p"].get("message_id")
        if chat_id is None:
            return
        if "beside" in call and isinstance(result, dict):
            _remember(self._beside, (chat_id, call["beside"]), (result["message_id"], bool(result.get("photo"))))
        if call["m"] == "deleteMessage":
            self._deleted.pop(chat_id, None)
            if result is True:
                self._deleted[chat_id] = message_id
            return
        replaced = self._deleted.pop(chat_id, None) if message_id is None else message_id
        if replaced is None or not isinstance(result, dict) or result.get("message_id") in (None, replaced):
            return
        _remember(self._known, (chat_id, replaced), (result["message_id"], bool(result.get("photo"))))

    def sent(self, call: Call, result: Any) -> None:
        """Remember the newest message of ours in a chat."""
        if isinstance(result, dict) and "message_id" in result:
            _remember(self._newest, call["p"]["chat_id"], result["message_id"])

    def _sent_beside(self, call: Call) -> tuple[int, bool] | None:
        """Give what was sent for the last press on a message that keeps its place, if nothing came after it."""
        chat_id = call["p"].get("chat_id")
        found = self._beside.get((chat_id, call.get("beside", 0)))
        return found if found is not None and self._newest.get(chat_id) == found[0] else None

    def _successor_of(self, call: Call) -> tuple[int, bool] | None:
        chat_id = call["p"].get("chat_id")
        found = self._known.get((chat_id, call["p"].get("message_id", 0)))
        while found is not None and (chat_id, found[0]) in self._known:
            found = self._known[chat_id, found[0]]
        return found


def _remember(known: OrderedDict[KeyT, ValueT], key: KeyT, value: ValueT) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > REMEMBERED:
        known.popitem(last=False)


def _in_place_of(call: Call, anew: Call | None, message_id: int, is_photo: bool) -> list[Call]:
    """Edit the successor where the kinds match, else replace it as well."""
    chat_id = call["p"]["chat_id"]
    if call["m"] == ("editMessageMedia" if is_photo else "editMessageText"):
        return [{**call, "p": {**call["p"], "message_id": message_id}}]
    gone: Call = {"m": "deleteMessage", "p": {"chat_id": chat_id, "message_id": message_id}, "new": False}
    if anew is None:
        return [gone]
    if is_photo or anew["m"] != "sendMessage":
        return [gone, anew]
    words = {name: value for name, value in anew["p"].items() if name != "disable_notification"}
    return [{"m": "editMessageText", "p": {**words, "message_id": message_id}, "new": False, "or": anew}]
