"""What Telegram does to a photo: checks its header, drops its metadata and keeps it as JPEG in several sizes.

Runs in a thread, never on the event loop.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageOps

from bot.emulator.errors import bad_request
from bot.emulator.files import MAX_PHOTO_BYTES

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
LONG_SIDES = (90, 320, 800, 1280, 2560)
MAX_SUM_OF_SIDES = 10_000
MAX_RATIO = 20
MAX_PHONE_PIXELS = 50_000_000
_QUALITY = 87


@dataclass(frozen=True, slots=True)
class PhotoSize:
    """One of the sizes a photo is kept in."""

    width: int
    height: int
    data: bytes


def photo_sizes(data: bytes, *, from_phone: bool = False) -> list[PhotoSize]:
    """Make the sizes of a photo, ascending; a phone scales its pictures down before it sends them.

    Raises: ApiError `PHOTO_INVALID_DIMENSIONS` or `IMAGE_PROCESS_FAILED`, or the one about the size in bytes.
    """
    if len(data) > MAX_PHOTO_BYTES and not from_phone:
        raise bad_request(
            f"file of size {len(data)} bytes is too big for a photo; the maximum size is {MAX_PHOTO_BYTES} bytes"
        )
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_dimensions(image.width, image.height, from_phone=from_phone)
            return _resized(image)
    except (OSError, SyntaxError, ValueError, ArithmeticError, Image.DecompressionBombError):
        raise bad_request("IMAGE_PROCESS_FAILED") from None


def _check_dimensions(width: int, height: int, *, from_phone: bool) -> None:
    long, short = max(width, height), max(1, min(width, height))
    too_large = width * height > MAX_PHONE_PIXELS if from_phone else width + height > MAX_SUM_OF_SIDES
    if too_large or long / short > MAX_RATIO:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")


def _resized(image: Image.Image) -> list[PhotoSize]:
    longest = max(image.size)
    if image.format == "JPEG":
        image.draft("RGB", (LONG_SIDES[-1], LONG_SIDES[-1]))
    picture = _flat(ImageOps.exif_transpose(image))
    scale = min(1.0, LONG_SIDES[-1] / longest)
    largest = _scaled(picture, round(longest * scale))
    sizes: list[PhotoSize] = []
    for side in (*(side for side in LONG_SIDES if side < max(largest.size)), max(largest.size)):
        scaled = _scaled(largest, side)
        buffer = io.BytesIO()
        scaled.save(buffer, "JPEG", quality=_QUALITY)
        sizes.append(PhotoSize(scaled.width, scaled.height, buffer.getvalue()))
    return sizes


def _scaled(picture: Image.Image, long_side: int) -> Image.Image:
    ratio = long_side / max(picture.size)
    if ratio >= 1.0:
        return picture
    size = max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio))
    return picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)


def _flat(picture: Image.Image) -> Image.Image:
    """Put what is transparent on white, as a JPEG knows no transparency."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        ground = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(ground, layered).convert("RGB")
    return picture.convert("RGB")
