"""The loop on the page, in a browser, on a fresh demo: the story that the README's pictures are taken from."""

import pytest
from PIL import Image

from tests.demo.demo_process import ROOT
from tests.screenshots import NARROW, WIDE, draw

SMALL_BYTES = 200_000

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def test_the_loop_is_played_by_hand(chromium: str) -> None:
    """Proves that a person with the page alone takes a job, sends its picture, publishes, is alerted and reviews."""
    assert chromium
    folder = ROOT / "build" / "images"
    await draw(folder)
    wide = ("three-phones.png", "three-phones-dark.png", "traffic.png", "tour.png", "time.png")
    for name, size in (*((one, WIDE) for one in wide), ("phone.png", NARROW), ("phone-tour.png", NARROW)):
        assert (folder / name).stat().st_size < SMALL_BYTES
        with Image.open(folder / name) as picture:
            assert picture.size == size
            assert len(picture.convert("RGB").getcolors(maxcolors=1 << 24) or ()) > 100
