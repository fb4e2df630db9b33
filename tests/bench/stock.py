"""The first peer: python-telegram-bot as its documentation shows it (Application, run_polling, httpx), storing nothing.

It answers every tap with the text and keyboard it is given, as our bot does. The keyboard is built once, which is
more than the documentation's examples do for speed.
"""

import json
import os
from pathlib import Path
from typing import Any

from telegram import InlineKeyboardMarkup, LinkPreviewOptions, Update
from telegram.constants import ParseMode
from telegram.ext import Application, CallbackQueryHandler, ContextTypes

CARD: dict[str, Any] = json.loads(Path(os.environ["BENCH_CARD"]).read_text(encoding="utf-8"))
KEYBOARD = InlineKeyboardMarkup.de_json(CARD["reply_markup"])
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


async def tapped(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Answer a tap and edit its message."""
    query = update.callback_query
    assert query is not None
    await query.answer()
    await query.edit_message_text(
        CARD["text"], parse_mode=ParseMode.HTML, reply_markup=KEYBOARD, link_preview_options=NO_PREVIEW
    )


def main() -> None:
    """Poll until stopped."""
    root = os.environ["TELEGRAM_API_URL"]
    application = Application.builder().token(os.environ["BOT_TOKEN"]).base_url(f"{root}/bot").build()
    application.add_handler(CallbackQueryHandler(tapped))
    application.run_polling(allowed_updates=Update.ALL_TYPES)


if __name__ == "__main__":
    main()
