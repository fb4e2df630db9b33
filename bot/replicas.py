"""This process among others on one database: it says that it is alive, and finishes what the dead have left.

    every BEAT seconds    "alive"; what nobody alive will finish is taken over: updates to the turnstile, messages due
    before a reply goes   is it still ours? a process that was silent for too long has lost its work to another one

On the embedded engine there is one process and nothing to ask: `OnlyProcess`.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from functools import partial
from os import getpid
from time import monotonic

import structlog

from storage import inbox, replicas
from storage.database import SharedDatabase
from storage.errors import DatabaseError
from storage.inbox import Arrival
from storage.replicas import Turn
from storage.unit import Tx

log = structlog.get_logger()

BEAT_SECONDS = 1.0
LEASE_SECONDS = 6.0
PAGE = 200
_NOTHING = Turn(None, None)
Adopt = Callable[[Arrival], Awaitable[None]]


class OnlyProcess:
    """The one process of an embedded database."""

    id = 0

    async def run(self, *, adopt: Adopt, wake: Callable[[], None]) -> None:
        """Watch over the other processes: there are none."""

    async def leave(self) -> None:
        """Leave the list of processes: there is none."""

    async def take_turn(self, tx: Tx, inbox_id: int) -> Turn:
        """Take the turn of an update's sender; the turnstile of the one process has done it."""
        return _NOTHING

    async def owns(self, inbox_id: int) -> bool:
        """Whether a reply is this process's to send."""
        return True

    async def is_overtaken(self, inbox_id: int) -> bool:
        """Whether another process has a later reply of the same key."""
        return False


class Replica(OnlyProcess):
    """One of several processes. `join` first, then `run` beside the work, `leave` last."""

    def __init__(self, database: SharedDatabase, *, lease_seconds: float = LEASE_SECONDS) -> None:
        """Make it; a process that was silent for so many seconds is taken for dead."""
        self._database = database
        self._lease = lease_seconds
        self._beat = min(BEAT_SECONDS, lease_seconds / 4)
        self._seen = 0.0  # when the database last heard of us
        self._patient_until = 0.0  # until then nobody else's silence is held against them
        self._beaten = asyncio.Event()

    async def join(self) -> None:
        """Enter the list.

        Raises:
            DatabaseError: the database is away.
        """
        self._seen = monotonic()
        name = f"{socket.gethostname()}:{getpid()}"
        async with self._database.one_shot() as tx:
            self.id = await replicas.join(tx, name)
        log.info("joined", replica=self.id, name=name)

    async def leave(self) -> None:
        """Leave the list, so that nobody has to wait for a lease to end."""
        try:
            async with self._database.one_shot() as tx:
                await replicas.leave(tx, self.id)
        except DatabaseError as error:
            log.warning("not_left", error=str(error))

    async def run(self, *, adopt: Adopt, wake: Callable[[], None]) -> None:
        """Beat, and take over what the dead have left, until cancelled.

        `adopt` takes an update that was left behind, `wake` says that messages are due again.
        """
        await asyncio.gather(self._again_and_again(self._live), self._again_and_again(partial(self._heir, adopt, wake)))

    async def _again_and_again(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except DatabaseError as error:
                log.warning("database_away", replica=self.id, error=str(error))
            await asyncio.sleep(self._beat)

    async def take_turn(self, tx: Tx, inbox_id: int) -> Turn:
        """Take the turn of an update's sender until the unit ends."""
        return await replicas.take_turn(tx, inbox_id, replica_id=self.id)

    async def owns(self, inbox_id: int) -> bool:
        """Whether a reply is still ours; waits for a beat when there was none for too long to be sure."""
        if self._is_fresh():
            return True
        while True:
            while not self._is_fresh():
                self._beaten.clear()
                await self._beaten.wait()
            try:
                async with self._database.one_shot() as tx:
                    return await replicas.owns(tx, inbox_id, replica_id=self.id)
            except DatabaseError as error:
                log.warning("not_asked", error=str(error))
                await asyncio.sleep(self._beat)

    async def is_overtaken(self, inbox_id: int) -> bool:
        """Whether a later reply of the same key is known to any process; when it can't be asked, it is not."""
        try:
            async with self._database.one_shot() as tx:
                return await replicas.is_overtaken(tx, inbox_id)
        except DatabaseError as error:
            log.warning("not_asked", error=str(error))
            return False

    def _is_fresh(self) -> bool:
        return monotonic() - self._seen < self._lease / 2

    async def _live(self) -> None:
        began = monotonic()
        async with self._database.one_shot() as tx:
            known = await replicas.beat(tx, self.id)
        if not known:  # a day of silence, or another database in its place
            await self.join()
        if began - self._seen > self._lease / 2:
            self._patient_until = began + self._lease  # the database was away: everybody's beats are old
        self._seen = began
        self._beaten.set()

    async def _heir(self, adopt: Adopt, wake: Callable[[], None]) -> None:
        """Take over what nobody alive will finish."""
        if monotonic() < self._patient_until or not self._is_fresh():
            return
        lease_ms = int(self._lease * 1000)
        async with self._database.one_shot() as tx:
            released = await replicas.release_messages(tx, lease_ms=lease_ms)
            await replicas.forget(tx)
        if released:
            log.info("deliveries_interrupted", count=released)
            wake()
        async with self._database.one_shot() as tx:
            taken = await replicas.take_over_arrivals(tx, self.id, lease_ms=lease_ms, limit=PAGE)
            overtaken = [one.id for one, put_off in taken if put_off and await replicas.is_overtaken(tx, one.id)]
            await inbox.mark_answered(tx, overtaken)
        for arrival, _ in taken:
            if arrival.id not in overtaken:
                await adopt(arrival)
        if taken:
            log.info("recovered", count=len(taken))
