"""Invoices, checkouts, Stars and refunds: what a bot must get right, and what it is told when it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.emulator.running import running
from tests.emulator import late_aiogram as aiogram
from tests.emulator.invoices import DOLLARS, REFUSALS, STARS
from tests.emulator.rawbot import OTHER_TOKEN, Answer, RawBot, raw_bot
from tests.phone import DoorRefusedError, Phone, Telegram

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


@pytest.mark.parametrize("mistake", REFUSALS)
async def test_a_wrong_invoice_is_refused(bot: RawBot, ali: Phone, mistake: str) -> None:
    """Each mistake in an invoice gets Telegram's words, in a message and in a link, and nothing is shown."""
    params, words = REFUSALS[mistake]
    assert (await bot.call("sendInvoice", chat_id=ali.id, **params)).error == f"Bad Request: {words}"
    if "start_parameter" not in params:
        assert (await bot.call("createInvoiceLink", **params)).error == f"Bad Request: {words}"
    assert all(message.mine for message in await ali.chat())


async def test_the_pay_button_comes_first(bot: RawBot, ali: Phone) -> None:
    """Without a keyboard there is a Pay button with the price; a keyboard must begin with one, and have only one."""
    shown = (await bot.call("sendInvoice", chat_id=ali.id, **STARS)).result
    assert shown["invoice"] == {
        "title": "A month",
        "description": "All jobs, a day earlier",
        "start_parameter": "",
        "currency": "XTR",
        "total_amount": 100,
    }
    assert shown["reply_markup"]["inline_keyboard"] == [[{"text": "Pay ⭐️100", "pay": True}]]
    shown = (await bot.call("sendInvoice", chat_id=ali.id, **DOLLARS)).result
    assert shown["reply_markup"]["inline_keyboard"] == [[{"text": "Pay $5.45", "pay": True}]]
    pay, other = {"text": "Buy", "pay": True}, {"text": "No", "callback_data": "no"}
    for wrong in ([[other], [pay]], [[other, pay]], [[pay, pay]], [[other]]):
        markup = {"inline_keyboard": wrong}
        refused = await bot.call("sendInvoice", chat_id=ali.id, **STARS, reply_markup=markup)
        assert refused.error == "Bad Request: BUTTON_INVALID"
    right = await bot.call("sendInvoice", chat_id=ali.id, **STARS, reply_markup={"inline_keyboard": [[pay], [other]]})
    assert right.result["reply_markup"]["inline_keyboard"] == [[pay], [other]]


async def _invoice(bot: RawBot, ali: Phone, **params: Any) -> int:
    message: dict[str, Any] = (await bot.call("sendInvoice", chat_id=ali.id, **{**STARS, **params})).result
    return int(message["message_id"])


async def test_an_invoice_keeps_its_pay_button(bot: RawBot, ali: Phone) -> None:
    """Proves that edits move the Pay button neither away from an invoice nor under another message."""
    pay, other = {"text": "Buy", "pay": True}, {"text": "No", "callback_data": "no"}
    number = await _invoice(bot, ali)
    edit = {"chat_id": ali.id, "message_id": number}
    for wrong in ([[other]], [[other], [pay]]):
        refused = await bot.call("editMessageReplyMarkup", **edit, reply_markup={"inline_keyboard": wrong})
        assert refused.error == "Bad Request: BUTTON_INVALID"
    assert "not modified" in (await bot.call("editMessageReplyMarkup", **edit)).error
    right = await bot.call("editMessageReplyMarkup", **edit, reply_markup={"inline_keyboard": [[pay, other]]})
    assert right.result["reply_markup"]["inline_keyboard"] == [[pay, other]]
    own = await bot.call("editMessageReplyMarkup", **edit)
    assert own.result["reply_markup"]["inline_keyboard"] == [[{"text": "Pay ⭐️100", "pay": True}]]
    text = (await bot.call("sendMessage", chat_id=ali.id, text="No invoice")).result
    edit = {"chat_id": ali.id, "message_id": text["message_id"]}
    refused = await bot.call("editMessageReplyMarkup", **edit, reply_markup={"inline_keyboard": [[pay]]})
    assert refused.error == "Bad Request: BUTTON_TYPE_INVALID"


