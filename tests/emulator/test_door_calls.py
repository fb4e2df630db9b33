"""Every call of the door, raw: what the documentation shows works as it stands, and it shows every call there is."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.emulator.server import Server
from bot.emulator.world import World
from tests.pictures import photo

DOCUMENT = Path(__file__).parents[2] / "docs" / "EMULATOR.md"
PLACE = "http://127.0.0.1:8081"
TOKEN = "123456:" + "A" * 35
ALI = 700000001


@pytest.fixture
async def http(base_url: str) -> AsyncIterator[aiohttp.ClientSession]:
    """Give a bare connection to the emulator."""
    async with aiohttp.ClientSession(base_url) as session:
        yield session


class Raw:
    """A bot and the door, with nothing in between but HTTP."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http

    async def door(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """Call the door; the body goes as JSON, whatever its type says, as `curl -d` sends it."""
        data = body if isinstance(body, aiohttp.FormData) or body is None else json.dumps(body)
        async with self.http.request(method, f"/door/{path}", data=data) as response:
            assert response.status == status, await response.text()
            return await response.json()

    async def post(self, act: str, body: Any = None, *, status: int = 200) -> Any:
        """Let Ali do something."""
        return await self.door("POST", f"people/{ALI}/{act}", {} if body is None else body, status=status)

    async def bot(self, method: str, **params: Any) -> Any:
        """Call the Bot API."""
        async with self.http.post(f"/bot{TOKEN}/{method}", json=params) as response:
            return (await response.json())["result"]

    async def heard(self) -> list[dict[str, Any]]:
        """Give the content of what the bot has not heard yet."""
        updates = await self.bot("getUpdates")
        if updates:
            await self.bot("getUpdates", offset=updates[-1]["update_id"] + 1)
        return [next(value for name, value in update.items() if name != "update_id") for update in updates]

    async def messages(self) -> dict[int, dict[str, Any]]:
        """Give Ali's chat as it looks now."""
        return {m["message_id"]: m for m in (await self.door("GET", f"people/{ALI}/chat"))["messages"]}


@pytest.fixture
async def raw(http: aiohttp.ClientSession) -> Raw:
    """Give a bot that Ali has written to."""
    raw = Raw(http)
    await raw.bot("getMe")
    await raw.door("POST", "people", {"id": ALI, "first_name": "Ali", "phone": "+905551112233"})
    await raw.post("text", {"text": "/start"})
    await raw.heard()
    return raw


def files(*names: str, **fields: str) -> aiohttp.FormData:
    """Make a multipart body of pictures."""
    form = aiohttp.FormData()
    for number, name in enumerate(names):
        form.add_field("file", photo(number), filename=name)
    for name, value in fields.items():
        form.add_field(name, value)
    return form


async def test_the_examples_of_the_documentation_work(http: aiohttp.ClientSession) -> None:
    """Every curl line of docs/EMULATOR.md, run in order against a fresh emulator, is answered with 200."""
    script = re.search(r"```sh\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert script is not None
    names: dict[str, str] = {}
    count = 0
    for line in script[1].splitlines():
        if not line.startswith("curl "):
            name, _, value = line.partition("=")
            names[f"${name}"] = value.removeprefix(PLACE)
            continue
        words = shlex.split(line)[2:]
        method = words.pop(words.index("-X") + 1) if "-X" in words else "POST" if {"-d", "-F"} & set(words) else "GET"
        (path,) = [word for word in words if word.startswith("$")]
        path = names[path.partition("/")[0]] + "/" + path.partition("/")[2]
        data = [words[n + 1] for n, word in enumerate(words) if word == "-d"]
        form = [words[n + 1].partition("=") for n, word in enumerate(words) if word == "-F"]
        body: Any = aiohttp.FormData() if form else "&".join(data) or None
        for name, _, value in form:
            body.add_field(
                name, photo(1) if value.startswith("@") else value, filename=value[1:] if "@" in value else None
            )
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if data else {}
        async with http.request(method, path, data=body, headers=headers) as response:
            assert response.status == 200, f"{line}: {await response.text()}"
        count += 1
    assert count > 20


def test_every_call_is_in_the_documentation() -> None:
    """A call that the door has and docs/EMULATOR.md does not name would be no door for anybody."""
    text = DOCUMENT.read_text(encoding="utf-8").replace("{pre_checkout_query_id}", "{}")
    rows = "\n".join(line for line in text.splitlines() if line.startswith("| "))
    rows = re.sub(r"\{\w+\}", "{}", rows)
    missing = []
    for route in Server(World()).door.routes():
        path = re.sub(r"\{\w+\}", "{}", route.path)
        short = path.rpartition("/")[2]
        if path not in rows and f"`/{short}`" not in rows:
            missing.append(f"{route.method} {route.path}")
    assert missing == []


async def test_words_and_their_edits(raw: Raw) -> None:
    """A text, a reply and an edit reach the bot as Telegram has them, and the chat shows how it looks now."""
    (first,) = (await raw.post("text", {"text": "see https://example.com"}))["message_ids"]
    await raw.post("text", {"text": "yes", "reply_to": first})
    await raw.post("edit", {"message_id": first, "text": "see /help"})
    said, reply, edited = await raw.heard()
    assert said["entities"][0]["type"] == "url"
    assert reply["reply_to_message"]["message_id"] == first
    assert (edited["text"], edited["entities"][0]["type"]) == ("see /help", "bot_command")
    shown = (await raw.messages())[first]
    assert (shown["text"], shown["revision"], shown["out"]) == ("see /help", 1, True)
    await raw.post("edit", {"message_id": first, "text": " "}, status=400)


async def test_pictures_and_files(raw: Raw) -> None:
    """A photo has sizes, eleven are an album of ten and one more, a document keeps name and bytes."""
    await raw.post("photos", files("a.jpg", caption="one"))
    await raw.post("photos", files(*(f"{n}.jpg" for n in range(11)), caption="many"))
    await raw.post("documents", files("scan.jpg"))
    heard = await raw.heard()
    widths = [size["width"] for size in heard[0]["photo"]]
    assert widths == sorted(set(widths))
    assert [message.get("caption") for message in heard[:3]] == ["one", "many", None]
    albums = [message.get("media_group_id") for message in heard[1:12]]
    assert len(set(albums[:10])) == 1
    assert albums[10] is None
    assert heard[12]["document"]["file_name"] == "scan.jpg"
    found = await raw.bot("getFile", file_id=heard[12]["document"]["file_id"])
    async with raw.http.get(f"/file/bot{TOKEN}/{found['file_path']}") as response:
        assert await response.read() == photo(0)
    async with raw.http.get(f"/door/files/{heard[12]['document']['file_unique_id']}") as response:
        assert await response.read() == photo(0)
    await raw.post("photos", {}, status=400)
    broken = aiohttp.FormData()
    broken.add_field("file", b"no picture", filename="x.jpg")
    await raw.post("photos", broken, status=400)


async def test_other_things_people_send(raw: Raw) -> None:
    """Contact, location, sticker, voice and video come as themselves; what cannot be is refused."""
    await raw.post("contact")
    await raw.post("contact", {"phone_number": "+1", "first_name": "Eve", "user_id": 5})
    await raw.post("location", {"latitude": 41.5, "longitude": -29})
    await raw.post("sticker")
    await raw.post("voice", {"duration": 7})
    await raw.post("video")
    own, other, place, sticker, voice, video = await raw.heard()
    assert (own["contact"]["user_id"], other["contact"]["user_id"]) == (ALI, 5)
    assert place["location"]["longitude"] == -29
    assert sticker["sticker"]["emoji"]
    assert (voice["voice"]["duration"], video["video"]["mime_type"]) == (7, "video/mp4")
    for act, body in (
        ("location", {"latitude": 91, "longitude": 0}),
        ("location", {"latitude": float("nan"), "longitude": 0}),
        ("voice", {"duration": 0}),
        ("voice", {"duration": True}),
    ):
        await raw.post(act, body, status=400)


async def test_buttons_new_old_and_twice(raw: Raw) -> None:
    """A shown button is pressed by its words, any by its data, as often as one likes; answers are seen by number."""
    keys = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    card = (await raw.bot("sendMessage", chat_id=ALI, text="Well?", reply_markup=keys))["message_id"]
    presses = [await raw.post("press", {"message_id": card, "text": "Yes"}) for _ in range(2)]
    await raw.bot("editMessageText", chat_id=ALI, message_id=card, text="Over")
    await raw.post("press", {"message_id": card, "text": "Yes"}, status=404)
    presses.append(await raw.post("press", {"message_id": card, "data": "y"}))
    heard = await raw.heard()
    assert [query["id"] for query in heard] == [press["callback_query_id"] for press in presses]
    assert [query["data"] for query in heard] == ["y"] * 3
    assert "reply_markup" in heard[0]["message"]
    assert heard[2]["message"]["text"] == "Over"
    await raw.bot("answerCallbackQuery", callback_query_id=heard[1]["id"], text="Thanks", show_alert=True)
    first, second = [await raw.door("GET", f"callbacks/{query['id']}") for query in heard[:2]]
    assert not first["answered"]
    assert (second["answered"], second["text"], second["show_alert"]) == (True, "Thanks", True)


async def test_reading_blocking_and_leaving(raw: Raw) -> None:
    """Unread messages are counted until read; a block and its end are told to the bot; a removed person is gone."""
    await raw.bot("sendMessage", chat_id=ALI, text="News", disable_notification=True)
    view = await raw.door("GET", f"people/{ALI}/chat?after=1")
    assert (view["unread"], [message["silent"] for message in view["messages"]]) == (1, [True])
    await raw.post("read")
    assert (await raw.door("GET", f"people/{ALI}/chat"))["unread"] == 0
    await raw.post("block")
    await raw.post("text", {"text": "x"}, status=409)
    await raw.post("unblock")
    changes = [change["new_chat_member"]["status"] for change in await raw.heard()]
    assert changes == ["kicked", "member"]
    await raw.door("DELETE", f"people/{ALI}")
    await raw.post("text", {"text": "x"}, status=404)
    assert await raw.door("GET", "people") == []


async def test_groups(raw: Raw) -> None:
    """A person makes a group with the bot in it; the bot hears commands there, and what it writes is seen."""
    group = (await raw.post("group_text", {"title": "Family", "text": "/start"}))["chat_id"]
    await raw.post("group_text", {"chat_id": group, "text": "private talk"})
    joined, command = await raw.heard()
    assert joined["new_chat_member"]["status"] == "member"
    assert (command["text"], command["chat"]["title"]) == ("/start", "Family")
    await raw.bot("sendMessage", chat_id=group, text="Hello all")
    shown = (await raw.door("GET", f"people/{ALI}/chat?chat_id={group}"))["messages"]
    assert [message["text"] for message in shown] == ["/start", "private talk", "Hello all"]


async def test_bots_and_what_they_did(raw: Raw) -> None:
    """The door lists the bots, their calls and what they asked for that does not exist; a reset forgets the rest."""
    await raw.http.post(f"/bot{TOKEN}/sendHologram")
    await raw.bot("sendMessage", chat_id=ALI, text="x", colour="red")
    (bot,) = await raw.door("GET", "bots")
    assert (bot["id"], bot["polling"]) == (123456, False)
    calls = (await raw.door("GET", "traffic?after=1"))["calls"]
    assert calls[-1]["unknown_fields"] == ["colour"]
    problems = await raw.door("GET", "problems")
    assert problems["unknown_methods"] == ["sendHologram"]
    assert {"method": "sendMessage", "field": "colour"} in problems["unknown_fields"]
    await raw.door("DELETE", "problems")
    assert (await raw.door("GET", "problems"))["unknown_methods"] == []
    assert await raw.door("POST", "limits", {"enabled": True}) == {"enabled": True}
    await raw.door("POST", "updates", {"update": {"message": {"text": 5}}})
    assert await raw.heard() == [{"text": 5}]
    await raw.door("POST", "reset", {})
    assert await raw.door("GET", "people") == []
