"""The Bot API's documentation, as aiogram carries it word for word beside every method, type and field.

Read from its files as text: to import all its models would take seconds.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from functools import cache
from pathlib import Path

_FOLDERS = ("methods", "types")
_CODE = re.compile(r":code:`([^`]*)`")
_CLASS = re.compile(r":class:`(?:[^`.]*\.)*([^`]*)`")
_LINK = re.compile(r"`([^`<]*?)\s*<[^>]*>`_+")
_MARKS = re.compile(r"[*`]|\\(?=\S)")
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def plain(text: str) -> str:
    """Take the marks of reStructuredText out of a text: its words are left."""
    text = _LINK.sub(r"\1", _CLASS.sub(r"\1", _CODE.sub(r"\1", text)))
    return " ".join(_MARKS.sub("", text).split())


def _files() -> list[Path]:
    spec = importlib.util.find_spec("aiogram")
    assert spec is not None
    assert spec.origin is not None
    root = Path(spec.origin).parent
    return [file for folder in _FOLDERS for file in sorted((root / folder).glob("*.py"))]


@cache
def documentation() -> str:
    """Answer all that is documented about methods and types, in lower case."""
    texts: list[str] = []
    for file in _files():
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                texts += [
                    str(line.value.value)
                    for line in node.body
                    if isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
                ]
    return plain("\n".join(texts)).lower()


def is_documented(sentence: str) -> bool:
    """Say whether the documentation has this sentence, word for word."""
    return plain(sentence).lower().rstrip(".") in documentation()


@cache
def first_sentence(method: str) -> str:
    """Answer what the documentation says first about a method; "" when it does not know it."""
    name = _CAPITAL.sub("_", method).lower()
    found = [file for file in _files() if file.parent.name == "methods" and file.stem == name]
    for file in found:
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and (words := ast.get_docstring(node)):
                return plain(words).partition(" Source: ")[0].partition(". ")[0].rstrip(".")
    return ""
