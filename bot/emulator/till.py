"""What is owed and what was paid: invoices, checkouts under way, each bot's Stars. Plain data, saved with the state.

It decides nothing: `invoices` checks what a bot asks for, `paying` lets a person pay, `payments` answers the bot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

Json = dict[str, Any]
Key = tuple[str, int, int, int]

STARS = "XTR"
NANO = 1_000_000_000
FIRST_CHECKOUT_ID = 6_000_000_000_000_000_001
MAX_CHECKOUTS = 20_000
WAITING, REFUSED, PAID, EXPIRED = "waiting", "refused", "paid", "expired"
KINDS = frozenset(("invoice", "invoice_link", "checkout", "star_entry"))


@dataclass(slots=True)
class Terms:
    """An invoice as the bot made it."""

    bot_id: int
    title: str
    description: str
    payload: str
    currency: str
    total_amount: int
    prices: list[Json]
    start_parameter: str = ""
    max_tip_amount: int = 0
    suggested_tip_amounts: list[int] = field(default_factory=list)
    photo_url: str = ""
    subscription_period: int = 0
    asks: list[str] = field(default_factory=list)

    def invoice(self) -> Json:
        """Show it as the Bot API's `Invoice`."""
        names = ("title", "description", "start_parameter", "currency", "total_amount")
        return {name: getattr(self, name) for name in names}

    def offer(self) -> Json:
        """Show what a person sees beside it."""
        names = ("prices", "max_tip_amount", "suggested_tip_amounts", "photo_url", "subscription_period")
        return {name: getattr(self, name) for name in names}


@dataclass(slots=True)
class Checkout:
    """A person's try to pay, from the press of Pay to its end; `chat_id` and `message_id` are 0 for a link."""

    id: str
    bot_id: int
    person_id: int
    chat_id: int
    message_id: int
    terms: Terms
    tip_amount: int
    asked_at: float
    state: str = WAITING
    error_message: str = ""

    @property
    def total_amount(self) -> int:
        return self.terms.total_amount + self.tip_amount


@dataclass(slots=True)
class Entry:
    """One line of a bot's Stars: in when `nano` is above zero, out when it is below."""

    id: str
    date: int
    nano: int
    partner: Json
    person_id: int = 0
    payload: str = ""

    def view(self) -> Json:
        """Show it as the Bot API's `StarTransaction`."""
        whole, rest = divmod(abs(self.nano), NANO)
        amount: Json = {"amount": whole, **({"nanostar_amount": rest} if rest else {})}
        return {"id": self.id, "date": self.date, **amount, "source" if self.nano > 0 else "receiver": self.partner}


