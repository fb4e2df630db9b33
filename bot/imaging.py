"""Examining pictures in a process of their own, so that no picture can stop, fill or crash the bot.

    bytes ──► formats by name · pixels from the header ──► decode ──► upright, on white, RGB, nothing beside pixels
          ──► hashes ──► long side at most LONG_SIDE ──► JPEG, written beside its place and moved there

The process is made when a picture comes and ended a minute after the last. It holds no secret and opens no
connection; its memory and the time for one picture are limited.
"""

import asyncio
import contextlib
import hashlib
import io
import multiprocessing
import os
import signal
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path, PurePosixPath

from PIL import Image, ImageOps, UnidentifiedImageError

from bot.domain.proof import DOWNLOAD_LIMIT, Examined, Unreadable

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PIXELS = 25_000_000
LONG_SIDE = 2560
QUALITY = 88
IDLE_SECONDS = 60.0
SECONDS_A_PICTURE = 10.0  # of the processor's time; 25 Mpx take about two
MEMORY_BYTES = 1 << 30


class WorkerDied(Exception):
    """The process ended over a picture (out of time or memory): the picture may be tried again."""


class Imaging:
    """The picture process. Make it where pictures are examined; close it at the end."""

    def __init__(self, *, idle_seconds: float = IDLE_SECONDS) -> None:
        self._idle_seconds = idle_seconds
        self._pool: ProcessPoolExecutor | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._busy = 0
        self._pid: int | None = None

    @property
    def running(self) -> bool:
        """Whether the process exists now."""
        return self._pool is not None

    async def examine(self, data: bytes, *, folder: Path, path: PurePosixPath) -> Examined | Unreadable:
        """Check a picture and write it re-encoded to `folder / path`, or say why it can't be used.

        Raises:
            WorkerDied: the process ended over it.
        """
        if len(data) > DOWNLOAD_LIMIT:
            return Unreadable.TOO_BIG
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                max_workers=1, mp_context=multiprocessing.get_context("spawn"), initializer=_confine
            )
        pool = self._pool
        self._busy += 1
        loop = asyncio.get_running_loop()
        try:
            self._pid = await loop.run_in_executor(pool, os.getpid)
            return await loop.run_in_executor(pool, examine_picture, data, folder, path)
        except BrokenProcessPool as error:
            if self._pool is pool:
                self._pool = None
                pool.shutdown(wait=False)
            raise WorkerDied from error
        except RuntimeError as error:
            if self._pool is pool:
                raise
            raise WorkerDied from error  # closed between the two steps: it takes nothing more
        finally:
            self._busy -= 1
            if not self._busy and self._pool is not None:
                self._idle = asyncio.get_running_loop().call_later(self._idle_seconds, self._rest)

    async def close(self) -> None:
        """End the process at once: a picture it was at is examined after the next start."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        pool, self._pool = self._pool, None
        if pool is not None:
            if self._busy and self._pid is not None:
                with contextlib.suppress(OSError):
                    os.kill(self._pid, signal.SIGTERM)
            await asyncio.to_thread(pool.shutdown, cancel_futures=True)

    def _rest(self) -> None:
        self._idle = None
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False)


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


def _confine() -> None:
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
