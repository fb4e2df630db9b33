"""Working: the card of a place with its clock, the list of one's own work, and what is told about both."""

from handlers.callbacks import Callback


class ApplyPress(Callback, prefix="wk.apply"):
    """Take a place in a job."""

    job_id: int


class ShowPlace(Callback, prefix="wk.card"):
    """The card of one's own place."""

    assignment_id: int


class SendProof(Callback, prefix="pf.send"):
    """Start or go on sending the proof of one's own place."""

    assignment_id: int
