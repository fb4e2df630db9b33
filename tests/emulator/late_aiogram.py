"""aiogram, loaded when a test first uses it: to build its models takes three seconds in each process of a test run.

from tests.emulator import late_aiogram as aiogram
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiogram import Bot as Bot
    from aiogram import Dispatcher as Dispatcher
    from aiogram import F as F
    from aiogram import exceptions as exceptions
    from aiogram import filters as filters
    from aiogram import methods as methods
    from aiogram import types as types
    from aiogram.client.session.aiohttp import AiohttpSession as AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer as TelegramAPIServer

ROOMS = {
    "AiohttpSession": "aiogram.client.session.aiohttp",
    "Bot": "aiogram",
    "Dispatcher": "aiogram",
    "F": "aiogram",
    "TelegramAPIServer": "aiogram.client.telegram",
    "exceptions": "aiogram",
    "filters": "aiogram",
    "methods": "aiogram",
    "types": "aiogram",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Load what is asked for; what pytest asks of everything it finds is not there."""
        if name not in ROOMS:
            raise AttributeError(name)
        return getattr(import_module(ROOMS[name]), name)
