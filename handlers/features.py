"""The ordered list of features: whose handlers Telegram's updates reach, and whose cards the outbox sends."""

from typing import Any

from telegram.ext import Application

from handlers import admin, alerts, browse, guards, myjobs, profile, proof, publish, review, wallet, work
from handlers.conversation import Conversation
from handlers.errors import keep_for_the_frame
from handlers.notices import Renderer
from handlers.routes import ButtonHandler, ButtonTable

#: Each feature's conversations come before its commands and buttons; the profile's catch-alls come last.
FEATURES = (publish, myjobs, proof, review, wallet, admin, alerts, work, browse, profile)


def register(application: Application[Any, Any, Any, Any, Any, Any]) -> None:
    """Add every feature's handlers in their order: conversations of all features first, then the rest."""
    application.add_handler(guards.GROUP_GUARD, group=-1)
    rows = [handler for feature in FEATURES for handler in feature.HANDLERS]
    for handler in rows:
        if isinstance(handler, Conversation):
            application.add_handler(handler)
    # No update is both a tap and something else, so the taps may be asked first.
    application.add_handler(ButtonTable(handler for handler in rows if isinstance(handler, ButtonHandler)))
    for handler in rows:
        if not isinstance(handler, (Conversation, ButtonHandler)):
            application.add_handler(handler)
    application.add_error_handler(keep_for_the_frame)


def renderers() -> dict[str, Renderer]:
    """Give the renderer of every event kind that owes somebody a message."""
    table: dict[str, Renderer] = {}
    for feature in FEATURES:
        overlap = table.keys() & feature.NOTICES.keys()
        assert not overlap, f"two renderers for {overlap}"
        table.update(feature.NOTICES)
    return table
