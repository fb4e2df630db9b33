"""The card of one's own place in a job, from the moment it is taken to the decision, and what is told about it."""

from datetime import datetime, timedelta

from bot.domain.assignment import AssignmentStatus
from bot.domain.job import ProofKind
from bot.domain.review import Reason
from bot.domain.work import Place, place_topic
from bot.i18n import Translator
from handlers.views.card import Button, Card, Lines, Rows
from handlers.views.jobs import requirement_line
from handlers.views.nav import Balance, Categories, JobCard, MyWork, home_button
from handlers.views.review_words import MEANINGS, reason_words
from handlers.views.work import ApplyPress, AskGiveBack, Extend, GiveBack, SendProof, ShowPlace, clock


def place_card(t: Translator, place: Place, *, drafts: int, extra: timedelta, now: datetime) -> Card:
    """Draw a place as it stands. `drafts` pictures are saved but not sent."""
    text = Lines()
    if place.assignment.status is AssignmentStatus.RESERVED:  # the bar over the chat shows how a pinned card begins
        text.add(clock(t, place.assignment.deadline_at, now))
    text.add(t("<b>{title}</b> · {reward}", title=place.job.title, reward=t.money(place.reward)), "")
    match place.assignment.status:
        case AssignmentStatus.RESERVED:
            _describe_work(t, text, place, drafts=drafts)
            rows = _work_buttons(t, place, drafts=drafts, extra=extra)
        case AssignmentStatus.SUBMITTED:
            _describe_waiting(t, text, place)
            rows = (_more(t), (Button(t.plain("🔁 Replace the proof"), SendProof(place.assignment.id)),), *_leave(t))
        case AssignmentStatus.APPROVED:
            text.add(
                t("✅ Approved. {reward} is yours.", reward=t.money(place.reward))
                if place.assignment.paid_at
                else t("✅ Approved. The money comes in a moment.")
            )
            rows = ((*_more(t), Button(t.plain("💰 Balance"), Balance())), *_leave(t))
        case AssignmentStatus.REJECTED:
            _describe_rejection(t, text, place)
            rows = (_more(t), *_leave(t))
        case AssignmentStatus.RETURNED:
            text.add(t("You gave this place back. That does not count against you."))
            rows = _again(t, place)
        case AssignmentStatus.EXPIRED:
            text.add(t("The time was over, so the place went back to the job. That does not count against you."))
            if drafts:
                text.add(t("Your pictures are saved: take the job again and you can go on."))
            rows = _again(t, place)
    live = place.assignment.status is AssignmentStatus.RESERVED
    return Card(text.text(), rows, topic=place_topic(place.assignment.id), pinned=live)


def held_card(t: Translator, place: Place, *, now: datetime) -> Card:
    """Say that a place is held while country and terms are asked."""
    text = Lines().add(
        t("<b>{title}</b> · {reward}", title=place.job.title, reward=t.money(place.reward)),
        "",
        t("Your place is held for {left}.", left=t.duration(place.assignment.deadline_at - now)),
        t("It is your first job: please answer two short questions, then you can start. You never pay to work."),
    )
    start = Button(t.plain("▶️ Answer and start"), ApplyPress(place.job.id))
    return Card(text.text(), ((start,), (Button(t.plain("↩️ Give place back"), AskGiveBack(place.assignment.id)),)))


def give_back_card(t: Translator, place: Place, *, drafts: int) -> Card:
    """Ask whether the place is really to be given back."""
    text = Lines().add(
        t("Give back your place in <b>{title}</b>?", title=place.job.title),
        t("Somebody else can take it then. It does not count against you."),
    )
    if drafts:
        text.add(t("Your pictures stay saved in case you take this job again."))
    place_id = place.assignment.id
    return Card(
        text.text(),
        (
            (Button(t.plain("↩️ Yes, give it back"), GiveBack(place_id, place.assignment.version)),),
            (Button(t.plain("‹ No, keep it"), ShowPlace(place_id)),),
        ),
        topic=place_topic(place_id),
    )


