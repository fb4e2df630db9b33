"""Life cycles, quotes and destinations of deposits and withdrawals."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import InvalidInput, Refused, Stale
from bot.domain.house import House
from bot.domain.wallet import (
    LIVE,
    MOVES,
    BelowMinimum,
    Deposit,
    DepositStatus,
    DestinationWaits,
    FeeTakesAll,
    NotAJazzCashNumber,
    NotAPayPalAddress,
    NotAReference,
    NotEnough,
    NotPayable,
    TooLateToCancel,
    Way,
    Withdrawal,
    WithdrawalStatus,
    parse_destination,
    parse_reference,
    quote,
    withdrawable,
)

AT = datetime(2030, 1, 15, tzinfo=UTC)
HOUSE = House(withdrawal_minimum=100_000, withdrawal_fee_bp={"paypal": 125})


def withdrawal(status: WithdrawalStatus = WithdrawalStatus.REQUESTED) -> Withdrawal:
    """Give a withdrawal in a status."""
    return Withdrawal(1, 2, Way.PAYPAL, "a•••@x.org", 100, 1, 99, status, 5, AT, AT)


def test_a_deposit_is_decided_once() -> None:
    """Proves that a claim moves to either decision with the right version, and never again."""
    claimed = Deposit(1, 2, 100, "REF", DepositStatus.CLAIMED, 1, AT)
    done = claimed.move(DepositStatus.CONFIRMED, version=1)
    assert (done.status, done.version) == (DepositStatus.CONFIRMED, 2)
    assert claimed.move(DepositStatus.REFUSED, version=1).status is DepositStatus.REFUSED
    for other, version in ((claimed, 2), (done, 2), (done, 1)):
        with pytest.raises(Stale):
            other.move(DepositStatus.REFUSED, version=version)


@pytest.mark.parametrize("old", list(WithdrawalStatus))
@pytest.mark.parametrize("new", list(WithdrawalStatus))
def test_a_withdrawal_takes_only_the_listed_steps(old: WithdrawalStatus, new: WithdrawalStatus) -> None:
    """Proves every pair of statuses: a listed step is taken, any other is stale."""
    was = withdrawal(old)
    if new in MOVES[old]:
        assert was.move(new, version=5) == replace(was, status=new, version=6)
    else:
        with pytest.raises(Stale):
            was.move(new, version=5)
    with pytest.raises(Stale):
        was.move(new, version=4)


def test_every_status_ends_and_none_comes_back() -> None:
    """Proves that the steps have no circle and that exactly the live statuses can still end."""

    def after(status: WithdrawalStatus) -> set[WithdrawalStatus]:
        found = set(MOVES[status])
        return found.union(*(after(s) for s in found))

    assert all(status not in after(status) for status in WithdrawalStatus)
    assert {s for s in WithdrawalStatus if withdrawal(s).live} == LIVE
    assert all(not (MOVES[s] & LIVE) for s in set(WithdrawalStatus) - LIVE)


def test_a_member_cancels_only_what_nobody_began_to_pay() -> None:
    """Proves that cancelling is early, late or over, each with its own answer."""
    assert withdrawal().cancel(version=5).status is WithdrawalStatus.CANCELLED
    with pytest.raises(TooLateToCancel):
        withdrawal(WithdrawalStatus.APPROVED).cancel(version=5)
    with pytest.raises(Stale):
        withdrawal(WithdrawalStatus.PAID).cancel(version=5)


def test_a_new_destination_waits_to_the_moment() -> None:
    """Proves that approving is refused until the wait is over and possible then."""
    waiting = replace(withdrawal(), payable_at=AT + timedelta(hours=24))
    with pytest.raises(DestinationWaits, match="24 hours"):
        waiting.approve(version=5, now=AT + timedelta(hours=24) - timedelta(milliseconds=1))
    assert waiting.approve(version=5, now=AT + timedelta(hours=24)).status is WithdrawalStatus.APPROVED


def test_a_quote_has_a_fee_in_whole_coins() -> None:
    """Proves fee and net, the fee rounded up to a cent, and none where none is set."""
    got = quote(HOUSE, way=Way.PAYPAL, amount=120_100, available=200_000)
    assert (got.fee, got.net) == (1_600, 118_500)
    assert quote(HOUSE, way=Way.JAZZCASH, amount=100_000, available=100_000).fee == 0


@pytest.mark.parametrize(
    ("amount", "available", "error"),
    [
        (100_050, 200_000, NotPayable),
        (99_900, 200_000, BelowMinimum),
        (200_100, 200_099, NotEnough),
    ],
)
def test_a_quote_is_refused_with_its_reason(amount: int, available: int, error: type[Refused]) -> None:
    """Proves the limits of a withdrawal at their edges."""
    with pytest.raises(error):
        quote(HOUSE, way=Way.PAYPAL, amount=amount, available=available)


def test_a_fee_never_takes_everything() -> None:
    """Proves that a fee as large as the amount refuses it."""
    house = House(withdrawal_minimum=100, withdrawal_fee_bp={"paypal": 10_000})
    with pytest.raises(FeeTakesAll):
        quote(house, way=Way.PAYPAL, amount=100, available=100)


@given(st.integers(1, 10**9), st.integers(0, 9_999))
def test_fee_and_net_are_whole_coins_that_add_up(coins: int, rate: int) -> None:
    """Proves for any amount and rate that fee + net is the amount, and both can be paid."""
    house = House(withdrawal_minimum=1, withdrawal_fee_bp={"paypal": rate})
    try:
        got = quote(house, way=Way.PAYPAL, amount=coins * 100, available=coins * 100)
    except FeeTakesAll:
        return
    assert got.fee + got.net == coins * 100
    assert got.fee % 100 == 0 == got.net % 100
    assert got.net > 0
    assert got.fee * 10_000 >= coins * 100 * rate


def test_the_most_to_withdraw_is_whole_coins() -> None:
    """Proves that parts of a cent stay, and that "all" can be asked for."""
    assert withdrawable(HOUSE, 150_099) == 150_000
    assert withdrawable(House(currency="JPY"), 159_999) == 150_000


@pytest.mark.parametrize(
    ("way", "text", "canonical", "masked"),
    [
        (Way.PAYPAL, " Ann@GMAIL.com ", "ann@gmail.com", "a•••@gmail.com"),
        (Way.PAYPAL, "x@Bücher.example.org", "x@xn--bcher-kva.example.org", "x•••@xn--bcher-kva.example.org"),
        (Way.JAZZCASH, "0300 1234567", "+923001234567", "03•• •••4567"),
        (Way.JAZZCASH, "+92 300 123 4567", "+923001234567", "03•• •••4567"),
        (Way.JAZZCASH, "0092-300-1234567", "+923001234567", "03•• •••4567"),
        (Way.JAZZCASH, "٠٣٠٠١٢٣٤٥٦٧", "+923001234567", "03•• •••4567"),
    ],
)
def test_a_destination_has_one_spelling_and_a_mask(way: Way, text: str, canonical: str, masked: str) -> None:
    """Proves that spellings of one destination become equal, and what may be shown of it."""
    found = parse_destination(way, text)
    assert (found.way, found.canonical, found.masked) == (way, canonical, masked)


@pytest.mark.parametrize(
    "text", ["", "ann", "ann@", "@x.org", "a@b", "a b@x.org", "a@x.org, b@x.org", "я@x.org", "a" * 121]
)
def test_what_is_no_paypal_address_is_refused(text: str) -> None:
    """Proves that only one plain e-mail address is taken."""
    with pytest.raises(NotAPayPalAddress):
        parse_destination(Way.PAYPAL, text)


@pytest.mark.parametrize(
    "text",
    ["", "free", "042 35761999", "+1 202 555 0143", "0300 123456", "0300 1234567 ext 5", "0" * 121, "+91 98765 43210"],
)
def test_what_is_no_jazzcash_number_is_refused(text: str) -> None:
    """Proves that only a mobile number in Pakistan is taken."""
    with pytest.raises(NotAJazzCashNumber):
        parse_destination(Way.JAZZCASH, text)


@given(st.sampled_from(list(Way)), st.text(max_size=150))
def test_any_text_is_a_destination_or_refused(way: Way, text: str) -> None:
    """Proves that no text makes the parser fail in another way, and a mask never holds the whole."""
    try:
        found = parse_destination(way, text)
    except InvalidInput:
        return
    assert found.canonical not in found.masked


def test_a_reference_has_one_spelling() -> None:
    """Proves that spaces and case make no difference, and odd ones are refused."""
    assert parse_reference(" tx 12-ab ") == "TX12-AB"
    assert parse_reference("A" * 64) == "A" * 64
    for text in ("", "ab", "<b>abc", "A" * 65, "-abc", "=SUM(A1)", "ab\u202ec"):
        with pytest.raises(NotAReference):
            parse_reference(text)
