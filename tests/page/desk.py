"""What a page test holds in its hands: the open page, the people on it, the bot, and the emulator's door."""

from __future__ import annotations

import io
from typing import Any

import aiohttp
from PIL import Image
from playwright.async_api import FilePayload, Locator, Page, expect

from tests.page.sample_bot import SampleBot
from tests.waiting import eventually

Json = dict[str, Any]
TOKEN = "1234567:" + "page-tests-" * 3
WIDE = (1440, 900)
NARROW = (390, 844)
PEOPLE: tuple[Json, ...] = (
    {"first_name": "Ali", "role": "worker", "phone": "+923001234567", "language_code": "en"},
    {"first_name": "Sara", "role": "employer", "phone": "+447700900123", "language_code": "en"},
    {"first_name": "Omar", "role": "subscriber", "phone": "+971501234567", "language_code": "en"},
    {"first_name": "Olga", "role": "operator", "phone": "+12025550123", "language_code": "en"},
)


class Desk:
    """One page in one browser, beside one emulator and one sample bot."""

    def __init__(self, base_url: str, page: Page, bot: SampleBot, session: aiohttp.ClientSession) -> None:
        self.base_url = base_url
        self.page = page
        self.bot = bot
        self.ids: dict[str, int] = {}
        self._session = session

    async def door(self, method: str, path: str, body: Json | None = None) -> Any:
        """Call the door as a script would."""
        async with self._session.request(method, f"{self.base_url}/door/{path}", json=body) as response:
            assert response.status < 400, await response.text()
            return await response.json()

    async def add_person(self, **fields: object) -> int:
        """Add a person; the first of each role is the one that `ids` and `phone` mean."""
        person: Json = await self.door("POST", "people", dict(fields))
        self.ids.setdefault(str(person.get("role")), person["id"])
        number: int = person["id"]
        return number

    def phone(self, role: str) -> Locator:
        """Give the phone of the person with this role."""
        return self.page.locator(f"section.phone[data-person='{self.ids[role]}']")

    async def write(self, phone: Locator, text: str) -> None:
        """Type a text on the phone and tap Send."""
        await phone.locator("textarea.composer").fill(text)
        await phone.locator("button.send").click()

    async def until_read(self, role: str) -> None:
        """Wait until the person has read the chat, as the page counts and as the emulator knows."""
        await expect(self.phone(role).locator(".scroll-down .badge")).to_have_attribute("hidden", "")

        async def read() -> bool:
            chat: Json = await self.door("GET", f"people/{self.ids[role]}/chat")
            return bool(chat["unread"] == 0)

        await eventually(read, f"the {role} has read the chat")

    def pictures(self, count: int) -> list[FilePayload]:
        """Draw some different photos to choose from."""
        chosen: list[FilePayload] = []
        for number in range(count):
            stream = io.BytesIO()
            Image.new("RGB", (320, 240 + 40 * number), (40 + 60 * number, 90, 160)).save(stream, "JPEG")
            chosen.append({"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": stream.getvalue()})
        return chosen
