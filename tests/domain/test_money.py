"""Amounts as people type and read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import InvalidInput
from bot.domain.money import (
    MAX_AMOUNT,
    UNIT,
    AmountBelowZero,
    AmountIsZero,
    AmountTooLarge,
    AmountUnclear,
    NotAnAmount,
    OtherCurrency,
    TooPrecise,
    currency_decimals,
    fee_of,
    format_amount,
    parse_amount,
    plain_amount,
    smallest_payable,
)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,5", 15_000),
        ("1.50", 15_000),
        ("$2", 20_000),
        ("2$", 20_000),
        ("$ 2", 20_000),
        ("USD 2", 20_000),
        ("2 usd", 20_000),
        ("٣", 30_000),
        ("۱٬۰۰۰٫۵۰", 10_005_000),
        ("१२", 120_000),
        ("１２", 120_000),
        ("\u200f٥", 50_000),
        ("1,000.50", 10_005_000),
        ("1.000,50", 10_005_000),
        ("1'000.5", 10_005_000),
        ("1\u202f000,5", 10_005_000),
        ("1 000", 10_000_000),
        ("1,000,000", 10_000_000_000),
        ("12.345.678,9", 123_456_789_000),
        ("0,125", 1_250),
        ("٠٫١٢٥", 1_250),
        ("١٫٢٣٤", 12_340),
        ("0.0001", 1),
        ("1234,567", 12_345_670),
        ("5.", 50_000),
        (".5", 5_000),
        ("007", 70_000),
        (" 7 ", 70_000),
        ("1000000000", MAX_AMOUNT),
    ],
)
def test_what_can_mean_one_thing_is_read(text: str, amount: int) -> None:
    """Proves that usual ways of writing an amount, in any digits, are read to the unit."""
    assert parse_amount(text) == amount


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", NotAnAmount),
        (" ", NotAnAmount),
        (".", NotAnAmount),
        ("$", NotAnAmount),
        ("free", NotAnAmount),
        ("NaN", NotAnAmount),
        ("Infinity", NotAnAmount),
        ("1e9", NotAnAmount),
        ("0x10", NotAnAmount),
        ("1_000", NotAnAmount),
        ("+5", NotAnAmount),
        ("½", NotAnAmount),
        ("²", NotAnAmount),
        ("1 5", NotAnAmount),
        ("1..5", NotAnAmount),
        ("1.,5", NotAnAmount),
        ("1,2,3", NotAnAmount),
        ("1,00,000", NotAnAmount),
        ("1,000 000", NotAnAmount),
        ("$5$", NotAnAmount),
        ("5 apples", NotAnAmount),
        ("1" * 41, NotAnAmount),
        ("-3", AmountBelowZero),
        ("−3", AmountBelowZero),
        ("$-3", AmountBelowZero),
        ("3-", AmountBelowZero),
        ("-0", AmountBelowZero),
        ("0", AmountIsZero),
        ("0.00", AmountIsZero),
        ("1,000", AmountUnclear),
        ("1.000", AmountUnclear),
        ("100.250", AmountUnclear),
        ("0.00001", TooPrecise),
        ("1.23456", TooPrecise),
        ("1000000001", AmountTooLarge),
        ("€2", OtherCurrency),
        ("2₨", OtherCurrency),
    ],
)
def test_what_can_not_be_read_is_refused_kindly(text: str, error: type[InvalidInput]) -> None:
    """Proves that everything else is refused with the reason that fits, never guessed."""
    with pytest.raises(error) as raised:
        parse_amount(text)
    assert type(raised.value) is error
    assert "{" not in str(raised.value)


def test_the_callers_limits_hold() -> None:
    """Proves that fewer decimals, a lower maximum and another currency are obeyed to the unit."""
    assert parse_amount("1.25", decimals=2) == 12_500
    with pytest.raises(TooPrecise, match="at most 1 digits"):
        parse_amount("1.25", decimals=1)
    assert parse_amount("7", decimals=0) == 70_000
    assert parse_amount("5", maximum=50_000) == 50_000
    with pytest.raises(AmountTooLarge):
        parse_amount("5.0001", maximum=50_000)
    assert parse_amount("€2", currency="EUR") == 20_000
    with pytest.raises(OtherCurrency, match="EUR"):
        parse_amount("$2", currency="EUR")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Proves that no text at all makes the parser fail in another way, or give an amount out of bounds."""
    try:
        amount = parse_amount(text)
    except InvalidInput:
        return
    assert type(amount) is int
    assert 0 < amount <= MAX_AMOUNT


