"""Collecting proof and sending it, on a real database."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

import pytest

from bot.domain.errors import NotAllowed
from bot.domain.proof import Examined, Pictures, ProofIncomplete, Trouble, Unreadable
from bot.domain.work import AlreadyDecided, PlaceExpired, PlaceReturned
from bot.services import proof, work
from storage import assignments
from storage.database import Database
from tests.work_world import PHOTO, TEXT, TWO_PHOTOS, WorkWorld


@pytest.fixture
def world(database: Database, now: datetime) -> WorkWorld:
    """Give an empty marketplace."""
    return WorkWorld(database, now)


async def _pictures(world: WorkWorld, assignment_id: int) -> Pictures:
    async with world.unit() as uow:
        place = await assignments.find_place(uow.tx, assignment_id)
        assert place is not None
        return await proof.current_pictures(uow, place)


async def _sent(world: WorkWorld, submission_id: int) -> list[str]:
    rows = await world.look(
        "SELECT file_unique_id FROM proofs WHERE submission_id = ? ORDER BY requirement, id", submission_id
    )
    return [row[0] for row in rows]


async def test_proof_goes_to_review_and_the_employer_hears_of_it(world: WorkWorld) -> None:
    """Proves that a complete proof waits for review with its clock, and that one count-up message is owed."""
    person, job_id = await world.person(), await world.open_job(requirements=[TWO_PHOTOS, TEXT])
    taken = await world.apply(person, job_id)
    for unique in "ab":
        assert await world.add_picture(person, taken.id, unique) is None
    submission = await world.submit(person, taken.id, {1: "4711"})
    assert submission.answers == ("", "4711")
    assert submission.review_by_at == world.now + timedelta(days=3)
    assert await _sent(world, submission.id) == ["a", "b"]
    assert await world.statuses(job_id) == ["submitted"]
    (owed,) = await world.owed("proof_waiting")
    employer_id = (await world.job_row(job_id))["employer_id"]
    assert (owed["member_id"], owed["lane"], owed["topic"]) == (employer_id, "screen", f"proofs:{employer_id}")
    assert owed["key"] == f"proof_waiting:{submission.id}:1"


async def test_what_is_missing_is_named(world: WorkWorld) -> None:
    """Proves that an incomplete proof is refused with the number of what is missing, and nothing is sent."""
    person, job_id = await world.person(), await world.open_job(requirements=[TWO_PHOTOS, TEXT])
    taken = await world.apply(person, job_id)
    await world.add_picture(person, taken.id, "a")
    with pytest.raises(ProofIncomplete) as one_missing:
        await world.submit(person, taken.id, {1: "4711"})
    await world.add_picture(person, taken.id, "b")
    with pytest.raises(ProofIncomplete) as words_missing:
        await world.submit(person, taken.id)
    assert [error.value.params["number"] for error in (one_missing, words_missing)] == [1, 2]
    assert await world.statuses(job_id) == ["reserved"]


async def test_ten_pictures_are_kept_and_the_eleventh_is_not(world: WorkWorld) -> None:
    """Proves that an album of ten and one more leaves ten, and says so."""
    person, job_id = await world.person(), await world.open_job()
    taken = await world.apply(person, job_id)
    answers = [await world.add_picture(person, taken.id, f"p{n}", media_group_id="g") for n in range(10)]
    assert set(answers) == {None}
    assert await world.add_picture(person, taken.id, "p10") is Trouble.TOO_MANY
    assert len((await _pictures(world, taken.id)).of(0)) == 10


async def test_odd_pictures_are_not_kept(world: WorkWorld) -> None:
    """Proves that a file over 20 MB, a file of another kind, the same picture twice and one used before are refused."""
    person = await world.person()
    earlier = await world.apply(person, await world.open_job())
    await world.send_proof(person, earlier.id, "used")
    taken = await world.apply(person, await world.open_job(requirements=[PHOTO, PHOTO]))
    document: dict[str, Any] = {"kind": "document", "width": None, "height": None}
    assert (
        await world.add_picture(person, taken.id, "big", **document, mime_type="image/png", size=25_000_000)
        is Trouble.TOO_BIG
    )
    for mime_type in ("image/heic", "image/gif", "image/svg+xml", None):
        trouble = await world.add_picture(person, taken.id, "odd", **document, mime_type=mime_type)
        assert trouble is Trouble.WRONG_KIND
    assert await world.add_picture(person, taken.id, "one", **document, mime_type="image/webp") is None
    assert await world.add_picture(person, taken.id, "one", requirement=1) is Trouble.SENT_TWICE
    assert await world.add_picture(person, taken.id, "used") is Trouble.USED_BEFORE
    other = await world.person()
    elsewhere = await world.apply(other, await world.open_job())
    assert await world.add_picture(other, elsewhere.id, "used") is None


async def test_a_document_is_not_shown_as_it_came(world: WorkWorld) -> None:
    """Proves that employers get a photo's own file id, and for a document none before it is re-encoded."""
    person = await world.person()
    taken = await world.apply(person, await world.open_job(requirements=[PHOTO, PHOTO]))
    await world.add_picture(person, taken.id, "photo")
    await world.add_picture(person, taken.id, "file", requirement=1, kind="document", mime_type="image/png")
    shown = [row[0] for row in await world.look("SELECT shown_file_id FROM proofs ORDER BY id")]
    assert shown == ["file-photo", None]


