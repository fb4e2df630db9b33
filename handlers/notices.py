"""How a delivery becomes a card: the table that features fill, one renderer an event kind.

A renderer runs inside a unit when the message is about to leave, in the reader's language; it may read and returns
None when the message has become pointless.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.house import House
from bot.domain.member import Member
from bot.i18n import Translator
from handlers.views.card import Card
from storage.unit import UnitOfWork


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that is owed: the event's facts, and for whom it is drawn."""

    uow: UnitOfWork
    t: Translator
    member: Member
    house: House
    payload: Mapping[str, Any]


Renderer = Callable[[Notice], Awaitable[Card | None]]
