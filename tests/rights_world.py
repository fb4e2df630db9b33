"""A marketplace in which every kind of thing stands in every status, for tests of who may do what.

Thing("place", "pending")       a place with proof waiting, its worker, its job, its versions
PEOPLE                          nine roles; the worker of a thing is somebody else for each thing
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.house import House
from bot.domain.member import Member
from bot.domain.proof import SentPicture
from bot.domain.review import Reason, Verdict
from bot.domain.wallet import Way
from bot.services import deposit, myjobs, proof, review, review_queue, wallet, work
from storage import members
from storage.database import Database
from storage.migrate import migrate
from storage.vault import Vault
from tests.engines import url_of
from tests.ledger_world import World

HOUSE = House(bot_username="TheBot")
PEOPLE = {
    "worker": "active",
    "other_worker": "active",
    "employer": "active",
    "other_employer": "active",
    "operator": "active",
    "dismissed_operator": "paused",
    "paused": "paused",
    "banned": "banned",
    "stranger": "active",
}
WANTED = [{"kind": "photo", "text": "The last page", "count": 1}, {"kind": "text", "text": "The code"}]
PLACES = 4
KEY = b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@dataclass
class Thing:
    """Something in a status, with the ids that its buttons carry and the people it belongs to."""

    kind: str
    stage: str
    ids: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)

    def __getitem__(self, name: str) -> int:
        return self.ids[name]

    def __str__(self) -> str:
        return f"{self.kind} {self.stage}"


@dataclass
class Rights:
    """The made marketplace: things, and the Telegram id of each role (`who`) and member (`telegram`)."""

    path: Path
    now: datetime
    things: list[Thing] = field(default_factory=list)
    roles: dict[str, int] = field(default_factory=dict)
    telegram: dict[int, int] = field(default_factory=dict)

    def member_of(self, role: str, thing: Thing) -> int:
        """Give the member who has this role towards a thing."""
        return thing.people.get(role, self.roles[role])


async def make_rights(path: Path, now: datetime, *, calm: bool = False) -> Rights:
    """Make the marketplace; with `calm` nothing that a tick would move in the next minutes."""
    database = await Database.open(url_of(path))
    try:
        await migrate(database)
        (path.parent / "secret.key").write_bytes(KEY)
        maker = _Maker(database, now, vault=Vault.of(KEY), calm=calm)
        return await maker.make(path)
    finally:
        await database.close()


@dataclass(slots=True)
class _Maker(World):
    vault: Vault = None  # type: ignore[assignment]
    calm: bool = False
    roles: dict[str, int] = field(default_factory=dict)
    things: list[Thing] = field(default_factory=list)

    async def make(self, path: Path) -> Rights:
        end = self.now
        self.now = end - timedelta(hours=60)
        await self._people()
        given_back = await self._rejected("given_back")
        self.now = end - timedelta(hours=20)
        await self._long_ago()
        self.now = end - timedelta(hours=11)
        async with self.unit() as uow:
            assert await review.reopen_rejected(uow, house=HOUSE) == 1
            assert await work.expire_reservations(uow, house=HOUSE) == 1
        await self._refresh(given_back)
        self.now = end - timedelta(minutes=2)
        await self._jobs()
        await self._money()
        await self._order("none", order=False)
        await self._lately()
        if not self.calm:
            await self._order("done")
            self.now += timedelta(seconds=20)
            async with self.unit() as uow:
                assert await review.work_off_approve_orders(uow, house=HOUSE) == 1
        self.now = end - timedelta(seconds=60)
        if not self.calm:
            await self._approved("approved_late")
            await self._order("started")
            await self._order("cancelled", cancel=True)
            self.now = end - timedelta(seconds=3)
            await self._approved("approved")
            await self._rejected("rejected")
            await self._sent_back("sent_back")
            await self._order("open")
        self.now = end
        self.things.append(Thing("self", "-"))
        ids = {row["id"]: row["telegram_user_id"] for row in await self.look("SELECT * FROM members")}
        return Rights(path, end, self.things, self.roles, ids)

    async def _people(self) -> None:
        for role, status in PEOPLE.items():
            is_operator = role in ("operator", "dismissed_operator")
            self.roles[role] = await self.member(role="operator" if is_operator else "member", status=status)
            if role != "stranger":
                async with self.unit() as uow:
                    await members.sign_up(uow.tx, self.roles[role], country="PK", at=self.now)
                await self.fund(self.roles[role], 10_000_000)
        for role in ("worker", "other_worker", "paused", "banned"):
            await self.earn(self.roles[role], 200_000)

    async def _one(self, member_id: int) -> Member:
        async with self.database.read() as tx:
            return await members.get_member(tx, member_id)

    async def _employer(self) -> Member:
        return await self._one(self.roles["employer"])

    async def _someone(self) -> Member:
        member_id = await self.member()
        async with self.unit() as uow:
            await members.sign_up(uow.tx, member_id, country="PK", at=self.now)
        return await self._one(member_id)

    async def _job(self) -> tuple[int, int]:
        job_id, lot_id = await self.job(self.roles["employer"], reward=5000, fee=500, slots=PLACES)
        wanted, steps = json.dumps(WANTED), json.dumps(["Read it"])
        await self.execute("UPDATE jobs SET requirements = ?, steps = ? WHERE id = ?", wanted, steps, job_id)
        return job_id, lot_id

    # -- places ------------------------------------------------------------------------------------------------------

    async def _place(self, stage: str, *, send: bool = True) -> Thing:
        job_id, _ = await self._job()
        worker = await self._someone()
        async with self.unit() as uow:
            taken = await work.apply(uow, member=worker, job_id=job_id, house=HOUSE)
        thing = Thing("place", stage, {"job": job_id, "place": taken.id}, {"worker": worker.id})
        thing.ids["page"] = 0
        self.things.append(thing)
        if send:
            await self._send(thing)
        await self._draft(thing)
        await self._refresh(thing)
        return thing

    async def _draft(self, thing: Thing) -> None:
        """Let a picture lie there that has not been sent."""
        picture = SentPicture("photo", "id-1", f"u{next(self.numbers)}", 5000, 800, 1200)
        async with self.unit() as uow:
            worker = await members.get_member(uow.tx, thing.people["worker"])
            place = await work.get_place(uow, member=worker, assignment_id=thing["place"])
            if place.keeps_drafts:
                await proof.add_picture(uow, place=place, requirement=0, picture=picture, mime_type=None)

    async def _send(self, thing: Thing) -> None:
        await self._draft(thing)
        worker = await self._one(thing.people["worker"])
        async with self.unit() as uow:
            await proof.submit(uow, member=worker, assignment_id=thing["place"], answers={1: "blue"})

    async def _refresh(self, thing: Thing) -> Thing:
        """Read the versions again that the thing's buttons carry."""
        (place,) = await self.look("SELECT version FROM assignments WHERE id = ?", thing["place"])
        thing.ids["place_version"] = place["version"]
        sent = await self.look(
            "SELECT id, version FROM submissions WHERE assignment_id = ? ORDER BY round DESC", thing["place"]
        )
        thing.ids["proof"] = sent[0]["id"] if sent else 10**6
        thing.ids["proof_version"] = sent[0]["version"] if sent else 1
        return thing

    async def _decide(self, thing: Thing, decide: Any, **more: Any) -> Thing:
        by = await self._employer()
        async with self.unit() as uow:
            await decide(uow, submission_id=thing["proof"], version=thing["proof_version"], by=by, house=HOUSE, **more)
        return await self._refresh(thing)

    async def _approved(self, stage: str) -> Thing:
        return await self._decide(await self._place(stage), review.approve)

    async def _rejected(self, stage: str) -> Thing:
        return await self._decide(await self._place(stage), review.reject, verdict=Verdict(Reason.WRONG_PAGE))

    async def _sent_back(self, stage: str) -> Thing:
        return await self._decide(await self._place(stage), review.ask_to_fix, verdict=Verdict(Reason.UNREADABLE))

    async def _long_ago(self) -> None:
        await self._approved("paid")
        self.now += timedelta(seconds=30)
        async with self.unit() as uow:
            assert await review.pay_approved(uow, house=HOUSE) == 1
        await self._rejected("frozen")
        await self._sent_back("sent_back_late")
        again = await self._sent_back("pending_again")
        await self._send(again)
        await self._draft(again)
        await self._refresh(again)
        back = await self._place("returned", send=False)
        worker = await self._one(back.people["worker"])
        async with self.unit() as uow:
            await work.give_back(uow, member=worker, assignment_id=back["place"], version=back["place_version"])
        await self._refresh(back)
        await self._place("expired", send=False)

    async def _lately(self) -> None:
        await self._place("reserved", send=False)
        await self._place("pending")
        for thing in self.things:
            if thing.kind == "place":
                await self._refresh(thing)

    # -- jobs --------------------------------------------------------------------------------------------------------

    async def _jobs(self) -> None:
        for stage in ("open", "paused", "filled", "closed"):
            job_id, lot_id = await self._job()
            if stage == "filled":
                for _ in range(PLACES):
                    await self.take(job_id, lot_id, (await self._someone()).id)
            if stage == "closed":
                async with self.unit() as uow:
                    await myjobs.close(uow, member=await self._employer(), job_id=job_id, version=1, free=PLACES)
            elif stage != "open":
                await self.execute("UPDATE jobs SET status = ? WHERE id = ?", stage, job_id)
            (row,) = await self.look("SELECT version, free_slots, token FROM jobs WHERE id = ?", job_id)
            ids = {"job": job_id, "job_version": row["version"], "free": row["free_slots"]}
            self.things.append(Thing("job", stage, ids))

    async def _order(self, stage: str, *, order: bool = True, cancel: bool = False) -> None:
        waiting = await self._place("for an order")
        self.things.remove(waiting)
        thing = Thing("order", stage, {"job": waiting["job"], "proof": waiting["proof"], "count": 1, "order": 10**6})
        self.things.append(thing)
        by = await self._employer()
        if order:
            async with self.unit() as uow:
                ordered = await review_queue.order_approve_all(
                    uow, job_id=thing["job"], up_to_submission_id=thing["proof"], count=1, by=by, house=HOUSE
                )
            thing.ids["order"] = ordered.id
        if cancel:
            async with self.unit() as uow:
                await review_queue.cancel_approve_all(uow, order_id=thing["order"], by=by)

    # -- money -------------------------------------------------------------------------------------------------------

    async def _money(self) -> None:
        for stage in ("requested", "waiting", "approved", "paid", "cancelled", "refused"):
            owner = (await self._someone()).id
            await self.earn(owner, 500_000)
            if stage == "waiting":
                asked = await self._ask(owner, "old@example.com")
                await self._pay_out(asked)
            asked = await self._ask(owner, f"w{owner}@example.com")
            async with self.unit() as uow:
                if stage == "approved":
                    await wallet.approve_withdrawal(uow, withdrawal_id=asked, version=1, by=self.roles["operator"])
                if stage == "cancelled":
                    await wallet.cancel_withdrawal(uow, withdrawal_id=asked, version=1, by=owner)
                if stage == "refused":
                    await wallet.refuse_withdrawal(uow, withdrawal_id=asked, version=1, by=self.roles["operator"])
            if stage == "paid":
                await self._pay_out(asked)
            version = await self.value("SELECT version FROM withdrawals WHERE id = ?", asked)
            ids = {"withdrawal": asked, "withdrawal_version": version}
            self.things.append(Thing("withdrawal", stage, ids, {"worker": owner}))
        for stage in ("claimed", "confirmed", "refused"):
            async with self.unit() as uow:
                claimed = await deposit.claim_deposit(
                    uow, member_id=self.roles["employer"], amount=50_000, reference=f"CLAIM{next(self.numbers)}"
                )
                if stage != "claimed":
                    decide = deposit.confirm_deposit if stage == "confirmed" else deposit.refuse_deposit
                    await decide(uow, deposit_id=claimed.id, version=1, by=self.roles["operator"])
            ids = {"deposit": claimed.id, "deposit_version": 1 if stage == "claimed" else 2}
            self.things.append(Thing("deposit", stage, ids))

    async def _pay_out(self, asked: int) -> None:
        by, reference = self.roles["operator"], f"PP-{asked}"
        async with self.unit() as uow:
            await wallet.approve_withdrawal(uow, withdrawal_id=asked, version=1, by=by)
            await wallet.mark_sent(uow, withdrawal_id=asked, version=2, reference=reference, by=by)

    async def _ask(self, owner: int, destination: str) -> int:
        async with self.unit() as uow:
            asked = await wallet.request_withdrawal(
                uow,
                member_id=owner,
                way=Way.PAYPAL,
                destination=destination,
                amount=100_000,
                house=HOUSE,
                vault=self.vault,
            )
        return asked.id