@given(st.text(alphabet="0123456789.,' -$e+٣٫٬", max_size=14))
def test_texts_that_look_like_amounts_are_read_or_refused(text: str) -> None:
    """Proves the same for texts made of what amounts are made of; a minus is never dropped."""
    try:
        amount = parse_amount(text)
    except InvalidInput:
        return
    assert "-" not in text
    assert 0 < amount <= MAX_AMOUNT


@given(st.integers(1, MAX_AMOUNT), st.sampled_from(["USD", "EUR", "JPY", "KWD", "PKR"]))
def test_what_is_written_plainly_reads_back(amount: int, currency: str) -> None:
    """Proves that no amount loses a unit between writing and reading."""
    text = plain_amount(amount, currency)
    try:
        assert parse_amount(text, currency=currency) == amount
    except AmountUnclear:
        assert len(text.partition(".")[2]) == 3


@given(st.integers(-MAX_AMOUNT, MAX_AMOUNT))
def test_an_amount_is_shown_in_full(amount: int) -> None:
    """Proves that a shown amount has every digit it needs and never fewer than the currency's two."""
    shown = format_amount(amount, "USD", "en")
    whole, _, fraction = shown.replace("$", "").replace(",", "").partition(".")
    assert 2 <= len(fraction) <= 4
    value = abs(int(whole)) * UNIT + int(fraction.ljust(4, "0"))
    assert (-value if shown.startswith("-") else value) == amount


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "shown"),
    [
        (215, "USD", "en", "$0.0215"),
        (200, "USD", "en", "$0.02"),
        (1_250, "USD", "en", "$0.125"),
        (-15_000, "USD", "en", "-$1.50"),
        (10_005_000, "USD", "pt-BR", "US$\u00a01.000,50"),
        (12_340_000, "JPY", "en", "¥1,234"),
        (12_345_000, "JPY", "en", "¥1,234.5"),
        (0, "USD", "xx-no", "$0.00"),
    ],
)
def test_amounts_read_as_the_reader_is_used_to(amount: int, currency: str, locale: str, shown: str) -> None:
    """Proves the currency's digits, more only where the amount has them, and the locale's marks."""
    assert format_amount(amount, currency, locale) == shown


def test_plain_amounts_have_no_sign_and_no_grouping() -> None:
    """Proves the form that files get."""
    assert plain_amount(123_456_789, "USD") == "12345.6789"
    assert plain_amount(-20_000, "USD") == "-2.00"
    assert plain_amount(20_000, "JPY") == "2"


@pytest.mark.parametrize(
    ("reward", "rate", "fee"),
    [
        (200, 750, 15),
        (200, 1_000, 20),
        (1, 1, 1),
        (10_000, 1, 1),
        (10_001, 1, 2),
        (333, 1_000, 34),
        (200, 0, 0),
        (0, 9, 0),
    ],
)
def test_a_fee_is_rounded_up_to_a_unit(reward: int, rate: int, fee: int) -> None:
    """Proves the fee of one place, exact where it divides and up by one unit where it does not."""
    assert fee_of(reward, rate) == fee


@given(st.integers(0, MAX_AMOUNT), st.integers(0, 10_000))
def test_a_fee_is_never_a_unit_too_much(reward: int, rate: int) -> None:
    """Proves that the fee is the smallest whole number of units that covers the rate."""
    fee = fee_of(reward, rate)
    assert fee * 10_000 >= reward * rate > (fee - 1) * 10_000


def test_coins_follow_the_currency() -> None:
    """Proves the smallest payable amount for currencies of two, none and three decimals."""
    assert [currency_decimals(c) for c in ("USD", "JPY", "KWD")] == [2, 0, 3]
    assert [smallest_payable(c) for c in ("USD", "JPY", "KWD")] == [100, 10_000, 10]
