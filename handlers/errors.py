"""The one error handler: it keeps the error for the frame, which rolls the unit back and answers."""

from telegram.ext import ApplicationHandlerStop

from handlers.context import Context
from storage.unit import current_unit


async def keep_for_the_frame(update: object, context: Context) -> None:
    """Mark the unit failed and stop the framework from running further groups in it."""
    uow = current_unit.get()
    assert uow is not None, "callbacks run inside a unit"
    if uow.failure is None:
        uow.failure = context.error
    raise ApplicationHandlerStop
