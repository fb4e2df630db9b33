"""Looking for work: the shelves, a page of a list, one job's card. Reads only, but for the remembered order."""

from dataclasses import replace

from bot.domain import eligibility
from bot.domain.browse import COUNT_CAP, PAGE_SIZE, JobLine, JobPage, JobView, Place, Shelves, Sort, read_place
from bot.domain.errors import NotAllowed
from bot.domain.house import House
from bot.domain.job import JobStatus
from bot.domain.member import Member
from storage import browse, jobs, members
from storage.unit import UnitOfWork


async def count_shelves(uow: UnitOfWork, *, member: Member, house: House) -> Shelves:
    """Count the jobs this member may take now on every shelf."""
    return Shelves(
        categories=tuple(await browse.list_open_by_category(uow.tx, member.id)),
        high=await browse.count_high_paying(uow.tx, member.id, minimum=house.high_pay_minimum, cap=COUNT_CAP),
    )


async def list_jobs(uow: UnitOfWork, *, member: Member, house: House, shelf: str, sort: Sort, place: str) -> JobPage:
    """Give the page of a shelf at a packed place; one that has nothing left becomes the first page."""
    spot = read_place(place)
    while True:
        found = await browse.list_takeable(
            uow.tx,
            member.id,
            shelf=shelf,
            sort=sort,
            place=spot,
            minimum=house.high_pay_minimum,
            limit=PAGE_SIZE + 1,
        )
        back = spot is not None and spot.back
        if spot is None or (len(found) > PAGE_SIZE if back else found):
            break
        spot = None  # near the start, or behind the end: the first page is always whole
    more = len(found) > PAGE_SIZE
    page = found[-PAGE_SIZE:] if back else found[:PAGE_SIZE]
    return JobPage(
        shelf=shelf,
        sort=sort,
        place="" if spot is None else spot.pack(),
        jobs=tuple(page),
        next=_beside(page[-1], sort, back=False) if page and (more or back) else None,
        previous=_beside(page[0], sort, back=True) if page and spot is not None else None,
    )


async def get_job_view(uow: UnitOfWork, *, member: Member, house: House, job_id: int) -> JobView:
    """Give a published job as this member sees it.

    Raises:
        NotAllowed: there is no such job.
    """
    found = await browse.find_figures(uow.tx, job_id, member.id)
    if found is None or found.job.status is JobStatus.DRAFT:
        raise NotAllowed
    return JobView(
        job=found.job,
        finished=found.finished,
        approved=found.approved,
        rejected=found.rejected,
        refusal=eligibility.refusal(
            found.job, member=member, standing=found.standing, house=house, category_on=found.category_on
        ),
    )


async def holds_place(uow: UnitOfWork, *, member: Member, job_id: int) -> bool:
    """Whether the member has a place in the job that is reserved or waits for review."""
    found = await browse.find_figures(uow.tx, job_id, member.id)
    return found is not None and found.standing.holds


async def find_job_id(uow: UnitOfWork, *, token: str) -> int | None:
    """Give the published job of a deep link's token, or None."""
    job = await jobs.find_job_by_token(uow.tx, token)
    return None if job is None or job.status is JobStatus.DRAFT else job.id


async def find_best_job(uow: UnitOfWork, *, member: Member) -> JobLine | None:
    """Give the best job this member may take now, or None."""
    return await browse.find_best(uow.tx, member.id)


async def remember_sort(uow: UnitOfWork, *, member: Member, sort: Sort) -> Member:
    """Keep the order a member chose for their lists; nothing is written when it is the one they have."""
    if member.settings.get("sort") == sort:
        return member
    chosen = replace(member, settings={**member.settings, "sort": sort.value})
    await members.save_settings(uow.tx, member.id, chosen.settings)
    return chosen


def _beside(line: JobLine, sort: Sort, *, back: bool) -> str:
    return Place(browse.key_of(line, sort), line.id, back).pack()
