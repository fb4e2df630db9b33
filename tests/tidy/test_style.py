"""The house rules that no linter knows, held by ordinary tests (docs/ARCHITECTURE.md, Style)."""

import ast
import re

from tests.tidy.tree import python_files, syntax_of, text_of, tracked

FILE_LINES = 440
FUNCTION_LINES = 70
#: A test may hold a table written by hand.
TEST_LINES = 90
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "const", "constants", "manager"}
LEFT_FOR_LATER = re.compile(r"\b(TODO|FIXME|XXX|raise NotImplementedError)\b|pytest\.skip\(\)|mark\.skip\b|xfail")
#: Where a rule has to name what it forbids.
NAMES_THE_RULE = {"test_style.py", "test_texts.py"}
#: They plant damage that the rules must refuse and the auditor must find; no time moves.
PLANTS_DAMAGE = {"test_audit.py", "test_ledger_guards.py"}


def test_files_fit_in_the_head() -> None:
    """Proves that no Python file has grown past what a reader can hold."""
    long = {str(f): n for f in python_files() if (n := len(text_of(f).splitlines())) > FILE_LINES}
    assert long == {}


def test_functions_fit_on_a_screen() -> None:
    """Proves that no function has grown past a screen."""
    long = {
        f"{file}:{node.name}": node.end_lineno - node.lineno
        for file in python_files()
        for node in ast.walk(syntax_of(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno > (TEST_LINES if node.name.startswith("test_") else FUNCTION_LINES)
    }
    assert long == {}


def test_every_module_says_what_it_is_for() -> None:
    """Proves that every module with code opens with a docstring."""
    silent = [str(f) for f in python_files() if syntax_of(f).body and not ast.get_docstring(syntax_of(f))]
    assert silent == []


def test_every_test_says_what_it_proves() -> None:
    """Proves that every test has a docstring of its own."""
    silent = [
        f"{file}:{node.name}"
        for file in python_files("tests")
        for node in ast.walk(syntax_of(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_public_functions_are_described() -> None:
    """Proves that every public function and class outside the tests has a docstring."""
    silent = [
        f"{file}:{node.name}"
        for file in python_files("bot", "storage")
        for node in syntax_of(file).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_nothing_is_left_for_later() -> None:
    """Proves that no file holds a promise instead of code, or a test that does not run."""
    found = [
        f"{file}:{number}: {line.strip()}"
        for file in tracked()
        if file.suffix in {".py", ".sql", ".js", ".css", ".html"} and file.name not in NAMES_THE_RULE
        for number, line in enumerate(text_of(file).splitlines(), 1)
        if LEFT_FOR_LATER.search(line)
    ]
    assert found == []


def test_no_room_is_called_by_nothing() -> None:
    """Proves that no module has a name that would take anything."""
    assert [str(f) for f in python_files() if f.stem in FORBIDDEN_NAMES] == []


def test_an_exemption_gives_its_reason() -> None:
    """Proves that every `noqa` and `type: ignore` names its rule and says why on its line."""
    bare = [
        f"{file}:{number}"
        for file in python_files()
        if file.name not in NAMES_THE_RULE
        for number, line in enumerate(text_of(file).splitlines(), 1)
        if ("# noqa" in line or "# type: ignore" in line)
        and not re.search(r"(noqa: [A-Z0-9, ]+|type: ignore\[[a-z, -]+\]) +(- |# )\S", line)
        and file.parts[0] != "tests"
    ]
    assert bare == []


def test_no_migration_or_query_builds_sql_from_values() -> None:
    """Proves that storage never formats a value into SQL: parameters only."""
    found = [
        f"{file}:{node.lineno}"
        for file in python_files("storage", "handlers")
        if file.name not in {"migrate.py", "sqlite.py", "bulk.py"}
        for node in ast.walk(syntax_of(file))
        if isinstance(node, ast.JoinedStr)
        and re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE) ", "".join(_constants(node)), re.IGNORECASE)
    ]
    assert found == []


def _constants(node: ast.JoinedStr) -> list[str]:
    return [str(value.value) for value in node.values if isinstance(value, ast.Constant)]


def test_time_moves_only_through_the_clocks() -> None:
    """Proves that no code below the composition root asks the machine's clock, and no test edits an `_at` column."""
    asked = [
        f"{file}:{number}"
        for file in python_files("bot", "handlers", "storage")
        if file.parts[:2] not in {("bot", "emulator")} and file.name not in {"app.py", "scheduler.py"}
        for number, line in enumerate(text_of(file).splitlines(), 1)
        if re.search(r"datetime\.now\(|time\.time\(|utcnow\(|date\.today\(", line)
    ]
    edited = [
        f"{file}:{number}"
        for file in python_files("tests")
        if file.name not in NAMES_THE_RULE | PLANTS_DAMAGE
        for number, line in enumerate(text_of(file).splitlines(), 1)
        if re.search(r"UPDATE\s+\w+\s+SET\s((?!WHERE)[^\"])*_at\s*=", line)
    ]
    assert asked == []
    assert edited == []
