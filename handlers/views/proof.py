"""Sending proof: what is asked, what came, the check before it is sent, and what was wrong with a picture."""

from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup

from bot.domain.assignment import AssignmentStatus, Proof
from bot.domain.errors import N_
from bot.domain.job import PHOTOS_LIMIT, ProofKind
from bot.domain.proof import ANSWER_LIMIT, Pictures, Trouble, Unreadable, is_met, is_small
from bot.domain.work import Place, WorkLine
from bot.i18n import Translator
from handlers.callbacks import JUST_CHANGED, Callback
from handlers.views.card import CAPTION_LIMIT, TEXT_LIMIT, Button, Card, Lines, Picture, Rows, grid
from handlers.views.nav import Categories, MyWork
from handlers.views.review_words import clip, visible_length
from handlers.views.work import SendProof, ShowPlace

TITLE_SHOWN = 40
#: How short the free words of the check are cut until all of it fits; ROOM is kept for a line above it.
CLIPS = (400, 160, 80, 40, 20)
ROOM = 150

_TROUBLES = {
    Trouble.TOO_BIG: N_("A file over 20 MB can't be used. Please send it as a photo, or take a smaller screenshot."),
    Trouble.TOO_MANY: N_("10 pictures are the most. I kept the first 10."),
    Trouble.WRONG_KIND: N_("That kind of file can't be used. Please send it as a photo, or as JPG, PNG or WEBP."),
    Trouble.USED_BEFORE: N_("You sent this picture for another job before. Every job needs its own new picture."),
    Trouble.SENT_TWICE: N_("You sent the same picture twice. I keep it once."),
}

_UNREADABLE = {
    Unreadable.BROKEN: N_("the file is broken"),
    Unreadable.NO_PICTURE: N_("the file is not a JPG, PNG or WEBP picture"),
    Unreadable.TOO_MANY_PIXELS: N_("it is too large; a normal photo or screenshot is enough"),
    Unreadable.TOO_BIG: N_("the file is over 20 MB"),
    Unreadable.GONE: N_("Telegram no longer has the file"),
    Unreadable.USED_BEFORE: N_("you sent the same picture for another job before"),
}


class DonePictures(Callback, prefix="pf.done"):
    """The pictures of this requirement are complete."""

    assignment_id: int
    requirement: int


class RemoveLast(Callback, prefix="pf.last"):
    """Take the last picture away."""

    assignment_id: int
    requirement: int


class StartOver(Callback, prefix="pf.over"):
    """Take all new pictures of this requirement away."""

    assignment_id: int
    requirement: int


class KeepAnswer(Callback, prefix="pf.keep"):
    """Leave the answer as it is."""

    assignment_id: int
    requirement: int


class LookAt(Callback, prefix="pf.look"):
    """Show another picture in the check."""

    assignment_id: int
    page: int


class Change(Callback, prefix="pf.edit"):
    """Go back to one requirement."""

    assignment_id: int
    requirement: int


class Submit(Callback, prefix="pf.sub", careful=JUST_CHANGED):
    """Request for complete."""

    assignment_id: int


class ChoosePlace(Callback, prefix="pf.for"):
    """Say which job the pictures are for."""

    assignment_id: int


def pictures_card(
    t: Translator, place: Place, number: int, pictures: Pictures, *, trouble: Mapping[Trouble, int]
) -> Card:
    """Ask for the pictures of one requirement and say what came so far."""
    requirement = place.job.requirements[number]
    have, drafted = len(pictures.of(number)), pictures.drafted.get(number, 0)
    text = _heading(t, place, number)
    text.add(
        t.n(
            "📷 Please send {n} photo or screenshot.",
            "📷 Please send {n} photos or screenshots, one by one or all together.",
            requirement.count,
        )
    )
    text.add("", t("Received: <b>{have} of {count}</b>", have=have, count=requirement.count))
    if have and not drafted:
        text.add(t("These you sent before. They stay unless you send new ones."))
    elif drafted > requirement.count:
        text.add(t("That is more than asked. I keep them all, up to {limit}.", limit=PHOTOS_LIMIT))
    if pictures.unreadable.get(number):
        text.add(
            t.n(
                "⚠️ {n} picture could not be read. Please send it again.",
                "⚠️ {n} pictures could not be read. Please send them again.",
                pictures.unreadable[number],
            )
        )
    for kind, count in trouble.items():
        if count:
            text.add(t("⚠️ {trouble}", trouble=t(_TROUBLES[kind])))
    rows: list[tuple[Button, ...]] = []
    place_id = place.assignment.id
    if have >= min(requirement.count, PHOTOS_LIMIT):
        rows.append((Button(t.plain("✅ Done with photos"), DonePictures(place_id, number)),))
    if drafted:
        rows.append(
            (
                Button(t.plain("↩️ Remove the last"), RemoveLast(place_id, number)),
                Button(t.plain("🗑 Remove all"), StartOver(place_id, number)),
            )
        )
    return Card(text.text(), tuple(rows))


def words_card(t: Translator, place: Place, number: int, answer: str) -> Card:
    """Ask for the text of one requirement."""
    text = _heading(t, place, number)
    text.add(
        t(
            "✏️ Please type your answer, up to {limit} characters. For example the name or the number you saw.",
            limit=ANSWER_LIMIT,
        )
    )
    if not answer:
        return Card(text.text())
    text.add("", t("Your answer now: “{answer}”", answer=clip(answer, 600)))
    keep = Button(t.plain("✅ Keep it"), KeepAnswer(place.assignment.id, number))
    return Card(text.text(), ((keep,),))