async def test_pictures_can_be_taken_away(world: WorkWorld) -> None:
    """Proves that the last picture, or all, can be removed and sent again."""
    person = await world.person()
    taken = await world.apply(person, await world.open_job())
    for unique in "abc":
        await world.add_picture(person, taken.id, unique)
    async with world.unit() as uow:
        place = await work.get_place(uow, member=person, assignment_id=taken.id)
        assert await proof.remove_last(uow, place=place, requirement=0)
    assert [p.file_unique_id for p in (await _pictures(world, taken.id)).of(0)] == ["a", "b"]
    async with world.unit() as uow:
        await proof.start_over(uow, place=place, requirement=0)
        assert not await proof.remove_last(uow, place=place, requirement=0)
    assert list((await _pictures(world, taken.id)).of(0)) == []
    assert await world.add_picture(person, taken.id, "a") is None


async def test_two_requests_send_once(world: WorkWorld) -> None:
    """Proves that two requests for complete at once make one submission, the second only replacing it by the same."""
    person, job_id = await world.person(), await world.open_job()
    taken = await world.apply(person, job_id)
    await world.add_picture(person, taken.id, "a")
    await asyncio.gather(*(world.submit(person, taken.id) for _ in range(2)))
    assert await world.value("SELECT count(*) FROM submissions") == 1
    assert await _sent(world, 1) == ["a"]


async def test_proof_comes_too_late(world: WorkWorld) -> None:
    """Proves that a place that is gone takes no proof, while one whose tick has not come yet still does."""
    person, job_id = await world.person(), await world.open_job(slots=2)
    taken = await world.apply(person, job_id)
    await world.add_picture(person, taken.id, "a")
    world.later(minutes=20)
    await world.expire()
    with pytest.raises(PlaceExpired):
        await world.submit(person, taken.id)
    again = await world.apply(person, job_id)
    assert [p.file_unique_id for p in (await _pictures(world, again.id)).of(0)] == ["a"]
    await world.give_back(person, again)
    with pytest.raises(PlaceReturned):
        await world.submit(person, again.id)
    third = await world.apply(person, job_id)
    world.later(minutes=16)
    await world.submit(person, third.id)
    assert await world.statuses(job_id) == ["expired", "returned", "submitted"]
    with pytest.raises(NotAllowed):
        await world.submit(await world.person(), third.id)


