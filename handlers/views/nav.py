"""The doors between features: one button meaning for each screen that others lead to."""

from handlers.callbacks import Callback
from handlers.views.card import Button


class Home(Callback, prefix="go.home"):
    """The home dashboard."""


class Categories(Callback, prefix="go.jobs"):
    """The categories to browse."""


class JobCard(Callback, prefix="go.job"):
    """One job's card, for somebody who might take it."""

    job_id: int


class MyWork(Callback, prefix="go.work"):
    """The member's own work in progress and its history."""


class Balance(Callback, prefix="go.money"):
    """Balance, statement and cash-out."""


class ReviewQueue(Callback, prefix="go.review"):
    """The proofs that wait for this employer."""


class MyJobs(Callback, prefix="go.mine"):
    """The jobs this member published."""


class NewJob(Callback, prefix="go.new"):
    """Start publishing a job."""


class Alerts(Callback, prefix="go.alerts"):
    """The member's subscription to high-paying jobs."""


class Settings(Callback, prefix="go.set"):
    """Language, time zone and the like."""


class Help(Callback, prefix="go.help"):
    """Short help."""


class AdminDesk(Callback, prefix="go.admin"):
    """The operator's desk."""


def home_button(text: str) -> Button:
    """Give the button that leads home."""
    return Button(text, Home())
