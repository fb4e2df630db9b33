"""What a user can cause and is told kindly; everything else is a defect and may crash.

    DomainError
    ├── NotAllowed        the actor may not do this (or it is not theirs: the two answer alike)
    ├── Stale             the thing changed since its button was drawn
    ├── Refused           a rule says no, with the reason
    │   └── AlreadySo     what was asked for is so: nothing to worry about
    ├── TooSoon           the second half of a double tap met a button it was not meant for
    └── InvalidInput      what was typed or sent can't be read

A subclass's `text` is the English message a person reads (a gettext msgid with {named} fields); its module
sits beside the rule that raises it. The frame rolls the unit back and shows the text: nobody else catches these.
"""

from typing import Any


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, don't translate yet"
    """Mark a text for the catalogues without translating it here."""
    return text


class DomainError(Exception):
    """A refusal that the user reads. `params` fill the fields of `text`; `amount` fields are units of money."""

    text: str = N_("That is not possible right now.")
    alert: bool = True  # a window to close, or words that flash up and go

    def __init__(self, **params: Any) -> None:
        super().__init__(self.text.format_map(_Shown(params)))
        self.params = params


class _Shown(dict[str, Any]):
    """Leave a field that was not given visible in the log instead of failing over it."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class NotAllowed(DomainError):
    """The actor has no right to this object, or there is no such object: both answer alike."""

    text = N_("You can't do that here.")


class Stale(DomainError):
    """The object moved on since the button was drawn."""

    text = N_("This has changed in the meantime. Here is how it looks now.")


class Refused(DomainError):
    """A rule of the marketplace says no."""


class AlreadySo(Refused):
    """What was asked for is so already, mostly by the first half of a double tap: words that flash up are enough."""

    alert = False


class TooSoon(DomainError):
    """A press came so soon after its button was drawn that it was meant for what stood there before."""

    text = N_("This has just changed. Tap again if you mean it.")
    alert = False

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class InvalidInput(DomainError):
    """What the person typed or sent can't be used; the text says what is expected."""

    text = N_("I could not read that. Please try again.")
