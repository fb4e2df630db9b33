"""The fingerprint of the schema as it stands: every table, index, trigger and view that this release made."""

import hashlib
import json

from storage.unit import Tx


async def fingerprint(tx: Tx) -> str:
    """Give the SHA-256 of the schema's statements; spaces, line ends and comments make no difference."""
    rows = await tx.all("audit_list_schema")
    parts = [[row["type"], row["name"], _normal(row["sql"])] for row in rows]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _normal(sql: str) -> str:
    lines = (line.partition("--")[0] for line in sql.splitlines())
    return " ".join(" ".join(lines).split())
