"""One call of the Bot API: who calls, with what, and the look-ups that nearly every method begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.emulator.errors import ApiError, bad_request, forbidden, too_many_requests
from bot.emulator.limits import Limiter
from bot.emulator.params import Json, Params
from bot.emulator.paying import take_fee
from bot.emulator.replies import reply_parts
from bot.emulator.world import Bot, Chat, Message, World

MAX_IDS = 100


@dataclass(frozen=True, slots=True)
class Told:
    """A result that Telegram says something about."""

    result: Any
    description: str


@dataclass(slots=True)
class Call:
    """What a method is given."""

    world: World
    bot: Bot
    params: Params
    limiter: Limiter

    def chat(self, name: str = "chat_id") -> Chat:
        """Find the chat a call names.

        Raises: ApiError `chat_id is empty`, `chat not found`, or 403 for a person who never wrote.
        """
        given = self.params.text(name)
        if not given:
            raise bad_request(f"{name} is empty")
        return self._named_chat(given)

    def _named_chat(self, given: str) -> Chat:
        try:
            chat_id = int(given)
        except ValueError:
            raise bad_request("chat not found") from None
        chat = self.bot.chats.get(chat_id)
        if chat is not None and chat.started:
            return chat
        if chat_id in self.world.people:
            raise forbidden("bot can't initiate conversation with a user")
        if chat is not None:
            raise forbidden("bot was kicked from the group chat")
        raise bad_request("chat not found")

    def open_chat(self) -> Chat:
        """Find the chat to write into.

        Raises: ApiError as `chat` does, and 403 when the person blocked the bot.
        """
        chat = self.chat()
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        return chat

    def message(self, chat: Chat, what: str, *, name: str = "message_id") -> Message:
        """Find a message of the chat, whoever wrote it.

        Raises: ApiError, such as `message to edit not found`.
        """
        message = chat.messages.get(self.params.integer(name))
        if message is None:
            raise bad_request(f"{what} not found")
        return message

    def take_place(self, chat: Chat | None) -> None:
        """Count a new message in its chat, or an edit (no chat) in the overall rate only.

        Raises: ApiError 429.
        """
        now, fee = self.world.clock.seconds(), False
        if chat is not None and self.params.boolean("allow_paid_broadcast"):
            wait, fee = self.limiter.paid_refusal(self.bot.id, chat.id, now=now)
        else:
            wait = self.limiter.refusal(self.bot.id, chat.id if chat is not None else None, now=now)
        if fee and not take_fee(self.world, self.bot):
            raise bad_request("BALANCE_TOO_LOW")
        if wait:
            raise too_many_requests(wait)

    def reply_parts(self, chat: Chat) -> Json:
        """Answer what a message shows of the one it replies to: nothing, the message itself, and a quotation of it.

        Raises: ApiError.
        """
        return reply_parts(self.params, chat, self._named_chat)


def required(params: Params, name: str) -> str:
    """Answer a text that must be there.

    Raises: ApiError `parameter "x" is required`.
    """
    value = params.text(name)
    if not value:
        raise ApiError(400, f'Bad Request: parameter "{name}" is required')
    return value


def message_ids(params: Params) -> list[int]:
    """Read `message_ids`: 1 to 100 numbers.

    Raises: ApiError.
    """
    if not params.text("message_ids"):
        raise bad_request("Message identifiers are not specified")
    given = params.json("message_ids", "Can't parse message_ids JSON object")
    if not isinstance(given, list):
        raise bad_request("Expected an Array of message identifiers")
    if len(given) > MAX_IDS:
        raise bad_request("Too many message identifiers specified")
    numbers: list[int] = []
    for entry in given:
        if isinstance(entry, bool) or not isinstance(entry, int | str):
            raise bad_request("Message identifier must be a Number")
        try:
            number = int(entry)
        except ValueError:
            raise bad_request("Can't parse message identifier as a Number") from None
        if number <= 0:
            raise bad_request("Invalid message identifier specified")
        numbers.append(number)
    if not numbers:
        raise bad_request("Message identifiers are not specified")
    return numbers
