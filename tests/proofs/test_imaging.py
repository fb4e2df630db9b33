"""Pictures as people send them, and as nobody should: examined in the real picture process."""

import asyncio
import hashlib
import io
import random
import struct
import sys
import zlib
from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath

import pytest
from PIL import Image

from bot.domain.proof import DOWNLOAD_LIMIT, Examined, Unreadable
from bot.imaging import Imaging, WorkerDied
from bot.pixels import LONG_SIDE, MAX_PIXELS, examine_picture
from tests.bot_process import ROOT
from tests.pictures import photo, screenshot
from tests.waiting import eventually

PATH = PurePosixPath("2030/01/picture.jpg")


@pytest.fixture
async def imaging() -> AsyncIterator[Imaging]:
    """Give a picture process."""
    process = Imaging()
    yield process
    await process.close()


def png_header(width: int, height: int) -> bytes:
    """Make a tiny PNG that says it is huge and whose pixels compress to almost nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """Encode an image."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def files_in(folder: Path) -> list[str]:
    """List the names of all files below a folder."""
    return [file.name for file in folder.rglob("*") if file.is_file()]


def examine(data: bytes, folder: Path) -> Examined | Unreadable:
    """Examine in this process."""
    return examine_picture(data, folder, PATH)


async def test_a_photo_loses_everything_but_its_pixels(imaging: Imaging, tmp_path: Path) -> None:
    """Proves that what is stored has no EXIF, no place and no comment, and that both hashes are right."""
    data = photo(7, with_gps=True)
    with Image.open(io.BytesIO(data)) as sent:
        assert sent.getexif().get_ifd(0x8825)
    found = await imaging.examine(data, folder=tmp_path, path=PATH)
    assert isinstance(found, Examined)
    assert (found.width, found.height) == (960, 720)
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    stored = (tmp_path / PATH).read_bytes()
    assert b"Camera" not in stored
    assert b"Exif" not in stored
    with Image.open(io.BytesIO(stored)) as kept:
        assert kept.format == "JPEG"
        assert not kept.getexif()
        assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert files_in(tmp_path) == ["picture.jpg"]


def test_a_comment_and_text_chunks_stay_behind(tmp_path: Path) -> None:
    """Proves that a JPEG's comment and a PNG's texts are not carried over."""
    image = Image.new("RGB", (64, 64), "red")
    for data in (encoded(image, "JPEG", comment=b"my street 5"), encoded(image, "PNG", dpi=(72, 72))):
        assert isinstance(examine(data, tmp_path), Examined)
        assert b"my street" not in (tmp_path / PATH).read_bytes()


def test_a_picture_saved_again_has_the_same_pixels(tmp_path: Path) -> None:
    """Proves that a PNG saved as WEBP without loss, or with other metadata, is known by its pixels."""
    data = screenshot(3)
    with Image.open(io.BytesIO(data)) as image:
        again = encoded(image, "WEBP", lossless=True)
    first, second = examine(data, tmp_path), examine(again, tmp_path)
    assert isinstance(first, Examined)
    assert isinstance(second, Examined)
    assert first.pixels_sha256 == second.pixels_sha256
    assert first.sha256 != second.sha256


def test_a_turned_photo_is_stored_upright(tmp_path: Path) -> None:
    """Proves that the orientation that EXIF holds is applied before EXIF goes."""
    exif = Image.Exif()
    exif[0x0112] = 6
    found = examine(encoded(Image.new("RGB", (80, 40)), "JPEG", exif=exif), tmp_path)
    assert isinstance(found, Examined)
    assert (found.width, found.height) == (40, 80)


def test_transparency_becomes_white_and_large_ones_smaller(tmp_path: Path) -> None:
    """Proves that what was see-through is white, and that a long side ends at the limit."""
    found = examine(encoded(Image.new("RGBA", (3000, 1000), (0, 0, 0, 0)), "PNG"), tmp_path)
    assert isinstance(found, Examined)
    assert (found.width, found.height) == (3000, 1000)
    with Image.open(tmp_path / PATH) as kept:
        assert kept.size == (LONG_SIDE, round(1000 * LONG_SIDE / 3000))
        assert kept.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "CMYK", "I;16"])
