"""/withdraw: the conversation that asks for a withdrawal.

    WAY ──PayPal──► DESTINATION ──e-mail──────────────► AMOUNT ──► CONFIRM ──► requested
     └──JazzCash──► DESTINATION ──number or contact──►    ▲
                        └─► SHARE (the keyboard that shares one's own number) ─┘

Who has a withdrawal under way sees that one instead, and who has too little what is missing. The destination is
kept encrypted in the draft too; the unit that asks for the withdrawal checks everything again.
"""

import zlib
from enum import StrEnum

from pydantic import BaseModel
from telegram import Update

from bot.domain.balance import BalanceSheet
from bot.domain.money import currency_decimals, parse_amount
from bot.domain.wallet import Quote, Way, own_number, parse_destination
from bot.services import balance, wallet
from handlers.context import Context
from handlers.conversation import END, Back, Conversation, back_row
from handlers.reply import new_message
from handlers.routes import button, command, contact, text
from handlers.views import wallet as views
from handlers.views.card import Card

NAME = "withdraw"


class State(StrEnum):
    """The steps of asking for a withdrawal."""

    RESUME = "resume"
    WAY = "way"
    DESTINATION = "destination"
    SHARE = "share"
    AMOUNT = "amount"
    CONFIRM = "confirm"


class Draft(BaseModel):
    """What was answered so far. `destination` is encrypted; amounts in units, as they were shown."""

    way: Way | None = None
    destination: str | None = None
    masked: str = ""
    amount: int | None = None
    fee: int = 0
    sharing: bool = False

    def quote(self) -> Quote:
        """Give what the member was shown."""
        assert self.way is not None and self.amount is not None  # noqa: PT018 - one step has passed
        return Quote(self.way, self.amount, self.fee, self.amount - self.fee)

    def mark(self) -> int:
        """Give a number that stands for exactly this request."""
        return zlib.crc32(f"{self.way}:{self.destination}:{self.amount}:{self.fee}".encode())


async def start(update: Update, context: Context) -> object:
    """Begin, offer what was typed before, or show why there is nothing to begin."""
    sheet = await _sheet(context)
    if sheet.withdrawal is not None:
        context.show(views.withdrawal_card(context.t, sheet.withdrawal))
        return _not_begun(context)
    if sheet.withdrawable < context.house.withdrawal_minimum:
        context.show(views.too_little_card(context.t, sheet, minimum=context.house.withdrawal_minimum))
        return _not_begun(context)
    parked = await context.parked_draft(NAME, Draft)
    if parked is not None and parked.way is not None:
        parked.sharing = False
        context.store(parked)
        return State.RESUME
    context.store(Draft())
    return State.WAY


async def go_on(update: Update, context: Context) -> State:
    """Go to the first step that has no answer, or whose answer no longer fits."""
    draft, sheet = context.load(Draft), await _sheet(context)
    if draft.way is None:
        return State.WAY
    if draft.destination is None:
        return State.DESTINATION
    if draft.amount is None or not context.house.withdrawal_minimum <= draft.amount <= sheet.withdrawable:
        return State.AMOUNT
    return State.CONFIRM


async def start_again(update: Update, context: Context) -> State:
    """Forget the draft and ask for the way."""
    _put_menu_back(context, context.load(Draft))
    context.store(Draft())
    return State.WAY


async def choose_way(update: Update, context: Context) -> State | None:
    """Store the way and ask where the money goes; another way needs another destination."""
    draft, chosen = context.load(Draft), context.pressed(views.ChooseWay).way
    if chosen not in {way.value for way in Way}:
        return None
    if draft.way != Way(chosen):
        draft = Draft(way=Way(chosen), amount=draft.amount, fee=draft.fee, sharing=draft.sharing)
    context.store(draft)
    return State.DESTINATION


async def share_number(update: Update, context: Context) -> State | None:
    """Put the button that shares one's own number under the text field."""
    draft = context.load(Draft)
    if draft.way is not Way.JAZZCASH:
        return None
    draft.sharing = True
    context.store(draft)
    return State.SHARE


async def leave_sharing(update: Update, context: Context) -> State:
    """Take the sharing button away again."""
    draft = context.load(Draft)
    _put_menu_back(context, draft)
    context.store(draft)
    return State.DESTINATION


async def receive_destination(update: Update, context: Context) -> State:
    """Store the typed address or number and ask for the amount."""
    assert update.effective_message is not None
    return await _take_destination(context, update.effective_message.text or "")


async def receive_contact(update: Update, context: Context) -> State:
    """Store the number of the sender's own contact and ask for the amount; nobody else's counts."""
    assert update.effective_user is not None
    shared = update.message.contact if update.message else None
    assert shared is not None
    number = own_number(shared.phone_number, contact_user_id=shared.user_id, sender_id=update.effective_user.id)
    return await _take_destination(context, number)


async def receive_amount(update: Update, context: Context) -> State:
    """Store the typed amount and show what it costs and brings."""
    assert update.effective_message is not None
    house = context.house
    amount = parse_amount(
        update.effective_message.text or "", currency=house.currency, decimals=currency_decimals(house.currency)
    )
    return await _take_amount(context, amount)


async def choose_amount(update: Update, context: Context) -> State:
    """Store the tapped amount and show what it costs and brings."""
    return await _take_amount(context, context.pressed(views.ChooseAmount).amount)