def ending_card(t: Translator, place: Place, *, extra: timedelta, now: datetime) -> Card:
    """Warn that the time of a place is ending."""
    text = Lines().add(
        t(
            "⏰ <b>{left} left</b> for “{title}”.",
            left=t.duration(place.assignment.deadline_at - now),
            title=place.job.title,
        ),
        t("Send your proof now, or give the place back. It does not count against you."),
    )
    rows: list[tuple[Button, ...]] = [(Button(_send_words(t, place), SendProof(place.assignment.id)),)]
    if place.extendable:
        rows.append((_extend_button(t, place, extra),))
    rows.append((Button(t.plain("📋 Show the job"), ShowPlace(place.assignment.id)),))
    return Card(text.text(), tuple(rows))


def expired_card(t: Translator, place: Place, *, drafts: int) -> Card:
    """Say kindly that a place went back because its time was over."""
    text = Lines().add(
        t("The time for “{title}” was over, so your place went back.", title=place.job.title),
        t("No harm done: this does not count against you."),
    )
    if drafts:
        text.add(t("Your pictures are saved: take the job again and you can go on."))
    return Card(text.text(), _again(t, place))


def _describe_work(t: Translator, text: Lines, place: Place, *, drafts: int) -> None:
    if place.submission is not None:
        text.add(t("🔁 <b>The employer asks you to fix this: {reason}</b>", reason=_reason(t, place)))
        _add_meaning(t, text, place)
        text.add("")
    text.add(t("<b>What to do</b>"))
    for number, step in enumerate(place.job.steps, 1):
        text.add(t("{n}. {step}", n=number, step=step))
    text.add("", t("<b>Proof you send</b>"))
    for requirement in place.job.requirements:
        text.add(requirement_line(t, requirement))
    if drafts:
        saved = t.n("{n} picture is saved but not sent yet.", "{n} pictures are saved but not sent yet.", drafts)
        text.add("", t("💾 {saved}", saved=saved))


def _describe_waiting(t: Translator, text: Lines, place: Place) -> None:
    assert place.submission is not None, "what waits was sent"
    text.add(
        t("⏳ Your proof is sent and waits for review."),
        t(
            "If nobody reviews it, it is approved and paid by itself on {when}.",
            when=t.when(place.submission.review_by_at),
        ),
        t("Until then you can still replace it."),
        "",
        t("You can start your next job now."),
    )


def _describe_rejection(t: Translator, text: Lines, place: Place) -> None:
    text.add(t("❌ <b>Rejected: {reason}</b>", reason=_reason(t, place)))
    _add_meaning(t, text, place)


def _add_meaning(t: Translator, text: Lines, place: Place) -> None:
    submission = place.submission
    if submission is None:
        return
    if submission.reason:
        text.add(t(MEANINGS[Reason(submission.reason)]))
    if submission.note:
        text.add(t("The employer says: “{note}”", note=submission.note))


def _reason(t: Translator, place: Place) -> str:
    return reason_words(t, place.submission.reason if place.submission else None)


def _work_buttons(t: Translator, place: Place, *, drafts: int, extra: timedelta) -> Rows:
    words = t.plain("📷 Go on with the proof") if drafts else _send_words(t, place)
    rows: list[tuple[Button, ...]] = [(Button(words, SendProof(place.assignment.id)),)]
    give_back = Button(t.plain("↩️ Give place back"), AskGiveBack(place.assignment.id))
    rows.append((_extend_button(t, place, extra), give_back) if place.extendable else (give_back,))
    return (*rows, *_leave(t))


def _send_words(t: Translator, place: Place) -> str:
    """Give the words that lead to the proof: who only has to type needs no camera."""
    pictures = any(asked.kind is ProofKind.PHOTO for asked in place.job.requirements)
    return t.plain("📷 Send proof") if pictures else t.plain("✏️ Send proof")


def _extend_button(t: Translator, place: Place, extra: timedelta) -> Button:
    words = t.plain("➕ {n} minutes", n=int(extra.total_seconds()) // 60)
    return Button(words, Extend(place.assignment.id, place.assignment.version))


def _leave(t: Translator) -> Rows:
    return ((Button(t.plain("‹ My work"), MyWork()), home_button(t.plain("🏠 Home"))),)


def _more(t: Translator) -> tuple[Button, ...]:
    return (Button(t.plain("🔎 More jobs"), Categories()),)


def _again(t: Translator, place: Place) -> Rows:
    look = Button(t.plain("📋 Show the job"), JobCard(place.job.id))
    return ((look,), (*_more(t), home_button(t.plain("🏠 Home"))))
