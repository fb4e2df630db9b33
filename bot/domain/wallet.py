"""Deposits and withdrawals: their life cycles, amounts and destinations, decided from values alone.

    deposit      claimed ──► confirmed | refused

    withdrawal   requested ──► cancelled | refused          (the member, or an operator)
                 requested ──► approved ──► refused         (a dead number found before anything was sent)
                               approved ──► paid            (sent by hand: known to have arrived)
                               approved ──► sending ──► sent | unknown | failed
                               sent | unknown ──► paid | failed | returned
                               paid ──► reversed

The money stays held from `requested` until one of these ends; `MOVES` is the one list, and a trigger holds it too.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from bot.domain.errors import N_, InvalidInput, Refused, Stale
from bot.domain.house import House
from bot.domain.money import currency_decimals, fee_of, smallest_payable

MAX_OPEN_CLAIMS = 3  # deposits a member may have waiting for an operator
MAX_REFERENCE = 64  # characters of a payment reference
MAX_NOTE = 200  # characters of what an operator says about a refusal
MAX_DESTINATION = 120  # characters; PayPal takes addresses of up to 127
NEW_DESTINATION_WAIT = timedelta(hours=24)

_REFERENCE = re.compile(r"[0-9A-Z][0-9A-Z._/#-]{2,}")
_DOTS = "•••"


class Way(StrEnum):
    """How a withdrawal is paid."""

    PAYPAL = "paypal"
    JAZZCASH = "jazzcash"


class DepositStatus(StrEnum):
    """Where a claimed deposit stands."""

    CLAIMED = "claimed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class WithdrawalStatus(StrEnum):
    """Where a withdrawal stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    PAID = "paid"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    FAILED = "failed"
    RETURNED = "returned"
    REVERSED = "reversed"


_S = WithdrawalStatus

MOVES: dict[WithdrawalStatus, frozenset[WithdrawalStatus]] = {
    _S.REQUESTED: frozenset({_S.APPROVED, _S.CANCELLED, _S.REFUSED}),
    _S.APPROVED: frozenset({_S.SENDING, _S.PAID, _S.REFUSED}),
    _S.SENDING: frozenset({_S.SENT, _S.UNKNOWN, _S.FAILED}),
    _S.UNKNOWN: frozenset({_S.PAID, _S.FAILED, _S.RETURNED}),
    _S.SENT: frozenset({_S.PAID, _S.FAILED, _S.RETURNED}),
    _S.PAID: frozenset({_S.REVERSED}),
    _S.CANCELLED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.FAILED: frozenset(),
    _S.RETURNED: frozenset(),
    _S.REVERSED: frozenset(),
}

#: Not over yet: a member has at most one of these.
LIVE = frozenset({_S.REQUESTED, _S.APPROVED, _S.SENDING, _S.UNKNOWN, _S.SENT})


class NotEnough(Refused):
    """More than is available."""

    text = N_("You have {amount} available. Please choose that or less.")


class BelowMinimum(Refused):
    """Less than this way's minimum."""

    text = N_("The smallest withdrawal is {amount}.")


class NotPayable(Refused):
    """A part of a coin can't be paid out."""

    text = N_("A withdrawal can have at most {decimals} digits after the decimal point.")


class FeeTakesAll(Refused):
    """Nothing would be left after the fee."""

    text = N_("After the fee of {amount} nothing would be left. Please choose more.")


class WithdrawalUnderWay(Refused):
    """One live withdrawal a member."""

    text = N_("You already have a withdrawal on its way. You can start the next one when it is done.")


class TooLateToCancel(Refused):
    """An operator has begun to pay it."""

    text = N_("This withdrawal is already being paid, so it can't be cancelled any more.")


class DestinationWaits(Refused):
    """A changed destination waits a day."""

    text = N_("This goes to a new account: it can be paid {hours} hours after it was requested.")


class PayoutsFrozen(Refused):
    """The auditor found a difference, or an operator stopped payouts."""

    text = N_("Payouts are stopped: {reason}. Nothing was sent. Run the ledger check, put it right, then resume.")


class NotAPayPalAddress(InvalidInput):
    """Not an e-mail address."""

    text = N_("That is not an e-mail address I can use. Please type the one of your PayPal account.")


class NotAJazzCashNumber(InvalidInput):
    """Not a mobile number in Pakistan."""

    text = N_("That is not a mobile number in Pakistan. Please type your JazzCash number, for example 0300 1234567")


class NotYourContact(InvalidInput):
    """A contact that is not the sender's own."""

    text = N_("That is somebody else's contact. Money goes only to your own number: please share or type yours.")


class TooManyClaims(Refused):
    """Enough deposits wait for an operator."""

    text = N_("You already have {count} deposits waiting to be confirmed. Please wait for those first.")


class NotAReference(InvalidInput):
    """Not a payment reference."""

    text = N_("Please type the reference of your payment: 3 to 64 letters and digits, as your bank shows it.")


class ReferenceUsed(Refused):
    """A payment counts once."""

    text = N_("This reference was used before. Each payment has its own.")


