"""The demo's folder: its own files only, one demo at a time."""

from pathlib import Path

import pytest

from bot.demo.folder import occupied
from bot.settings import BadConfiguration


def files_in(folder: Path) -> dict[str, bytes]:
    """Give everything in a folder."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("name", ["bot.db", "secret.key", "demo.db", "proofs/2030/01/1-a.jpg", "notes.txt"])
def test_a_folder_of_somebody_else_is_refused_and_stays_as_it_is(tmp_path: Path, name: str) -> None:
    """Proves that a wrong --data touches nothing, also where a real installation has the same names."""
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"of great worth")
    with pytest.raises(BadConfiguration, match="not the demo's"), occupied(tmp_path):
        pass
    assert files_in(tmp_path) == {name: b"of great worth"}


def test_a_strange_file_in_the_demos_folder_is_refused(tmp_path: Path) -> None:
    """Proves that what somebody put into the demo's folder is not wiped with it."""
    folder = tmp_path / "demo"
    with occupied(folder):
        pass
    (folder / "my-notes.txt").write_text("keep")
    with pytest.raises(BadConfiguration, match=r"my-notes\.txt"), occupied(folder):
        pass
    assert (folder / "my-notes.txt").read_text() == "keep"


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """Proves that wiping can't follow a link to somebody's pictures."""
    folder, pictures = tmp_path / "demo", tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "one.jpg").write_bytes(b"picture")
    with occupied(folder):
        pass
    (folder / "proofs").symlink_to(pictures)
    with pytest.raises(BadConfiguration, match="proofs"), occupied(folder):
        pass
    assert (pictures / "one.jpg").exists()


def test_one_demo_at_a_time(tmp_path: Path) -> None:
    """Proves that a second demo in the same folder is told kindly, and may begin once the first has ended."""
    refused = pytest.raises(BadConfiguration, match="another demo")
    with occupied(tmp_path / "demo"), refused, occupied(tmp_path / "demo"):
        pass
    with occupied(tmp_path / "demo") as own:
        assert own.is_new


def test_wiping_leaves_an_empty_demo_folder(tmp_path: Path) -> None:
    """Proves that a fresh start removes the state and the pictures, and that the folder stays the demo's."""
    folder = tmp_path / "demo"
    with occupied(folder) as own:
        own.database.write_bytes(b"state")
        (folder / "proofs" / "2030").mkdir(parents=True)
        (folder / "proofs" / "2030" / "1.jpg").write_bytes(b"picture")
        own.wipe()
        assert own.is_new
        assert not (folder / "proofs").exists()
    with occupied(folder):
        pass


def test_a_folder_that_can_not_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    """Proves that a file in the way gives a clear refusal instead of a traceback."""
    (tmp_path / "demo").write_text("a file")
    with pytest.raises(BadConfiguration, match="--data"), occupied(tmp_path / "demo"):
        pass
