"""What a person does with an invoice, and what becomes of it: the question to the bot, the charge, the refund."""

from __future__ import annotations

import secrets

from bot.emulator.errors import DoorError
from bot.emulator.till import EXPIRED, NANO, PAID, REFUSED, STARS, WAITING, Checkout, Entry, Terms
from bot.emulator.world import Bot, Chat, Json, Message, Person, World

ANSWER_SECONDS = 10.0
SUBSCRIPTION_SECONDS = 2_592_000
DAY_SECONDS = 86_400
BROADCAST_FEE_NANO = NANO // 10
UNANSWERED = "The bot did not answer in time."
TOO_FEW_STARS = "There are not enough Stars on the balance."
ALREADY_PAID = "This invoice is already paid."


def pay_message(world: World, bot: Bot, person: Person, chat: Chat, message_id: int, *, tip: int = 0) -> Checkout:
    """Press Pay on an invoice in a chat.

    Raises: DoorError.
    """
    if message_id not in chat.messages:
        raise DoorError(404, f"there is no message {message_id}: nothing on it can be paid")
    terms = world.till.invoices.get((bot.id, chat.id, message_id))
    if terms is None:
        raise DoorError(409, f"message {message_id} is no invoice")
    if chat.messages[message_id].extra.get("paid"):
        raise DoorError(409, ALREADY_PAID)
    return _begin(world, bot, person, terms, tip=tip, where=(chat.id, message_id))


def pay_link(world: World, person: Person, slug: str, *, tip: int = 0) -> Checkout:
    """Pay what an invoice link asks for.

    Raises: DoorError.
    """
    terms = link_terms(world, slug)
    return _begin(world, world.bots[terms.bot_id], person, terms, tip=tip, where=(0, 0))


def link_terms(world: World, slug: str) -> Terms:
    """Open an invoice link: `https://t.me/$slug`, or its slug alone.

    Raises: DoorError 404.
    """
    terms = world.till.links.get(slug.rpartition("/")[2].removeprefix("$"))
    if terms is None:
        raise DoorError(404, "there is no such invoice")
    return terms


def _begin(world: World, bot: Bot, person: Person, terms: Terms, *, tip: int, where: tuple[int, int]) -> Checkout:
    if not 0 <= tip <= terms.max_tip_amount:
        raise DoorError(400, f"tip_amount must be between 0 and {terms.max_tip_amount}")
    if "is_flexible" in terms.asks:
        raise DoorError(409, "a price that depends on shipping is not emulated")
    if world.private_chat(bot, person).blocked:
        raise DoorError(409, "the person blocked this bot; unblock it first")
    if terms.currency == STARS and person.stars < terms.total_amount:
        raise DoorError(409, f"{TOO_FEW_STARS} It has {person.stars}, {terms.total_amount} are needed.")
    chat_id, message_id = where
    now = world.clock.seconds()
    checkout = world.till.begin(terms, person_id=person.id, chat_id=chat_id, message_id=message_id, tip=tip, at=now)
    query: Json = {
        "id": checkout.id,
        "from": person.user(),
        "currency": terms.currency,
        "total_amount": checkout.total_amount,
        "invoice_payload": terms.payload,
        **_order_info(terms, person),
    }
    bot.queue.put("pre_checkout_query", query)
    _tell(world, checkout)
    return checkout


def _order_info(terms: Terms, person: Person) -> Json:
    """Answer what the invoice asks about the person, as they would fill it in."""
    address = {"country_code": "GB", "state": "", "city": "London", "street_line1": "221B Baker Street"}
    known: Json = {
        "need_name": ("name", f"{person.first_name} {person.last_name}".strip()),
        "need_phone_number": ("phone_number", (person.phone or f"+44{person.id}").removeprefix("+")),
        "need_email": ("email", f"person{person.id}@example.com"),
        "need_shipping_address": ("shipping_address", {**address, "street_line2": "", "post_code": "NW1 6XE"}),
    }
    info = dict(known[name] for name in terms.asks if name in known)
    return {"order_info": info} if info else {}


def _tell(world: World, checkout: Checkout) -> None:
    world.till.note(checkout)
    event = {
        "type": "payment",
        "person": checkout.person_id,
        "bot": checkout.bot_id,
        "pre_checkout_query_id": checkout.id,
        "state": checkout.state,
        "error_message": checkout.error_message,
    }
    world.tell(event)


def _end(world: World, checkout: Checkout, state: str, sentence: str = "") -> None:
    checkout.state, checkout.error_message = state, sentence
    _tell(world, checkout)


def look_at(world: World, checkout: Checkout) -> Checkout:
    """Answer how a checkout stands now: one that has waited ten seconds has expired."""
    if checkout.state == WAITING and world.clock.seconds() - checkout.asked_at >= ANSWER_SECONDS:
        _end(world, checkout, EXPIRED, UNANSWERED)
    return checkout


