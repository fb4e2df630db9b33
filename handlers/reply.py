"""From what a callback showed to the calls that will show it; stored with the unit, sent after the commit.

A reply is JSON: {"to": chat id, "answer": {...} | null, "calls": [{"m": method, "p": params, "or": call | null,
"new": bool, "files": {field: path}, "stored": path, "proof": id, "then": calls, "beside": message id}],
"put_off": key | null, "refused": true}. `or` is tried when an edit finds no message to edit, `stored` when a file id is
dead, `then` follows; `beside` is the message that was pressed and keeps its place: a second press edits what the first
one sent.
Params without a chat_id are of a call around the chat (a menu).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from telegram import Message, Update

from handlers.context import Session
from handlers.views.card import Card, Picture, above

Call = dict[str, Any]
Reply = dict[str, Any]
ANEW = "anew"


def compose(session: Session, update: Update) -> Reply | None:
    """Give the reply of a handled update, or None when nothing needs to be sent."""
    query = update.callback_query
    answer: Call | None = None
    if query is not None:
        answer = {"callback_query_id": query.id}
        if session.toast:
            answer["text"] = session.toast
            if session.alert:
                answer["show_alert"] = True
    calls = list(session.calls)
    chat_id = session.member.telegram_user_id
    if session.card is not None:
        shown_in = None if query is None or session.as_new or session.card.keyboard else query.message
        if query is None and session.toast:  # a refusal of something typed: nothing flashes up, the card says it
            together = above(session.card, Markup.escape(session.toast))
            if together is None:
                calls.append(_call("sendMessage", chat_id, {"text": session.toast}, new=True))
            session.card = together or session.card
        if shown_in is None:
            calls.append(new_message(chat_id, session.card))
            if session.beside is not None:
                calls[-1]["beside"] = session.beside
        else:
            was_picture = isinstance(shown_in, Message) and bool(shown_in.photo)
            known = isinstance(shown_in, Message)
            place = _Place(
                chat_id, shown_in.message_id, was_picture, known, None if session.settled else session.uow.now
            )
            calls.extend(_in_place(place, session.card))
    elif session.toast and query is None:
        calls.append(_call("sendMessage", chat_id, {"text": session.toast}, new=True))
    calls = [call for call in calls if call["p"].get("chat_id", True)]  # who is named nowhere is answered nowhere
    if answer is None and not calls:
        return None
    reply = {"to": chat_id, "answer": answer, "calls": calls, "put_off": session.put_off}
    return {**reply, "refused": True} if session.refused else reply


def in_words(reply: Reply) -> Reply:
    """Give the reply to a tap that can't be answered any more: what was to flash up is a message, if it matters."""
    answer, calls = reply["answer"] or {}, reply["calls"]
    matters = answer.get("show_alert") or reply.get("refused") or not calls
    if answer.get("text") and reply.get("to") and matters:
        calls = [*calls, _call("sendMessage", reply["to"], {"text": answer["text"]}, new=True)]
    return {**reply, "answer": None, "calls": calls}


def new_message(chat_id: int, card: Card, *, drawn_at: datetime | None = None) -> Call:
    """Give the call that sends a card as a message of its own; `drawn_at` when it stands where another one was."""
    params = card.params(drawn_at=drawn_at)
    if card.silent:
        params["disable_notification"] = True
    call = _call("sendMessage" if card.picture is None else "sendPhoto", chat_id, params, new=True)
    if card.picture is not None:
        _attach(call, "photo", card.picture)
    if card.then:
        call["then"] = list(card.then)
    return call


def edit_message(chat_id: int, message_id: int, card: Card, *, drawn_at: datetime | None = None) -> Call:
    """Give the call that turns a text message of ours into this card, or sends it anew when that can't be."""
    assert card.picture is None, "a notice is text"
    call = _call("editMessageText", chat_id, {"message_id": message_id, **card.params(drawn_at=drawn_at)})
    call["or"] = new_message(chat_id, card) if card.silent else ANEW
    if card.then:
        call["then"] = list(card.then)
    return call


def redraw(chat_id: int, message_id: int, card: Card) -> Call:
    """Give the call that brings a message of ours up to date, and does nothing when it is gone."""
    return {**edit_message(chat_id, message_id, card), "or": None}


def delete_message(chat_id: int, message_id: int) -> Call:
    """Give the call that takes a message of ours away."""
    return _call("deleteMessage", chat_id, {"message_id": message_id})


def pin(chat_id: int, message_id: int) -> Call:
    """Give the call that keeps a message at the top of the chat."""
    return _call("pinChatMessage", chat_id, {"message_id": message_id, "disable_notification": True})


def unpin(chat_id: int, message_id: int) -> Call:
    """Give the call that lets a message go from the top of the chat."""
    return _call("unpinChatMessage", chat_id, {"message_id": message_id})


def instead_of(call: Call) -> Call | None:
    """Give the call to try when this one finds no message to edit, or None."""
    if call.get("or") != ANEW:
        return call.get("or")
    params = {name: value for name, value in call["p"].items() if name != "message_id"}
    return {"m": "sendMessage", "p": params, "new": True}


@dataclass(frozen=True, slots=True)
class _Place:
    """A message of ours that a card takes the place of: whether it was a picture, whether we know, and when."""

    chat_id: int
    message_id: int
    was_picture: bool
    known: bool
    drawn_at: datetime | None


def _in_place(place: _Place, card: Card) -> list[Call]:
    """Edit where the kinds match; between text and picture the old message goes and a new one comes."""
    chat_id, message_id, drawn_at = place.chat_id, place.message_id, place.drawn_at
    if card.picture is not None and place.was_picture:
        media: dict[str, Any] = {"type": "photo", "caption": str(card.text), "parse_mode": "HTML"}
        params: dict[str, Any] = {"message_id": message_id, "media": media}
        if card.buttons:
            params["reply_markup"] = card.params(drawn_at=drawn_at)["reply_markup"]
        call = _call("editMessageMedia", chat_id, params)
        _attach(call, "media", card.picture)
        call["or"] = new_message(chat_id, card)
        return [call]
    if card.picture is None and not place.was_picture:
        return [edit_message(chat_id, message_id, card, drawn_at=drawn_at)]
    gone = delete_message(chat_id, message_id)
    fresh = new_message(chat_id, card, drawn_at=drawn_at)
    return [gone, fresh] if place.known else [fresh]


def _attach(call: Call, field: str, picture: Picture) -> None:
    """Put a picture into a call: by its file id, else as an upload whose new file id will be remembered.

    `stored` names the file to upload should Telegram not know the file id (any more): ids die with the token.
    """
    if picture.file_id is not None:
        media: str = picture.file_id
        if picture.path is not None:
            call["stored"], call["proof"] = picture.path, picture.proof_id
    else:
        assert picture.path is not None, "a picture is somewhere"
        call["files"] = {"upload": picture.path} if field == "media" else {"photo": picture.path}
        call["proof"] = picture.proof_id
        media = "attach://upload"
    if field == "media":
        call["p"]["media"]["media"] = media
    elif picture.file_id is not None:
        call["p"]["photo"] = media


def _call(method: str, chat_id: int, params: dict[str, Any], *, new: bool = False) -> Call:
    return {"m": method, "p": {"chat_id": chat_id, **params}, "new": new}
