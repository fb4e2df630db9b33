"""The employer's queue card: one submission, its pictures and texts, and the buttons that decide on it.

One message is edited in place. With a picture it is a caption of 1024, without one a text of 4096; what does not fit
is cut with …, and long answers have pages of their own. A worker is a number here, never a name.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from markupsafe import Markup

from bot.domain.assignment import Proof, SubmissionStatus
from bot.domain.errors import N_
from bot.domain.review import FIXABLE, NOTE_LIMIT, Reason
from bot.domain.review_queue import QueueState, ReviewItem, WaitingSum
from bot.i18n import Translator
from handlers.callbacks import Callback
from handlers.views.card import CAPTION_LIMIT, TEXT_LIMIT, Button, Card, Lines, Picture, Rows, grid
from handlers.views.nav import Home, MyJobs, ReviewQueue
from handlers.views.review_buttons import (
    Approve,
    ApproveAll,
    AskToFix,
    ChangeToApproved,
    ConfirmApproveAll,
    Look,
    LookEarlier,
    NoNote,
    PickReason,
    Reject,
    Rejections,
    ShowTexts,
    Skip,
    Undo,
    UndoApproveAll,
)
from handlers.views.review_words import REASONS, answer_lines, answer_pages, clip, reason_words, visible_length

NO_PICTURE = -1
#: Room for a line that is put above a card when something typed was refused.
REASON_ROOM = 210
#: How short the free words of a card are cut until all of it fits.
CLIPS = (600, 240, 120, 60, 24)


_UNDO_LINES = {
    SubmissionStatus.APPROVED: N_("✅ Worker #{number}: approved. You can undo this for a few seconds."),
    SubmissionStatus.REJECTED: N_("❌ Worker #{number}: rejected. You can undo this for a few seconds."),
    SubmissionStatus.CHANGES_REQUESTED: N_("🔁 Worker #{number}: sent back. You can undo this for a few seconds."),
}


def review_card(
    t: Translator, item: ReviewItem, state: QueueState, *, page: int, now: datetime, undo: timedelta
) -> Card:
    """Draw a submission with one of its pictures (or without, when it has none)."""
    pictures = item.pictures
    page = min(max(page, 0), len(pictures) - 1)
    proof = pictures[page] if pictures else None
    if proof is None:
        return text_card(t, item, state, page=0, now=now, undo=undo)

    def draw(cut: int, inline: bool) -> Markup:
        lines = _heading(t, item, state, now=now, cut=cut)
        asked = item.requirements[proof.requirement].text if proof.requirement < len(item.requirements) else ""
        lines.add("", t("📷 {number}. {asked}", number=proof.requirement + 1, asked=clip(asked, min(cut, 200))))
        if inline:
            for number, question, answer in item.texts:
                lines.add("", answer_lines(t, number, question, answer))
        return lines.text()

    text, inline = _fitting(draw, CAPTION_LIMIT)
    rows: list[tuple[Button, ...]] = []
    if len(pictures) > 1:
        rows.append(_pager(page, len(pictures), lambda n: Look(item.case.submission.id, n)))
    if item.texts and not inline:
        rows.append((Button(t.plain("📝 Show the answers"), ShowTexts(item.case.submission.id, 0)),))
    rows.extend(_decisions(t, item, state, page=page, now=now, undo=undo))
    return Card(text, tuple(rows), picture=_picture(proof))


def text_card(t: Translator, item: ReviewItem, state: QueueState, *, page: int, now: datetime, undo: timedelta) -> Card:
    """Draw a submission with one page of its text answers, without a picture."""
    submission_id = item.case.submission.id
    heading, _ = _fitting(lambda cut, _: _heading(t, item, state, now=now, cut=cut).text(), CAPTION_LIMIT)
    pages = answer_pages(t, item.texts, TEXT_LIMIT - visible_length(heading) - REASON_ROOM)
    page = min(max(page, 0), len(pages) - 1)
    text = heading + Markup("\n\n") + pages[page] if pages else heading
    rows: list[tuple[Button, ...]] = []
    if len(pages) > 1:
        rows.append(_pager(page, len(pages), lambda n: ShowTexts(submission_id, n)))
    if item.pictures:
        rows.append((Button(t.plain("📷 Show the pictures"), Look(submission_id, 0)),))
    rows.extend(_decisions(t, item, state, page=NO_PICTURE, now=now, undo=undo))
    return Card(text, tuple(rows))


def empty_card(t: Translator, state: QueueState) -> Card:
    """Say that nothing waits."""
    lines = Lines().add(*_just_done(t, state), t("<b>No proof waits for your review.</b>"))
    lines.add(t("When workers send proof for your jobs, I tell you here."))
    rows = [*_undo_rows(t, state), *_rejections_row(t, state)]
    rows.append((Button(t.plain("🗂 My jobs"), MyJobs()), Button(t.plain("🏠 Home"), Home())))
    return Card(lines.text(), tuple(rows))


def no_rejections_card(t: Translator) -> Card:
    """Say that there is no (older) rejection to change."""
    text = t(
        "There are no more rejections you can change. When the time is over, the place opens again for somebody else."
    )
    return Card(text, ((Button(t.plain("‹ Back"), ReviewQueue()),),))


def confirm_all_card(t: Translator, waiting: WaitingSum) -> Card:
    """Ask whether all waiting proofs of a job should be approved, with the sum."""
    lines = Lines().add(
        t.n(
            "Approve {n} proof of “{title}”?",
            "Approve all {n} proofs of “{title}”?",
            waiting.count,
            title=waiting.title,
        )
    )
    lines.add(
        "", t("The workers get <b>{amount}</b> together, from the money set aside.", amount=t.money(waiting.reward))
    )
    lines.add(t("Proofs you have not looked at are approved too."))
    yes = ConfirmApproveAll(waiting.job_id, waiting.up_to_submission_id, waiting.count)
    return Card(
        lines.text(),
        (
            (Button(t.plain("✅ Approve all · {amount}", amount=t.money(waiting.reward)), yes),),
            (Button(t.plain("‹ Back"), ReviewQueue()),),
        ),
    )


def reason_card(t: Translator, item: ReviewItem, *, fix: bool, page: int, foot: tuple[Button, ...]) -> Card:
    """Ask for the reason; the picture that was looked at stays."""
    question = (
        t("<b>What should the worker fix?</b> They can send it again once.")
        if fix
        else t("<b>Why do you reject this proof?</b> The worker sees the reason.")
    )
    lines = Lines().add(_worker(t, item), "", question, t("Tap the reason that fits best."))
    reasons = FIXABLE if fix else tuple(Reason)
    buttons = [Button(t.plain(REASONS[reason]), PickReason(reason.value)) for reason in reasons]
    return Card(lines.text(), (*grid(buttons, 2), foot), picture=_kept_picture(item, page))


def note_card(
    t: Translator, item: ReviewItem, *, reason: Reason, fix: bool, page: int, foot: tuple[Button, ...]
) -> Card:
    """Ask for a note in the employer's own words."""
    lines = Lines().add(_worker(t, item), t("Reason: {reason}", reason=t.plain(REASONS[reason])), "")
    lines.add(t("<b>Add a note?</b> Type up to {limit} characters, or tap the button below.", limit=NOTE_LIMIT))
    lines.add(t("For example: <i>Please show the page with the order number.</i>"))
    label = t.plain("Send back without a note") if fix else t.plain("Reject without a note")
    buttons = ((Button(label, NoNote()),), foot)
    return Card(lines.text(), buttons, picture=_kept_picture(item, page))


