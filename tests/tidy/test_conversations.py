"""The picture of the conversations is the one that their tables give."""

from tests.conversations import FILE, write


def test_the_picture_is_up_to_date() -> None:
    """Proves that docs/conversations.md says what the tables say; `make diagrams` writes it again."""
    assert FILE.read_text(encoding="utf-8") == write(), "run `make diagrams`"
