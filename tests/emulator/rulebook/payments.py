"""Rules about invoices, checkouts and refunds."""

from __future__ import annotations

from typing import Any

from tests.emulator.rulebook.record import Good, Rule, Source
from tests.emulator.rulebook.stage import Stage, keys, the_chat, the_person

_MONTH: dict[str, Any] = {
    "title": "A month",
    "description": "All jobs, a day earlier",
    "payload": "month:7",
    "currency": "XTR",
    "prices": [{"label": "A month", "amount": 100}],
}
_MONEY = {
    "currency": "USD",
    "provider_token": "284685063:TEST:ZDk3ZGM0",
    "prices": [{"label": "A month", "amount": 500}],
}
_TIPS = {**_MONEY, "max_tip_amount": 9, "suggested_tip_amounts": [1, 2, 3, 4]}
INVOICE = Good("sendInvoice", {"chat_id": the_chat, **_MONTH})
LINK = Good("createInvoiceLink", _MONTH)
_PRICES = "Price breakdown, a JSON-serialized list of components"
_TIP = (
    "At most 4 suggested tip amounts can be specified. The suggested tip amounts must be positive, passed in a strictly"
    " increased order and must not exceed max_tip_amount"
)
_TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
_DOCS, _TD, _KNOWN = Source.DOCS, Source.TD, Source.KNOWN
_STARS_KNOW = "Payments in Telegram Stars have no provider, no tips and ask for nothing about the payer."


async def _a_checkout(stage: Stage) -> str:
    """Have the person press Pay, and answer the number of the question the bot gets."""
    await stage.tg.call("POST", f"people/{stage.phone.id}/stars", {"amount": 1000})
    message = await stage.made("sendInvoice", chat_id=stage.phone.id, **_MONTH)
    body = {"message_id": message["message_id"], "bot": stage.phone.bot}
    asked = await stage.tg.call("POST", f"people/{stage.phone.id}/pay", body)
    return str(asked["pre_checkout_query_id"])


async def _a_late_checkout(stage: Stage) -> str:
    query = await _a_checkout(stage)
    await stage.tg.move_clock(seconds=11)
    return query


async def _a_charge(stage: Stage) -> str:
    await stage.made("answerPreCheckoutQuery", pre_checkout_query_id=await _a_checkout(stage), ok=True)
    return str((await stage.made("getStarTransactions"))["transactions"][-1]["id"])


async def _a_refunded_charge(stage: Stage) -> str:
    charge = await _a_charge(stage)
    await stage.made("refundStarPayment", user_id=stage.phone.id, telegram_payment_charge_id=charge)
    return charge


async def _somebody_else(stage: Stage) -> int:
    zoe = await stage.somebody("Zoe")
    await zoe.send("/start")
    return zoe.id


def _refused(
    name: str,
    wrong: dict[str, Any],
    error: str,
    says: str,
    source: Source = _DOCS,
    *,
    right: dict[str, Any] | None = None,
) -> Rule:
    error = f"Bad Request: {error}"
    return Rule(f"invoice-{name}", INVOICE, right=right or {}, wrong=wrong, error=error, says=says, source=source)


def _prices(amount: Any, label: str = "A month") -> list[dict[str, Any]]:
    return [{"label": label, "amount": amount}]


CHECKOUT = Good("answerPreCheckoutQuery", {"pre_checkout_query_id": _a_checkout, "ok": True})
REFUND = Good("refundStarPayment", {"user_id": the_person, "telegram_payment_charge_id": _a_charge})
_PERIOD = {"subscription_period": 2_592_000}

