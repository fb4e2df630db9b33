"""A stand-in for Telegram that costs next to nothing, so that what is measured is the bot: raw HTTP on asyncio.

It holds a gate: getUpdates stays empty until `/control/open` brings a batch of taps; then hands them out with
Telegram's rules (at most 100, confirmed by offset). Bodies are kept as they came and read only when `/control/stats`
asks: which tap got its answer and its edit, how often, and with what text and keyboard.
"""

import asyncio
import json
import re
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

BOT = {"id": 700200300, "is_bot": True, "first_name": "Bench", "username": "BenchBot"}
DATE = 1_760_000_000
LONGEST_POLL = 50.0

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_FORM = re.compile(rb"\r\ncontent-type: *application/x-www-form-urlencoded", re.IGNORECASE)
_CHAT = re.compile(rb'\bchat_id"?[:=] ?(\d+)')
_MESSAGE = re.compile(rb'\bmessage_id"?[:=] ?(\d+)')
_OFFSET = re.compile(rb'\boffset"?[:=] ?(\d+)')
_TIMEOUT = re.compile(rb'\btimeout"?[:=] ?(\d+)')

_OK = b'{"ok":true,"result":true}'
_EMPTY = b'{"ok":true,"result":[]}'
_UPDATES_AT_ONCE = 100


@dataclass(slots=True)
class Batch:
    """The taps of one opening of the gate, and every call that came since."""

    taps: int = 0
    first_serial: int = 0
    opened: float = 0.0
    ended: float = 0.0
    answers: list[tuple[bytes, bool]] = field(default_factory=list)
    edits: list[tuple[bytes, bool]] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    chats: dict[int, int] = field(default_factory=dict)


class Desk:
    """The state behind all connections. A tap's serial number is its query's id and its message's id."""

    def __init__(self, first_update: int) -> None:
        self.next_serial = first_update
        self.delay = 0.0
        self.batch = Batch()
        self.queue: deque[tuple[int, bytes]] = deque()
        self.pollers: dict[Wire, asyncio.TimerHandle] = {}
        self.on_polling: list[Wire] = []
        self.on_done: list[Wire] = []
        self.message_tail = b""

    # -- the bot's side ------------------------------------------------------------------------------------------

    def call(self, wire: "Wire", method: str, body: bytes, form: bool) -> None:
        """Answer one call of the bot."""
        if method == "getUpdates":
            self._poll(wire, body)
            return
        batch = self.batch
        batch.calls[method] += 1
        if method == "answerCallbackQuery":
            batch.answers.append((body, form))
            reply = _OK
        elif method == "editMessageText":
            batch.edits.append((body, form))
            reply = self._message(body)
        elif method == "sendMessage":
            reply = self._message(body)
        elif method == "getMe":
            reply = _result(BOT)
        elif method == "getWebhookInfo":
            reply = _result({"url": ""})
        else:
            reply = _OK
        if len(batch.edits) >= batch.taps and len(batch.answers) >= batch.taps and not batch.ended and batch.taps:
            batch.ended = time.monotonic()
            self._tell(self.on_done)
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay, wire.reply, reply)
        else:
            wire.reply(reply)

    def _message(self, body: bytes) -> bytes:
        """Give the message that a send or an edit results in, as complete as Telegram's."""
        chat, message = _CHAT.search(body), _MESSAGE.search(body)
        return b'{"ok":true,"result":{"message_id":%b,"chat":{"id":%b,"type":"private","first_name":"Ana"}%b}}' % (
            message.group(1) if message else b"1",
            chat.group(1) if chat else b"0",
            self.message_tail or b',"date":%d,"text":"."' % DATE,
        )

    def _poll(self, wire: "Wire", body: bytes) -> None:
        offset = _OFFSET.search(body)
        if offset:
            confirmed = int(offset.group(1))
            while self.queue and self.queue[0][0] < confirmed:
                self.queue.popleft()
        if self.queue:
            wire.reply(self._slice())
            return
        wanted = _TIMEOUT.search(body)
        seconds = min(float(wanted.group(1)) if wanted else 0.0, LONGEST_POLL)
        self.pollers[wire] = asyncio.get_running_loop().call_later(seconds, self._nothing_came, wire)
        self._tell(self.on_polling)

    def _slice(self) -> bytes:
        some = [raw for _, raw in list_head(self.queue, _UPDATES_AT_ONCE)]
        return b'{"ok":true,"result":[%b]}' % b",".join(some)

    def _nothing_came(self, wire: "Wire") -> None:
        del self.pollers[wire]
        wire.reply(_EMPTY)

    def gone(self, wire: "Wire") -> None:
        """Forget a connection that was cut."""
        timer = self.pollers.pop(wire, None)
        if timer is not None:
            timer.cancel()

    # -- the runner's side ---------------------------------------------------------------------------------------

    def control(self, wire: "Wire", what: str, body: bytes) -> None:
        """Do what the runner asks."""
        if what == "open":
            self._open(json.loads(body))
            wire.reply(_OK)
        elif what == "polling":
            self._when(wire, self.on_polling, bool(self.pollers))
        elif what == "done":
            self._when(wire, self.on_done, bool(self.batch.ended))
        elif what == "stats":
            wire.reply(_result(stats_of(self.batch)))
        else:
            wire.reply(_result(None))

    def _open(self, order: dict[str, Any]) -> None:
        """Prepare a batch of taps, then let them through.

        `taps` are pairs of sender and callback data; `under` is the message they are buttons of; `becomes` what an
        edit results in; `delay` what each later call takes, in seconds.
        """
        self.delay = order["delay"]
        self.message_tail = b"," + _dump({"from": BOT, "date": DATE, **order["becomes"]})[1:-1]
        first = self.next_serial
        shown = _dump({"from": BOT, "date": DATE, **order["under"]})[1:-1]
        prepared: list[tuple[int, bytes]] = []
        for serial, (sender, data) in enumerate(order["taps"], first):
            person = b'{"id":%d,"is_bot":false,"first_name":"Ana","language_code":"en"}' % sender
            prepared.append(
                (
                    serial,
                    b'{"update_id":%d,"callback_query":{"id":"%d","from":%b,"chat_instance":"1","data":%b,"message":'
                    b'{"message_id":%d,"chat":{"id":%d,"type":"private","first_name":"Ana"},%b}}}'
                    % (serial, serial, person, _dump(data), serial, sender, shown),
                )
            )
        self.next_serial += len(prepared)
        chats = {serial: sender for serial, (sender, _) in enumerate(order["taps"], first)}
        self.batch = Batch(taps=len(prepared), first_serial=first, chats=chats, opened=time.monotonic())
        self.queue.extend(prepared)
        for wire, timer in list(self.pollers.items())[:1]:
            timer.cancel()
            del self.pollers[wire]
            wire.reply(self._slice())

    def _when(self, wire: "Wire", waiting: "list[Wire]", already: bool) -> None:
        if already:
            wire.reply(_OK)
        else:
            waiting.append(wire)

    def _tell(self, waiting: "list[Wire]") -> None:
        for wire in waiting:
            wire.reply(_OK)
        waiting.clear()


