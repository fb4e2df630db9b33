"""Conversations whose state and draft live in the database, in the unit of the update itself.

    command / button ──entry──► State.A ──text──► State.B ──tap──► END
                                   ▲ │ sticker, wrong words: say what is expected, stay
                                   └─┘ Back, /cancel, a time-out, another screen: the draft is parked for a week

A feature writes one literal table. A callback stores its answer and returns the next state (None stays, END ends);
unless it showed a card itself, the table's `prompt` draws the card of the state it returned. `InvalidInput` is told
above the same prompt. An edited message that answered an earlier step replaces that answer; the step stays.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from markupsafe import Markup
from telegram import Update
from telegram.ext import Application, BaseHandler, ConversationHandler

from bot.domain.dialog import Dialog
from bot.domain.errors import InvalidInput
from handlers.callbacks import Callback
from handlers.context import Context, current_session
from handlers.reply import new_message
from handlers.routes import FRESH, MENU_WORDS, ButtonHandler, _MenuWord, command
from handlers.views.card import Button, Card, above
from storage import dialogs

END = ConversationHandler.END
ANSWERS_KEPT = 30
Handler = BaseHandler[Update, Context, Any]
Prompt = Callable[[Context, Any], Awaitable[Card]]


class Back(Callback, prefix="nav.back"):
    """One step back in the open conversation."""


class Cancel(Callback, prefix="nav.cancel"):
    """Leave the open conversation; its draft is parked."""


def back_row(context: Context, *, back: bool = True) -> tuple[Button, ...]:
    """Give the row of buttons every prompt ends with."""
    buttons = [Button(context.t.plain("‹ Back"), Back())] if back else []
    return (*buttons, Button(context.t.plain("Cancel"), Cancel()))


def keep_editable(update: Update, context: Context) -> None:
    """Let a later edit of this message come back to the open step, though it took the message and stays open."""
    dialog = context.session.dialog
    if update.message is not None and dialog is not None:
        dialog.answered[str(update.message.message_id)] = dialog.state


class Conversation(ConversationHandler[Context]):
    """A ConversationHandler that keeps nothing in memory; only the two public methods are overridden."""

    def __init__(
        self,
        *,
        name: str,
        entry_points: Sequence[Handler],
        states: Mapping[StrEnum, Sequence[Handler]],
        prompt: Prompt,
        back: Mapping[StrEnum, StrEnum] | None = None,
        leave: Callable[[Update, Context], Awaitable[None]],
        time_limit: timedelta = timedelta(hours=24),
    ) -> None:
        """Make the table of a flow.

        `prompt(context, state)` draws the card of a state; `back` maps a state to the one before it; `leave` shows
        what follows a cancel. After `time_limit` without an answer the draft is parked.
        """
        super().__init__(
            entry_points=[*entry_points],
            states={state: [*handlers] for state, handlers in states.items()},
            fallbacks=[
                command("cancel", self._cancel),
                ButtonHandler(Cancel, self._cancel),
                ButtonHandler(Back, self._back),
            ],
            name=name,
        )
        self._prompt = prompt
        self._back_of = dict(back or {})
        self._leave = leave
        self._time_limit = time_limit
        self._steps = tuple(states)
        self._buttons = tuple(
            {h.kind for row in states.values() for h in row if isinstance(h, ButtonHandler)} | {Cancel, Back}
        )

    def check_update(self, update: object) -> Any:
        """Say which handler takes the update, by the state stored in the database."""
        session = current_session.get()
        if session is None or not isinstance(update, Update):
            return None
        dialog = session.dialog
        if dialog is None or dialog.conversation != self.name or dialog.state not in self._steps:
            return None if update.edited_message else self._first(None, self.entry_points, update)
        if update.edited_message:
            state = dialog.answered.get(str(update.edited_message.message_id))
            return self._first(state, self.states.get(state, []), update) if state else None
        found = self._first(dialog.state, self.states[dialog.state], update)
        return (
            found
            or self._first(dialog.state, self.entry_points, update)
            or self._first(dialog.state, self.fallbacks, update)
            or self._misfit(dialog.state, update)
        )

    async def handle_update(  # type: ignore[override]  # the framework's own subclass of its base does the same
        self,
        update: Update,
        application: Application[Any, Any, Any, Any, Any, Any],
        check_result: tuple[str | None, Handler, object],
        context: Context,
    ) -> None:
        """Run the chosen callback and keep what it leaves: state, draft, and which message answered which step."""
        answered_state, handler, check = check_result
        session = context.session
        before = session.dialog
        mine = before if before is not None and before.conversation == self.name else None
        session.draft = dict(mine.draft) if mine else {}
        try:
            state = await handler.handle_update(update, application, check, context)
        except InvalidInput as refusal:
            assert mine is not None, "an entry point reads no input"
            await self._ask_again(context, mine, context.t(refusal.text, **shown_fields(context, refusal.params)))
            return
        if state == END:
            if mine is not None:
                session.dialog = None
            return
        if update.edited_message and mine is not None:
            state, session.card = mine.state, None  # the answer changed, the step did not
        declined = state is None and session.card is not None and handler in self.entry_points
        if state is None and (mine is None or declined):
            return  # what was shown instead is another screen: the frame parks what is open
        session.at_step = True
        next_state = str(state if state is not None else mine.state if mine else "")
        if mine is None and before is not None:
            await dialogs.save_dialog(session.uow.tx, session.member.id, before.parked(now=session.uow.now))
        answered = dict(mine.answered) if mine else {}
        if update.message and answered_state and state is not None and next_state != answered_state:
            answered[str(update.message.message_id)] = answered_state
        session.dialog = Dialog(
            conversation=str(self.name),
            state=next_state,
            expires_at=session.uow.now + self._time_limit,
            draft=session.draft,
            answered=dict(list(answered.items())[-ANSWERS_KEPT:]),
        )
        if session.card is None:
            context.show(await self._prompt(context, self._state(next_state)))

    async def show_prompt(self, context: Context) -> None:
        """Show the card of the step that is open in this conversation."""
        dialog = context.session.dialog
        assert dialog is not None and dialog.conversation == self.name  # noqa: PT018 - one fact
        context.stay()
        context.session.draft = dict(dialog.draft)
        context.show(await self._prompt(context, self._state(dialog.state)))

    def _state(self, value: str) -> StrEnum:
        return next(step for step in self._steps if step == value)

    def _first(self, state: str | None, handlers: Sequence[Any], update: Update) -> Any:
        for handler in handlers:
            check = handler.check_update(update)
            if check is not None and check is not False:
                return state, handler, check
        return None

    def _misfit(self, state: str, update: Update) -> Any:
        """Take what no step expects: other kinds of messages, and taps on an earlier step's buttons."""
        if update.message:
            wanted = (FRESH & ~_MenuWord(*MENU_WORDS)).check_update(update)
            is_command = bool(update.message.text and update.message.text.startswith("/"))
            return (state, _Misfit(self._unexpected), True) if wanted and not is_command else None
        if update.callback_query and any(
            ButtonHandler(kind, self._old_button).check_update(update) for kind in self._buttons
        ):
            return state, _Misfit(self._old_button), True
        return None

    async def _ask_again(self, context: Context, mine: Dialog, reason: Markup) -> None:
        session = context.session
        session.card = None
        session.draft = dict(mine.draft)
        session.dialog = replace(mine, expires_at=session.uow.now + self._time_limit)
        card = await self._prompt(context, self._state(mine.state))
        together = above(card, reason)
        if together is None:
            session.calls.append(new_message(session.member.telegram_user_id, Card(reason)))
        context.show(together or card)

    async def _unexpected(self, update: Update, context: Context) -> None:
        dialog = context.session.dialog
        assert dialog is not None
        await self._ask_again(context, dialog, context.t("That is not what I need here. Nothing you entered is lost."))

    async def _old_button(self, update: Update, context: Context) -> None:
        context.toast(context.t.plain("That button is from an earlier step."))
        await self.show_prompt(context)

    async def _cancel(self, update: Update, context: Context) -> object:
        session = context.session
        assert session.dialog is not None
        await self._leave(update, context)
        if update.message and session.toast is None:
            context.toast(context.t.plain("Stopped."))
        await dialogs.save_dialog(session.uow.tx, session.member.id, session.dialog.parked(now=session.uow.now))
        session.parked = True
        return END

    async def _back(self, update: Update, context: Context) -> object:
        dialog = context.session.dialog
        assert dialog is not None
        return self._back_of.get(self._state(dialog.state))


class _Misfit(BaseHandler[Update, Context, Any]):
    """Runs a method of the conversation for an update no step wanted."""

    def check_update(self, update: object) -> bool:
        return True


def shown_fields(context: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Write the fields of a refusal for its reader: amounts as money, times and lengths of time in words."""
    shown: dict[str, Any] = {}
    for name, value in params.items():
        if name.endswith("amount") and isinstance(value, int):
            shown[name] = context.t.money(value)
        elif isinstance(value, timedelta):
            shown[name] = context.t.duration(value)
        elif hasattr(value, "tzinfo"):
            shown[name] = context.t.when(value)
        elif name == "reason":  # a stored one, kept in English as the catalogues know it
            shown[name] = context.t.plain(value)
        else:
            shown[name] = value
    return shown
