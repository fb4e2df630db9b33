"""What stands before every feature: money and contacts are private, so groups hear one sentence."""

from markupsafe import Markup
from telegram import Update
from telegram.ext import ApplicationHandlerStop, TypeHandler

from handlers.context import Context


async def keep_private(update: Update, context: Context) -> None:
    """Let private chats pass; in a group answer a command with "write to me privately" and go no further."""
    chat = update.effective_chat
    if chat is not None and chat.type == "private":
        return
    context.silent()
    message = update.message
    if chat is not None and message is not None and (message.text or "").startswith("/"):
        button = {"text": context.t.plain("Open a private chat"), "url": context.house.deep_link("group")}
        text: Markup = context.t("Please write to me in a private chat: your work and your money are only for you.")
        context.session.calls.append(
            {
                "m": "sendMessage",
                "p": {
                    "chat_id": chat.id,
                    "text": str(text),
                    "parse_mode": "HTML",
                    "reply_markup": {"inline_keyboard": [[button]]},
                },
                "new": True,
            }
        )
    raise ApplicationHandlerStop


GROUP_GUARD = TypeHandler(Update, keep_private)
