"""The table of the Bot API's methods that this emulator has; whatever is not here is refused loudly."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from bot.emulator import albums, chats, editing, media, passing, payments, profile, receiving, sending, things
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
            "sendPhoto": media.send_photo,
            "sendDocument": media.send_document,
            "sendVideo": media.send_video,
            "sendAnimation": media.send_animation,
            "sendAudio": media.send_audio,
            "sendVoice": media.send_voice,
            "sendVideoNote": media.send_video_note,
            "sendSticker": media.send_sticker,
            "sendMediaGroup": albums.send_media_group,
            "sendLocation": things.send_location,
            "sendVenue": things.send_venue,
            "sendContact": things.send_contact,
            "sendDice": things.send_dice,
            "sendChatAction": sending.send_chat_action,
            "setMessageReaction": things.set_message_reaction,
            "copyMessage": passing.copy_message,
            "copyMessages": passing.copy_messages,
            "forwardMessage": passing.forward_message,
            "forwardMessages": passing.forward_messages,
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
            "getChat": chats.get_chat,
            "getChatMember": chats.get_chat_member,
            "getChatMemberCount": chats.get_chat_member_count,
            "getChatAdministrators": chats.get_chat_administrators,
            "getUserProfilePhotos": chats.get_user_profile_photos,
            "leaveChat": chats.leave_chat,
            "pinChatMessage": chats.pin_chat_message,
            "unpinChatMessage": chats.unpin_chat_message,
            "unpinAllChatMessages": chats.unpin_all_chat_messages,
            "sendInvoice": payments.send_invoice,
            "createInvoiceLink": payments.create_invoice_link,
            "answerPreCheckoutQuery": payments.answer_pre_checkout_query,
            "refundStarPayment": payments.refund_star_payment,
            "getStarTransactions": payments.get_star_transactions,
            "getMyStarBalance": payments.get_my_star_balance,
        }.items()
    }
)
