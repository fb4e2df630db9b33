"""Home, settings, help and the like; last in line, so it also answers what nobody else expected.

/start [job_… | alerts | ref_… | src_… | employer_…] ──► welcome (once) ──► the job, the alerts, or home
a button nobody knows · a stray sticker · words · an unknown command ──► kind words and the ways to go
"""

from dataclasses import replace
from typing import Any

from telegram import ChatMember, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, ChatMemberHandler, MessageHandler, TypeHandler, filters

from bot.services import profile
from handlers.alerts import show_alerts
from handlers.browse import show_job_of_token
from handlers.context import Context
from handlers.conversation import Cancel
from handlers.menu_calls import command_sets, descriptions, menu_calls, operator_menu_calls
from handlers.notices import Renderer
from handlers.reply import new_message
from handlers.routes import FRESH, PICTURE, anything, button, command, contact, menu
from handlers.sign_up import SIGN_UP, answered_before
from handlers.time_zone import TIME_ZONE, chosen_before
from handlers.views import menus as views
from handlers.views.menus import PAPERS, AskLanguage, ChooseLanguage, ChooseZone, PaperPage, QuietReceipts
from handlers.views.nav import Help, Home, Settings
from handlers.views.sign_up import AgreeTerms, ChooseCountry
from handlers.views.wallet import menu_card
from handlers.way_on import find_way_on

__all__ = ["HANDLERS", "NOTICES", "command_sets", "descriptions", "menu_calls", "show_home"]


async def start(update: Update, context: Context) -> None:
    """Welcome somebody new, then show what the link they came by leads to."""
    greeted = await profile.greet(context.uow, member=context.member)
    if greeted is not None:
        context.session.member = greeted
        welcome = views.welcome_card(context.t, greeted)
        context.session.calls.append(new_message(greeted.telegram_user_id, welcome))
    if context.member.is_operator:
        context.session.calls.extend(operator_menu_calls(context.member.telegram_user_id))
    payload = context.args[0] if context.args else ""
    if payload.startswith("job_"):
        await show_job_of_token(context, payload.removeprefix("job_"))
    elif payload == "alerts":
        await show_alerts(update, context)
    else:
        await show_home(update, context)


async def show_home(update: Update, context: Context) -> None:
    """Show the dashboard."""
    await _home(context)


async def show_settings(update: Update, context: Context) -> None:
    """Show what the member chose."""
    context.show(views.settings_card(context.t, context.member, now=context.now))


async def set_receipts(update: Update, context: Context) -> None:
    """Give receipts their sound or take it."""
    quiet = context.pressed(QuietReceipts).quiet == 1
    context.session.member = await profile.set_quiet_receipts(context.uow, member=context.member, quiet=quiet)
    await show_settings(update, context)


async def show_languages(update: Update, context: Context) -> None:
    """Offer the languages."""
    context.show(views.language_card(context.t))


async def choose_language(update: Update, context: Context) -> None:
    """Speak the chosen language from now on; the menu's keyboard comes again in its words."""
    code = context.pressed(ChooseLanguage).code
    before = context.member.language
    member = await profile.set_language(context.uow, member=context.member, language=code)
    context.session.member = member
    context.session.t = replace(context.t, language=member.language)
    if member.language != before:
        chosen = new_message(member.telegram_user_id, views.language_chosen_card(context.t))
        context.session.calls.append(chosen)
    await show_settings(update, context)


async def show_help(update: Update, context: Context) -> None:
    """Say how it works."""
    context.show(views.help_card(context.t, context.house))


async def show_terms(update: Update, context: Context) -> None:
    """Show the terms."""
    context.show(views.paper_card(context.t, context.house, paper="terms", page=0))


async def show_privacy(update: Update, context: Context) -> None:
    """Show the privacy text."""
    context.show(views.paper_card(context.t, context.house, paper="privacy", page=0))


async def turn_paper(update: Update, context: Context) -> None:
    """Show another page of the terms or the privacy text."""
    press = context.pressed(PaperPage)
    paper = PAPERS[1] if press.paper == PAPERS[1] else PAPERS[0]
    context.show(views.paper_card(context.t, context.house, paper=paper, page=press.page))


