"""A primary and its synchronous standby, and the death of the primary: the standby takes over, a new one is made."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from tests.postgres_server import Server


@dataclass
class Pair:
    """Two servers on one machine; which of them is the primary changes. Methods block: call them with `to_thread`."""

    folder: Path
    primary: Server
    standby: Server
    address: str
    generation: int = 1

    @classmethod
    def make(cls, folder: Path) -> "Pair":
        """Make a migrated database on a primary whose commits wait for its standby."""
        primary = Server(folder / "server0", durable=True)
        primary.create()
        primary.start()
        primary.make_template()
        name = primary.make_database().rpartition("/")[2]
        standby = primary.clone(folder / "server1", name="follower1")
        standby.start()
        primary.wait_for_standby("follower1")
        address = f"postgresql://bot@127.0.0.1:{primary.port},127.0.0.1:{standby.port}/{name}"
        return cls(folder, primary, standby, address)

    @property
    def own_address(self) -> str:
        """Give the database's address on the server that is the primary now."""
        return self.primary.url(self.address.rpartition("/")[2])

    def lose_primary(self) -> None:
        """Kill the primary as if its machine had died, and let the standby take over."""
        self.primary.kill9()
        self.standby.promote()
        self.primary, self.standby = self.standby, self.primary

    def heal(self) -> None:
        """Put a new standby in the dead one's place, on its port, and let commits wait for it."""
        self.generation += 1
        name = f"follower{self.generation}"
        fresh = self.primary.clone(self.folder / f"server{self.generation}", name=name)
        fresh.port = self.standby.port
        fresh.start()
        self.primary.wait_for_standby(name)
        self.standby = fresh

    def stop(self) -> None:
        """Stop what still runs."""
        for server in (self.primary, self.standby):
            if server.is_running:
                server.stop(now=True)

    async def fail_over(self) -> None:
        """Lose the primary, from a loop."""
        await asyncio.to_thread(self.lose_primary)
