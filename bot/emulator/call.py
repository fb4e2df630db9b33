"""One call of the Bot API: who calls, with what, and the look-ups that nearly every method begins with."""

from __future__ import annotations

from dataclasses import dataclass

from bot.emulator.errors import ApiError, bad_request, forbidden, too_many_requests
from bot.emulator.limits import Limiter
from bot.emulator.params import Json, Params, field
from bot.emulator.paying import take_fee
from bot.emulator.world import Bot, Chat, Message, World


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

    def reply_target(self, chat: Chat) -> Json | None:
        """Answer the message replied to, without what it replied to itself.

        Raises: ApiError `message to be replied not found` unless the sender allows for it.
        """
        wanted = self.params.json("reply_parameters", "Can't parse reply parameters JSON object")
        if wanted is None:
            message_id = self.params.integer("reply_to_message_id")
            forgiving = self.params.boolean("allow_sending_without_reply")
        elif not isinstance(wanted, dict):
            raise bad_request("Object expected as reply parameters")
        else:
            message_id = field(wanted, "message_id", int, 0)
            forgiving = field(wanted, "allow_sending_without_reply", bool, False)
        if message_id <= 0:
            return None
        message = chat.messages.get(message_id)
        if message is None:
            if forgiving:
                return None
            raise bad_request("message to be replied not found")
        return {name: value for name, value in message.body.items() if name != "reply_to_message"}


def required(params: Params, name: str) -> str:
    """Answer a text that must be there.

    Raises: ApiError `parameter "x" is required`.
    """
    value = params.text(name)
    if not value:
        raise ApiError(400, f'Bad Request: parameter "{name}" is required')
    return value