# -- parts -----------------------------------------------------------------------------------------------------


def _heading(t: Translator, item: ReviewItem, state: QueueState, *, now: datetime, cut: int) -> Lines:
    """Give the lines above pictures and texts."""
    submission = item.case.submission
    lines = Lines().add(*_just_done(t, state))
    if submission.status is SubmissionStatus.PENDING:
        left = t.duration(submission.review_by_at - now)
        lines.add(
            t(
                "<b>Proof {position} of {total}</b> · pays itself in {time}",
                position=item.position,
                total=item.total,
                time=left,
            )
        )
    else:
        lines.add(*_decided(t, item, now=now, cut=cut))
    lines.add(t("“{title}” · {amount}", title=clip(item.title, min(cut, 160)), amount=t.money(item.case.reward)))
    lines.add(_worker(t, item))
    if item.asked is not None:
        note = clip(item.asked.note or "", min(cut, 200))
        lines.add(t("🔁 Sent again. You asked: {reason}", reason=t.plain(REASONS[item.asked.reason])))
        if note:
            lines.add(t("<i>{note}</i>", note=note))
    lines.add(*_warnings(t, item))
    if item.approving_all and submission.status is SubmissionStatus.PENDING:
        lines.add(t("⏳ All proofs of this job are being approved."))
    return lines


