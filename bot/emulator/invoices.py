"""What a bot may ask money for: reads the parameters of an invoice and says why Telegram refuses it.

Where Telegram's servers decide, and not its public code, the word is the one their lists of errors have (`STARS_…`).
"""

from __future__ import annotations

import itertools
import re
from typing import Any
from urllib.parse import urlsplit

from bot.emulator.call import required
from bot.emulator.errors import FieldError, bad_request
from bot.emulator.params import Json, Params, field
from bot.emulator.till import STARS, Terms

MAX_TITLE = 32
MAX_DESCRIPTION = 255
MAX_PAYLOAD_BYTES = 128
MAX_AMOUNT = 999_999_999_999
MAX_STARS = 100_000
MAX_SUBSCRIPTION_STARS = 10_000
MAX_TIPS = 4
SUBSCRIPTION_SECONDS = 2_592_000
LIMITS = {"USD": (100, 1_000_000)}
_CURRENCY_CODES = (
    "AED AFN ALL AMD ARS AUD AZN BAM BDT BGN BND BOB BRL BYN CAD CHF CLP CNY COP CRC CZK DKK DOP DZD EGP ETB EUR GBP"
    " GEL GTQ HKD HNL HRK HUF IDR ILS INR ISK JMD JPY KES KGS KRW KZT LBP LKR MAD MDL MNT MUR MVR MXN MYR MZN NGN NIO"
    " NOK NPR NZD PAB PEN PHP PKR PLN PYG QAR RON RSD RUB SAR SEK SGD THB TJS TRY TTD TWD TZS UAH UGX USD UYU UZS VND"
    " YER ZAR"
)
CURRENCIES = frozenset(_CURRENCY_CODES.split())
_WITHOUT_CENTS = frozenset(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND"))
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "RUB": "₽", "INR": "₹"}
_PROVIDER_TOKEN = re.compile(r"\d{1,20}:(?:TEST|LIVE):[\w:-]{1,200}", re.ASCII)
_START_PARAMETER = re.compile(r"[\w-]{0,64}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
ASKS = ("need_name", "need_phone_number", "need_email", "need_shipping_address", "is_flexible")
_NOT_FOR_STARS = (*ASKS, "send_phone_number_to_provider", "send_email_to_provider")


def terms_of(params: Params, bot_id: int, *, as_link: bool) -> Terms:
    """Read and check what `sendInvoice` and `createInvoiceLink` have in common.

    Raises: ApiError.
    """
    title, description, payload = (required(params, name) for name in ("title", "description", "payload"))
    currency = required(params, "currency")
    required(params, "prices")
    prices = _prices(params.json("prices", "Can't parse prices JSON object"))
    max_tip, tips = _tips(params)
    total = _total(prices, max_tip, tips)
    period = params.integer("subscription_period", low=0) if as_link else 0
    photo_url = params.text("photo_url").strip()
    start_parameter = params.text("start_parameter") if not as_link else ""
    if len(title) > MAX_TITLE or len(description) > MAX_DESCRIPTION:
        raise bad_request("MEDIA_INVALID")
    if len(payload.encode()) > MAX_PAYLOAD_BYTES:
        raise bad_request("INVOICE_PAYLOAD_INVALID")
    if _START_PARAMETER.fullmatch(start_parameter) is None:
        raise bad_request("START_PARAM_INVALID")
    if photo_url and urlsplit(photo_url).scheme not in ("http", "https"):
        raise bad_request("WEBDOCUMENT_URL_INVALID")
    if currency == STARS:
        _check_stars(params, prices, total, max_tip, period)
    else:
        _check_provider(params, currency, total, tips)
        if period:
            raise bad_request("SUBSCRIPTION_CURRENCY_INVALID")
    terms = Terms(bot_id, title, description, payload, currency, total, prices, start_parameter)
    terms.max_tip_amount, terms.suggested_tip_amounts = max_tip, tips
    terms.photo_url, terms.subscription_period = photo_url, period
    terms.asks = [name for name in ASKS if params.boolean(name)]
    return terms


def _prices(given: Any) -> list[Json]:
    if not isinstance(given, list):
        raise bad_request("Expected an Array of labeled prices")
    prices: list[Json] = []
    for entry in given:
        try:
            prices.append(_price(entry))
        except FieldError as error:
            raise bad_request(f"Can't parse labeled price: {error.sentence}") from None
    if not prices:
        raise bad_request("There must be at least one price")
    return prices


def _price(entry: Any) -> Json:
    if not isinstance(entry, dict):
        raise FieldError("LabeledPrice must be an Object")
    label = field(entry, "label", str)
    if not label:
        raise FieldError("LabeledPrice label must be non-empty")
    return {"label": label, "amount": field(entry, "amount", int)}


def _whole(value: Any, refusal: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value)
    raise bad_request(refusal)


def _tips(params: Params) -> tuple[int, list[int]]:
    given = params.get("max_tip_amount")
    most = 0 if given in (None, "") else _whole(given, 'Can\'t parse "max_tip_amount" as Number')
    suggested = params.json("suggested_tip_amounts", "Can't parse suggested_tip_amounts JSON object")
    if suggested is None:
        return most, []
    if not isinstance(suggested, list):
        raise bad_request("Expected an Array of suggested tip amounts")
    if any(isinstance(tip, bool) or not isinstance(tip, int | float | str) for tip in suggested):
        raise bad_request("Suggested tip amount must be of type Number or String")
    return most, [_whole(tip, "Can't parse suggested tip amount as Number") for tip in suggested]


def _total(prices: list[Json], max_tip: int, tips: list[int]) -> int:
    if any(abs(price["amount"]) > MAX_AMOUNT for price in prices):
        raise bad_request("Too big amount of the currency specified")
    total = sum(price["amount"] for price in prices)
    if total <= 0:
        raise bad_request("Total price must be positive")
    if total > MAX_AMOUNT:
        raise bad_request("Total price is too big")
    if not 0 <= max_tip <= MAX_AMOUNT:
        raise bad_request("Invalid max_tip_amount of the currency specified")
    if any(tip <= 0 for tip in tips):
        raise bad_request("Suggested tip amount must be positive")
    if any(tip > max_tip for tip in tips):
        raise bad_request("Suggested tip amount can't be bigger than max_tip_amount")
    if len(tips) > MAX_TIPS:
        raise bad_request("There can be at most 4 suggested tip amounts")
    return int(total)


def _check_stars(params: Params, prices: list[Json], total: int, max_tip: int, period: int) -> None:
    if len(prices) != 1 or max_tip or any(params.boolean(name) for name in _NOT_FOR_STARS):
        raise bad_request("STARS_INVOICE_INVALID")
    if params.text("provider_token"):
        raise bad_request("STARS_INVOICE_INVALID")
    if period not in (0, SUBSCRIPTION_SECONDS):
        raise bad_request("SUBSCRIPTION_PERIOD_INVALID")
    if period and total > MAX_SUBSCRIPTION_STARS:
        raise bad_request("SUBSCRIPTION_AMOUNT_INVALID")
    if total > MAX_STARS:
        raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")


def _check_provider(params: Params, currency: str, total: int, tips: list[int]) -> None:
    if _PROVIDER_TOKEN.fullmatch(params.text("provider_token")) is None:
        raise bad_request("PAYMENT_PROVIDER_INVALID")
    if currency not in CURRENCIES:
        raise bad_request("CURRENCY_INVALID")
    low, high = LIMITS.get(currency, (1, MAX_AMOUNT))
    if not low <= total <= high:
        raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")
    if any(later <= earlier for earlier, later in itertools.pairwise(tips)):
        raise bad_request("TIP_AMOUNTS_INVALID")
    params.json("provider_data", "DATA_JSON_INVALID")


def price_words(currency: str, amount: int) -> str:
    """Write an amount as the Pay button shows it."""
    if currency == STARS:
        return f"⭐️{amount}"
    words = f"{amount:,}" if currency in _WITHOUT_CENTS else f"{amount / 100:,.2f}"
    sign = _SIGNS.get(currency)
    return f"{sign}{words}" if sign is not None else f"{words} {currency}"
