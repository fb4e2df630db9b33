"""What every test may ask for: a migrated database in a temporary file and a fixed time."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.database import Database
from storage.migrate import migrate
from tests import engines
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
    """Leave out what is about the embedded engine where databases are on PostgreSQL."""
    if not engines.is_postgres():
        return
    left_out = [item for item in items if item.get_closest_marker("sqlite")]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture(autouse=True, scope="session")
def _server_of_this_run(request: pytest.FixtureRequest) -> None:
    """Start the server where databases are on PostgreSQL."""
    if engines.is_postgres():
        engines.use(request.getfixturevalue("postgres"))


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
    figures = [
        (report.nodeid, value)
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport)
        for name, value in report.user_properties
        if name == "figure"
    ]
    if figures:
        terminalreporter.section("figures")
        for nodeid, value in sorted(set(figures)):
            terminalreporter.write_line(f"{nodeid.rpartition('/')[2]}: {value}")
