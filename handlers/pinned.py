"""The card of a place in work stands pinned at the top of its chat, with its clock, until the place ends.

    Apply ─► the job's message becomes the place's card ─► pinned
    another screen tapped on it ─► a message below it; its own steps (minutes, giving back) are drawn in it
    the place shown or changed elsewhere ─► the pinned card is brought up to date
    the place ends ─► the card says so and is unpinned; said elsewhere, the pinned one is taken away: one is enough

Which message is pinned stands in the outbox, as the message of the place's topic. It is pinned, brought up to date
and unpinned by stored calls, in the unit that knows why.
"""

from dataclasses import replace

from telegram import Message, Update

from bot.domain.work import place_in
from handlers.context import Session
from handlers.notices import Notice
from handlers.reply import Call, delete_message, pin, redraw, unpin
from handlers.views.card import Card
from storage import assignments, outbox, pins


async def settle(session: Session, update: Update) -> None:
    """Keep the pinned card what it is: called by the frame before the reply to an update is composed."""
    card = session.card
    if card is None:
        return
    tapped = update.callback_query.message if update.callback_query is not None else None
    if tapped is not None and session.topic != card.topic and await _keeps_its_place(session):
        session.beside, session.as_new = tapped.message_id, True
    if card.topic is None or card.pinned is None:
        return
    drawn_in = None
    if tapped is not None and not session.as_new and not (isinstance(tapped, Message) and tapped.photo):
        drawn_in = tapped.message_id
    tx, member = session.uow.tx, session.member
    standing = await outbox.find_topic_message(tx, member.id, card.topic)
    then: tuple[Call, ...] = ()
    if standing is None and card.pinned and drawn_in is not None:
        await pins.note_pinned(tx, member.id, card.topic, message_id=drawn_in, at=session.uow.now)
        then = (pin(member.telegram_user_id, drawn_in),)
    elif standing is not None:
        then = _follow(member.telegram_user_id, standing, card, drawn_in=drawn_in)
        if not card.pinned:
            await outbox.close_topic(tx, member.id, card.topic)
    session.card = replace(card, then=then)


async def calls_for(notice: Notice, card: Card) -> tuple[Call, ...]:
    """Give the calls that bring the pinned card up to date beside a notice about its place; none without one."""
    assert card.topic is not None, "the card of a place"
    standing = await outbox.find_topic_message(notice.uow.tx, notice.member.id, card.topic)
    return () if standing is None else _follow(notice.member.telegram_user_id, standing, card, drawn_in=None)


def _follow(chat_id: int, standing: int, card: Card, *, drawn_in: int | None) -> tuple[Call, ...]:
    if card.pinned:
        return () if standing == drawn_in else (redraw(chat_id, standing, card),)
    return (unpin(chat_id, standing) if standing == drawn_in else delete_message(chat_id, standing),)


async def _keeps_its_place(session: Session) -> bool:
    """Whether the tapped message is the card of a place that is still in work."""
    assignment_id = place_in(session.topic)
    if assignment_id is None:
        return False
    assignment = await assignments.find_assignment(session.uow.tx, assignment_id)
    return assignment is not None and assignment.status == "reserved"
