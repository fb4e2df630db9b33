"""A real PostgreSQL for the tests: one server a run, a database a test; servers of their own for those that kill them.

Servers run in a temporary folder and listen on 127.0.0.1 alone; whose programs and as whom: tests/postgres_programs.py.
The one of the run lives as long as somebody holds a lock, and no process that is gone holds one, however it went:

    worker 1 ──shared──┐
    worker 2 ──shared──┼─► users.lock ◄──waits for an exclusive one── keeper (runs the server, then removes it)
    worker n ──shared──┘
"""

import asyncio
import fcntl
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import asyncpg
import pytest

from storage.database import Database
from storage.migrate import migrate
from tests.postgres_programs import (
    NoServer,
    environment,
    find_programs,
    free_port,
    identity,
    list_processes,
    make_folder,
    run,
    server_folder,
)

OWNER = "bot"  # owns the databases, and may do nothing more
ADMIN = "admin"  # the superuser: makes databases, standbys and promotions
TEMPLATE = "migrated"
START_ATTEMPTS = 5
PATIENCE_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.02
#: The other end of its pipe closes when who started the server is gone, however they went: then it goes too.
WATCH = """
read -r gone
kill -QUIT "$1"
for look in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$1" 2>/dev/null || break; sleep 1; done
rm -rf "$2"
rmdir "${2%/*}" 2>/dev/null
"""

T = TypeVar("T")


def _wait(look: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not look():
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain: {what}")
        time.sleep(LOOK_EVERY_SECONDS)


def blocking(work: Awaitable[T]) -> T:
    """Run to its end what is awaitable, also where a loop runs already."""

    async def await_it() -> T:
        return await work

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, await_it()).result()


