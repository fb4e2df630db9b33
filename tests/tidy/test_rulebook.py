"""The rulebook is whole: names are its own, quotations the documentation's, and nothing refused is missing in it."""

import ast
import re
from collections import Counter

from bot.emulator.methods import METHODS
from tests.emulator import test_planted, test_rules
from tests.emulator.rulebook import RULES
from tests.emulator.rulebook.__main__ import FILE, with_part
from tests.emulator.rulebook.calls import GOOD
from tests.emulator.rulebook.documentation import is_documented
from tests.emulator.rulebook.record import Source
from tests.tidy.tree import python_files, syntax_of


def test_every_rule_has_a_name_of_its_own() -> None:
    """Proves that no name is given twice, and that names are words with hyphens."""
    names = Counter(rule.id for rule in RULES)
    assert [name for name, count in names.items() if count > 1] == []
    assert [name for name in names if not name.replace("-", "").isalnum() or name != name.lower()] == []


def test_quotations_are_the_documentations() -> None:
    """Proves that words said to be the documentation's are in it word for word."""
    assert [rule.id for rule in RULES if rule.source is Source.DOCS and not is_documented(rule.says)] == []


#: Refusals with no record: they are the emulator's own, need a clock or a flood, or are told by the tests named.
TOLD_ELSEWHERE = {
    "balance_too_low": "test_limits.py, test_payments.py",
    "request timeout": "test_hostile_http.py",
    "can't parse form data: .*": "test_transport.py",
    "internal server error": "a fault of the emulator's own, which no test may see",
}
REFUSING = {"bad_request", "forbidden", "conflict", "ApiError", "FieldError", "MarkupError", "BadLinkError", "fail"}


def _pattern(node: ast.expr) -> str:
    """Give what a sentence in the source looks like when it is sent; "" for what is no sentence."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value.lower())
    if isinstance(node, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.Constant) else None for part in node.values)
        return "".join(".*" if part is None else re.escape(str(part).lower()) for part in parts)
    return ""


def test_every_refusal_of_the_emulator_has_a_rule() -> None:
    """Proves that no sentence with which the emulator's source refuses a call is missing in the rulebook."""
    told = "\n".join(rule.error.lower() for rule in RULES)
    missing: list[str] = []
    for file in python_files("bot"):
        if file.parts[1] != "emulator":
            continue
        for node in ast.walk(syntax_of(file)):
            if isinstance(node, ast.Call) and _name_of(node.func) in REFUSING:
                patterns = [pattern for argument in node.args if (pattern := _pattern(argument))]
                missing += [f"{file}:{node.lineno} {one}" for one in patterns if not _is_told(one, told)]
    assert missing == []


def _is_told(pattern: str, told: str) -> bool:
    return re.search(pattern, told) is not None or pattern.replace("\\", "") in TOLD_ELSEWHERE


def _name_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def test_every_method_has_a_call_that_is_taken() -> None:
    """Proves that each method of the emulator has one right call, from which the table's rules go wrong."""
    assert [name for name, _ in METHODS.values() if name not in GOOD] == []


def test_the_document_is_up_to_date() -> None:
    """Proves that docs/EMULATOR.md tells of the rules and methods there are; `make rules` writes it again."""
    document = FILE.read_text(encoding="utf-8")
    assert document == with_part(document), "run `make rules`"


def _rules_given_to(test: object) -> set[str]:
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    return {rule.id for mark in marks for rule in mark.args[1]}


def test_every_rule_is_sent_raw_and_planted() -> None:
    """Proves that no rule is left out, neither of the raw calls nor of the sample bot's mistakes."""
    every = {rule.id for rule in RULES}
    assert _rules_given_to(test_rules.test_a_wrong_call_gets_telegrams_answer) == every
    assert _rules_given_to(test_planted.test_a_planted_mistake_is_refused) == every
