"""What to ask: for each parameter of a query values that mean something in the story, and some that mean nothing."""

import itertools
import json
import math
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storage.unit import Tx
from tests.storage.named import Named

NOBODY = 10**12
NEWEST = 2**63 - 1
MOST = 240  # sets of parameters tried for one query

#: Where the values of a parameter come from, whichever query it is of.
COLUMNS = {
    "member_id": ("members", "id"),
    "worker_id": ("members", "id"),
    "employer_id": ("jobs", "employer_id"),
    "telegram_user_id": ("members", "telegram_user_id"),
    "sender_id": ("inbox", "sender_id"),
    "inbox_id": ("inbox", "id"),
    "message_id": ("deliveries", "message_id"),
    "job_id": ("jobs", "id"),
    "token": ("jobs", "token"),
    "category_id": ("categories", "id"),
    "assignment_id": ("assignments", "id"),
    "submission_id": ("submissions", "id"),
    "after_id": ("submissions", "id"),
    "up_to_submission_id": ("submissions", "id"),
    "submitted_at": ("submissions", "submitted_at"),
    "file_unique_id": ("proofs", "file_unique_id"),
    "sha256": ("proofs", "sha256"),
    "pixels_sha256": ("proofs", "pixels_sha256"),
    "path": ("proofs", "path"),
    "conversation": ("dialogs", "conversation"),
    "topic": ("deliveries", "topic"),
    "lane": ("deliveries", "lane"),
    "reference": ("deposits", "reference"),
    "fingerprint": ("withdrawals", "fingerprint"),
    "way": ("withdrawals", "way"),
    "account": ("accounts", "name"),
    "funds": ("accounts", "name"),
    "maturing": ("accounts", "name"),
    "available": ("accounts", "name"),
    "held": ("accounts", "name"),
    "name": ("accounts", "name"),
    "entry_id": ("entries", "id"),
    "last": ("entries", "id"),
}
#: Queries whose parameter of a general name is about something else: `id` is always here.
OF_ONE_QUERY = {
    "find_assignment.id": ("assignments", "id"),
    "find_place.id": ("assignments", "id"),
    "count_other_live_places.id": ("assignments", "id"),
    "find_submission.id": ("submissions", "id"),
    "get_review_surroundings.id": ("submissions", "id"),
    "find_proof.id": ("proofs", "id"),
    "find_approve_order.id": ("approve_orders", "id"),
    "get_job.id": ("jobs", "id"),
    "find_category.id": ("categories", "id"),
    "get_member.id": ("members", "id"),
    "find_arrival.id": ("inbox", "id"),
    "find_own_reply.id": ("inbox", "id"),
    "wallet_get_deposit.id": ("deposits", "id"),
    "wallet_get_withdrawal.id": ("withdrawals", "id"),
    "wallet_get_destination.id": ("withdrawals", "id"),
    "wallet_count_withdrawal_reference.reference": ("withdrawals", "reference"),
    "get_flag.name": ("flags", "name"),
    "audit_get_flag.name": ("flags", "name"),
    "ledger_find_entry.key": ("entries", "key"),
    "find_left_dialog.after": ("dialogs", "expires_at"),
}
#: Pages, bounds and figures.
FIXED: Mapping[str, tuple[Any, ...]] = {
    "limit": (1, 2, 100),
    "offset": (0, 1, 5),
    "decided": (1, 200),
    "cap": (2, 50),
    "best": (5, 500),
    "minimum": (0, 12_000, 12_001),
    "after": (0, 3, 20, NEWEST),
    "before": (NEWEST, 20, 1),
    "before_id": (NEWEST, 20, 10),
    "round": (1, 2),
    "since": (0, 10, 40, NEWEST),
    "enabled_only": (0, 1),
    "replica_id": (0, 1),
    "part": (5,),
    "shortest_ms": (300_000,),
    "longest_ms": (300_000, 86_400_000),
    "hold_ms": (180_000,),
}
#: What stands in one row belongs together: parameters by table and column. Asking at random would hardly meet it.
TOGETHER: tuple[tuple[str, dict[str, str]], ...] = (
    ("assignments", {"job_id": "job_id", "worker_id": "worker_id", "assignment_id": "id"}),
    ("assignments", {"job_id": "job_id", "member_id": "worker_id"}),
    ("jobs", {"job_id": "id", "employer_id": "employer_id"}),
    ("submissions", {"submission_id": "id", "assignment_id": "assignment_id", "job_id": "job_id"}),
    ("submissions", {"id": "id", "submitted_at": "submitted_at", "assignment_id": "assignment_id", "round": "round"}),
    ("approve_orders", {"job_id": "job_id", "up_to_submission_id": "up_to_submission_id"}),
    ("deliveries", {"member_id": "member_id", "topic": "topic", "message_id": "message_id"}),
    ("dialogs", {"member_id": "member_id", "conversation": "conversation"}),
    ("deposits", {"member_id": "member_id", "reference": "reference"}),
    ("withdrawals", {"member_id": "member_id", "fingerprint": "fingerprint"}),
    ("withdrawals", {"way": "way", "reference": "reference"}),
)
#: Ends of times: queries that ask by time get one of each of these.
TIMES = ("now", "until")
TIME_BOUNDS = ("alert_count_recent.since", "ledger_list_earned_by_day.since", "list_outlived_files.before")