@dataclass(slots=True)
class Server:
    """One server in a folder below a `server_folder`. Its methods block: from a loop, call them with `to_thread`.

    `durable` servers write as in earnest; the others skip fsync, which only a power cut could tell. Whoever started a
    server stops it; should they be killed, it is stopped too.
    """

    folder: Path
    durable: bool = False
    settings: dict[str, str] = field(default_factory=dict)
    programs: Path = field(default_factory=find_programs)
    port: int = 0
    _process: "subprocess.Popen[bytes] | None" = None
    _watcher: "subprocess.Popen[bytes] | None" = None

    @property
    def data(self) -> Path:
        """Give the folder of the cluster."""
        return self.folder / "data"

    @property
    def log(self) -> str:
        """Give what the server has said so far."""
        return (self.folder / "log").read_text(errors="replace")

    @property
    def is_running(self) -> bool:
        """Whether the server's process lives."""
        return self._process is not None and self._process.poll() is None

    def url(self, database: str, *, user: str = OWNER) -> str:
        """Give the address of a database."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def create(self) -> None:
        """Make the cluster."""
        make_folder(self.folder)
        options = ["-U", ADMIN, "-A", "trust", "-E", "UTF8", "--locale=C", *([] if self.durable else ["--no-sync"])]
        run([self.programs / "initdb", "-D", self.data, *options], cwd=self.folder)

    def start(self) -> None:
        """Start the server and return when it takes connections; it keeps its port from the first start on."""
        keeps_port = self.port != 0
        for _ in range(START_ATTEMPTS):
            if not keeps_port:
                self.port = free_port()
            try:
                self._spawn()
                _wait(lambda: self._is_ready() or not self.is_running, "the server starts")
            except BaseException:
                self.stop(now=True)
                raise
            if self.is_running:
                return
            self.stop()
            if keeps_port or "could not bind" not in self.log:  # else somebody took the free port just now
                break
        raise AssertionError(f"the server did not start:\n{self.log[-2000:]}")

    def stop(self, *, now: bool = False) -> None:
        """Stop the server if it runs; `now` leaves the tidying up to its next start."""
        if self._process is not None:
            if self.is_running:
                self._process.send_signal(signal.SIGQUIT if now else signal.SIGINT)
            self._process.wait(PATIENCE_SECONDS)
            self._process = None
        self._unwatch()

    def kill9(self) -> None:
        """Kill the server and every process of it at once, as if the machine had died."""
        assert self._process is not None
        self._unwatch()
        memory = (self.data / "postmaster.pid").read_text().splitlines()[6].split()  # key and number of what is shared
        self._process.send_signal(signal.SIGSTOP)  # no child is born while we count them
        children = [pid for pid, (parent, _) in list_processes().items() if parent == self._process.pid]
        for pid in [self._process.pid, *children]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(PATIENCE_SECONDS)
        self._process = None
        _wait(lambda: all(list_processes().get(pid, (0, "Z"))[1] == "Z" for pid in children), "the killed ones go")
        with suppress(FileNotFoundError):  # memory does not outlive a machine; without the program it stays until then
            subprocess.run(["ipcrm", "-m", memory[1]], capture_output=True, check=False)

    def execute(self, sql: str, *, database: str = "postgres") -> list[asyncpg.Record]:
        """Run one statement as the superuser and give its rows."""

        async def ask() -> list[asyncpg.Record]:
            connection = await asyncpg.connect(self.url(database, user=ADMIN))
            try:
                return await connection.fetch(sql)
            finally:
                await connection.close()

        return blocking(ask())

    def clone(self, folder: Path, *, name: str) -> "Server":
        """Copy the running server into a standby that will follow it once it is started."""
        standby = Server(folder, self.durable, dict(self.settings), self.programs)
        make_folder(folder)
        source = ["-h", "127.0.0.1", "-p", str(self.port), "-U", ADMIN, *([] if self.durable else ["--no-sync"])]
        backup = [self.programs / "pg_basebackup", "-D", standby.data, "-X", "stream", "-c", "fast", "-R"]
        run([*backup, *source], cwd=folder)
        with (standby.data / "postgresql.auto.conf").open("a") as settings:
            primary = f"host=127.0.0.1 port={self.port} user={ADMIN} application_name={name}"
            settings.write(f"primary_conninfo = '{primary}'\nsynchronous_standby_names = ''\n")
        return standby

    def wait_for_standby(self, name: str) -> None:
        """Let every commit from now on wait for this standby, and return when it has caught up."""
        self.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
        self.execute("SELECT pg_reload_conf()")
        look = "SELECT application_name FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming'"
        _wait(lambda: name in [row[0] for row in self.execute(look)], f"the standby {name} catches up")

    def promote(self) -> None:
        """Make the standby take writes; return when it does."""
        seconds = str(int(PATIENCE_SECONDS))
        run([self.programs / "pg_ctl", "promote", "-D", self.data, "-w", "-t", seconds], cwd=self.folder)

    def make_database(self, *, template: str = TEMPLATE) -> str:
        """Make a database and give its address; `template0` makes an empty one."""
        name = f"t_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template}")
        if template == "template0":
            self.execute(f"ALTER SCHEMA public OWNER TO {OWNER}", database=name)  # as from PostgreSQL 15 on
        return self.url(name)

    async def new_database(self, *, template: str = TEMPLATE) -> str:
        """Make a database and give its address, from a loop."""
        return await asyncio.to_thread(self.make_database, template=template)

    def drop_database(self, url: str) -> None:
        """Drop a database, whoever is connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def make_template(self) -> None:
        """Make the owner of the tests' databases, and the migrated one that they are copies of.

        Where the server can, its own order of texts is not that of the bytes: what leans on it by mistake is found.
        """
        self.execute(f"CREATE ROLE {OWNER} LOGIN")
        make = f"CREATE DATABASE {TEMPLATE} OWNER {OWNER} TEMPLATE template0"
        try:
            self.execute(f"{make} LOCALE_PROVIDER icu ICU_LOCALE 'und'")
        except (asyncpg.FeatureNotSupportedError, asyncpg.PostgresSyntaxError):  # built without, or before 15
            self.execute(make)
        self.execute(f"ALTER SCHEMA public OWNER TO {OWNER}", database=TEMPLATE)

        async def fill() -> None:
            database = await Database.open(self.url(TEMPLATE))
            try:
                await migrate(database)
            finally:
                await database.close()

        blocking(fill())
        self.execute(f"ALTER DATABASE {TEMPLATE} ALLOW_CONNECTIONS false")  # one that is used can't be copied

    def _spawn(self) -> None:
        fast = {} if self.durable else {"fsync": "off", "full_page_writes": "off"}
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            "dynamic_shared_memory_type": "mmap",  # goes with the folder
            "max_connections": "200",
            **fast,
            **self.settings,
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.data, *options],
                cwd=self.folder,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for pytest
                **identity(),
            )
        watch = ["sh", "-c", WATCH, "sh", str(self._process.pid), str(self.folder)]
        self._watcher = subprocess.Popen(watch, stdin=subprocess.PIPE, start_new_session=True)

    def _unwatch(self) -> None:
        if self._watcher is not None:
            self._watcher.kill()
            self._watcher.communicate()
            self._watcher = None

    def _is_ready(self) -> bool:
        """Whether the server, and not one that was killed here before, says that it takes connections."""
        assert self._process is not None
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(self._process.pid) and lines[7].strip() == "ready"


