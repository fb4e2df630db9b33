"""The work on one picture, in the picture's own process: only there is the imaging library loaded.

bytes ──► formats by name · pixels from the header ──► decode ──► upright, on white, RGB, nothing beside pixels
      ──► hashes ──► long side at most LONG_SIDE ──► JPEG, written beside its place and moved there
"""

import contextlib
import hashlib
import io
import multiprocessing
import os
import signal
import sys
import warnings
from pathlib import Path, PurePosixPath

from PIL import Image, ImageOps, UnidentifiedImageError

from bot.domain.proof import Examined, Unreadable

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PIXELS = 25_000_000
LONG_SIDE = 2560
QUALITY = 88
SECONDS_A_PICTURE = 10.0  # of the processor's time; 25 Mpx take about two
MEMORY_BYTES = 1 << 30


def examine_picture(data: bytes, folder: Path, path: PurePosixPath) -> Examined | Unreadable:
    """Do the work on one picture; runs in the picture process."""
    _set_alarm(SECONDS_A_PICTURE)
    try:
        image = _decode(data)
        if isinstance(image, Unreadable):
            return image
        pixels = hashlib.sha256(f"{image.width}x{image.height}:".encode())
        pixels.update(image.tobytes())
        width, height = image.size
        image.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
        encoded = io.BytesIO()
        image.save(encoded, "JPEG", quality=QUALITY)
        _write(folder / path, encoded.getvalue())
        return Examined(
            path=path,
            sha256=hashlib.sha256(data).hexdigest(),
            pixels_sha256=pixels.hexdigest(),
            width=width,
            height=height,
        )
    finally:
        _set_alarm(0.0)


def _decode(data: bytes) -> Image.Image | Unreadable:
    """Give the picture's pixels upright on white, or why there are none. Only the header is read before the limit."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                return Unreadable.TOO_MANY_PIXELS
            opened.load()
            upright = ImageOps.exif_transpose(opened)
        flat = _on_white(upright)
    except UnidentifiedImageError:
        return Unreadable.NO_PICTURE
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return Unreadable.TOO_MANY_PIXELS
    except Exception:
        # The decoders raise whatever a broken file leads them to (OSError, SyntaxError, struct.error, MemoryError...);
        # to the sender it is all one: this picture can't be read.
        return Unreadable.BROKEN
    flat.info.clear()  # comments, places, profiles: whatever is not a pixel stays behind
    return flat


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Image.new("RGB", layer.size, "white")
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground


def _write(target: Path, data: bytes) -> None:
    """Write a file that is there wholly or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)


def confine() -> None:
    """Prepare the picture process: the terminal's Ctrl-C is not for it, and memory has an end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit here is lower
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _set_alarm(seconds: float) -> None:
    """Let the system end this process when a picture takes too long; only where there is a main thread to end."""
    if sys.platform != "win32" and multiprocessing.parent_process() is not None:
        signal.setitimer(signal.ITIMER_PROF, seconds)
