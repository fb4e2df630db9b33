"""Invoices that Telegram takes, and all the ways to write a wrong one."""

from __future__ import annotations

from typing import Any

STARS: dict[str, Any] = {
    "title": "A month",
    "description": "All jobs, a day earlier",
    "payload": "month:7",
    "currency": "XTR",
    "prices": [{"label": "A month", "amount": 100}],
}
DOLLARS: dict[str, Any] = {
    **STARS,
    "currency": "USD",
    "provider_token": "284685063:TEST:ZDk3ZGM0",
    "prices": [{"label": "A month", "amount": 500}, {"label": "Tax", "amount": 45}],
}
REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "no title": ({**STARS, "title": ""}, 'parameter "title" is required'),
    "no description": ({**STARS, "description": ""}, 'parameter "description" is required'),
    "no payload": ({**STARS, "payload": ""}, 'parameter "payload" is required'),
    "no currency": ({**STARS, "currency": ""}, 'parameter "currency" is required'),
    "no prices": ({**STARS, "prices": ""}, 'parameter "prices" is required'),
    "a title of 33": ({**STARS, "title": "x" * 33}, "MEDIA_INVALID"),
    "a description of 256": ({**STARS, "description": "x" * 256}, "MEDIA_INVALID"),
    "a payload of 129 bytes": ({**STARS, "payload": "é" * 64 + "x"}, "INVOICE_PAYLOAD_INVALID"),
    "a start parameter with a space": ({**STARS, "start_parameter": "a b"}, "START_PARAM_INVALID"),
    "a photo that is no address": ({**STARS, "photo_url": "ftp://e.com/a.jpg"}, "WEBDOCUMENT_URL_INVALID"),
    "prices that are no JSON": ({**STARS, "prices": "["}, "can't parse prices JSON object"),
    "prices that are an object": ({**STARS, "prices": {"a": 1}}, "expected an Array of labeled prices"),
    "an empty list of prices": ({**STARS, "prices": []}, "there must be at least one price"),
    "a price that is a number": (
        {**STARS, "prices": [5]},
        "can't parse labeled price: LabeledPrice must be an Object",
    ),
    "a price without a label": (
        {**STARS, "prices": [{"label": "", "amount": 5}]},
        "can't parse labeled price: LabeledPrice label must be non-empty",
    ),
    "a price without an amount": (
        {**STARS, "prices": [{"label": "a"}]},
        "can't parse labeled price: Can't find field \"amount\"",
    ),
    "a price of nothing": ({**STARS, "prices": [{"label": "a", "amount": 0}]}, "total price must be positive"),
    "a price beyond all bounds": (
        {**STARS, "prices": [{"label": "a", "amount": 10**12}]},
        "too big amount of the currency specified",
    ),
    "two prices in Stars": ({**STARS, "prices": STARS["prices"] * 2}, "STARS_INVOICE_INVALID"),
    "a provider for Stars": ({**STARS, "provider_token": "1:TEST:a"}, "STARS_INVOICE_INVALID"),
    "a tip in Stars": ({**STARS, "max_tip_amount": 5}, "STARS_INVOICE_INVALID"),
    "a name asked for Stars": ({**STARS, "need_name": True}, "STARS_INVOICE_INVALID"),
    "more than 100,000 Stars": (
        {**STARS, "prices": [{"label": "a", "amount": 100_001}]},
        "CURRENCY_TOTAL_AMOUNT_INVALID",
    ),
    "no provider": ({**DOLLARS, "provider_token": ""}, "PAYMENT_PROVIDER_INVALID"),
    "a provider of the wrong form": ({**DOLLARS, "provider_token": "secret"}, "PAYMENT_PROVIDER_INVALID"),
    "a currency that is none": ({**DOLLARS, "currency": "XTS"}, "CURRENCY_INVALID"),
    "less than a dollar": ({**DOLLARS, "prices": [{"label": "a", "amount": 99}]}, "CURRENCY_TOTAL_AMOUNT_INVALID"),
    "more than 10,000 dollars": (
        {**DOLLARS, "prices": [{"label": "a", "amount": 1_000_001}]},
        "CURRENCY_TOTAL_AMOUNT_INVALID",
    ),
    "a tip below zero": ({**DOLLARS, "max_tip_amount": -1}, "invalid max_tip_amount of the currency specified"),
    "a tip that is no number": ({**DOLLARS, "max_tip_amount": "x"}, 'can\'t parse "max_tip_amount" as Number'),
    "a suggested tip above the most": (
        {**DOLLARS, "max_tip_amount": 5, "suggested_tip_amounts": [6]},
        "suggested tip amount can't be bigger than max_tip_amount",
    ),
    "a suggested tip of nothing": (
        {**DOLLARS, "max_tip_amount": 5, "suggested_tip_amounts": [0]},
        "suggested tip amount must be positive",
    ),
    "five suggested tips": (
        {**DOLLARS, "max_tip_amount": 9, "suggested_tip_amounts": [1, 2, 3, 4, 5]},
        "there can be at most 4 suggested tip amounts",
    ),
    "suggested tips out of order": (
        {**DOLLARS, "max_tip_amount": 9, "suggested_tip_amounts": [2, 1]},
        "TIP_AMOUNTS_INVALID",
    ),
    "suggested tips that are no list": (
        {**DOLLARS, "max_tip_amount": 9, "suggested_tip_amounts": {"a": 1}},
        "expected an Array of suggested tip amounts",
    ),
    "a suggested tip that is a list": (
        {**DOLLARS, "max_tip_amount": 9, "suggested_tip_amounts": [[1]]},
        "suggested tip amount must be of type Number or String",
    ),
    "provider data that is no JSON": ({**DOLLARS, "provider_data": "{"}, "DATA_JSON_INVALID"),
}
