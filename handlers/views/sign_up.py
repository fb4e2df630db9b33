"""Signing up at the first Apply: the country, then the terms; a place is held meanwhile."""

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.country import country_name
from bot.domain.errors import N_
from bot.i18n import Translator
from handlers.callbacks import JUST_CHANGED, Callback
from handlers.views.card import Button, Card, Lines, grid


class ChooseCountry(Callback, prefix="su.land"):
    """This is where I live."""

    code: str


class AgreeTerms(Callback, prefix="su.yes", careful=JUST_CHANGED):
    """I agree to the terms."""


_IN_SHORT = (
    N_("You never pay to work."),
    N_("You do the work yourself and send honest proof."),
    N_("One person has one account."),
)


def country_prompt(
    t: Translator, codes: Sequence[str], *, unsure: bool, left: timedelta | None, way_out: tuple[Button, ...]
) -> Card:
    """Ask for the country; `unsure` offers what a typed name may have meant, `left` is how long a place is held."""
    question = t("Which of these do you mean? Or type the name again, for example Pakistan.")
    if not unsure:
        question = t("In which country do you live? Tap it or type its name, for example Pakistan.")
    held = [t("✅ Your place is held for {left}.", left=t.duration(left))] if left is not None else []
    text = Lines().add(*held, t("Two short questions, only this once."), "", t("1 of 2"), question)
    buttons = [Button(country_name(code, t.language), ChooseCountry(code)) for code in codes]
    return Card(text.text(), (*grid(buttons, 2), way_out))


def terms_prompt(t: Translator, country: str, *, way_out: tuple[Button, ...]) -> Card:
    """Show the terms in short and ask for the consent."""
    text = Lines().add(
        t("Country: {country}", country=country_name(country, t.language)),
        "",
        t("2 of 2"),
        t("Please read this and tap “I agree”."),
        *(t("• {point}", point=t(point)) for point in _IN_SHORT),
        "",
        t("All of it: /terms and /privacy"),
    )
    return Card(text.text(), ((Button(t.plain("✅ I agree"), AgreeTerms()),), way_out))