async def confirm(update: Update, context: Context) -> object:
    """Ask for the withdrawal exactly as it was shown."""
    draft = context.load(Draft)
    if context.pressed(views.ConfirmWithdrawal).mark != draft.mark():
        context.toast(context.t.plain("That button is from an earlier step."))
        return None
    assert draft.destination is not None
    context.on_refusal(_ask_again)
    shown = draft.quote()
    now = await wallet.quote_withdrawal(
        context.uow, member_id=context.member.id, way=shown.way, amount=shown.amount, house=context.house
    )
    if now != shown:
        draft.fee = now.fee
        context.store(draft)
        context.toast(context.t.plain("The fee has changed. Please look again."), alert=True)
        return None
    asked = await wallet.request_withdrawal(
        context.uow,
        member_id=context.member.id,
        way=shown.way,
        destination=context.vault.decrypt(draft.destination),
        amount=shown.amount,
        house=context.house,
        vault=context.vault,
    )
    context.toast(context.t.plain("Requested: W-{id}", id=asked.id))
    context.show(views.withdrawal_card(context.t, asked))
    return END


async def confirm_again(update: Update, context: Context) -> None:
    """Say what became of a request whose button is tapped once more."""
    sheet = await _sheet(context)
    if sheet.withdrawal is None:
        context.toast(context.t.plain("That button is from an earlier step."))
        context.show(views.balance_card(context.t, sheet))
        return
    context.toast(context.t.plain("Already requested: W-{id}", id=sheet.withdrawal.id))
    context.show(views.withdrawal_card(context.t, sheet.withdrawal))


# -- what they share -----------------------------------------------------------------------------------------------


async def _take_destination(context: Context, typed: str) -> State:
    draft = context.load(Draft)
    assert draft.way is not None
    target = parse_destination(draft.way, typed)
    _put_menu_back(context, draft)
    draft.destination, draft.masked = context.vault.encrypt(target.canonical), target.masked
    context.store(draft)
    return State.AMOUNT


async def _take_amount(context: Context, amount: int) -> State:
    draft = context.load(Draft)
    assert draft.way is not None
    context.on_refusal(_ask_again)
    found = await wallet.quote_withdrawal(
        context.uow, member_id=context.member.id, way=draft.way, amount=amount, house=context.house
    )
    draft.amount, draft.fee = found.amount, found.fee
    context.store(draft)
    return State.CONFIRM


async def _ask_again(context: Context) -> None:
    """After a refusal: the withdrawal that is under way by now, or the open step once more."""
    sheet = await _sheet(context)
    if sheet.withdrawal is not None:
        context.session.dialog = None
        context.show(views.withdrawal_card(context.t, sheet.withdrawal))
    elif context.session.dialog is not None and context.session.dialog.conversation == NAME:
        await WITHDRAW.show_prompt(context)
    else:
        context.show(views.balance_card(context.t, sheet))


async def _prompt(context: Context, state: State) -> Card:
    draft, t = context.load(Draft), context.t
    match state:
        case State.RESUME:
            return views.resume_prompt(
                t, views.ContinueWithdrawal(), views.NewWithdrawal(), back_row(context, back=False)
            )
        case State.WAY:
            return views.way_prompt(
                t, available=(await _sheet(context)).withdrawable, back=back_row(context, back=False)
            )
        case State.DESTINATION:
            assert draft.way is not None
            return views.destination_prompt(t, draft.way, back_row(context))
        case State.SHARE:
            return views.share_prompt(t)
        case State.AMOUNT:
            assert draft.way is not None
            return views.amount_prompt(
                t,
                way=draft.way,
                masked=draft.masked,
                withdrawable=(await _sheet(context)).withdrawable,
                minimum=context.house.withdrawal_minimum,
                back=back_row(context),
            )
        case State.CONFIRM:
            return views.confirm_prompt(
                t,
                draft.quote(),
                masked=draft.masked,
                mark=draft.mark(),
                waits=await _waits(context, draft),
                back=back_row(context),
            )


async def _waits(context: Context, draft: Draft) -> bool:
    assert draft.way is not None and draft.destination is not None  # noqa: PT018 - one step has passed
    return await balance.is_new_destination(
        context.uow,
        member_id=context.member.id,
        way=draft.way,
        canonical=context.vault.decrypt(draft.destination),
        vault=context.vault,
    )


async def _leave(update: Update, context: Context) -> None:
    _put_menu_back(context, context.load(Draft))
    context.show(views.balance_card(context.t, await _sheet(context)))


def _put_menu_back(context: Context, draft: Draft) -> None:
    """Send the main menu's keyboard in place of the one that shares a number, if that was shown."""
    if not draft.sharing:
        return
    draft.sharing = False
    context.session.calls.append(new_message(context.member.telegram_user_id, views.menu_card(context.t)))


def _not_begun(context: Context) -> object:
    """End this conversation if it is the open one, and leave any other alone."""
    dialog = context.session.dialog
    return END if dialog is not None and dialog.conversation == NAME else None


async def _sheet(context: Context) -> BalanceSheet:
    return await balance.get_balance(context.uow, member_id=context.member.id, house=context.house)


WITHDRAW = Conversation(
    name=NAME,
    entry_points=[command("withdraw", start), button(views.WithdrawPress, start)],
    states={
        State.RESUME: [button(views.ContinueWithdrawal, go_on), button(views.NewWithdrawal, start_again)],
        State.WAY: [button(views.ChooseWay, choose_way)],
        State.DESTINATION: [
            button(views.ShareNumber, share_number),
            contact(receive_contact),
            text(receive_destination),
        ],
        State.SHARE: [button(Back, leave_sharing), contact(receive_contact), text(receive_destination)],
        State.AMOUNT: [button(views.ChooseAmount, choose_amount), text(receive_amount)],
        State.CONFIRM: [button(views.ConfirmWithdrawal, confirm)],
    },
    prompt=_prompt,
    back={State.DESTINATION: State.WAY, State.AMOUNT: State.DESTINATION, State.CONFIRM: State.AMOUNT},
    leave=_leave,
)
