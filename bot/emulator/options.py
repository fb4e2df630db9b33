"""What the emulator can be told on its command line. Imports nothing, so that any program can offer the same."""

from __future__ import annotations

import argparse
from pathlib import Path

DEFAULT_PORT = 8081
MAX_PORT = 65_535
WHAT = "A Telegram on your own machine: the Bot API, a door for scripts that play people, and a page with their phones."
AFTER = """It listens on 127.0.0.1 only and says "emulator ready http://127.0.0.1:PORT" once it does. Any token is
accepted, each is its own bot. Try it:

  curl -s localhost:8081/bot123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/getMe
  curl -s localhost:8081/door/people -d '{"first_name": "Ali"}'

The door's calls and the rules that hold here are in docs/EMULATOR.md.
"""


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > MAX_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give 0 to {MAX_PORT}")
    return int(text)


def describe(parser: argparse.ArgumentParser) -> None:
    """Give a parser the emulator's words and options."""
    parser.description, parser.epilog = WHAT, AFTER
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help="where to listen; 0 takes a free port (8081)")
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep people, chats, files and the clock here")
    parser.add_argument("--fresh", action="store_true", help="begin with an empty state")
    parser.add_argument(
        "--headless", action="store_true", help="no page: nothing is drawn for one, and events say only where to look"
    )
    parser.add_argument("--no-limits", action="store_true", help="let bots send as fast as they can, with no 429")
    parser.add_argument(
        "--loopback-webhook", action="store_true", help="allow webhooks to http://127.0.0.1, which Telegram does not"
    )
