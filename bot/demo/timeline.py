"""A past written down in order: acts at their moments, many in one unit, so that weeks of it take seconds.

Nobody is owed a message about it: the events are kept, their deliveries are not.
"""

import heapq
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from storage.database import Database
from storage.unit import UnitOfWork

Act = Callable[[UnitOfWork], Awaitable[None]]

ACTS_A_UNIT = 100
UNIT_SECONDS = 60.0


@dataclass(slots=True)
class Timeline:
    """Acts to come, the earliest first. An act may plan later ones; what would come after `until` never happens."""

    until: datetime
    _acts: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _order: "count[int]" = field(default_factory=count)

    def plan(self, at: datetime, act: Act) -> None:
        """Let an act happen at its moment, with the unit's `now` being it."""
        if at <= self.until:
            heapq.heappush(self._acts, (at, next(self._order), act))

    async def play(self, database: Database) -> None:
        """Let everything planned happen, in order."""
        while self._acts:
            async with database.unit("demo:past", now=self._acts[0][0], seconds=UNIT_SECONDS) as uow:
                for _ in range(ACTS_A_UNIT):
                    if not self._acts:
                        break
                    uow.now, _, act = heapq.heappop(self._acts)
                    await act(uow)
                    uow.events[:] = [replace(event, to=()) for event in uow.events]
                    await uow.write_events()  # now, as the next act has another time