async def _pay(ali: Phone, **body: Any) -> str:
    answer = await ali.telegram.call("POST", f"people/{ali.id}/pay", body)
    return str(answer["pre_checkout_query_id"])


async def _state(ali: Phone, query: str) -> tuple[str, str]:
    answer = await ali.telegram.call("GET", f"payments/{query}")
    return answer["state"], answer["error_message"]


async def _stars(ali: Phone, amount: int = 0) -> int:
    return int((await ali.telegram.call("POST", f"people/{ali.id}/stars", {"amount": amount}))["stars"])


async def _accept(bot: RawBot, query: str) -> Answer:
    return await bot.call("answerPreCheckoutQuery", pre_checkout_query_id=query, ok=True)


async def _lines(bot: RawBot, **params: Any) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = (await bot.call("getStarTransactions", **params)).result["transactions"]
    return lines


async def test_stars_are_paid_and_given_back_once(bot: RawBot, ali: Phone) -> None:
    """A payment in Stars moves them once, is told to both sides, and can be given back once."""
    await _stars(ali, 150)
    number = await _invoice(bot, ali)
    query = await _pay(ali, message_id=number)
    asked = await bot.update("pre_checkout_query")
    assert asked["id"] == query
    assert asked["from"]["id"] == ali.id
    assert (asked["currency"], asked["total_amount"], asked["invoice_payload"]) == ("XTR", 100, "month:7")
    assert await _state(ali, query) == ("waiting", "")
    assert (await _accept(bot, query)).result is True
    assert await _state(ali, query) == ("paid", "")
    assert await _stars(ali) == 50
    told = await bot.update("message")
    paid = told["successful_payment"]
    assert told["from"]["id"] == told["chat"]["id"] == ali.id
    assert (paid["currency"], paid["total_amount"], paid["invoice_payload"]) == ("XTR", 100, "month:7")
    assert (await bot.call("getMyStarBalance")).result == {"amount": 100}
    (line,) = await _lines(bot)
    assert (line["id"], line["amount"]) == (paid["telegram_payment_charge_id"], 100)
    assert line["source"]["transaction_type"] == "invoice_payment"
    assert line["source"]["invoice_payload"] == "month:7"
    shown = {message.message_id: message.raw for message in await ali.chat()}
    assert shown[number]["paid"] is True
    assert "successful_payment" in shown[told["message_id"]]

    back = {"user_id": ali.id, "telegram_payment_charge_id": line["id"]}
    assert (await bot.call("refundStarPayment", **back)).result is True
    assert (await bot.update("message"))["refunded_payment"]["telegram_payment_charge_id"] == line["id"]
    assert (await bot.call("refundStarPayment", **back)).error == "Bad Request: CHARGE_ALREADY_REFUNDED"
    assert await _stars(ali) == 150
    assert (await bot.call("getMyStarBalance")).result == {"amount": 0}
    lines = await _lines(bot)
    assert [("source" in entry, entry["amount"], entry["id"]) for entry in lines] == [
        (True, 100, line["id"]),
        (False, 100, line["id"]),
    ]


