"""What the emulated Telegram knows: people, bots, chats, messages, callbacks; and who is told when it changes.

Plain data and the moves on it. It answers no HTTP and checks no call: `methods` does so for bots, `door` for people.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.emulator.clock import Clock
from bot.emulator.files import Files
from bot.emulator.mischief import Mischief
from bot.emulator.texts import as_html
from bot.emulator.till import Till
from bot.emulator.updates import UpdateQueue

Json = dict[str, Any]

FIRST_PERSON_ID = 700_000_001
FIRST_GROUP_ID = -400_000_001
FIRST_CALLBACK_ID = 4_000_000_000_000_000_001
CALLBACK_LIFE_SECONDS = 150.0
MAX_MESSAGES_KEPT = 5_000
MAX_CALLBACKS = 20_000
TYPING_SECONDS = 5.0
MAX_CALLS_KEPT = 1_000


@dataclass(slots=True)
class Person:
    """Somebody with a phone."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = "en"
    phone: str = ""
    role: str = ""
    stars: int = 0

    def user(self) -> Json:
        """Show the person as the Bot API's `User`."""
        user: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        for name in ("last_name", "username", "language_code"):
            if value := getattr(self, name):
                user[name] = value
        return user

    def chat(self) -> Json:
        """Show the person as the private chat with them."""
        chat: Json = {"id": self.id, "first_name": self.first_name}
        for name in ("last_name", "username"):
            if value := getattr(self, name):
                chat[name] = value
        return {**chat, "type": "private"}

    def view(self) -> Json:
        """Show the person as the door does."""
        return {**{name: getattr(self, name) for name in PERSON_FIELDS}, "stars": self.stars}


PERSON_FIELDS = ("id", "first_name", "last_name", "username", "language_code", "phone", "role")


@dataclass(slots=True)
class Message:
    """A message as the bot sees it (`body`), and what only the page needs.

    `extra` is what the door adds to it, but for names that begin with a line: those are for the emulator itself.
    """

    body: Json
    out: bool
    revision: int = 0
    extra: Json = field(default_factory=dict)

    @property
    def message_id(self) -> int:
        number: int = self.body["message_id"]
        return number

    def view(self) -> Json:
        """Show the message as the door does."""
        part = "text" if "text" in self.body else "caption"
        text: str = self.body.get(part) or ""
        entities: list[Json] = self.body.get("entities" if part == "text" else "caption_entities") or []
        extra = {name: value for name, value in self.extra.items() if name[0] != "_"}
        return {**self.body, **extra, "out": self.out, "revision": self.revision, "html": as_html(text, entities)}


@dataclass(slots=True)
class Chat:
    """A conversation of one bot: with a person, or in a group."""

    bot_id: int
    id: int
    body: Json
    messages: dict[int, Message] = field(default_factory=dict)
    members: list[int] = field(default_factory=list)
    started: bool = False
    blocked: bool = False
    unread: int = 0
    typing_until: float = 0.0
    reply_keyboard: Json | None = None
    menu_button: Json | None = None
    pinned: list[int] = field(default_factory=list)

    @property
    def is_private(self) -> bool:
        return self.id > 0

    def typing(self, now: float) -> bool:
        return now < self.typing_until


@dataclass(slots=True)
class Webhook:
    """Where a bot wants its updates sent."""

    url: str = ""
    secret: str = ""
    max_connections: int = 40
    ip_address: str = ""
    certificate: str = ""
    last_error_at: int = 0
    last_error: str = ""


@dataclass(slots=True)
class Bot:
    """One token's account: its profile, its chats, its queue."""

    id: int
    username: str
    first_name: str
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    commands: dict[str, list[Json]] = field(default_factory=dict)
    menu_button: Json = field(default_factory=lambda: {"type": "commands"})
    next_message_id: int = 1
    next_media_group: int = 13_000_000_000_000_001
    queue: UpdateQueue = field(default_factory=UpdateQueue)
    webhook: Webhook = field(default_factory=Webhook)
    chats: dict[int, Chat] = field(default_factory=dict)

    def user(self) -> Json:
        """Show the bot as the `from` of its messages."""
        return {"id": self.id, "is_bot": True, "first_name": self.first_name, "username": self.username}

    def take_message_id(self) -> int:
        number = self.next_message_id
        self.next_message_id += 1
        return number

    def take_media_group(self) -> str:
        number = self.next_media_group
        self.next_media_group += 1
        return str(number)


