"""Draws a screenshot such as a worker sends as proof: a recipe on a phone, with text, a photo and grain."""

import io
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

SIZE = (720, 1080)
GROUND, INK, PALE, ACCENT = (255, 253, 248), (38, 34, 30), (128, 120, 112), (196, 72, 38)
MARGIN = 36
INGREDIENTS = (
    "1 can chickpeas (400 g)",
    "2 tomatoes",
    "1 small onion",
    "1 tsp cumin, 1 tsp turmeric",
    "a handful of spinach",
    "salt, lemon, oil",
)


def screenshot_of_recipe(chance: random.Random) -> bytes:
    """Give the PNG of a phone that shows a recipe for two."""
    image = Image.new("RGB", SIZE, GROUND)
    draw = ImageDraw.Draw(image)
    _status_bar(draw, chance)
    draw.rounded_rectangle((MARGIN, 70, SIZE[0] - MARGIN, 130), radius=30, fill=(238, 234, 226))
    draw.text((MARGIN + 30, 84), "tiffintable.example.com/r/chana", fill=PALE, font=_font(26))
    image.paste(_dish(chance, (SIZE[0], 330)), (0, 150))
    draw.text((MARGIN, 498), "Quick chickpea curry", fill=INK, font=_font(46))
    draw.text((MARGIN, 560), "25 min  ·  easy  ·  no oven needed", fill=PALE, font=_font(26))
    _portions(draw, top=612)
    draw.text((MARGIN, 704), "Ingredients", fill=ACCENT, font=_font(32))
    for number, line in enumerate(INGREDIENTS):
        top = 758 + number * 44
        draw.ellipse((MARGIN + 4, top + 10, MARGIN + 16, top + 22), fill=ACCENT)
        draw.text((MARGIN + 34, top), line, fill=INK, font=_font(27))
    draw.rounded_rectangle((230, SIZE[1] - 26, SIZE[0] - 230, SIZE[1] - 16), radius=5, fill=INK)
    stream = io.BytesIO()
    _grainy(image, chance).save(stream, "PNG")
    return stream.getvalue()


def _status_bar(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    draw.text((MARGIN, 16), f"{chance.randrange(8, 22)}:{chance.randrange(60):02}", fill=INK, font=_font(28))
    for bar in range(4):
        left = SIZE[0] - 190 + bar * 14
        draw.rectangle((left, 40 - bar * 6, left + 9, 46), fill=INK)
    draw.rounded_rectangle((SIZE[0] - 110, 20, SIZE[0] - 50, 46), radius=6, outline=INK, width=3)
    draw.rectangle((SIZE[0] - 105, 25, SIZE[0] - 105 + chance.randrange(15, 48), 41), fill=INK)


def _portions(draw: ImageDraw.ImageDraw, *, top: int) -> None:
    """Draw the little switch that is set to two people."""
    for number in range(1, 5):
        left = MARGIN + (number - 1) * 96
        chosen = number == 2
        draw.rounded_rectangle(
            (left, top, left + 80, top + 64), radius=14, fill=ACCENT if chosen else None, outline=ACCENT, width=3
        )
        draw.text((left + 31, top + 12), str(number), fill=GROUND if chosen else ACCENT, font=_font(32))
    draw.text((MARGIN + 400, top + 14), "people", fill=PALE, font=_font(28))


def _dish(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    """Draw a bowl from above on a wooden table, a little out of focus."""
    width, height = size
    table = Image.new("RGB", size, (150, 104, 66))
    draw = ImageDraw.Draw(table)
    for _ in range(140):
        top = chance.randrange(height)
        shade = chance.randrange(-26, 26)
        draw.line((0, top, width, top + chance.randrange(-6, 7)), fill=(146 + shade, 100 + shade, 62 + shade), width=3)
    middle, centre, radius = width // 2, height // 2, 150
    draw.ellipse(
        (middle - radius - 8, centre - radius + 4, middle + radius + 16, centre + radius + 20), fill=(70, 46, 30)
    )
    draw.ellipse((middle - radius, centre - radius, middle + radius, centre + radius), fill=(236, 232, 224))
    inner = radius - 24
    draw.ellipse((middle - inner, centre - inner, middle + inner, centre + inner), fill=(198, 112, 34))
    for _ in range(110):
        x, y = chance.gauss(middle, inner / 2.6), chance.gauss(centre, inner / 2.6)
        if (x - middle) ** 2 + (y - centre) ** 2 > (inner - 16) ** 2:
            continue
        size_of_it = chance.randrange(8, 17)
        colour = chance.choice(((226, 180, 96), (214, 164, 82), (186, 48, 30), (72, 110, 44), (232, 196, 120)))
        draw.ellipse((x - size_of_it, y - size_of_it, x + size_of_it, y + size_of_it * 0.85), fill=colour)
    return table.filter(ImageFilter.GaussianBlur(1.6))


def _grainy(image: Image.Image, chance: random.Random) -> Image.Image:
    grain = Image.frombytes("L", image.size, chance.randbytes(image.width * image.height)).point(
        [value * 6 // 255 for value in range(256)]
    )
    return ImageChops.subtract(image, Image.merge("RGB", (grain, grain, grain)))


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)
