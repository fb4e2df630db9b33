"""The ways a call can fail, in Telegram's own words and numbers."""

from __future__ import annotations


class ApiError(Exception):
    """A refused Bot API call: what goes into `error_code`, `description` and `parameters`."""

    def __init__(self, code: int, description: str, *, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


class FieldError(ApiError):
    """A refused field of a JSON object; `sentence` keeps its capital for those who put words before it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(400, _worded("Bad Request", sentence))
        self.sentence = sentence


class DoorError(Exception):
    """A refused call of the door: an HTTP status and a sentence for the person who wrote the script."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def _worded(prefix: str, message: str) -> str:
    """Lower-case the first letter unless a capital or an underscore follows, as Telegram's server does."""
    if message.startswith(prefix):
        return message
    if len(message) > 1 and (message[1] == "_" or "A" <= message[1] <= "Z"):
        return f"{prefix}: {message}"
    return f"{prefix}: {message[:1].lower()}{message[1:]}"


def bad_request(message: str) -> ApiError:
    """Build the 400 answer for a message such as `Message text is empty` or `BUTTON_DATA_INVALID`."""
    return ApiError(400, _worded("Bad Request", message))


def forbidden(message: str) -> ApiError:
    """Build the 403 answer."""
    return ApiError(403, _worded("Forbidden", message))


def too_many_requests(retry_after: int) -> ApiError:
    """Build the 429 answer with its number of seconds."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)


def conflict(message: str) -> ApiError:
    """Build the 409 answer."""
    return ApiError(409, f"Conflict: {message}")
