"""The objects inside the parameters of the Bot API's methods, in the same words as `api_methods`."""

from __future__ import annotations

OBJECTS = """
InlineKeyboardMarkup
    inline_keyboard* Array of Array of InlineKeyboardButton
    ~force_reply Boolean
InlineKeyboardButton
    text* String
    ~icon_custom_emoji_id String
    style String {danger success primary} | other: can't parse inline keyboard button: invalid button style specified
    url String
    callback_data String 1-64 | high: BUTTON_DATA_INVALID
    callback_game CallbackGame
    pay Boolean
    switch_inline_query String 0-256
    switch_inline_query_chosen_chat SwitchInlineQueryChosenChat
    switch_inline_query_current_chat String 0-256
    login_url LoginUrl
    web_app WebAppInfo
    copy_text CopyTextButton
    ~disabled Anything
    first: url callback_data callback_game pay switch_inline_query switch_inline_query_chosen_chat \
switch_inline_query_current_chat login_url web_app copy_text
CallbackGame
SwitchInlineQueryChosenChat
    query String 0-256
    allow_user_chats Boolean
    allow_bot_chats Boolean
    allow_group_chats Boolean
    allow_channel_chats Boolean
LoginUrl
    url* String
    forward_text String
    bot_username String
    request_write_access Boolean
WebAppInfo
    url* String
CopyTextButton
    text* String 1-256 | low: BUTTON_COPY_TEXT_INVALID, high: BUTTON_COPY_TEXT_INVALID
ReplyKeyboardMarkup
    keyboard* Array of Array of KeyboardButton
    is_persistent Boolean
    resize_keyboard Boolean
    one_time_keyboard Boolean
    input_field_placeholder String 1-64
    selective Boolean
    ~force_reply Boolean
KeyboardButton
    text* String
    ~icon_custom_emoji_id String
    style String {danger success primary} | other: can't parse keyboard button: invalid button style specified
    request_contact Boolean
    request_location Boolean
    request_poll KeyboardButtonPollType
    web_app WebAppInfo
    request_users KeyboardButtonRequestUsers
    legacy request_user KeyboardButtonRequestUsers
    request_chat KeyboardButtonRequestChat
    request_managed_bot KeyboardButtonRequestManagedBot
    first: request_contact request_location request_poll web_app request_users request_chat request_managed_bot
KeyboardButtonPollType
    type String {quiz regular}
KeyboardButtonRequestUsers
    request_id* Integer
    user_is_bot Boolean
    user_is_premium Boolean
    max_quantity Integer 1-10
    request_name Boolean
    request_username Boolean
    request_photo Boolean
KeyboardButtonRequestChat
    request_id* Integer
    chat_is_channel* Boolean
    chat_is_forum Boolean
    chat_has_username Boolean
    chat_is_created Boolean
    user_administrator_rights Anything
    bot_administrator_rights Anything
    bot_is_member Boolean
    request_title Boolean
    request_username Boolean
    request_photo Boolean
KeyboardButtonRequestManagedBot
    request_id* Integer
    suggested_name String
    suggested_username String
ReplyKeyboardRemove
    remove_keyboard* Boolean
    selective Boolean
ForceReply
    force_reply* Boolean
    input_field_placeholder String 1-64
    selective Boolean
ReplyParameters
    message_id Integer
    chat_id Chat
    allow_sending_without_reply Boolean
    quote String 0-1024
    quote_parse_mode String {HTML MarkdownV2 Markdown} | other: unsupported parse_mode
    quote_entities Array of MessageEntity
    quote_position Integer
    ~checklist_task_id Integer
    ~poll_option_id String
    ~ephemeral_message_id Integer
    first: quote_parse_mode quote_entities
EphemeralMessageParameters
    receiver_user_id* Integer
    callback_query_id String
    replace_callback_query_message Boolean
SuggestedPostParameters
    price Anything
    send_date Integer
LinkPreviewOptions
    is_disabled Boolean
    url String
    prefer_small_media Boolean
    prefer_large_media Boolean
    show_above_text Boolean
MessageEntity
    type* String {bold italic underline strikethrough spoiler blockquote expandable_blockquote code pre text_link \
text_mention custom_emoji date_time mention hashtag cashtag bot_command url email phone_number}
    offset* Integer
    length* Integer
    url String
    user Anything
    language String
    custom_emoji_id String
    unix_time Integer
    date_time_format String
InputMediaPhoto
    type String {photo}
    media* File
    caption String 0-1024 | high: message caption is too long
    parse_mode String {HTML MarkdownV2 Markdown} | other: unsupported parse_mode
    caption_entities Array of MessageEntity
    show_caption_above_media Boolean
    has_spoiler Boolean
    first: parse_mode caption_entities
InputMediaLivePhoto
    type String {live_photo}
    media* File
    photo* File
    caption String 0-1024 | high: message caption is too long
    parse_mode String {HTML MarkdownV2 Markdown} | other: unsupported parse_mode
    caption_entities Array of MessageEntity
    show_caption_above_media Boolean
    has_spoiler Boolean
    first: parse_mode caption_entities
InputMediaVideo
    type String {video}
    media* File
    ~thumbnail File
    ~cover File
    ~start_timestamp Integer 0-86400
    caption String 0-1024 | high: message caption is too long
    parse_mode String {HTML MarkdownV2 Markdown} | other: unsupported parse_mode
    caption_entities Array of MessageEntity
    show_caption_above_media Boolean
    width Integer 0-10000
    height Integer 0-10000
    duration Integer 0-86400
    supports_streaming Boolean
    has_spoiler Boolean
    first: parse_mode caption_entities
InputMediaAnimation
    type String {animation}
    media* File
    ~thumbnail File
    caption String 0-1024 | high: message caption is too long
    parse_mode String {HTML MarkdownV2 Markdown} | other: unsupported parse_mode
    caption_entities Array of MessageEntity
    show_caption_above_media Boolean
    width Integer 0-10000
    height Integer 0-10000
    duration Integer 0-86400
    has_spoiler Boolean
    first: parse_mode caption_entities
InputMediaAudio
    type String {audio}
    media* File
    ~thumbnail File
    caption String 0-1024 | high: message caption is too long
    parse_mode String {HTML MarkdownV2 Markdown} | other: unsupported parse_mode
    caption_entities Array of MessageEntity
    duration Integer 0-86400
    performer String
    title String
    first: parse_mode caption_entities
InputMediaDocument
    type String {document}
    media* File
    ~thumbnail File
    caption String 0-1024 | high: message caption is too long
    parse_mode String {HTML MarkdownV2 Markdown} | other: unsupported parse_mode
    caption_entities Array of MessageEntity
    disable_content_type_detection Boolean
    first: parse_mode caption_entities
ReactionTypeEmoji
    type String {emoji}
    emoji* String
ReactionTypeCustomEmoji
    type String {custom_emoji}
    custom_emoji_id* String
ReactionTypePaid
    type String {paid}
BotCommand
    command* String 1-32 | low: command must be non-empty, high: command length must not exceed 32
    description* String 1-256 | low: command description must be non-empty, \
high: command description length must not exceed 256
    ~is_ephemeral Boolean
LabeledPrice
    label* String
    amount* Integer
BotCommandScope
    type String {default all_private_chats all_group_chats all_chat_administrators chat chat_administrators chat_member}
    chat_id Chat
    user_id Integer
MenuButtonCommands
    type String {commands}
MenuButtonDefault
    type String {default}
MenuButtonWebApp
    type String {web_app}
    text* String
    web_app* WebAppInfo
"""
