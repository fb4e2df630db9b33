"""The intake of pictures: what people sent is downloaded, examined and kept; what was kept long enough is deleted.

    unit: list 'new' ──► download ──► picture process ──► unit: stored | refused, the worker told
                            │ Telegram away, process died: tried again, later each time, at most ATTEMPTS times

No unit is open while anything is downloaded, decoded, written or deleted.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

import structlog

from bot.domain.assignment import Proof
from bot.domain.proof import Examined, Unreadable
from bot.imaging import Imaging, WorkerDied
from bot.services import proof
from bot.transport import ApiError, Unreachable
from storage import submissions
from storage.database import Database

log = structlog.get_logger()

ATTEMPTS = 5
#: How long to wait after each failed attempt.
PAUSES = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=3), timedelta(minutes=15))
DISK_PAUSE = timedelta(minutes=1)
LISTED = 100
AT_ONCE = 3
PURGED_AT_ONCE = 50


class ProofIntake:
    """Stores and purges pictures below one folder. Only one may run on a folder."""

    def __init__(
        self,
        *,
        database: Database,
        download: Callable[[str], Awaitable[bytes]],
        imaging: Imaging,
        folder: Path,
        clock: Callable[[], datetime],
        retention_days: int = 90,
        after_commit: Callable[[], None] = lambda: None,
    ) -> None:
        """Make the intake. `download` gives a file's bytes by its file id; `retention_days` 0 keeps everything."""
        self._database = database
        self._download = download
        self._imaging = imaging
        self._folder = folder
        self._clock = clock
        self._retention = timedelta(days=retention_days)
        self._after_commit = after_commit
        self._not_before: dict[int, datetime] = {}
        self._one = asyncio.Lock()  # a picture that ends the process shall not take others with it

    async def run_once(self) -> int:
        """Take in every picture that is due; how many were stored or refused."""
        now = self._clock()
        async with self._database.unit("proofs:list", now=now) as uow:
            waiting = await proof.list_new(uow, limit=LISTED)
        self._not_before = {p.id: at for p in waiting if (at := self._not_before.get(p.id)) is not None}
        due = [p for p in waiting if self._not_before.get(p.id, now) <= now]
        places = asyncio.Semaphore(AT_ONCE)

        async def take(picture: Proof) -> bool:
            async with places:
                return await self._take(picture)

        return sum(await asyncio.gather(*(take(picture) for picture in due)))

    async def purge(self) -> int:
        """Delete the files of places that ended longer ago than the retention; how many."""
        if not self._retention:
            return 0
        count = 0
        while True:
            async with self._database.unit("proofs:outlived", now=self._clock()) as uow:
                outlived = await proof.list_outlived(uow, older_than=self._retention, limit=PURGED_AT_ONCE)
            if not outlived:
                return count
            await asyncio.to_thread(self._delete, [path for _, path in outlived])
            async with self._database.unit("proofs:purged", now=self._clock()) as uow:
                await proof.forget_files(uow, proof_ids=[proof_id for proof_id, _ in outlived])
            count += len(outlived)

    async def _take(self, picture: Proof) -> bool:
        """Bring one picture to an end, or count the attempt; whether it came to an end."""
        path = self._path_of(picture)
        try:
            data = await self._download(picture.file_id)
            async with self._one:
                found = await self._imaging.examine(data, folder=self._folder, path=path)
        except OSError as error:
            log.error("picture_not_written", proof_id=picture.id, error=str(error))
            self._not_before[picture.id] = self._clock() + DISK_PAUSE  # the disk's fault, not the picture's
            return False
        except WorkerDied:
            return await self._try_later(picture, otherwise=Unreadable.BROKEN)
        except (ApiError, Unreachable) as error:
            if not isinstance(error, ApiError) or error.code not in (400, 404):
                log.warning("picture_not_taken", proof_id=picture.id, error=str(error))
                return await self._try_later(picture, otherwise=Unreadable.GONE)
            found = Unreadable.GONE
        except Exception:
            log.exception("picture_failed", proof_id=picture.id)
            return await self._try_later(picture, otherwise=Unreadable.BROKEN)
        kept = False
        # A unit that is cancelled may have been committed: the file stays, and the next try writes the same one.
        async with self._database.unit(f"proof:{picture.id}", now=self._clock()) as uow:
            if isinstance(found, Examined):
                kept = await proof.store_proof(uow, proof_id=picture.id, examined=found)
            else:
                log.info("picture_refused", proof_id=picture.id, reason=found.value)
                await proof.refuse_proof(uow, proof_id=picture.id, refusal=found)
        if not kept and not await self._is_kept(path):
            self._delete([path])
        self._after_commit()
        return True

    async def _is_kept(self, path: PurePosixPath) -> bool:
        """Whether a row points to this file: another try, or another process, may have been faster."""
        async with self._database.read() as tx:
            return await submissions.is_file_kept(tx, str(path))

    async def _try_later(self, picture: Proof, *, otherwise: Unreadable) -> bool:
        now = self._clock()
        async with self._database.unit(f"proof:{picture.id}:failed", now=now) as uow:
            attempts = await proof.count_attempt(uow, proof_id=picture.id, limit=ATTEMPTS, otherwise=otherwise)
        self._after_commit()
        if attempts:
            self._not_before[picture.id] = now + PAUSES[min(attempts, len(PAUSES)) - 1]
        return not attempts

    def _path_of(self, picture: Proof) -> PurePosixPath:
        """Give a picture its place: not to be guessed, and the same when an interrupted attempt is made again."""
        now = self._clock()
        name = hashlib.sha256(picture.file_id.encode()).hexdigest()[:24]
        return PurePosixPath(f"{now:%Y}") / f"{now:%m}" / f"{picture.id}-{name}.jpg"

    def _delete(self, paths: list[PurePosixPath]) -> None:
        for path in paths:
            assert not path.is_absolute(), "pictures are below their folder"
            assert ".." not in path.parts, "pictures are below their folder"
            (self._folder / path).unlink(missing_ok=True)
