"""The demo's folder: only its own files are ever touched, and one demo uses it at a time.

A folder is the demo's when it holds the marker file; one that holds anything else is refused, so that no real
installation is overwritten or wiped by a wrong --data.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.settings import BadConfiguration

MARKER = "this-is-a-demo.txt"
MARKER_TEXT = "The state of `python -m bot demo`. Everything in here is made up and may be deleted.\n"
LOCK = "demo.lock"
DATABASE = "demo.db"
UNFINISHED = "unfinished.db"
EMULATOR = "emulator"
KEY_FILE = "secret.key"
PROOFS = "proofs"
LOGS = ("bot.log", "emulator.log")
_DATABASES = tuple(
    name + tail for name in (DATABASE, UNFINISHED, EMULATOR, LOCK) for tail in ("", "-wal", "-shm", "-journal")
)
#: What a demo leaves behind; the marker goes never, the lock is held while others go.
OWN_FILES = frozenset({*_DATABASES, KEY_FILE, MARKER, *LOGS})
OWN_FOLDERS = frozenset({PROOFS})


@dataclass(frozen=True, slots=True)
class Folder:
    """Where a demo keeps its state."""

    path: Path

    @property
    def database(self) -> Path:
        """The bot's database."""
        return self.path / DATABASE

    @property
    def unfinished(self) -> Path:
        """The database while its past is being written."""
        return self.path / UNFINISHED

    @property
    def emulator(self) -> Path:
        """The emulator's state."""
        return self.path / EMULATOR

    @property
    def is_new(self) -> bool:
        """Whether there is no state to go on with."""
        return not self.database.exists()

    def wipe(self) -> None:
        """Delete the demo's own files, and nothing else."""
        for name in OWN_FILES - {MARKER, LOCK}:
            (self.path / name).unlink(missing_ok=True)
        for name in OWN_FOLDERS:
            if (self.path / name).is_dir():
                shutil.rmtree(self.path / name)


@contextmanager
def occupied(path: Path) -> Iterator[Folder]:
    """Have the folder to oneself until the end; it is made when it is not there.

    Raises:
        BadConfiguration: it holds somebody else's files, another demo uses it, or it can't be made.
    """
    path = path.absolute()
    with closing(_claim(path)):
        yield Folder(path)


def _claim(path: Path) -> sqlite3.Connection:
    try:
        path.mkdir(parents=True, exist_ok=True)
        found = sorted(path.iterdir())
        strange = [entry.name for entry in found if not _is_own(entry)]
        if not strange and found and not (path / MARKER).is_file():
            strange = [found[0].name]
        if strange:
            raise BadConfiguration(
                f"--data: {path} holds files that are not the demo's ({strange[0]}); choose an empty folder"
            )
        (path / MARKER).write_text(MARKER_TEXT, encoding="utf-8")
        return _lock(path)
    except OSError as error:
        raise BadConfiguration(f"--data: {path} can't be used ({error.strerror})") from None


def _is_own(entry: Path) -> bool:
    if entry.is_symlink():
        return False
    return entry.name in (OWN_FOLDERS if entry.is_dir() else OWN_FILES)


def _lock(path: Path) -> sqlite3.Connection:
    """Hold a lock that ends with the process, on every system: an open transaction of a database of nothing."""
    connection = sqlite3.connect(path / LOCK, timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        connection.close()
        raise BadConfiguration(
            f"--data: another demo is using {path}; stop it first, or give this one a folder of its own"
        ) from None
    return connection