@dataclass(slots=True)
class Till:
    """All invoices and payments of all bots."""

    invoices: dict[tuple[int, int, int], Terms] = field(default_factory=dict)
    links: dict[str, Terms] = field(default_factory=dict)
    checkouts: dict[str, Checkout] = field(default_factory=dict)
    entries: dict[int, list[Entry]] = field(default_factory=dict)
    balances: dict[int, int] = field(default_factory=dict)
    next_checkout_id: int = FIRST_CHECKOUT_ID
    mark: Callable[[str, int, int, int], None] = field(default=lambda kind, bot, chat, number: None)

    def write_invoice(self, chat_id: int, message_id: int, terms: Terms) -> None:
        """Remember what the message asks for."""
        self.invoices[terms.bot_id, chat_id, message_id] = terms
        self.mark("invoice", terms.bot_id, chat_id, message_id)

    def write_link(self, slug: str, terms: Terms) -> None:
        """Remember what the link asks for."""
        self.links[slug] = terms
        self.mark("invoice_link", terms.bot_id, 0, len(self._links(terms.bot_id)) - 1)

    def _links(self, bot_id: int) -> list[tuple[str, Terms]]:
        return [(slug, terms) for slug, terms in self.links.items() if terms.bot_id == bot_id]

    def begin(self, terms: Terms, *, person_id: int, chat_id: int, message_id: int, tip: int, at: float) -> Checkout:
        """Note that a person pays."""
        number = str(self.next_checkout_id)
        self.next_checkout_id += 1
        checkout = Checkout(number, terms.bot_id, person_id, chat_id, message_id, terms, tip, at)
        self.checkouts[number] = checkout
        self.note(checkout)
        if len(self.checkouts) > MAX_CHECKOUTS:
            self.note(self.checkouts.pop(next(iter(self.checkouts))))
        return checkout

    def note(self, checkout: Checkout) -> None:
        """Remember to save a checkout."""
        self.mark("checkout", checkout.bot_id, 0, int(checkout.id))

    def enter(self, bot_id: int, entry: Entry) -> None:
        """Write a line into a bot's Stars."""
        lines = self.entries.setdefault(bot_id, [])
        lines.append(entry)
        self.balances[bot_id] = self.balances.get(bot_id, 0) + entry.nano
        self.mark("star_entry", bot_id, 0, len(lines) - 1)

    def add(self, bot_id: int, number: int, nano: int) -> None:
        """Add to a line that stands already."""
        self.entries[bot_id][number].nano += nano
        self.balances[bot_id] += nano
        self.mark("star_entry", bot_id, 0, number)

    def charge(self, bot_id: int, charge_id: str, person_id: int) -> Entry | None:
        """Find what a person paid in Stars."""
        lines = self.entries.get(bot_id, ())
        return next((e for e in lines if e.id == charge_id and e.nano > 0 and e.person_id == person_id), None)

    def is_refunded(self, bot_id: int, charge_id: str) -> bool:
        """Say whether the payment went back already."""
        return any(entry.id == charge_id and entry.nano < 0 for entry in self.entries.get(bot_id, ()))

    def clear(self) -> None:
        """Forget everything; numbers keep growing."""
        for bot_id, chat_id, message_id in self.invoices:
            self.mark("invoice", bot_id, chat_id, message_id)
        for bot_id in {terms.bot_id for terms in self.links.values()}:
            for number in range(len(self._links(bot_id))):
                self.mark("invoice_link", bot_id, 0, number)
        for checkout in self.checkouts.values():
            self.note(checkout)
        for bot_id, lines in self.entries.items():
            for number in range(len(lines)):
                self.mark("star_entry", bot_id, 0, number)
        for kept in (self.invoices, self.links, self.checkouts, self.entries, self.balances):
            kept.clear()

    # -- the state on disk --------------------------------------------------------------------------------------

    def body(self, key: Key) -> Json | None:
        """Answer what to save under a key; None when it is gone."""
        kind, bot_id, chat_id, number = key
        found: Any = None
        if kind == "invoice":
            found = self.invoices.get((bot_id, chat_id, number))
        elif kind == "invoice_link":
            links = self._links(bot_id)
            return {"slug": links[number][0], **asdict(links[number][1])} if number < len(links) else None
        elif kind == "checkout":
            found = self.checkouts.get(str(number))
        elif number < len(self.entries.get(bot_id, ())):
            found = self.entries[bot_id][number]
        return asdict(found) if found is not None else None

    def restore(self, key: Key, body: Json) -> None:
        """Take back what was saved; called in the order of the keys."""
        kind, bot_id, chat_id, number = key
        if kind == "invoice":
            self.invoices[bot_id, chat_id, number] = Terms(**body)
        elif kind == "invoice_link":
            slug = body.pop("slug")
            self.links[slug] = Terms(**body)
        elif kind == "checkout":
            self.checkouts[str(number)] = Checkout(**{**body, "terms": Terms(**body["terms"])})
            self.next_checkout_id = max(self.next_checkout_id, number + 1)
        else:
            entry = Entry(**body)
            self.entries.setdefault(bot_id, []).append(entry)
            self.balances[bot_id] = self.balances.get(bot_id, 0) + entry.nano
