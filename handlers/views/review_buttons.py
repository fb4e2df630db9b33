"""What the buttons of reviewing mean. The data is a reference: every press loads the submission again."""

from handlers.callbacks import Callback


class Approve(Callback, prefix="rv.ok"):
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


class NoNote(Callback, prefix="rv.nonote"):
    """Decide without a note."""


class Undo(Callback, prefix="rv.undo"):
    """Take back a decision."""

    submission_id: int
    version: int


class ChangeToApproved(Callback, prefix="rv.change"):
    """Approve an own rejection after all."""

    submission_id: int
    version: int


class Look(Callback, prefix="rv.look"):
    """One picture of a submission."""

    submission_id: int
    page: int


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


class ConfirmApproveAll(Callback, prefix="rv.allok"):
    """Approve all of a job that the confirmation counted."""

    job_id: int
    up_to_submission_id: int
    count: int


class UndoApproveAll(Callback, prefix="rv.allundo"):
    """Take back an Approve all before it starts."""

    order_id: int
