"""Carries replies and notices to Telegram after their commit: in turn, once, and knowing which refusals are fine.

`deliver` returns only when nothing more can be done for a reply: sent, pointless, or the person can't be reached.
While Telegram is away it waits, and the row in the inbox stays owed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import structlog

from bot.lanes import Priority, SendBudget
from bot.screens import Screens
from bot.successors import Successors
from bot.transport import ApiError, Transport, Unreachable
from handlers.reply import Call, Reply, in_words, instead_of

log = structlog.get_logger()

PAUSE_FIRST = 0.5
PAUSE_LONGEST = 30.0
ANSWER_SECONDS = 10.0
ANSWER_PAUSE = 0.3
ANSWER_WAIT_LONGEST = 3.0
FINE = (
    "message is not modified",
    "message to delete not found",
    "message can't be deleted",
    "message to pin not found",
    "message to unpin not found",
)
DEAD_FILE = ("wrong file identifier", "wrong remote file identifier", "wrong type of file")
GONE = (
    "message to edit not found",
    "message can't be edited",
    "there is no text",
    "there is no caption",
    "message_id_invalid",
)


class PersonUnreachable(Exception):
    """The person blocked the bot, never started it or is gone."""


class Courier:
    """Sends stored calls within the budget."""

    def __init__(
        self,
        transport: Transport,
        budget: SendBudget,
        *,
        files: Path,
        on_unreachable: Callable[[int], Awaitable[None]],
        on_uploaded: Callable[[int, str], Awaitable[None]],
        on_flood: Callable[[float], Awaitable[None]],
        screens: Screens | None = None,
    ) -> None:
        """Make it; `screens` remembers what people see, where nobody else changes it."""
        self._transport = transport
        self._budget = budget
        self._files = files
        self._on_unreachable = on_unreachable
        self._on_uploaded = on_uploaded
        self._on_flood = on_flood
        self._successors = Successors()
        self._screens = screens

    async def answer(self, params: dict[str, Any]) -> bool:
        """Answer a callback query, and once more when it is not known to have arrived. False when it surely has not."""
        maybe = False
        for pause in (ANSWER_PAUSE, None):
            try:
                await self._transport.call("answerCallbackQuery", params, seconds=ANSWER_SECONDS)
                return True
            except ApiError as error:  # of a second try: too old, for the first one has arrived after all
                log.info("callback_not_answered", error=str(error))
                if error.code != 429 or (error.retry_after or 0) > ANSWER_WAIT_LONGEST:
                    return maybe
                pause = pause and (error.retry_after or pause)
            except Unreachable as error:
                log.info("callback_not_answered", error=str(error))
                maybe = maybe or error.delivered_maybe
            if pause is not None:
                await asyncio.sleep(pause)
        return maybe

    async def deliver(self, reply: Reply, *, priority: Priority = Priority.ANSWER) -> None:
        """Send all calls of a reply in order. A person who can't be reached ends it quietly."""
        if reply.get("answer") and not await self.answer(reply["answer"]):
            reply = in_words(reply)
        try:
            for call in self._successors.redirect(reply["calls"]):
                self._successors.note(call, await self.send(call, priority=priority))
        except PersonUnreachable:
            pass

    async def send(self, call: Call, *, priority: Priority) -> Any:
        """Send one call until Telegram took it, and what follows it; gives its result, None when it was pointless.

        Raises:
            PersonUnreachable: this person can't be written to; it has been noted.
        """
        result = await self._send_alone(call, priority=priority)
        for after in call.get("then", ()):
            await self._send_alone(after, priority=priority)
        return result

    async def _send_alone(self, call: Call, *, priority: Priority) -> Any:
        if self._screens is None:
            return (await self._until_taken(call, priority=priority))[0]
        if self._screens.shows(call):
            return None
        self._screens.begin(call)
        taken = False
        try:
            result, taken = await self._until_taken(call, priority=priority)
            return result
        finally:
            self._screens.end(call, taken=taken)

    async def _until_taken(self, call: Call, *, priority: Priority) -> tuple[Any, bool]:
        """Send one call until Telegram took it or said no; gives its result, and whether its message shows it now."""
        pause = PAUSE_FIRST
        chat_id = call["p"].get("chat_id")  # a menu is set around the chat, not in it
        while True:
            if chat_id is not None:
                await self._budget.turn(chat_id, priority, new=bool(call.get("new")))
            try:
                return await self._once(call), True
            except ApiError as error:
                if error.code == 429:
                    wait = error.retry_after or pause
                    self._budget.hold(wait)
                    await _noted(self._on_flood(wait))
                    continue
                if error.code in (401, 404):  # the token's fault, not this message's: the next start sends it
                    log.error("telegram_refuses_us", method=call["m"], error=error.description)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, PAUSE_LONGEST)
                    continue
                if any(error.says(words) for words in FINE):
                    return None, error.says("message is not modified")
                if call.get("stored") and any(error.says(words) for words in DEAD_FILE):
                    return await self.send(_uploading(call), priority=priority), False
                gone = error.code == 403 or error.says("chat not found") or error.says("user is deactivated")
                if gone and chat_id is not None:
                    await _noted(self._on_unreachable(chat_id))
                    raise PersonUnreachable(str(error)) from None
                instead = instead_of(call)
                if instead is not None and any(error.says(words) for words in GONE):
                    return await self.send(instead, priority=priority), False
                log.error("call_refused", method=call["m"], error=error.description)
                return None, False
            except Unreachable as error:
                if error.delivered_maybe and call.get("new") and priority is Priority.ALERT:
                    log.info("alert_given_up", method=call["m"], error=str(error))  # never twice, may be lost
                    return None, False
                log.info("telegram_away", method=call["m"], error=str(error), pause=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, PAUSE_LONGEST)

    async def _once(self, call: Call) -> Any:
        files = {field: self._files / path for field, path in call.get("files", {}).items()} or None
        if files and not all(file.is_file() for file in files.values()):
            log.warning("picture_gone", method=call["m"])  # purged meanwhile: the words must do
            call, files = _without_picture(call), None
        result = await self._transport.call(call["m"], call["p"], files=files, read=call["m"] != "editMessageText")
        if call.get("new"):
            self._successors.sent(call, result)
            if self._screens is not None:
                self._screens.sent(call, result)
        if call.get("proof") and isinstance(result, dict) and result.get("photo"):
            await _noted(self._on_uploaded(call["proof"], result["photo"][-1]["file_id"]))
        return result


async def _noted(noting: Awaitable[None]) -> None:
    """Write a note beside a send; that it can't be written is no reason to send again, or not at all."""
    try:
        await noting
    except Exception as error:
        log.warning("not_noted", error=str(error), kind=type(error).__name__)


def _uploading(call: Call) -> Call:
    """Give the call with its stored file instead of a file id that Telegram does not know."""
    again = {key: value for key, value in call.items() if key != "stored"}
    params = dict(call["p"])
    if "media" in params:
        params["media"] = {**params["media"], "media": "attach://upload"}
        again["files"] = {"upload": call["stored"]}
    else:
        del params["photo"]
        again["files"] = {"photo": call["stored"]}
    return {**again, "p": params}


def _without_picture(call: Call) -> Call:
    """Give the call that sends the words and buttons of a picture's card as a message of its own."""
    source = call["p"].get("media", call["p"])
    params = {"chat_id": call["p"]["chat_id"], "text": source.get("caption", ""), "parse_mode": "HTML"}
    if "reply_markup" in call["p"]:
        params["reply_markup"] = call["p"]["reply_markup"]
    return {"m": "sendMessage", "p": params, "new": True}
