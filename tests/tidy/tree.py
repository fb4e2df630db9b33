"""The files of the project, read once for the tidy tests."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@cache
def tracked() -> tuple[Path, ...]:
    """List what git tracks (or would track), relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    return tuple(Path(name) for name in listed if name and (ROOT / name).is_file())


def python_files(*folders: str) -> list[Path]:
    """List the Python files below some folders."""
    return [file for file in tracked() if file.suffix == ".py" and (not folders or file.parts[0] in folders)]


def text_of(file: Path) -> str:
    """Read a file of the project; bytes that are no text give nothing."""
    try:
        return (ROOT / file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def syntax_of(file: Path) -> ast.Module:
    """Parse a Python file."""
    return ast.parse(text_of(file))
