"""The named queries of both engines as their files say them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiosql.query_loader import QueryLoader

from storage.postgres import translate
from storage.sqlite import OneHopAdapter

SHARED = Path(__file__).parents[2] / "storage" / "queries"
OWN = SHARED / "postgres"


@dataclass(frozen=True, slots=True)
class Named:
    """One query: its name, how it is called (`SELECT_ONE`...), its text, and the file it stands in."""

    name: str
    call: str
    sql: str
    file: str

    @property
    def parameters(self) -> tuple[str, ...]:
        """Give the names of its parameters in the order of their first use."""
        return translate(self.sql).names


def read_queries(folder: Path) -> list[Named]:
    """Read every query of a folder's files, but not of the folders below it."""
    adapter: Any = OneHopAdapter()
    loader = QueryLoader(adapter, None, mandatory_parameters=False)
    return [
        Named(datum.query_name, datum.operation_type.name, datum.sql, file.name)
        for file in sorted(folder.glob("*.sql"))
        for datum in loader.load_query_data_from_file(file)
    ]


def queries_of_postgres() -> list[Named]:
    """Give the queries as PostgreSQL runs them: its own, and the shared ones that it has no own words for."""
    own = read_queries(OWN)
    names = {query.name for query in own}
    return [*own, *(query for query in read_queries(SHARED) if query.name not in names)]
