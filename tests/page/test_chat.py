"""What a person sees in a chat: bubbles, edits, albums, keyboards, links; and that no text becomes markup."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.page.desk import Desk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HOSTILE = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>&lt;b&gt;'


async def test_an_empty_chat_starts_with_one_tap(desk: Desk) -> None:
    """The empty chat shows the bot's description, and START begins the conversation in bubbles of both sides."""
    phone = desk.phone("worker")
    await expect(phone.locator(".empty")).to_contain_text("A bot that shows <everything>.")
    await phone.get_by_role("button", name="START", exact=True).click()
    await expect(phone.locator(".row.out .message")).to_contain_text("/start")
    reply = phone.locator(".row.in .message")
    await expect(reply.locator(".text")).to_have_text("Hello there")
    await expect(reply.locator("b")).to_have_text("Hello")
    await expect(phone.locator(".start-button").first).to_be_hidden()
    await expect(phone.locator(".empty")).to_be_hidden()


async def test_enter_sends_and_shift_enter_breaks_the_line(desk: Desk) -> None:
    """Enter sends what was typed, Shift+Enter makes a new line, and the box is empty afterwards."""
    phone = desk.phone("employer")
    composer = phone.locator("textarea.composer")
    await composer.click()
    await composer.press_sequentially("one")
    await composer.press("Shift+Enter")
    await composer.press_sequentially("two")
    await composer.press("Enter")
    await expect(phone.locator(".row.out .text")).to_have_text("one\ntwo", use_inner_text=True)
    await expect(composer).to_have_value("")
    await desk.bot.heard_text("one\ntwo")


async def test_hostile_text_stays_text(desk: Desk) -> None:
    """Words that look like markup are shown as words, from a person, from the bot, and in a person's name."""
    await desk.add_person(first_name=HOSTILE[:60], role="worker")
    phone = desk.phone("worker")
    await desk.write(phone, f"echo {HOSTILE}")
    await expect(phone.locator(".row.out .text")).to_have_text(f"echo {HOSTILE}")
    await expect(phone.locator(".row.in .text")).to_have_text(f"You said {HOSTILE}")
    await expect(desk.page.locator(".stage .phone")).to_have_count(5)
    assert await desk.page.locator(".text img, .text script, h2 img, .switch img").count() == 0
    assert await desk.page.evaluate("window.hurt") is None


async def test_formatted_html_is_cleaned_again(desk: Desk) -> None:
    """The page keeps only allowed tags and addresses, whatever the emulator calls safe."""
    hostile = (
        '<b onclick="hurt()">bold</b><a href="javascript:hurt()">bad</a><a href="https://example.com/x">good</a>'
        '<svg onload="hurt()"></svg><iframe src="/"></iframe><tg-spoiler>secret</tg-spoiler><p>plain</p>'
    )
    cleaned = await desk.page.evaluate(
        """async (html) => {
            const { formatted } = await import('/web/html.js');
            const box = document.createElement('div');
            box.append(formatted({ text: 'x', html }));
            return box.innerHTML;
        }""",
        hostile,
    )
    assert cleaned.startswith("<b>bold</b>bad<a ")
    assert 'href="https://example.com/x"' in cleaned
    assert "tg-spoiler" in cleaned
    for word in ("onclick", "javascript", "svg", "iframe", "<p>"):
        assert word not in cleaned


async def test_formatting_is_drawn(desk: Desk) -> None:
    """Spoilers open at a tap, folded quotes unfold, and a command in a text can be tapped."""
    text = "<tg-spoiler>secret</tg-spoiler> <code>K7Q</code> try /start<blockquote expandable>a quote</blockquote>"
    await desk.write(desk.phone("worker"), "echo hello")
    await desk.bot.say(desk.ids["worker"], text, parse_mode="HTML")
    bubble = desk.phone("worker").locator(".row.in .message").last
    spoiler = bubble.get_by_role("button", name="Hidden text")
    await spoiler.click()
    await expect(bubble.locator(".tg-spoiler.shown")).to_have_text("secret")
    await bubble.locator("blockquote").press("Enter")
    await expect(bubble.locator("blockquote")).to_have_attribute("aria-expanded", "true")
    await bubble.locator("a.command").click()
    await desk.bot.heard_text("/start")