async def test_refunds_that_cannot_be(bot: RawBot, ali: Phone, tg: Telegram, base_url: str) -> None:
    """A refund needs the payment of this person to this bot."""
    zoe = await tg.person("Zoe", bot=1234567)
    await zoe.send("/start")
    await _stars(ali, 100)
    await _accept(bot, await _pay(ali, message_id=await _invoice(bot, ali)))
    (line,) = await _lines(bot)
    wrong = [
        ({"user_id": 0, "telegram_payment_charge_id": line["id"]}, "invalid user_id specified"),
        ({"user_id": ali.id}, 'parameter "telegram_payment_charge_id" is required'),
        ({"user_id": 4, "telegram_payment_charge_id": line["id"]}, "user not found"),
        ({"user_id": zoe.id, "telegram_payment_charge_id": line["id"]}, "CHARGE_NOT_FOUND"),
        ({"user_id": ali.id, "telegram_payment_charge_id": "stx1"}, "CHARGE_NOT_FOUND"),
    ]
    for params, words in wrong:
        assert (await bot.call("refundStarPayment", **params)).error == f"Bad Request: {words}"
    async with raw_bot(base_url, OTHER_TOKEN) as other:
        await tg.call("POST", f"people/{ali.id}/text", {"text": "/start", "bot": 7654321})
        refused = await other.call("refundStarPayment", user_id=ali.id, telegram_payment_charge_id=line["id"])
        assert refused.error == "Bad Request: CHARGE_NOT_FOUND"
        assert (await other.call("getMyStarBalance")).result == {"amount": 0}


async def test_a_bot_has_ten_seconds(bot: RawBot, ali: Phone) -> None:
    """A checkout that is not answered in ten seconds is over, for the person and for the bot."""
    await _stars(ali, 100)
    number = await _invoice(bot, ali)
    query = await _pay(ali, message_id=number)
    await ali.telegram.call("POST", "clock", {"advance_seconds": 9})
    assert (await _state(ali, query))[0] == "waiting"
    await ali.telegram.call("POST", "clock", {"advance_seconds": 1})
    assert await _state(ali, query) == ("expired", "The bot did not answer in time.")
    assert (await _accept(bot, query)).error == TOO_OLD
    assert await _stars(ali) == 100
    assert await _lines(bot) == []


async def test_a_checkout_is_answered_once_by_its_bot(bot: RawBot, ali: Phone, base_url: str) -> None:
    """The second answer, one to nothing and one by another bot are too late; a no needs a reason."""
    await _stars(ali, 100)
    query = await _pay(ali, message_id=await _invoice(bot, ali))
    no: dict[str, Any] = {"pre_checkout_query_id": query, "ok": False}
    assert (
        await bot.call("answerPreCheckoutQuery", **no)
    ).error == 'Bad Request: parameter "error_message" is required'
    assert (await _accept(bot, "5")).error == TOO_OLD
    async with raw_bot(base_url, OTHER_TOKEN) as other:
        assert (await _accept(other, query)).error == TOO_OLD
    assert (await bot.call("answerPreCheckoutQuery", **no, error_message="Sold out")).result is True
    assert await _state(ali, query) == ("refused", "Sold out")
    assert (await _accept(bot, query)).error == TOO_OLD
    assert await _stars(ali) == 100


async def test_a_person_pays_what_they_have(bot: RawBot, ali: Phone) -> None:
    """Too few Stars end before the bot is asked; a second try on a paid invoice, or on no invoice, too."""
    number = await _invoice(bot, ali)
    with pytest.raises(DoorRefusedError, match="not enough Stars"):
        await _pay(ali, message_id=number)
    assert await bot.updates() == []
    await _stars(ali, 250)
    first, second = await _pay(ali, message_id=number), await _pay(ali, message_id=number)
    assert (await _accept(bot, first)).result is True
    assert (await _accept(bot, second)).result is True
    assert await _state(ali, second) == ("refused", "This invoice is already paid.")
    assert await _stars(ali) == 150
    with pytest.raises(DoorRefusedError, match="already paid"):
        await _pay(ali, message_id=number)
    with pytest.raises(DoorRefusedError, match="no invoice"):
        await _pay(ali, message_id=1)
    with pytest.raises(DoorRefusedError, match="no message"):
        await _pay(ali, message_id=999)
    other = await _invoice(bot, ali)
    await ali.block()
    with pytest.raises(DoorRefusedError, match="blocked"):
        await _pay(ali, message_id=other)


