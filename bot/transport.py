"""HTTP out: the Bot API over aiohttp, for our own calls and as the request class given to python-telegram-bot.

The stock httpx layer slows down with each request in flight (docs/PERFORMANCE.md). Errors are told apart here by what
they mean for a sender: Telegram refused (`ApiError`), or nobody knows (`Unreachable`). No text ever holds the token.
"""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
from telegram.error import NetworkError
from telegram.error import TimedOut as TelegramTimedOut
from telegram.request import BaseRequest, RequestData

from storage.unit import current_unit

CALL_SECONDS = 30.0
DOWNLOAD_LIMIT = 20 * 1024 * 1024
CONNECTIONS = 100
_SUCCESS = b'{"ok":true'


class ApiError(Exception):
    """Telegram answered and said no. `code` is its error_code; `retry_after` in seconds on a flood wait."""

    def __init__(self, method: str, code: int, description: str, retry_after: float | None = None) -> None:
        super().__init__(f"{method}: {code} {description}")
        self.method = method
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def says(self, words: str) -> bool:
        """Whether the description holds these words, whatever their case."""
        return words.lower() in self.description.lower()


class Unreachable(Exception):
    """No usable answer. `delivered_maybe` is False only when the request certainly never left."""

    def __init__(self, method: str, why: str, *, delivered_maybe: bool) -> None:
        super().__init__(f"{method}: {why}")
        self.delivered_maybe = delivered_maybe


class SentInsideUnit(Exception):
    """Somebody tried to send while a unit of work was open: the unit is marked failed."""


class Transport:
    """Calls of one bot. Open it inside the running loop; close it at the end."""

    def __init__(self, *, token: str, api_url: str) -> None:
        self._base = f"{api_url.rstrip('/')}/bot{token}"
        self._files = f"{api_url.rstrip('/')}/file/bot{token}"
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the connection pool."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, ttl_dns_cache=300),
            timeout=aiohttp.ClientTimeout(total=CALL_SECONDS, connect=10),
        )

    async def close(self) -> None:
        """Close the connection pool."""
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """Give the open pool."""
        assert self._session is not None, "open the transport first"
        return self._session

    async def call(
        self,
        method: str,
        params: Mapping[str, Any],
        *,
        files: Mapping[str, Path] | None = None,
        seconds: float = CALL_SECONDS,
        read: bool = True,
    ) -> Any:
        """Call a Bot API method and give its `result`. `files` go as multipart under their field names.

        Without `read` a success is only told by not raising: its result is not looked into, and None is given.

        Raises:
            ApiError: Telegram refused.
            Unreachable: refused connection, cut, time-out or an answer that is no Bot API answer.
            SentInsideUnit: a unit of work is open.
        """
        _refuse_inside_unit(method)
        timeout = aiohttp.ClientTimeout(total=seconds, connect=10)
        url = f"{self._base}/{method}"
        try:
            if files:
                form = _form(params, files)
                async with self.session.post(url, data=form, timeout=timeout) as response:
                    return _result(method, response.status, await response.read(), read=read)
            async with self.session.post(url, json=params, timeout=timeout) as response:
                return _result(method, response.status, await response.read(), read=read)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Unreachable(method, type(error).__name__, delivered_maybe=False) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unreachable(method, type(error).__name__, delivered_maybe=True) from None

    async def download(self, file_id: str) -> bytes:
        """Fetch the bytes of a file a person sent (at most 20 MB, Telegram's limit for bots).

        Raises:
            ApiError: the file id is not known here any more, or the file is too big.
            Unreachable: no answer.
        """
        found = await self.call("getFile", {"file_id": file_id})
        try:
            async with self.session.get(f"{self._files}/{found['file_path']}") as response:
                if response.status != 200:
                    raise ApiError("file", response.status, response.reason or "")
                data = await response.content.read(DOWNLOAD_LIMIT + 1)
                while len(data) <= DOWNLOAD_LIMIT and (more := await response.content.read(DOWNLOAD_LIMIT)):
                    data += more
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unreachable("file", type(error).__name__, delivered_maybe=False) from None
        if len(data) > DOWNLOAD_LIMIT:
            raise ApiError("file", 400, "Bad Request: file is too big")
        return data


def _refuse_inside_unit(method: str) -> None:
    uow = current_unit.get()
    if uow is not None:
        uow.failure = SentInsideUnit(f"{method} while unit {uow.key} is open")
        raise uow.failure


def _form(params: Mapping[str, Any], files: Mapping[str, Path]) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in params.items():
        form.add_field(name, value if isinstance(value, str) else json.dumps(value))
    for name, path in files.items():
        form.add_field(name, path.read_bytes(), filename=path.name, content_type="application/octet-stream")
    return form


def _result(method: str, status: int, body: bytes, *, read: bool) -> Any:
    if not read and status == 200 and body.startswith(_SUCCESS):
        return None
    try:
        answer = json.loads(body)
        ok = answer["ok"]
    except (ValueError, KeyError, TypeError):
        raise Unreachable(method, f"HTTP {status} without a Bot API answer", delivered_maybe=True) from None
    if ok:
        return answer.get("result")
    code = int(answer.get("error_code", status))
    description = str(answer.get("description", ""))
    retry_after = (answer.get("parameters") or {}).get("retry_after")
    if code >= 500:
        raise Unreachable(method, f"{code} {description}", delivered_maybe=True)
    raise ApiError(method, code, description, float(retry_after) if retry_after is not None else None)


class FrameworkRequest(BaseRequest):
    """python-telegram-bot's own requests over the same pool.

    What it asks at its start (getMe) is answered with `me` when that is known: Telegram may be away again by then.
    """

    def __init__(self, transport: Transport, *, me: Mapping[str, Any] | None = None) -> None:
        self._transport = transport
        self._me = me

    @property
    def read_timeout(self) -> float:
        """Seconds a request may take."""
        return CALL_SECONDS

    async def initialize(self) -> None:
        """Nothing to do: the application opens the pool."""

    async def shutdown(self) -> None:
        """Nothing to do: the application closes the pool."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = None,
        write_timeout: Any = None,
        connect_timeout: Any = None,
        pool_timeout: Any = None,
    ) -> tuple[int, bytes]:
        """Send one request and give status and body."""
        called = url.rsplit("/", 1)[-1]
        _refuse_inside_unit(called)
        if called == "getMe" and self._me is not None:
            return 200, json.dumps({"ok": True, "result": self._me}).encode()
        body = request_data.json_parameters if request_data else None
        try:
            async with self._transport.session.request(method, url, data=body) as response:
                return response.status, await response.read()
        except TimeoutError:
            raise TelegramTimedOut from None
        except aiohttp.ClientError as error:
            raise NetworkError(type(error).__name__) from None


async def wait_until_there(transport: Transport, on_wait: Any) -> dict[str, Any]:
    """Ask who we are until Telegram answers; only 401 and 404 end the wait.

    Raises:
        ApiError: the token is not valid.
    """
    pause = 1.0
    while True:
        try:
            me: dict[str, Any] = await transport.call("getMe", {})
            return me
        except ApiError as error:
            if error.code in (401, 404):
                raise
            pause = error.retry_after or pause
            on_wait(str(error))
        except Unreachable as error:
            on_wait(str(error))
        await asyncio.sleep(pause)
        pause = min(pause * 2, 30.0)