async def test_an_edit_changes_the_bubble_in_place(desk: Desk) -> None:
    """An edited message keeps its place and number, is marked, and keeps the focus of the button that was used."""
    phone = desk.phone("worker")
    await desk.write(phone, "/start")
    await phone.locator("button.inline-button", has_text="Edit").press("Enter")
    changed = phone.locator(".row.in .message", has_text="Changed in place")
    await expect(changed.locator(".edited")).to_have_text("edited")
    await expect(phone.locator(".row.in")).to_have_count(1)
    await expect(phone.locator("button.inline-button")).to_have_count(1)
    await expect(phone.locator("button.inline-button")).to_be_focused()


async def test_a_deleted_message_disappears(desk: Desk) -> None:
    """A message that the bot deletes leaves the chat at once."""
    phone = desk.phone("worker")
    await desk.write(phone, "echo here")
    bubble = phone.locator(".row.in [data-message-id]")
    number = int(await bubble.get_attribute("data-message-id") or 0)
    await desk.bot.call("deleteMessage", chat_id=desk.ids["worker"], message_id=number)
    await expect(bubble).to_have_count(0)


async def test_own_text_can_be_edited(desk: Desk) -> None:
    """A tap on an own message offers Edit, and the bot gets the new words as an edited message."""
    phone = desk.phone("worker")
    await desk.write(phone, "frist")
    await phone.locator(".row.out .message").click()
    await phone.get_by_role("menuitem", name="Edit").click()
    await phone.locator("textarea.composer").fill("first")
    await phone.locator("button.send").click()
    await expect(phone.locator(".row.out .text")).to_have_text("first")
    await desk.bot.heard(lambda update: update.get("edited_message", {}).get("text") == "first")


async def test_a_reply_shows_its_quote(desk: Desk) -> None:
    """Reply from the message's menu sends a message that quotes the other one."""
    phone = desk.phone("worker")
    await desk.write(phone, "echo original")
    await phone.locator(".row.in .message").click(button="right")
    await phone.get_by_role("menuitem", name="Reply").click()
    await desk.write(phone, "an answer")
    await expect(phone.locator(".row.out .quote")).to_contain_text("You said original")
    heard = await desk.bot.heard_text("an answer")
    assert heard["reply_to_message"]["text"] == "You said original"


async def test_several_photos_become_one_album(desk: Desk) -> None:
    """Three photos chosen at once arrive as one album of three messages and are drawn as one grid of pictures."""
    phone = desk.phone("worker")
    await phone.locator("textarea.composer").fill("my proof")
    await phone.locator("input[type=file].photo-input").set_input_files(desk.pictures(3))
    updates = await desk.bot.heard(lambda update: bool(update.get("message", {}).get("photo")), count=3)
    assert len({update["message"]["media_group_id"] for update in updates}) == 1
    assert updates[0]["message"]["caption"] == "my proof"
    await expect(phone.locator(".album")).to_have_count(1)
    await expect(phone.locator(".album [data-message-id] img")).to_have_count(3)
    await expect(phone.locator(".album .text")).to_have_text("my proof")
    await desk.page.wait_for_function(
        "[...document.querySelectorAll('.album img')].every((image) => image.complete && image.naturalWidth > 0)"
    )
    await expect(phone.locator(".sending")).to_have_count(0)


