"""The fingerprint of the schema as it stands: every table, index, trigger and view that this release made."""

import hashlib
import json

from storage.unit import Tx


async def fingerprint(tx: Tx) -> str:
    """Give the SHA-256 of the schema's statements; spaces, line ends and comments make no difference."""
    parts = [[kind, name, sql] for (kind, name), sql in (await read_schema(tx)).items()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


async def read_schema(tx: Tx) -> dict[tuple[str, str], str]:
    """Give the statement of everything in the schema by its kind ("trigger") and name."""
    return {(row["type"], row["name"]): _normal(row["sql"]) for row in await tx.all("audit_list_schema")}


def _normal(sql: str) -> str:
    lines = (line.partition("--")[0] for line in sql.splitlines())
    return " ".join(" ".join(lines).split())
