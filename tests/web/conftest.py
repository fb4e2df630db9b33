"""The desk that most tests of the endpoint want."""

from collections.abc import AsyncIterator

import pytest

from storage.database import Database
from tests.web.desk import Desk, desk_of


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """Give an endpoint that takes updates."""
    async with desk_of(database) as opened:
        yield opened
