"""Pictures for tests, each from a seed: screenshots with words and buttons, photos with gradients and grain."""

from __future__ import annotations

import io
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, TiffImagePlugin

_WORDS = (
    "task done open the app sign up review rating five stars order number thank you level reached points account"
    " verified payment sent profile settings install update share"
)
_PALETTES = (
    ((250, 250, 252), (28, 28, 30), (10, 122, 255)),
    ((18, 18, 20), (235, 235, 240), (52, 199, 89)),
    ((255, 250, 240), (60, 40, 20), (255, 94, 58)),
    ((240, 246, 255), (20, 30, 60), (88, 86, 214)),
)
_GPS_IFD = 0x8825


def screenshot(seed: int, *, size: tuple[int, int] = (540, 1080), kind: str = "PNG") -> bytes:
    """Draw the screen of a phone: a status bar, lines of text, a picture, buttons, and a little noise."""
    chance = random.Random(seed)
    ground, ink, accent = chance.choice(_PALETTES)
    width, height = size
    image = Image.new("RGB", size, ground)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=22)
    draw.text((20, 10), f"{chance.randrange(24):02}:{chance.randrange(60):02}", fill=ink, font=font)
    draw.rectangle((width - 70, 14, width - 70 + chance.randrange(10, 50), 32), fill=ink)
    draw.rectangle((0, 48, width, 110), fill=accent)
    draw.text((24, 66), _sentence(chance, 3).title(), fill=ground, font=ImageFont.load_default(size=28))
    top = 140
    while top < height - 260:
        if chance.random() < 0.25:
            block = _gradient(chance, (width - 80, 120))
            image.paste(block, (40, top))
            top += 140
        else:
            draw.text((40, top), _sentence(chance, chance.randrange(2, 6)), fill=ink, font=font)
            top += chance.randrange(34, 52)
    for row in range(2):
        left = 40 + row * (width // 2 - 20)
        box = (left, height - 200, left + width // 2 - 60, height - 130)
        draw.rounded_rectangle(box, radius=18, fill=accent)
        draw.text((left + 20, height - 180), _sentence(chance, 1).title(), fill=ground, font=font)
    draw.text((40, height - 80), f"ID {chance.randrange(10**9):09}", fill=ink, font=font)
    return _written(_noisy(image, chance, amount=3), kind)


def photo(seed: int, *, with_gps: bool = True, size: tuple[int, int] = (960, 720), quality: int = 90) -> bytes:
    """Make a photo-like JPEG: light falling off, shapes out of focus, grain; with the place in its EXIF data."""
    chance = random.Random(seed)
    image = _gradient(chance, size)
    draw = ImageDraw.Draw(image)
    width, height = size
    for _ in range(chance.randrange(12, 24)):
        x, y = chance.randrange(width), chance.randrange(height)
        w, h = chance.randrange(width // 20, width // 3), chance.randrange(height // 20, height // 3)
        fill = tuple(chance.randrange(256) for _ in range(3))
        shape = draw.ellipse if chance.random() < 0.5 else draw.rectangle
        shape((x - w // 2, y - h // 2, x + w // 2, y + h // 2), fill=fill)
    image = image.filter(ImageFilter.GaussianBlur(chance.uniform(1.0, 4.0)))
    image = _noisy(image, chance, amount=18)
    exif = Image.Exif()
    exif[0x010F] = "Test"
    exif[0x0110] = f"Camera {seed}"
    exif[0x0132] = f"2026:01:{seed % 28 + 1:02} 12:00:{seed % 60:02}"
    if with_gps:
        gps = exif.get_ifd(_GPS_IFD)
        gps[1], gps[2] = "N", _degrees(chance)
        gps[3], gps[4] = "E", _degrees(chance)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, exif=exif)
    return buffer.getvalue()


def _degrees(chance: random.Random) -> tuple[TiffImagePlugin.IFDRational, ...]:
    numbers = (chance.randrange(1, 60), chance.randrange(60), chance.randrange(6000))
    return tuple(TiffImagePlugin.IFDRational(number, under) for number, under in zip(numbers, (1, 1, 100), strict=True))


def _sentence(chance: random.Random, count: int) -> str:
    return " ".join(chance.choice(_WORDS.split()) for _ in range(count))


def _gradient(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    bands = []
    for _ in range(3):
        band = Image.linear_gradient("L").rotate(chance.choice((0, 90, 180, 270))).resize(size)
        light = chance.uniform(0.4, 1.0)
        bands.append(band.point([min(255, int(value * light)) for value in range(256)]))
    return Image.merge("RGB", bands)


def _noisy(image: Image.Image, chance: random.Random, *, amount: int) -> Image.Image:
    grain = Image.frombytes("L", image.size, chance.randbytes(image.width * image.height))
    grain = grain.point([value * amount // 255 for value in range(256)])
    return ImageChops.add(image, Image.merge("RGB", (grain, grain, grain)))


def _written(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **({"quality": 88} if kind == "JPEG" else {}))
    return buffer.getvalue()
