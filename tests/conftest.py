"""What every test may ask for: a migrated database in a temporary file and a fixed time."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.database import Database
from storage.migrate import migrate
from tests import engines, in_turn
from tests.engines import url_of

pytest_plugins = ["tests.postgres_server"]

NOW = datetime(2030, 1, 15, 12, 0, tzinfo=UTC)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run choose the engine of its databases."""
    parser.addoption("--engine", choices=("sqlite", "postgres"), default="sqlite", help="where databases are")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the engine before anything is collected."""
    engines.choose(config.getoption("engine"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, where databases are on PostgreSQL, what is about SQLite itself: `sqlite` marks say why."""
    about_sqlite = []
    for item in items:
        for mark in item.iter_markers("sqlite"):
            if len(mark.args) != 1 or not isinstance(mark.args[0], str):
                raise pytest.UsageError(f"{item.nodeid}: a `sqlite` mark says what is about SQLite there")
            about_sqlite.append(item)
    if engines.is_postgres() and about_sqlite:
        config.hook.pytest_deselected(items=about_sqlite)
        items[:] = [item for item in items if item not in about_sqlite]


@pytest.fixture(autouse=True, scope="session")
def _server_of_this_run(request: pytest.FixtureRequest) -> None:
    """Start the server where databases are on PostgreSQL."""
    if engines.is_postgres():
        engines.use(request.getfixturevalue("postgres"))


@pytest.fixture(autouse=True)
def _drop_what_a_test_made() -> Iterator[None]:
    """Drop the test's own databases on PostgreSQL: there are more of them in a run than a machine may have room for."""
    before = engines.made()
    yield
    for file in engines.made() - before:
        engines.drop(file)


@pytest.fixture(autouse=True)
def _count_alternations(record_property: Callable[[str, object], None]) -> Iterator[None]:
    """Put down how many updates two replicas took in turn."""
    in_turn.alternations.clear()
    yield
    if count := sum(in_turn.alternations):
        record_property("alternated", count)


@pytest.fixture
def now() -> datetime:
    """Give the time at which tests begin."""
    return NOW


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Give a migrated database in a file of its own."""
    db = await Database.open(url_of(tmp_path / "bot.db"))
    try:
        await migrate(db)
        yield db
    finally:
        await db.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what random and kill tests counted, with their seeds: record_property("figure", "...")."""
    kept = [
        (report, name, value)
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport)
        for name, value in report.user_properties
    ]
    figures = {f"{report.nodeid.rpartition('/')[2]}: {value}" for report, name, value in kept if name == "figure"}
    alternated = {report.nodeid: value for report, name, value in kept if name == "alternated"}
    if alternated:
        total = sum(int(str(count)) for count in alternated.values())
        told = f"{total} updates of the same people in {len(alternated)} tests"
        figures.add(f"two replicas: {told} came to one and the other in turn")
    if figures:
        terminalreporter.section("figures")
        for figure in sorted(figures):
            terminalreporter.write_line(figure)
