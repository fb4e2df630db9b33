"""The table of the Bot API's methods that this emulator has; whatever is not here is refused loudly."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from bot.emulator import editing, payments, profile, receiving, sending
from bot.emulator.call import Call

Method = Callable[[Call], Awaitable[Any]]

METHODS: Mapping[str, tuple[str, Method]] = MappingProxyType(
    {
        name.lower(): (name, method)
        for name, method in {
            "getMe": receiving.get_me,
            "getUpdates": receiving.get_updates,
            "setWebhook": receiving.set_webhook,
            "deleteWebhook": receiving.delete_webhook,
            "getWebhookInfo": receiving.get_webhook_info,
            "getFile": receiving.get_file,
            "sendMessage": sending.send_message,
            "sendPhoto": sending.send_photo,
            "sendDocument": sending.send_document,
            "sendMediaGroup": sending.send_media_group,
            "sendChatAction": sending.send_chat_action,
            "copyMessage": sending.copy_message,
            "forwardMessage": sending.forward_message,
            "editMessageText": editing.edit_message_text,
            "editMessageCaption": editing.edit_message_caption,
            "editMessageMedia": editing.edit_message_media,
            "editMessageReplyMarkup": editing.edit_message_reply_markup,
            "deleteMessage": editing.delete_message,
            "deleteMessages": editing.delete_messages,
            "answerCallbackQuery": editing.answer_callback_query,
            "setMyCommands": profile.set_my_commands,
            "getMyCommands": profile.get_my_commands,
            "deleteMyCommands": profile.delete_my_commands,
            "setMyName": profile.set_my_name,
            "getMyName": profile.get_my_name,
            "setMyDescription": profile.set_my_description,
            "getMyDescription": profile.get_my_description,
            "setMyShortDescription": profile.set_my_short_description,
            "getMyShortDescription": profile.get_my_short_description,
            "setChatMenuButton": profile.set_chat_menu_button,
            "getChatMenuButton": profile.get_chat_menu_button,
            "getChat": profile.get_chat,
            "getChatMember": profile.get_chat_member,
            "leaveChat": profile.leave_chat,
            "pinChatMessage": profile.pin_chat_message,
            "unpinChatMessage": profile.unpin_chat_message,
            "unpinAllChatMessages": profile.unpin_all_chat_messages,
            "sendInvoice": payments.send_invoice,
            "createInvoiceLink": payments.create_invoice_link,
            "answerPreCheckoutQuery": payments.answer_pre_checkout_query,
            "refundStarPayment": payments.refund_star_payment,
            "getStarTransactions": payments.get_star_transactions,
            "getMyStarBalance": payments.get_my_star_balance,
        }.items()
    }
)
