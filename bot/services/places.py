"""The places of a job as they are taken, given back and paid; what it does to the job, and to its escrow.

    free ──take_place──► taken ──pay_place──► paid           (the caller posts `reward_paid` after it)
     ▲                     │
     └───give_back_place───┤ job still going: free again, a filled job opens
                           └ job closed: released, its cost goes back to the employer's funds

These three are the only ways a count of `lots` moves once a job is published, except closing it
(bot/services/publish.py). Who may take, return or be paid is decided by the callers; nothing is checked here but
that the count allows it.
"""

from bot.domain import entry
from bot.domain.job import JobStatus, Lot
from storage import jobs, ledger, lots
from storage.unit import To, UnitOfWork


def closed_topic(job_id: int) -> str:
    """Name the message that tells an employer what a closed job gave back; it is edited as more comes."""
    return f"job:{job_id}:closed"


async def take_place(uow: UnitOfWork, *, job_id: int) -> Lot | None:
    """Take one free place of an open job, the best paid first, or give None when there is none.

    The last place goes to exactly one caller: one guarded statement finds and counts it. The job is filled when no
    free place is left.
    """
    lot = await lots.take_slot(uow.tx, job_id)
    if lot is not None and lot.free == 0 and await lots.mark_filled(uow.tx, job_id):
        uow.emit("job_filled", {"job_id": job_id})
    return lot


async def give_back_place(uow: UnitOfWork, *, lot_id: int, job_id: int) -> None:
    """Give back a taken place that nobody will be paid for (returned, expired, rejected and the freeze is over).

    It is free again, and a filled job is open again; in a closed job it is released and what it cost goes back to
    the employer's funds in the same unit.
    """
    lot = await lots.return_slot(uow.tx, lot_id=lot_id, job_id=job_id)
    assert lot is not None, "only a taken place is given back"
    job = await jobs.get_job(uow.tx, job_id)
    if job.status is JobStatus.CLOSED:
        refund = entry.job_refunded(
            job_id=job_id,
            member_id=job.employer_id,
            amount=lot.cost,
            cause=f"lot:{lot.id}:{lot.released}",
            at=uow.now,
        )
        await ledger.post(uow.tx, refund)
        to = To(job.employer_id, lane="screen", topic=closed_topic(job_id))
        uow.emit("place_refunded", {"job_id": job_id}, to=[to])
    elif job.status is JobStatus.FILLED and await lots.mark_reopened(uow.tx, job_id):
        uow.emit("job_reopened", {"job_id": job_id})


async def pay_place(uow: UnitOfWork, *, lot_id: int, job_id: int) -> Lot:
    """Count a taken place as paid and give its lot, whose reward and fee the caller posts as `reward_paid` next.

    The caller has to post in the same unit: until then the escrow is above what the places still cost. A job whose
    every place is paid or released is closed, and its employer told.
    """
    lot = await lots.pay_slot(uow.tx, lot_id=lot_id, job_id=job_id)
    assert lot is not None, "only a taken place is paid"
    if lot.paid + lot.released == lot.slots and await lots.mark_finished(uow.tx, job_id, at=uow.now):
        job = await jobs.get_job(uow.tx, job_id)
        uow.emit("job_finished", {"job_id": job_id}, to=[To(job.employer_id)])
    return lot
