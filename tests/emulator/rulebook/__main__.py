"""Write the part "Methods and rules" of docs/EMULATOR.md from the rulebook and the emulator's table (`make rules`)."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from bot.emulator.files import MAX_KEPT_BYTES
from bot.emulator.methods import METHODS
from bot.emulator.reading import BODY_SECONDS, MAX_BODY_BYTES, MAX_FIELDS, MAX_FILES, MAX_TEXT_BYTES
from bot.emulator.schema import Shape, shape_of
from bot.emulator.server import MAX_BOTS
from bot.emulator.world import MAX_CALLS_KEPT, MAX_MESSAGES_KEPT
from tests.emulator.rulebook import RULES, THEMES
from tests.emulator.rulebook.documentation import first_sentence
from tests.emulator.rulebook.record import Rule, Source
from tests.tidy.tree import ROOT

FILE = ROOT / "docs" / "EMULATOR.md"
BEGIN = "<!-- Written by `make rules` from tests/emulator/rulebook; do not edit from here -->"
END = "<!-- to here -->"

#: What a reader might expect and does not find. Fields of the table that are not emulated are listed by themselves.
NOT_EMULATED = (
    "Methods that are not in the table above: they are a loud 404 `method not found`, in red on the page, never a"
    " success that was not one.",
    "Fields listed below as not emulated: Telegram would act on them; here they are taken, do nothing, and are noted as"
    " a problem, which fails a test.",
    "Channels, supergroups, forum topics, business connections, inline mode, games, polls, stories, gifts, passports,"
    " sticker sets, chat administration beyond pins and leaving, and payments with shipping.",
    "Groups are simple: a bot is an ordinary member with privacy mode on, and administrators are not played.",
    "Addresses of files are not fetched: `failed to get HTTP URL content` is what a bot gets for each.",
    "Videos, voice messages and animations are kept as they are: nothing is decoded, re-encoded or given a thumbnail.",
    "Telephone numbers are found in texts when they are written with a plus sign: how Telegram's servers find them is"
    " not public. Card numbers and times of a video are never shown to bots.",
    "Links are found with the usual top-level domains, not with all there are.",
    "A live photo (`InputMediaLivePhoto`) is refused as an unsupported type.",
    "Names of people (`@name`) lead to no chat: only numbers do.",
    "Telegram's own words for a broken multipart body: the emulator names the kind of mistake, not the place.",
    "Rules marked * are decided on Telegram's servers. Their words are widely known, but their bounds can change"
    " without a word; so can the sending limits, which Telegram does not publish in full.",
    "The look of Telegram's own apps: the page shows what a person can see and press, in its own design.",
)
#: What keeps the emulator itself standing; test_hostile_http.py and test_fuzz.py try it.
BAD_INPUT = (
    "It listens on 127.0.0.1 only. A request under another name than `127.0.0.1`, `localhost` or `::1`, of another"
    " origin, or of which a browser says that it comes from another site, gets a 403: no web page elsewhere can drive"
    " the door or a bot.",
    f"All that is no file comes to {MAX_TEXT_BYTES >> 10} KB at most, at most {MAX_FILES} files and {MAX_FIELDS} fields"
    f" go with a call, and {MAX_BODY_BYTES >> 20} MB in all: else 413. A body has {BODY_SECONDS:g} seconds to arrive:"
    " else 408.",
    "Broken JSON counts as far as it goes, as at Telegram: what stands before the mistake is read, the rest is not.",
    f"At most {MAX_BOTS:,} tokens become bots; a further one is `Unauthorized`. Each chat keeps its last"
    f" {MAX_MESSAGES_KEPT:,} messages, the traffic its last {MAX_CALLS_KEPT:,} calls (large ones shortened), and files"
    f" take {MAX_KEPT_BYTES >> 30} GB before the oldest go.",
    "What is no HTTP is hung up on or answered 400; whatever comes, the next call is answered.",
)
HEAD = """## Methods and rules

{rules} rules over {methods} methods. Each rule is a record in `tests/emulator/rulebook`: the wrong call is sent raw,
with no library in between, and gets the words below; the right call beside it is taken; and a sample bot in which the
same mistake is planted is refused by the same words, visible in `/door/traffic`. Words are compared without case.
{documented} rules quote the Bot API's documentation word for word (a test looks), {server} tell of the public source of
Telegram's Bot API server, {td} of that of its client library, {known} of what Telegram's servers are known to do. The
answers are in the words of the two sources, but for {marked} marked *: codes in capitals, and what else is decided on
Telegram's servers, where only experience tells the words.
"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    return f"{fence}{_cell(text)}{fence}"


def _row(rule: Rule) -> str:
    mark = "*" if rule.is_only_known else ""
    answer = _code(f"{rule.code} {rule.error}") if rule.error else f"taken, and noted: {_code(rule.problem)}"
    says = rule.says.replace("<", "&lt;").replace("_", "\\_").replace("*", "\\*").replace("`", "")
    where = {Source.SERVER: " (telegram-bot-api)", Source.TD: " (td)"}.get(rule.source, "")
    return f"| {rule.id}{mark} | {rule.method} | {answer} | {_cell(says)}{where} |"


def _without(shape: Shape) -> list[str]:
    return [entry.name for entry in shape.fields.values() if not entry.emulated]


def _methods() -> Iterable[str]:
    counted = {name: sum(rule.good.method == name for rule in RULES) for name, _ in METHODS.values()}
    yield "| method | the documentation says | parameters | rules |"
    yield "|---|---|---|---|"
    for name, _ in METHODS.values():
        read = [entry.name for entry in shape_of(name).fields.values() if entry.emulated]
        yield f"| {name} | {_cell(first_sentence(name))} | {', '.join(read) or '-'} | {counted[name]} |"


def _ignored() -> Iterable[str]:
    by_field: dict[str, list[str]] = {}
    for name, _ in METHODS.values():
        for field in _without(shape_of(name)):
            by_field.setdefault(field, []).append(name)
    for field, names in sorted(by_field.items()):
        yield f"- `{field}` of {', '.join(names)}"


def write() -> str:
    """Give the whole part, with its marks."""
    count = {source: sum(rule.source is source for rule in RULES) for source in Source}
    lines = [
        BEGIN,
        HEAD.format(
            rules=len(RULES),
            methods=len(METHODS),
            documented=count[Source.DOCS],
            server=count[Source.SERVER],
            td=count[Source.TD],
            known=count[Source.KNOWN],
            marked=sum(rule.is_only_known for rule in RULES),
        ),
        "### Methods",
        "",
        *_methods(),
    ]
    for theme, rules in THEMES.items():
        lines += ["", f"### Rules: {theme}", "", "| rule | method | answer | in whose words |", "|---|---|---|---|"]
        lines += [_row(rule) for rule in rules]
    lines += ["", "### Bad input", "", *(f"- {sentence}" for sentence in BAD_INPUT)]
    lines += ["", "### What is not emulated", "", *(f"- {sentence}" for sentence in NOT_EMULATED)]
    lines += ["", "Documented fields that do nothing here:", "", *_ignored(), END]
    return "\n".join(lines) + "\n"


def with_part(document: str) -> str:
    """Put the part into the document, in place of the one that is there or at its end."""
    before, found, rest = document.partition(BEGIN)
    after = rest.partition(END)[2].lstrip("\n") if found else ""
    return before.rstrip("\n") + "\n\n" + write() + (f"\n{after}" if after else "")


if __name__ == "__main__":
    FILE.write_text(with_part(FILE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{FILE.relative_to(ROOT)} is up to date: {len(RULES)} rules\n")
