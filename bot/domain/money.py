"""Amounts of money: whole numbers of 1/10,000 of the currency's major unit, never a float.

    what a person typed ──parse_amount──► int ──format_amount──► what a person reads

The parser reads a text right or refuses it; it never guesses. "1,000" alone could be a thousand or one, so it is
refused with a question; "1,000.00" and "1,5" can only mean one thing.
"""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.numbers import NumberPattern, get_currency_precision, get_currency_symbol, parse_pattern

from bot.domain.errors import N_, InvalidInput

DECIMALS = 4
UNIT: int = 10**DECIMALS  # one dollar
MAX_AMOUNT = 1_000_000_000 * UNIT  # a million of these still fit into 64 bits
MAX_TEXT = 40  # characters of a typed amount
BASIS_POINTS = 10_000  # in one whole

_DECIMAL_MARKS = ".,٫"
_GROUP_MARKS = ",.'\u2019\u066c\u00a0\u202f "
_MARKS = frozenset(_DECIMAL_MARKS + _GROUP_MARKS)
_INVISIBLE = frozenset("\u200e\u200f\u061c\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u200b\ufeff")
_GROUPED = re.compile(r"\d{1,3}(?:([^\d])\d{3})(?:\1\d{3})*")


class NotAnAmount(InvalidInput):
    """Not a plain positive number, or too long to be one."""

    text = N_("Please type an amount as a number, for example 12.50")


class AmountBelowZero(InvalidInput):
    """A minus sign was typed."""

    text = N_("An amount can't be below zero. Please type it without the minus.")


class AmountIsZero(InvalidInput):
    """Nothing is no amount."""

    text = N_("The amount must be above zero.")


class AmountUnclear(InvalidInput):
    """One mark and three digits: a thousand or a fraction."""

    text = N_("I am not sure if that means {whole} or {fraction}. Please type it without a thousands mark.")


class TooPrecise(InvalidInput):
    """More decimals than the currency, or this place, has."""

    text = N_("Please use at most {decimals} digits after the decimal point.")


class AmountTooLarge(InvalidInput):
    """Above the highest amount this bot handles."""

    text = N_("That is more than I can handle. The most is {amount}.")


class OtherCurrency(InvalidInput):
    """Another currency than the installation's was named."""

    text = N_("Amounts here are in {currency}. Please type the number only.")


def parse_amount(text: str, *, currency: str = "USD", decimals: int = DECIMALS, maximum: int = MAX_AMOUNT) -> int:
    """Read what a person typed as a positive amount in units.

    `decimals` is the most digits taken after the decimal mark (see `currency_decimals`).

    Raises:
        InvalidInput: one of the refusals above; nothing is ever guessed.
    """
    assert 0 <= decimals <= DECIMALS
    if len(text) > MAX_TEXT:
        raise NotAnAmount
    number = _without_currency(_plain(text), currency)
    if number[:1] in ("-", "−", "–") or number[-1:] in ("-", "−"):
        raise AmountBelowZero
    whole, fraction = _split(number)
    if len(fraction) > decimals:
        raise TooPrecise(decimals=decimals)
    amount = int(whole or "0") * UNIT + int(fraction.ljust(DECIMALS, "0"))
    if amount == 0:
        raise AmountIsZero
    if amount > maximum:
        raise AmountTooLarge(amount=maximum)
    return amount


def format_amount(amount: int, currency: str, locale: str) -> str:
    """Write an amount for a reader: the currency's usual digits, and more only where the amount has them."""
    digits = max(currency_decimals(currency), _decimals_of(amount))
    pattern, parsed = _pattern(locale, digits)
    number = Decimal(amount).scaleb(-DECIMALS)
    return str(pattern.apply(number, parsed, currency=currency, currency_digits=False))


def plain_amount(amount: int, currency: str) -> str:
    """Write an amount for a file or a form: ASCII digits, a point, no currency sign, no grouping."""
    digits = max(currency_decimals(currency), _decimals_of(amount))
    return f"{Decimal(amount).scaleb(-DECIMALS):.{digits}f}"