async def test_money_is_paid_with_a_tip(bot: RawBot, ali: Phone) -> None:
    """A payment through a provider takes a tip up to what was allowed, and no Stars."""
    tips = {"max_tip_amount": 200, "suggested_tip_amounts": [50, "100"]}
    number = await _invoice(bot, ali, **DOLLARS, **tips)
    shown = (await ali.screen()).raw
    assert (shown["max_tip_amount"], shown["suggested_tip_amounts"], shown["paid"]) == (200, [50, 100], False)
    with pytest.raises(DoorRefusedError, match="tip_amount must be between 0 and 200"):
        await _pay(ali, message_id=number, tip_amount=201)
    await _accept(bot, await _pay(ali, message_id=number, tip_amount=50))
    asked, told = await bot.updates()
    assert asked["pre_checkout_query"]["total_amount"] == 595
    paid = told["message"]["successful_payment"]
    assert (paid["currency"], paid["total_amount"]) == ("USD", 595)
    assert await _lines(bot) == []
    back = {"user_id": ali.id, "telegram_payment_charge_id": paid["telegram_payment_charge_id"]}
    assert (await bot.call("refundStarPayment", **back)).error == "Bad Request: CHARGE_NOT_FOUND"


async def test_a_bot_is_told_what_it_asked_about_the_payer(bot: RawBot, ali: Phone) -> None:
    """Name, phone, e-mail and address come with the question and with the payment, as far as they were asked for."""
    asks = {"need_name": True, "need_phone_number": True, "need_email": True, "need_shipping_address": True}
    await _accept(bot, await _pay(ali, message_id=await _invoice(bot, ali, **DOLLARS, **asks)))
    asked, told = (aiogram.types.Update.model_validate(raw) for raw in await bot.updates())
    assert asked.pre_checkout_query is not None
    assert told.message is not None
    assert told.message.successful_payment is not None
    info = asked.pre_checkout_query.order_info
    assert info is not None
    assert told.message.successful_payment.order_info == info
    assert (info.name, info.phone_number) == ("Ali", "905551112233")
    assert info.email is not None
    assert info.shipping_address is not None
    number = await _invoice(bot, ali, **DOLLARS, need_shipping_address=True, is_flexible=True)
    with pytest.raises(DoorRefusedError, match="not emulated"):
        await _pay(ali, message_id=number)


async def test_a_link_is_paid_by_anybody_and_often(bot: RawBot, ali: Phone) -> None:
    """An invoice link shows what it asks for and can be paid again and again; others lead nowhere."""
    link = (await bot.call("createInvoiceLink", **STARS)).result
    assert link.startswith("https://t.me/$")
    shown = await ali.telegram.call("GET", "invoices", params={"link": link})
    assert (shown["bot"], shown["invoice"]["total_amount"], shown["prices"]) == (1234567, 100, STARS["prices"])
    await _stars(ali, 200)
    for _ in range(2):
        await _accept(bot, await _pay(ali, link=link))
    assert len(await _lines(bot)) == 2
    with pytest.raises(DoorRefusedError, match="no such invoice"):
        await _pay(ali, link="https://t.me/$nothing")


async def test_subscriptions_have_one_length_and_a_most(bot: RawBot, ali: Phone) -> None:
    """A link can ask for 30 days at a time, in Stars, up to 10,000 of them."""
    month = {**STARS, "subscription_period": 2_592_000}
    dear = [{"label": "a", "amount": 10_001}]
    wrong = [
        ({**month, "subscription_period": 60}, "SUBSCRIPTION_PERIOD_INVALID"),
        ({**month, "prices": dear}, "SUBSCRIPTION_AMOUNT_INVALID"),
        ({**DOLLARS, "subscription_period": 2_592_000}, "SUBSCRIPTION_CURRENCY_INVALID"),
    ]
    for params, words in wrong:
        assert (await bot.call("createInvoiceLink", **params)).error == f"Bad Request: {words}"
    await _stars(ali, 100)
    await _accept(bot, await _pay(ali, link=(await bot.call("createInvoiceLink", **month)).result))
    paid = (await bot.updates())[-1]["message"]["successful_payment"]
    assert paid["is_first_recurring"] is True
    assert paid["subscription_expiration_date"] > 2_592_000


