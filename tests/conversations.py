"""Write docs/conversations.md from the tables of the conversations (`make diagrams`)."""

import ast
import inspect
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any

from telegram.ext import BaseHandler, CommandHandler, MessageHandler

from handlers.conversation import Back, Conversation
from handlers.features import FEATURES
from handlers.routes import ButtonHandler, anything, contact, photo, text
from tests.tidy.tree import ROOT

FILE = ROOT / "docs" / "conversations.md"
HEAD = """# Conversations

Written by `make diagrams` from the tables in `handlers/`; do not edit.

An arrow leads where a callback names the step that follows; `first_unanswered` is whichever question has no answer yet.
Going back is in the tables. Every conversation also has /cancel and its button (the draft is kept for a week), and
answers what fits no step by saying what is expected. An edited message replaces the answer it gave. Any other screen
that is opened leaves it, as /cancel does.
"""
NEXT = "first_unanswered"


async def _nothing(*_: Any) -> None:
    """Stand where a callback would."""


#: What a person sends, by the filter that takes it.
SENT = {
    repr(make(_nothing).filters): words  # type: ignore[attr-defined]
    for make, words in ((text, "words"), (photo, "a picture"), (contact, "a contact"), (anything, "anything else"))
}


def describe(conversation: Conversation) -> str:
    """Give the section of a conversation: how it begins, and what each step takes and does."""
    hours = round(conversation._time_limit.total_seconds() / 3600)
    back = {state.value: before.value for state, before in conversation._back_of.items()}
    steps = type(next(iter(conversation.states)))
    arrows = {("[*]", after) for entry in conversation.entry_points for after in _leads_to(entry.callback, steps)}
    for state, handlers in conversation.states.items():
        onward = [handler for handler in handlers if not isinstance(handler, ButtonHandler) or handler.kind is not Back]
        arrows |= {(str(state), after) for handler in onward for after in _leads_to(handler.callback, steps)}
    order = ["[*]", *map(str, conversation.states), NEXT]
    lines = [
        f"## {conversation.name}",
        "",
        f"Begins with {' · '.join(_taken(handler) for handler in conversation.entry_points)}; "
        f"put away after {hours} h without an answer.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        *(f"    {state}" for state in conversation.states),
        *(f"    {a} --> {b}" for a, b in sorted(arrows, key=lambda arrow: (*map(order.index, arrow),)) if a != b),
        "```",
        "",
        "| step | takes | and |",
        "|---|---|---|",
    ]
    for state, handlers in conversation.states.items():
        lines += [f"| {state} | {_taken(handler)} | {_done(handler)} |" for handler in handlers]
        if str(state) in back:
            lines.append(f"| {state} | Back | goes to {back[str(state)]} |")
    return "\n".join(lines)


def _leads_to(callback: Callable[..., Any], steps: type, *, depth: int = 3) -> set[str]:
    """Give the steps that a callback (or what it returns the result of) names after `return`; [*] is the end."""
    names = inspect.unwrap(callback).__globals__
    found: set[str] = set()
    for node in ast.walk(ast.parse(inspect.getsource(callback))):
        if not isinstance(node, ast.Return) or node.value is None:
            continue
        named: set[str] = set()
        called: set[str] = set()
        for part in ast.walk(node.value):
            if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                if names.get(part.value.id) is steps:
                    named.add(str(getattr(steps, part.attr)))
            elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and names.get(part.func.id) is steps:
                named.add(NEXT)
            elif isinstance(part, ast.Name) and part.id == "END":
                named.add("[*]")
            elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
                follows = names.get(part.func.id)
                if isinstance(follows, FunctionType) and follows.__module__.startswith("handlers.") and depth:
                    called |= _leads_to(follows, steps, depth=depth - 1)
        found |= named or called
    return found


def _taken(handler: BaseHandler[Any, Any, Any]) -> str:
    """Say what a handler takes."""
    if isinstance(handler, ButtonHandler):
        return f"button {handler.kind.__name__}"
    if isinstance(handler, CommandHandler):
        return " ".join(f"/{name}" for name in sorted(handler.commands))
    if isinstance(handler, MessageHandler):
        return SENT[repr(handler.filters)]
    return (type(handler).__doc__ or "").split(";")[0].rstrip(".").lower()


def _done(handler: BaseHandler[Any, Any, Any]) -> str:
    """Say what the callback of a handler does, in the words of its docstring."""
    words = (handler.callback.__doc__ or "moves on").split("\n")[0].rstrip(".")
    return words[0].lower() + words[1:]


def write() -> str:
    """Give the whole file."""
    found = [handler for feature in FEATURES for handler in feature.HANDLERS if isinstance(handler, Conversation)]
    return "\n\n".join([HEAD.strip(), *(describe(one) for one in found)]) + "\n"


if __name__ == "__main__":
    FILE.write_text(write(), encoding="utf-8")
    sys.stdout.write(f"{FILE.relative_to(ROOT)} is up to date\n")