def check_card(t: Translator, place: Place, pictures: Pictures, answers: Mapping[int, str], *, page: int) -> Card:
    """Show all of the proof before it is sent: one picture at a time, the texts, and what is doubtful."""
    every = pictures.all
    page = min(max(page, 0), max(len(every) - 1, 0))
    picture = picture_of(every[page]) if every else None

    def draw(cut: int) -> Markup:
        return _check_text(t, place, pictures, answers, page=page, hidden=picture is None, cut=cut)

    text = _fitting(draw, (CAPTION_LIMIT if picture else TEXT_LIMIT) - ROOM)
    place_id = place.assignment.id
    rows: list[tuple[Button, ...]] = []
    if len(every) > 1:
        rows.append(_pager(place_id, page, len(every)))
    rows.append((Button(t.plain("📨 Request for complete"), Submit(place_id)),))
    changes = [
        Button(t.plain("✏️ Change {n}", n=number + 1), Change(place_id, number))
        for number in range(len(place.job.requirements))
    ]
    return Card(text, (*rows, *grid(changes, 3)), picture=picture)


def choose_card(t: Translator, reserved: Sequence[WorkLine], *, count: int) -> Card:
    """Ask which job unasked pictures are for."""
    text = t.n(
        "Which job is this picture for?",
        "Which job are these {n} pictures for?",
        count,
    )
    return Card(
        text,
        tuple((Button(clip(line.title, TITLE_SHOWN), ChoosePlace(line.assignment_id)),) for line in reserved),
    )


def no_place_card(t: Translator) -> Card:
    """Say that there is no job a picture could be for."""
    text = t("You have no job in progress, so I don't know what this picture is for. Take a job first, then send it.")
    return Card(
        text,
        ((Button(t.plain("🔎 Find jobs"), Categories()), Button(t.plain("📋 My work"), MyWork())),),
    )


def unreadable_card(t: Translator, place: Place, refused: Proof) -> Card:
    """Say that a picture could not be read, and ask for another."""
    reason = t(_UNREADABLE[Unreadable(refused.refusal or Unreadable.BROKEN)])
    text = Lines().add(
        t(
            "⚠️ A picture for “{title}” can't be used: {reason}.",
            title=place.job.title,
            reason=reason,
        ),
        t("Please send another one for number {n} of the proof.", n=refused.requirement + 1),
    )
    rows: Rows = (
        (Button(t.plain("📷 Send another picture"), SendProof(place.assignment.id)),),
        (Button(t.plain("📋 Show the job"), ShowPlace(place.assignment.id)),),
    )
    return Card(text.text(), rows)


def picture_of(proof: Proof) -> Picture | None:
    """Give a picture as it may be shown: a photo as Telegram has it, a document only as we re-encoded it."""
    if proof.shown_file_id is not None:
        return Picture(file_id=proof.shown_file_id, path=proof.path, proof_id=proof.id)
    return Picture(path=proof.path, proof_id=proof.id) if proof.path is not None else None


def _heading(t: Translator, place: Place, number: int) -> Lines:
    requirements = place.job.requirements
    return Lines().add(
        t("<b>{title}</b>", title=place.job.title),
        t("Proof {n} of {count}", n=number + 1, count=len(requirements)),
        "",
        t("<b>{what}</b>", what=requirements[number].text),
    )


def _check_text(
    t: Translator,
    place: Place,
    pictures: Pictures,
    answers: Mapping[int, str],
    *,
    page: int,
    hidden: bool,
    cut: int,
) -> Markup:
    text = Lines().add(t("<b>Check your proof</b>: {title}", title=clip(place.job.title, cut)), "")
    for number, requirement in enumerate(place.job.requirements):
        what = clip(requirement.text, cut)
        if not is_met(number, requirement, pictures, answers):
            text.add(t("{n}. {what}\n<b>Still missing</b>", n=number + 1, what=what))
        elif requirement.kind is ProofKind.TEXT:
            text.add(t("{n}. {what}\n“{answer}”", n=number + 1, what=what, answer=clip(answers[number], cut)))
        else:
            count = len(pictures.of(number))
            text.add(
                t.n(
                    "{number}. {what}\n📷 {n} picture",
                    "{number}. {what}\n📷 {n} pictures",
                    count,
                    number=number + 1,
                    what=what,
                )
            )
    every = pictures.all
    if every and hidden:
        text.add("", t("Picture {n} of {count} is still being checked.", n=page + 1, count=len(every)))
    if any(is_small(picture) for picture in every):
        text.add("", t("⚠️ A picture is very small. Can people read it?"))
    if any(pictures.unreadable.values()):
        text.add("", t("⚠️ A picture could not be read and is left out."))
    if place.assignment.status is AssignmentStatus.SUBMITTED:
        text.add("", t("This replaces what you sent before."))
    elif every:
        text.add("", t("Please cover faces and account names. If all is right, send it."))
    else:
        text.add("", t("If all is right, send it."))
    return text.text()


def _fitting(draw: Callable[[int], Markup], room: int) -> Markup:
    """Give the longest of the drawings that fits."""
    for cut in CLIPS:
        text = draw(cut)
        if visible_length(text) <= room:
            return text
    return text


def _pager(place_id: int, page: int, count: int) -> tuple[Button, ...]:
    return (
        Button("‹", LookAt(place_id, (page - 1) % count)),
        Button(f"{page + 1}/{count}", LookAt(place_id, page)),
        Button("›", LookAt(place_id, (page + 1) % count)),
    )
