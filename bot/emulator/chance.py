"""Chance that can be played again: a seeded plan of faults, and the record of those that have struck.

What befalls a call depends on the seed and on which call it is (the third sendMessage to this chat), never on what
other chats do meanwhile: the same seed and the same calls give the same faults, however they are interleaved.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

Json = dict[str, Any]

MAX_LOG = 10_000
MAX_COUNTED = 100_000


@dataclass(slots=True)
class Plan:
    """What shares of calls and updates are struck, and by what; `methods` limits the calls, all are meant without."""

    seed: int
    rates: Mapping[str, float]
    methods: frozenset[str] = frozenset()
    retry_after: int = 1
    seconds: float = 1.0
    counts: dict[tuple[object, ...], int] = field(default_factory=dict)

    def draw(self, kinds: Iterable[str], *what: object) -> str | None:
        """Draw what befalls the next call or update of this sort: one of the kinds, or nothing."""
        if len(self.counts) >= MAX_COUNTED:
            self.counts.clear()
        nth = self.counts[what] = self.counts.get(what, 0) + 1
        digest = blake2b(f"{self.seed}/{what}/{nth}".encode(), digest_size=8).digest()
        drawn = int.from_bytes(digest, "big") / 2**64
        for kind in kinds:
            drawn -= self.rates.get(kind, 0.0)
            if drawn < 0:
                return kind
        return None

    def view(self) -> Json:
        """Show the plan as the door does."""
        return {
            "seed": self.seed,
            "rates": dict(self.rates),
            "methods": sorted(self.methods),
            "retry_after": self.retry_after,
            "seconds": self.seconds,
        }


@dataclass(slots=True)
class Struck:
    """What has struck since the start."""

    counts: Counter[str] = field(default_factory=Counter)
    log: deque[Json] = field(default_factory=lambda: deque(maxlen=MAX_LOG))

    def note(self, kind: str, by: str, **what: Any) -> None:
        """Note a strike: of what kind, by which order, on what."""
        self.counts[kind] += 1
        self.log.append({"n": self.counts.total(), "kind": kind, "by": by, **what})