RULES: tuple[Rule, ...] = (
    _refused("title-missing", {"title": ""}, 'parameter "title" is required', "Product name, 1-32 characters"),
    _refused(
        "description-missing",
        {"description": ""},
        'parameter "description" is required',
        "Product description, 1-255 characters",
    ),
    _refused(
        "payload-missing",
        {"payload": ""},
        'parameter "payload" is required',
        "Bot-defined invoice payload, 1-128 bytes.",
    ),
    _refused(
        "currency-missing", {"currency": ""}, 'parameter "currency" is required', "Three-letter ISO 4217 currency code"
    ),
    _refused("prices-missing", {"prices": ""}, 'parameter "prices" is required', _PRICES),
    _refused(
        "title-too-long",
        {"title": "x" * 33},
        "MEDIA_INVALID",
        "Product name, 1-32 characters",
        right={"title": "x" * 32},
    ),
    _refused(
        "description-too-long",
        {"description": "x" * 256},
        "MEDIA_INVALID",
        "Product description, 1-255 characters",
        right={"description": "x" * 255},
    ),
    _refused(
        "payload-too-long",
        {"payload": "é" * 64 + "x"},
        "INVOICE_PAYLOAD_INVALID",
        "Bot-defined invoice payload, 1-128 bytes.",
        right={"payload": "é" * 64},
    ),
    _refused(
        "start-parameter-spelling",
        {"start_parameter": "a b"},
        "START_PARAM_INVALID",
        "Unique deep-linking parameter.",
        right={"start_parameter": "a_b"},
    ),
    _refused(
        "photo-no-address",
        {"photo_url": "ftp://e.com/a.jpg"},
        "WEBDOCUMENT_URL_INVALID",
        "URL of the product photo for the invoice.",
        right={"photo_url": "https://e.com/a.jpg"},
    ),
    _refused("prices-no-json", {"prices": "["}, "can't parse prices JSON object", _PRICES),
    _refused("prices-no-array", {"prices": {"a": 1}}, "expected an Array of labeled prices", _PRICES),
    _refused("prices-empty", {"prices": []}, "there must be at least one price", _PRICES),
    _refused("price-no-object", {"prices": [5]}, "can't parse labeled price: LabeledPrice must be an Object", _PRICES),
    _refused(
        "price-without-label",
        {"prices": _prices(5, "")},
        "can't parse labeled price: LabeledPrice label must be non-empty",
        "Portion label",
    ),
    _refused(
        "price-without-amount",
        {"prices": [{"label": "a"}]},
        "can't parse labeled price: Can't find field \"amount\"",
        "Price of the product in the smallest units of the currency (integer, not float/double).",
    ),
    _refused("price-of-nothing", {"prices": _prices(0)}, "total price must be positive", "check_invoice_total.", _TD),
    _refused(
        "price-beyond-bounds",
        {"prices": _prices(10**12)},
        "too big amount of the currency specified",
        "check_currency_amount: no amount is more than 9,999 billion of the smallest units.",
        _TD,
    ),
    _refused(
        "total-beyond-bounds",
        {"prices": _prices(999_999_999_999) * 2},
        "total price is too big",
        "check_invoice_total.",
        _TD,
        right=_MONEY,
    ),
    _refused(
        "stars-two-prices",
        {"prices": _prices(5) * 2},
        "STARS_INVOICE_INVALID",
        "Must contain exactly one item for payments in Telegram Stars",
    ),
    _refused(
        "stars-with-provider",
        {"provider_token": "1:TEST:a"},
        "STARS_INVOICE_INVALID",
        "Pass an empty string for payments in Telegram Stars",
        right={"provider_token": ""},
    ),
    _refused("stars-with-tip", {"max_tip_amount": 5}, "STARS_INVOICE_INVALID", _STARS_KNOW, _KNOWN),
    _refused(
        "stars-too-many",
        {"prices": _prices(100_001)},
        "CURRENCY_TOTAL_AMOUNT_INVALID",
        "Not more than 100,000 Stars are asked for at once.",
        _KNOWN,
        right={"prices": _prices(100_000)},
    ),
    _refused(
        "provider-missing",
        {"provider_token": ""},
        "PAYMENT_PROVIDER_INVALID",
        "Payment provider token, obtained via @BotFather.",
        right=_MONEY,
    ),
    _refused(
        "provider-spelling",
        {"provider_token": "secret"},
        "PAYMENT_PROVIDER_INVALID",
        "Payment provider token, obtained via @BotFather.",
        right=_MONEY,
    ),
    _refused(
        "currency-unknown",
        {"currency": "XTS"},
        "CURRENCY_INVALID",
        "Three-letter ISO 4217 currency code",
        right=_MONEY,
    ),
    _refused(
        "money-too-little",
        {"prices": _prices(99)},
        "CURRENCY_TOTAL_AMOUNT_INVALID",
        "currencies.json: not less than about a dollar.",
        _KNOWN,
        right={**_MONEY, "prices": _prices(100)},
    ),
    _refused(
        "money-too-much",
        {"prices": _prices(1_000_001)},
        "CURRENCY_TOTAL_AMOUNT_INVALID",
        "currencies.json: not more than about 10,000 dollars.",
        _KNOWN,
        right={**_MONEY, "prices": _prices(1_000_000)},
    ),
    _refused(
        "tip-below-zero",
        {"max_tip_amount": -1},
        "invalid max_tip_amount of the currency specified",
        "The maximum accepted amount for tips in the smallest units of the currency (integer, not float/double).",
        right=_MONEY,
    ),
    _refused(
        "tip-no-number",
        {"max_tip_amount": "x"},
        'can\'t parse "max_tip_amount" as Number',
        "The maximum accepted amount for tips in the smallest units of the currency (integer, not float/double).",
        right=_MONEY,
    ),
    _refused(
        "tip-above-the-most",
        {"suggested_tip_amounts": [10]},
        "suggested tip amount can't be bigger than max_tip_amount",
        _TIP,
        right=_TIPS,
    ),
    _refused(
        "tip-of-nothing",
        {"suggested_tip_amounts": [0]},
        "suggested tip amount must be positive",
        _TIP,
        right=_TIPS,
    ),
    _refused(
        "five-tips",
        {"suggested_tip_amounts": [1, 2, 3, 4, 5]},
        "there can be at most 4 suggested tip amounts",
        _TIP,
        right=_TIPS,
    ),
    _refused("tips-out-of-order", {"suggested_tip_amounts": [2, 1]}, "TIP_AMOUNTS_INVALID", _TIP, right=_TIPS),
    _refused(
        "tips-no-array",
        {"suggested_tip_amounts": {"a": 1}},
        "expected an Array of suggested tip amounts",
        "A JSON-serialized Array of suggested amounts of tips in the smallest units of the currency",
        right=_TIPS,
    ),
    _refused(
        "tip-is-a-list",
        {"suggested_tip_amounts": [[1]]},
        "suggested tip amount must be of type Number or String",
        "A JSON-serialized Array of suggested amounts of tips in the smallest units of the currency",
        right=_TIPS,
    ),
    _refused(
        "provider-data-no-json",
        {"provider_data": "{"},
        "DATA_JSON_INVALID",
        "JSON-serialized data about the invoice, which will be shared with the payment provider.",
        right={**_MONEY, "provider_data": "{}"},
    ),
    _refused(
        "first-button-does-not-pay",
        {"reply_markup": keys(callback_data="no")},
        "BUTTON_INVALID",
        "If not empty, the first button must be a Pay button",
        right={"reply_markup": keys(pay=True)},
    ),
    Rule(
        "subscription-length",
        LINK,
        right=_PERIOD,
        wrong={"subscription_period": 60},
        error="Bad Request: SUBSCRIPTION_PERIOD_INVALID",
        says="Currently, it must always be 2592000 (30 days) if specified.",
        source=_DOCS,
    ),
    Rule(
        "subscription-in-money",
        LINK,
        right=_PERIOD,
        wrong=_MONEY,
        error="Bad Request: SUBSCRIPTION_CURRENCY_INVALID",
        says="The currency must be set to 'XTR' (Telegram Stars) if the parameter is used.",
        source=_DOCS,
    ),
    Rule(
        "subscription-too-dear",
        LINK,
        right={**_PERIOD, "prices": _prices(10_000)},
        wrong={"prices": _prices(10_001)},
        error="Bad Request: SUBSCRIPTION_AMOUNT_INVALID",
        says="Subscription price must no exceed 10000 Telegram Stars",
        source=_DOCS,
    ),
    Rule(
        "checkout-of-nothing",
        CHECKOUT,
        wrong={"pre_checkout_query_id": "5"},
        error=_TOO_OLD,
        says="Unique identifier for the query to be answered",
        source=_DOCS,
    ),
    Rule(
        "checkout-too-late",
        CHECKOUT,
        wrong={"pre_checkout_query_id": _a_late_checkout},
        error=_TOO_OLD,
        says="Note: The Bot API must receive an answer within 10 seconds after the pre-checkout query was sent.",
        source=_DOCS,
    ),
    Rule(
        "checkout-refused-without-words",
        CHECKOUT,
        right={"ok": False, "error_message": "Sold out"},
        wrong={"error_message": None},
        error='Bad Request: parameter "error_message" is required',
        says="Required if ok is False. Error message in human readable form",
        source=_DOCS,
    ),
    Rule(
        "refund-without-charge",
        REFUND,
        wrong={"telegram_payment_charge_id": None},
        error='Bad Request: parameter "telegram_payment_charge_id" is required',
        says="Telegram payment identifier",
        source=_DOCS,
    ),
    Rule(
        "refund-of-nothing",
        REFUND,
        wrong={"telegram_payment_charge_id": "stx1"},
        error="Bad Request: CHARGE_NOT_FOUND",
        says="Telegram payment identifier",
        source=_DOCS,
    ),
    Rule(
        "refund-to-somebody-else",
        REFUND,
        wrong={"user_id": _somebody_else},
        error="Bad Request: CHARGE_NOT_FOUND",
        says="Identifier of the user whose payment will be refunded",
        source=_DOCS,
    ),
    Rule(
        "refund-twice",
        REFUND,
        wrong={"telegram_payment_charge_id": _a_refunded_charge},
        error="Bad Request: CHARGE_ALREADY_REFUNDED",
        says="A payment is given back once.",
        source=_KNOWN,
    ),
    Rule(
        "refund-to-unknown",
        REFUND,
        wrong={"user_id": 4},
        error="Bad Request: user not found",
        says="Identifier of the user whose payment will be refunded",
        source=_DOCS,
    ),
)
