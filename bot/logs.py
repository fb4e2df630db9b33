"""Structured logging: one line a fact, with ids; never a user's text, never the token."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_TOKEN = re.compile(r"\d{5,15}(:|%3A)[A-Za-z0-9_-]{30,}", re.ASCII)
_HIDDEN = "[token]"
#: The password in the address of a database.
_PASSWORD = re.compile(r"(://[^:/@\s]+:)[^@\s]+(?=@)")
#: What pydantic puts into its errors: perhaps what somebody typed.
_INPUT = re.compile(r"input_value=.*?(?=, input_type=)", re.DOTALL)


def redact(text: str) -> str:
    """Take bot tokens, passwords in addresses, and what pydantic quotes of its input, out of a text."""
    return _INPUT.sub("input_value=[hidden]", _PASSWORD.sub(r"\1[password]", _TOKEN.sub(_HIDDEN, text)))


class RedactingFormatter(logging.Formatter):
    """The root of all logs: whatever a library writes, tokens don't leave."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record with its tokens taken out."""
        return redact(super().format(record))


def _redact_event(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: redact(value) if isinstance(value, str) else value for key, value in event.items()}


def configure(level: str) -> None:
    """Send every log line to standard error in one form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in (
        "httpx",
        "httpcore",
        "aiohttp",
        "aiosqlite",
        "apscheduler",
        "aiosql",
        "asyncpg",
        "asyncio",
        "telegram",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact_event,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