@dataclass(slots=True)
class Keeper:
    """The server of this run, as one of the workers that share it knows it."""

    meeting: Path  # a folder that all workers of the run know
    lock: int
    _started: "subprocess.Popen[bytes] | None" = None

    @classmethod
    def join(cls, meeting: Path) -> "Keeper":
        """Say that this worker uses the server, and start it if nobody did."""
        with (meeting / "start.lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            lock = os.open(meeting / "users.lock", os.O_RDWR | os.O_CREAT)
            fcntl.flock(lock, fcntl.LOCK_SH)  # waits for a keeper that is on its way out
            keeper = cls(meeting, lock)
            if not (meeting / "server.json").exists():
                try:
                    keeper._start()
                except BaseException:
                    keeper.leave()
                    raise
            return keeper

    def server(self) -> Server:
        """Give the server; only its keeper can stop it."""
        told = json.loads((self.meeting / "server.json").read_text())
        return Server(Path(told["folder"]), programs=Path(told["programs"]), port=told["port"])

    def leave(self) -> None:
        """Say that this worker is done; whoever started the keeper sees it off."""
        os.close(self.lock)
        if self._started is not None:
            try:
                self._started.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                self._started.terminate()  # it still stops its server
                self._started.wait(PATIENCE_SECONDS)

    def _start(self) -> None:
        with (self.meeting / "keeper.log").open("ab") as log:
            self._started = subprocess.Popen(
                [sys.executable, "-m", "tests.postgres_server", self.meeting],
                cwd=Path(__file__).parent.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        is_there, process = (self.meeting / "server.json").exists, self._started
        _wait(lambda: is_there() or process.poll() is not None, "the server of this run starts")
        if not is_there():
            raise AssertionError("the server did not start:\n" + (self.meeting / "keeper.log").read_text()[-3000:])


def keep(meeting: Path) -> None:
    """Run the server of a run until nobody uses it any more."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    lock = os.open(meeting / "users.lock", os.O_RDWR | os.O_CREAT)
    with server_folder() as folder:
        server = Server(folder / "main", durable=True)
        try:
            server.create()
            server.start()
            server.make_template()
            told = {"folder": str(server.folder), "programs": str(server.programs), "port": server.port}
            draft = meeting / "server.draft"
            draft.write_text(json.dumps(told))
            draft.rename(meeting / "server.json")
            fcntl.flock(lock, fcntl.LOCK_EX)
        finally:
            (meeting / "server.json").unlink(missing_ok=True)
            server.stop(now=True)


def demand_programs() -> None:
    """Go on where a server can be had; elsewhere fail in CI, and skip the test on a machine of somebody's own."""
    try:
        find_programs()
        identity()
    except NoServer as reason:
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(str(reason))
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give the server of this run, shared by all workers."""
    demand_programs()
    own = tmp_path_factory.getbasetemp()
    keeper = Keeper.join(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)
    try:
        yield keeper.server()
    finally:
        keeper.leave()


@pytest.fixture
def postgres_url(postgres: Server) -> Iterator[str]:
    """Give the address of a migrated database of this test's own."""
    url = postgres.make_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture
def postgres_folder() -> Iterator[Path]:
    """Give a folder for servers of this test's own."""
    demand_programs()
    with server_folder() as folder:
        yield folder


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
