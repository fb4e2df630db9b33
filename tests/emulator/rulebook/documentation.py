"""The Bot API's documentation, as aiogram carries it word for word beside every method, type and field.

Read from its files as text: to import all its models would take seconds.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

_FOLDERS = ("methods", "types")
_CODE = re.compile(r":code:`([^`]*)`")
_CLASS = re.compile(r":class:`(?:[^`.]*\.)*([^`]*)`")
_LINK = re.compile(r"`([^`<]*?)\s*<[^>]*>`_+")
_MARKS = re.compile(r"[*`]|\\(?=\S)")


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
def _classes() -> dict[str, ast.ClassDef]:
    """Answer all methods and types by their names."""
    classes: dict[str, ast.ClassDef] = {}
    for file in _files():
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                classes[node.name] = node
    return classes


@cache
def documentation() -> str:
    """Answer all that is documented about methods and types, in lower case."""
    lines = (line for node in _classes().values() for line in node.body)
    texts = (line.value.value for line in lines if isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
    return plain("\n".join(str(text) for text in texts)).lower()


def is_documented(sentence: str) -> bool:
    """Say whether the documentation has this sentence, word for word."""
    return plain(sentence).lower().rstrip(".") in documentation()


def first_sentence(method: str) -> str:
    """Answer what the documentation says first about a method; "" when it does not know it."""
    node = _classes().get(method[0].upper() + method[1:])
    words = (ast.get_docstring(node) if node is not None else "") or ""
    return plain(words).partition(" Source: ")[0].partition(". ")[0].rstrip(".")


def field_words(method: str, field: str) -> str:
    """Answer what the documentation says of a parameter; "" when it does not know it."""
    node = _classes().get(method[0].upper() + method[1:])
    lines = node.body if node is not None else []
    for line, after in pairwise(lines):
        named = isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.target.id == field
        if named and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            return plain(str(after.value.value)).partition(". ")[0].removesuffix(" :ref:More")
    return ""
