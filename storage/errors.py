"""What a database can say, whichever engine it is. The drivers' own errors stay in storage/sqlite.py and postgres.py.

DatabaseError
├── BrokenRule       a constraint or a trigger refused: the same again will be refused again
├── DatabaseBusy     disk full, file locked, connection lost, deadlock: the same again may well succeed
├── ForeignDatabase  another program's database
CommitFailed         the commit that should have closed a unit failed, or nobody knows whether it did
UnitTooLong          the unit took longer than it may
NotAlone             a unit that only looks wanted to change what only one unit at a time may change
"""


class DatabaseError(Exception):
    """The database refused or failed."""


class BrokenRule(DatabaseError):
    """A constraint or a trigger refused."""


class DatabaseBusy(DatabaseError):
    """The disk, the connection or somebody else is behind it: waiting may help."""


class ForeignDatabase(DatabaseError):
    """The database is another program's: not even its settings are touched."""


class CommitFailed(Exception):
    """The commit that should have closed this unit failed: nothing of it happened.

    On a server the connection may also have been lost while the answer was on its way: then it did happen, and whoever
    runs the unit again finds it done (docs/decisions/0014-a-lost-commit-is-found-done.md).
    """


class UnitTooLong(Exception):
    """The unit took longer than it may; it was rolled back."""


class NotAlone(Exception):
    """A unit that was opened to look wants to change what only one unit at a time may change: open it `alone`."""


def is_trouble(error: BaseException) -> bool:
    """Whether the disk, the connection or somebody else is behind an error, so that waiting may help."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, DatabaseBusy):
            return True
        cause = cause.__cause__
    return False


def is_broken_rule(error: BaseException) -> bool:
    """Whether a rule of the schema is behind an error."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, BrokenRule):
            return True
        cause = cause.__cause__
    return False
