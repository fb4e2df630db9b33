"""What stands on people's screens, as far as we know: an edit that would change nothing is not sent.

Two taps on one button draw the same card twice, and Telegram refuses the second edit. Only a fingerprint is kept, in
memory, of messages that nobody else is changing; after a restart, or when in doubt, the edit is sent.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from handlers.reply import Call

REMEMBERED = 20_000
Key = tuple[int, int]


@dataclass(slots=True)
class _Sending:
    """How many calls are on their way to one message, and whether there ever was more than one at once."""

    calls: int = 0
    crowded: bool = False


class Screens:
    """Fingerprints of the texts and buttons last shown, by chat and message."""

    def __init__(self) -> None:
        self._shown: OrderedDict[Key, int] = OrderedDict()
        self._sending: dict[Key, _Sending] = {}

    def shows(self, call: Call) -> bool:
        """Whether this edit would change nothing."""
        key = _key(call)
        return (
            key is not None
            and call["m"] == "editMessageText"
            and key in self._shown
            and self._shown[key] == _fingerprint(call["p"])
        )

    def sent(self, call: Call, result: Any) -> None:
        """Note what a new message shows."""
        if call["m"] == "sendMessage" and isinstance(result, dict) and "message_id" in result:
            self._remember((call["p"]["chat_id"], result["message_id"]), call)

    def begin(self, call: Call) -> None:
        """Note that a call is on its way: until it is over nobody knows what its message shows."""
        key = _key(call)
        if key is None:
            return
        self._shown.pop(key, None)
        sending = self._sending.setdefault(key, _Sending())
        sending.calls += 1
        sending.crowded = sending.crowded or sending.calls > 1

    def end(self, call: Call, *, taken: bool) -> None:
        """Note that a call is over, and whether its message shows it now; of two at once none is remembered."""
        key = _key(call)
        if key is None:
            return
        sending = self._sending[key]
        sending.calls -= 1
        if sending.calls:
            return
        del self._sending[key]
        if taken and not sending.crowded and call["m"] == "editMessageText":
            self._remember(key, call)

    def _remember(self, key: Key, call: Call) -> None:
        self._shown[key] = _fingerprint(call["p"])
        if len(self._shown) > REMEMBERED:
            self._shown.popitem(last=False)


def _key(call: Call) -> Key | None:
    if call["m"] in ("pinChatMessage", "unpinChatMessage"):
        return None
    params: dict[str, Any] = call["p"]
    chat_id, message_id = params.get("chat_id"), params.get("message_id")
    return None if chat_id is None or message_id is None else (chat_id, message_id)


def _fingerprint(params: dict[str, Any]) -> int:
    return hash((params.get("text"), params.get("parse_mode"), repr(params.get("reply_markup"))))