async def test_proof_is_replaced_until_it_is_reviewed(world: WorkWorld) -> None:
    """Proves that new pictures take the place of the old of the same requirement only, in the same submission."""
    person, job_id = await world.person(), await world.open_job(requirements=[PHOTO, PHOTO, TEXT])
    taken = await world.apply(person, job_id)
    await world.add_picture(person, taken.id, "a")
    await world.add_picture(person, taken.id, "b", requirement=1)
    first = await world.submit(person, taken.id, {2: "one"})
    world.later(days=1)
    await world.add_picture(person, taken.id, "c", requirement=1)
    assert await _sent(world, first.id) == ["a", "b"]
    second = await world.submit(person, taken.id, {2: "two"})
    assert (second.id, second.version, second.answers[2]) == (first.id, first.version + 1, "two")
    assert second.review_by_at == world.now + timedelta(days=3)
    assert await _sent(world, first.id) == ["a", "c"]
    assert [row["key"] for row in await world.owed("proof_waiting")] == ["proof_waiting:1:1", "proof_waiting:1:2"]
    await world.approve(second)
    with pytest.raises(AlreadyDecided):
        await world.submit(person, taken.id, {2: "three"})


async def test_a_fix_round_keeps_what_was_not_replaced(world: WorkWorld) -> None:
    """Proves that the second round holds the new pictures and the old of other requirements; the first stays whole."""
    person, job_id = await world.person(), await world.open_job(requirements=[PHOTO, PHOTO])
    taken = await world.apply(person, job_id)
    await world.add_picture(person, taken.id, "a")
    await world.add_picture(person, taken.id, "b", requirement=1)
    first = await world.submit(person, taken.id)
    await world.ask_to_fix(first)
    await world.add_picture(person, taken.id, "c", requirement=1)
    second = await world.submit(person, taken.id)
    assert (second.round, second.status) == (2, "pending")
    assert await _sent(world, first.id) == ["a", "b"]
    assert await _sent(world, second.id) == ["a", "c"]


async def test_a_picture_that_cannot_be_read_is_told_once(world: WorkWorld) -> None:
    """Proves that a refused picture no longer counts and its sender is told, unless the place is gone."""
    person, job_id = await world.person(), await world.open_job()
    taken = await world.apply(person, job_id)
    await world.add_picture(person, taken.id, "a")
    for _ in range(2):
        async with world.unit() as uow:
            await proof.refuse_proof(uow, proof_id=1, refusal=Unreadable.BROKEN)
    assert [row["member_id"] for row in await world.owed("proof_unreadable")] == [person.id]
    pictures = await _pictures(world, taken.id)
    assert (list(pictures.of(0)), pictures.unreadable[0]) == ([], 1)
    with pytest.raises(ProofIncomplete):
        await world.submit(person, taken.id)
    await world.add_picture(person, taken.id, "b")
    assert (await _pictures(world, taken.id)).unreadable[0] == 0
    await world.give_back(person, taken)
    async with world.unit() as uow:
        await proof.refuse_proof(uow, proof_id=2, refusal=Unreadable.GONE)
    assert len(await world.owed("proof_unreadable")) == 1


async def test_the_same_bytes_of_another_job_are_refused(world: WorkWorld) -> None:
    """Proves that a picture saved again under another file id is found by its bytes or pixels."""
    person = await world.person()
    earlier = await world.apply(person, await world.open_job())
    await world.add_picture(person, earlier.id, "a")
    await world.add_picture(person, earlier.id, "b")
    taken = await world.apply(person, await world.open_job())
    await world.add_picture(person, taken.id, "c")

    async def store(proof_id: int, pixels: str) -> bool:
        async with world.unit() as uow:
            examined = Examined(PurePosixPath(f"2030/01/{proof_id}.jpg"), f"bytes-{proof_id}", pixels, 800, 600)
            return await proof.store_proof(uow, proof_id=proof_id, examined=examined)

    assert await store(1, "same")
    assert await store(2, "same")
    await world.submit(person, earlier.id)
    assert not await store(3, "same")
    assert await world.value("SELECT refusal FROM proofs WHERE id = 3") == "used_before"
    payload = json.loads(await world.value("SELECT payload FROM events WHERE kind = 'proof_unreadable'"))
    assert payload == {"assignment_id": taken.id, "proof_id": 3}
