"""The questions behind the screens, the ticks and the outbox: each named query with the parameters of somebody usual.

Some are also asked for somebody busy, who is as busy in a marketplace of any size, and for a page deep inside a list.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.domain.browse import COUNT_CAP, NEWEST_OF_BEST, PAGE_SIZE
from bot.domain.entry import member_account
from bot.domain.house import House
from tests.bench.scale_rows import (
    BIG_EMPLOYER,
    BUSY_WORKER,
    DAY,
    FIRST_TELEGRAM_ID,
    HOUR,
    MINUTE,
    SPAN,
)

FIRST, LAST = 2**63 - 1, -1
SLICE = 20
HOUSE = House()


@dataclass(frozen=True, slots=True)
class Question:
    """A query by its name, for whom it is asked, and what with."""

    screen: str
    query: str
    whose: str
    params: dict[str, Any]

    @property
    def key(self) -> str:
        """Name the question."""
        return f"{self.query}{f' ({self.whose})' if self.whose else ''}"


@dataclass(frozen=True, slots=True)
class World:
    """What the questions need to know of a marketplace of this size."""

    members: int
    now: int  # milliseconds

    @property
    def worker(self) -> int:
        """Somebody with about two places, in the middle of the table."""
        return self.members // 2 + 3

    @property
    def employer(self) -> int:
        """Somebody with about ten jobs."""
        return self.members // 2

    def job_of(self, employer: int) -> int:
        """Give one of the employer's jobs."""
        if employer == BIG_EMPLOYER:
            return 500
        return self.members // 2 // (self.members // 10) * (self.members // 10) + employer // 10 - 1


def questions(world: World) -> Iterator[Question]:
    """Give every question."""
    for make in (_browse, _lists, _work, _money, _review, _desk, _alerts, _updates, _ticks, _outbox):
        yield from make(world)


def _browse(w: World) -> Iterator[Question]:
    people = (("", w.worker), ("busy worker", BUSY_WORKER), ("big employer", BIG_EMPLOYER))
    for whose, member in people:
        yield Question("shelves", "list_open_jobs_by_category", whose, {"member_id": member})
        cap = {"minimum": HOUSE.high_pay_minimum, "cap": COUNT_CAP}
        yield Question("shelves", "count_high_paying_jobs", whose, {"member_id": member, **cap})
    yield Question("home", "find_best_job", "", {"member_id": w.worker})
    yield Question("home", "get_dashboard_figures", "", {"member_id": w.worker})
    yield Question("home", "list_work_in_progress", "", {"member_id": w.worker, "limit": 3})
    job = {"job_id": w.members - 20}
    yield Question("job card", "get_job_view", "", {"member_id": w.worker, **job})
    yield Question("job card", "get_job_view", "busy worker", {"member_id": BUSY_WORKER, **job})
    yield Question("apply", "find_work_standing", "", {"worker_id": w.worker, **job})
    yield Question("apply", "find_live_assignment", "", {"worker_id": w.worker, **job})