async def show_support(update: Update, context: Context) -> None:
    """Say who answers questions about money."""
    context.show(views.support_card(context.t, context.house, context.member))


async def nothing_to_cancel(update: Update, context: Context) -> None:
    """Answer /cancel when nothing is open."""
    context.show(views.nothing_open_card(context.t))


async def note_reachable(update: Update, context: Context) -> None:
    """Note that the member blocked the bot, or let it back in."""
    assert update.my_chat_member is not None
    gone = update.my_chat_member.new_chat_member.status in (ChatMember.BANNED, ChatMember.LEFT)
    await profile.set_reachable(context.uow, member=context.member, reachable=not gone)
    context.silent()


async def unknown_command(update: Update, context: Context) -> None:
    """Answer a command that does not exist; an answer that is asked for is still asked for."""
    context.stay()
    context.show(views.unknown_command_card(context.t))


async def stray_words(update: Update, context: Context) -> None:
    """Answer words typed while nothing is open, with the way back to what was left."""
    context.show(views.typed_card(context.t, await find_way_on(context)))


async def stray_contact(update: Update, context: Context) -> None:
    """Answer a contact nobody asked for; the keyboard that shared it gives way to the menu's."""
    context.session.calls.append(new_message(context.member.telegram_user_id, menu_card(context.t)))
    await stray(update, context)


async def stray_picture(update: Update, context: Context) -> None:
    """Answer a picture sent while no proof is asked for; an album gets one answer."""
    assert update.effective_message is not None
    context.show(views.picture_card(context.t))
    group = update.effective_message.media_group_id
    if group is not None:
        context.put_off(f"stray:{group}")


async def stray(update: Update, context: Context) -> None:
    """Answer a sticker, a voice message and the like."""
    context.show(views.unexpected_card(context.t))


async def cancelled_before(update: Update, context: Context) -> None:
    """Answer a second tap on Cancel; what it led to stays."""
    context.toast(context.t.plain("It is stopped already."))


async def old_button(update: Update, context: Context) -> None:
    """Answer a button nobody knows: the way back to the question it was of, if that was left lately, else home."""
    way_on = await find_way_on(context)
    if way_on is not None:
        context.show(views.left_card(context.t, way_on))
        return
    context.toast(context.t.plain("This button is too old."))
    await _home(context)


async def ignore(update: Update, context: Context) -> None:
    """Take what needs no answer: edits of old messages, pinned messages, what later versions of Telegram bring."""
    context.silent()


async def _home(context: Context) -> None:
    home = await profile.get_dashboard(context.uow, member=context.member)
    context.show(views.home_card(context.t, context.member, home, now=context.now))


HANDLERS: list[BaseHandler[Update, Context, Any]] = [
    SIGN_UP,
    TIME_ZONE,
    button(ChooseCountry, answered_before),
    button(AgreeTerms, answered_before),
    button(ChooseZone, chosen_before),
    button(Cancel, cancelled_before),
    command("start", start),
    menu("🏠 Home", show_home),
    button(Home, show_home),
    command("settings", show_settings),
    button(Settings, show_settings),
    button(QuietReceipts, set_receipts),
    command("language", show_languages),
    button(AskLanguage, show_languages),
    button(ChooseLanguage, choose_language),
    command("help", show_help),
    button(Help, show_help),
    command("terms", show_terms),
    command("privacy", show_privacy),
    button(PaperPage, turn_paper),
    command("paysupport", show_support),
    command("cancel", nothing_to_cancel),
    ChatMemberHandler(note_reachable, ChatMemberHandler.MY_CHAT_MEMBER),
    MessageHandler(filters.StatusUpdate.ALL | filters.UpdateType.EDITED_MESSAGE, ignore),
    MessageHandler(FRESH & filters.COMMAND, unknown_command),
    MessageHandler(FRESH & filters.TEXT, stray_words),
    MessageHandler(FRESH & (PICTURE | filters.Document.ALL | filters.VIDEO), stray_picture),
    contact(stray_contact),
    anything(stray),
    CallbackQueryHandler(old_button),
    TypeHandler(Update, ignore),
]

NOTICES: dict[str, Renderer] = {}
