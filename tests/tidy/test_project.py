"""The files around the code: pins, the environment's names, nothing of a machine or a registry."""

import re
import tomllib
from typing import get_args

from bot.settings import Settings
from tests.tidy.tree import ROOT, text_of, tracked

REGISTRY = re.compile(
    r"https?://[^\s\"']*(pypi|pythonhosted|/simple|npmjs)[^\s\"']*|^--(extra-)?index-url", re.MULTILINE
)
MACHINE = re.compile(r"(/root/|/work/|/home/\w+/)")


def test_every_pin_has_a_hash() -> None:
    """Proves that both locks pin exact versions with hashes."""
    for name in ("requirements.lock", "requirements-dev.lock"):
        entries = re.split(r"\n(?=[a-z0-9])", text_of(ROOT / name).strip())
        assert len(entries) > 20
        for entry in entries:
            assert re.match(r"[a-z0-9._-]+==\S+", entry), entry[:80]
            assert "--hash=sha256:" in entry, entry[:80]


def test_both_locks_agree() -> None:
    """Proves that the tests run on the very versions that users run on."""

    def pins(name: str) -> dict[str, str]:
        return dict(re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", text_of(ROOT / name), re.MULTILINE))

    run, dev = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {name: version for name, version in run.items() if dev.get(name) != version} == {}


def test_no_file_names_a_registry_or_a_machine() -> None:
    """Proves that no tracked file holds a package registry's address or a path of somebody's machine."""
    found = [
        f"{file}: {match.group(0)}"
        for file in tracked()
        if file.name != "test_project.py"
        for rule in (REGISTRY, MACHINE)
        for match in rule.finditer(text_of(file))
    ]
    assert found == []


def test_the_example_names_every_setting() -> None:
    """Proves that `.env.example` and the settings know the same variables."""
    named = set(re.findall(r"^#?([A-Z_]+)=", text_of(ROOT / ".env.example"), re.MULTILINE))
    assert named == {name.upper() for name in Settings.model_fields}


def test_the_package_asks_for_what_the_makefile_promises() -> None:
    """Proves that the project says it needs Python 3.11, as README and Makefile do."""
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    assert project["requires-python"] == ">=3.11"
    assert "3.11" in text_of(ROOT / "README.md")
    assert get_args(Settings.model_fields["operator_ids"].annotation) == (int,)