async def wait_out(world: World, checkout: Checkout) -> None:
    """Let a checkout expire when its time has come, so that whoever watches is told."""
    await world.clock.sleep(ANSWER_SECONDS)
    look_at(world, checkout)


def refuse(world: World, checkout: Checkout, sentence: str) -> None:
    """The bot says no: nothing is charged and the person reads why."""
    _end(world, checkout, REFUSED, sentence)


def charge(world: World, bot: Bot, checkout: Checkout) -> None:
    """The bot says yes: take the money and tell both sides."""
    terms, person = checkout.terms, world.people.get(checkout.person_id)
    message = _invoice_message(world, bot, checkout)
    if person is None or (message is not None and message.extra.get("paid")):
        return _end(world, checkout, REFUSED, ALREADY_PAID)
    charge_id, provider_id = _charge_ids(checkout)
    if terms.currency == STARS:
        if person.stars < terms.total_amount:
            return _end(world, checkout, REFUSED, TOO_FEW_STARS)
        give_stars(world, person, -terms.total_amount)
        partner: Json = {"type": "user", "transaction_type": "invoice_payment", "user": person.user()}
        partner["invoice_payload"] = terms.payload
        if terms.subscription_period:
            partner["subscription_period"] = terms.subscription_period
        nano = terms.total_amount * NANO
        world.till.enter(bot.id, Entry(charge_id, world.clock.now(), nano, partner, person.id, terms.payload))
    payment: Json = {
        "currency": terms.currency,
        "total_amount": checkout.total_amount,
        "invoice_payload": terms.payload,
        **_order_info(terms, person),
        "telegram_payment_charge_id": charge_id,
        "provider_payment_charge_id": provider_id,
    }
    if terms.subscription_period:
        until = world.clock.now() + SUBSCRIPTION_SECONDS
        payment |= {"is_recurring": True, "is_first_recurring": True, "subscription_expiration_date": until}
    if message is not None and checkout.chat_id > 0:
        message.extra["paid"] = True
        world.tell_message("edited", bot.chats[checkout.chat_id], message)
    chat = world.private_chat(bot, person)
    chat.started = True
    receipt = world.post(bot, chat, {"successful_payment": payment}, sender=person)
    bot.queue.put("message", receipt.body)
    return _end(world, checkout, PAID)


def _invoice_message(world: World, bot: Bot, checkout: Checkout) -> Message | None:
    chat = bot.chats.get(checkout.chat_id)
    return chat.messages.get(checkout.message_id) if chat is not None else None


def _charge_ids(checkout: Checkout) -> tuple[str, str]:
    if checkout.terms.currency == STARS:
        return f"stx{secrets.token_urlsafe(33)}", f"{checkout.person_id}_{checkout.id}"
    return f"{checkout.bot_id}_{checkout.person_id}_{checkout.id}_{secrets.randbelow(10**12)}", secrets.token_hex(12)


def give_stars(world: World, person: Person, amount: int) -> None:
    """Give a person Stars, or take them."""
    person.stars += amount
    world.mark("person", person.id)
    world.tell({"type": "people", "person": person.id})


def take_fee(world: World, bot: Bot) -> bool:
    """Take the fee of one message beyond the free thirty a second; answer false when the balance is too low."""
    till, today = world.till, world.clock.now() // DAY_SECONDS
    if till.balances.get(bot.id, 0) < BROADCAST_FEE_NANO:
        return False
    lines = till.entries[bot.id]
    last = lines[-1]
    if last.partner.get("type") == "telegram_api" and last.date // DAY_SECONDS == today:
        last.partner["request_count"] += 1
        till.add(bot.id, len(lines) - 1, -BROADCAST_FEE_NANO)
    else:
        partner: Json = {"type": "telegram_api", "request_count": 1}
        fee = Entry(f"fee{secrets.token_urlsafe(24)}", world.clock.now(), -BROADCAST_FEE_NANO, partner)
        till.enter(bot.id, fee)
    return True


def deposit(world: World, bot: Bot, amount: int) -> None:
    """Give a bot Stars from outside."""
    entry = Entry(f"dep{secrets.token_urlsafe(24)}", world.clock.now(), amount * NANO, {"type": "fragment"})
    world.till.enter(bot.id, entry)


def refund(world: World, bot: Bot, person: Person, paid: Entry) -> None:
    """Give the Stars of a payment back, and tell both sides."""
    entry = Entry(paid.id, world.clock.now(), -paid.nano, paid.partner, person.id, paid.payload)
    world.till.enter(bot.id, entry)
    give_stars(world, person, paid.nano // NANO)
    refunded: Json = {
        "currency": STARS,
        "total_amount": paid.nano // NANO,
        "invoice_payload": paid.payload,
        "telegram_payment_charge_id": paid.id,
    }
    message = world.post(bot, world.private_chat(bot, person), {"refunded_payment": refunded})
    bot.queue.put("message", message.body)
