"""Places in lists, as they travel in buttons."""

import pytest

from bot.domain.browse import ALL, HIGH, Place, Sort, read_place, read_sort
from handlers.callbacks import LIMIT_BYTES
from handlers.views.jobs import CATEGORY_NAMES, OpenJob

FAR = Place(4_102_444_800_000, 9_999_999_999, back=True)  # the year 2100, ten digits of jobs


@pytest.mark.parametrize("place", [Place(0, 0), Place(1000, 7), Place(35, 36, back=True), FAR])
def test_a_place_survives_its_button(place: Place) -> None:
    """Proves that a packed place reads back as itself."""
    assert read_place(place.pack()) == place


@pytest.mark.parametrize(
    "packed",
    ["", ">", "<", ">1", ">1.", ">.1", "1.2", ">1.2.3", ">-1.2", "> 1.2", ">A.1", ">٣.1", ">" + "z" * 14 + ".1"],
)
def test_what_is_no_place_means_the_first_page(packed: str) -> None:
    """Proves that a damaged or forged place is no error."""
    assert read_place(packed) is None


def test_the_longest_button_fits() -> None:
    """Proves that a job's button fits into 64 bytes for every category, with ten-digit ids."""
    for shelf in (*CATEGORY_NAMES, ALL, HIGH):
        data = OpenJob(9_999_999_999, shelf, Sort.NEWEST.value, FAR.pack()).pack()
        assert len(data.encode()) <= LIMIT_BYTES


def test_the_order_is_the_button_s_then_the_remembered_then_the_usual() -> None:
    """Proves where a list's order comes from, and that rubbish in a button or the settings is passed over."""
    assert read_sort("l", shelf=ALL, settings={"sort": "h"}) is Sort.LOWEST
    assert read_sort("", shelf=ALL, settings={"sort": "h"}) is Sort.HIGHEST
    assert read_sort("", shelf=ALL, settings={}) is Sort.NEWEST
    assert read_sort("", shelf=HIGH, settings={}) is Sort.HIGHEST
    assert read_sort("?", shelf=ALL, settings={"sort": 7}) is Sort.NEWEST
