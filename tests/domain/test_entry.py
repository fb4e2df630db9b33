"""What each kind of entry moves, and the hashes that hold it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain import entry
from bot.domain.entry import Entry, EntryKind, Reason, Transfer, hash_link

AT = datetime(2030, 1, 15, tzinfo=UTC)


def moves(made: Entry) -> list[tuple[str, str, int]]:
    """Give an entry's transfers as plain values."""
    return [(t.debit, t.credit, t.amount) for t in made.transfers]


def test_each_kind_moves_what_its_row_in_the_design_says() -> None:
    """Proves debit, credit, amount and key of every builder."""
    made: list[tuple[Entry, str, list[tuple[str, str, int]]]] = [
        (
            entry.deposit(deposit_id=3, member_id=4, amount=5, at=AT),
            "deposit:3",
            [("external:deposits", "member:4:funds", 5)],
        ),
        (
            entry.deposit_refunded(deposit_id=3, member_id=4, amount=5, at=AT),
            "deposit:3:refunded",
            [("member:4:funds", "external:deposits", 5)],
        ),
        (
            entry.job_funded(job_id=7, lot_id=8, member_id=4, from_funds=5, from_available=6, at=AT),
            "lot:8:funded",
            [("member:4:funds", "job:7:escrow", 5), ("member:4:available", "job:7:escrow", 6)],
        ),
        (
            entry.job_refunded(job_id=7, member_id=4, amount=5, cause="close:2", at=AT),
            "job:7:refunded:close:2",
            [("job:7:escrow", "member:4:funds", 5)],
        ),
        (
            entry.reward_paid(
                assignment_id=9, job_id=7, worker_id=4, reward=200, fee=15, hold=timedelta(hours=24), at=AT
            ),
            "assignment:9:paid",
            [("job:7:escrow", "member:4:maturing", 200), ("job:7:escrow", "platform:fees", 15)],
        ),
        (
            entry.reward_paid(assignment_id=9, job_id=7, worker_id=4, reward=200, fee=0, hold=timedelta(0), at=AT),
            "assignment:9:paid",
            [("job:7:escrow", "member:4:available", 200)],
        ),
        (
            entry.reward_matured(paid_entry_id=11, worker_id=4, amount=200, at=AT),
            "entry:11:matured",
            [("member:4:maturing", "member:4:available", 200)],
        ),
        (
            entry.withdrawal_held(withdrawal_id=6, member_id=4, amount=100, at=AT),
            "withdrawal:6:held",
            [("member:4:available", "member:4:held", 100)],
        ),
        (
            entry.withdrawal_released(withdrawal_id=6, member_id=4, amount=100, at=AT),
            "withdrawal:6:released",
            [("member:4:held", "member:4:available", 100)],
        ),
        (
            entry.payout_sent(withdrawal_id=6, member_id=4, net=98, fee=2, at=AT),
            "withdrawal:6:sent",
            [("member:4:held", "clearing:manual", 98), ("member:4:held", "platform:fees", 2)],
        ),
        (
            entry.payout_settled(withdrawal_id=6, net=98, at=AT),
            "withdrawal:6:settled",
            [("clearing:manual", "external:payouts", 98)],
        ),
        (
            entry.payout_returned(withdrawal_id=6, member_id=4, net=98, fee_back=2, at=AT),
            "withdrawal:6:returned",
            [("clearing:manual", "member:4:available", 98), ("platform:fees", "member:4:available", 2)],
        ),
        (
            entry.correction(
                cause="17", debit="platform:fees", credit="member:4:funds", amount=1, reason=Reason.GOODWILL, at=AT
            ),
            "correction:17",
            [("platform:fees", "member:4:funds", 1)],
        ),
    ]
    for one, key, expected in made:
        assert (one.key, moves(one)) == (key, expected)
    assert {one.kind for one, _, _ in made} == set(EntryKind)


def test_a_hold_says_when_it_is_over() -> None:
    """Proves the due time of a held reward, and that one paid at once has none."""
    held = entry.reward_paid(assignment_id=9, job_id=7, worker_id=4, reward=2, fee=1, hold=timedelta(hours=12), at=AT)
    assert held.matures_at == AT + timedelta(hours=12)
    free = entry.reward_paid(assignment_id=9, job_id=7, worker_id=4, reward=2, fee=1, hold=timedelta(0), at=AT)
    assert free.matures_at is None


@pytest.mark.parametrize(
    ("debit", "credit", "amount"),
    [("a", "b", 0), ("a", "b", -1), ("a", "b", True), ("a", "a", 1), ("a", "b", 10**13 + 1)],
)
def test_a_transfer_moves_a_positive_amount_between_two_accounts(debit: str, credit: str, amount: int) -> None:
    """Proves that nothing, less than nothing, too much and a circle are no transfer."""
    with pytest.raises(AssertionError):
        Transfer(debit, credit, amount)


def test_an_entry_moves_something_at_a_known_time() -> None:
    """Proves that an entry without transfers, with a naive time or an odd key can't be made."""
    one = (Transfer("a", "b", 1),)
    with pytest.raises(AssertionError):
        Entry(kind=EntryKind.DEPOSIT, key="k", transfers=(), at=AT)
    with pytest.raises(AssertionError):
        Entry(kind=EntryKind.DEPOSIT, key="k", transfers=one, at=AT.replace(tzinfo=None))
    for key in ("", "k" * 101):
        with pytest.raises(AssertionError):
            Entry(kind=EntryKind.DEPOSIT, key=key, transfers=one, at=AT)


def test_the_content_hash_covers_what_is_done_and_not_when() -> None:
    """Proves that every fact of an entry changes its hash, and a retry later does not."""
    first = entry.deposit(deposit_id=3, member_id=4, amount=5, at=AT)
    assert (
        entry.deposit(deposit_id=3, member_id=4, amount=5, at=AT + timedelta(days=1)).content_hash == first.content_hash
    )
    others = [
        entry.deposit(deposit_id=3, member_id=4, amount=6, at=AT),
        entry.deposit(deposit_id=3, member_id=5, amount=5, at=AT),
        replace(first, key="other"),
        replace(first, kind=EntryKind.CORRECTION),
        replace(first, deposit_id=9),
        replace(first, job_id=3),
        replace(first, assignment_id=3),
        replace(first, withdrawal_id=3),
        replace(first, matures_entry_id=3),
        replace(first, reason=Reason.GOODWILL),
        replace(first, transfers=first.transfers * 2),
    ]
    assert len({first.content_hash, *(o.content_hash for o in others)}) == len(others) + 1


def test_the_link_covers_place_and_time() -> None:
    """Proves that each thing a link holds changes it."""
    links = {
        hash_link("a", 1, "c", 5, None),
        hash_link("b", 1, "c", 5, None),
        hash_link("a", 2, "c", 5, None),
        hash_link("a", 1, "d", 5, None),
        hash_link("a", 1, "c", 6, None),
        hash_link("a", 1, "c", 5, 6),
    }
    assert len(links) == 6