@dataclass(slots=True)
class Pools:
    """The values that parameters may have, by parameter or by query and parameter; and those that belong together."""

    values: dict[str, list[Any]]
    together: list[list[dict[str, Any]]]

    def of(self, query: Named, name: str) -> list[Any]:
        """Give the values of a query's parameter.

        Raises:
            LookupError: there are none yet.
        """
        found = self.values.get(f"{query.name}.{name}", self.values.get(name))
        if found is None:
            raise LookupError(f":{name} of {query.name} has no values to try")
        return found

    def draw(self, query: Named, chance: random.Random) -> Iterator[dict[str, Any]]:
        """Draw sets of parameters for a query: all there are, or MOST of them, every second with what belongs together.

        Raises:
            LookupError: a parameter has no values yet.
        """
        values = {name: self.of(query, name) for name in query.parameters}
        if math.prod(len(one) for one in values.values()) <= MOST:
            for one in itertools.product(*values.values()):
                yield dict(zip(values, one, strict=True))
            return
        fitting = [rows for rows in self.together if rows and len(rows[0].keys() & values.keys()) > 1]
        for number in range(MOST):
            drawn = {name: chance.choice(found) for name, found in values.items()}
            if fitting and number % 2:
                row = chance.choice(fitting[number // 2 % len(fitting)])
                drawn.update((name, value) for name, value in row.items() if name in values)
            yield drawn


async def read_pools(tx: Tx, *, now_ms: int) -> Pools:
    """Read what there is to ask about."""
    pools: dict[str, list[Any]] = {name: list(values) for name, values in FIXED.items()}
    for key, (table, column) in {**COLUMNS, **OF_ONE_QUERY}.items():
        rows = await tx.fetch(f"SELECT DISTINCT {column} AS value FROM {table} WHERE {column} IS NOT NULL")  # noqa: S608
        known = sorted(row["value"] for row in rows)
        pools[key] = [*known, "nothing" if isinstance(known[0], str) else NOBODY]
    times = [now_ms + hours * 3_600_000 for hours in (-400, -60, -41, -25, -1, 0, 1, 30, 100)]
    for key in (*TIMES, *TIME_BOUNDS):
        pools[key] = times
    pools["find_next_frozen.now"], pools["find_next_frozen.before_id"] = times[1:4], [NEWEST, 10]
    for name, end in (("find_last_undoable", "now"), ("get_clock_approvals", "until")):
        pools[f"{name}.since"], pools[f"{name}.{end}"] = times[:4], times[1::3]
    jobs, members, names = pools["job_id"], pools["member_id"], pools["name"]
    pools["aside"] = [json.dumps(one) for one in ([], jobs[:1], jobs[:20], jobs)]
    pools["member_ids"] = [json.dumps(one) for one in ([], members[:3], members)]
    pools["accounts"] = [json.dumps(names[:3])]
    pools["find_started_approve_order.aside"] = ["[]", "[3]", "[1, 2, 3, 4]"]
    published = await tx.fetch("SELECT DISTINCT published_at AS value FROM jobs WHERE published_at IS NOT NULL")
    by_date, by_pay = sorted(row["value"] for row in published), [-1, 900, 12_000, 25_000, NEWEST]
    for scope, order in itertools.product(("category", "all", "best"), ("newest", "oldest", "highest", "lowest")):
        name = f"list_{scope}_{order}"
        pools[f"{name}.key"] = [-1, NEWEST, *by_date[::4]] if order in ("newest", "oldest") else by_pay
        pools[f"{name}.id"] = [-1, jobs[10], jobs[20], NEWEST]
    ends = await tx.fetch("SELECT deadline_at AS value FROM assignments WHERE status = 'reserved'")
    pools["list_ending_reservations.now"] = [row["value"] - 60_000 for row in ends]
    together = []
    for table, columns in TOGETHER:
        wanted = ", ".join(f"{column} AS {name}" for name, column in columns.items())
        rows = await tx.fetch(f"SELECT {wanted} FROM {table}")  # noqa: S608
        together.append([{name: row[name] for name in columns} for row in rows])
    return Pools(pools, together)


def plain(query: Named, rows: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Give rows as names and values; without an order of the query's own, in one of ours.

    Yes and no are numbers on one engine, and an expression without a name has another one on each.
    """
    told = [
        tuple((name if query.call != "SELECT_VALUE" else "", _number(row[name])) for name in row.keys())  # noqa: SIM118
        for row in rows
    ]
    return told if is_ordered(query) else sorted(told, key=repr)


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def is_ordered(query: Named) -> bool:
    """Whether the query itself says in which order its rows come."""
    outside = query.sql
    while (inner := re.sub(r"\([^()]*\)", "", outside)) != outside:
        outside = inner
    return "ORDER BY" in outside
