"""What the handlers' tests share: the marketplace of who may do what, made once in a process."""

import pytest

from tests.conftest import NOW
from tests.postgres_server import blocking
from tests.rights_world import Rights, make_rights


@pytest.fixture(scope="session")
def marketplace(tmp_path_factory: pytest.TempPathFactory) -> Rights:
    """Give the marketplace of which every test gets a copy: see `rights_stage`."""
    return blocking(make_rights(tmp_path_factory.mktemp("marketplace") / "bot.db", NOW))
