"""A marketplace of any size as rows: N members, N jobs, 2 N places, the ledger that paid for them, and their messages.

The ledger's entries are made by the bot's own builders and chained as the bot chains them, so that `verify` can add the
whole up afterwards. Two people are busy whatever the size: BIG_EMPLOYER has 1,000 jobs, BUSY_WORKER 2,000 places.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot.domain import entry
from bot.domain.entry import GENESIS, Entry, hash_link
from bot.domain.money import fee_of
from storage.rows import from_ms, to_ms, to_ms_or_none

Row = tuple[Any, ...]

SMALLEST = 10_000
BIG_EMPLOYER, BIG_JOBS = 10, 1_000
BUSY_WORKER, BUSY_UP_TO = 7, 3_000
DUE_UP_TO = BUSY_UP_TO + 50  # places that are approved and about to be paid
FLUSH = 20_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
SPAN = 90 * DAY  # the first job is this old
FIRST_TELEGRAM_ID = 10_000_000
OPERATOR = 1
DEPOSIT = 1_000_000_000
CLAIMS, PAYOUTS_WAITING, RECEIPTS_DUE = 100, 200, 100
CATEGORIES = (
    *("surveys",) * 5,
    *("app_testing",) * 3,
    *("website_visits", "reading_articles", "app_downloads", "sign_ups", "video_feedback", "data_entry", "copy_paste"),
    *("image_categorising", "writing", "social_media", "research", "transcription", "translation", "local_photos"),
    "other",
)
STEPS = json.dumps(["Open the page", "Answer all ten questions truthfully", "Copy the code at the end"])
REQUIREMENTS = json.dumps([{"kind": "photo", "text": "The last page with its code", "count": 1}])

#: The columns that are written, by table; the others have their defaults.
COLUMNS = {
    "members": "id telegram_user_id first_name language country role settings created_at terms_at seen_at",
    "dialogs": "member_id conversation state draft open expires_at",
    "subscriptions": "member_id enabled minimum_reward categories created_at",
    "jobs": "id token employer_id category_id title steps requirements reward fee minutes time_limit_minutes"
    " review_days status free_slots created_at published_at closed_at alerted_at",
    "lots": "id job_id reward fee slots taken paid released",
    "assignments": "id job_id lot_id worker_id status reserved_at deadline_at submitted_at decided_at pay_at paid_at"
    " reopen_at reopened_at",
    "submissions": "id assignment_id job_id status reason decided_by submitted_at review_by_at reminded decided_at",
    "proofs": "id assignment_id submission_id requirement kind file_id file_unique_id size status path sha256"
    " pixels_sha256 width height created_at",
    "deposits": "id member_id amount reference status version claimed_at decided_at decided_by entry_id",
    "withdrawals": "id member_id way destination masked fingerprint amount fee net status reference version"
    " requested_at payable_at approved_at closed_at decided_by",
    "accounts": "name kind member_id job_id currency debits credits overdraft_ok",
    "entries": "id kind key content_hash previous_hash job_id assignment_id deposit_id withdrawal_id matures_at"
    " matures_entry_id at",
    "transfers": "id entry_id debit credit amount debit_balance credit_balance",
    "seals": "entry_id hash transfers",
    "maturing": "entry_id member_id amount due_at matured_entry_id",
    "events": "id kind payload at",
    "deliveries": "id event_id member_id lane topic status due_at expires_at attempts message_id key sent_at",
    "inbox": "id bot_id update_id sender_id status received_at applied_at",
}


def rows(members: int, now: datetime) -> Iterator[tuple[str, list[Row]]]:
    """Give all rows as batches of a table."""
    assert members >= SMALLEST, f"at least {SMALLEST:,} members"
    assert members % 10 == 0
    return _Maker(members, to_ms(now)).make()


@dataclass(frozen=True, slots=True)
class _Place:
    """What a job's second place came to."""

    status: str
    taken: bool


#: Of sixteen second places one is being worked on, three wait, one is kept after a rejection, two were given back.
_SECOND = (
    _Place("reserved", True),
    *(_Place("submitted", True),) * 3,
    _Place("rejected", True),
    *(_Place("rejected", False),) * 2,
    *(_Place("approved", False),) * 9,
)


