"""A tap whose unit is not committed after a second is answered without words; the words follow as a message."""

import asyncio
from contextvars import Context as Variables

from bot.courier import Courier
from handlers.reply import Reply, in_words

IMPATIENT_SECONDS = 1.0


class Impatience:
    """Answers a tap without words when its unit is not committed after a second; then the reply must not again."""

    def __init__(self, courier: Courier, query_id: str | None) -> None:
        self._answered: asyncio.Task[bool] | None = None
        self._timer: asyncio.TimerHandle | None = None
        if query_id is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(IMPATIENT_SECONDS, self._answer, courier, query_id)

    def _answer(self, courier: Courier, query_id: str) -> None:
        # Variables of its own: the unit that is late must not look open to the transport.
        self._answered = asyncio.get_running_loop().create_task(
            courier.answer({"callback_query_id": query_id}), context=Variables()
        )

    def strip(self, reply: Reply | None) -> Reply | None:
        """Give the reply without its answer when it comes too late for that."""
        return in_words(reply) if self._answered is not None and reply is not None else reply

    def cancel(self) -> None:
        """Stop waiting."""
        if self._timer is not None:
            self._timer.cancel()
