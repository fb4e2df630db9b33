"""Examining pictures in a process of their own, so that no picture can stop, fill or crash the bot.

The process is made when a picture comes and ended a minute after the last. It holds no secret and opens no
connection; its memory and the time for one picture are limited. What it does stands in bot/pixels.py, which is loaded
in it alone: the imaging library is no part of the bot's own memory.
"""

import asyncio
import contextlib
import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path, PurePosixPath

from bot.domain.proof import DOWNLOAD_LIMIT, Examined, Unreadable

IDLE_SECONDS = 60.0


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
            return await loop.run_in_executor(pool, _examine, data, folder, path)
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


def _examine(data: bytes, folder: Path, path: PurePosixPath) -> Examined | Unreadable:
    """Run in the picture process."""
    from bot.pixels import examine_picture

    return examine_picture(data, folder, path)


def _confine() -> None:
    """Run as the picture process begins."""
    from bot.pixels import confine

    confine()