class _Maker:
    def __init__(self, members: int, now: int) -> None:
        self.members, self.now = members, now
        self.employers = members // 10
        self.workers = members - self.employers
        self.tables: dict[str, list[Row]] = {name: [] for name in COLUMNS}
        self.last: dict[str, int] = defaultdict(int)  # the last id of a table
        self.head = GENESIS
        self.accounts: dict[str, list[int]] = {}  # debits, credits
        self.funded: set[int] = set()

    def make(self) -> Iterator[tuple[str, list[Row]]]:
        for number in range(1, self.members + 1):
            self._member(number)
            if number % 1_000 == 0:
                yield from self._full()
        for job in range(1, self.members + 1):
            self._job(job)
            if job % 1_000 == 0:
                yield from self._full()
        for number, worker in enumerate(range(11, self.members, 20)):
            self._withdrawal(worker, waits=number < PAYOUTS_WAITING)
            if number % 1_000 == 0:
                yield from self._full()
        self._waiting()
        for name, (debits, credits_) in self.accounts.items():
            self._add("accounts", *_account(name), debits, credits_, int(name.startswith("external:")))
        yield from self._full(at_least=1)

    def _full(self, at_least: int = FLUSH) -> Iterator[tuple[str, list[Row]]]:
        for name, batch in self.tables.items():
            if len(batch) >= at_least:
                yield name, batch
                self.tables[name] = []

    def _add(self, table: str, *row: Any) -> None:
        self.tables[table].append(row)

    def _next(self, table: str) -> int:
        self.last[table] += 1
        return self.last[table]

    # -- people ------------------------------------------------------------------------------------------------

    def _member(self, number: int) -> None:
        joined = self.now - SPAN - DAY
        seen = self.now - _mix(number, 1) % (30 * DAY)
        role = "operator" if number == OPERATOR else "member"
        settings = '{"sort":"h"}' if number % 3 == 0 else "{}"
        self._add(
            *("members", number, FIRST_TELEGRAM_ID + number, "Ana", "en", "PK", role, settings, joined, joined, seen)
        )
        if number % 20 == 5:
            ends = self.now + _mix(number, 2) % DAY
            self._add("dialogs", number, "publish", "title", '{"draft":{},"answered":[]}', int(number % 40 == 5), ends)
        if number % 2 == 0:
            categories = json.dumps([CATEGORIES[_mix(number, 3) % len(CATEGORIES)]]) if number % 6 == 0 else "[]"
            self._add("subscriptions", number, int(number % 20 != 0), _mix(number, 4) % 8 * 2_000, categories, joined)
        came = self.now - _mix(number, 5) % (3 * DAY)
        self._add("inbox", number, 700200300, 1_000 + number, FIRST_TELEGRAM_ID + number, "answered", came, came + 40)

    def _employer(self, job: int) -> int:
        return BIG_EMPLOYER if job <= BIG_JOBS else 10 * (1 + job % self.employers)

    def _worker(self, job: int, place: int) -> int:
        if place == 0 and BIG_JOBS < job <= BUSY_UP_TO:
            return BUSY_WORKER
        one = (2 * job + place) * 7_919 % self.workers
        member = one + one // 9 + 1  # every tenth is an employer
        return member + 1 if member == BUSY_WORKER else member

    # -- jobs --------------------------------------------------------------------------------------------------

    def _job(self, job: int) -> None:
        employer = self._employer(job)
        status = ("open",) * 15 + ("filled",) * 2 + ("closed",) * 2 + ("paused",)
        status_now = status[job % 20]
        second = _SECOND[_mix(job, 6) % 16]
        due = BUSY_UP_TO < job <= DUE_UP_TO
        taken, paid = int(second.taken) + int(due), int(not due) + int(second.status == "approved")
        released = 5 - taken - paid if status_now == "closed" else 0
        slots = taken + paid if status_now == "filled" else 5
        reward = 200 + (_mix(job, 7) % 1_000) ** 3 // 83_000
        fee = fee_of(reward, 1_000)
        at = self.now - SPAN * (self.members - job + 1) // self.members
        closed_at = min(at + DAY, self.now) if status_now == "closed" else None
        alerted_at = None if job > self.members - 3 else at + MINUTE
        category = CATEGORIES[_mix(job, 8) % len(CATEGORIES)]
        self._add(
            *("jobs", job, f"tok{job:09d}", employer, category, f"Answer ten questions, part {job}", STEPS),
            *(REQUIREMENTS, reward, fee, 2 + _mix(job, 9) % 28, 60, 3, status_now, slots - taken - paid - released),
            *(at, at, closed_at, alerted_at),
        )
        self._add("lots", job, job, reward, fee, slots, taken, paid, released)
        if employer not in self.funded:
            self.funded.add(employer)
            self._deposit(employer, at)
        cost = slots * (reward + fee)
        self._post(entry.job_funded(job_id=job, lot_id=job, member_id=employer, from_funds=cost, at=from_ms(at)))
        if released:
            back = released * (reward + fee)
            refund = partial(entry.job_refunded, job_id=job, member_id=employer, cause="close:2")
            self._post(refund(amount=back, at=from_ms(closed_at or at)))
        self._event("job_published", f'{{"job_id":{job}}}', at)
        if status_now == "filled":
            self._event("job_filled", f'{{"job_id":{job}}}', at + HOUR)
        self._approved(job, 0, at, reward, fee, due=due)
        if second.status == "approved":
            self._approved(job, 1, at, reward, fee, due=False)
        else:
            self._second(job, at, second)
        self._alert(job, at)

    def _approved(self, job: int, number: int, published_at: int, reward: int, fee: int, *, due: bool) -> None:
        """Write a place that is approved, and paid unless that is due just now."""
        worker, place = self._worker(job, number), 2 * job - 1 + number
        sent = min(published_at + HOUR, self.now - 2 * HOUR)
        decided = sent + HOUR
        pay_at = self.now - 1_000 if due else decided + 10_000
        self._add("assignments", place, job, job, worker, "approved", sent - 600_000, sent + HOUR, sent, decided,
                  *(pay_at, None if due else pay_at, None, None))  # fmt: skip
        submission = self._submission(place, job, "approved", sent, decided)
        if due:
            return
        hold = timedelta(days=1) if job % 4 == 0 else timedelta(0)
        pay = partial(entry.reward_paid, assignment_id=place, job_id=job, worker_id=worker)
        entry_id = self._post(pay(reward=reward, fee=fee, hold=hold, at=from_ms(pay_at)))
        facts = f'{{"assignment_id":{place},"entry_id":{entry_id},"submission_id":{submission}}}'
        event = self._event("reward_paid", facts, pay_at)
        self._delivery(event, worker, "receipt", None, f"reward_paid:{place}", pay_at)
        if hold:
            due_at, matured = pay_at + DAY, None
            if due_at < self.now:
                moved = partial(entry.reward_matured, paid_entry_id=entry_id, worker_id=worker, amount=reward)
                matured = self._post(moved(at=from_ms(due_at)))
            self._add("maturing", entry_id, worker, reward, due_at, matured)

    def _second(self, job: int, published_at: int, second: _Place) -> None:
        worker, place = self._worker(job, 1), 2 * job
        reserved = self.now - 30 * MINUTE + _mix(job, 10) % (29 * MINUTE)
        if second.status == "reserved":
            self._add("assignments", place, job, job, worker, "reserved", reserved, reserved + HOUR, *(None,) * 6)
        elif second.status == "submitted":
            sent = self.now - _mix(job, 11) % (3 * DAY)
            self._add("assignments", place, job, job, worker, "submitted", sent - HOUR, sent, sent, *(None,) * 5)
            self._submission(place, job, "pending", sent, None)
        else:
            decided = self.now - DAY + _mix(job, 12) % DAY if second.taken else max(published_at, self.now - SPAN)
            reopened = None if second.taken else decided + 2 * DAY
            self._add("assignments", place, job, job, worker, "rejected", decided - HOUR, decided, decided - HOUR,
                      *(decided, None, None, decided + 2 * DAY, reopened))  # fmt: skip
            self._submission(place, job, "rejected", decided - HOUR, decided)

    def _submission(self, place: int, job: int, status: str, sent: int, decided: int | None) -> int:
        number = self._next("submissions")
        reason = "unclear" if status == "rejected" else None
        by = None if decided is None else "employer"
        ends = sent + 3 * DAY + HOUR
        done = self.now - 5 * MINUTE - sent  # what was due up to five minutes ago was reminded of
        reminded = int(done >= (ends - sent) // 2) + int(done >= (ends - sent) * 4 // 5) if status == "pending" else 0
        self._add("submissions", number, place, job, status, reason, by, sent, ends, reminded, decided)
        unique = f"AQAD{number:012d}"
        self._add(
            *("proofs", number, place, number, 0, "photo", f"AgACAgIAAxkBAAI{number:040d}", unique, 81_920, "stored"),
            *(f"{number % 256:02x}/{number}.jpg", f"{number:064x}", f"{number:063x}f", 1080, 1920, sent),
        )
        return number

    # -- money -------------------------------------------------------------------------------------------------

    def _deposit(self, employer: int, at: int) -> None:
        number = self._next("deposits")
        paid_in = entry.deposit(deposit_id=number, member_id=employer, amount=DEPOSIT, at=from_ms(at))
        entry_id = self._post(paid_in)
        self._add("deposits", number, employer, DEPOSIT, f"REF{number}", "confirmed", 2, at, at, OPERATOR, entry_id)
        event = self._event("deposit_confirmed", f'{{"deposit_id":{number},"entry_id":{entry_id}}}', at)
        self._delivery(event, employer, "receipt", None, f"event:{event}:{employer}", at)

    def _withdrawal(self, worker: int, *, waits: bool) -> None:
        debits, credits_ = self.accounts.get(entry.member_account(worker, "available"), (0, 0))
        amount = credits_ - debits
        if amount == 0 or worker % 10 == 0:
            return
        number, at = self._next("withdrawals"), from_ms(self.now - 2 * DAY)
        about: dict[str, Any] = {"withdrawal_id": number, "at": at}
        held = self._post(entry.withdrawal_held(member_id=worker, amount=amount, **about))
        facts = f'{{"entry_id":{held},"withdrawal_id":{number}}}'
        event = self._event("withdrawal_requested", facts, to_ms(at))
        self._delivery(event, worker, "receipt", None, f"event:{event}:{worker}", to_ms(at))
        if not waits:
            self._post(entry.payout_sent(member_id=worker, net=amount, fee=0, **about))
            settled = self._post(entry.payout_settled(net=amount, **about))
            self._event("withdrawal_paid", f'{{"entry_id":{settled},"withdrawal_id":{number}}}', to_ms(at))
        when = to_ms(at)
        end = ("requested", None, 1, when, when, None, None, None)
        if not waits:
            end = ("paid", f"PP-{number}", 4, when, when, when, when, OPERATOR)  # type: ignore[assignment]
        self._add(
            *("withdrawals", number, worker, "paypal", "gAAAA" + "x" * 115 if waits else None, "a***@example.com"),
            *(f"{worker:064x}", amount, 0, amount, *end),
        )

    def _post(self, made: Entry) -> int:
        number = self._next("entries")
        at, matures_at = to_ms(made.at), to_ms_or_none(made.matures_at)
        link = hash_link(self.head, number, made.content_hash, at, matures_at)
        self._add(
            *("entries", number, made.kind.value, made.key, made.content_hash, self.head, made.job_id),
            *(made.assignment_id, made.deposit_id, made.withdrawal_id, matures_at, made.matures_entry_id, at),
        )
        for one in made.transfers:
            debit = self.accounts.setdefault(one.debit, [0, 0])
            credit = self.accounts.setdefault(one.credit, [0, 0])
            debit[0] += one.amount
            credit[1] += one.amount
            left = (debit[1] - debit[0], credit[1] - credit[0])
            self._add("transfers", self._next("transfers"), number, one.debit, one.credit, one.amount, *left)
        self._add("seals", number, link, len(made.transfers))
        self.head = link
        return number

    # -- messages ----------------------------------------------------------------------------------------------

    def _event(self, kind: str, payload: str, at: int) -> int:
        number = self._next("events")
        self._add("events", number, kind, payload, at)
        return number

    def _delivery(self, event: int, member: int, lane: str, topic: str | None, key: str, at: int) -> None:
        number = self._next("deliveries")
        ends = at + 6 * HOUR if lane == "alert" else None
        self._add("deliveries", number, event, member, lane, topic, "sent", at, ends, 1, number, key, at + 300)

    def _alert(self, job: int, at: int) -> None:
        reader = 2 + 2 * (_mix(job, 13) % (self.members // 2))
        event = self._event("job_alert", f'{{"job_id":{job}}}', at + MINUTE)
        self._delivery(event, min(reader, self.members), "alert", f"alert:{job}", f"alert:{job}:{reader}", at + MINUTE)

    def _waiting(self) -> None:
        """Write what waits: claims of deposits, and messages that are due: of alerts one for twenty members."""
        for claim in range(CLAIMS):
            number, member = self._next("deposits"), 11 + 10 * claim
            at = self.now - claim * MINUTE
            self._add("deposits", number, member, 50_000, f"CLAIM{claim}", "claimed", 1, at, None, None, None)
        job, at = self.members - 1, self.now - MINUTE
        for number in range(RECEIPTS_DUE):
            event = self._event("job_finished", f'{{"job_id":{job}}}', at)
            self._due(event, 11 + 10 * number, "receipt", None, at)
        for number, member in enumerate(range(2, self.members, 20)):
            if number % 20 == 0:  # as many are looked at in a unit
                event = self._event("job_alert", f'{{"job_id":{job}}}', at)
                at += 1
            self._due(event, member, "alert", f"alert:{job}", at)

    def _due(self, event: int, member: int, lane: str, topic: str | None, at: int) -> None:
        ends = at + 6 * HOUR if lane == "alert" else None
        key = f"{topic or event}:{member}"
        number = self._next("deliveries")
        self._add("deliveries", number, event, member, lane, topic, "due", at, ends, 0, None, key, None)


_ODD = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1, 0xD3A2646D, 0xFD7046C5, 0xB55A4F09)


def _mix(number: int, salt: int) -> int:
    """Give a number that looks like chance and is always the same."""
    return ((number * 8 + salt) * _ODD[salt % 8] & 0xFFFFFFFF) >> 5


def _account(name: str) -> Row:
    first, *rest = name.split(":")
    kind = {"member": rest[-1], "job": "escrow", "platform": "fees"}.get(first, first)
    member = int(rest[0]) if first == "member" else None
    job = int(rest[0]) if first == "job" else None
    return (name, kind, member, job, "USD")