@dataclass(frozen=True, slots=True)
class Deposit:
    """One payment that a member says they made."""

    id: int
    member_id: int
    amount: int
    reference: str
    status: DepositStatus
    version: int
    claimed_at: datetime
    decided_at: datetime | None = None
    entry_id: int | None = None

    def move(self, status: DepositStatus, *, version: int) -> "Deposit":
        """Give the deposit decided.

        Raises:
            Stale: it was decided before, or changed since it was shown.
        """
        if self.version != version or self.status is not DepositStatus.CLAIMED:
            raise Stale
        assert status is not DepositStatus.CLAIMED
        return replace(self, status=status, version=version + 1)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """One request to be paid out. `payable_at` is when it may be approved.

    For the operator: `first` is the member's first one, `shared` a destination that other members use too.
    """

    id: int
    member_id: int
    way: Way
    masked: str
    amount: int
    fee: int
    net: int
    status: WithdrawalStatus
    version: int
    requested_at: datetime
    payable_at: datetime
    reference: str | None = None
    closed_at: datetime | None = None
    first: bool = False
    shared: bool = False

    @property
    def live(self) -> bool:
        """Whether it is not over yet."""
        return self.status in LIVE

    def move(self, status: WithdrawalStatus, *, version: int) -> "Withdrawal":
        """Give the withdrawal one step on.

        Raises:
            Stale: it changed since it was shown, or that step is not there.
        """
        if self.version != version or status not in MOVES[self.status]:
            raise Stale
        return replace(self, status=status, version=version + 1)

    def cancel(self, *, version: int) -> "Withdrawal":
        """Give the withdrawal cancelled by its member.

        Raises:
            TooLateToCancel: an operator has begun to pay it.
            Stale: it is over, or changed since it was shown.
        """
        if self.live and self.status is not WithdrawalStatus.REQUESTED:
            raise TooLateToCancel
        return self.move(WithdrawalStatus.CANCELLED, version=version)

    def approve(self, *, version: int, now: datetime) -> "Withdrawal":
        """Give the withdrawal approved: the member can't cancel it any more, it is about to be paid.

        Raises:
            DestinationWaits: its destination is new and the wait is not over.
            Stale: it changed since it was shown.
        """
        if now < self.payable_at:
            raise DestinationWaits(hours=NEW_DESTINATION_WAIT // timedelta(hours=1))
        return self.move(WithdrawalStatus.APPROVED, version=version)


@dataclass(frozen=True, slots=True)
class Quote:
    """What a withdrawal would cost and bring, shown before it is confirmed."""

    way: Way
    amount: int
    fee: int
    net: int


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a withdrawal goes: the canonical form to pay to, and one that may be shown."""

    way: Way
    canonical: str
    masked: str


def quote(house: House, *, way: Way, amount: int, available: int) -> Quote:
    """Say what a withdrawal of this amount costs and brings.

    Raises:
        NotPayable, BelowMinimum, NotEnough, FeeTakesAll: it can't be done, and why.
    """
    coin = smallest_payable(house.currency)
    if amount % coin:
        raise NotPayable(decimals=currency_decimals(house.currency))
    if amount < house.withdrawal_minimum:
        raise BelowMinimum(amount=house.withdrawal_minimum)
    if amount > available:
        raise NotEnough(amount=withdrawable(house, available))
    fee = -(-fee_of(amount, house.withdrawal_fee_bp.get(way, 0)) // coin) * coin  # up to a whole coin
    if fee >= amount:
        raise FeeTakesAll(amount=fee)
    return Quote(way, amount, fee, amount - fee)


def withdrawable(house: House, available: int) -> int:
    """Give the most that can be withdrawn: what is available, down to a whole coin."""
    return available - available % smallest_payable(house.currency)


def parse_destination(way: Way, text: str) -> Destination:
    """Read where a withdrawal goes: an e-mail address for PayPal, a mobile number in Pakistan for JazzCash.

    Raises:
        NotAPayPalAddress, NotAJazzCashNumber: it can't be one.
    """
    if way is Way.PAYPAL:
        return _paypal(text)
    return _jazzcash(text)


def own_number(phone_number: str, *, contact_user_id: int | None, sender_id: int) -> str:
    """Give the number of a shared contact, as Telegram knows it, in international form.

    Raises:
        NotYourContact: it is another person's, or was typed into a card by hand.
    """
    if contact_user_id != sender_id:
        raise NotYourContact
    return phone_number if phone_number.startswith("+") else f"+{phone_number}"


def parse_reference(text: str) -> str:
    """Read a payment reference: upper case, without spaces, so that one payment has one spelling.

    Raises:
        NotAReference: it can't be one.
    """
    reference = "".join(text.split()).upper() if len(text) <= 2 * MAX_REFERENCE else ""
    if len(reference) > MAX_REFERENCE or not _REFERENCE.fullmatch(reference):
        raise NotAReference
    return reference


def _paypal(text: str) -> Destination:
    if len(text) > MAX_DESTINATION:
        raise NotAPayPalAddress
    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise NotAPayPalAddress from error
    address = (found.ascii_email or found.normalized).lower()  # PayPal makes no difference between cases
    name, _, domain = address.rpartition("@")
    return Destination(Way.PAYPAL, address, f"{name[0]}{_DOTS}@{domain}")


def _jazzcash(text: str) -> Destination:
    if len(text) > MAX_DESTINATION:
        raise NotAJazzCashNumber
    try:
        number = phonenumbers.parse(text, "PK")
    except phonenumbers.NumberParseException as error:
        raise NotAJazzCashNumber from error
    mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    if number.country_code != 92 or number.extension or not mobile or not phonenumbers.is_valid_number(number):
        raise NotAJazzCashNumber
    canonical = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Destination(Way.JAZZCASH, canonical, f"03•• {_DOTS}{canonical[-4:]}")
