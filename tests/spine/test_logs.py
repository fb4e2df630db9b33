"""What a log line holds: the traceback of what went wrong, and neither a token nor what somebody typed."""

import subprocess
import sys

SCRIPT = """
import structlog
from pydantic import BaseModel
from bot.logs import configure
configure("INFO")
class Draft(BaseModel):
    number: int
try:
    Draft(number="my secret words")
except Exception:
    structlog.get_logger().exception("row_set_aside", url="https://api.telegram.org/bot700100:%s/getMe")
""" % ("A" * 35)


def test_an_exception_is_logged_with_its_traceback_and_without_what_was_typed() -> None:
    """Proves that log.exception tells where it happened, in one line, with the token and the input taken out."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    (line,) = done.stderr.splitlines()
    assert "Traceback" in line
    assert "ValidationError" in line
    assert "secret" not in line
    assert "AAAA" not in line