def _worker(t: Translator, item: ReviewItem) -> Markup:
    """Say who sent it, how good they are, how long they took."""
    time = t.duration(item.time_taken)
    if item.success_bp is None:
        return t("Worker #{number} · new here · took {time}", number=item.worker_number, time=time)
    return t(
        "Worker #{number} · {rate} of {count} approved · took {time}",
        number=item.worker_number,
        rate=t.percent(item.success_bp // 100 * 100),
        count=item.worker_approved + item.worker_rejected,
        time=time,
    )


def _warnings(t: Translator, item: ReviewItem) -> list[Markup]:
    """Warn of proof that came very soon and of pictures that were sent before, and say which can't be shown."""
    lines = []
    if item.is_hasty:
        lines.append(
            t(
                "⚡ Very fast: {time} for a job of about {minutes} min. Please look closely.",
                time=t.duration(item.time_taken),
                minutes=item.minutes,
            )
        )
    if item.seen:
        first = item.seen[0]
        fields = {"number": first.worker_number, "when": t.when(first.sent_at)}
        if first.submission_id is None:
            lines.append(t("⚠️ A picture was sent before, for another job, by worker #{number} on {when}.", **fields))
        elif first.worker_number == item.worker_number:
            lines.append(t("⚠️ This worker sent the same picture to you before, on {when}.", **fields))
        else:
            lines.append(t("⚠️ A picture was sent to you before, by worker #{number} on {when}.", **fields))
        if len(item.seen) > 1:
            lines.append(t.n("⚠️ And {n} more.", "⚠️ And {n} more.", len(item.seen) - 1))
    if item.reused:
        lines.append(
            t.n(
                "⚠️ {n} picture was left out: this worker used it for another job.",
                "⚠️ {n} pictures were left out: this worker used them for other jobs.",
                item.reused,
            )
        )
    if item.in_preparation:
        lines.append(
            t.n("⏳ {n} picture is being prepared.", "⏳ {n} pictures are being prepared.", item.in_preparation)
        )
    if item.not_shown:
        lines.append(t.n("{n} picture can't be shown.", "{n} pictures can't be shown.", item.not_shown))
    return lines


def _decided(t: Translator, item: ReviewItem, *, now: datetime, cut: int) -> list[Markup]:
    """Say how it was decided and what comes of it."""
    submission, assignment = item.case.submission, item.case.assignment
    if submission.status is SubmissionStatus.APPROVED:
        if assignment.paid_at is not None:
            return [t("✅ <b>Approved</b> · paid on {when}", when=t.when(assignment.paid_at))]
        return [t("✅ <b>Approved</b> · is being paid")]
    reason = reason_words(t, submission.reason)
    if submission.status is SubmissionStatus.CHANGES_REQUESTED:
        lines = [t("🔁 <b>Sent back to fix</b> · {reason}", reason=reason)]
    else:
        lines = [t("❌ <b>Rejected</b> · {reason}", reason=reason)]
    if submission.note:
        lines.append(t("<i>{note}</i>", note=clip(submission.note, min(cut, 600))))
    if submission.status is SubmissionStatus.REJECTED and assignment.reopen_at is not None:
        if item.case.frozen and now < assignment.reopen_at:
            lines.append(t("You can change this until {when}.", when=t.when(assignment.reopen_at)))
        else:
            lines.append(t("The place is open again."))
    return lines


def _decisions(
    t: Translator, item: ReviewItem, state: QueueState, *, page: int, now: datetime, undo: timedelta
) -> Rows:
    """Give the buttons below a submission: what its employer may do with it now, then the ways on."""
    case, submission = item.case, item.case.submission
    rows: list[tuple[Button, ...]] = []
    if submission.status is SubmissionStatus.PENDING:
        label = t.plain("✅ Approve · {amount}", amount=t.money(case.reward))
        rows.append((Button(label, Approve(submission.id, submission.version)),))
        reject = Button(t.plain("❌ Reject"), Reject(submission.id, submission.version, page))
        fix = Button(t.plain("🔁 Ask to fix"), AskToFix(submission.id, submission.version, page))
        rows.append((reject, *([fix] if submission.round == 1 else [])))
        if item.job_waiting > 1 and not item.approving_all:
            label = t.plain("Approve all {n} of this job", n=item.job_waiting)
            rows.append((Button(label, ApproveAll(submission.job_id)),))
    elif case.undoable(now=now, undo=undo):
        rows.append((Button(t.plain("↩ Undo"), Undo(submission.id, submission.version)),))
    elif case.frozen and case.assignment.reopen_at is not None and now < case.assignment.reopen_at:
        change = ChangeToApproved(submission.id, submission.version)
        rows.append((Button(t.plain("✅ Change to approved · {amount}", amount=t.money(case.reward)), change),))
    earlier = next((seen.submission_id for seen in item.seen if seen.submission_id is not None), None)
    if earlier is not None:
        rows.append((Button(t.plain("🔍 See the earlier proof"), LookEarlier(earlier)),))
    if item.in_preparation:
        rows.append((Button(t.plain("🔄 Look again"), Look(submission.id, max(page, 0))),))
    if submission.status is SubmissionStatus.PENDING:
        rows.extend(_undo_rows(t, state))
        rows.extend(_rejections_row(t, state))
        skip = Button(t.plain("⏭ Skip"), Skip(submission.id))
        rows.append((*([skip] if item.total > 1 else []), Button(t.plain("🏠 Home"), Home())))
    else:
        if submission.status is SubmissionStatus.REJECTED and state.frozen > 1:
            rows.append((Button(t.plain("Next rejected ›"), Rejections(submission.id)),))
        rows.append((Button(t.plain("‹ Back"), ReviewQueue()),))
    return tuple(rows)


def _just_done(t: Translator, state: QueueState) -> list[Markup]:
    """Say what was done a moment ago and can still be undone."""
    lines = []
    if state.undo is not None:
        lines.append(t(_UNDO_LINES[state.undo.status], number=state.undo.worker_number))
    if state.order is not None:
        lines.append(
            t.n(
                "✅ {n} proof will be approved. You can undo this for a few seconds.",
                "✅ {n} proofs will be approved. You can undo this for a few seconds.",
                state.order.total,
            )
        )
    return [*lines, Markup()] if lines else []


def _undo_rows(t: Translator, state: QueueState) -> list[tuple[Button, ...]]:
    rows: list[tuple[Button, ...]] = []
    if state.undo is not None:
        label = t.plain("↩ Undo: worker #{number}", number=state.undo.worker_number)
        rows.append((Button(label, Undo(state.undo.submission_id, state.undo.version)),))
    if state.order is not None:
        rows.append((Button(t.plain("↩ Undo: approve all"), UndoApproveAll(state.order.id)),))
    return rows


def _rejections_row(t: Translator, state: QueueState) -> list[tuple[Button, ...]]:
    if not state.frozen:
        return []
    return [(Button(t.plain("Rejected lately: {n}", n=state.frozen), Rejections(0)),)]


def _pager(page: int, pages: int, press: Callable[[int], Callback]) -> tuple[Button, ...]:
    """Give ‹ 2/5 ›; the ends lead round, the middle shows the same again."""
    return (
        Button("‹", press((page - 1) % pages)),
        Button(f"{page + 1}/{pages}", press(page)),
        Button("›", press((page + 1) % pages)),
    )


def _fitting(draw: Callable[[int, bool], Markup], limit: int) -> tuple[Markup, bool]:
    """Draw with all answers if that fits, else without, cutting the free words shorter and shorter."""
    text = draw(CLIPS[0], True)
    if visible_length(text) <= limit:
        return text, True
    for cut in CLIPS:
        text = draw(cut, False)
        if visible_length(text) <= limit:
            break
    assert visible_length(text) <= limit, "a card with its shortest words fits"
    return text, False


def _picture(proof: Proof) -> Picture:
    """Give what is shown of a proof: Telegram's copy when there is one, else the file made from it."""
    if proof.shown_file_id is not None:
        return Picture(file_id=proof.shown_file_id, path=proof.path, proof_id=proof.id)
    if proof.kind == "photo":
        return Picture(file_id=proof.file_id, path=proof.path, proof_id=proof.id)
    return Picture(path=proof.path, proof_id=proof.id)


def _kept_picture(item: ReviewItem, page: int) -> Picture | None:
    if page == NO_PICTURE or not item.pictures:
        return None
    return _picture(item.pictures[min(page, len(item.pictures) - 1)])
