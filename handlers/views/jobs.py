"""Browsing: the names of the categories, a list of jobs, and the card of one job before anybody takes it."""

from bot.domain.errors import N_
from bot.i18n import Translator

#: Every category a migration brings, with its emoji; an operator's own is shown by its id.
CATEGORY_NAMES: dict[str, tuple[str, str]] = {
    "website_visits": ("🌐", N_("Website visits")),
    "reading_articles": ("📖", N_("Reading articles")),
    "surveys": ("📋", N_("Surveys")),
    "app_testing": ("🧪", N_("App testing")),
    "app_downloads": ("📲", N_("App downloads")),
    "sign_ups": ("📝", N_("Sign-ups")),
    "video_feedback": ("🎬", N_("Videos with feedback")),
    "data_entry": ("⌨️", N_("Data entry")),
    "copy_paste": ("📄", N_("Copy and paste")),
    "image_categorising": ("🖼", N_("Sorting images")),
    "writing": ("✍️", N_("Writing and comments")),
    "social_media": ("💬", N_("Social media")),
    "research": ("🔍", N_("Web research")),
    "transcription": ("🎧", N_("Typing what is said")),
    "translation": ("🈯", N_("Translation")),
    "local_photos": ("📷", N_("Photos near you")),
    "other": ("📦", N_("Other")),
    "likes": ("👍", N_("Likes")),
    "follows": ("👥", N_("Follows")),
    "upvotes": ("🔼", N_("Upvotes")),
    "votes": ("🗳", N_("Votes")),
}


def category_name(t: Translator, category_id: str) -> str:
    """Give a category's name with its emoji, for a button or a line."""
    emoji, name = CATEGORY_NAMES.get(category_id, ("📦", category_id.replace("_", " ").capitalize()))
    return f"{emoji} {t.plain(name)}"
