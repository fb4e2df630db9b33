"""Words and lengths of reviewing: the reasons as people read them, and texts cut to what a message can hold."""

import html
import re

from markupsafe import Markup

from bot.domain.errors import N_
from bot.domain.review import Reason
from bot.domain.text import shown_length
from bot.i18n import Translator

CHUNK = 1_200  # characters of an answer shown in one piece; at most twice as many in Telegram's count
_TAG = re.compile(r"<[^>]+>")

#: What an employer chooses and a worker reads.
REASONS: dict[Reason, str] = {
    Reason.WRONG_PAGE: N_("Wrong page shown"),
    Reason.STEPS_MISSING: N_("Steps not finished"),
    Reason.PROOF_MISSING: N_("Proof not complete"),
    Reason.UNREADABLE: N_("Picture not clear"),
    Reason.WRONG_ANSWER: N_("Answer is wrong"),
    Reason.NOT_ASKED: N_("Not what was asked"),
    Reason.REUSED: N_("Proof used before"),
    Reason.MADE_UP: N_("Made up or copied"),
    Reason.NONSENSE: N_("Random, no proof"),
}

#: What a reason means, said to the worker.
MEANINGS: dict[Reason, str] = {
    Reason.WRONG_PAGE: N_("The picture shows another page or screen than the steps ask for."),
    Reason.STEPS_MISSING: N_("The proof does not show that all steps were done."),
    Reason.PROOF_MISSING: N_("Something the job asks for was not in your proof."),
    Reason.UNREADABLE: N_("The picture is too small, too dark, blurred or cut off."),
    Reason.WRONG_ANSWER: N_("A text answer does not fit what the steps lead to."),
    Reason.NOT_ASKED: N_("The proof shows something else than the job asks for."),
    Reason.REUSED: N_("This picture was sent before. Every job needs its own new proof."),
    Reason.MADE_UP: N_("The employer thinks the proof was not made by doing the steps."),
    Reason.NONSENSE: N_("The proof has nothing to do with the job."),
}


def reason_words(t: Translator, reason: str | None) -> str:
    """Give a stored reason in the reader's words."""
    return t.plain(REASONS[Reason(reason)]) if reason else ""


def visible_length(text: Markup) -> int:
    """Give the length that Telegram's limits count: without tags, entities as what they stand for."""
    return shown_length(html.unescape(_TAG.sub("", str(text))))


def clip(text: str, limit: int) -> str:
    """Cut a text to `limit` in Telegram's count, with … where something is missing."""
    if shown_length(text) <= limit:
        return text
    kept, room = [], limit - 1
    for character in text:
        room -= shown_length(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"


def answer_lines(t: Translator, number: int, asked: str, answer: str) -> Markup:
    """Give one text answer under what was asked."""
    return t("<b>{number}. {asked}</b>", number=number, asked=clip(asked, 200)) + Markup("\n{}").format(answer)


def answer_pages(t: Translator, texts: tuple[tuple[int, str, str], ...], room: int) -> list[Markup]:
    """Lay text answers out in pages of at most `room`; a long answer goes on over several pages."""
    pieces = [
        answer_lines(t, number, asked, answer[start : start + CHUNK])
        for number, asked, answer in texts
        for start in range(0, len(answer), CHUNK)
    ]
    pages: list[Markup] = []
    for piece in pieces:
        joined = pages[-1] + Markup("\n\n") + piece if pages else piece
        if pages and visible_length(joined) <= room:
            pages[-1] = joined
        else:
            pages.append(piece)
    return pages
