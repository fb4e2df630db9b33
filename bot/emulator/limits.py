"""How fast a bot may send, as Telegram counts it; a switch turns all of it off.

A private chat is a bucket of 3 new messages refilled by one a second; a group takes 20 a minute; 30 calls a second
go out in all. Edits count in the overall figure only, answers to callbacks nowhere. A bot that pays for it may send up
to 1,000 a second in all: what is beyond the thirty costs a tenth of a Star a message.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

PRIVATE_BURST = 3.0
PRIVATE_PER_SECOND = 1.0
GROUP_BURST = 20.0
GROUP_PER_SECOND = 20.0 / 60.0
OVERALL_BURST = 30.0
OVERALL_PER_SECOND = 30.0
PAID_PER_SECOND = 1_000.0
MAX_BUCKETS = 50_000


@dataclass(slots=True)
class Bucket:
    """Tokens that come back with time."""

    capacity: float
    per_second: float
    tokens: float
    at: float

    def wait(self, now: float) -> float:
        """Answer the seconds until one token is there; 0 when one is there already."""
        self.tokens = min(self.capacity, self.tokens + max(0.0, now - self.at) * self.per_second)
        self.at = now
        return 0.0 if self.tokens >= 1.0 else (1.0 - self.tokens) / self.per_second


@dataclass(slots=True)
class Limiter:
    """The buckets of all bots and chats."""

    enabled: bool = True
    overall: dict[int, Bucket] = field(default_factory=dict)
    paid: dict[int, Bucket] = field(default_factory=dict)
    chats: dict[tuple[int, int], Bucket] = field(default_factory=dict)
    webhooks: dict[int, float] = field(default_factory=dict)

    def refusal(self, bot_id: int, chat_id: int | None, *, now: float) -> int:
        """Take one place for a call and answer 0, or answer the whole seconds to wait; `chat_id` None for an edit."""
        if not self.enabled:
            return 0
        overall = self.overall.get(bot_id)
        if overall is None:
            overall = self.overall[bot_id] = Bucket(OVERALL_BURST, OVERALL_PER_SECOND, OVERALL_BURST, now)
        buckets = [overall]
        if chat_id is not None:
            buckets.append(self._chat(bot_id, chat_id, now))
        wait = max(bucket.wait(now) for bucket in buckets)
        if wait > 0:
            return math.ceil(wait)
        for bucket in buckets:
            bucket.tokens -= 1.0
        return 0

    def webhook_refusal(self, bot_id: int, *, now: float) -> int:
        """Note that a bot sets its webhook and answer 0, or answer 1 when it did so within the last second."""
        if not self.enabled:
            return 0
        if now < self.webhooks.get(bot_id, 0.0):
            return 1
        self.webhooks[bot_id] = now + 1.0
        return 0

    def paid_refusal(self, bot_id: int, chat_id: int, *, now: float) -> tuple[int, bool]:
        """Take a place for a bot that pays when it must: answer as `refusal` does, and whether this one costs a fee."""
        wait = self.refusal(bot_id, chat_id, now=now)
        own = self._chat(bot_id, chat_id, now).wait(now) if wait else 0.0
        if not wait or own > 0:
            return (math.ceil(own) if own > 0 else 0), False
        paid = self.paid.get(bot_id)
        if paid is None:
            paid = self.paid[bot_id] = Bucket(PAID_PER_SECOND, PAID_PER_SECOND, PAID_PER_SECOND, now)
        wait = math.ceil(paid.wait(now))
        if not wait:
            paid.tokens -= 1.0
            self._chat(bot_id, chat_id, now).tokens -= 1.0
        return wait, not wait

    def _chat(self, bot_id: int, chat_id: int, now: float) -> Bucket:
        bucket = self.chats.get((bot_id, chat_id))
        if bucket is None:
            if len(self.chats) >= MAX_BUCKETS:
                self.chats.clear()
            capacity, rate = (PRIVATE_BURST, PRIVATE_PER_SECOND) if chat_id > 0 else (GROUP_BURST, GROUP_PER_SECOND)
            bucket = self.chats[bot_id, chat_id] = Bucket(capacity, rate, capacity, now)
        return bucket
