"""How an update finds its callback: small constructors, so that a feature's table reads like a list of what people do.

command("jobs", show_categories)      button(ApplyPress, apply)      text(receive_title)
photo(receive_photo)                  menu(WORD_JOBS, show_categories)
"""

from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from telegram import Message, Update
from telegram.ext import Application, BaseHandler, CommandHandler, MessageHandler, filters

from bot.domain.errors import TooSoon
from bot.i18n import in_every_language
from handlers.callbacks import Callback, Unreadable
from handlers.context import Context, current_session

Step = Callable[[Update, Context], Coroutine[Any, Any, Any]]

#: The words of the main menu's keyboard (gettext ids); typed or tapped they are commands, never answers.
MENU_WORDS: tuple[str, ...] = ("🔎 Jobs", "📋 My work", "💰 Balance", "🏠 Home")


class _MenuWord(filters.MessageFilter):
    """A main-menu word in any language."""

    def __init__(self, *words: str) -> None:
        super().__init__()
        self._texts: frozenset[str] = frozenset().union(*(in_every_language(word) for word in words))

    def filter(self, message: Message) -> bool:
        return message.text in self._texts


PRIVATE = filters.ChatType.PRIVATE
FRESH = filters.UpdateType.MESSAGE & PRIVATE
#: Words a person typed as an answer: no command, no menu word.
PLAIN_TEXT = PRIVATE & filters.TEXT & ~filters.COMMAND & ~_MenuWord(*MENU_WORDS)
PICTURE = PRIVATE & (filters.PHOTO | filters.Document.IMAGE)


class ButtonHandler(BaseHandler[Update, Context, Any]):
    """Routes a tap by the prefix of its data and hands its meaning to the callback as `context.pressed(kind)`."""

    __slots__ = ("kind",)

    def __init__(self, kind: type[Callback], callback: Step) -> None:
        super().__init__(callback)
        self.kind = kind

    def check_update(self, update: object) -> Callback | None:
        """Give the press when the data is of this kind."""
        if not isinstance(update, Update) or update.callback_query is None or not update.callback_query.data:
            return None
        data = update.callback_query.data
        if not data.startswith(self.kind.prefix):  # most of the table: said without an exception
            return None
        try:
            return self.kind.unpack(data)
        except Unreadable:
            return None

    async def handle_update(
        self,
        update: Update,
        application: Application[Any, Any, Any, Any, Any, Any],
        check_result: Any,
        context: Context,
    ) -> Any:
        """Remember the press in the session, then run the callback.

        Raises:
            TooSoon: the button stood there too shortly for this press to be meant for it.
        """
        session = current_session.get()
        assert session is not None, "callbacks run inside a unit"
        assert update.callback_query is not None and update.callback_query.data is not None  # noqa: PT018 - one fact
        if self.kind.comes_too_soon(update.callback_query.data, now=session.uow.now):
            raise TooSoon(self.kind.careful)
        session.press = check_result
        return await self.callback(update, context)


class ButtonTable(BaseHandler[Update, Context, Any]):
    """All buttons outside conversations: the prefix of the data leads straight to its handler."""

    __slots__ = ("_by_prefix",)

    def __init__(self, buttons: Iterable[ButtonHandler]) -> None:
        super().__init__(self.handle_nothing)
        self._by_prefix: dict[str, ButtonHandler] = {}
        for handler in buttons:
            self._by_prefix.setdefault(handler.kind.prefix, handler)  # the first of a kind, as in a list

    def check_update(self, update: object) -> tuple[ButtonHandler, Callback] | None:
        """Give the handler of this kind of data, and the press."""
        if not isinstance(update, Update) or update.callback_query is None or not update.callback_query.data:
            return None
        handler = self._by_prefix.get(update.callback_query.data.partition(":")[0])
        press = handler.check_update(update) if handler is not None else None
        return None if handler is None or press is None else (handler, press)

    async def handle_update(
        self,
        update: Update,
        application: Application[Any, Any, Any, Any, Any, Any],
        check_result: Any,
        context: Context,
    ) -> Any:
        """Run the handler that was found."""
        handler, press = check_result
        return await handler.handle_update(update, application, press, context)

    async def handle_nothing(self, update: Update, context: Context) -> None:
        """Stand where the framework wants a callback; each button has its own."""


def command(name: str, callback: Step) -> BaseHandler[Update, Context, Any]:
    """Route /name in a private chat."""
    return CommandHandler(name, callback, filters=FRESH)


def button(kind: type[Callback], callback: Step) -> ButtonHandler:
    """Route a tap whose data was packed by `kind`."""
    return ButtonHandler(kind, callback)


def text(callback: Step) -> BaseHandler[Update, Context, Any]:
    """Route words typed as an answer (also an edited answer)."""
    return MessageHandler(PLAIN_TEXT, callback)


def photo(callback: Step) -> BaseHandler[Update, Context, Any]:
    """Route a photo, or a picture sent as a file."""
    return MessageHandler(PICTURE & FRESH, callback)


def contact(callback: Step) -> BaseHandler[Update, Context, Any]:
    """Route a shared contact; whose it is, the callback checks."""
    return MessageHandler(FRESH & filters.CONTACT, callback)


def menu(word: str, callback: Step) -> BaseHandler[Update, Context, Any]:
    """Route a word of the main menu, in any language."""
    assert word in MENU_WORDS, "a word of the menu"
    return MessageHandler(FRESH & _MenuWord(word), callback)


def anything(callback: Step) -> BaseHandler[Update, Context, Any]:
    """Route every new private message that is no command and no menu word."""
    return MessageHandler(FRESH & ~filters.COMMAND & ~_MenuWord(*MENU_WORDS), callback)