class Wire(asyncio.Protocol):
    """One keep-alive connection: splits requests off and hands them to the desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._buffer = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = transport  # type: ignore[assignment]  # a stream's transport can write

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was being waited for here."""
        self._transport = None
        self._desk.gone(self)

    def data_received(self, data: bytes) -> None:
        """Take in what came and answer every request that is whole."""
        self._buffer = self._buffer + data if self._buffer else data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[: end + 2]
            length = _LENGTH.search(head)
            if length:
                stop = end + 4 + int(length.group(1))
                if len(self._buffer) < stop:
                    return
                body = self._buffer[end + 4 : stop]
            elif _CHUNKED.search(head):
                whole = unchunk(self._buffer, end + 4)
                if whole is None:
                    return
                body, stop = whole
            else:
                body, stop = b"", end + 4
            self._buffer = self._buffer[stop:]
            path = head[head.index(b" ") + 1 : head.index(b" HTTP/")]
            path, _, query = path.partition(b"?")
            folder, _, name = path.rpartition(b"/")
            if folder == b"/control":
                self._desk.control(self, name.decode(), body)
            else:
                self._desk.call(self, name.decode(), body or query, bool(query) or bool(_FORM.search(head)))

    def reply(self, body: bytes) -> None:
        """Send an answer, if anybody is still there."""
        if self._transport is not None:
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
            )


def unchunk(buffer: bytes, at: int) -> tuple[bytes, int] | None:
    """Read a chunked body from `at` on: the body and where it ends, or None while it is not whole."""
    parts: list[bytes] = []
    while True:
        line_end = buffer.find(b"\r\n", at)
        if line_end < 0:
            return None
        size = int(buffer[at:line_end].split(b";")[0], 16)
        at = line_end + 2 + size + 2
        if len(buffer) < at:
            return None
        if size == 0:
            return b"".join(parts), at
        parts.append(buffer[line_end + 2 : at - 2])


def list_head(queue: deque[tuple[int, bytes]], count: int) -> list[tuple[int, bytes]]:
    """Give the first entries of a queue, which keeps them."""
    return [queue[i] for i in range(min(count, len(queue)))]


def stats_of(batch: Batch) -> dict[str, Any]:
    """Count what became of each tap of a batch, by reading every call as it came."""
    wanted = range(batch.first_serial, batch.first_serial + batch.taps)
    answers: Counter[int] = Counter()
    edits: Counter[int] = Counter()
    texts: Counter[str] = Counter()
    keyboards: Counter[str] = Counter()
    strays = 0
    for body, form in batch.answers:
        serial = int(_fields(body, form)["callback_query_id"])
        strays += serial not in wanted
        answers[serial] += 1
    for body, form in batch.edits:
        fields = _fields(body, form)
        serial = int(fields["message_id"])
        strays += batch.chats.get(serial) != int(fields["chat_id"])
        edits[serial] += 1
        texts[str(fields["text"])] += 1
        keyboards[json.dumps(_opened(fields.get("reply_markup")), sort_keys=True, ensure_ascii=False)] += 1
    return {
        "taps": batch.taps,
        "both_once": sum(answers[serial] == 1 and edits[serial] == 1 for serial in wanted),
        "repeats": sum(n - 1 for n in (*answers.values(), *edits.values())),
        "strays": strays,
        "texts": dict(texts.most_common(3)),
        "distinct_texts": len(texts),
        "keyboards": dict(keyboards.most_common(3)),
        "distinct_keyboards": len(keyboards),
        "calls": dict(batch.calls),
        "seconds": batch.ended - batch.opened,
    }


def _fields(body: bytes, form: bool) -> dict[str, Any]:
    return dict(parse_qsl(body.decode(), keep_blank_values=True)) if form else json.loads(body)


def _opened(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _result(value: Any) -> bytes:
    return b'{"ok":true,"result":%b}' % _dump(value)


async def serve(port: int, first_update: int) -> None:
    """Listen on a port (0: any) of this machine, print which, and serve until killed."""
    desk = Desk(first_update)
    server = await asyncio.get_running_loop().create_server(lambda: Wire(desk), "127.0.0.1", port)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1]), int(sys.argv[2])))
