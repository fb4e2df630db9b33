"""The intake of pictures: from a file id to a stored or refused picture, and to its deletion."""

import asyncio
import contextlib
import multiprocessing
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from bot.domain.member import Member
from bot.domain.proof import Examined, Unreadable
from bot.imaging import Imaging
from bot.proofs import ATTEMPTS, ProofIntake
from bot.services import proof, work
from bot.transport import ApiError, Unreachable
from storage.database import Database
from storage.unit import current_unit
from tests.engines import rows as rows_of
from tests.pictures import photo, screenshot
from tests.proofs.test_imaging import files_in, png_header
from tests.work_world import WorkWorld


@dataclass
class Files:
    """What `download` finds by file id: bytes, or the error it raises."""

    by_id: dict[str, bytes | Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def download(self, file_id: str) -> bytes:
        """Give a file's bytes."""
        assert current_unit.get() is None, "no unit is open while anything is downloaded"
        self.asked.append(file_id)
        if self.meanwhile is not None:
            await self.meanwhile()
        found = self.by_id[file_id]
        if isinstance(found, Exception):
            raise found
        return found


@dataclass
class Desk:
    """A world with one worker's place, and the intake of its pictures."""

    world: WorkWorld
    files: Files
    intake: ProofIntake
    folder: Path
    worker: Member
    assignment_id: int

    async def send(self, name: str, data: bytes | Exception) -> int:
        """Send a picture for the place and give its id."""
        self.files.by_id[f"file-{name}"] = data
        assert await self.world.add_picture(self.worker, self.assignment_id, name) is None
        return int(await self.world.value("SELECT max(id) FROM proofs"))

    async def row(self, proof_id: int) -> tuple[str, str | None, str | None]:
        """Read a picture's status, refusal and path."""
        (row,) = await self.world.look("SELECT status, refusal, path FROM proofs WHERE id = ?", proof_id)
        return tuple(row)


@pytest.fixture
async def desk(database: Database, now: datetime, tmp_path: Path) -> AsyncIterator[Desk]:
    """Give a worker with a place, and an intake that keeps pictures for 90 days."""
    world, files, imaging = WorkWorld(database, now), Files(), Imaging()
    intake = ProofIntake(
        database=database,
        download=files.download,
        imaging=imaging,
        folder=tmp_path / "proofs",
        clock=lambda: world.now,
        retention_days=90,
    )
    worker = await world.person()
    taken = await world.apply(worker, await world.open_job(slots=2))
    yield Desk(world, files, intake, tmp_path / "proofs", worker, taken.id)
    await imaging.close()


async def test_pictures_are_stored_below_their_month(desk: Desk) -> None:
    """Proves that what was sent is downloaded once, kept as a file and known by its size and hashes."""
    ids = [await desk.send("a", photo(1)), await desk.send("b", screenshot(2))]
    assert await desk.intake.run_once() == 2
    assert await desk.intake.run_once() == 0
    assert sorted(desk.files.asked) == ["file-a", "file-b"]
    for proof_id in ids:
        status, _, path = await desk.row(proof_id)
        assert status == "stored"
        assert path is not None
        assert path.startswith("2030/01/")
        assert (desk.folder / path).is_file()
    sizes = await desk.world.look("SELECT width, height, length(sha256), length(pixels_sha256) FROM proofs")
    assert [tuple(row) for row in sizes] == [(960, 720, 64, 64), (540, 1080, 64, 64)]


async def test_a_picture_that_cannot_be_used_is_told(desk: Desk) -> None:
    """Proves that a bomb, words and a file Telegram lost are refused with their reason, and the worker is told."""
    cases: dict[str, tuple[bytes | Exception, str]] = {
        "bomb": (png_header(50_000, 50_000), "too_many_pixels"),
        "words": (b"hello", "no_picture"),
        "half": (screenshot(1)[:4000], "broken"),
        "lost": (ApiError("getFile", 400, "Bad Request: invalid file_id"), "gone"),
    }
    ids = {name: await desk.send(name, data) for name, (data, _) in cases.items()}
    assert await desk.intake.run_once() == len(cases)
    for name, proof_id in ids.items():
        assert await desk.row(proof_id) == ("refused", cases[name][1], None)
    assert [row["member_id"] for row in await desk.world.owed("proof_unreadable")] == [desk.worker.id] * len(cases)
    assert not files_in(desk.folder)


async def test_telegram_away_is_tried_again_later_and_later(desk: Desk) -> None:
    """Proves that a download is repeated after growing pauses, five times in all, and succeeds as soon as it can."""
    away = Unreachable("getFile", "ConnectionError", delivered_maybe=False)
    lost, late = await desk.send("lost", away), await desk.send("late", away)
    for attempt, wait in enumerate((5, 30, 180, 900), 1):
        await desk.intake.run_once()
        await desk.intake.run_once()
        assert desk.files.asked.count("file-lost") == attempt
        if attempt == 3:
            desk.files.by_id["file-late"] = photo(1)
        desk.world.later(seconds=wait)
    await desk.intake.run_once()
    assert desk.files.asked.count("file-lost") == ATTEMPTS
    assert await desk.row(lost) == ("refused", "gone", None)
    assert (await desk.row(late))[0] == "stored"


async def test_a_picture_process_that_dies_is_made_again(desk: Desk) -> None:
    """Proves that a picture over which its process died comes to a new one; a full disk costs no attempt."""
    first = await desk.send("a", photo(1))
    assert await desk.intake.run_once() == 1
    second = await desk.send("b", photo(2))
    for process in multiprocessing.active_children():
        process.kill()
        process.join()
    assert await desk.intake.run_once() == 0
    desk.world.later(seconds=5)
    assert await desk.intake.run_once() == 1
    assert [(await desk.row(one))[0] for one in (first, second)] == ["stored", "stored"]
    third = await desk.send("c", OSError(28, "No space left on device"))
    for _ in range(2 * ATTEMPTS):
        assert await desk.intake.run_once() == 0
        desk.world.later(minutes=1)
    desk.files.by_id["file-c"] = photo(3)
    assert await desk.intake.run_once() == 1
    assert (await desk.row(third))[0] == "stored"


async def test_a_picture_removed_meanwhile_leaves_no_file(desk: Desk) -> None:
    """Proves that a picture that its sender takes away while it is downloaded is not kept."""
    proof_id = await desk.send("a", photo(1))

    async def remove() -> None:
        async with desk.world.unit() as uow:
            place = await work.get_place(uow, member=desk.worker, assignment_id=desk.assignment_id)
            await proof.remove_last(uow, place=place, requirement=0)

    desk.files.meanwhile = remove
    assert await desk.intake.run_once() == 1
    assert await desk.row(proof_id) == ("expired", None, None)
    assert not files_in(desk.folder)


async def test_files_go_when_they_were_kept_long_enough(desk: Desk) -> None:
    """Proves that files are deleted 90 days after the decision, or after the place ended, and not a day before."""
    decided = await desk.send("a", photo(1))
    other = await desk.world.person()
    (job_id,) = (await desk.world.look("SELECT job_id FROM assignments"))[0]
    lapsed = await desk.world.apply(other, job_id)
    desk.files.by_id["file-b"] = photo(2)
    assert await desk.world.add_picture(other, lapsed.id, "b") is None
    assert await desk.intake.run_once() == 2
    submission = await desk.world.submit(desk.worker, desk.assignment_id)
    desk.world.later(days=1)
    await desk.world.expire()
    await desk.world.approve(submission)
    assert len(files_in(desk.folder)) == 2
    desk.world.now += timedelta(days=89, hours=1)
    assert await desk.intake.purge() == 1
    assert (await desk.row(decided))[0] == "stored"
    desk.world.now += timedelta(days=1)
    assert await desk.intake.purge() == 1
    assert await desk.row(decided) == ("expired", None, None)
    assert not files_in(desk.folder)


async def test_zero_days_keep_everything(desk: Desk, database: Database) -> None:
    """Proves that a retention of 0 deletes nothing."""
    await desk.send("a", photo(1))
    await desk.intake.run_once()
    submission = await desk.world.submit(desk.worker, desk.assignment_id)
    await desk.world.approve(submission)
    desk.world.later(days=5000)
    imaging = Imaging()
    keeper = ProofIntake(
        database=database,
        download=desk.files.download,
        imaging=imaging,
        folder=desk.folder,
        clock=lambda: desk.world.now,
        retention_days=0,
    )
    assert await keeper.purge() == 0
    assert len(files_in(desk.folder)) == 1


class Fragile(Imaging):
    """Imaging whose process dies over one picture."""

    async def examine(self, data: bytes, *, folder: Path, path: PurePosixPath) -> Examined | Unreadable:
        """Examine a picture, or end the process whatever else it is at."""
        if data == b"deadly":
            await super().examine(b"", folder=folder, path=path)
            for process in multiprocessing.active_children():
                process.kill()
                process.join()
        return await super().examine(data, folder=folder, path=path)


async def test_a_deadly_or_unforeseen_picture_harms_no_other(desk: Desk, database: Database) -> None:
    """Proves that pictures beside one that ends its process, or fails in an unforeseen way, cost no attempt."""
    ids = [
        await desk.send(name, data)
        for name, data in (("a", photo(1)), ("b", b"deadly"), ("c", KeyError("file_path")), ("d", photo(2)))
    ]
    imaging = Fragile()
    intake = ProofIntake(
        database=database,
        download=desk.files.download,
        imaging=imaging,
        folder=desk.folder,
        clock=lambda: desk.world.now,
    )
    assert await intake.run_once() == 2
    for wait in (5, 30, 180, 900):
        desk.world.later(seconds=wait)
        await intake.run_once()
    await imaging.close()
    assert [(await desk.row(one))[:2] for one in ids] == [
        ("stored", None),
        ("refused", "broken"),
        ("refused", "broken"),
        ("stored", None),
    ]


class Hurried(Imaging):
    """Imaging whose caller is cancelled some steps of the loop after a picture was examined."""

    steps = 0

    async def examine(self, data: bytes, *, folder: Path, path: PurePosixPath) -> Examined | Unreadable:
        """Examine a picture, and have the task that runs the intake cancelled a little later."""
        task = asyncio.current_task()
        assert task is not None
        found = await super().examine(data, folder=folder, path=path)
        self.watch = asyncio.create_task(self._cancel(task))
        return found

    async def _cancel(self, task: "asyncio.Task[Any]") -> None:
        for _ in range(self.steps):
            await asyncio.sleep(0)
        task.cancel()


async def test_a_picture_stored_as_the_bot_stops_keeps_its_file(desk: Desk, database: Database) -> None:
    """Proves that an intake cancelled around its commit never leaves a stored picture without its file."""
    proof_id = await desk.send("a", photo(1))
    imaging = Hurried()
    intake = ProofIntake(
        database=database,
        download=desk.files.download,
        imaging=imaging,
        folder=desk.folder,
        clock=lambda: desk.world.now,
    )
    stored = 0
    for imaging.steps in range(0, 4000, 100):
        with contextlib.suppress(asyncio.CancelledError):
            await intake.run_once()
        await imaging.watch
        status, _, path = await desk.row(proof_id)
        if status == "stored":
            assert path is not None
            assert (desk.folder / path).is_file()
            stored += 1
            async with desk.world.unit() as uow:
                await rows_of(uow.tx, "UPDATE proofs SET status = 'new', path = NULL")
    await imaging.close()
    assert stored > 0
