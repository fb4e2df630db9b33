"""What a callback may use: its unit, its member, the reader's words, and the one reply it gives.

A session lives as long as its unit of work. Callbacks say what to show; nothing is sent here: the frame stores the
reply with the unit and sends it after the commit.
"""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel
from telegram.ext import Application, CallbackContext, ContextTypes, ExtBot

from bot.domain.dialog import Dialog
from bot.domain.house import House
from bot.domain.member import Member
from bot.i18n import Translator
from handlers.callbacks import Callback
from handlers.views.card import Card
from storage import dialogs
from storage.unit import UnitOfWork
from storage.vault import Vault

DraftT = TypeVar("DraftT", bound=BaseModel)
PressT = TypeVar("PressT", bound=Callback)
Refresh = Callable[["Context"], Awaitable[None]]


@dataclass(slots=True)
class Session:
    """One unit as the handlers see it. The frame makes it and reads the reply from it."""

    uow: UnitOfWork
    member: Member
    t: Translator
    dialog: Dialog | None = None
    draft: dict[str, Any] = field(default_factory=dict)
    card: Card | None = None
    as_new: bool = False
    settled: bool = False
    toast: str | None = None
    alert: bool = False
    refused: bool = False
    handled: bool = False
    refresh: Refresh | None = None
    press: Callback | None = None
    calls: list[dict[str, Any]] = field(default_factory=list)
    put_off: str | None = None
    parked: bool = False
    topic: str | None = None
    beside: int | None = None
    dialog_before: Dialog | None = None
    at_step: bool = False

    def __post_init__(self) -> None:
        """Remember the dialog that was open as the unit began."""
        self.dialog_before = self.dialog

    @property
    def left(self) -> Dialog | None:
        """Give the conversation that was open and stands behind another screen now, or None."""
        elsewhere = self.card is not None and not self.at_step
        return self.dialog if elsewhere and self.dialog is self.dialog_before else None


current_session: ContextVar[Session | None] = ContextVar("current_session", default=None)


class Context(CallbackContext[ExtBot[None], dict[str, Any], dict[str, Any], dict[str, Any]]):
    """The `context` of every callback."""

    @property
    def session(self) -> Session:
        """Give the session of the update being handled."""
        session = current_session.get()
        assert session is not None, "callbacks run inside a unit"
        return session

    @property
    def uow(self) -> UnitOfWork:
        """Give the unit of work to pass to services."""
        return self.session.uow

    @property
    def now(self) -> datetime:
        """Give the time of this unit."""
        return self.session.uow.now

    @property
    def member(self) -> Member:
        """Give who is acting."""
        return self.session.member

    @property
    def t(self) -> Translator:
        """Give the reader's words."""
        return self.session.t

    @property
    def house(self) -> House:
        """Give the rules of this installation."""
        house = self.bot_data["house"]
        assert isinstance(house, House)
        return house

    @property
    def vault(self) -> Vault:
        """Give the keeper of secrets at rest."""
        vault = self.bot_data["vault"]
        assert isinstance(vault, Vault)
        return vault

    def pressed(self, kind: type[PressT]) -> PressT:
        """Give what the pressed button means."""
        press = self.session.press
        assert isinstance(press, kind), f"not a {kind.__name__}"
        return press

    def show(self, card: Card, *, new: bool = False, settled: bool = False) -> None:
        """Show a card: in place of the one that was pressed, else (or when `new`) as a new message. Once a unit.

        `settled`: it is about the same as before, so a careful button may be pressed at once.
        """
        assert self.session.card is None, "one card a unit"
        self.session.settled = settled
        self.session.card = card
        self.session.as_new = new
        self.session.handled = True

    def toast(self, text: str, *, alert: bool = False) -> None:
        """Answer a tap with a short line (200 characters), as a window to close when `alert`. Once a unit."""
        assert self.session.toast is None, "one toast a unit"
        self.session.toast = text if len(text) <= 200 else text[:199] + "…"
        self.session.alert = alert
        self.session.handled = True

    def silent(self) -> None:
        """Say that this update needs no answer (a tap is still answered, without words)."""
        self.session.handled = True

    def stay(self) -> None:
        """Say that what is shown is only a remark: a conversation that is open goes on."""
        self.session.at_step = True

    def on_refusal(self, refresh: Refresh) -> None:
        """Name the coroutine that shows the fresh card if a service refuses; it runs in a fresh unit."""
        self.session.refresh = refresh

    async def parked_draft(self, conversation: str, model: type[DraftT]) -> DraftT | None:
        """Give the draft a member left in a conversation at most a week ago, or None."""
        dialog = await dialogs.find_dialog(self.uow.tx, self.member.id, conversation)
        if dialog is None or not dialog.draft:
            return None
        return model.model_validate(dialog.draft)

    def put_off(self, key: str) -> None:
        """Send this reply a moment later; of several put off under one key only the last is sent (albums)."""
        self.session.put_off = key

    def load(self, model: type[DraftT]) -> DraftT:
        """Read the draft of the open conversation."""
        return model.model_validate(self.session.draft)

    def store(self, draft: BaseModel) -> None:
        """Keep the draft with this unit."""
        self.session.draft = draft.model_dump(mode="json")


def new_application(bot: ExtBot[None], house: House, vault: Vault) -> Application[Any, Context, Any, Any, Any, Any]:
    """Make python-telegram-bot's application with this context and what it reads; none of its queues, no handlers."""
    application = (
        Application.builder()
        .bot(bot)
        .updater(None)
        .job_queue(None)
        .context_types(ContextTypes(context=Context))
        .build()
    )
    application.bot_data["house"] = house
    application.bot_data["vault"] = vault
    return application
