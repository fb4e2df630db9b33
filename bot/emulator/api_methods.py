"""The Bot API's methods that the emulator has, as its documentation describes them: one table, read by `schema`.

`name* Kind low-high {values} | refusals`: a star means required; bounds are those of a number, of a text's characters
or of an array's items; `~` says that it is documented but not emulated here, and shown in red when a bot uses it.
Refusals are Telegram's words after `Bad Request: `, one for each way to go wrong: `missing`, `low`, `high`, `other`.
Where there is none, Telegram takes the value in silence (a number is moved into its bounds), and it is shown in red.
`+ group` takes in a group's fields; `first: a b c` means that only the first of these that is given counts.
`legacy` fields are no longer documented but still taken.
"""

from __future__ import annotations

GROUPS = """
target
    chat_id* Chat | missing: chat_id is empty
quiet
    disable_notification Boolean
    protect_content Boolean
place
    ~message_thread_id Integer
    ~direct_messages_topic_id Integer
reply
    reply_parameters ReplyParameters
    legacy reply_to_message_id Integer
    legacy allow_sending_without_reply Boolean
    first: reply_parameters reply_to_message_id
sending
    + target
    + quiet
    + place
    + reply
    allow_paid_broadcast Boolean
    ~message_effect_id String
as a business
    ~business_connection_id String
private
    ~ephemeral_message_parameters EphemeralMessageParameters
    ~receiver_user_id Integer
    ~callback_query_id String
offered
    ~suggested_post_parameters SuggestedPostParameters
marked
    reply_markup InlineKeyboardMarkup or ReplyKeyboardMarkup or ReplyKeyboardRemove or ForceReply
message
    + sending
    + as a business
    + private
    + offered
    + marked
captioned
    caption String 0-1024 | high: message caption is too long
    parse_mode String {HTML MarkdownV2 Markdown} | other: unsupported parse_mode
    caption_entities Array of MessageEntity 0-100
    first: parse_mode caption_entities
shown
    show_caption_above_media Boolean
    has_spoiler Boolean
edited
    ~business_connection_id String
    chat_id Chat | missing: message identifier is not specified
    message_id Integer
    ~inline_message_id String
    reply_markup InlineKeyboardMarkup | other: inline keyboard expected
    first: chat_id inline_message_id
sized
    duration Integer 0-86400
    width Integer 0-10000
    height Integer 0-10000
passed on
    + target
    + quiet
    + place
    from_chat_id* Chat | missing: parameter "from_chat_id" is required
heard
    allowed_updates Array of String {message edited_message channel_post edited_channel_post business_connection \
business_message edited_business_message deleted_business_messages guest_message message_reaction \
message_reaction_count inline_query chosen_inline_result callback_query shipping_query pre_checkout_query \
purchased_paid_media poll poll_answer my_chat_member chat_member chat_join_request chat_boost removed_chat_boost \
managed_bot subscription stopped_message_generation}
worded
    language_code String
invoice
    title* String 1-32
    description* String 1-255
    payload* String 1-128
    provider_token String
    currency* String
    prices* Array of LabeledPrice
    max_tip_amount Integer
    suggested_tip_amounts Array of Integer 0-4
    provider_data String
    photo_url String
    photo_size Integer
    photo_width Integer
    photo_height Integer
    need_name Boolean
    need_phone_number Boolean
    need_email Boolean
    need_shipping_address Boolean
    send_phone_number_to_provider Boolean
    send_email_to_provider Boolean
    is_flexible Boolean
"""

