"""Publishing a job: what its buttons mean, and the card of each question. The preview is in publish_preview.py."""

from collections.abc import Sequence
from datetime import timedelta

from markupsafe import Markup

from bot.domain.job import (
    PHOTOS_LIMIT,
    PLACES_LIMIT,
    REQUIREMENTS_LIMIT,
    STEP_LIMIT,
    STEPS_LIMIT,
    TITLE_LIMIT,
    Category,
    ProofKind,
    Requirement,
)
from bot.domain.job_answers import MINUTES_LIMIT, REVIEW_DAYS, TIME_LIMITS
from bot.domain.publish import JobDraft
from bot.i18n import Translator
from handlers.callbacks import JUST_CHANGED, Callback
from handlers.views.card import Button, Card, Lines, Rows, grid
from handlers.views.jobs import category_name, requirement_line

MINUTES_CHOICES = (1, 2, 3, 5, 10, 15, 20, 30)
QUESTIONS = ("category", "title", "steps", "proofs", "reward", "places")


class ContinueDraft(Callback, prefix="pb.cont"):
    """Go on with the draft that was put away."""


class StartAgain(Callback, prefix="pb.anew"):
    """Drop the draft that was put away and begin anew."""


class KeepAnswer(Callback, prefix="pb.keep"):
    """Leave the answer as it is and go on."""


class CategoryPress(Callback, prefix="pb.cat"):
    """The category of the job."""

    category_id: str


class DropStep(Callback, prefix="pb.sdrop"):
    """Take the last step out; `count` is how many there were when the button was drawn."""

    count: int


class StepsDone(Callback, prefix="pb.sdone"):
    """No more steps."""


class AddProof(Callback, prefix="pb.add"):
    """Ask for one more proof of this kind."""

    kind: str


class PhotoCount(Callback, prefix="pb.photos"):
    """How many photos the proof is."""

    count: int


class DropProof(Callback, prefix="pb.pdrop"):
    """Take the last proof out; `count` is how many there were when the button was drawn."""

    count: int


class ProofsDone(Callback, prefix="pb.pdone"):
    """No more proofs."""


class MinutesPress(Callback, prefix="pb.min"):
    """How long the job takes."""

    minutes: int


class TimeLimitPress(Callback, prefix="pb.time"):
    """How long a worker may take."""

    minutes: int


class ReviewDaysPress(Callback, prefix="pb.days"):
    """How long the employer may take to review."""

    days: int


class EditPress(Callback, prefix="pb.edit"):
    """Change one answer, from the preview."""

    question: str


class PublishPress(Callback, prefix="pb.go", careful=JUST_CHANGED):
    """Publish the draft as it was shown, with this much of the member's earnings."""

    token: str
    revision: int
    earnings: int


class DeleteDraft(Callback, prefix="pb.del"):
    """Throw the draft away (asks first)."""


class DeleteSure(Callback, prefix="pb.gone", careful=JUST_CHANGED):
    """Throw the draft away."""


def heading(t: Translator, question: str, draft: JobDraft) -> Markup:
    """Give the first line of a question: how far one is, or that one is changing an answer."""
    if draft.missing is None or question not in QUESTIONS:
        return t("<b>Change your job</b>")
    return t("<b>New job</b> · {n} of {all}", n=QUESTIONS.index(question) + 1, all=len(QUESTIONS))


def resume_card(t: Translator, draft: JobDraft) -> Card:
    """Ask whether to go on with the draft that was put away."""
    title = draft.title or t.plain("no title yet")
    text = Lines().add(t("You have a job that is not published yet:"), t("<b>{title}</b>", title=title))
    other = t.plain("Delete it, repeat the other job") if draft.repeat_next else t.plain("Delete it, start again")
    rows = ((Button(t.plain("Continue"), ContinueDraft()),), (Button(other, StartAgain()),))
    return Card(text.text(), rows)


def category_card(t: Translator, draft: JobDraft, categories: Sequence[Category]) -> Card:
    """Ask for the category."""
    text = Lines().add(
        heading(t, "category", draft), "", t("What kind of work is it? Choose one, for example Surveys.")
    )
    buttons = [
        Button(
            ("✓ " if category.id == draft.category_id else "") + category_name(t, category.id),
            CategoryPress(category.id),
        )
        for category in categories
    ]
    return Card(text.text(), grid(buttons, 2))


def title_card(t: Translator, draft: JobDraft) -> Card:
    """Ask for the title."""
    text = Lines().add(
        heading(t, "title", draft),
        "",
        t("Type a short title, at most {limit} characters.", limit=TITLE_LIMIT),
        t("For example: <i>Visit a page and send a photo</i>"),
    )
    if draft.title:
        text.add("", t("Now: <b>{title}</b>", title=draft.title))
    return Card(text.text(), _keep(t, draft, there=draft.title is not None))


def steps_card(t: Translator, draft: JobDraft) -> Card:
    """Ask for the steps, showing those there are."""
    text = Lines().add(heading(t, "steps", draft), "")
    lines = draft.lines
    if not lines:
        text.add(
            t("Type the steps, each on its own line. At most {n} steps.", n=STEPS_LIMIT),
            t("Each step has at most {limit} characters.", limit=STEP_LIMIT),
            t("For example:"),
            t("<i>Open the page example.com</i>"),
            t("<i>Read the first article</i>"),
            t("<i>Take a photo of its last line</i>"),
        )
        return Card(text.text())
    text.add(*numbered(t, lines), "", t("Type more steps, or tap Done. Is one wrong? Edit your message."))
    done = Button(t.plain("Done ({n})", n=len(lines)), StepsDone())
    return Card(text.text(), ((done,), (Button(t.plain("Remove the last one"), DropStep(len(lines))),)))


