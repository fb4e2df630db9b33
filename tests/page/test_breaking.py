"""What goes wrong on real phones: double taps, old buttons, big files, too many photos, a slow or silent bot."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, expect

from tests.page.desk import NARROW, Desk
from tests.pictures import photo, screenshot

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

DROP = """([selector, files, how]) => {
    const given = new DataTransfer();
    for (const { name, type, text } of files) {
        const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
        given.items.add(new File([bytes], name, { type }));
    }
    const target = document.querySelector(selector);
    const rest = { bubbles: true, cancelable: true };
    const event = how === 'paste' ? new ClipboardEvent('paste', { clipboardData: given, ...rest })
        : new DragEvent(how, { dataTransfer: given, ...rest });
    target.dispatchEvent(event);
}"""


def shots(count: int, kind: str = "JPEG") -> list[FilePayload]:
    """Draw so many screenshots, all different."""
    return [
        {
            "name": f"shot-{number}.{kind.lower()}",
            "mimeType": f"image/{kind.lower()}",
            "buffer": screenshot(number, size=(270, 540), kind=kind),
        }
        for number in range(count)
    ]


def as_given(files: list[FilePayload]) -> list[dict[str, str]]:
    """Write files so that a page can make them."""
    return [
        {"name": one["name"], "type": one["mimeType"], "text": base64.b64encode(one["buffer"]).decode()}
        for one in files
    ]


@pytest.mark.parametrize("desk_size", [NARROW])
async def test_a_double_tap_is_one_press_or_two_known_ones(desk: Desk) -> None:
    """While a press is not answered a second tap of the thumb sends nothing."""
    phone = desk.phone("worker")
    await desk.write(phone, "/start")
    button = phone.locator("button.inline-button", has_text="Wait")
    await button.tap()
    await button.tap()
    await button.tap()
    desk.bot.release.set()
    await expect(button).not_to_have_attribute("aria-busy", "true")
    await phone.locator("button.inline-button", has_text="Toast").tap()
    presses = await desk.bot.heard(lambda update: "callback_query" in update, count=2)
    assert [update["callback_query"]["data"] for update in presses] == ["wait", "toast"]


async def test_two_buttons_of_one_message_may_both_wait(desk: Desk) -> None:
    """A slow bot does not lock the phone: other buttons, texts and the other phones go on."""
    phone = desk.phone("worker")
    await desk.write(phone, "/start")
    await phone.locator("button.inline-button", has_text="Wait").click()
    await phone.locator("button.inline-button", has_text="Toast").click()
    await expect(phone.locator("button[aria-busy=true]")).to_have_count(2)
    await desk.write(phone, "echo still here")
    await expect(phone.locator(".row.out .text").last).to_have_text("echo still here")
    desk.bot.release.set()
    await expect(phone.locator("button[aria-busy=true]")).to_have_count(0)
    await expect(phone.locator(".row.in .text").last).to_have_text("You said still here")


async def test_a_reload_keeps_what_waits(desk: Desk) -> None:
    """Reloaded while a press waits, the page shows the chat as it is, and the late answer finds it."""
    phone = desk.phone("worker")
    await desk.write(phone, "/start")
    await phone.locator("button.inline-button", has_text="Wait").click()
    await desk.bot.heard_text("/start")
    await desk.page.reload()
    await expect(phone.locator("button.inline-button", has_text="Wait")).to_be_visible()
    desk.bot.release.set()
    await desk.write(phone, "echo after")
    await expect(phone.locator(".row.in .text").last).to_have_text("You said after")


async def test_a_button_of_an_old_message_still_works(desk: Desk) -> None:
    """Every message keeps its buttons, and an old one can be pressed after newer ones came."""
    phone = desk.phone("worker")
    await desk.write(phone, "/start")
    await expect(phone.locator(".row.in")).to_have_count(1)
    for number in range(3):
        await desk.bot.say(desk.ids["worker"], f"news {number}")
    await phone.locator("button.inline-button", has_text="Edit").first.click()
    await expect(phone.locator(".row.in .text").first).to_have_text("Changed in place")


async def test_an_edit_glows_and_a_silent_message_is_marked(desk: Desk) -> None:
    """A changed message is highlighted for a moment; one sent without a sound says so."""
    phone, worker = desk.phone("worker"), desk.ids["worker"]
    await desk.write(phone, "/start")
    await desk.bot.heard_text("/start")
    quiet = await desk.bot.say(worker, "psst", disable_notification=True)
    bubble = phone.locator(".row.in .message", has_text="psst")
    await expect(bubble.get_by_role("img", name="Sent silently")).to_be_visible()
    await desk.page.emulate_media(reduced_motion="no-preference")
    await desk.bot.call("editMessageText", chat_id=worker, message_id=quiet["message_id"], text="psst!")
    await expect(phone.locator(".message.just-edited")).to_contain_text("psst!")
    await expect(phone.locator(".message.just-edited")).to_have_count(0)


async def test_typing_is_shown_and_ends(desk: Desk) -> None:
    """A chat action shows in the header until the message comes."""
    phone, worker = desk.phone("worker"), desk.ids["worker"]
    await desk.write(phone, "echo hello")
    await expect(phone.locator(".row.in")).to_have_count(1)
    await desk.bot.call("sendChatAction", chat_id=worker, action="typing")
    await expect(phone.locator(".bot-status.typing")).to_contain_text("typing")
    await desk.bot.say(worker, "done")
    await expect(phone.locator(".bot-status.typing")).to_have_count(0)


async def test_eleven_photos_become_an_album_and_one(desk: Desk) -> None:
    """Eleven photos at once are split as Telegram does: ten in an album, one alone."""
    phone = desk.phone("worker")
    await phone.locator("input[type=file].photo-input").set_input_files(shots(11))
    sent = await desk.bot.heard(lambda update: "photo" in update.get("message", {}), count=11)
    assert [one["message"].get("media_group_id") for one in sent].count(sent[0]["message"]["media_group_id"]) == 10
    await expect(phone.locator(".album .tile")).to_have_count(10)
    await expect(phone.locator(".row.out .photo")).to_have_count(11)


async def test_a_big_file_arrives_and_a_bigger_one_is_refused_in_words(desk: Desk, tmp_path: Path) -> None:
    """25 MB can be sent as a file; what is beyond every limit is a line on the phone, and the phone goes on."""
    phone = desk.phone("worker")
    picker = phone.locator("input[type=file].file-input")
    (tmp_path / "big.bin").write_bytes(bytes(25 << 20))
    await picker.set_input_files(tmp_path / "big.bin")
    heard = await desk.bot.heard(lambda update: "document" in update.get("message", {}))
    assert heard[0]["message"]["document"]["file_size"] == 25 << 20
    await expect(phone.locator(".row.out .file-detail")).to_contain_text("25.0 MB")
    await picker.evaluate(
        """(input) => {
            const given = new DataTransfer();
            given.items.add(new File([new Uint8Array(61 * 1024 * 1024)], 'huge.bin'));
            input.files = given.files;
            input.dispatchEvent(new Event('change'));
        }"""
    )
    await expect(phone.locator(".toast.bad")).to_contain_text("too big")
    await desk.write(phone, "echo alive")
    await expect(phone.locator(".row.in .text").last).to_have_text("You said alive")


@pytest.mark.parametrize("how", ["drop", "paste"])
async def test_files_can_be_dropped_and_pasted(desk: Desk, how: str) -> None:
    """Pictures dropped on a phone or pasted into it are an album; with another file among them all are files."""
    phone = desk.phone("employer")
    where = f"section.phone[data-person='{desk.ids['employer']}'] textarea.composer"
    if how == "drop":
        await desk.page.evaluate(DROP, [where, as_given(shots(1)), "dragover"])
        await expect(phone.locator(".chat-area.dropping")).to_have_count(1)
    await desk.page.evaluate(DROP, [where, as_given(shots(2)), how])
    await expect(phone.locator(".chat-area.dropping")).to_have_count(0)
    sent = await desk.bot.heard(lambda update: "photo" in update.get("message", {}), count=2)
    assert sent[0]["message"]["chat"]["id"] == desk.ids["employer"]
    mixed = [*shots(1), FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"some words")]
    await desk.page.evaluate(DROP, [where, as_given(mixed), how])
    files = await desk.bot.heard(lambda update: "document" in update.get("message", {}), count=2)
    assert {one["message"]["document"]["file_name"] for one in files} == {"shot-0.jpeg", "notes.txt"}


async def test_a_camera_and_a_video_can_be_chosen(desk: Desk) -> None:
    """The camera asks a real phone for its back camera; a photo and a video from it arrive as such."""
    phone = desk.phone("worker")
    camera = phone.locator("input.camera-input")
    assert await camera.get_attribute("capture") == "environment"
    await camera.set_input_files({"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo(4)})
    await desk.bot.heard(lambda update: "photo" in update.get("message", {}))
    await phone.locator("input.video-input").set_input_files(
        {"name": "v.mp4", "mimeType": "video/mp4", "buffer": bytes(2_000)}
    )
    await desk.bot.heard(lambda update: "video" in update.get("message", {}))
    await expect(phone.locator(".row.out .video")).to_be_visible()


async def test_two_tabs_show_the_same(desk: Desk) -> None:
    """Two tabs on the same phones see each other's messages, edits and the time at once."""
    other = await desk.page.context.new_page()
    await other.goto(desk.base_url)
    theirs = other.locator(f"section.phone[data-person='{desk.ids['worker']}']")
    phone = desk.phone("worker")
    await desk.write(phone, "/start")
    await expect(theirs.locator(".row.in .text")).to_have_text("Hello there")
    await theirs.locator("button.inline-button", has_text="Edit").click()
    await expect(phone.locator(".row.in .text")).to_have_text("Changed in place")
    await desk.page.get_by_role("button", name="Move the time on: +1 day").click()
    await expect(desk.page.locator(".news")).to_contain_text("a day later")
    await expect(other.locator(".clock-face")).to_have_text(await desk.page.locator(".clock-face").inner_text())


async def test_the_bot_that_comes_late_answers_what_waited(desk: Desk) -> None:
    """With the bot away for a while messages wait on the phone, and are answered in order when it is back."""
    phone = desk.phone("worker")
    desk.bot.pause()
    for number in range(3):
        await desk.write(phone, f"echo {number}")
    await expect(phone.locator(".row.out")).to_have_count(3)
    assert await phone.locator(".row.in").count() == 0
    desk.bot.go_on()
    await expect(phone.locator(".row.in .text")).to_have_text([f"You said {number}" for number in range(3)])
