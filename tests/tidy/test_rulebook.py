"""The rulebook is whole: names are its own and quotations are the documentation's."""

from collections import Counter

from tests.emulator.rulebook import RULES
from tests.emulator.rulebook.documentation import is_documented
from tests.emulator.rulebook.record import Source


def test_every_rule_has_a_name_of_its_own() -> None:
    """Proves that no name is given twice, and that names are words with hyphens."""
    names = Counter(rule.id for rule in RULES)
    assert [name for name, count in names.items() if count > 1] == []
    assert [name for name in names if not name.replace("-", "").isalnum() or name != name.lower()] == []


def test_quotations_are_the_documentations() -> None:
    """Proves that words said to be the documentation's are in it word for word."""
    assert [rule.id for rule in RULES if rule.source is Source.DOCS and not is_documented(rule.says)] == []
