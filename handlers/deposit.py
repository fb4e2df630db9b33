"""/deposit: the conversation in which somebody who publishes jobs says what they paid in.

AMOUNT ──► REFERENCE (where to pay, then the payment's reference) ──► claimed, waits for an operator
"""

from enum import StrEnum

from pydantic import BaseModel
from telegram import Update

from bot.domain.errors import NotAllowed
from bot.domain.money import MAX_AMOUNT, currency_decimals, parse_amount
from bot.services import balance, deposit
from handlers.context import Context
from handlers.conversation import END, Conversation, back_row
from handlers.routes import button, command, text
from handlers.views import wallet as views
from handlers.views.card import Card

NAME = "deposit"


class State(StrEnum):
    """The steps of claiming a deposit."""

    RESUME = "resume"
    AMOUNT = "amount"
    REFERENCE = "reference"


class Draft(BaseModel):
    """What was answered so far; units."""

    amount: int | None = None


async def start(update: Update, context: Context) -> State:
    """Begin with the amount, or offer the one typed before."""
    _expect_active(context)
    parked = await context.parked_draft(NAME, Draft)
    if parked is not None and parked.amount is not None:
        context.store(parked)
        return State.RESUME
    return await start_again(update, context)


async def start_with_amount(update: Update, context: Context) -> State:
    """Begin with the amount of the button, or ask for it when it names none."""
    amount = context.pressed(views.DepositPress).amount
    if not 0 < amount <= MAX_AMOUNT:
        return await start(update, context)
    _expect_active(context)
    context.store(Draft(amount=amount))
    return State.REFERENCE


async def go_on(update: Update, context: Context) -> State:
    """Go to the first step that has no answer."""
    return State.AMOUNT if context.load(Draft).amount is None else State.REFERENCE


async def start_again(update: Update, context: Context) -> State:
    """Forget the draft and ask for the amount."""
    context.store(Draft())
    return State.AMOUNT


async def receive_amount(update: Update, context: Context) -> State:
    """Store the typed amount and ask for the reference."""
    assert update.effective_message is not None
    house = context.house
    typed = update.effective_message.text or ""
    amount = parse_amount(typed, currency=house.currency, decimals=currency_decimals(house.currency))
    context.store(Draft(amount=amount))
    return State.REFERENCE


async def receive_reference(update: Update, context: Context) -> object:
    """Claim the deposit under the typed reference."""
    assert update.effective_message is not None
    amount = context.load(Draft).amount
    assert amount is not None
    context.on_refusal(_ask_again)
    claimed = await deposit.claim_deposit(
        context.uow, member_id=context.member.id, amount=amount, reference=update.effective_message.text or ""
    )
    context.show(views.claimed_card(context.t, claimed))
    return END


async def _ask_again(context: Context) -> None:
    await DEPOSIT.show_prompt(context)


async def _prompt(context: Context, state: State) -> Card:
    draft, t = context.load(Draft), context.t
    match state:
        case State.RESUME:
            return views.resume_prompt(t, views.ContinueDeposit(), views.NewDeposit(), back_row(context, back=False))
        case State.AMOUNT:
            claims = await balance.list_claims(context.uow, member_id=context.member.id)
            return views.deposit_amount_prompt(t, claims, back_row(context, back=False))
        case State.REFERENCE:
            assert draft.amount is not None
            return views.deposit_reference_prompt(
                t, amount=draft.amount, instructions=context.house.deposit_instructions, back=back_row(context)
            )


async def _leave(update: Update, context: Context) -> None:
    sheet = await balance.get_balance(context.uow, member_id=context.member.id, house=context.house)
    context.show(views.balance_card(context.t, sheet))


def _expect_active(context: Context) -> None:
    if context.member.status != "active":
        raise NotAllowed


DEPOSIT = Conversation(
    name=NAME,
    entry_points=[command("deposit", start), button(views.DepositPress, start_with_amount)],
    states={
        State.RESUME: [button(views.ContinueDeposit, go_on), button(views.NewDeposit, start_again)],
        State.AMOUNT: [text(receive_amount)],
        State.REFERENCE: [text(receive_reference)],
    },
    prompt=_prompt,
    back={State.REFERENCE: State.AMOUNT},
    leave=_leave,
)