def test_every_kind_of_pixel_is_read(mode: str, tmp_path: Path) -> None:
    """Proves that grey, palette, print and bilevel pictures are stored too."""
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert isinstance(examine(encoded(Image.new(mode, (50, 60)), kind), tmp_path), Examined)


async def test_a_bomb_is_refused_by_its_header(imaging: Imaging, tmp_path: Path) -> None:
    """Proves that tiny files with huge dimensions are refused before a pixel is decoded, and the process lives."""
    for size in ((50_000, 50_000), (5_001, 5_000), (30_000, 3_000)):
        data = png_header(*size)
        assert len(data) < 2_000
        assert await imaging.examine(data, folder=tmp_path, path=PATH) is Unreadable.TOO_MANY_PIXELS
    assert not files_in(tmp_path)
    assert imaging.running


async def test_a_picture_at_the_limit_is_taken(imaging: Imaging, tmp_path: Path) -> None:
    """Proves that 25 Mpx still pass within the memory that the process may use."""
    side = int(MAX_PIXELS**0.5)
    data = encoded(Image.new("RGBA", (side, side), (9, 9, 9, 200)), "PNG")
    assert isinstance(await imaging.examine(data, folder=tmp_path, path=PATH), Examined)


async def test_what_is_no_picture_is_refused(imaging: Imaging, tmp_path: Path) -> None:
    """Proves that words, other formats, half a picture and too many bytes get their reason and leave no file."""
    image = Image.new("RGB", (200, 200), "blue")
    cases = [
        (b"", Unreadable.NO_PICTURE),
        (b"hello", Unreadable.NO_PICTURE),
        (b"%PDF-1.7 not a picture", Unreadable.NO_PICTURE),
        (encoded(image, "GIF"), Unreadable.NO_PICTURE),
        (encoded(image, "TIFF"), Unreadable.NO_PICTURE),
        (encoded(image, "BMP"), Unreadable.NO_PICTURE),
        (screenshot(1)[:5000], Unreadable.BROKEN),
        (bytes(DOWNLOAD_LIMIT + 1), Unreadable.TOO_BIG),
    ]
    for data, reason in cases:
        assert await imaging.examine(data, folder=tmp_path, path=PATH) is reason, (data[:20], reason)
    assert not files_in(tmp_path)


async def test_noise_never_ends_the_process(imaging: Imaging, tmp_path: Path) -> None:
    """Proves that pictures with random bytes changed give an answer each, stored or refused."""
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    sources = [screenshot(1, size=(200, 300)), photo(2, size=(200, 150)), screenshot(3, size=(180, 300), kind="WEBP")]
    for number in range(60):
        data = bytearray(sources[number % 3])
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        found = await imaging.examine(bytes(data), folder=tmp_path, path=PATH)
        assert isinstance(found, (Examined, Unreadable))


async def test_closing_does_not_wait_for_a_large_picture(tmp_path: Path) -> None:
    """Proves that the process is ended while it is at a picture, and that whoever waits is told."""
    imaging = Imaging()
    assert isinstance(await imaging.examine(screenshot(1), folder=tmp_path, path=PATH), Examined)
    side = int(MAX_PIXELS**0.5)
    large = encoded(Image.new("RGB", (side, side), "red"), "PNG")
    waiting = asyncio.create_task(imaging.examine(large, folder=tmp_path, path=PurePosixPath("large.jpg")))
    await asyncio.sleep(0)
    await imaging.close()
    with pytest.raises((WorkerDied, asyncio.CancelledError)):
        await waiting
    assert files_in(tmp_path) == ["picture.jpg"]


async def test_the_process_ends_when_nothing_comes_and_comes_back(tmp_path: Path) -> None:
    """Proves that an idle process is ended, and that the next picture makes a new one."""
    imaging = Imaging(idle_seconds=0.0)

    async def resting() -> bool:
        return not imaging.running

    for _ in range(2):
        assert isinstance(await imaging.examine(screenshot(1, size=(200, 320)), folder=tmp_path, path=PATH), Examined)
        await eventually(resting, "the process is ended")
    await imaging.close()


async def test_the_bot_itself_knows_no_imaging() -> None:
    """Proves that what the running bot imports leaves the imaging library to the picture process."""
    code = "import sys, bot.app; sys.exit('PIL' in sys.modules or 'bot.pixels' in sys.modules)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=ROOT)
    assert await process.wait() == 0