METHODS = """
getMe
getUpdates
    offset Integer
    limit Integer 1-100
    timeout Integer 0-50
    + heard
setWebhook
    url* String
    certificate Upload
    ip_address String
    max_connections Integer 1-100
    + heard
    drop_pending_updates Boolean
    secret_token String 0-256 | high: secret token contains unallowed characters
deleteWebhook
    drop_pending_updates Boolean
getWebhookInfo
getFile
    file_id* String | missing: file_id not specified
sendMessage
    + message
    text* String 1-4096 | missing: message text is empty, high: message is too long
    parse_mode String {HTML MarkdownV2 Markdown} | other: unsupported parse_mode
    entities Array of MessageEntity 0-100
    link_preview_options LinkPreviewOptions
    legacy disable_web_page_preview Boolean
    first: parse_mode entities
    first: link_preview_options disable_web_page_preview
sendPhoto
    + message
    + captioned
    + shown
    photo* File | missing: there is no photo in the request
sendDocument
    + message
    + captioned
    document* File | missing: there is no document in the request
    ~thumbnail Upload
    disable_content_type_detection Boolean
sendVideo
    + message
    + captioned
    + shown
    + sized
    video* File | missing: there is no video in the request
    ~thumbnail Upload
    ~cover File
    ~start_timestamp Integer 0-86400
    supports_streaming Boolean
sendAnimation
    + message
    + captioned
    + shown
    + sized
    animation* File | missing: there is no animation in the request
    ~thumbnail Upload
sendAudio
    + message
    + captioned
    audio* File | missing: there is no audio in the request
    duration Integer 0-86400
    performer String
    title String
    ~thumbnail Upload
sendVoice
    + message
    + captioned
    voice* File | missing: there is no voice in the request
    duration Integer 0-86400
sendVideoNote
    + message
    video_note* File | missing: there is no video note in the request
    duration Integer 0-60
    length Integer 0-640
    ~thumbnail Upload
sendSticker
    + message
    sticker* File | missing: there is no sticker in the request
    emoji String
sendLocation
    + message
    latitude* Float | missing: latitude is empty
    longitude* Float | missing: longitude is empty
    horizontal_accuracy Float 0-1500
    ~live_period Integer
    ~heading Integer 1-360
    ~proximity_alert_radius Integer 1-100000
sendVenue
    + message
    latitude* Float | missing: latitude is empty
    longitude* Float | missing: longitude is empty
    title* String
    address* String
    foursquare_id String
    foursquare_type String
    google_place_id String
    google_place_type String
sendContact
    + message
    phone_number* String | missing: parameter "phone_number" is required
    first_name* String | missing: parameter "first_name" is required
    last_name String
    vcard String 0-2048
sendDice
    + sending
    + as a business
    + offered
    + marked
    emoji String
sendMediaGroup
    + sending
    + as a business
    media* Array of InputMediaAudio or InputMediaDocument or InputMediaLivePhoto or InputMediaPhoto \
or InputMediaVideo 2-10 | missing: parameter "media" is required, high: too many messages to send as an album
sendChatAction
    + target
    ~business_connection_id String
    ~message_thread_id Integer
    action* String {typing upload_photo record_video upload_video record_voice upload_voice upload_document \
choose_sticker find_location record_video_note upload_video_note} | missing: wrong parameter action in request, \
other: wrong parameter action in request
copyMessage
    + passed on
    + captioned
    + reply
    + offered
    + marked
    allow_paid_broadcast Boolean
    ~message_effect_id String
    message_id* Integer | missing: message to copy not found
    show_caption_above_media Boolean
    ~video_start_timestamp Integer
copyMessages
    + passed on
    message_ids* Array of Integer 1-100 | missing: message identifiers are not specified, \
high: too many message identifiers specified
    remove_caption Boolean
forwardMessage
    + passed on
    + offered
    ~message_effect_id String
    message_id* Integer | missing: message to forward not found
    ~video_start_timestamp Integer
forwardMessages
    + passed on
    message_ids* Array of Integer 1-100 | missing: message identifiers are not specified, \
high: too many message identifiers specified
setMessageReaction
    + target
    message_id* Integer | missing: message to react not found
    reaction Array of ReactionTypeEmoji or ReactionTypeCustomEmoji or ReactionTypePaid
    is_big Boolean
editMessageText
    + edited
    text String 1-4096 | missing: message text is empty, high: MESSAGE_TOO_LONG
    parse_mode String {HTML MarkdownV2 Markdown} | other: unsupported parse_mode
    entities Array of MessageEntity 0-100
    link_preview_options LinkPreviewOptions
    ~rich_message Anything
    legacy disable_web_page_preview Boolean
    first: parse_mode entities
    first: link_preview_options disable_web_page_preview
editMessageCaption
    + edited
    + captioned
    caption String 0-1024 | high: MEDIA_CAPTION_TOO_LONG
    show_caption_above_media Boolean
editMessageMedia
    + edited
    media* InputMediaAnimation or InputMediaAudio or InputMediaDocument or InputMediaLivePhoto or InputMediaPhoto \
or InputMediaVideo | missing: parameter "media" is required
editMessageReplyMarkup
    + edited
deleteMessage
    chat_id* Chat | missing: chat identifier is not specified
    message_id* Integer | missing: message identifier is not specified
deleteMessages
    + target
    message_ids* Array of Integer 1-100 | missing: message identifiers are not specified, \
high: too many message identifiers specified
answerCallbackQuery
    callback_query_id* String
    text String 0-200 | high: MESSAGE_TOO_LONG
    show_alert Boolean
    url String
    cache_time Integer 0-2592000
setMyCommands
    + worded
    commands* Array of BotCommand 0-100 | high: BOT_COMMANDS_TOO_MUCH
    scope BotCommandScope
getMyCommands
    + worded
    scope BotCommandScope
deleteMyCommands
    + worded
    scope BotCommandScope
setMyName
    + worded
    name String 0-64 | high: BOT_TITLE_INVALID
getMyName
    + worded
setMyDescription
    + worded
    description String 0-512 | high: BOT_DESCRIPTION_TOO_LONG
getMyDescription
    + worded
setMyShortDescription
    + worded
    short_description String 0-120 | high: BOT_SHORT_DESCRIPTION_TOO_LONG
getMyShortDescription
    + worded
setChatMenuButton
    chat_id Integer
    menu_button MenuButtonCommands or MenuButtonWebApp or MenuButtonDefault
getChatMenuButton
    chat_id Integer
getChat
    + target
getChatMember
    + target
    user_id* Integer | missing: invalid user_id specified
getChatMemberCount
    + target
getChatAdministrators
    + target
    ~return_bots Boolean
getUserProfilePhotos
    user_id* Integer | missing: invalid user_id specified
    offset Integer
    limit Integer 1-100
leaveChat
    + target
pinChatMessage
    + target
    ~business_connection_id String
    message_id* Integer | missing: message to pin not found
    disable_notification Boolean
unpinChatMessage
    + target
    ~business_connection_id String
    message_id Integer
unpinAllChatMessages
    + target
sendInvoice
    + sending
    + offered
    + invoice
    reply_markup InlineKeyboardMarkup
    start_parameter String
createInvoiceLink
    + invoice
    ~business_connection_id String
    subscription_period Integer
answerPreCheckoutQuery
    pre_checkout_query_id* String
    ok* Boolean
    error_message String
refundStarPayment
    user_id* Integer
    telegram_payment_charge_id* String
getStarTransactions
    offset Integer
    limit Integer 1-100
getMyStarBalance
"""
