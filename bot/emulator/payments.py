"""The methods by which a bot asks for money, answers who wants to pay, and looks after its Stars."""

from __future__ import annotations

import secrets

from bot.emulator import paying
from bot.emulator.call import Call, required
from bot.emulator.errors import bad_request
from bot.emulator.invoices import price_words, terms_of
from bot.emulator.keyboard import reply_markup
from bot.emulator.params import Json
from bot.emulator.sending import post
from bot.emulator.till import NANO, WAITING, Checkout, Terms

MAX_TRANSACTIONS = 100
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def pay_keyboard(call: Call, terms: Terms, *, in_group: bool) -> Json:
    """Read an invoice's keyboard: the Pay button comes first, and there is one also when the bot gave no keyboard.

    Raises: ApiError.
    """
    markup = reply_markup(call.params, inline_only=True, in_group=in_group, may_pay=True)
    if markup is None:
        words = price_words(terms.currency, terms.total_amount)
        return {"inline_keyboard": [[{"text": f"Pay {words}", "pay": True}]]}
    buttons = [button for row in markup["inline_keyboard"] for button in row]
    if "pay" not in buttons[0] or any("pay" in button for button in buttons[1:]):
        raise bad_request("BUTTON_INVALID")
    return markup


async def send_invoice(call: Call) -> Json:
    """Send an invoice."""
    terms = terms_of(call.params, call.bot.id, as_link=False)
    chat = call.open_chat()
    markup = pay_keyboard(call, terms, in_group=not chat.is_private)
    reply = call.reply_parts(chat)
    call.take_place(chat)
    offer = {"paid": False, **terms.offer()}
    message = post(call, chat, {"invoice": terms.invoice()}, markup, reply, shown=offer)
    call.world.till.write_invoice(chat.id, message.message_id, terms)
    return message.body


async def create_invoice_link(call: Call) -> str:
    """Make a link that anybody can pay by, as often as they like."""
    if call.params.text("business_connection_id"):
        raise bad_request("business connection not found")
    terms = terms_of(call.params, call.bot.id, as_link=True)
    slug = secrets.token_urlsafe(15)
    call.world.till.write_link(slug, terms)
    return f"https://t.me/${slug}"


def _open_checkout(call: Call) -> Checkout:
    checkout = call.world.till.checkouts.get(call.params.text("pre_checkout_query_id"))
    if checkout is None or checkout.bot_id != call.bot.id:
        raise bad_request(TOO_OLD)
    if paying.look_at(call.world, checkout).state != WAITING:
        raise bad_request(TOO_OLD)
    return checkout


async def answer_pre_checkout_query(call: Call) -> bool:
    """Let a payment go on, or say why not: once, and within ten seconds."""
    accepted = call.params.boolean("ok")
    sentence = "" if accepted else required(call.params, "error_message")
    checkout = _open_checkout(call)
    if accepted:
        paying.charge(call.world, call.bot, checkout)
    else:
        paying.refuse(call.world, checkout, sentence)
    return True


async def refund_star_payment(call: Call) -> bool:
    """Give the Stars of one payment back, once."""
    person_id = call.params.integer("user_id")
    if person_id <= 0:
        raise bad_request("invalid user_id specified")
    charge_id = required(call.params, "telegram_payment_charge_id")
    person = call.world.people.get(person_id)
    if person is None or person_id not in call.bot.chats:
        raise bad_request("user not found")
    till = call.world.till
    paid = till.charge(call.bot.id, charge_id, person_id)
    if paid is None:
        raise bad_request("CHARGE_NOT_FOUND")
    if till.is_refunded(call.bot.id, charge_id):
        raise bad_request("CHARGE_ALREADY_REFUNDED")
    if till.balances[call.bot.id] < paid.nano:
        raise bad_request("BALANCE_TOO_LOW")
    paying.refund(call.world, call.bot, person, paid)
    return True


async def get_star_transactions(call: Call) -> Json:
    """Answer the bot's Stars, the oldest first."""
    offset = call.params.integer("offset", low=0)
    limit = call.params.integer("limit", MAX_TRANSACTIONS, low=1, high=MAX_TRANSACTIONS)
    lines = call.world.till.entries.get(call.bot.id, [])
    return {"transactions": [entry.view() for entry in lines[offset : offset + limit]]}


async def get_my_star_balance(call: Call) -> Json:
    """Answer how many Stars the bot has."""
    whole, rest = divmod(call.world.till.balances.get(call.bot.id, 0), NANO)
    return {"amount": whole, **({"nanostar_amount": rest} if rest else {})}