async def test_transactions_come_in_pages_oldest_first(bot: RawBot, ali: Phone) -> None:
    """`offset` skips and `limit` cuts, in the order of time."""
    await _stars(ali, 15)
    for amount in (1, 2, 3, 4, 5):
        prices = [{"label": "a", "amount": amount}]
        await _accept(bot, await _pay(ali, message_id=await _invoice(bot, ali, prices=prices)))
    assert [line["amount"] for line in await _lines(bot)] == [1, 2, 3, 4, 5]
    assert [line["amount"] for line in await _lines(bot, offset=1, limit=2)] == [2, 3]
    assert await _lines(bot, offset=5) == []


async def test_an_invoice_is_a_message_like_others(bot: RawBot, ali: Phone) -> None:
    """It can answer another one, come without a sound and be kept from being passed on."""
    flags = {"disable_notification": True, "protect_content": True}
    params = {"chat_id": ali.id, **STARS, "reply_parameters": {"message_id": 1}, **flags}
    shown = (await bot.call("sendInvoice", **params)).result
    assert shown["reply_to_message"]["text"] == "/start"
    assert shown["has_protected_content"] is True
    assert (await ali.screen()).raw["silent"] is True
    lost = await bot.call("sendInvoice", **{**params, "reply_parameters": {"message_id": 99}})
    assert lost.error == "Bad Request: message to be replied not found"


async def test_an_invoice_is_not_copied(bot: RawBot, ali: Phone) -> None:
    """An invoice can't be copied."""
    number = await _invoice(bot, ali)
    refused = await bot.call("copyMessage", chat_id=ali.id, from_chat_id=ali.id, message_id=number)
    assert refused.error == "Bad Request: message can't be copied"


async def test_payments_fit_the_models_of_another_library(bot: RawBot, ali: Phone) -> None:
    """What a bot receives about money is valid by aiogram's models, without a field they do not know."""
    await _stars(ali, 100)
    await _accept(bot, await _pay(ali, message_id=await _invoice(bot, ali)))
    (line,) = await _lines(bot)
    await bot.call("refundStarPayment", user_id=ali.id, telegram_payment_charge_id=line["id"])
    updates = [aiogram.types.Update.model_validate(raw) for raw in await bot.updates()]
    assert [update.event_type for update in updates] == ["pre_checkout_query", "message", "message"]
    paid, refunded = (update.message for update in updates[1:])
    assert paid is not None
    assert refunded is not None
    told = [updates[0].pre_checkout_query, paid.successful_payment, refunded.refunded_payment]
    lines = aiogram.types.StarTransactions.model_validate({"transactions": await _lines(bot)}).transactions
    for model in (*told, *lines, lines[0].source, lines[1].receiver):
        assert model is not None
        assert not model.model_extra


async def test_money_outlives_a_restart(tmp_path: Path) -> None:
    """Invoices, links, open checkouts, Stars and what was paid are there again after a restart."""
    state = tmp_path / "state.db"
    async with running(port=0, limits=False, state=state) as url, Telegram(url) as tg, raw_bot(url) as bot:
        ali = await tg.person("Ali")
        await ali.send("/start")
        await _stars(ali, 300)
        await _accept(bot, await _pay(ali, message_id=await _invoice(bot, ali)))
        number, link = await _invoice(bot, ali), (await bot.call("createInvoiceLink", **STARS)).result
        query = await _pay(ali, message_id=number)
        person = ali.body
    async with running(port=0, limits=False, state=state) as url, Telegram(url) as tg, raw_bot(url) as bot:
        ali = Phone(tg, person, bot=None, patience_seconds=5)
        assert await _stars(ali) == 200
        assert len(await _lines(bot)) == 1
        assert (await _accept(bot, query)).result is True
        await _accept(bot, await _pay(ali, link=link))
        assert (await bot.call("getMyStarBalance")).result == {"amount": 300}
        paid = {message.message_id: message.raw["paid"] for message in await ali.chat() if "invoice" in message.raw}
        assert list(paid.values()) == [True, True]
        assert number in paid
        assert await _state(ali, query) == ("paid", "")