def proofs_card(t: Translator, draft: JobDraft) -> Card:
    """Ask for the proofs, showing those there are."""
    text = Lines().add(heading(t, "proofs", draft), "")
    rows: list[tuple[Button, ...]] = []
    if draft.proofs:
        text.add(*(requirement_line(t, Requirement(p.kind, p.text, p.count)) for p in draft.proofs), "")
    if len(draft.proofs) < REQUIREMENTS_LIMIT:
        text.add(
            t("What must workers send to show that the work is done?"),
            t("For example 1 photo of the last page. You can ask for up to {n} proofs.", n=REQUIREMENTS_LIMIT),
        )
        rows.append(
            (
                Button(t.plain("➕ Photo"), AddProof(ProofKind.PHOTO.value)),
                Button(t.plain("➕ Text"), AddProof(ProofKind.TEXT.value)),
            )
        )
    if draft.proofs:
        rows.append((Button(t.plain("Remove the last one"), DropProof(len(draft.proofs))),))
        rows.insert(0, (Button(t.plain("Done ({n})", n=len(draft.proofs)), ProofsDone()),))
    return Card(text.text(), tuple(rows))


def photo_count_card(t: Translator, draft: JobDraft) -> Card:
    """Ask how many photos."""
    text = Lines().add(heading(t, "proofs", draft), "", t("How many photos? Tap or type a number, for example 1."))
    return Card(text.text(), grid([Button(str(n), PhotoCount(n)) for n in range(1, PHOTOS_LIMIT + 1)], 5))


def proof_text_card(t: Translator, draft: JobDraft) -> Card:
    """Ask what the proof must show or say."""
    text = Lines().add(heading(t, "proofs", draft), "")
    if draft.adding is not None and draft.adding.kind is ProofKind.TEXT:
        text.add(t("Type what the worker must write."), t("For example: <i>The last word of the article</i>"))
    else:
        text.add(t("Type what the photo must show."), t("For example: <i>The last page with today's date</i>"))
    return Card(text.text())


def reward_card(t: Translator, draft: JobDraft, category: Category) -> Card:
    """Ask for the reward, naming the least."""
    text = Lines().add(
        heading(t, "reward", draft),
        "",
        t("How much do you pay for each place? Type an amount, for example {amount}.", amount=_example(t, category)),
        t("In {category} it is at least {amount}.", **_least(t, category)),
    )
    if draft.reward is not None:
        text.add("", t("Now: <b>{amount}</b>", amount=t.money(draft.reward)))
    return Card(text.text(), _keep(t, draft, there=draft.reward is not None))


def places_card(t: Translator, draft: JobDraft) -> Card:
    """Ask for the number of places, repeating the reward as it was read."""
    assert draft.reward is not None
    text = Lines().add(
        heading(t, "places", draft),
        "",
        t("You pay <b>{amount}</b> for each place.", amount=t.money(draft.reward)),
        t("How many people should do this job? Type a number from 1 to {limit}, for example 50.", limit=PLACES_LIMIT),
    )
    if draft.places is not None:
        text.add("", t("Now: <b>{n}</b>", n=draft.places))
    return Card(text.text(), _keep(t, draft, there=draft.places is not None))


def minutes_card(t: Translator, draft: JobDraft) -> Card:
    """Ask for the estimate."""
    text = Lines().add(
        heading(t, "minutes", draft),
        "",
        t("How many minutes does the work take? Type a number from 1 to {n}, or choose.", n=MINUTES_LIMIT),
        t("Now: <b>{minutes}</b>", minutes=minutes_words(t, draft.minutes)),
    )
    return Card(text.text(), grid([Button(minutes_words(t, n), MinutesPress(n)) for n in MINUTES_CHOICES], 4))


def time_limit_card(t: Translator, draft: JobDraft) -> Card:
    """Ask for the time limit; shorter than the work takes is not offered."""
    text = Lines().add(
        heading(t, "time_limit", draft),
        "",
        t("How long may a worker take, from Apply to sending the proof? For example 15 minutes."),
        t("Now: <b>{minutes}</b>", minutes=minutes_words(t, draft.time_limit_minutes)),
    )
    buttons = [Button(minutes_words(t, n), TimeLimitPress(n)) for n in TIME_LIMITS if n >= draft.minutes]
    return Card(text.text(), grid(buttons, 4))


def review_days_card(t: Translator, draft: JobDraft) -> Card:
    """Ask for the review time."""
    text = Lines().add(
        heading(t, "review_days", draft),
        "",
        t("How many days do you need to review a proof? For example 3."),
        t("A proof you did not review by then is approved and paid."),
        t("Now: <b>{days}</b>", days=days_words(t, draft.review_days)),
    )
    return Card(text.text(), grid([Button(str(n), ReviewDaysPress(n)) for n in REVIEW_DAYS], 7))


def numbered(t: Translator, steps: Sequence[str]) -> list[Markup]:
    """Give the steps as numbered lines."""
    return [t("{n}. {step}", n=n, step=step) for n, step in enumerate(steps, start=1)]


def _keep(t: Translator, draft: JobDraft, *, there: bool) -> Rows:
    """Offer to keep an answer one came back to; once all is answered, Back does that."""
    return ((Button(t.plain("✅ Keep it"), KeepAnswer()),),) if there and draft.missing is not None else ()


def _example(t: Translator, category: Category) -> str:
    return t.money(category.minimum_reward * 2)


def _least(t: Translator, category: Category) -> dict[str, str]:
    return {"category": category_name(t, category.id), "amount": t.money(category.minimum_reward)}


def minutes_words(t: Translator, minutes: int) -> str:
    """Write a number of minutes."""
    return t.duration(timedelta(minutes=minutes))


def days_words(t: Translator, days: int) -> str:
    """Write a number of days."""
    return t.duration(timedelta(days=days))
