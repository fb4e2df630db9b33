"""The clock of tests: it starts with the machine's time and moves only when told to."""

from datetime import UTC, datetime, timedelta


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **length: float) -> None:
        """Move on by a length of time."""
        self.now += timedelta(**length)