async def test_the_reply_keyboard_sends_words_and_the_own_contact(desk: Desk) -> None:
    """The bot's keyboard sets the placeholder, sends its words, shares the person's own number, and goes away."""
    phone = desk.phone("worker")
    await desk.write(phone, "/keyboard")
    keys = phone.locator("button.reply-button")
    await expect(keys).to_have_count(3)
    await expect(phone.locator("textarea.composer")).to_have_attribute("placeholder", "Yes or no?")
    await keys.nth(2).click()
    shared = await desk.bot.heard(lambda update: "contact" in update.get("message", {}))
    assert shared[0]["message"]["contact"]["user_id"] == desk.ids["worker"]
    await expect(phone.locator(".reply-keyboard")).to_be_hidden()
    await phone.get_by_role("button", name="Show or hide the bot keyboard").click()
    await keys.nth(1).click()
    await desk.bot.heard_text("No")
    await expect(phone.locator(".row.in .message", has_text="Keys gone")).to_be_visible()
    await expect(keys).to_have_count(0)


async def test_the_command_menu_sends_a_command(desk: Desk) -> None:
    """A slash lists the bot's commands with their descriptions, and a tap on one sends it."""
    phone = desk.phone("worker")
    await phone.locator("textarea.composer").press_sequentially("/k")
    options = phone.get_by_role("option")
    await expect(options).to_have_text(["/keyboardShow keys"])
    await options.first.click()
    await desk.bot.heard_text("/keyboard")
    await expect(phone.locator("textarea.composer")).to_have_value("")


async def test_a_deep_link_starts_the_bot_from_this_phone(desk: Desk) -> None:
    """A button that links to the bot with a start parameter sends it as /start, without leaving the page."""
    phone = desk.phone("subscriber")
    await desk.write(phone, "/start")
    await phone.locator("button.inline-button", has_text="Deep link").click()
    message = await desk.bot.heard_text("/start job_a1")
    assert message["chat"]["id"] == desk.ids["subscriber"]
    assert len(desk.page.context.pages) == 1


async def test_every_kind_of_attachment_arrives(desk: Desk) -> None:
    """Sticker, voice, contact and location of the attach menu reach the bot and are drawn in the chat."""
    phone = desk.phone("worker")
    for name, field in (("Sticker", "sticker"), ("Voice message", "voice"), ("My contact", "contact")):
        await phone.get_by_role("button", name="Attach").click()
        await phone.get_by_role("menuitem", name=name).click()
        await desk.bot.heard(lambda update, field=field: field in update.get("message", {}))  # type: ignore[misc]
    await phone.get_by_role("button", name="Attach").click()
    await phone.get_by_role("menuitem", name="Location").click()
    await phone.get_by_role("dialog").get_by_role("button", name="Send").click()
    await desk.bot.heard(lambda update: "location" in update.get("message", {}))
    for css in (".sticker", ".voice", ".contact", ".place"):
        await expect(phone.locator(f".row.out {css}")).to_be_visible()


async def test_the_pin_bar_follows_its_message(desk: Desk) -> None:
    """A pinned message stands over the chat, in the words it has now, also without the line that told of it."""
    phone = desk.phone("worker")
    await desk.write(phone, "/start")
    await expect(phone.locator(".row.in .message")).to_be_visible()
    chat = desk.ids["worker"]
    card = await desk.bot.say(chat, "Until 10:00\nThe steps")
    await desk.bot.call("pinChatMessage", chat_id=chat, message_id=card["message_id"])
    bar = phone.locator(".pinned")
    await expect(bar).to_contain_text("Until 10:00")
    told = phone.locator(".service", has_text="pinned")
    await expect(told).to_be_visible()
    await desk.bot.call("deleteMessage", chat_id=chat, message_id=card["message_id"] + 1)
    await expect(told).to_have_count(0)
    await desk.bot.call("editMessageText", chat_id=chat, message_id=card["message_id"], text="Until 10:05")
    await expect(bar).to_contain_text("Until 10:05")
    await desk.page.reload()
    await expect(bar).to_contain_text("Until 10:05")
    await desk.bot.call("unpinChatMessage", chat_id=chat, message_id=card["message_id"])
    await expect(bar).to_be_hidden()