def fee_of(reward: int, rate_basis_points: int) -> int:
    """Give the fee of one place, rounded up to a unit, so that nothing remains to split."""
    assert reward >= 0
    assert rate_basis_points >= 0
    return (reward * rate_basis_points + BASIS_POINTS - 1) // BASIS_POINTS


def currency_decimals(currency: str) -> int:
    """Give how many digits after the point the currency is paid in, at most as many as an amount has."""
    return min(int(get_currency_precision(currency)), DECIMALS)


def smallest_payable(currency: str) -> int:
    """Give the currency's smallest coin in units: 100 (one cent) for USD."""
    return int(10 ** (DECIMALS - currency_decimals(currency)))


def _plain(text: str) -> str:
    """Give the text with every decimal digit of any script as ASCII, without invisible direction marks."""
    found: list[str] = []
    for character in text:
        if character in _INVISIBLE:
            continue
        digit = unicodedata.decimal(character, None)
        found.append(character if digit is None else str(digit))
    return "".join(found).strip()


def _without_currency(text: str, currency: str) -> str:
    """Take one name or sign of the installation's currency away from either end.

    Raises:
        OtherCurrency, NotAnAmount: other letters or signs are left.
    """
    names = {currency.lower(), get_currency_symbol(currency, "en").lower()}
    sign = re.match(r"([^\d\s.,٫'’\-−–+]*)\s*(.*?)\s*([^\d\s.,٫'’\-−–+]*)$", text, re.DOTALL)
    if sign is None:
        raise NotAnAmount
    before, number, after = sign.groups()
    if before and after:
        raise NotAnAmount
    named = (before or after).lower()
    if named and named not in names:
        if len(named) <= 3 and all(unicodedata.category(c) == "Sc" for c in named) and number:
            raise OtherCurrency(currency=currency)
        raise NotAnAmount
    return str(number)


def _split(number: str) -> tuple[str, str]:
    """Give the digits before and after the decimal mark.

    Raises:
        NotAnAmount, AmountUnclear: it can't be read, or read in two ways.
    """
    if not any(c.isdigit() for c in number) or any(not c.isdigit() and c not in _MARKS for c in number):
        raise NotAnAmount
    marks = [c for c in number if not c.isdigit()]
    if not marks:
        return number, ""
    last = marks[-1]
    head, _, tail = number.rpartition(last)
    if marks.count(last) > 1 or last not in _DECIMAL_MARKS:
        return _ungrouped(number), ""  # the last mark can't be a decimal one
    if last != "٫" and len(marks) == 1 and len(tail) == 3 and 1 <= len(head) <= 3 and head.strip("0"):
        raise AmountUnclear(whole=head + tail, fraction=f"{head}.{tail}")
    return (_ungrouped(head) if len(marks) > 1 else head), tail


def _ungrouped(number: str) -> str:
    """Take the thousands marks out of a number that is grouped by threes with one kind of mark."""
    grouped = _GROUPED.fullmatch(number)
    if grouped is None or grouped.group(1) not in _GROUP_MARKS:
        raise NotAnAmount
    return "".join(c for c in number if c.isdigit())


def _decimals_of(amount: int) -> int:
    """Give how many digits after the point the amount needs to be shown in full."""
    digits = DECIMALS
    while digits > 0 and amount % 10 == 0:
        amount //= 10
        digits -= 1
    return digits


@lru_cache(maxsize=256)
def _pattern(locale: str, digits: int) -> tuple[NumberPattern, Locale]:
    """Give the locale's money pattern with this many decimals; an unknown locale reads English."""
    try:
        parsed = Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        parsed = Locale.parse("en")
    pattern = parse_pattern(parsed.currency_formats["standard"].pattern)
    pattern.frac_prec = (digits, digits)
    return pattern, parsed
