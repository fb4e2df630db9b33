"""What the buttons of reviewing mean. The data is a reference: every press loads the submission again."""

from bot.domain.errors import N_
from handlers.callbacks import JUST_CHANGED, Callback

NEXT_PROOF = N_("This is the next proof. Tap again if you mean it.")


class Approve(Callback, prefix="rv.ok", careful=NEXT_PROOF):
    """Approve a submission."""

    submission_id: int
    version: int


class Reject(Callback, prefix="rv.no"):
    """Reject a submission: the reason is asked next. `page` is the picture that is shown."""

    submission_id: int
    version: int
    page: int


class AskToFix(Callback, prefix="rv.fix"):
    """Send a submission back: the reason is asked next. `page` is the picture that is shown."""

    submission_id: int
    version: int
    page: int


class PickReason(Callback, prefix="rv.why"):
    """A reason of the closed list."""

    reason: str


class NoNote(Callback, prefix="rv.nonote", careful=JUST_CHANGED):
    """Decide without a note."""


class Undo(Callback, prefix="rv.undo", careful=JUST_CHANGED):
    """Take back a decision."""

    submission_id: int
    version: int


class ChangeToApproved(Callback, prefix="rv.change", careful=JUST_CHANGED):
    """Approve an own rejection after all."""

    submission_id: int
    version: int


class Look(Callback, prefix="rv.look"):
    """One picture of a submission."""

    submission_id: int
    page: int


class LookEarlier(Callback, prefix="rv.first"):
    """The submission that had a picture of this one first."""

    submission_id: int


class ShowTexts(Callback, prefix="rv.text"):
    """One page of a submission's text answers."""

    submission_id: int
    page: int


class Skip(Callback, prefix="rv.skip"):
    """The submission after this one."""

    submission_id: int


class Rejections(Callback, prefix="rv.list"):
    """The next older rejection whose place is still kept."""

    before_id: int


class ApproveAll(Callback, prefix="rv.all"):
    """Ask whether all of a job should be approved."""

    job_id: int


class ConfirmApproveAll(Callback, prefix="rv.allok", careful=JUST_CHANGED):
    """Approve all of a job that the confirmation counted."""

    job_id: int
    up_to_submission_id: int
    count: int


class UndoApproveAll(Callback, prefix="rv.allundo", careful=JUST_CHANGED):
    """Take back an Approve all before it starts."""

    order_id: int
