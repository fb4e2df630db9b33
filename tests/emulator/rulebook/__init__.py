"""The rulebook: every rule the emulator enforces as one small record, with Telegram's own words.

To add a rule, put a record into the file of its theme:

    Rule(
        "callback-data-too-long",                       # a name nobody else has
        TEXT,                                           # a call that is taken, from stage.py, or a Good(...) of its own
        right={"reply_markup": keys(callback_data="x" * 64)},   # changes that are still right: the very edge
        wrong={"reply_markup": keys(callback_data="x" * 65)},   # and the change that is one too much
        error="Bad Request: BUTTON_DATA_INVALID",
        says="Data to be sent in a callback query to the bot when the button is pressed, 1-64 bytes",
        source=DOCS,
    ),

That is all. test_rules.py sends both calls raw, sees the wrong one refused in these words and the right one taken;
test_planted.py has the sample bot make the same mistake; `make rules` writes the record into
docs/EMULATOR.md. Words said to be the documentation's must be in it word for word, and a sentence of the emulator's
source with no record here is missing (tidy tests look).

A value may be a step of stage.py (`a_card`, `a_photo_id`, `somebody_who_blocked`, ...): the stage does it first and
puts its result in the value's place. A `File` goes as a part of its own. `before` is done just before the wrong call;
`send` makes the wrong call where a plain one will not do (two pollers at once, a broken body).
"""

from __future__ import annotations

from tests.emulator.rulebook import (
    buttons,
    edits,
    files,
    keyboards,
    payments,
    profile,
    spelling,
    texts,
    things,
    transport,
)
from tests.emulator.rulebook.record import Rule
from tests.emulator.rulebook.table import rules_of_the_table

THEMES: dict[str, tuple[Rule, ...]] = {
    "Calls, tokens and updates": transport.RULES,
    "Texts and chats": texts.RULES,
    "Keyboards": keyboards.RULES,
    "Buttons": buttons.RULES,
    "Edits, deletions, pins and pressed buttons": edits.RULES,
    "Files and albums": files.RULES,
    "The bot's own face": profile.RULES,
    "Payments": payments.RULES,
    "Links, marks and entities": spelling.RULES,
    "Other things to send, quotes and reactions": things.RULES,
}

THEMES["Bounds and refusals of the table"] = rules_of_the_table(rule for rules in THEMES.values() for rule in rules)

RULES: tuple[Rule, ...] = tuple(rule for rules in THEMES.values() for rule in rules)