def _lists(w: World) -> Iterator[Question]:
    """Each list from its beginning and from its middle, in a big category and in a small one."""
    middle = {"newest": w.now - SPAN // 2, "oldest": w.now - SPAN // 2, "highest": 2_000, "lowest": 2_000}
    for order, half in middle.items():
        ends = {"key": FIRST if order in ("newest", "highest") else LAST}
        for whose, place in (("", ends["key"]), ("deep", half)):
            edge = {"member_id": w.worker, "key": place, "id": place, "limit": PAGE_SIZE + 1}
            yield Question("list", f"list_category_{order}", whose, {**edge, "category_id": "surveys"})
            yield Question("list", f"list_all_{order}", whose, {**edge, "minimum": 0})
        small = {**edge, "key": ends["key"], "id": ends["key"], "category_id": "other"}
        yield Question("list", f"list_category_{order}", "small shelf", small)
        busy = {**small, "member_id": BUSY_WORKER, "category_id": "surveys"}
        yield Question("list", f"list_category_{order}", "busy worker", busy)
        employer = {**edge, "member_id": BIG_EMPLOYER, "key": ends["key"], "id": ends["key"], "minimum": 0}
        yield Question("list", f"list_all_{order}", "big employer", employer)
    high = {"member_id": w.worker, "key": FIRST, "id": FIRST, "limit": PAGE_SIZE + 1}
    yield Question("list", "list_all_highest", "high-paying", {**high, "minimum": HOUSE.high_pay_minimum})
    best = {**high, "minimum": HOUSE.high_pay_minimum, "best": NEWEST_OF_BEST}
    yield Question("best-paid by date", "list_best_newest", "", best)
    yield Question("best-paid by date", "list_best_oldest", "", {**best, "key": LAST, "id": LAST})


def _work(w: World) -> Iterator[Question]:
    for whose, member in (("", w.worker), ("busy worker", BUSY_WORKER)):
        page = {"decided": 200, "limit": PAGE_SIZE + 1, "offset": 0}
        yield Question("my work", "list_work", whose, {"worker_id": member, **page})
    place = 2 * (w.members // 2) - 1
    yield Question("my work", "find_place", "", {"id": place})
    yield Question("my work", "find_last_submission", "", {"assignment_id": place})
    for whose, member in (("", w.employer), ("big employer", BIG_EMPLOYER)):
        page = {"employer_id": member, "before": FIRST, "job_id": 0, "limit": 7}
        yield Question("my jobs", "list_job_tallies", whose, page)
    one = {"employer_id": w.employer, "before": FIRST, "job_id": w.job_of(w.employer), "limit": 1}
    yield Question("my jobs", "list_job_tallies", "one job", one)


def _money(w: World) -> Iterator[Question]:
    for whose, member in (("", w.worker), ("busy worker", BUSY_WORKER)):
        names = {purse: f"member:{member}:{purse}" for purse in ("funds", "maturing", "available", "held")}
        yield Question("balance", "ledger_list_balances", whose, names)
        yield Question("balance", "ledger_get_maturing", whose, {"member_id": member})
        yield Question("balance", "earnings_get_pending", whose, {"member_id": member})
        earned = {"maturing": names["maturing"], "available": names["available"]}
        yield Question("balance", "ledger_get_earned", whose, earned)
        account = {"account": member_account(member, "available"), "limit": 11}
        yield Question("statement", "ledger_list_statement", whose, {**account, "before": FIRST})
    busy = {"account": member_account(BUSY_WORKER, "available"), "limit": 11, "before": 3_000}
    yield Question("statement", "ledger_list_statement", "busy worker, deep", busy)
    yield Question("statement", "wallet_list_withdrawals", "", {"member_id": w.worker, "before": FIRST, "limit": 9})
    yield Question("withdraw", "wallet_find_live_withdrawal", "", {"member_id": w.worker})
    paid = {"member_id": w.worker, "fingerprint": f"{w.worker:064x}"}
    yield Question("withdraw", "wallet_find_paid_destinations", "", paid)


def _review(w: World) -> Iterator[Question]:
    for whose, member in (("", w.employer), ("big employer", BIG_EMPLOYER)):
        by = {"employer_id": member}
        yield Question("review", "find_next_waiting", whose, {**by, "after_id": 0})
        yield Question("review", "find_next_frozen", whose, {**by, "now": w.now, "before_id": FIRST})
        yield Question("review", "count_queue", whose, {**by, "now": w.now})
        yield Question("review", "find_last_undoable", whose, {**by, "since": w.now - 10_000, "now": w.now})
        yield Question("review", "get_waiting_summary", whose, by)
        around = {
            "worker_id": BUSY_WORKER,
            "job_id": w.job_of(member),
            "assignment_id": 2 * w.job_of(member),
            "round": 1,
        }
        sent = {"submitted_at": w.now - HOUR, "id": w.members}
        yield Question("review", "get_review_surroundings", whose, {**by, **around, **sent})
        month = {**by, "since": w.now - 30 * DAY, "until": w.now}
        yield Question("review", "get_clock_approvals", whose, month)
    seen = {"submission_id": w.members, "employer_id": w.employer}
    yield Question("review", "list_pictures_seen_before", "", seen)
    yield Question("review", "list_proofs", "", {"submission_id": w.members})
    total = {"job_id": w.job_of(w.employer), "up_to_submission_id": FIRST}
    yield Question("review", "get_waiting_sum", "", total)


def _desk(w: World) -> Iterator[Question]:
    yield Question("desk", "admin_get_desk", "", {})
    yield Question("desk", "admin_list_flags", "", {})
    yield Question("desk", "wallet_list_withdrawal_queue", "", {"after": 0, "limit": 6})
    yield Question("desk", "wallet_list_claims", "", {"after": 0, "limit": 6})


def _alerts(w: World) -> Iterator[Question]:
    yield Question("alerts", "alert_find_next_job", "", {"aside": "[]"})
    yield Question("alerts", "alert_find_last_subscriber", "", {})
    slice_ = {"after": w.worker, "before": FIRST, "limit": SLICE}
    yield Question("alerts", "alert_list_readers", "", slice_)
    ids = json.dumps(list(range(w.worker + 1, w.worker + 41, 2)))
    yield Question("alerts", "alert_count_recent", "", {"member_ids": ids, "since": w.now - DAY})
    told = {"topic": f"alert:{w.members // 2}", "after": 0, "limit": SLICE}
    yield Question("alerts", "alert_list_told", "", told)
    # As good as up to date, which a tick is: the events that say so are counted from the last one seen.
    yield Question("alerts", "alert_find_job_over", "", {"after": int(w.members * 3.1)})


def _updates(w: World) -> Iterator[Question]:
    whose = {"telegram_user_id": FIRST_TELEGRAM_ID + w.worker}
    opened = {"inbox_id": w.worker, "message_id": 5, **whose}
    yield Question("every update", "open_update", "", opened)
    yield Question("every update", "find_member_by_telegram", "", whose)
    yield Question("every update", "list_unfinished_of_sender", "",
                   {"sender_id": whose["telegram_user_id"], "replica_id": 1, "after": 0, "limit": 20})  # fmt: skip


def _ticks(w: World) -> Iterator[Question]:
    now = {"now": w.now}
    page = {**now, "limit": SLICE}
    yield Question("ticks", "list_due_pay", "", page)
    ending = {"longest_ms": HOUR, "shortest_ms": 10 * MINUTE, "part": 5}
    yield Question("ticks", "list_ending_reservations", "", {**page, **ending})
    yield Question("ticks", "list_ended_reservations", "", page)
    yield Question("ticks", "ledger_list_matured", "", page)
    yield Question("ticks", "list_overdue_reviews", "", page)
    yield Question("ticks", "list_due_reopen", "", page)
    yield Question("ticks", "list_reminders_due", "", page)
    yield Question("ticks", "find_started_approve_order", "", {**now, "aside": "[]"})
    yield Question("ticks", "list_new_proofs", "", {"limit": SLICE})
    yield Question("ticks", "list_outlived_files", "", {"before": w.now - 90 * DAY, "limit": SLICE})
    yield Question("ticks", "list_operators", "", {})


def _outbox(w: World) -> Iterator[Question]:
    for lane in ("receipt", "screen", "alert"):
        yield Question("outbox", "list_due_deliveries", lane, {"lane": lane, "now": w.now, "limit": SLICE})
    topic = {"member_id": w.worker, "topic": f"alert:{w.members // 2}"}
    yield Question("outbox", "find_topic_message", "", topic)
    yield Question("outbox", "find_newest_moment", "", {})
