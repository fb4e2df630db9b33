"""The documented parameters of each method. Telegram ignores others in silence; here they are recorded."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_SENDING = (
    "business_connection_id chat_id message_thread_id direct_messages_topic_id disable_notification protect_content"
    " allow_paid_broadcast message_effect_id suggested_post_parameters reply_parameters reply_markup"
    " ephemeral_message_parameters receiver_user_id callback_query_id allow_sending_without_reply reply_to_message_id"
)
_CAPTION = "caption parse_mode caption_entities show_caption_above_media"
_INVOICE = (
    "title description payload provider_token currency prices max_tip_amount suggested_tip_amounts provider_data"
    " photo_url photo_size photo_width photo_height need_name need_phone_number need_email need_shipping_address"
    " send_phone_number_to_provider send_email_to_provider is_flexible"
)
_EDITING = "business_connection_id chat_id message_id inline_message_id reply_markup"

FIELDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        name: frozenset(names.split())
        for name, names in {
            "getme": "",
            "getupdates": "offset limit timeout allowed_updates",
            "setwebhook": "url certificate ip_address max_connections allowed_updates drop_pending_updates"
            " secret_token",
            "deletewebhook": "drop_pending_updates",
            "getwebhookinfo": "",
            "getfile": "file_id",
            "sendmessage": f"{_SENDING} text parse_mode entities link_preview_options disable_web_page_preview",
            "sendphoto": f"{_SENDING} {_CAPTION} photo has_spoiler",
            "senddocument": f"{_SENDING} {_CAPTION} document thumbnail disable_content_type_detection",
            "sendmediagroup": f"{_SENDING} media",
            "sendchataction": "business_connection_id chat_id message_thread_id action",
            "copymessage": f"{_SENDING} {_CAPTION} from_chat_id message_id video_start_timestamp",
            "forwardmessage": "chat_id message_thread_id direct_messages_topic_id from_chat_id video_start_timestamp"
            " disable_notification protect_content message_effect_id suggested_post_parameters message_id",
            "editmessagetext": f"{_EDITING} text parse_mode entities link_preview_options rich_message"
            " disable_web_page_preview",
            "editmessagecaption": f"{_EDITING} {_CAPTION}",
            "editmessagemedia": f"{_EDITING} media",
            "editmessagereplymarkup": _EDITING,
            "deletemessage": "chat_id message_id",
            "deletemessages": "chat_id message_ids",
            "answercallbackquery": "callback_query_id text show_alert url cache_time",
            "setmycommands": "commands scope language_code",
            "getmycommands": "scope language_code",
            "deletemycommands": "scope language_code",
            "setmyname": "name language_code",
            "getmyname": "language_code",
            "setmydescription": "description language_code",
            "getmydescription": "language_code",
            "setmyshortdescription": "short_description language_code",
            "getmyshortdescription": "language_code",
            "setchatmenubutton": "chat_id menu_button",
            "getchatmenubutton": "chat_id",
            "getchat": "chat_id",
            "getchatmember": "chat_id user_id",
            "leavechat": "chat_id",
            "pinchatmessage": "business_connection_id chat_id message_id disable_notification",
            "unpinchatmessage": "business_connection_id chat_id message_id",
            "unpinallchatmessages": "chat_id",
            "sendinvoice": f"{_SENDING} {_INVOICE} start_parameter",
            "createinvoicelink": f"business_connection_id subscription_period {_INVOICE}",
            "answerprecheckoutquery": "pre_checkout_query_id ok error_message",
            "refundstarpayment": "user_id telegram_payment_charge_id",
            "getstartransactions": "offset limit",
            "getmystarbalance": "",
        }.items()
    }
)
