"""Who takes what comes: of each person's updates one replica takes the first, another one the next, and so on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest import mock

#: How many updates came to another replica than the one that took their sender's last, in each bot of this process.
alternations: list[int] = []


@dataclass
class InTurn:
    """Says whose turn it is among some replicas."""

    replicas: int
    alternated: int = 0
    _last: dict[int, int] = field(default_factory=dict)

    def taker(self, sender: int) -> int:
        """Give the number of the replica that takes somebody's next update."""
        if sender not in self._last:
            self._last[sender] = len(self._last) % self.replicas  # people begin at different ones
            return self._last[sender]
        taker = (self._last[sender] + 1) % self.replicas
        self.alternated += taker != self._last[sender]
        self._last[sender] = taker
        return taker

    def end(self) -> None:
        """Put down how many updates alternated."""
        alternations.append(self.alternated)


@contextmanager
def passing_on_at_once() -> Iterator[None]:
    """Let a replica note at once that a reply has left, and another one look at once: people wait 0.1 s for that."""
    with mock.patch("bot.replies.FLUSH_SECONDS", 0.0), mock.patch("bot.updates.PASS_SECONDS", 0.002):
        yield