@dataclass(slots=True)
class Callback:
    """A press of a button, until it is answered or too old."""

    id: str
    bot_id: int
    person_id: int
    chat_id: int
    message_id: int
    data: str
    asked_at: float
    answered: bool = False
    text: str = ""
    show_alert: bool = False
    url: str = ""


@dataclass(slots=True)
class World:
    """All of it, in one process and on one event loop."""

    bots: dict[int, Bot] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    callbacks: dict[str, Callback] = field(default_factory=dict)
    files: Files = field(default_factory=Files)
    clock: Clock = field(default_factory=Clock)
    till: Till = field(default_factory=Till)
    mischief: Mischief = field(init=False)
    next_person_id: int = FIRST_PERSON_ID
    next_group_id: int = FIRST_GROUP_ID
    next_callback_id: int = FIRST_CALLBACK_ID
    listeners: list[Callable[[Json], None]] = field(default_factory=list)
    changed: set[tuple[str, int, int, int]] | None = None
    calls: deque[Json] = field(default_factory=lambda: deque(maxlen=MAX_CALLS_KEPT))
    call_count: int = 0
    loopback_webhook: bool = False
    headless: bool = False
    webhook_changed: Callable[[Bot], None] | None = None
    unknown_methods: list[str] = field(default_factory=list)
    unknown_fields: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mischief = Mischief(self.clock)

    def new_queue(self) -> UpdateQueue:
        """Make a queue of updates that lives by this world's clock."""
        return UpdateQueue(self.clock, self.mischief)

    # -- telling ------------------------------------------------------------------------------------------------

    def tell(self, event: Json) -> None:
        """Tell everybody who listens at the door."""
        for listener in self.listeners:
            listener(event)

    def tell_message(self, kind: str, chat: Chat, message: Message) -> None:
        """Tell of a new or edited message, and remember to save it."""
        self.mark("message", chat.bot_id, chat.id, message.message_id)
        if self.listeners:
            shown: Json = {"message_id": message.message_id} if self.headless else message.view()
            self.tell({"type": kind, "bot": chat.bot_id, **_person_or_group(chat), "message": shown})

    def tell_chat(self, chat: Chat) -> None:
        """Tell that commands, keyboard, typing or the block changed."""
        self.mark("chat", chat.bot_id, chat.id)
        if self.listeners:
            self.tell({"type": "chat", "bot": chat.bot_id, **_person_or_group(chat)})

    def mark(self, kind: str, bot_id: int = 0, chat_id: int = 0, message_id: int = 0) -> None:
        """Remember what the next snapshot has to write."""
        if self.changed is not None:
            self.changed.add((kind, bot_id, chat_id, message_id))

    def advance(self, seconds: int) -> None:
        """Move the clock on for everybody.

        Raises: ValueError for a step that is not forward, or too far.
        """
        self.clock.advance(seconds)
        self.mark("world")
        self.tell({"type": "clock", "offset_seconds": self.clock.offset_seconds})

    # -- people and bots ----------------------------------------------------------------------------------------

    def bot(self, bot_id: int) -> Bot:
        """Answer the bot with this number, made on first sight."""
        bot = self.bots.get(bot_id)
        if bot is None:
            username = f"JobsDemo{bot_id}Bot" if self.bots else "JobsDemoBot"
            bot = self.bots[bot_id] = Bot(bot_id, username, "Jobs Demo", queue=self.new_queue())
            self.mark("bot", bot_id)
            self.tell({"type": "people", "bot": bot_id})
        return bot

    def add_person(self, fields: Json, person_id: int | None = None) -> Person:
        """Bring a person to life."""
        number = person_id or self.next_person_id
        self.next_person_id = max(self.next_person_id, number + 1)
        person = self.people[number] = Person(number, **fields)
        self.mark("person", number)
        self.mark("world")
        self.tell({"type": "people", "person": number})
        return person

    def private_chat(self, bot: Bot, person: Person) -> Chat:
        """Answer the chat of the two, made on first sight; it is not `started` before the person writes."""
        chat = bot.chats.get(person.id)
        if chat is None:
            chat = bot.chats[person.id] = Chat(bot.id, person.id, person.chat(), members=[person.id])
            self.mark("chat", bot.id, chat.id)
        return chat

    def remove_person(self, person_id: int) -> None:
        """Forget a person and every chat with them."""
        self.people.pop(person_id, None)
        self.mark("person", person_id)
        for bot in self.bots.values():
            chat = bot.chats.pop(person_id, None)
            if chat is not None:
                self.mark("chat", bot.id, person_id)
                for message_id in chat.messages:
                    self.mark("message", bot.id, person_id, message_id)
        self.tell({"type": "people", "person": person_id})

    # -- messages -----------------------------------------------------------------------------------------------

    def post(
        self, bot: Bot, chat: Chat, content: Json, *, sender: Person | None = None, extra: Json | None = None
    ) -> Message:
        """Put a new message into the chat: the bot's own, or a person's, which is not yet an update."""
        body: Json = {
            "message_id": bot.take_message_id(),
            "from": sender.user() if sender is not None else bot.user(),
            "chat": chat.body,
            "date": self.clock.now(),
            **content,
        }
        message = Message(body, out=sender is not None, extra=extra or {})
        chat.messages[body["message_id"]] = message
        if len(chat.messages) > MAX_MESSAGES_KEPT:
            self.forget(chat, next(iter(chat.messages)))
        if sender is None:
            chat.unread += 1
            chat.typing_until = 0.0
        self.tell_message("message", chat, message)
        return message

    def edited(self, chat: Chat, message: Message, body: Json) -> None:
        """Put a changed body in the old one's place."""
        message.body = body
        message.revision += 1
        self.tell_message("edited", chat, message)

    def delete(self, chat: Chat, message_id: int) -> None:
        """Take a message away for both sides."""
        self.forget(chat, message_id)
        if self.listeners:
            event = {"type": "deleted", "bot": chat.bot_id, **_person_or_group(chat), "message_id": message_id}
            self.tell(event)

    def forget(self, chat: Chat, message_id: int) -> None:
        """Drop a message without a word."""
        chat.messages.pop(message_id, None)
        if message_id in chat.pinned:
            chat.pinned.remove(message_id)
        self.mark("message", chat.bot_id, chat.id, message_id)

    def ask(self, chat: Chat, person: Person, message_id: int, data: str) -> Callback:
        """Note the press of a button."""
        number, asked_at = str(self.next_callback_id), self.clock.seconds()
        callback = Callback(number, chat.bot_id, person.id, chat.id, message_id, data, asked_at)
        self.next_callback_id += 1
        self.callbacks[callback.id] = callback
        self.mark_callback(callback)
        while len(self.callbacks) > MAX_CALLBACKS:
            self.mark_callback(self.callbacks.pop(next(iter(self.callbacks))))
        return callback

    def mark_callback(self, callback: Callback) -> None:
        """Remember to save a press and the numbers that went with it: its bot may answer after a restart."""
        self.mark("callback", callback.bot_id, 0, int(callback.id))
        self.mark("world")

    def commands_for(self, bot: Bot, person: Person) -> list[Json]:
        """Answer the commands that apply to the person in the private chat: the narrowest scope that has any."""
        for scope in (f"chat:{person.id}", "all_private_chats", "default"):
            for language in (person.language_code.partition("-")[0], ""):
                commands = bot.commands.get(f"{scope}/{language}")
                if commands:
                    return commands
        return []

    def chats(self) -> Iterator[Chat]:
        """Walk through all chats of all bots."""
        for bot in self.bots.values():
            yield from bot.chats.values()

    def reset(self) -> None:
        """Forget messages, people and queues; bots keep their profile and every number keeps growing."""
        for person_id in list(self.people):
            self.remove_person(person_id)
        for bot in self.bots.values():
            for chat in bot.chats.values():
                self.mark("chat", bot.id, chat.id)
                for message_id in chat.messages:
                    self.mark("message", bot.id, chat.id, message_id)
            bot.chats.clear()
            bot.queue.clear()
            self.mark("bot", bot.id)
        for callback in self.callbacks.values():
            self.mark_callback(callback)
        self.callbacks.clear()
        self.till.clear()
        self.files.clear()
        self.tell({"type": "reset"})


def _person_or_group(chat: Chat) -> Json:
    return {"person": chat.id} if chat.is_private else {"chat_id": chat.id}
